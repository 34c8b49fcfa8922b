//! Contacts: what their seat reaches, in each of its states. The routes of a company's own people are none of it, and the
//! routes of contacts are nobody else's.

use std::collections::BTreeSet;

use api::Audience;
use serde_json::json;
use tests::cast::{self, Owner};
use tests::{kit, people, run};

use super::{Actor, CONTACT, Here, Row, ask, rows};
use crate::support::all_of;

/// What ends the access of the one who asks.
const ENDS_ACCESS: [&str; 1] = ["leave_customer_portal"];

/// What contacts can no longer do when the company takes a right from them, spelled from the specification.
const OF_RIGHTS: [(&str, &[&str]); 6] = [
    ("comment", &["comment_on_customer_invoice", "comment_on_customer_estimate", "comment_on_customer_credit_note"]),
    ("accept", &["decide_customer_estimate"]),
    (
        "pay",
        &[
            "pay_invoice_as_customer",
            "list_payments_as_customer",
            "get_payment_as_customer",
            "cancel_payment_as_customer",
        ],
    ),
    ("forward", &["forward_customer_invoice", "forward_customer_estimate", "forward_customer_credit_note"]),
    ("edit_details", &["change_own_details"]),
    ("see_statements", &["get_customer_statement"]),
];

fn actor(role: &'static str, contact: &cast::Contact) -> Actor {
    Actor { role, person: contact.person.clone(), here: contact.here.clone() }
}

/// The rows of routes that exist in a contact's context, or that do not.
fn where_contacts_may(be: bool) -> impl Iterator<Item = &'static Row> {
    rows().iter().filter(move |row| {
        let Audience::Context { customer, .. } = row.route.audience else { return false };
        customer.is_some() == be
    })
}

async fn seller(company: &str) -> Owner {
    let owner = cast::owner(kit(), "Olga Owner", company).await;
    cast::customer(kit(), &owner, "CUS-1", "Hotel Mar").await;
    owner
}

/// The rows of what a contact does in a portal, without what would end their access.
fn of_portals() -> impl Iterator<Item = &'static Row> {
    let ends_access = |row: &Row| ENDS_ACCESS.contains(&row.route.operation.as_str());
    where_contacts_may(true).filter(move |row| row.here == Here::Customer && !ends_access(row))
}

async fn refused(row: &'static Row, actor: Actor) -> Result<(), String> {
    let answer = ask(kit(), row, &actor).await;
    match (answer.status, answer.slug().as_deref()) {
        (403, Some("not-granted")) => Ok(()),
        _ => Err(format!("{} by {}: {} {}", answer.line, actor.role, answer.status, answer.text())),
    }
}

/// A contact is let through, or refused for want of the permission.
async fn answered(row: &'static Row, actor: Actor, missing: Option<&'static str>) -> Result<(), String> {
    let answer = ask(kit(), row, &actor).await;
    let said = || format!("{} by {}: {} {}", answer.line, actor.role, answer.status, answer.text());
    match missing {
        None if answer.status == row.request.let_through => Ok(()),
        None => Err(format!("{}, expected {}", said(), row.request.let_through)),
        Some(missing) if answer.status == 403 && answer.json().get("permission") == Some(&json!(missing)) => Ok(()),
        Some(missing) => Err(format!("{}, expected 403 that names {missing}", said())),
    }
}

/// Somebody who owns another company stands in one place at a time.
/// Proves: 1, 23, N1
#[test]
fn a_contacts_context_reaches_no_route_of_companies_and_firms() {
    run(async {
        let owner = seller("Sealed Ltd").await;
        let contact = cast::contact(kit(), &owner, "CUS-1", "Clara Contact").await;
        let other = cast::owner(kit(), "Oscar Other", "Other Ltd").await;
        let own = cast::contact_as(kit(), &owner, "CUS-1", &other.person).await;
        let mut checks = Vec::new();
        for row in where_contacts_may(false) {
            for actor in [actor("a contact", &contact), actor("an owner as a contact", &own)] {
                checks.push(refused(row, actor));
            }
        }
        assert!(checks.len() > 200, "the matrix has only {} cells for contacts", checks.len());
        all_of(checks).await;
    });
}

/// Proves: 1, 23, N1
#[test]
fn a_contacts_routes_answer_contacts_and_nobody_else() {
    run(async {
        let owner = seller("Portal Ltd").await;
        let contact = cast::contact(kit(), &owner, "CUS-1", "Clara Contact").await;
        let firm = cast::firm_admin(kit(), "Ada Admin", "Portal Firm").await;
        let others = [
            Actor { role: "the owner", person: owner.person.clone(), here: owner.here.clone() },
            Actor { role: "the admin of a firm", person: firm.person.clone(), here: firm.here.clone() },
        ];
        let mut checks = Vec::new();
        for row in where_contacts_may(true).filter(|row| row.here == Here::Customer) {
            let Audience::Context { company, .. } = row.route.audience else { continue };
            for other in others.iter().filter(|_| company.is_none()).cloned() {
                checks.push(refused(row, other));
            }
        }
        all_of(checks).await;
        let contact = actor("a contact", &contact);
        let checks: Vec<_> = of_portals().map(|row| answered(row, contact.clone(), None)).collect();
        assert!(!checks.is_empty());
        all_of(checks).await;
    });
}

