//! What comes by itself or across companies: reminders, requests that repeat, and what is missing for a firm.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Context, list, text};
use tests::mailbox::Message;
use tests::people::Person;
use tests::{kit, run};
use tokio::sync::Mutex;

use super::{Kept, PATH, ask, count, day, firm_in, papers, show};
use crate::faults::rig::{Rig, eventually, invoke, response};

/// Held by a test that runs the schedule: a run does what is due for everybody.
static RUNNING: Mutex<()> = Mutex::const_new(());

fn schedule() -> Value {
    json!({ "schedule": "document_requests" })
}

fn reminds(mail: &Message) -> bool {
    mail.subject.starts_with("Reminder: documents") || mail.subject.starts_with("Overdue since")
}

/// Proves: F13, 28
#[test]
fn people_are_reminded_once_for_each_due_time_until_the_papers_are_there() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let (mia, gone) = tokio::join!(
            cast::member(kit, &owner, "Mia Member", "client", None),
            cast::member(kit, &owner, "Gus Gone", "client", None),
        );
        let id = ask(kit, &owner.person, &owner.here, papers(&[&mia, &gone], &day(10))).await;
        let kept = Kept::new(&kit.table, &owner.company.id, &id);
        let path = format!("/v1/members/{}", gone.person.user);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await.ok(200);
        let run_schedule = || async { kit.invoke("notify", &schedule()).await.ok() };
        run_schedule().await;
        let told = async || {
            let (reminded, overdue) = tokio::join!(
                count(kit, &owner, "document_request.reminded"),
                count(kit, &owner, "document_request.overdue")
            );
            (reminded, overdue)
        };
        assert_eq!(told().await, (0, 0), "ten days before");
        kept.pass(3).await;
        // As deployed: the schedule, the bus, the queue.
        let url = format!("{}/schedules/document_requests", kit.stack.control_url);
        let due = kit.http.post(url).send().await.expect("the emulator answers");
        assert_eq!(due.status().as_u16(), 202, "there is no such schedule");
        let letter = kit.mailbox.wait_for(&mia.person.email, "reminder", reminds).await;
        assert!(letter.text.contains("- Lease contract"), "{letter}");
        for _ in 0..2 {
            kept.due().await;
            run_schedule().await;
        }
        assert_eq!(told().await, (1, 1), "three runs");
        let inbox = kit.mailbox.inbox(&gone.person.email).await;
        assert!(!inbox.iter().any(reminds), "a person who was removed is reminded");
        // A week later, with one paper missing.
        for item in 1..=2 {
            kept.fulfil(item).await;
        }
        kept.pass(10).await;
        run_schedule().await;
        let short = |mail: &Message| reminds(mail) && !mail.text.contains("- Lease contract");
        kit.mailbox.wait_for(&mia.person.email, "second reminder", short).await;
        // And two weeks later, with none.
        kept.fulfil(3).await;
        kept.pass(24).await;
        run_schedule().await;
        assert_eq!(told().await, (2, 1));
        let inbox = kit.mailbox.inbox(&mia.person.email).await;
        assert_eq!(inbox.iter().filter(|mail| reminds(mail)).count(), 2);
    });
}

/// Proves: F13, 28
#[test]
fn people_are_reminded_before_the_due_day_and_nothing_is_overdue_yet() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let mia = cast::member(kit, &owner, "Mia Member", "client", None).await;
        let id = ask(kit, &owner.person, &owner.here, papers(&[&mia], &day(10))).await;
        let kept = Kept::new(&kit.table, &owner.company.id, &id);
        // It is due in two days: the reminder of three days before is past, that of the day after is not.
        kept.pass(-2).await;
        for _ in 0..2 {
            kit.invoke("notify", &schedule()).await.ok();
            kept.due().await;
        }
        let early = |mail: &Message| mail.subject.starts_with("Reminder: documents");
        let letter = kit.mailbox.wait_for(&mia.person.email, "reminder", early).await;
        assert!(letter.text.contains("- Lease contract"), "{letter}");
        let inbox = kit.mailbox.inbox(&mia.person.email).await;
        assert_eq!(inbox.iter().filter(|mail| reminds(mail)).count(), 1);
        assert_eq!(count(kit, &owner, "document_request.reminded").await, 1);
        assert_eq!(count(kit, &owner, "document_request.overdue").await, 0);
    });
}

