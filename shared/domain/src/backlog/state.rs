//! What a company has, as it was read: what a backlog is made of.

use crate::{approval::Approval, bank::BankAccount, document_request::DocumentRequest, report::Month, time::Zone};

/// The part of a list that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Whether there are more than were read.
    pub more: bool,
}

impl<T> Counted<T> {
    /// Puts an entry as it is now in place of what the list says of it. A list that is read from an index may lag behind.
    pub fn correct<I: PartialEq>(&mut self, current: T, id: impl Fn(&T) -> &I) {
        self.items.retain(|listed| id(listed) != id(&current));
        self.items.push(current);
    }
}

/// What a company has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyState {
    /// Where it is.
    pub time_zone: Zone,
    /// The last month whose accounts are published.
    pub published: Option<Month>,
    /// Whether its ledger ever sent a report.
    pub has_reports: bool,
    /// Its approvals, of which those that are pending count.
    pub approvals: Counted<Approval>,
    /// Its requests for documents, of which those that wait for papers count.
    pub requests: Counted<DocumentRequest>,
    /// Its bank accounts.
    pub bank_accounts: Counted<BankAccount>,
}
