//! Access for a time: how long a grant lasts, and temporary grants on top of what a place grants.
//!
//! Nothing here needs a job to end it. Every check is made for an instant and ignores what has ended by then.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::{
    patch::Patch,
    permission::{Grants, Permission},
    time::UtcTime,
};

/// The longest time that access can be given for, in days; access for longer is given without an end.
pub const MAX_DAYS: i64 = 366;
const DAY_S: i64 = 86_400;

/// How long a grant lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Without an end.
    ForGood,
    /// Up to this instant, which is not part of it.
    Until(UtcTime),
}

impl From<Option<UtcTime>> for Validity {
    fn from(expires_at: Option<UtcTime>) -> Self {
        expires_at.map_or(Self::ForGood, Self::Until)
    }
}

impl Validity {
    /// Whether this lasts at least as long as the other.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::ForGood, _) => true,
            (Self::Until(_), Self::ForGood) => false,
            (Self::Until(own), Self::Until(other)) => own >= other,
        }
    }
}

/// Why an end was not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExpiryError {
    /// It has passed, or is now.
    #[error("must lie in the future")]
    Past,
    /// It is more than [`MAX_DAYS`] ahead.
    #[error("must be within {MAX_DAYS} days; leave it out, or say null, for access without an end")]
    TooFar,
}

/// The end of a grant after a change to it.
///
/// # Errors
/// [`ExpiryError`] for an instant that is not after `now`, or too far ahead.
pub fn end_after(
    change: Patch<UtcTime>,
    before: Option<UtcTime>,
    now: UtcTime,
) -> Result<Option<UtcTime>, ExpiryError> {
    match change {
        Patch::Set(at) if at <= now => Err(ExpiryError::Past),
        Patch::Set(at) if at > now.plus_s(MAX_DAYS * DAY_S) => Err(ExpiryError::TooFar),
        change => Ok(change.after(before)),
    }
}

/// Permissions on top of a place's own, each with the instant at which it stops.
///
/// Stored as a map from permission to time, so that a condition expression can say
/// `lent.#permission > :now`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = std::collections::HashMap<String, UtcTime>)]
pub struct TemporaryGrants(BTreeMap<Permission, UtcTime>);

impl TemporaryGrants {
    /// Reads the temporary grants of an event, and leaves out permissions that no longer exist.
    ///
    /// # Errors
    /// The deserializer's, for anything but a map from text to time.
    pub(crate) fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let listed = BTreeMap::<String, UtcTime>::deserialize(deserializer)?;
        Ok(Self(listed.iter().filter_map(|(text, until)| Some((text.parse().ok()?, *until))).collect()))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When a permission ends, if it is granted for a time.
    #[must_use]
    pub fn until(&self, permission: Permission) -> Option<UtcTime> {
        self.0.get(&permission).copied()
    }

    /// The permissions that are granted at an instant.
    #[must_use]
    pub fn at(&self, now: UtcTime) -> Grants {
        self.0.iter().filter(|(_, until)| now < **until).map(|(permission, _)| *permission).collect()
    }

    /// The next instant after `now` at which something stops.
    #[must_use]
    pub fn next_end(&self, now: UtcTime) -> Option<UtcTime> {
        self.0.values().copied().filter(|until| now < *until).min()
    }

    /// Those of them that are among these.
    #[must_use]
    pub fn within(&self, grants: &Grants) -> Self {
        self.0.iter().filter(|(permission, _)| grants.contains(**permission)).map(|(p, until)| (*p, *until)).collect()
    }

    /// Adds temporary grants, drops expired ones, never shortens one.
    #[must_use]
    pub fn and(&self, grants: &Grants, until: UtcTime, now: UtcTime) -> Self {
        let mut lent: BTreeMap<_, _> =
            self.0.iter().filter(|(_, until)| now < **until).map(|(p, u)| (*p, *u)).collect();
        for permission in grants.iter() {
            let end = lent.entry(permission).or_insert(until);
            *end = (*end).max(until);
        }
        Self(lent)
    }
}

impl FromIterator<(Permission, UtcTime)> for TemporaryGrants {
    fn from_iter<I: IntoIterator<Item = (Permission, UtcTime)>>(lent: I) -> Self {
        Self(lent.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UtcTime = UtcTime::EPOCH;

    #[test]
    fn an_end_lies_ahead_but_not_too_far() {
        let latest = NOW.plus_s(MAX_DAYS * DAY_S);
        assert_eq!(end_after(Patch::Set(NOW), None, NOW), Err(ExpiryError::Past));
        assert_eq!(end_after(Patch::Set(NOW.plus_s(1)), None, NOW), Ok(Some(NOW.plus_s(1))));
        assert_eq!(end_after(Patch::Set(latest), None, NOW), Ok(Some(latest)));
        assert_eq!(end_after(Patch::Set(latest.plus_s(1)), None, NOW), Err(ExpiryError::TooFar));
        assert_eq!(end_after(Patch::Keep, Some(NOW), NOW), Ok(Some(NOW)), "an end that has passed is kept");
        assert_eq!(end_after(Patch::Clear, Some(NOW), NOW), Ok(None));
    }

    #[test]
    fn lending_again_never_shortens_what_was_lent() {
        let one = |permission| [permission].into_iter().collect::<Grants>();
        let lent = TemporaryGrants::default().and(&one(Permission::VatView), NOW.plus_s(60), NOW);
        let lent = lent.and(&one(Permission::VatView), NOW.plus_s(30), NOW);
        let lent = lent.and(&one(Permission::BankView), NOW.plus_s(20), NOW);
        assert_eq!(lent.until(Permission::VatView), Some(NOW.plus_s(60)));
        assert_eq!(lent.at(NOW.plus_s(20)), one(Permission::VatView));
        assert!(lent.at(NOW.plus_s(60)).is_empty());
        let later = lent.and(&one(Permission::VatManage), NOW.plus_s(90), NOW.plus_s(60));
        assert_eq!(later.until(Permission::VatView), None, "what has stopped is not kept");
    }

    #[test]
    fn what_lasts_longer_covers_what_lasts_less() {
        let until = |s| Validity::Until(NOW.plus_s(s));
        assert!(Validity::ForGood.covers(until(5)) && Validity::ForGood.covers(Validity::ForGood));
        assert!(until(5).covers(until(5)) && !until(4).covers(until(5)));
        assert!(!until(5).covers(Validity::ForGood));
    }
}