/// Proves: F13
#[test]
fn a_request_of_each_quarter_makes_the_next_one_three_months_later_and_no_sooner() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let mia = cast::member(kit, &owner, "Mia Member", "client", None).await;
        let mut body = papers(&[&mia], &day(1));
        body["every"] = json!("quarter");
        let id = ask(kit, &owner.person, &owner.here, body).await;
        let kept = Kept::new(&kit.table, &owner.company.id, &id);
        let first_due = async |days_ago: i64| {
            let first = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days_ago);
            let first = first.strftime("%Y-%m-%d").to_string();
            let recurrence = [
                ("every", AttributeValue::S("quarter".to_owned())),
                ("first_due_on", AttributeValue::S(first.clone())),
                ("period", AttributeValue::N("0".to_owned())),
                ("lead_days", AttributeValue::N("1".to_owned())),
            ];
            let recurrence = recurrence.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            kept.set("DOCREQUEST", "recurrence", AttributeValue::M(recurrence)).await;
            for _ in 0..2 {
                kept.due().await;
                kit.invoke("notify", &schedule()).await.ok();
            }
            first
        };
        first_due(60).await;
        assert_eq!(count(kit, &owner, "document_request.made").await, 1, "two months are no quarter");
        let first = first_due(100).await;
        assert_eq!(count(kit, &owner, "document_request.made").await, 2);
        let page = kit.api.get(PATH).by(&owner.person).within(&owner.here).ok(200).await;
        let next = &list(&page, "document_requests")[0];
        assert_eq!((text(next, "/follows"), text(next, "/state")), (id, "open".to_owned()));
        let first: jiff::civil::Date = first.parse().expect("a day");
        let due: jiff::civil::Date = text(next, "/due_on").parse().expect("a day");
        assert_eq!(due, first.saturating_add(jiff::Span::new().months(3)));
    });
}

/// Proves: F13
#[test]
fn schedules_at_the_same_time_remind_once_and_make_the_next_request_once() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let mia = cast::member(kit, &owner, "Mia Member", "client", None).await;
        let mut body = papers(&[&mia], &day(1));
        body["every"] = json!("month");
        let id = ask(kit, &owner.person, &owner.here, body).await;
        let kept = Kept::new(&kit.table, &owner.company.id, &id);
        kept.pass(3).await;
        let last = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * 32);
        let recurrence = [
            ("every", AttributeValue::S("month".to_owned())),
            ("first_due_on", AttributeValue::S(last.strftime("%Y-%m-%d").to_string())),
            ("period", AttributeValue::N("0".to_owned())),
            ("lead_days", AttributeValue::N("1".to_owned())),
        ];
        let recurrence = recurrence.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        kept.set("DOCREQUEST", "recurrence", AttributeValue::M(recurrence)).await;
        let rig = Rig::of(kit, "notify").await;
        for _ in 0..3 {
            let crowd = rig.crowd(4).await;
            let mut running = tokio::task::JoinSet::new();
            for function in crowd {
                running.spawn(async move { response(&invoke(&function, &schedule()).await).clone() });
            }
            running.join_all().await;
            kept.due().await;
        }
        assert_eq!(count(kit, &owner, "document_request.reminded").await, 1);
        assert_eq!(count(kit, &owner, "document_request.made").await, 2);
        let page = kit.api.get(PATH).by(&owner.person).within(&owner.here).ok(200).await;
        let requests = list(&page, "document_requests");
        assert_eq!(requests.len(), 2);
        assert_eq!((text(&requests[0], "/follows"), &requests[1]["followed_by"]), (id, &requests[0]["id"]));
        assert!(requests[0]["items"].as_array().expect("items").iter().all(|item| item["status"] == "open"));
        let path = format!("{PATH}/{}", text(&requests[1], "/id"));
        let stop = kit.api.patch(&path).by(&owner.person).within(&owner.here).json(json!({ "every": null }));
        assert_eq!(text(&stop.refused(409, "conflict").await, "/state"), "followed");
    });
}

