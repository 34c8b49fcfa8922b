//! The table and the client that reaches it. What it does stands in the files of this folder.

mod authorized;
mod change;
mod context_keys;
mod copies;
mod deliveries;
mod due;
mod get;
mod grants;
mod limits;
mod mails;
mod outbox;
mod people;
mod put;
mod query;
mod sales;
mod seals;
mod signup;
mod unproven;

use aws_sdk_dynamodb::Client;
use aws_types::SdkConfig;

pub(crate) use grants::HeldSeat;
pub use outbox::{OutboxPage, OutboxPlace};

/// The table and the client that reaches it. Made once, in `main`; cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) table: String,
}

impl Store {
    /// The table of this name, reached with this configuration.
    #[must_use]
    pub fn from_config(config: &SdkConfig, table: String) -> Self {
        Self::new(Client::new(config), table)
    }

    /// Names the table to work on.
    #[must_use]
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }
}
