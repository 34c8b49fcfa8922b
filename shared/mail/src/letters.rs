//! What each kind of message says: one function per kind, from what happened to a [`Message`].
//!
//! The wording is in `templates/`: a text and an HTML template per kind, and in
//! `templates/sentences/` the sentences that both share. There is one language, English.

use askama::Template;
use domain::{Email, Locale, Money, UtcTime};

use crate::{
    inert::{Line, Quote},
    message::{Envelope, Kind, Message},
    url::HttpUrl,
};

/// Whose product speaks.
#[derive(Debug, Clone, Copy)]
pub struct Brand<'a> {
    /// The product's name, as in the sender's display name.
    pub product: &'a str,
}

/// A template could not be written out. Ours write to memory only, so this does not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message could not be rendered")]
pub struct RenderError;

/// What an invitation offers.
#[derive(Debug, Clone, Copy)]
pub enum Offer<'a> {
    /// A firm is to be connected to a company.
    Firm {
        /// The company's name.
        company: &'a str,
        /// The firm's name, where the inviter gave it.
        firm: Option<&'a str>,
    },
    /// A person is to become a member of a company.
    Member {
        /// The company's name.
        company: &'a str,
        /// The role, as people read it.
        role: &'a str,
    },
    /// A person is to join a firm's staff.
    Staff {
        /// The firm's name.
        firm: &'a str,
        /// The role, as people read it.
        role: &'a str,
    },
    /// A client is to let a firm into its books.
    Client {
        /// The firm's name.
        firm: &'a str,
        /// What the firm could do there, a sentence each.
        could: &'a [String],
    },
}

/// An invitation was made, or sent again.
#[derive(Debug, Clone, Copy)]
pub struct Invitation<'a> {
    /// Who is invited to what.
    pub offer: Offer<'a>,
    /// The inviting person's name.
    pub inviter: &'a str,
    /// The invited person's name, where the inviter gave it.
    pub invitee: Option<&'a str>,
    /// The inviter's own words.
    pub message: Option<&'a str>,
    /// The accept link: a secret.
    pub link: &'a HttpUrl,
    /// When the link ceases to work.
    pub expires_at: UtcTime,
    /// The reader's language. There is English only; dates are written as its region writes them.
    pub locale: Option<&'a Locale>,
}

/// A transaction waits for someone's approval.
#[derive(Debug, Clone, Copy)]
pub struct ApprovalRequested<'a> {
    /// The company's name.
    pub company: &'a str,
    /// Who would be paid.
    pub payee: &'a str,
    /// How much.
    pub amount: Money,
    /// What for.
    pub description: Option<&'a str>,
    /// The name of who prepared it.
    pub prepared_by: Option<&'a str>,
    /// The approval in the portal.
    pub link: &'a HttpUrl,
}

/// What was decided on a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The ledger may post it.
    Approved,
    /// The ledger may not post it.
    Rejected,
}

impl Decision {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// Someone decided on a transaction.
#[derive(Debug, Clone, Copy)]
pub struct ApprovalDecided<'a> {
    /// The company's name.
    pub company: &'a str,
    /// Who would be paid.
    pub payee: &'a str,
    /// How much.
    pub amount: Money,
    /// What for.
    pub description: Option<&'a str>,
    /// What was decided.
    pub decision: Decision,
    /// The name of who decided.
    pub decided_by: &'a str,
    /// The decider's own words.
    pub reason: Option<&'a str>,
    /// The approval in the portal.
    pub link: &'a HttpUrl,
}

/// A payment of an invoice was received.
#[derive(Debug, Clone, Copy)]
pub struct PaymentReceived<'a> {
    /// The company's name.
    pub company: &'a str,
    /// The invoice's number, as it is printed on it.
    pub invoice_number: &'a str,
    /// The invoice's other side.
    pub counterparty: Option<&'a str>,
    /// How much was received.
    pub amount: Money,
    /// The name of who paid.
    pub paid_by: Option<&'a str>,
    /// The invoice in the portal.
    pub link: &'a HttpUrl,
}

