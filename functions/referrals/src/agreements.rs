//! What the vendor and a firm agreed on.

use axum::extract::State;
use domain::{
    FirmId, Permission, UtcTime,
    referral::{Bonus, ReferralAgreement, agree},
};
use edge::{Answer, Body, Edge, InContext, Outcome, Path, Vendor};
use serde::{Deserialize, Serialize};
use store::while_raced;
use utoipa::ToSchema;

use crate::in_firm;

/// What a referred signup earns when it becomes paying.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReferralAgreementView {
    /// Absent where nothing is earned.
    #[serde(skip_serializing_if = "Option::is_none")]
    bonus: Option<Bonus>,
    /// Absent where nothing was ever agreed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<UtcTime>,
}

/// The agreement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneReferralAgreement {
    referral_agreement: ReferralAgreementView,
}

impl From<Option<ReferralAgreement>> for OneReferralAgreement {
    fn from(agreement: Option<ReferralAgreement>) -> Self {
        let bonus = agreement.as_ref().and_then(|agreement| agreement.bonus);
        let since = agreement.map(|agreement| agreement.since);
        Self { referral_agreement: ReferralAgreementView { bonus, since } }
    }
}

/// Shows what the firm's referrals earn. Needs `clients.view`.
#[utoipa::path(get, path = "/v1/referral-agreement", tag = "referrals",
    responses((status = 200, body = OneReferralAgreement)))]
pub(crate) async fn get_agreement(State(edge): State<Edge>, caller: InContext) -> Outcome {
    caller.context.firm(Permission::ClientsView)?;
    let authority = caller.needs(Permission::ClientsView);
    let agreement = edge.store.load(&authority, caller.now(), None, |tenant| tenant.referral_agreement()).await?;
    Answer::ok(&OneReferralAgreement::from(agreement))
}

/// Shows what a firm's referrals earn.
#[utoipa::path(get, path = "/v1/vendor/firms/{firm}/referral-agreement", tag = "referrals",
    params(("firm" = FirmId, Path)), responses((status = 200, body = OneReferralAgreement)))]
pub(crate) async fn get_agreement_of(
    State(edge): State<Edge>,
    Vendor(machine): Vendor,
    Path(firm): Path<FirmId>,
) -> Outcome {
    let authority = in_firm(firm);
    let agreement = edge.store.load(&authority, machine.now, None, |tenant| tenant.referral_agreement()).await?;
    Answer::ok(&OneReferralAgreement::from(agreement))
}

/// A new agreement.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReferralAgreement {
    /// What each referred signup earns; nothing when not said.
    #[serde(default)]
    bonus: Option<Bonus>,
}

/// Sets what a firm's referrals earn when they become paying, from now on.
#[utoipa::path(put, path = "/v1/vendor/firms/{firm}/referral-agreement", tag = "referrals",
    params(("firm" = FirmId, Path)), request_body = NewReferralAgreement,
    responses((status = 200, body = OneReferralAgreement)))]
pub(crate) async fn put_agreement(
    State(edge): State<Edge>,
    Vendor(machine): Vendor,
    Path(firm): Path<FirmId>,
    body: Body<NewReferralAgreement>,
) -> Outcome {
    let authority = in_firm(firm.clone());
    let bonus = body.value.bonus;
    while_raced(|| async {
        let known = edge.store.load(&authority, machine.now, None, |tenant| tenant.referral_agreement()).await?;
        if known.as_ref().is_some_and(|known| known.bonus == bonus) {
            return Ok(Answer::ok(&OneReferralAgreement::from(known))?);
        }
        let (agreement, fact) = agree(&firm, known.as_ref(), bonus, machine.now);
        let mut change = edge.store.change(&authority, machine.stamp());
        change.put(|tenant| tenant.referral_agreement(), known.map(|known| known.version), &agreement);
        change.record(fact);
        change.commit().await?;
        Ok(Answer::ok(&OneReferralAgreement::from(Some(agreement)))?)
    })
    .await
}
