//! What the pages of an invitation's link say, and what hostile text may not do there.

use domain::{
    AccessRequirement, CompanyId, FirmId, MemberRole, Permission, StaffRole, UtcTime,
    access::ActingAs,
    invitation::{Invitation, Invite, LinkRefusal, invite},
    language::Language,
};

use super::*;
use crate::invitation_link::Closed;

const TOKEN: &str = "in_00000000000000000000000000000009.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn company() -> CompanyId {
    "co_00000000000000000000000000000001".parse().unwrap()
}

fn opened(offer: Offer) -> Opened {
    let acting_as = match &offer {
        Offer::Staff { firm, .. } | Offer::Client { firm, .. } => ActingAs::Staff { firm: firm.clone() },
        Offer::Member { .. } | Offer::Firm { .. } | Offer::Contact { .. } => ActingAs::Member { company: company() },
    };
    let command = Invite {
        id: "in_00000000000000000000000000000009".parse().unwrap(),
        offer,
        org_name: "<script>alert(1)</script> & Co".parse().unwrap(),
        email: "gus@example.com".parse().unwrap(),
        name: Some("Gus \"Guest\"".parse().unwrap()),
        message: Some("Hello <img src=x>\n\nSecond line".parse().unwrap()),
        locale: None,
        expires_in_days: 7,
        invited_by: "the-inviters-id".parse().unwrap(),
        invited_by_name: "Ines <i>Inviter</i>".parse().unwrap(),
        acting_as,
        held_since: UtcTime::EPOCH,
    };
    let (invitation, _): (Invitation, _) = invite(command, UtcTime::EPOCH).unwrap();
    assert_eq!(AccessRequirement::user(&invitation.inviter_access()).as_str(), "the-inviters-id");
    Opened { token: LinkToken::parse(TOKEN).unwrap(), invitation }
}

fn member() -> Opened {
    let grants = [Permission::InvoicesView, Permission::PaymentsPay].into_iter().collect();
    opened(Offer::Member { company: company(), role: MemberRole::Client, grants })
}

fn staff(role: StaffRole) -> Opened {
    let firm: FirmId = "fm_00000000000000000000000000000002".parse().unwrap();
    opened(Offer::Staff { firm, role })
}

fn firm() -> Opened {
    opened(Offer::Firm { company: company(), grants: MemberRole::Accountant.preset(), replaces: None })
}

fn shown(opened: &Opened) -> String {
    shown_in(&Reader::default(), opened)
}

fn shown_in(reader: &Reader, opened: &Opened) -> String {
    invitation(reader, opened, "https://portal.example", BESIDE_LINK, &FormValues::of(opened)).html().to_owned()
}

