//! The pages behind links are in the language of their reader.

use serde_json::{Value, json};
use tests::cast::{self, Invited, text};
use tests::http::Answer;
use tests::machine::{self, CUSTOMER, CUSTOMER_NAME, Ledger};
use tests::people::{self, PASSWORD};
use tests::{Kit, kit, run};

/// What a browser whose person prefers French sends.
const FRENCH: &str = "fr-BE, fr;q=0.9, en;q=0.5";

async fn page(kit: &Kit, path: &str, languages: &str) -> Answer {
    kit.api.get(path).header("accept", "text/html").header("accept-language", languages).send().await
}

/// That a page is in a language, and says so.
fn is_in(page: &Answer, language: &str, said: &str) {
    assert_eq!(page.header("content-language"), Some(language), "{}", page.text());
    assert!(page.text().contains(&format!("<html lang=\"{language}\">")), "{}", page.text());
    assert!(page.text().contains(said), "{said}: {}", page.text());
}

/// A new member of a company, who was invited in a language or in none.
async fn invited(kit: &Kit, locale: Option<&str>) -> Invited {
    let owner = cast::owner(kit, "Ines Inviter", "Inviters Ltd").await;
    let mut body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
    if let Some(locale) = locale {
        body["locale"] = locale.into();
    }
    cast::invite(kit, &owner.person, &owner.here, body).await
}

/// Makes the account with the page's form, and reads the language of its profile.
async fn account(kit: &Kit, invited: &Invited, said: &str, language: &str) -> Value {
    let path = format!("/i/{}/account", invited.token);
    let form = [("name", "Gus Guest"), ("password", PASSWORD)];
    let send = |form: &[(&str, &str)]| kit.api.post(&path).header("accept-language", FRENCH).form(form).send_owned();
    let refused = send(&[("name", "Gus Guest"), ("password", "short")]).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    is_in(&refused, language, said);
    let made = send(&form).await;
    assert_eq!(made.status, 201, "{}", made.text());
    assert_eq!(made.header("content-language"), Some(language), "{}", made.text());
    let person = people::sign_in(kit, "Gus Guest", &invited.email, PASSWORD).await;
    kit.api.get("/v1/me").by(&person).ok(200).await
}

/// A person who was invited in German would otherwise be shown a page, an error and letters in another language.
/// Proves: U19
#[test]
fn an_invitation_in_german_has_a_page_in_german_whatever_the_browser_asks_for() {
    run(async {
        let kit = kit();
        let invited = invited(kit, Some("de-AT")).await;
        let shown = page(kit, &format!("/i/{}", invited.token), FRENCH).await;
        is_in(&shown, "de", "Konto erstellen und annehmen");
        let me = account(kit, &invited, "Das Passwort muss mindestens 12 Zeichen haben.", "de").await;
        assert_eq!(text(&me, "/user/language"), "de-AT", "{me}");
        let dead = page(kit, &format!("/i/{}", invited.token), FRENCH).await;
        assert_eq!(dead.status, 410, "{}", dead.text());
    });
}

/// Proves: U19
#[test]
fn an_invitation_in_no_language_has_a_page_and_an_account_in_the_browsers() {
    run(async {
        let kit = kit();
        let invited = invited(kit, None).await;
        let path = format!("/i/{}", invited.token);
        is_in(&page(kit, &path, FRENCH).await, "fr", "Créer le compte et accepter");
        // Of a language that is not spoken here, of none, and of what is no language.
        for languages in ["pt-BR, pt;q=0.9", "*", ";q=,,"] {
            is_in(&page(kit, &path, languages).await, "en", "Create account and accept");
        }
        is_in(&kit.api.get(&path).header("accept", "text/html").send().await, "en", "Create account and accept");
        let me = account(kit, &invited, "Le mot de passe doit comporter au moins 12 caractères.", "fr").await;
        assert_eq!(text(&me, "/user/language"), "fr-BE", "{me}");
        is_in(&page(kit, &path, FRENCH).await, "fr", "Cette invitation a été acceptée");
    });
}

/// Proves: U19
#[test]
fn a_registration_link_has_a_page_in_the_browsers_language() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Lena Link", "Link Accounting").await;
        let body = json!({ "permissions": ["invoices.view"] });
        let post = kit.api.post("/v1/registration-links").by(&admin.person).within(&admin.here);
        let made = post.json(body).ok(201).await;
        let path = format!("/r/{}", cast::token_in(&text(&made, "/url")));
        is_in(&page(kit, &path, FRENCH).await, "fr", "Inscrivez votre entreprise");
        is_in(&page(kit, &path, "es-MX").await, "es", "Registre su empresa");
        is_in(&page(kit, "/r/nonsense", "nl").await, "nl", "Hier is niets");
    });
}

/// A Dutch customer would otherwise read their invoice in the language of whatever browser they use.
/// Proves: U19
#[test]
fn a_hosted_document_is_in_the_contacts_language() {
    run(async {
        let kit = kit();
        let (owner, ledger, person) = tokio::join!(
            cast::owner(kit, "Otto Owner", "Owners Ltd"),
            Ledger::sign_in(kit),
            people::sign_up(kit, "Nora Nord"),
        );
        let company = owner.company.id.as_str();
        machine::push_customer(kit, company, CUSTOMER, CUSTOMER_NAME).await;
        ledger.invoice(kit, company, "INV-1", 4_200).await;
        let contact = cast::add_contact(kit, &owner, CUSTOMER, &person.name, &person.email).await;
        let at_contact = format!("/v1/customers/{CUSTOMER}/contacts/{contact}");
        let dutch = json!({ "language": "nl" });
        kit.api.patch(&at_contact).by(&owner.person).within(&owner.here).json(dutch).ok(200).await;
        let body = json!({ "kind": "invoice", "document": "INV-1", "contact": contact, "message": "As we agreed" });
        let post = kit.api.post("/v1/document-links").by(&owner.person).within(&owner.here);
        post.json(body).ok(201).await;
        let mail = kit.mailbox.wait_for(&person.email, "hosted link", |mail| mail.text.contains("/h/")).await;
        let path = format!("/h/{}", cast::token_in(&mail.link("/h/")));

        is_in(&page(kit, &path, FRENCH).await, "nl", "Document openen");
        let viewed = kit.api.post(&format!("{path}/viewed")).header("accept", "text/html");
        let viewed = viewed.header("accept-language", FRENCH).send().await;
        is_in(&viewed, "nl", "€\u{a0}42,00");
        assert!(
            viewed.text().contains("Nog te betalen") && viewed.text().contains("Factuur No. INV-1"),
            "{}",
            viewed.text()
        );
        let comment = |text: String| {
            let post = kit.api.post(&format!("{path}/comments")).header("accept-language", FRENCH);
            post.form(&[("text", text.as_str())]).send_owned()
        };
        let refused = comment("x".repeat(2_001)).await;
        assert_eq!(refused.status, 422, "{}", refused.text());
        is_in(&refused, "nl", "Uw opmerking is niet toegevoegd: de tekst is langer dan 2.000 tekens.");
        // Of whom the link is, nobody knows before it is read.
        is_in(&page(kit, "/h/nonsense", FRENCH).await, "fr", "Ce lien ne fonctionne pas");
    });
}
