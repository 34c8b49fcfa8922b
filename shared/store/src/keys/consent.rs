//! Keys of consents: one item for each time that a company agreed to a firm's access, never
//! overwritten.

use domain::{Org, consent::Consent};

use super::{Key, Listing, Source, Tenant, company_pk};
use crate::item::Entity;

impl Tenant {
    /// One consent of this company's.
    #[must_use]
    pub fn consent(&self, consent: &Consent) -> Key<Consent> {
        self.own(format!("CONSENT#{}#{}", consent.firm, consent.at))
    }

    /// To what the company agreed for the firm, oldest first, seen from either side of the connection;
    /// `None` where `other` is not the other side.
    #[must_use]
    pub fn consents(&self, other: &Org) -> Option<Listing<Consent>> {
        self.between(other)
            .map(|(company, firm)| Listing::new(Source::Table, company_pk(company), format!("CONSENT#{firm}#")))
    }
}

impl Entity for Consent {
    const ENTITY: &'static str = "consent";
}
