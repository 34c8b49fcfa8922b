//! An invoice, its state, and the amounts that make up its total.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    comment::Topic,
    content_digest::ContentDigest,
    id::{CompanyId, ContactId, DocumentLinkId, PaymentId, UserId},
    ledger_report::{ReportVersion, Reported},
    money::{Amount, Currency, Total},
    sales::{DocumentContent, DocumentSource, Revision, ViewedRevision, sales_document},
    text::{Name, Reference},
    time::{Day, UtcTime},
};

/// The stored state of an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    /// Not sent. The customer does not see it.
    Draft,
    /// Something is still to be paid.
    Open,
    /// Nothing is left to be paid: it is paid, credited or both.
    Settled,
    /// Withdrawn.
    Void,
}

impl InvoiceState {
    /// The state as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Settled => "settled",
            Self::Void => "void",
        }
    }
}

/// How an invoice can be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentOption {
    /// Through the payment provider.
    Online,
    /// By a transfer to the company's bank account.
    BankTransfer,
    /// The company collects it from the customer's bank account.
    DirectDebit,
    /// In cash.
    Cash,
}

/// The content of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceTerms {
    /// What every sales document has.
    #[serde(flatten)]
    pub content: DocumentContent,
    /// What was settled other than through the payment provider, such as by bank transfer, in minor units. What exceeds
    /// the total is in the customer's favour, until it is paid back and no longer settled.
    #[serde(default)]
    pub settled_elsewhere_minor: Total,
    /// When it is to be paid.
    pub due_on: Day,
    /// How it can be paid; in any way where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payment_options: Vec<PaymentOption>,
    /// The estimate that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Reference>,
}

/// The hosted link through which somebody pays without signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PayingLink {
    /// The link.
    pub link: DocumentLinkId,
    /// The contact whom it is for.
    pub contact: ContactId,
}

/// A payment that has not ended: it holds a part of its invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PendingPayment {
    /// The payment.
    pub id: PaymentId,
    /// The person who started it, signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_by: Option<UserId>,
    /// The hosted link through which it was started, if nobody was signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_through: Option<PayingLink>,
    /// The name of the person or of the link's contact at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_by_name: Option<Name>,
    /// When it was started.
    pub started_at: UtcTime,
    /// How much it holds, in minor units of the invoice's currency.
    pub amount_minor: Amount,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// The company.
    pub company: CompanyId,
    /// The ledger's own name for it.
    pub reference: Reference,
    /// Its content.
    #[serde(flatten)]
    pub terms: InvoiceTerms,
    /// Its state.
    pub state: InvoiceState,
    /// Who keeps it.
    #[serde(default)]
    pub source: DocumentSource,
    /// Which content it is; 0 before the first is sent.
    #[serde(default)]
    pub revision: Revision,
    /// The digest of its content, lines included.
    pub content_digest: ContentDigest,
    /// How many parts its lines are kept in beside it; 0 where they are in it.
    #[serde(default)]
    pub line_parts: u8,
    /// When the present content was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<UtcTime>,
    /// The person who sent it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_by: Option<UserId>,
    /// The last revision that the customer saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewed: Option<ViewedRevision>,
    /// When it first became paid by what was settled elsewhere. It stays when that is corrected: people are told once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_elsewhere_at: Option<UtcTime>,
    /// What credit notes take off it, in minor units.
    #[serde(default)]
    pub credited_minor: i64,
    /// What the payment provider holds of its payments, in minor units.
    pub paid_minor: i64,
    /// What is neither settled nor in flight, in minor units; negative when more came in than was asked
    /// for.
    pub due_minor: i64,
    /// The pending payments, oldest first. Those from before this list was kept are not in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<PendingPayment>,
    /// How much of its payments is disputed, in minor units: open disputes and lost ones.
    #[serde(default)]
    pub disputed_minor: i64,
    /// The last of the company's reminder days on which the customer was reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded_on: Option<Day>,
    /// The ledger's version of its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_version: Option<ReportVersion>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// How the total of an invoice is made up, in minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct InvoiceAmounts {
    /// The amount paid through the payment provider: what it holds now, up to the total. Refunds and
    /// disputed amounts are not part of it.
    pub paid_minor: i64,
    /// The amount settled otherwise, as it was reported; also what exceeds the total.
    pub settled_elsewhere_minor: i64,
    /// The amount that credit notes take off.
    pub credited_minor: i64,
    /// The amount of pending payments.
    pub in_flight_minor: i64,
    /// The amount that is neither settled nor being paid.
    pub due_minor: i64,
    /// The amount received beyond the total, in the customer's favour: a transfer of too much, or a payment whose refund
    /// failed after the amount had been paid again.
    pub overpaid_minor: i64,
}

/// Why a credit note does not apply to an invoice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreditError {
    /// It is a draft or void.
    #[error("the invoice is {}", .0.as_str())]
    State(InvoiceState),
    /// It is in another currency or another customer's.
    #[error("the invoice is another customer's, or in another currency")]
    Other,
    /// More than is due.
    #[error("only {due_minor} is due on the invoice")]
    MoreThanDue {
        /// What is neither settled nor being paid, in minor units.
        due_minor: i64,
        /// The pending payments.
        pending: Vec<PendingPayment>,
    },
}

