//! Keys of registration links, signup codes, referrals, bonuses and billing.

use domain::{
    CompanyId, Currency, FirmId, Org, RegistrationLinkId,
    billing::{Billing, BillingOffer},
    referral::{BonusAccount, BonusEntry, BonusEntryReason, Referral, ReferralAgreement},
    signup_source::{CodeDigest, CodeIssuer, RegistrationLink, SignupCode, SignupSourceRef},
};

use super::{Key, Listing, Tenant, company_pk, firm_pk, raw, while_active};
use crate::item::{Entity, Indexes};

/// A registration link by the id in its token.
pub(crate) fn registration_link(id: &RegistrationLinkId) -> Key<RegistrationLink> {
    Key::new(raw(format!("REGISTRATIONLINK#{id}"), "REGISTRATIONLINK".to_owned()))
}

/// A signup code by the digest of its text.
pub(crate) fn signup_code(digest: &CodeDigest) -> Key<SignupCode> {
    Key::new(raw(format!("SIGNUPCODE#{digest}"), "SIGNUPCODE".to_owned()))
}

impl Tenant {
    /// The firm and the company, of which one is this tenant and the other is named; `None` for two
    /// of a kind.
    fn pair<'a>(&'a self, other: &'a Org) -> Option<(&'a FirmId, &'a CompanyId)> {
        match (&self.org, other) {
            (Org::Firm(firm), Org::Company(company)) | (Org::Company(company), Org::Firm(firm)) => {
                Some((firm, company))
            }
            (Org::Company(_), Org::Company(_)) | (Org::Firm(_), Org::Firm(_)) => None,
        }
    }

    /// Any registration link by its id. Links are addressed by id alone, since a token carries
    /// nothing else: compare its firm with this tenant before use.
    #[must_use]
    pub fn registration_link(&self, id: &RegistrationLinkId) -> Key<RegistrationLink> {
        registration_link(id)
    }

    /// The firm's registration links, newest first.
    #[must_use]
    pub fn registration_links(&self) -> Listing<RegistrationLink> {
        self.by_state("REGISTRATIONLINK#".to_owned()).newest_first()
    }

    /// Any signup code by the digest of its text: compare its firm with this tenant before use.
    #[must_use]
    pub fn signup_code(&self, digest: &CodeDigest) -> Key<SignupCode> {
        signup_code(digest)
    }

    /// The firm's signup codes, newest first.
    #[must_use]
    pub fn signup_codes(&self) -> Listing<SignupCode> {
        self.by_state("SIGNUPCODE#".to_owned()).newest_first()
    }

    /// The referral between this tenant and the other side, which must be of the other kind.
    #[must_use]
    pub fn referral(&self, other: &Org) -> Option<Key<Referral>> {
        let (firm, company) = self.pair(other)?;
        Some(Key::new(raw(firm_pk(firm), format!("REFERRAL#{company}"))))
    }

    /// The firm's referrals, newest first: a company's id sorts by when it registered.
    #[must_use]
    pub fn referrals(&self) -> Listing<Referral> {
        self.items("REFERRAL#").newest_first()
    }

    /// Who came to the firm through one link or code, newest first.
    #[must_use]
    pub fn referrals_through(&self, through: &SignupSourceRef) -> Listing<Referral> {
        self.by_state(through_prefix(through)).newest_first()
    }

    /// What the vendor and the firm agreed on.
    #[must_use]
    pub fn referral_agreement(&self) -> Key<ReferralAgreement> {
        self.own("AGREEMENT#referrals".to_owned())
    }

    /// An entry of the firm's bonus ledger.
    #[must_use]
    pub fn bonus_entry(&self, entry: &BonusEntryReason) -> Key<BonusEntry> {
        self.own(format!("BONUS#{}#{}", entry.kind(), entry.id()))
    }

    /// The firm's bonus ledger, newest first.
    #[must_use]
    pub fn bonus_entries(&self) -> Listing<BonusEntry> {
        self.by_state("BONUS#".to_owned()).newest_first()
    }

    /// The sums of the firm's bonus ledger in one currency.
    #[must_use]
    pub fn bonus_account(&self, currency: Currency) -> Key<BonusAccount> {
        self.own(format!("BONUSACCOUNT#{currency}"))
    }

    /// The sums of the firm's bonus ledger in every currency.
    #[must_use]
    pub fn bonus_accounts(&self) -> Listing<BonusAccount> {
        self.items("BONUSACCOUNT#")
    }

    /// Whom the company chose to pay.
    #[must_use]
    pub fn billing(&self) -> Key<Billing> {
        self.own("BILLING".to_owned())
    }

    /// Whom a client of this firm chose to pay; `None` for a company.
    #[must_use]
    pub fn billing_of(&self, client: &Org) -> Option<Key<Billing>> {
        self.org.firm()?;
        let (_, company) = self.pair(client)?;
        Some(Key::new(raw(company_pk(company), "BILLING".to_owned())))
    }

    /// A firm's offer to pay for a company, from either side.
    #[must_use]
    pub fn billing_offer(&self, other: &Org) -> Option<Key<BillingOffer>> {
        let (firm, company) = self.pair(other)?;
        Some(Key::new(raw(company_pk(company), format!("BILLINGOFFER#{firm}"))))
    }

    /// A company's offers from firms, past ones included; a firm's offers to companies, those that it
    /// did not take back, newest first.
    #[must_use]
    pub fn billing_offers(&self) -> Listing<BillingOffer> {
        match &self.org {
            Org::Company(_) => self.items("BILLINGOFFER#"),
            Org::Firm(_) => self.by_state("BILLINGOFFER#".to_owned()).newest_first(),
        }
    }
}

