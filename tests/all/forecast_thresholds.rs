//! `/v1/cashflow-forecast/own-thresholds`: who is told of the lowest point of a published forecast, and how often.

use serde_json::{Value, json};
use tests::cast::{self, Context, Owner, text};
use tests::chaos::{Fault, Rule};
use tests::kit::Kit;
use tests::machine::{self, Ledger};
use tests::mailbox::Message;
use tests::people::{Person, unique};
use tests::runtime_api::HttpEvent;
use tests::{kit, run, story};

use crate::faults::rig::{Rig, asking, by};
use crate::support::refused_input;

const OWN: &str = "/v1/cashflow-forecast/own-thresholds";

struct Books {
    owner: Owner,
    ledger: Ledger,
}

impl Books {
    async fn open(kit: &Kit) -> Self {
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        Self { owner, ledger: Ledger::sign_in(kit).await }
    }

    /// The ledger pushes a forecast, which is a draft.
    async fn push(&self, kit: &Kit, version: u64, lowest: i64) {
        let forecast = machine::forecast(version, lowest);
        let pushed = self.ledger.put(kit, &self.owner.company.id, "reports", "FC-1", forecast).await;
        assert!([200, 201].contains(&pushed.status), "{}", pushed.text());
    }

    /// The owner publishes it for a month: the id of the publication.
    async fn publish(&self, kit: &Kit, month: &str, version: u64) -> String {
        let body = json!({ "month": month, "reports": [{ "reference": "FC-1", "version": version }] });
        let call = kit.api.post("/v1/publications").by(&self.owner.person).within(&self.owner.here).key(&unique());
        text(&call.json(body).ok(201).await, "/publication/id")
    }

    /// How many events there are about falls and about recoveries, after three runs of the schedule at once.
    async fn told(&self, kit: &Kit) -> (usize, usize) {
        let schedule = json!({ "schedule": "thresholds" });
        let run = || kit.invoke("notify", &schedule);
        let runs = tokio::join!(run(), run(), run());
        for ended in [runs.0, runs.1, runs.2] {
            ended.ok();
        }
        let company = &self.owner.company.id;
        let below = story::events_of_type(kit, company, "forecast.below_threshold").await;
        (below, story::events_of_type(kit, company, "forecast.recovered").await)
    }
}

async fn set(kit: &Kit, (who, here): (&Person, &Context), thresholds: Value) -> Value {
    kit.api.put(OWN).by(who).within(here).json(json!({ "currency": "EUR", "thresholds": thresholds })).ok(200).await
}

fn falls(mail: &Message) -> bool {
    mail.subject == "Owners Ltd: cashflow forecast below €1.00"
}

/// Proves: FC1, U18, 28
#[test]
fn a_published_forecast_below_a_threshold_is_told_of_once_and_a_draft_never() {
    run(async {
        let kit = kit();
        let books = Books::open(kit).await;
        let reader = cast::member(kit, &books.owner, "Rosa Reader", "custom", Some(&["reports.view"])).await;
        let reading = (&reader.person, &reader.here);
        books.push(kit, 1, 500).await;
        let before = kit.api.get(OWN).by(&reader.person).within(&reader.here).ok(200).await;
        assert_eq!(before, json!({ "thresholds": [] }), "a draft is no forecast yet");
        let august = books.publish(kit, "2026-08", 1).await;
        let rule =
            json!({ "threshold_minor": 100, "recovers_at_minor": 150, "pause_hours": 0, "tells_recovery": true });
        let mine = set(kit, reading, json!([rule])).await;
        let forecast = json!({ "publication": august, "month": "2026-08", "report": "FC-1", "currency": "EUR",
            "balance_minor": 500, "on": "2026-09-30" });
        assert_eq!(mine, json!({ "forecast": forecast, "thresholds": [rule] }));
        assert_eq!(kit.api.get(OWN).by(&reader.person).within(&reader.here).ok(200).await, mine);

        books.push(kit, 2, -200).await;
        assert_eq!(books.told(kit).await, (0, 0), "a draft");
        let september = books.publish(kit, "2026-09", 2).await;
        assert_eq!(books.told(kit).await, (1, 0));
        let letter = kit.mailbox.wait_for(&reader.person.email, "warning", falls).await;
        for said in ["-€2.00", "30 September 2026", "€1.00", &september] {
            assert!(letter.text.contains(said), "{said}: {}", letter.text);
        }
        assert_eq!(books.told(kit).await, (1, 0), "nothing is left to tell");

        books.push(kit, 3, 150).await;
        books.publish(kit, "2026-10", 3).await;
        assert_eq!(books.told(kit).await, (1, 1));
        let recovers = |mail: &Message| mail.subject == "Owners Ltd: cashflow forecast recovered to €1.50";
        kit.mailbox.wait_for(&reader.person.email, "recovery", recovers).await;
        let owners = kit.mailbox.inbox(&books.owner.person.email).await;
        assert!(!owners.iter().any(|mail| falls(mail) || recovers(mail)), "a threshold of somebody else's");
    });
}

