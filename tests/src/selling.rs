//! The fourth act: what a company sells, and what the contacts of its customers see and do.
//!
//! `demo` tells it after the third act, the test `story::the_fourth_act` silently. As there, nothing is prepared and
//! everyone gets a new address.

use serde_json::{Value, json};

use crate::cast::{self, Contact, Organisation, Owner, list, text};
use crate::http::Call;
use crate::machine::{self, CUSTOMER, Ledger};
use crate::mailbox::Message;
use crate::people;
use crate::waiting::letter;
use crate::{Kit, checkout, story};

/// The customer that the act is about, and another one.
const NORDWIND: &str = CUSTOMER;
const LOJA: &str = "CUS-2";
/// What the estimate and the invoice are called.
const ESTIMATE: &str = "EST-2026-07";
const INVOICE: &str = "INV-2026-44";
/// What was offered first, and what was agreed.
const OFFERED_MINOR: i64 = 70_000;
const AGREED_MINOR: i64 = 60_000;

/// How the fourth act ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ending {
    /// The company.
    pub company: Organisation,
    /// What the customer owes at the end, with its currency.
    pub closing: String,
}

/// Who plays.
struct People {
    owner: Owner,
    ledger: Ledger,
    /// The contact of the customer that the act is about.
    contact: Contact,
    /// The contact of another customer of the same company.
    other: Contact,
}

/// Tells all four steps, numbered from 23.
///
/// # Panics
/// At the first step that does not go as it should.
pub async fn tell(kit: &Kit) -> Ending {
    let people = let_the_customers_in(kit).await;
    agree_on_an_estimate(kit, &people).await;
    let page = forward_the_invoice(kit, &people).await;
    let closing = read_the_statement(kit, &people, &page).await;
    Ending { company: people.owner.company, closing }
}

/// Step 23: the ledger reports two customers; a contact of each is let in.
async fn let_the_customers_in(kit: &Kit) -> People {
    let (tell, quiet) = (&kit.narrator, kit.quiet());
    tell.step(23, "A contact of a customer is let in by one link, and stands in the portal");
    let (owner, ledger, person) = tokio::join!(
        cast::owner(&quiet, "Rita Sommer", "Sommer Joinery"),
        Ledger::sign_in(kit),
        people::sign_up(&quiet, "Cleo Nord"),
    );
    tell.says("Rita owns Sommer Joinery. Its ledger reports two customers, Nordwind Supplies and Loja Verde.");
    let company = owner.company.id.as_str();
    machine::push_customer(&kit.quiet(), company, NORDWIND, machine::CUSTOMER_NAME).await;
    machine::push_customer(&kit.quiet(), company, LOJA, "Loja Verde").await;

    tell.says("She adds Cleo as a contact of Nordwind Supplies, and switches the access on.");
    let id = cast::add_contact(kit, &owner, NORDWIND, &person.name, &person.email).await;
    let here = (&owner.person, &owner.here);
    let invited = cast::let_in(kit, here, (NORDWIND, &id), &person.email, json!({})).await;
    tell.mail(&invited.mail);
    cast::accept(kit, &person, &invited.token, None).await;
    let path = format!("/v1/contexts/{company}/customers/{NORDWIND}");
    let shown = ["/context/name", "/context/via", "/context/permissions"];
    let entered = kit.api.post(&path).by(&person).json(json!({})).showing(&shown).ok(200).await;
    let contact = cast::contact_at(NORDWIND, &id, &person, cast::context(&entered));
    let other = cast::contact(&quiet, &owner, LOJA, "Duarte Verde").await;
    let people = People { owner, ledger, contact, other };
    let shown = ["/company/name", "/customer/name", "/owed", "/open_estimates/items"];
    let home = get(kit, &people.contact, "").showing(&shown).ok(200).await;
    assert_eq!(text(&home, "/customer/name"), machine::CUSTOMER_NAME);
    tell.proved("One link, one seat: the documents of this customer, and nothing else of the company.");
    people
}