fn through_prefix(through: &SignupSourceRef) -> String {
    format!("THROUGH#{}#{}#", through.kind().as_str(), through.id())
}

fn beside(pk: String, sk: String) -> Indexes {
    Indexes { gsi1: Some((pk, sk)), ..Indexes::default() }
}

impl Entity for RegistrationLink {
    const ENTITY: &'static str = "registration_link";

    fn indexes(&self) -> Indexes {
        beside(firm_pk(&self.firm), format!("REGISTRATIONLINK#{}", self.id))
    }
}

impl Entity for SignupCode {
    const ENTITY: &'static str = "signup_code";

    fn indexes(&self) -> Indexes {
        match &self.issuer {
            CodeIssuer::Firm { firm, id, .. } => beside(firm_pk(firm), format!("SIGNUPCODE#{id}")),
            // The vendor knows its codes by its own references.
            CodeIssuer::Vendor { .. } => Indexes::default(),
        }
    }
}

impl Entity for Referral {
    const ENTITY: &'static str = "referral";

    fn indexes(&self) -> Indexes {
        let sk = format!("{}{}#{}", through_prefix(&self.through), self.registered_at, self.company);
        beside(firm_pk(&self.firm), sk)
    }
}

impl Entity for ReferralAgreement {
    const ENTITY: &'static str = "referral_agreement";
}

impl Entity for BonusEntry {
    const ENTITY: &'static str = "bonus_entry";

    fn indexes(&self) -> Indexes {
        let sk = format!("BONUS#{}#{}#{}", self.at, self.entry.kind(), self.entry.id());
        beside(firm_pk(&self.firm), sk)
    }
}

impl Entity for BonusAccount {
    const ENTITY: &'static str = "bonus_account";
}

impl Entity for Billing {
    const ENTITY: &'static str = "billing";
}

impl Entity for BillingOffer {
    const ENTITY: &'static str = "billing_offer";

    fn indexes(&self) -> Indexes {
        let sk = format!("BILLINGOFFER#{}#{}", self.since, self.company);
        while_active(self.status, (firm_pk(&self.firm), sk))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::org_pk;

    #[test]
    fn both_sides_name_the_same_referral_and_the_same_offer() {
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let firm: FirmId = "fm_00000000000000000000000000000002".parse().unwrap();
        let (company, firm) = (Org::Company(company), Org::Firm(firm));
        let (at_company, at_firm) = (Tenant::new(company.clone()), Tenant::new(firm.clone()));
        let referral = at_firm.referral(&company).unwrap().raw;
        assert_eq!(at_company.referral(&firm).unwrap().raw, referral);
        assert_eq!(referral.pk, org_pk(&firm));
        let offer = at_company.billing_offer(&firm).unwrap().raw;
        assert_eq!(at_firm.billing_offer(&company).unwrap().raw, offer);
        assert_eq!(offer.pk, org_pk(&company));
        assert!(at_firm.referral(&firm).is_none() && at_company.billing_offer(&company).is_none());
        assert_eq!(at_firm.billing_of(&company).unwrap().raw, at_company.billing().raw);
        assert!(at_company.billing_of(&firm).is_none() && at_firm.billing_of(&firm).is_none());
    }

    #[test]
    fn a_code_stands_in_no_key_of_the_table() {
        let key = signup_code(&CodeDigest::new([0xab; 32]));
        assert_eq!(key.raw.pk, format!("SIGNUPCODE#{}", "ab".repeat(32)));
    }
}
