//! Idempotency records: the first answer to a request, kept beside the change it made.

use domain::{UserId, UtcTime};
use serde::{Deserialize, Serialize};

use crate::{
    error::StoreError,
    item::{Entity, Indexes, Item, from_item},
    keys::{self, Key},
};

/// How long an answer is kept, in seconds.
const KEPT_FOR_S: i64 = 24 * 3600;

/// A caller's `Idempotency-Key`, bound to the caller and to the request it was sent with.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// Whose key it is: two people's equal keys are different keys.
    pub caller: UserId,
    /// The key: 1–64 visible ASCII characters.
    pub key: String,
    /// A digest over method, path, tenant and body.
    pub fingerprint: String,
}

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

    /// Ends a request that was answered before.
    pub(crate) fn replay(&self, item: Option<Item>, now: UtcTime) -> Result<(), StoreError> {
        self.judge(item.map(from_item).transpose()?, now)
    }

    /// As [`Idempotency::replay`], by the record itself.
    pub(crate) fn judge(&self, recorded: Option<Recorded>, now: UtcTime) -> Result<(), StoreError> {
        match recorded {
            Some(recorded) if recorded.expires_at > now => Err(if recorded.fingerprint == self.fingerprint {
                StoreError::Answered(Box::new(recorded))
            } else {
                StoreError::KeyReused
            }),
            Some(_) | None => Ok(()),
        }
    }

    pub(crate) fn record(&self, status: u16, body: String, now: UtcTime) -> Recorded {
        Recorded { fingerprint: self.fingerprint.clone(), status, body, expires_at: now.plus_s(KEPT_FOR_S) }
    }
}
