//! The pages that a hosted link opens. `html` has their layout and headers.

mod refused;
mod words;

use api::ApiError;
use askama::Template;
use axum::http::StatusCode;
use domain::{Money, id::CommentId, language::Reader, sales::LinkError};
use hosted_links::Closed;
use html::{Page, Pages, Sentence, named};

pub(crate) use self::refused::Refused;
use crate::{
    attachment::HostedAttachment,
    view::{HostedComment, HostedDocument},
};

/// A document is opened and commented on, and an estimate decided, with a form.
const PAGES: Pages = Pages::WITH_FORMS;

#[derive(Template)]
#[template(path = "cover.html")]
struct Cover<'a> {
    reader: &'a Reader,
    kind: &'static str,
    number: &'a str,
    company: &'a str,
    what_for: Sentence,
    /// How far its payment has come, for who comes back from paying.
    payment: Option<String>,
    sees_that: String,
    action: String,
}

/// The document is named, and its reader may open it.
pub(crate) fn cover(reader: &Reader, token: &str, shown: &HostedDocument) -> Page {
    let (company, contact) = (shown.company_name.as_str(), shown.contact_name.as_str());
    let page = Cover {
        reader,
        kind: words::kind(reader, shown.kind),
        number: shown.number.as_str(),
        company,
        what_for: Sentence::new(&words::has_this_for(reader, named(company), named(contact))),
        payment: words::payment(reader, shown),
        sees_that: words::sees_that_you_opened(reader, company, reader.day(shown.expires_on)),
        action: format!("{token}/viewed"),
    };
    PAGES.page(reader, StatusCode::OK, words::kind(reader, shown.kind), &page)
}

/// One line, as the page has it.
struct ShownLine {
    description: String,
    how_much: String,
    net: String,
}

/// One comment, as the page has it.
struct ShownComment<'a> {
    /// Who wrote it, and when.
    by: Sentence,
    text: &'a str,
}

impl<'a> ShownComment<'a> {
    fn of(reader: &Reader, comment: &'a HostedComment, company: &str) -> Self {
        let by = named(comment.by_name.as_ref().map_or_else(|| words::somebody(reader), |name| name.as_str()));
        let at = reader.date_and_time(comment.at);
        let by = if comment.written_as.is_of_customer() {
            words::by_whom_and_when(reader, by, at)
        } else {
            words::by_whom_of_the_company_and_when(reader, by, named(company), at)
        };
        Self { by: Sentence::new(&by), text: comment.text.as_str() }
    }
}

#[derive(Template)]
#[template(path = "document.html")]
struct DocumentPage<'a> {
    reader: &'a Reader,
    kind: &'static str,
    number: &'a str,
    company: &'a str,
    customer: &'a str,
    issued_on: String,
    last_day: Option<String>,
    description: Option<&'a str>,
    lines: Vec<ShownLine>,
    net: String,
    tax: String,
    total: String,
    due: Option<String>,
    terms: Option<&'a str>,
    status: Option<&'static str>,
    /// The button that pays.
    pay: Option<String>,
    /// What is being paid through the link.
    paying: Option<String>,
    may_decide: bool,
    digest: String,
    attachments: &'a [HostedAttachment],
    /// What was not done, and why.
    refused: Option<String>,
    comments: Vec<ShownComment<'a>>,
    has_older_comments: bool,
    may_comment: bool,
    /// The newest comment that is shown.
    newest: Option<&'a CommentId>,
    /// The text of a comment that was not added, as far as it was read.
    unsent: &'a str,
    /// Whether the form has that text.
    text_is_in_form: bool,
}

