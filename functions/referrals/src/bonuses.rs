//! The ledger of a firm's referral bonuses and payouts.

use api::{Answer, Api, ApiError, ApiResult, Body, InFirm, Machine, PageInfo, Path, Problem, Query, scope};
use axum::{extract::State, response::Response};
use domain::{
    CompanyId, Currency, FirmId, Note, Org, Reference, UtcTime,
    money::Amount,
    permission::may,
    referral::{Bonus, BonusAccount, BonusEntry, BonusEntryReason, BonusError, PayoutRecording, pay_out, reverse},
};
use serde::{Deserialize, Serialize};
use store::{Attempt, Authority, Listing, PageRequest, Store, Tenant, retry_on_conflict};
use utoipa::{IntoParams, ToSchema};

use crate::{
    OneReferred,
    listed::{Form, Format, List, answer},
};

/// The sums of the ledger in one currency, in minor units.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BonusBalance {
    currency: Currency,
    earned_minor: i64,
    reversed_minor: i64,
    paid_minor: i64,
    /// The amount owed to the firm.
    balance_minor: i64,
}

impl From<&BonusAccount> for BonusBalance {
    fn from(account: &BonusAccount) -> Self {
        Self {
            currency: account.currency,
            earned_minor: account.earned_minor,
            reversed_minor: account.reversed_minor,
            paid_minor: account.paid_minor,
            balance_minor: account.balance_minor(),
        }
    }
}

/// An entry of the ledger.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BonusEntry)]
pub(crate) struct BonusEntryView {
    #[serde(flatten)]
    entry: BonusEntryReason,
    /// In minor units; the kind gives the sign.
    amount_minor: Amount,
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Note>,
    at: UtcTime,
}

impl From<BonusEntry> for BonusEntryView {
    fn from(entry: BonusEntry) -> Self {
        let BonusEntry { firm: _, entry, amount_minor, currency, note, at } = entry;
        Self { entry, amount_minor, currency, note, at }
    }
}

/// A page of the ledger, and its sums.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BonusEntryPage {
    /// One for each currency.
    balances: Vec<BonusBalance>,
    entries: Vec<BonusEntryView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// The page and the format of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichBonuses {
    /// Default: a page of JSON.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the firm's referral bonuses and payouts, newest first.
///
/// JSON includes the sums; CSV lists the entries only.
///
/// Needs `clients.view`.
#[utoipa::path(get, path = "/v1/bonuses", params(WhichBonuses), responses((status = 200,
    description = "A page, or a file", content((BonusEntryPage = "application/json"), (String = "text/csv")))))]
pub(crate) async fn list_bonuses(
    State(api): State<Api>,
    caller: InFirm<may::ClientsView>,
    Query(which): Query<WhichBonuses>,
) -> ApiResult<Response> {
    answer(&which, &api, &caller.authority(), caller.now()).await
}

/// Lists a firm's referral bonuses and payouts, newest first.
///
/// JSON includes the sums; CSV lists the entries only.
#[utoipa::path(get, path = "/v1/vendor/firms/{firm}/bonuses",
    params(("firm" = FirmId, Path), WhichBonuses), responses((status = 200,
    description = "A page, or a file", content((BonusEntryPage = "application/json"), (String = "text/csv")))))]
pub(crate) async fn list_bonuses_of(
    State(api): State<Api>,
    vendor: Machine<scope::Referrals>,
    Path(firm): Path<FirmId>,
    Query(which): Query<WhichBonuses>,
) -> ApiResult<Response> {
    answer(&which, &api, &vendor.authority(Org::Firm(firm)), vendor.now).await
}

impl List for WhichBonuses {
    type Entry = BonusEntry;
    type Page = BonusEntryPage;
    const FILE: &'static str = "bonuses.csv";
    const COLUMNS: &'static [&'static str] = &["kind", "for", "amount_minor", "currency", "note", "at"];

    fn form(&self) -> Form {
        Form { format: self.format, limit: self.limit, cursor: self.cursor.clone() }
    }

    fn entries(tenant: &Tenant) -> Listing<BonusEntry> {
        tenant.bonus_entries()
    }

    fn keeps(&self, _: &BonusEntry) -> bool {
        true
    }

    fn row(entry: &BonusEntry) -> Vec<String> {
        vec![
            entry.entry.kind().to_owned(),
            entry.entry.id().to_owned(),
            entry.amount_minor.minor().to_string(),
            entry.currency.to_string(),
            entry.note.as_ref().map(ToString::to_string).unwrap_or_default(),
            entry.at.to_string(),
        ]
    }

    async fn page(
        &self,
        store: &Store,
        authority: &Authority,
        now: UtcTime,
        request: &PageRequest,
    ) -> ApiResult<BonusEntryPage> {
        let all = PageRequest::largest();
        let reading =
            store.query_authorized(authority, now, async |queries| {
                tokio::try_join!(
                    queries.page(|tenant| tenant.bonus_accounts(), &all),
                    queries.page(Self::entries, request),
                )
            });
        let (accounts, found) = reading.await?;
        let paged = PageInfo::from(&found);
        Ok(BonusEntryPage {
            balances: accounts.items.iter().map(Into::into).collect(),
            entries: found.items.into_iter().map(Into::into).collect(),
            paged,
        })
    }
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
    Path((firm, company)): OneReferred,
    body: Body<PutReversal>,
) -> ApiResult {
    let authority = vendor.authority(Org::Firm(firm));
    let (earned, name) = (
        BonusEntryReason::Earned { company: company.clone() },
        BonusEntryReason::Reversed { company: company.clone() },
    );
    let other = domain::Org::Company(company);
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
