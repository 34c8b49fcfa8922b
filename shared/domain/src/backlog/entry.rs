//! What waits in a client, and its place among the others.

use serde::{Deserialize, Serialize};

use super::{
    state::CompanyState,
    waiting::{Accounts, Waiting},
};
use crate::{
    id::{CompanyId, FirmId},
    org::Connection,
    permission::{Grants, Permission},
    time::{Day, Zone},
};

/// How many days earlier a balance below its threshold counts: a client who runs out of money does not wait for papers.
const BALANCES_DAYS_AHEAD: i32 = 30;
/// How many days earlier an approval counts: somebody is not paid until it is decided.
const APPROVALS_DAYS_AHEAD: i32 = 7;

/// What waits in a client: one item for each connection of a firm to a company, written anew from what the company has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backlog {
    /// The firm.
    pub firm: FirmId,
    /// The client.
    pub company: CompanyId,
    /// Where the client is.
    pub time_zone: Zone,
    /// Its monthly accounts.
    pub accounts: Accounts,
    /// Transactions that wait for a sign-off.
    pub approvals: Waiting,
    /// Requested documents that are missing.
    pub documents: Waiting,
    /// Bank accounts below their threshold.
    pub balances: Waiting,
    /// The day from which the client is urgent, by what the connection grants for good; the earlier, the more urgent. `None`
    /// if nothing waits.
    pub urgent_from: Option<Day>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl Backlog {
    /// What waits in a company for a firm, in place of what was found before.
    ///
    /// Its place in the order follows from what the connection grants for good: so the order shows a firm nothing that it may
    /// not see, and stays right when a permission that was given for a time ends by itself.
    #[must_use]
    pub fn of(connection: &Connection, state: &CompanyState, before: Option<&Self>) -> Self {
        let zone = &state.time_zone;
        let backlog = Self {
            firm: connection.firm.clone(),
            company: connection.company.clone(),
            time_zone: zone.clone(),
            accounts: Accounts::new(state.published, state.has_reports, connection.since.day_in(zone)),
            approvals: Waiting::approvals(&state.approvals, zone),
            documents: Waiting::documents(&state.requests),
            balances: Waiting::balances(&state.bank_accounts, zone),
            urgent_from: None,
            version: before.map_or(1, |before| before.version + 1),
        };
        Self { urgent_from: backlog.urgent_from(&connection.grants), ..backlog }
    }

    /// The day from which the client is urgent for somebody with these permissions: the earliest of what they may see.
    #[must_use]
    pub fn urgent_from(&self, grants: &Grants) -> Option<Day> {
        let days = [
            (Permission::ReportsView, self.accounts.urgent_from()),
            (Permission::ApprovalsView, self.approvals.urgent_from(APPROVALS_DAYS_AHEAD)),
            (Permission::DocumentsRequest, self.documents.urgent_from(0)),
            (Permission::BankView, self.balances.urgent_from(BALANCES_DAYS_AHEAD)),
        ];
        days.into_iter().filter(|(permission, _)| grants.contains(*permission)).filter_map(|(_, day)| day).min()
    }
}
