//! Which documents go into an archive.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{document::DocumentKind, id::DocumentId, time::UtcTime};

/// The most documents that a person may select for one archive.
pub const MAX_SELECTED: usize = 500;

/// Which documents an archive is of, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum ArchiveScope {
    /// A selection.
    Selection {
        /// The number of documents that were selected.
        documents: usize,
    },
    /// What was declared in a period.
    Period {
        /// Declared at this time or later.
        from: UtcTime,
        /// Declared before this time.
        before: UtcTime,
        /// Only documents of this kind.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<DocumentKind>,
    },
}

/// Which documents a person wants in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    scope: ArchiveScope,
    /// The selected documents, each once, in the order of the selection; empty for a period.
    selection: Vec<DocumentId>,
}

/// Why nothing can be archived by a request. Each names the field that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// Neither a selection nor a period, or both.
    #[error("give either documents or a period")]
    Either,
    /// A selection of no documents.
    #[error("must not be empty")]
    Empty,
    /// A selection of too many documents.
    #[error("must be at most {MAX_SELECTED} documents: for more, give a period")]
    TooMany,
    /// A selection with a kind.
    #[error("goes with a period, not with documents")]
    Kind,
    /// A period that ends before it begins.
    #[error("must be before the end of the period")]
    Backwards,
}

impl ScopeError {
    /// The field of the request that is wrong.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Either | Self::Empty | Self::TooMany => "documents",
            Self::Kind => "kind",
            Self::Backwards => "period.from",
        }
    }
}

impl Wanted {
    /// These documents, or those that were declared in a period. A period ends at `now` at the latest, so that the
    /// archive does not grow while it is written.
    ///
    /// # Errors
    /// [`ScopeError`].
    pub fn of(
        documents: Option<Vec<DocumentId>>,
        period: Option<(UtcTime, UtcTime)>,
        kind: Option<DocumentKind>,
        now: UtcTime,
    ) -> Result<Self, ScopeError> {
        match (documents, period) {
            (Some(_), None) if kind.is_some() => Err(ScopeError::Kind),
            (Some(documents), None) => {
                let mut seen = BTreeSet::new();
                let selection: Vec<DocumentId> =
                    documents.into_iter().filter(|document| seen.insert(document.clone())).collect();
                match selection.len() {
                    0 => Err(ScopeError::Empty),
                    count @ 1..=MAX_SELECTED => {
                        Ok(Self { scope: ArchiveScope::Selection { documents: count }, selection })
                    }
                    _ => Err(ScopeError::TooMany),
                }
            }
            (None, Some((from, before))) if from >= before => Err(ScopeError::Backwards),
            (None, Some((from, before))) => {
                let scope = ArchiveScope::Period { from, before: before.min(now), kind };
                Ok(Self { scope, selection: Vec::new() })
            }
            (None, None) | (Some(_), Some(_)) => Err(ScopeError::Either),
        }
    }

    /// The selected documents; empty for a period.
    #[must_use]
    pub fn selection(&self) -> &[DocumentId] {
        &self.selection
    }

    /// The scope, and the selected documents.
    pub(super) fn into_parts(self) -> (ArchiveScope, Vec<DocumentId>) {
        (self.scope, self.selection)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::samples::at;

    fn ids(count: u128) -> Vec<DocumentId> {
        (0..count).map(|n| DocumentId::from_uuid(Uuid::from_u128(n))).collect()
    }

    #[test]
    fn a_request_names_a_selection_or_a_period_and_the_field_that_is_wrong() {
        let of = |documents, period, kind| Wanted::of(documents, period, kind, at(1_000));
        let period = Some((at(1), at(2)));
        let kind = Some(DocumentKind::Receipt);
        assert!(of(Some(ids(500)), None, None).is_ok() && of(None, period, kind).is_ok());
        for (documents, period, kind, field) in [
            (None, None, None, "documents"),
            (Some(ids(1)), period, None, "documents"),
            (Some(ids(0)), None, None, "documents"),
            (Some(ids(501)), None, None, "documents"),
            (Some(ids(1)), None, kind, "kind"),
            (None, Some((at(2), at(2))), None, "period.from"),
        ] {
            assert_eq!(of(documents, period, kind).unwrap_err().field(), field);
        }
    }

    #[test]
    fn a_document_that_is_selected_twice_counts_once() {
        let twice = [ids(3), ids(2)].concat();
        let (scope, selection) = Wanted::of(Some(twice), None, None, at(0)).unwrap().into_parts();
        assert_eq!((scope, selection), (ArchiveScope::Selection { documents: 3 }, ids(3)));
    }

    #[test]
    fn a_period_ends_when_it_was_asked_for_at_the_latest() {
        let of = |before| Wanted::of(None, Some((at(1), at(before))), None, at(1_000)).unwrap().into_parts().0;
        let until = |before| ArchiveScope::Period { from: at(1), before: at(before), kind: None };
        assert_eq!((of(5), of(2_000)), (until(5), until(1_000)));
    }
}
