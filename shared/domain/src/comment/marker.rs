//! What somebody has read of the comments on one item.
//!
//! A marker names the last comment that its reader has read. It is moved by a request of its own: to list comments
//! changes nothing.

use serde::{Deserialize, Serialize};

use super::{AuthorKind, Comment, Topic};
use crate::{
    id::{CommentId, CompanyId, ContactId, UserId},
    text::Reference,
};

/// Who reads: a person as one of the company's people, or as a contact of a customer. One person may be both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CommentReader {
    /// One of the company's people.
    Company {
        /// The person.
        user: UserId,
    },
    /// A contact of a customer.
    Customer {
        /// The customer.
        customer: Reference,
        /// The person.
        user: UserId,
    },
}

impl CommentReader {
    /// The person.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        match self {
            Self::Company { user } | Self::Customer { user, .. } => user,
        }
    }

    /// The customer whose contact they are, if they read as one.
    #[must_use]
    pub const fn customer(&self) -> Option<&Reference> {
        match self {
            Self::Company { .. } => None,
            Self::Customer { customer, .. } => Some(customer),
        }
    }

    /// Whether they wrote the comment themselves: signed in, or as this contact through a hosted link.
    fn wrote(&self, contact: Option<&ContactId>, comment: &Comment) -> bool {
        let through_link = comment.author.kind == AuthorKind::Link;
        let as_contact = through_link && contact.is_some() && comment.author.contact.as_ref() == contact;
        comment.author.by.as_ref() == Some(self.user()) || as_contact
    }
}

/// How far somebody has read the comments on one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentMarker {
    /// The company.
    pub company: CompanyId,
    /// Who reads.
    pub reader: CommentReader,
    /// The kind of item.
    pub topic: Topic,
    /// Which one.
    pub on: Reference,
    /// The last comment that they have read.
    pub read_up_to: CommentId,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl CommentMarker {
    /// The marker of a reader who has read up to this comment; `None` where they had read further before.
    #[must_use]
    pub fn moved(known: Option<&Self>, reader: CommentReader, comment: &Comment) -> Option<Self> {
        if known.is_some_and(|known| known.read_up_to >= comment.id) {
            return None;
        }
        Some(Self {
            company: comment.company.clone(),
            reader,
            topic: comment.topic,
            on: comment.on.clone(),
            read_up_to: comment.id.clone(),
            version: known.map_or(1, |known| known.version + 1),
        })
    }

    fn covers(&self, comment: &Comment) -> bool {
        (self.topic, &self.on) == (comment.topic, &comment.on) && comment.id <= self.read_up_to
    }
}

/// How many of these comments a reader has not read; see [`unread`].
#[must_use]
pub fn count_unread(
    reader: &CommentReader,
    contact: Option<&ContactId>,
    comments: &[Comment],
    markers: &[CommentMarker],
) -> usize {
    unread(reader, contact, comments, markers).count()
}

/// The comments that a reader has not read: those of others after the marker of their document. `contact` is the contact that
/// the reader is, if they are one: what they wrote through a link of their own is theirs too.
///
/// To count in the newest `n` comments on all documents, the newest `n` markers by the comment that they name are
/// enough: an older marker names a comment before all of these.
pub fn unread<'c>(
    reader: &CommentReader,
    contact: Option<&ContactId>,
    comments: &'c [Comment],
    markers: &[CommentMarker],
) -> impl Iterator<Item = &'c Comment> {
    let is_read = |comment: &Comment| markers.iter().any(|marker| marker.covers(comment));
    comments.iter().filter(move |comment| !reader.wrote(contact, comment) && !is_read(comment))
}

