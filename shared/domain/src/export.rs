//! Exports: a part of an audit log as a file. A person requests it, a worker that may be interrupted writes it, and
//! it can be downloaded for a few days. An archive of documents is written under the same lease and kept for as long.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{NewEvent, kinds},
    event_filter::EventFilter,
    id::{ExportId, Org, UserId},
    time::UtcTime,
};

/// How long a file can be downloaded, in days. The bucket's lifecycle rule says the same.
pub const KEPT_FOR_DAYS: i64 = 7;
/// How often a worker starts an export before it fails; each interruption counts. Of an archive of documents, the tries
/// since its last part count.
pub const MAX_ATTEMPTS: u32 = 15;
/// How long a worker writes before it lets another go on, in seconds: less than its function has.
pub const ENOUGH_AFTER_S: i64 = 80;
/// How long the lease of a worker counts, in seconds: longer than its function runs.
pub const LEASE_S: i64 = 150;
/// After how many hours an export that is not complete no longer keeps its tenant from another: its request was lost.
pub const RUNS_FOR_HOURS: i64 = 24;
/// The most parts of one file. Their tags must fit into one item of the table.
pub const MAX_PARTS: usize = 4000;

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Comma-separated values, RFC 4180.
    Csv,
    /// JSON Lines: one JSON object a line.
    Jsonl,
}

impl ExportFormat {
    /// How a file's name ends.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }
}

/// One of the two parts of a firm's audit log.
///
/// They are two lists, not one: the firm's own is read consistently, the other from an index that
/// may lag by moments, and merged they would show a gap where the index is behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditScope {
    /// What happened in the firm's own affairs.
    #[default]
    Firm,
    /// What happened in its clients' companies on its side.
    Clients,
}

/// The status of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportStatus {
    /// No worker has started it.
    Queued,
    /// It is being written, or waits for a worker to continue.
    Running,
    /// The file can be downloaded.
    Done,
    /// It failed; there is no file.
    Failed,
}

impl ExportStatus {
    /// Whether a file in this status is being written, or waits for it: the tenant's next one has to wait.
    #[must_use]
    pub fn is_running(self, requested_at: UtcTime, now: UtcTime) -> bool {
        match self {
            Self::Queued | Self::Running => now < requested_at.plus_s(RUNS_FOR_HOURS * 3600),
            Self::Done | Self::Failed => false,
        }
    }
}

/// The uploaded parts of a file that is being written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// The bucket's name for the upload.
    pub id: String,
    /// The tags of the parts, in their order.
    pub tags: Vec<String>,
    /// Where the list continues after the last part.
    pub cursor: String,
}

/// A requested export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Its id.
    pub id: ExportId,
    /// The tenant whose audit log is exported.
    pub org: Org,
    /// The format.
    pub format: ExportFormat,
    /// The part of a firm's audit log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<AuditScope>,
    /// Which events; always up to a time.
    pub filter: EventFilter,
    /// Who requested it.
    pub requested_by: UserId,
    /// When.
    pub requested_at: UtcTime,
    /// Its status.
    pub status: ExportStatus,
    /// The number of events written so far.
    pub events: u64,
    /// The share of the requested time range that they cover, in per cent.
    pub percent: u8,
    /// The file's size, once it is complete.
    pub size_bytes: u64,
    /// When the first event was, once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins_at: Option<UtcTime>,
    /// The uploaded parts, if the file has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<Upload>,
    /// How often a worker started it.
    pub attempts: u32,
    /// Until when a worker holds the lease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<UtcTime>,
    /// When the file is deleted.
    pub gone_at: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// Payload of `export.requested`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportRequested {
    /// The form of the file.
    pub format: ExportFormat,
    /// The part of a firm's audit log; `null` in a company.
    #[schema(required = true)]
    pub of: Option<AuditScope>,
    /// Which events are asked for; always up to a time.
    pub filter: EventFilter,
}

/// What a worker does with a requested file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportClaim<E = Export> {
    /// Writes it, or continues.
    Write(E),
    /// Marks it as failed: it was tried too often.
    GiveUp(E),
    /// Tries again later: another worker holds the lease.
    Held,
    /// Nothing: it is complete, or has failed.
    Over,
}