/// To view is not to comment, to comment is not to decide, and to decide is not to pay.
/// Proves: 1, 5, N1
#[test]
fn a_contact_without_a_permission_is_refused_by_every_route_that_needs_it_and_by_no_other() {
    run(async {
        let owner = seller("Narrow Portal Ltd").await;
        let mut checks = Vec::new();
        let mut named = BTreeSet::new();
        // One after the other: each counts in the customer.
        for without in CONTACT {
            let person = people::sign_up(kit(), "Nora Narrow").await;
            let held: BTreeSet<&str> = CONTACT.into_iter().filter(|permission| *permission != without).collect();
            let contact = cast::contact_with(kit(), &owner, "CUS-1", &person, json!({ "permissions": held })).await;
            let contact = Actor { role: without, ..actor("", &contact) };
            for row in of_portals() {
                let missing = row.missing(&held);
                named.extend(missing);
                checks.push(answered(row, contact.clone(), missing));
            }
        }
        assert_eq!(named, BTreeSet::from(CONTACT), "a permission that no route needs");
        all_of(checks).await;
    });
}

/// Proves: 5, 9, N1
#[test]
fn a_right_that_the_company_takes_closes_its_operations_and_no_others() {
    run(async {
        let owner = seller("Choosing Ltd").await;
        let contact = actor("a contact", &cast::contact(kit(), &owner, "CUS-1", "Clara Contact").await);
        for (taken, closed) in OF_RIGHTS {
            let rights: Vec<&str> =
                OF_RIGHTS.into_iter().map(|(right, _)| right).filter(|right| *right != taken).collect();
            let choose = kit().api.put("/v1/customer-portal-settings").by(&owner.person).within(&owner.here);
            choose.json(json!({ "rights": rights })).ok(200).await;
            let rows: Vec<&Row> = of_portals().collect();
            let known = |operation: &&str| rows.iter().any(|row| row.route.operation == **operation);
            assert!(closed.iter().all(known), "{taken} closes what is not there");
            let checks = rows.into_iter().map(|row| {
                let contact = Actor { role: taken, ..contact.clone() };
                async move {
                    if closed.contains(&row.route.operation.as_str()) {
                        refused(row, contact).await
                    } else {
                        answered(row, contact, None).await
                    }
                }
            });
            all_of(checks.collect()).await;
        }
    });
}

/// The ways in which a contact's access can have ended, each with a token that is still good.
async fn ended() -> Vec<Actor> {
    let kit = kit();
    let (owner, other) = tokio::join!(seller("Enders Ltd"), seller("Other Enders Ltd"));
    // One after the other: each counts in its customer.
    let removed = cast::contact(kit, &owner, "CUS-1", "Rita Removed").await;
    let left = cast::contact(kit, &owner, "CUS-1", "Lea Left").await;
    let archived = cast::contact(kit, &other, "CUS-1", "Arno Archived").await;
    let off = cast::portal_access("CUS-1", &removed.id);
    let gone = kit.api.delete(&off).by(&owner.person).within(&owner.here).send().await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    let gone = kit.api.delete("/v1/customer-portal/access").by(&left.person).within(&left.here).send().await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    // They are let in again and hold a token of the stay before.
    let earlier = cast::contact(kit, &owner, "CUS-1", "Ella Earlier").await;
    let off = cast::portal_access("CUS-1", &earlier.id);
    let gone = kit.api.delete(&off).by(&owner.person).within(&owner.here).send().await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    cast::admit(kit, &owner, ("CUS-1", &earlier.id), &earlier.person, json!({})).await;
    let archive = json!({ "status": "archived" });
    kit.api.patch("/v1/customers/CUS-1").by(&other.person).within(&other.here).json(archive).ok(200).await;
    vec![
        actor("a contact whose access was switched off", &removed),
        actor("a contact who left", &left),
        actor("a contact of an archived customer", &archived),
        actor("a contact with a token of an earlier stay", &earlier),
    ]
}

/// Proves: 4, 9, N1
#[test]
fn a_contact_whose_access_ended_reaches_nothing_with_the_next_request() {
    run(async {
        let mut checks = Vec::new();
        for actor in ended().await {
            checks.extend(rows().iter().map(|row| refused(row, actor.clone())));
        }
        all_of(checks).await;
    });
}

/// Proves: 4, N1, N2
#[test]
fn a_contact_who_was_only_invited_reaches_nothing() {
    run(async {
        let kit = kit();
        let owner = seller("Waiting Ltd").await;
        let contact = cast::contact(kit, &owner, "CUS-1", "Clara Contact").await;
        let person = people::sign_up(kit, "Ida Invited").await;
        let id = cast::add_contact(kit, &owner, "CUS-1", &person.name, &person.email).await;
        let by = (&owner.person, &owner.here);
        cast::let_in(kit, by, ("CUS-1", &id), &person.email, json!({})).await;
        let company = &owner.company.id;
        for path in [format!("/v1/contexts/{company}"), format!("/v1/contexts/{company}/customers/CUS-1")] {
            kit.api.post(&path).by(&person).json(json!({})).refused(404, "not-found").await;
        }
        // There is no token of theirs; with somebody else's they are not that somebody.
        let invited = Actor { role: "an invited contact", person, here: contact.here };
        let checks = rows().iter().map(|row| {
            let invited = invited.clone();
            async move {
                let answer = ask(kit, row, &invited).await;
                match (answer.status, answer.slug().as_deref()) {
                    (401, Some("invalid-context")) => Ok(()),
                    _ => Err(format!("{} by {}: {} {}", answer.line, invited.role, answer.status, answer.text())),
                }
            }
        });
        all_of(checks.collect()).await;
    });
}