/// Proves: FC1, M2, 4
#[test]
fn a_person_of_the_firm_is_told_until_they_see_the_reports_no_more() {
    run(async {
        let kit = kit();
        let books = Books::open(kit).await;
        let admin = cast::firm_admin(kit, "Ada Admin", "Books & Partners").await;
        cast::connect(kit, &books.owner, &admin, None).await;
        let inside = cast::enter(kit, &admin.person, &books.owner.company.id).await;
        books.push(kit, 1, 500).await;
        books.publish(kit, "2026-08", 1).await;
        let rule = json!({ "threshold_minor": 100, "pause_hours": 0 });
        set(kit, (&admin.person, &inside), json!([rule])).await;
        set(kit, (&books.owner.person, &books.owner.here), json!([rule])).await;
        books.push(kit, 2, 99).await;
        books.publish(kit, "2026-09", 2).await;
        assert_eq!(books.told(kit).await, (2, 0));
        let (told, _) = tokio::join!(
            kit.mailbox.wait_for(&admin.person.email, "warning", falls),
            kit.mailbox.wait_for(&books.owner.person.email, "warning", falls),
        );
        assert!(told.text.contains("€0.99"), "{}", told.text);

        let path = format!("/v1/connections/{}", admin.firm.id);
        kit.api.delete(&path).by(&books.owner.person).within(&books.owner.here).send().await.ok(200);
        for (version, lowest) in [(3, 100), (4, 98)] {
            books.push(kit, version, lowest).await;
            let published = kit.api.get(OWN).by(&books.owner.person).within(&books.owner.here).ok(200).await;
            let body = json!({ "month": "2026-09", "reports": [{ "reference": "FC-1", "version": version }],
                "corrects": text(&published, "/forecast/publication") });
            let call = kit.api.post("/v1/publications").by(&books.owner.person).within(&books.owner.here);
            call.key(&unique()).json(body).ok(201).await;
        }
        assert_eq!(books.told(kit).await, (3, 0), "the owner alone");
        let again = |mail: &Message| falls(mail) && mail.text.contains("€0.98");
        kit.mailbox.wait_for(&books.owner.person.email, "second warning", again).await;
        assert!(!kit.mailbox.inbox(&admin.person.email).await.iter().any(again), "told without access");
    });
}

/// A threshold that somebody sets meanwhile concerns no publisher: a `409` would tell them to look at what did not change.
/// Proves: FC1
#[test]
fn accounts_are_published_though_a_threshold_is_set_meanwhile_and_its_person_is_told() {
    run(async {
        let kit = kit();
        let books = Books::open(kit).await;
        let (person, here) = (&books.owner.person, &books.owner.here);
        books.push(kit, 1, 500).await;
        books.publish(kit, "2026-08", 1).await;
        books.push(kit, 2, -200).await;
        let rig = Rig::of(kit, "reports").await;
        let function = rig.start().await;
        let held = rig.table.place(Rule::on("TransactWriteItems", Fault::Hold).times(1));
        let body = json!({ "month": "2026-09", "reports": [{ "reference": "FC-1", "version": 2 }] });
        let asked = asking(&function, &by(HttpEvent::post("/v1/publications").json(&body), person, here));
        held.reached(1).await;
        set(kit, (person, here), json!([{ "threshold_minor": 100, "pause_hours": 0 }])).await;
        held.release();
        let answer = asked.await.expect("nothing panics").expect("the function answers");
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!(books.told(kit).await, (1, 0));
    });
}

/// Proves: FC1, 3
#[test]
fn thresholds_of_a_forecast_that_cannot_hold_are_refused_by_their_field() {
    run(async {
        let kit = kit();
        let books = Books::open(kit).await;
        let put =
            |body: Value| kit.api.put(OWN).by(&books.owner.person).within(&books.owner.here).json(body).send_owned();
        let one = json!({ "thresholds": [{ "threshold_minor": 1 }] });
        books.push(kit, 1, 500).await;
        let refused = put(one.clone()).await;
        assert_eq!((refused.status, refused.json()["state"].clone()), (409, json!("none")), "{}", refused.text());
        books.publish(kit, "2026-08", 1).await;
        let before = kit.table.trace(&books.owner.company.id).await;
        let many = |count: i64| (0..count).map(|n| json!({ "threshold_minor": n })).collect::<Vec<_>>();
        for (body, field) in [
            (json!({ "thresholds": many(4) }), "thresholds"),
            (json!({ "thresholds": [{ "threshold_minor": 1 }, { "threshold_minor": 1 }] }), "thresholds"),
            (json!({ "thresholds": many(2), "currency": "USD" }), "currency"),
            (json!({ "thresholds": [{ "threshold_minor": 1, "pause_hours": 721 }] }), "thresholds[0].pause_hours"),
            (
                json!({ "thresholds": [{ "threshold_minor": 2, "recovers_at_minor": 1 }] }),
                "thresholds[0].recovers_at_minor",
            ),
            (json!({ "thresholds": [], "user": "x" }), "user"),
            (json!({}), "thresholds"),
        ] {
            refused_input(&put(body).await, field);
        }
        assert_eq!(kit.table.trace(&books.owner.company.id).await, before);
        put(one).await.ok(200);
    });
}
