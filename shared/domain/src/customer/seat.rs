//! The seat of a contact: what lets a person into the portal of one customer of a company.
//!
//! A contact may do what the portal settings of the company and their seat both grant; see
//! [`ActingAs::Contact`](crate::access::ActingAs::Contact).

#[cfg(test)]
pub(crate) mod examples;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{OfCustomer, PortalSettings};
use crate::{
    access::GrantState,
    event::{NewEvent, kinds},
    id::{CompanyId, ContactId, InvitationId, Org, UserId},
    org::Status,
    permission::{Grants, Permission},
    team::holders,
    temporary_grants::TemporaryGrants,
    text::{Name, Reference},
    time::UtcTime,
};

/// The role of a contact, as contexts and events write it.
pub const ROLE: &str = "contact";

/// A contact's seat at one customer of a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactSeat {
    /// The company.
    pub company: CompanyId,
    /// The company's name, for the context list.
    pub company_name: Name,
    /// The customer.
    pub customer: Reference,
    /// The customer's name, for the context list.
    pub customer_name: Name,
    /// The contact that the person is.
    pub contact: ContactId,
    /// The person.
    pub user: UserId,
    /// Their name when they accepted.
    pub name: Name,
    /// What they may do; the portal settings of the company limit it further.
    #[serde(default)]
    pub grants: Grants,
    /// Whether the seat is active.
    pub status: Status,
    /// When it ended, if it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UtcTime>,
    /// When it was taken.
    pub since: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl OfCustomer for ContactSeat {
    fn customer(&self) -> &Reference {
        &self.customer
    }
}

impl From<&ContactSeat> for GrantState {
    fn from(seat: &ContactSeat) -> Self {
        Self {
            active: seat.status == Status::Active,
            grants: seat.grants.clone(),
            lent: TemporaryGrants::default(),
            admin: false,
            inviting_firm: None,
            since: seat.since,
            expires_at: seat.expires_at,
        }
    }
}

/// Payload of `contact_access.started`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactAccessStarted {
    /// The customer.
    pub customer: Reference,
    /// The customer's name.
    pub customer_name: Name,
    /// The person who accepted.
    pub user: UserId,
    /// What the seat grants; the company's portal settings limit it further.
    #[serde(deserialize_with = "Grants::known")]
    pub grants: Grants,
    /// The invitation that was accepted.
    pub invitation: InvitationId,
}

/// Payload of `contact_access.ended`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactAccessEnded {
    /// The customer.
    pub customer: Reference,
    /// The customer's name.
    pub customer_name: Name,
    /// The person.
    pub user: UserId,
}

/// The seat has ended already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this contact has no access")]
pub struct NoAccess;

impl ContactSeat {
    /// Ends the seat. The item stays as the record of it, and grants nothing: so a function that only ends seats writes
    /// nothing that grants access.
    ///
    /// # Errors
    /// [`NoAccess`].
    pub fn end(&self, now: UtcTime) -> Result<(Self, NewEvent), NoAccess> {
        if self.status != Status::Active {
            return Err(NoAccess);
        }
        let ended = Self {
            grants: Grants::default(),
            status: Status::Ended,
            expires_at: Some(now),
            version: self.version + 1,
            ..self.clone()
        };
        let payload = ContactAccessEnded {
            customer: self.customer.clone(),
            customer_name: self.customer_name.clone(),
            user: self.user.clone(),
        };
        let org = Org::Company(self.company.clone());
        Ok((ended, NewEvent::new(org, self.contact.as_str(), kinds::ContactAccessEnded::of(payload))))
    }
}

/// The contacts who hold a permission at `now`: the company's settings and their own seat grant it.
pub fn contacts_who_hold<'s>(
    settings: Option<&PortalSettings>,
    seats: &'s [ContactSeat],
    permission: Permission,
    now: UtcTime,
) -> impl Iterator<Item = &'s ContactSeat> {
    let is_let =
        settings.is_some_and(|settings| settings.status == Status::Active && settings.grants.contains(permission));
    holders(if is_let { seats } else { &[] }, permission, now)
}

#[cfg(test)]
mod tests {
    use super::{examples::seat, *};
    use crate::samples::at;

    /// A letter about an invoice would otherwise reach a person whose access was taken.
    /// Proves: M2, 28
    #[test]
    fn a_contact_is_told_while_both_the_settings_and_their_seat_grant_it() {
        let all = PortalSettings::default_of(&seat().company, at(0));
        let told = |settings: Option<&PortalSettings>, seat: ContactSeat, permission| {
            contacts_who_hold(settings, &[seat], permission, at(60)).count()
        };
        assert_eq!(told(Some(&all), seat(), Permission::InvoicesView), 1);
        assert_eq!(told(None, seat(), Permission::InvoicesView), 0, "without settings");
        let none = PortalSettings { grants: Grants::default(), ..all.clone() };
        assert_eq!(told(Some(&none), seat(), Permission::InvoicesView), 0, "the settings took it");
        let bare = ContactSeat { grants: Grants::default(), ..seat() };
        assert_eq!(told(Some(&all), bare, Permission::InvoicesView), 0, "the seat does not grant it");
        let (ended, _) = seat().end(at(30)).unwrap();
        assert_eq!(told(Some(&all), ended, Permission::InvoicesView), 0, "the seat has ended");
        assert_eq!(told(Some(&all), seat(), Permission::InvoicesManage), 0, "a permission of members");
    }

    /// Proves: N1
    #[test]
    fn an_ended_seat_grants_nothing_and_ends_once() {
        let (ended, event) = seat().end(at(60)).unwrap();
        assert!(GrantState::from(&seat()).holds_at(at(60)) && !GrantState::from(&ended).holds_at(at(60)));
        assert_eq!((ended.expires_at, ended.version), (Some(at(60)), 2));
        assert_eq!(ended.grants, Grants::default());
        assert_eq!((event.org, event.subject.id.as_str()), (Org::Company(seat().company), seat().contact.as_str()));
        assert_eq!(ended.end(at(61)), Err(NoAccess));
    }
}
