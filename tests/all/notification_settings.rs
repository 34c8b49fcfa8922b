//! `/v1/notification-settings` and `/v1/client-notification-settings`: who decides what is mailed.

use serde_json::{Value, json};
use tests::cast::{self, Owner, list, text};
use tests::context::Context;
use tests::machine::Ledger;
use tests::mailbox::Message;
use tests::people::Person;
use tests::{Kit, kit, people, run};

use crate::notifications::hear;

const OWN: &str = "/v1/notification-settings";
const OF_CLIENT: &str = "/v1/client-notification-settings";

fn of(org: &str) -> String {
    format!("{OWN}/{org}")
}

fn category(category: &str, mail: Value) -> Value {
    json!({ "categories": [{ "category": category, "mail": mail }] })
}

fn kind(kind: &str, mail: Value) -> Value {
    json!({ "types": [{ "type": kind, "mail": mail }] })
}

async fn choose(kit: &Kit, person: &Person, path: &str, body: Value) -> Value {
    kit.api.patch(path).by(person).json(body).ok(200).await
}

/// What applies to a type, and whose choice that is.
pub(crate) async fn applies(kit: &Kit, person: &Person, org: &str, kind: &str) -> (String, String) {
    let settings = kit.api.get(&of(org)).by(person).ok(200).await;
    let types = list(&settings["notification_settings"], "types").clone();
    let found = types.iter().find(|found| text(found, "/type") == kind).unwrap_or_else(|| panic!("no {kind}"));
    (text(found, "/mail"), text(found, "/decided_by"))
}

/// The ledger hands in a transaction that waits for a sign-off, and everybody is told of it.
pub(crate) async fn waits(kit: &Kit, owner: &Owner, reference: &str) {
    Ledger::sign_in(kit).await.transaction(kit, &owner.company.id, reference, 5_000, None).await;
    hear(kit, owner, "approval.requested", reference).await;
}

/// How many letters about waiting transactions of a company somebody has got.
pub(crate) async fn asked(kit: &Kit, person: &Person, company: &str) -> usize {
    let about = |mail: &Message| mail.text.contains("Nordwind Supplies") && mail.text.contains(company);
    kit.mailbox.inbox(&person.email).await.iter().filter(|mail| about(mail)).count()
}

async fn inbox(kit: &Kit, person: &Person, here: &Context) -> Vec<(String, String)> {
    let page = kit.api.get("/v1/notifications").by(person).within(here).ok(200).await;
    let entries = list(&page, "notifications");
    entries.iter().map(|entry| (text(entry, "/type"), text(entry, "/subject/id"))).collect()
}

/// Proves: NT2, NT4, 28
#[test]
fn a_category_that_is_switched_off_is_in_the_inbox_and_what_is_required_is_mailed() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Quiet Ltd").await;
        let admin = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        cast::approval_policy(kit, &owner, 1).await;
        let settings = choose(kit, &admin.person, OWN, category("approvals", json!("none"))).await;
        let categories = list(&settings["notification_settings"], "categories");
        let chosen = categories.iter().find(|found| text(found, "/category") == "approvals").expect("it is listed");
        assert_eq!((text(chosen, "/mail"), chosen["required"].clone()), ("none".to_owned(), json!(false)));
        let spanish = kit.api.get(OWN).by(&admin.person).header("accept-language", "es-MX").ok(200).await;
        let security = &list(&spanish["notification_settings"], "categories")[0];
        assert_eq!(text(security, "/in_words"), "Accesos finalizados, despachos conectados y controles modificados.");
        assert_eq!(
            text(security, "/types/0/in_words"),
            "Alguien ha puesto fin a su acceso o a una conexión que usted gestiona."
        );
        waits(kit, &owner, "PAY-1").await;
        assert_eq!(asked(kit, &owner.person, "Quiet Ltd").await, 1, "who chose nothing");
        assert_eq!(asked(kit, &admin.person, "Quiet Ltd").await, 0, "who switched it off");
        let entries = inbox(kit, &admin.person, &admin.here).await;
        assert!(entries.contains(&("approval.requested".to_owned(), "PAY-1".to_owned())), "{entries:?}");

        // Somebody weakens a control: every decider is told, whatever they chose.
        let body = json!({ "enabled": false, "threshold_minor": 1, "currency": "EUR" });
        kit.api.put("/v1/approval-policy").by(&owner.person).within(&owner.here).json(body).ok(200).await;
        let changed = |mail: &Message| mail.subject.contains("no longer needs approvals");
        kit.mailbox.wait_for(&admin.person.email, "change of the policy", changed).await;

        // Taken back, the default counts again.
        choose(kit, &admin.person, OWN, category("approvals", Value::Null)).await;
        let now = applies(kit, &admin.person, &owner.company.id, "approval.requested").await;
        assert_eq!(now, ("at_once".to_owned(), "default".to_owned()));
    });
}

