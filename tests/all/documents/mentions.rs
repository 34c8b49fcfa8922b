//! People whom comments on documents name.

use serde_json::{Value, json};
use tests::cast::{self, Context, list, text};
use tests::mailbox::Message;
use tests::people::Person;
use tests::{kit, run};

use super::{declare_one, path, pdf, row};
use crate::support::refused_input;

fn says(words: &'static str) -> impl Fn(&Message) -> bool {
    move |mail: &Message| mail.text.contains(words)
}

/// Proves: M2, 3
#[test]
fn those_whom_a_comment_names_hear_of_it_while_they_see_the_document() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let (reader, blind) = tokio::join!(
            cast::member(kit, &owner, "Rosa Reader", "custom", Some(&["documents.view"])),
            cast::member(kit, &owner, "Berta Blind", "custom", Some(&["invoices.view"])),
        );
        let admin = cast::firm_admin(kit, "Walter Ledgerman", "Papers Accounting").await;
        cast::connect(kit, &owner, &admin, None).await;
        let bookkeeper = cast::staff(kit, &admin, "Ben Books", "bookkeeper").await;
        cast::assign(kit, &admin, &owner.company.id, &bookkeeper.user, None).await;
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        let document = path(&declare_one(kit, &owner, row("Receipt.pdf", &pdf())).await);
        let comments = format!("{document}/comments");
        let say = async |person: &Person, here: &Context, body: Value| {
            kit.api.post(&comments).by(person).within(here).json(body).send().await
        };
        let named = [&reader.person.user, &blind.person.user, &bookkeeper.user, &owner.person.user];
        let body = json!({ "text": "Which shop is it for?", "mentions": named });
        let answer = say(&owner.person, &owner.here, body).await.ok(201);
        assert_eq!(list(&answer["comment"], "mentions").len(), 4, "{answer}");
        for person in [&reader.person, &bookkeeper] {
            let letter = kit.mailbox.wait_for(&person.email, "mention", says("Which shop is it for?")).await;
            assert!(letter.text.contains("Receipt.pdf") && letter.text.contains(&text(&answer, "/comment/by_name")));
            assert!(letter.text.contains(document.trim_start_matches("/v1")), "{letter}");
        }

        // What is internal to the firm names its own people alone.
        let body = json!({ "text": "Theirs", "internal": true, "mentions": [bookkeeper.user, reader.person.user] });
        refused_input(&say(&admin.person, &inside, body).await, "mentions");
        let body = json!({ "text": "They are late again", "internal": true, "mentions": [bookkeeper.user] });
        say(&admin.person, &inside, body).await.ok(201);
        kit.mailbox.wait_for(&bookkeeper.email, "internal mention", says("They are late again")).await;
        for (email, words) in [
            (&owner.person.email, "Which shop is it for?"),
            (&blind.person.email, "Which shop is it for?"),
            (&owner.person.email, "They are late again"),
            (&reader.person.email, "They are late again"),
        ] {
            assert!(!kit.mailbox.inbox(email).await.iter().any(says(words)), "{email} was told: {words}");
        }

        let body = json!({ "text": "You", "mentions": [admin.person.user] });
        refused_input(&say(&owner.person, &owner.here, body).await, "mentions");
        let body = json!({ "text": "All", "mentions": vec![&reader.person.user; 11] });
        refused_input(&say(&owner.person, &owner.here, body).await, "mentions");
    });
}
