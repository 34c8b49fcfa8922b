//! Publications: people hand the accounts of a month to the company.
//!
//! INVARIANT: a publication never changes, but that it is corrected by another one. A month has one publication that
//! counts; each further one corrects it, includes each of its reports, and names what changed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    column::ReportColumn,
    content::ReportKind,
    event::{AccountsPublished, ReportPublishedIn},
    figures::{Figure, LowestPoint},
    month::Month,
    recording::{PublishedVersion, Report, ReportHead},
    role::RowRole,
};
use crate::{
    access::ActingAs,
    content_digest::ContentDigest,
    event::{NewEvent, kinds},
    id::{CompanyId, Org, PublicationId, UserId},
    ledger_report::ReportVersion,
    money::Currency,
    text::{Label, Name, Note, Reference},
    time::UtcTime,
};

/// The most reports of a publication.
pub const MAX_REPORTS: usize = 10;
/// The most figures that a publication puts first.
pub const MAX_FIGURES: usize = 3;

/// A report in a publication: frozen at its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublishedReport {
    /// The ledger's reference.
    pub reference: Reference,
    /// The version.
    pub report_version: ReportVersion,
    /// The digest of the content.
    pub digest: ContentDigest,
    /// The kind.
    pub kind: ReportKind,
    /// The title, as the ledger wrote it.
    pub title: Label,
    /// The currency of all values.
    pub currency: Currency,
    /// The latest actual column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<ReportColumn>,
    /// The latest value of each role.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// The lowest closing cash of the forecast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowest_point: Option<LowestPoint>,
}

/// A figure that a publication puts first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublishedFigure {
    /// The report that states it.
    pub reference: Reference,
    /// The currency of its values.
    pub currency: Currency,
    /// The values.
    pub figure: Figure,
}

/// A figure that a correction changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FigureChange {
    /// The role.
    pub role: RowRole,
    /// The latest value before, in minor units of the report's currency; `null` where none was stated.
    #[schema(required = true)]
    pub before_minor: Option<i64>,
    /// The latest value now.
    #[schema(required = true)]
    pub after_minor: Option<i64>,
}

/// A report that a correction changed or added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportChange {
    /// The ledger's reference.
    pub reference: Reference,
    /// The title, as the ledger wrote it.
    pub title: Label,
    /// The version in the corrected publication; `null` for a report that was not in it.
    #[schema(required = true)]
    pub before_version: Option<ReportVersion>,
    /// The version now.
    pub after_version: ReportVersion,
    /// The figures that changed.
    pub figures: Vec<FigureChange>,
}

/// A publication of a month's accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// Its id.
    pub id: PublicationId,
    /// The company.
    pub company: CompanyId,
    /// The month.
    pub month: Month,
    /// The reports.
    pub reports: Vec<PublishedReport>,
    /// The figures that matter, at most three.
    pub figures: Vec<PublishedFigure>,
    /// What the publisher wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Note>,
    /// The publication that it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<PublicationId>,
    /// What it changed in the one that it corrects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ReportChange>,
    /// The publication that corrects it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<PublicationId>,
    /// Who published it.
    pub published_by: UserId,
    /// Their name.
    pub published_by_name: Name,
    /// The seat from which they published.
    pub acting_as: ActingAs,
    /// When.
    pub published_at: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// Which publication of a month counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthAccounts {
    /// The month.
    pub month: Month,
    /// The publication that counts.
    pub publication: PublicationId,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// A report to publish, at the version that the publisher saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenReport {
    /// The reference.
    pub reference: Reference,
    /// The version.
    pub version: ReportVersion,
    /// The report as it is stored.
    pub stored: Option<Report>,
}

/// A figure to put first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FigureChoice {
    /// The reference of one of the published reports.
    pub reference: Reference,
    /// The role.
    pub role: RowRole,
}

/// A publication that somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicationDraft {
    /// The id of the new publication.
    pub id: PublicationId,
    /// The company.
    pub company: CompanyId,
    /// The month.
    pub month: Month,
    /// The reports.
    pub reports: Vec<ChosenReport>,
    /// The figures to put first. Default: the first of the reports by the order of the roles.
    pub figures: Option<Vec<FigureChoice>>,
    /// What the publisher wrote.
    pub comment: Option<Note>,
    /// The publication that it corrects.
    pub corrects: Option<PublicationId>,
    /// Who publishes.
    pub by: UserId,
    /// Their name.
    pub by_name: Name,
    /// The seat from which they publish.
    pub acting_as: ActingAs,
    /// When.
    pub at: UtcTime,
}

/// Everything that a publication changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// The publication.
    pub publication: Publication,
    /// Which publication of the month counts now.
    pub month: MonthAccounts,
    /// The reports after it; each is one version further than it was stored. One that a correction keeps as it was frozen is
    /// not among them where a later version is published.
    pub reports: Vec<Report>,
    /// The publication that it corrects, after it.
    pub corrected: Option<Publication>,
    /// The event.
    pub event: NewEvent,
}

