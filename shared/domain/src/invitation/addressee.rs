//! To whom an invitation is addressed: a person at their own verified address, or, where a firm is
//! invited at its main address, each admin of that firm.

use super::{Invitation, InvitationState, Offer};
use crate::{id::FirmId, org::Firm, text::Email, time::UtcTime};

/// A person's own address and the firms that they may answer for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressee {
    /// Their own address, if the identity provider says that it is verified.
    pub email: Option<Email>,
    /// The firms that they may answer for, as invitations reach them ([`Firm::as_reached`]).
    pub firms: Vec<Firm>,
}

/// For which of their firms a person answers an invitation that was sent to a firm's main address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirmChoice {
    /// The firm that they name.
    Named(FirmId),
    /// They name none, so it must be the only one at that address.
    Only,
    /// Any firm at that address: to decline for one is to decline for all.
    Any,
}

/// Why a person cannot answer an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddresseeError {
    /// It was sent neither to them nor to a firm that they may answer for.
    #[error("it was sent to somebody else")]
    NotAddressed,
    /// It was sent to several firms of theirs, and they name none.
    #[error("is required: it was sent to more than one firm")]
    SeveralFirms,
}

impl Invitation {
    /// Whether it invites this firm at its main address. Then each admin of the firm may answer it.
    fn is_addressed_to_firm(&self, firm: &Firm) -> bool {
        match &self.offer {
            Offer::Firm { .. } => firm.email.as_ref() == Some(&self.email),
            Offer::Member { .. } | Offer::Staff { .. } | Offer::Client { .. } | Offer::Contact { .. } => false,
        }
    }
}

impl Addressee {
    /// Every address at which invitations reach them, each once: their own first.
    #[must_use]
    pub fn addresses(&self) -> Vec<Email> {
        let mut addresses: Vec<Email> = Vec::new();
        for email in self.email.iter().chain(self.firms.iter().filter_map(|firm| firm.email.as_ref())) {
            if !addresses.contains(email) {
                addresses.push(email.clone());
            }
        }
        addresses
    }

    /// Whether an invitation was sent to their own address.
    #[must_use]
    pub fn is_own(&self, invitation: &Invitation) -> bool {
        self.email.as_ref() == Some(&invitation.email)
    }

    /// Their firms that an invitation was sent to; none where it was sent to their own address.
    pub fn invited_firms(&self, invitation: &Invitation) -> impl Iterator<Item = &Firm> {
        let is_own = self.is_own(invitation);
        self.firms.iter().filter(move |firm| !is_own && invitation.is_addressed_to_firm(firm))
    }

    /// Whether an invitation is open at `now` and theirs to answer.
    #[must_use]
    pub fn may_answer(&self, invitation: &Invitation, now: UtcTime) -> bool {
        invitation.state(now) == InvitationState::Pending
            && (self.is_own(invitation) || self.invited_firms(invitation).next().is_some())
    }

