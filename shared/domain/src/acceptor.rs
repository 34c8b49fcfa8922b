//! Acceptors: for whom an invitation is accepted. That is the person themselves, a firm or a company;
//! a firm or company may exist or be registered in the same change.

use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    access::{AccessRequirement, ActingAs, GrantState},
    consent::Agreement,
    event::Actor,
    id::{CompanyId, FirmId, Org, UserId},
    invitation::{Invitation, Offer},
    org::{Company, Firm, Staff},
    permission::{Grants, Permission},
    team::{NewCompany, NewFirm},
    temporary_grants::Validity,
    time::UtcTime,
};

/// For whom the caller accepts an invitation. A member's, staff or contact's invitation needs none of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AcceptPendingInvitation)]
pub struct AcceptAs {
    /// Where a firm is invited: a firm that the caller administers. Needed only if they administer
    /// several.
    #[serde(default)]
    pub firm: Option<FirmId>,
    /// Where a firm is invited: a firm to register, with the caller as its admin.
    #[serde(default)]
    pub new_firm: Option<NewFirm>,
    /// Where a client is invited: the company that the firm may enter.
    #[serde(default)]
    pub company: Option<CompanyId>,
    /// Where a client is invited: a company to register, with the caller as its owner.
    #[serde(default)]
    pub new_company: Option<NewCompany>,
    /// Where a client is invited: the consent text that the caller was shown and agrees to.
    #[serde(default)]
    pub consent: Option<Agreement>,
}

/// For whom an invitation is accepted. A firm or company that is registered in the same change has its
/// id already, so that a second attempt registers no second one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptor {
    /// The person themselves.
    Person,
    /// A firm that the person acts for.
    Firm(FirmId),
    /// A firm that is registered.
    NewFirm(Firm),
    /// A company that the person acts for.
    Company(CompanyId),
    /// A company that is registered.
    NewCompany(Company),
}

/// Why a choice of acceptor does not fit the invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcceptorError {
    /// This kind of invitation does not use the field.
    #[error("has no place in accepting this kind of invitation")]
    Unfit(&'static str),
    /// Both an existing and a new firm or company are named.
    #[error("cannot be given along with an existing one")]
    Two(&'static str),
    /// A client is invited, and no company is named.
    #[error("is required: name the company that the firm may enter, or register a new one")]
    CompanyNeeded,
}

impl AcceptorError {
    /// The field that is wrong.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Unfit(field) | Self::Two(field) => field,
            Self::CompanyNeeded => "company",
        }
    }
}

impl AcceptAs {
    /// The acceptor of an invitation. `id` becomes the id of a firm or company that is registered.
    ///
    /// Returns `None` where a firm is invited and none is named; then [`only_firm`] finds it. A company
    /// is never guessed, even where the person has only one: the client says whose books the firm enters.
    ///
    /// # Errors
    /// [`AcceptorError`].
    pub fn acceptor(&self, invitation: &Invitation, id: Uuid, now: UtcTime) -> Result<Option<Acceptor>, AcceptorError> {
        let offer = &invitation.offer;
        self.check_fields(offer)?;
        let acceptor = match offer {
            Offer::Member { .. } | Offer::Staff { .. } | Offer::Contact { .. } => Acceptor::Person,
            Offer::Firm { .. } => match (&self.firm, &self.new_firm) {
                (Some(_), Some(_)) => return Err(AcceptorError::Two("new_firm")),
                (Some(firm), None) => Acceptor::Firm(firm.clone()),
                (None, Some(new)) => {
                    Acceptor::NewFirm(new.clone().firm(FirmId::from_uuid(id), invitation.email.clone(), now))
                }
                (None, None) => return Ok(None),
            },
            Offer::Client { .. } => match (&self.company, &self.new_company) {
                (Some(_), Some(_)) => return Err(AcceptorError::Two("new_company")),
                (Some(company), None) => Acceptor::Company(company.clone()),
                (None, Some(new)) => Acceptor::NewCompany(new.clone().company(CompanyId::from_uuid(id), now)),
                (None, None) => return Err(AcceptorError::CompanyNeeded),
            },
        };
        Ok(Some(acceptor))
    }

    /// The same choice by a person who answers for `firm`, because the invitation was sent to its main
    /// address: they accept for that firm and no other.
    #[must_use]
    pub fn at_address_of(self, firm: Option<FirmId>) -> Self {
        Self { firm: firm.or(self.firm), ..self }
    }

