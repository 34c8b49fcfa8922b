//! Hands out links to download archives.

use api::{Answer, ApiError, ApiResult, InCompany, Path, Problem, ProblemType, clock};
use axum::extract::State;
use domain::{
    DocumentExportId, UtcTime, document::StoppedFile, document_export::DocumentExport, export::ExportStatus,
    permission::may,
};
use export_bucket::StoredFile;
use serde::Serialize;
use store::{Attempt, Tenant, retry_on_conflict};
use utoipa::ToSchema;

use crate::App;

/// How long a link to download lasts, in seconds.
const LINK_S: u64 = 60;

/// A link that downloads an archive.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentExportLink {
    /// It works for one minute and needs no sign-in: share it with care.
    download_url: String,
    expires_at: UtcTime,
}

/// Makes a link to download an archive of documents.
///
/// Each link is recorded with its person. An archive that was planned before a threat was found in a clean file of the
/// company may have that file: it is no longer handed out (409, `withdrawn`); ask for another.
///
/// Needs `documents.view`.
#[utoipa::path(post, path = "/v1/document-exports/{id}/download", params(("id" = DocumentExportId, Path)),
    responses((status = 201, body = DocumentExportLink)))]
pub(crate) async fn download_document_export(
    State(app): State<App>,
    caller: InCompany<may::DocumentsView>,
    Path(id): Path<DocumentExportId>,
) -> ApiResult {
    let authority = caller.authority();
    let export = retry_on_conflict(async || {
        let keys = |tenant: &Tenant| (tenant.document_export(&id), tenant.stopped_file());
        let (found, stopped) = app.api.store.load(&authority, caller.now(), keys).await?;
        let (export, stopped): (Option<DocumentExport>, Option<StoppedFile>) = (found, stopped);
        let export = export.ok_or_else(Problem::not_found)?;
        check(&export, stopped.as_ref(), caller.now())?;
        let mut change = app.api.store.change(&authority, caller.change_context());
        // Nothing in it was stopped when the link is recorded.
        change.require_last_stopped(stopped.as_ref());
        change.record(export.downloaded());
        change.commit().await?;
        Ok::<_, Attempt<ApiError>>(export)
    })
    .await?;

    let archive = StoredFile::zip(export.archive_key(), &export.archive_name());
    let signed_at = clock::now();
    let download_url = app.bucket.link(&archive, LINK_S).await.map_err(Problem::internal)?;
    let expires_at = signed_at.plus_s(i64::try_from(LINK_S).unwrap_or_default());
    Answer::created(&DocumentExportLink { download_url, expires_at })
}

/// Refuses an archive that is not there.
fn check(export: &DocumentExport, stopped: Option<&StoppedFile>, now: UtcTime) -> Result<(), Problem> {
    if export.is_gone(now) {
        return Err(Problem::new(ProblemType::Gone).detail("the archive was kept for a week"));
    }
    match export.status {
        ExportStatus::Done if export.is_withdrawn(stopped) => {
            let why = "a threat was found since in a file of this company that may be in it: ask for another archive";
            Err(Problem::conflict(why, "withdrawn"))
        }
        ExportStatus::Done => Ok(()),
        ExportStatus::Queued => Err(Problem::conflict("it waits to be written", "queued")),
        ExportStatus::Running => Err(Problem::conflict("it is being written", "running")),
        ExportStatus::Failed => Err(Problem::conflict("it could not be written", "failed")),
    }
}
