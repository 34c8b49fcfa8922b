//! Referrals: the state of a firm's signups, and what the vendor owes the firm for them.

mod ledger;
#[cfg(test)]
mod tests;

use ledger::post;
pub use ledger::{
    Bonus, BonusAccount, BonusEntry, BonusEntryReason, BonusError, BonusPayload, PayoutRecording, Posting, pay_out,
    reverse,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{NewEvent, kinds},
    id::{CompanyId, FirmId, Org},
    org::{Company, Firm},
    signup_source::{SignupSourceKind, SignupSourceRef},
    text::Name,
    time::UtcTime,
};

/// The agreement between the vendor and a firm.
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

/// Payload of `referral_agreement.set`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReferralAgreementSet {
    /// What a referral earned before; `null` for nothing.
    // Read by a function of its own: a derived one would take a missing field for `null`.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    pub before: Option<Bonus>,
    /// What a referral earns now; `null` for nothing.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    pub after: Option<Bonus>,
}

/// Payload of `referral.registered`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReferralRegistered {
    /// The company's name.
    pub company_name: Name,
    /// What the company registered through.
    pub through: SignupSourceKind,
    /// The id of the link or code; the vendor's reference for a code of the vendor's.
    pub through_id: String,
    /// The firm's label of its link or code; `null` for a code of the vendor's.
    #[schema(required = true)]
    pub label: Option<Name>,
}

/// Payload of `referral.changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReferralChanged {
    /// The state before.
    pub before: ReferralState,
    /// The state now.
    pub after: ReferralState,
}

/// Sets the agreement, for referrals that become paying from now on.
#[must_use]
pub fn agree(
    firm: &FirmId,
    before: Option<&ReferralAgreement>,
    bonus: Option<Bonus>,
    now: UtcTime,
) -> (ReferralAgreement, NewEvent) {
    let version = before.map_or(1, |before| before.version + 1);
    let agreement = ReferralAgreement { firm: firm.clone(), bonus, since: now, version };
    let data = ReferralAgreementSet { before: before.and_then(|before| before.bonus), after: bonus };
    let event = NewEvent::new(Org::Firm(firm.clone()), firm.as_str(), kinds::ReferralAgreementSet::of(data));
    (agreement, event)
}

/// The state of a referred signup.
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
    /// What it registered through.
    pub through: SignupSourceRef,
    /// Its state.
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

/// Attributes a new company to a firm. `label` is the firm's name for the link or code; only the firm sees it.
#[must_use]
pub fn refer(
    firm: &Firm,
    company: &Company,
    through: SignupSourceRef,
    label: Option<&Name>,
    now: UtcTime,
) -> (Referral, NewEvent) {
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
    let data = ReferralRegistered {
        company_name: referral.company_name.clone(),
        through: referral.through.kind(),
        through_id: referral.through.id().to_owned(),
        label: label.cloned(),
    };
    let org = Org::Firm(firm.id.clone());
    let event = NewEvent::new(org, referral.company.as_str(), kinds::ReferralRegistered::of(data));
    (referral, event)
}

/// Why a referral's state was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferralError {
    /// A referral never returns to `registered`.
    #[error("a referral does not go back to registered")]
    BackToRegistered(ReferralState),
    /// The bonus cannot be entered.
    #[error(transparent)]
    Bonus(#[from] BonusError),
}

/// The result of the vendor's report on a referral.
#[derive(Debug, Clone, PartialEq)]
pub enum ReferralUpdate {
    /// It was known already.
    Unchanged,
    /// The referral changed, and with its first payment it may have earned.
    Changed(Box<Referral>, NewEvent, Option<Box<Posting>>),
}

impl Referral {
    /// The bonus that it earns when it becomes paying, if it is the first time and one is agreed on.
    #[must_use]
    pub fn would_earn(&self, to: ReferralState, agreement: Option<&ReferralAgreement>) -> Option<Bonus> {
        let first = to == ReferralState::Active && !self.was_active;
        agreement.and_then(|agreement| agreement.bonus).filter(|_| first)
    }

    /// Applies the vendor's report of its state. `account` is the firm's in the bonus's currency.
    ///
    /// # Errors
    /// [`ReferralError`].
    pub fn becomes(
        &self,
        to: ReferralState,
        agreement: Option<&ReferralAgreement>,
        account: Option<&BonusAccount>,
        now: UtcTime,
    ) -> Result<ReferralUpdate, ReferralError> {
        if to == self.state {
            return Ok(ReferralUpdate::Unchanged);
        }
        if to == ReferralState::Registered {
            return Err(ReferralError::BackToRegistered(self.state));
        }
        let posting = self
            .would_earn(to, agreement)
            .map(|bonus| {
                let entry = BonusEntry {
                    firm: self.firm.clone(),
                    entry: BonusEntryReason::Earned { company: self.company.clone() },
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
        let data = ReferralChanged { before: self.state, after: to };
        let org = Org::Firm(self.firm.clone());
        let event = NewEvent::new(org, self.company.as_str(), kinds::ReferralChanged::of(data));
        Ok(ReferralUpdate::Changed(Box::new(changed), event, posting))
    }
}