/// Why a publication is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicationRefusal {
    /// No report, or too many.
    #[error("must be 1 to {MAX_REPORTS} reports")]
    ReportCount,
    /// A report that is named twice.
    #[error("is named twice")]
    Twice {
        /// Its place.
        index: usize,
    },
    /// No such report.
    #[error("is no report of the company")]
    UnknownReport {
        /// Its place.
        index: usize,
    },
    /// The publisher saw another version than the stored one.
    #[error("is not the version that is stored: read the report again")]
    OtherVersion {
        /// Its place.
        index: usize,
    },
    /// The month is published: only a correction of that publication may follow.
    #[error("the month is published: correct {publication}")]
    MonthPublished {
        /// The publication that counts.
        publication: PublicationId,
    },
    /// The publication to correct is not the one of the month that counts.
    #[error("is not the publication of the month that counts")]
    NotCurrent,
    /// A correction without a report of the corrected publication.
    #[error("must include {reference}, which the corrected publication has")]
    LeftOut {
        /// The report.
        reference: Reference,
    },
    /// A correction that changes nothing.
    #[error("nothing differs from the corrected publication")]
    NothingChanged,
    /// Too many figures.
    #[error("must be at most {MAX_FIGURES} figures")]
    FigureCount,
    /// No such figure.
    #[error("is no figure of a published report")]
    UnknownFigure {
        /// Its place.
        index: usize,
    },
}

/// Publishes. `month` and `corrected` are as they are stored.
///
/// # Errors
/// [`PublicationRefusal`].
pub fn publish(
    draft: PublicationDraft,
    month: Option<MonthAccounts>,
    corrected: Option<Publication>,
) -> Result<Published, PublicationRefusal> {
    if draft.reports.is_empty() || draft.reports.len() > MAX_REPORTS {
        return Err(PublicationRefusal::ReportCount);
    }
    let corrected = corrects(&draft, month.as_ref(), corrected)?;
    let mut reports = Vec::new();
    let mut frozen: Vec<PublishedReport> = Vec::new();
    for (index, chosen) in draft.reports.iter().enumerate() {
        if frozen.iter().any(|report| report.reference == chosen.reference) {
            return Err(PublicationRefusal::Twice { index });
        }
        let stored = chosen.stored.as_ref().ok_or(PublicationRefusal::UnknownReport { index })?;
        if let Some(head) = stored.head_of(chosen.version) {
            frozen.push(freeze(&chosen.reference, head));
            reports.push(stored.published_as(head, &draft));
        } else {
            // The report went on, and a later month published it: a correction may keep it as it was frozen.
            let kept = corrected.as_ref().and_then(|before| before.frozen_as(chosen));
            frozen.push(kept.cloned().ok_or(PublicationRefusal::OtherVersion { index })?);
        }
    }
    let left_out = |report: &&PublishedReport| frozen.iter().all(|kept| kept.reference != report.reference);
    if let Some(report) = corrected.as_ref().and_then(|before| before.reports.iter().find(left_out)) {
        return Err(PublicationRefusal::LeftOut { reference: report.reference.clone() });
    }
    let figures = chosen_figures(draft.figures.as_deref(), &frozen)?;
    let changes = corrected.as_ref().map_or_else(Vec::new, |before| changes(&before.reports, &frozen));
    if let Some(before) = &corrected
        && changes.is_empty()
        && (&before.comment, &before.figures) == (&draft.comment, &figures)
    {
        return Err(PublicationRefusal::NothingChanged);
    }
    let publication = Publication {
        id: draft.id,
        company: draft.company,
        month: draft.month,
        reports: frozen,
        figures,
        comment: draft.comment,
        corrects: draft.corrects,
        changes,
        corrected_by: None,
        published_by: draft.by,
        published_by_name: draft.by_name,
        acting_as: draft.acting_as,
        published_at: draft.at,
        version: 1,
    };
    let month = MonthAccounts {
        month: publication.month,
        publication: publication.id.clone(),
        version: month.map_or(1, |month| month.version + 1),
    };
    let corrected = corrected.map(|before| Publication {
        corrected_by: Some(publication.id.clone()),
        version: before.version + 1,
        ..before
    });
    let event = publication.event();
    Ok(Published { publication, month, reports, corrected, event })
}

/// The publication that a draft corrects: the one of the month that counts, if there is one.
fn corrects(
    draft: &PublicationDraft,
    month: Option<&MonthAccounts>,
    corrected: Option<Publication>,
) -> Result<Option<Publication>, PublicationRefusal> {
    match (month, &draft.corrects) {
        (None, None) => Ok(None),
        (Some(month), None) => Err(PublicationRefusal::MonthPublished { publication: month.publication.clone() }),
        (Some(month), Some(named)) if month.publication == *named => {
            corrected.map(Some).ok_or(PublicationRefusal::NotCurrent)
        }
        (Some(_) | None, Some(_)) => Err(PublicationRefusal::NotCurrent),
    }
}

