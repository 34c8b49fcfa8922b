//! A firm's registration links.

use serde::{Deserialize, Serialize};

use super::{Closed, Creator, SignupLimits, SignupSourcePayload, SignupSourceState, SignupTerms};
use crate::{
    event::{EventData, NewEvent, kinds},
    id::{FirmId, Org, RegistrationLinkId},
    text::Name,
    time::UtcTime,
};

/// A shareable link of a firm's: a company that registers through it is connected to the firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationLink {
    /// Its id; never a secret.
    pub id: RegistrationLinkId,
    /// The firm.
    pub firm: FirmId,
    /// The firm's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Name>,
    /// Its terms.
    pub terms: SignupTerms,
    /// For how long and how often it is open.
    pub limits: SignupLimits,
    /// The generation of the current token.
    pub generation: u32,
    /// When it was made.
    pub created_at: UtcTime,
    /// The creator.
    pub created_by: Creator,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl RegistrationLink {
    /// Makes a link.
    #[must_use]
    pub fn make(
        id: RegistrationLinkId,
        firm: &FirmId,
        label: Option<Name>,
        terms: SignupTerms,
        limits: SignupLimits,
        by: Creator,
        now: UtcTime,
    ) -> (Self, NewEvent) {
        let link = Self {
            id,
            firm: firm.clone(),
            label,
            terms,
            limits,
            generation: 1,
            created_at: now,
            created_by: by,
            version: 1,
        };
        let event = link.event(kinds::RegistrationLinkCreated::of);
        (link, event)
    }

    /// Closes it for good.
    ///
    /// # Errors
    /// [`Closed`] when it was revoked before.
    pub fn revoke(&self, now: UtcTime) -> Result<(Self, NewEvent), Closed> {
        let revoked = Self { limits: self.limits.revoked(now)?, version: self.version + 1, ..self.clone() };
        let event = revoked.event(kinds::RegistrationLinkRevoked::of);
        Ok((revoked, event))
    }

    /// Whether a token of this generation opens it now.
    ///
    /// # Errors
    /// [`Closed`]; a token of another generation counts as revoked.
    pub fn open(&self, generation: u32, now: UtcTime) -> Result<(), Closed> {
        if generation == self.generation { self.limits.open(now) } else { Err(Closed(SignupSourceState::Revoked)) }
    }

    fn event(&self, kind: fn(SignupSourcePayload) -> EventData) -> NewEvent {
        let data = SignupSourcePayload::of(self.label.as_ref(), &self.terms, &self.limits);
        NewEvent::new(Org::Firm(self.firm.clone()), self.id.as_str(), kind(data))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::samples::firm;

    const NOW: UtcTime = UtcTime::EPOCH;
    const DAY_S: i64 = 86_400;

    pub(crate) fn link(expires_in_days: Option<u16>, max_uses: Option<u32>) -> RegistrationLink {
        let limits = SignupLimits::new(None, expires_in_days, max_uses, NOW).unwrap();
        let by = Creator { user: "ana".parse().unwrap(), name: "Ana".parse().unwrap() };
        let id = RegistrationLinkId::from_uuid(Uuid::from_u128(1));
        RegistrationLink::make(id, &firm(2), None, SignupTerms::new(None, None).unwrap(), limits, by, NOW).0
    }

    #[test]
    fn a_link_closes_at_its_instant_and_when_it_was_revoked() {
        let one_day = link(Some(1), None);
        assert_eq!(one_day.open(1, NOW.plus_s(DAY_S - 1)), Ok(()));
        assert_eq!(one_day.open(1, NOW.plus_s(DAY_S)), Err(Closed(SignupSourceState::Expired)));
        assert_eq!(one_day.open(2, NOW), Err(Closed(SignupSourceState::Revoked)), "a token of another generation");
        let (revoked, event) = one_day.revoke(NOW).unwrap();
        assert_eq!(event.kind(), crate::EventType::RegistrationLinkRevoked);
        assert_eq!(revoked.open(1, NOW), Err(Closed(SignupSourceState::Revoked)));
        assert_eq!(revoked.revoke(NOW).unwrap_err(), Closed(SignupSourceState::Revoked));
    }
}
