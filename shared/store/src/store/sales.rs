//! Reading the lines that are kept beside a sales document.

use domain::{UtcTime, sales::SalesDocument};

use super::Store;
use crate::{authority::Authority, error::StoreError};

impl Store {
    /// The document with all its lines. Most have them in their item and cost nothing here; those of which more than
    /// 200 KB are kept beside it cost one strongly consistent `BatchGetItem`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the document was changed between the reads; else as [`Store::load`].
    pub async fn with_lines<T: SalesDocument>(
        &self,
        authority: &Authority,
        now: UtcTime,
        document: T,
    ) -> Result<T, StoreError> {
        let parts = document.line_parts();
        if parts == 0 {
            return Ok(document);
        }
        let reference = document.reference().clone();
        let parts = self.load(authority, now, |tenant| tenant.line_parts(T::TOPIC, &reference, parts)).await?;
        document.with_lines(parts).ok_or(StoreError::Conflict)
    }
}
