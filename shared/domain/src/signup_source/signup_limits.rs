//! For how long and how often a way in is open.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::UtcTime;

/// The longest a way in stays open when it is to close by itself, in days.
pub const MAX_EXPIRY_DAYS: u16 = 730;
/// The most registrations a limit can allow.
pub const MAX_USES: u32 = 100_000;
const DAY_S: i64 = 86_400;

/// For how long and how often a way in is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupLimits {
    /// The instant at which it closes; never by itself when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UtcTime>,
    /// How many may come through; any number when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<u32>,
    /// How many registered.
    pub uses: u32,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<UtcTime>,
}

/// Why limits are not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignupLimitsError {
    /// Both a time and a number of days are given.
    #[error("say either expires_at or expires_in_days")]
    TwoExpiries,
    /// Days outside 1–[`MAX_EXPIRY_DAYS`].
    #[error("must be between 1 and {MAX_EXPIRY_DAYS}")]
    Days,
    /// A time that is past, or more than [`MAX_EXPIRY_DAYS`] days ahead.
    #[error("must be in the future, at most {MAX_EXPIRY_DAYS} days ahead")]
    Time,
    /// Uses outside 1–[`MAX_USES`].
    #[error("must be between 1 and {MAX_USES}")]
    Uses,
}

/// The state of a signup source, as people see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignupSourceState {
    /// Anybody who has it may register.
    Open,
    /// It has expired.
    Expired,
    /// It was used as often as it may be.
    UsedUp,
    /// The firm or the vendor closed it.
    Revoked,
}

impl SignupSourceState {
    /// The state as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Expired => "expired",
            Self::UsedUp => "used_up",
            Self::Revoked => "revoked",
        }
    }
}

/// A signup source that is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is {}", .0.as_str())]
pub struct Closed(pub SignupSourceState);

impl SignupLimits {
    /// Limits that begin now.
    ///
    /// # Errors
    /// [`SignupLimitsError`].
    pub fn new(
        expires_at: Option<UtcTime>,
        expires_in_days: Option<u16>,
        max_uses: Option<u32>,
        now: UtcTime,
    ) -> Result<Self, SignupLimitsError> {
        let expires_at = match (expires_at, expires_in_days) {
            (Some(_), Some(_)) => return Err(SignupLimitsError::TwoExpiries),
            (None, Some(0)) => return Err(SignupLimitsError::Days),
            (None, Some(days)) if days > MAX_EXPIRY_DAYS => return Err(SignupLimitsError::Days),
            (None, Some(days)) => Some(now.plus_s(i64::from(days) * DAY_S)),
            (Some(at), None) if at <= now || at > now.plus_s(i64::from(MAX_EXPIRY_DAYS) * DAY_S) => {
                return Err(SignupLimitsError::Time);
            }
            (at, None) => at,
        };
        match max_uses {
            Some(0) => Err(SignupLimitsError::Uses),
            Some(most) if most > MAX_USES => Err(SignupLimitsError::Uses),
            max_uses => Ok(Self { expires_at, max_uses, uses: 0, revoked_at: None }),
        }
    }

    /// Its state at a moment. It closes at its instant exactly.
    #[must_use]
    pub fn state(&self, now: UtcTime) -> SignupSourceState {
        if self.revoked_at.is_some() {
            SignupSourceState::Revoked
        } else if self.expires_at.is_some_and(|at| now >= at) {
            SignupSourceState::Expired
        } else if self.max_uses.is_some_and(|most| self.uses >= most) {
            SignupSourceState::UsedUp
        } else {
            SignupSourceState::Open
        }
    }

    /// Whether it opens now.
    ///
    /// # Errors
    /// [`Closed`].
    pub fn open(&self, now: UtcTime) -> Result<(), Closed> {
        match self.state(now) {
            SignupSourceState::Open => Ok(()),
            state => Err(Closed(state)),
        }
    }

    /// Counts one more registration.
    pub(super) fn used(&self, now: UtcTime) -> Result<Self, Closed> {
        self.open(now)?;
        Ok(Self { uses: self.uses.saturating_add(1), ..self.clone() })
    }

    pub(super) fn revoked(&self, now: UtcTime) -> Result<Self, Closed> {
        match self.revoked_at {
            Some(_) => Err(Closed(SignupSourceState::Revoked)),
            None => Ok(Self { revoked_at: Some(now), ..self.clone() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcTime = UtcTime::EPOCH;

    #[test]
    fn limits_that_make_no_sense_are_refused() {
        let day = NOW.plus_s(DAY_S);
        for (at, days, uses, error) in [
            (Some(day), Some(1), None, SignupLimitsError::TwoExpiries),
            (None, Some(0), None, SignupLimitsError::Days),
            (None, Some(MAX_EXPIRY_DAYS + 1), None, SignupLimitsError::Days),
            (Some(NOW), None, None, SignupLimitsError::Time),
            (Some(NOW.plus_s(DAY_S * 731)), None, None, SignupLimitsError::Time),
            (None, None, Some(0), SignupLimitsError::Uses),
            (None, None, Some(MAX_USES + 1), SignupLimitsError::Uses),
        ] {
            assert_eq!(SignupLimits::new(at, days, uses, NOW), Err(error));
        }
    }
}
