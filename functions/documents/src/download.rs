//! Hands out links to download documents.

use api::{Answer, ApiError, ApiResult, Body, InCompany, InContext, Path, Problem, clock};
use axum::extract::State;
use domain::{
    ContactId, DocumentId, Name, UserId, UtcTime,
    document::{Document, DocumentDownload, DocumentState, FileName, FileType, VersionNumber, object_key},
    permission::may,
};
use files::DOWNLOAD_S;
use serde::{Deserialize, Serialize};
use store::{Attempt, Change, retry_on_conflict};
use utoipa::ToSchema;

use crate::App;

/// Which version to download.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DownloadDocument {
    /// Default: the newest clean one.
    #[serde(default)]
    number: Option<VersionNumber>,
}

/// A link that downloads one version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentLinkResponse {
    /// It works for one minute and needs no sign-in: share it with care.
    pub(crate) download_url: String,
    expires_at: UtcTime,
    number: VersionNumber,
    name: FileName,
    file_type: FileType,
}

/// Makes a link to download a document.
///
/// Only a clean version can be downloaded. Each link is recorded with its person.
///
/// Needs `documents.view`.
#[utoipa::path(post, path = "/v1/documents/{document}/download", params(("document" = DocumentId, Path)),
    request_body = DownloadDocument, responses((status = 201, body = DocumentLinkResponse)))]
pub(crate) async fn download_document(
    State(app): State<App>,
    caller: InCompany<may::DocumentsView>,
    Path(id): Path<DocumentId>,
    body: Body<DownloadDocument>,
) -> ApiResult {
    let authority = caller.authority();
    let wanted = body.value.number;
    let document: Document = retry_on_conflict(async || {
        let found: Option<Document> =
            app.api.store.load(&authority, caller.now(), |tenant| tenant.document(&id)).await?;
        let document = found.ok_or_else(Problem::not_found)?;
        let change = app.api.store.change(&authority, caller.change_context());
        record(change, Downloader::of(&caller), &document, wanted).await?;
        Ok::<_, Attempt<ApiError>>(document)
    })
    .await?;
    link(&app, &document, wanted).await
}

/// Who is given a link.
pub(crate) struct Downloader {
    /// The person, who is signed in.
    pub(crate) by: Option<UserId>,
    /// The contact whom a hosted link is for.
    pub(crate) contact: Option<ContactId>,
    pub(crate) name: Name,
}

impl Downloader {
    pub(crate) fn of(caller: &InContext) -> Self {
        Self { by: Some(caller.caller.user.clone()), contact: None, name: caller.context.claims().name.clone() }
    }
}

/// Records that somebody is given a link to a document, in a change that may require more.
pub(crate) async fn record(
    mut change: Change<'_>,
    downloader: Downloader,
    document: &Document,
    wanted: Option<VersionNumber>,
) -> Result<(), Attempt<ApiError>> {
    let (version, _) = document.to_download(wanted).ok_or_else(|| refusal(document, wanted))?;
    // The version is clean, and the document there, when the link is recorded.
    change.unchanged(|tenant| tenant.document(&document.id), document.version);
    let event = change.record(document.downloaded(version));
    let download = DocumentDownload {
        document: document.id.clone(),
        number: version.number,
        by: downloader.by,
        contact: downloader.contact,
        by_name: downloader.name,
        at: change.at(),
        version: 1,
    };
    change.put(|tenant| tenant.document_download(&document.id, &event), None, &download);
    Ok(change.commit().await?)
}

/// Answers with the link to a document, once it is recorded.
pub(crate) async fn link(app: &App, document: &Document, wanted: Option<VersionNumber>) -> ApiResult {
    Answer::created(&sign(app, document, wanted).await?)
}

/// Signs the link to a document, once it is recorded.
pub(crate) async fn sign(
    app: &App,
    document: &Document,
    wanted: Option<VersionNumber>,
) -> ApiResult<DocumentLinkResponse> {
    let (version, object) = document.to_download(wanted).ok_or_else(Problem::not_found)?;
    let key = object_key(&document.company, &document.id, version.number);
    let signed_at = clock::now();
    let name = document.name_of(version);
    let download_url = app.files.link(&key, version, object, &name).await.map_err(Problem::internal)?;
    Ok(DocumentLinkResponse {
        download_url,
        expires_at: signed_at.plus_s(i64::try_from(DOWNLOAD_S).unwrap_or_default()),
        number: version.number,
        name,
        file_type: version.file_type,
    })
}

/// Why a document, or one version of it, cannot be downloaded now.
fn refusal(document: &Document, wanted: Option<VersionNumber>) -> Problem {
    let state = match wanted {
        _ if document.deleted.is_some() => DocumentState::Deleted,
        Some(number) => match document.version_numbered(number) {
            Some(version) => version.state(),
            None => return Problem::field("number", "is not a version of this document"),
        },
        None => document.state(),
    };
    let detail = match state {
        DocumentState::Declared => "its file has not arrived yet",
        DocumentState::Received => "it is being scanned",
        DocumentState::Refused => "its file was refused",
        DocumentState::Infected => "the scan found a threat in it",
        DocumentState::Unscannable => "the scanner could not look into it",
        DocumentState::Deleted => "it is deleted",
        DocumentState::Clean => "it cannot be downloaded",
    };
    Problem::conflict(detail, state.as_str())
}
