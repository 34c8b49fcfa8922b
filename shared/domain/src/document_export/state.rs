//! A document export, from the request to the complete archive.

use serde::{Deserialize, Serialize};

use super::{
    archive_plan::ArchivePlan,
    event::{DocumentExportFailed, DocumentExportFinished, DocumentExportRequested, ExportFailure},
    scope::{ArchiveScope, Wanted},
};
use crate::{
    document::StoppedFile,
    event::{EventData, NewEvent, kinds},
    export::{ExportClaim, ExportStatus, KEPT_FOR_DAYS},
    id::{CompanyId, DocumentExportId, DocumentId, Org, UserId},
    text::Name,
    time::UtcTime,
};

/// The uploaded parts of an archive. A part ends where a file ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveUpload {
    /// The bucket's name for the upload.
    pub id: String,
    /// The tags of the parts, in their order.
    pub tags: Vec<String>,
    /// The CRC-32 of each file of the plan that was written; `None` for one that could not be read and was left out.
    pub checksums: Vec<Option<u32>>,
}

/// A requested archive of documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentExport {
    /// Its id.
    pub id: DocumentExportId,
    /// The company whose documents they are.
    pub company: CompanyId,
    /// Which documents.
    pub scope: ArchiveScope,
    /// The selected documents, until the archive is planned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub selection: Vec<DocumentId>,
    /// Who requested it.
    pub requested_by: UserId,
    /// Their name at that time.
    pub requested_by_name: Name,
    /// When.
    pub requested_at: UtcTime,
    /// Its status.
    pub status: ExportStatus,
    /// Why there is no archive, if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<ExportFailure>,
    /// Which plan counts: that of so many tries. `None` before it is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<u32>,
    /// The last file of the company that was stopped when the archive was planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<StoppedFile>,
    /// The number of documents in the archive so far.
    pub documents: usize,
    /// The number of documents that are left out so far.
    pub left_out: usize,
    /// The bytes of all files that go in, once it is planned.
    pub files_bytes: u64,
    /// The size of the archive so far, in bytes.
    pub size_bytes: u64,
    /// The uploaded parts, if there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<ArchiveUpload>,
    /// How often a worker started it since its last part was recorded.
    pub attempts: u32,
    /// Until when a worker holds the lease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<UtcTime>,
    /// When the archive is deleted.
    pub gone_at: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl DocumentExport {
    /// Requests an archive.
    #[must_use]
    pub fn request(
        id: DocumentExportId,
        company: &CompanyId,
        wanted: Wanted,
        (by, by_name): (&UserId, &Name),
        now: UtcTime,
    ) -> (Self, NewEvent) {
        let (scope, selection) = wanted.into_parts();
        let export = Self {
            id,
            company: company.clone(),
            scope,
            selection,
            requested_by: by.clone(),
            requested_by_name: by_name.clone(),
            requested_at: now,
            status: ExportStatus::Queued,
            failure: None,
            plan: None,
            stopped: None,
            documents: 0,
            left_out: 0,
            files_bytes: 0,
            size_bytes: 0,
            upload: None,
            attempts: 0,
            lease_until: None,
            gone_at: now.plus_s(KEPT_FOR_DAYS * 24 * 3600),
            version: 1,
        };
        let data = DocumentExportRequested { scope: export.scope.clone() };
        let event = export.event(kinds::DocumentExportRequested::of(data));
        (export, event)
    }

    /// Starts or continues it under a lease.
    #[must_use]
    pub fn take(&self, now: UtcTime, lease_until: UtcTime) -> ExportClaim<Self> {
        ExportClaim::of(self.status, (self.lease_until, self.attempts), now, || Self {
            status: ExportStatus::Running,
            attempts: self.attempts.saturating_add(1),
            lease_until: Some(lease_until),
            ..self.changed()
        })
    }

    /// Records the plan of this try, which counts from now on. `stopped` is the last file that was stopped when the first
    /// document of the plan was read.
    #[must_use]
    pub fn planned(&self, plan: &ArchivePlan, stopped: Option<StoppedFile>) -> Self {
        let left_out = plan.documents.len().saturating_sub(plan.files().count());
        let (plan_of, files_bytes) = (Some(self.attempts), plan.bytes());
        Self { plan: plan_of, stopped, selection: Vec::new(), left_out, files_bytes, ..self.changed() }
    }

    /// Whether a threat was found in a clean file of the company after the archive was planned, so that it may be in the
    /// archive. `last` is the last file that was stopped by now.
    #[must_use]
    pub fn is_withdrawn(&self, last: Option<&StoppedFile>) -> bool {
        self.stopped.as_ref() != last
    }

    /// Records uploaded parts and the size of the archive so far. Tries are counted from here anew: a long archive takes
    /// many turns.
    #[must_use]
    pub fn put_away(&self, plan: &ArchivePlan, upload: ArchiveUpload, size_bytes: u64, lease_until: UtcTime) -> Self {
        let (documents, left_out) = counts(plan, &upload.checksums);
        let lease_until = Some(lease_until);
        Self { documents, left_out, size_bytes, upload: Some(upload), attempts: 0, lease_until, ..self.changed() }
    }

    /// Releases the lease, so that another worker can continue at once.
    #[must_use]
    pub fn let_go(&self) -> Self {
        Self { lease_until: None, ..self.changed() }
    }

    /// Starts again by the same plan, because the uploaded parts no longer exist.
    #[must_use]
    pub fn anew(&self) -> Self {
        let checksums = self.upload.iter().flat_map(|upload| &upload.checksums);
        let left_out = self.left_out.saturating_sub(checksums.filter(|checksum| checksum.is_none()).count());
        Self { documents: 0, left_out, size_bytes: 0, upload: None, lease_until: None, ..self.changed() }
    }

    /// The archive is complete, with these checksums of its files.
    #[must_use]
    pub fn done(&self, plan: &ArchivePlan, checksums: &[Option<u32>], size_bytes: u64) -> (Self, NewEvent) {
        let (documents, left_out) = counts(plan, checksums);
        let done = Self {
            status: ExportStatus::Done,
            documents,
            left_out,
            size_bytes,
            upload: None,
            lease_until: None,
            ..self.changed()
        };
        let event = done.event(kinds::DocumentExportFinished::of(done.finished()));
        (done, event)
    }

    /// There will be no archive.
    #[must_use]
    pub fn failed(&self, reason: ExportFailure) -> (Self, NewEvent) {
        let failed = Self {
            status: ExportStatus::Failed,
            failure: Some(reason),
            selection: Vec::new(),
            upload: None,
            lease_until: None,
            ..self.changed()
        };
        let data = DocumentExportFailed { scope: self.scope.clone(), reason };
        let event = failed.event(kinds::DocumentExportFailed::of(data));
        (failed, event)
    }

    /// Someone is given a link to the archive.
    #[must_use]
    pub fn downloaded(&self) -> NewEvent {
        self.event(kinds::DocumentExportDownloaded::of(self.finished()))
    }

    /// The share of the files' bytes that is written, in per cent; 100 only once the archive is complete.
    #[must_use]
    pub fn percent(&self) -> u8 {
        match self.status {
            ExportStatus::Done => 100,
            ExportStatus::Queued | ExportStatus::Running | ExportStatus::Failed => {
                let share = self.size_bytes.saturating_mul(100).checked_div(self.files_bytes).unwrap_or(0);
                u8::try_from(share.min(99)).unwrap_or(99)
            }
        }
    }

    /// Whether it is being written, or waits for it: the company's next one has to wait.
    #[must_use]
    pub fn is_running(&self, now: UtcTime) -> bool {
        self.status.is_running(self.requested_at, now)
    }

    /// Whether the archive can no longer be downloaded.
    #[must_use]
    pub fn is_gone(&self, now: UtcTime) -> bool {
        self.gone_at <= now
    }

    /// The key of the archive in the bucket.
    #[must_use]
    pub fn archive_key(&self) -> String {
        format!("document-exports/{}/{}.zip", self.company, self.id)
    }

    /// The name under which the archive is saved.
    #[must_use]
    pub fn archive_name(&self) -> String {
        format!("documents-{}.zip", self.company)
    }

    /// The key of the plan of a try. Each try that plans has its own, so that one without a lease changes no other's.
    #[must_use]
    pub fn plan_key(&self, attempt: u32) -> String {
        format!("document-exports/{}/{}.{attempt}.json", self.company, self.id)
    }

    /// The key of the index, which is kept when the archive is gone: it says which documents were in it.
    #[must_use]
    pub fn index_key(&self) -> String {
        format!("document-export-indexes/{}/{}.csv", self.company, self.id)
    }

    fn finished(&self) -> DocumentExportFinished {
        DocumentExportFinished {
            scope: self.scope.clone(),
            documents: self.documents,
            left_out: self.left_out,
            size_bytes: self.size_bytes,
        }
    }

    fn event(&self, data: EventData) -> NewEvent {
        NewEvent::new(Org::Company(self.company.clone()), self.id.as_str(), data)
    }

    fn changed(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }
}

