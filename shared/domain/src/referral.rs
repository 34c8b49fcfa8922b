//! Referrals: what a firm's signups become, and what the vendor owes the firm for them.
//!
//! The ledger of bonuses is only ever added to. An entry is named by what it is for, so that a
//! referral earns once and is reversed once, and a payout is recorded once, whatever is repeated.
//! The totals beside the entries exist so that a write can be refused under a condition: they are
//! the sums of the entries, and a test holds them to that.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    entrance::Through,
    event::{EventType, Fact},
    id::{CompanyId, FirmId, Org},
    money::{Amount, Currency},
    org::{Company, Firm},
    text::{Name, Note, Reference},
    time::UtcTime,
};

/// An amount of money that a referral earns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bonus {
    /// In minor units of `currency`.
    pub amount_minor: Amount,
    /// The currency.
    pub currency: Currency,
}

/// What the vendor and a firm agreed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferralAgreement {
    /// The firm.
    pub firm: FirmId,
    /// What each referred signup earns when it becomes paying; nothing when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus: Option<Bonus>,
    /// Since when.
    pub since: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// Sets what is agreed on, for referrals that become paying from now on.
#[must_use]
pub fn agree(
    firm: &FirmId,
    before: Option<&ReferralAgreement>,
    bonus: Option<Bonus>,
    now: UtcTime,
) -> (ReferralAgreement, Fact) {
    let version = before.map_or(1, |before| before.version + 1);
    let agreement = ReferralAgreement { firm: firm.clone(), bonus, since: now, version };
    let data = json!({"before": before.and_then(|before| before.bonus), "after": bonus});
    let subject = ("referral_agreement", firm.as_str());
    let fact = Fact::new(EventType::ReferralAgreementSet, Org::Firm(firm.clone()), subject, data);
    (agreement, fact)
}

/// Where a referred signup stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReferralState {
    /// It registered.
    Registered,
    /// It pays.
    Active,
    /// It left.
    Churned,
}

impl ReferralState {
    /// The state as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Active => "active",
            Self::Churned => "churned",
        }
    }
}

/// A company that registered through a firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// The firm that referred.
    pub firm: FirmId,
    /// The company.
    pub company: CompanyId,
    /// Its name when it registered.
    pub company_name: Name,
    /// What it came through.
    pub through: Through,
    /// Where it stands.
    pub state: ReferralState,
    /// When it registered.
    pub registered_at: UtcTime,
    /// When its state last changed.
    pub changed_at: UtcTime,
    /// Whether it was paying at any time: a bonus is earned at the first.
    pub was_active: bool,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// Attributes a new company to a firm. `label` is what the firm calls the way in; only the firm is told
/// of it.
#[must_use]
pub fn refer(firm: &Firm, company: &Company, through: Through, label: Option<&Name>, now: UtcTime) -> (Referral, Fact) {
    let referral = Referral {
        firm: firm.id.clone(),
        company: company.id.clone(),
        company_name: company.name.clone(),
        through,
        state: ReferralState::Registered,
        registered_at: now,
        changed_at: now,
        was_active: false,
        version: 1,
    };
    let data = json!({
        "company_name": referral.company_name,
        "through": referral.through.kind(),
        "through_id": referral.through.id(),
        "label": label,
    });
    let subject = ("referral", referral.company.as_str());
    let fact = Fact::new(EventType::ReferralRegistered, Org::Firm(firm.id.clone()), subject, data);
    (referral, fact)
}

/// What an entry of the ledger is for, which is also its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EntryFor {
    /// A referral became paying.
    Earned {
        /// The company that was referred.
        company: CompanyId,
    },
    /// What a referral earned was taken back.
    Reversed {
        /// The company that was referred.
        company: CompanyId,
    },
    /// The vendor paid the firm.
    Paid {
        /// The vendor's name for the payout.
        reference: Reference,
    },
}

impl EntryFor {
    /// `earned`, `reversed` or `paid`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Earned { .. } => "earned",
            Self::Reversed { .. } => "reversed",
            Self::Paid { .. } => "paid",
        }
    }

    /// The company or the reference.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Earned { company } | Self::Reversed { company } => company.as_str(),
            Self::Paid { reference } => reference.as_str(),
        }
    }
}

