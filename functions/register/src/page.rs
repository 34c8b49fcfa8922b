//! The page behind a registration link: who asks for what, before anybody signs in. No script,
//! nothing loaded, nothing kept, and opening it changes nothing.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    UtcTime,
    entrance::{Closed, Entrance, EntranceState, Payer},
    registration::consent_text,
};
use edge::{Path, Stop, clock};

use crate::{
    App,
    entrances::{Found, LookUp},
};

/// The style's digest is part of the policy: a test computes it anew.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'sha256-JMFURyFMsUnxnfQeKIbLCY9mbWhqTte8BoZ+l+V31Fg='; \
    form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

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

#[derive(Template)]
#[template(path = "registration.html")]
struct RegistrationPage<'a> {
    firm: &'a str,
    /// The text to agree to, line by line.
    consent: Vec<Line<'a>>,
    firm_pays: bool,
    expires: Option<String>,
    sign_in: &'a str,
}

/// A line of the text to agree to.
enum Line<'a> {
    Words(&'a str),
    Permission(&'a str),
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

/// Why there is nothing to show behind a link.
enum Shut {
    Forged,
    Closed(Closed),
    Stopped(Stop),
}

impl From<Stop> for Shut {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}

impl App {
    async fn open(&self, token: &str, now: UtcTime) -> Result<(LookUp, Found), Shut> {
        let look_up = self.ours(token).await?.ok_or(Shut::Forged)?;
        // A token of ours for a link that is not there cannot be; it is told like a forged one.
        let found = match self.find(&look_up).await {
            Ok(found) => found,
            Err(Stop::Problem(problem)) if problem.status() == StatusCode::NOT_FOUND => return Err(Shut::Forged),
            Err(stop) => return Err(Shut::Stopped(stop)),
        };
        found.entrance.open(now).map_err(Shut::Closed)?;
        Ok((look_up, found))
    }
}

/// Shows what a firm asks for, to whoever holds its registration link. Changes nothing, however
/// often it is opened.
#[utoipa::path(get, path = "/r/{token}", tag = "register", params(("token" = String, Path)),
    responses(
        (status = 200, description = "Which firm asks for what", body = String, content_type = "text/html"),
        (status = 404, description = "No such link", body = String, content_type = "text/html"),
        (status = 410, description = "The link opens nothing any more", body = String, content_type = "text/html"),
    ))]
