//! The page behind a registration link: it shows which firm asks for which permissions, before sign-in.
//! Opening it changes nothing. The `html` crate owns its layout and headers.

use api::{Answer, ApiError, Path, Problem, ProblemBody, Public, RequestReader};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    UtcTime,
    language::Reader,
    registration::consent_text,
    signup_source::{BillingOwner, Closed, SignupSourceState},
};
use html::{ConsentShown, Page, Pages, Visitor, date_and_time};

use crate::{
    App, gone,
    registrations::RegistrationPreview,
    signup_sources::{Found, LookUp},
};

/// A newcomer registers in the portal, so the page has no form.
const PAGES: Pages = Pages::WITHOUT_FORMS;

#[derive(Template)]
#[template(path = "registration.html")]
struct RegistrationPage<'a> {
    firm: &'a str,
    /// The text to agree to.
    consent: ConsentShown<'a>,
    firm_pays: bool,
    expires: Option<String>,
    sign_in: &'a str,
}

/// Why a link shows no registration.
enum Shut {
    Forged,
    Closed(Closed),
    Stopped(ApiError),
}

impl From<ApiError> for Shut {
    fn from(stop: ApiError) -> Self {
        Self::Stopped(stop)
    }
}

impl From<Shut> for ApiError {
    fn from(shut: Shut) -> Self {
        match shut {
            Shut::Forged => Problem::not_found().into(),
            Shut::Closed(closed) => gone(closed).into(),
            Shut::Stopped(stop) => stop,
        }
    }
}

impl App {
    async fn open(&self, token: &str, now: UtcTime) -> Result<(LookUp, Found), Shut> {
        let look_up = self.ours(token).await?.ok_or(Shut::Forged)?;
        // A genuine token always has a link. If the link is missing, the answer is the one for a forged token.
        let found = match self.find(&look_up).await {
            Ok(found) => found,
            Err(ApiError::Problem(problem)) if problem.status() == StatusCode::NOT_FOUND => return Err(Shut::Forged),
            Err(stop) => return Err(Shut::Stopped(stop)),
        };
        found.signup_source.open(now).map_err(Shut::Closed)?;
        Ok((look_up, found))
    }
}

/// Shows the firm and the permissions it asks for behind a registration link.
///
/// The answer is a page or, where `Accept` names `application/json` and not `text/html`, JSON for a
/// portal's own page. Opening the link changes nothing.
#[utoipa::path(get, path = "/r/{token}", params(("token" = String, Path)),
    responses(
        (status = 200, description = "Which firm asks for what",
            content((String = "text/html"), (RegistrationPreview = "application/json"))),
        (status = 404, description = "No such link",
            content((String = "text/html"), (ProblemBody = "application/problem+json"))),
        (status = 410, description = "The link opens nothing any more",
            content((String = "text/html"), (ProblemBody = "application/problem+json"))),
    ))]
pub(crate) async fn show_link(
    State(app): State<App>,
    caller: Public,
    Path(token): Path<String>,
    visitor: Visitor,
    RequestReader(reader): RequestReader,
) -> Response {
    let opened = app.open(&token, caller.now).await;
    match visitor {
        Visitor::Person => shown(&reader, opened, &app.portal_url).into_response(),
        Visitor::Program => match opened {
            Ok((_, found)) => Answer::ok(&RegistrationPreview::of(&reader, &found)).into_response(),
            Err(shut) => ApiError::from(shut).into_response(),
        },
    }
}

