//! Renaming, linking, deleting, restoring and holding documents.

use super::{
    event::{DocumentDeleted, DocumentDetails, DocumentDownloaded, DocumentName, DocumentUpdated},
    file_name::FileName,
    link::DocumentLink,
    name_ending::NameEndingError,
    state::{Deletion, Document, DocumentKind, Hold},
    version::DocumentVersion,
};
use crate::{
    event::{NewEvent, kinds},
    time::UtcTime,
};

/// A change to a document; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentUpdate {
    /// The new name.
    pub name: Option<FileName>,
    /// The new kind.
    pub kind: Option<DocumentKind>,
    /// What it belongs to from now on, too.
    pub link: Vec<DocumentLink>,
    /// What it no longer belongs to.
    pub unlink: Vec<DocumentLink>,
}

/// Why a document cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UpdateError {
    /// It is deleted.
    #[error("the document is deleted")]
    Deleted,
    /// It would belong to too many things.
    #[error("a document may belong to at most {} things", Document::MAX_LINKS)]
    TooManyLinks,
    /// The new name is none for its newest file.
    #[error(transparent)]
    Name(#[from] NameEndingError),
}

/// Why a document cannot be deleted or held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HoldError {
    /// A legal hold stops its deletion.
    #[error("the document is under a legal hold")]
    Held,
    /// It is deleted.
    #[error("the document is deleted")]
    Deleted,
}

/// Why a document cannot be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// The time to restore it has passed.
    #[error("the time to restore the document has passed")]
    TooLate,
}

impl Document {
    /// Changes its name, its kind or what it belongs to; `None` if nothing changes.
    ///
    /// # Errors
    /// [`UpdateError`].
    pub fn update(&self, update: DocumentUpdate) -> Result<Option<(Self, NewEvent)>, UpdateError> {
        if self.deleted.is_some() {
            return Err(UpdateError::Deleted);
        }
        let mut links = self.links.clone();
        links.retain(|link| !update.unlink.contains(link));
        for link in update.link {
            if !links.contains(&link) {
                links.push(link);
            }
        }
        if links.len() > Self::MAX_LINKS {
            return Err(UpdateError::TooManyLinks);
        }
        if let Some(name) = update.name.as_ref().filter(|name| **name != self.name) {
            name.check_fits(self.newest.file_type)?;
        }
        let (name, kind) = (update.name.unwrap_or_else(|| self.name.clone()), update.kind.unwrap_or(self.kind));
        if name == self.name && kind == self.kind && links == self.links {
            return Ok(None);
        }
        let changed = Self { name, kind, links, ..self.changed() };
        let event = changed.updated(self);
        Ok(Some((changed, event)))
    }

    /// Deletes it. It can be restored until `restorable_until`; `None` if it is deleted already.
    ///
    /// # Errors
    /// [`HoldError::Held`].
    pub fn delete(&self, deletion: Deletion) -> Result<Option<(Self, NewEvent)>, HoldError> {
        if self.hold.is_some() {
            return Err(HoldError::Held);
        }
        if self.deleted.is_some() {
            return Ok(None);
        }
        let deleted = DocumentDeleted { name: self.name.clone(), restorable_until: deletion.restorable_until };
        let event = self.event(kinds::DocumentDeleted::of(deleted));
        Ok(Some((Self { deleted: Some(deletion), ..self.changed() }, event)))
    }

    /// Restores it; `None` if it is not deleted.
    ///
    /// # Errors
    /// [`RestoreError`].
    pub fn restore(&self, now: UtcTime) -> Result<Option<(Self, NewEvent)>, RestoreError> {
        let Some(deletion) = &self.deleted else { return Ok(None) };
        if deletion.restorable_until <= now {
            return Err(RestoreError::TooLate);
        }
        let event = self.event(kinds::DocumentRestored::of(self.named()));
        Ok(Some((Self { deleted: None, ..self.changed() }, event)))
    }

    /// Puts it under a legal hold; `None` if it is under one already, which stays as it is.
    ///
    /// # Errors
    /// [`HoldError::Deleted`].
    pub fn hold(&self, hold: Hold) -> Result<Option<(Self, NewEvent)>, HoldError> {
        if self.deleted.is_some() {
            return Err(HoldError::Deleted);
        }
        if self.hold.is_some() {
            return Ok(None);
        }
        let event = self.event(kinds::DocumentHeld::of(self.named()));
        Ok(Some((Self { hold: Some(hold), ..self.changed() }, event)))
    }

    /// Lifts its legal hold; `None` if it is under none.
    #[must_use]
    pub fn lift_hold(&self) -> Option<(Self, NewEvent)> {
        self.hold.as_ref()?;
        let event = self.event(kinds::DocumentHoldLifted::of(self.named()));
        Some((Self { hold: None, ..self.changed() }, event))
    }

    /// The event of giving out a link to one of its versions.
    #[must_use]
    pub fn downloaded(&self, version: &DocumentVersion) -> NewEvent {
        let downloaded = DocumentDownloaded { number: version.number, name: self.name_of(version) };
        self.event(kinds::DocumentDownloaded::of(downloaded))
    }

    /// The event of what changed since `before`.
    pub(super) fn updated(&self, before: &Self) -> NewEvent {
        let updated = DocumentUpdated { before: DocumentDetails::of(before), after: DocumentDetails::of(self) };
        self.event(kinds::DocumentUpdated::of(updated))
    }

    pub(super) fn named(&self) -> DocumentName {
        DocumentName { name: self.name.clone() }
    }
}
