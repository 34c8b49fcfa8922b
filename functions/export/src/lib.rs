//! Writes exports of an audit log to files, in the background.
//!
//! An `export.requested` event arrives through a queue. The worker takes the export under a lease, reads the audit
//! log page by page, uploads each full part of the file and records its progress: after an interruption, the next
//! worker continues after the last part. An export that fails too often is given up and its parts are deleted.

mod part;

use audit_export::{MAX_RECORDING_S, head, line, stored_file};
use domain::{
    Actor, Event, EventType, ExportId, Org, UtcTime,
    export::{ENOUGH_AFTER_S, Export, ExportClaim, LEASE_S, MAX_PARTS, Upload},
};
pub use export_bucket::Bucket;
use export_bucket::BucketError;
use part::Filling;
use queue::{SqsBatchResponse, SqsEvent, SqsMessage, UnreadableMessage};
use store::{Authority, ChangeContext, Cursor, PageRequest, Store, StoreError};

/// The function's input: a batch of the queue.
pub type Input = SqsEvent;

/// Why a message must be redelivered.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Unreadable(#[from] UnreadableMessage),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bucket(#[from] BucketError),
    #[error("another worker has it")]
    Held,
    #[error("it is not finished yet")]
    Unfinished,
}

/// The function and its clients.
#[derive(Debug)]
pub struct Exporter {
    store: Store,
    bucket: Bucket,
}

impl Exporter {
    /// A worker that writes into this bucket.
    #[must_use]
    pub const fn new(store: Store, bucket: Bucket) -> Self {
        Self { store, bucket }
    }

    /// Handles a batch; only a message that fails, or whose file is not finished, is redelivered.
    pub async fn handle(&self, batch: Input, request_id: &str) -> SqsBatchResponse {
        queue::each(&batch, async |message| self.write(message, request_id).await).await
    }

    async fn write(&self, message: &SqsMessage, request_id: &str) -> Result<(), ExportError> {
        let event: Event = queue::event(message)?;
        if event.kind != EventType::ExportRequested {
            return Ok(());
        }
        let id: ExportId = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
        let mut work = Work { exporter: self, org: event.org, request_id, started: api::clock::now() };
        let Some(found) = work.load(&id).await? else { return Ok(()) };
        let now = api::clock::now();
        match found.take(now, now.plus_s(LEASE_S)) {
            ExportClaim::Over => Ok(()),
            ExportClaim::Held => Err(ExportError::Held),
            ExportClaim::GiveUp(taken) => {
                work.save(&found, &taken).await?;
                work.give_up(&taken).await
            }
            ExportClaim::Write(taken) => {
                work.save(&found, &taken).await?;
                work.go_on(taken).await
            }
        }
    }
}

/// One worker's turn at one export.
struct Work<'e> {
    exporter: &'e Exporter,
    org: Org,
    request_id: &'e str,
    started: UtcTime,
}

impl Work<'_> {
    async fn load(&self, id: &ExportId) -> Result<Option<Export>, StoreError> {
        let authority = Authority::System(self.org.clone());
        self.exporter.store.load(&authority, self.started, |tenant| tenant.export(id)).await
    }

    /// Records the progress if the export is unchanged since it was read: a worker that lost its lease fails
    /// here.
    async fn save(&self, before: &Export, after: &Export) -> Result<(), StoreError> {
        let change_context = ChangeContext {
            at: api::clock::now(),
            actor: Actor::schedule("export"),
            request_id: self.request_id.to_owned(),
        };
        let mut change = self.exporter.store.change(&Authority::System(self.org.clone()), change_context);
        change.put(|tenant| tenant.export(&after.id), Some(before.version), after);
        change.commit().await
    }

    async fn give_up(&mut self, export: &Export) -> Result<(), ExportError> {
        tracing::error!(export = %export.id, "an export was given up");
        if let Some(upload) = &export.upload {
            self.exporter.bucket.abandon(&stored_file(export), &upload.id).await?;
        }
        Ok(self.save(export, &export.failed()).await?)
    }

    async fn go_on(&mut self, mut export: Export) -> Result<(), ExportError> {
        match self.write_on(&mut export).await {
            Ok(()) => Ok(()),
            Err(ExportError::Bucket(BucketError::Gone)) => {
                tracing::warn!(export = %export.id, "what was put away is gone; it begins anew");
                self.save(&export, &export.anew()).await?;
                Err(ExportError::Unfinished)
            }
            Err(error) => {
                // Another worker need not wait for the lease. Where this fails too, it does.
                if !matches!(error, ExportError::Store(StoreError::Conflict)) {
                    let _: Result<(), StoreError> = self.save(&export, &export.let_go()).await;
                }
                Err(error)
            }
        }
    }

    async fn write_on(&mut self, export: &mut Export) -> Result<(), ExportError> {
        let authority = Authority::System(self.org.clone());
        let (store, bucket) = (&self.exporter.store, &self.exporter.bucket);
        let file = stored_file(export);
        let mut events = export.events;
        let mut size = export.size_bytes;
        let mut filling = Filling::default();
        let mut cursor = export.upload.as_ref().map(|upload| upload.cursor.clone());
        if cursor.is_none() {
            filling.add(&head(export.format));
        }
        loop {
            let request = PageRequest::new(Some(100), cursor.take().map(Cursor::new))
                .map_err(|error| StoreError::Unexpected(error.to_string()))?;
            let page = store
                .page_matching(
                    &authority,
                    api::clock::now(),
                    |tenant| tenant.audit_log(export.of, &export.filter, MAX_RECORDING_S).oldest_first(),
                    &request,
                    |event| export.filter.keeps(event),
                )
                .await?;
            for event in &page.items {
                filling.add(&line(export.format, event));
                events += 1;
            }
            let first_at = page.items.first().map(|event| event.at);
            export.begins_at = export.begins_at.or(first_at);
            let Some(next) = page.next else { break };
            cursor = Some(next.as_str().to_owned());

            let is_late = self.started.plus_s(ENOUGH_AFTER_S) <= api::clock::now();
            if let Some(part) = filling.take_full() {
                let mut upload = match export.upload.clone() {
                    Some(upload) => upload,
                    None => Upload { id: bucket.begin(&file).await?, ..Upload::default() },
                };
                if upload.tags.len() >= MAX_PARTS {
                    tracing::error!(export = %export.id, "the file is too long");
                    let abandoned = Export { upload: Some(upload), ..export.clone() };
                    return self.give_up(&abandoned).await;
                }
                size += u64::try_from(part.len()).unwrap_or(0);
                let tag = bucket.put_part(&file, &upload.id, upload.tags.len(), part).await?;
                upload.tags.push(tag);
                upload.cursor = next.as_str().to_owned();
                let now = api::clock::now();
                let last_at = page.items.last().map(|event| event.at);
                let mut put_away = export.put_away(events, last_at, upload, now.plus_s(LEASE_S));
                put_away.size_bytes = size;
                self.save(export, &put_away).await?;
                *export = put_away;
            }
            if is_late {
                return Err(ExportError::Unfinished);
            }
        }
        let last = filling.take_rest();
        size += u64::try_from(last.len()).unwrap_or(0);
        match export.upload.clone() {
            None => bucket.put(&file, last).await?,
            Some(mut upload) => {
                if !last.is_empty() {
                    let tag = bucket.put_part(&file, &upload.id, upload.tags.len(), last).await?;
                    upload.tags.push(tag);
                }
                bucket.complete(&file, &upload.id, &upload.tags).await?;
            }
        }
        let done = export.done(events, size);
        self.save(export, &done).await?;
        *export = done;
        Ok(())
    }
}