    fn check_fields(&self, offer: &Offer) -> Result<(), AcceptorError> {
        let invites_client = matches!(offer, Offer::Client { .. });
        let invites_firm = matches!(offer, Offer::Firm { .. });
        let unfit = [
            ("firm", self.firm.is_some() && !invites_firm),
            ("new_firm", self.new_firm.is_some() && !invites_firm),
            ("company", self.company.is_some() && !invites_client),
            ("new_company", self.new_company.is_some() && !invites_client),
            ("consent", self.consent.is_some() && !invites_client),
        ];
        match unfit.into_iter().find(|(_, unfit)| *unfit) {
            Some((field, _)) => Err(AcceptorError::Unfit(field)),
            None => Ok(()),
        }
    }
}

impl Acceptor {
    /// The firm or company on the other side of the connection that accepting starts; `None` for a
    /// person.
    #[must_use]
    pub fn org(&self) -> Option<Org> {
        self.acting_as().map(|acting_as| acting_as.org())
    }

    /// The seat from which the person accepts; `None` where they accept for themselves.
    #[must_use]
    pub fn acting_as(&self) -> Option<ActingAs> {
        match self {
            Self::Person => None,
            Self::Firm(id) | Self::NewFirm(Firm { id, .. }) => Some(ActingAs::Staff { firm: id.clone() }),
            Self::Company(id) | Self::NewCompany(Company { id, .. }) => Some(ActingAs::Member { company: id.clone() }),
        }
    }

    /// The same person, acting from the acceptor's seat.
    #[must_use]
    pub fn actor(&self, person: Actor) -> Actor {
        match self.acting_as() {
            Some(acting_as) => Actor { via: acting_as.via().to_owned(), firm: acting_as.firm().cloned(), ..person },
            None => person,
        }
    }

    /// The access that the person needs to accept for the acceptor; `None` where they accept for
    /// themselves or register the firm or company.
    #[must_use]
    pub fn access(&self, user: &UserId, offer: &Offer) -> Option<AccessRequirement> {
        match self {
            Self::Firm(firm) => Some(to_commit_firm(user, firm)),
            Self::Company(company) => Some(to_let_firm_in(user, company, &offer.grants())),
            Self::Person | Self::NewFirm(_) | Self::NewCompany(_) => None,
        }
    }

    /// The tenant whose data accepting changes: a client's own company, otherwise the inviting company
    /// or firm.
    #[must_use]
    pub fn tenant(&self, offer: &Offer) -> Org {
        match (offer, self) {
            (Offer::Client { .. }, Self::Company(company) | Self::NewCompany(Company { id: company, .. })) => {
                Org::Company(company.clone())
            }
            (Offer::Client { .. }, Self::Person | Self::Firm(_) | Self::NewFirm(_))
            | (Offer::Member { .. } | Offer::Firm { .. } | Offer::Staff { .. } | Offer::Contact { .. }, _) => {
                offer.org()
            }
        }
    }
}

/// The access that connecting a firm to a client needs.
#[must_use]
pub fn to_commit_firm(user: &UserId, firm: &FirmId) -> AccessRequirement {
    AccessRequirement::new(user.clone(), ActingAs::Staff { firm: firm.clone() }, Permission::ClientsManage)
}

/// The access that letting a firm into a company with these permissions needs: nobody gives what they
/// do not hold for good.
fn to_let_firm_in(user: &UserId, company: &CompanyId, grants: &Grants) -> AccessRequirement {
    let acting_as = ActingAs::Member { company: company.clone() };
    AccessRequirement::new(user.clone(), acting_as, Permission::ConnectionsManage)
        .giving(grants)
        .validity(Validity::ForGood)
}

/// Why the firm that a person accepts for is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OnlyFirmError {
    /// They administer none.
    #[error("register your firm first, or ask its admin to accept")]
    NoFirm,
    /// They administer several and named none of them.
    #[error("is required: you administer more than one firm")]
    Several,
}

