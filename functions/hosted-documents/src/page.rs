//! The words of the pages that a hosted link opens. `html` has their layout and headers.

use api::{ApiError, Problem};
use askama::Template;
use axum::http::StatusCode;
use domain::{Money, comment::Topic, id::CommentId, sales::LinkError};
use hosted_links::{Closed, Opened};
use html::{Page, Pages, date_and_time, day};

use crate::{
    attachment::HostedAttachment,
    view::{HostedComment, HostedDocument},
};

/// A document is opened and commented on, and an estimate decided, with a form.
const PAGES: Pages = Pages::WITH_FORMS;

const fn kind(topic: Topic) -> &'static str {
    match topic {
        Topic::Invoice => "Invoice",
        Topic::CreditNote => "Credit note",
        Topic::Estimate => "Estimate",
        Topic::Document => "Document",
    }
}

#[derive(Template)]
#[template(path = "cover.html")]
struct Cover<'a> {
    kind: &'static str,
    number: &'a str,
    company: &'a str,
    contact: &'a str,
    expires: String,
    action: String,
}

/// The document is named, and its reader may open it.
pub(crate) fn cover(opened: &Opened, shown: &HostedDocument) -> Page {
    cover_at(&opened.ours.token.reveal(), shown)
}

fn cover_at(token: &str, shown: &HostedDocument) -> Page {
    let page = Cover {
        kind: kind(shown.kind),
        number: shown.number.as_str(),
        company: shown.company_name.as_str(),
        contact: shown.contact_name.as_str(),
        expires: day(shown.expires_on),
        action: format!("{token}/viewed"),
    };
    PAGES.page(StatusCode::OK, kind(shown.kind), &page)
}

/// One line, as the page has it.
struct ShownLine {
    description: String,
    how_much: String,
    net: String,
}

/// One comment, as the page has it.
struct ShownComment<'a> {
    by: &'a str,
    /// The company, where one of its people wrote it.
    of: Option<&'a str>,
    at: String,
    text: &'a str,
}

impl<'a> ShownComment<'a> {
    fn of(comment: &'a HostedComment, company: &'a str) -> Self {
        Self {
            by: comment.by_name.as_ref().map_or("Somebody", |name| name.as_str()),
            of: (!comment.written_as.is_of_customer()).then_some(company),
            at: date_and_time(comment.at),
            text: comment.text.as_str(),
        }
    }
}

/// What a form asked for, and why it was not done.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refused<'a> {
    Decision(&'a Problem),
    /// With what was written, which comes back into the form.
    Comment(&'a Problem, &'a str),
}

impl Refused<'_> {
    const fn problem(&self) -> &Problem {
        match self {
            Self::Decision(problem) | Self::Comment(problem, _) => problem,
        }
    }

    /// Why, as the rest of a sentence.
    fn why(&self) -> String {
        let problem = self.problem();
        let field = problem.errors().first().map(|error| format!("{} {}", error.field, error.detail));
        let otherwise = match (self, problem.status()) {
            (_, StatusCode::SERVICE_UNAVAILABLE) => "it could not be done just now; please try again shortly",
            (_, StatusCode::PAYLOAD_TOO_LARGE) => "the text is too long",
            (Self::Decision(_), StatusCode::CONFLICT) => {
                "the estimate was decided, changed or ended since you opened it"
            }
            (Self::Decision(_), StatusCode::FORBIDDEN) => "you cannot decide on it through this link",
            (Self::Comment(..), StatusCode::CONFLICT) => "the document changed at the same time; please try again",
            (Self::Comment(..), StatusCode::FORBIDDEN) => "you cannot comment through this link",
            // Both count together.
            (Self::Comment(..), StatusCode::TOO_MANY_REQUESTS) => {
                "too many comments were sent or files downloaded; please try again later"
            }
            _ => "something went wrong; please try again later",
        };
        field.unwrap_or_else(|| otherwise.to_owned())
    }
}

#[derive(Template)]
#[template(path = "document.html")]
struct DocumentPage<'a> {
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
    may_decide: bool,
    digest: String,
    attachments: &'a [HostedAttachment],
    /// Why nothing was decided.
    undecided: Option<String>,
    comments: Vec<ShownComment<'a>>,
    has_older_comments: bool,
    may_comment: bool,
    /// The newest comment that is shown.
    newest: Option<&'a CommentId>,
    /// Why a comment was not added.
    not_added: Option<String>,
    /// Its text, as far as it was read.
    unsent: &'a str,
    /// Whether the form has that text.
    text_is_in_form: bool,
}

