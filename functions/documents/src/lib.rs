//! Documents of a company: declares, lists and shows them, hands out links to download them, changes, deletes,
//! restores and holds them, and keeps comments on them.
//!
//! No file passes through this function, and no request waits for S3: permissions and links are signed here. `inspect`
//! records what becomes of an uploaded file.

mod changing;
mod comments;
mod customer;
mod declaring;
mod download;
mod hosted;
mod keeping;
mod links;
mod list;
mod logo;
mod rows;
mod versions;
mod view;

use api::Api;
use domain::document::StorageQuotas;
use files::Files;
use hosted_links::HostedLinks;

/// Parameters of the stack.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How much may be stored.
    pub quotas: StorageQuotas,
    /// For how many days a deleted document can be restored.
    pub restorable_days: u16,
}

/// The function's clients and settings.
#[derive(Debug, Clone)]
pub struct App {
    /// The table, the keys of contexts and the limits.
    pub api: Api,
    /// Signs permissions to upload and links to download.
    pub files: Files,
    /// Opens hosted links to sales documents.
    pub hosted_links: HostedLinks,
    /// Parameters of the stack.
    pub settings: Settings,
}

api::routes! {
    state: App;
    declaring::{declare_documents, declare_ledger_documents},
    list::{list_documents, get_document},
    download::{download_document},
    changing::{change_document},
    versions::{declare_document_version},
    keeping::{delete_document, restore_document, hold_document, lift_document_hold},
    comments::{list_document_comments, comment_on_document, read_document_comments},
    customer::{download_invoice_attachment, download_estimate_attachment, download_credit_note_attachment},
    logo::{download_portal_logo},
    hosted::{download_hosted_attachment},
}
