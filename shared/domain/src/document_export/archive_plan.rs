//! What goes into an archive, under which names, and what is left out.

use serde::{Deserialize, Serialize};

use super::archive_names::ArchiveNames;
use crate::{
    document::{
        Checksum, Document, DocumentKind, DocumentLink, DocumentState, FileName, FileSize, FileType, ObjectKey,
        Uploader, VersionNumber, object_key,
    },
    id::{CompanyId, DocumentId},
    time::UtcTime,
};

/// The documents of an archive, in their order. It is decided once, in the first turn, so that each turn writes the
/// same archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivePlan {
    /// Each document that was asked for.
    pub documents: Vec<PlannedDocument>,
}

/// A document that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedDocument {
    /// The document.
    pub id: DocumentId,
    /// Its name.
    pub name: FileName,
    /// Its kind.
    pub kind: DocumentKind,
    /// What it belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<DocumentLink>,
    /// When it was declared first.
    pub created_at: UtcTime,
    /// What of it goes into the archive.
    pub content: PlannedContent,
}

/// What of a document goes into the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum PlannedContent {
    /// Its newest clean version.
    File(ArchivedFile),
    /// Nothing: it is deleted, or has no clean version.
    LeftOut {
        /// Its state.
        state: DocumentState,
    },
}

/// The file of a version, for an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivedFile {
    /// Its name in the archive.
    pub name: String,
    /// The number of the version.
    pub number: VersionNumber,
    /// The version of the object in the bucket.
    pub object_version: String,
    /// Its size in bytes.
    pub size: FileSize,
    /// Its type.
    pub file_type: FileType,
    /// Its SHA-256.
    pub sha256: Checksum,
    /// Who uploaded it.
    pub uploaded_by: Uploader,
    /// When the version was declared.
    pub declared_at: UtcTime,
}

/// The documents are too many or too large for one archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the documents are too many or too large for one archive")]
pub struct TooLargeError;

impl ArchivePlan {
    /// The most documents of one archive. The checksums of their files must fit into one item of the table.
    pub const MAX_DOCUMENTS: usize = 5_000;
    /// The most bytes that the files of one archive have together: 10 GiB.
    pub const MAX_BYTES: u64 = 10 * 1024 * 1024 * 1024;

    /// A plan of these documents, in their order.
    #[cfg(test)]
    pub(super) fn of(documents: &[Document]) -> Result<Self, TooLargeError> {
        let mut planning = ArchivePlanning::default();
        documents.iter().for_each(|document| planning.add(document));
        planning.finish()
    }

    /// The files that go into the archive, each with its document, in their order.
    pub fn files(&self) -> impl Iterator<Item = (&PlannedDocument, &ArchivedFile)> {
        self.documents.iter().filter_map(|document| match &document.content {
            PlannedContent::File(file) => Some((document, file)),
            PlannedContent::LeftOut { .. } => None,
        })
    }

    /// The bytes of the files together.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files().map(|(_, file)| file.size.bytes()).sum()
    }
}

/// A plan that is being made.
#[derive(Debug, Clone, Default)]
pub struct ArchivePlanning {
    names: ArchiveNames,
    plan: ArchivePlan,
}

impl ArchivePlanning {
    /// Adds the next document.
    pub fn add(&mut self, document: &Document) {
        let planned = PlannedDocument::of(document, &mut self.names);
        self.plan.documents.push(planned);
    }

    /// The plan.
    ///
    /// # Errors
    /// [`TooLargeError`].
    pub fn finish(self) -> Result<ArchivePlan, TooLargeError> {
        let plan = self.plan;
        if plan.documents.len() > ArchivePlan::MAX_DOCUMENTS || plan.bytes() > ArchivePlan::MAX_BYTES {
            return Err(TooLargeError);
        }
        Ok(plan)
    }
}

impl PlannedDocument {
    fn of(document: &Document, names: &mut ArchiveNames) -> Self {
        let content = match document.to_download(None) {
            Some((version, object)) => PlannedContent::File(ArchivedFile {
                name: names.name(&document.name, version.file_type),
                number: version.number,
                object_version: object.to_owned(),
                size: version.size,
                file_type: version.file_type,
                sha256: version.sha256.clone(),
                uploaded_by: version.uploaded_by.clone(),
                declared_at: version.declared_at,
            }),
            None => PlannedContent::LeftOut { state: document.state() },
        };
        Self {
            id: document.id.clone(),
            name: document.name.clone(),
            kind: document.kind,
            links: document.links.clone(),
            created_at: document.created_at,
            content,
        }
    }

    /// The key of the object with a file of this document.
    #[must_use]
    pub fn object_key(&self, company: &CompanyId, file: &ArchivedFile) -> ObjectKey {
        object_key(company, &self.id, file.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::examples;

    #[test]
    fn only_what_is_clean_and_not_deleted_goes_in_and_the_rest_says_why() {
        let clean = examples::clean();
        let (deleted, _) = clean.delete(examples::deletion()).unwrap().unwrap();
        let documents = [clean.clone(), examples::declared().document, deleted, clean];
        let plan = ArchivePlan::of(&documents).unwrap();
        let names: Vec<&str> = plan.files().map(|(_, file)| file.name.as_str()).collect();
        assert_eq!(names, ["Receipt 17.pdf", "Receipt 17 (2).pdf"]);
        assert_eq!(plan.bytes(), 2_000);
        let left_out = |n: usize| match plan.documents[n].content {
            PlannedContent::LeftOut { state } => state,
            PlannedContent::File(_) => DocumentState::Clean,
        };
        assert_eq!([left_out(1), left_out(2)], [DocumentState::Declared, DocumentState::Deleted]);
        let written = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<ArchivePlan>(&written).unwrap(), plan);
    }

    #[test]
    fn what_is_too_much_for_one_archive_is_refused() {
        let many = vec![examples::declared().document; ArchivePlan::MAX_DOCUMENTS + 1];
        assert_eq!(ArchivePlan::of(&many), Err(TooLargeError));
        assert!(ArchivePlan::of(&many[1..]).is_ok());
        let mut large = examples::clean();
        large.newest.size = FileSize::MAX_BYTES.try_into().unwrap();
        let fit = usize::try_from(ArchivePlan::MAX_BYTES / FileSize::MAX_BYTES).unwrap();
        assert!(ArchivePlan::of(&vec![large.clone(); fit]).is_ok());
        assert_eq!(ArchivePlan::of(&vec![large; fit + 1]), Err(TooLargeError));
    }
}
