//! The page behind a registration link: it shows which firm asks for which permissions, before sign-in.
//! Opening it changes nothing. The `html` crate owns its layout and headers.

mod words;

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
use html::{ConsentShown, Page, Pages, Sentence, Visitor, named};

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
    reader: &'a Reader,
    heading: Sentence,
    invites_you: Sentence,
    /// Where the firm pays for the subscription.
    firm_pays: Option<Sentence>,
    /// The text to agree to.
    consent: ConsentShown<'a>,
    open_until: Option<String>,
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
/// portal's own page. The page is in the language that `Accept-Language` prefers. Opening the link changes nothing.
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
        Ok((LookUp::Code(_), _)) | Err(Shut::Forged) => nothing_here(reader),
        Err(Shut::Closed(closed)) => no_longer(reader, closed),
        Err(Shut::Stopped(ApiError::Problem(problem))) => PAGES.failed(reader, problem.status()),
        Err(Shut::Stopped(ApiError::Replay(_))) => PAGES.failed(reader, StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn registration(reader: &Reader, found: &Found, portal_url: &str, token: &str) -> Page {
    let Found { signup_source, firm } = found;
    let (Some(firm), Some((_, terms)), Some(consent)) =
        (firm, signup_source.connects(), consent_text(reader, signup_source, firm.as_ref()))
    else {
        return nothing_here(reader);
    };
    let expires = signup_source.limits().expires_at;
    let name = || named(firm.name.as_str());
    let page = RegistrationPage {
        reader,
        heading: Sentence::new(&words::keep_your_books_with(reader, name())),
        invites_you: Sentence::new(&words::invites_you(reader, name())),
        firm_pays: (terms.payer == BillingOwner::Firm).then(|| Sentence::new(&words::pays(reader, name()))),
        consent: ConsentShown::new(&consent),
        open_until: expires.map(|at| words::open_until(reader, reader.date_and_time(at))),
        // The token is behind a `#`, so the portal's server never sees it.
        sign_in: &format!("{portal_url}/register#token={token}"),
    };
    PAGES.page(reader, StatusCode::OK, &words::title(reader, &firm.name), &page)
}

fn nothing_here(reader: &Reader) -> Page {
    let said = (words::nothing(reader), words::nothing_behind(reader));
    PAGES.notice(reader, StatusCode::NOT_FOUND, said, None)
}

/// It says no more than that: names are for those who can still register.
fn no_longer(reader: &Reader, closed: Closed) -> Page {
    let said = match closed.0 {
        SignupSourceState::Revoked => (words::withdrawn(reader), words::ask_for_a_new_one(reader)),
        SignupSourceState::Expired => (words::expired(reader), words::ask_for_a_new_one(reader)),
        SignupSourceState::UsedUp => (words::used_up(reader), words::as_many_as_could(reader)),
        SignupSourceState::Open => (words::try_again(reader), words::open_again(reader)),
    };
    PAGES.notice(reader, StatusCode::GONE, said, None)
}

#[cfg(test)]
mod tests {
    use domain::{
        FirmId, RegistrationLinkId,
        language::Language,
        org::Firm,
        signup_source::{Creator, RegistrationLink, SignupLimits, SignupSource, SignupTerms},
    };

    use html::examples::{Examples, assert_action_first, assert_in_the_readers_language, assert_inert, recorded};

    use super::*;

    const TOKEN: &str = "rl_00000000000000000000000000000009.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn shown(payer: BillingOwner) -> Page {
        shown_of(&Reader::default(), payer, "<script>alert(1)</script> & Co", UtcTime::EPOCH)
    }

    fn shown_of(reader: &Reader, payer: BillingOwner, name: &str, now: UtcTime) -> Page {
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
        registration(reader, &found, "https://portal.example", TOKEN)
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

    /// Every page that is recorded, in the language of this reader.
    fn examples(reader: &Reader, firm: &str) -> Examples {
        let now = "2026-11-21T14:30:00Z".parse().unwrap();
        vec![
            ("a_company_registers_through_a_link", shown_of(reader, BillingOwner::Firm, firm, now)),
            ("a_registration_link_is_used_up", no_longer(reader, Closed(SignupSourceState::UsedUp))),
        ]
    }

    /// `make mails` shows these pages.
    #[test]
    fn every_page_looks_as_recorded() {
        for (name, text) in recorded("register", |reader| examples(reader, "Lovelace & Co")).unwrap() {
            insta::assert_snapshot!(name, text);
        }
    }

    /// A person would otherwise get a page half in their language.
    #[test]
    fn every_page_is_in_the_readers_language_with_its_action_first_and_names_inert() {
        let closed = |reader: &Reader| -> Examples {
            use SignupSourceState::{Expired, Open, Revoked, UsedUp};
            let states = [("expired", Expired), ("open", Open), ("revoked", Revoked), ("used_up", UsedUp)];
            let pages = states.map(|(name, state)| (name, no_longer(reader, Closed(state))));
            pages.into_iter().chain([("nothing", nothing_here(reader))]).collect()
        };
        assert_in_the_readers_language(closed, &[]);
        assert_in_the_readers_language(|reader| examples(reader, "Lovelace & Co"), &[]);
        for reader in Language::ALL.map(Reader::of) {
            assert_action_first(&examples(&reader, "Lovelace & Co"));
            assert_inert(&examples(&reader, "<script>x</script><img src=x> \"'&"), &examples(&reader, "x"));
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
            assert_eq!(no_longer(&Reader::default(), Closed(state)).status(), StatusCode::GONE);
        }
        assert_eq!(nothing_here(&Reader::default()).status(), StatusCode::NOT_FOUND);
    }
}
