//! The pages of an invitation's link with example data, as they are recorded.

use domain::{
    CompanyId, FirmId, UserId, UtcTime,
    access::ActingAs,
    customer::settings::PortalRight,
    invitation::{Invite, invite},
};
use insta::assert_snapshot;

use super::*;

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

fn client() -> Opened {
    let offer = Offer::Client { firm: firm(), grants: MemberRole::Accountant.preset(), client: None };
    let message = "Hello Nia,\n\nwith this we can take over your books from December on.\nAda";
    offered(offer, "Lovelace & Co", Some("Nia Nunes"), Some(message))
}

fn shown(opened: &Opened) -> Page {
    invitation(opened, PORTAL, BESIDE_LINK, &FormValues::of(opened))
}

fn refused() -> Page {
    let error = FieldError { field: "password".to_owned(), detail: "is too short".to_owned() };
    let form = b"name=Nia+Nunes&company_name=Loja&currency=EUR&time_zone=Europe%2FLisbon";
    invitation(&client(), PORTAL, BELOW_LINK, &FormValues::refused(form, error))
}

/// `make mails` shows these pages.
#[test]
fn every_page_looks_as_recorded() {
    let firm_offer = Offer::Firm { company: company(), grants: MemberRole::Accountant.preset(), replaces: None };
    let member = Offer::Member { company: company(), role: MemberRole::Client, grants: MemberRole::Client.preset() };
    let contact = Offer::Contact {
        company: company(),
        customer: "CUS-1".parse().unwrap(),
        customer_name: "Hotel Mar".parse().unwrap(),
        contact: "ct_00000000000000000000000000000007".parse().unwrap(),
        grants: PortalRight::grants(&PortalRight::ALL.iter().copied().collect()),
        narrowed_to: None,
    };
    let staff = Offer::Staff { firm: firm(), role: StaffRole::Bookkeeper };
    let made = MadeAccount {
        user: "nia".parse().unwrap(),
        name: "Nia Nunes".parse().unwrap(),
        invitation: client().invitation,
    };
    for (name, page) in [
        ("a_client_is_asked_for_consent", shown(&client())),
        ("a_client_is_asked_again_after_a_refused_form", refused()),
        ("a_firm_is_invited", shown(&offered(firm_offer, "Acme Retail", Some("Lovelace & Co"), None))),
        ("a_member_is_invited", shown(&offered(member, "Acme Retail", None, Some("Have a look.")))),
        ("a_bookkeeper_is_invited", shown(&offered(staff, "Lovelace & Co", Some("Ben O'Books"), None))),
        ("a_contact_is_let_in", shown(&offered(contact, "Acme Retail", None, None))),
        ("an_account_is_made", welcome(&made, PORTAL)),
        ("an_invitation_was_declined", closed(Closed::Dead(LinkRefusal::Rejected), PORTAL)),
        ("an_invitation_was_accepted", closed(Closed::Dead(LinkRefusal::AlreadyAccepted), PORTAL)),
    ] {
        assert_snapshot!(name, page.html());
    }
}