/// Step 24: viewed, asked about, declined, reworked, accepted.
async fn agree_on_an_estimate(kit: &Kit, people: &People) {
    let tell = &kit.narrator;
    tell.step(24, "An estimate is viewed, asked about, declined, reworked and accepted");
    push(kit, people, "estimates", ESTIMATE, machine::estimate(ESTIMATE, OFFERED_MINOR)).await;
    letter(kit, &people.contact.person, "estimate", "New: estimate").await;

    tell.says("Cleo opens it, which her page says with a POST, and asks.");
    let path = format!("/estimates/{ESTIMATE}");
    let seen = ["/estimate/status", "/estimate/total_minor", "/estimate/lines/*/description", "/estimate/digest"];
    let first = get(kit, &people.contact, &path).showing(&seen).ok(200).await;
    let digest = text(&first, "/estimate/digest");
    post(kit, people, &format!("{path}/viewed"), json!({ "digest": digest })).ok(200).await;
    let question = json!({ "text": "Is the fitting included?" });
    post(kit, people, &format!("{path}/comments"), question).showing(&["/comment/text"]).ok(201).await;
    letter(kit, &people.owner.person, "question", "estimate").await;
    let answer = json!({ "text": "Yes, and it takes two days.", "visibility": "customer" });
    let ours = format!("/v1/estimates/{ESTIMATE}");
    staff(kit, people, &format!("{ours}/comments"), answer).showing(&["/comment/text"]).ok(201).await;

    tell.says("It is too dear: she declines. The ledger sends a new one, and the old decision stays on record.");
    let decision = format!("{path}/decision");
    let reason = "Too dear. Can you do it for 600?";
    let decided = ["/estimate/status", "/estimate/decision/decision", "/estimate/decision/reason"];
    let body = json!({ "decision": "declined", "digest": digest, "reason": reason });
    post(kit, people, &decision, body).showing(&decided).ok(200).await;
    letter(kit, &people.owner.person, "declined", "Declined: estimate").await;
    push(kit, people, "estimates", ESTIMATE, machine::estimate(ESTIMATE, AGREED_MINOR)).await;
    letter(kit, &people.contact.person, "reworked estimate", "Changed: estimate").await;

    tell.says("The digest of the first one accepts nothing any more. She accepts what she sees now.");
    let accept = |digest: &str| json!({ "decision": "accepted", "digest": digest });
    post(kit, people, &decision, accept(&digest)).refused(409, "conflict").await;
    let shown = ["/estimate/status", "/estimate/total_minor", "/estimate/earlier_decisions/*/reason"];
    let second = get(kit, &people.contact, &path).showing(&shown).ok(200).await;
    assert_eq!(text(&second, "/estimate/earlier_decisions/0/reason"), reason);
    let call = post(kit, people, &decision, accept(&text(&second, "/estimate/digest")));
    let accepted = call.showing(&["/estimate/status", "/estimate/decision/by_name"]).ok(200).await;
    assert_eq!(text(&accepted, "/estimate/status"), "accepted");
    letter(kit, &people.owner.person, "accepted", "Accepted: estimate").await;
    tell.proved("What was accepted is what was seen: each decision names the digest of the content.");
}

/// Step 25: the invoice, and a colleague who sees it without an account; answers the path of the page.
async fn forward_the_invoice(kit: &Kit, people: &People) -> String {
    let tell = &kit.narrator;
    tell.step(25, "The invoice follows; the contact forwards it; a colleague opens the hosted page");
    push(kit, people, "invoices", INVOICE, machine::invoice(INVOICE, AGREED_MINOR)).await;
    let path = format!("/invoices/{INVOICE}");
    let shown = ["/invoice/status", "/invoice/total_minor", "/invoice/due_on"];
    get(kit, &people.contact, &path).showing(&shown).ok(200).await;

    tell.says("Cleo forwards it to a colleague, who has no account here.");
    let colleague = people::address("Ines Nord");
    let body = json!({ "name": "Ines Nord", "email": colleague, "message": "Can you release this?" });
    post(kit, people, &format!("{path}/forward"), body).showing(&["/expires_on"]).ok(201).await;
    let linked = |mail: &Message| mail.text.contains("/h/");
    let mail = kit.mailbox.wait_for(&colleague, "forwarded invoice", linked).await;
    tell.mail(&mail);
    let page = format!("/h/{}", cast::token_in(&mail.link("/h/")));
    tell.says("A scanner of mail may open the link: that counts for nothing. She opens it, and the page says so.");
    let scanned = kit.api.get(&page).header("accept", "text/html").send().await;
    assert!(scanned.text().contains("Open the document"), "{}", scanned.text());
    let opened = kit.api.post(&format!("{page}/viewed")).header("accept", "text/html").send().await;
    assert!(opened.text().contains("Shelving for the second shop"), "{}", opened.text());
    let shown = ["/views/*/viewer/kind", "/views/*/viewer_name", "/views/*/count"];
    let call = kit.api.get(&format!("/v1/invoices/{INVOICE}/views")).by(&people.owner.person);
    let views = call.within(&people.owner.here).showing(&shown).ok(200).await;
    assert_eq!(text(&views, "/views/0/viewer_name"), "Ines Nord", "{views}");
    tell.proved("Rita sees who saw which version, and when: the colleague through her link, and once.");
    page
}