impl<E> ExportClaim<E> {
    /// By the status of a file, the end of the lease and the number of tries before. `taken` is the file in the hands
    /// of the worker, one try further.
    pub(crate) fn of(
        status: ExportStatus,
        (lease_until, attempts): (Option<UtcTime>, u32),
        now: UtcTime,
        taken: impl FnOnce() -> E,
    ) -> Self {
        match status {
            ExportStatus::Done | ExportStatus::Failed => Self::Over,
            ExportStatus::Queued | ExportStatus::Running if lease_until.is_some_and(|until| now < until) => Self::Held,
            ExportStatus::Queued | ExportStatus::Running if attempts >= MAX_ATTEMPTS => Self::GiveUp(taken()),
            ExportStatus::Queued | ExportStatus::Running => Self::Write(taken()),
        }
    }
}

impl Export {
    /// Requests an export of the events up to now, or up to an earlier time.
    #[must_use]
    pub fn request(
        id: ExportId,
        org: &Org,
        (format, of, filter): (ExportFormat, Option<AuditScope>, EventFilter),
        by: &UserId,
        now: UtcTime,
    ) -> (Self, NewEvent) {
        // Without an end the list would grow while it is written.
        let to = filter.to.map_or(now, |to| to.min(now));
        let export = Self {
            id,
            org: org.clone(),
            format,
            of,
            filter: EventFilter { to: Some(to), ..filter },
            requested_by: by.clone(),
            requested_at: now,
            status: ExportStatus::Queued,
            events: 0,
            percent: 0,
            size_bytes: 0,
            begins_at: None,
            upload: None,
            attempts: 0,
            lease_until: None,
            gone_at: now.plus_s(KEPT_FOR_DAYS * 24 * 3600),
            version: 1,
        };
        let data = ExportRequested { format, of, filter: export.filter.clone() };
        let event = NewEvent::new(org.clone(), export.id.as_str(), kinds::ExportRequested::of(data));
        (export, event)
    }

    /// Starts or continues it under a lease.
    #[must_use]
    pub fn take(&self, now: UtcTime, lease_until: UtcTime) -> ExportClaim {
        ExportClaim::of(self.status, (self.lease_until, self.attempts), now, || Self {
            status: ExportStatus::Running,
            attempts: self.attempts.saturating_add(1),
            lease_until: Some(lease_until),
            ..self.changed()
        })
    }

    /// Records uploaded parts: the number of their events, the last event, and where to continue.
    #[must_use]
    pub fn put_away(&self, events: u64, last_at: Option<UtcTime>, upload: Upload, lease_until: UtcTime) -> Self {
        Self {
            events,
            percent: last_at.map_or(self.percent, |at| self.covered(at)),
            upload: Some(upload),
            lease_until: Some(lease_until),
            ..self.changed()
        }
    }

    /// Releases the lease, so that another worker can continue at once.
    #[must_use]
    pub fn let_go(&self) -> Self {
        Self { lease_until: None, ..self.changed() }
    }

