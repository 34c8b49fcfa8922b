//! `/u/{token}`: a notification is stopped with one click, and what is mailed is chosen, without a sign-in.

use serde_json::{Value, json};
use tests::answer::Answer;
use tests::cast::{self, Owner, list, text};
use tests::machine::Ledger;
use tests::mailbox::Message;
use tests::people::Person;
use tests::table::Item;
use tests::{Kit, kit, run};

use crate::notification_settings::{applies, asked, waits};

const ONE_CLICK: [(&str, &str); 1] = [("List-Unsubscribe", "One-Click")];

/// The path of the link with which a letter can be stopped, if it has one.
pub(crate) fn unsubscribing(mail: &Message) -> Option<String> {
    let link = mail.header("List-Unsubscribe")?.strip_prefix('<')?.strip_suffix('>')?;
    Some(format!("/u/{}", cast::token_in(link)))
}

fn asks(mail: &Message) -> bool {
    mail.text.contains("Nordwind Supplies")
}

/// An owner who was asked to sign off a transaction, and the path of the link in the letter.
async fn was_asked(kit: &Kit, company: &str) -> (Owner, String) {
    let owner = cast::owner(kit, "Otto Owner", company).await;
    cast::approval_policy(kit, &owner, 1).await;
    waits(kit, &owner, "PAY-1").await;
    let mail = kit.mailbox.wait_for(&owner.person.email, "letter about PAY-1", asks).await;
    let path = unsubscribing(&mail).unwrap_or_else(|| panic!("it cannot be stopped: {mail}"));
    (owner, path)
}

/// What is stored of somebody's choices.
async fn stored(kit: &Kit, person: &Person) -> Option<Item> {
    kit.table.item(&format!("USER#{}", person.user), "NOTIFICATION-SETTINGS").await
}

async fn page(kit: &Kit, path: &str) -> Answer {
    let answer = kit.api.get(path).send().await;
    answer.ok_page();
    answer
}

async fn click(kit: &Kit, path: &str) -> Answer {
    let answer = kit.api.post(path).form(&ONE_CLICK).send().await;
    answer.ok_page();
    answer
}

/// What somebody chose for a category.
async fn chosen(kit: &Kit, person: &Person, category: &str) -> Value {
    let settings = kit.api.get("/v1/notification-settings").by(person).ok(200).await;
    let categories = list(&settings["notification_settings"], "categories");
    let found = categories.iter().find(|found| text(found, "/category") == category).expect("a category");
    found.get("mail").cloned().unwrap_or_default()
}

/// Proves: NT9
#[test]
fn a_letter_that_can_be_refused_says_so_in_its_header_and_no_other_does() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Headers Ltd").await;
        let admin = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        let letters = kit.mailbox.inbox(&admin.person.email).await;
        let invitation = letters.iter().find(|mail| mail.text.contains("/i/")).expect("an invitation");
        cast::approval_policy(kit, &owner, 1).await;
        waits(kit, &owner, "PAY-1").await;
        for person in [&owner.person, &admin.person] {
            let mail = kit.mailbox.wait_for(&person.email, "letter about PAY-1", asks).await;
            let header = mail.header("List-Unsubscribe").expect("it can be stopped");
            assert!(header.starts_with("<http") && header.ends_with('>') && header.is_ascii(), "{header}");
            assert!(!header.contains(['\r', '\n', ' ', '@', '=', '?']), "encoded or folded: {header}");
            assert_eq!(mail.header("List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
            let link = header.trim_matches(['<', '>']);
            assert!(mail.text.contains(link) && mail.html.contains(link), "{mail}");
            let token = cast::token_in(link);
            assert!(token.starts_with(&format!("{}.approvals.", person.user)), "{token}");
        }

        let body = json!({ "enabled": false, "threshold_minor": 1, "currency": "EUR" });
        kit.api.put("/v1/approval-policy").by(&owner.person).within(&owner.here).json(body).ok(200).await;
        let changed = |mail: &Message| mail.subject.contains("no longer needs approvals");
        let required = kit.mailbox.wait_for(&admin.person.email, "change of the policy", changed).await;
        for (mail, what) in [(invitation, "an invitation"), (&required, "what is required")] {
            assert_eq!(mail.header("List-Unsubscribe"), None, "{what}: {mail}");
            assert_eq!(mail.header("List-Unsubscribe-Post"), None, "{what}: {mail}");
            assert!(!mail.text.contains("/u/") && !mail.html.contains("/u/"), "{what}: {mail}");
        }
    });
}

