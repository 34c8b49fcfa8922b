//! Reports: the ledger pushes a profit and loss, a balance sheet, a forecast, each version whole.
//!
//! The content is stored in parts, in the change that stores the head. A version that was never published goes in the
//! change that replaces it.

use api::{Answer, Api, ApiResult, Body, Machine, Path, Problem, ProblemType, scope};
use axum::extract::State;
use domain::{
    CompanyId, Currency, Reference,
    ledger_report::ReportVersion,
    report::{
        ConversionError, ConversionProblem, Provider, Report, ReportColumn, ReportContent, ReportRecording,
        ReportRecordingError, ReportRow, ReportSent, convert, join_parts, record, split_parts,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{StoreError, retry_on_conflict};
use utoipa::ToSchema;
use views::ReportView;

use crate::Which;

/// The largest report, in bytes.
const MAX_REPORT_BYTES: usize = 1024 * 1024;

/// In whose shape a report is pushed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReportFormat {
    /// In the shape of this API, as `report`.
    #[default]
    Own,
    /// As Xero's Reports API answers, as `provider_report`.
    Xero,
    /// As `QuickBooks` Online answers, as `provider_report`.
    Quickbooks,
}

/// A version of a report, whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutReport {
    /// Your version, which grows with each change. An older one than the stored one is refused, and one version has one
    /// content.
    version: ReportVersion,
    #[serde(default)]
    format: ReportFormat,
    /// The report, with `format` `own`.
    #[serde(default)]
    report: Option<ReportContent>,
    /// The provider's answer as it is, with another `format`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    provider_report: Option<Value>,
    /// The currency of a provider's report that names none.
    #[serde(default)]
    currency: Option<Currency>,
    /// The columns of values of a provider's report whose titles name no dates.
    #[serde(default)]
    columns: Option<Vec<ReportColumn>>,
}

/// A report as it is stored after a push.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportPushResponse {
    report: ReportView,
    /// The version that the company sees; absent until one is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    published_version: Option<ReportVersion>,
}

/// A report as it was pushed last.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerReportResponse {
    #[serde(flatten)]
    stored: ReportPushResponse,
    rows: Vec<ReportRow>,
}

impl From<Report> for ReportPushResponse {
    fn from(report: Report) -> Self {
        let published_version = report.published.map(|published| published.head.report_version);
        Self { report: ReportView::of(report.reference, report.newest, true), published_version }
    }
}

/// Pushes a version of a report.
///
/// At most 1 MB, 2,000 rows up to 6 deep, and 24 columns. `format` says in whose shape: `own` takes `report`, `xero` and
/// `quickbooks` take the provider's JSON as it is in `provider_report`. What does not add up is listed in `warnings` and
/// not refused. The company sees the version once it is published.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/reports/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = PutReport,
    responses((status = 201, body = ReportPushResponse), (status = 200, body = ReportPushResponse)))]
pub(crate) async fn put_report(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
    body: Body<PutReport, MAX_REPORT_BYTES>,
) -> ApiResult {
    let authority = ledger.authority(company.clone());
    let version = body.value.version;
    let format = body.value.format;
    let content = content(body.value)?;
    let parts = split_parts(&content, ledger.now);
    let parts = parts.ok_or_else(|| Problem::new(ProblemType::TooLarge).detail("too much text"))?;
    let count = u8::try_from(parts.len()).unwrap_or(u8::MAX);
    retry_on_conflict(|| async {
        let known = api.store.load(&authority, ledger.now, |tenant| tenant.report(&reference)).await?;
        let expected = known.as_ref().map(|known| known.version);
        let sent = ReportSent { version, content: content.clone(), parts: count, at: ledger.now };
        let (report, replaced, event) =
            match record(&company, &reference, known, sent).map_err(|error| refusal(error, format))? {
                ReportRecording::Unchanged(report) => return Ok(Answer::ok(&ReportPushResponse::from(*report))?),
                ReportRecording::Recorded(report, replaced, event) => (report, replaced, event),
            };
        let mut change = api.store.change(&authority, ledger.change_context());
        change.put(|tenant| tenant.report(&reference), expected, &*report);
        for (number, part) in (0_u8..).zip(&parts) {
            change.put(|tenant| tenant.report_part(&reference, version, number), None, part);
        }
        if let Some(replaced) = replaced {
            for number in 0..replaced.parts {
                change.delete(|tenant| tenant.report_part(&reference, replaced.report_version, number), 1);
            }
        }
        change.record(event);
        change.commit().await?;
        Ok(Answer::put(expected.is_none(), &ReportPushResponse::from(*report))?)
    })
    .await
}