/// One entry of a firm's bonus ledger. Never changed and never removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BonusEntry {
    /// The firm.
    pub firm: FirmId,
    /// What it is for.
    pub entry: EntryFor,
    /// How much, in minor units; the kind says in which direction.
    pub amount_minor: Amount,
    /// The currency.
    pub currency: Currency,
    /// The vendor's words on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// When it was entered.
    pub at: UtcTime,
}

impl BonusEntry {
    fn fact(&self) -> Fact {
        let kind = match self.entry {
            EntryFor::Earned { .. } => EventType::BonusEarned,
            EntryFor::Reversed { .. } => EventType::BonusReversed,
            EntryFor::Paid { .. } => EventType::BonusPaid,
        };
        let data = json!({"amount_minor": self.amount_minor, "currency": self.currency});
        Fact::new(kind, Org::Firm(self.firm.clone()), ("bonus", self.entry.id()), data)
    }
}

/// The sums of a firm's entries in one currency, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BonusAccount {
    /// The firm.
    pub firm: FirmId,
    /// The currency.
    pub currency: Currency,
    /// All that was earned.
    pub earned_minor: i64,
    /// All that was taken back.
    pub reversed_minor: i64,
    /// All that was paid.
    pub paid_minor: i64,
    /// Counts entries, for optimistic locking.
    pub version: u64,
}

/// Why an entry is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BonusError {
    /// More than is owed would be paid or taken back.
    #[error("only {balance_minor} is owed")]
    MoreThanOwed {
        /// What is owed, in minor units.
        balance_minor: i64,
    },
    /// The referral earned nothing.
    #[error("the referral earned no bonus")]
    NothingEarned,
    /// The reference is another payout's.
    #[error("another payout was recorded under this reference")]
    ReferenceTaken,
    /// The sums would no longer fit.
    #[error("the ledger cannot hold more in this currency")]
    TooMuch,
}

impl BonusAccount {
    /// An account without entries.
    #[must_use]
    pub fn empty(firm: &FirmId, currency: Currency) -> Self {
        Self { firm: firm.clone(), currency, earned_minor: 0, reversed_minor: 0, paid_minor: 0, version: 0 }
    }

    /// What is owed to the firm: never less than nothing.
    #[must_use]
    pub const fn balance_minor(&self) -> i64 {
        // INVARIANT: all three are sums of positive amounts, and the latter two never exceed the first.
        self.earned_minor.saturating_sub(self.reversed_minor).saturating_sub(self.paid_minor)
    }

    /// The sums with one more entry.
    ///
    /// # Errors
    /// [`BonusError::MoreThanOwed`] and [`BonusError::TooMuch`].
    fn with(&self, entry: &BonusEntry) -> Result<Self, BonusError> {
        let (amount, mut sums) = (entry.amount_minor.minor(), self.clone());
        let sum = match entry.entry {
            EntryFor::Earned { .. } => &mut sums.earned_minor,
            EntryFor::Reversed { .. } => &mut sums.reversed_minor,
            EntryFor::Paid { .. } => &mut sums.paid_minor,
        };
        *sum = sum.checked_add(amount).ok_or(BonusError::TooMuch)?;
        sums.version += 1;
        if sums.balance_minor() < 0 {
            return Err(BonusError::MoreThanOwed { balance_minor: self.balance_minor() });
        }
        Ok(sums)
    }
}

/// An entry, the sums with it, and what it is told as.
#[derive(Debug, Clone, PartialEq)]
pub struct Posting {
    /// The entry.
    pub entry: BonusEntry,
    /// The sums with it.
    pub account: BonusAccount,
    /// What happened.
    pub fact: Fact,
}

fn post(account: Option<&BonusAccount>, entry: BonusEntry) -> Result<Posting, BonusError> {
    let empty = BonusAccount::empty(&entry.firm, entry.currency);
    let account = account.unwrap_or(&empty).with(&entry)?;
    let fact = entry.fact();
    Ok(Posting { entry, account, fact })
}

