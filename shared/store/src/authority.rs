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
mod tests {
    use domain::{ActingAs, Permission, UserId};

    use super::*;

    const NOW_MS: i64 = 1_800_000_000_000;

    fn at(ms: i64) -> UtcTime {
        UtcTime::from_unix_ms(NOW_MS + ms)
    }

    /// What DynamoDB makes of the expressions written here: clauses joined by AND, alternatives by OR.
    fn evaluates(condition: &Condition, item: &Item) -> bool {
        let of = |path: &str| {
            let path = path.trim();
            if let Some(value) = condition.values.get(path) {
                return value.as_s().ok().cloned();
            }
            let named = |name: &str| condition.names.get(name).cloned().unwrap_or_else(|| name.to_owned());
            let found = match path.split_once('.') {
                Some((map, member)) => item.get(map).and_then(|m| m.as_m().ok()?.get(&named(member)).cloned()),
                None => item.get(&named(path)).cloned(),
            };
            found.and_then(|value| value.as_s().ok().cloned())
        };
        // A comparison with what is not there is false.
        let compare = |clause: &str, sign: &str, holds: fn(&String, &String) -> bool| {
            let (left, right) = clause.split_once(sign).unwrap();
            of(left).zip(of(right)).is_some_and(|(left, right)| holds(&left, &right))
        };
        let simple = |clause: &str| match clause {
            "attribute_not_exists(expires_at)" => !item.contains_key("expires_at"),
            "attribute_not_exists(inviting_firm)" => !item.contains_key("inviting_firm"),
            contains if contains.starts_with("contains(grants, ") => {
                let wanted = of(&contains["contains(grants, ".len()..contains.len() - 1]).unwrap();
                item.get("grants").and_then(|grants| grants.as_ss().ok()).is_some_and(|set| set.contains(&wanted))
            }
            clause if clause.contains(" <= ") => compare(clause, " <= ", |a, b| a <= b),
            clause if clause.contains(" >= ") => compare(clause, " >= ", |a, b| a >= b),
            clause if clause.contains(" > ") => compare(clause, " > ", |a, b| a > b),
            clause => compare(clause, " = ", |a, b| a == b),
        };
        let all = |clauses: &str| {
            clauses.split(" AND ").all(|clause| {
                let clause = clause.strip_prefix('(').and_then(|c| c.strip_suffix(')')).unwrap_or(clause);
                clause.split(" OR ").any(simple)
            })
        };
        // What owners hold anyway comes last.
        match condition.expression.split_once(" AND (#role = :owner OR ") {
            Some((first, held)) => all(first) && (simple("#role = :owner") || all(held.strip_suffix(')').unwrap())),
            None => all(&condition.expression),
        }
    }

    fn item(active: bool, admin: bool, grants: &[Permission], lent: &[(Permission, i64)], ends: Option<i64>) -> Item {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut item = Item::from([
            ("entity".to_owned(), text("staff")),
            ("status".to_owned(), text(if active { "active" } else { "ended" })),
            ("role".to_owned(), text(if admin { "admin" } else { "bookkeeper" })),
            ("since".to_owned(), text(&at(-10).to_string())),
        ]);
        if !grants.is_empty() {
            let texts = grants.iter().map(|p| p.as_str().to_owned()).collect();
            item.insert("grants".to_owned(), AttributeValue::Ss(texts));
        }
        if !lent.is_empty() {
            let ends = lent.iter().map(|(p, ms)| (p.as_str().to_owned(), text(&at(*ms).to_string())));
            item.insert("lent".to_owned(), AttributeValue::M(ends.collect()));
        }
        if let Some(ms) = ends {
            item.insert("expires_at".to_owned(), text(&at(ms).to_string()));
        }
        item
    }

