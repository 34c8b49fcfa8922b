//! Events on their way to the bus: whatever dies or fails between the commit and the bus, each event
//! gets there, and whatever is brought again is told apart by its id.

use serde_json::{Value, json};
use tests::cast::{self, text};
use tests::chaos::{Chaos, Exchange, Fault, Rule};
use tests::runtime_api::{Payload, RuntimeApiError};
use tests::table::Table;
use tests::{Kit, kit, people, run};
use tokio::sync::Mutex;

use super::rig::{
    Bus, Rig, approval, approval_requested, asking, batch, eventually, image, invoke, message, metric_in, on_record,
    puts, response, stream, to_come_again, value, waiting_approval,
};

const COMMIT: &str = "TransactWriteItems";
/// A time that the sweep takes for long ago.
const LONG_AGO: &str = "2026-01-01T00:00:00.000Z";

fn sweep() -> Value {
    json!({ "schedule": "sweep" })
}

/// Held by a test that sweeps: a sweep takes everyone's overdue events.
static SWEEPING: Mutex<()> = Mutex::const_new(());

/// An event that was committed, and its outbox entry as it was written.
struct Recorded {
    event: String,
    entry: Value,
}

impl Recorded {
    /// What a transaction put.
    fn by(commit: &Exchange) -> Self {
        let events = puts(commit, "EVENTS#");
        let entries = puts(commit, "OUTBOX#");
        assert_eq!((events.len(), entries.len()), (1, 1), "one event has one outbox entry: {commit:?}");
        Self { event: text(&events[0], "/id/S"), entry: entries[0].clone() }
    }

    /// A decision, made and recorded, which the stream has already brought to the bus.
    async fn and_relayed(kit: &Kit) -> Self {
        let owner = waiting_approval(kit).await;
        let approve = Rig::of(kit, "approve").await;
        let answer = approve.start().await.request(&approval(&owner, None)).await.expect("the function answers");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let recorded = Self::by(&approve.transactions()[0]);
        recorded.leaves_the_outbox(kit).await;
        recorded
    }

    async fn is_in_the_outbox(&self, kit: &Kit) -> bool {
        kit.table.item(&text(&self.entry, "/pk/S"), &text(&self.entry, "/sk/S")).await.is_some()
    }

    async fn leaves_the_outbox(&self, kit: &Kit) {
        eventually("the event has left the outbox", async || (!self.is_in_the_outbox(kit).await).then_some(())).await;
    }

    /// Puts the table back to the moment after the commit, as if nobody had relayed the event since.
    async fn back_into_the_outbox(&self, kit: &Kit, at: &str) {
        let mut entry = self.entry.clone();
        entry["at"] = json!({ "S": at });
        let item = entry.as_object().expect("an item").iter().map(|(name, of)| (name.clone(), value(of)));
        let put = kit.table.client.put_item().table_name(&kit.table.name).set_item(Some(item.collect()));
        put.send().await.expect("the table takes it");
    }
}

/// The events that a real bus was given, by id, through a proxy before it.
fn put_on(bus: &Chaos, event: &str) -> usize {
    bus.exchanges()
        .iter()
        .filter(|exchange| exchange.action == "PutEvents")
        .flat_map(|exchange| exchange.request["Entries"].as_array().cloned().unwrap_or_default())
        .filter_map(|entry| serde_json::from_str::<Value>(entry["Detail"].as_str()?).ok())
        .filter(|detail| detail["id"] == json!(event))
        .count()
}

/// `relay` between the table and the stack's own bus, both of which can fail. The sweep finds everyone's
/// overdue events, so it must not be given a bus that leads nowhere.
async fn relay(kit: &Kit) -> (Rig, Chaos) {
    let bus = Chaos::in_front_of(&kit.stack.endpoint).await.expect("the proxy starts");
    (Rig::of(kit, "relay").await.through("EVENTBRIDGE", &bus), bus)
}