    /// Starts again, because the uploaded parts no longer exist.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { events: 0, percent: 0, size_bytes: 0, upload: None, lease_until: None, ..self.changed() }
    }

    /// The file is complete.
    #[must_use]
    pub fn done(&self, events: u64, size_bytes: u64) -> Self {
        Self {
            status: ExportStatus::Done,
            events,
            percent: 100,
            size_bytes,
            upload: None,
            lease_until: None,
            ..self.changed()
        }
    }

    /// The export failed.
    #[must_use]
    pub fn failed(&self) -> Self {
        Self { status: ExportStatus::Failed, upload: None, lease_until: None, ..self.changed() }
    }

    /// Whether it is being written, or waits for it: the tenant's next one has to wait.
    #[must_use]
    pub fn is_running(&self, now: UtcTime) -> bool {
        self.status.is_running(self.requested_at, now)
    }

    /// Whether the file can no longer be downloaded.
    #[must_use]
    pub fn is_gone(&self, now: UtcTime) -> bool {
        self.gone_at <= now
    }

    fn changed(&self) -> Self {
        Self { version: self.version.saturating_add(1), ..self.clone() }
    }

    /// The share of the requested time range before an event, in per cent; 100 only once the file is complete.
    fn covered(&self, at: UtcTime) -> u8 {
        let (Some(from), Some(to)) = (self.filter.from.or(self.begins_at), self.filter.to) else { return 0 };
        let whole = to.unix_ms().saturating_sub(from.unix_ms()).max(1);
        let done = at.unix_ms().saturating_sub(from.unix_ms()).clamp(0, whole);
        u8::try_from(done.saturating_mul(100).checked_div(whole).unwrap_or(0).min(99)).unwrap_or(99)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::CompanyId;

    fn at(unix_s: i64) -> UtcTime {
        UtcTime::EPOCH.plus_s(unix_s)
    }

    fn export() -> Export {
        let org = Org::Company(CompanyId::from_uuid(Uuid::from_u128(1)));
        let filter = EventFilter { from: Some(at(0)), ..EventFilter::default() };
        let id = ExportId::from_uuid(Uuid::from_u128(2));
        Export::request(id, &org, (ExportFormat::Csv, None, filter), &"ana".parse().unwrap(), at(1000)).0
    }

    #[test]
    fn a_file_ends_when_it_was_asked_for_at_the_latest() {
        assert_eq!(export().filter.to, Some(at(1000)));
        let org = Org::Company(CompanyId::from_uuid(Uuid::from_u128(1)));
        let asked = |to| {
            let filter = EventFilter { to: Some(to), ..EventFilter::default() };
            let id = ExportId::from_uuid(Uuid::from_u128(2));
            Export::request(id, &org, (ExportFormat::Csv, None, filter), &"ana".parse().unwrap(), at(1000)).0.filter.to
        };
        assert_eq!((asked(at(5)), asked(at(2000))), (Some(at(5)), Some(at(1000))));
    }

    #[test]
    fn one_worker_at_a_time_writes_and_another_goes_on_when_the_lease_has_run_out() {
        let ExportClaim::Write(taken) = export().take(at(1001), at(1100)) else { panic!("it is free") };
        assert_eq!(taken.take(at(1099), at(1200)), ExportClaim::Held);
        let ExportClaim::Write(again) = taken.take(at(1100), at(1200)) else { panic!("the lease has run out") };
        assert_eq!((again.attempts, again.version), (2, 3));
        assert!(matches!(taken.let_go().take(at(1002), at(1200)), ExportClaim::Write(_)));
        assert_eq!(taken.done(3, 100).take(at(5000), at(5100)), ExportClaim::Over);
        assert_eq!(taken.failed().take(at(5000), at(5100)), ExportClaim::Over);
    }

    #[test]
    fn what_is_interrupted_too_often_is_given_up() {
        let tried = Export { attempts: MAX_ATTEMPTS, ..export() };
        assert!(matches!(tried.take(at(1001), at(1100)), ExportClaim::GiveUp(_)));
    }

    #[test]
    fn progress_is_the_share_of_the_time_and_whole_only_in_the_end() {
        let put = |last| export().put_away(7, Some(last), Upload::default(), at(1100)).percent;
        assert_eq!((put(at(0)), put(at(500)), put(at(1000)), put(at(9999))), (0, 50, 99, 99));
        assert_eq!(export().done(7, 1).percent, 100);
        assert_eq!(export().put_away(7, Some(at(500)), Upload::default(), at(1100)).anew().events, 0);
    }

    /// Proves: S9
    #[test]
    fn an_export_keeps_the_next_waiting_until_it_ends_or_must_be_lost() {
        let requested = export();
        let ExportClaim::Write(taken) = requested.take(at(1001), at(1100)) else { panic!("it is free") };
        let over = at(1000 + RUNS_FOR_HOURS * 3600);
        for running in [&requested, &taken] {
            assert!(running.is_running(over.plus_s(-1)) && !running.is_running(over));
        }
        assert!(!taken.done(3, 100).is_running(at(1002)) && !taken.failed().is_running(at(1002)));
    }

    #[test]
    fn a_file_is_gone_after_a_week() {
        assert!(!export().is_gone(at(1000 + 7 * 24 * 3600 - 1)));
        assert!(export().is_gone(at(1000 + 7 * 24 * 3600)));
    }
}
