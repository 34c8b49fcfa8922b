//! Who pays for a company's subscription.

use api::{Api, ApiResult};
use domain::{
    CompanyId, FirmId, Name, Org, UtcTime,
    billing::{Billing, BillingOffer, chosen_since, paying_firm},
    org::Connection,
    signup_source::BillingOwner,
};
use serde::Serialize;
use store::{Authority, PageRequest};
use utoipa::ToSchema;

/// A firm that pays, or offers to.
#[derive(Debug, Serialize, ToSchema)]
pub struct BillingFirm {
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
pub struct BillingView {
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
pub struct BillingResponse {
    billing: BillingView,
}

/// A company's billing: its choice, and each offer with the firm's connection.
#[derive(Debug)]
pub struct CompanyBilling {
    /// The choice; `None` if the company never made one.
    pub chosen: Option<Billing>,
    /// Every firm's offer, of the first 100.
    pub offers: Vec<(BillingOffer, Option<Connection>)>,
}

impl CompanyBilling {
    /// Three reads: the choice beside the offers, then the connections of those who offer beside their names.
    ///
    /// # Errors
    /// What the store answers: the authority does not hold, or the table does not answer.
    pub async fn load(api: &Api, authority: &Authority, now: UtcTime) -> ApiResult<Self> {
        let all = PageRequest::largest();
        let reading = api.store.query_authorized(authority, now, async |queries| {
            let (chosen, offers) = tokio::try_join!(
                queries.get(|tenant| tenant.billing()),
                queries.page(|tenant| tenant.billing_offers(), &all),
            )?;
            let mut offers = offers.items;
            let firms: Vec<Org> = offers.iter().map(|offer| Org::Firm(offer.firm.clone())).collect();
            let ids: Vec<&FirmId> = firms.iter().filter_map(Org::firm).collect();
            let (connections, names) = tokio::try_join!(
                queries.get(|tenant| firms.iter().map(|firm| tenant.connection(firm)).collect::<Vec<_>>()),
                api.store.firm_names(&ids),
            )?;
            // A firm may have thousands of offers: they do not follow its name.
            for (offer, name) in offers.iter_mut().zip(names) {
                offer.firm_name = name.unwrap_or_else(|| offer.firm_name.clone());
            }
            Ok((chosen, offers, connections))
        });
        let (chosen, offers, connections) = reading.await?;
        let offers = offers.into_iter().zip(connections.into_iter().map(Option::flatten)).collect();
        Ok(Self { chosen, offers })
    }

    /// The answer at a time.
    #[must_use]
    pub fn view(&self, company: CompanyId, now: UtcTime) -> BillingResponse {
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