/// Step 26: the colleague pays, the statement ties, and the other customer's contact sees none of it.
async fn read_the_statement(kit: &Kit, people: &People, page: &str) -> String {
    let tell = &kit.narrator;
    tell.step(26, "The colleague pays; the statement ties; another customer's contact sees none of it");
    let note = machine::credit_note("CN-2026-3", 10_000, INVOICE, 10_000);
    tell.says("The ledger corrects the invoice: 100.00 EUR are credited, and 100.00 EUR of a new one are added.");
    push(kit, people, "credit-notes", "CN-2026-3", note).await;
    push(kit, people, "invoices", "INV-2026-45", machine::invoice("INV-2026-45", 10_000)).await;
    tell.says("Ines pays what is left of the first one, on the payment provider's page, to which her link leads.");
    let pay = kit.api.post(&format!("{page}/payments")).header("accept", "application/json");
    let started = pay.showing(&["/payment/amount_minor", "/provider/expires_at"]).ok(201).await;
    let (status, _) = checkout::pay_on_page(kit, &text(&started, "/provider/url"), "pm_card_visa").await;
    assert_eq!(status, 303, "the page leads back");
    tell.elsewhere("The payment provider's page takes a card", "it leads back to the link");
    story::payment_settles(kit, &people.owner, &text(&started, "/payment/id")).await;
    let path = "/statement?from=2026-01-01&until=2099-12-31";
    let shown = ["/statement/currencies/*/entries/*/kind", "/statement/currencies/*/entries/*/balance_minor"];
    let answer = get(kit, &people.contact, path).showing(&shown).ok(200).await;
    let currency = &list(&answer["statement"], "currencies")[0];
    let minor = |name: &str| currency[name].as_i64().expect("an amount");
    assert_eq!(minor("opening_minor") + minor("documents_minor") - minor("received_minor"), minor("closing_minor"));
    let home = get(&kit.quiet(), &people.contact, "").ok(200).await;
    assert_eq!(home.pointer("/owed/0/outstanding_minor"), Some(&json!(minor("closing_minor"))), "{home}");

    tell.says("Duarte is a contact of Loja Verde. What is Nordwind's is, for him, what does not exist.");
    for path in [format!("/estimates/{ESTIMATE}"), format!("/invoices/{INVOICE}")] {
        let theirs = get(kit, &people.other, &path).send().await;
        let nobodys = get(kit, &people.other, "/invoices/NEVER-1").send().await;
        assert_eq!((theirs.status, nobodys.status), (404, 404));
    }
    let home = get(kit, &people.other, "").showing(&["/customer/name", "/owed", "/open_estimates/items"]).ok(200).await;
    assert!(list(&home, "owed").is_empty(), "{home}");
    tell.proved(
        "Opening balance + documents − payments = closing balance = what is open, and it is told to nobody else.",
    );
    format!("{}.{:02} {}", minor("closing_minor") / 100, minor("closing_minor") % 100, text(currency, "/currency"))
}

/// The ledger puts a sales document of the customer.
async fn push(kit: &Kit, people: &People, kind: &str, reference: &str, body: Value) {
    let total = body["total_minor"].as_i64().expect("an amount");
    let answer = people.ledger.put(&kit.quiet(), &people.owner.company.id, kind, reference, body).await;
    assert!((200..300).contains(&answer.status), "{}: {} {}", answer.line, answer.status, answer.text());
    let outcome = format!("{reference} of {}.{:02} EUR is sent", total / 100, total % 100);
    kit.narrator.elsewhere(&format!("The ledger: PUT …/{kind}/{reference}"), &outcome);
}

/// What a contact reads in the portal.
fn get<'k>(kit: &'k Kit, who: &Contact, path: &str) -> Call<'k> {
    kit.api.get(&format!("/v1/customer-portal{path}")).by(&who.person).within(&who.here)
}

/// What the contact of the customer does in the portal.
fn post<'k>(kit: &'k Kit, people: &People, path: &str, body: Value) -> Call<'k> {
    let call = kit.api.post(&format!("/v1/customer-portal{path}"));
    call.by(&people.contact.person).within(&people.contact.here).json(body)
}

/// What the company's owner does.
fn staff<'k>(kit: &'k Kit, people: &People, path: &str, body: Value) -> Call<'k> {
    kit.api.post(path).by(&people.owner.person).within(&people.owner.here).json(body)
}
