//! `/v1/notifications`: what is in the inbox, for whom, and for how long they may see it.

use serde_json::{Value, json};
use tests::cast::{self, Owner, list, text};
use tests::context::Context;
use tests::machine::Ledger;
use tests::people::Person;
use tests::{Kit, kit, run, waiting};

use crate::notifications::hear;

const INBOX: &str = "/v1/notifications";

/// The ledger hands in transactions that wait for a sign-off, and everybody is told of them.
async fn waits(kit: &Kit, owner: &Owner, references: &[&str]) {
    let ledger = Ledger::sign_in(kit).await;
    for reference in references {
        ledger.transaction(kit, &owner.company.id, reference, 5_000, None).await;
        hear(kit, owner, "approval.requested", reference).await;
    }
}

async fn look(kit: &Kit, person: &Person, here: &Context) -> Value {
    kit.api.get(INBOX).by(person).within(here).ok(200).await
}

/// The entries about waiting transactions: what each is about, and whether it is unread.
fn waiting_in(page: &Value) -> Vec<(String, bool)> {
    let entries = list(page, "notifications").iter().filter(|entry| text(entry, "/type") == "approval.requested");
    entries.map(|entry| (text(entry, "/subject/id"), entry["unread"] == json!(true))).collect()
}

/// The number that the list of contexts shows for a company or firm.
async fn in_the_switcher(kit: &Kit, person: &Person, org: &str) -> Value {
    let contexts = kit.api.get("/v1/contexts").by(person).ok(200).await;
    let found = list(&contexts, "contexts").iter().find(|context| text(context, "/id") == org);
    found.expect("it is listed")["unread_notifications"].clone()
}

async fn read(kit: &Kit, person: &Person, here: &Context, path: &str) -> Value {
    kit.api.post(path).by(person).within(here).json(json!({})).ok(200).await["unread_count"].clone()
}

/// Proves: NT6
#[test]
fn what_is_unread_is_counted_until_it_is_read() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let other = cast::owner(kit, "Olga Other", "Others Ltd").await;
        cast::approval_policy(kit, &owner, 1).await;
        // The change of the policy is told too.
        hear(kit, &owner, "approval_policy.changed", &owner.company.id).await;
        read(kit, &owner.person, &owner.here, "/v1/notifications/read").await;
        waits(kit, &owner, &["PAY-1", "PAY-2"]).await;

        let page = look(kit, &owner.person, &owner.here).await;
        let both = [("PAY-2".to_owned(), true), ("PAY-1".to_owned(), true)];
        assert_eq!(waiting_in(&page), both, "newest first");
        assert_eq!(page["unread_count"], json!(2));
        assert_eq!(in_the_switcher(kit, &owner.person, &owner.company.id).await, json!(2));
        let newest = &page["notifications"][0];
        assert!(text(newest, "/title").contains("Nordwind Supplies"), "{newest}");
        assert_eq!(newest["subject"]["kind"], json!("approval"));

        let path = format!("{INBOX}/{}/read", text(newest, "/id"));
        for _ in 0..2 {
            assert_eq!(read(kit, &owner.person, &owner.here, &path).await, json!(1));
        }
        let page = look(kit, &owner.person, &owner.here).await;
        assert_eq!(waiting_in(&page), [("PAY-2".to_owned(), false), ("PAY-1".to_owned(), true)]);
        let call = kit.api.post(&path).by(&other.person).within(&other.here).json(json!({}));
        call.refused(404, "not-found").await;
        for _ in 0..2 {
            assert_eq!(read(kit, &owner.person, &owner.here, "/v1/notifications/read").await, json!(0));
        }
        assert_eq!(in_the_switcher(kit, &owner.person, &owner.company.id).await, json!(0));

        // What was read stays read when its event comes again.
        hear(kit, &owner, "approval.requested", "PAY-1").await;
        let page = look(kit, &owner.person, &owner.here).await;
        assert_eq!(waiting_in(&page), [("PAY-2".to_owned(), false), ("PAY-1".to_owned(), false)]);
        assert_eq!(page["unread_count"], json!(0));
        for query in ["?limit=0", "?cursor=nonsense", "?of=everybody"] {
            let answer = kit.api.get(&format!("{INBOX}{query}")).by(&owner.person).within(&owner.here).send().await;
            assert_eq!(answer.status, 422, "{}: {}", answer.line, answer.text());
        }
    });
}

/// Proves: NT6, 28
#[test]
fn an_event_that_comes_twice_is_in_the_inbox_once() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        cast::approval_policy(kit, &owner, 1).await;
        waits(kit, &owner, &["PAY-1"]).await;
        tokio::join!(
            hear(kit, &owner, "approval.requested", "PAY-1"),
            hear(kit, &owner, "approval.requested", "PAY-1"),
        );
        let page = look(kit, &owner.person, &owner.here).await;
        assert_eq!(waiting_in(&page), [("PAY-1".to_owned(), true)]);
    });
}

