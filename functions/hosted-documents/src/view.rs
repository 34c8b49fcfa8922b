//! What the holder of a link sees of its document.

use domain::{
    Currency, Name, Note, Permission, UtcTime,
    comment::{AuthorKind, Comment, Topic},
    content_digest::ContentDigest,
    estimate::{EstimateState, EstimateStatus},
    id::CommentId,
    invoice::{InvoiceState, InvoiceStatus},
    money::Total,
    sales::{Adjustment, Line, Revision, TaxSubtotal, Totals},
    time::Day,
};
use hosted_links::Hosted;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{attachment::HostedAttachment, shown::Shown};

/// A comment, as the holder of a link sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HostedComment {
    pub(crate) id: CommentId,
    pub(crate) text: Note,
    /// The comment that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to: Option<CommentId>,
    /// As what the author wrote it: `member` and `staff` are the company's people.
    pub(crate) written_as: AuthorKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by_name: Option<Name>,
    pub(crate) at: UtcTime,
}

impl From<&Comment> for HostedComment {
    fn from(comment: &Comment) -> Self {
        Self {
            id: comment.id.clone(),
            text: comment.text.clone(),
            reply_to: comment.reply_to.clone(),
            written_as: comment.author.kind,
            by_name: comment.author.by_name.clone(),
            at: comment.at,
        }
    }
}

/// What the seats behind a link must grant so that its holder comments.
pub(crate) const fn comment_permission(topic: Topic) -> Permission {
    match topic {
        Topic::Estimate => Permission::EstimatesComment,
        Topic::Invoice | Topic::CreditNote | Topic::Document => Permission::InvoicesComment,
    }
}

/// A sales document as its hosted link shows it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HostedDocument {
    pub(crate) kind: Topic,
    /// The number printed on it.
    pub(crate) number: Name,
    pub(crate) company_name: Name,
    /// The customer's name as it is printed.
    pub(crate) customer_name: Name,
    /// Whom the link is for.
    pub(crate) contact_name: Name,
    pub(crate) currency: Currency,
    /// What is to be paid, in minor units of `currency`.
    pub(crate) total_minor: Total,
    /// What is still due of an invoice, in minor units of `currency`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) due_minor: Option<i64>,
    pub(crate) issued_on: Day,
    /// When an invoice is due, or the last day on which an estimate can be accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_day: Option<Day>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<Note>,
    /// The customer's own reference of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) purchase_order: Option<Name>,
    /// Its terms, as they are printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) terms: Option<Note>,
    pub(crate) lines: Vec<Line>,
    /// Allowances and charges on the whole document.
    pub(crate) adjustments: Vec<Adjustment>,
    /// The tax by category and rate.
    pub(crate) taxes: Vec<TaxSubtotal>,
    /// The sums.
    pub(crate) totals: Totals,
    /// What an invoice is today, in the company's time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invoice_status: Option<InvoiceStatus>,
    /// What an estimate is today, in the company's time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) estimate_status: Option<EstimateStatus>,
    /// Which content it is.
    pub(crate) revision: Revision,
    /// Identifies the content and its revision: send it with a decision.
    pub(crate) digest: ContentDigest,
    /// Whether the estimate can be accepted or declined through the link.
    pub(crate) may_decide: bool,
    /// Whether all that is due of the invoice can be paid through the link. So it is while a payment through it is
    /// pending, which paying again goes on with.
    pub(crate) may_pay: bool,
    /// What is being paid through the link, in minor units of `currency`: its payment has not ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) paying_minor: Option<i64>,
    /// Whether its holder can comment through the link.
    pub(crate) may_comment: bool,
    /// The attached files that can be downloaded.
    pub(crate) attachments: Vec<HostedAttachment>,
    /// The newest comments that the customer sees, oldest first: at most 100.
    pub(crate) comments: Vec<HostedComment>,
    /// Whether there are older ones that the customer sees.
    pub(crate) has_older_comments: bool,
    /// The last day on which the link opens, in the company's time zone.
    pub(crate) expires_on: Day,
}

impl HostedDocument {
    pub(crate) fn of(shown: &Shown, now: UtcTime) -> Self {
        let opened = &shown.opened;
        let (link, document) = (&opened.ours.link, &opened.document);
        let today = now.day_in(&opened.ours.company.time_zone);
        let content = document.content().clone();
        let (invoice, estimate) = match document {
            Hosted::Invoice(invoice) => (Some(invoice), None),
            Hosted::Estimate(estimate) => (None, Some(estimate)),
            Hosted::CreditNote(_) => (None, None),
        };
        let is_open = estimate
            .is_some_and(|estimate| estimate.state == EstimateState::Open && today <= estimate.terms.valid_until);
        let paying_minor = invoice.and_then(|it| it.pending_through(&link.id)).map(|it| it.amount_minor.minor());
        let is_payable = invoice.is_some_and(|invoice| {
            let takes_payments = invoice.state == InvoiceState::Open && invoice.is_paid_online();
            takes_payments && invoice.due_minor > 0 || paying_minor.is_some()
        });
        Self {
            kind: link.topic,
            number: content.number,
            company_name: opened.ours.company.name.clone(),
            customer_name: content.customer_name,
            contact_name: link.contact_name.clone(),
            currency: content.currency,
            total_minor: content.total_minor,
            due_minor: invoice.map(|invoice| invoice.amounts().due_minor),
            issued_on: content.issued_on,
            last_day: document.last_day(),
            description: content.description,
            purchase_order: content.purchase_order,
            terms: content.terms_text,
            lines: content.lines,
            adjustments: content.adjustments,
            taxes: content.taxes,
            totals: content.totals,
            invoice_status: invoice.map(|invoice| invoice.status(today)),
            estimate_status: estimate.map(|estimate| estimate.status(today)),
            revision: document.revision(),
            digest: document.digest(),
            may_decide: is_open && opened.ours.lets(Permission::EstimatesDecide),
            may_pay: is_payable && opened.ours.lets(Permission::PaymentsPay),
            paying_minor,
            may_comment: opened.ours.lets(comment_permission(link.topic)),
            attachments: shown.attachments.clone(),
            comments: shown.comments.iter().map(HostedComment::from).collect(),
            has_older_comments: shown.has_older_comments,
            expires_on: link.expires_on,
        }
    }
}
