//! Keys of consents: one item for each time that a company agreed to a firm's access, never
//! overwritten.

use domain::{FirmId, consent::Consent};

use super::{Key, Listing, Tenant};
use crate::item::Entity;

impl Tenant {
    /// One consent of this company's.
    #[must_use]
    pub fn consent(&self, consent: &Consent) -> Key<Consent> {
        self.own(format!("CONSENT#{}#{}", consent.firm, consent.at))
    }

    /// To what this company agreed for a firm, oldest first.
    #[must_use]
    pub fn consents(&self, firm: &FirmId) -> Listing<Consent> {
        self.items(&format!("CONSENT#{firm}#"))
    }
}

impl Entity for Consent {
    const ENTITY: &'static str = "consent";
}