/// The whole document and the comments on it; with what was refused.
pub(crate) fn document(shown: &HostedDocument, refused: Option<Refused<'_>>) -> Page {
    let money = |minor: i64| Money { minor, currency: shown.currency }.to_string();
    let line = |line: &domain::sales::Line| ShownLine {
        description: line.description.as_str().to_owned(),
        how_much: format!("{} × {}", line.quantity, line.unit_price),
        net: money(line.net_minor.minor()),
    };
    let label = if shown.kind == Topic::Estimate { "Valid until" } else { "Due on" };
    let (undecided, not_added, unsent) = match refused {
        None => (None, None, ""),
        Some(refused @ Refused::Decision(_)) => (Some(refused.why()), None, ""),
        Some(refused @ Refused::Comment(_, text)) => (None, Some(refused.why()), text),
    };
    let page = DocumentPage {
        kind: kind(shown.kind),
        number: shown.number.as_str(),
        company: shown.company_name.as_str(),
        customer: shown.customer_name.as_str(),
        issued_on: day(shown.issued_on),
        last_day: shown.last_day.map(|last| format!("{label} {}", day(last))),
        description: shown.description.as_ref().map(|text| text.as_str()),
        lines: shown.lines.iter().map(line).collect(),
        net: money(shown.totals.net_minor.minor()),
        tax: money(shown.totals.tax_minor.minor()),
        total: money(shown.total_minor.minor()),
        due: shown.due_minor.map(money),
        terms: shown.terms.as_ref().map(|text| text.as_str()),
        status: status(shown),
        may_decide: shown.may_decide,
        digest: shown.digest.clone().into(),
        attachments: &shown.attachments,
        undecided,
        comments: shown.comments.iter().map(|it| ShownComment::of(it, shown.company_name.as_str())).collect(),
        has_older_comments: shown.has_older_comments,
        may_comment: shown.may_comment,
        newest: shown.comments.last().map(|newest| &newest.id),
        not_added,
        unsent,
        text_is_in_form: shown.may_comment && !unsent.is_empty(),
    };
    let status = refused.map_or(StatusCode::OK, |refused| refused.problem().status());
    PAGES.page(status, kind(shown.kind), &page)
}

fn status(shown: &HostedDocument) -> Option<&'static str> {
    use domain::{estimate::EstimateStatus as Estimate, invoice::InvoiceStatus as Invoice};
    match (shown.invoice_status, shown.estimate_status) {
        (Some(Invoice::Paid), _) => Some("It is paid."),
        (Some(Invoice::Credited), _) => Some("It is credited."),
        (Some(Invoice::Void), _) => Some("It was withdrawn."),
        (Some(Invoice::Overdue), _) => Some("It is overdue."),
        (_, Some(Estimate::Accepted | Estimate::Invoiced)) => Some("It is accepted."),
        (_, Some(Estimate::Declined)) => Some("It is declined."),
        (_, Some(Estimate::Expired)) => Some("It can no longer be accepted."),
        (_, _) => None,
    }
}

#[derive(Template)]
#[template(path = "expired.html")]
struct Expired {
    action: String,
}

/// The link opens nothing, on the page at the link itself.
pub(crate) fn closed(token: &str, closed: Closed) -> Page {
    match closed {
        Closed::Dead(LinkError::Expired) => {
            PAGES.page(StatusCode::GONE, "This link has expired", &Expired { action: format!("{token}/renewal") })
        }
        other => closed_below(other),
    }
}

/// The link opens nothing, on a page that answers a form.
pub(crate) fn closed_below(closed: Closed) -> Page {
    match closed {
        Closed::Dead(LinkError::Expired) => {
            PAGES.page(StatusCode::GONE, "This link has expired", &Expired { action: "renewal".to_owned() })
        }
        Closed::Dead(LinkError::StillOpen) => {
            PAGES.notice(StatusCode::CONFLICT, "This link is open", "Go back and open the document with it.", None)
        }
        Closed::Dead(LinkError::Replaced) => PAGES.notice(
            StatusCode::GONE,
            "There is a newer link",
            "A newer link was sent to the same address. Please use that one.",
            None,
        ),
        Closed::Dead(LinkError::Revoked) => PAGES.notice(
            StatusCode::GONE,
            "This link was withdrawn",
            "Please ask the company that sent you the document for a new one.",
            None,
        ),
        Closed::Forged => PAGES.notice(
            StatusCode::NOT_FOUND,
            "This link does not work",
            "Check that you opened the whole link, as it is in the letter.",
            None,
        ),
        Closed::Stopped(ApiError::Problem(problem)) => PAGES.failed(problem.status()),
        Closed::Stopped(ApiError::Replay(_)) => PAGES.failed(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// A new link is on its way.
pub(crate) fn renewed() -> Page {
    let text = "A new link was sent to the address to which this one was sent. It opens the same document.";
    PAGES.notice(StatusCode::ACCEPTED, "A new link is on its way", text, None)
}

#[cfg(test)]
mod recorded;
