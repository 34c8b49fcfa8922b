//! Queries within one tenant, beside the proof of the authority.

mod history;
mod seals;

use crate::{
    batch_get::BatchGet,
    error::StoreError,
    item::Entity,
    keys::Tenant,
    listing::{Listing, Page, PageRequest},
    store::Store,
};

pub use history::{Budget, History};
pub use seals::{EventScan, PlacedSeal};

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

    /// Reads entities of this tenant by key: one strongly consistent `BatchGetItem`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get<W: BatchGet>(&self, wanted: impl FnOnce(&Tenant) -> W) -> Result<W::Found, StoreError> {
        self.store.get(wanted(&self.tenant)).await
    }
}
