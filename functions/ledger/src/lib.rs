//! What the vendor's ledger reports of a company, and what it reads back: transactions that may
//! need a sign-off, invoices, estimates and bank balances.
//!
//! The ledger is a machine and names things by its own references: it puts a thing as it knows
//! it, as often as it likes. The first time answers 201; a change, and the same again, 200. It
//! cannot look again when it was raced, so its changes are decided anew until they hold.

mod bank_accounts;
mod estimates;
mod invoices;
mod transactions;

use api::{Api, Path};
use domain::{CompanyId, Reference};

/// The path of one thing: whose it is, and the ledger's name for it.
type Which = Path<(CompanyId, Reference)>;

api::routes! {
    state: Api;
    transactions::{put_transaction, get_ledger_transaction},
    invoices::{put_invoice, get_ledger_invoice},
    estimates::{put_estimate, get_ledger_estimate},
    bank_accounts::{put_bank_account, get_ledger_bank_account},
}
