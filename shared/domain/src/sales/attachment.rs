//! Attachments: documents of the company that belong to a sales document, each in one version.
//!
//! INVARIANT: the version and its SHA-256 are fixed when the document is attached and are part of the content's digest.
//! A later version of the file reaches the customer only where the sales document is changed to name it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    document::{Checksum, Document, DocumentState, DocumentVersion, VersionNumber},
    id::DocumentId,
};

/// The most attachments of a document.
pub const MAX_ATTACHMENTS: usize = 20;

/// A document that is attached, in the version that the customer gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    /// The document.
    pub document: DocumentId,
    /// The number of its version.
    pub number: VersionNumber,
    /// The SHA-256 of that version's file.
    pub sha256: Checksum,
}

/// A document that is to be attached.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttachDocument {
    /// The document.
    pub document: DocumentId,
    /// The number of its version, which is clean. Default: the version that is attached already, else the newest clean
    /// one.
    #[serde(default)]
    pub number: Option<VersionNumber>,
}

/// Why documents are not attached. The number is the place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttachError {
    /// Too many, or one twice.
    #[error("there are at most {MAX_ATTACHMENTS}, each once")]
    Count,
    /// No such document.
    #[error("is no document of the company")]
    NoDocument(usize),
    /// No such version.
    #[error("is not a version of this document")]
    NoVersion(usize),
    /// The version is not clean, or the document has none that is.
    #[error("is not clean: a version is attached once its file was scanned")]
    NotClean(usize, DocumentState),
}

impl AttachError {
    /// The field that is refused.
    #[must_use]
    pub fn field(self) -> String {
        match self {
            Self::Count => "attachments".to_owned(),
            Self::NoDocument(at) | Self::NotClean(at, _) => format!("attachments[{at}].document"),
            Self::NoVersion(at) => format!("attachments[{at}].number"),
        }
    }
}

impl AttachDocument {
    /// The same document in the same version, where it is attached already.
    fn among<'a>(&self, known: &'a [Attachment]) -> Option<&'a Attachment> {
        let is_same = |one: &&Attachment| self.number.is_none_or(|number| number == one.number);
        known.iter().find(|one| one.document == self.document).filter(is_same)
    }
}

impl Attachment {
    /// The version that is attached; `None` unless it has the same bytes.
    #[must_use]
    pub fn version_of<'d>(&self, document: &'d Document) -> Option<&'d DocumentVersion> {
        document.version_numbered(self.number).filter(|version| version.sha256 == self.sha256)
    }
}

/// Whether something is to be attached that is not attached already.
#[must_use]
pub fn attaches_more(wanted: &[AttachDocument], known: &[Attachment]) -> bool {
    wanted.iter().any(|one| one.among(known).is_none())
}

/// Fixes the versions of what is to be attached. `found` has the documents in the same order, and `known` what is
/// attached already: that stays as it is, whatever has become of its document.
///
/// # Errors
/// [`AttachError`].
pub fn attach(
    wanted: &[AttachDocument],
    found: &[Option<Document>],
    known: &[Attachment],
) -> Result<Vec<Attachment>, AttachError> {
    let mut named: Vec<&DocumentId> = wanted.iter().map(|one| &one.document).collect();
    named.sort_unstable();
    named.dedup();
    if named.len() > MAX_ATTACHMENTS || named.len() < wanted.len() {
        return Err(AttachError::Count);
    }
    wanted.iter().enumerate().map(|(at, one)| fix(at, one, found.get(at).and_then(Option::as_ref), known)).collect()
}