    /// A contact's seat rests on three items of different kinds: what the read says of each, the write says too.
    /// Proves: C1
    #[test]
    fn a_contacts_seat_is_judged_alike_by_reads_and_by_writes() {
        use Permission::{BankView, VatView};
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let acting_as = ActingAs::Contact {
            company: "co_00000000000000000000000000000001".parse().unwrap(),
            customer: "C-1".parse().unwrap(),
        };
        let access = AccessRequirement::new("u".parse().unwrap(), acting_as, BankView).held_since(at(0));
        let requirements = access.requirements();
        assert_eq!(requirements.len(), 3);
        let mut held = 0;
        for (entity, requirement) in ["customer_portal", "customer", "contact_seat"].iter().zip(&requirements) {
            for status in ["active", "archived", "ended"] {
                for since in [-1, 0, 1] {
                    for grants in [&[BankView][..], &[VatView], &[]] {
                        let mut found = item(true, false, grants, &[], None);
                        found.extend([("entity".to_owned(), text(entity)), ("status".to_owned(), text(status))]);
                        found.remove("since");
                        let begun = if *entity == "customer" { "created_at" } else { "since" };
                        found.insert(begun.to_owned(), text(&at(since).to_string()));
                        let judged = requirement.check(Some(&grant_state(&found)), at(0)).is_ok();
                        let granted = *entity == "customer" || grants.contains(&BankView);
                        assert_eq!(judged, status == "active" && since <= 0 && granted, "{entity}: {found:?}");
                        assert_eq!(evaluates(&relation_condition(requirement, at(0)), &found), judged, "{found:?}");
                        held += usize::from(judged);
                    }
                }
            }
            assert!(requirement.check(None, at(0)).is_err(), "{entity}");
        }
        assert_eq!(held, 2 + 6 + 2, "some held, so something was compared");
    }

    /// Whose member it is, and of which stay, is judged alike too.
    /// Proves: S2, S17
    #[test]
    fn a_writes_condition_tells_stays_and_inviting_firms_apart_as_a_read_does() {
        let user: UserId = "u".parse().unwrap();
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let firm = |n: u8| format!("fm_{n:032x}").parse::<FirmId>().unwrap();
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let firms = [None, Some(firm(1)), Some(firm(2))];
        let mut held = 0;
        for since in [-1, 0, 1] {
            for invited_by in &firms {
                let mut found = item(true, false, &[], &[], None);
                found.insert("since".to_owned(), text(&at(since).to_string()));
                if let Some(firm) = invited_by {
                    found.insert("inviting_firm".to_owned(), text(firm.as_str()));
                }
                for begun_by in [None, Some(at(0))] {
                    for firm in &firms {
                        let acting_as = ActingAs::member(company.clone(), firm.clone());
                        let access = AccessRequirement::to_enter(user.clone(), acting_as);
                        let mut requirement = access.requirements().pop().unwrap();
                        requirement.begun_by = begun_by;
                        let condition = relation_condition(&requirement, at(0));
                        let judged = requirement.check(Some(&grant_state(&found)), at(0)).is_ok();
                        assert_eq!(judged, firm == invited_by && begun_by.is_none_or(|by| at(since) <= by));
                        assert_eq!(evaluates(&condition, &found), judged, "{requirement:?}: {found:?}");
                        held += usize::from(judged);
                    }
                }
            }
        }
        assert!(held > 5, "only {held} held: nothing was compared");
    }

    /// A place that was given before a permission existed lacks it in its set.
    /// Proves: 4
    #[test]
    fn an_owner_holds_what_came_after_their_place_was_given_in_reads_and_in_writes() {
        use Permission::{BankView, PaymentsManage, StaffManage};
        let user: UserId = "u".parse().unwrap();
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let place = |role: &str, entity: &str, end: Option<i64>| {
            let mut found = item(true, false, &[BankView], &[], end);
            found.extend([("entity".to_owned(), text(entity)), ("role".to_owned(), text(role))]);
            found
        };
        for (role, end, permissions, validity, holds) in [
            ("owner", None, &[PaymentsManage][..], None, true),
            ("owner", None, &[BankView, PaymentsManage], Some(Validity::ForGood), true),
            ("owner", Some(5), &[PaymentsManage], None, true),
            ("owner", Some(5), &[PaymentsManage], Some(Validity::ForGood), false),
            ("owner", Some(0), &[PaymentsManage], None, false),
            ("owner", None, &[PaymentsManage, StaffManage], None, false),
            ("admin", None, &[PaymentsManage], None, false),
            ("admin", None, &[BankView], None, true),
            ("custom", None, &[PaymentsManage], None, false),
        ] {
            let acting_as = ActingAs::member(company.clone(), None);
            let access = AccessRequirement::to_all(user.clone(), acting_as, permissions);
            let mut requirement = access.requirements().pop().unwrap();
            requirement.validity = validity;
            let found = place(role, "member", end);
            let judged = requirement.check(Some(&grant_state(&found)), at(0)).is_ok();
            assert_eq!(judged, holds, "{role} {permissions:?}");
            assert_eq!(evaluates(&relation_condition(&requirement, at(0)), &found), holds, "{role} {permissions:?}");
        }
        // Elsewhere the word means nothing.
        assert!(!grant_state(&place("owner", "staff", None)).grants.contains(PaymentsManage));
    }