/// Proves: NT5, 9
#[test]
fn who_lost_the_place_lost_the_inbox_and_does_not_find_it_again() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let admin = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        cast::approval_policy(kit, &owner, 1).await;
        waits(kit, &owner, &["PAY-1"]).await;
        let page = look(kit, &admin.person, &admin.here).await;
        assert_eq!(waiting_in(&page).len(), 1);
        let path = format!("{INBOX}/{}/read", text(&page, "/notifications/0/id"));

        let member = format!("/v1/members/{}", admin.person.user);
        kit.api.delete(&member).by(&owner.person).within(&owner.here).ok(200).await;
        kit.api.get(INBOX).by(&admin.person).within(&admin.here).refused(403, "not-granted").await;
        for path in [path.as_str(), "/v1/notifications/read"] {
            let call = kit.api.post(path).by(&admin.person).within(&admin.here).json(json!({}));
            call.refused(403, "not-granted").await;
        }

        // Somebody who comes back begins anew.
        let body = json!({ "kind": "member", "email": admin.person.email, "role": "admin" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        cast::accept(kit, &admin.person, &invited.token, None).await;
        let here = cast::enter(kit, &admin.person, &owner.company.id).await;
        let page = look(kit, &admin.person, &here).await;
        assert_eq!((waiting_in(&page), page["unread_count"].clone()), (vec![], json!(0)));
        let call = kit.api.post(&path).by(&admin.person).within(&here).json(json!({}));
        call.refused(404, "not-found").await;
        assert_eq!(in_the_switcher(kit, &admin.person, &owner.company.id).await, json!(0));
    });
}

/// Proves: NT5
#[test]
fn what_one_may_not_see_any_more_is_not_in_the_inbox() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let admin = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        cast::approval_policy(kit, &owner, 1).await;
        waits(kit, &owner, &["PAY-1"]).await;
        let page = look(kit, &admin.person, &admin.here).await;
        assert_eq!(waiting_in(&page).len(), 1);
        let path = format!("{INBOX}/{}/read", text(&page, "/notifications/0/id"));

        let member = format!("/v1/members/{}", admin.person.user);
        let less = json!({ "role": "client" });
        kit.api.patch(&member).by(&owner.person).within(&owner.here).json(less).ok(200).await;
        // That it changed is the one thing that they are told.
        hear(kit, &owner, "member.changed", &admin.person.user).await;
        // The same context token: the table decides.
        let page = look(kit, &admin.person, &admin.here).await;
        assert_eq!((waiting_in(&page), page["unread_count"].clone()), (vec![], json!(1)));
        assert_eq!(page["notifications"][0]["type"], json!("access.changed"));
        assert_eq!(in_the_switcher(kit, &admin.person, &owner.company.id).await, json!(1));
        let call = kit.api.post(&path).by(&admin.person).within(&admin.here).json(json!({}));
        call.refused(404, "not-found").await;
    });
}

/// Proves: NT5
#[test]
fn a_firm_has_inboxes_of_its_own() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Client Ltd"),
            cast::firm_admin(kit, "Frida Firm", "Firm & Sons"),
        );
        cast::connect(kit, &owner, &admin, None).await;
        let bookkeeper = cast::staff(kit, &admin, "Berta Books", "bookkeeper").await;
        cast::assign(kit, &admin, &owner.company.id, &bookkeeper.user, Some(&["dashboard.view"])).await;
        let at_firm = cast::enter(kit, &bookkeeper, &admin.firm.id).await;
        let body = json!({ "permissions": ["vat.view"], "for_hours": 8, "company": owner.company.id });
        kit.api.post("/v1/access-requests").by(&bookkeeper).within(&at_firm).json(body).ok(201).await;

        let newest = "/notifications/0/type";
        waiting::until(kit, (&admin.person, &admin.here), INBOX, newest, "access.requested").await;
        assert_eq!(in_the_switcher(kit, &admin.person, &admin.firm.id).await, json!(1));
        let at_client = cast::enter(kit, &admin.person, &owner.company.id).await;
        let page = look(kit, &admin.person, &at_client).await;
        assert_eq!(list(&page, "notifications").len(), 0, "it happened in the firm");
        assert_eq!(read(kit, &admin.person, &admin.here, "/v1/notifications/read").await, json!(0));
        let page = look(kit, &bookkeeper, &at_firm).await;
        assert_eq!(list(&page, "notifications").len(), 0, "who asks is not told");
    });
}
