//! Writing a document with its copies, and counting the bytes that it stores.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Org,
    document::{Document, StoppedFile, StorageQuotas, StoredBytes},
};

use super::{
    Change,
    operation::{Added, Purpose, Write, is_absent, is_as_read},
};
use crate::{
    condition::Condition,
    item::Entity,
    keys::{self, LinkedDocument, Tenant},
};

impl Change<'_> {
    /// Writes a document in place of `before`, with the copies that lists read, and counts the bytes that it stores. A
    /// clean file that is stopped is recorded as the last one, which withdraws the archives that were planned before.
    /// The count may rise beyond a quota; see [`Change::put_document_within`].
    pub fn put_document(&mut self, before: Option<&Document>, after: &Document) {
        self.write_document(before, after);
        self.count_bytes(before, after, None);
    }

    /// As [`Change::put_document`], and fails as [`crate::StoreError::StorageFull`] if the company or the uploader's
    /// firm would store more than its quota.
    pub fn put_document_within(&mut self, before: Option<&Document>, after: &Document, quotas: &StorageQuotas) {
        self.write_document(before, after);
        self.count_bytes(before, after, Some(quotas));
    }

    /// Requires that no other clean file was stopped since this one was the last.
    pub fn require_last_stopped(&mut self, last: Option<&StoppedFile>) {
        let condition = last.map_or_else(is_absent, |last| is_as_read("file", Some(last.file.clone())));
        let key = self.tenant.stopped_file().raw;
        self.operation(key).conditions.push(condition);
    }

    fn write_document(&mut self, before: Option<&Document>, after: &Document) {
        let expected = before.map(|before| before.version);
        self.put(|tenant| tenant.document(&after.id), expected, after);
        if let Some(stopped) = before.and_then(|before| StoppedFile::of(before, after)) {
            self.put_unconditional(Tenant::stopped_file, &stopped);
        }
        // Copies exist while the document is there.
        let copied = before.filter(|before| before.deleted.is_none());
        let known = copied.map(|before| before.version);
        if after.deleted.is_none() {
            self.put(|tenant| tenant.listed_document(&after.id), known, &after.listed());
        } else if let Some(known) = known {
            self.delete(|tenant| tenant.listed_document(&after.id), known);
        }
        let links_before: BTreeSet<_> = copied.into_iter().flat_map(|before| &before.links).collect();
        let links_after: BTreeSet<_> =
            Some(after).filter(|after| after.deleted.is_none()).into_iter().flat_map(|after| &after.links).collect();
        for link in &links_after {
            let expected = known.filter(|_| links_before.contains(link));
            self.put(|tenant| tenant.linked_document(link, &after.id), expected, &LinkedDocument(after.listed()));
        }
        for link in links_before.difference(&links_after) {
            if let Some(known) = known {
                self.delete(|tenant| tenant.linked_document(link, &after.id), known);
            }
        }
    }

    fn count_bytes(&mut self, before: Option<&Document>, after: &Document, quotas: Option<&StorageQuotas>) {
        for (org, bytes) in StoredBytes::change(before, after) {
            let operation = self.operation(keys::storage(&org).raw);
            // Of one change, several documents may count.
            let so_far = match &operation.write {
                Some(Write::Add(added)) => added.bytes,
                Some(_) | None => 0,
            };
            let added = Added { bytes: so_far.saturating_add(bytes), entity: domain::document::UsedStorage::ENTITY };
            operation.conditions.clear();
            if let Some(quotas) = quotas.filter(|_| added.bytes > 0) {
                operation.conditions.push(fits(&org, quotas.of(&org), added.bytes));
            }
            operation.write = Some(Write::Add(added));
        }
    }
}

/// There is room for so many bytes more.
fn fits(org: &Org, quota_bytes: u64, bytes: i64) -> (Purpose, Condition) {
    let room = i64::try_from(quota_bytes).unwrap_or(i64::MAX).saturating_sub(bytes);
    let fits = if room < 0 { "#bytes <= :room" } else { "attribute_not_exists(pk) OR #bytes <= :room" };
    let condition = Condition::new(fits).name("#bytes", "bytes").value(":room", AttributeValue::N(room.to_string()));
    (Purpose::Storage { org: org.clone(), quota_bytes, room }, condition)
}

#[cfg(test)]
mod tests {
    use domain::{
        Actor, UtcTime,
        document::{Arrival, DocumentUpdate, FileType, ScanVerdict, VersionNumber},
    };

    use super::*;
    use crate::{
        authority::Authority,
        change::{ChangeContext, operation::Operation},
        keys::documents_tests::receipt,
        store::Store,
    };

    fn store() -> Store {
        let config = aws_sdk_dynamodb::Config::builder().behavior_version_latest().build();
        Store::new(aws_sdk_dynamodb::Client::from_conf(config), "table".to_owned())
    }

