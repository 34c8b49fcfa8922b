//! Declares new versions of documents. The old ones stay.

use api::{Answer, ApiError, ApiResult, Body, InCompany, Path, Problem};
use axum::extract::State;
use domain::{
    DocumentId,
    document::{
        Checksum, Declaration, DeclareError, Document, FileDeclaration, FileName, FileSize, FileType, Uploader,
        VersionNumber,
    },
    permission::may,
};
use files::UPLOAD_S;
use serde::{Deserialize, Serialize};
use store::{Attempt, DocumentOfFile, retry_on_conflict};
use utoipa::ToSchema;

use crate::{
    App,
    view::{By, DocumentDetails, Upload},
};

/// The file of a new version.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeclareVersion {
    /// Its name; the document keeps its own. Its ending must fit `file_type`. Default: the document's.
    #[serde(default)]
    name: Option<FileName>,
    size_bytes: FileSize,
    file_type: FileType,
    /// Of exactly these bytes.
    sha256: Checksum,
}

/// A declared version, and how to upload its file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeclaredVersion {
    document: DocumentDetails,
    /// The number of the version with these bytes.
    number: VersionNumber,
    /// How to upload the file; absent if it has arrived already.
    #[serde(skip_serializing_if = "Option::is_none")]
    upload: Option<Upload>,
}

/// Declares a new version of a document, and answers how to upload it.
///
/// A version with the same bytes is answered if it is there.
///
/// Needs `documents.manage`.
#[utoipa::path(post, path = "/v1/documents/{document}/versions", params(("document" = DocumentId, Path)),
    request_body = DeclareVersion, responses((status = 201, body = DeclaredVersion)))]
pub(crate) async fn declare_document_version(
    State(app): State<App>,
    caller: InCompany<may::DocumentsManage>,
    Path(id): Path<DocumentId>,
    body: Body<DeclareVersion>,
) -> ApiResult {
    let authority = caller.authority();
    let sent = body.value;
    let firm = caller.context.acting_as().firm().cloned();
    let uploaded_by = Uploader::person(caller.caller.user.clone(), caller.context.claims().name.clone(), firm);
    let declaration: Declaration = retry_on_conflict(async || {
        let (document, owner) = app
            .api
            .store
            .load(&authority, caller.now(), |tenant| {
                (tenant.document(&id), tenant.document_of_file(sent.size_bytes, &sent.sha256))
            })
            .await?;
        let (document, owner): (Option<Document>, Option<DocumentOfFile>) = (document, owner);
        let document = document.ok_or_else(Problem::not_found)?;
        let file = FileDeclaration {
            name: sent.name.clone().unwrap_or_else(|| document.name.clone()),
            size: sent.size_bytes,
            file_type: sent.file_type,
            sha256: sent.sha256.clone(),
            uploaded_by: uploaded_by.clone(),
            expires_at: caller.now().plus_s(UPLOAD_S),
        };
        let declaration = document.declare_version(file, caller.now()).map_err(refusal)?;
        let Some(event) = declaration.event.clone() else { return Ok(declaration) };
        let mut change = app.api.store.change(&authority, caller.change_context());
        change.put_document_within(Some(&document), &declaration.document, &app.settings.quotas);
        change.record(event);
        // Declared again, the bytes are found in the document that had them first.
        if owner.is_none() {
            let owner = DocumentOfFile { document: id.clone(), version: 1 };
            change.put(|tenant| tenant.document_of_file(sent.size_bytes, &sent.sha256), None, &owner);
        }
        change.commit().await?;
        Ok::<_, Attempt<ApiError>>(declaration)
    })
    .await?;
    let Declaration { document, number, is_awaited, .. } = declaration;
    let upload = match document.version_numbered(number).filter(|_| is_awaited) {
        Some(version) => Some(app.upload(&caller.company, &id, version, By::Form, caller.now()).await?),
        None => None,
    };
    Answer::created(&DeclaredVersion { document: (&document).into(), number, upload })
}

fn refusal(error: DeclareError) -> Problem {
    match error {
        DeclareError::Deleted => Problem::conflict(error, "deleted"),
        DeclareError::TooManyVersions | DeclareError::TooManyLinks => Problem::conflict(error, "full"),
        DeclareError::Name(_) => Problem::field("name", error),
    }
}
