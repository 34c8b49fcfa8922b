//! `/v1/access-report`: who could reach a company at some instant, against a history that really
//! happened.

use std::time::Duration;

use serde_json::Value;
use tests::cast::{self, Context, list, text};
use tests::chaos::{Fault, Rule};
use tests::people::Person;
use tests::runtime_api::HttpEvent;
use tests::{Kit, kit, run};

use crate::faults::rig::{Rig, by, refused};
use crate::support::refused_input;

/// Entries of a report as `user via permissions`, sorted.
fn told(report: &Value) -> Vec<String> {
    let mut told: Vec<String> = list(report, "access")
        .iter()
        .map(|reach| {
            let permissions: Vec<&str> = list(reach, "permissions").iter().filter_map(Value::as_str).collect();
            format!("{} {} {}", text(reach, "/user"), text(reach, "/via"), permissions.join(","))
        })
        .collect();
    told.sort();
    told
}

async fn report(kit: &Kit, by: &Person, here: &Context, query: &str) -> Value {
    kit.api.get(&format!("/v1/access-report{query}")).by(by).within(here).ok(200).await
}

/// An instant between what was done before and what will be done next.
async fn instant(kit: &Kit, org: &str) -> String {
    // The clock that counts is the functions': the last event is in the past, and the next one is not yet.
    let events = kit.table.events(org).await;
    let last = events.last().and_then(|item| tests::table::text(item, "at")).expect("an event").to_owned();
    let last: jiff::Timestamp = last.parse().expect("a time");
    loop {
        let now = jiff::Timestamp::now();
        if now.as_millisecond() > last.as_millisecond() {
            return now.to_string();
        }
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_report_tells_a_scripted_history_as_it_was_at_each_instant() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Olga Owner", "Reported Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Reporting Firm"),
        );
        let company = owner.company.id.as_str();
        let all = owner.here.permissions.join(",");
        let line = |who: &Person, via: &str, permissions: &str| format!("{} {via} {permissions}", who.user);
        let mut expected: Vec<(String, Vec<String>)> = Vec::new();
        let mut note = async |mut lines: Vec<String>| {
            lines.sort();
            expected.push((instant(kit, company).await, lines));
        };
        let olga = line(&owner.person, "member", &all);
        note(vec![olga.clone()]).await;
        let member = cast::member(kit, &owner, "Mara Member", "custom", Some(&["bank.view"])).await;
        let mara = line(&member.person, "member", "bank.view");
        note(vec![olga.clone(), mara.clone()]).await;
        cast::connect(kit, &owner, &admin, Some(&["invoices.view", "audit.view"])).await;
        let ada = line(&admin.person, "firm_admin", "invoices.view,audit.view");
        note(vec![olga.clone(), mara.clone(), ada.clone()]).await;
        let bookkeeper = cast::staff(kit, &admin, "Ben Bookkeeper", "bookkeeper").await;
        cast::assign(kit, &admin, company, &bookkeeper.user, Some(&["invoices.view"])).await;
        let ben = line(&bookkeeper, "bookkeeper", "invoices.view");
        note(vec![olga.clone(), mara, ada.clone(), ben.clone()]).await;
        let path = format!("/v1/members/{}", member.person.user);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        note(vec![olga.clone(), ada.clone(), ben.clone()]).await;
        let path = format!("/v1/staff/{}", bookkeeper.user);
        kit.api.delete(&path).by(&admin.person).within(&admin.here).send().await;
        let fired = instant(kit, &admin.firm.id).await;
        note(vec![olga.clone(), ada.clone()]).await;
        let path = format!("/v1/connections/{}", admin.firm.id);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        note(vec![olga.clone()]).await;

        for (at, lines) in &expected {
            let report = report(kit, &owner.person, &owner.here, &format!("?at={at}")).await;
            assert_eq!(told(&report), *lines, "at {at}");
        }
        let now = report(kit, &owner.person, &owner.here, "").await;
        assert_eq!(told(&now), [olga]);

        // One person's share of it, from the company's side and from the firm's.
        let with_ben = &expected[3].0;
        let query = format!("?at={with_ben}&user={}", bookkeeper.user);
        let from_company = report(kit, &owner.person, &owner.here, &query).await;
        assert_eq!(told(&from_company), [ben]);
        let from_firm = report(kit, &admin.person, &admin.here, &query).await;
        assert_eq!(told(&from_firm), told(&from_company));
        let reach = &list(&from_firm, "access")[0];
        assert_eq!((text(reach, "/company"), text(reach, "/firm")), (company.to_owned(), admin.firm.id.clone()));
        assert_eq!(text(reach, "/company_name"), "Reported Ltd");
        assert_eq!(list(reach, "rests_on").len(), 3, "connection, place and assignment: {reach}");
        let later = format!("?at={fired}&user={}", bookkeeper.user);
        assert!(told(&report(kit, &admin.person, &admin.here, &later).await).is_empty());
        // What a member is to a company is not the firm's to know.
        let query = format!("?at={with_ben}&user={}", member.person.user);
        assert!(told(&report(kit, &admin.person, &admin.here, &query).await).is_empty());
    });
}

#[test]
fn a_report_needs_both_permissions_and_shows_no_other_company() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Guarded Ltd").await;
        let auditor = cast::member(kit, &owner, "Aud Itor", "custom", Some(&["audit.view"])).await;
        let answer = kit.api.get("/v1/access-report").by(&auditor.person).within(&auditor.here).send().await;
        let refused = answer.refused(403, "not-granted");
        assert_eq!(text(&refused, "/permission"), "team.view");
        let other = cast::owner(kit, "Otto Other", "Other Ltd").await;
        let shown = report(kit, &other.person, &other.here, &format!("?user={}", owner.person.user)).await;
        assert!(told(&shown).is_empty(), "{shown}");
    });
}

#[test]
fn a_report_of_the_future_or_of_nobody_is_refused() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let (owner, admin) = (&world.owner, &world.admin);
        for (query, field) in [("?at=2999-01-01T00:00:00Z", "at"), ("?at=once", "at"), ("?user=no%20one", "user")] {
            let path = format!("/v1/access-report{query}");
            refused_input(&kit.api.get(&path).by(&owner.person).within(&owner.here).send().await, field);
        }
        let answer = kit.api.get("/v1/access-report").by(&admin.person).within(&admin.here).send().await;
        refused_input(&answer, "user");
    });
}

/// All the histories of a report share what may be read for it: here the company's takes all the time, and none is
/// left for the firm's.
#[test]
fn a_report_that_would_read_for_too_long_says_so_in_time() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Olga Owner", "Eventful Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Eventful Firm"),
        );
        cast::connect(kit, &owner, &admin, Some(&["invoices.view"])).await;
        let audit = Rig::of(kit, "audit").await.with_time(Duration::from_secs(29));
        let function = audit.start().await;
        let event = by(HttpEvent::get("/v1/access-report"), &owner.person, &owner.here);
        let slow = audit.table.place(Rule::on("Query", Fault::Delay(Duration::from_secs(21))).times(1));
        let answer = function.request(&event).await.expect("the function answers");
        let problem = refused(&answer, 422, "invalid-field");
        assert_eq!(text(&problem, "/errors/0/field"), "at", "{problem}");
        assert_eq!((slow.hits(), audit.table.count("Query")), (1, 1));
        let answer = function.request(&event).await.expect("the function answers");
        assert_eq!((answer.status, audit.table.count("Query")), (200, 3), "{}", answer.text());
    });
}
