//! What is given from a seat that a firm's connection bounds ends with that connection.

use super::ActingAs;
use crate::id::FirmId;

/// A firm would give something in a company that outlasts the firm's own connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what a firm gives in a company ends with its connection: someone of the company must give this")]
pub struct OutlastsFirm;

/// Checks that what is given from a seat in a company ends with it. A firm's connection bounds some seats; what is given
/// from there must be bounded by the same connection. `bounded_by` is the firm whose connection bounds the receiver.
///
/// # Errors
/// [`OutlastsFirm`].
pub fn ends_with_giver(acting_as: &ActingAs, bounded_by: Option<&FirmId>) -> Result<(), OutlastsFirm> {
    match acting_as.bounded_by() {
        Some(firm) if bounded_by != Some(firm) => Err(OutlastsFirm),
        Some(_) | None => Ok(()),
    }
}
