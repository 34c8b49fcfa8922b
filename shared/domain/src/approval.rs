//! Approvals: which transactions need a sign-off, and who may give it.
//!
//! The person who prepared a transaction never decides it, from any seat. `policy` says which transactions
//! wait, and who may change that.

mod policy;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::policy::{ApprovalPolicyChanged, Policy, PolicyRefusal, PolicyTerms, set_policy, to_set_policy};
use crate::{
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, Org, UserId},
    money::{Amount, Currency},
    text::{Name, Note, Reference},
    time::UtcTime,
};

/// The status of a transaction's approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalStatus {
    /// The policy requires none: the ledger may post.
    NotRequired,
    /// Someone must decide; the ledger must not post.
    Pending,
    /// The ledger may post.
    Approved,
    /// The ledger must not post.
    Rejected,
}

impl ApprovalStatus {
    /// The status as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotRequired => "not_required",
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }
}

/// A transaction as the ledger describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// The ledger's own name for it.
    pub reference: Reference,
    /// What kind of transaction, in the ledger's words: `payment`, `journal` …
    pub kind: Name,
    /// Who is paid.
    pub payee: Name,
    /// How much, in minor units of `currency`.
    pub amount_minor: Amount,
    /// The currency.
    pub currency: Currency,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Note>,
    /// Who prepared it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prepared_by: Option<UserId>,
}

/// A transaction and the decision about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The company.
    pub company: CompanyId,
    /// The transaction.
    #[serde(flatten)]
    pub transaction: Transaction,
    /// Its status.
    pub status: ApprovalStatus,
    /// When the ledger sent it.
    pub requested_at: UtcTime,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<UserId>,
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by_name: Option<Name>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<UtcTime>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// The result of submitting a transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Submission {
    /// It is new.
    Recorded(Approval, NewEvent),
    /// The same transaction was submitted before; nothing changes.
    Unchanged(Approval),
}

/// The reference is taken by a transaction that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a different transaction was already sent under this reference")]
pub struct ReferenceTaken {
    /// The status of the earlier one.
    pub status: ApprovalStatus,
}

/// Records a transaction from the ledger.
///
/// A submitted transaction cannot be changed: someone may be reading it, or have decided. The ledger sends a
/// changed transaction under a new reference.
///
/// # Errors
/// [`ReferenceTaken`].
pub fn submit(
    company: &CompanyId,
    transaction: Transaction,
    policy: Option<&Policy>,
    earlier: Option<Approval>,
    now: UtcTime,
) -> Result<Submission, ReferenceTaken> {
    if let Some(earlier) = earlier {
        return if earlier.transaction == transaction {
            Ok(Submission::Unchanged(earlier))
        } else {
            Err(ReferenceTaken { status: earlier.status })
        };
    }
    let needed = policy.is_some_and(|policy| policy.needs_approval(transaction.amount_minor, transaction.currency));
    let (status, kind) = if needed {
        (ApprovalStatus::Pending, kinds::ApprovalRequested::of as fn(ApprovalPayload) -> EventData)
    } else {
        (ApprovalStatus::NotRequired, kinds::ApprovalWaived::of as fn(ApprovalPayload) -> EventData)
    };
    let approval = Approval {
        company: company.clone(),
        transaction,
        status,
        requested_at: now,
        decided_by: None,
        decided_by_name: None,
        decided_at: None,
        reason: None,
        version: 1,
    };
    let event = approval.event(kind);
    Ok(Submission::Recorded(approval, event))
}

/// The decisions that a person can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalVerdict {
    /// The ledger may post.
    Approved,
    /// The ledger must not post.
    Rejected,
}

/// Why an approval was not decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// The person prepared the transaction.
    #[error("the person who prepared a transaction cannot decide it")]
    Preparer,
    /// It is not pending.
    #[error("it is not pending")]
    NotPending(ApprovalStatus),
}

