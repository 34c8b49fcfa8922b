//! The sixth act: what people hear, when, and in which language.
//!
//! `demo` tells it after the fifth act, the test `story::the_sixth_act` silently. As there, nothing is prepared and
//! everyone gets a new address. Mail that waits for seven in the morning is due when the story says so: the due time in
//! the table is put back, and everything else happens as it would at seven.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::Kit;
use crate::cast::{self, Context, FirmAdmin, Member, Organisation, Owner, list, text};
use crate::http::Call;
use crate::machine::Ledger;
use crate::mailbox::Message;
use crate::postponed::{RUNNING, Waits, pass, quiet_now, send_what_is_due, waiting};
use crate::table;
use crate::waiting::until;

const ACCOUNT: &str = "BANK-MAIN";
const ZONE: &str = "Europe/Berlin";
const INBOX: &str = "/v1/notifications";
const SETTINGS: &str = "/v1/notification-settings";

/// How the sixth act ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ending {
    /// The company.
    pub company: Organisation,
    /// How many notifications its client has in the inbox.
    pub in_inbox: usize,
    /// How many of them are unread.
    pub unread: u64,
}

/// Who plays.
struct People {
    owner: Owner,
    /// Reads German, in Berlin.
    client: Member,
    admin: FirmAdmin,
    /// The firm's admin, standing in the company.
    inside: Context,
    ledger: Ledger,
}

/// Tells all five steps, numbered from 31.
///
/// # Panics
/// At the first step that does not go as it should.
pub async fn tell(kit: &Kit) -> Ending {
    let people = gather(kit).await;
    // A run of the schedule does what is due for everybody.
    let alone = RUNNING.lock().await;
    accounts_in_a_german_digest(kit, &people).await;
    a_balance_falls_and_recovers(kit, &people).await;
    quiet_hours(kit, &people).await;
    drop(alone);
    stop_with_one_click(kit, &people).await;
    let (in_inbox, unread) = read_the_inbox(kit, &people).await;
    Ending { company: people.owner.company, in_inbox, unread }
}

/// A company with its firm, and a client who sees reports, bank balances and approvals.
async fn gather(kit: &Kit) -> People {
    let quiet = kit.quiet();
    let (owner, admin, ledger) = tokio::join!(
        cast::owner(&quiet, "Anna Weber", "Weber Joinery"),
        cast::firm_admin(&quiet, "Nils Kraft", "Kraft Accounting"),
        Ledger::sign_in(kit),
    );
    cast::connect(&quiet, &owner, &admin, None).await;
    let sees = ["reports.view", "bank.view", "bank.manage", "approvals.view", "approvals.decide"];
    let client = cast::member(&quiet, &owner, "Jonas Weber", "custom", Some(&sees)).await;
    let inside = cast::enter(&quiet, &admin.person, &owner.company.id).await;
    People { owner, client, admin, inside, ledger }
}

/// Step 31: what can wait comes together, at the hour that the reader chose, in their language.
async fn accounts_in_a_german_digest(kit: &Kit, people: &People) {
    let (tell, client, company) = (&kit.narrator, &people.client, people.owner.company.id.as_str());
    tell.step(31, "The month's accounts are ready: in German, in a digest, at seven in Berlin");
    tell.says("Jonas reads German and lives in Berlin. News about accounts may come together, at 07:00.");
    let body = json!({ "language": "de-DE", "time_zone": ZONE });
    let shown = ["/user/language", "/user/time_zone"];
    kit.api.patch("/v1/me").by(&client.person).json(body).showing(&shown).ok(200).await;
    let body = json!({
        "categories": [{ "category": "accounts", "mail": "in_digest" }], "digest": { "cadence": "daily", "hour": 7 },
    });
    let shown = ["/notification_settings/digest"];
    kit.api.patch(SETTINGS).by(&client.person).json(body).showing(&shown).ok(200).await;

    tell.says("Nils, of the firm, publishes October.");
    people.ledger.report(&kit.quiet(), company, "PL-2026-10", 1, 110_000).await;
    let body = json!({ "month": "2026-10", "reports": [{ "reference": "PL-2026-10", "version": 1 }] });
    let call = kit.api.post("/v1/publications").by(&people.admin.person).within(&people.inside).json(body);
    call.showing(&["/publication/month"]).ok(201).await;
    let here = (&client.person, &client.here);
    until(kit, here, INBOX, "/notifications/0/type", "accounts.published").await;
    let inbox = by_client(kit, people, "GET", INBOX).showing(&["/notifications/*/title"]).ok(200).await;
    let title = text(&list(&inbox, "notifications")[0], "/title");
    assert!(title.contains("Oktober 2026"), "{title}");

    let item = waiting(kit, company, &client.person).await;
    let due: Timestamp = table::text(&item, Waits::InDigest.attribute()).expect("a digest").parse().expect("a time");
    let clock = due.in_tz(ZONE).expect("a zone");
    assert_eq!((clock.hour(), clock.minute()), (7, 0), "{clock}");
    tell.says(&format!("It is in his inbox at once. The mail waits for {}.", clock.strftime("%A, %H:%M in Berlin")));
    pass(kit, company, &client.person, Waits::InDigest).await;
    for _ in 0..2 {
        send_what_is_due(kit).await;
    }
    tell.elsewhere("Lambda: the scheduled run of notify at seven, and once more", "done");
    let digest = |mail: &Message| mail.subject.contains("Benachrichtigung") && mail.text.contains(&title);
    let mail = kit.mailbox.wait_for(&client.person.email, "digest", digest).await;
    tell.mail(&mail);
    assert_eq!(count(kit, people, digest).await, 1, "one digest for each day");
    tell.proved("One digest for him, this company and this day, however often the schedule runs.");
}