#[test]
fn a_page_runs_nothing_and_loads_nothing() {
    for html in [shown(&member()), shown(&asked()), shown(&firm())] {
        for forbidden in ["<script", "<link", "<img", " style=\"", " src=\"", " onclick", "javascript:", "http-equiv"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
    }
}

/// Proves: 18
#[test]
fn what_people_wrote_is_text() {
    let pages = [member(), staff(StaffRole::Admin), firm(), asked(), contact()];
    let in_all = |opened| Language::ALL.map(|language| shown_in(&Reader::of(language), opened));
    for html in pages.iter().flat_map(in_all) {
        for raw in ["<script", "<i>Inviter", "<img", "Gus \"Guest\""] {
            assert!(!html.contains(raw), "{raw}");
        }
        assert!(html.contains("&#60;i&#62;Inviter"), "{html}");
        assert!(!html.contains("the-inviters-id"));
    }
}

#[test]
fn the_page_says_what_is_offered_in_plain_words() {
    let html = shown(&member());
    for said in [
        "Client",
        "<th scope=\"row\">Payments</th><td>pay</td>",
        "8 January 1970, 00:00 UTC",
        "gus@example.com",
        "Second line",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
    assert!(html.contains(&format!("action=\"{TOKEN}/account\"")));
    assert!(html.contains(&format!("href=\"https://portal.example/accept#token={TOKEN}\"")));
    assert!(shown(&staff(StaffRole::Admin)).contains("every client of the firm"));
    assert!(shown(&staff(StaffRole::Bookkeeper)).contains("assigned to you"));
}

/// Proves: N2
#[test]
fn a_contact_reads_whose_portal_they_are_let_into_and_what_they_could_do_there() {
    let html = shown(&contact());
    for said in ["Hotel &#38; Mar", "<th scope=\"row\">Invoices</th><td>see</td>", "Create account and accept"] {
        assert!(html.contains(said), "{said}: {html}");
    }
    assert!(!html.contains("name=\"company_name\"") && !html.contains("name=\"firm_name\""), "{html}");
}

fn contact() -> Opened {
    opened(Offer::Contact {
        company: company(),
        customer: "CUS-1".parse().unwrap(),
        customer_name: "Hotel & Mar".parse().unwrap(),
        contact: "ct_00000000000000000000000000000007".parse().unwrap(),
        grants: [Permission::InvoicesView].into_iter().collect(),
        narrowed_to: None,
    })
}

fn asked() -> Opened {
    let firm: FirmId = "fm_00000000000000000000000000000002".parse().unwrap();
    opened(Offer::Client { firm, grants: MemberRole::Accountant.preset(), client: None })
}

#[test]
fn a_firm_is_registered_with_the_account_that_accepts_for_it() {
    let html = shown(&firm());
    assert!(
        html.contains("<th scope=\"row\">VAT returns</th><td>see, file</td>") && !html.contains("vendor"),
        "{html}"
    );
    assert!(html.contains("name=\"firm_name\" value=\"Gus &#34;Guest&#34;\""), "{html}");
    assert!(html.contains("to keep the books of"));
    assert!(!html.contains("name=\"consent\"") && !html.contains("name=\"company_name\""));
}

#[test]
fn a_client_reads_in_full_what_they_agree_to_before_they_can() {
    let opened = asked();
    let text = opened.invitation.consent_terms().unwrap().text(&Reader::default());
    let html = shown(&opened);
    for permission in MemberRole::Accountant.preset().iter() {
        let sentence = permission.in_plain_words(&Reader::default()).replace('\'', "&#39;");
        assert!(html.contains(&sentence), "{sentence}: {html}");
    }
    let (said, form) = (html.find("personal data").unwrap(), html.find("<form").unwrap());
    assert!(said < form, "the form comes before the text");
    assert!(html.contains(&format!("name=\"consent_digest\" value=\"{}\"", text.digest)));
    assert!(html.contains(&format!("name=\"consent_version\" value=\"{}\"", text.version)));
    assert!(!html.contains("checked"), "nobody has agreed for them");
}

#[test]
fn a_refused_form_comes_back_with_the_name_and_never_the_password() {
    let opened = member();
    let error = FieldError { field: "password".to_owned(), detail: "is too short".to_owned() };
    let again = invitation(
        &Reader::default(),
        &opened,
        "https://p.example",
        BELOW_LINK,
        &FormValues::refused(b"name=%3Cb%3ENia&password=Correct-Horse", error),
    );
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.html().contains("action=\"account\""));
    assert!(again.html().contains("is too short"));
    assert!(again.html().contains("value=\"&#60;b&#62;Nia\""), "{}", again.html());
    assert!(!again.html().contains("type=\"password\" value") && !again.html().contains("Correct-Horse"));
}

#[test]
fn every_dead_link_is_gone_and_a_forged_one_not_found() {
    use LinkRefusal::{AlreadyAccepted, Expired, Rejected, Revoked, Superseded};
    let mut titles = std::collections::BTreeSet::new();
    for refusal in [Expired, Revoked, Rejected, Superseded, AlreadyAccepted] {
        let page = closed(&Reader::default(), Closed::Dead(refusal), "https://portal.example");
        assert_eq!(page.status(), StatusCode::GONE);
        titles.insert(page.html().to_owned());
    }
    assert_eq!(titles.len(), 5);
    assert_eq!(closed(&Reader::default(), Closed::Forged, "https://portal.example").status(), StatusCode::NOT_FOUND);
}