/// The content of a push, checked.
fn content(sent: PutReport) -> Result<ReportContent, Problem> {
    let provider = match sent.format {
        ReportFormat::Own => {
            let taken = [
                ("provider_report", sent.provider_report.is_some()),
                ("currency", sent.currency.is_some()),
                ("columns", sent.columns.is_some()),
            ];
            if let Some((field, _)) = taken.into_iter().find(|(_, is_there)| *is_there) {
                return Err(Problem::field(field, "belongs to a provider's `format`"));
            }
            let content = sent.report.ok_or_else(|| Problem::field("report", "is required"))?;
            content.check().map_err(|error| Problem::field(&format!("report.{}", error.place), error.reason))?;
            return Ok(content);
        }
        ReportFormat::Xero => Provider::Xero,
        ReportFormat::Quickbooks => Provider::Quickbooks,
    };
    if sent.report.is_some() {
        return Err(Problem::field("report", "belongs to the `format` `own`"));
    }
    let json = sent.provider_report.ok_or_else(|| Problem::field("provider_report", "is required"))?;
    convert(provider, &json, sent.currency, sent.columns).map_err(not_converted)
}

fn not_converted(error: ConversionError) -> Problem {
    let ConversionError { place, problem } = error;
    match problem {
        // What the caller states beside the provider's JSON.
        _ if place == "currency" || place == "columns" => Problem::field(&place, problem),
        // The place is one of the report that was made of the JSON.
        ConversionProblem::Content(error) => Problem::field("provider_report", error),
        _ if place.is_empty() => Problem::field("provider_report", problem),
        _ => Problem::field(&format!("provider_report.{place}"), problem),
    }
}

fn refusal(error: ReportRecordingError, format: ReportFormat) -> Problem {
    match error {
        ReportRecordingError::Older { .. } => Problem::conflict(error, "older").naming("version", error),
        ReportRecordingError::VersionReused => Problem::conflict(error, "reused").naming("version", error),
        ReportRecordingError::Kind => {
            let field = match format {
                ReportFormat::Own => "report.kind",
                ReportFormat::Xero | ReportFormat::Quickbooks => "provider_report",
            };
            Problem::field(field, error)
        }
    }
}

/// Shows a report as it was pushed last.
#[utoipa::path(get, path = "/v1/ledger/companies/{company}/reports/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)),
    responses((status = 200, body = LedgerReportResponse)))]
pub(crate) async fn get_ledger_report(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
) -> ApiResult {
    let authority = ledger.authority(company);
    retry_on_conflict(|| async {
        let report = api.store.load(&authority, ledger.now, |tenant| tenant.report(&reference)).await?;
        let report = report.ok_or_else(Problem::not_found)?;
        let (version, parts) = (report.newest.report_version, report.newest.parts);
        let parts = |tenant: &store::Tenant| tenant.report_parts(&reference, version, Some(parts));
        let parts = api.store.load(&authority, ledger.now, parts).await?;
        // A newer version replaced it between the two reads.
        let content = join_parts(parts).ok_or(StoreError::Conflict)?;
        Ok(Answer::ok(&LedgerReportResponse { stored: report.into(), rows: content.rows })?)
    })
    .await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(body: Value) -> (u16, String) {
        let problem = match serde_json::from_value::<PutReport>(body) {
            Ok(sent) => content(sent).unwrap_err(),
            Err(error) => panic!("{error}"),
        };
        (problem.status().as_u16(), problem.errors()[0].field.clone())
    }

    #[test]
    fn each_shape_is_pushed_in_its_own_field() {
        for (body, field) in [
            (json!({ "version": 1 }), "report"),
            (json!({ "version": 1, "provider_report": {} }), "provider_report"),
            (json!({ "version": 1, "format": "xero" }), "provider_report"),
            (json!({ "version": 1, "format": "xero", "provider_report": {} }), "provider_report.ReportType"),
            (json!({ "version": 1, "format": "quickbooks", "provider_report": {} }), "provider_report.Header"),
            (json!({ "version": 1, "format": "quickbooks", "provider_report": 7 }), "provider_report.Header"),
        ] {
            assert_eq!(refused(body.clone()), (422, field.to_owned()), "{body}");
        }
    }

    #[test]
    fn every_refusal_has_its_status() {
        let older = ReportRecordingError::Older { stored: 7.try_into().unwrap() };
        for (error, format, status, field) in [
            (older, ReportFormat::Own, 409, "version"),
            (ReportRecordingError::VersionReused, ReportFormat::Own, 409, "version"),
            (ReportRecordingError::Kind, ReportFormat::Own, 422, "report.kind"),
            // A caller is told of a field that they sent.
            (ReportRecordingError::Kind, ReportFormat::Xero, 422, "provider_report"),
        ] {
            let problem = refusal(error, format);
            assert_eq!((problem.status().as_u16(), problem.errors()[0].field.as_str()), (status, field));
        }
    }
}