/// A bank balance fell below its threshold.
#[derive(Debug, Clone, Copy)]
pub struct BalanceBelowThreshold<'a> {
    /// The company's name.
    pub company: &'a str,
    /// The bank account's name.
    pub account: &'a str,
    /// The balance.
    pub balance: Money,
    /// The threshold that was set.
    pub threshold: Money,
    /// When the ledger took the balance.
    pub as_of: Option<UtcTime>,
    /// The account in the portal.
    pub link: &'a HttpUrl,
}

/// What ended.
#[derive(Debug, Clone, Copy)]
pub enum Ended<'a> {
    /// The recipient's membership.
    Member {
        /// The company's name.
        company: &'a str,
    },
    /// The recipient's place on a firm's staff.
    Staff {
        /// The firm's name.
        firm: &'a str,
    },
    /// A connection of the recipient's organisation.
    Connection {
        /// The company's name.
        company: &'a str,
        /// The firm's name.
        firm: &'a str,
    },
}

/// A membership, a staff place or a connection ended.
#[derive(Debug, Clone, Copy)]
pub struct AccessEnded<'a> {
    /// What ended.
    pub ended: Ended<'a>,
    /// The name of who ended it.
    pub by: &'a str,
}

/// What every template sees.
struct Page<'a> {
    product: Line,
    subject: Line,
    unsubscribe: Option<&'a HttpUrl>,
}

/// Defines the two templates of a kind over one view, and renders both. The view reaches the
/// templates as `it`, the frame as `page`.
macro_rules! render {
    ($text:tt, $html:tt, $view:ident, $kind:expr, $brand:expr, $envelope:expr, $subject:expr, $it:expr) => {{
        #[derive(Template)]
        #[template(path = $text)]
        struct Text<'a> {
            page: &'a Page<'a>,
            it: &'a $view<'a>,
        }
        #[derive(Template)]
        #[template(path = $html)]
        struct Html<'a> {
            page: &'a Page<'a>,
            it: &'a $view<'a>,
        }
        let (envelope, it): (&Envelope<'_>, $view<'_>) = ($envelope, $it);
        let page = Page {
            product: Line::new($brand.product),
            subject: Line::subject(&$subject),
            unsubscribe: envelope.unsubscribe,
        };
        let text = Text { page: &page, it: &it }.render().map_err(|_| RenderError)?;
        let html = Html { page: &page, it: &it }.render().map_err(|_| RenderError)?;
        Ok(Message {
            kind: $kind,
            event: envelope.event.clone(),
            invitation: None,
            to: envelope.to.clone(),
            reply_to: envelope.reply_to.cloned(),
            unsubscribe: envelope.unsubscribe.cloned(),
            subject: page.subject,
            text,
            html,
        })
    }};
}

// Below the macro, which they use.
mod access;
mod registration;

pub use access::{AccessAnswer, AccessDecided, AccessRequested, AccessTo, access_decided, access_requested};
pub use registration::{ClientRegistered, SignupSource, client_registered};

struct InvitationView<'a> {
    offer: OfferView,
    role: Option<Line>,
    inviter: Line,
    invitee: Option<Line>,
    message: Option<Quote>,
    link: &'a HttpUrl,
    expires: String,
    to: &'a Email,
    /// Whether it was sent before.
    reminds: bool,
}

enum OfferView {
    Firm { company: Line, firm: Option<Line> },
    Member { company: Line },
    Staff { firm: Line },
    Client { firm: Line, could: Vec<Line> },
}

/// The message that carries an invitation's link.
///
/// # Errors
/// [`RenderError`].
pub fn invitation(brand: &Brand<'_>, envelope: &Envelope<'_>, what: &Invitation<'_>) -> Result<Message, RenderError> {
    let (it, subject) = invitation_view(envelope, what, false);
    render!("invitation.txt", "invitation.html", InvitationView, Kind::Invitation, brand, envelope, subject, it)
}

/// Reminds of an invitation that was not answered, with the same link.
///
/// # Errors
/// [`RenderError`].
pub fn invitation_reminder(
    brand: &Brand<'_>,
    envelope: &Envelope<'_>,
    what: &Invitation<'_>,
) -> Result<Message, RenderError> {
    let (it, subject) = invitation_view(envelope, what, true);
    let (kind, subject) = (Kind::InvitationReminder, format!("Reminder: {subject}"));
    render!("invitation.txt", "invitation.html", InvitationView, kind, brand, envelope, subject, it)
}

