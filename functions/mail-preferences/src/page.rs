//! The words of the pages that the link in a notification opens. `html` has their layout and headers.

use api::ApiError;
use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::notification::{NotificationCategory, NotificationSettings, Subscription};
use html::{Page, Pages};

use crate::{
    choices::{Digests, PageChoice},
    link::{Closed, Shown},
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
    fn of(category: NotificationCategory, own: &NotificationSettings) -> Self {
        let chosen = PageChoice::of(own.of_category(category));
        let choice = |choice: PageChoice| Choice {
            value: choice.as_str(),
            words: match choice {
                PageChoice::Default => "As each company or firm sets it",
                PageChoice::AtOnce => "When it happens",
                PageChoice::InDigest => "In a digest",
                PageChoice::None => "Not mailed",
            },
            is_chosen: choice == chosen,
        };
        Self {
            name: category.as_str(),
            words: category.in_words(),
            is_required: category.is_required(),
            is_chosen_otherwise: own.is_chosen_otherwise(category),
            choices: PageChoice::ALL.map(choice).into(),
        }
    }
}

#[derive(Template)]
#[template(path = "preferences.html")]
struct Preferences {
    /// What the letter was about.
    about: &'static str,
    is_stopped: bool,
    is_saved: bool,
    stop: String,
    resume: String,
    choose: String,
    rows: Vec<Row>,
    digests: [Choice; 2],
}

/// What is mailed to the person, with a button for what the letter was about.
pub(crate) fn preferences(shown: &Shown, at: At<'_>) -> Page {
    page(shown.subscription, &shown.own, at, false)
}

/// The same, after the person chose.
pub(crate) fn saved(shown: &Shown, at: At<'_>) -> Page {
    page(shown.subscription, &shown.own, at, true)
}

fn page(subscription: Subscription, own: &NotificationSettings, at: At<'_>, is_saved: bool) -> Page {
    let digests = |digests: Digests, words: &'static str| Choice {
        value: digests.as_str(),
        words,
        is_chosen: (digests == Digests::Stopped) == own.digests_stopped,
    };
    let is_stopped = own.has_stopped(subscription);
    let page = Preferences {
        about: match subscription {
            Subscription::Category(category) => category.in_words(),
            Subscription::Digests => "Digests: several notifications in one message.",
        },
        is_stopped,
        is_saved,
        stop: at.stop(),
        resume: at.below("resumption"),
        choose: at.below("choices"),
        rows: NotificationCategory::ALL.iter().map(|category| Row::of(*category, own)).collect(),
        digests: [digests(Digests::Sent, "Sent"), digests(Digests::Stopped, "Not sent")],
    };
    PAGES.page(StatusCode::OK, if is_stopped { "These messages are stopped" } else { "Stop these messages?" }, &page)
}

/// The link opens nothing, or the request is refused.
pub(crate) fn closed(closed: Closed) -> Response {
    match closed {
        Closed::Unknown => unknown().into_response(),
        Closed::Stopped(ApiError::Problem(problem)) if problem.status().is_client_error() => problem.into_response(),
        Closed::Stopped(ApiError::Problem(problem)) => PAGES.failed(problem.status()).into_response(),
        Closed::Stopped(ApiError::Replay(_)) => PAGES.failed(StatusCode::INTERNAL_SERVER_ERROR).into_response(),
    }
}

/// Every link that is not ours gets these bytes.
fn unknown() -> Page {
    let text = "Check that you opened the whole link, as it is in the message. You can also sign in and choose what is \
        mailed to you there.";
    PAGES.notice(StatusCode::NOT_FOUND, "This link does not work", text, None)
}

#[cfg(test)]
mod tests {
    use domain::notification::{CategoryChange, MailChoice};
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

    /// `make mails` shows these pages.
    #[test]
    fn every_page_looks_as_recorded() {
        let stopped = own().stop(APPROVALS).unwrap();
        let without_digests = own().stop(Subscription::Digests).unwrap();
        for (name, page) in [
            ("mail_can_be_stopped", page(APPROVALS, &own(), At::Link(TOKEN), false)),
            ("mail_is_stopped", page(APPROVALS, &stopped, At::Link(TOKEN), false)),
            ("choices_are_saved", page(APPROVALS, &stopped, At::Below(TOKEN), true)),
            ("digests_are_stopped", page(Subscription::Digests, &without_digests, At::Link(TOKEN), false)),
            ("a_link_is_not_ours", unknown()),
        ] {
            assert_snapshot!(name, page.html());
        }
    }

    /// Proves: NT10
    #[test]
    fn a_page_names_no_company_and_loads_nothing() {
        for at in [At::Link(TOKEN), At::Below(TOKEN)] {
            let page = page(APPROVALS, &own(), at, false);
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
