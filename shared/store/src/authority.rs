//! The authority of a store call, and what must hold for it in the table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    AccessRequirement, CompanyId, Denied, FirmId, GrantState, Grants, MemberRole, Org, RelationRequirement,
    TemporaryGrants, UtcTime, Validity, access::Relation, role::StaffRole,
};

use crate::{
    condition::Condition,
    error::StoreError,
    item::{Item, ItemsByKey, RawKey},
    keys,
};

/// The authority of a call. It proves nothing by itself: the table is checked each time.
#[derive(Debug, Clone)]
pub enum Authority {
    /// A signed-in person acting in a context.
    Person(AccessRequirement),
    /// The vendor's ledger, in any company that exists.
    Ledger(CompanyId),
    /// The vendor's own system, in any company or firm that exists.
    Vendor(Org),
    /// The stack itself, acting on an event, a schedule or a signed webhook of the payment provider.
    System(Org),
}

impl From<AccessRequirement> for Authority {
    fn from(access: AccessRequirement) -> Self {
        Self::Person(access)
    }
}

/// One thing that must hold: an item, and how to judge it.
#[derive(Debug, Clone)]
pub(crate) enum Check {
    Relation(RelationRequirement),
    Exists(RawKey),
}

impl Authority {
    /// The tenant that the call is confined to.
    #[must_use]
    pub fn org(&self) -> Org {
        match self {
            Self::Person(access) => access.org(),
            Self::Ledger(company) => Org::Company(company.clone()),
            Self::Vendor(org) | Self::System(org) => org.clone(),
        }
    }

    pub(crate) fn checks(&self) -> Vec<Check> {
        match self {
            Self::Person(access) => access.requirements().into_iter().map(Check::Relation).collect(),
            Self::Ledger(company) => vec![Check::Exists(keys::profile(&Org::Company(company.clone())))],
            Self::Vendor(org) => vec![Check::Exists(keys::profile(org))],
            Self::System(_) => Vec::new(),
        }
    }
}

impl Check {
    pub(crate) fn key(&self) -> RawKey {
        match self {
            Self::Relation(requirement) => relation_key(&requirement.relation),
            Self::Exists(key) => key.clone(),
        }
    }

    /// The read: judges the item as it was found.
    pub(crate) fn judge(&self, item: Option<&Item>, now: UtcTime) -> Result<(), StoreError> {
        match self {
            Self::Relation(requirement) => {
                let grant_state = item.map(grant_state);
                Ok(requirement.check(grant_state.as_ref(), now)?)
            }
            Self::Exists(_) => item.map(|_| ()).ok_or(StoreError::NotFound),
        }
    }

    /// The write: the same judgement as a condition expression.
    pub(crate) fn condition(&self, now: UtcTime) -> Condition {
        match self {
            Self::Relation(requirement) => relation_condition(requirement, now),
            Self::Exists(_) => Condition::new("attribute_exists(pk)"),
        }
    }
}

/// The read: judges each check by the item that was found for it.
pub(crate) fn judge(checks: &[Check], found: &ItemsByKey, now: UtcTime) -> Result<(), StoreError> {
    checks.iter().try_for_each(|check| check.judge(found.get(&check.key()), now))
}

pub(crate) fn relation_key(relation: &Relation) -> RawKey {
    match relation {
        Relation::Member { company, user } => keys::member(company, user).raw,
        Relation::Connection { company, firm } => keys::connection(company, firm).raw,
        Relation::Staff { firm, user } => keys::staff(firm, user).raw,
        Relation::Assignment { company, firm, user } => keys::assignment(company, firm, user).raw,
        Relation::PortalSettings { company } => keys::portal_settings(company).raw,
        Relation::Customer { company, customer } => keys::customer(company, customer).raw,
        Relation::Contact { company, customer, user } => keys::contact_seat(company, customer, user).raw,
    }
}

/// The grant state of a relationship's item, of any kind.
///
/// Anything missing or malformed reads as granting nothing.
pub(crate) fn grant_state(item: &Item) -> GrantState {
    let text = |name: &str| item.get(name).and_then(|v| v.as_s().ok()).map(String::as_str);
    let grants: Grants = item
        .get("grants")
        .and_then(|v| v.as_ss().ok())
        .map(|texts| texts.iter().filter_map(|t| t.parse().ok()).collect())
        .unwrap_or_default();
    let is_owner = text("entity") == Some("member") && text("role") == Some(MemberRole::Owner.as_str());
    let grants = if is_owner { MemberRole::Owner.held_for_good(&grants) } else { grants };
    let lent: TemporaryGrants = item
        .get("lent")
        .and_then(|v| v.as_m().ok())
        .into_iter()
        .flatten()
        .filter_map(|(permission, until)| Some((permission.parse().ok()?, until.as_s().ok()?.parse().ok()?)))
        .collect();
    let (expires_at, readable) = match text("expires_at").map(str::parse::<UtcTime>) {
        None => (None, true),
        Some(Ok(at)) => (Some(at), true),
        Some(Err(_)) => (None, false),
    };
    let (inviting_firm, known) = match text("inviting_firm").map(str::parse::<FirmId>) {
        None => (None, true),
        Some(Ok(firm)) => (Some(firm), true),
        Some(Err(_)) => (None, false),
    };
    // A customer is dealt with from the time it was added.
    let since = if text("entity") == Some("customer") { text("created_at") } else { text("since") };
    let since = since.and_then(|since| since.parse::<UtcTime>().ok());
    GrantState {
        active: text("status") == Some("active") && readable && known && since.is_some(),
        grants,
        lent,
        admin: text("entity") == Some("staff") && text("role") == Some(StaffRole::Admin.as_str()),
        inviting_firm,
        since: since.unwrap_or(UtcTime::EPOCH),
        expires_at,
    }
}

