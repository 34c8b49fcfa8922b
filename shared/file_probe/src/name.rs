//! Names that make a computer run a file, whatever is in it.

use domain::document::{NameEndingError, RefusalReason, check_ending};

pub(crate) fn check(name: &str) -> Result<(), RefusalReason> {
    check_ending(name).map_err(|error| match error {
        NameEndingError::Macro => RefusalReason::Macro,
        NameEndingError::Active | NameEndingError::OtherType { .. } => RefusalReason::ActiveContent,
    })
}
