//! Whether letters reach the people of a company or firm.

use api::{Api, ApiResult};
use domain::{
    Email, UtcTime,
    suppression::{LetterPurpose, SuppressedLetters},
};

/// What keeps notifications from each of these addresses, in their order: one read.
pub(crate) async fn undelivered(
    api: &Api,
    addresses: &[&Email],
    now: UtcTime,
) -> ApiResult<Vec<Option<SuppressedLetters>>> {
    let suppressions = api.store.suppressions(addresses).await?;
    Ok(suppressions.iter().map(|found| found.of(LetterPurpose::Notifications, now)).collect())
}
