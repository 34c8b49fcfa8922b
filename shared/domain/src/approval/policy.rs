//! The policy: which transactions need a sign-off, and who may change that.
//!
//! Weakening the policy needs a person who may decide; a firm never weakens it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::AccessRequirement,
    event::{NewEvent, kinds},
    id::{CompanyId, Org},
    money::{Amount, Currency},
    permission::{Grants, Permission},
};

/// When a company's transactions need a sign-off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Whether any do.
    pub enabled: bool,
    /// From this amount on, in minor units of `currency`.
    pub threshold_minor: Amount,
    /// The threshold's currency.
    pub currency: Currency,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl Policy {
    /// Whether a transaction of this amount needs a sign-off. One in another currency always
    /// does: there is no rate here to compare it by.
    #[must_use]
    pub fn needs_approval(&self, amount_minor: Amount, currency: Currency) -> bool {
        self.enabled && (currency != self.currency || amount_minor >= self.threshold_minor)
    }

    /// Whether `after` is weaker: switched off, with a higher threshold, or in another currency. A policy
    /// that is not weaker lets nothing through that had to wait before.
    fn is_weakened_by(&self, after: &Self) -> bool {
        self.enabled
            && (!after.enabled || after.currency != self.currency || after.threshold_minor > self.threshold_minor)
    }
}

/// Payload of `approval_policy.changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalPolicyChanged {
    /// The policy before; `null` for none.
    #[schema(required = true)]
    pub before: Option<PolicyTerms>,
    /// The policy now.
    pub after: PolicyTerms,
}

/// When transactions need a sign-off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyTerms {
    /// Whether any transaction needs one.
    pub enabled: bool,
    /// From this amount on, in minor units of `currency`.
    pub threshold_minor: Amount,
    /// The currency of the threshold.
    pub currency: Currency,
}

impl PolicyTerms {
    const fn of(policy: &Policy) -> Self {
        Self { enabled: policy.enabled, threshold_minor: policy.threshold_minor, currency: policy.currency }
    }
}

/// Sets when transactions need a sign-off.
#[must_use]
pub fn set_policy(
    company: &CompanyId,
    existing: Option<&Policy>,
    enabled: bool,
    threshold_minor: Amount,
    currency: Currency,
) -> (Policy, NewEvent) {
    let policy = Policy { enabled, threshold_minor, currency, version: existing.map_or(1, |p| p.version + 1) };
    let changed = ApprovalPolicyChanged { before: existing.map(PolicyTerms::of), after: PolicyTerms::of(&policy) };
    let org = Org::Company(company.clone());
    let event = NewEvent::new(org, company.as_str(), kinds::ApprovalPolicyChanged::of(changed));
    (policy, event)
}

/// Why a policy is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyRefusal {
    /// The change would weaken the policy from the seat of a firm. The approval is a control that applies to the
    /// firm.
    #[error("a firm cannot weaken the approval policy: someone of the company must")]
    FromFirm,
}

/// The access that a change of the policy needs. `access` is the caller's, with what setting any policy
/// needs. Weakening it needs `approvals.decide` too.
///
/// # Errors
/// [`PolicyRefusal`].
pub fn to_set_policy(
    access: AccessRequirement,
    existing: Option<&Policy>,
    policy: &Policy,
) -> Result<AccessRequirement, PolicyRefusal> {
    if !existing.is_some_and(|existing| existing.is_weakened_by(policy)) {
        return Ok(access);
    }
    if access.acting_as().bounded_by().is_some() {
        return Err(PolicyRefusal::FromFirm);
    }
    Ok(access.and_all(&Grants::from_iter([Permission::ApprovalsDecide])))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{access::ActingAs, id::FirmId};

    fn amount() -> impl Strategy<Value = Amount> {
        (1_i64..6).prop_map(|minor| minor.try_into().unwrap())
    }

    fn currency() -> impl Strategy<Value = Currency> {
        prop::sample::select(vec!["EUR", "USD"]).prop_map(|text| text.parse().unwrap())
    }

    fn policy() -> impl Strategy<Value = Policy> {
        (any::<bool>(), amount(), currency()).prop_map(|(enabled, threshold_minor, currency)| Policy {
            enabled,
            threshold_minor,
            currency,
            version: 1,
        })
    }

    fn company() -> CompanyId {
        CompanyId::from_uuid(Uuid::from_u128(1))
    }

    fn managing(acting_as: ActingAs) -> AccessRequirement {
        AccessRequirement::new("u".parse().unwrap(), acting_as, Permission::ApprovalsManage)
    }

    fn needs_decider(access: &AccessRequirement) -> bool {
        access.requirements()[0].grants.contains(&Permission::ApprovalsDecide)
    }

    proptest! {
        #[test]
        fn a_transaction_needs_a_sign_off_from_the_threshold_on(policy in policy(), amount in amount()) {
            let needed = |currency: &str| policy.needs_approval(amount, currency.parse().unwrap());
            let (own, other) = if policy.currency.code() == "EUR" { ("EUR", "USD") } else { ("USD", "EUR") };
            prop_assert_eq!(needed(own), policy.enabled && amount >= policy.threshold_minor);
            prop_assert_eq!(needed(other), policy.enabled);
        }

        /// Proves: S1, 24
        #[test]
        fn nothing_that_waited_passes_without_a_decider_and_never_by_a_firm(
            before in prop::option::of(policy()), after in policy(), amount in amount(), currency in currency()
        ) {
            let waits = |policy: &Policy| policy.needs_approval(amount, currency);
            let lets_through = before.as_ref().is_some_and(waits) && !waits(&after);
            let own = to_set_policy(managing(ActingAs::Member { company: company() }), before.as_ref(), &after);
            prop_assert!(!lets_through || needs_decider(&own.unwrap()));
            let firm = FirmId::from_uuid(Uuid::from_u128(2));
            for acting_as in [
                ActingAs::BoundedMember { firm: firm.clone(), company: company() },
                ActingAs::FirmAdmin { firm: firm.clone(), company: company() },
                ActingAs::Bookkeeper { firm, company: company() },
            ] {
                let set = to_set_policy(managing(acting_as), before.as_ref(), &after);
                prop_assert!(!lets_through || set == Err(PolicyRefusal::FromFirm));
            }
        }

        /// Proves: S1
        #[test]
        fn what_makes_more_wait_needs_no_decider(before in prop::option::of(policy()), after in policy()) {
            let is_stricter = match &before {
                None => true,
                Some(before) => {
                    !before.enabled
                        || after.enabled
                            && after.currency == before.currency
                            && after.threshold_minor <= before.threshold_minor
                }
            };
            let own = to_set_policy(managing(ActingAs::Member { company: company() }), before.as_ref(), &after);
            prop_assert_eq!(needs_decider(&own.unwrap()), !is_stricter);
        }
    }
}
