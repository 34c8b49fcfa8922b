//! The one table. This crate is the only one that knows keys, items, condition expressions and
//! transactions; it never decides a business rule and never knows HTTP.
//!
//! Every call starts from an [`Authority`]: a person's access, the ledger, or the stack itself.
//! A read runs the authority's proof beside the data query and gives the data only if it holds;
//! a [`Change`] carries the same proof as condition checks inside its transaction.
//!
//! # No scope without authority
//!
//! Keys of a tenant's data are made by a [`Tenant`], and a tenant is only handed out by a call that
//! proves the authority it belongs to:
//!
//! ```
//! # async fn handler(store: store::Store, authority: store::Authority, now: domain::UtcTime) {
//! let policy = store.load(&authority, now, |tenant| tenant.policy()).await;
//! # }
//! ```
//!
//! One cannot be made by hand, whatever id a caller sent:
//!
// Proves: 6
//! ```compile_fail,E0451
//! # fn handler(org: domain::Org) {
//! let tenant = store::Tenant { org };
//! # }
//! ```
//!
//! ```compile_fail,E0624
//! # fn handler(org: domain::Org) {
//! let tenant = store::Tenant::new(org);
//! # }
//! ```
//!
//! nor read or written without one:
//!
//! ```compile_fail,E0061
//! # async fn handler(store: store::Store, now: domain::UtcTime) {
//! let policy = store.load(now, |tenant| tenant.policy()).await;
//! # }
//! ```
//!
//! ```compile_fail,E0624
//! # async fn handler(store: store::Store, key: store::Key<domain::approval::Policy>) {
//! let policy = store.get(key).await;
//! # }
//! ```

mod authority;
mod batch_get;
mod change;
mod condition;
mod cursor;
mod cursor_form;
mod environment;
mod error;
mod event_digest;
mod idempotency;
mod item;
mod keys;
mod limits;
mod listing;
mod parts;
mod queries;
mod retry;
mod store;
mod unproven;
mod user_store;

pub use authority::Authority;
pub use aws_types::SdkConfig;
pub use batch_get::BatchGet;
pub use change::{Change, ChangeContext};
pub use cursor::{Cursor, CursorError, CursorKey};
pub use environment::{is_endpoint_set, sdk_config};
pub use error::StoreError;
pub use idempotency::{FirstUse, Idempotency, KeyOwner, Recorded, Replay};
pub use item::{Entity, IndexEntry, Indexes, ItemError};
pub use keys::{
    ClientAddress, ClientLink, ClientUniqueKey, ContactAtAddress, ContextKeys, DocumentOfFile, Key,
    LatestAccessRequest, LatestDocumentExport, LatestExport, LatestInvitation, LinkedDocument, OutboxEntry, PublicKey,
    Tenant, Unsealed,
};
pub use limits::{Counted, Tally};
pub use listing::{Listed, Listing, Page, PageRequest};
pub use parts::{FoundSeat, Part};
pub use queries::{Budget, CommentCounts, CommentThread, CustomerComments, EventScan, History, PlacedSeal, Queries};
pub use retry::{Attempt, retry_on_conflict};
pub use store::{OutboxPage, OutboxPlace, Store};
pub use unproven::Unproven;
pub use user_store::{Seen, UserStore};