/// Does something about an event that waits in the outbox, until it is seen to be done by us: the
/// stack's own sweep runs every few minutes and may be quicker.
async fn undisturbed(mut scenario: impl AsyncFnMut() -> bool) {
    for _ in 0..3 {
        if scenario().await {
            return;
        }
    }
    panic!("three times in a row the stack's own sweep was quicker, which cannot be");
}

/// F6: the function that recorded the event died at once; the stream brings it to the bus.
/// Proves: F6
#[test]
fn an_event_whose_function_died_reaches_the_bus_by_the_stream() {
    run(async {
        let kit = kit();
        let owner = waiting_approval(kit).await;
        let approve = Rig::of(kit, "approve").await;
        let function = approve.start().await;
        let held = approve.table.place(Rule::on(COMMIT, Fault::HoldReply));
        let answer = asking(&function, &approval(&owner, None));
        held.reached(1).await;
        function.kill().await;
        assert!(matches!(answer.await.expect("nothing panics"), Err(RuntimeApiError::Ended { .. })));
        approve.table.calm();
        approve.quiet().await;
        let recorded = Recorded::by(&approve.transactions()[0]);
        recorded.leaves_the_outbox(kit).await;
    });
}

/// F6: the stream lost the event, or gave it up; the sweep finds it.
/// Proves: F6, F19
#[test]
fn an_event_that_the_stream_lost_is_delivered_by_the_sweep() {
    run(async {
        let kit = kit();
        let recorded = Recorded::and_relayed(kit).await;
        let _alone = SWEEPING.lock().await;
        let (relay, bus) = relay(kit).await;
        let function = relay.start().await;
        undisturbed(async || {
            recorded.back_into_the_outbox(kit, LONG_AGO).await;
            response(&invoke(&function, &sweep()).await);
            assert!(!recorded.is_in_the_outbox(kit).await, "the sweep left an overdue event");
            put_on(&bus, &recorded.event) >= 1
        })
        .await;
        let sent = put_on(&bus, &recorded.event);
        response(&invoke(&function, &sweep()).await);
        assert_eq!(put_on(&bus, &recorded.event), sent, "the next sweep sent it again");
    });
}

/// F6: an event that was recorded a moment ago is the stream's to bring.
/// Proves: F6
#[test]
fn the_sweep_leaves_young_events_to_the_stream() {
    run(async {
        let kit = kit();
        let recorded = Recorded::and_relayed(kit).await;
        let _alone = SWEEPING.lock().await;
        let (relay, bus) = relay(kit).await;
        let now = format!("{:.3}", jiff::Timestamp::now());
        recorded.back_into_the_outbox(kit, &now).await;
        response(&invoke(&relay.start().await, &sweep()).await);
        assert_eq!(put_on(&bus, &recorded.event), 0);
        assert!(recorded.is_in_the_outbox(kit).await);
    });
}

/// F6: the bus is down when the sweep runs.
/// Proves: F6
#[test]
fn an_event_stays_in_the_outbox_until_the_bus_took_it() {
    run(async {
        let kit = kit();
        let recorded = Recorded::and_relayed(kit).await;
        let _alone = SWEEPING.lock().await;
        let (relay, bus) = relay(kit).await;
        let function = relay.start().await;
        undisturbed(async || {
            recorded.back_into_the_outbox(kit, LONG_AGO).await;
            let down = bus.place(Rule::on_everything(Fault::ServerError));
            let failed = invoke(&function, &sweep()).await;
            down.remove();
            let tried = put_on(&bus, &recorded.event);
            if tried == 0 || !recorded.is_in_the_outbox(kit).await {
                return false;
            }
            assert!(matches!(failed, Payload::Error(_)), "a sweep that failed says so: {failed:?}");
            response(&invoke(&function, &sweep()).await);
            assert!(!recorded.is_in_the_outbox(kit).await);
            put_on(&bus, &recorded.event) > tried
        })
        .await;
    });
}

