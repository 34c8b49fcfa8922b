//! Why a transaction was cancelled: of the conditions that failed, the one that matters most to the
//! caller.

use aws_sdk_dynamodb::types::CancellationReason;
use domain::UtcTime;

use super::operation::{Operation, Purpose};
use crate::{authority::denial, error::StoreError, idempotency::Replay, item::Item};

/// Why nothing was written.
#[derive(Debug)]
pub(super) enum Cancelled {
    /// The same request was answered in the meantime, or its key belongs to another.
    Replay(Replay),
    /// The change was refused or failed.
    Error(StoreError),
}

impl From<StoreError> for Cancelled {
    fn from(error: StoreError) -> Self {
        Self::Error(error)
    }
}

/// Why a transaction was cancelled; `None` if it only conflicted with another one and may be retried.
pub(super) fn meaning(operations: &[Operation], reasons: &[CancellationReason], now: UtcTime) -> Option<Cancelled> {
    let failed: Vec<(&Operation, &CancellationReason)> =
        operations.iter().zip(reasons).filter(|(_, reason)| !matches!(reason.code(), None | Some("None"))).collect();
    let conditional = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    let mut causes: Vec<(u8, Cancelled)> = failed
        .iter()
        .filter(|(_, reason)| conditional(reason))
        .flat_map(|(operation, reason)| {
            let item = reason.item().filter(|item| !item.is_empty());
            operation.conditions.iter().filter_map(move |(purpose, _)| cause(purpose, item, now))
        })
        .collect();
    causes.sort_by_key(|(rank, _)| *rank);
    if let Some((_, first)) = causes.into_iter().next() {
        return Some(first);
    }
    if failed.iter().any(|(_, reason)| conditional(reason)) {
        return Some(StoreError::Conflict.into());
    }
    let retried = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    let stuck = failed.iter().find(|(_, reason)| !reason.code().is_some_and(|code| retried.contains(&code)));
    stuck.map(|(_, reason)| {
        let code = reason.code().unwrap_or_default().to_owned();
        tracing::error!(%code, "a transaction was cancelled for a reason that no retry mends");
        StoreError::Unexpected(code).into()
    })
}

