//! Downloads a short part of the audit log as a file, in the response.

use api::{Api, ApiResult, InOrg, Problem, Query};
use audit_export::{disposition, head, line, media_type};
use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use domain::{
    Org,
    export::{AuditScope, ExportFormat},
    permission::may,
};
use serde::Deserialize;
use store::PageRequest;
use utoipa::IntoParams;

use crate::audit_query::filtered_request;

/// The most events in one file.
const MAX_EVENTS: usize = 1000;
/// The largest file, in bytes. Lambda answers with up to 6 MB, in which a quotation mark counts twice.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// The most pages read, each with up to four queries.
const MAX_PAGES: usize = 20;

filtered_request! {
    param:
    /// The events to write.
    #[derive(Debug, Clone, Deserialize, IntoParams)]
    #[serde(deny_unknown_fields)]
    #[into_params(parameter_in = Query)]
    pub(crate) struct ExportQuestion {
        /// CSV or JSON Lines.
        #[param(inline)]
        format: ExportFormat,
        /// Part of a firm's audit log. Default: `firm`.
        #[serde(default)]
        #[param(inline)]
        of: Option<AuditScope>,
    }
}

fn too_long() -> Problem {
    let detail = format!(
        "what is asked for is longer than {MAX_EVENTS} events or the file than 2 MB: narrow the time, or ask for a file with POST /v1/audit/exports"
    );
    Problem::field("from", detail)
}

/// Downloads up to 1,000 audit events as a file, oldest first.
///
/// CSV and JSON Lines hold the same content. A CSV cell that begins with an apostrophe has it so that no
/// spreadsheet runs the cell as a formula; a program that reads the file drops one apostrophe from the
/// beginning of each such cell. More than 1,000 events are refused with `422`: use
/// `POST /v1/audit/exports`.
///
/// Needs `audit.view`.
#[utoipa::path(get, path = "/v1/audit/export", params(ExportQuestion),
    responses((status = 200, description = "The file, as `format` says",
        content((String = "text/csv"), (String = "application/jsonl")))))]
pub(crate) async fn export_events(
    State(api): State<Api>,
    caller: InOrg<may::AuditView, may::AuditView>,
    Query(question): Query<ExportQuestion>,
) -> ApiResult<Response> {
    let authority = caller.authority();
    let (format, query) = (question.format, question.audit_query());
    query.check(&authority.org())?;
    let mut file = head(format);
    let mut events = 0;
    let mut request = PageRequest::largest();
    for _ in 0..MAX_PAGES {
        // Each page proves the authority anew: a right that ends in between ends the file.
        let page = api
            .store
            .page_matching(
                &authority,
                caller.now(),
                |tenant| query.listing(tenant).oldest_first(),
                &request,
                |event| query.filter.keeps(event),
            )
            .await?;
        for event in &page.items {
            file.push_str(&line(format, event));
            events += 1;
        }
        if events > MAX_EVENTS || file.len() > MAX_BYTES {
            return Err(too_long().into());
        }
        let Some(next) = page.next else {
            return Ok(download(file, format, &authority.org()));
        };
        request = PageRequest::new(Some(100), Some(next)).map_err(Problem::internal)?;
    }
    Err(too_long().into())
}

fn download(file: String, format: ExportFormat, org: &Org) -> Response {
    let mut response = file.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(format)));
    let disposition = HeaderValue::try_from(disposition(format, org));
    headers.insert(header::CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment")));
    response
}
