//! Approvals: which transactions need a sign-off, and who may give it.
//!
//! The person who prepared a transaction never decides it, from any seat. `policy` says which transactions
//! wait, and who may change that.

mod policy;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::policy::{ApprovalPolicyChanged, Policy, PolicyRefusal, PolicyTerms, set_policy, to_set_policy};
use crate::{
    content_digest::ContentDigest,
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, Org, UserId},
    ledger_report::{Recording, ReportVersion, Reported},
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
    /// The ledger withdrew it before it was decided, and must not post it.
    Withdrawn,
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
            Self::Withdrawn => "withdrawn",
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

impl Transaction {
    /// Whether a person prepared it. The ledger may write their id in another case than the identity provider.
    #[must_use]
    pub fn is_prepared_by(&self, user: &UserId) -> bool {
        self.prepared_by.as_ref().is_some_and(|by| by.as_str().eq_ignore_ascii_case(user.as_str()))
    }
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
    /// The reason of the decision or the withdrawal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
    /// When the ledger withdrew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<UtcTime>,
    /// The ledger's version of its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_version: Option<ReportVersion>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
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
) -> Result<Recording<Approval>, ReferenceTaken> {
    if let Some(earlier) = earlier {
        return if earlier.transaction == transaction {
            Ok(Recording::Unchanged(earlier))
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
        withdrawn_at: None,
        report_version: None,
        version: 1,
    };
    let event = approval.event(kind);
    Ok(Recording::Recorded(approval, event))
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
    /// The transaction differs from the one that the person saw.
    #[error("it is not the transaction that you saw")]
    Changed,
}

/// A transaction that does not wait for a decision cannot be withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not pending")]
pub struct NotWaiting {
    /// Its status.
    pub status: ApprovalStatus,
}

impl Reported for Approval {
    fn report_version(&self) -> Option<ReportVersion> {
        self.report_version
    }

    fn set_report_version(&mut self, version: ReportVersion) {
        self.report_version = Some(version);
    }

    fn count_change(&mut self) {
        self.version += 1;
    }
}

impl Approval {
    /// The digest of the transaction. A decision is bound to it.
    #[must_use]
    pub fn digest(&self) -> ContentDigest {
        ContentDigest::of(&self.transaction)
    }

    /// Decides a pending approval. `seen` is the digest that the person saw, where they name one: a
    /// transaction does not change under its reference.
    ///
    /// # Errors
    /// [`DecideError`].
    pub fn decide(
        &self,
        verdict: ApprovalVerdict,
        reason: Option<Note>,
        seen: Option<&ContentDigest>,
        user: &UserId,
        name: Option<&Name>,
        now: UtcTime,
    ) -> Result<(Self, NewEvent), DecideError> {
        if self.transaction.is_prepared_by(user) {
            return Err(DecideError::Preparer);
        }
        if self.status != ApprovalStatus::Pending {
            return Err(DecideError::NotPending(self.status));
        }
        if seen.is_some_and(|seen| *seen != self.digest()) {
            return Err(DecideError::Changed);
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

    /// Withdraws a pending approval, for the ledger. `None` when it was withdrawn before.
    ///
    /// # Errors
    /// [`NotWaiting`].
    pub fn withdraw(&self, reason: Option<Note>, now: UtcTime) -> Result<Option<(Self, NewEvent)>, NotWaiting> {
        match self.status {
            ApprovalStatus::Withdrawn => Ok(None),
            ApprovalStatus::Pending => {
                let withdrawn = Self {
                    status: ApprovalStatus::Withdrawn,
                    withdrawn_at: Some(now),
                    reason,
                    version: self.version + 1,
                    ..self.clone()
                };
                let event = withdrawn.event(kinds::ApprovalWithdrawn::of);
                Ok(Some((withdrawn, event)))
            }
            status @ (ApprovalStatus::NotRequired | ApprovalStatus::Approved | ApprovalStatus::Rejected) => {
                Err(NotWaiting { status })
            }
        }
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
    /// The reason that was given with the decision or the withdrawal.
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
            Ok(Recording::Recorded(approval, _)) => approval,
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        /// Proves: 7
        #[test]
        fn it_is_decided_once_and_never_by_its_preparer(
            attempts in prop::collection::vec((0_usize..4, any::<bool>()), 1..10)
        ) {
            // The preparer, as the ledger writes their id and as the identity provider may.
            let users = ["preparer", "PREPARER", "owner", "other"].map(|user| user.parse::<UserId>().unwrap());
            let mut current = pending();
            let mut decisions = 0;
            for (who, approve) in attempts {
                let verdict = if approve { ApprovalVerdict::Approved } else { ApprovalVerdict::Rejected };
                if let Ok((next, _)) = current.decide(verdict, None, None, &users[who], None, UtcTime::EPOCH) {
                    prop_assert!(who > 1);
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
        assert!(matches!(sent, Ok(Recording::Recorded(a, _)) if a.status == ApprovalStatus::NotRequired));
    }

    #[test]
    fn sending_the_same_again_changes_nothing_and_sending_another_is_refused() {
        let first = pending();
        let again = submit(&company(), transaction(100, "EUR"), None, Some(first.clone()), UtcTime::EPOCH);
        assert_eq!(again, Ok(Recording::Unchanged(first.clone())));
        let other = submit(&company(), transaction(101, "EUR"), None, Some(first), UtcTime::EPOCH);
        assert_eq!(other, Err(ReferenceTaken { status: ApprovalStatus::Pending }));
    }

    fn owner() -> UserId {
        "owner".parse().unwrap()
    }

    /// Proves: U20
    #[test]
    fn a_withdrawn_transaction_is_never_decided_and_a_decided_one_never_withdrawn() {
        let (withdrawn, event) =
            pending().withdraw(Some("Entered twice".parse().unwrap()), UtcTime::EPOCH).unwrap().unwrap();
        assert_eq!(event.payload.kind(), crate::EventType::ApprovalWithdrawn);
        let decided = withdrawn.decide(ApprovalVerdict::Approved, None, None, &owner(), None, UtcTime::EPOCH);
        assert_eq!(decided.unwrap_err(), DecideError::NotPending(ApprovalStatus::Withdrawn));
        assert_eq!(withdrawn.withdraw(None, UtcTime::EPOCH), Ok(None), "a repeat changes nothing");
        for verdict in [ApprovalVerdict::Approved, ApprovalVerdict::Rejected] {
            let (decided, _) = pending().decide(verdict, None, None, &owner(), None, UtcTime::EPOCH).unwrap();
            assert_eq!(decided.withdraw(None, UtcTime::EPOCH), Err(NotWaiting { status: decided.status }));
        }
    }

    /// Proves: 26, U3
    #[test]
    fn a_decision_that_names_another_content_is_refused() {
        let approval = pending();
        let other = match submit(&company(), transaction(101, "EUR"), None, None, UtcTime::EPOCH) {
            Ok(Recording::Recorded(other, _)) => other.digest(),
            other => panic!("{other:?}"),
        };
        let own = approval.digest();
        let decide = |seen| {
            let decided = approval.decide(ApprovalVerdict::Approved, None, seen, &owner(), None, UtcTime::EPOCH);
            decided.map(|(decided, _)| decided.status)
        };
        assert_eq!(decide(Some(&other)), Err(DecideError::Changed));
        assert_eq!(decide(Some(&own)), Ok(ApprovalStatus::Approved));
        assert_eq!(decide(None), Ok(ApprovalStatus::Approved));
    }
}