    /// IAM lets few functions write `grants`, `lent` and `role` (`KeepRelations` in the template). So what the others
    /// can put over a relation must not be enough for a permission, nor for a firm's admin.
    /// Proves: S13
    #[test]
    fn an_item_without_the_attributes_under_guard_grants_nothing() {
        use Permission::BankView;
        let relation = Relation::Member {
            company: "co_00000000000000000000000000000001".parse().unwrap(),
            user: "u".parse().unwrap(),
        };
        let (inviting_firm, begun_by, validity) = (None, None, None);
        for (grants, given, must_admin) in
            [(vec![BankView], vec![], false), (vec![], vec![BankView], false), (vec![], vec![], true)]
        {
            let (relation, admin) = (relation.clone(), must_admin);
            let requirement = RelationRequirement {
                relation,
                grants,
                given,
                admin,
                inviting_firm: inviting_firm.clone(),
                begun_by,
                validity,
            };
            let holds = |item: &Item| {
                let judged = requirement.check(Some(&grant_state(item)), at(0)).is_ok();
                assert_eq!(evaluates(&relation_condition(&requirement, at(0)), item), judged);
                judged
            };
            for lent in [&[][..], &[(BankView, 5)]] {
                let mut whole = item(true, true, if lent.is_empty() { &[BankView] } else { &[] }, lent, None);
                assert!(holds(&whole), "{requirement:?}");
                for guarded in ["grants", "lent", "role"] {
                    whole.remove(guarded);
                }
                assert!(!holds(&whole), "{requirement:?}: {whole:?}");
            }
        }
    }

    /// Every combination of what an item can say, around every instant that matters.
    /// Proves: 4
    #[test]
    fn a_writes_condition_says_what_a_read_judges() {
        use Permission::{BankView, VatView};
        let user: UserId = "u".parse().unwrap();
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let relation = Relation::Member { company, user };
        let instants = [-1, 0, 1, 5, 6];
        let ends: Vec<Option<i64>> = std::iter::once(None).chain(instants.map(Some)).collect();
        let lastings: Vec<Option<Validity>> = [None, Some(Validity::ForGood)]
            .into_iter()
            .chain(instants.map(|ms| Some(Validity::Until(at(ms)))))
            .collect();
        let mut held = 0;
        for validity in &lastings {
            for (needed, given, must_admin) in [
                (vec![], vec![], false),
                (vec![], vec![], true),
                (vec![VatView], vec![], false),
                (vec![], vec![VatView], false),
                (vec![VatView], vec![BankView], true),
                (vec![VatView, BankView], vec![], true),
            ] {
                let (relation, validity) = (relation.clone(), *validity);
                let (inviting_firm, begun_by) = (None, None);
                let (grants, admin) = (needed, must_admin);
                let requirement =
                    RelationRequirement { relation, grants, given, admin, inviting_firm, begun_by, validity };
                let condition = relation_condition(&requirement, at(0));
                for (active, admin) in [(true, true), (true, false), (false, true)] {
                    for grants in [&[][..], &[BankView], &[BankView, VatView]] {
                        for lent in &ends {
                            let lent: Vec<_> = lent.iter().map(|ms| (VatView, *ms)).collect();
                            for end in &ends {
                                let item = item(active, admin, grants, &lent, *end);
                                let judged = requirement.check(Some(&grant_state(&item)), at(0)).is_ok();
                                assert_eq!(evaluates(&condition, &item), judged, "{requirement:?}: {item:?}");
                                held += usize::from(judged);
                            }
                        }
                    }
                }
                let absent = requirement.check(None, at(0)).is_ok();
                assert_eq!(evaluates(&condition, &Item::new()), absent);
            }
        }
        assert!(held > 100, "only {held} held: nothing was compared");
    }
}
