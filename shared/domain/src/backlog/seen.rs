//! What somebody sees of a backlog.

use serde::Serialize;
use utoipa::ToSchema;

use super::{entry::Backlog, waiting::Waiting};
use crate::{
    permission::{Grants, Permission},
    report::Month,
    time::UtcTime,
};

/// How far a client's monthly accounts are behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct AccountsBehind {
    /// The last month whose accounts are published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Month>,
    /// How many months since then are over. A client that never published counts from the month in which it was connected,
    /// once its ledger has sent a report.
    pub months_behind: u32,
}

/// What somebody sees of what waits in a client. Each part needs its own permission in the client, and is absent without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClientBacklog)]
pub struct SeenBacklog {
    /// Needs `reports.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<AccountsBehind>,
    /// Transactions that wait for a sign-off. Needs `approvals.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approvals: Option<Waiting>,
    /// Requested documents that are missing. Needs `documents.request`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents: Option<Waiting>,
    /// Bank accounts below their threshold. Needs `bank.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balances: Option<Waiting>,
    /// For how many days the client has been urgent, by what is shown; 0 if nothing is urgent yet. A balance counts 30 days
    /// earlier than it fell, an approval 7 days earlier than it was requested, and everything a day earlier for each further
    /// one of its kind, up to 7.
    pub urgent_days: u32,
}

impl Backlog {
    /// What somebody with these permissions in the client sees of it.
    #[must_use]
    pub fn seen_with(&self, grants: &Grants, now: UtcTime) -> SeenBacklog {
        let today = now.day_in(&self.time_zone);
        let with = |permission: Permission, waiting: Waiting| grants.contains(permission).then_some(waiting);
        let urgent_days = self.urgent_from(grants).map_or(0, |from| from.days_until(today));
        SeenBacklog {
            accounts: grants.contains(Permission::ReportsView).then(|| AccountsBehind {
                published: self.accounts.published,
                months_behind: self.accounts.months_behind(today),
            }),
            approvals: with(Permission::ApprovalsView, self.approvals),
            documents: with(Permission::DocumentsRequest, self.documents),
            balances: with(Permission::BankView, self.balances),
            urgent_days: u32::try_from(urgent_days).unwrap_or(0),
        }
    }
}
