//! Writing and reading the cursors of this store's lists.

use super::Store;
use crate::{
    cursor::Cursor,
    cursor_form::{CursorForm, Position},
    error::StoreError,
    item::Item,
    listing::Listing,
};

impl Store {
    /// How this store writes cursors. A function learns the key that seals them when it starts; where it could not, one
    /// `GetItem`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] before `switch-context` has started for the first time.
    pub(crate) async fn cursor_form(&self) -> Result<&CursorForm, StoreError> {
        if self.cursors.get().is_none() {
            self.context_keys().await?;
        }
        self.cursors.get().ok_or_else(|| StoreError::Unavailable("no key for cursors yet".to_owned()))
    }

    /// The cursor of a position in a list; none where there is no position.
    pub(crate) async fn cursor<T>(
        &self,
        listing: &Listing<T>,
        position: Option<Position>,
    ) -> Result<Option<Cursor>, StoreError> {
        let Some(position) = position else { return Ok(None) };
        Ok(self.cursor_form().await?.write(listing, position))
    }

    /// The key after which a page starts; none where it starts with the list.
    pub(crate) async fn start_key<T>(
        &self,
        listing: &Listing<T>,
        cursor: Option<&Cursor>,
    ) -> Result<Option<Item>, StoreError> {
        let Some(cursor) = cursor else { return Ok(None) };
        Ok(Some(self.cursor_form().await?.start_key(listing, cursor)?))
    }
}