fn shown(reader: &Reader, opened: Result<(LookUp, Found), Shut>, portal_url: &str) -> Page {
    match opened {
        Ok((LookUp::Link(token), found)) => registration(reader, &found, portal_url, &token.reveal()),
        Ok((LookUp::Code(_), _)) | Err(Shut::Forged) => nothing_here(),
        Err(Shut::Closed(closed)) => no_longer(closed),
        Err(Shut::Stopped(ApiError::Problem(problem))) => PAGES.failed(problem.status()),
        Err(Shut::Stopped(ApiError::Replay(_))) => PAGES.failed(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn registration(reader: &Reader, found: &Found, portal_url: &str, token: &str) -> Page {
    let Found { signup_source, firm } = found;
    let (Some(firm), Some((_, terms)), Some(consent)) =
        (firm, signup_source.connects(), consent_text(reader, signup_source, firm.as_ref()))
    else {
        return nothing_here();
    };
    let page = RegistrationPage {
        firm: firm.name.as_str(),
        consent: ConsentShown::new(&consent),
        firm_pays: terms.payer == BillingOwner::Firm,
        expires: signup_source.limits().expires_at.map(date_and_time),
        // The token is behind a `#`, so the portal's server never sees it.
        sign_in: &format!("{portal_url}/register#token={token}"),
    };
    PAGES.page(StatusCode::OK, &format!("Register with {}", firm.name.as_str()), &page)
}

fn nothing_here() -> Page {
    let text = "There is nothing behind this link. Check that you copied all of it.";
    PAGES.notice(StatusCode::NOT_FOUND, "There is nothing here", text, None)
}

/// It says no more than that: names are for those who can still register.
fn no_longer(closed: Closed) -> Page {
    let (title, text) = match closed.0 {
        SignupSourceState::Revoked => ("This link was withdrawn", "Ask your accountant for a new one."),
        SignupSourceState::Expired => ("This link has expired", "Ask your accountant for a new one."),
        SignupSourceState::UsedUp => {
            ("This link was used up", "As many registered through it as could. Ask your accountant for a new one.")
        }
        SignupSourceState::Open => ("Please try again", "Open the link again."),
    };
    PAGES.notice(StatusCode::GONE, title, text, None)
}

#[cfg(test)]
mod tests {
    use domain::{
        FirmId, RegistrationLinkId,
        org::Firm,
        signup_source::{Creator, RegistrationLink, SignupLimits, SignupSource, SignupTerms},
    };

    use super::*;

    const TOKEN: &str = "rl_00000000000000000000000000000009.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn shown(payer: BillingOwner) -> Page {
        shown_of(payer, "<script>alert(1)</script> & Co", UtcTime::EPOCH)
    }

    fn shown_of(payer: BillingOwner, name: &str, now: UtcTime) -> Page {
        let id: RegistrationLinkId = "rl_00000000000000000000000000000009".parse().unwrap();
        let firm: FirmId = "fm_00000000000000000000000000000002".parse().unwrap();
        let limits = SignupLimits::new(None, Some(7), None, now).unwrap();
        let by = Creator { user: "ana".parse().unwrap(), name: "Ana".parse().unwrap() };
        let terms = SignupTerms::new(None, Some(payer)).unwrap();
        let label = Some("Secret campaign".parse().unwrap());
        let (link, _) = RegistrationLink::make(id, &firm, label, terms, limits, by, now);
        let firm = Firm {
            id: firm,
            name: name.parse().unwrap(),
            email: None,
            email_holder: None,
            admin_count: 1,
            created_at: UtcTime::EPOCH,
        };
        let found = Found { signup_source: SignupSource::Link(link, 1), firm: Some(firm) };
        registration(&Reader::default(), &found, "https://portal.example", TOKEN)
    }

    #[test]
    fn the_page_says_what_the_firm_will_be_able_to_do() {
        let page = shown(BillingOwner::Firm);
        let html = page.html();
        for said in ["File VAT returns.", "8 January 1970, 00:00 UTC", "personal data", "pays for the subscription"] {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert!(html.contains(&format!("href=\"https://portal.example/register#token={TOKEN}\"")));
        assert!(!html.contains("vendor") && !html.contains("Secret campaign"), "{html}");
        assert!(!shown(BillingOwner::Company).html().contains("pays for the subscription"));
    }

    /// `make mails` shows these pages.
    #[test]
    fn every_page_looks_as_recorded() {
        let now = "2026-11-21T14:30:00Z".parse().unwrap();
        for (name, page) in [
            ("a_company_registers_through_a_link", shown_of(BillingOwner::Firm, "Lovelace & Co", now)),
            ("a_registration_link_is_used_up", no_longer(Closed(SignupSourceState::UsedUp))),
        ] {
            insta::assert_snapshot!(name, page.html());
        }
    }

    #[test]
    fn the_page_runs_nothing_loads_nothing_and_asks_for_nothing() {
        let page = shown(BillingOwner::Firm);
        for forbidden in ["<script", "<link", "<img", " style=\"", " src=\"", "javascript:", "http-equiv", "<form"] {
            assert!(!page.html().contains(forbidden), "{forbidden}");
        }
    }

    #[test]
    fn every_link_that_does_not_open_has_its_status() {
        for state in [SignupSourceState::Expired, SignupSourceState::Revoked, SignupSourceState::UsedUp] {
            assert_eq!(no_longer(Closed(state)).status(), StatusCode::GONE);
        }
        assert_eq!(nothing_here().status(), StatusCode::NOT_FOUND);
    }
}