/// F6: killed after the bus took the event and before the outbox entry was deleted. It is sent again,
/// under the same id.
/// Proves: F6
#[test]
fn a_relay_killed_between_bus_and_outbox_repeats_the_event() {
    run(async {
        let kit = kit();
        let recorded = Recorded::and_relayed(kit).await;
        let _alone = SWEEPING.lock().await;
        let (relay, bus) = relay(kit).await;
        undisturbed(async || {
            recorded.back_into_the_outbox(kit, LONG_AGO).await;
            let function = relay.start().await;
            let event = recorded.event.clone();
            let ours = move |request: &Value| request["Key"]["sk"]["S"].as_str().is_some_and(|sk| sk.ends_with(&event));
            let held = relay.table.place(Rule::on("DeleteItem", Fault::Hold).times(1).when(ours));
            let mut sweeping = {
                let function = function.clone();
                tokio::spawn(async move { function.invoke(&sweep()).await })
            };
            tokio::select! {
                () = held.reached(1) => {}
                _without_it = &mut sweeping => return false,
            }
            function.kill().await;
            assert!(matches!(sweeping.await.expect("nothing panics"), Err(RuntimeApiError::Ended { .. })));
            let before = put_on(&bus, &recorded.event);
            assert!(before >= 1, "the bus comes before the outbox");
            if !recorded.is_in_the_outbox(kit).await {
                return false;
            }
            response(&invoke(&relay.start().await, &sweep()).await);
            assert!(!recorded.is_in_the_outbox(kit).await);
            put_on(&bus, &recorded.event) > before
        })
        .await;
    });
}

/// F7: the stream brings a record three times; it reaches the bus each time, and leads to one letter.
/// Proves: F7, F19
#[test]
fn a_stream_record_replayed_three_times_is_told_of_once() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let payee = format!("Payee {}", people::unique());
        let event = approval_requested(&owner.company.id, &payee);
        on_record(kit, &event).await;
        let (bus, before_bus) = Bus::start().await;
        let rig = Rig::of(kit, "relay").await.through("EVENTBRIDGE", &before_bus);
        let relay = rig.start().await;
        for _ in 0..3 {
            let payload = invoke(&relay, &stream(&[image(&event)])).await;
            assert_eq!(to_come_again(&payload), Vec::<String>::new());
        }
        let taken = bus.taken(&text(&event, "/id"));
        assert_eq!(taken.len(), 3);
        assert!(taken.iter().all(|detail| *detail == event), "what rules see is what was recorded: {taken:?}");

        let ses = Chaos::in_front_of(&kit.stack.endpoint).await.expect("the proxy starts");
        let rig = Rig::of(kit, "notify").await.through("SESV2", &ses);
        let notify = rig.start().await;
        for (number, detail) in taken.iter().enumerate() {
            let payload = invoke(&notify, &batch(&[(&format!("m-{number}"), message(detail))])).await;
            assert_eq!(to_come_again(&payload), Vec::<String>::new());
        }
        assert_eq!(ses.exchanges().len(), 1);
        let mails = kit.mailbox.inbox(&owner.person.email).await;
        assert_eq!(mails.iter().filter(|mail| mail.text.contains(&payee)).count(), 1);
    });
}

