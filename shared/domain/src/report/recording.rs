//! Reports as the ledger pushes them: in which order they count, and how they are stored.
//!
//! Each report is pushed as a version that grows. Other than elsewhere, a version that goes back is refused: people
//! publish versions, and a ledger that counts backwards would not notice that nobody sees what it pushes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    column::ReportColumn,
    content::{ReportBasis, ReportContent, ReportKind},
    event::ReportRecorded,
    figures::{Figure, LowestPoint, figures, latest_column, lowest_point},
    warnings::{ReportWarning, warnings},
};
use crate::{
    content_digest::ContentDigest,
    event::{NewEvent, kinds},
    id::{CompanyId, Org, PublicationId},
    ledger_report::ReportVersion,
    money::Currency,
    text::{Label, Reference},
    time::{Day, UtcTime},
};

/// The largest part of a stored content, in bytes.
pub const PART_BYTES: usize = 200 * 1024;
/// The most parts of a content.
pub const MAX_PARTS: u8 = 8;

/// All of one version of a report but its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportHead {
    /// The ledger's version.
    pub report_version: ReportVersion,
    /// The kind.
    pub kind: ReportKind,
    /// The title, as the ledger wrote it.
    pub title: Label,
    /// When it counts income and expenses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<ReportBasis>,
    /// The currency of all values.
    pub currency: Currency,
    /// When the ledger made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub produced_at: Option<UtcTime>,
    /// When it was pushed.
    pub recorded_at: UtcTime,
    /// The columns.
    pub columns: Vec<ReportColumn>,
    /// How many rows it has.
    pub row_count: usize,
    /// The digest of the content.
    pub digest: ContentDigest,
    /// In how many parts the content is stored.
    pub parts: u8,
    /// The latest value of each role.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// The lowest closing cash of the forecast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowest_point: Option<LowestPoint>,
    /// What does not add up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<ReportWarning>,
}

impl ReportHead {
    /// The head of a version, made of its content.
    #[must_use]
    pub fn of(version: ReportVersion, content: &ReportContent, parts: u8, recorded_at: UtcTime) -> Self {
        Self::with_digest(version, content, parts, recorded_at, ContentDigest::of(content))
    }

    fn with_digest(
        report_version: ReportVersion,
        content: &ReportContent,
        parts: u8,
        recorded_at: UtcTime,
        digest: ContentDigest,
    ) -> Self {
        Self {
            report_version,
            kind: content.kind,
            title: content.title.clone(),
            basis: content.basis,
            currency: content.currency,
            produced_at: content.produced_at,
            recorded_at,
            columns: content.columns.clone(),
            row_count: content.row_count(),
            digest,
            parts,
            figures: figures(content),
            lowest_point: lowest_point(content),
            warnings: warnings(content),
        }
    }

    /// The latest actual column.
    #[must_use]
    pub fn latest_column(&self) -> Option<&ReportColumn> {
        self.columns.get(latest_column(&self.columns)?)
    }

    /// The last day that it is about: of its latest actual column, or of its first column.
    #[must_use]
    pub fn ends_on(&self) -> Option<Day> {
        self.latest_column().or_else(|| self.columns.first())?.ends_on()
    }
}

/// The version of a report that is published now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedVersion {
    /// The version.
    pub head: ReportHead,
    /// The publication that it is part of.
    pub publication: PublicationId,
    /// When it was published.
    pub published_at: UtcTime,
}

/// A report of a company: the version that was pushed last, and the one that is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The company.
    pub company: CompanyId,
    /// The ledger's own name for it.
    pub reference: Reference,
    /// The version that was pushed last.
    pub newest: ReportHead,
    /// Whether that version has been published, now or before.
    #[serde(default)]
    pub newest_is_published: bool,
    /// The version that is published now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<PublishedVersion>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// A part of the content of one version: a piece of its JSON. It is written once and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportPart {
    /// The piece.
    pub text: String,
    /// How many parts there are.
    pub parts: u8,
    /// When the version was pushed.
    pub recorded_at: UtcTime,
    /// Counts changes, as of every entity; always 1.
    pub version: u64,
}

/// A report as it is pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportSent {
    /// The ledger's version.
    pub version: ReportVersion,
    /// The content, checked.
    pub content: ReportContent,
    /// The number of parts in which it will be stored.
    pub parts: u8,
    /// When it is pushed.
    pub at: UtcTime,
}