    /// The firm for which they answer an invitation; `None` where it was sent to their own address.
    ///
    /// # Errors
    /// [`AddresseeError`].
    pub fn answers_for(&self, invitation: &Invitation, choice: &FirmChoice) -> Result<Option<&Firm>, AddresseeError> {
        if self.is_own(invitation) {
            return Ok(None);
        }
        let mut invited = self.invited_firms(invitation).filter(|firm| match choice {
            FirmChoice::Named(named) => firm.id == *named,
            FirmChoice::Only | FirmChoice::Any => true,
        });
        match (invited.next(), invited.next(), choice) {
            (None, _, _) => Err(AddresseeError::NotAddressed),
            (Some(_), Some(_), FirmChoice::Only) => Err(AddresseeError::SeveralFirms),
            (Some(firm), _, _) => Ok(Some(firm)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::invitation::examples::{NOW, asking, invitation};
    use crate::role::MemberRole;

    fn email(text: &str) -> Email {
        text.parse().unwrap()
    }

    fn firm(n: u128, at: Option<&str>) -> Firm {
        Firm {
            id: FirmId::from_uuid(Uuid::from_u128(n)),
            name: "Contas".parse().unwrap(),
            email: at.map(email),
            email_holder: None,
            admin_count: 1,
            created_at: NOW,
        }
    }

    fn invited() -> Option<&'static str> {
        Some("office@firm.example")
    }

    fn addressee(own: Option<&str>, firms: &[Firm]) -> Addressee {
        Addressee { email: own.map(email), firms: firms.to_vec() }
    }

    #[test]
    fn only_a_firms_invitation_reaches_the_admins_of_the_firm_at_that_address() {
        let may = |firm: Firm| addressee(None, &[firm]).may_answer(&invitation(), NOW);
        assert!(may(firm(2, invited())));
        assert!(!may(firm(2, None)));
        assert!(!may(firm(2, Some("other@firm.example"))));
        let client = asking(MemberRole::Accountant.preset());
        assert!(!addressee(None, &[firm(2, invited())]).may_answer(&client, NOW), "a client's is for that client");
        assert!(addressee(invited(), &[]).may_answer(&client, NOW));
    }

    #[test]
    fn an_invitation_that_is_not_open_is_nobodys_to_answer() {
        let own = addressee(invited(), &[]);
        assert!(own.may_answer(&invitation(), NOW));
        assert!(!own.may_answer(&invitation(), invitation().expires_at));
        assert!(!own.may_answer(&invitation().revoke().unwrap().0, NOW));
    }

    #[test]
    fn an_admin_of_several_invited_firms_names_one_to_accept_and_none_to_decline() {
        let two = addressee(None, &[firm(2, invited()), firm(3, invited()), firm(4, None)]);
        let third = FirmId::from_uuid(Uuid::from_u128(3));
        let answers = |addressee: &Addressee, choice| {
            addressee.answers_for(&invitation(), &choice).map(|firm| firm.map(|firm| firm.id.clone()))
        };
        assert_eq!(answers(&two, FirmChoice::Only), Err(AddresseeError::SeveralFirms));
        assert_eq!(answers(&two, FirmChoice::Named(third.clone())), Ok(Some(third)));
        assert!(answers(&two, FirmChoice::Any).unwrap().is_some());
        let elsewhere = FirmChoice::Named(FirmId::from_uuid(Uuid::from_u128(4)));
        assert_eq!(answers(&two, elsewhere), Err(AddresseeError::NotAddressed), "it was not sent to that firm");
        let one = addressee(None, &[firm(2, invited())]);
        assert_eq!(answers(&one, FirmChoice::Only), Ok(Some(firm(2, None).id)));
        assert_eq!(answers(&addressee(None, &[]), FirmChoice::Any), Err(AddresseeError::NotAddressed));
    }

    #[test]
    fn an_address_is_looked_at_once() {
        let shared = addressee(invited(), &[firm(2, invited()), firm(3, Some("x@y.example")), firm(4, None)]);
        assert_eq!(shared.addresses(), [email("office@firm.example"), email("x@y.example")]);
    }

    fn somebody() -> impl Strategy<Value = Addressee> {
        let addresses = [None, Some("office@firm.example"), Some("other@firm.example")];
        let address = prop::sample::select(addresses.to_vec());
        (address.clone(), prop::collection::vec(address, 0..4)).prop_map(|(own, firms)| {
            let firms: Vec<Firm> = (2..).zip(firms).map(|(n, at)| firm(n, at)).collect();
            addressee(own, &firms)
        })
    }

    proptest! {
        #[test]
        fn whatever_a_person_may_answer_they_can_decline_and_it_was_sent_to_an_address_of_theirs(
            person in somebody()
        ) {
            let invitation = invitation();
            let declines = person.answers_for(&invitation, &FirmChoice::Any);
            prop_assert_eq!(declines.is_ok(), person.may_answer(&invitation, NOW));
            prop_assert!(declines.is_err() || person.addresses().contains(&invitation.email));
            if let Ok(Some(firm)) = &declines {
                prop_assert!(!person.is_own(&invitation));
                prop_assert!(person.invited_firms(&invitation).any(|invited| invited == *firm));
            }
            for firm in &person.firms {
                let named = person.answers_for(&invitation, &FirmChoice::Named(firm.id.clone()));
                if let Ok(Some(answering)) = named {
                    prop_assert_eq!(&answering.id, &firm.id, "nobody answers for another firm than the one they name");
                }
            }
        }
    }
}
