//! The pages that the link in a notification opens. `html` has their layout and headers.

use api::ApiError;
use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    language::Reader,
    notification::{NotificationCategory, NotificationSettings, Subscription},
};
use html::{Page, Pages, Visitor};

use crate::{
    choices::{Digests, PageChoice},
    link::{Closed, Shown},
    words,
};

/// Mail is stopped and chosen with forms.
const PAGES: Pages = Pages::WITH_FORMS;

/// Where a page is shown, by the token of its link: its forms lead from there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum At<'a> {
    /// At the link itself.
    Link(&'a str),
    /// At the answer to a form below it.
    Below(&'a str),
}

impl At<'_> {
    fn stop(self) -> String {
        match self {
            Self::Link(token) => token.to_owned(),
            Self::Below(token) => format!("../{token}"),
        }
    }

    fn below(self, what: &str) -> String {
        match self {
            Self::Link(token) => format!("{token}/{what}"),
            Self::Below(_) => what.to_owned(),
        }
    }
}

/// A value of a list, and its words.
struct Choice {
    value: &'static str,
    words: &'static str,
    is_chosen: bool,
}

/// One category.
struct Row {
    name: &'static str,
    words: &'static str,
    is_required: bool,
    /// Whether something else is chosen for a single company or firm.
    is_chosen_otherwise: bool,
    choices: Vec<Choice>,
}

impl Row {
    fn of(category: NotificationCategory, own: &NotificationSettings, reader: &Reader) -> Self {
        let chosen = PageChoice::of(own.of_category(category));
        let choice = |choice: PageChoice| Choice {
            value: choice.as_str(),
            words: match choice {
                PageChoice::Default => words::by_default(reader),
                PageChoice::AtOnce => words::at_once(reader),
                PageChoice::InDigest => words::in_digest(reader),
                PageChoice::None => words::not_mailed(reader),
            },
            is_chosen: choice == chosen,
        };
        Self {
            name: category.as_str(),
            words: category.in_words(reader),
            is_required: category.is_required(),
            is_chosen_otherwise: own.is_chosen_otherwise(category),
            choices: PageChoice::ALL.map(choice).into(),
        }
    }
}

#[derive(Template)]
#[template(path = "preferences.html")]
struct Preferences<'a> {
    reader: &'a Reader,
    /// What the letter was about.
    about: &'static str,
    is_stopped: bool,
    answered: Answered,
    stop: String,
    resume: String,
    choose: String,
    rows: Vec<Row>,
    digests: [Choice; 2],
}

/// What a page answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answered {
    /// The link was opened.
    Opening,
    /// The mail was stopped, or started again.
    Click,
    /// What is mailed was chosen.
    Choice,
}

/// What is mailed to the person, with a button for what the letter was about.
pub(crate) fn opened(shown: &Shown, at: At<'_>) -> Page {
    page((shown.subscription, &shown.own), &shown.reader, at, Answered::Opening)
}

/// The same, after the mail was stopped or started again.
pub(crate) fn clicked(shown: &Shown, at: At<'_>) -> Page {
    page((shown.subscription, &shown.own), &shown.reader, at, Answered::Click)
}

/// The same, after the person chose.
pub(crate) fn saved(shown: &Shown, at: At<'_>) -> Page {
    page((shown.subscription, &shown.own), &shown.reader, at, Answered::Choice)
}

fn page(
    (subscription, own): (Subscription, &NotificationSettings),
    reader: &Reader,
    at: At<'_>,
    answered: Answered,
) -> Page {
    let digests = |digests: Digests, words: &'static str| Choice {
        value: digests.as_str(),
        words,
        is_chosen: (digests == Digests::Stopped) == own.digests_stopped,
    };
    let is_stopped = own.has_stopped(subscription);
    let title = if is_stopped { words::are_stopped(reader) } else { words::whether_to_stop(reader) };
    let page = Preferences {
        reader,
        about: match subscription {
            Subscription::Category(category) => category.in_words(reader),
            Subscription::Digests => words::about_digests(reader),
        },
        is_stopped,
        answered,
        stop: at.stop(),
        resume: at.below("resumption"),
        choose: at.below("choices"),
        rows: NotificationCategory::ALL.iter().map(|category| Row::of(*category, own, reader)).collect(),
        digests: [digests(Digests::Sent, words::sent(reader)), digests(Digests::Stopped, words::not_sent(reader))],
    };
    PAGES.page(reader, StatusCode::OK, title, &page)
}