sales_document!(Invoice, Topic::Invoice);

impl Reported for Invoice {
    fn report_version(&self) -> Option<ReportVersion> {
        self.report_version
    }

    fn set_report_version(&mut self, version: ReportVersion) {
        self.report_version = Some(version);
    }

    fn count_change(&mut self) {
        self.version += 1;
    }
}

impl Invoice {
    /// The digest of the present revision: what a person saw and acts on.
    #[must_use]
    pub fn digest(&self) -> ContentDigest {
        ContentDigest::of(&(self.revision, &self.content_digest))
    }

    /// The amount of pending payments, in minor units.
    #[must_use]
    pub fn in_flight_minor(&self) -> i64 {
        self.payable_minor() - self.paid_minor - self.due_minor
    }

    /// How the total is made up.
    #[must_use]
    pub fn amounts(&self) -> InvoiceAmounts {
        let overpaid_minor = (self.paid_minor - self.payable_minor()).max(0);
        InvoiceAmounts {
            paid_minor: self.paid_minor - overpaid_minor.min(self.paid_minor),
            settled_elsewhere_minor: self.settled_elsewhere_minor(),
            credited_minor: self.credited_minor,
            in_flight_minor: self.in_flight_minor(),
            due_minor: self.due_minor.max(0),
            overpaid_minor,
        }
    }

    /// The pending payment of a person.
    #[must_use]
    pub fn pending_of(&self, user: &UserId) -> Option<&PendingPayment> {
        self.pending.iter().find(|pending| pending.started_by.as_ref() == Some(user))
    }

    /// The pending payment that was started through a hosted link.
    #[must_use]
    pub fn pending_through(&self, link: &DocumentLinkId) -> Option<&PendingPayment> {
        self.pending
            .iter()
            .find(|pending| pending.started_through.as_ref().is_some_and(|through| through.link == *link))
    }

    /// Whether it is paid through the payment provider, in whichever state it is.
    #[must_use]
    pub fn is_paid_online(&self) -> bool {
        let options = &self.terms.payment_options;
        options.is_empty() || options.contains(&PaymentOption::Online)
    }

    /// The same invoice with this much more credited; less when it is negative.
    ///
    /// # Errors
    /// [`CreditError`].
    pub fn credit(&self, minor: i64, customer: &Reference, currency: Currency) -> Result<Self, CreditError> {
        if self.terms.content.customer != *customer || self.terms.content.currency != currency {
            return Err(CreditError::Other);
        }
        if matches!(self.state, InvoiceState::Draft | InvoiceState::Void) {
            return Err(CreditError::State(self.state));
        }
        if minor > 0 && minor > self.due_minor {
            return Err(CreditError::MoreThanDue { due_minor: self.due_minor.max(0), pending: self.pending.clone() });
        }
        let mut credited = self.clone();
        credited.credited_minor += minor;
        credited.due_minor -= minor;
        credited.state = credited.settled_state();
        credited.version += 1;
        Ok(credited)
    }

    /// The same invoice with the revision noted that the customer saw.
    #[must_use]
    pub fn seen(&self, viewed: ViewedRevision) -> Self {
        Self { viewed: Some(viewed), version: self.version + 1, ..self.clone() }
    }

    /// The same invoice with this much more held by the provider; less when it is negative. What is due
    /// changes the other way, unless the amount was reserved.
    pub(crate) fn received(&mut self, minor: i64, was_reserved: bool) {
        self.paid_minor += minor;
        if !was_reserved {
            self.due_minor -= minor;
        }
        if self.state != InvoiceState::Void {
            self.state = self.settled_state();
        }
    }

    /// The amount that is to come through the provider. Nothing is owed for a withdrawn invoice.
    pub(super) fn payable_minor(&self) -> i64 {
        self.total_owed_minor() - self.settled_elsewhere_minor() - self.credited_minor
    }

    /// The total, unless the invoice is void.
    pub(crate) fn total_owed_minor(&self) -> i64 {
        match self.state {
            InvoiceState::Void => 0,
            InvoiceState::Draft | InvoiceState::Open | InvoiceState::Settled => self.terms.content.total_minor.minor(),
        }
    }

    /// What was settled otherwise, unless the invoice is void.
    pub(crate) fn settled_elsewhere_minor(&self) -> i64 {
        match self.state {
            InvoiceState::Void => 0,
            InvoiceState::Draft | InvoiceState::Open | InvoiceState::Settled => {
                self.terms.settled_elsewhere_minor.minor()
            }
        }
    }

    pub(super) fn settled_state(&self) -> InvoiceState {
        let settled_minor = self.paid_minor + self.terms.settled_elsewhere_minor.minor() + self.credited_minor;
        if settled_minor >= self.terms.content.total_minor.minor() { InvoiceState::Settled } else { InvoiceState::Open }
    }
}