/// Why one condition failed, judged from the item as the condition saw it; `None` when this condition
/// held. The rank orders causes: the smallest comes first.
fn cause(purpose: &Purpose, item: Option<&Item>, now: UtcTime) -> Option<(u8, Cancelled)> {
    let (rank, error) = match purpose {
        Purpose::Idempotency(idempotency) => match idempotency.judge_item(item, now) {
            Ok(Ok(())) => return None,
            Ok(Err(replay)) => return Some((1, Cancelled::Replay(replay))),
            Err(error) => (1, error.into()),
        },
        // Before a replay: a recorded answer is for a caller who still has the right to it.
        Purpose::Authority(check) => (0, check.judge(item, now).err().map(|_| denial(check, item, now))?),
        Purpose::Inviter(check) => (2, check.judge(item, now).err().map(|_| StoreError::InviterDenied)?),
        Purpose::Addressee(check) => (2, check.judge(item, now).err().map(|_| StoreError::NotFound)?),
        Purpose::AsRead { attribute, text } => {
            let found = item.and_then(|item| item.get(*attribute)).and_then(|found| found.as_s().ok());
            (4, (item.is_none() || found != text.as_ref()).then_some(StoreError::Conflict)?)
        }
        Purpose::OneRemains => (3, if item.is_some() { StoreError::LastOne } else { StoreError::NotFound }),
        Purpose::Limit(tally) => (5, tally.exceeded()),
        Purpose::Storage { org, quota_bytes, room } => {
            let stored = item.and_then(|item| item.get("bytes")).and_then(|bytes| bytes.as_n().ok());
            let stored: i64 = stored.and_then(|bytes| bytes.parse().ok()).unwrap_or_default();
            let left_bytes = quota_bytes.saturating_sub(u64::try_from(stored).unwrap_or_default());
            let is_firm = org.firm().is_some();
            (5, (stored > *room).then_some(StoreError::StorageFull { is_firm, left_bytes })?)
        }
        Purpose::Absent => (4, item.map(|_| StoreError::Conflict)?),
        Purpose::Unchanged { version } => {
            let found = item.and_then(|item| item.get("version")).and_then(|v| v.as_n().ok());
            (4, (found != Some(&version.to_string())).then_some(StoreError::Conflict)?)
        }
    };
    Some((rank, error.into()))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use domain::{AccessRequirement, CompanyId, Denied, Permission, access::ActingAs};

    use super::*;
    use crate::{
        authority::{Authority, Check},
        condition::Condition,
        idempotency::{Idempotency, KeyOwner},
        item::{RawKey, to_item},
    };

    fn reason(code: &str, item: Option<Item>) -> CancellationReason {
        CancellationReason::builder().code(code).set_item(item).build()
    }

    fn operation(purpose: Purpose) -> Operation {
        let key = RawKey { pk: "p".to_owned(), sk: "s".to_owned() };
        Operation { key, write: None, conditions: vec![(purpose, Condition::new("x"))] }
    }

    fn access_check() -> Check {
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let acting_as = ActingAs::Member { company };
        let access = AccessRequirement::new("u".parse().unwrap(), acting_as, Permission::TeamView);
        Authority::Person(access).checks().remove(0)
    }

    #[test]
    fn a_denial_is_told_before_a_conflict() {
        let operations = [operation(Purpose::Unchanged { version: 1 }), operation(Purpose::Authority(access_check()))];
        let reasons = [reason("ConditionalCheckFailed", None), reason("ConditionalCheckFailed", None)];
        let told = meaning(&operations, &reasons, UtcTime::EPOCH);
        assert!(matches!(told, Some(Cancelled::Error(StoreError::Denied(Denied::NoRelation)))), "{told:?}");
    }

    /// Proves: S15
    #[test]
    fn a_denial_is_told_before_a_recorded_answer() {
        let idempotency = Idempotency {
            caller: KeyOwner::Person("u".parse().unwrap()),
            key: "k".to_owned(),
            fingerprint: "f".to_owned(),
        };
        let recorded = idempotency.record(201, "{}".to_owned(), UtcTime::EPOCH);
        let recorded = to_item(&idempotency.record_key().raw, &recorded).unwrap();
        let operations = [operation(Purpose::Idempotency(idempotency)), operation(Purpose::Authority(access_check()))];
        let failed = |item| reason("ConditionalCheckFailed", item);
        let told = meaning(&operations, &[failed(Some(recorded.clone())), failed(None)], UtcTime::EPOCH);
        assert!(matches!(told, Some(Cancelled::Error(StoreError::Denied(Denied::NoRelation)))), "{told:?}");
        let told = meaning(&operations, &[failed(Some(recorded)), reason("None", None)], UtcTime::EPOCH);
        assert!(matches!(told, Some(Cancelled::Replay(_))), "{told:?}");
    }

    #[test]
    fn a_full_storage_is_told_with_what_is_left_of_it() {
        let org = "co_00000000000000000000000000000001".parse().unwrap();
        let operations = [operation(Purpose::Storage { org, quota_bytes: 1_000, room: 400 })];
        let stored = |bytes: &str| Item::from([("bytes".to_owned(), AttributeValue::N(bytes.to_owned()))]);
        let told = meaning(&operations, &[reason("ConditionalCheckFailed", Some(stored("700")))], UtcTime::EPOCH);
        let Some(Cancelled::Error(StoreError::StorageFull { is_firm: false, left_bytes: 300 })) = told else {
            panic!("{told:?}")
        };
    }

    /// Proves: F4
    #[test]
    fn a_transaction_that_only_met_another_is_retried() {
        let operations = [operation(Purpose::Absent), operation(Purpose::Absent)];
        for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
            assert!(meaning(&operations, &[reason("None", None), reason(code, None)], UtcTime::EPOCH).is_none());
        }
        let told = meaning(&operations, &[reason("None", None), reason("ValidationError", None)], UtcTime::EPOCH);
        assert!(matches!(told, Some(Cancelled::Error(StoreError::Unexpected(_)))), "{told:?}");
    }
}