pub(crate) async fn show_link(State(app): State<App>, Path(token): Path<String>) -> Page {
    match app.open(&token, clock::now()).await {
        Ok((LookUp::Link(token), found)) => registration(&found, &app.portal_url, &token.reveal()),
        Ok((LookUp::Code(_), _)) | Err(Shut::Forged) => nothing_here(),
        Err(Shut::Closed(closed)) => no_longer(closed),
        Err(Shut::Stopped(Stop::Problem(problem))) => failed(problem.status()),
        Err(Shut::Stopped(Stop::Replay(_))) => failed(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn registration(found: &Found, portal_url: &str, token: &str) -> Page {
    let Found { entrance, firm } = found;
    let (Some(firm), Some((_, terms)), Some(consent)) =
        (firm, entrance.connects(), consent_text(entrance, firm.as_ref()))
    else {
        return nothing_here();
    };
    let expires_at = match entrance {
        Entrance::Link(link, _) => link.limits.expires_at,
        Entrance::Code(code) => code.limits.expires_at,
    };
    let line = |line| match str::strip_prefix(line, "- ") {
        Some(permission) => Line::Permission(permission),
        None => Line::Words(line),
    };
    let page = RegistrationPage {
        firm: firm.name.as_str(),
        consent: consent.text.lines().map(line).collect(),
        firm_pays: terms.payer == Payer::Firm,
        expires: expires_at.map(date_and_time),
        // The token is behind a `#`, so the portal's server never sees it.
        sign_in: &format!("{portal_url}/register#token={token}"),
    };
    Page::of(StatusCode::OK, &page)
}

fn date_and_time(at: UtcTime) -> String {
    // Every `UtcTime` is within jiff's range.
    let at = jiff::Timestamp::from_second(at.unix_s()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

fn notice(status: StatusCode, title: &'static str, text: &'static str) -> Page {
    Page::of(status, &NoticePage { title, text, link: None })
}

fn nothing_here() -> Page {
    let text = "There is nothing behind this link. Check that you copied all of it.";
    notice(StatusCode::NOT_FOUND, "There is nothing here", text)
}

/// It says no more than that: names are for those who can still register.
fn no_longer(closed: Closed) -> Page {
    let (title, text) = match closed.0 {
        EntranceState::Revoked => ("This link was withdrawn", "Ask your accountant for a new one."),
        EntranceState::Expired => ("This link has expired", "Ask your accountant for a new one."),
        EntranceState::UsedUp => {
            ("This link was used up", "As many registered through it as could. Ask your accountant for a new one.")
        }
        EntranceState::Open => ("Please try again", "Open the link again."),
    };
    notice(StatusCode::GONE, title, text)
}

fn failed(status: StatusCode) -> Page {
    let (title, text) = match status {
        StatusCode::SERVICE_UNAVAILABLE => {
            ("Please try again shortly", "This could not be done just now, and nothing is lost.")
        }
        _ => ("Something went wrong", "This could not be done. Open the link again later."),
    };
    notice(status, title, text)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::{Engine, engine::general_purpose::STANDARD};
    use domain::{
        FirmId, RegistrationLinkId,
        entrance::{Limits, Maker, RegistrationLink, Terms},
        org::Firm,
    };

    use super::*;

    const TOKEN: &str = "rl_00000000000000000000000000000009.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn shown(payer: Payer) -> Page {
        let id: RegistrationLinkId = "rl_00000000000000000000000000000009".parse().unwrap();
        let firm: FirmId = "fm_00000000000000000000000000000002".parse().unwrap();
        let limits = Limits::new(None, Some(7), None, UtcTime::EPOCH).unwrap();
        let by = Maker { user: "ana".parse().unwrap(), name: "Ana".parse().unwrap() };
        let terms = Terms::new(None, Some(payer)).unwrap();
        let label = Some("Secret campaign".parse().unwrap());
        let (link, _) = RegistrationLink::make(id, &firm, label, terms, limits, by, UtcTime::EPOCH);
        let name = "<script>alert(1)</script> & Co".parse().unwrap();
        let firm = Firm { id: firm, name, email: None, admin_count: 1, created_at: UtcTime::EPOCH };
        let found = Found { entrance: Entrance::Link(link, 1), firm: Some(firm) };
        registration(&found, "https://portal.example", TOKEN)
    }

    #[test]
    fn the_page_says_what_the_firm_will_be_able_to_do() {
        let html = shown(Payer::Firm).html;
        for said in ["File VAT returns.", "8 January 1970, 00:00 UTC", "personal data", "pays for the subscription"] {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert!(html.contains(&format!("href=\"https://portal.example/register#token={TOKEN}\"")));
        assert!(!html.contains("vendor") && !html.contains("Secret campaign"), "{html}");
        assert!(!shown(Payer::Company).html.contains("pays for the subscription"));
    }

    #[test]
    fn the_policy_allows_the_style_of_every_page_and_nothing_else() {
        for page in [shown(Payer::Firm).html, failed(StatusCode::GONE).html, nothing_here().html] {
            let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
            let expected = format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, style.as_bytes())));
            assert!(CONTENT_SECURITY_POLICY.contains(&expected), "the style's digest is {expected}");
            for forbidden in ["<script", "<link", "<img", " style=\"", " src=\"", "javascript:", "http-equiv", "<form"]
            {
                assert!(!page.contains(forbidden), "{forbidden}");
            }
        }
    }

    #[test]
    fn every_link_that_does_not_open_has_its_status() {
        for state in [EntranceState::Expired, EntranceState::Revoked, EntranceState::UsedUp] {
            assert_eq!(no_longer(Closed(state)).status, StatusCode::GONE);
        }
        assert_eq!(nothing_here().status, StatusCode::NOT_FOUND);
        let response = nothing_here().into_response();
        assert_eq!(response.headers()["referrer-policy"], "no-referrer");
        assert_eq!(response.headers()["cache-control"], "no-store");
    }
}
