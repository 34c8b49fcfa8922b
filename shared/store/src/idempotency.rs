//! Idempotency records: the first answer to a request, kept beside the change it made.

use domain::{DocumentLinkId, UserId, UtcTime};
use serde::{Deserialize, Serialize};

use crate::{
    item::{Entity, Indexes, Item, ItemError, from_item},
    keys::{self, Key},
};

/// How long an answer is kept, in seconds.
const KEPT_FOR_S: i64 = 24 * 3600;

/// Whose an idempotency key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyOwner {
    /// A signed-in person.
    Person(UserId),
    /// The holder of a hosted link, who does not sign in.
    Link(DocumentLinkId),
}

/// A caller's `Idempotency-Key`, bound to the caller and to the request it was sent with.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// Whose key it is: two callers' equal keys are different keys.
    pub caller: KeyOwner,
    /// The key: 1–64 visible ASCII characters.
    pub key: String,
    /// A digest over method, path, tenant and body.
    pub fingerprint: String,
}

/// An earlier use of the same idempotency key, which ends the request that repeats it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// The very same request was answered before: this was the answer.
    Answered(Recorded),
    /// The key was used before for another request.
    KeyReused,
}

/// The result of a call that takes an idempotency key: `Err` for a key that was used before.
///
/// A replay is an expected outcome, so it is no [`crate::StoreError`]. A handler ends such a call in `??`.
pub type FirstUse<T> = Result<T, Replay>;

/// The first answer to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The request's digest.
    pub fingerprint: String,
    /// The HTTP status.
    pub status: u16,
    /// The body, JSON; empty where there was none.
    pub body: String,
    /// Until when it counts.
    pub expires_at: UtcTime,
}

impl Entity for Recorded {
    const ENTITY: &'static str = "idempotency";

    fn indexes(&self) -> Indexes {
        Indexes::until(self.expires_at.unix_s())
    }
}

impl Idempotency {
    pub(crate) fn record_key(&self) -> Key<Recorded> {
        keys::idempotency(&self.caller, &self.key)
    }

    /// Judges the record of the key as it was found: `Err` for a key that was used before.
    pub(crate) fn judge(&self, recorded: Option<Recorded>, now: UtcTime) -> FirstUse<()> {
        match recorded {
            Some(recorded) if recorded.expires_at > now => Err(if recorded.fingerprint == self.fingerprint {
                Replay::Answered(recorded)
            } else {
                Replay::KeyReused
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// As [`Idempotency::judge`], by the record's item.
    ///
    /// # Errors
    /// [`ItemError`] when the item is no record.
    pub(crate) fn judge_item(&self, item: Option<&Item>, now: UtcTime) -> Result<FirstUse<()>, ItemError> {
        Ok(self.judge(item.cloned().map(from_item).transpose()?, now))
    }

    pub(crate) fn record(&self, status: u16, body: String, now: UtcTime) -> Recorded {
        Recorded { fingerprint: self.fingerprint.clone(), status, body, expires_at: now.plus_s(KEPT_FOR_S) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_until_it_expires_and_for_its_own_request_alone() {
        let key = |fingerprint: &str| Idempotency {
            caller: KeyOwner::Person("u".parse().unwrap()),
            key: "k".to_owned(),
            fingerprint: fingerprint.to_owned(),
        };
        let recorded = key("a").record(201, "{}".to_owned(), UtcTime::EPOCH);
        let at = |fingerprint: &str, s: i64| key(fingerprint).judge(Some(recorded.clone()), UtcTime::EPOCH.plus_s(s));
        assert_eq!(at("a", KEPT_FOR_S - 1), Err(Replay::Answered(recorded.clone())));
        assert_eq!(at("b", KEPT_FOR_S - 1), Err(Replay::KeyReused));
        assert_eq!(at("b", KEPT_FOR_S), Ok(()));
        assert_eq!(key("a").judge(None, UtcTime::EPOCH), Ok(()));
    }
}