/// The one firm that a person administers, for a person who accepts for a firm without naming it.
///
/// # Errors
/// [`OnlyFirmError`].
pub fn only_firm(places: &[Staff], now: UtcTime) -> Result<FirmId, OnlyFirmError> {
    let mut administered = places.iter().filter(|place| GrantState::from(*place).administers_at(now));
    match (administered.next(), administered.next()) {
        (Some(place), None) => Ok(place.firm.clone()),
        (None, _) => Err(OnlyFirmError::NoFirm),
        (Some(_), Some(_)) => Err(OnlyFirmError::Several),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        invitation::{DEFAULT_EXPIRY_DAYS, Invite, invite},
        org::Status,
        role::{MemberRole, StaffRole},
        time::Zone,
    };

    const NOW: UtcTime = UtcTime::EPOCH;
    const ID: Uuid = Uuid::from_u128(7);

    fn company() -> CompanyId {
        CompanyId::from_uuid(Uuid::from_u128(1))
    }

    fn firm() -> FirmId {
        FirmId::from_uuid(Uuid::from_u128(2))
    }

    fn user() -> UserId {
        "ana".parse().unwrap()
    }

    fn new_firm() -> NewFirm {
        NewFirm { name: "Contas".parse().unwrap() }
    }

    fn new_company() -> NewCompany {
        NewCompany { name: "Loja".parse().unwrap(), currency: "EUR".parse().unwrap(), time_zone: None }
    }

    fn agreement() -> Agreement {
        Agreement { version: "1".to_owned(), digest: "ab".to_owned() }
    }

    fn grants() -> Grants {
        MemberRole::Accountant.preset()
    }

    /// An offer of each kind.
    fn offers() -> [Offer; 5] {
        [
            Offer::Contact {
                company: company(),
                customer: "CUS-1".parse().unwrap(),
                customer_name: "Hotel Mar".parse().unwrap(),
                contact: crate::ContactId::from_uuid(Uuid::from_u128(5)),
                grants: [Permission::InvoicesView].into_iter().collect(),
                narrowed_to: None,
            },
            Offer::Member { company: company(), role: MemberRole::Accountant, grants: grants() },
            Offer::Staff { firm: firm(), role: StaffRole::Admin },
            Offer::Firm { company: company(), grants: grants(), replaces: None },
            Offer::Client { firm: firm(), grants: grants(), client: None },
        ]
    }

    fn invitation(offer: &Offer) -> Invitation {
        let acting_as = match offer.org() {
            Org::Company(company) => ActingAs::Member { company },
            Org::Firm(firm) => ActingAs::Staff { firm },
        };
        let command = Invite {
            id: crate::InvitationId::from_uuid(Uuid::from_u128(9)),
            offer: offer.clone(),
            org_name: "Inviter".parse().unwrap(),
            email: "ana@firm.example".parse().unwrap(),
            name: None,
            message: None,
            locale: None,
            expires_in_days: DEFAULT_EXPIRY_DAYS,
            invited_by: "ines".parse().unwrap(),
            invited_by_name: "Ines".parse().unwrap(),
            acting_as,
            held_since: NOW,
        };
        invite(command, NOW).unwrap().0
    }

    fn acceptor(offer: &Offer, accept_as: &AcceptAs) -> Result<Option<Acceptor>, AcceptorError> {
        accept_as.acceptor(&invitation(offer), ID, NOW)
    }

    #[test]
    fn a_company_is_named_and_never_guessed() {
        let [.., client] = offers();
        assert_eq!(acceptor(&client, &AcceptAs::default()), Err(AcceptorError::CompanyNeeded));
        let existing = AcceptAs { company: Some(company()), consent: Some(agreement()), ..AcceptAs::default() };
        assert_eq!(acceptor(&client, &existing), Ok(Some(Acceptor::Company(company()))));
        let new = AcceptAs { new_company: Some(new_company()), ..AcceptAs::default() };
        let registered = new_company().company(CompanyId::from_uuid(ID), NOW);
        assert_eq!(registered.time_zone, Zone::utc());
        assert_eq!(acceptor(&client, &new), Ok(Some(Acceptor::NewCompany(registered))));
        let both = AcceptAs { new_company: Some(new_company()), ..existing };
        assert_eq!(acceptor(&client, &both), Err(AcceptorError::Two("new_company")));
    }

    #[test]
    fn a_firm_is_named_or_registered_or_the_only_one() {
        let [_, _, _, offer, _] = offers();
        assert_eq!(acceptor(&offer, &AcceptAs::default()), Ok(None));
        let new = AcceptAs { new_firm: Some(new_firm()), ..AcceptAs::default() };
        let Ok(Some(Acceptor::NewFirm(registered))) = acceptor(&offer, &new) else { panic!() };
        assert_eq!(registered.id, FirmId::from_uuid(ID));
        assert_eq!(registered.email, Some(invitation(&offer).email), "its main address is the one that was invited");
        let both = AcceptAs { firm: Some(firm()), ..new };
        assert_eq!(acceptor(&offer, &both), Err(AcceptorError::Two("new_firm")));
    }

    #[test]
    fn a_field_that_the_invitation_does_not_use_is_refused_by_name() {
        let [contact, member, staff, _, client] = offers();
        for (accept_as, field) in [
            (AcceptAs { firm: Some(firm()), ..AcceptAs::default() }, "firm"),
            (AcceptAs { new_firm: Some(new_firm()), ..AcceptAs::default() }, "new_firm"),
            (AcceptAs { company: Some(company()), ..AcceptAs::default() }, "company"),
            (AcceptAs { new_company: Some(new_company()), ..AcceptAs::default() }, "new_company"),
            (AcceptAs { consent: Some(agreement()), ..AcceptAs::default() }, "consent"),
        ] {
            for offer in [&member, &staff, &contact] {
                assert_eq!(acceptor(offer, &accept_as), Err(AcceptorError::Unfit(field)));
            }
        }
        assert_eq!(acceptor(&staff, &AcceptAs::default()), Ok(Some(Acceptor::Person)));
        let for_firm = AcceptAs { firm: Some(firm()), ..AcceptAs::default() };
        assert_eq!(acceptor(&client, &for_firm), Err(AcceptorError::Unfit("firm")));
    }

    #[test]
    fn letting_a_firm_in_needs_everything_it_gets_for_good_and_committing_a_firm_does_not() {
        let [.., invites_firm, client] = offers();
        let for_company = Acceptor::Company(company()).access(&user(), &client).unwrap();
        let requirement = for_company.requirements().remove(0);
        assert_eq!(requirement.grants, [Permission::ConnectionsManage]);
        let needed: Grants = requirement.permissions().collect();
        assert_eq!(grants().first_beyond(&needed), None);
        assert_eq!(requirement.validity, Some(Validity::ForGood));
        let for_firm = Acceptor::Firm(firm()).access(&user(), &invites_firm).unwrap().requirements().remove(0);
        assert_eq!(for_firm.permissions().collect::<Vec<_>>(), [Permission::ClientsManage]);
        let registered = Acceptor::NewFirm(new_firm().firm(firm(), "a@b.example".parse().unwrap(), NOW));
        assert_eq!(registered.access(&user(), &invites_firm), None);
    }

    #[test]
    fn the_actor_acts_from_the_acceptors_seat() {
        let person = || Actor::person(user(), None);
        assert_eq!(Acceptor::Person.actor(person()), person());
        let for_firm = Acceptor::Firm(firm()).actor(person());
        assert_eq!((for_firm.via.as_str(), for_firm.firm), ("staff", Some(firm())));
        let for_company = Acceptor::Company(company()).actor(person());
        assert_eq!((for_company.via.as_str(), for_company.firm), ("member", None));
    }

    fn accept_as() -> impl Strategy<Value = AcceptAs> {
        let some = |value: bool| value.then_some(());
        (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(move |chosen| AcceptAs {
            firm: some(chosen.0).map(|()| firm()),
            new_firm: some(chosen.1).map(|()| new_firm()),
            company: some(chosen.2).map(|()| company()),
            new_company: some(chosen.3).map(|()| new_company()),
            consent: some(chosen.4).map(|()| agreement()),
        })
    }

    proptest! {
        #[test]
        fn an_acceptor_is_one_that_was_named_and_stands_where_the_offer_leads(
            accept_as in accept_as(), offer in prop::sample::select(offers().to_vec())
        ) {
            let Ok(Some(acceptor)) = acceptor(&offer, &accept_as) else { return Ok(()) };
            let org = acceptor.org();
            match &offer {
                Offer::Member { .. } | Offer::Staff { .. } | Offer::Contact { .. } => {
                    prop_assert_eq!(&org, &None);
                    prop_assert_eq!(accept_as, AcceptAs::default());
                }
                Offer::Firm { .. } => prop_assert!(org.as_ref().is_some_and(|org| org.firm().is_some())),
                Offer::Client { .. } => prop_assert!(org.as_ref().is_some_and(|org| org.company().is_some())),
            }
            // The change is made in the company, and for staff in the firm: never in another tenant.
            let tenant = acceptor.tenant(&offer);
            prop_assert!(tenant == offer.org() || Some(tenant) == org);
            let needs_access = acceptor.access(&user(), &offer).map(|access| access.org());
            prop_assert!(needs_access.is_none() || needs_access == org);
        }
    }

    #[test]
    fn the_firm_need_not_be_named_by_an_admin_of_one() {
        use StaffRole::{Admin, Bookkeeper};
        use Status::{Active, Ended};
        let place = |n: u128, role: StaffRole, status| Staff {
            firm: FirmId::from_uuid(Uuid::from_u128(n)),
            firm_name: "Contas".parse().unwrap(),
            user: user(),
            name: "Ana".parse().unwrap(),
            email: "ana@firm.example".parse().unwrap(),
            role,
            grants: role.preset(),
            status,
            expires_at: None,
            since: NOW,
            version: 1,
        };
        let third = FirmId::from_uuid(Uuid::from_u128(3));
        let cases = [
            (vec![], Err(OnlyFirmError::NoFirm)),
            (vec![place(2, Bookkeeper, Active)], Err(OnlyFirmError::NoFirm)),
            (vec![place(2, Admin, Ended)], Err(OnlyFirmError::NoFirm)),
            (vec![place(2, Bookkeeper, Active), place(3, Admin, Active)], Ok(third)),
            (vec![place(2, Admin, Active), place(3, Admin, Active)], Err(OnlyFirmError::Several)),
        ];
        for (places, expected) in cases {
            assert_eq!(only_firm(&places, NOW), expected, "{places:?}");
        }
    }
}
