//! Reports that the ledger pushes, and the publications in which people hand them to a company.
//!
//! One shape holds a profit and loss, a balance sheet, a cash flow, a cashflow forecast and aged receivables and
//! payables ([`ReportContent`]). Roles say which row is the net profit or the closing cash, so that nothing here reads a
//! label. A value that is `None` was not stated; it is never zero.
//!
//! What cannot be a report is refused with its place ([`ReportContent::check`]). What does not add up is a warning for
//! the people who publish ([`warnings`]): rounding and hidden lines are normal.

mod column;
mod comparing;
mod content;
mod conversion;
mod event;
#[cfg(test)]
pub(crate) mod examples;
mod figures;
mod forecast;
mod month;
mod naming;
mod provider;
mod publishing;
mod quickbooks;
mod recording;
mod role;
#[cfg(test)]
mod tests;
mod warnings;
mod xero;

pub use column::{ColumnKind, ReportColumn};
pub use comparing::{Against, ComparedRow, Comparison, ComparisonError, compare_columns, compare_reports};
pub use content::{
    MAX_COLUMNS, MAX_DEPTH, MAX_ROWS, ReportBasis, ReportContent, ReportContentError, ReportKind, ReportRow, RowKind,
};
pub use conversion::{ConversionError, ConversionProblem};
pub use event::{AccountsPublished, ReportPublishedIn, ReportRecorded};
pub use figures::{Figure, LowestPoint, figures, latest_column, lowest_point};
pub use forecast::{CashflowForecast, ForecastCrossed};
pub use month::{Month, MonthError};
pub use provider::{Provider, convert};
pub use publishing::{
    ChosenReport, FigureChange, FigureChoice, MAX_FIGURES, MAX_REPORTS, MonthAccounts, Publication, PublicationDraft,
    PublicationRefusal, Published, PublishedFigure, PublishedReport, ReportChange, publish,
};
pub use recording::{
    MAX_PARTS, PART_BYTES, PublishedVersion, ReplacedDraft, Report, ReportHead, ReportPart, ReportRecording,
    ReportRecordingError, ReportSent, join_parts, record, split_parts,
};
pub use role::RowRole;
pub use warnings::{ReportWarning, WarningKind, warnings};
