//! Connections between firms and companies: who may see and manage them, how they change and end.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{TeamError, given, to_give};
use crate::{
    access::{AccessRequirement, GrantState, OutlastsFirm, ends_with_giver},
    event::{EventData, NewEvent, kinds},
    id::{FirmId, Org},
    org::{Connection, Status},
    patch::Patch,
    permission::Grants,
    temporary_grants::{TemporaryGrants, end_after},
    text::Name,
    time::UtcTime,
};

/// Payload of `connection.changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConnectionChanged {
    /// The firm.
    pub firm: FirmId,
    /// The firm's name.
    pub firm_name: Name,
    /// What the connection granted before.
    pub before: ConnectionState,
    /// What it grants now.
    pub after: ConnectionState,
}

/// What a connection grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConnectionState {
    /// The most the firm may do.
    #[serde(deserialize_with = "Grants::known")]
    pub grants: Grants,
    /// Permissions granted on top for a time, each with the instant at which it stops.
    #[serde(deserialize_with = "TemporaryGrants::known")]
    pub lent: TemporaryGrants,
    /// When the connection ends by itself; `null` for never.
    #[schema(required = true)]
    pub expires_at: Option<UtcTime>,
}

impl ConnectionState {
    fn of(connection: &Connection) -> Self {
        let Connection { grants, lent, expires_at, .. } = connection.clone();
        Self { grants, lent, expires_at }
    }
}

/// Payload of `connection.ended`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConnectionEnded {
    /// The firm.
    pub firm: FirmId,
    /// The firm's name.
    pub firm_name: Name,
    /// The side that ended it.
    pub ended_by: Org,
}

/// The permissions that a change takes from the firm at `now`.
#[must_use]
pub fn withdrawn(before: &Connection, after: &Connection, now: UtcTime) -> Grants {
    GrantState::from(before).grants_at(now).beyond(&GrantState::from(after).grants_at(now))
}

/// Sets the most that a firm may do in a company, and until when. It applies to all its staff from
/// their next request on.
///
/// # Errors
/// [`TeamError`].
pub fn change_connection(
    connection: &Connection,
    grants: Option<Grants>,
    expiry: Patch<UtcTime>,
    now: UtcTime,
) -> Result<(Connection, NewEvent), TeamError> {
    if !GrantState::from(connection).holds_at(now) {
        return Err(TeamError::NotActive);
    }
    if grants.is_none() && expiry == Patch::Keep {
        return Err(TeamError::NothingToChange);
    }
    let lent = if grants.is_some() { TemporaryGrants::default() } else { connection.lent.clone() };
    let grants = grants.unwrap_or_else(|| connection.grants.clone());
    if grants.is_empty() || grants.iter().any(|p| !p.is_for_companies()) {
        return Err(TeamError::NoPermissions);
    }
    let expires_at = end_after(expiry, connection.expires_at, now)?;
    let version = connection.version + 1;
    let changed = Connection { grants, lent, expires_at, version, ..connection.clone() };
    let event = connection_changed(connection, &changed);
    Ok((changed, event))
}

/// The access that changing a connection needs: as [`to_give`]. From a seat that a firm's connection bounds, no other
/// firm gains anything.
///
/// # Errors
/// [`OutlastsFirm`].
pub fn to_change_connection(
    access: AccessRequirement,
    before: &Connection,
    after: &Connection,
) -> Result<AccessRequirement, OutlastsFirm> {
    let (was, is) = (GrantState::from(before), GrantState::from(after));
    if !given(&was, &is).is_empty() {
        ends_with_giver(access.acting_as(), Some(&before.firm))?;
    }
    Ok(to_give(access, &was, &is))
}

/// The event of a changed connection.
pub(crate) fn connection_changed(before: &Connection, after: &Connection) -> NewEvent {
    let changed = ConnectionChanged {
        firm: before.firm.clone(),
        firm_name: before.firm_name.clone(),
        before: ConnectionState::of(before),
        after: ConnectionState::of(after),
    };
    connection_fact(before, kinds::ConnectionChanged::of(changed))
}