fn fix(
    at: usize,
    wanted: &AttachDocument,
    found: Option<&Document>,
    known: &[Attachment],
) -> Result<Attachment, AttachError> {
    if let Some(attached) = wanted.among(known) {
        return Ok(attached.clone());
    }
    let document = found.filter(|document| document.deleted.is_none()).ok_or(AttachError::NoDocument(at))?;
    if wanted.number.is_some_and(|number| document.version_numbered(number).is_none()) {
        return Err(AttachError::NoVersion(at));
    }
    let Some((version, _)) = document.to_download(wanted.number) else {
        let named = wanted.number.and_then(|number| document.version_numbered(number));
        return Err(AttachError::NotClean(at, named.map_or_else(|| document.state(), DocumentVersion::state)));
    };
    Ok(Attachment { document: document.id.clone(), number: version.number, sha256: version.sha256.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{
        FileType, ScanVerdict,
        examples::{FIRST, NOW, arrival, clean, declared, deletion, pdf},
    };

    fn wanted(document: &Document, number: Option<u16>) -> AttachDocument {
        AttachDocument { document: document.id.clone(), number: number.map(|number| number.try_into().unwrap()) }
    }

    fn one(found: &Document, number: Option<u16>, known: &[Attachment]) -> Result<Attachment, AttachError> {
        let attached = attach(&[wanted(found, number)], &[Some(found.clone())], known);
        attached.map(|mut attached| attached.remove(0))
    }

    /// A second version is declared, and later its file is clean.
    fn with_second() -> (Document, Document) {
        let declared = clean().declare_version(pdf(2), NOW).unwrap();
        let (arrived, _) = declared.document.arrived(declared.number, arrival("b"), Ok(FileType::Pdf), NOW).unwrap();
        let (scanned, _) = arrived.scanned(declared.number, "b", ScanVerdict::Clean, NOW).unwrap();
        (declared.document, scanned)
    }

    /// The customer would get another file than the one whose digest they accepted.
    #[test]
    fn what_is_attached_stays_in_its_version_until_another_is_named() {
        let (awaited, second) = with_second();
        let first = one(&awaited, None, &[]).unwrap();
        assert_eq!((first.number, &first.sha256), (FIRST, &Checksum::of([1; 32])), "the newest clean one");
        let known = [first.clone()];
        assert_eq!(one(&second, None, &known).unwrap(), first);
        assert_eq!(one(&second, Some(1), &known).unwrap(), first);
        let later = one(&second, Some(2), &known).unwrap();
        assert_eq!((later.number.get(), &later.sha256), (2, &Checksum::of([2; 32])));
        assert_eq!(one(&second, None, &[]).unwrap(), later);
        assert!(!attaches_more(&[wanted(&second, None)], &known) && attaches_more(&[wanted(&second, Some(2))], &known));
        assert_eq!(first.version_of(&second).map(|version| version.number), Some(FIRST));
        let other = Attachment { sha256: Checksum::of([9; 32]), ..first };
        assert_eq!(other.version_of(&second), None);
    }

    /// The ledger could report nothing more of an invoice whose attachment was deleted.
    #[test]
    fn what_became_of_a_document_that_is_attached_already_is_not_asked() {
        let known = [one(&clean(), None, &[]).unwrap()];
        let deleted = Document { deleted: Some(deletion()), ..clean() };
        assert_eq!(one(&deleted, None, &known).unwrap(), known[0]);
        assert_eq!(attach(&[wanted(&deleted, None)], &[None], &known).unwrap(), known);
        assert_eq!(one(&deleted, None, &[]), Err(AttachError::NoDocument(0)));
    }

    #[test]
    fn what_is_not_there_or_not_clean_or_too_much_is_not_attached() {
        let (awaited, _) = with_second();
        assert_eq!(one(&declared().document, None, &[]), Err(AttachError::NotClean(0, DocumentState::Declared)));
        assert_eq!(one(&awaited, Some(2), &[]), Err(AttachError::NotClean(0, DocumentState::Declared)));
        assert_eq!(one(&awaited, Some(3), &[]).unwrap_err().field(), "attachments[0].number");
        let there = wanted(&awaited, None);
        let missing = attach(std::slice::from_ref(&there), &[None], &[]);
        assert_eq!(missing.unwrap_err().field(), "attachments[0].document");
        let twice = attach(&[there.clone(), wanted(&awaited, Some(1))], &[Some(awaited.clone()), Some(awaited)], &[]);
        assert_eq!(twice, Err(AttachError::Count));
        let many: Vec<AttachDocument> = (0..21)
            .map(|n| AttachDocument { document: DocumentId::from_uuid(uuid::Uuid::from_u128(n)), ..there.clone() })
            .collect();
        assert_eq!(attach(&many, &[], &[]), Err(AttachError::Count));
    }
}
