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
/// Proves: N1
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
    let lastings: Vec<Option<Validity>> =
        [None, Some(Validity::ForGood)].into_iter().chain(instants.map(|ms| Some(Validity::Until(at(ms))))).collect();
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
            let requirement = RelationRequirement { relation, grants, given, admin, inviting_firm, begun_by, validity };
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
