//! Declaring a file: a new document, a new version, or one that is there already.

use super::{
    checksum::Checksum,
    event::DocumentFile,
    file_name::FileName,
    file_type::FileType,
    link::DocumentLink,
    name_ending::NameEndingError,
    state::{Document, DocumentKind},
    version::{DocumentState, DocumentVersion, FileSize, Inspection, Scan, Uploader, VersionNumber},
};
use crate::{
    event::{NewEvent, kinds},
    id::{CompanyId, DocumentId},
    time::UtcTime,
};

/// A file that is about to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDeclaration {
    /// Its name.
    pub name: FileName,
    /// Its size in bytes.
    pub size: FileSize,
    /// Its type.
    pub file_type: FileType,
    /// Its SHA-256.
    pub sha256: Checksum,
    /// Who uploads it.
    pub uploaded_by: Uploader,
    /// When the permission to upload it ends.
    pub expires_at: UtcTime,
}

/// The result of declaring a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// The document.
    pub document: Document,
    /// The version that holds the file.
    pub number: VersionNumber,
    /// Whether the file is still to be uploaded.
    pub is_awaited: bool,
    /// The event, if the document is new or changed.
    pub event: Option<NewEvent>,
}

/// Why a file cannot be declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeclareError {
    /// The document is deleted.
    #[error("the document is deleted")]
    Deleted,
    /// It has as many versions as a document may have.
    #[error("the document has {} versions already, the most that it may have", Document::MAX_VERSIONS)]
    TooManyVersions,
    /// It belongs to as many things as a document may belong to.
    #[error("the document belongs to {} things already, the most that it may belong to", Document::MAX_LINKS)]
    TooManyLinks,
    /// The file's name is none for its type.
    #[error(transparent)]
    Name(#[from] NameEndingError),
}

impl DeclareError {
    /// The field of a declaration that it is about; `None` for the document itself.
    #[must_use]
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Deleted | Self::TooManyVersions => None,
            Self::TooManyLinks => Some("link"),
            Self::Name(_) => Some("name"),
        }
    }
}

/// Declares a file that may be a new document of a company.
///
/// `known` is the document of the company that has a version of the same bytes, if one does. It is answered unless it
/// is deleted or that version was refused: what still waits for its file may be uploaded under a new permission, and
/// the link is added to it.
///
/// # Errors
/// [`DeclareError::Name`], and [`DeclareError::TooManyLinks`] for a link to a document that is there.
pub fn declare(
    id: DocumentId,
    company: &CompanyId,
    known: Option<Document>,
    file: FileDeclaration,
    kind: DocumentKind,
    link: Option<DocumentLink>,
    now: UtcTime,
) -> Result<Declaration, DeclareError> {
    file.name.check_fits(file.file_type)?;
    if let Some(known) = known.filter(|known| known.deleted.is_none())
        && let Some(version) = known.version_of(&file)
    {
        return known.declare_again(version.clone(), file, link);
    }
    let document = Document {
        id,
        company: company.clone(),
        name: file.name.clone(),
        kind,
        links: link.into_iter().collect(),
        newest: DocumentVersion::declared(VersionNumber::FIRST, file, now),
        older: Vec::new(),
        deleted: None,
        hold: None,
        created_at: now,
        version: 1,
    };
    Ok(document.awaits(VersionNumber::FIRST))
}

impl Document {
    /// Declares a file as the next version of this document. A version of the same bytes is answered as in
    /// [`declare`].
    ///
    /// # Errors
    /// [`DeclareError`].
    pub fn declare_version(&self, file: FileDeclaration, now: UtcTime) -> Result<Declaration, DeclareError> {
        if self.deleted.is_some() {
            return Err(DeclareError::Deleted);
        }
        file.name.check_fits(file.file_type)?;
        if let Some(version) = self.version_of(&file) {
            return self.declare_again(version.clone(), file, None);
        }
        let next = self.newest.number.next().filter(|_| self.older.len() + 1 < Self::MAX_VERSIONS);
        let number = next.ok_or(DeclareError::TooManyVersions)?;
        let mut changed = self.changed();
        let newest = DocumentVersion::declared(number, file, now);
        changed.older.push(std::mem::replace(&mut changed.newest, newest));
        Ok(changed.awaits(number))
    }

    /// The version with a file's bytes, unless they were refused.
    fn version_of(&self, file: &FileDeclaration) -> Option<&DocumentVersion> {
        self.versions()
            .filter(|version| version.sha256 == file.sha256 && version.size == file.size)
            .find(|version| version.state() != DocumentState::Refused)
    }

    fn declare_again(
        &self,
        version: DocumentVersion,
        file: FileDeclaration,
        link: Option<DocumentLink>,
    ) -> Result<Declaration, DeclareError> {
        let mut document = self.clone();
        let link = link.filter(|link| !self.links.contains(link));
        let is_linked = link.is_some();
        if is_linked && self.links.len() >= Self::MAX_LINKS {
            return Err(DeclareError::TooManyLinks);
        }
        document.links.extend(link);
        let number = version.number;
        if version.state() == DocumentState::Declared {
            let awaited = DocumentVersion {
                file_type: file.file_type,
                uploaded_by: file.uploaded_by,
                expires_at: file.expires_at,
                ..version
            };
            return Ok(document.with_version(awaited).awaits(number));
        }
        let (document, event) = if is_linked {
            let changed = document.changed();
            let event = changed.updated(self);
            (changed, Some(event))
        } else {
            (document, None)
        };
        Ok(Declaration { document, number, is_awaited: false, event })
    }

    fn awaits(self, number: VersionNumber) -> Declaration {
        let version = self.version_numbered(number).unwrap_or(&self.newest);
        let event = self.event(kinds::DocumentDeclared::of(DocumentFile::of(&self, version)));
        Declaration { document: self, number, is_awaited: true, event: Some(event) }
    }
}

impl DocumentVersion {
    fn declared(number: VersionNumber, file: FileDeclaration, now: UtcTime) -> Self {
        Self {
            number,
            name: file.name,
            size: file.size,
            file_type: file.file_type,
            sha256: file.sha256,
            uploaded_by: file.uploaded_by,
            declared_at: now,
            expires_at: file.expires_at,
            inspection: Inspection::default(),
            scan: Scan::default(),
            other_passed_objects: Vec::new(),
            other_clean_objects: Vec::new(),
        }
    }
}
