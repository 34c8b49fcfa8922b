//! The pages of a hosted link with example data, as they are recorded.

use domain::{estimate::EstimateStatus, invoice::InvoiceStatus};
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

/// An invoice that is overdue.
fn invoice() -> HostedDocument {
    let answer = comment("Olivia Owner", "member", "Yes, from eight o'clock on.");
    HostedDocument {
        kind: Topic::Invoice,
        number: "2026-17".parse().unwrap(),
        company_name: "Acme Retail".parse().unwrap(),
        customer_name: "Müller GmbH".parse().unwrap(),
        contact_name: "Carla Contact".parse().unwrap(),
        currency: "EUR".parse().unwrap(),
        total_minor: from_value(json!(123_456)).unwrap(),
        due_minor: Some(23_456),
        issued_on: from_value(json!("2026-11-01")).unwrap(),
        last_day: Some(from_value(json!("2026-12-01")).unwrap()),
        description: Some("Shelving for the second shop".parse().unwrap()),
        purchase_order: None,
        terms: Some("Payable within 30 days.\nGoods stay ours until they are paid.".parse().unwrap()),
        lines: from_value(json!([
            { "description": "Shelves of oak, 180 cm, with fittings", "quantity": "4", "unit_price": "250.25",
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
        may_comment: true,
        attachments: vec![HostedAttachment {
            document: "doc_00000000000000000000000000000003".parse().unwrap(),
            name: from_value(json!("Delivery note.pdf")).unwrap(),
            file_type: from_value(json!("application/pdf")).unwrap(),
            size_bytes: from_value(json!(48_213)).unwrap(),
        }],
        comments: vec![comment("Carla Contact", "contact", "Can you deliver on a Monday?"), answer],
        has_older_comments: false,
        expires_on: from_value(json!("2027-01-31")).unwrap(),
    }
}

/// An estimate that its reader may accept.
fn estimate() -> HostedDocument {
    HostedDocument {
        kind: Topic::Estimate,
        due_minor: None,
        invoice_status: None,
        estimate_status: Some(EstimateStatus::Viewed),
        may_decide: true,
        ..invoice()
    }
}

fn accepted() -> HostedDocument {
    HostedDocument { estimate_status: Some(EstimateStatus::Accepted), may_decide: false, ..estimate() }
}

/// `make mails` shows these pages.
#[test]
fn every_page_looks_as_recorded() {
    let refused = Problem::conflict("changed", "accepted");
    for (name, page) in [
        ("a_document_is_announced", cover_at(TOKEN, &invoice())),
        ("an_invoice_is_read", document(&invoice(), None)),
        ("an_estimate_is_decided", document(&estimate(), None)),
        ("an_estimate_was_accepted", document(&accepted(), None)),
        ("a_decision_was_refused", document(&estimate(), Some(Refused::Decision(&refused)))),
        ("a_comment_was_refused", document(&invoice(), Some(Refused::Comment(&refused, "And on Tuesdays?")))),
        ("a_link_has_expired", closed(TOKEN, Closed::Dead(LinkError::Expired))),
        ("a_link_was_withdrawn", closed(TOKEN, Closed::Dead(LinkError::Revoked))),
        ("a_new_link_is_on_its_way", renewed()),
    ] {
        assert_snapshot!(name, page.html());
    }
}

#[test]
fn the_pages_load_nothing_and_an_estimate_is_decided_with_its_digest() {
    for shown in [invoice(), estimate()] {
        let page = document(&shown, None);
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
        let page = document(&shown, Some(Refused::Comment(&changed, text)));
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
        assert_eq!(refused.why(), "something went wrong; please try again later");
    }
}
