//! The words of the pages that a link opens. `pages` has their layout and headers.

use api::{ApiError, FieldError};
use askama::Template;
use axum::http::StatusCode;
use domain::{
    MemberRole, StaffRole,
    consent::ConsentText,
    invitation::{LinkRefusal, Offer},
    language::Reader,
};
use html::{ConsentShown, GrantsShown, Link, Page, Pages, date_and_time};
use links::LinkToken;

use crate::{
    invitation_link::{Closed, Opened},
    password::{MAX_CHARS, MIN_CHARS},
    view::MadeAccount,
};

/// The account is made with a form.
const PAGES: Pages = Pages::WITH_FORMS;

/// Where the form goes from the page at the link itself. Relative, since the stack may be reached
/// below a path; the token is put before it.
pub(crate) const BESIDE_LINK: Action = Action::BesideLink;
/// Where the form goes from the page that answers the form.
pub(crate) const BELOW_LINK: Action = Action::BelowLink;

/// Where a page's form goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    BesideLink,
    BelowLink,
}

/// The longest value that comes back into the form, in characters.
const MAX_SHOWN_CHARS: usize = 120;

/// The values of the form's fields, and the error to show. A password is never shown again.
#[derive(Debug, Default)]
pub(crate) struct FormValues {
    values: Vec<(String, String)>,
    error: Option<FieldError>,
}

impl FormValues {
    /// Of a form that nobody has filled in: the inviter's name for the person or firm.
    pub(crate) fn of(opened: &Opened) -> Self {
        let field = match &opened.invitation.offer {
            Offer::Firm { .. } => "firm_name",
            Offer::Member { .. } | Offer::Staff { .. } | Offer::Client { .. } | Offer::Contact { .. } => "name",
        };
        let name = opened.invitation.name.as_ref().map(|name| (field.to_owned(), name.as_str().to_owned()));
        Self { values: name.into_iter().collect(), error: None }
    }

    /// Of a form that was sent and refused.
    pub(crate) fn refused(form: &[u8], error: FieldError) -> Self {
        let shown = ["name", "firm_name", "company_name", "currency", "time_zone"];
        let values = form_urlencoded::parse(form)
            .filter(|(field, _)| shown.contains(&field.as_ref()))
            .map(|(field, value)| (field.into_owned(), value.chars().take(MAX_SHOWN_CHARS).collect()))
            .collect();
        Self { values, error: Some(error) }
    }

    fn value(&self, field: &str) -> &str {
        self.values.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value)
    }

    fn value_or<'a>(&'a self, field: &str, otherwise: &'a str) -> &'a str {
        self.values.iter().find(|(name, _)| name == field).map_or(otherwise, |(_, value)| value)
    }

    const fn is_refused(&self) -> bool {
        self.error.is_some()
    }

    fn error(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|error| error.field == field).map(|error| error.detail.as_str())
    }

    /// The error of the consent, in any of its fields.
    fn consent_error(&self) -> Option<&str> {
        ["consent", "consent.version", "consent.digest"].into_iter().find_map(|field| self.error(field))
    }
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage<'a> {
    inviter: &'a str,
    org: &'a str,
    offer: OfferWords<'a>,
    granted: GrantsShown,
    consent: Option<ConsentOffered<'a>>,
    message: Option<&'a str>,
    expires: String,
    email: &'a str,
    sign_in: &'a str,
    action: &'a str,
    form: &'a FormValues,
    min_chars: usize,
    max_chars: usize,
}

/// A text to agree to, and how it is shown.
struct ConsentOffered<'a> {
    text: &'a ConsentText,
    shown: ConsentShown<'a>,
}

