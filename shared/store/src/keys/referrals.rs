//! Keys of referrals, of the referral agreement, and of the bonus ledger.

use domain::{
    CompanyId, Currency, Org, UtcTime,
    referral::{BonusAccount, BonusEntry, BonusEntryReason, Referral, ReferralAgreement},
    signup_source::SignupSourceRef,
};

use super::{
    key::Key,
    parts::key_parts,
    template::{Gsi1, Item, KeyPart},
    tenant::{FIRM, Tenant},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(Currency);

/// A kind, which is a word of our own, and an id or a reference.
impl KeyPart for SignupSourceRef {
    fn append_to(&self, key: &mut String) {
        key.push_str(&format!("{}#{}", self.kind().as_str(), self.id()));
    }
}

/// A kind, which is a word of our own, and an id or a reference.
impl KeyPart for BonusEntryReason {
    fn append_to(&self, key: &mut String) {
        key.push_str(&format!("{}#{}", self.kind(), self.id()));
    }
}

const REFERRAL: Item<Referral, Org, CompanyId> = Item::new("REFERRAL");
const REFERRAL_BY_SOURCE: Gsi1<Referral, Org, (SignupSourceRef, UtcTime, CompanyId)> = Gsi1::new("THROUGH");
const AGREEMENT: Item<ReferralAgreement, Org, &str> = Item::new("AGREEMENT");
const ENTRY: Item<BonusEntry, Org, BonusEntryReason> = Item::new("BONUS");
const ENTRY_BY_TIME: Gsi1<BonusEntry, Org, (UtcTime, BonusEntryReason)> = Gsi1::new("BONUS");
const ACCOUNT: Item<BonusAccount, Org, Currency> = Item::new("BONUSACCOUNT");

impl Tenant {
    /// The referral between this tenant and the other side, which must be of the other kind.
    #[must_use]
    pub fn referral(&self, other: &Org) -> Option<Key<Referral>> {
        self.between(other).map(|(company, firm)| REFERRAL.key(FIRM.pk(firm), company))
    }

    /// The firm's referrals, newest first: a company's id sorts by when it registered.
    #[must_use]
    pub fn referrals(&self) -> Listing<Referral> {
        REFERRAL.list(self.pk(), ()).newest_first()
    }

    /// The firm's referrals through one link or code, newest first.
    #[must_use]
    pub fn referrals_through(&self, through: &SignupSourceRef) -> Listing<Referral> {
        REFERRAL_BY_SOURCE.list(self.pk(), through).newest_first()
    }

    /// The agreement between the vendor and the firm.
    #[must_use]
    pub fn referral_agreement(&self) -> Key<ReferralAgreement> {
        AGREEMENT.key(self.pk(), &"referrals")
    }

    /// An entry of the firm's bonus ledger.
    #[must_use]
    pub fn bonus_entry(&self, entry: &BonusEntryReason) -> Key<BonusEntry> {
        ENTRY.key(self.pk(), entry)
    }

    /// The firm's bonus ledger, newest first.
    #[must_use]
    pub fn bonus_entries(&self) -> Listing<BonusEntry> {
        ENTRY_BY_TIME.list(self.pk(), ()).newest_first()
    }

    /// The sums of the firm's bonus ledger in one currency.
    #[must_use]
    pub fn bonus_account(&self, currency: Currency) -> Key<BonusAccount> {
        ACCOUNT.key(self.pk(), &currency)
    }

    /// The sums of the firm's bonus ledger in every currency.
    #[must_use]
    pub fn bonus_accounts(&self) -> Listing<BonusAccount> {
        ACCOUNT.list(self.pk(), ())
    }
}

impl Entity for Referral {
    const ENTITY: &'static str = "referral";

    fn indexes(&self) -> Indexes {
        let by_source = (&self.through, &self.registered_at, &self.company);
        REFERRAL_BY_SOURCE.entry(FIRM.pk(&self.firm), by_source).into()
    }
}

impl Entity for ReferralAgreement {
    const ENTITY: &'static str = "referral_agreement";
}

impl Entity for BonusEntry {
    const ENTITY: &'static str = "bonus_entry";

    fn indexes(&self) -> Indexes {
        ENTRY_BY_TIME.entry(FIRM.pk(&self.firm), (&self.at, &self.entry)).into()
    }
}

impl Entity for BonusAccount {
    const ENTITY: &'static str = "bonus_account";
}