impl Approval {
    /// Decides a pending approval.
    ///
    /// # Errors
    /// [`DecideError`].
    pub fn decide(
        &self,
        verdict: ApprovalVerdict,
        reason: Option<Note>,
        user: &UserId,
        name: Option<&Name>,
        now: UtcTime,
    ) -> Result<(Self, NewEvent), DecideError> {
        if self.transaction.prepared_by.as_ref() == Some(user) {
            return Err(DecideError::Preparer);
        }
        if self.status != ApprovalStatus::Pending {
            return Err(DecideError::NotPending(self.status));
        }
        let decided = Self {
            status: match verdict {
                ApprovalVerdict::Approved => ApprovalStatus::Approved,
                ApprovalVerdict::Rejected => ApprovalStatus::Rejected,
            },
            decided_by: Some(user.clone()),
            decided_by_name: name.cloned(),
            decided_at: Some(now),
            reason,
            version: self.version + 1,
            ..self.clone()
        };
        let event = decided.event(kinds::ApprovalDecided::of);
        Ok((decided, event))
    }

    fn event(&self, kind: fn(ApprovalPayload) -> EventData) -> NewEvent {
        let data = ApprovalPayload {
            status: self.status,
            kind: self.transaction.kind.clone(),
            payee: self.transaction.payee.clone(),
            amount_minor: self.transaction.amount_minor,
            currency: self.transaction.currency,
            prepared_by: self.transaction.prepared_by.clone(),
            reason: self.reason.clone(),
        };
        NewEvent::new(Org::Company(self.company.clone()), self.transaction.reference.as_str(), kind(data))
    }
}

/// Payload of the `approval.*` events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalPayload {
    /// The approval's state.
    pub status: ApprovalStatus,
    /// The kind of transaction, in the ledger's words.
    pub kind: Name,
    /// Who is paid.
    pub payee: Name,
    /// How much, in minor units of `currency`.
    pub amount_minor: Amount,
    /// The currency.
    pub currency: Currency,
    /// Who prepared the transaction.
    #[schema(required = true)]
    pub prepared_by: Option<UserId>,
    /// The reason that was given with the decision.
    #[schema(required = true)]
    pub reason: Option<Note>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn company() -> CompanyId {
        CompanyId::from_uuid(Uuid::from_u128(1))
    }

    fn transaction(amount_minor: i64, currency: &str) -> Transaction {
        Transaction {
            reference: "TX-1".parse().unwrap(),
            kind: "payment".parse().unwrap(),
            payee: "Landlord".parse().unwrap(),
            amount_minor: amount_minor.try_into().unwrap(),
            currency: currency.parse().unwrap(),
            description: None,
            prepared_by: Some("preparer".parse().unwrap()),
        }
    }

    fn policy(threshold_minor: i64) -> Policy {
        set_policy(&company(), None, true, threshold_minor.try_into().unwrap(), "EUR".parse().unwrap()).0
    }

    fn pending() -> Approval {
        match submit(&company(), transaction(100, "EUR"), Some(&policy(100)), None, UtcTime::EPOCH) {
            Ok(Submission::Recorded(approval, _)) => approval,
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        /// Proves: 7
        #[test]
        fn it_is_decided_once_and_never_by_its_preparer(
            attempts in prop::collection::vec((0_usize..3, any::<bool>()), 1..10)
        ) {
            let users: Vec<UserId> = ["preparer", "owner", "other"].iter().map(|u| u.parse().unwrap()).collect();
            let mut current = pending();
            let mut decisions = 0;
            for (who, approve) in attempts {
                let verdict = if approve { ApprovalVerdict::Approved } else { ApprovalVerdict::Rejected };
                if let Ok((next, _)) = current.decide(verdict, None, &users[who], None, UtcTime::EPOCH) {
                    prop_assert_ne!(who, 0);
                    decisions += 1;
                    current = next;
                }
            }
            prop_assert!(decisions <= 1);
        }
    }

    #[test]
    fn without_a_policy_nothing_waits() {
        let sent = submit(&company(), transaction(i64::from(u32::MAX), "EUR"), None, None, UtcTime::EPOCH);
        assert!(matches!(sent, Ok(Submission::Recorded(a, _)) if a.status == ApprovalStatus::NotRequired));
    }

    #[test]
    fn sending_the_same_again_changes_nothing_and_sending_another_is_refused() {
        let first = pending();
        let again = submit(&company(), transaction(100, "EUR"), None, Some(first.clone()), UtcTime::EPOCH);
        assert_eq!(again, Ok(Submission::Unchanged(first.clone())));
        let other = submit(&company(), transaction(101, "EUR"), None, Some(first), UtcTime::EPOCH);
        assert_eq!(other, Err(ReferenceTaken { status: ApprovalStatus::Pending }));
    }
}
