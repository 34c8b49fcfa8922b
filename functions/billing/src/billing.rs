//! Who pays for a company's subscription.

use api::{Answer, Api, ApiResult, Body, InCompany, Problem};
use axum::extract::State;
use domain::{
    FirmId, Org,
    billing::{self, BillingError},
    permission::may,
    signup_source::BillingOwner,
};
use serde::Deserialize;
use utoipa::ToSchema;
use views::{BillingResponse, CompanyBilling};

/// Shows who pays for the company's subscription.
///
/// Needs `billing.view`.
#[utoipa::path(get, path = "/v1/billing", responses((status = 200, body = BillingResponse)))]
pub(crate) async fn get_billing(State(api): State<Api>, caller: InCompany<may::BillingView>) -> ApiResult {
    let company = caller.company.clone();
    let known = CompanyBilling::load(&api, &caller.authority(), caller.now()).await?;
    Answer::ok(&known.view(company, caller.now()))
}

/// The choice of who pays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutBilling {
    owner: BillingOwner,
    /// The firm, if a firm pays: it must be connected and offer to pay.
    #[serde(default)]
    firm: Option<FirmId>,
}

impl PutBilling {
    fn firm(self) -> Result<Option<FirmId>, Problem> {
        match (self.owner, self.firm) {
            (BillingOwner::Company, None) => Ok(None),
            (BillingOwner::Company, Some(_)) => Err(Problem::field("firm", "cannot be named where the company pays")),
            (BillingOwner::Firm, None) => Err(Problem::field("firm", "is required where a firm pays")),
            (BillingOwner::Firm, Some(firm)) => Ok(Some(firm)),
        }
    }
}

/// Chooses who pays for the company's subscription.
///
/// The payer is the company itself, or a connected firm that offers to pay.
///
/// Needs `billing.manage`.
#[utoipa::path(put, path = "/v1/billing", request_body = PutBilling,
    responses((status = 200, body = BillingResponse)))]
pub(crate) async fn put_billing(
    State(api): State<Api>,
    caller: InCompany<may::BillingManage>,
    body: Body<PutBilling>,
) -> ApiResult {
    let company = caller.company.clone();
    let authority = caller.authority();
    let firm = body.value.firm()?;
    let mut known = CompanyBilling::load(&api, &authority, caller.now()).await?;
    let before = known.chosen.as_ref();
    let (chosen, rests_on) = match &firm {
        None => (billing::pay_oneself(&company, before, caller.now()), None),
        Some(firm) => {
            let found = known.offers.iter().find(|(offer, _)| offer.firm == *firm);
            let (offer, connection) = (found.map(|(offer, _)| offer), found.and_then(|(_, c)| c.as_ref()));
            let chosen = billing::let_firm_pay(&company, before, offer, connection, caller.now()).map_err(refusal)?;
            (chosen, offer.zip(connection))
        }
    };
    let Some((chosen, event)) = chosen else { return Answer::ok(&known.view(company, caller.now())) };

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.billing(), before.map(|before| before.version), &chosen);
    if let Some((offer, connection)) = rests_on {
        // A concurrent withdrawal of the offer or end of the connection makes this change fail.
        let firm = Org::Firm(offer.firm.clone());
        change.unchanged_some(|tenant| tenant.billing_offer(&firm), offer.version);
        change.unchanged_some(|tenant| tenant.connection(&firm), connection.version);
    }
    change.record(event);
    change.commit().await?;
    known.chosen = Some(chosen);
    Answer::ok(&known.view(company, caller.now()))
}

fn refusal(error: BillingError) -> Problem {
    match error {
        BillingError::NotConnected | BillingError::NotOffered => Problem::conflict(error, "not_offered"),
    }
}