/// Proves: 25
#[test]
fn a_firms_requests_stay_when_its_connection_ends_and_nobody_is_reminded_in_its_name() {
    run(async {
        let _alone = RUNNING.lock().await;
        let kit = kit();
        let (owner, admin, inside) = firm_in(kit, &["documents.request"]).await;
        let mia = cast::member(kit, &owner, "Mia Member", "client", None).await;
        let id = ask(kit, &admin.person, &inside, papers(&[&mia], &day(10))).await;
        let missing = async || {
            let page = kit.api.get(&format!("{PATH}/missing")).by(&admin.person).within(&admin.here).ok(200).await;
            list(&page, "missing").len()
        };
        eventually("the list shows the request", async || (missing().await == 1).then_some(())).await;
        let path = format!("/v1/connections/{}", admin.firm.id);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await.ok(200);
        assert_eq!(missing().await, 0, "the firm sees requests of a former client");
        let kept = Kept::new(&kit.table, &owner.company.id, &id);
        kept.pass(3).await;
        kit.invoke("notify", &schedule()).await.ok();
        assert_eq!(count(kit, &owner, "document_request.reminded").await, 0);
        assert_eq!(count(kit, &owner, "document_request.overdue").await, 1);
        show(kit, &id, &mia.person, &mia.here).await.ok(200);
        let shown = show(kit, &id, &owner.person, &owner.here).await.ok(200);
        assert_eq!(text(&shown, "/document_request/firm"), admin.firm.id);
        // A new connection is another stay: what the firm asked before is not its own again.
        cast::connect(kit, &owner, &admin, Some(&["documents.request"])).await;
        assert_eq!(missing().await, 0);
    });
}

/// Proves: 9
#[test]
fn a_firm_sees_what_is_missing_across_its_clients_and_a_bookkeeper_what_is_assigned_to_them() {
    run(async {
        let kit = kit();
        let (owner, admin, inside) = firm_in(kit, &["documents.request"]).await;
        let second = cast::owner(kit, "Susi Second", "Seconds Ltd").await;
        cast::connect(kit, &second, &admin, Some(&["documents.request"])).await;
        let (mia, sam, bookkeeper) = tokio::join!(
            cast::member(kit, &owner, "Mia Member", "client", None),
            cast::member(kit, &second, "Sam Second", "client", None),
            cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
        );
        let there = cast::enter(kit, &admin.person, &second.company.id).await;
        let later = ask(kit, &admin.person, &inside, papers(&[&mia], &day(20))).await;
        let sooner = ask(kit, &admin.person, &there, papers(&[&sam], &day(10))).await;
        // The company's own request is nobody's business at the firm.
        ask(kit, &owner.person, &owner.here, papers(&[&mia], &day(5))).await;
        let missing = async |by: &Person, here: &Context, query: &str| {
            let path = format!("{PATH}/missing{query}");
            kit.api.get(&path).by(by).within(here).ok(200).await
        };
        let ids = |page: &Value| -> Vec<String> {
            list(page, "missing").iter().map(|entry| text(entry, "/document_request")).collect()
        };
        let by_admin = async |query: &str| missing(&admin.person, &admin.here, query).await;
        eventually("both are listed", async || (ids(&by_admin("").await).len() == 2).then_some(())).await;
        let page = by_admin("").await;
        assert_eq!(ids(&page), [sooner.clone(), later.clone()]);
        let first = &list(&page, "missing")[0];
        assert_eq!(
            (text(first, "/company"), text(first, "/company_name")),
            (second.company.id.clone(), "Seconds Ltd".into())
        );
        assert_eq!(first["missing"].as_array().map(Vec::len), Some(3));
        let page = by_admin("?limit=1").await;
        let rest = by_admin(&format!("?limit=1&cursor={}", text(&page, "/next_cursor"))).await;
        assert_eq!((ids(&page), ids(&rest)), (vec![sooner.clone()], vec![later.clone()]));

        let at_firm = cast::enter(kit, &bookkeeper, &admin.firm.id).await;
        let by_bookkeeper = async || ids(&missing(&bookkeeper, &at_firm, "").await);
        assert!(by_bookkeeper().await.is_empty(), "no client is assigned");
        cast::assign(kit, &admin, &owner.company.id, &bookkeeper.user, None).await;
        assert_eq!(by_bookkeeper().await, std::slice::from_ref(&later));
        let path = format!("/v1/assignments/{}/{}", owner.company.id, bookkeeper.user);
        kit.api.delete(&path).by(&admin.person).within(&admin.here).send().await.ok(200);
        assert!(by_bookkeeper().await.is_empty(), "the assignment has ended");
        let refused = kit.api.get(&format!("{PATH}/missing")).by(&admin.person).within(&inside);
        refused.refused(403, "not-granted").await;
    });
}