/// The whole document and the comments on it; with what was refused.
pub(crate) fn document(reader: &Reader, shown: &HostedDocument, refused: Option<Refused<'_>>) -> Page {
    let money = |minor: i64| reader.money(Money { minor, currency: shown.currency });
    let line = |line: &domain::sales::Line| ShownLine {
        description: line.description.as_str().to_owned(),
        how_much: format!("{} × {}", reader.decimal_number(line.quantity), reader.decimal_number(line.unit_price)),
        net: money(line.net_minor.minor()),
    };
    let company = shown.company_name.as_str();
    let unsent = refused.as_ref().map_or("", Refused::unsent);
    let page = DocumentPage {
        reader,
        kind: words::kind(reader, shown.kind),
        number: shown.number.as_str(),
        company,
        customer: shown.customer_name.as_str(),
        issued_on: reader.day(shown.issued_on),
        last_day: words::last_day(reader, shown),
        description: shown.description.as_ref().map(|text| text.as_str()),
        lines: shown.lines.iter().map(line).collect(),
        net: money(shown.totals.net_minor.minor()),
        tax: money(shown.totals.tax_minor.minor()),
        total: money(shown.total_minor.minor()),
        due: shown.due_minor.map(money),
        terms: shown.terms.as_ref().map(|text| text.as_str()),
        status: words::status(reader, shown),
        pay: shown.may_pay.then(|| words::pay(reader, shown)),
        paying: words::paying(reader, shown),
        may_decide: shown.may_decide,
        digest: shown.digest.clone().into(),
        attachments: &shown.attachments,
        refused: refused.map(|refused| refused.said(reader)),
        comments: shown.comments.iter().map(|it| ShownComment::of(reader, it, company)).collect(),
        has_older_comments: shown.has_older_comments,
        may_comment: shown.may_comment,
        newest: shown.comments.last().map(|newest| &newest.id),
        unsent,
        text_is_in_form: shown.may_comment && !unsent.is_empty(),
    };
    let status = refused.map_or(StatusCode::OK, |refused| refused.status());
    PAGES.page(reader, status, words::kind(reader, shown.kind), &page)
}

#[derive(Template)]
#[template(path = "expired.html")]
struct Expired<'a> {
    reader: &'a Reader,
    action: String,
}

fn expired(reader: &Reader, action: String) -> Page {
    PAGES.page(reader, StatusCode::GONE, words::link_has_expired(reader), &Expired { reader, action })
}

/// The link opens nothing, on the page at the link itself.
pub(crate) fn closed(reader: &Reader, token: &str, closed: Closed) -> Page {
    match closed {
        Closed::Dead(LinkError::Expired) => expired(reader, format!("{token}/renewal")),
        other => closed_below(reader, other),
    }
}

/// The link opens nothing, on a page that answers a form.
pub(crate) fn closed_below(reader: &Reader, closed: Closed) -> Page {
    let (status, said) = match closed {
        Closed::Dead(LinkError::Expired) => return expired(reader, "renewal".to_owned()),
        Closed::Dead(LinkError::StillOpen) => {
            (StatusCode::CONFLICT, (words::link_is_open(reader), words::go_back_and_open(reader)))
        }
        Closed::Dead(LinkError::Replaced) => {
            (StatusCode::GONE, (words::newer_link(reader), words::use_that_one(reader)))
        }
        Closed::Dead(LinkError::Revoked) => {
            (StatusCode::GONE, (words::link_was_withdrawn(reader), words::ask_the_company(reader)))
        }
        Closed::Forged => return PAGES.failed(reader, StatusCode::NOT_FOUND),
        Closed::Stopped(ApiError::Problem(problem)) => return PAGES.failed(reader, problem.status()),
        Closed::Stopped(ApiError::Replay(_)) => return PAGES.failed(reader, StatusCode::INTERNAL_SERVER_ERROR),
    };
    PAGES.notice(reader, status, said, None)
}

/// A new link is on its way.
pub(crate) fn renewed(reader: &Reader) -> Page {
    let said = (words::new_link_on_its_way(reader), words::new_link_was_sent(reader));
    PAGES.notice(reader, StatusCode::ACCEPTED, said, None)
}

#[cfg(test)]
mod recorded;
