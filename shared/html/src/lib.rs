//! The pages behind links: one layout, one style, and the headers that they are sent under. No
//! script, nothing loaded, nothing kept.
//!
//! A function owns the content of its pages: it writes the template of the body, and this crate adds the layout. It
//! knows no invitation and no registration. A vendor's own portal requests the same content as JSON ([`Visitor`]).

use std::convert::Infallible;

use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{
    language::{Language, Reader},
    messages,
};

#[cfg(feature = "examples")]
pub mod examples;
mod refused_text;
mod sentence;
mod shown;

pub use refused_text::refused_text;
pub use sentence::{Sentence, named};
pub use shown::{ConsentShown, GrantsShown};

/// The content security policy, but for where forms go. The style's digest is part of it: a test
/// computes it anew.
macro_rules! policy {
    (form_action: $action:literal) => {
        concat!(
            "default-src 'none'; style-src 'sha256-+UjWA1o2qEwsAHQ/RfMSmt9l7PfZu7tAfy7E3MpiE/Q='; form-action ",
            $action,
            "; frame-ancestors 'none'; base-uri 'none'"
        )
    };
}

/// Shown when a page cannot be rendered. Ours are written to memory only, so this does not happen.
const UNRENDERED: &str = "<!DOCTYPE html><title>Something went wrong</title><p>Something went wrong on our side.</p>";

/// The pages of a function, all under the same browser restrictions.
#[derive(Debug, Clone, Copy)]
pub struct Pages {
    policy: &'static str,
}

impl Pages {
    /// Pages without any form.
    pub const WITHOUT_FORMS: Self = Self { policy: policy!(form_action: "'none'") };

    /// Pages whose forms go to their own origin.
    pub const WITH_FORMS: Self = Self { policy: policy!(form_action: "'self'") };

    /// A page in the reader's language. The title is text; the body is the markup inside `<main>`, which escapes what
    /// people wrote by itself.
    #[must_use]
    pub fn page(self, reader: &Reader, status: StatusCode, title: &str, body: &impl Template) -> Page {
        let Self { policy } = self;
        match (Layout { reader, title, body }).render() {
            Ok(html) => Page { status, language: reader.language(), html, policy },
            Err(error) => {
                tracing::error!(%error, "a page could not be rendered");
                let (status, html) = (StatusCode::INTERNAL_SERVER_ERROR, UNRENDERED.to_owned());
                Page { status, language: Language::English, html, policy }
            }
        }
    }

    /// A page with one message, a title and a text, and an optional link.
    #[must_use]
    pub fn notice(
        self,
        reader: &Reader,
        status: StatusCode,
        (title, text): (&str, &str),
        link: Option<Link<'_>>,
    ) -> Page {
        self.page(reader, status, title, &Notice { title, text, link })
    }

    /// A page for a failure that can happen behind every link.
    #[must_use]
    pub fn failed(self, reader: &Reader, status: StatusCode) -> Page {
        let words = match status {
            StatusCode::SERVICE_UNAVAILABLE => (try_again(reader), nothing_is_lost(reader)),
            StatusCode::NOT_FOUND => (link_does_not_work(reader), check_the_link(reader)),
            StatusCode::GONE => (opens_nothing(reader), its_page_says_why(reader)),
            _ => (went_wrong(reader), open_later(reader)),
        };
        self.notice(reader, status, words, None)
    }
}