/// Step 32: one letter for each crossing.
async fn a_balance_falls_and_recovers(kit: &Kit, people: &People) {
    let (tell, company) = (&kit.narrator, people.owner.company.id.as_str());
    tell.step(32, "A balance falls below its threshold, flaps, and recovers");
    people.ledger.balance(&kit.quiet(), company, ACCOUNT, 900_000).await;
    tell.says(
        "Jonas wants to know below 5,000 euros, and again when 6,000 are reached. The ledger reports six balances.",
    );
    let body =
        json!({ "threshold_minor": 500_000, "recovers_at_minor": 600_000, "pause_hours": 0, "tells_recovery": true });
    let path = format!("/v1/bank-accounts/{ACCOUNT}/threshold");
    by_client(kit, people, "PUT", &path).json(body).showing(&["/bank_account/threshold"]).ok(200).await;
    for balance in [499_900, 500_100, 499_800, 599_900, 499_700, 600_000] {
        people.ledger.balance(&kit.quiet(), company, ACCOUNT, balance).await;
        kit.invoke("notify", &json!({ "schedule": "thresholds" })).await.ok();
    }
    tell.elsewhere("Lambda: the scheduled run of notify, after each", "done");
    let here = (&people.client.person, &people.client.here);
    until(kit, here, INBOX, "/notifications/0/type", "balance.recovered").await;
    let about = |mail: &Message| mail.text.contains("Current account");
    for amount in ["4.999,00", "6.000,00"] {
        let says = |mail: &Message| about(mail) && mail.text.contains(amount);
        tell.mail(&kit.mailbox.wait_for(&people.client.person.email, "letter about the balance", says).await);
    }
    assert_eq!(count(kit, people, about).await, 2, "one for the fall and one for the recovery");
    tell.proved("Six balances, two letters, with amounts as a German reader writes them.");
}

/// Step 33: quiet hours put off what can wait.
async fn quiet_hours(kit: &Kit, people: &People) {
    let (tell, client, company) = (&kit.narrator, &people.client, people.owner.company.id.as_str());
    tell.step(33, "Quiet hours: one letter waits, another does not");
    tell.says("By Jonas' clock it is night. A payment waits for his sign-off; then Anna switches sign-offs off.");
    cast::approval_policy(&kit.quiet(), &people.owner, 1).await;
    let here = (&client.person, &client.here);
    until(kit, here, INBOX, "/notifications/0/type", "approval_policy.changed").await;
    let changed = |mail: &Message| mail.text.contains("Anna Weber") && mail.text.contains("Freigaberegeln");
    kit.mailbox.wait_for(&client.person.email, "change of the policy", changed).await;
    let before = count(kit, people, changed).await;
    let body = json!({ "quiet_hours": quiet_now(ZONE) });
    kit.api
        .patch(SETTINGS)
        .by(&client.person)
        .json(body)
        .showing(&["/notification_settings/quiet_hours"])
        .ok(200)
        .await;
    people.ledger.transaction(&kit.quiet(), company, "PAY-1", 5_000, None).await;
    until(kit, here, INBOX, "/notifications/0/type", "approval.requested").await;
    let item = waiting(kit, company, &client.person).await;
    let held = table::text(&item, Waits::Held.attribute()).expect("mail that is held").to_owned();
    tell.elsewhere("The letter about the payment", &format!("held until {held}"));
    let asks = |mail: &Message| mail.text.contains("Nordwind Supplies");
    assert_eq!(count(kit, people, asks).await, 0, "it came in the night");

    let body = json!({ "enabled": false, "threshold_minor": 1, "currency": "EUR" });
    kit.quiet()
        .api
        .put("/v1/approval-policy")
        .by(&people.owner.person)
        .within(&people.owner.here)
        .json(body)
        .ok(200)
        .await;
    let until_more = async {
        while count(kit, people, changed).await == before {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), until_more).await.expect("a letter in the night");
    let inbox = kit.mailbox.inbox(&client.person.email).await;
    tell.mail(inbox.iter().rfind(|mail| changed(mail)).expect("the letter"));
    assert_eq!(count(kit, people, asks).await, 0, "it came in the night");

    tell.says("In the morning the other one is sent.");
    let body = json!({ "quiet_hours": null });
    kit.quiet().api.patch(SETTINGS).by(&client.person).json(body).ok(200).await;
    pass(kit, company, &client.person, Waits::Held).await;
    send_what_is_due(kit).await;
    tell.mail(&kit.mailbox.wait_for(&client.person.email, "letter that waited", asks).await);
    tell.proved("A control that is weakened is told at once; a request waits for the morning, and is in the inbox.");
}

