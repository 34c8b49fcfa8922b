//! The rows of a declaration and their results.

use api::{Column, FieldError, RowOutcome, bulk::Row};
use domain::document::{
    Checksum, DocumentKind, DocumentLink, FileName, FileSize, FileType, ListedDocument, VersionNumber,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::view::{DocumentView, Upload};

/// The most files of one request.
pub(crate) const MAX_FILES: usize = 50;

/// A file to upload.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeclareDocument {
    /// It must not end as a program, a script, a web page or an Office file with macros does, nor as a file of another
    /// type than `file_type` does.
    pub(crate) name: FileName,
    pub(crate) size_bytes: FileSize,
    /// Its media type. Take it from the file's name where the browser knows none.
    pub(crate) file_type: FileType,
    /// Of exactly these bytes.
    pub(crate) sha256: Checksum,
    pub(crate) kind: DocumentKind,
    /// What it belongs to, if that is known.
    #[serde(default)]
    pub(crate) link: Option<DocumentLink>,
}

impl Row for DeclareDocument {
    const LIST: &'static str = "documents";
    const COLUMNS: &'static [Column] = &[
        Column::text("name", &[]),
        Column { field: "size_bytes", also: &["size"], cells: api::bulk::Cells::Number },
        Column::text("file_type", &["type"]),
        Column::text("sha256", &[]),
        Column::text("kind", &[]),
    ];
}

/// Files to upload.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "it is the schema of the body, whose rows are read one by one")]
pub(crate) struct DeclareDocuments {
    /// 1–50 files.
    #[schema(min_items = 1, max_items = 50)]
    documents: Vec<DeclareDocument>,
}

/// The result of one row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeclaredRow {
    /// Its number, from 1.
    row: usize,
    /// `created`: a new document. `already_there`: a document of the company has these bytes; if its file is still
    /// awaited, `upload` uploads it. `invalid`: `field` says why. `limited`: the storage is full.
    outcome: RowOutcome,
    /// The document, if it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<DocumentView>,
    /// The number of the version with these bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<VersionNumber>,
    /// How to upload the file; absent if it has arrived already.
    #[serde(skip_serializing_if = "Option::is_none")]
    upload: Option<Upload>,
    /// The field that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl DeclaredRow {
    fn new(row: usize, outcome: RowOutcome) -> Self {
        Self { row, outcome, document: None, number: None, upload: None, field: None, detail: None }
    }

    pub(crate) fn invalid(row: usize, error: FieldError) -> Self {
        let FieldError { field, detail } = error;
        Self { field: Some(field), detail: Some(detail), ..Self::new(row, RowOutcome::Invalid) }
    }

    pub(crate) fn full(row: usize, left_bytes: u64) -> Self {
        let detail = format!("the storage is full: {left_bytes} bytes are left");
        Self { detail: Some(detail), ..Self::new(row, RowOutcome::Limited) }
    }

    pub(crate) fn declared(
        row: usize,
        is_new: bool,
        document: ListedDocument,
        number: VersionNumber,
        upload: Option<Upload>,
    ) -> Self {
        let outcome = if is_new { RowOutcome::Created } else { RowOutcome::AlreadyThere };
        Self { document: Some(document.into()), number: Some(number), upload, ..Self::new(row, outcome) }
    }

    pub(crate) const fn number_of_row(&self) -> usize {
        self.row
    }
}

/// The result of each row, in order, and what is left of the storage.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeclaredDocuments {
    pub(crate) rows: Vec<DeclaredRow>,
    /// How many bytes the company may still store.
    pub(crate) left_bytes: u64,
    /// How many bytes the people of the firm that you act for may still store, in all companies together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) firm_left_bytes: Option<u64>,
}
