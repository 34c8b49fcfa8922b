//! A firm's offers to pay for its clients' subscriptions.

use api::{Answer, Api, ApiError, ApiResult, Body, InFirm, PageInfo, PageQuery, Path, Problem, Query};
use axum::extract::State;
use domain::{
    CompanyId, FirmId, Name, Org, UtcTime,
    billing::{self, Billing, BillingOffer, paying_firm},
    org::Connection,
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::{Attempt, retry_on_conflict};
use utoipa::ToSchema;

/// A client that the firm offers to pay for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientBillingOffer {
    company: CompanyId,
    /// Its name when it was connected.
    company_name: Name,
    /// When the firm offered to pay.
    since: UtcTime,
    /// Whether the company has chosen the firm: the firm pays now.
    chosen: bool,
}

/// A page of clients that the firm offers to pay for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BillingOfferPage {
    billing_offers: Vec<ClientBillingOffer>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// A list entry; `None` if the offer no longer holds.
fn offered(
    offer: BillingOffer,
    connection: Option<Connection>,
    chosen: Option<&Billing>,
    now: UtcTime,
) -> Option<ClientBillingOffer> {
    let company_name = connection.as_ref().filter(|_| offer.stands(connection.as_ref(), now))?.company_name.clone();
    let (company, since) = (offer.company.clone(), offer.since);
    let chosen = paying_firm(chosen, &[(offer, connection)], now).is_some();
    Some(ClientBillingOffer { company, company_name, since, chosen })
}

/// Lists the firm's offers to pay for clients, newest first.
///
/// Each offer says whether the client has accepted it; the firm pays for those clients. Withdrawn offers
/// and offers to former clients are left out, so a page may be shorter than `limit` and have a
/// `next_cursor`. An offer made a moment ago may not be listed yet.
///
/// Needs `clients.view`.
#[utoipa::path(get, path = "/v1/billing-offers", params(PageQuery),
    responses((status = 200, body = BillingOfferPage)))]
pub(crate) async fn list_offers(
    State(api): State<Api>,
    caller: InFirm<may::ClientsView>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let (authority, now, request) = (caller.authority(), caller.now(), query.request()?);
    let reading = api.store.query_authorized(&authority, now, async |queries| {
        let offers = queries.page(|tenant| tenant.billing_offers(), &request).await?;
        let clients: Vec<Org> = offers.items.iter().map(|offer| Org::Company(offer.company.clone())).collect();
        let found = queries
            .get(|tenant| {
                let of = |client: &Org| (tenant.connection(client), tenant.billing_of(client));
                clients.iter().map(of).collect::<Vec<_>>()
            })
            .await?;
        Ok((offers, found))
    });
    let (offers, found) = reading.await?;
    let paged = PageInfo::from(&offers);
    let listed = offers.items.into_iter().zip(found);
    let billing_offers = listed
        .filter_map(|(offer, (connection, chosen))| {
            offered(offer, connection.flatten(), chosen.flatten().as_ref(), now)
        })
        .collect();
    Answer::ok(&BillingOfferPage { billing_offers, paged })
}

/// An empty object.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateBillingOffer {}

/// An offer to pay for a client.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BillingOffer)]
pub(crate) struct BillingOfferView {
    company: CompanyId,
    firm: FirmId,
    since: UtcTime,
}

/// One offer to pay.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BillingOfferResponse {
    billing_offer: BillingOfferView,
}

impl From<&BillingOffer> for BillingOfferResponse {
    fn from(offer: &BillingOffer) -> Self {
        let (company, firm) = (offer.company.clone(), offer.firm.clone());
        Self { billing_offer: BillingOfferView { company, firm, since: offer.since } }
    }
}

/// Offers to pay for a client's subscription.
///
/// The client may then choose the firm as its payer.
///
/// Needs `clients.manage`.
#[utoipa::path(put, path = "/v1/billing-offers/{company}",
    params(("company" = CompanyId, Path)), request_body = CreateBillingOffer,
    responses((status = 201, body = BillingOfferResponse), (status = 200, body = BillingOfferResponse)))]
pub(crate) async fn offer_to_pay(
    State(api): State<Api>,
    caller: InFirm<may::ClientsManage>,
    Path(company): Path<CompanyId>,
    _body: Body<CreateBillingOffer>,
) -> ApiResult {
    let authority = caller.authority();
    let other = Org::Company(company);
    retry_on_conflict(|| async {
        let (connection, before) = api
            .store
            .load(&authority, caller.now(), |tenant| (tenant.connection(&other), tenant.billing_offer(&other)))
            .await
            .map_err(Attempt::<ApiError>::from)?;
        let (connection, before) = (connection.flatten(), before.flatten());
        let offered = billing::offer_to_pay(connection.as_ref(), before.as_ref(), caller.now())
            .map_err(|_| Problem::not_found())?;
        let Some((offer, event)) = offered else {
            let grant_state = before.as_ref().ok_or_else(Problem::not_found)?;
            return Ok(Answer::ok(&BillingOfferResponse::from(grant_state))?);
        };
        let mut change = api.store.change(&authority, caller.change_context());
        change.put_some(|tenant| tenant.billing_offer(&other), before.map(|before| before.version), &offer);
        if let Some(connection) = &connection {
            change.unchanged_some(|tenant| tenant.connection(&other), connection.version);
        }
        change.record(event);
        change.commit().await?;
        Ok(Answer::created(&BillingOfferResponse::from(&offer))?)
    })
    .await
}

/// Withdraws an offer to pay for a client's subscription.
///
/// If the client had chosen the firm, the client pays for itself from now on, until it chooses again.
///
/// Needs `clients.manage`.
#[utoipa::path(delete, path = "/v1/billing-offers/{company}",
    params(("company" = CompanyId, Path)), responses((status = 204)))]
pub(crate) async fn withdraw_offer(
    State(api): State<Api>,
    caller: InFirm<may::ClientsManage>,
    Path(company): Path<CompanyId>,
) -> ApiResult {
    let authority = caller.authority();
    let other = Org::Company(company);
    let offer = api.store.load(&authority, caller.now(), |tenant| tenant.billing_offer(&other)).await?;
    let offer = offer.flatten().ok_or_else(Problem::not_found)?;
    let (withdrawn, event) = offer.withdraw(caller.now()).map_err(|_| Problem::not_found())?;
    let mut change = api.store.change(&authority, caller.change_context());
    change.put_some(|tenant| tenant.billing_offer(&other), Some(offer.version), &withdrawn);
    change.record(event);
    change.commit().await?;
    Ok(Answer::nothing())
}