/// The answer to a request: what a link shows, or why it shows nothing. Whose link it is cannot be said then, so the request
/// says who reads it.
pub(crate) fn answer(
    (visitor, reader): (Visitor, &Reader),
    result: Result<Shown, Closed>,
    show: impl FnOnce(&Shown) -> Page,
) -> Response {
    match (result, visitor) {
        (Ok(shown), _) => show(&shown).into_response(),
        (Err(Closed::Unknown), _) => unknown(reader).into_response(),
        (Err(Closed::Stopped(ApiError::Problem(problem))), _) if !problem.status().is_client_error() => {
            PAGES.failed(reader, problem.status()).into_response()
        }
        (Err(Closed::Stopped(ApiError::Problem(problem))), Visitor::Program) => problem.into_response(),
        (Err(Closed::Stopped(ApiError::Problem(problem))), Visitor::Person) => {
            refused(reader, problem.status()).into_response()
        }
        (Err(Closed::Stopped(ApiError::Replay(_))), _) => {
            PAGES.failed(reader, StatusCode::INTERNAL_SERVER_ERROR).into_response()
        }
    }
}

/// A form that is not one of ours, as of a page that is older than the product's present version.
fn refused(reader: &Reader, status: StatusCode) -> Page {
    PAGES.notice(reader, status, (words::form_is_not_ours(reader), words::open_anew(reader)), None)
}

/// Every link that is not ours gets these bytes.
fn unknown(reader: &Reader) -> Page {
    PAGES.notice(reader, StatusCode::NOT_FOUND, (words::does_not_work(reader), words::whole_link(reader)), None)
}

#[cfg(test)]
mod tests {
    use domain::{
        language::Language,
        notification::{CategoryChange, MailChoice},
    };
    use html::examples::{Examples, assert_action_first, assert_in_the_readers_language, recorded};
    use insta::assert_snapshot;

    use super::*;

    const TOKEN: &str = "7d1f3b1e-5c70-4a7c-9f52-0a6f6c1f0e11.approvals.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    const APPROVALS: Subscription = Subscription::Category(NotificationCategory::Approvals);

    /// Some choices, one of them beside another for a single company.
    fn own() -> NotificationSettings {
        let choice = |category, mail| CategoryChange { category, mail: Some(mail) };
        let own = NotificationSettings::default();
        let own = own.change_categories(&[
            choice(NotificationCategory::Money, MailChoice::InDigest),
            choice(NotificationCategory::Sales, MailChoice::None),
        ]);
        let kind = domain::notification::NotificationType::PaymentReceived;
        let change = domain::notification::TypeChange { kind, mail: Some(MailChoice::AtOnce) };
        let company = "co_00000000000000000000000000000001".parse().unwrap();
        own.unwrap().change_types(&company, &[change]).unwrap()
    }

    /// Every page in the language of this reader.
    fn examples(reader: &Reader) -> Examples {
        let stopped = own().stop(APPROVALS).unwrap();
        let without_digests = own().stop(Subscription::Digests).unwrap();
        let at_link = At::Link(TOKEN);
        vec![
            ("mail_can_be_stopped", page((APPROVALS, &own()), reader, at_link, Answered::Opening)),
            ("mail_is_stopped", page((APPROVALS, &stopped), reader, at_link, Answered::Click)),
            ("choices_are_saved", page((APPROVALS, &stopped), reader, At::Below(TOKEN), Answered::Choice)),
            ("digests_are_stopped", page((Subscription::Digests, &without_digests), reader, at_link, Answered::Click)),
            ("a_link_is_not_ours", unknown(reader)),
            ("a_form_is_refused", refused(reader, StatusCode::UNPROCESSABLE_ENTITY)),
        ]
    }

    /// `make mails` shows these pages.
    #[test]
    fn every_page_looks_as_recorded() {
        for (name, text) in recorded("mail-preferences", examples).unwrap() {
            assert_snapshot!(name, text);
        }
    }

    /// A person would otherwise get a page half in their language.
    #[test]
    fn every_page_is_in_the_readers_language() {
        assert_in_the_readers_language(examples, &[]);
    }

    #[test]
    fn the_button_comes_first_in_every_language() {
        for language in Language::ALL {
            assert_action_first(&examples(&Reader::of(language)));
        }
    }

    /// Proves: NT10
    #[test]
    fn a_page_names_no_company_and_loads_nothing() {
        for at in [At::Link(TOKEN), At::Below(TOKEN)] {
            let page = page((APPROVALS, &own()), &Reader::default(), at, Answered::Click);
            for forbidden in ["<script", "<link", "<img", " style=\"", " src=\"", "javascript:", "co_0"] {
                assert!(!page.html().contains(forbidden), "{forbidden}");
            }
            assert!(!page.html().contains("name=\"security\""), "what is required cannot be chosen");
        }
    }

    /// A person who answered one form could otherwise not send the next.
    #[test]
    fn forms_lead_back_from_wherever_the_page_is() {
        let at_link = At::Link("t");
        assert_eq!((at_link.stop().as_str(), at_link.below("choices").as_str()), ("t", "t/choices"));
        let below = At::Below("t");
        assert_eq!((below.stop().as_str(), below.below("choices").as_str()), ("../t", "choices"));
    }
}
