//! Documents as callers see them.

use api::{ApiResult, Problem};
use domain::{
    CompanyId, ContactId, DocumentId, Name, UserId, UtcTime,
    document::{
        Checksum, Deletion, Document, DocumentDownload, DocumentKind, DocumentLink, DocumentState, DocumentVersion,
        FileName, FileSize, FileType, Hold, ListedDocument, RefusalReason, Scan, UnscannableReason, Uploader,
        VersionNumber, object_key,
    },
};
use files::{UploadForm, UploadPut};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// A document, as lists show it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Document)]
pub(crate) struct DocumentView {
    id: DocumentId,
    name: FileName,
    kind: DocumentKind,
    /// The state of the newest version, or `deleted`.
    state: DocumentState,
    /// What it belongs to.
    links: Vec<DocumentLink>,
    /// The number of the newest version.
    newest_version: VersionNumber,
    size_bytes: FileSize,
    file_type: FileType,
    /// Who uploads the newest version.
    uploaded_by: Uploader,
    /// Whether it is under a legal hold.
    is_held: bool,
    /// When it was declared first.
    created_at: UtcTime,
    /// Until when it can be restored, if it is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    restorable_until: Option<UtcTime>,
}

impl From<ListedDocument> for DocumentView {
    fn from(listed: ListedDocument) -> Self {
        Self {
            id: listed.id,
            name: listed.name,
            kind: listed.kind,
            state: listed.state,
            links: listed.links,
            newest_version: listed.newest_version,
            size_bytes: listed.size,
            file_type: listed.file_type,
            uploaded_by: listed.uploaded_by,
            is_held: listed.is_held,
            created_at: listed.created_at,
            restorable_until: listed.restorable_until,
        }
    }
}

/// A version of a document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentVersion)]
pub(crate) struct VersionView {
    number: VersionNumber,
    /// The document's name when the version was declared.
    name: FileName,
    state: DocumentState,
    size_bytes: FileSize,
    file_type: FileType,
    sha256: Checksum,
    uploaded_by: Uploader,
    declared_at: UtcTime,
    /// When the newest permission to upload it ends, while its file is awaited.
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_expires_at: Option<UtcTime>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<RefusalReason>,
    /// The threat that was found in it, in the scanner's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    threat: Option<Name>,
    /// Why the scanner could not look into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    unscannable: Option<UnscannableReason>,
}

impl From<&DocumentVersion> for VersionView {
    fn from(version: &DocumentVersion) -> Self {
        let state = version.state();
        let (threat, unscannable) = match &version.scan {
            Scan::Infected { threat, .. } => (Some(threat.clone()), None),
            Scan::Unscannable { why, .. } => (None, Some(*why)),
            Scan::Awaited | Scan::Clean { .. } => (None, None),
        };
        Self {
            number: version.number,
            name: version.name.clone(),
            state,
            size_bytes: version.size,
            file_type: version.file_type,
            sha256: version.sha256.clone(),
            uploaded_by: version.uploaded_by.clone(),
            declared_at: version.declared_at,
            upload_expires_at: (state == DocumentState::Declared).then_some(version.expires_at),
            refusal: version.refusal(),
            threat,
            unscannable,
        }
    }
}

/// That someone was given a link to a version.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentDownload)]
pub(crate) struct DownloadView {
    number: VersionNumber,
    /// Absent for one who came through a hosted link.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<UserId>,
    /// The contact whom the hosted link is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<ContactId>,
    by_name: Name,
    at: UtcTime,
}

impl From<DocumentDownload> for DownloadView {
    fn from(download: DocumentDownload) -> Self {
        let DocumentDownload { number, by, contact, by_name, at, .. } = download;
        Self { number, by, contact, by_name, at }
    }
}

/// A document with its versions and its last downloads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentDetails {
    #[serde(flatten)]
    document: DocumentView,
    /// The newest first.
    versions: Vec<VersionView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<Hold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<Deletion>,
}

impl From<&Document> for DocumentDetails {
    fn from(document: &Document) -> Self {
        Self {
            document: document.listed().into(),
            versions: document.versions().map(VersionView::from).collect(),
            hold: document.hold.clone(),
            deleted: document.deleted.clone(),
        }
    }
}

/// One document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentResponse {
    pub(crate) document: DocumentDetails,
}

impl From<&Document> for DocumentResponse {
    fn from(document: &Document) -> Self {
        Self { document: document.into() }
    }
}

/// How to upload a file: a form for browsers, a PUT for machine clients. It lets its holder upload exactly the declared
/// file until it ends, without signing in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "method")]
pub(crate) enum Upload {
    /// A form.
    #[serde(rename = "POST")]
    Post(UploadForm),
    /// A PUT.
    #[serde(rename = "PUT")]
    Put(UploadPut),
}

/// Who uploads, which decides how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// A person, with a browser.
    Form,
    /// A machine client.
    Put,
}

impl App {
    /// Signs a permission to upload the file of a version.
    pub(crate) async fn upload(
        &self,
        company: &CompanyId,
        document: &DocumentId,
        version: &DocumentVersion,
        by: By,
        now: UtcTime,
    ) -> ApiResult<Upload> {
        let key = object_key(company, document, version.number);
        let signed = match by {
            By::Form => self.files.form(&key, version, now).await.map(Upload::Post),
            By::Put => self.files.put(&key, version).await.map(Upload::Put),
        };
        Ok(signed.map_err(Problem::internal)?)
    }
}
