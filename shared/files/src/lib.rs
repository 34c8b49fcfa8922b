//! Permissions to upload the file of a document's version, and links to download it. All are signed with the
//! function's own credentials and without a call to S3.
//!
//! What is signed is exact: one key, one size, one type and one SHA-256. S3 itself refuses any other file, before it
//! stores it. This crate decides nothing about who may upload or download; that is proven before it is called.

mod bucket;
mod disposition;
mod policy;
mod signature;

pub use bucket::{Files, SignError};
pub use disposition::attachment;
pub use policy::{FormField, UploadForm, UploadPut};

/// How long a permission to upload lasts, in seconds.
pub const UPLOAD_S: i64 = 300;
/// How long a link to download lasts, in seconds.
pub const DOWNLOAD_S: u64 = 60;
