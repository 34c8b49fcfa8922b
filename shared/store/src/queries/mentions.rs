//! Whom a comment may name beside the members of the company.

use domain::{CompanyId, UserId, org::Assignment};

use super::Queries;
use crate::{error::StoreError, listing::PageRequest};

impl Queries<'_> {
    /// The assignments of the company to bookkeepers, past ones included, where a comment names somebody: one `Query`,
    /// strongly consistent; none where it names nobody.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::NotFound`] for another company than the tenant.
    pub async fn assigned_to_mention(
        &self,
        company: &CompanyId,
        mentions: &[UserId],
    ) -> Result<Vec<Assignment>, StoreError> {
        if mentions.is_empty() {
            return Ok(Vec::new());
        }
        let listing = self.tenant.assignments_in(company).ok_or(StoreError::NotFound)?;
        Ok(self.page(|_| listing, &PageRequest::largest()).await?.items)
    }
}
