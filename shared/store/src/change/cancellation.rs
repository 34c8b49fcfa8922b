//! What it means that a transaction was cancelled: the first failed condition is told, in the order that
//! a caller must hear of them.

use aws_sdk_dynamodb::types::CancellationReason;
use domain::UtcTime;

use super::operation::{Operation, Purpose};
use crate::{authority::denial, error::StoreError, item::Item};

/// What a cancelled transaction means; `None` when it only met another one and may be retried.
pub(super) fn meaning(operations: &[Operation], reasons: &[CancellationReason], now: UtcTime) -> Option<StoreError> {
    let failed: Vec<(&Operation, &CancellationReason)> =
        operations.iter().zip(reasons).filter(|(_, reason)| !matches!(reason.code(), None | Some("None"))).collect();
    let conditional = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    let mut causes: Vec<(u8, StoreError)> = failed
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
        return Some(StoreError::Conflict);
    }
    let retried = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    let stuck = failed.iter().find(|(_, reason)| !reason.code().is_some_and(|code| retried.contains(&code)));
    stuck.map(|(_, reason)| {
        let code = reason.code().unwrap_or_default().to_owned();
        tracing::error!(%code, "a transaction was cancelled for a reason that no retry mends");
        StoreError::Unexpected(code)
    })
}

/// What one failed purpose means, judged from the item as the failed condition saw it; `None`
/// when this purpose held. The rank orders causes: the smallest is told.
fn cause(purpose: &Purpose, item: Option<&Item>, now: UtcTime) -> Option<(u8, StoreError)> {
    match purpose {
        Purpose::Idempotency(idempotency) => match idempotency.replay(item.cloned(), now) {
            Err(error) => Some((0, error)),
            Ok(()) => None,
        },
        Purpose::Authority(check) => check.judge(item, now).err().map(|_| (1, denial(check, item, now))),
        Purpose::Inviter(check) => check.judge(item, now).err().map(|_| (2, StoreError::InviterDenied)),
        Purpose::OneRemains => match item {
            Some(_) => Some((3, StoreError::LastOne)),
            None => Some((3, StoreError::NotFound)),
        },
        Purpose::Limit(tally) => Some((5, tally.exceeded())),
        Purpose::Absent => item.map(|_| (4, StoreError::Conflict)),
        Purpose::Unchanged { version } => {
            let found = item.and_then(|item| item.get("version")).and_then(|v| v.as_n().ok());
            (found != Some(&version.to_string())).then_some((4, StoreError::Conflict))
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{AccessRequirement, CompanyId, Denied, Permission, access::ActingAs};

    use super::*;
    use crate::{
        authority::{Authority, Check},
        condition::Condition,
        item::RawKey,
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
        assert!(matches!(told, Some(StoreError::Denied(Denied::NoRelation))), "{told:?}");
    }

    /// Proves: F4
    #[test]
    fn a_transaction_that_only_met_another_is_retried() {
        let operations = [operation(Purpose::Absent), operation(Purpose::Absent)];
        for code in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
            assert!(meaning(&operations, &[reason("None", None), reason(code, None)], UtcTime::EPOCH).is_none());
        }
        let told = meaning(&operations, &[reason("None", None), reason("ValidationError", None)], UtcTime::EPOCH);
        assert!(matches!(told, Some(StoreError::Unexpected(_))), "{told:?}");
    }
}