/// F7: the bus does not take one event in the middle of a batch.
/// Proves: F7
#[test]
fn a_stream_batch_that_fails_in_the_middle_comes_again_from_there() {
    run(async {
        let kit = kit();
        let company = format!("co_{:0>32}", people::unique());
        let events: Vec<Value> = (1..=25).map(|n| approval_requested(&company, &format!("Payee {n}"))).collect();
        let ids: Vec<String> = events.iter().map(|event| text(event, "/id")).collect();
        let images: Vec<Value> = events.iter().map(image).collect();
        let (bus, before_bus) = Bus::start().await;
        let relay = Rig::of(kit, "relay").await.through("EVENTBRIDGE", &before_bus);
        let function = relay.start().await;
        // Number 13 is neither the first nor the last of its call to the bus, which takes ten.
        bus.refuse(&ids[12]);
        let payload = invoke(&function, &stream(&images)).await;
        assert_eq!(to_come_again(&payload), ["13"]);
        bus.take_all();
        // Lambda brings the batch again from that record on.
        let payload = invoke(&function, &stream(&images[12..])).await;
        assert_eq!(to_come_again(&payload), Vec::<String>::new());
        for (id, number) in ids.iter().zip(1..) {
            let taken = bus.taken(id).len();
            assert!(taken >= 1, "number {number} never reached the bus");
            assert!(taken == 1 || number >= 13, "number {number} was done and came again");
        }
    });
}

/// F7: the bus is away for a whole batch: nothing leaves the outbox, and all of it comes again.
/// Proves: F7
#[test]
fn a_stream_batch_that_the_bus_did_not_take_comes_again_whole() {
    run(async {
        let kit = kit();
        let company = format!("co_{:0>32}", people::unique());
        let images: Vec<Value> = (1..=3).map(|n| image(&approval_requested(&company, &format!("Payee {n}")))).collect();
        let (_bus, before_bus) = Bus::start().await;
        before_bus.place(Rule::on_everything(Fault::ServerError));
        let relay = Rig::of(kit, "relay").await.through("EVENTBRIDGE", &before_bus);
        let payload = invoke(&relay.start().await, &stream(&images)).await;
        assert_eq!(to_come_again(&payload), ["1"]);
        assert_eq!(relay.table.count("DeleteItem"), 0);
    });
}

/// F7, F8: a record that is no event holds up neither what came before it nor, for ever, what follows.
/// Proves: F7
#[test]
fn a_stream_record_that_does_not_read_as_an_event_is_the_one_reported() {
    run(async {
        let kit = kit();
        let company = format!("co_{:0>32}", people::unique());
        let (first, last) = (approval_requested(&company, "First"), approval_requested(&company, "Last"));
        let mut broken = image(&approval_requested(&company, "Broken"));
        broken["at"] = json!({ "S": "yesterday" });
        let mut no_event = image(&approval_requested(&company, "Other"));
        no_event["entity"] = json!({ "S": "member" });
        let (bus, before_bus) = Bus::start().await;
        let rig = Rig::of(kit, "relay").await.through("EVENTBRIDGE", &before_bus);
        let relay = rig.start().await;
        let payload = invoke(&relay, &stream(&[image(&first), no_event, broken, image(&last)])).await;
        assert_eq!(to_come_again(&payload), ["3"]);
        assert_eq!(bus.taken(&text(&first, "/id")).len(), 1);
        // Lambda bisects until the broken one is alone and goes to the dead-letter queue.
        let payload = invoke(&relay, &stream(&[image(&last)])).await;
        assert_eq!(to_come_again(&payload), Vec::<String>::new());
        assert_eq!(bus.taken(&text(&last, "/id")).len(), 1);
    });
}

/// Puts an event and its outbox entry into a table, as they were after a commit long ago.
async fn left_behind(table: &Table, event: &Value, with_event: bool) {
    let id = text(event, "/id");
    let shard = id.bytes().last().map_or(0, |digit| digit % 4);
    let entry = json!({
        "pk": { "S": format!("OUTBOX#{shard}") }, "sk": { "S": format!("EVENT#{id}") }, "entity": { "S": "outbox" },
        "v": { "N": "1" }, "event": { "S": id }, "at": { "S": LONG_AGO },
        "org": { "M": { "kind": { "S": text(event, "/org/kind") }, "id": { "S": text(event, "/org/id") } } },
    });
    for image in [Some(entry), with_event.then(|| image(event))].into_iter().flatten() {
        let item = image.as_object().expect("an item").iter().map(|(name, of)| (name.clone(), value(of)));
        let put = table.client.put_item().table_name(&table.name).set_item(Some(item.collect()));
        put.send().await.expect("the table takes it");
    }
}