    fn written(put: impl FnOnce(&mut Change<'_>)) -> Vec<Operation> {
        let store = store();
        let authority = Authority::System(Org::Company(receipt(&[]).company));
        let context =
            ChangeContext { at: UtcTime::EPOCH, actor: Actor::machine("inspect"), request_id: "r".to_owned() };
        let mut change = Change::new(&store, &authority, context);
        put(&mut change);
        change.operations.clone()
    }

    fn summary(operations: &[Operation]) -> Vec<String> {
        let what = |operation: &Operation| match &operation.write {
            Some(Write::Put(_)) => format!("put {}", operation.key.sk),
            Some(Write::Delete) => format!("delete {}", operation.key.sk),
            Some(Write::Add(added)) => format!("add {} {}", operation.key.pk, added.bytes),
            Some(_) | None => String::new(),
        };
        operations.iter().map(what).filter(|text| text.contains(' ')).collect()
    }

    const ID: &str = "doc_00000000000000000000000000000003";

    #[test]
    fn a_new_document_is_written_with_its_copies_and_counted_for_the_company_and_the_firm() {
        let operations = written(|change| change.put_document(None, &receipt(&["T-1"])));
        assert_eq!(
            summary(&operations),
            [
                format!("put DOCUMENT#{ID}"),
                format!("put LISTEDDOCUMENT#{ID}"),
                format!("put DOCUMENTLINK#transaction:T-1#{ID}"),
                "add COMPANY#co_00000000000000000000000000000001 1000".to_owned(),
                "add FIRM#fm_00000000000000000000000000000002 1000".to_owned(),
            ]
        );
    }

    #[test]
    fn an_unlinked_document_loses_that_copy_and_a_deleted_one_all_of_them() {
        let before = receipt(&["T-1", "T-2"]);
        let [first, _] = &before.links[..] else { panic!("{before:?}") };
        let update = DocumentUpdate { unlink: vec![first.clone()], ..DocumentUpdate::default() };
        let (unlinked, _) = before.update(update).unwrap().unwrap();
        let operations = written(|change| change.put_document(Some(&before), &unlinked));
        assert!(summary(&operations).contains(&format!("delete DOCUMENTLINK#transaction:T-1#{ID}")));
        let deletion = domain::document::Deletion {
            by: "bea".parse().unwrap(),
            by_name: "Bea Lima".parse().unwrap(),
            at: UtcTime::EPOCH,
            restorable_until: UtcTime::LATEST,
            purged_at: None,
        };
        let (deleted, _) = before.delete(deletion).unwrap().unwrap();
        let operations = written(|change| change.put_document(Some(&before), &deleted));
        assert_eq!(
            summary(&operations),
            [
                format!("put DOCUMENT#{ID}"),
                format!("delete LISTEDDOCUMENT#{ID}"),
                format!("delete DOCUMENTLINK#transaction:T-1#{ID}"),
                format!("delete DOCUMENTLINK#transaction:T-2#{ID}"),
                "add COMPANY#co_00000000000000000000000000000001 -1000".to_owned(),
                "add FIRM#fm_00000000000000000000000000000002 -1000".to_owned(),
            ]
        );
        let (restored, _) = deleted.restore(UtcTime::EPOCH).unwrap().unwrap();
        let operations = written(|change| change.put_document(Some(&deleted), &restored));
        assert!(summary(&operations).contains(&format!("put LISTEDDOCUMENT#{ID}")));
    }

    /// Proves: 17
    ///
    /// Otherwise an archive that has the file is handed out for the rest of its week.
    #[test]
    fn a_threat_in_a_clean_file_is_recorded_with_the_document() {
        let arrival = Arrival { object_version: "v".to_owned(), size: 1_000, sha256: None, at: UtcTime::EPOCH };
        let first = VersionNumber::FIRST;
        let (received, _) = receipt(&[]).arrived(first, arrival, Ok(FileType::Pdf), UtcTime::EPOCH).unwrap();
        let (clean, _) = received.scanned(first, "v", ScanVerdict::Clean, UtcTime::EPOCH).unwrap();
        let threat = ScanVerdict::Infected { threat: "EICAR-Test-File".parse().unwrap() };
        let records = |before: &Document| {
            let (infected, _) = before.scanned(first, "v", threat.clone(), UtcTime::EPOCH).unwrap();
            let operations = written(|change| change.put_document(Some(before), &infected));
            summary(&operations).contains(&"put STOPPED-FILE".to_owned())
        };
        assert!(records(&clean) && !records(&received));
    }

    #[test]
    fn documents_of_one_change_count_together_towards_the_quota() {
        let quotas = StorageQuotas { company_bytes: 1_500, firm_bytes: 5_000 };
        let second = Document { id: "doc_00000000000000000000000000000004".parse().unwrap(), ..receipt(&[]) };
        let operations = written(|change| {
            change.put_document_within(None, &receipt(&[]), &quotas);
            change.put_document_within(None, &second, &quotas);
        });
        let condition = |pk: &str| {
            let operation = operations.iter().find(|operation| operation.key.pk == pk && operation.key.sk == "STORAGE");
            operation.unwrap().conditions.iter().map(|(_, condition)| condition.clone()).next().unwrap()
        };
        // 2,000 bytes do not fit even into an empty company, whose count is absent.
        let company = condition("COMPANY#co_00000000000000000000000000000001");
        assert_eq!(company.expression, "#bytes <= :room");
        let firm = condition("FIRM#fm_00000000000000000000000000000002");
        assert_eq!(firm.values[":room"], AttributeValue::N("3000".to_owned()));
    }
}
