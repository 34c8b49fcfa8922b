//! Documents: files that people hand over, each in one company, kept in versions.
//!
//! A version is declared first: its name, size, type and SHA-256. The bytes then go from the person to the bucket
//! without passing through a function. Two reports follow, in any order and each any number of times: the inspection
//! of the object that arrived, and the scan for malware.
//!
//! INVARIANT: a version can be downloaded only while its inspection passed and its scan is clean, both for one object
//! of the bucket. A refusal or an infection of any of its objects is final.

mod changing;
mod checksum;
mod declaring;
mod event;
#[cfg(test)]
pub(crate) mod examples;
mod file_name;
mod file_type;
mod inspecting;
mod link;
mod name_ending;
mod object_key;
mod purging;
mod quota;
mod state;
#[cfg(test)]
mod tests;
mod version;

pub use changing::{DocumentUpdate, HoldError, RestoreError, UpdateError};
pub use checksum::{Checksum, ChecksumError};
pub use declaring::{Declaration, DeclareError, FileDeclaration, declare};
pub use event::{
    DocumentDeleted, DocumentDetails, DocumentDownloaded, DocumentFile, DocumentName, DocumentQuarantined,
    DocumentRefused, DocumentUpdated, QuarantineReason,
};
pub use file_name::{FileName, FileNameError};
pub use file_type::{FileType, FileTypeError};
pub use inspecting::{Arrival, StoppedFile};
pub use link::{DocumentLink, DocumentLinkError};
pub use name_ending::{NameEndingError, check_ending};
pub(crate) use name_ending::{joined, stem_and_ending};
pub use object_key::{ObjectKey, ObjectKeyError, object_key};
pub use quota::{StorageQuotas, StorageQuotasError, StoredBytes, UsedStorage};
pub use state::{Deletion, Document, DocumentDownload, DocumentKind, Hold, ListedDocument};
pub use version::{
    DocumentState, DocumentVersion, FileSize, FileSizeError, Inspection, RefusalReason, Scan, ScanVerdict,
    UnscannableReason, Uploader, VersionNumber, VersionNumberError,
};
