//! Keys of who pays for a company, and of firms' offers to pay.

use domain::{
    CompanyId, FirmId, Org, UtcTime,
    billing::{Billing, BillingOffer},
};

use super::{
    key::Key,
    template::{Gsi1, Item},
    tenant::{COMPANY, FIRM, Tenant, while_active},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

const BILLING: Item<Billing, Org, ()> = Item::new("BILLING");
const OFFER: Item<BillingOffer, Org, FirmId> = Item::new("BILLINGOFFER");
const OFFER_OF_FIRM: Gsi1<BillingOffer, Org, (UtcTime, CompanyId)> = Gsi1::new("BILLINGOFFER");

impl Tenant {
    /// The payer that the company chose.
    #[must_use]
    pub fn billing(&self) -> Key<Billing> {
        BILLING.key(self.pk(), ())
    }

    /// The payer that a client of this firm chose; `None` for a company.
    #[must_use]
    pub fn billing_of(&self, client: &Org) -> Option<Key<Billing>> {
        self.org().firm()?;
        self.between(client).map(|(company, _)| BILLING.key(COMPANY.pk(company), ()))
    }

    /// A firm's offer to pay for a company, from either side.
    #[must_use]
    pub fn billing_offer(&self, other: &Org) -> Option<Key<BillingOffer>> {
        self.between(other).map(|(company, firm)| OFFER.key(COMPANY.pk(company), firm))
    }

    /// A company's offers from firms, past ones included; a firm's offers to companies, the open ones, newest
    /// first.
    #[must_use]
    pub fn billing_offers(&self) -> Listing<BillingOffer> {
        match self.org() {
            Org::Company(_) => OFFER.list(self.pk(), ()),
            Org::Firm(_) => OFFER_OF_FIRM.list(self.pk(), ()).newest_first(),
        }
    }
}

impl Entity for Billing {
    const ENTITY: &'static str = "billing";
}

impl Entity for BillingOffer {
    const ENTITY: &'static str = "billing_offer";

    fn indexes(&self) -> Indexes {
        while_active(self.status, OFFER_OF_FIRM.entry(FIRM.pk(&self.firm), (&self.since, &self.company))).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::tenant::profile;

    #[test]
    fn both_sides_name_the_same_referral_and_the_same_offer() {
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let firm: FirmId = "fm_00000000000000000000000000000002".parse().unwrap();
        let (company, firm) = (Org::Company(company), Org::Firm(firm));
        let (at_company, at_firm) = (Tenant::new(company.clone()), Tenant::new(firm.clone()));
        let referral = at_firm.referral(&company).unwrap().raw;
        assert_eq!(at_company.referral(&firm).unwrap().raw, referral);
        assert_eq!(referral.pk, profile(&firm).pk);
        let offer = at_company.billing_offer(&firm).unwrap().raw;
        assert_eq!(at_firm.billing_offer(&company).unwrap().raw, offer);
        assert_eq!(offer.pk, profile(&company).pk);
        assert!(at_firm.referral(&firm).is_none() && at_company.billing_offer(&company).is_none());
        assert_eq!(at_firm.billing_of(&company).unwrap().raw, at_company.billing().raw);
        assert!(at_company.billing_of(&firm).is_none() && at_firm.billing_of(&firm).is_none());
    }
}
