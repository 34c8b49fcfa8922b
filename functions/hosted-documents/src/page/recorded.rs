//! The pages of a hosted link with example data, as they are recorded.

use api::{Problem, ProblemType};
use domain::{comment::Topic, estimate::EstimateStatus, invoice::InvoiceStatus, language::Language};
use html::examples::{Examples, assert_action_first, assert_in_the_readers_language, assert_inert, recorded};
use insta::assert_snapshot;
use serde_json::{from_value, json};

use super::*;

const TOKEN: &str = "dl_00000000000000000000000000000009.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn comment(by: &str, written_as: &str, text: &str) -> HostedComment {
    HostedComment {
        id: "cm_00000000000000000000000000000004".parse().unwrap(),
        text: text.parse().unwrap(),
        reply_to: None,
        written_as: from_value(json!(written_as)).unwrap(),
        by_name: Some(by.parse().unwrap()),
        at: "2026-11-21T14:30:00Z".parse().unwrap(),
    }
}

/// What people of both sides write.
const DESCRIPTION: &str = "Shelving for the second shop";
const LINE: &str = "Shelves of oak, 180 cm, with fittings";
const TERMS: &str = "Payable within 30 days.\nGoods stay ours until they are paid.";
const QUESTION: &str = "Can you deliver on a Monday?";
const ANSWER: &str = "Yes, from eight o'clock on.";

/// Text from people in an example passes it.
type Say<'a> = &'a dyn Fn(&str) -> String;

fn as_said(text: &str) -> String {
    text.to_owned()
}

fn invoice() -> HostedDocument {
    invoice_of(&as_said)
}

/// An invoice that is overdue.
fn invoice_of(say: Say<'_>) -> HostedDocument {
    let answer = comment(&say("Olivia Owner"), "member", &say(ANSWER));
    HostedDocument {
        kind: Topic::Invoice,
        number: "2026-17".parse().unwrap(),
        company_name: say("Acme Retail").parse().unwrap(),
        customer_name: say("Müller GmbH").parse().unwrap(),
        contact_name: say("Carla Contact").parse().unwrap(),
        currency: "EUR".parse().unwrap(),
        total_minor: from_value(json!(123_456)).unwrap(),
        due_minor: Some(23_456),
        issued_on: from_value(json!("2026-11-01")).unwrap(),
        last_day: Some(from_value(json!("2026-12-01")).unwrap()),
        description: Some(say(DESCRIPTION).parse().unwrap()),
        purchase_order: None,
        terms: Some(say(TERMS).parse().unwrap()),
        lines: from_value(json!([
            { "description": say(LINE), "quantity": "4", "unit_price": "250.25",
              "tax_percent": "23", "net_minor": 100_100 },
            { "description": "Delivery", "quantity": "1", "unit_price": "2.70", "tax_percent": "23", "net_minor": 270 },
        ]))
        .unwrap(),
        adjustments: Vec::new(),
        taxes: Vec::new(),
        totals: from_value(
            json!({ "lines_minor": 100_370, "net_minor": 100_370, "tax_minor": 23_086, "gross_minor": 123_456 }),
        )
        .unwrap(),
        invoice_status: Some(InvoiceStatus::Overdue),
        estimate_status: None,
        revision: 1,
        digest: "0123456789abcdef".repeat(4).try_into().unwrap(),
        may_decide: false,
        may_pay: true,
        paying_minor: None,
        may_comment: true,
        attachments: vec![HostedAttachment {
            document: "doc_00000000000000000000000000000003".parse().unwrap(),
            name: from_value(json!("Delivery note.pdf")).unwrap(),
            file_type: from_value(json!("application/pdf")).unwrap(),
            size_bytes: from_value(json!(48_213)).unwrap(),
        }],
        comments: vec![comment(&say("Carla Contact"), "contact", &say(QUESTION)), answer],
        has_older_comments: false,
        expires_on: from_value(json!("2027-01-31")).unwrap(),
    }
}

/// An estimate that its reader may accept.
fn estimate() -> HostedDocument {
    estimate_of(&as_said)
}

fn estimate_of(say: Say<'_>) -> HostedDocument {
    HostedDocument {
        kind: Topic::Estimate,
        due_minor: None,
        invoice_status: None,
        estimate_status: Some(EstimateStatus::Viewed),
        may_decide: true,
        may_pay: false,
        ..invoice_of(say)
    }
}

