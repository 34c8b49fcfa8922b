//! Queries within one tenant, beside the proof of the authority.

mod clients;
mod comments;
mod history;
mod mentions;
mod seals;

use std::future::Future;

use crate::{
    authority::Authority,
    batch_get::BatchGet,
    error::StoreError,
    item::Entity,
    keys::Tenant,
    listing::{Listing, Page, PageRequest},
    parts::Part,
    store::Store,
};

pub use comments::{CommentCounts, CommentThread, CustomerComments};
pub use history::{Budget, History};
pub use seals::{EventScan, PlacedSeal};

/// How many queries [`Queries::whole`] may take.
const MAX_WHOLE_QUERIES: u32 = 8;
/// How many queries one page of [`Queries::page_shown`] may take.
const MAX_SHOWN_QUERIES: u32 = 4;

/// Queries within one tenant, made while its authority is being proven.
#[derive(Debug, Clone)]
pub struct Queries<'s> {
    pub(crate) store: &'s Store,
    pub(crate) tenant: Tenant,
}

impl Queries<'_> {
    /// The tenant the queries are confined to.
    #[must_use]
    pub const fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// Reads one page of a list of this tenant: one `Query`, strongly consistent on the table
    /// itself, eventually consistent on an index.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn page<T: Entity>(
        &self,
        listing: impl FnOnce(&Tenant) -> Listing<T>,
        request: &PageRequest,
    ) -> Result<Page<T>, StoreError> {
        self.store.query(&listing(&self.tenant), request).await
    }

    /// Reads a list to its end, which is near: at most eight pages of 100 entries, one after the other.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Unexpected`] of a longer list, of which a part would be taken for the whole.
    pub async fn whole<T: Entity>(&self, listing: impl FnOnce(&Tenant) -> Listing<T>) -> Result<Vec<T>, StoreError> {
        let listing = listing(&self.tenant);
        let (mut items, mut request) = (Vec::new(), PageRequest::largest());
        for _ in 0..MAX_WHOLE_QUERIES {
            let page = self.store.query(&listing, &request).await?;
            items.extend(page.items);
            match page.next {
                None => return Ok(items),
                Some(next) => request = request.starting_at(next),
            }
        }
        Err(StoreError::Unexpected("a list is longer than it may be".to_owned()))
    }

    /// Reads a part of an answer, to be opened by a seat that grants it; nothing is asked where there is no authority to try.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn part<T>(
        &self,
        authority: Option<Authority>,
        read: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<Option<Part<T>>, StoreError> {
        let Some(authority) = authority else { return Ok(None) };
        Ok(Some(Part { authority, data: read.await? }))
    }

    /// As [`Queries::page`], of those entries only that `keep` keeps.
    ///
    /// At most four `Query`s, the first of the page's size and the others of 100 entries. So a page
    /// may be short, or empty, and still say where to go on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn page_matching<T: Entity>(
        &self,
        listing: impl FnOnce(&Tenant) -> Listing<T>,
        request: &PageRequest,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T>, StoreError> {
        self.store.query_matching(&listing(&self.tenant), request, keep).await
    }

    /// As [`Queries::page`], for a list whose entries are shown by what else the table holds: `beside` names what is to
    /// be read for some entries, strongly consistent, in `BatchGetItem`s of 100, and `shown` says what of them to show.
    /// [`StoreError::NotFound`] where the tenant has no such list.
    ///
    /// At most four `Query`s, each for what the page still lacks. So a page may be short, or empty, and still say
    /// where to go on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn page_shown<T: Entity, W: BatchGet, U>(
        &self,
        listing: impl FnOnce(&Tenant) -> Option<Listing<T>>,
        request: &PageRequest,
        beside: impl Fn(&Tenant, &[T]) -> W,
        shown: impl Fn(Vec<T>, W::Found) -> Vec<U>,
    ) -> Result<Page<U>, StoreError> {
        let listing = listing(&self.tenant).ok_or(StoreError::NotFound)?;
        let wanted = usize::from(request.limit());
        let (mut items, mut next) = (Vec::new(), request.cursor().cloned());
        for _ in 0..MAX_SHOWN_QUERIES {
            let page = self.store.query(&listing, &request.with(wanted - items.len(), next)).await?;
            if !page.items.is_empty() {
                let found = self.store.get(beside(&self.tenant, &page.items)).await?;
                items.extend(shown(page.items, found));
            }
            next = page.next;
            if next.is_none() || items.len() >= wanted {
                break;
            }
        }
        Ok(Page { items, next })
    }

    /// Reads entities of this tenant by key: one strongly consistent `BatchGetItem`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get<W: BatchGet>(&self, wanted: impl FnOnce(&Tenant) -> W) -> Result<W::Found, StoreError> {
        self.store.get(wanted(&self.tenant)).await
    }

    /// As [`Queries::get`] at half the cost, eventually consistent: a write of the last moment may not be seen yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get_eventually<W: BatchGet>(&self, wanted: impl FnOnce(&Tenant) -> W) -> Result<W::Found, StoreError> {
        self.store.get_eventually(wanted(&self.tenant)).await
    }
}