/// The bus may deliver an event again, days later: nobody wants the letters of a time in which they wanted none.
/// Proves: NT2, 28
#[test]
fn what_was_not_mailed_by_choice_is_not_mailed_when_its_event_comes_again() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Calm Ltd").await;
        cast::approval_policy(kit, &owner, 1).await;
        choose(kit, &owner.person, OWN, category("approvals", json!("none"))).await;
        waits(kit, &owner, "PAY-1").await;
        choose(kit, &owner.person, OWN, category("approvals", json!("at_once"))).await;
        hear(kit, &owner, "approval.requested", "PAY-1").await;
        assert_eq!(asked(kit, &owner.person, "Calm Ltd").await, 0);
        waits(kit, &owner, "PAY-2").await;
        assert_eq!(asked(kit, &owner.person, "Calm Ltd").await, 1, "what comes after the choice is mailed");
    });
}

/// Proves: NT2, 28
#[test]
fn a_choice_for_a_type_in_one_company_comes_before_the_category() {
    run(async {
        let kit = kit();
        let loud = cast::owner(kit, "Otto Owner", "Loud Ltd").await;
        let mut still = loud.clone();
        still.company = cast::register_company(kit, &loud.person, "Still Ltd").await;
        still.here = cast::enter(kit, &loud.person, &still.company.id).await;
        for owner in [&loud, &still] {
            cast::approval_policy(kit, owner, 1).await;
        }
        choose(kit, &loud.person, OWN, category("approvals", json!("none"))).await;
        choose(kit, &loud.person, &of(&loud.company.id), kind("approval.requested", json!("at_once"))).await;
        for (owner, mail, by) in [(&loud, "at_once", "type"), (&still, "none", "category")] {
            let now = applies(kit, &owner.person, &owner.company.id, "approval.requested").await;
            assert_eq!(now, (mail.to_owned(), by.to_owned()), "{}", owner.company.name);
            waits(kit, owner, "PAY-1").await;
            let letters = asked(kit, &owner.person, &owner.company.name).await;
            assert_eq!(letters, usize::from(mail == "at_once"), "{}", owner.company.name);
        }
    });
}

/// Proves: NT2, 28
#[test]
fn what_a_firm_sets_for_a_client_counts_until_the_client_chooses() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Client Ltd"),
            cast::firm_admin(kit, "Frida Firm", "Firm & Sons"),
        );
        cast::connect(kit, &owner, &admin, None).await;
        cast::approval_policy(kit, &owner, 1).await;
        let at_client = cast::enter(kit, &admin.person, &owner.company.id).await;
        let put = |body: Value| kit.api.put(OF_CLIENT).by(&admin.person).within(&at_client).json(body);
        let off = kind("approval.requested", json!("none"));
        for _ in 0..2 {
            let settings = put(off.clone()).ok(200).await;
            assert_eq!(settings["client_notification_settings"], off);
        }
        let read = kit.api.get(OF_CLIENT).by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(read["client_notification_settings"], off);
        let trail = tests::story::audit_trail(kit, &owner.person, &owner.here).await;
        let recorded = trail.iter().filter(|event| text(event, "/type") == "client_notification_settings.changed");
        let firms: Vec<String> = recorded.map(|event| text(event, "/actor/firm")).collect();
        assert_eq!(firms, [admin.firm.id.as_str()], "on record once, as the firm's act");

        waits(kit, &owner, "PAY-1").await;
        assert_eq!(asked(kit, &owner.person, "Client Ltd").await, 0);
        let now = applies(kit, &owner.person, &owner.company.id, "approval.requested").await;
        assert_eq!(now, ("none".to_owned(), "company".to_owned()));
        choose(kit, &owner.person, &of(&owner.company.id), kind("approval.requested", json!("at_once"))).await;
        waits(kit, &owner, "PAY-2").await;
        assert_eq!(asked(kit, &owner.person, "Client Ltd").await, 1, "the client chose otherwise");

        // The firm's people see what applies to them, which is another's choice and not the client's.
        let now = applies(kit, &admin.person, &owner.company.id, "payment.received").await;
        assert_eq!(now, ("at_once".to_owned(), "default".to_owned()));
        let reader = cast::member(kit, &owner, "Rosa Reader", "read-only", None).await;
        let change = kit.api.put(OF_CLIENT).by(&reader.person).within(&reader.here).json(off);
        let refused = change.refused(403, "not-granted").await;
        assert_eq!(text(&refused, "/permission"), "settings.manage");
    });
}

