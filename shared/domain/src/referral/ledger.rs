//! What the vendor owes a firm for its referrals, and what it has paid.
//!
//! The bonus ledger is append-only. The name of an entry is its reason, so a referral earns once and is reversed
//! once, and a payout is recorded once, however often a request is repeated. The totals beside the entries are
//! their sums, which a test checks; a write can be refused under a condition on them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{NewEvent, kinds},
    id::{CompanyId, FirmId, Org},
    money::{Amount, Currency},
    text::{Note, Reference},
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

/// The reason of an entry, which is also its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BonusEntryReason {
    /// A referral became paying.
    Earned {
        /// The company that was referred.
        company: CompanyId,
    },
    /// The bonus of a referral was reversed.
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

impl BonusEntryReason {
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
    /// Its reason.
    pub entry: BonusEntryReason,
    /// How much, in minor units; the kind says in which direction.
    pub amount_minor: Amount,
    /// The currency.
    pub currency: Currency,
    /// The vendor's note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// When it was entered.
    pub at: UtcTime,
}

impl BonusEntry {
    fn event(&self) -> NewEvent {
        let data = BonusPayload { amount_minor: self.amount_minor, currency: self.currency };
        let payload = match self.entry {
            BonusEntryReason::Earned { .. } => kinds::BonusEarned::of(data),
            BonusEntryReason::Reversed { .. } => kinds::BonusReversed::of(data),
            BonusEntryReason::Paid { .. } => kinds::BonusPaid::of(data),
        };
        NewEvent::new(Org::Firm(self.firm.clone()), self.entry.id(), payload)
    }
}

/// Payload of the `bonus.*` events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BonusPayload {
    /// How much, in minor units of `currency`; the event type says in which direction.
    pub amount_minor: Amount,
    /// The currency.
    pub currency: Currency,
}

/// The sums of a firm's entries in one currency, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BonusAccount {
    /// The firm.
    pub firm: FirmId,
    /// The currency.
    pub currency: Currency,
    /// The sum of the bonuses.
    pub earned_minor: i64,
    /// The sum of the reversals.
    pub reversed_minor: i64,
    /// The sum of the payouts.
    pub paid_minor: i64,
    /// Counts entries, for optimistic locking.
    pub version: u64,
}

/// Why an entry is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BonusError {
    /// The entry would pay or reverse more than is owed.
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
    /// The sums would exceed what can be stored.
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
            BonusEntryReason::Earned { .. } => &mut sums.earned_minor,
            BonusEntryReason::Reversed { .. } => &mut sums.reversed_minor,
            BonusEntryReason::Paid { .. } => &mut sums.paid_minor,
        };
        *sum = sum.checked_add(amount).ok_or(BonusError::TooMuch)?;
        sums.version += 1;
        if sums.balance_minor() < 0 {
            return Err(BonusError::MoreThanOwed { balance_minor: self.balance_minor() });
        }
        Ok(sums)
    }
}

/// An entry, the sums that include it, and its event.
#[derive(Debug, Clone, PartialEq)]
pub struct Posting {
    /// The entry.
    pub entry: BonusEntry,
    /// The sums with it.
    pub account: BonusAccount,
    /// The event.
    pub event: NewEvent,
}

/// Adds an entry to an account, or to an empty one.
pub(super) fn post(account: Option<&BonusAccount>, entry: BonusEntry) -> Result<Posting, BonusError> {
    let empty = BonusAccount::empty(&entry.firm, entry.currency);
    let account = account.unwrap_or(&empty).with(&entry)?;
    let event = entry.event();
    Ok(Posting { entry, account, event })
}

/// The result of recording an entry.
#[derive(Debug, Clone, PartialEq)]
pub enum PayoutRecording {
    /// The same entry was recorded before.
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
) -> Result<PayoutRecording, BonusError> {
    match known {
        Some(known) if known.amount_minor == bonus.amount_minor && known.currency == bonus.currency => {
            Ok(PayoutRecording::Unchanged(Box::new(known)))
        }
        Some(_) => Err(BonusError::ReferenceTaken),
        None => {
            let entry = BonusEntry {
                firm: firm.clone(),
                entry: BonusEntryReason::Paid { reference: reference.clone() },
                amount_minor: bonus.amount_minor,
                currency: bonus.currency,
                note,
                at: now,
            };
            post(account, entry).map(|posting| PayoutRecording::Posted(Box::new(posting)))
        }
    }
}

/// Reverses the whole bonus of a referral, while it is still owed.
///
/// # Errors
/// [`BonusError`].
pub fn reverse(
    earned: Option<&BonusEntry>,
    known: Option<BonusEntry>,
    account: Option<&BonusAccount>,
    note: Option<Note>,
    now: UtcTime,
) -> Result<PayoutRecording, BonusError> {
    if let Some(known) = known {
        return Ok(PayoutRecording::Unchanged(Box::new(known)));
    }
    let Some(BonusEntry { firm, entry: BonusEntryReason::Earned { company }, amount_minor, currency, .. }) = earned
    else {
        return Err(BonusError::NothingEarned);
    };
    let entry = BonusEntry {
        firm: firm.clone(),
        entry: BonusEntryReason::Reversed { company: company.clone() },
        amount_minor: *amount_minor,
        currency: *currency,
        note,
        at: now,
    };
    post(account, entry).map(|posting| PayoutRecording::Posted(Box::new(posting)))
}
