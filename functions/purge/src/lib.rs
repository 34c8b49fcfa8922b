//! Removes the files of deleted documents from the bucket, once nobody can restore them any more.
//!
//! Why no run can remove what somebody needs, or forget what is to go:
//! - The document is read from the table before its files go: what was restored in between is left, and once its time
//!   has come it cannot be restored. A document under a legal hold is never due.
//! - The files go first, and then the document says so, under the condition that it is as it was read. A run that dies
//!   in between is repeated by the next; removing what is gone changes nothing.
//!
//! A run may be late, repeated or concurrent with another: one of them records the event. The function knows nothing of
//! the people in a document, and reads no file.

use std::time::Duration;

use aws_sdk_s3::{Client, config::timeout::TimeoutConfig};
use domain::{
    Actor, Org, UtcTime,
    document::{Document, object_key},
};
use s3_client::BucketError;
use serde::{Deserialize, Serialize};
use store::{Authority, ChangeContext, SdkConfig, Store, StoreError};

/// How long one try of a call to the bucket may take.
const ONE_TRY: Duration = Duration::from_secs(3);
/// The time limit for a call to the bucket with all its tries.
const ALL_TRIES: Duration = Duration::from_secs(8);
/// No document is begun when less than this is left of the invocation, in seconds: the files of fifty versions, each a
/// few calls of some milliseconds, or one that does not answer.
const LONGEST_STEP_S: i64 = 20;

/// The function's input.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    #[allow(dead_code, reason = "there is one; another name is refused")]
    schedule: ScheduleName,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ScheduleName {
    DeletedDocuments,
}

/// The result of a run, in numbers of documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Documents whose files were removed.
    pub purged: usize,
    /// Documents whose files could not be removed; the next run tries again.
    pub failed: usize,
}

/// Why a whole run failed; the next one tries again.
#[derive(Debug, thiserror::Error)]
pub enum PurgeError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bucket did not answer, or cannot be used.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// Nothing could be removed.
    #[error("the files of none of {0} documents could be removed")]
    NothingRemoved(usize),
}

/// The function and its clients.
#[derive(Debug)]
pub struct Purge {
    store: Store,
    s3: Client,
    bucket: String,
}

impl Purge {
    /// Removes files from the bucket of this name.
    #[must_use]
    pub fn new(config: &SdkConfig, store: Store, bucket: String) -> Self {
        let patience = TimeoutConfig::builder().operation_attempt_timeout(ONE_TRY).operation_timeout(ALL_TRIES).build();
        let s3 = Client::from_conf(s3_client::config(config).timeout_config(patience).build());
        Self { store, s3, bucket }
    }

    /// Handles one invocation, which ends at `deadline`.
    ///
    /// # Errors
    /// [`PurgeError`].
    pub async fn run(&self, _due: Schedule, request_id: &str, deadline: UtcTime) -> Result<Report, PurgeError> {
        let mut due = self.store.due_document_purges(api::clock::now()).await?;
        // A run that stops early must not skip the same documents every time.
        fastrand::shuffle(&mut due);
        let mut report = Report::default();
        for (done, found) in due.iter().enumerate() {
            if api::clock::now().plus_s(LONGEST_STEP_S) > deadline {
                tracing::warn!(left = due.len() - done, "the rest is left to the next run");
                break;
            }
            match self.step(found, request_id).await {
                Ok(true) => report.purged += 1,
                Ok(false) => {}
                Err(PurgeError::Store(StoreError::Conflict)) => {
                    tracing::info!(document = %found.id, "it was changed while its files were removed");
                }
                Err(PurgeError::Bucket(error)) => {
                    tracing::error!(document = %found.id, %error, "its files were not removed");
                    report.failed += 1;
                }
                Err(error) => return Err(error),
            }
        }
        if report.purged == 0 && report.failed > 0 {
            return Err(PurgeError::NothingRemoved(report.failed));
        }
        Ok(report)
    }

    /// Removes the files of one document; whether it was the time for it. The index may lag behind, so the document is
    /// read again.
    async fn step(&self, found: &Document, request_id: &str) -> Result<bool, PurgeError> {
        let now = api::clock::now();
        let authority = Authority::System(Org::Company(found.company.clone()));
        let document: Option<Document> = self.store.load(&authority, now, |tenant| tenant.document(&found.id)).await?;
        let Some(document) = document else { return Ok(false) };
        let Some((purged, event)) = document.purge(now) else { return Ok(false) };
        self.remove_files(&document).await?;
        let actor = Actor::schedule("deleted_documents");
        let context = ChangeContext { at: now, actor, request_id: request_id.to_owned() };
        let mut change = self.store.change(&authority, context);
        change.put_document(Some(&document), &purged);
        change.record(event);
        change.commit().await?;
        Ok(true)
    }

    /// Removes every object that a report named, and hides the key of each version: what else lies under it, a refused
    /// file or one that no report told of, goes with the lifecycle of the bucket.
    async fn remove_files(&self, document: &Document) -> Result<(), BucketError> {
        for version in document.versions() {
            let key = object_key(&document.company, &document.id, version.number);
            for object in version.objects() {
                s3_client::remove_version(&self.s3, &self.bucket, &key, object).await?;
            }
            s3_client::hide(&self.s3, &self.bucket, &key).await?;
        }
        Ok(())
    }
}