/// Every page in the language of this reader.
fn examples(reader: &Reader, say: Say<'_>) -> Examples {
    let accepted =
        HostedDocument { estimate_status: Some(EstimateStatus::Accepted), may_decide: false, ..estimate_of(say) };
    let (invoice, estimate) = (invoice_of(say), estimate_of(say));
    let being_paid = HostedDocument { due_minor: Some(0), paying_minor: Some(23_456), ..invoice_of(say) };
    let refused = Problem::conflict("changed", "accepted");
    let unsent = say("And on Tuesdays?");
    vec![
        ("a_document_is_announced", cover(reader, TOKEN, &invoice)),
        ("an_invoice_is_read", document(reader, &invoice, None)),
        ("an_invoice_is_being_paid", document(reader, &being_paid, None)),
        ("an_estimate_is_decided", document(reader, &estimate, None)),
        ("an_estimate_was_accepted", document(reader, &accepted, None)),
        ("a_decision_was_refused", document(reader, &estimate, Some(Refused::Decision(&refused)))),
        ("a_comment_was_refused", document(reader, &invoice, Some(Refused::Comment(&refused, &unsent)))),
        ("a_link_has_expired", closed(reader, TOKEN, Closed::Dead(LinkError::Expired))),
        ("a_link_was_withdrawn", closed(reader, TOKEN, Closed::Dead(LinkError::Revoked))),
        ("a_new_link_is_on_its_way", renewed(reader)),
    ]
}

/// `make mails` shows these pages.
#[test]
fn every_page_looks_as_recorded() {
    for (name, text) in recorded("hosted-documents", |reader| examples(reader, &as_said)).unwrap() {
        assert_snapshot!(name, text);
    }
}

fn paid() -> HostedDocument {
    HostedDocument { invoice_status: Some(InvoiceStatus::Paid), may_pay: false, due_minor: Some(0), ..invoice() }
}

/// Pages that are not recorded: every state, every end of a link, and every refusal.
fn others(reader: &Reader) -> Examples {
    let page = |document_: HostedDocument| document(reader, &document_, None);
    let invoiced = |status| page(HostedDocument { invoice_status: Some(status), ..invoice() });
    let estimated = |status| page(HostedDocument { estimate_status: Some(status), may_decide: false, ..estimate() });
    let empty = HostedDocument { comments: Vec::new(), has_older_comments: true, ..invoice() };
    let mut pages = vec![
        ("paid", page(paid())),
        ("back_from_paying", cover(reader, TOKEN, &paid())),
        ("back_before_the_money", cover(reader, TOKEN, &HostedDocument { paying_minor: Some(23_456), ..invoice() })),
        ("credited", invoiced(InvoiceStatus::Credited)),
        ("void", invoiced(InvoiceStatus::Void)),
        ("declined", estimated(EstimateStatus::Declined)),
        ("lapsed", estimated(EstimateStatus::Expired)),
        (
            "credit_note",
            page(HostedDocument { kind: Topic::CreditNote, invoice_status: None, may_pay: false, ..invoice() }),
        ),
        ("without_comments", page(empty)),
        ("still_open", closed_below(reader, Closed::Dead(LinkError::StillOpen))),
        ("replaced", closed_below(reader, Closed::Dead(LinkError::Replaced))),
        ("forged", closed_below(reader, Closed::Forged)),
    ];
    for problem in [
        Problem::new(ProblemType::Unavailable),
        Problem::new(ProblemType::TooLarge),
        Problem::new(ProblemType::Conflict),
        Problem::new(ProblemType::NotGranted),
        Problem::new(ProblemType::TooManyRequests),
        Problem::new(ProblemType::Internal),
        Problem::field("text", "is required"),
        Problem::field("reason", "is needed to decline"),
    ] {
        pages.push(("decision_refused", document(reader, &estimate(), Some(Refused::Decision(&problem)))));
        pages.push(("comment_refused", document(reader, &invoice(), Some(Refused::Comment(&problem, "")))));
    }
    pages
}

/// A customer would otherwise get a page half in their language.
#[test]
fn every_page_is_in_the_readers_language() {
    let written = [DESCRIPTION, LINE, TERMS, QUESTION, ANSWER];
    assert_in_the_readers_language(|reader| examples(reader, &as_said), &written);
    assert_in_the_readers_language(others, &written);
}

