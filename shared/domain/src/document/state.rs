//! A document: its versions, its state, and what lists show of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    file_name::FileName,
    file_type::FileType,
    link::DocumentLink,
    version::{DocumentState, DocumentVersion, FileSize, Uploader, VersionNumber},
};
use crate::{
    event::{EventData, NewEvent},
    id::{CompanyId, ContactId, DocumentId, Org, UserId},
    text::{Name, Note},
    time::UtcTime,
};

/// The kind of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// A receipt.
    Receipt,
    /// An invoice from a supplier.
    SupplierInvoice,
    /// A bank statement.
    BankStatement,
    /// A contract.
    Contract,
    /// A payroll document.
    Payroll,
    /// A tax document.
    Tax,
    /// Anything else.
    Other,
}

impl DocumentKind {
    /// The kind as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::SupplierInvoice => "supplier_invoice",
            Self::BankStatement => "bank_statement",
            Self::Contract => "contract",
            Self::Payroll => "payroll",
            Self::Tax => "tax",
            Self::Other => "other",
        }
    }
}

/// The deletion of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Deletion {
    /// Who deleted it.
    pub by: UserId,
    /// Their name at that time.
    pub by_name: Name,
    /// When.
    pub at: UtcTime,
    /// Until when it can be restored.
    pub restorable_until: UtcTime,
    /// When its files were removed for good, once they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purged_at: Option<UtcTime>,
}

/// A legal hold: the document cannot be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hold {
    /// Who set it.
    pub by: UserId,
    /// Their name at that time.
    pub by_name: Name,
    /// When.
    pub at: UtcTime,
    /// Why.
    pub reason: Note,
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Sorts by the time of the first declaration.
    pub id: DocumentId,
    /// The company.
    pub company: CompanyId,
    /// Its name.
    pub name: FileName,
    /// Its kind.
    pub kind: DocumentKind,
    /// What it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<DocumentLink>,
    /// Its newest version.
    pub newest: DocumentVersion,
    /// Its versions before the newest, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub older: Vec<DocumentVersion>,
    /// Its deletion, if it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Deletion>,
    /// Its legal hold, if it is under one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// When it was declared first.
    pub created_at: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl Document {
    /// The most versions of one document.
    pub const MAX_VERSIONS: usize = 50;
    /// The most things that one document belongs to.
    pub const MAX_LINKS: usize = 20;

    /// Its state.
    #[must_use]
    pub fn state(&self) -> DocumentState {
        if self.deleted.is_some() { DocumentState::Deleted } else { self.newest.state() }
    }

    /// Its versions, the newest first.
    pub fn versions(&self) -> impl Iterator<Item = &DocumentVersion> {
        std::iter::once(&self.newest).chain(self.older.iter().rev())
    }

    /// The version with a number.
    #[must_use]
    pub fn version_numbered(&self, number: VersionNumber) -> Option<&DocumentVersion> {
        self.versions().find(|version| version.number == number)
    }

    /// The version to download and its object in the bucket: the one asked for, else the newest clean one. `None`
    /// unless that version is clean and the document is there.
    #[must_use]
    pub fn to_download(&self, number: Option<VersionNumber>) -> Option<(&DocumentVersion, &str)> {
        if self.deleted.is_some() {
            return None;
        }
        self.versions()
            .filter(|version| number.is_none_or(|number| version.number == number))
            .find_map(|version| version.downloadable_object().map(|object| (version, object)))
    }

    /// Whether its newest clean version is a picture that pages can show.
    #[must_use]
    pub fn is_picture(&self) -> bool {
        let newest = self.to_download(None);
        newest.is_some_and(|(version, _)| matches!(version.file_type, FileType::Png | FileType::Jpeg))
    }

    /// The name that one of its versions is downloaded under: the document's, or the version's own where the
    /// document's ends as another type does; with an ending of its type, as in an archive.
    #[must_use]
    pub fn name_of(&self, version: &DocumentVersion) -> FileName {
        let name = if self.name.check_fits(version.file_type).is_ok() { &self.name } else { &version.name };
        name.for_type(version.file_type)
    }

    /// What lists show of it.
    #[must_use]
    pub fn listed(&self) -> ListedDocument {
        ListedDocument {
            id: self.id.clone(),
            company: self.company.clone(),
            name: self.name.clone(),
            kind: self.kind,
            state: self.state(),
            links: self.links.clone(),
            newest_version: self.newest.number,
            size: self.newest.size,
            file_type: self.newest.file_type,
            uploaded_by: self.newest.uploaded_by.clone(),
            is_held: self.hold.is_some(),
            created_at: self.created_at,
            restorable_until: self.deleted.as_ref().map(|deletion| deletion.restorable_until),
            version: self.version,
        }
    }

    /// The same document with a version in place of the one with its number.
    pub(super) fn with_version(&self, version: DocumentVersion) -> Self {
        let mut changed = self.changed();
        if changed.newest.number == version.number {
            changed.newest = version;
        } else if let Some(known) = changed.older.iter_mut().find(|known| known.number == version.number) {
            *known = version;
        }
        changed
    }

    /// A copy that counts one more change.
    pub(super) fn changed(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    /// An event about this document.
    pub(super) fn event(&self, data: EventData) -> NewEvent {
        NewEvent::new(Org::Company(self.company.clone()), self.id.as_str(), data)
    }
}

/// What lists show of a document: a copy that is written in the same transaction as the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedDocument {
    /// The document.
    pub id: DocumentId,
    /// The company.
    pub company: CompanyId,
    /// Its name.
    pub name: FileName,
    /// Its kind.
    pub kind: DocumentKind,
    /// Its state.
    pub state: DocumentState,
    /// What it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<DocumentLink>,
    /// The number of its newest version.
    pub newest_version: VersionNumber,
    /// The size of its newest version in bytes.
    pub size: FileSize,
    /// The type of its newest version.
    pub file_type: FileType,
    /// Who uploads its newest version.
    pub uploaded_by: Uploader,
    /// Whether it is under a legal hold.
    pub is_held: bool,
    /// When it was declared first.
    pub created_at: UtcTime,
    /// Until when it can be restored, if it is deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restorable_until: Option<UtcTime>,
    /// The document's count of changes.
    pub version: u64,
}

/// That someone was given a link to a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentDownload {
    /// The document.
    pub document: DocumentId,
    /// The number of the version.
    pub number: VersionNumber,
    /// Who; `None` for one who came through a hosted link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    /// The contact whom the hosted link is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// Their name at that time.
    pub by_name: Name,
    /// When.
    pub at: UtcTime,
    /// Always 1: it is never changed.
    pub version: u64,
}
