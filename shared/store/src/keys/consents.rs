//! Keys of consents: one item for each time that a company agreed to a firm's access, never
//! overwritten.

use domain::{FirmId, Org, UtcTime, consent::Consent};

use super::{
    key::Key,
    template::Item,
    tenant::{COMPANY, Tenant},
};
use crate::{item::Entity, listing::Listing};

const CONSENT: Item<Consent, Org, (FirmId, UtcTime)> = Item::new("CONSENT");

impl Tenant {
    /// One consent of this company's.
    #[must_use]
    pub fn consent(&self, consent: &Consent) -> Key<Consent> {
        CONSENT.key(self.pk(), (&consent.firm, &consent.at))
    }

    /// The company's consents for the firm, oldest first, seen from either side of the connection;
    /// `None` where `other` is not the other side.
    #[must_use]
    pub fn consents(&self, other: &Org) -> Option<Listing<Consent>> {
        self.between(other).map(|(company, firm)| CONSENT.list(COMPANY.pk(company), firm))
    }
}

impl Entity for Consent {
    const ENTITY: &'static str = "consent";
}
