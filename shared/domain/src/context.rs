//! Contexts: the seats from which a person may try to act, what the context list shows, and the record of entering
//! and leaving.
//!
//! Nothing here proves that a seat holds: the table does, at each request (see [`crate::access`]).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::ActingAs,
    event::{Actor, EventData, NewEvent, kinds},
    id::{CompanyId, FirmId, Org, SessionId, UserId},
    permission::Grants,
    text::{Name, Note, Reference, TextError},
    time::UtcTime,
};

/// Why a context is entered: a note of at most 500 characters.
///
/// It travels in the context token, which is a header of every request; API Gateway takes 10,240
/// bytes of headers in all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 500)]
pub struct Reason(Note);

impl Reason {
    /// The longest reason, in characters.
    pub const MAX_CHARS: usize = 500;
}

impl TryFrom<String> for Reason {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        if text.trim().chars().count() > Self::MAX_CHARS {
            return Err(TextError::TooLong { max_chars: Self::MAX_CHARS });
        }
        Note::try_from(text).map(Self)
    }
}

impl From<Reason> for Note {
    fn from(reason: Reason) -> Self {
        reason.0
    }
}

/// A seat as the context list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The seat.
    pub acting_as: ActingAs,
    /// The role there, as it is written.
    pub role: &'static str,
    /// The company's or firm's name.
    pub name: Name,
    /// The name of the customer whose contact the person is.
    pub customer_name: Option<Name>,
}

/// A seat that the table confirmed, and its permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldContext {
    /// The seat.
    pub place: Place,
    /// What may be done from it.
    pub grants: Grants,
    /// Since when it is held: the latest beginning of the relationships that it rests on.
    pub since: UtcTime,
    /// The next instant from which less may be done, if any end is set.
    pub until: Option<UtcTime>,
}

/// The seats to try for entering a company or firm; the first that holds is taken.
///
/// A person's own place in a company comes before a firm's, and a firm's admin needs no assignment. With `through`
/// only that firm's seats are tried: a person who names a firm never enters for another one. `firms` are those that
/// the person is on the staff of.
#[must_use]
pub fn candidates_into(org: &Org, through: Option<&FirmId>, firms: &[FirmId]) -> Vec<ActingAs> {
    match (org, through) {
        (Org::Firm(firm), Some(other)) if firm != other => Vec::new(),
        (Org::Firm(firm), _) => vec![ActingAs::Staff { firm: firm.clone() }],
        (Org::Company(company), through) => {
            let own = through.is_none().then(|| ActingAs::Member { company: company.clone() });
            let firms = through.map_or(firms, std::slice::from_ref);
            let for_firms = firms.iter().flat_map(|firm| {
                let (firm, company) = (firm.clone(), company.clone());
                [
                    ActingAs::FirmAdmin { firm: firm.clone(), company: company.clone() },
                    ActingAs::Bookkeeper { firm, company },
                ]
            });
            own.into_iter().chain(for_firms).collect()
        }
    }
}

/// The seat to try for entering the portal of a customer of a company. A member of the company who
/// is also a contact enters as a contact only by naming the customer.
#[must_use]
pub const fn seat_at_customer(company: CompanyId, customer: Reference) -> ActingAs {
    ActingAs::Contact { company, customer }
}

/// One person's stay in a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextSession {
    /// Names the stay; it outlives the tokens issued for it.
    pub session: SessionId,
    /// The person.
    pub user: UserId,
    /// Their name.
    pub name: Name,
    /// Where, and with which grants.
    pub held: HeldContext,
    /// The reason, if they gave one.
    pub reason: Option<Note>,
}

impl ContextSession {
    /// Who acts during the stay, as events record it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::in_context(&self.user, &self.name, &self.held.place.acting_as, &self.session, self.reason.as_ref())
    }

    /// The person enters.
    #[must_use]
    pub fn entered(&self) -> NewEvent {
        let Place { acting_as, role, .. } = &self.held.place;
        let (via, role) = (acting_as.via().to_owned(), (*role).to_owned());
        let entered = ContextEntered { via, role, reason: self.reason.clone() };
        event(acting_as, &self.session, kinds::ContextEntered::of(entered))
    }
}

/// Payload of `context.entered`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContextEntered {
    /// The seat: `member`, `firm_admin`, `bookkeeper`, `staff` or `contact`.
    pub via: String,
    /// The role in the company or on the firm's staff; `contact` for a contact.
    pub role: String,
    /// The reason, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
}