/// Proves: NT8, NT10, 12
#[test]
fn one_click_stops_the_category_and_looking_at_the_link_stops_nothing() {
    run(async {
        let kit = kit();
        let (owner, path) = was_asked(kit, "Click Ltd").await;
        let (person, company) = (&owner.person, owner.company.id.as_str());
        // A choice for the type here comes before the category.
        let body = json!({ "types": [{ "type": "approval.requested", "mail": "at_once" }] });
        let of_company = format!("/v1/notification-settings/{company}");
        kit.api.patch(&of_company).by(person).json(body).ok(200).await;

        let before = stored(kit, person).await;
        for _ in 0..3 {
            let shown = page(kit, &path).await.text();
            assert!(shown.contains("Stop these messages?"), "{shown}");
            for of_somebody in [&person.email, &person.name, &owner.company.name, &owner.company.id] {
                assert!(!shown.contains(of_somebody.as_str()), "{of_somebody} is on the page");
            }
        }
        assert!(stored(kit, person).await == before, "a scanner changed something");

        let answer = click(kit, &path).await;
        assert_eq!((answer.header("location"), answer.header("set-cookie")), (None, None));
        let after = stored(kit, person).await;
        assert_eq!(
            applies(kit, person, company, "approval.requested").await,
            ("none".to_owned(), "category".to_owned())
        );
        let part = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
        kit.api.post(&path).raw("multipart/form-data; boundary=b", part).send().await.ok_page();
        assert!(stored(kit, person).await == after, "a second click changed something");

        waits(kit, &owner, "PAY-2").await;
        assert_eq!(asked(kit, person, "Click Ltd").await, 1, "the next letter came");
        let page = kit.api.get("/v1/notifications").by(person).within(&owner.here).ok(200).await;
        let told = list(&page, "notifications").iter().filter(|entry| entry["type"] == json!("approval.requested"));
        assert_eq!(told.count(), 2, "both are in the inbox");

        // Another category goes on.
        let filed = json!({
            "kind": "vat_return_filed", "period_from": "2026-07-01", "period_until": "2026-09-30", "date": "2026-10-29",
            "amount_minor": 123_456, "currency": "EUR",
        });
        Ledger::sign_in(kit).await.put(kit, company, "facts", "VAT-Q3", filed).await.ok(201);
        let told = |mail: &Message| mail.subject.starts_with("Click Ltd: VAT return filed");
        let mail = kit.mailbox.wait_for(&person.email, "VAT return", told).await;
        assert!(unsubscribing(&mail).is_some_and(|path| path.contains(".accounts.")), "{mail}");

        let again = kit.api.post(&format!("{path}/resumption")).form(&[]).send().await;
        again.ok_page();
        waits(kit, &owner, "PAY-3").await;
        let third = |mail: &Message| mail.text.contains("/approvals/PAY-3");
        kit.mailbox.wait_for(&person.email, "what was started again", third).await;
    });
}

