//! An estimate and its state.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::decision::EstimateDecisionRecord;
use crate::{
    comment::Topic,
    content_digest::ContentDigest,
    id::{CompanyId, UserId},
    ledger_report::{ReportVersion, Reported},
    sales::{DocumentContent, DocumentSource, Revision, ViewedRevision, sales_document},
    text::Reference,
    time::{Day, UtcTime},
};

/// The most earlier decisions that an estimate keeps; the events have all.
const MAX_EARLIER_DECISIONS: usize = 20;

/// The stored state of an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EstimateState {
    /// Not sent. The customer does not see it.
    Draft,
    /// Sent and not decided.
    Open,
    /// The customer accepted it.
    Accepted,
    /// The customer declined it.
    Declined,
    /// An invoice was made of it.
    Invoiced,
}

impl EstimateState {
    /// The state as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Invoiced => "invoiced",
        }
    }
}

/// The content of an estimate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimateTerms {
    /// What every sales document has.
    #[serde(flatten)]
    pub content: DocumentContent,
    /// When it is to be paid, if it is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Day>,
    /// The last day on which it can be accepted, in the company's time zone.
    pub valid_until: Day,
}

/// An estimate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// The company.
    pub company: CompanyId,
    /// The ledger's own name for it.
    pub reference: Reference,
    /// Its content.
    #[serde(flatten)]
    pub terms: EstimateTerms,
    /// Its state.
    pub state: EstimateState,
    /// Who keeps it.
    pub source: DocumentSource,
    /// Which content it is; 0 before the first is sent.
    pub revision: Revision,
    /// The digest of its content, lines included.
    pub content_digest: ContentDigest,
    /// How many parts its lines are kept in beside it; 0 where they are in it.
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
    /// The decision about the present revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<EstimateDecisionRecord>,
    /// Decisions about earlier revisions, the last one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_decisions: Vec<EstimateDecisionRecord>,
    /// The invoice that it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Reference>,
    /// The ledger's version of its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_version: Option<ReportVersion>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// Why an estimate was not decided, or not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EstimateError {
    /// It was not sent.
    #[error("it is not sent")]
    Draft,
    /// It was decided.
    #[error("it was already decided")]
    Decided(EstimateState),
    /// It was not decided.
    #[error("it is not decided")]
    NotDecided(EstimateState),
    /// Its last day has passed.
    #[error("it was valid until {0}")]
    Lapsed(Day),
    /// It differs from the one that the person saw.
    #[error("it was changed since you saw it")]
    Changed,
    /// It is declined without a reason.
    #[error("is needed to decline")]
    NoReason,
    /// It was sent.
    #[error("it was sent; a sent estimate is reworked")]
    Sent,
    /// It was sent to another customer.
    #[error("was sent to another customer; send a new estimate")]
    OtherCustomer,
    /// The ledger keeps it.
    #[error("the ledger keeps it")]
    LedgerKeeps,
}

/// Why a decision that the customer made otherwise is not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordDecisionError {
    /// The day is after today, or before the estimate was issued.
    #[error("must be from the day of issue to today")]
    Day,
    /// The estimate is not decided.
    #[error(transparent)]
    Estimate(#[from] EstimateError),
}

sales_document!(Estimate, Topic::Estimate);

impl Reported for Estimate {
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

impl EstimateTerms {
    /// The digest of everything that the customer sees.
    #[must_use]
    pub fn content_digest(&self) -> ContentDigest {
        ContentDigest::of(self)
    }
}

impl Estimate {
    /// The digest of the present revision: what a person saw and decides about.
    #[must_use]
    pub fn digest(&self) -> ContentDigest {
        ContentDigest::of(&(self.revision, &self.content_digest))
    }

    /// The same estimate with the revision noted that the customer saw.
    #[must_use]
    pub fn seen(&self, viewed: ViewedRevision) -> Self {
        Self { viewed: Some(viewed), version: self.version + 1, ..self.clone() }
    }

    /// The present content is the customer's from now on, and open.
    pub(super) fn send(&mut self, by: Option<UserId>, at: UtcTime) {
        self.archive_decision();
        self.state = EstimateState::Open;
        self.revision += 1;
        self.sent_at = Some(at);
        self.sent_by = by;
    }

    fn archive_decision(&mut self) {
        if let Some(decision) = self.decision.take() {
            self.earlier_decisions.insert(0, decision);
            self.earlier_decisions.truncate(MAX_EARLIER_DECISIONS);
        }
    }
}