/// Why a referral's state was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferralError {
    /// Nobody goes back to having only registered.
    #[error("a referral does not go back to registered")]
    BackToRegistered(ReferralState),
    /// The bonus cannot be entered.
    #[error(transparent)]
    Bonus(#[from] BonusError),
}

/// What came of the vendor's word on a referral.
#[derive(Debug, Clone, PartialEq)]
pub enum Word {
    /// It was known.
    Unchanged,
    /// The referral changed, and with its first payment it may have earned.
    Changed(Box<Referral>, Fact, Option<Box<Posting>>),
}

impl Referral {
    /// The bonus that it earns when it becomes paying, if it is the first time and one is agreed on.
    #[must_use]
    pub fn would_earn(&self, to: ReferralState, agreement: Option<&ReferralAgreement>) -> Option<Bonus> {
        let first = to == ReferralState::Active && !self.was_active;
        agreement.and_then(|agreement| agreement.bonus).filter(|_| first)
    }

    /// Takes the vendor's word on where it stands. `account` is the firm's in the bonus's currency.
    ///
    /// # Errors
    /// [`ReferralError`].
    pub fn becomes(
        &self,
        to: ReferralState,
        agreement: Option<&ReferralAgreement>,
        account: Option<&BonusAccount>,
        now: UtcTime,
    ) -> Result<Word, ReferralError> {
        if to == self.state {
            return Ok(Word::Unchanged);
        }
        if to == ReferralState::Registered {
            return Err(ReferralError::BackToRegistered(self.state));
        }
        let posting = self
            .would_earn(to, agreement)
            .map(|bonus| {
                let entry = BonusEntry {
                    firm: self.firm.clone(),
                    entry: EntryFor::Earned { company: self.company.clone() },
                    amount_minor: bonus.amount_minor,
                    currency: bonus.currency,
                    note: None,
                    at: now,
                };
                post(account, entry).map(Box::new)
            })
            .transpose()?;
        let changed = Self {
            state: to,
            changed_at: now,
            was_active: self.was_active || to == ReferralState::Active,
            version: self.version + 1,
            ..self.clone()
        };
        let data = json!({"before": self.state, "after": to});
        let subject = ("referral", self.company.as_str());
        let fact = Fact::new(EventType::ReferralChanged, Org::Firm(self.firm.clone()), subject, data);
        Ok(Word::Changed(Box::new(changed), fact, posting))
    }
}

/// What came of recording an entry under a name that says it all.
#[derive(Debug, Clone, PartialEq)]
pub enum Entered {
    /// It was there, the very same.
    Unchanged(Box<BonusEntry>),
    /// It is new.
    Posted(Box<Posting>),
}

/// Records a payout to the firm.
///
/// # Errors
/// [`BonusError`].
pub fn pay_out(
    firm: &FirmId,
    reference: &Reference,
    bonus: Bonus,
    note: Option<Note>,
    known: Option<BonusEntry>,
    account: Option<&BonusAccount>,
    now: UtcTime,
) -> Result<Entered, BonusError> {
    match known {
        Some(known) if known.amount_minor == bonus.amount_minor && known.currency == bonus.currency => {
            Ok(Entered::Unchanged(Box::new(known)))
        }
        Some(_) => Err(BonusError::ReferenceTaken),
        None => {
            let entry = BonusEntry {
                firm: firm.clone(),
                entry: EntryFor::Paid { reference: reference.clone() },
                amount_minor: bonus.amount_minor,
                currency: bonus.currency,
                note,
                at: now,
            };
            post(account, entry).map(|posting| Entered::Posted(Box::new(posting)))
        }
    }
}

