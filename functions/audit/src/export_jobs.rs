//! Exports of the audit log as files: requested and downloaded here, written by the export worker.

use api::{Answer, ApiResult, Body, InOrg, Path, Problem, ProblemType};
use audit_export::stored_file;
use axum::extract::State;
use domain::{
    ExportId, UtcTime,
    export::{AuditScope, Export, ExportFormat, ExportStatus},
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::{LatestExport, Tally, Tenant};
use utoipa::ToSchema;

use crate::{App, audit_query::filtered_request};

/// How long a download link is valid.
const LINK_S: u64 = 300;

filtered_request! {
    schema:
    /// The file to write. Without `to` it ends at the present.
    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    pub(crate) struct CreateExport {
        /// CSV or JSON Lines.
        format: ExportFormat,
        /// Part of a firm's audit log. Default: `firm`.
        #[serde(default)]
        of: Option<AuditScope>,
    }
}

/// An export and its progress.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Export)]
pub(crate) struct ExportView {
    id: ExportId,
    status: ExportStatus,
    format: ExportFormat,
    /// The number of events written so far.
    events: u64,
    /// The share of the requested time range that is written, in per cent.
    percent: u8,
    /// The file's size, once the file is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    size_bytes: Option<u64>,
    requested_at: UtcTime,
    /// When the file is deleted.
    gone_at: UtcTime,
    /// The download link, once the file is complete. It works for five minutes and needs no sign-in: share
    /// it with care.
    #[serde(skip_serializing_if = "Option::is_none")]
    download_url: Option<String>,
}

impl ExportView {
    fn of(export: &Export, download_url: Option<String>) -> Self {
        Self {
            id: export.id.clone(),
            status: export.status,
            format: export.format,
            events: export.events,
            percent: export.percent,
            size_bytes: (export.status == ExportStatus::Done).then_some(export.size_bytes),
            requested_at: export.requested_at,
            gone_at: export.gone_at,
            download_url,
        }
    }
}

/// An export.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportResponse {
    export: ExportView,
}

/// Requests an export of the audit log, of any length.
///
/// The file is written in the background and kept for a week. `GET /v1/audit/exports/{id}` shows its
/// progress and the download link. One file of a company's or firm's audit log is written at a time: meanwhile, the
/// answer to another request is 409 with that export in `current`. How many a person, and a company or firm, may
/// request in a day is limited.
///
/// Needs `audit.view`.
#[utoipa::path(post, path = "/v1/audit/exports", request_body = CreateExport,
    responses((status = 202, body = ExportResponse)))]
pub(crate) async fn request_export(
    State(app): State<App>,
    caller: InOrg<may::AuditView, may::AuditView>,
    body: Body<CreateExport>,
) -> ApiResult {
    let authority = caller.authority();
    let (format, query) = (body.value.format, body.value.audit_query());
    query.check(&authority.org())?;
    let idempotency = body.idempotent.by(&caller.caller.user);
    let now = caller.now();
    let latest = app.api.store.load_once(&authority, now, idempotency.as_ref(), Tenant::latest_export).await??;
    if let Some(latest) = &latest {
        let export = app.api.store.load(&authority, now, |tenant| tenant.export(&latest.export)).await?;
        if let Some(running) = export.filter(|export| export.is_running(now)) {
            let conflict = Problem::conflict("another file of this audit log is being written", "running");
            return Err(conflict.current(&ExportResponse { export: ExportView::of(&running, None) }).into());
        }
    }

    let id = ExportId::from_uuid(api::clock::new_uuid());
    let asked = (format, query.of, query.filter);
    let (export, event) = Export::request(id, &authority.org(), asked, &caller.caller.user, now);
    let answer = Answer::accepted(&ExportResponse { export: ExportView::of(&export, None) })?;

    let mut change = app.api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.export(&export.id), None, &export);
    let pointer = LatestExport::after(latest.as_ref(), export.id.clone());
    change.put(Tenant::latest_export, latest.map(|latest| latest.version), &pointer);
    for tally in Tally::of_export(&app.api.allowances, &caller.caller.user, &export.org, now) {
        change.count(&tally);
    }
    change.record(event);
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}

/// Shows the progress of an export and, once it is complete, its download link.
///
/// Needs `audit.view`.
#[utoipa::path(get, path = "/v1/audit/exports/{id}", params(("id" = ExportId, Path)),
    responses((status = 200, body = ExportResponse)))]
pub(crate) async fn get_export(
    State(app): State<App>,
    caller: InOrg<may::AuditView, may::AuditView>,
    Path(id): Path<ExportId>,
) -> ApiResult {
    let found = app.api.store.load(&caller.authority(), caller.now(), |tenant| tenant.export(&id)).await?;
    let export = found.ok_or_else(Problem::not_found)?;
    if export.is_gone(caller.now()) {
        return Err(Problem::new(ProblemType::Gone).detail("the file was kept for a week").into());
    }
    let link = match export.status {
        ExportStatus::Done => Some(app.bucket.link(&stored_file(&export), LINK_S).await.map_err(Problem::internal)?),
        ExportStatus::Queued | ExportStatus::Running | ExportStatus::Failed => None,
    };
    Answer::ok(&ExportResponse { export: ExportView::of(&export, link) })
}
