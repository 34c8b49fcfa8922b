//! The signups that a firm referred.

use axum::{extract::State, response::Response};
use domain::{
    CompanyId, FirmId, Name, Org, Permission, UtcTime,
    entrance::Through,
    referral::{Bonus, Referral, ReferralError, ReferralState, Word},
};
use edge::{Answer, Body, Edge, InContext, Outcome, Paged, Path, Problem, Query, Stop, Vendor};
use serde::{Deserialize, Serialize};
use store::{Authority, Listing, PageRequest, Setback, Store, Tenant, while_raced};
use utoipa::{IntoParams, ToSchema};

use crate::{
    OneReferred,
    bonuses::refused,
    in_firm,
    listed::{Form, Format, List, answer},
};

/// A company that registered through a firm.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReferralView {
    company: CompanyId,
    /// Its name when it registered.
    company_name: Name,
    /// What it came through.
    through: Through,
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
pub(crate) struct Referrals {
    referrals: Vec<ReferralView>,
    #[serde(flatten)]
    paged: Paged,
}

/// Which referrals to list, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichReferrals {
    /// Only those in this state. A page may then hold fewer than `limit` and still not be the last.
    #[serde(default)]
    state: Option<ReferralState>,
    /// A page of JSON when not said.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the signups that the firm referred, newest first, as JSON or CSV. Needs `clients.view`.
#[utoipa::path(get, path = "/v1/referrals", tag = "referrals", params(WhichReferrals), responses((status = 200,
    description = "A page, or a file", content((Referrals = "application/json"), (String = "text/csv")))))]
pub(crate) async fn list_referrals(
    State(edge): State<Edge>,
    caller: InContext,
    Query(which): Query<WhichReferrals>,
) -> Outcome<Response> {
    caller.context.firm(Permission::ClientsView)?;
    answer(&which, &edge, &caller.needs(Permission::ClientsView), caller.now()).await
}

/// Lists the signups that a firm referred, newest first, as JSON or CSV.
#[utoipa::path(get, path = "/v1/vendor/firms/{firm}/referrals", tag = "referrals",
    params(("firm" = FirmId, Path), WhichReferrals), responses((status = 200,
    description = "A page, or a file", content((Referrals = "application/json"), (String = "text/csv")))))]
pub(crate) async fn list_referrals_of(
    State(edge): State<Edge>,
    Vendor(machine): Vendor,
    Path(firm): Path<FirmId>,
    Query(which): Query<WhichReferrals>,
) -> Outcome<Response> {
    answer(&which, &edge, &in_firm(firm), machine.now).await
}

impl List for WhichReferrals {
    type Entry = Referral;
    type Page = Referrals;
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
            referral.through.kind().to_owned(),
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
    ) -> Outcome<Referrals> {
        let kept = |referral: &Referral| self.keeps(referral);
        let found = store.page_matching(authority, now, Self::entries, request, kept).await?;
        let paged = Paged::from(&found);
        Ok(Referrals { referrals: found.items.into_iter().map(Into::into).collect(), paged })
    }
}

/// What a referral has become.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReferralWord {
    state: ReferralState,
}

/// A referral, and what it has just earned.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneReferral {
    referral: ReferralView,
    /// What was earned by this very change.
    #[serde(skip_serializing_if = "Option::is_none")]
    earned: Option<Bonus>,
}

/// Says what a referral has become: `active` when it pays, `churned` when it left. The first time
/// it is active it earns the firm what is agreed on. The same again changes nothing.
#[utoipa::path(put, path = "/v1/vendor/firms/{firm}/referrals/{company}", tag = "referrals",
    params(("firm" = FirmId, Path), ("company" = CompanyId, Path)), request_body = ReferralWord,
    responses((status = 200, body = OneReferral)))]
pub(crate) async fn put_referral(
    State(edge): State<Edge>,
    Vendor(machine): Vendor,
    Path((firm, company)): OneReferred,
    body: Body<ReferralWord>,
) -> Outcome {
    let (authority, to, other) = (in_firm(firm), body.value.state, Org::Company(company));
    while_raced(|| async {
        let (referral, agreement) = edge
            .store
            .load(&authority, machine.now, None, |tenant| (tenant.referral(&other), tenant.referral_agreement()))
            .await
            .map_err(Setback::<Stop>::from)?;
        let referral = referral.flatten().ok_or_else(Problem::not_found)?;
        let account = match referral.would_earn(to, agreement.as_ref()) {
            None => None,
            Some(Bonus { currency, .. }) => {
                edge.store.load(&authority, machine.now, None, |tenant| tenant.bonus_account(currency)).await?
            }
        };
        match referral.becomes(to, agreement.as_ref(), account.as_ref(), machine.now).map_err(refusal)? {
            Word::Unchanged => Ok(Answer::ok(&OneReferral { referral: referral.into(), earned: None })?),
            Word::Changed(changed, fact, posting) => {
                let mut change = edge.store.change(&authority, machine.stamp());
                change.put_some(|tenant| tenant.referral(&other), Some(referral.version), &*changed);
                // What is earned is what was agreed on at that very moment.
                change.rests_on(|tenant| tenant.referral_agreement(), agreement.map(|agreement| agreement.version));
                change.record(fact);
                let mut earned = None;
                if let Some(posting) = posting {
                    let (entry, sums) = (&posting.entry, &posting.account);
                    change.put(|tenant| tenant.bonus_entry(&entry.entry), None, entry);
                    let known = account.map(|account| account.version);
                    change.put(|tenant| tenant.bonus_account(sums.currency), known, sums);
                    earned = Some(Bonus { amount_minor: entry.amount_minor, currency: entry.currency });
                    change.record(posting.fact);
                }
                change.commit().await?;
                Ok(Answer::ok(&OneReferral { referral: (*changed).into(), earned })?)
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