/// Takes back what a referral earned, all of it, while it is owed still.
///
/// # Errors
/// [`BonusError`].
pub fn reverse(
    earned: Option<&BonusEntry>,
    known: Option<BonusEntry>,
    account: Option<&BonusAccount>,
    note: Option<Note>,
    now: UtcTime,
) -> Result<Entered, BonusError> {
    if let Some(known) = known {
        return Ok(Entered::Unchanged(Box::new(known)));
    }
    let Some(BonusEntry { firm, entry: EntryFor::Earned { company }, amount_minor, currency, .. }) = earned else {
        return Err(BonusError::NothingEarned);
    };
    let entry = BonusEntry {
        firm: firm.clone(),
        entry: EntryFor::Reversed { company: company.clone() },
        amount_minor: *amount_minor,
        currency: *currency,
        note,
        at: now,
    };
    post(account, entry).map(|posting| Entered::Posted(Box::new(posting)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{id::RegistrationLinkId, time::Zone};

    const NOW: UtcTime = UtcTime::EPOCH;

    fn firm() -> Firm {
        let id = FirmId::from_uuid(Uuid::from_u128(1));
        Firm { id, name: "Contas".parse().unwrap(), email: None, admin_count: 1, created_at: NOW }
    }

    fn referral(n: u128) -> Referral {
        let company = Company {
            id: CompanyId::from_uuid(Uuid::from_u128(n)),
            name: "Loja Azul".parse().unwrap(),
            currency: "EUR".parse().unwrap(),
            time_zone: Zone::utc(),
            owner_count: 1,
            created_at: NOW,
        };
        let through = Through::RegistrationLink(RegistrationLinkId::from_uuid(Uuid::from_u128(9)));
        refer(&firm(), &company, through, None, NOW).0
    }

    fn bonus(amount: i64) -> Bonus {
        Bonus { amount_minor: amount.try_into().unwrap(), currency: "EUR".parse().unwrap() }
    }

    fn agreement(amount: i64) -> ReferralAgreement {
        agree(&firm().id, None, Some(bonus(amount)), NOW).0
    }

    #[test]
    fn a_referral_earns_once_when_it_first_pays() {
        let terms = agreement(5_000);
        let word = referral(2).becomes(ReferralState::Active, Some(&terms), None, NOW).unwrap();
        let Word::Changed(active, _, Some(posting)) = word else { panic!("{word:?}") };
        assert_eq!((posting.account.balance_minor(), posting.fact.kind), (5_000, EventType::BonusEarned));
        assert_eq!(active.becomes(ReferralState::Active, Some(&terms), None, NOW).unwrap(), Word::Unchanged);
        let Word::Changed(left, _, None) = active.becomes(ReferralState::Churned, Some(&terms), None, NOW).unwrap()
        else {
            panic!("leaving earns nothing")
        };
        let Word::Changed(_, _, again) = left.becomes(ReferralState::Active, Some(&terms), None, NOW).unwrap() else {
            panic!("coming back is a change")
        };
        assert_eq!(again, None, "coming back earns nothing");
        let back = active.becomes(ReferralState::Registered, Some(&terms), None, NOW);
        assert_eq!(back.unwrap_err(), ReferralError::BackToRegistered(ReferralState::Active));
    }

    #[test]
    fn nothing_is_earned_where_nothing_was_agreed_on() {
        let none = agree(&firm().id, None, None, NOW).0;
        for agreement in [None, Some(&none)] {
            let word = referral(2).becomes(ReferralState::Active, agreement, None, NOW).unwrap();
            assert!(matches!(word, Word::Changed(_, _, None)), "{word:?}");
        }
    }

    #[test]
    fn a_payout_is_recorded_once_and_never_beyond_what_is_owed() {
        let word = referral(2).becomes(ReferralState::Active, Some(&agreement(5_000)), None, NOW).unwrap();
        let Word::Changed(_, _, Some(posting)) = word else { panic!("{word:?}") };
        let account = &posting.account;
        let pay = |amount, known| {
            pay_out(&firm().id, &"OUT-1".parse().unwrap(), bonus(amount), None, known, Some(account), NOW)
        };
        assert_eq!(pay(5_001, None).unwrap_err(), BonusError::MoreThanOwed { balance_minor: 5_000 });
        let Entered::Posted(paid) = pay(5_000, None).unwrap() else { panic!("it is new") };
        assert_eq!(paid.account.balance_minor(), 0);
        assert!(matches!(pay(5_000, Some(paid.entry.clone())), Ok(Entered::Unchanged(_))));
        assert_eq!(pay(4_999, Some(paid.entry.clone())).unwrap_err(), BonusError::ReferenceTaken);
        // What was paid cannot be taken back any more.
        let late = reverse(Some(&posting.entry), None, Some(&paid.account), None, NOW);
        assert_eq!(late.unwrap_err(), BonusError::MoreThanOwed { balance_minor: 0 });
        let never = reverse(None, None, Some(account), None, NOW);
        assert_eq!(never.unwrap_err(), BonusError::NothingEarned);
    }

    /// What may be tried, on one of five referrals and one of five payouts.
    #[derive(Debug, Clone)]
    enum Try {
        Activate(u128, i64),
        Churn(u128),
        Reverse(u128),
        PayOut(u8, i64),
    }

    fn tries() -> impl Strategy<Value = Vec<Try>> {
        let one = prop_oneof![
            (1_u128..6, 1_i64..100).prop_map(|(n, amount)| Try::Activate(n, amount)),
            (1_u128..6).prop_map(Try::Churn),
            (1_u128..6).prop_map(Try::Reverse),
            (0_u8..5, 1_i64..150).prop_map(|(n, amount)| Try::PayOut(n, amount)),
        ];
        prop::collection::vec(one, 0..60)
    }

    /// A ledger as the table keeps it: entries by name, the first of a name staying for ever.
    #[derive(Default)]
    struct Book {
        referrals: BTreeMap<u128, Referral>,
        entries: BTreeMap<String, BonusEntry>,
        account: Option<BonusAccount>,
    }

    impl Book {
        fn named(&self, kind: &str, id: &str) -> Option<BonusEntry> {
            self.entries.get(&format!("{kind} {id}")).cloned()
        }

        fn keep(&mut self, posting: Posting) {
            let name = format!("{} {}", posting.entry.entry.kind(), posting.entry.entry.id());
            assert!(self.entries.insert(name, posting.entry).is_none(), "an entry was written twice");
            self.account = Some(posting.account);
        }

        fn attempt(&mut self, one: Try) {
            let account = self.account.clone();
            match one {
                Try::Activate(n, amount) => self.becomes(n, ReferralState::Active, &agreement(amount)),
                Try::Churn(n) => self.becomes(n, ReferralState::Churned, &agreement(1)),
                Try::Reverse(n) => {
                    let company = referral(n).company;
                    let (earned, known) =
                        (self.named("earned", company.as_str()), self.named("reversed", company.as_str()));
                    if let Ok(Entered::Posted(p)) = reverse(earned.as_ref(), known, account.as_ref(), None, NOW) {
                        self.keep(*p);
                    }
                }
                Try::PayOut(n, amount) => {
                    let reference: Reference = format!("OUT-{n}").parse().unwrap();
                    let known = self.named("paid", reference.as_str());
                    let paid = pay_out(&firm().id, &reference, bonus(amount), None, known, account.as_ref(), NOW);
                    if let Ok(Entered::Posted(p)) = paid {
                        self.keep(*p);
                    }
                }
            }
        }

        fn becomes(&mut self, n: u128, to: ReferralState, agreement: &ReferralAgreement) {
            let known = self.referrals.entry(n).or_insert_with(|| referral(n)).clone();
            if let Ok(Word::Changed(changed, _, posting)) =
                known.becomes(to, Some(agreement), self.account.as_ref(), NOW)
            {
                self.referrals.insert(n, *changed);
                if let Some(posting) = posting {
                    self.keep(*posting);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn the_balance_is_the_sum_of_the_entries_and_never_negative(tries in tries()) {
            let mut book = Book::default();
            for one in tries {
                book.attempt(one);
                let sum = |kind: &str| -> i64 {
                    let of_kind = book.entries.values().filter(|entry| entry.entry.kind() == kind);
                    of_kind.map(|entry| entry.amount_minor.minor()).sum()
                };
                let account = book.account.clone();
                let account = account.unwrap_or_else(|| BonusAccount::empty(&firm().id, "EUR".parse().unwrap()));
                prop_assert_eq!(account.earned_minor, sum("earned"));
                prop_assert_eq!(account.reversed_minor, sum("reversed"));
                prop_assert_eq!(account.paid_minor, sum("paid"));
                prop_assert_eq!(account.balance_minor(), sum("earned") - sum("reversed") - sum("paid"));
                prop_assert!(account.balance_minor() >= 0);
                prop_assert_eq!(account.version, book.entries.len() as u64);
            }
        }
    }
}
