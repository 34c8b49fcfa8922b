//! The pages: what people read who open a link. No script, nothing loaded, nothing kept.

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    MemberRole, Permission, StaffRole, UtcTime,
    invitation::{LinkRefusal, Offer},
};
use edge::{FieldError, Stop};
use links::LinkToken;

use crate::{
    account::Made,
    link::{Closed, Opened},
    password::{MAX_CHARS, MIN_CHARS},
};

/// The style's digest is part of the policy: a test computes it anew. `form-action` is the page's
/// own origin, where the account is made.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'sha256-JMFURyFMsUnxnfQeKIbLCY9mbWhqTte8BoZ+l+V31Fg='; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Shown when a page cannot be rendered. Ours are written to memory only, so this does not happen.
const UNRENDERED: &str = "<!DOCTYPE html><title>Something went wrong</title><p>Something went wrong on our side.</p>";

/// A page and its status.
#[derive(Debug)]
pub(crate) struct Page {
    status: StatusCode,
    html: String,
}

impl Page {
    fn of(status: StatusCode, template: &impl Template) -> Self {
        match template.render() {
            Ok(html) => Self { status, html },
            Err(error) => {
                tracing::error!(%error, "a page could not be rendered");
                Self { status: StatusCode::INTERNAL_SERVER_ERROR, html: UNRENDERED.to_owned() }
            }
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.html).into_response();
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
            (header::CACHE_CONTROL, "no-store"),
            // The address of the page is a secret.
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_FRAME_OPTIONS, "DENY"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers.insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

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

/// What was entered into the form, and what was wrong with it. A password is never shown again.
#[derive(Debug, Default)]
pub(crate) struct Entered {
    name: String,
    error: Option<FieldError>,
}

impl Entered {
    /// Nothing yet, but what the inviter calls the person.
    pub(crate) fn of(opened: &Opened) -> Self {
        let name = opened.invitation.name.as_ref().map(|name| name.as_str().to_owned());
        Self { name: name.unwrap_or_default(), error: None }
    }

    /// What was refused.
    pub(crate) fn refused(name: String, error: FieldError) -> Self {
        Self { name, error: Some(error) }
    }

    fn error(&self, field: &str) -> Option<&str> {
        self.error.as_ref().filter(|error| error.field == field).map(|error| error.detail.as_str())
    }
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage<'a> {
    inviter: &'a str,
    org: &'a str,
    offer: OfferWords<'a>,
    permissions: Vec<String>,
    message: Option<&'a str>,
    expires: String,
    email: &'a str,
    sign_in: &'a str,
    action: &'a str,
    entered: &'a Entered,
    min_chars: usize,
    max_chars: usize,
}

/// What is offered, as people read it.
enum OfferWords<'a> {
    Firm { firm: Option<&'a str> },
    Member { role: &'static str },
    Staff { role: &'static str, reach: &'static str },
    Client,
}

impl<'a> OfferWords<'a> {
    fn of(offer: &Offer, invitee: Option<&'a str>) -> Self {
        match offer {
            Offer::Firm { .. } => Self::Firm { firm: invitee },
            Offer::Member { role, .. } => Self::Member { role: member_role(*role) },
            Offer::Staff { role, .. } => {
                let (role, reach) = staff_role(*role);
                Self::Staff { role, reach }
            }
            Offer::Client { .. } => Self::Client,
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

fn date_and_time(at: UtcTime) -> String {
    // Every `UtcTime` is within jiff's range.
    let at = jiff::Timestamp::from_second(at.unix_s()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

/// Who invites whom to what, and the two ways to accept.
pub(crate) fn invitation(opened: &Opened, portal_url: &str, action: Action, entered: &Entered) -> Page {
    let Opened { token, invitation } = opened;
    let page = InvitationPage {
        inviter: invitation.invited_by_name.as_str(),
        org: invitation.org_name.as_str(),
        offer: OfferWords::of(&invitation.offer, invitation.name.as_ref().map(|name| name.as_str())),
        permissions: invitation.offer.grants().iter().map(Permission::in_plain_words).collect(),
        message: invitation.message.as_ref().map(|message| message.as_str()),
        expires: date_and_time(invitation.expires_at),
        email: invitation.email.as_str(),
        sign_in: &sign_in(portal_url, token),
        action: &match action {
            Action::BesideLink => format!("{}/account", token.reveal()),
            Action::BelowLink => "account".to_owned(),
        },
        entered,
        min_chars: MIN_CHARS,
        max_chars: MAX_CHARS,
    };
    let refused = entered.error.is_some();
    Page::of(if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page)
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage<'a> {
    name: &'a str,
    org: &'a str,
    email: &'a str,
    portal_url: &'a str,
}

/// The account is made and the invitation accepted.
pub(crate) fn welcome(made: &Made, portal_url: &str) -> Page {
    let page = WelcomePage {
        name: made.name.as_str(),
        org: made.invitation.org_name.as_str(),
        email: made.invitation.email.as_str(),
        portal_url,
    };
    Page::of(StatusCode::CREATED, &page)
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage<'a> {
    title: &'static str,
    text: &'static str,
    link: Option<Link<'a>>,
}

struct Link<'a> {
    url: &'a str,
    label: &'static str,
}

fn notice(status: StatusCode, title: &'static str, text: &'static str, link: Option<Link<'_>>) -> Page {
    Page::of(status, &NoticePage { title, text, link })
}

/// Nothing is behind the link, or nothing any more. It says no more than that: names and offers
/// are for those who can still accept.
pub(crate) fn closed(closed: Closed, portal_url: &str) -> Page {
    let refusal = match closed {
        Closed::Forged => return nothing_here(),
        Closed::Stopped(Stop::Problem(problem)) => return failed(problem.status()),
        Closed::Stopped(Stop::Replay(_)) => return failed(StatusCode::INTERNAL_SERVER_ERROR),
        Closed::Dead(refusal) => refusal,
    };
    let (title, text) = match refusal {
        LinkRefusal::Expired => {
            ("This invitation has expired", "Ask whoever invited you to send it again. A new link will come by email.")
        }
        LinkRefusal::Revoked => (
            "This invitation was withdrawn",
            "It can no longer be accepted. If you think that is a mistake, ask whoever invited you.",
        ),
        LinkRefusal::Rejected => (
            "This invitation was declined",
            "It can no longer be accepted. If you changed your mind, ask whoever invited you for a new one.",
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
    notice(StatusCode::GONE, title, text, link)
}

fn nothing_here() -> Page {
    let text = "There is no invitation behind this link. Check that you copied all of it from the email.";
    notice(StatusCode::NOT_FOUND, "There is nothing here", text, None)
}

/// A firm's invitation cannot be accepted with a new account.
pub(crate) fn firm_invited(token: &LinkToken, portal_url: &str) -> Page {
    let text = "Sign in as an admin of the firm to accept. If the firm is not registered yet, register it there first.";
    let link = Link { url: &sign_in(portal_url, token), label: "Sign in to accept" };
    notice(StatusCode::CONFLICT, "This invitation is for a firm", text, Some(link))
}

/// The address has an account already. Whoever holds the link owns the address, so it may be told.
pub(crate) fn account_exists(token: &LinkToken, portal_url: &str) -> Page {
    let text = "There is an account with the address that this invitation was sent to. Sign in with it to accept.";
    let link = Link { url: &sign_in(portal_url, token), label: "Sign in to accept" };
    notice(StatusCode::CONFLICT, "You have an account already", text, Some(link))
}

/// What was asked for could not be done.
pub(crate) fn failed(status: StatusCode) -> Page {
    let (title, text) = match status {
        StatusCode::GONE => {
            ("This invitation no longer holds", "Whoever sent it may no longer invite. Ask them for a new one.")
        }
        StatusCode::CONFLICT => {
            ("Someone was faster", "This invitation was changed at the same time. Open the link again.")
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            ("Please try again shortly", "This could not be done just now, and nothing is lost.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => ("This is too long", "Open the link again and fill in the form anew."),
        _ => ("Something went wrong", "This could not be done. Open the link again later."),
    };
    notice(status, title, text, None)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::{Engine, engine::general_purpose::STANDARD};
    use domain::{
        Access, CompanyId, FirmId,
        access::Seat,
        invitation::{Invitation, Invite, invite},
    };

    use super::*;

    const TOKEN: &str = "in_00000000000000000000000000000009.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn company() -> CompanyId {
        "co_00000000000000000000000000000001".parse().unwrap()
    }

    fn opened(offer: Offer) -> Opened {
        let seat = match &offer {
            Offer::Staff { firm, .. } | Offer::Client { firm, .. } => Seat::Staff { firm: firm.clone() },
            Offer::Member { .. } | Offer::Firm { .. } => Seat::Member { company: company() },
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
            seat,
        };
        let (invitation, _): (Invitation, _) = invite(command, UtcTime::EPOCH).unwrap();
        assert_eq!(Access::user(&invitation.inviter_access()).as_str(), "the-inviters-id");
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
        opened(Offer::Firm { company: company(), grants: MemberRole::Accountant.preset() })
    }

    fn shown(opened: &Opened) -> String {
        invitation(opened, "https://portal.example", BESIDE_LINK, &Entered::of(opened)).html
    }

    fn style(html: &str) -> &str {
        html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0
    }

    #[test]
    fn the_policy_allows_the_style_of_every_page_and_nothing_else() {
        for page in [shown(&member()), failed(StatusCode::GONE).html] {
            let expected = format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, style(&page).as_bytes())));
            assert!(CONTENT_SECURITY_POLICY.contains(&expected), "the style's digest is {expected}");
            for forbidden in
                ["<script", "<link", "<img", " style=\"", " src=\"", " onclick", "javascript:", "http-equiv"]
            {
                assert!(!page.contains(forbidden), "{forbidden}");
            }
        }
    }

    #[test]
    fn what_people_wrote_is_text() {
        for html in [shown(&member()), shown(&staff(StaffRole::Admin)), shown(&firm())] {
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
        for said in ["Client", "Pay invoices.", "8 January 1970, 00:00 UTC", "gus@example.com", "Second line"] {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert!(html.contains(&format!("action=\"{TOKEN}/account\"")));
        assert!(html.contains(&format!("href=\"https://portal.example/accept#token={TOKEN}\"")));
        assert!(shown(&staff(StaffRole::Admin)).contains("every client of the firm"));
        assert!(shown(&staff(StaffRole::Bookkeeper)).contains("assigned to you"));
    }

    #[test]
    fn a_firm_is_offered_no_new_account() {
        let html = shown(&firm());
        assert!(html.contains("File VAT returns.") && !html.contains("vendor"), "{html}");
        assert!(!html.contains("<form"));
        assert!(html.contains("to keep the books of"));
    }

    #[test]
    fn a_refused_form_comes_back_with_the_name_and_never_the_password() {
        let opened = member();
        let error = FieldError { field: "password".to_owned(), detail: "is too short".to_owned() };
        let again = invitation(&opened, "https://p.example", BELOW_LINK, &Entered::refused("<b>Nia".to_owned(), error));
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.html.contains("action=\"account\""));
        assert!(again.html.contains("is too short"));
        assert!(again.html.contains("value=\"&#60;b&#62;Nia\""), "{}", again.html);
        assert!(!again.html.contains("type=\"password\" value"));
    }

    #[test]
    fn every_dead_link_is_gone_and_a_forged_one_not_found() {
        use LinkRefusal::{AlreadyAccepted, Expired, Rejected, Revoked, Superseded};
        let mut titles = std::collections::BTreeSet::new();
        for refusal in [Expired, Revoked, Rejected, Superseded, AlreadyAccepted] {
            let page = closed(Closed::Dead(refusal), "https://portal.example");
            assert_eq!(page.status, StatusCode::GONE);
            titles.insert(page.html);
        }
        assert_eq!(titles.len(), 5);
        assert_eq!(closed(Closed::Forged, "https://portal.example").status, StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_page_is_neither_kept_nor_framed_nor_indexed_nor_told_of() {
        let response = nothing_here().into_response();
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-robots-tag", "noindex, nofollow"),
            ("content-security-policy", CONTENT_SECURITY_POLICY),
        ] {
            assert_eq!(response.headers().get(name).unwrap(), value, "{name}");
        }
    }
}