/// Of these comments, those of which it is known whether they were read. `oldest` is the oldest of a reader's markers that were
/// read, where there are older ones: what was written before the comment that it names may be covered by one of them.
#[must_use]
pub fn looked_at(mut comments: Vec<Comment>, oldest: Option<&CommentMarker>) -> Vec<Comment> {
    if let Some(oldest) = oldest {
        comments.retain(|comment| comment.id >= oldest.read_up_to);
    }
    comments
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        comment::{CommentAuthor, add, adding::tests::new_comment},
        samples::user,
    };

    fn reader() -> CommentReader {
        CommentReader::Customer { customer: "CUS-1".parse().unwrap(), user: user("cleo") }
    }

    fn comment(n: usize, document: usize, by: &str) -> Comment {
        let (comment, _) = add(new_comment(), None, |_| false).unwrap();
        Comment {
            id: CommentId::from_uuid(Uuid::from_u128(n as u128)),
            on: format!("INV-{document}").parse().unwrap(),
            author: CommentAuthor { by: Some(user(by)), ..comment.author.clone() },
            ..comment
        }
    }

    #[test]
    fn what_a_contact_wrote_through_their_own_link_is_no_news_to_them() {
        let contact = |n: u128| ContactId::from_uuid(Uuid::from_u128(n));
        let through_link = |n: usize, by: u128| Comment {
            author: CommentAuthor::through_link(contact(by), "Cleo".parse().unwrap()),
            ..comment(n, 1, "nobody")
        };
        let comments = [through_link(1, 1), through_link(2, 2), comment(3, 1, "cleo"), comment(4, 1, "otto")];
        let unread = |contact: Option<&ContactId>| -> Vec<CommentId> {
            unread(&reader(), contact, &comments, &[]).map(|comment| comment.id.clone()).collect()
        };
        let ids = |wanted: &[usize]| -> Vec<CommentId> { wanted.iter().map(|at| comments[*at].id.clone()).collect() };
        assert_eq!(unread(Some(&contact(1))), ids(&[1, 3]));
        assert_eq!(unread(None), ids(&[0, 1, 3]), "a reader who is no contact");
    }

    #[test]
    fn a_marker_never_moves_back() {
        let first = CommentMarker::moved(None, reader(), &comment(3, 1, "otto")).unwrap();
        assert_eq!((first.version, &first.read_up_to), (1, &comment(3, 1, "otto").id));
        for earlier in [1, 3] {
            assert_eq!(CommentMarker::moved(Some(&first), reader(), &comment(earlier, 1, "otto")), None);
        }
        let further = CommentMarker::moved(Some(&first), reader(), &comment(4, 1, "otto")).unwrap();
        assert_eq!((further.version, further.read_up_to), (2, comment(4, 1, "otto").id));
    }

    proptest! {
        /// The newest of a contact's comments are counted with as many of the newest markers, and the count is as with
        /// all markers. The model asks for each comment whether its document's marker has come to it.
        /// Proves: CP3
        #[test]
        fn the_newest_markers_are_enough_to_count_the_newest_comments(
            said in prop::collection::vec((0_usize..6, any::<bool>()), 0..40),
            read in prop::collection::vec(0_usize..40, 0..12),
            newest in 1_usize..8,
        ) {
            let comments: Vec<Comment> = said.iter().enumerate()
                .map(|(n, (document, own))| comment(n, *document, if *own { "cleo" } else { "otto" })).collect();
            let mut markers: Vec<CommentMarker> = Vec::new();
            for seen in read.iter().filter_map(|n| comments.get(*n)) {
                let known = markers.iter().position(|marker| marker.on == seen.on);
                if let Some(moved) = CommentMarker::moved(known.map(|at| &markers[at]), reader(), seen) {
                    known.map(|at| markers.remove(at));
                    markers.push(moved);
                }
            }
            let unread = comments.iter().rev().take(newest).filter(|comment| {
                let marker = markers.iter().find(|marker| marker.on == comment.on);
                comment.author.by != Some(user("cleo")) && marker.is_none_or(|marker| marker.read_up_to < comment.id)
            }).count();
            markers.sort_by(|a, b| b.read_up_to.cmp(&a.read_up_to));
            markers.truncate(newest);
            let latest: Vec<Comment> = comments.into_iter().rev().take(newest).collect();
            prop_assert_eq!(count_unread(&reader(), None, &latest, &markers), unread);
        }
    }
}
