//! Where a file is kept.

use domain::export::Export;

/// The object key of a file.
#[must_use]
pub fn object_key(export: &Export) -> String {
    format!("exports/{}/{}.{}", export.org, export.id, export.format.extension())
}
