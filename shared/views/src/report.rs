//! One version of a report, without its rows.

use domain::{
    Currency, Reference, UtcTime,
    content_digest::ContentDigest,
    ledger_report::ReportVersion,
    report::{Figure, LowestPoint, ReportBasis, ReportColumn, ReportHead, ReportKind, ReportWarning},
    text::Label,
};
use serde::Serialize;
use utoipa::ToSchema;

/// One version of a report, without its rows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Report)]
pub struct ReportView {
    reference: Reference,
    /// The ledger's version of what is shown.
    version: ReportVersion,
    kind: ReportKind,
    /// As the ledger wrote it.
    title: Label,
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<ReportBasis>,
    /// The currency of all values.
    currency: Currency,
    /// When the ledger made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    produced_at: Option<UtcTime>,
    /// When the ledger pushed it.
    recorded_at: UtcTime,
    columns: Vec<ReportColumn>,
    row_count: usize,
    /// The digest of the content.
    digest: ContentDigest,
    /// The latest value of each role, beside the period before, the year before and the budget.
    figures: Vec<Figure>,
    /// The lowest closing cash of the forecast.
    #[serde(skip_serializing_if = "Option::is_none")]
    lowest_point: Option<LowestPoint>,
    /// What does not add up; only for callers who see drafts.
    #[serde(skip_serializing_if = "Option::is_none")]
    warnings: Option<Vec<ReportWarning>>,
}

impl ReportView {
    /// The view of a head. `for_staff` adds what does not add up.
    #[must_use]
    pub fn of(reference: Reference, head: ReportHead, for_staff: bool) -> Self {
        Self {
            reference,
            version: head.report_version,
            kind: head.kind,
            title: head.title,
            basis: head.basis,
            currency: head.currency,
            produced_at: head.produced_at,
            recorded_at: head.recorded_at,
            columns: head.columns,
            row_count: head.row_count,
            digest: head.digest,
            figures: head.figures,
            lowest_point: head.lowest_point,
            warnings: for_staff.then_some(head.warnings),
        }
    }
}