/// How many documents are in the archive and how many are left out, by the checksums of the files so far.
fn counts(plan: &ArchivePlan, checksums: &[Option<u32>]) -> (usize, usize) {
    let unreadable = checksums.iter().filter(|checksum| checksum.is_none()).count();
    let never_in = plan.documents.len().saturating_sub(plan.files().count());
    (checksums.len().saturating_sub(unreadable), never_in.saturating_add(unreadable))
}

#[cfg(test)]
pub(super) mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        document::{ScanVerdict, VersionNumber, examples},
        export::{MAX_ATTEMPTS, RUNS_FOR_HOURS},
        samples::{at, company, user},
    };

    fn requested() -> (DocumentExport, NewEvent) {
        let id = DocumentExportId::from_uuid(Uuid::from_u128(50));
        let documents = Some(vec![examples::id()]);
        let wanted = Wanted::of(documents, None, None, at(1_000)).unwrap();
        DocumentExport::request(id, &company(1), wanted, (&user("olga"), &"Olga Reis".parse().unwrap()), at(1_000))
    }

    fn export() -> DocumentExport {
        requested().0
    }

    fn plan() -> ArchivePlan {
        ArchivePlan::of(&[examples::clean(), examples::declared().document, examples::clean()]).unwrap()
    }

    pub(in super::super) fn every_event() -> Vec<NewEvent> {
        let (export, requested) = requested();
        let (done, finished) = export.done(&plan(), &[Some(1), Some(2)], 2_500);
        vec![requested, finished, export.failed(ExportFailure::TooLarge).1, done.downloaded()]
    }

    #[test]
    fn one_worker_at_a_time_writes_and_one_that_is_interrupted_too_often_is_given_up() {
        let ExportClaim::Write(taken) = export().take(at(1_001), at(1_100)) else { panic!("it is free") };
        assert_eq!((taken.status, taken.attempts), (ExportStatus::Running, 1));
        assert_eq!(taken.take(at(1_099), at(1_200)), ExportClaim::Held);
        assert!(matches!(taken.take(at(1_100), at(1_200)), ExportClaim::Write(_)));
        assert!(matches!(taken.let_go().take(at(1_002), at(1_200)), ExportClaim::Write(_)));
        let tired = DocumentExport { attempts: MAX_ATTEMPTS, ..export() };
        assert!(matches!(tired.take(at(1_001), at(1_100)), ExportClaim::GiveUp(_)));
        let further = tired.put_away(&plan(), ArchiveUpload::default(), 1_000, at(1_001));
        assert!(
            matches!(further.take(at(1_001), at(1_100)), ExportClaim::Write(_)),
            "a turn that wrote a part counts as none"
        );
        let (failed, _) = tired.failed(ExportFailure::Interrupted);
        assert_eq!(failed.take(at(1_001), at(1_100)), ExportClaim::Over);
        assert_eq!(taken.done(&plan(), &[Some(1), Some(2)], 2_500).0.take(at(1_200), at(1_300)), ExportClaim::Over);
    }

    #[test]
    fn the_first_plan_counts_in_each_turn_and_a_selection_is_kept_no_longer() {
        let ExportClaim::Write(taken) = export().take(at(1_001), at(1_100)) else { panic!("it is free") };
        let planned = taken.planned(&plan(), None);
        assert_eq!((planned.plan, planned.left_out, planned.files_bytes), (Some(1), 1, 2_000));
        assert!(planned.selection.is_empty());
        let ExportClaim::Write(again) = planned.let_go().take(at(1_002), at(1_100)) else { panic!("it is free") };
        assert_eq!((again.plan, again.attempts), (Some(1), 2));
        assert_ne!(again.plan_key(1), again.plan_key(2));
        assert_eq!(again.anew().plan, Some(1), "what is written anew is the same archive");
    }

    /// Proves: 17
    #[test]
    fn an_archive_is_withdrawn_once_a_file_is_stopped_after_it_was_planned() {
        let clean = examples::clean();
        let infected = ScanVerdict::Infected { threat: "EICAR-Test-File".parse().unwrap() };
        let (stopped, _) = clean.scanned(VersionNumber::FIRST, "a", infected.clone(), at(1_050)).unwrap();
        let mark = StoppedFile::of(&clean, &stopped);
        assert!(mark.is_some() && StoppedFile::of(&stopped, &stopped).is_none(), "it is stopped once");
        let waiting = examples::declared().document;
        let (never_clean, _) = waiting.scanned(VersionNumber::FIRST, "a", infected, at(1_050)).unwrap();
        assert_eq!(StoppedFile::of(&waiting, &never_clean), None, "no archive can have it");
        let before = export().planned(&plan(), None);
        assert!(!before.is_withdrawn(None) && before.is_withdrawn(mark.as_ref()));
        let after = export().planned(&plan(), mark.clone());
        assert!(!after.is_withdrawn(mark.as_ref()));
    }

    #[test]
    fn progress_is_counted_in_files_and_bytes_and_whole_only_in_the_end() {
        let planned = export().planned(&plan(), None);
        assert_eq!((export().percent(), planned.percent()), (0, 0));
        let upload = |checksums| ArchiveUpload { checksums, ..ArchiveUpload::default() };
        let half = planned.put_away(&plan(), upload(vec![Some(7)]), 1_040, at(1_200));
        assert_eq!((half.documents, half.left_out, half.percent()), (1, 1, 52));
        let all = half.put_away(&plan(), upload(vec![Some(7), None]), 2_100, at(1_200));
        assert_eq!((all.documents, all.left_out, all.percent()), (1, 2, 99));
        let (done, _) = all.done(&plan(), &[Some(7), None], 2_500);
        assert_eq!((done.documents, done.left_out, done.size_bytes, done.percent()), (1, 2, 2_500, 100));
        let anew = all.anew();
        assert_eq!((anew.documents, anew.left_out, anew.percent()), (0, 1, 0), "what could not be read is tried again");
    }

    #[test]
    fn an_archive_keeps_the_next_waiting_until_it_ends_or_must_be_lost_and_is_kept_for_a_week() {
        let over = at(1_000 + RUNS_FOR_HOURS * 3_600);
        assert!(export().is_running(over.plus_s(-1)) && !export().is_running(over));
        assert!(!export().failed(ExportFailure::Interrupted).0.is_running(at(1_001)));
        let week = at(1_000 + 7 * 24 * 3_600);
        assert!(!export().is_gone(week.plus_s(-1)) && export().is_gone(week));
    }

    #[test]
    fn an_item_from_before_a_field_was_added_is_read() {
        let mut written = serde_json::to_value(export()).unwrap();
        for later in ["selection", "failure", "plan", "stopped", "upload", "lease_until"] {
            written.as_object_mut().unwrap().remove(later);
        }
        assert_eq!(serde_json::from_value::<DocumentExport>(written).unwrap().plan, None);
    }
}