fn freeze(reference: &Reference, head: &ReportHead) -> PublishedReport {
    PublishedReport {
        reference: reference.clone(),
        report_version: head.report_version,
        digest: head.digest.clone(),
        kind: head.kind,
        title: head.title.clone(),
        currency: head.currency,
        column: head.latest_column().cloned(),
        figures: head.figures.clone(),
        lowest_point: head.lowest_point,
    }
}

fn chosen_figures(
    choices: Option<&[FigureChoice]>,
    reports: &[PublishedReport],
) -> Result<Vec<PublishedFigure>, PublicationRefusal> {
    let published = |report: &PublishedReport, figure: &Figure| PublishedFigure {
        reference: report.reference.clone(),
        currency: report.currency,
        figure: *figure,
    };
    let Some(choices) = choices else {
        let all = reports.iter().flat_map(|report| report.figures.iter().map(move |figure| published(report, figure)));
        let mut all: Vec<PublishedFigure> = all.collect();
        all.sort_by_key(|first| first.figure.role);
        all.truncate(MAX_FIGURES);
        return Ok(all);
    };
    if choices.len() > MAX_FIGURES {
        return Err(PublicationRefusal::FigureCount);
    }
    let find = |(index, choice): (usize, &FigureChoice)| {
        let report = reports.iter().find(|report| report.reference == choice.reference);
        let figure = report.and_then(|report| {
            let figure = report.figures.iter().find(|figure| figure.role == choice.role)?;
            Some(published(report, figure))
        });
        figure.ok_or(PublicationRefusal::UnknownFigure { index })
    };
    choices.iter().enumerate().map(find).collect()
}

fn changes(before: &[PublishedReport], after: &[PublishedReport]) -> Vec<ReportChange> {
    let change = |now: &PublishedReport| {
        let was = before.iter().find(|report| report.reference == now.reference);
        if was.is_some_and(|was| was.report_version == now.report_version) {
            return None;
        }
        let value = |report: Option<&PublishedReport>, role: RowRole| {
            let figures = report.map_or(&[][..], |report| &report.figures);
            figures.iter().find(|figure| figure.role == role).and_then(|figure| figure.actual_minor)
        };
        let differing = RowRole::ALL.iter().filter_map(|role| {
            let (before_minor, after_minor) = (value(was, *role), value(Some(now), *role));
            (before_minor != after_minor).then_some(FigureChange { role: *role, before_minor, after_minor })
        });
        Some(ReportChange {
            reference: now.reference.clone(),
            title: now.title.clone(),
            before_version: was.map(|was| was.report_version),
            after_version: now.report_version,
            figures: differing.collect(),
        })
    };
    after.iter().filter_map(change).collect()
}

impl Report {
    /// The report with one of its versions published.
    fn published_as(&self, head: &ReportHead, draft: &PublicationDraft) -> Self {
        let is_newest = head.report_version == self.newest.report_version;
        Self {
            newest_is_published: self.newest_is_published || is_newest,
            published: Some(PublishedVersion {
                head: head.clone(),
                publication: draft.id.clone(),
                published_at: draft.at,
            }),
            version: self.version + 1,
            ..self.clone()
        }
    }
}

impl Publication {
    /// Its report with a forecast, and the lowest point of that. Where there are several: the report of this reference, or
    /// the first one if that is not among them.
    #[must_use]
    pub fn forecast(&self, known: Option<&Reference>) -> Option<(&PublishedReport, LowestPoint)> {
        let mut forecasts = self.reports.iter().filter_map(|report| Some((report, report.lowest_point?)));
        let is_known = |(report, _): &(&PublishedReport, _)| Some(&report.reference) == known;
        forecasts.clone().find(is_known).or_else(|| forecasts.next())
    }

    /// A report just as it is frozen here.
    fn frozen_as(&self, chosen: &ChosenReport) -> Option<&PublishedReport> {
        self.reports
            .iter()
            .find(|report| report.reference == chosen.reference && report.report_version == chosen.version)
    }

    fn event(&self) -> NewEvent {
        let published = AccountsPublished {
            month: self.month,
            reports: self
                .reports
                .iter()
                .map(|report| ReportPublishedIn {
                    reference: report.reference.clone(),
                    kind: report.kind,
                    report_version: report.report_version,
                    digest: report.digest.clone(),
                })
                .collect(),
            corrects: self.corrects.clone(),
            changed: self.changes.iter().map(|change| change.reference.clone()).collect(),
        };
        let event = NewEvent::new(
            Org::Company(self.company.clone()),
            self.id.as_str(),
            kinds::AccountsPublished::of(published),
        );
        match self.acting_as.firm() {
            Some(firm) => event.seen_by(firm),
            None => event,
        }
    }
}