messages! {
    try_again {
        English: "Please try again shortly",
        German: "Bitte versuchen Sie es gleich noch einmal",
        French: "Veuillez réessayer dans un instant",
        Dutch: "Probeer het zo dadelijk opnieuw",
        Spanish: "Vuelva a intentarlo en breve",
    }
    nothing_is_lost {
        English: "This could not be done just now, and nothing is lost.",
        German: "Das ging gerade nicht. Es ist nichts verloren.",
        French: "Cela n’a pas pu être fait pour le moment ; rien n’est perdu.",
        Dutch: "Dat lukte nu even niet. Er is niets verloren gegaan.",
        Spanish: "No ha sido posible en este momento; no se ha perdido nada.",
    }
    link_does_not_work {
        English: "This link does not work",
        German: "Dieser Link funktioniert nicht",
        French: "Ce lien ne fonctionne pas",
        Dutch: "Deze link werkt niet",
        Spanish: "Este enlace no funciona",
    }
    check_the_link {
        English: "Check that you opened the whole link, as it is in the letter.",
        German: "Prüfen Sie, ob Sie den ganzen Link geöffnet haben, wie er in der E-Mail steht.",
        French: "Vérifiez que vous avez ouvert le lien en entier, tel qu’il figure dans l’e-mail.",
        Dutch: "Controleer of u de hele link hebt geopend, zoals hij in de e-mail staat.",
        Spanish: "Compruebe que abrió el enlace completo, tal como figura en el correo.",
    }
    opens_nothing {
        English: "This link opens nothing any more",
        German: "Dieser Link öffnet nichts mehr",
        French: "Ce lien n’ouvre plus rien",
        Dutch: "Deze link opent niets meer",
        Spanish: "Este enlace ya no abre nada",
    }
    its_page_says_why {
        English: "Open the link in your letter again: its page says why.",
        German: "Öffnen Sie den Link in Ihrer E-Mail noch einmal: Dort steht, warum.",
        French: "Ouvrez de nouveau le lien de votre e-mail : la page vous indiquera pourquoi.",
        Dutch: "Open de link in uw e-mail opnieuw: op de pagina staat waarom.",
        Spanish: "Abra de nuevo el enlace de su correo: la página indica por qué.",
    }
    went_wrong {
        English: "Something went wrong",
        German: "Etwas ist schiefgegangen",
        French: "Une erreur s’est produite",
        Dutch: "Er is iets misgegaan",
        Spanish: "Algo ha fallado",
    }
    open_later {
        English: "This could not be done. Open the link again later.",
        German: "Das war nicht möglich. Öffnen Sie den Link später noch einmal.",
        French: "Cela n’a pas pu être fait. Ouvrez de nouveau le lien plus tard.",
        Dutch: "Dat is niet gelukt. Open de link later opnieuw.",
        Spanish: "No ha sido posible. Abra de nuevo el enlace más tarde.",
    }
}

/// The link of a notice.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// An absolute URL.
    pub url: &'a str,
    /// The text of its button.
    pub label: &'static str,
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'a, B: Template> {
    reader: &'a Reader,
    title: &'a str,
    body: &'a B,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice<'a> {
    title: &'a str,
    text: &'a str,
    link: Option<Link<'a>>,
}

/// A page and its status.
#[derive(Debug)]
pub struct Page {
    status: StatusCode,
    language: Language,
    html: String,
    policy: &'static str,
}

impl Page {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The whole document.
    #[must_use]
    pub fn html(&self) -> &str {
        &self.html
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.html).into_response();
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_LANGUAGE, self.language.tag()),
            (header::CONTENT_SECURITY_POLICY, self.policy),
            (header::CACHE_CONTROL, "no-store"),
            // The URL of the page is a secret.
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

/// Who opens a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visitor {
    /// A person, who gets a page.
    Person,
    /// A program with its own page, which gets JSON: its `Accept` names `application/json` and not
    /// `text/html`, whatever their weights.
    Program,
}

