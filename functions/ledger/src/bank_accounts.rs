//! Bank accounts: the ledger reports balances. The same change records that a balance crossed its
//! threshold, so concurrent reports record one crossing.

use api::{Answer, Api, ApiResult, Body, Machine, Path, Problem, scope};
use axum::extract::State;
use domain::{
    CompanyId, Currency, Name, Reference, UtcTime,
    bank::{self, BalanceError, BalanceReport, BalanceSource, BankAccount},
    ledger_report::ReportOutcome,
    money::Balance,
};
use serde::{Deserialize, Serialize};
use store::{Tenant, retry_on_conflict};
use utoipa::ToSchema;

use crate::{Which, report};

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
        let threshold_minor = account.threshold_minor();
        let bank_account = LedgerBankAccount {
            reference: account.reference,
            name: account.name,
            currency: account.currency,
            balance_minor: account.balance_minor,
            as_of: account.as_of,
            threshold_minor,
        };
        Self { bank_account }
    }
}

/// A bank account as it is stored after a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BankAccountReportResponse {
    #[serde(flatten)]
    stored: LedgerBankAccountResponse,
    /// Whether the stored one is as reported; `false` for a report that is older than the last one, and where a statement of
    /// the bank says a balance that counts more.
    applied: bool,
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
    /// The time of the balance; at most ten minutes in the future. It orders the reports.
    as_of: UtcTime,
}

impl From<PutBankAccount> for BalanceReport {
    fn from(sent: PutBankAccount) -> Self {
        Self { name: sent.name, currency: sent.currency, balance_minor: sent.balance_minor, as_of: sent.as_of }
    }
}

/// Records a bank account's balance from the ledger.
///
/// The account shows the newest balance that a report or a statement of the bank says. A report of an earlier time than the
/// last one fills its day in the account's history and is answered with the stored account and `applied: false`. Another balance, name or currency for the same time is a conflict that names the field: a correction
/// carries a later time.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/bank-accounts/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = PutBankAccount,
    responses((status = 201, body = BankAccountReportResponse), (status = 200, body = BankAccountReportResponse)))]
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
        let wanted = api.store.load(&authority, ledger.now, |tenant| {
            let months = sent.months_to_read().into_iter();
            let months = months.map(|month| tenant.month_balances(Some(&reference), &BalanceSource::Ledger, month));
            (tenant.bank_account(&reference), tenant.company(), months.collect::<Vec<_>>())
        });
        let (known, organization, months) = wanted.await?;
        let organization = organization.ok_or_else(Problem::not_found)?;
        let expected = known.as_ref().map(|known| known.version);
        let months = months.into_iter().flatten().collect();
        let place = (&organization.time_zone, ledger.now);
        let recorded = bank::report((&company, &reference), known, months, sent.clone(), place).map_err(refusal)?;
        let mut change = api.store.change(&authority, ledger.change_context());
        for month in &recorded.months {
            let key = |tenant: &Tenant| tenant.month_balances(Some(&reference), &month.source, month.month);
            change.put(key, month.expected(), month);
        }
        let (stored, event) = match recorded.outcome {
            ReportOutcome::Superseded(stored) | ReportOutcome::Unchanged(stored) => {
                if !recorded.months.is_empty() {
                    change.commit().await?;
                }
                let applied = stored.shows(&sent);
                return Ok(Answer::put(false, &BankAccountReportResponse { stored: stored.into(), applied })?);
            }
            ReportOutcome::Renumbered(stored) => (stored, None),
            ReportOutcome::Recorded(stored, event) => (stored, Some(event)),
        };
        change.put(|tenant| tenant.bank_account(&reference), expected, &stored);
        if let Some(event) = event {
            change.record(event);
        }
        change.commit().await?;
        let applied = stored.shows(&sent);
        Ok(Answer::put(expected.is_none(), &BankAccountReportResponse { stored: stored.into(), applied })?)
    })
    .await
}

fn refusal(error: BalanceError) -> Problem {
    match error {
        BalanceError::Currency(_) => Problem::field("currency", error),
        BalanceError::SameTime { ref field } => report::reused(&error, field, "reported"),
    }
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