/// Proves: NT2
#[test]
fn a_member_who_only_reads_has_payments_in_the_inbox_alone_by_default() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let reader = cast::member(kit, &owner, "Rosa Reader", "read-only", None).await;
        let company = owner.company.id.as_str();
        let by_default = |mail: &str| (mail.to_owned(), "default".to_owned());
        assert_eq!(applies(kit, &reader.person, company, "payment.received").await, by_default("none"));
        assert_eq!(applies(kit, &owner.person, company, "payment.received").await, by_default("at_once"));
    });
}

/// Proves: NT3
#[test]
fn bad_choices_are_refused_by_their_field() {
    run(async {
        let kit = kit();
        let (owner, stranger) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            cast::owner(kit, "Sven Stranger", "Strangers Ltd"),
        );
        let own = async |body: Value, field: &str| {
            let answer = kit.api.patch(OWN).by(&owner.person).json(body).send().await;
            answer.refused_field(422, "invalid-field", field);
        };
        own(category("weather", json!("none")), "categories[0].category").await;
        own(category("money", json!("sometimes")), "categories[0].mail").await;
        own(category("security", json!("none")), "categories[0].category").await;
        own(json!({ "categories": [{ "category": "money", "to": "someone" }] }), "categories[0].to").await;
        let twice = json!({ "category": "money", "mail": "none" });
        own(json!({ "categories": [twice, twice] }), "categories[1].category").await;
        own(json!({ "user": stranger.person.user, "categories": [] }), "user").await;

        let here = of(&owner.company.id);
        let of_client = async |body: Value, field: &str| {
            let call = kit.api.put(OF_CLIENT).by(&owner.person).within(&owner.here).json(body.clone());
            call.send().await.refused_field(422, "invalid-field", field);
            let answer = kit.api.patch(&here).by(&owner.person).json(body).send().await;
            answer.refused_field(422, "invalid-field", field);
        };
        of_client(kind("tea.ready", json!("none")), "types[0].type").await;
        of_client(kind("payment.received", json!("sometimes")), "types[0].mail").await;
        of_client(kind("access.ended", json!("none")), "types[0].type").await;
        of_client(kind("client.registered", json!("none")), "types[0].type").await;

        for org in [stranger.company.id.as_str(), "co_00000000000070008000000000000000", "nonsense"] {
            kit.api.get(&of(org)).by(&owner.person).refused(404, "not-found").await;
            let change = kit.api.patch(&of(org)).by(&owner.person).json(kind("payment.received", json!("none")));
            change.refused(404, "not-found").await;
        }

        // None of it was kept, and nobody's choice is another's.
        choose(kit, &owner.person, OWN, category("money", json!("none"))).await;
        let somebody = people::sign_up(kit, "Nina New").await;
        for person in [&stranger.person, &somebody] {
            let settings = kit.api.get(OWN).by(person).ok(200).await;
            let categories = list(&settings["notification_settings"], "categories").clone();
            assert!(categories.iter().all(|category| category.get("mail").is_none()), "{settings}");
        }
    });
}