/// Step 34: one click ends one category of mail.
async fn stop_with_one_click(kit: &Kit, people: &People) {
    let (tell, client, company) = (&kit.narrator, &people.client, people.owner.company.id.as_str());
    tell.step(34, "One click in the mail program stops one category of mail");
    let about = |mail: &Message| mail.text.contains("Current account");
    let mail = kit.mailbox.wait_for(&client.person.email, "letter about the balance", about).await;
    let link = mail.header("List-Unsubscribe").expect("a link").trim_matches(['<', '>']);
    let path = format!("/u/{}", cast::token_in(link));
    tell.says("A scanner opens the link first: it sees a page, and nothing changes. Then Jonas clicks.");
    kit.api.get(&path).send().await.ok_page();
    let one_click = [("List-Unsubscribe", "One-Click")];
    for _ in 0..2 {
        kit.api.post(&path).form(&one_click).send().await.ok_page();
    }
    tell.elsewhere("His mail program: POST of the link, without a sign-in, and once more", "200");

    tell.says("The balance falls again, and a payment waits for his sign-off.");
    let before = count(kit, people, about).await;
    people.ledger.balance(&kit.quiet(), company, ACCOUNT, 100_000).await;
    kit.invoke("notify", &json!({ "schedule": "thresholds" })).await.ok();
    let here = (&client.person, &client.here);
    until(kit, here, INBOX, "/notifications/0/type", "balance.below_threshold").await;
    cast::approval_policy(&kit.quiet(), &people.owner, 1).await;
    until(kit, here, INBOX, "/notifications/0/type", "approval_policy.changed").await;
    people.ledger.transaction(&kit.quiet(), company, "PAY-2", 7_000, None).await;
    let asks = |mail: &Message| mail.text.contains("70,00");
    tell.mail(&kit.mailbox.wait_for(&client.person.email, "letter about PAY-2", asks).await);
    assert_eq!(count(kit, people, about).await, before, "the category was stopped");
    let shown = ["/notification_settings/categories"];
    kit.api.get(SETTINGS).by(&client.person).showing(&shown).ok(200).await;
    tell.proved("Mail about money has stopped, mail about approvals goes on, and the inbox has both.");
}

/// Step 35: the inbox has all of it.
async fn read_the_inbox(kit: &Kit, people: &People) -> (usize, u64) {
    let tell = &kit.narrator;
    tell.step(35, "The inbox has all of it, mailed or not");
    let shown = ["/notifications/*/title", "/notifications/*/unread", "/unread_count"];
    let inbox = by_client(kit, people, "GET", INBOX).showing(&shown).ok(200).await;
    let entries = list(&inbox, "notifications");
    let newest = format!("{INBOX}/{}/read", text(&entries[0], "/id"));
    let unread = |answer: &Value| answer["unread_count"].as_u64().expect("a count");
    let before = unread(&inbox);
    let one = by_client(kit, people, "POST", &newest).json(json!({})).showing(&["/unread_count"]).ok(200).await;
    assert_eq!(unread(&one), before - 1);
    let contexts = kit.api.get("/v1/contexts").by(&people.client.person).ok(200).await;
    let here = list(&contexts, "contexts").iter().find(|context| text(context, "/id") == people.owner.company.id);
    assert_eq!(here.expect("the company")["unread_notifications"], json!(before - 1));
    tell.says("The switcher shows the same number. He reads the rest at once.");
    let path = format!("{INBOX}/read");
    let all = by_client(kit, people, "POST", &path).json(json!({})).showing(&["/unread_count"]).ok(200).await;
    tell.proved("Who loses the place loses the inbox: it lies among the company's data.");
    (entries.len(), unread(&all))
}

/// How many letters the client has got of which this holds.
async fn count(kit: &Kit, people: &People, of: impl Fn(&Message) -> bool) -> usize {
    kit.mailbox.inbox(&people.client.person.email).await.iter().filter(|mail| of(mail)).count()
}

/// What the client does.
fn by_client<'k>(kit: &'k Kit, people: &People, method: &str, path: &str) -> Call<'k> {
    let call = match method {
        "PUT" => kit.api.put(path),
        "POST" => kit.api.post(path),
        _ => kit.api.get(path),
    };
    call.by(&people.client.person).within(&people.client.here)
}