/// A version that was never published and is replaced: its parts are to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplacedDraft {
    /// The version.
    pub report_version: ReportVersion,
    /// How many parts it has.
    pub parts: u8,
}

/// The result of a push.
#[derive(Debug, Clone, PartialEq)]
pub enum ReportRecording {
    /// It is new.
    Recorded(Box<Report>, Option<ReplacedDraft>, NewEvent),
    /// The very same was pushed before; nothing changes.
    Unchanged(Box<Report>),
}

/// Why a push is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportRecordingError {
    /// A newer version is stored.
    #[error("is older than the stored version {}", u64::from(*stored))]
    Older {
        /// The stored version.
        stored: ReportVersion,
    },
    /// The stored content has the same version and differs.
    #[error("another content was reported as this version")]
    VersionReused,
    /// The report was of another kind before.
    #[error("is another kind than before: a report keeps its kind")]
    Kind,
}

/// Records a version of a report.
///
/// # Errors
/// [`ReportRecordingError`].
pub fn record(
    company: &CompanyId,
    reference: &Reference,
    known: Option<Report>,
    sent: ReportSent,
) -> Result<ReportRecording, ReportRecordingError> {
    let digest = ContentDigest::of(&sent.content);
    if let Some(known) = &known {
        let stored = known.newest.report_version;
        if sent.version < stored {
            return Err(ReportRecordingError::Older { stored });
        }
        if sent.version == stored && digest != known.newest.digest {
            return Err(ReportRecordingError::VersionReused);
        }
        if sent.content.kind != known.newest.kind {
            return Err(ReportRecordingError::Kind);
        }
    }
    match known {
        Some(known) if known.newest.report_version == sent.version => Ok(ReportRecording::Unchanged(Box::new(known))),
        known => {
            let newest = ReportHead::with_digest(sent.version, &sent.content, sent.parts, sent.at, digest);
            let replaced = known
                .as_ref()
                .filter(|known| !known.newest_is_published)
                .map(|known| ReplacedDraft { report_version: known.newest.report_version, parts: known.newest.parts });
            let report = Report {
                company: company.clone(),
                reference: reference.clone(),
                newest,
                newest_is_published: false,
                version: known.as_ref().map_or(1, |known| known.version + 1),
                published: known.and_then(|known| known.published),
            };
            let event = report.recorded();
            Ok(ReportRecording::Recorded(Box::new(report), replaced, event))
        }
    }
}

impl Report {
    /// The head of a version, as far as it is the newest or the published one.
    #[must_use]
    pub fn head_of(&self, version: ReportVersion) -> Option<&ReportHead> {
        let published = self.published.as_ref().map(|published| &published.head);
        [Some(&self.newest), published].into_iter().flatten().find(|head| head.report_version == version)
    }

    fn recorded(&self) -> NewEvent {
        let recorded = ReportRecorded {
            kind: self.newest.kind,
            title: self.newest.title.clone(),
            currency: self.newest.currency,
            report_version: self.newest.report_version,
            digest: self.newest.digest.clone(),
            warnings: self.newest.warnings.len(),
        };
        let org = Org::Company(self.company.clone());
        NewEvent::new(org, self.reference.as_str(), kinds::ReportRecorded::of(recorded))
    }
}

/// Splits the JSON of a content into parts; `None` if there would be more than [`MAX_PARTS`].
#[must_use]
pub fn split_parts(content: &ReportContent, recorded_at: UtcTime) -> Option<Vec<ReportPart>> {
    let json = serde_json::to_string(content).ok()?;
    let mut pieces = Vec::new();
    let mut rest = json.as_str();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PART_BYTES));
        pieces.push(piece.to_owned());
        rest = after;
    }
    let parts = u8::try_from(pieces.len()).ok().filter(|parts| *parts <= MAX_PARTS)?;
    Some(pieces.into_iter().map(|text| ReportPart { text, parts, recorded_at, version: 1 }).collect())
}

/// The content that was split into parts; `None` where a part is missing.
#[must_use]
pub fn join_parts(parts: Vec<Option<ReportPart>>) -> Option<ReportContent> {
    let wanted = usize::from(parts.first()?.as_ref()?.parts);
    let found: Vec<ReportPart> = parts.into_iter().flatten().collect();
    if found.len() != wanted {
        return None;
    }
    let json: String = found.into_iter().map(|part| part.text).collect();
    serde_json::from_str(&json).ok()
}