/// [`RelationRequirement::check`] as DynamoDB evaluates it:
/// - `#status = :active`: an item that is not there has no status, so absence fails too;
/// - `attribute_not_exists(expires_at) OR expires_at > :now`: times sort as text;
/// - `#role = :admin` where the seat needs it;
/// - for a member, the firm that invited them, or that none did;
/// - `since <= :begun` where it must be of a known stay;
/// - `contains(grants, :p…) OR lent.#l… > :now` for each permission; an absent set contains nothing, and a
///   permission without a temporary grant compares with nothing. Of a member's place, permissions for companies stand
///   together behind `#role = :owner OR`;
/// - where it must last, the same with that time in the place of now; for good, temporary grants and items that end
///   do not count at all.
fn relation_condition(requirement: &RelationRequirement, now: UtcTime) -> Condition {
    let mut clauses = vec!["#status = :active".to_owned()];
    let mut names = HashMap::from([("#status".to_owned(), "status".to_owned())]);
    let mut values = HashMap::from([(":active".to_owned(), AttributeValue::S("active".to_owned()))]);
    let lends = match requirement.validity {
        Some(Validity::ForGood) => {
            clauses.push("attribute_not_exists(expires_at)".to_owned());
            false
        }
        validity => {
            clauses.push("(attribute_not_exists(expires_at) OR expires_at > :now)".to_owned());
            // An end that has passed asks for nothing more than now does.
            let until = validity.and_then(|validity| match validity {
                Validity::Until(until) if until > now => Some(until),
                Validity::Until(_) | Validity::ForGood => None,
            });
            if let Some(until) = until {
                clauses.push("(attribute_not_exists(expires_at) OR expires_at >= :until)".to_owned());
                values.insert(":until".to_owned(), AttributeValue::S(until.to_string()));
            }
            values.insert(":now".to_owned(), AttributeValue::S(now.to_string()));
            true
        }
    };
    let lent_until = if values.contains_key(":until") { ">= :until" } else { "> :now" };
    if requirement.admin {
        clauses.push("#role = :admin".to_owned());
        names.insert("#role".to_owned(), "role".to_owned());
        values.insert(":admin".to_owned(), AttributeValue::S(StaffRole::Admin.as_str().to_owned()));
    }
    match (&requirement.relation, &requirement.inviting_firm) {
        (Relation::Member { .. }, None) => clauses.push("attribute_not_exists(inviting_firm)".to_owned()),
        (_, Some(firm)) => {
            clauses.push("inviting_firm = :firm".to_owned());
            values.insert(":firm".to_owned(), AttributeValue::S(firm.to_string()));
        }
        (
            Relation::Connection { .. }
            | Relation::Staff { .. }
            | Relation::Assignment { .. }
            | Relation::PortalSettings { .. }
            | Relation::Customer { .. }
            | Relation::Contact { .. },
            None,
        ) => {}
    }
    if let Some(begun_by) = requirement.begun_by {
        clauses.push("#since <= :begun".to_owned());
        let is_customer = matches!(requirement.relation, Relation::Customer { .. });
        names.insert("#since".to_owned(), if is_customer { "created_at" } else { "since" }.to_owned());
        values.insert(":begun".to_owned(), AttributeValue::S(begun_by.to_string()));
    }
    let is_member = matches!(requirement.relation, Relation::Member { .. });
    let mut held_by_owners = Vec::new();
    for (n, permission) in requirement.permissions().enumerate() {
        let clause = if lends {
            names.insert(format!("#l{n}"), permission.as_str().to_owned());
            format!("(contains(grants, :p{n}) OR lent.#l{n} {lent_until})")
        } else {
            format!("contains(grants, :p{n})")
        };
        values.insert(format!(":p{n}"), AttributeValue::S(permission.as_str().to_owned()));
        if is_member && permission.is_for_companies() { &mut held_by_owners } else { &mut clauses }.push(clause);
    }
    if !held_by_owners.is_empty() {
        // One alternative for all of them: an expression takes 300 operators.
        // AND binds closer than OR, and DynamoDB refuses parentheses that change nothing.
        clauses.push(format!("(#role = :owner OR {})", held_by_owners.join(" AND ")));
        names.insert("#role".to_owned(), "role".to_owned());
        values.insert(":owner".to_owned(), AttributeValue::S(MemberRole::Owner.as_str().to_owned()));
    }
    Condition { expression: clauses.join(" AND "), names, values }
}

/// Judges again, from the item a cancelled transaction gave back, why a condition failed.
pub(crate) fn denial(check: &Check, item: Option<&Item>, now: UtcTime) -> StoreError {
    match check.judge(item, now) {
        Err(error) => error,
        // The condition failed and the item now looks right: it changed in between.
        Ok(()) => StoreError::Denied(Denied::NoRelation),
    }
}

#[cfg(test)]
mod tests;
