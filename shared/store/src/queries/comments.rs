//! Reading the comments on sales documents, and counting those that a reader has not read.

use domain::{
    Reference,
    comment::{Comment, CommentMarker, CommentReader, Topic, count_unread},
    customer::seat::ContactSeat,
    id::ContactId,
};

use super::Queries;
use crate::{
    error::StoreError,
    keys::{Key, Tenant},
    listing::{Page, PageRequest},
};

/// How many comments there are: of the newest 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommentCounts {
    /// Those that the reader sees.
    pub count: usize,
    /// Those of others that they have not read.
    pub unread_count: usize,
    /// Whether there are more than were looked at.
    pub more: bool,
}

/// A page of the comments on one sales document.
#[derive(Debug, Clone, PartialEq)]
pub struct CommentThread {
    /// The comments that the reader sees, oldest first.
    pub page: Page<Comment>,
    /// How far they have read.
    pub marker: Option<CommentMarker>,
    /// How many there are.
    pub counts: CommentCounts,
}

/// The newest comments on all documents of a customer, to be counted for one of their contacts.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerComments {
    newest: Page<Comment>,
    markers: Vec<CommentMarker>,
    contact: Option<ContactId>,
}

impl CustomerComments {
    /// How many of them a contact sees: those to their customer, on the kinds of documents that `sees` says.
    #[must_use]
    pub fn counts(self, customer: &Reference, reader: &CommentReader, sees: impl Fn(Topic) -> bool) -> CommentCounts {
        let sees = |comment: &Comment| comment.is_visible_to_customer(customer) && sees(comment.topic);
        CommentCounts::of(self.newest, (reader, self.contact.as_ref()), &self.markers, sees)
    }
}

impl CommentCounts {
    fn of(
        newest: Page<Comment>,
        (reader, contact): (&CommentReader, Option<&ContactId>),
        markers: &[CommentMarker],
        sees: impl Fn(&Comment) -> bool,
    ) -> Self {
        let more = newest.next.is_some();
        let seen: Vec<Comment> = newest.items.into_iter().filter(sees).collect();
        Self { count: seen.len(), unread_count: count_unread(reader, contact, &seen, markers), more }
    }
}

/// The seat that says which contact a reader is; none of one of the company's people.
fn seat(tenant: &Tenant, reader: &CommentReader) -> Option<Key<ContactSeat>> {
    reader.customer().map(|customer| tenant.contact_seat(customer, reader.user()))
}

fn contact(seat: Option<Option<ContactSeat>>) -> Option<ContactId> {
    seat.flatten().map(|seat| seat.contact)
}

impl Queries<'_> {
    /// A page of the comments on one sales document that its reader sees, and how many there are: strongly consistent
    /// `Query`s and a `BatchGetItem` at the same time. A page may be short, or empty, and still say where to go on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn comment_thread(
        &self,
        topic: Topic,
        on: &Reference,
        reader: &CommentReader,
        request: &PageRequest,
        sees: impl Fn(&Comment) -> bool + Copy,
    ) -> Result<CommentThread, StoreError> {
        let largest = PageRequest::largest();
        let (page, newest, (marker, seat)) = tokio::try_join!(
            self.page_matching(|tenant| tenant.comments(topic, on), request, sees),
            self.page(|tenant| tenant.comments(topic, on).backwards(), &largest),
            self.get(|tenant| (tenant.comment_marker(reader, topic, on), seat(tenant, reader))),
        )?;
        let counts = CommentCounts::of(newest, (reader, contact(seat).as_ref()), marker.as_slice(), sees);
        Ok(CommentThread { page, marker, counts })
    }

    /// How many comments a reader sees on one sales document: a strongly consistent `Query` and a `BatchGetItem` at
    /// the same time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn comment_counts(
        &self,
        topic: Topic,
        on: &Reference,
        reader: &CommentReader,
        sees: impl Fn(&Comment) -> bool,
    ) -> Result<CommentCounts, StoreError> {
        let largest = PageRequest::largest();
        let (newest, (marker, seat)) = tokio::try_join!(
            self.page(|tenant| tenant.comments(topic, on).backwards(), &largest),
            self.get(|tenant| (tenant.comment_marker(reader, topic, on), seat(tenant, reader))),
        )?;
        Ok(CommentCounts::of(newest, (reader, contact(seat).as_ref()), marker.as_slice(), sees))
    }

    /// The newest comments that a customer sees on all their documents, and how far a contact has read them: two `Query`s
    /// of an index and a `BatchGetItem` at the same time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn customer_comments(
        &self,
        customer: &Reference,
        reader: &CommentReader,
    ) -> Result<CustomerComments, StoreError> {
        let largest = PageRequest::largest();
        let (newest, markers, seat) = tokio::try_join!(
            self.page(|tenant| tenant.comments_to_customer(customer), &largest),
            self.page(|tenant| tenant.comment_markers(reader), &largest),
            self.get(|tenant| seat(tenant, reader)),
        )?;
        Ok(CustomerComments { newest, markers: markers.items, contact: contact(seat) })
    }
}