/// Payload of `context.left`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContextLeft {
    /// The seat: `member`, `firm_admin`, `bookkeeper`, `staff` or `contact`.
    pub via: String,
    /// The role in the company or on the firm's staff; `contact` for a contact.
    pub role: String,
}

/// The person leaves. Tokens issued for the session stay valid until they expire: leaving removes no access, it
/// records the end.
#[must_use]
pub fn left(acting_as: &ActingAs, role: &str, session: &SessionId) -> NewEvent {
    let left = ContextLeft { via: acting_as.via().to_owned(), role: role.to_owned() };
    event(acting_as, session, kinds::ContextLeft::of(left))
}

fn event(acting_as: &ActingAs, session: &SessionId, payload: EventData) -> NewEvent {
    let event = NewEvent::new(acting_as.org(), session.as_str(), payload);
    match acting_as.firm() {
        Some(firm) => event.seen_by(firm),
        None => event,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    fn company(n: u128) -> CompanyId {
        CompanyId::from_uuid(Uuid::from_u128(n))
    }

    fn firm(n: u128) -> FirmId {
        FirmId::from_uuid(Uuid::from_u128(n))
    }

    fn stay(acting_as: ActingAs) -> ContextSession {
        let place = Place { acting_as, role: "bookkeeper", name: "Loja Azul".parse().unwrap(), customer_name: None };
        ContextSession {
            session: SessionId::from_uuid(Uuid::from_u128(5)),
            user: "u".parse().unwrap(),
            name: "Berta".parse().unwrap(),
            held: HeldContext { place, grants: Grants::default(), since: UtcTime::EPOCH, until: None },
            reason: Some("VAT return".parse().unwrap()),
        }
    }

    #[test]
    fn ones_own_place_is_tried_before_a_firms_and_an_admins_before_a_bookkeepers() {
        let org = Org::Company(company(9));
        let vias: Vec<_> = candidates_into(&org, None, &[firm(1), firm(2)]).iter().map(ActingAs::via).collect();
        assert_eq!(vias, ["member", "firm_admin", "bookkeeper", "firm_admin", "bookkeeper"]);
    }

    #[test]
    fn a_person_who_names_a_firm_acts_for_it_or_not_at_all() {
        let org = Org::Company(company(9));
        let candidates = candidates_into(&org, Some(&firm(1)), &[firm(2)]);
        assert!(
            candidates.len() == 2 && candidates.iter().all(|acting_as| acting_as.firm() == Some(&firm(1))),
            "{candidates:?}"
        );
        assert_eq!(candidates_into(&Org::Firm(firm(1)), Some(&firm(2)), &[]), []);
        assert_eq!(candidates_into(&Org::Firm(firm(1)), Some(&firm(1)), &[]).len(), 1);
    }

    #[test]
    fn entering_for_a_firm_is_recorded_with_firm_session_and_reason_where_the_firm_sees_it() {
        let stay = stay(ActingAs::Bookkeeper { firm: firm(1), company: company(9) });
        let event = stay.entered();
        assert_eq!(event.org, Org::Company(company(9)));
        assert_eq!(event.firm, Some(firm(1)));
        assert_eq!((event.subject.kind.as_str(), event.subject.id.as_str()), ("context", stay.session.as_str()));
        assert_eq!(
            *event.payload.data(),
            serde_json::json!({"via": "bookkeeper", "role": "bookkeeper", "reason": "VAT return"})
        );
        let actor = stay.actor();
        assert_eq!((actor.firm, actor.session, actor.reason), (Some(firm(1)), Some(stay.session), stay.reason));
        assert_eq!(actor.via, "bookkeeper");
    }

    #[test]
    fn a_member_acts_for_no_firm() {
        let stay = stay(ActingAs::Member { company: company(9) });
        assert_eq!((stay.entered().firm, stay.actor().firm), (None, None));
    }

    #[test]
    fn a_reason_fits_a_header() {
        assert!(Reason::try_from("é".repeat(500)).is_ok());
        for chars in [501, 5000] {
            assert_eq!(Reason::try_from("é".repeat(chars)), Err(TextError::TooLong { max_chars: 500 }));
        }
        assert_eq!(Reason::try_from(" ".to_owned()), Err(TextError::Empty));
    }
}
