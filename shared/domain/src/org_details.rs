//! What a company or firm says about itself, and how its people change it: the name, a company's time zone, a
//! firm's main address.
//!
//! A firm's main address is the verified address of one of its admins, and counts only while they are one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{GrantState, Relation, RelationRequirement},
    event::{NewEvent, kinds},
    id::{FirmId, Org, UserId},
    org::{Company, Firm, Staff, User},
    text::{Email, Name},
    time::{UtcTime, Zone},
};

/// What a company says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CompanyDetails {
    /// Its name.
    pub name: Name,
    /// Its time zone.
    pub time_zone: Zone,
}

/// Payload of `company.updated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CompanyUpdated {
    /// The details before.
    pub before: CompanyDetails,
    /// The details now.
    pub after: CompanyDetails,
}

/// What a firm says about itself. The main address itself is not in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FirmDetails {
    /// Its name.
    pub name: Name,
    /// The admin whose address is the firm's main address; `null` where the firm has none.
    #[schema(required = true)]
    pub main_address_of: Option<UserId>,
}

/// Payload of `firm.updated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FirmUpdated {
    /// The details before.
    pub before: FirmDetails,
    /// The details now. Equal to those before where an admin replaced the main address by another of their own.
    pub after: FirmDetails,
}

/// How a firm's main address changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MainAddress {
    /// It stays.
    Kept,
    /// An admin gives their own, which the identity provider says is verified.
    Taken(UserId, Email),
    /// The firm has none from now on.
    Cleared,
}

/// Changes a company's name and time zone; what is `None` stays. `None` when nothing changes.
#[must_use]
pub fn update_company(company: &Company, name: Option<Name>, time_zone: Option<Zone>) -> Option<(Company, NewEvent)> {
    let after = Company {
        name: name.unwrap_or_else(|| company.name.clone()),
        time_zone: time_zone.unwrap_or_else(|| company.time_zone.clone()),
        ..company.clone()
    };
    if after == *company {
        return None;
    }
    let details =
        |company: &Company| CompanyDetails { name: company.name.clone(), time_zone: company.time_zone.clone() };
    let updated = CompanyUpdated { before: details(company), after: details(&after) };
    let org = Org::Company(company.id.clone());
    let event = NewEvent::new(org, company.id.as_str(), kinds::CompanyUpdated::of(updated));
    Some((after, event))
}

/// Changes a firm's name and main address; a name of `None` stays. `None` when nothing changes.
#[must_use]
pub fn update_firm(firm: &Firm, name: Option<Name>, address: MainAddress) -> Option<(Firm, NewEvent)> {
    let (email, email_holder) = match address {
        MainAddress::Kept => (firm.email.clone(), firm.email_holder.clone()),
        MainAddress::Taken(holder, email) => (Some(email), Some(holder)),
        MainAddress::Cleared => (None, None),
    };
    let after = Firm { name: name.unwrap_or_else(|| firm.name.clone()), email, email_holder, ..firm.clone() };
    if after == *firm {
        return None;
    }
    let details = |firm: &Firm| FirmDetails { name: firm.name.clone(), main_address_of: firm.email_holder.clone() };
    let updated = FirmUpdated { before: details(firm), after: details(&after) };
    let event = NewEvent::new(Org::Firm(firm.id.clone()), firm.id.as_str(), kinds::FirmUpdated::of(updated));
    Some((after, event))
}

/// Clears a firm's main address when the admin whose address it is leaves or is demoted; `after` is their place
/// from now on. `None` when the address is not theirs, or stays.
#[must_use]
pub fn release_main_address(firm: &Firm, after: &Staff, now: UtcTime) -> Option<(Firm, NewEvent)> {
    let is_holder = firm.email_holder.as_ref() == Some(&after.user);
    let stays = GrantState::from(after).administers_at(now);
    if is_holder && !stays { update_firm(firm, None, MainAddress::Cleared) } else { None }
}

/// What must hold, in the read and in the write, for an invitation to reach a firm at its main address: the person
/// whose address it is has an active admin's place there.
#[must_use]
pub fn to_reach_firm(firm: &FirmId, holder: &UserId) -> RelationRequirement {
    RelationRequirement {
        relation: Relation::Staff { firm: firm.clone(), user: holder.clone() },
        grants: Vec::new(),
        given: Vec::new(),
        admin: true,
        inviting_firm: None,
        begun_by: None,
        validity: None,
    }
}

impl Firm {
    /// The firm as invitations reach it at `now`: with its main address only while `holder`, the person whose
    /// address it is, administers the firm and has that address in their profile.
    #[must_use]
    pub fn as_reached(self, holder: Option<(&Staff, &User)>, now: UtcTime) -> Self {
        let is_reached = holder.is_some_and(|(place, person)| {
            place.firm == self.id
                && Some(&place.user) == self.email_holder.as_ref()
                && place.user == person.id
                && GrantState::from(place).administers_at(now)
                && Some(&person.email) == self.email.as_ref()
        });
        if is_reached { self } else { Self { email: None, email_holder: None, ..self } }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        id::CompanyId,
        org::Status,
        role::StaffRole,
        team::{NewCompany, NewFirm, register_firm},
    };

