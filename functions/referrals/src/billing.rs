//! Who pays for a company's subscription.

use api::{Answer, Api, ApiResult, Body, InCompany, Machine, Path, Problem, scope};
use axum::extract::State;
use domain::{
    CompanyId, FirmId, Name, Org, UtcTime,
    billing::{self, Billing, BillingError, BillingOffer, chosen_since, paying_firm},
    org::Connection,
    permission::may,
    signup_source::BillingOwner,
};
use serde::{Deserialize, Serialize};
use store::{Authority, PageRequest};
use utoipa::ToSchema;

/// A firm that pays, or offers to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BillingFirm {
    id: FirmId,
    name: Name,
}

impl From<&BillingOffer> for BillingFirm {
    fn from(offer: &BillingOffer) -> Self {
        Self { id: offer.firm.clone(), name: offer.firm_name.clone() }
    }
}

/// Who pays for a company's subscription, and who offers to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Billing)]
pub(crate) struct BillingView {
    company: CompanyId,
    owner: BillingOwner,
    /// The firm that pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<BillingFirm>,
    /// When the company chose this. Absent for the default: at the beginning, and after the chosen firm
    /// stopped paying.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<UtcTime>,
    /// The firms that can be chosen.
    offers: Vec<BillingFirm>,
}

/// A company's billing.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BillingResponse {
    billing: BillingView,
}

/// A company's billing: its choice, and each offer with the firm's connection.
struct Known {
    chosen: Option<Billing>,
    offers: Vec<(BillingOffer, Option<Connection>)>,
}

impl Known {
    /// Three reads: the choice beside the offers, then the connections of those who offer.
    async fn load(api: &Api, authority: &Authority, now: UtcTime) -> ApiResult<Self> {
        let all = PageRequest::largest();
        let reading = api.store.query_authorized(authority, now, async |queries| {
            let (chosen, offers) = tokio::try_join!(
                queries.get(|tenant| tenant.billing()),
                queries.page(|tenant| tenant.billing_offers(), &all),
            )?;
            let firms: Vec<Org> = offers.items.iter().map(|offer| Org::Firm(offer.firm.clone())).collect();
            let connections =
                queries.get(|tenant| firms.iter().map(|firm| tenant.connection(firm)).collect::<Vec<_>>()).await?;
            Ok((chosen, offers.items, connections))
        });
        let (chosen, offers, connections) = reading.await?;
        let offers = offers.into_iter().zip(connections.into_iter().map(Option::flatten)).collect();
        Ok(Self { chosen, offers })
    }

    fn view(&self, company: CompanyId, now: UtcTime) -> BillingResponse {
        let firm = paying_firm(self.chosen.as_ref(), &self.offers, now);
        let open = |(offer, connection): &&(BillingOffer, Option<Connection>)| offer.stands(connection.as_ref(), now);
        BillingResponse {
            billing: BillingView {
                company,
                owner: if firm.is_some() { BillingOwner::Firm } else { BillingOwner::Company },
                firm: firm.map(Into::into),
                since: chosen_since(self.chosen.as_ref(), firm),
                offers: self.offers.iter().filter(open).map(|(offer, _)| offer.into()).collect(),
            },
        }
    }
}

/// Shows who pays for the company's subscription.
///
/// Needs `billing.view`.
#[utoipa::path(get, path = "/v1/billing", responses((status = 200, body = BillingResponse)))]
pub(crate) async fn get_billing(State(api): State<Api>, caller: InCompany<may::BillingView>) -> ApiResult {
    let company = caller.company.clone();
    let known = Known::load(&api, &caller.authority(), caller.now()).await?;
    Answer::ok(&known.view(company, caller.now()))
}

/// Shows who pays for a company's subscription.
#[utoipa::path(get, path = "/v1/vendor/companies/{company}/billing",
    params(("company" = CompanyId, Path)), responses((status = 200, body = BillingResponse)))]
pub(crate) async fn get_billing_of(
    State(api): State<Api>,
    vendor: Machine<scope::Referrals>,
    Path(company): Path<CompanyId>,
) -> ApiResult {
    let authority = vendor.authority(Org::Company(company.clone()));
    let known = Known::load(&api, &authority, vendor.now).await?;
    Answer::ok(&known.view(company, vendor.now))
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
    let mut known = Known::load(&api, &authority, caller.now()).await?;
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