fn invitation_view<'a>(envelope: &Envelope<'a>, what: &Invitation<'a>, reminds: bool) -> (InvitationView<'a>, String) {
    let short = Line::subject_name;
    let from = short(what.inviter);
    let (offer, role, subject) = match what.offer {
        Offer::Firm { company, firm } => {
            let subject = format!("{from} invites your firm to work with {}", short(company));
            let offer = OfferView::Firm { company: Line::new(company), firm: named(firm) };
            (offer, None, subject)
        }
        Offer::Member { company, role } => {
            let subject = format!("{from} invites you to {}", short(company));
            (OfferView::Member { company: Line::new(company) }, named(Some(role)), subject)
        }
        Offer::Staff { firm, role } => {
            let subject = format!("{from} invites you to {}", short(firm));
            (OfferView::Staff { firm: Line::new(firm) }, named(Some(role)), subject)
        }
        Offer::Client { firm, could } => {
            let subject = format!("{} asks to work with your company's books", short(firm));
            let could = could.iter().map(|sentence| Line::new(sentence)).collect();
            (OfferView::Client { firm: Line::new(firm), could }, None, subject)
        }
    };
    let it = InvitationView {
        offer,
        role,
        inviter: Line::new(what.inviter),
        invitee: named(what.invitee),
        message: what.message.and_then(Quote::new),
        link: what.link,
        expires: date_and_time_as_in(what.locale, what.expires_at),
        to: envelope.to,
        reminds,
    };
    (it, subject)
}

struct ApprovalRequestedView<'a> {
    company: Line,
    payee: Line,
    amount: Money,
    description: Option<Line>,
    prepared_by: Option<Line>,
    link: &'a HttpUrl,
}

/// Tells someone who may decide that a transaction waits.
///
/// # Errors
/// [`RenderError`].
pub fn approval_requested(
    brand: &Brand<'_>,
    envelope: &Envelope<'_>,
    what: &ApprovalRequested<'_>,
) -> Result<Message, RenderError> {
    let payee = Line::subject_name(what.payee);
    let subject = format!("Approval needed: {} to {payee}", what.amount);
    let it = ApprovalRequestedView {
        company: Line::new(what.company),
        payee: Line::new(what.payee),
        amount: what.amount,
        description: named(what.description),
        prepared_by: named(what.prepared_by),
        link: what.link,
    };
    render!(
        "approval-requested.txt",
        "approval-requested.html",
        ApprovalRequestedView,
        Kind::ApprovalRequested,
        brand,
        envelope,
        subject,
        it
    )
}

struct ApprovalDecidedView<'a> {
    company: Line,
    payee: Line,
    amount: Money,
    description: Option<Line>,
    decision: &'static str,
    decided_by: Line,
    reason: Option<Quote>,
    link: &'a HttpUrl,
}

/// Tells how a transaction was decided.
///
/// # Errors
/// [`RenderError`].
pub fn approval_decided(
    brand: &Brand<'_>,
    envelope: &Envelope<'_>,
    what: &ApprovalDecided<'_>,
) -> Result<Message, RenderError> {
    let payee = Line::subject_name(what.payee);
    let word = match what.decision {
        Decision::Approved => "Approved",
        Decision::Rejected => "Rejected",
    };
    let subject = format!("{word}: {} to {payee}", what.amount);
    let it = ApprovalDecidedView {
        company: Line::new(what.company),
        payee: Line::new(what.payee),
        amount: what.amount,
        description: named(what.description),
        decision: what.decision.as_str(),
        decided_by: Line::new(what.decided_by),
        reason: what.reason.and_then(Quote::new),
        link: what.link,
    };
    render!(
        "approval-decided.txt",
        "approval-decided.html",
        ApprovalDecidedView,
        Kind::ApprovalDecided,
        brand,
        envelope,
        subject,
        it
    )
}

struct PaymentReceivedView<'a> {
    company: Line,
    invoice: Line,
    counterparty: Option<Line>,
    amount: Money,
    paid_by: Option<Line>,
    link: &'a HttpUrl,
}

