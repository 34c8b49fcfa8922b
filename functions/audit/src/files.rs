//! Long stretches of the trail as files: asked for here, written by a worker, picked up here.

use std::time::Duration;

use api::{Answer, ApiResult, Body, InOrg, Path, Problem, ProblemType};
use audit_export::{disposition, media_type, object_key, s3_config};
use aws_sdk_s3::{Client, error::DisplayErrorContext, presigning::PresigningConfig};
use axum::extract::State;
use domain::{
    ExportId, UtcTime,
    export::{AuditScope, Export, ExportFormat, ExportStatus},
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::SdkConfig;
use utoipa::ToSchema;

use crate::{App, stretch::looking_for};

/// How long a link to a file opens it.
const LINK_S: u64 = 300;

/// The bucket that files are picked up from.
#[derive(Debug, Clone)]
pub struct Bucket {
    s3: Client,
    name: String,
}

impl Bucket {
    /// The bucket of this name, reached as the configuration says.
    #[must_use]
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self { s3: Client::from_conf(s3_config(config).build()), name }
    }

    /// A link that opens one file for a few minutes, for whoever has it. Made here, without a call.
    async fn link(&self, export: &Export) -> Result<String, Problem> {
        let lifetime = PresigningConfig::expires_in(Duration::from_secs(LINK_S)).map_err(Problem::internal)?;
        let signed = self
            .s3
            .get_object()
            .bucket(&self.name)
            .key(object_key(export))
            .response_content_type(media_type(export.format))
            .response_content_disposition(disposition(export.format, &export.org))
            .presigned(lifetime)
            .await
            .map_err(|error| Problem::internal(DisplayErrorContext(&error)))?;
        Ok(signed.uri().to_owned())
    }
}

looking_for! {
    schema:
    /// A file to be written. Without `to` it goes up to the present.
    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    pub(crate) struct CreateExport {
        /// CSV or JSON Lines.
        format: ExportFormat,
        /// Which part of a firm's trail: `firm` when not said.
        #[serde(default)]
        of: Option<AuditScope>,
    }
}

/// A file and how far it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Export)]
pub(crate) struct ExportView {
    id: ExportId,
    status: ExportStatus,
    format: ExportFormat,
    /// How many events are written so far.
    events: u64,
    /// How much of the time asked for they cover, in per cent.
    percent: u8,
    /// The file's size, once it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    size_bytes: Option<u64>,
    requested_at: UtcTime,
    /// When the file goes.
    gone_at: UtcTime,
    /// A link to the file, once it is there: for five minutes, and for whoever has it.
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

/// The file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportResponse {
    export: ExportView,
}

/// Asks for a file of the trail, however long. Needs `audit.view`.
///
/// The file is written in the background and kept for a week; `GET /v1/audit/exports/{id}` tells how far
/// it is and where to pick it up.
#[utoipa::path(post, path = "/v1/audit/exports", request_body = CreateExport,
    responses((status = 202, body = ExportResponse)))]
pub(crate) async fn request_export(
    State(app): State<App>,
    caller: InOrg<may::AuditView, may::AuditView>,
    body: Body<CreateExport>,
) -> ApiResult {
    let authority = caller.authority();
    let (format, stretch) = (body.value.format, body.value.stretch());
    stretch.check(&authority.org())?;
    let idempotency = body.idempotent.by(&caller.caller.user);
    app.api.store.load_once(&authority, caller.now(), idempotency.as_ref(), |_| ()).await??;

    let id = ExportId::from_uuid(api::clock::new_uuid());
    let asked = (format, stretch.of, stretch.filter);
    let (export, event) = Export::request(id, &authority.org(), asked, &caller.caller.user, caller.now());
    let answer = Answer::accepted(&ExportResponse { export: ExportView::of(&export, None) })?;

    let mut change = app.api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.export(&export.id), None, &export);
    change.record(event);
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}

/// Tells how far a file is and, once it is there, where to pick it up. Needs `audit.view`.
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
        ExportStatus::Done => Some(app.bucket.link(&export).await?),
        ExportStatus::Queued | ExportStatus::Running | ExportStatus::Failed => None,
    };
    Answer::ok(&ExportResponse { export: ExportView::of(&export, link) })
}