    const NOW: UtcTime = UtcTime::EPOCH;

    fn registered() -> (Firm, Staff) {
        let new = NewFirm { name: "Contas".parse().unwrap() };
        let firm = new.firm(FirmId::from_uuid(Uuid::from_u128(2)), "ada@firm.example".parse().unwrap(), NOW);
        let admin = ("ada".parse().unwrap(), "Ada".parse().unwrap(), "ada@firm.example".parse().unwrap());
        let (firm, admin, _) = register_firm(firm, admin);
        (firm, admin)
    }

    fn profile(email: &str) -> User {
        User {
            id: "ada".parse().unwrap(),
            email: email.parse().unwrap(),
            name: "Ada".parse().unwrap(),
            time_zone: Zone::utc(),
            language: None,
            created_at: NOW,
            version: 1,
        }
    }

    /// Proves: S3
    #[test]
    fn a_firm_is_reached_only_while_the_holder_of_its_address_administers_it_and_has_the_address() {
        let (firm, admin) = registered();
        let reached = |firm: &Firm, place: &Staff, email: &str| {
            firm.clone().as_reached(Some((place, &profile(email))), NOW).email.is_some()
        };
        assert!(reached(&firm, &admin, "ada@firm.example"));
        assert!(!reached(&firm, &admin, "ada@elsewhere.example"), "the address is somebody else's by now");
        let left = Staff { status: Status::Ended, ..admin.clone() };
        let demoted = Staff { role: StaffRole::Bookkeeper, ..admin.clone() };
        let over = Staff { expires_at: Some(NOW), ..admin.clone() };
        for place in [left, demoted, over] {
            assert!(!reached(&firm, &place, "ada@firm.example"), "{place:?}");
        }
        let elsewhere = Staff { firm: FirmId::from_uuid(Uuid::from_u128(3)), ..admin.clone() };
        assert!(!reached(&firm, &elsewhere, "ada@firm.example"));
        let taken_long_ago = Firm { email_holder: None, ..firm.clone() };
        assert!(!reached(&taken_long_ago, &admin, "ada@firm.example"), "nobody is known to hold it");
        assert_eq!(firm.as_reached(None, NOW).email, None);
    }

    /// Proves: S3
    #[test]
    fn the_main_address_goes_with_its_holder_and_with_nobody_else() {
        let (firm, admin) = registered();
        let left = Staff { status: Status::Ended, ..admin.clone() };
        let (cleared, event) = release_main_address(&firm, &left, NOW).unwrap();
        assert_eq!((cleared.email, cleared.email_holder), (None, None));
        let updated = event.payload.read::<kinds::FirmUpdated>();
        assert_eq!((updated.before.main_address_of, updated.after.main_address_of), (Some(admin.user.clone()), None));
        let demoted = Staff { role: StaffRole::Bookkeeper, ..admin.clone() };
        assert!(release_main_address(&firm, &demoted, NOW).is_some());
        assert!(release_main_address(&firm, &admin, NOW).is_none(), "an admin who stays keeps it");
        let other = Staff { user: "bea".parse().unwrap(), ..left };
        assert!(release_main_address(&firm, &other, NOW).is_none());
    }

    /// Proves: U17
    #[test]
    fn an_update_changes_what_it_names_and_records_both_sides() {
        let new = NewCompany { name: "Loja".parse().unwrap(), currency: "EUR".parse().unwrap(), time_zone: None };
        let company = new.company(CompanyId::from_uuid(Uuid::from_u128(1)), NOW);
        assert_eq!(update_company(&company, Some(company.name.clone()), None), None);
        let zone = Zone::try_from("Europe/Lisbon".to_owned()).unwrap();
        let (moved, event) = update_company(&company, None, Some(zone.clone())).unwrap();
        assert_eq!(moved, Company { time_zone: zone.clone(), ..company.clone() });
        let updated = event.payload.read::<kinds::CompanyUpdated>();
        assert_eq!((updated.before.time_zone, updated.after.time_zone), (Zone::utc(), zone));

        let (firm, _) = registered();
        let (renamed, _) = update_firm(&firm, Some("Novas Contas".parse().unwrap()), MainAddress::Kept).unwrap();
        assert_eq!(renamed, Firm { name: "Novas Contas".parse().unwrap(), ..firm.clone() });
        let taken = MainAddress::Taken("bea".parse().unwrap(), "bea@firm.example".parse().unwrap());
        let (taken, _) = update_firm(&firm, None, taken).unwrap();
        assert_eq!(taken.email_holder, Some("bea".parse().unwrap()));
        assert_eq!(taken.email, Some("bea@firm.example".parse().unwrap()));
        assert_eq!(update_firm(&taken, None, MainAddress::Kept), None);
    }
}
