//! Lists reports in pages, without their rows.

use api::{Answer, Api, ApiResult, InCompany, PageInfo, Query, paging::page_request};
use axum::extract::State;
use domain::{
    PublicationId, UtcTime,
    ledger_report::ReportVersion,
    permission::may,
    report::{Report, ReportKind},
};
use serde::{Deserialize, Serialize};
use store::Tenant;
use utoipa::{IntoParams, ToSchema};
use views::ReportView;

use crate::seen::Seen;

/// A report in a list: the version that the caller sees, without its rows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListedReport {
    report: ReportView,
    /// The version that is published; absent while none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<ReportPublication>,
}

/// The published version of a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportPublication {
    version: ReportVersion,
    publication: PublicationId,
    published_at: UtcTime,
}

/// A page of reports.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportPage {
    reports: Vec<ListedReport>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Which reports to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportListQuery {
    /// Only reports of this kind, the latest period first. Default: all, by reference.
    #[serde(default)]
    kind: Option<ReportKind>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the company's reports, without their rows.
///
/// Each report is shown as published. Staff of a firm, and members who hold `reports.publish`, see the newest version
/// of each report instead, with what does not add up in it. A page may hold fewer than `limit` and still not be the last.
///
/// Needs `reports.view`.
#[utoipa::path(get, path = "/v1/reports", params(ReportListQuery), responses((status = 200, body = ReportPage)))]
pub(crate) async fn list_reports(
    State(api): State<Api>,
    caller: InCompany<may::ReportsView>,
    Query(query): Query<ReportListQuery>,
) -> ApiResult {
    let request = page_request(query.limit, query.cursor)?;
    let seen = Seen::by(&caller);
    let listing = |tenant: &Tenant| tenant.reports(query.kind);
    let is_seen = |report: &Report| seen.drafts || report.published.is_some();
    let page = api.store.page_matching(&seen.authority, caller.now(), listing, &request, is_seen).await?;
    let paged = PageInfo::from(&page);
    let listed = |report: Report| {
        let reference = report.reference.clone();
        let published = report.published.as_ref().map(|published| ReportPublication {
            version: published.head.report_version,
            publication: published.publication.clone(),
            published_at: published.published_at,
        });
        let head = seen.head(report)?;
        Some(ListedReport { report: ReportView::of(reference, head, seen.drafts), published })
    };
    Answer::ok(&ReportPage { reports: page.items.into_iter().filter_map(listed).collect(), paged })
}
