//! Documents: the verdicts of a scanner that is not the stack's.

use api::{Answer, ApiResult, Body, Machine, Path, Problem, scope};
use axum::extract::State;
use domain::{
    CompanyId, DocumentId,
    document::{DocumentState, ScanVerdict, VersionNumber},
};
use serde::{Deserialize, Serialize};
use store::retry_on_conflict;
use utoipa::ToSchema;

use crate::App;

/// The most characters that S3 gives the id of a version.
const MAX_OBJECT_VERSION: usize = 1024;

/// The result of a scan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutScanResult {
    /// The version of the object that was scanned, as S3 names it: up to 1,024 visible ASCII characters.
    object_version: String,
    result: ScanVerdict,
}

/// A version of a document after a scan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ScanResultResponse {
    document: DocumentId,
    number: VersionNumber,
    state: DocumentState,
}

/// Reports the result of a scan for malware.
///
/// Only where the stack leaves scanning to a scanner of the vendor's (`MalwareScan=external`); otherwise a conflict. The
/// verdict counts for the object that was recorded when the file arrived, whichever is reported first. A repetition
/// changes nothing. A file can be downloaded only once the scanner has also tagged it.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/documents/{document}/versions/{number}/scan-result",
    params(("company" = CompanyId, Path), ("document" = DocumentId, Path), ("number" = VersionNumber, Path)),
    request_body = PutScanResult, responses((status = 200, body = ScanResultResponse)))]
pub(crate) async fn put_scan_result(
    State(App { api, scans_elsewhere }): State<App>,
    ledger: Machine<scope::Ledger>,
    Path((company, document, number)): Path<(CompanyId, DocumentId, VersionNumber)>,
    body: Body<PutScanResult>,
) -> ApiResult {
    let PutScanResult { object_version, result } = body.value;
    let is_version = |text: &str| text.len() <= MAX_OBJECT_VERSION && text.bytes().all(|byte| byte.is_ascii_graphic());
    if object_version.is_empty() || !is_version(&object_version) {
        return Err(Problem::field("object_version", "must be the id of a version of an object in S3").into());
    }
    if !scans_elsewhere {
        return Err(Problem::conflict("this stack scans uploads itself", "scanned_here").into());
    }
    let authority = ledger.authority(company);
    retry_on_conflict(|| async {
        let known = api.store.load(&authority, ledger.now, |tenant| tenant.document(&document)).await?;
        let known = known.ok_or_else(Problem::not_found)?;
        let version = known.version_numbered(number).ok_or_else(Problem::not_found)?;
        let mut state = version.state();
        if let Some((after, events)) = known.scanned(number, &object_version, result.clone(), ledger.now) {
            let mut change = api.store.change(&authority, ledger.change_context());
            change.put_document(Some(&known), &after);
            for event in events {
                change.record(event);
            }
            request_items::follow(&api.store, &authority, ledger.now, Some(&known), &after, &mut change).await?;
            change.commit().await?;
            state = after.version_numbered(number).map_or(state, domain::document::DocumentVersion::state);
        }
        let answer = ScanResultResponse { document: document.clone(), number, state };
        Ok(Answer::ok(&answer)?)
    })
    .await
}