/// Tells that an invoice's payment was received.
///
/// # Errors
/// [`RenderError`].
pub fn payment_received(
    brand: &Brand<'_>,
    envelope: &Envelope<'_>,
    what: &PaymentReceived<'_>,
) -> Result<Message, RenderError> {
    let invoice = Line::subject_name(what.invoice_number);
    let subject = format!("Payment received: {} for invoice {invoice}", what.amount);
    let it = PaymentReceivedView {
        company: Line::new(what.company),
        invoice: Line::new(what.invoice_number),
        counterparty: named(what.counterparty),
        amount: what.amount,
        paid_by: named(what.paid_by),
        link: what.link,
    };
    render!(
        "payment-received.txt",
        "payment-received.html",
        PaymentReceivedView,
        Kind::PaymentReceived,
        brand,
        envelope,
        subject,
        it
    )
}

struct BalanceBelowThresholdView<'a> {
    company: Line,
    account: Line,
    balance: Money,
    threshold: Money,
    as_of: Option<String>,
    link: &'a HttpUrl,
}

/// Tells that a bank balance fell below its threshold.
///
/// # Errors
/// [`RenderError`].
pub fn balance_below_threshold(
    brand: &Brand<'_>,
    envelope: &Envelope<'_>,
    what: &BalanceBelowThreshold<'_>,
) -> Result<Message, RenderError> {
    let (company, account) = (Line::subject_name(what.company), Line::subject_name(what.account));
    let subject = format!("{company}: balance of {account} below {}", what.threshold);
    let it = BalanceBelowThresholdView {
        company: Line::new(what.company),
        account: Line::new(what.account),
        balance: what.balance,
        threshold: what.threshold,
        as_of: what.as_of.map(date_and_time),
        link: what.link,
    };
    render!(
        "balance-below-threshold.txt",
        "balance-below-threshold.html",
        BalanceBelowThresholdView,
        Kind::BalanceBelowThreshold,
        brand,
        envelope,
        subject,
        it
    )
}

struct AccessEndedView<'a> {
    ended: &'a EndedView,
    by: Line,
}

enum EndedView {
    Member { company: Line },
    Staff { firm: Line },
    Connection { company: Line, firm: Line },
}

/// Tells someone whose access ended.
///
/// # Errors
/// [`RenderError`].
pub fn access_ended(
    brand: &Brand<'_>,
    envelope: &Envelope<'_>,
    what: &AccessEnded<'_>,
) -> Result<Message, RenderError> {
    let short = Line::subject_name;
    let (ended, subject) = match what.ended {
        Ended::Member { company } => {
            let subject = format!("Your membership of {} has ended", short(company));
            (EndedView::Member { company: Line::new(company) }, subject)
        }
        Ended::Staff { firm } => {
            let subject = format!("Your place at {} has ended", short(firm));
            (EndedView::Staff { firm: Line::new(firm) }, subject)
        }
        Ended::Connection { company, firm } => {
            let subject = format!("{} and {} are no longer connected", short(company), short(firm));
            let (company, firm) = (Line::new(company), Line::new(firm));
            (EndedView::Connection { company, firm }, subject)
        }
    };
    let it = AccessEndedView { ended: &ended, by: Line::new(what.by) };
    render!("access-ended.txt", "access-ended.html", AccessEndedView, Kind::AccessEnded, brand, envelope, subject, it)
}

/// A name that may be left out, and is where nothing of it can be read.
fn named(text: Option<&str>) -> Option<Line> {
    text.map(Line::new).filter(|line| !line.as_str().is_empty())
}

/// `28 November 2026, 14:30 UTC`: whoever reads it may be anywhere, and who is invited has no
/// time zone yet.
fn date_and_time(at: UtcTime) -> String {
    date_and_time_as_in(None, at)
}

/// The same, as the region of a language writes it: `November 28, 2026, 14:30 UTC` in the United
/// States.
fn date_and_time_as_in(locale: Option<&Locale>, at: UtcTime) -> String {
    // Every `UtcTime` is within jiff's range.
    let at = jiff::Timestamp::from_second(at.unix_s()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let month_first = locale.and_then(Locale::region) == Some("US");
    at.strftime(if month_first { "%B %-d, %Y, %H:%M UTC" } else { "%-d %B %Y, %H:%M UTC" }).to_string()
}

#[cfg(test)]
mod tests;
