//! What became of an organisation's invitations, and how many it may therefore send.
//!
//! A person who registers chooses a name and writes to strangers from the vendor's domain. So a new organisation begins with
//! few invitations. People who accept show that it is known to those it writes to; bounces and complaints show the
//! opposite.

use serde::{Deserialize, Serialize};

use crate::{
    delivery::DeliveryState,
    limit::{Allowance, InvitationGrowth},
};

/// How many acceptances a complaint takes back. A bounce, which may be a typing error, takes back one.
const ACCEPTANCES_PER_COMPLAINT: i64 = 10;
/// What is left at the worst: the next acceptance must be possible.
const LEAST: u32 = 1;

/// The numbers of an organisation's invitations that ended in these ways, ever.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRecord {
    /// Accepted by somebody other than the inviter.
    #[serde(default)]
    pub accepted: u32,
    /// Bounced for good.
    #[serde(default)]
    pub bounced: u32,
    /// Reported as spam.
    #[serde(default)]
    pub complained: u32,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl InvitationRecord {
    /// How many invitations the organisation may send: what a new one may, more for each acceptance, less for each
    /// bounce and complaint, at most `full`.
    #[must_use]
    pub fn allowance(self, full: Allowance, growth: InvitationGrowth) -> Allowance {
        let Self { accepted, bounced, complained, version: _ } = self;
        let lost = i64::from(bounced) + ACCEPTANCES_PER_COMPLAINT * i64::from(complained);
        let earned = (i64::from(accepted) - lost).saturating_mul(i64::from(growth.per_acceptance));
        let times = i64::from(growth.at_first).saturating_add(earned);
        let times = times.clamp(i64::from(LEAST.min(full.times_max)), i64::from(full.times_max));
        Allowance { times_max: u32::try_from(times).unwrap_or(full.times_max), ..full }
    }

    /// The record with the delivery state of one more letter. Only a bounce and a complaint count.
    #[must_use]
    pub fn with(self, state: DeliveryState) -> Self {
        let (bounced, complained) = match state {
            DeliveryState::Bounced => (1, 0),
            DeliveryState::Complained => (0, 1),
            DeliveryState::Pending | DeliveryState::Sent | DeliveryState::Delayed | DeliveryState::Delivered => (0, 0),
        };
        Self {
            bounced: self.bounced.saturating_add(bounced),
            complained: self.complained.saturating_add(complained),
            version: self.version.saturating_add(1),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record() -> impl Strategy<Value = InvitationRecord> {
        let number = prop_oneof![0_u32..40, any::<u32>()];
        (number.clone(), number.clone(), number).prop_map(|(accepted, bounced, complained)| InvitationRecord {
            accepted,
            bounced,
            complained,
            version: 1,
        })
    }

    fn growth() -> impl Strategy<Value = InvitationGrowth> {
        let number = prop_oneof![0_u32..40, any::<u32>()];
        (number.clone(), number).prop_map(|(at_first, per_acceptance)| InvitationGrowth { at_first, per_acceptance })
    }

    fn full() -> impl Strategy<Value = Allowance> {
        prop_oneof![0_u32..2000, any::<u32>()].prop_map(|times| format!("{times}/day").parse().unwrap())
    }

    proptest! {
        /// Proves: S8
        #[test]
        fn the_allowance_grows_with_acceptances_shrinks_with_complaints_and_stays_within_the_stacks(
            record in record(), growth in growth(), full in full(), more in 1_u32..50,
        ) {
            let allowed = |record: InvitationRecord| record.allowance(full, growth).times_max;
            let now = allowed(record);
            prop_assert!(now <= full.times_max && now >= full.times_max.min(1));
            prop_assert_eq!(record.allowance(full, growth).period, full.period);
            let accepted = InvitationRecord { accepted: record.accepted.saturating_add(more), ..record };
            prop_assert!(allowed(accepted) >= now, "an acceptance takes something away");
            for state in [DeliveryState::Bounced, DeliveryState::Complained] {
                prop_assert!(allowed(record.with(state)) <= now, "a {state:?} letter gives something");
            }
            prop_assert!(allowed(record.with(DeliveryState::Complained)) <= allowed(record.with(DeliveryState::Bounced)));
        }

        /// Proves: S8
        #[test]
        fn whom_nobody_accepted_never_has_the_full_allowance(
            bounced in 0_u32..5, complained in 0_u32..5, growth in growth(), full in full(),
        ) {
            prop_assume!(growth.at_first < full.times_max && full.times_max > 1);
            let record = InvitationRecord { accepted: 0, bounced, complained, version: 1 };
            prop_assert!(record.allowance(full, growth).times_max < full.times_max);
        }

        /// Within the bounds every acceptance and every complaint counts.
        /// Proves: S8
        #[test]
        fn between_the_least_and_the_full_allowance_each_acceptance_and_complaint_counts(
            accepted in 0_u32..100, per_acceptance in 1_u32..20,
        ) {
            let full = "1000000/day".parse().unwrap();
            let growth = InvitationGrowth { at_first: 500, per_acceptance };
            let record = InvitationRecord { accepted, ..InvitationRecord::default() };
            let allowed = |record: InvitationRecord| record.allowance(full, growth).times_max;
            let accepted = InvitationRecord { accepted: record.accepted + 1, ..record };
            prop_assert_eq!(allowed(accepted), allowed(record) + per_acceptance);
            prop_assert_eq!(allowed(record.with(DeliveryState::Complained)), allowed(record) - 10 * per_acceptance);
            prop_assert_eq!(allowed(record.with(DeliveryState::Bounced)), allowed(record) - per_acceptance);
            prop_assert_eq!(allowed(record.with(DeliveryState::Delivered)), allowed(record));
        }
    }
}
