//! The pages of an invitation's link with example data, as they are recorded.

use domain::{
    CompanyId, FirmId, MemberRole, StaffRole, UserId, UtcTime,
    access::ActingAs,
    customer::settings::PortalRight,
    invitation::{Invite, LinkRefusal, invite},
    language::Language,
};
use html::examples::{Examples, assert_action_first, assert_in_the_readers_language, assert_inert, recorded};
use insta::assert_snapshot;

use super::*;
use crate::invitation_link::Closed;

const TOKEN: &str = "in_00000000000000000000000000000009.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const PORTAL: &str = "https://portal.example";

fn company() -> CompanyId {
    "co_00000000000000000000000000000001".parse().unwrap()
}

fn firm() -> FirmId {
    "fm_00000000000000000000000000000002".parse().unwrap()
}

fn offered(offer: Offer, org: &str, name: Option<&str>, message: Option<&str>) -> Opened {
    let acting_as = match &offer {
        Offer::Staff { .. } | Offer::Client { .. } => ActingAs::Staff { firm: firm() },
        Offer::Member { .. } | Offer::Firm { .. } | Offer::Contact { .. } => ActingAs::Member { company: company() },
    };
    let inviter: UserId = "ada".parse().unwrap();
    let command = Invite {
        id: "in_00000000000000000000000000000009".parse().unwrap(),
        offer,
        org_name: org.parse().unwrap(),
        email: "nia@loja.example".parse().unwrap(),
        name: name.map(|name| name.parse().unwrap()),
        message: message.map(|message| message.parse().unwrap()),
        locale: None,
        expires_in_days: 7,
        invited_by: inviter,
        invited_by_name: "Ada Lovelace".parse().unwrap(),
        acting_as,
        held_since: UtcTime::EPOCH,
    };
    let (invitation, _) = invite(command, "2026-11-21T14:30:00Z".parse().unwrap()).unwrap();
    Opened { token: LinkToken::parse(TOKEN).unwrap(), invitation }
}

/// What the inviter writes to a client.
const MESSAGE: &str = "Hello Nia,\n\nwith this we can take over your books from December on.\nAda";

fn client(say: Say<'_>) -> Opened {
    let offer = Offer::Client { firm: firm(), grants: MemberRole::Accountant.preset(), client: None };
    offered(offer, &say("Lovelace & Co"), Some(&say("Nia Nunes")), Some(&say(MESSAGE)))
}

/// Text from people in an example passes it.
type Say<'a> = &'a dyn Fn(&str) -> String;

fn as_said(text: &str) -> String {
    text.to_owned()
}

/// Every page in the language of this reader.
fn examples(reader: &Reader, say: Say<'_>) -> Examples {
    let shown = |opened: &Opened| invitation(reader, opened, PORTAL, BESIDE_LINK, &FormValues::of(opened));
    let error = |field: &str, detail: &str| FieldError { field: field.to_owned(), detail: detail.to_owned() };
    let refused = |error: FieldError| {
        let (name, company) = (say("Nia Nunes"), say("Loja"));
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("name", &name).append_pair("company_name", &company);
        form.append_pair("currency", "EUR").append_pair("time_zone", "Europe/Lisbon");
        let form = FormValues::refused(form.finish().as_bytes(), error);
        invitation(reader, &client(say), PORTAL, BELOW_LINK, &form)
    };
    let firm_offer = Offer::Firm { company: company(), grants: MemberRole::Accountant.preset(), replaces: None };
    let member = Offer::Member { company: company(), role: MemberRole::Client, grants: MemberRole::Client.preset() };
    let contact = Offer::Contact {
        company: company(),
        customer: "CUS-1".parse().unwrap(),
        customer_name: say("Hotel Mar").parse().unwrap(),
        contact: "ct_00000000000000000000000000000007".parse().unwrap(),
        grants: PortalRight::grants(&PortalRight::ALL.iter().copied().collect()),
        narrowed_to: None,
    };
    let staff = Offer::Staff { firm: firm(), role: StaffRole::Bookkeeper };
    let made = MadeAccount {
        user: "nia".parse().unwrap(),
        name: say("Nia Nunes").parse().unwrap(),
        invitation: client(say).invitation,
    };
    let (acme, books) = (say("Acme Retail"), say("Lovelace & Co"));
    vec![
        ("a_client_is_asked_for_consent", shown(&client(say))),
        ("a_client_is_asked_again_after_a_refused_form", refused(error("password", "is too short"))),
        ("a_client_is_asked_again_without_a_tick", refused(error("consent", "must be given"))),
        ("a_firm_is_invited", shown(&offered(firm_offer, &acme, Some(&books), None))),
        ("a_member_is_invited", shown(&offered(member, &acme, None, Some(&say("Have a look."))))),
        ("a_bookkeeper_is_invited", shown(&offered(staff, &books, Some(&say("Ben O'Books")), None))),
        ("a_contact_is_let_in", shown(&offered(contact, &acme, None, None))),
        ("an_account_is_made", welcome(reader, &made, PORTAL)),
        ("an_invitation_was_declined", closed(reader, Closed::Dead(LinkRefusal::Rejected), PORTAL)),
        ("an_invitation_was_accepted", closed(reader, Closed::Dead(LinkRefusal::AlreadyAccepted), PORTAL)),
    ]
}

/// `make mails` shows these pages.
#[test]
fn every_page_looks_as_recorded() {
    for (name, text) in recorded("accept", |reader| examples(reader, &as_said)).unwrap() {
        assert_snapshot!(name, text);
    }
}

/// Every notice, each under its name.
fn notices(reader: &Reader) -> Examples {
    use LinkRefusal::{Expired, Revoked, Superseded};
    let token = LinkToken::parse(TOKEN).unwrap();
    let dead = |refusal| closed(reader, Closed::Dead(refusal), PORTAL);
    let failed = |status| failed(reader, status);
    vec![
        ("expired", dead(Expired)),
        ("revoked", dead(Revoked)),
        ("superseded", dead(Superseded)),
        ("forged", closed(reader, Closed::Forged, PORTAL)),
        ("firm_invited", firm_invited(reader, &token, PORTAL)),
        ("account_exists", account_exists(reader, &token, PORTAL)),
        ("gone", failed(StatusCode::GONE)),
        ("conflict", failed(StatusCode::CONFLICT)),
        ("too_many", failed(StatusCode::TOO_MANY_REQUESTS)),
        ("too_large", failed(StatusCode::PAYLOAD_TOO_LARGE)),
        ("unavailable", failed(StatusCode::SERVICE_UNAVAILABLE)),
    ]
}

/// A person would otherwise get a page half in their language.
#[test]
fn every_page_is_in_the_readers_language() {
    assert_in_the_readers_language(|reader| examples(reader, &as_said), &[MESSAGE]);
    assert_in_the_readers_language(notices, &[]);
}

/// Markup in a name would otherwise become part of the page in one of the languages.
#[test]
fn hostile_text_is_inert_on_every_page() {
    let hostile = |_: &str| "<script>x</script><img src=x> \"'&".to_owned();
    for reader in Language::ALL.map(Reader::of) {
        assert_inert(&examples(&reader, &hostile), &examples(&reader, &|_| "x".to_owned()));
    }
}

/// A reader with a phone sees the ways to accept without scrolling.
#[test]
fn the_ways_to_accept_come_first_in_every_language() {
    for reader in Language::ALL.map(Reader::of) {
        assert_action_first(&examples(&reader, &as_said));
    }
}
