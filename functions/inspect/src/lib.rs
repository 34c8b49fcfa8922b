//! Looks at uploaded documents and takes in the results of their scans.
//!
//! S3 reports each upload, GuardDuty the result of each scan: at least once, in no order. Both reports change the record of
//! a declared version, under a condition; [`domain::document`] decides what. A report about a version that nobody declared
//! fails, and ends in the dead-letter queue.
//!
//! The function reads the two ends of a file, never the whole, and knows nothing about the people in it.

mod bucket;
mod message;

pub use bucket::Bucket;
use domain::{
    Actor, Event, NewEvent, Org, UtcTime,
    document::{Arrival, Document, DocumentVersion, Inspection, ObjectKey, ScanVerdict, UnscannableReason, object_key},
    event::kinds::DocumentRefused,
};
use file_probe::probe;
use metrics::Metric;
use queue::{SqsBatchResponse, SqsEvent, SqsMessage, UnreadableMessage};
use s3_client::BucketError;
use store::{Attempt, Authority, ChangeContext, Store, StoreError, retry_on_conflict};

use crate::message::{Message, Report, Scan, Upload};

/// The function's input: a batch of the queue.
pub type Input = SqsEvent;

/// Why a message must be redelivered.
#[derive(Debug, thiserror::Error)]
enum InspectError {
    #[error(transparent)]
    Unreadable(#[from] UnreadableMessage),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// A file lies in the bucket, and no record says why.
    #[error("nobody declared it")]
    Undeclared,
}

/// The function and its clients.
#[derive(Debug)]
pub struct Inspector {
    store: Store,
    bucket: Bucket,
}

impl Inspector {
    /// An inspector of what is uploaded to this bucket.
    #[must_use]
    pub const fn new(store: Store, bucket: Bucket) -> Self {
        Self { store, bucket }
    }

    /// Handles a batch; only a message that fails is redelivered.
    pub async fn handle(&self, batch: Input, request_id: &str) -> SqsBatchResponse {
        queue::each(&batch, async |message| self.take_in(message, request_id).await).await
    }

    async fn take_in(&self, message: &SqsMessage, request_id: &str) -> Result<(), InspectError> {
        let message: Message = serde_json::from_str(queue::text(message)).map_err(|_| UnreadableMessage)?;
        match message.report {
            Report::Upload(upload) => self.uploaded(&upload, message.time, request_id).await,
            Report::Scan(scan) => self.scanned(&scan, request_id).await,
            Report::Refusal(event) => self.refused(&event).await,
        }
    }

    /// Inspects an object that arrived: at most two calls to the bucket, a read and a write of the table.
    async fn uploaded(&self, upload: &Upload, at: UtcTime, request_id: &str) -> Result<(), InspectError> {
        let key = self.key(&upload.bucket.name, &upload.object.key)?;
        let object_version = &upload.object.version_id;
        let document = self.load(&key).await?;
        let declared = document.version_numbered(key.version).ok_or(InspectError::Undeclared)?;
        if declared.refusal().is_some() {
            return Ok(self.bucket.hide(&key).await?);
        }
        if has_passed(declared, object_version) {
            return Ok(());
        }
        if is_surplus(declared, object_version) {
            return Ok(self.bucket.remove(&key, object_version).await?);
        }
        let Some(object) = self.bucket.ends(&key, object_version).await? else {
            tracing::warn!(%key, "an uploaded object is gone");
            return Ok(());
        };
        let inspected = probe(object.ends(), declared.name.as_str());
        let arrival =
            Arrival { object_version: object_version.clone(), size: object.size, sha256: object.sha256(), at };
        self.change(&key, document, request_id, |document, now| {
            document.arrived(key.version, arrival.clone(), inspected, now)
        })
        .await
    }

    /// Records the verdict on an object: a read and a write of the table.
    async fn scanned(&self, scan: &Scan, request_id: &str) -> Result<(), InspectError> {
        let key = self.key(&scan.object.bucket_name, &scan.object.object_key)?;
        let object_version = &scan.object.version_id;
        let verdict = scan.verdict();
        if let ScanVerdict::Unscannable { why: UnscannableReason::Failed | UnscannableReason::AccessDenied } = verdict {
            tracing::error!(%key, ?verdict, "a file was not scanned");
            metrics::count(Metric::ScanFailed, 1, api::clock::now());
        }
        let document = self.load(&key).await?;
        let declared = document.version_numbered(key.version).ok_or(InspectError::Undeclared)?;
        // A threat in one object is a threat in each.
        if is_surplus(declared, object_version) && !matches!(verdict, ScanVerdict::Infected { .. }) {
            return Ok(self.bucket.remove(&key, object_version).await?);
        }
        self.change(&key, document, request_id, |document, now| {
            document.scanned(key.version, object_version, verdict.clone(), now)
        })
        .await
    }

    /// Hides the file of a version that was refused.
    async fn refused(&self, event: &Event) -> Result<(), InspectError> {
        let Org::Company(company) = &event.org else { return Err(UnreadableMessage.into()) };
        let document = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
        let refused = event.read::<DocumentRefused>().map_err(|_| UnreadableMessage)?;
        Ok(self.bucket.hide(&object_key(company, &document, refused.file.number)).await?)
    }

    /// The key that a report is about. It is one of our bucket's, which the rule of the queue sees to.
    fn key(&self, bucket: &str, key: &str) -> Result<ObjectKey, UnreadableMessage> {
        let key = key.parse().map_err(|_| UnreadableMessage)?;
        if bucket == self.bucket.name() { Ok(key) } else { Err(UnreadableMessage) }
    }

    async fn load(&self, key: &ObjectKey) -> Result<Document, InspectError> {
        let authority = Authority::System(Org::Company(key.company.clone()));
        let found = self.store.load(&authority, api::clock::now(), |tenant| tenant.document(&key.document)).await?;
        found.ok_or(InspectError::Undeclared)
    }

    /// Commits what a report changes of a document, with its events. `known` is the document as it was read.
    ///
    /// What else follows from a report belongs into the same change, here.
    async fn change(
        &self,
        key: &ObjectKey,
        known: Document,
        request_id: &str,
        decide: impl Fn(&Document, UtcTime) -> Option<(Document, Vec<NewEvent>)>,
    ) -> Result<(), InspectError> {
        let mut known = Some(known);
        retry_on_conflict(|| {
            let known = known.take();
            let decide = &decide;
            async move {
                let document = match known {
                    Some(document) => document,
                    None => self.load(key).await.map_err(Attempt::Final)?,
                };
                let now = api::clock::now();
                let Some((after, events)) = decide(&document, now) else { return Ok(()) };
                let context =
                    ChangeContext { at: now, actor: Actor::machine("inspect"), request_id: request_id.to_owned() };
                let authority = Authority::System(Org::Company(key.company.clone()));
                let mut change = self.store.change(&authority, context);
                change.put_document(Some(&document), &after);
                for event in events {
                    change.record(event);
                }
                Ok(change.commit().await?)
            }
        })
        .await
    }
}

/// Whether an object is known to have passed the inspection.
fn has_passed(version: &DocumentVersion, object_version: &str) -> bool {
    let is_first =
        matches!(&version.inspection, Inspection::Passed { object_version: known, .. } if known == object_version);
    is_first || version.other_passed_objects.iter().any(|known| known == object_version)
}

/// Whether an object is not the one that is handed out: a policy was used twice, and another is clean already. It is
/// removed, so that the one that is handed out stays the newest under its key, which no lifecycle takes.
fn is_surplus(version: &DocumentVersion, object_version: &str) -> bool {
    version.downloadable_object().is_some_and(|kept| kept != object_version)
}
