//! The signups that a firm referred.

use api::{Answer, Api, ApiError, ApiResult, Body, InFirm, Machine, PageInfo, Path, Problem, Query, scope};
use axum::{extract::State, response::Response};
use domain::{
    CompanyId, FirmId, Name, Org, UtcTime,
    permission::may,
    referral::{Bonus, Referral, ReferralError, ReferralState, ReferralUpdate},
    signup_source::SignupSourceRef,
};
use serde::{Deserialize, Serialize};
use store::{Attempt, Authority, Listing, PageRequest, Store, Tenant, retry_on_conflict};
use utoipa::{IntoParams, ToSchema};

use crate::{
    OneReferred,
    bonuses::refused,
    listed::{Form, Format, List, answer},
};

/// A company that registered through a firm.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Referral)]
pub(crate) struct ReferralView {
    company: CompanyId,
    /// Its name when it registered.
    company_name: Name,
    /// The registration link or signup code that it registered with.
    through: SignupSourceRef,
    state: ReferralState,
    registered_at: UtcTime,
    /// When its state last changed.
    changed_at: UtcTime,
}

impl From<Referral> for ReferralView {
    fn from(referral: Referral) -> Self {
        Self {
            company: referral.company,
            company_name: referral.company_name,
            through: referral.through,
            state: referral.state,
            registered_at: referral.registered_at,
            changed_at: referral.changed_at,
        }
    }
}

/// A page of referrals.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReferralPage {
    referrals: Vec<ReferralView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Filter, page and format of the list of referrals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichReferrals {
    /// Only referrals in this state. A page may then hold fewer than `limit` and still not be the last.
    #[serde(default)]
    state: Option<ReferralState>,
    /// Default: a page of JSON.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the signups that the firm referred, newest first, as JSON or CSV.
///
/// Needs `clients.view`.
#[utoipa::path(get, path = "/v1/referrals", params(WhichReferrals), responses((status = 200,
    description = "A page, or a file", content((ReferralPage = "application/json"), (String = "text/csv")))))]
pub(crate) async fn list_referrals(
    State(api): State<Api>,
    caller: InFirm<may::ClientsView>,
    Query(which): Query<WhichReferrals>,
) -> ApiResult<Response> {
    answer(&which, &api, &caller.authority(), caller.now()).await
}

/// Lists the signups that a firm referred, newest first, as JSON or CSV.
#[utoipa::path(get, path = "/v1/vendor/firms/{firm}/referrals",
    params(("firm" = FirmId, Path), WhichReferrals), responses((status = 200,
    description = "A page, or a file", content((ReferralPage = "application/json"), (String = "text/csv")))))]
pub(crate) async fn list_referrals_of(
    State(api): State<Api>,
    vendor: Machine<scope::Referrals>,
    Path(firm): Path<FirmId>,
    Query(which): Query<WhichReferrals>,
) -> ApiResult<Response> {
    answer(&which, &api, &vendor.authority(Org::Firm(firm)), vendor.now).await
}

impl List for WhichReferrals {
    type Entry = Referral;
    type Page = ReferralPage;
    const FILE: &'static str = "referrals.csv";
    const COLUMNS: &'static [&'static str] =
        &["company", "company_name", "through", "through_id", "state", "registered_at", "changed_at"];

    fn form(&self) -> Form {
        Form { format: self.format, limit: self.limit, cursor: self.cursor.clone() }
    }

    fn entries(tenant: &Tenant) -> Listing<Referral> {
        tenant.referrals()
    }

    fn keeps(&self, referral: &Referral) -> bool {
        self.state.is_none_or(|state| state == referral.state)
    }

    fn row(referral: &Referral) -> Vec<String> {
        vec![
            referral.company.to_string(),
            referral.company_name.to_string(),
            referral.through.kind().as_str().to_owned(),
            referral.through.id().to_owned(),
            referral.state.as_str().to_owned(),
            referral.registered_at.to_string(),
            referral.changed_at.to_string(),
        ]
    }

    async fn page(
        &self,
        store: &Store,
        authority: &Authority,
        now: UtcTime,
        request: &PageRequest,
    ) -> ApiResult<ReferralPage> {
        let kept = |referral: &Referral| self.keeps(referral);
        let found = store.page_matching(authority, now, Self::entries, request, kept).await?;
        let paged = PageInfo::from(&found);
        Ok(ReferralPage { referrals: found.items.into_iter().map(Into::into).collect(), paged })
    }
}

/// A referral's new status.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutReferral {
    state: ReferralState,
}

/// A referral, and the bonus that this change earned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReferralResponse {
    referral: ReferralView,
    /// The bonus that this change earned.
    #[serde(skip_serializing_if = "Option::is_none")]
    earned: Option<Bonus>,
}

/// Sets a referral's status: `active` when the company pays, `churned` when it left.
///
/// The first time a referral becomes active, the firm earns the agreed bonus. The same request again
/// changes nothing.
#[utoipa::path(put, path = "/v1/vendor/firms/{firm}/referrals/{company}",
    params(("firm" = FirmId, Path), ("company" = CompanyId, Path)), request_body = PutReferral,
    responses((status = 200, body = ReferralResponse)))]
pub(crate) async fn put_referral(
    State(api): State<Api>,
    vendor: Machine<scope::Referrals>,
    Path((firm, company)): OneReferred,
    body: Body<PutReferral>,
) -> ApiResult {
    let (authority, to, other) = (vendor.authority(Org::Firm(firm)), body.value.state, Org::Company(company));
    retry_on_conflict(|| async {
        let (referral, agreement) = api
            .store
            .load(&authority, vendor.now, |tenant| (tenant.referral(&other), tenant.referral_agreement()))
            .await
            .map_err(Attempt::<ApiError>::from)?;
        let referral = referral.flatten().ok_or_else(Problem::not_found)?;
        let account = match referral.would_earn(to, agreement.as_ref()) {
            None => None,
            Some(Bonus { currency, .. }) => {
                api.store.load(&authority, vendor.now, |tenant| tenant.bonus_account(currency)).await?
            }
        };
        match referral.becomes(to, agreement.as_ref(), account.as_ref(), vendor.now).map_err(refusal)? {
            ReferralUpdate::Unchanged => Ok(Answer::ok(&ReferralResponse { referral: referral.into(), earned: None })?),
            ReferralUpdate::Changed(changed, event, posting) => {
                let mut change = api.store.change(&authority, vendor.change_context());
                change.put_some(|tenant| tenant.referral(&other), Some(referral.version), &*changed);
                // The bonus is the one agreed on at this moment: a concurrent change of the agreement makes this
                // change fail.
                change.require_version(
                    |tenant| tenant.referral_agreement(),
                    agreement.map(|agreement| agreement.version),
                );
                change.record(event);
                let mut earned = None;
                if let Some(posting) = posting {
                    let (entry, sums) = (&posting.entry, &posting.account);
                    change.put(|tenant| tenant.bonus_entry(&entry.entry), None, entry);
                    let known = account.map(|account| account.version);
                    change.put(|tenant| tenant.bonus_account(sums.currency), known, sums);
                    earned = Some(Bonus { amount_minor: entry.amount_minor, currency: entry.currency });
                    change.record(posting.event);
                }
                change.commit().await?;
                Ok(Answer::ok(&ReferralResponse { referral: (*changed).into(), earned })?)
            }
        }
    })
    .await
}

fn refusal(error: ReferralError) -> Problem {
    match error {
        ReferralError::BackToRegistered(state) => Problem::conflict(error, state.as_str()),
        ReferralError::Bonus(error) => refused(error),
    }
}
