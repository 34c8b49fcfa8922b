//! Bank accounts: the ledger reports balances. The same change records that a balance crossed its
//! threshold, so concurrent reports record one crossing.

use api::{Answer, Api, ApiResult, Body, Machine, Path, Problem, scope};
use axum::extract::State;
use domain::{
    CompanyId, Currency, Name, Reference, UtcTime,
    bank::{BalanceRecording, BalanceReport, BankAccount, CurrencyMismatch, report},
    money::Balance,
};
use serde::{Deserialize, Serialize};
use store::retry_on_conflict;
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
    /// The company is notified when the balance falls below this; in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold_minor: Option<Balance>,
}

/// One bank account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerBankAccountResponse {
    bank_account: LedgerBankAccount,
}

impl From<BankAccount> for LedgerBankAccountResponse {
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
pub(crate) struct PutBankAccount {
    /// The account's display name.
    name: Name,
    currency: Currency,
    /// In minor units of `currency`; negative when overdrawn.
    balance_minor: Balance,
    /// The time of the balance; at most ten minutes in the future.
    as_of: UtcTime,
}

impl From<PutBankAccount> for BalanceReport {
    fn from(sent: PutBankAccount) -> Self {
        Self { name: sent.name, currency: sent.currency, balance_minor: sent.balance_minor, as_of: sent.as_of }
    }
}

/// Records a bank account's balance from the ledger.
///
/// A balance that is not newer than the stored one changes nothing; the stored one is returned.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/bank-accounts/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = PutBankAccount,
    responses((status = 201, body = LedgerBankAccountResponse), (status = 200, body = LedgerBankAccountResponse)))]
pub(crate) async fn put_bank_account(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
    body: Body<PutBankAccount>,
) -> ApiResult {
    let authority = ledger.authority(company.clone());
    let sent = BalanceReport::from(body.value);
    sent.check_time(ledger.now).map_err(|error| Problem::field("as_of", error))?;
    retry_on_conflict(|| async {
        let known = api.store.load(&authority, ledger.now, |tenant| tenant.bank_account(&reference)).await?;
        let expected = known.as_ref().map(|known| known.version);
        match report(&company, &reference, known, sent.clone()).map_err(refusal)? {
            BalanceRecording::Unchanged(account) => Ok(Answer::ok(&LedgerBankAccountResponse::from(account))?),
            BalanceRecording::Recorded(account, event) => {
                let mut change = api.store.change(&authority, ledger.change_context());
                change.put(|tenant| tenant.bank_account(&reference), expected, &account);
                change.record(event);
                change.commit().await?;
                Ok(Answer::put(expected.is_none(), &LedgerBankAccountResponse::from(account))?)
            }
        }
    })
    .await
}

fn refusal(error: CurrencyMismatch) -> Problem {
    Problem::field("currency", error)
}

/// Shows a bank account as it was last reported.
#[utoipa::path(get, path = "/v1/ledger/companies/{company}/bank-accounts/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)),
    responses((status = 200, body = LedgerBankAccountResponse)))]
pub(crate) async fn get_ledger_bank_account(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
) -> ApiResult {
    let authority = ledger.authority(company);
    let account = api.store.load(&authority, ledger.now, |tenant| tenant.bank_account(&reference)).await?;
    let account = account.ok_or_else(Problem::not_found)?;
    Answer::ok(&LedgerBankAccountResponse::from(account))
}
