//! Bank accounts: the ledger reports balances. Crossings of a threshold are noticed in the same
//! change, so that concurrent reports make one.

use axum::extract::State;
use domain::{
    CompanyId, Currency, Name, Reference, UtcTime,
    bank::{BalanceReport, BankAccount, CurrencyMismatch, Report, report},
    money::Balance,
};
use edge::{Answer, Body, Edge, Machine, Outcome, Path, Problem};
use serde::{Deserialize, Serialize};
use store::{Authority, while_raced};
use utoipa::ToSchema;

use crate::Which;

/// A bank account as the ledger last reported it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerBankAccount {
    reference: Reference,
    name: Name,
    currency: Currency,
    balance_minor: Balance,
    as_of: UtcTime,
    /// Below this, people are told; in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold_minor: Option<Balance>,
}

/// One bank account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneLedgerBankAccount {
    bank_account: LedgerBankAccount,
}

impl From<BankAccount> for OneLedgerBankAccount {
    fn from(account: BankAccount) -> Self {
        let bank_account = LedgerBankAccount {
            reference: account.reference,
            name: account.name,
            currency: account.currency,
            balance_minor: account.balance_minor,
            as_of: account.as_of,
            threshold_minor: account.threshold_minor,
        };
        Self { bank_account }
    }
}

/// A balance.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SentBalance {
    /// What people call the account.
    name: Name,
    currency: Currency,
    /// In minor units of `currency`; negative when overdrawn.
    balance_minor: Balance,
    /// When the balance was true; at most ten minutes ahead.
    as_of: UtcTime,
}

impl From<SentBalance> for BalanceReport {
    fn from(sent: SentBalance) -> Self {
        Self { name: sent.name, currency: sent.currency, balance_minor: sent.balance_minor, as_of: sent.as_of }
    }
}

/// Takes in a balance. One that is no newer than what is known changes nothing, and what is known
/// is answered.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/bank-accounts/{reference}", tag = "ledger",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = SentBalance,
    responses((status = 201, body = OneLedgerBankAccount), (status = 200, body = OneLedgerBankAccount)))]
pub(crate) async fn put_bank_account(
    State(edge): State<Edge>,
    machine: Machine,
    Path((company, reference)): Which,
    body: Body<SentBalance>,
) -> Outcome {
    let authority = Authority::Ledger(company.clone());
    let sent = BalanceReport::from(body.value);
    sent.check_time(machine.now).map_err(|error| Problem::field("as_of", error))?;
    while_raced(|| async {
        let known = edge.store.load(&authority, machine.now, None, |tenant| tenant.bank_account(&reference)).await?;
        let expected = known.as_ref().map(|known| known.version);
        match report(&company, &reference, known, sent.clone()).map_err(refusal)? {
            Report::Unchanged(account) => Ok(Answer::ok(&OneLedgerBankAccount::from(account))?),
            Report::Recorded(account, fact) => {
                let mut change = edge.store.change(&authority, machine.stamp());
                change.put(|tenant| tenant.bank_account(&reference), expected, &account);
                change.record(fact);
                change.commit().await?;
                Ok(Answer::put(expected.is_none(), &OneLedgerBankAccount::from(account))?)
            }
        }
    })
    .await
}

fn refusal(error: CurrencyMismatch) -> Problem {
    Problem::field("currency", error)
}

/// Shows a bank account as it was last reported.
#[utoipa::path(get, path = "/v1/ledger/companies/{company}/bank-accounts/{reference}", tag = "ledger",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)),
    responses((status = 200, body = OneLedgerBankAccount)))]
pub(crate) async fn get_bank_account(
    State(edge): State<Edge>,
    machine: Machine,
    Path((company, reference)): Which,
) -> Outcome {
    let authority = Authority::Ledger(company);
    let account = edge.store.load(&authority, machine.now, None, |tenant| tenant.bank_account(&reference)).await?;
    let account = account.ok_or_else(Problem::not_found)?;
    Answer::ok(&OneLedgerBankAccount::from(account))
}
