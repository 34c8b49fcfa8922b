//! The signups that a firm referred.

use api::{ApiResult, PageInfo};
use domain::{
    CompanyId, Name, UtcTime,
    referral::{Referral, ReferralState},
    signup_source::SignupSourceRef,
};
use serde::{Deserialize, Serialize};
use store::{Authority, Listing, PageRequest, Store, Tenant};
use utoipa::{IntoParams, ToSchema};

use crate::list::{Form, Format, List};

/// A company that registered through a firm.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Referral)]
pub struct ReferralView {
    company: CompanyId,
    /// Its name now.
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
pub struct ReferralPage {
    referrals: Vec<ReferralView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Filter, page and format of the list of referrals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReferralListQuery {
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

impl List for ReferralListQuery {
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

    async fn as_shown(store: &Store, referrals: Vec<Referral>) -> ApiResult<Vec<Referral>> {
        Ok(store.with_present_names(referrals).await?)
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
        let referrals = store.with_present_names(found.items).await?;
        Ok(ReferralPage { referrals: referrals.into_iter().map(Into::into).collect(), paged })
    }
}
