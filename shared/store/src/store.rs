//! The table and the client that reaches it. What it does stands in the files of this folder.

mod authorized;
mod change;
mod context_keys;
mod copies;
mod cursors;
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

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_types::SdkConfig;
use tokio::sync::OnceCell;

use crate::cursor_form::CursorForm;

pub(crate) use grants::HeldSeat;
pub use outbox::{OutboxPage, OutboxPlace};

/// The table and the client that reaches it. Made once, in `main`; cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) client: Client,
    pub(crate) table: String,
    /// Known once the key was read that seals cursors.
    pub(crate) cursors: Arc<OnceCell<CursorForm>>,
}

impl Store {
    /// The table of this name, reached with this configuration.
    #[must_use]
    pub fn from_config(config: &SdkConfig, table: String) -> Self {
        Self::new(Client::new(config), table)
    }

    /// Names the table to work on.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table, cursors: Arc::default() }
    }

    /// The same for a function that no caller reaches. Its cursors never leave the stack, so they are not sealed.
    #[must_use]
    pub fn with_open_cursors(self) -> Self {
        Self { cursors: Arc::new(OnceCell::new_with(Some(CursorForm::Open))), ..self }
    }
}
