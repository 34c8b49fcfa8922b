//! Letters about requests for access: one to those who may decide, one to who asked.

use askama::Template;
use domain::UtcTime;

use super::{Brand, Page, RenderError, date_and_time};
use crate::{
    inert::{Line, Quote},
    message::{Envelope, Kind, Message},
    url::HttpUrl,
};

/// What more access is asked for to.
#[derive(Debug, Clone, Copy)]
pub enum AccessTo<'a> {
    /// A company, by a member for themselves.
    Member {
        /// The company's name.
        company: &'a str,
    },
    /// A company, by a firm's admin for the firm.
    Firm {
        /// The company's name.
        company: &'a str,
        /// The firm's name.
        firm: &'a str,
    },
    /// A client's books, by one of the firm's staff for themselves.
    Client {
        /// The client's name.
        company: &'a str,
        /// The firm's name.
        firm: &'a str,
    },
}

/// Someone asks for more access, for a time.
#[derive(Debug, Clone, Copy)]
pub struct AccessRequested<'a> {
    /// To what.
    pub to: AccessTo<'a>,
    /// The name of who asks.
    pub asked_by: &'a str,
    /// What they would be able to do, a sentence each.
    pub would: &'a [String],
    /// For how long, in hours from the grant on.
    pub for_hours: u32,
    /// Why, in the asker's own words.
    pub reason: Option<&'a str>,
    /// From when on it can no longer be answered.
    pub open_until: UtcTime,
    /// The request in the portal.
    pub link: &'a HttpUrl,
}

/// What was answered.
#[derive(Debug, Clone, Copy)]
pub enum AccessAnswer<'a> {
    /// It was given, perhaps in part.
    Granted {
        /// What was given, a sentence each.
        can: &'a [String],
        /// What was asked for and not given, a sentence each.
        cannot: &'a [String],
        /// When it stops.
        until: UtcTime,
    },
    /// It was not given.
    Refused {
        /// What was asked for, a sentence each.
        cannot: &'a [String],
        /// Why not, in the decider's own words.
        reason: Option<&'a str>,
    },
}

/// Someone decided on a request for access.
#[derive(Debug, Clone, Copy)]
pub struct AccessDecided<'a> {
    /// To what.
    pub to: AccessTo<'a>,
    /// What was answered.
    pub answer: AccessAnswer<'a>,
    /// The name of who decided.
    pub decided_by: &'a str,
    /// The request in the portal.
    pub link: &'a HttpUrl,
}

enum ToView {
    Member { company: Line },
    Firm { company: Line, firm: Line },
    Client { company: Line, firm: Line },
}

impl From<AccessTo<'_>> for ToView {
    fn from(to: AccessTo<'_>) -> Self {
        match to {
            AccessTo::Member { company } => Self::Member { company: Line::new(company) },
            AccessTo::Firm { company, firm } => Self::Firm { company: Line::new(company), firm: Line::new(firm) },
            AccessTo::Client { company, firm } => Self::Client { company: Line::new(company), firm: Line::new(firm) },
        }
    }
}

impl AccessTo<'_> {
    const fn company(&self) -> &str {
        match self {
            Self::Member { company } | Self::Firm { company, .. } | Self::Client { company, .. } => company,
        }
    }
}

struct AccessRequestedView<'a> {
    to: ToView,
    asked_by: Line,
    would: Vec<Line>,
    duration: String,
    reason: Option<Quote>,
    open_until: String,
    link: &'a HttpUrl,
}

/// Tells someone who may decide that somebody asks for access.
///
/// # Errors
/// [`RenderError`].
pub fn access_requested(
    brand: &Brand<'_>,
    envelope: &Envelope<'_>,
    what: &AccessRequested<'_>,
) -> Result<Message, RenderError> {
    let (asked_by, company) = (Line::subject_name(what.asked_by), Line::subject_name(what.to.company()));
    let subject = format!("{asked_by} asks for access to {company}");
    let it = AccessRequestedView {
        to: what.to.into(),
        asked_by: Line::new(what.asked_by),
        would: lines(what.would),
        duration: duration(what.for_hours),
        reason: what.reason.and_then(Quote::new),
        open_until: date_and_time(what.open_until),
        link: what.link,
    };
    render!(
        "access-requested.txt",
        "access-requested.html",
        AccessRequestedView,
        Kind::AccessRequested,
        brand,
        envelope,
        subject,
        it
    )
}

struct AccessDecidedView<'a> {
    to: ToView,
    /// Until when it is given; not given where there is none.
    until: Option<String>,
    can: Vec<Line>,
    cannot: Vec<Line>,
    decided_by: Line,
    reason: Option<Quote>,
    link: &'a HttpUrl,
}

/// Tells whoever asked for access how that was decided.
///
/// # Errors
/// [`RenderError`].
pub fn access_decided(
    brand: &Brand<'_>,
    envelope: &Envelope<'_>,
    what: &AccessDecided<'_>,
) -> Result<Message, RenderError> {
    let company = Line::subject_name(what.to.company());
    let (word, until, can, cannot, reason) = match what.answer {
        AccessAnswer::Granted { can, cannot, until } => ("granted", Some(date_and_time(until)), can, cannot, None),
        AccessAnswer::Refused { cannot, reason } => ("refused", None, &[][..], cannot, reason),
    };
    let subject = format!("Access to {company} {word}");
    let it = AccessDecidedView {
        to: what.to.into(),
        until,
        can: lines(can),
        cannot: lines(cannot),
        decided_by: Line::new(what.decided_by),
        reason: reason.and_then(Quote::new),
        link: what.link,
    };
    render!(
        "access-decided.txt",
        "access-decided.html",
        AccessDecidedView,
        Kind::AccessDecided,
        brand,
        envelope,
        subject,
        it
    )
}

fn lines(sentences: &[String]) -> Vec<Line> {
    sentences.iter().map(|sentence| Line::new(sentence)).collect()
}

/// `8 hours`, `1 day`: whole days where it is so many.
fn duration(hours: u32) -> String {
    let (count, unit) = if hours.is_multiple_of(24) { (hours / 24, "day") } else { (hours, "hour") };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_told_in_days_where_it_is_whole_days() {
        for (hours, told) in [(1, "1 hour"), (8, "8 hours"), (24, "1 day"), (25, "25 hours"), (8_784, "366 days")] {
            assert_eq!(duration(hours), told);
        }
    }
}
