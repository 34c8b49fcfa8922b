//! The payloads of events about reports. What people wrote stays with the publication.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{content::ReportKind, month::Month};
use crate::{
    content_digest::ContentDigest,
    id::PublicationId,
    ledger_report::ReportVersion,
    money::Currency,
    text::{Label, Reference},
};

/// Payload of `report.recorded`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportRecorded {
    /// The kind of the report.
    pub kind: ReportKind,
    /// Its title, as the ledger wrote it.
    pub title: Label,
    /// The currency of its values.
    pub currency: Currency,
    /// The ledger's version.
    pub report_version: ReportVersion,
    /// The digest of the content.
    pub digest: ContentDigest,
    /// How many values do not add up.
    pub warnings: usize,
}

/// A report in the payload of `accounts.published`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportPublishedIn {
    /// The ledger's reference of the report.
    pub reference: Reference,
    /// Its kind.
    pub kind: ReportKind,
    /// The published version.
    pub report_version: ReportVersion,
    /// The digest of its content.
    pub digest: ContentDigest,
}

/// Payload of `accounts.published`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountsPublished {
    /// The month.
    pub month: Month,
    /// The reports.
    pub reports: Vec<ReportPublishedIn>,
    /// The publication that this one corrects; `null` for the first one of the month.
    #[schema(required = true)]
    pub corrects: Option<PublicationId>,
    /// The references of the reports that a correction changed or added.
    pub changed: Vec<Reference>,
}
