//! Which seat a person has in a company or firm.

use domain::{
    FirmId, Org, UtcTime,
    context::{HeldContext, candidates_into},
    org::User,
};

use super::UserStore;
use crate::{error::StoreError, listing::PageRequest};

/// The most firms of a person that are tried when none is named. Three items for each firm and two more fit one
/// `BatchGetItem`.
const MAX_FIRMS_TRIED: usize = 32;

impl UserStore<'_> {
    /// The person, and the first of their seats in a company or firm that holds, never a contact's. With `through`, the
    /// seat is that firm's.
    ///
    /// The person's own membership needs one strongly consistent read, beside a query of an index for their firms,
    /// which are candidates only. A second read, of everything that could give access through them, is made only when
    /// there is no own membership and no firm is named.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seat_into(
        &self,
        org: &Org,
        through: Option<&FirmId>,
        now: UtcTime,
    ) -> Result<(Option<User>, Option<HeldContext>), StoreError> {
        let some_firms = PageRequest::largest().with(MAX_FIRMS_TRIED, None);
        let firms = async {
            match (org, through) {
                (Org::Firm(_), _) | (Org::Company(_), Some(_)) => Ok(Vec::new()),
                (Org::Company(_), None) => self.places_on_staff(&some_firms).await.map(|page| page.items),
            }
        };
        let direct = candidates_into(org, through, &[]);
        let ((user, held), firms) = tokio::try_join!(self.held(&direct, now), firms)?;
        let held = held.into_iter().next();
        if held.is_some() || firms.is_empty() {
            return Ok((user, held));
        }
        let firms: Vec<FirmId> = firms.into_iter().map(|staff| staff.firm).collect();
        let for_firms: Vec<_> =
            candidates_into(org, None, &firms).into_iter().filter(|acting_as| !direct.contains(acting_as)).collect();
        let (_, held) = self.held(&for_firms, now).await?;
        Ok((user, held.into_iter().next()))
    }
}