impl Visitor {
    fn of(headers: &HeaderMap) -> Self {
        let accepted = || {
            let values = headers.get_all(header::ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
            let ranges = values.flat_map(|value| value.split(','));
            ranges.map(|range| range.split(';').next().unwrap_or_default().trim())
        };
        let named = |wanted: &str| accepted().any(|range| range.eq_ignore_ascii_case(wanted));
        if named("application/json") && !named("text/html") { Self::Program } else { Self::Person }
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::{Engine, engine::general_purpose::STANDARD};
    use domain::color::{Color, READABLE, VISIBLE};

    use super::*;

    #[derive(Template)]
    #[template(source = "<p>{{ name }}</p>", ext = "html")]
    struct Hello<'a> {
        name: &'a str,
    }

    fn page() -> Page {
        page_in(Language::English)
    }

    fn page_in(language: Language) -> Page {
        Pages::WITHOUT_FORMS.page(
            &Reader::of(language),
            StatusCode::OK,
            "Fish & <chips>",
            &Hello { name: "<b>Nia</b>" },
        )
    }

    #[test]
    fn the_policy_allows_the_style_and_nothing_else() {
        let page = page();
        let style = page.html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let expected = format!("style-src 'sha256-{}'", STANDARD.encode(digest(&SHA256, style.as_bytes())));
        for pages in [Pages::WITHOUT_FORMS, Pages::WITH_FORMS] {
            assert!(pages.policy.contains(&expected), "the style's digest is {expected}");
            assert!(pages.policy.starts_with("default-src 'none';"));
        }
        for forbidden in ["<script", "<link", "<img", "<form", " style=\"", " src=\"", "javascript:", "http-equiv"] {
            assert!(!page.html.contains(forbidden), "{forbidden}");
        }
    }

    /// The colours of the style by name: on a light screen, then on a dark one.
    fn colours() -> [std::collections::HashMap<String, Color>; 2] {
        let style = include_str!("../templates/page.css");
        let light = style.split_once(":root {").unwrap().1;
        let (light, rest) = light.split_once('}').unwrap();
        let dark = rest.split_once(":root {").unwrap().1.split_once('}').unwrap().0;
        [light, dark].map(|rules| {
            let named = rules.split(';').filter_map(|rule| rule.trim().strip_prefix("--")?.split_once(": "));
            named.map(|(name, color)| (name.to_owned(), Color::try_from(color.to_owned()).unwrap())).collect()
        })
    }

    #[test]
    fn every_text_can_be_read_on_both_screens() {
        for colours in colours() {
            for (text, behind) in [
                ("ink", "paper"),
                ("ink", "panel"),
                ("ink", "ground"),
                ("soft", "paper"),
                ("soft", "panel"),
                ("act", "paper"),
                ("act", "wrong-ground"),
                ("on-act", "act"),
                ("wrong", "paper"),
                ("wrong", "wrong-ground"),
            ] {
                let contrast = colours[text].contrast_with(&colours[behind]);
                assert!(contrast >= READABLE, "{text} on {behind}: {contrast}");
            }
            assert!(colours["edge"].contrast_with(&colours["paper"]) >= VISIBLE, "the edges of fields");
        }
    }

    #[test]
    fn forms_go_to_their_own_origin_or_nowhere() {
        assert!(Pages::WITHOUT_FORMS.policy.contains("; form-action 'none';"));
        assert!(Pages::WITH_FORMS.policy.contains("; form-action 'self';"));
    }

    #[test]
    fn a_body_is_markup_and_what_is_in_it_text() {
        let html = page().html;
        assert!(html.contains("<title>Fish &#38; &#60;chips&#62;</title>"), "{html}");
        assert!(html.contains("<main>\n<p>&#60;b&#62;Nia&#60;/b&#62;</p>\n</main>"), "{html}");
    }

    #[test]
    fn a_notice_leads_on_where_it_can() {
        let link = Some(Link { url: "https://portal.example/?a=1&b=2", label: "Sign in" });
        let notice = |link| {
            let words = ("Gone", "It is gone.");
            Pages::WITH_FORMS.notice(&Reader::default(), StatusCode::GONE, words, link).html
        };
        let leading = notice(link);
        assert!(leading.contains("<h1>Gone</h1>\n<p>It is gone.</p>"), "{leading}");
        assert!(leading.contains("href=\"https://portal.example/?a=1&#38;b=2\" rel=\"noreferrer\">Sign in</a>"));
        assert!(!notice(None).contains("href"));
    }

    /// Proves: 11
    #[test]
    fn a_page_is_neither_kept_nor_framed_nor_indexed_nor_told_of() {
        let response = page().into_response();
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("content-language", "en"),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("x-robots-tag", "noindex, nofollow"),
            ("content-security-policy", Pages::WITHOUT_FORMS.policy),
        ] {
            assert_eq!(response.headers().get(name).unwrap(), value, "{name}");
        }
        assert!(response.headers().get("retry-after").is_none());
    }

    #[test]
    fn a_page_for_a_failure_asks_the_reader_to_come_back() {
        let failed = |status| Pages::WITHOUT_FORMS.failed(&Reader::default(), status);
        let page = failed(StatusCode::SERVICE_UNAVAILABLE);
        assert!(page.html.contains("nothing is lost"));
        assert_eq!(page.into_response().headers()["retry-after"], "1");
        assert!(failed(StatusCode::INTERNAL_SERVER_ERROR).html.contains("Something went wrong"));
    }

    /// A program that reads the page aloud, or translates it, would otherwise take it for another language.
    #[test]
    fn a_page_says_which_language_it_is_in() {
        for language in Language::ALL {
            let page = page_in(language);
            assert!(page.html.contains(&format!("<html lang=\"{}\">", language.tag())), "{}", page.html);
            assert_eq!(page.into_response().headers()["content-language"], language.tag());
            let failed = Pages::WITHOUT_FORMS.failed(&Reader::of(language), StatusCode::SERVICE_UNAVAILABLE);
            let is_english = failed.html.contains("Please try again");
            assert_eq!(is_english, language == Language::English, "{}", failed.html);
        }
    }

    #[test]
    fn only_who_asks_for_json_and_no_page_is_a_program() {
        let visitor = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::ACCEPT, HeaderValue::from_static(value));
            }
            Visitor::of(&headers)
        };
        for values in [&["application/json"][..], &["Application/JSON;q=0.9, */*"], &["image/png", "application/json"]]
        {
            assert_eq!(visitor(values), Visitor::Program, "{values:?}");
        }
        // A browser, a mail scanner, a command-line client, and a client that accepts both.
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        for values in [&[][..], &[browser], &["*/*"], &["application/json, text/html;q=0.1"], &["application/jsonp"]] {
            assert_eq!(visitor(values), Visitor::Person, "{values:?}");
        }
    }
}
