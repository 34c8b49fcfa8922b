//! The bucket of the documents: the ends of a file, and hiding one.

use std::time::Duration;

use aws_sdk_s3::{Client, config::timeout::TimeoutConfig, error::ProvideErrorMetadata};
use domain::document::{Checksum, ObjectKey};
use file_probe::{Ends, HEAD_BYTES, TAIL_BYTES};
use s3_client::BucketError;
use sha2::{Digest as _, Sha256};
use store::SdkConfig;

/// How long one try of a call may take.
const ONE_TRY: Duration = Duration::from_secs(3);
/// The time limit for a call with all its tries.
const ALL_TRIES: Duration = Duration::from_secs(8);

/// The bucket that people upload documents to.
#[derive(Debug, Clone)]
pub struct Bucket {
    s3: Client,
    name: String,
}

/// The two ends of an object, as they were read.
#[derive(Debug)]
pub(crate) struct ObjectEnds {
    head: Vec<u8>,
    tail: Vec<u8>,
    /// The size of the object in bytes.
    pub(crate) size: u64,
}

impl ObjectEnds {
    pub(crate) fn ends(&self) -> Ends<'_> {
        Ends::new(&self.head, &self.tail, self.size)
    }

    /// The SHA-256 of an object whose head is all of it. S3 says it of no part of an object, and has checked that of each
    /// upload.
    pub(crate) fn sha256(&self) -> Option<Checksum> {
        let is_whole = u64::try_from(self.head.len()) == Ok(self.size);
        is_whole.then(|| Checksum::of(Sha256::digest(&self.head).into()))
    }
}

impl Bucket {
    /// The bucket of this name, with the client settings of the configuration.
    #[must_use]
    pub fn new(config: &SdkConfig, name: String) -> Self {
        let patience = TimeoutConfig::builder().operation_attempt_timeout(ONE_TRY).operation_timeout(ALL_TRIES).build();
        Self { s3: Client::from_conf(s3_client::config(config).timeout_config(patience).build()), name }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Reads the ends of one version of an object: one call for a short one, two for a longer one. `None` if there is no such
    /// version any more.
    pub(crate) async fn ends(&self, key: &ObjectKey, version: &str) -> Result<Option<ObjectEnds>, BucketError> {
        let first = format!("bytes=0-{}", HEAD_BYTES.saturating_sub(1));
        let Some((head, size)) = self.part(key, version, first).await? else { return Ok(None) };
        let tail = match size.checked_sub(HEAD_BYTES) {
            None | Some(0) => Vec::new(),
            Some(_) => match self.part(key, version, format!("bytes=-{TAIL_BYTES}")).await? {
                Some((tail, _)) => tail,
                None => return Ok(None),
            },
        };
        Ok(Some(ObjectEnds { head, tail, size }))
    }

    /// A range of bytes, and the size of the whole.
    async fn part(&self, key: &ObjectKey, version: &str, range: String) -> Result<Option<(Vec<u8>, u64)>, BucketError> {
        let request = self.s3.get_object().bucket(&self.name).key(key.to_string()).version_id(version).range(range);
        let part = match request.send().await {
            Ok(part) => part,
            Err(error) => match error.as_service_error().and_then(ProvideErrorMetadata::code) {
                Some("NoSuchVersion" | "NoSuchKey") => return Ok(None),
                // No part of nothing can be read.
                Some("InvalidRange") => return Ok(Some((Vec::new(), 0))),
                _ => return Err(BucketError::of(&error)),
            },
        };
        let size = part.content_range.as_deref().and_then(|range| range.rsplit('/').next()?.parse().ok());
        let size = size.ok_or_else(|| BucketError::Unavailable("NoContentRange".to_owned()))?;
        let bytes = part.body.collect().await.map_err(|_| BucketError::Unavailable("BodyBroken".to_owned()))?;
        Ok(Some((bytes.to_vec(), size)))
    }

    /// Hides an object: its versions stay until the lifecycle of the bucket removes them.
    pub(crate) async fn hide(&self, key: &ObjectKey) -> Result<(), BucketError> {
        s3_client::hide(&self.s3, &self.name, key).await
    }

    /// Removes one version of an object. One that is gone is fine.
    pub(crate) async fn remove(&self, key: &ObjectKey, version: &str) -> Result<(), BucketError> {
        s3_client::remove_version(&self.s3, &self.name, key, version).await
    }
}