/// Proves: NT10
#[test]
fn what_is_no_link_of_ours_gets_one_answer() {
    run(async {
        let kit = kit();
        let ((owner, path), stranger) =
            tokio::join!(was_asked(kit, "Links Ltd"), cast::owner(kit, "Sven Stranger", "Strangers Ltd"));
        let body = json!({ "kind": "member", "email": stranger.person.email, "role": "admin" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let token = cast::token_in(&path);
        let (_, mac) = token.rsplit_once('.').expect("a signature");
        let (_, of_invitation) = invited.token.rsplit_once('.').expect("a signature");
        let (mine, others) = (&owner.person.user, &stranger.person.user);
        let mut answers = std::collections::BTreeSet::new();
        for token in [
            "nonsense".to_owned(),
            "x".repeat(4_000),
            invited.token.clone(),
            format!("{others}.approvals.{mac}"),
            format!("{mine}.money.{mac}"),
            format!("{mine}.digests.{mac}"),
            format!("{mine}.security.{mac}"),
            format!("{mine}.approvals.{of_invitation}"),
            format!("{token}."),
        ] {
            let path = format!("/u/{token}");
            for call in [
                kit.api.get(&path),
                kit.api.post(&path).form(&ONE_CLICK),
                kit.api.post(&path).json(json!({ "user": mine })),
                kit.api.post(&format!("{path}/choices")).form(&[("approvals", "none")]),
                kit.api.post(&format!("{path}/resumption")).form(&[]),
            ] {
                let answer = call.send().await;
                assert_eq!(answer.status, 404, "{}: {}", answer.line, answer.text());
                answers.insert(answer.bytes);
            }
        }
        for person in [&owner.person, &stranger.person] {
            assert!(stored(kit, person).await.is_none(), "something was chosen for {}", person.name);
        }
        // The link opens nothing else.
        for other in ["i", "r", "h"] {
            let answer = kit.api.get(&format!("/{other}/{token}")).send().await;
            assert_eq!(answer.status, 404, "{}", answer.line);
        }

        page(kit, &path).await;
        kit.table.delete(&format!("USER#{mine}"), "PROFILE").await;
        for call in [kit.api.get(&path), kit.api.post(&path).form(&ONE_CLICK)] {
            let answer = call.send().await;
            assert_eq!(answer.status, 404, "{}", answer.line);
            answers.insert(answer.bytes);
        }
        assert!(stored(kit, &owner.person).await.is_none());
        assert_eq!(answers.len(), 1, "answers differ in their bytes");
    });
}

/// Proves: NT8, NT3
#[test]
fn everything_that_can_be_chosen_is_chosen_on_the_page() {
    run(async {
        let kit = kit();
        let (owner, path) = was_asked(kit, "Choices Ltd").await;
        let (person, company) = (&owner.person, owner.company.id.as_str());
        let shown = page(kit, &path).await.text();
        for field in
            ["approvals", "money", "accounts", "documents", "sales", "comments", "access", "clients", "digests"]
        {
            assert!(shown.contains(&format!("name=\"{field}\"")), "{field} is missing: {shown}");
        }
        assert!(shown.contains("This is always mailed.") && !shown.contains("name=\"security\""), "{shown}");

        let types = json!({ "types": [
            { "type": "payment.received", "mail": "none" },
            { "type": "estimate.decided", "mail": "none" },
        ] });
        kit.api.patch(&format!("/v1/notification-settings/{company}")).by(person).json(types).ok(200).await;
        assert!(page(kit, &path).await.text().contains("you chose differently"), "choices here are not on the page");

        let choices = format!("{path}/choices");
        let choose = async |fields: &[(&str, &str)]| kit.api.post(&choices).form(fields).send().await;
        let answer = choose(&[("money", "in_digest"), ("sales", "default"), ("digests", "sent")]).await;
        answer.ok_page();
        assert!(answer.text().contains("Your choices are saved."), "{}", answer.text());
        assert_eq!(chosen(kit, person, "money").await, json!("in_digest"));
        assert_eq!(chosen(kit, person, "sales").await, Value::Null);
        let now = applies(kit, person, company, "payment.received").await;
        assert_eq!(now, ("in_digest".to_owned(), "category".to_owned()), "it was chosen anew");
        let now = applies(kit, person, company, "estimate.decided").await;
        assert_eq!(now, ("none".to_owned(), "type".to_owned()), "it stayed as it was");

        let kept = stored(kit, person).await;
        let program = |path: &str| kit.api.post(path).header("accept", "application/json");
        choose(&[("money", "in_digest"), ("digests", "sent")]).await.ok_page();
        assert!(stored(kit, person).await == kept, "the same choices were written again");
        for (fields, field) in [
            (&[("security", "none")][..], "security"),
            (&[("weather", "none")][..], "weather"),
            (&[("money", "sometimes")][..], "money"),
            (&[("digests", "weekly")][..], "digests"),
            (&[("money", "none"), ("money", "at_once")][..], "money"),
        ] {
            let answer = program(&choices).form(fields).send().await;
            answer.refused_field(422, "invalid-field", field);
        }
        program(&choices).json(json!({ "money": "none" })).refused(400, "malformed-request").await;
        program(&path).form(&[]).send().await.refused_field(422, "invalid-field", "List-Unsubscribe");
        for form in [&[("money", "sometimes")][..], &[("digests", "weekly")][..]] {
            let call = kit.api.post(&choices).header("accept-language", "de");
            let page = call.form(form).send().await;
            assert_eq!((page.status, page.header("content-language")), (422, Some("de")), "{}", page.text());
            assert!(page.text().contains("Es wurde nichts geändert"), "{}", page.text());
        }
        assert!(stored(kit, person).await == kept, "a refused form was written");

        // The page of an answer leads on to the same forms.
        let below = choose(&[("digests", "stopped")]).await.text();
        let token = cast::token_in(&path);
        assert!(below.contains(&format!("action=\"../{token}\"")) && below.contains("action=\"choices\""), "{below}");
        let settings = kit.api.get("/v1/notification-settings").by(person).ok(200).await;
        assert_eq!(settings["notification_settings"]["digests_stopped"], json!(true));
        let now = applies(kit, person, company, "payment.received").await;
        assert_eq!(now, ("none".to_owned(), "digests_stopped".to_owned()));
    });
}
