//! Where a file is kept, and how it is saved.

use domain::export::Export;
use export_bucket::StoredFile;

use crate::{disposition, media_type};

/// The file of an export in the bucket.
#[must_use]
pub fn stored_file(export: &Export) -> StoredFile {
    StoredFile {
        key: format!("exports/{}/{}.{}", export.org, export.id, export.format.extension()),
        media_type: media_type(export.format),
        disposition: disposition(export.format, &export.org),
    }
}
