//! Writes archives of documents, in the background.
//!
//! A `document_export.requested` event arrives through a queue. The worker takes the export under a lease, plans the
//! archive once, reads the files, uploads each full part and records its progress: after an interruption, the next
//! worker continues after the last part. An archive that fails too often is given up and its parts are deleted.
//!
//! It proves nobody's access: who downloads the archive is checked when the link to it is made.

mod documents;
mod index;
mod planning;
mod writing;

pub use documents::DocumentsBucket;
use domain::{
    Actor, CompanyId, DocumentExportId, Event, EventType, NewEvent, Org, UtcTime,
    document_export::{ArchivePlan, ArchiveUpload, DocumentExport, ExportFailure},
    export::{ENOUGH_AFTER_S, ExportClaim, LEASE_S},
};
pub use export_bucket::Bucket;
use export_bucket::{BucketError, StoredFile};
use futures_util::future::try_join_all;
use queue::{SqsBatchResponse, SqsEvent, SqsMessage, UnreadableMessage};
use store::{Authority, ChangeContext, Store, StoreError, Tenant};
use zip_stream::EntryError;

use crate::writing::{Planned, Writing};

/// The function's input: a batch of the queue.
pub type Input = SqsEvent;

/// Why a message must be redelivered.
#[derive(Debug, thiserror::Error)]
enum ZipError {
    #[error(transparent)]
    Unreadable(#[from] UnreadableMessage),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bucket(#[from] BucketError),
    #[error(transparent)]
    Documents(#[from] s3_client::BucketError),
    #[error(transparent)]
    Entry(#[from] EntryError),
    #[error("the plan cannot be read")]
    Plan(#[from] serde_json::Error),
    #[error("another worker has it")]
    Held,
    #[error("it is not finished yet")]
    Unfinished,
}

/// The function and its clients.
#[derive(Debug)]
pub struct Zipper {
    store: Store,
    documents: DocumentsBucket,
    bucket: Bucket,
}

impl Zipper {
    /// A worker that reads documents from one bucket and writes archives into the other.
    #[must_use]
    pub const fn new(store: Store, documents: DocumentsBucket, bucket: Bucket) -> Self {
        Self { store, documents, bucket }
    }

    /// Handles a batch; only a message that fails, or whose archive is not finished, is redelivered.
    pub async fn handle(&self, batch: Input, request_id: &str) -> SqsBatchResponse {
        queue::each(&batch, async |message| self.write(message, request_id).await).await
    }

    async fn write(&self, message: &SqsMessage, request_id: &str) -> Result<(), ZipError> {
        let event: Event = queue::event(message)?;
        if event.kind != EventType::DocumentExportRequested {
            return Ok(());
        }
        let id: DocumentExportId = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
        let work = Work { zipper: self, org: event.org, request_id, started: api::clock::now() };
        let Some(found) = work.load(&id).await? else { return Ok(()) };
        let now = api::clock::now();
        match found.take(now, now.plus_s(LEASE_S)) {
            ExportClaim::Over => Ok(()),
            ExportClaim::Held => Err(ZipError::Held),
            ExportClaim::GiveUp(taken) => {
                work.save(&found, &taken, None).await?;
                work.give_up(&taken).await
            }
            ExportClaim::Write(taken) => {
                work.save(&found, &taken, None).await?;
                work.go_on(taken).await
            }
        }
    }
}

/// One worker's turn at one archive.
struct Work<'z> {
    zipper: &'z Zipper,
    org: Org,
    request_id: &'z str,
    started: UtcTime,
}

impl Work<'_> {
    async fn load(&self, id: &DocumentExportId) -> Result<Option<DocumentExport>, StoreError> {
        let authority = Authority::System(self.org.clone());
        self.zipper.store.load(&authority, self.started, |tenant| tenant.document_export(id)).await
    }

    /// Records the progress if the export is unchanged since it was read: a worker that lost its lease fails
    /// here.
    async fn save(
        &self,
        before: &DocumentExport,
        after: &DocumentExport,
        event: Option<NewEvent>,
    ) -> Result<(), StoreError> {
        let change_context = ChangeContext {
            at: api::clock::now(),
            actor: Actor::machine("zip"),
            request_id: self.request_id.to_owned(),
        };
        let mut change = self.zipper.store.change(&Authority::System(self.org.clone()), change_context);
        change.put(|tenant| tenant.document_export(&after.id), Some(before.version), after);
        if let Some(event) = event {
            change.record(event);
        }
        change.commit().await
    }

    async fn give_up(&self, export: &DocumentExport) -> Result<(), ZipError> {
        tracing::error!(export = %export.id, "an archive was given up");
        if let Some(upload) = &export.upload {
            self.zipper.bucket.abandon(&archive(export), &upload.id).await?;
        }
        self.fail(export, ExportFailure::Interrupted).await
    }

    async fn fail(&self, export: &DocumentExport, reason: ExportFailure) -> Result<(), ZipError> {
        let (failed, event) = export.failed(reason);
        Ok(self.save(export, &failed, Some(event)).await?)
    }

    async fn go_on(&self, mut export: DocumentExport) -> Result<(), ZipError> {
        match self.write_on(&mut export).await {
            Ok(()) => Ok(()),
            Err(ZipError::Bucket(BucketError::Gone)) => {
                tracing::warn!(export = %export.id, "the uploaded parts are gone; the archive is written anew");
                self.save(&export, &export.anew(), None).await?;
                Err(ZipError::Unfinished)
            }
            Err(error) => {
                // Another worker need not wait for the lease. Where this fails too, it does.
                if !matches!(error, ZipError::Store(StoreError::Conflict)) {
                    let _: Result<(), StoreError> = self.save(&export, &export.let_go(), None).await;
                }
                Err(error)
            }
        }
    }

    async fn write_on(&self, export: &mut DocumentExport) -> Result<(), ZipError> {
        let Some(plan) = self.plan_of(export).await? else { return self.fail(export, ExportFailure::TooLarge).await };
        let (bucket, file) = (&self.zipper.bucket, archive(export));
        let files: Vec<Planned<'_>> = plan.files().collect();
        let checksums = export.upload.as_ref().map(|upload| upload.checksums.as_slice()).unwrap_or_default();
        let mut writing = Writing::resume(&plan, checksums)?;
        while let group @ [_, ..] = writing.next(&files) {
            for ((_, planned), bytes) in group.iter().zip(self.read(&export.company, group).await?) {
                writing.append(planned, bytes)?;
            }
            let Some(part) = writing.take_full() else { continue };
            let mut upload = match export.upload.clone() {
                Some(upload) => upload,
                None => ArchiveUpload { id: bucket.begin(&file).await?, ..ArchiveUpload::default() },
            };
            upload.tags.push(bucket.put_part(&file, &upload.id, upload.tags.len(), part).await?);
            upload.checksums = writing.checksums().to_vec();
            let now = api::clock::now();
            let put_away = export.put_away(&plan, upload, writing.bytes(), now.plus_s(LEASE_S));
            self.save(export, &put_away, None).await?;
            *export = put_away;
            if self.started.plus_s(ENOUGH_AFTER_S) <= now {
                return Err(ZipError::Unfinished);
            }
        }

        let ending = writing.finish(export.requested_at)?;
        // The index stays when the archive is deleted: who downloaded the archive took the files that it names. It is put
        // first: a completed upload cannot be gone on with.
        let index = StoredFile::private(export.index_key(), "text/csv; charset=utf-8");
        bucket.put(&index, ending.index.into_bytes()).await?;
        match export.upload.clone() {
            None => bucket.put(&file, ending.last).await?,
            Some(mut upload) => {
                upload.tags.push(bucket.put_part(&file, &upload.id, upload.tags.len(), ending.last).await?);
                bucket.complete(&file, &upload.id, &upload.tags).await?;
            }
        }
        let (done, event) = export.done(&plan, &ending.checksums, ending.size_bytes);
        self.save(export, &done, Some(event)).await?;
        *export = done;
        Ok(())
    }

    /// Reads files at the same time.
    async fn read(&self, company: &CompanyId, group: &[Planned<'_>]) -> Result<Vec<Option<Vec<u8>>>, ZipError> {
        let read = group.iter().map(|(document, file)| self.zipper.documents.read(company, document, file));
        Ok(try_join_all(read).await?)
    }

    /// The plan of the archive: the one that counts, or a new one. `None` if there are too many documents.
    async fn plan_of(&self, export: &mut DocumentExport) -> Result<Option<ArchivePlan>, ZipError> {
        if let Some(attempt) = export.plan {
            let plan = self.zipper.bucket.get(&export.plan_key(attempt)).await?;
            return Ok(Some(serde_json::from_slice(&plan)?));
        }
        let authority = Authority::System(self.org.clone());
        // Read before the documents: a file that is stopped from now on withdraws the archive.
        let stopped = self.zipper.store.load(&authority, api::clock::now(), Tenant::stopped_file).await?;
        let Some(plan) = planning::plan(&self.zipper.store, &authority, export).await? else { return Ok(None) };
        let file = StoredFile::private(export.plan_key(export.attempts), "application/json");
        self.zipper.bucket.put(&file, serde_json::to_vec(&plan)?).await?;
        let planned = export.planned(&plan, stopped);
        self.save(export, &planned, None).await?;
        *export = planned;
        Ok(Some(plan))
    }
}

/// The archive in the bucket.
fn archive(export: &DocumentExport) -> StoredFile {
    StoredFile::zip(export.archive_key(), &export.archive_name())
}
