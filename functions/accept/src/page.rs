//! The pages that a link opens. `html` has their layout and headers.

mod notices;
mod words;
mod wrong;

use api::FieldError;
use askama::Template;
use axum::http::StatusCode;
use domain::{consent::ConsentText, invitation::Offer, language::Reader};
use html::{ConsentShown, GrantsShown, Page, Pages, Sentence, named};
use links::LinkToken;

pub(crate) use self::notices::{account_exists, closed, failed, firm_invited};
use crate::{
    invitation_link::Opened,
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

    /// What is wrong with a field, where that is why the form was refused; the consent is one field.
    fn error(&self, reader: &Reader, field: &str) -> Option<String> {
        let error = self.error.as_ref()?;
        let wrong = error.field.split('.').next().unwrap_or_default();
        let is_it = if field.is_empty() { !wrong::SHOWN.contains(&wrong) } else { wrong == field };
        is_it.then(|| wrong::said(reader, &error.field, &error.detail))
    }
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct InvitationPage<'a> {
    reader: &'a Reader,
    heading: Sentence,
    intro: Option<String>,
    asks_firm: bool,
    asks_client: bool,
    granted: GrantsShown,
    consent: Option<ConsentOffered<'a>>,
    writes: Sentence,
    message: Option<&'a str>,
    until_when: String,
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

/// The link into the portal. The token is behind a `#`, so the portal's server never sees it.
fn sign_in_url(portal_url: &str, token: &LinkToken) -> String {
    format!("{portal_url}/accept#token={}", token.reveal())
}

/// The open invitation, and the two ways to accept it.
pub(crate) fn invitation(
    reader: &Reader,
    opened: &Opened,
    portal_url: &str,
    action: Action,
    form: &FormValues,
) -> Page {
    let Opened { token, invitation } = opened;
    let consent = invitation.consent_terms().map(|terms| terms.text(reader));
    let (inviter, org) = (invitation.invited_by_name.as_str(), invitation.org_name.as_str());
    let invitee = invitation.name.as_ref().map(|name| name.as_str());
    let page = InvitationPage {
        reader,
        heading: words::heading(reader, (inviter, org), &invitation.offer, invitee),
        intro: words::intro(reader, &invitation.offer),
        asks_firm: matches!(invitation.offer, Offer::Firm { .. }),
        asks_client: matches!(invitation.offer, Offer::Client { .. }),
        granted: GrantsShown::new(reader, &invitation.offer.grants()),
        consent: consent.as_ref().map(|text| ConsentOffered { text, shown: ConsentShown::new(text) }),
        writes: Sentence::new(&words::writes(reader, named(inviter))),
        message: invitation.message.as_ref().map(|message| message.as_str()),
        until_when: words::until_when(reader, reader.date_and_time(invitation.expires_at), &invitation.email),
        email: invitation.email.as_str(),
        sign_in: &sign_in_url(portal_url, token),
        action: &match action {
            Action::BesideLink => format!("{}/account", token.reveal()),
            Action::BelowLink => "account".to_owned(),
        },
        form,
        min_chars: MIN_CHARS,
        max_chars: MAX_CHARS,
    };
    let status = if form.is_refused() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    PAGES.page(reader, status, words::title(reader), &page)
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage<'a> {
    reader: &'a Reader,
    heading: Sentence,
    place: Sentence,
    email: &'a str,
    portal_url: &'a str,
}

/// The account is made and the invitation accepted.
pub(crate) fn welcome(reader: &Reader, made: &MadeAccount, portal_url: &str) -> Page {
    let org = named(made.invitation.org_name.as_str());
    // A firm or company that was made is connected; a person has joined.
    let place = if made.invitation.offer.is_for_a_person() {
        words::joined(reader, org)
    } else {
        words::connected(reader, org)
    };
    let page = WelcomePage {
        reader,
        heading: Sentence::new(&words::account_is_ready(reader, named(made.name.as_str()))),
        place: Sentence::new(&place),
        email: made.invitation.email.as_str(),
        portal_url,
    };
    PAGES.page(reader, StatusCode::CREATED, words::welcome(reader), &page)
}

#[cfg(test)]
mod recorded;
#[cfg(test)]
mod tests;