/// Proves: U19
#[test]
fn money_and_days_are_written_as_the_reader_writes_them() {
    for (language, expected) in [
        (Language::English, ["€234.56", "Due on 1 December 2026"]),
        (Language::German, ["234,56\u{a0}€", "Fällig am 1. Dezember 2026"]),
        (Language::French, ["234,56\u{a0}€", "Échéance : 1er décembre 2026"]),
        (Language::Dutch, ["€\u{a0}234,56", "Uiterste betaaldatum: 1 december 2026"]),
        (Language::Spanish, ["234,56\u{a0}€", "Vence el 1 de diciembre de 2026"]),
    ] {
        let page = document(&Reader::of(language), &invoice(), None);
        for said in expected {
            assert!(page.html().contains(said), "{said}: {}", page.html());
        }
    }
}

/// Who comes back from the payment provider would otherwise pay again, or be told of a payment that nobody made.
#[test]
fn a_payment_is_told_from_our_record_and_offered_where_it_can_be_made() {
    let being_paid = HostedDocument { due_minor: Some(0), paying_minor: Some(23_456), ..invoice() };
    let by_transfer = HostedDocument { may_pay: false, ..invoice() };
    let reader = &Reader::default();
    for (shown, says, offers) in [
        (invoice(), None, Some("Pay €234.56")),
        (being_paid, Some("A payment of €234.56 through this link is under way."), Some("Go on with the payment")),
        (paid(), Some("It is paid."), None),
        (by_transfer, None, None),
    ] {
        let (cover, page) = (cover(reader, TOKEN, &shown), document(reader, &shown, None));
        for said in ["is under way", "It is paid."] {
            let is_said = says.is_some_and(|says| says.contains(said));
            assert_eq!(cover.html().contains(said), is_said, "{said}: {}", cover.html());
            assert_eq!(page.html().contains(said), is_said, "{said}: {}", page.html());
        }
        assert_eq!(page.html().contains("action=\"payments\""), offers.is_some(), "{}", page.html());
        assert!(offers.is_none_or(|offers| page.html().contains(offers)), "{}", page.html());
        assert!(!cover.html().contains("payments"), "{}", cover.html());
    }
}

/// Markup in a name would otherwise become part of the page in one of the languages.
#[test]
fn hostile_text_is_inert_on_every_page() {
    let hostile = |_: &str| "<script>x</script><img src=x> \"'&".to_owned();
    for reader in Language::ALL.map(Reader::of) {
        assert_inert(&examples(&reader, &hostile), &examples(&reader, &|_| "x".to_owned()));
    }
}

/// A customer with a phone sees the button that opens or decides before the details.
#[test]
fn the_action_comes_first_in_every_language() {
    for reader in Language::ALL.map(Reader::of) {
        assert_action_first(&examples(&reader, &as_said));
        assert_action_first(&others(&reader));
    }
}

#[test]
fn the_pages_load_nothing_and_an_estimate_is_decided_with_its_digest() {
    for shown in [invoice(), estimate()] {
        let page = document(&Reader::default(), &shown, None);
        for forbidden in ["<script", "<link", "<img", " style=\"", " src=\"", "javascript:", "http-equiv"] {
            assert!(!page.html().contains(forbidden), "{forbidden}");
        }
        let digest = format!("name=\"digest\" value=\"{}\"", String::from(shown.digest.clone()));
        assert_eq!(page.html().contains(&digest), shown.may_decide);
    }
}

/// The page would otherwise send its reader to a text in a form that it does not have, or lose the text.
#[test]
fn a_refused_text_comes_back_in_the_form_or_beside_it_where_there_is_none() {
    let changed = Problem::conflict("changed", "accepted");
    let without_form = HostedDocument { may_comment: false, ..invoice() };
    for (shown, text, is_in_form, is_apart) in [
        (invoice(), "And on Tuesdays?", true, false),
        (without_form, "And on Tuesdays?", false, true),
        (invoice(), "", false, false),
    ] {
        let page = document(&Reader::default(), &shown, Some(Refused::Comment(&changed, text)));
        assert_eq!(page.html().contains("Your text is below"), is_in_form, "{}", page.html());
        assert_eq!(page.html().contains("And on Tuesdays?</textarea>"), is_in_form, "{}", page.html());
        assert_eq!(page.html().contains("<blockquote>And on Tuesdays?</blockquote>"), is_apart, "{}", page.html());
    }
}

/// A failure of ours would otherwise be told as something that others did.
#[test]
fn a_failure_is_not_told_as_a_change_of_the_document() {
    let failed = Problem::internal("a failure");
    for refused in [Refused::Decision(&failed), Refused::Comment(&failed, "And on Tuesdays?")] {
        assert_eq!(refused.why(&Reader::default()), "something went wrong; please try again later");
    }
}