/// S16: after an outage of the bus more waits than a page of each partition holds, with two entries at the front that no
/// sweep can relay.
/// Proves: F6, S16
#[test]
fn one_sweep_empties_the_outbox_and_goes_on_behind_what_it_cannot_read() {
    const BACKLOG: usize = 450;
    run(async {
        let kit = kit();
        let table = Table::create(&kit.stack, &kit.http, "backlog").await;
        let (bus, before_bus) = Bus::start().await;
        let rig = Rig::of(kit, "relay").await.through("EVENTBRIDGE", &before_bus);
        let rig = rig.with_every_right().with("TABLE_NAME", &table.name);
        let company = format!("co_{:0>32}", people::unique());
        let numbered = |number: usize| {
            let mut event = approval_requested(&company, "Backlog");
            event["id"] = json!(format!("ev_{number:032x}"));
            event
        };
        let mut unreadable = numbered(0);
        unreadable["type"] = json!(7);
        left_behind(&table, &unreadable, true).await;
        left_behind(&table, &numbered(1), false).await;
        let events: Vec<Value> = (2..2 + BACKLOG).map(numbered).collect();
        for event in &events {
            left_behind(&table, event, true).await;
        }
        let swept = invoke(&rig.start().await, &sweep()).await;
        assert!(matches!(swept, Payload::Error(_)), "what could not leave is reported: {swept:?}");
        let reached = events.iter().filter(|event| bus.taken(&text(event, "/id")).len() == 1).count();
        assert_eq!(reached, BACKLOG);
        let mut left = Vec::new();
        for shard in 0..4 {
            left.extend(table.partition(&format!("OUTBOX#{shard}")).await);
        }
        assert_eq!(left.len(), 2, "only what cannot be read stays: {left:?}");
        table.remove(&kit.stack, &kit.http).await;
    });
}

/// S5: the stream shows what IAM cannot prevent: a put over an event, or somebody outside our functions.
/// Proves: S5, S11
#[test]
fn a_changed_or_removed_event_is_counted_for_an_alarm_and_goes_to_no_bus() {
    run(async {
        let kit = kit();
        let event = approval_requested(&format!("co_{:0>32}", people::unique()), "Rewritten");
        let mut other = image(&event);
        other["pk"] = json!({ "S": "COMPANY#co_1" });
        let mut records = stream(&[image(&event), image(&event), other]);
        for (record, name) in
            records["Records"].as_array_mut().expect("records").iter_mut().zip(["MODIFY", "REMOVE", "REMOVE"])
        {
            record["eventName"] = json!(name);
            record["dynamodb"].as_object_mut().expect("a change").remove("NewImage");
        }
        let (bus, before_bus) = Bus::start().await;
        let rig = Rig::of(kit, "relay").await.through("EVENTBRIDGE", &before_bus);
        let relay = rig.start().await;
        assert_eq!(to_come_again(&invoke(&relay, &records).await), Vec::<String>::new());
        assert!(bus.taken(&text(&event, "/id")).is_empty());
        eventually("the metric is written", async || metric_in(&relay.log(), "EventRewritten", 2)).await;

        // The deployed stream hands over what the filter lets through.
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let events = kit.table.events(&owner.company.id).await;
        let (pk, sk) = (tests::table::text(&events[0], "pk").unwrap(), tests::table::text(&events[0], "sk").unwrap());
        kit.table.set(pk, sk, "touched", aws_sdk_dynamodb::types::AttributeValue::Bool(true)).await;
        eventually("the change is reported", async || {
            let logs = kit.stack.logs();
            let told =
                |log: &String| log.lines().any(|line| line.contains("was changed or removed") && line.contains(sk));
            logs.values().any(told).then_some(())
        })
        .await;
    });
}
