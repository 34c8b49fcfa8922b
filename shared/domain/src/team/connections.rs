//! The links between firms and companies: narrowed, widened, given an end, ended.

use serde_json::json;

use super::TeamError;
use crate::{
    access::GrantState,
    event::{EventType, NewEvent},
    id::Org,
    org::{Connection, Status},
    permission::Grants,
    temporary_grants::{ExpiryUpdate, TemporaryGrants},
    time::UtcTime,
};

/// Sets the most that a firm may do in a company, and until when. Everyone of the firm has that and
/// no more from their next request on: what they hold is what the connection grants as well.
///
/// # Errors
/// [`TeamError`].
pub fn change_connection(
    connection: &Connection,
    grants: Option<Grants>,
    expiry: ExpiryUpdate,
    now: UtcTime,
) -> Result<(Connection, NewEvent), TeamError> {
    if !GrantState::from(connection).holds_at(now) {
        return Err(TeamError::NotActive);
    }
    if grants.is_none() && expiry == ExpiryUpdate::Kept {
        return Err(TeamError::NothingToChange);
    }
    let lent = if grants.is_some() { TemporaryGrants::default() } else { connection.lent.clone() };
    let grants = grants.unwrap_or_else(|| connection.grants.clone());
    if grants.is_empty() || grants.iter().any(|p| !p.is_for_companies()) {
        return Err(TeamError::NoPermissions);
    }
    let expires_at = expiry.after(connection.expires_at, now)?;
    let version = connection.version + 1;
    let changed = Connection { grants, lent, expires_at, version, ..connection.clone() };
    let event = connection_changed(connection, &changed);
    Ok((changed, event))
}

/// What a firm may do in a company changed.
pub(crate) fn connection_changed(before: &Connection, after: &Connection) -> NewEvent {
    let terms = |c: &Connection| json!({"grants": c.grants, "lent": c.lent, "expires_at": c.expires_at});
    let data = json!({
        "firm": before.firm,
        "firm_name": before.firm_name,
        "before": terms(before),
        "after": terms(after),
    });
    connection_fact(EventType::ConnectionChanged, before, data)
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
    let data = json!({"firm": connection.firm, "firm_name": connection.firm_name, "ended_by": by});
    Ok((ended, connection_fact(EventType::ConnectionEnded, connection, data)))
}

fn connection_fact(kind: EventType, connection: &Connection, data: serde_json::Value) -> NewEvent {
    let org = Org::Company(connection.company.clone());
    NewEvent::new(kind, org, ("connection", connection.firm.as_str()), data).seen_by(&connection.firm)
}

#[cfg(test)]
mod tests {
    use super::{
        super::examples::{NOW, connection},
        *,
    };
    use crate::{permission::Permission, temporary_grants::ExpiryError};

    #[test]
    fn a_connections_change_is_seen_by_the_firm_with_before_and_after() {
        let narrow = || Some([Permission::BankView].into_iter().collect::<Grants>());
        let (changed, event) =
            change_connection(&connection(Grants::whole_company()), narrow(), ExpiryUpdate::At(NOW.plus_s(9)), NOW)
                .unwrap();
        assert_eq!((changed.expires_at, changed.version), (Some(NOW.plus_s(9)), 2));
        assert_eq!(event.firm, Some(changed.firm.clone()));
        assert_eq!(event.data["after"], json!({"grants": ["bank.view"], "lent": {}, "expires_at": NOW.plus_s(9)}));
        assert_eq!(event.data["before"]["grants"], json!(Grants::whole_company()));
        let over = change_connection(&changed, narrow(), ExpiryUpdate::Kept, NOW.plus_s(9));
        assert_eq!(over.unwrap_err(), TeamError::NotActive);
        for (grants, error) in [
            (None, TeamError::NothingToChange),
            (Some(Grants::default()), TeamError::NoPermissions),
            (Some([Permission::StaffView].into_iter().collect()), TeamError::NoPermissions),
        ] {
            assert_eq!(change_connection(&changed, grants, ExpiryUpdate::Kept, NOW).unwrap_err(), error);
        }
        let past = change_connection(&changed, None, ExpiryUpdate::At(NOW), NOW);
        assert_eq!(past.unwrap_err(), TeamError::Expiry(ExpiryError::Past));
    }
}
