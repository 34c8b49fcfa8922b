//! The tenant that a call is confined to, and the partitions of companies and firms.

use domain::{
    CompanyId, FirmId, Org,
    org::{Company, Firm, Status},
};

use super::{
    key::Key,
    template::{Item, Partition, Pk},
};
use crate::item::{Entity, IndexEntry, RawKey};

/// The partition of a company.
pub(super) const COMPANY: Partition<Org, CompanyId> = Partition::new("COMPANY");
/// The partition of a firm.
pub(super) const FIRM: Partition<Org, FirmId> = Partition::new("FIRM");
/// The profile of the company or firm itself.
const PROFILE: &str = "PROFILE";
const COMPANY_PROFILE: Item<Company, Org, ()> = Item::new(PROFILE);
const FIRM_PROFILE: Item<Firm, Org, ()> = Item::new(PROFILE);

/// The partition of a company or a firm.
pub(super) fn org_pk(org: &Org) -> Pk<Org> {
    match org {
        Org::Company(company) => COMPANY.pk(company),
        Org::Firm(firm) => FIRM.pk(firm),
    }
}

/// The profile of a company or firm, whichever it is.
pub(crate) fn profile(org: &Org) -> RawKey {
    match org {
        Org::Company(company) => COMPANY_PROFILE.key(COMPANY.pk(company), ()).raw,
        Org::Firm(firm) => FIRM_PROFILE.key(FIRM.pk(firm), ()).raw,
    }
}

/// An index entry that is there while something is active.
pub(super) fn while_active(status: Status, entry: IndexEntry) -> Option<IndexEntry> {
    match status {
        Status::Active => Some(entry),
        Status::Ended => None,
    }
}

/// The tenant that a call is confined to: every key of a tenant's data is made from one. Its methods
/// stand beside the templates of the keys that they make.
///
/// It cannot be made outside this crate; it comes with a proven read or a change.
#[derive(Debug, Clone)]
pub struct Tenant {
    org: Org,
}

impl Tenant {
    pub(crate) const fn new(org: Org) -> Self {
        Self { org }
    }

    /// Which tenant it is.
    #[must_use]
    pub const fn org(&self) -> &Org {
        &self.org
    }

    /// The partition of the tenant's data.
    pub(super) fn pk(&self) -> Pk<Org> {
        org_pk(&self.org)
    }

    /// The two sides of a connection of this tenant's; `None` where `other` is of its own kind.
    pub(super) fn between<'a>(&'a self, other: &'a Org) -> Option<(&'a CompanyId, &'a FirmId)> {
        match (&self.org, other) {
            (Org::Company(company), Org::Firm(firm)) | (Org::Firm(firm), Org::Company(company)) => {
                Some((company, firm))
            }
            (Org::Company(_), Org::Company(_)) | (Org::Firm(_), Org::Firm(_)) => None,
        }
    }

    /// The company's profile.
    #[must_use]
    pub fn company(&self) -> Key<Company> {
        COMPANY_PROFILE.key(self.pk(), ())
    }

    /// The firm's profile.
    #[must_use]
    pub fn firm(&self) -> Key<Firm> {
        FIRM_PROFILE.key(self.pk(), ())
    }
}

impl Entity for Company {
    const ENTITY: &'static str = "company";
}

impl Entity for Firm {
    const ENTITY: &'static str = "firm";
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Proves: 6
    #[test]
    fn a_tenants_keys_stay_in_its_partition() {
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let tenant = Tenant::new(Org::Company(company));
        let reference: domain::Reference = "A-1".parse().unwrap();
        for raw in [tenant.invoice(&reference).raw, tenant.approval(&reference).raw, tenant.policy().raw] {
            assert_eq!(raw.pk, "COMPANY#co_00000000000000000000000000000001");
        }
        assert!(tenant.connection(tenant.org()).is_none());
        let user = "u".parse().unwrap();
        assert!(tenant.assignment_through(tenant.org(), &user).is_none());
        let firm: FirmId = "fm_00000000000000000000000000000002".parse().unwrap();
        let assigned = tenant.assignment_through(&Org::Firm(firm.clone()), &user).unwrap().raw;
        let other: CompanyId = "co_00000000000000000000000000000003".parse().unwrap();
        assert_eq!(assigned.pk, "COMPANY#co_00000000000000000000000000000001");
        assert!(tenant.assignments_in(&other).is_none(), "another company's");
        let at_firm = Tenant::new(Org::Firm(firm));
        assert_eq!(at_firm.assignment_through(tenant.org(), &user).unwrap().raw, assigned);
    }

    #[test]
    fn the_profile_that_an_authority_rests_on_is_the_tenants_own() {
        for org in ["co_00000000000000000000000000000001", "fm_00000000000000000000000000000002"] {
            let org: Org = org.parse().unwrap();
            let tenant = Tenant::new(org.clone());
            assert_eq!(profile(&org), if org.company().is_some() { tenant.company().raw } else { tenant.firm().raw });
        }
    }
}
