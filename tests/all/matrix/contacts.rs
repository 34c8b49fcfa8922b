//! Contacts: what their seat reaches, in each of its states. The routes of a company's own people are none of it, and the
//! routes of contacts are nobody else's.

use api::Audience;
use serde_json::json;
use tests::cast::{self, Owner};
use tests::{kit, run};

use super::{Actor, Here, Row, ask, rows};
use crate::support::all_of;

/// What ends the access of the one who asks.
const ENDS_ACCESS: [&str; 1] = ["leave_customer_portal"];

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

async fn refused(row: &'static Row, actor: Actor) -> Result<(), String> {
    let answer = ask(kit(), row, &actor).await;
    match (answer.status, answer.slug().as_deref()) {
        (403, Some("not-granted")) => Ok(()),
        _ => Err(format!("{} by {}: {} {}", answer.line, actor.role, answer.status, answer.text())),
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
        let mut checks = Vec::new();
        for row in where_contacts_may(true).filter(|row| row.here == Here::Customer) {
            if ENDS_ACCESS.contains(&row.route.operation.as_str()) {
                continue;
            }
            let contact = actor("a contact", &contact);
            checks.push(async move {
                let answer = ask(kit(), row, &contact).await;
                let expected = row.request.let_through;
                let said = || format!("{}: {} {}, expected {expected}", answer.line, answer.status, answer.text());
                if answer.status == expected { Ok(()) } else { Err(said()) }
            });
        }
        assert!(!checks.is_empty());
        all_of(checks).await;
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
    let archive = json!({ "status": "archived" });
    kit.api.patch("/v1/customers/CUS-1").by(&other.person).within(&other.here).json(archive).ok(200).await;
    vec![
        actor("a contact whose access was switched off", &removed),
        actor("a contact who left", &left),
        actor("a contact of an archived customer", &archived),
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