/// Ends a firm ↔ company link, from either side.
///
/// # Errors
/// [`TeamError::NotActive`].
pub fn end_connection(connection: &Connection, by: &Org, now: UtcTime) -> Result<(Connection, NewEvent), TeamError> {
    if connection.status != Status::Active {
        return Err(TeamError::NotActive);
    }
    let ended = Connection {
        status: Status::Ended,
        expires_at: Some(now),
        version: connection.version + 1,
        ..connection.clone()
    };
    let data = ConnectionEnded {
        firm: connection.firm.clone(),
        firm_name: connection.firm_name.clone(),
        ended_by: by.clone(),
    };
    Ok((ended, connection_fact(connection, kinds::ConnectionEnded::of(data))))
}

fn connection_fact(connection: &Connection, payload: EventData) -> NewEvent {
    let org = Org::Company(connection.company.clone());
    NewEvent::new(org, connection.firm.as_str(), payload).seen_by(&connection.firm)
}

#[cfg(test)]
mod tests {
    use super::{
        super::examples::{NOW, connection},
        *,
    };
    use crate::{access::ActingAs, permission::Permission, temporary_grants::ExpiryError};

    /// Proves: S2, 25
    #[test]
    fn a_firm_widens_no_other_firms_connection() {
        let narrow = connection([Permission::BankView].into_iter().collect());
        let wide = connection(Grants::whole_company());
        let (company, own) = (narrow.company.clone(), narrow.firm.clone());
        let other: FirmId = "fm_00000000000000000000000000000009".parse().unwrap();
        let change = |acting_as: ActingAs, before: &Connection, after: &Connection| {
            let access = AccessRequirement::to_enter("fay".parse().unwrap(), acting_as);
            to_change_connection(access, before, after).map(drop)
        };
        let of = |firm: &FirmId| ActingAs::FirmAdmin { firm: firm.clone(), company: company.clone() };
        assert_eq!(change(of(&other), &narrow, &wide), Err(OutlastsFirm));
        assert_eq!(change(of(&other), &wide, &narrow), Ok(()), "to take away outlasts nothing");
        assert_eq!(change(of(&own), &narrow, &wide), Ok(()), "bounded by itself");
        assert_eq!(change(ActingAs::Member { company: company.clone() }, &narrow, &wide), Ok(()));
    }

    #[test]
    fn a_connections_change_is_seen_by_the_firm_with_before_and_after() {
        let narrow = || Some([Permission::BankView].into_iter().collect::<Grants>());
        let (changed, event) =
            change_connection(&connection(Grants::whole_company()), narrow(), Patch::Set(NOW.plus_s(9)), NOW).unwrap();
        assert_eq!((changed.expires_at, changed.version), (Some(NOW.plus_s(9)), 2));
        assert_eq!(event.firm, Some(changed.firm.clone()));
        let change = event.payload.read::<kinds::ConnectionChanged>();
        let expires_at = Some(NOW.plus_s(9));
        assert_eq!(
            change.after,
            ConnectionState { grants: narrow().unwrap(), lent: TemporaryGrants::default(), expires_at }
        );
        assert_eq!(change.before.grants, Grants::whole_company());
        let taken = withdrawn(&connection(Grants::whole_company()), &changed, NOW);
        assert!(!taken.contains(Permission::BankView) && taken.contains(Permission::VatView));
        assert!(withdrawn(&changed, &connection(Grants::whole_company()), NOW).is_empty(), "it was widened");
        let over = change_connection(&changed, narrow(), Patch::Keep, NOW.plus_s(9));
        assert_eq!(over.unwrap_err(), TeamError::NotActive);
        for (grants, error) in [
            (None, TeamError::NothingToChange),
            (Some(Grants::default()), TeamError::NoPermissions),
            (Some([Permission::StaffView].into_iter().collect()), TeamError::NoPermissions),
        ] {
            assert_eq!(change_connection(&changed, grants, Patch::Keep, NOW).unwrap_err(), error);
        }
        let past = change_connection(&changed, None, Patch::Set(NOW), NOW);
        assert_eq!(past.unwrap_err(), TeamError::Expiry(ExpiryError::Past));
    }
}
