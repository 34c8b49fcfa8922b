//! The vendor's ledger reports a company's customers, transactions, invoices, credit notes, estimates, bank balances,
//! reports and facts here, and reads approvals, payments and decisions.
//!
//! The ledger is a machine and puts each resource under its own reference, as often as it likes. A new resource is
//! answered with 201, a change or a repetition with 200, a report that is older than the stored one with 200 and
//! `applied: false`. After a conflict its change is decided again until it commits, since the ledger has no user
//! who could retry.

mod bank_accounts;
mod content;
mod credit_notes;
mod customer_changes;
mod customers;
mod documents;
mod estimates;
mod facts;
mod invoices;
mod report;
mod reports;
mod transactions;

use api::{Api, Path};
use domain::{CompanyId, Reference};

/// The path of a resource: its company and the ledger's reference.
type Which = Path<(CompanyId, Reference)>;

/// The function's clients and settings.
#[derive(Debug, Clone)]
pub struct App {
    /// The table.
    pub api: Api,
    /// Whether the ledger reports the results of scans, since the stack does not scan uploads itself.
    pub scans_elsewhere: bool,
}

api::routes! {
    state: App;
    transactions::{put_transaction, get_ledger_transaction, withdraw_transaction},
    invoices::{put_invoice, get_ledger_invoice},
    credit_notes::{put_credit_note, get_ledger_credit_note},
    estimates::{put_estimate, get_ledger_estimate},
    reports::{put_report, get_ledger_report},
    bank_accounts::{put_bank_account, get_ledger_bank_account},
    customers::{put_customer, get_ledger_customer},
    customer_changes::{list_ledger_customer_changes, decide_ledger_customer_change},
    documents::{put_scan_result},
    facts::{put_fact, get_ledger_fact, push_facts},
}