/// The offer in words.
enum OfferWords<'a> {
    Firm { firm: Option<&'a str> },
    Member { role: &'static str },
    Staff { role: &'static str, reach: &'static str },
    Client,
    Contact { customer: &'a str },
}

impl<'a> OfferWords<'a> {
    fn of(offer: &'a Offer, invitee: Option<&'a str>) -> Self {
        match offer {
            Offer::Firm { .. } => Self::Firm { firm: invitee },
            Offer::Member { role, .. } => Self::Member { role: member_role(*role) },
            Offer::Staff { role, .. } => {
                let (role, reach) = staff_role(*role);
                Self::Staff { role, reach }
            }
            Offer::Client { .. } => Self::Client,
            Offer::Contact { customer_name, .. } => Self::Contact { customer: customer_name.as_str() },
        }
    }
}

const fn member_role(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Owner => "Owner",
        MemberRole::Admin => "Admin",
        MemberRole::Accountant => "Accountant",
        MemberRole::Client => "Client",
        MemberRole::ReadOnly => "Read-only",
        MemberRole::Custom => "As listed below",
    }
}

const fn staff_role(role: StaffRole) -> (&'static str, &'static str) {
    match role {
        StaffRole::Admin => ("Admin", "You would enter the books of every client of the firm, now and later."),
        StaffRole::Bookkeeper => ("Bookkeeper", "You would enter the books of the clients that are assigned to you."),
    }
}

/// The link into the portal. The token is behind a `#`, so the portal's server never sees it.
fn sign_in(portal_url: &str, token: &LinkToken) -> String {
    format!("{portal_url}/accept#token={}", token.reveal())
}

/// The open invitation, and the two ways to accept it.
pub(crate) fn invitation(opened: &Opened, portal_url: &str, action: Action, form: &FormValues) -> Page {
    let Opened { token, invitation } = opened;
    let reader = &opened.reader(&Reader::default());
    let consent = invitation.consent_terms().map(|terms| terms.text(reader));
    let page = InvitationPage {
        inviter: invitation.invited_by_name.as_str(),
        org: invitation.org_name.as_str(),
        offer: OfferWords::of(&invitation.offer, invitation.name.as_ref().map(|name| name.as_str())),
        granted: GrantsShown::new(reader, &invitation.offer.grants()),
        consent: consent.as_ref().map(|text| ConsentOffered { text, shown: ConsentShown::new(text) }),
        message: invitation.message.as_ref().map(|message| message.as_str()),
        expires: date_and_time(invitation.expires_at),
        email: invitation.email.as_str(),
        sign_in: &sign_in(portal_url, token),
        action: &match action {
            Action::BesideLink => format!("{}/account", token.reveal()),
            Action::BelowLink => "account".to_owned(),
        },
        form,
        min_chars: MIN_CHARS,
        max_chars: MAX_CHARS,
    };
    let status = if form.is_refused() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    PAGES.page(status, "Your invitation", &page)
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage<'a> {
    name: &'a str,
    org: &'a str,
    /// For a firm or company that was made, rather than for the person.
    connected: bool,
    email: &'a str,
    portal_url: &'a str,
}

/// The account is made and the invitation accepted.
pub(crate) fn welcome(made: &MadeAccount, portal_url: &str) -> Page {
    let page = WelcomePage {
        name: made.name.as_str(),
        org: made.invitation.org_name.as_str(),
        connected: !made.invitation.offer.is_for_a_person(),
        email: made.invitation.email.as_str(),
        portal_url,
    };
    PAGES.page(StatusCode::CREATED, "Welcome", &page)
}

/// The link is unknown or dead. The page says no more than that: names and offers are shown only while the
/// invitation can be accepted.
pub(crate) fn closed(closed: Closed, portal_url: &str) -> Page {
    let refusal = match closed {
        Closed::Forged => return nothing_here(),
        Closed::Stopped(ApiError::Problem(problem)) => return failed(problem.status()),
        Closed::Stopped(ApiError::Replay(_)) => return failed(StatusCode::INTERNAL_SERVER_ERROR),
        Closed::Dead(refusal) => refusal,
    };
    let (title, text) = match refusal {
        LinkRefusal::Expired => (
            "This invitation has expired",
            "Ask the person who invited you to send it again. A new link will come by email.",
        ),
        LinkRefusal::Revoked => (
            "This invitation was withdrawn",
            "It can no longer be accepted. If you think that is a mistake, ask the person who invited you.",
        ),
        LinkRefusal::Rejected => (
            "This invitation was declined",
            "It can no longer be accepted. If you changed your mind, ask the person who invited you for a new one.",
        ),
        LinkRefusal::Superseded => {
            ("There is a newer link", "This invitation was sent again. Use the link in the newest email about it.")
        }
        LinkRefusal::AlreadyAccepted => {
            ("This invitation was accepted", "If you accepted it, sign in to go on. A link works only once.")
        }
    };
    let link = match refusal {
        LinkRefusal::AlreadyAccepted => Some(Link { url: portal_url, label: "Sign in" }),
        LinkRefusal::Expired | LinkRefusal::Revoked | LinkRefusal::Rejected | LinkRefusal::Superseded => None,
    };
    PAGES.notice(StatusCode::GONE, title, text, link)
}

fn nothing_here() -> Page {
    let text = "There is no invitation behind this link. Check that you copied all of it from the email.";
    PAGES.notice(StatusCode::NOT_FOUND, "There is nothing here", text, None)
}

/// A firm's invitation cannot be accepted without a firm.
pub(crate) fn firm_invited(token: &LinkToken, portal_url: &str) -> Page {
    let text = "Sign in as an admin of the firm to accept, or open the link again and name the firm to register it.";
    let link = Link { url: &sign_in(portal_url, token), label: "Sign in to accept" };
    PAGES.notice(StatusCode::CONFLICT, "This invitation is for a firm", text, Some(link))
}

/// The address has an account already. The link was sent to the address, so the page may say so.
pub(crate) fn account_exists(token: &LinkToken, portal_url: &str) -> Page {
    let text = "There is an account with the address that this invitation was sent to. Sign in with it to accept.";
    let link = Link { url: &sign_in(portal_url, token), label: "Sign in to accept" };
    PAGES.notice(StatusCode::CONFLICT, "You have an account already", text, Some(link))
}

/// The request failed.
pub(crate) fn failed(status: StatusCode) -> Page {
    let (title, text) = match status {
        StatusCode::GONE => {
            ("This invitation no longer holds", "The person who sent it may no longer invite. Ask for a new one.")
        }
        StatusCode::CONFLICT => {
            ("Someone was faster", "This invitation was changed at the same time. Open the link again.")
        }
        StatusCode::TOO_MANY_REQUESTS => {
            ("Too many tries", "Too many accounts were asked for from your network. Please try again later.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("This is too long", "Open the link again and fill in the form anew."),
        _ => return PAGES.failed(status),
    };
    PAGES.notice(status, title, text, None)
}

#[cfg(test)]
mod recorded;

#[cfg(test)]
mod tests {
    use domain::{
        AccessRequirement, CompanyId, FirmId, Permission, UtcTime,
        access::ActingAs,
        invitation::{Invitation, Invite, invite},
    };

    use super::*;

    const TOKEN: &str = "in_00000000000000000000000000000009.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn company() -> CompanyId {
        "co_00000000000000000000000000000001".parse().unwrap()
    }

    fn opened(offer: Offer) -> Opened {
        let acting_as = match &offer {
            Offer::Staff { firm, .. } | Offer::Client { firm, .. } => ActingAs::Staff { firm: firm.clone() },
            Offer::Member { .. } | Offer::Firm { .. } | Offer::Contact { .. } => {
                ActingAs::Member { company: company() }
            }
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
        invitation(opened, "https://portal.example", BESIDE_LINK, &FormValues::of(opened)).html().to_owned()
    }

    #[test]
    fn a_page_runs_nothing_and_loads_nothing() {
        for html in [shown(&member()), shown(&asked()), shown(&firm())] {
            for forbidden in
                ["<script", "<link", "<img", " style=\"", " src=\"", " onclick", "javascript:", "http-equiv"]
            {
                assert!(!html.contains(forbidden), "{forbidden}");
            }
        }
    }

    /// Proves: 18
    #[test]
    fn what_people_wrote_is_text() {
        let pages = [member(), staff(StaffRole::Admin), firm(), asked(), contact()];
        for html in pages.iter().map(shown) {
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
            let page = closed(Closed::Dead(refusal), "https://portal.example");
            assert_eq!(page.status(), StatusCode::GONE);
            titles.insert(page.html().to_owned());
        }
        assert_eq!(titles.len(), 5);
        assert_eq!(closed(Closed::Forged, "https://portal.example").status(), StatusCode::NOT_FOUND);
    }
}
