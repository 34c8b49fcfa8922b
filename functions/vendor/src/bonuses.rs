//! The ledger of firms' referral bonuses and payouts.

use api::{Answer, Api, ApiError, ApiResult, Body, Machine, Path, Problem, Query, scope};
use axum::{extract::State, response::Response};
use domain::{
    CompanyId, Currency, FirmId, Note, Org, Reference,
    money::Amount,
    referral::{Bonus, BonusAccount, BonusEntry, BonusEntryReason, BonusError, PayoutRecording, pay_out, reverse},
};
use serde::{Deserialize, Serialize};
use store::{Attempt, Authority, retry_on_conflict};
use utoipa::ToSchema;
use views::{BonusBalance, BonusEntryPage, BonusEntryView, BonusListQuery, list::answer};

use crate::OneReferral;

/// Lists a firm's referral bonuses and payouts, newest first.
///
/// JSON includes the sums; CSV lists the entries only.
#[utoipa::path(get, path = "/v1/vendor/firms/{firm}/bonuses",
    params(("firm" = FirmId, Path), BonusListQuery), responses((status = 200,
    description = "A page, or a file", content((BonusEntryPage = "application/json"), (String = "text/csv")))))]
pub(crate) async fn list_bonuses_of(
    State(api): State<Api>,
    vendor: Machine<scope::Referrals>,
    Path(firm): Path<FirmId>,
    Query(which): Query<BonusListQuery>,
) -> ApiResult<Response> {
    answer(&which, &api, &vendor.authority(Org::Firm(firm)), vendor.now).await
}

/// A recorded entry, and the sums that include it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BonusEntryResponse {
    entry: BonusEntryView,
    /// The sums in its currency.
    balance: BonusBalance,
}

/// A payout to the firm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutPayout {
    /// In minor units of `currency`; no more than is owed.
    amount_minor: Amount,
    currency: Currency,
    #[serde(default)]
    note: Option<Note>,
}

/// Records a payout to a firm under the vendor's reference.
///
/// The same request again changes nothing. A different payout under the same reference, or more than is
/// owed, is refused.
#[utoipa::path(put, path = "/v1/vendor/firms/{firm}/payouts/{reference}",
    params(("firm" = FirmId, Path), ("reference" = Reference, Path)), request_body = PutPayout,
    responses((status = 201, body = BonusEntryResponse), (status = 200, body = BonusEntryResponse)))]
pub(crate) async fn put_payout(
    State(api): State<Api>,
    vendor: Machine<scope::Referrals>,
    Path((firm, reference)): Path<(FirmId, Reference)>,
    body: Body<PutPayout>,
) -> ApiResult {
    let authority = vendor.authority(Org::Firm(firm.clone()));
    let PutPayout { amount_minor, currency, note } = body.value;
    let (bonus, name) = (Bonus { amount_minor, currency }, BonusEntryReason::Paid { reference: reference.clone() });
    retry_on_conflict(|| async {
        let (known, account) = api
            .store
            .load(&authority, vendor.now, |tenant| (tenant.bonus_entry(&name), tenant.bonus_account(currency)))
            .await
            .map_err(Attempt::<ApiError>::from)?;
        let entered = pay_out(&firm, &reference, bonus, note.clone(), known, account.as_ref(), vendor.now);
        enter(&api, &authority, &vendor, entered.map_err(refused)?, account).await
    })
    .await
}

/// Why a bonus is reversed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutReversal {
    #[serde(default)]
    note: Option<Note>,
}

/// Reverses a referral's bonus while it is still owed.
///
/// The whole bonus is reversed. The same request again changes nothing.
#[utoipa::path(put, path = "/v1/vendor/firms/{firm}/referrals/{company}/reversal",
    params(("firm" = FirmId, Path), ("company" = CompanyId, Path)), request_body = PutReversal,
    responses((status = 201, body = BonusEntryResponse), (status = 200, body = BonusEntryResponse)))]
pub(crate) async fn put_reversal(
    State(api): State<Api>,
    vendor: Machine<scope::Referrals>,
    Path((firm, company)): OneReferral,
    body: Body<PutReversal>,
) -> ApiResult {
    let authority = vendor.authority(Org::Firm(firm));
    let (earned, name) = (
        BonusEntryReason::Earned { company: company.clone() },
        BonusEntryReason::Reversed { company: company.clone() },
    );
    let other = Org::Company(company);
    retry_on_conflict(|| async {
        let (referral, earned, known) = api
            .store
            .load(&authority, vendor.now, |tenant| {
                (tenant.referral(&other), tenant.bonus_entry(&earned), tenant.bonus_entry(&name))
            })
            .await
            .map_err(Attempt::<ApiError>::from)?;
        referral.flatten().ok_or_else(Problem::not_found)?;
        let account = match &earned {
            None => None,
            Some(BonusEntry { currency, .. }) => {
                api.store.load(&authority, vendor.now, |tenant| tenant.bonus_account(*currency)).await?
            }
        };
        let note = body.value.note.clone();
        let entered = reverse(earned.as_ref(), known, account.as_ref(), note, vendor.now).map_err(refused)?;
        enter(&api, &authority, &vendor, entered, account).await
    })
    .await
}

async fn enter(
    api: &Api,
    authority: &Authority,
    vendor: &Machine<scope::Referrals>,
    entered: PayoutRecording,
    account: Option<BonusAccount>,
) -> Result<Answer, Attempt<ApiError>> {
    let posting = match entered {
        PayoutRecording::Unchanged(entry) => {
            let account = account.unwrap_or_else(|| BonusAccount::empty(&entry.firm, entry.currency));
            let balance = BonusBalance::from(&account);
            return Ok(Answer::ok(&BonusEntryResponse { entry: (*entry).into(), balance })?);
        }
        PayoutRecording::Posted(posting) => posting,
    };
    let (entry, sums) = (posting.entry, posting.account);
    let mut change = api.store.change(authority, vendor.change_context());
    change.put(|tenant| tenant.bonus_entry(&entry.entry), None, &entry);
    change.put(|tenant| tenant.bonus_account(sums.currency), account.map(|account| account.version), &sums);
    change.record(posting.event);
    change.commit().await?;
    Ok(Answer::created(&BonusEntryResponse { entry: entry.into(), balance: (&sums).into() })?)
}

pub(crate) fn refused(error: BonusError) -> Problem {
    match error {
        BonusError::MoreThanOwed { .. } => Problem::conflict(error, "more_than_owed"),
        BonusError::NothingEarned => Problem::conflict(error, "nothing_earned"),
        BonusError::ReferenceTaken => Problem::conflict(error, "reference_taken"),
        BonusError::TooMuch => Problem::conflict(error, "full"),
    }
}
