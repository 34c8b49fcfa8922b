//! The bucket of exported files: written whole or in parts, read back, and downloaded by signed links.
//!
//! It knows neither what a file holds nor who may download it.

use std::time::Duration;

use aws_sdk_s3::{
    Client,
    config::timeout::TimeoutConfig,
    error::{ProvideErrorMetadata, SdkError},
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};
use store::SdkConfig;

/// The size from which a part is uploaded, in bytes. S3 accepts only a last part below 5 MiB.
pub const FULL_PART_BYTES: usize = 8 * 1024 * 1024;

/// How long one try of a call may take: a part has some tens of megabytes at most.
const ONE_TRY: Duration = Duration::from_secs(30);
/// The time limit for a call with all its tries.
const ALL_TRIES: Duration = Duration::from_secs(60);

/// A call to the bucket failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BucketError {
    /// The multipart upload no longer exists.
    #[error("the upload is gone")]
    Gone,
    /// Anything else; another try may succeed.
    #[error("the bucket did not answer ({0})")]
    Failed(String),
}

/// A file of the bucket, and how it is saved by who downloads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// The key of its object.
    pub key: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its `Content-Disposition`.
    pub disposition: String,
}

impl StoredFile {
    /// A ZIP archive that is saved under a name of ours, which needs no escapes.
    #[must_use]
    pub fn zip(key: String, name: &str) -> Self {
        let disposition = format!("attachment; filename=\"{name}\"");
        Self { key, media_type: "application/zip", disposition }
    }

    /// A file that no link leads to.
    #[must_use]
    pub fn private(key: String, media_type: &'static str) -> Self {
        Self { key, media_type, disposition: "attachment".to_owned() }
    }
}

/// The bucket that exports are written to and downloaded from. Made once, in `main`; cheap to clone.
#[derive(Debug, Clone)]
pub struct Bucket {
    s3: Client,
    name: String,
}

impl Bucket {
    /// The bucket of this name, with the client settings of the configuration.
    #[must_use]
    pub fn new(config: &SdkConfig, name: String) -> Self {
        let patience = TimeoutConfig::builder().operation_attempt_timeout(ONE_TRY).operation_timeout(ALL_TRIES).build();
        Self { s3: Client::from_conf(s3_client::config(config).timeout_config(patience).build()), name }
    }

    /// Writes a whole file. Writing it again replaces it.
    ///
    /// # Errors
    /// [`BucketError::Failed`].
    pub async fn put(&self, file: &StoredFile, bytes: Vec<u8>) -> Result<(), BucketError> {
        self.s3
            .put_object()
            .bucket(&self.name)
            .key(&file.key)
            .content_type(file.media_type)
            .content_disposition(&file.disposition)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| failed(&error))
    }

    /// Reads a whole file, which the caller knows to be small.
    ///
    /// # Errors
    /// [`BucketError::Failed`].
    pub async fn get(&self, key: &str) -> Result<Vec<u8>, BucketError> {
        let found = self.s3.get_object().bucket(&self.name).key(key).send().await.map_err(|error| failed(&error))?;
        let bytes = found.body.collect().await.map_err(|_| BucketError::Failed("BodyBroken".to_owned()))?;
        Ok(bytes.to_vec())
    }

    /// Begins a multipart upload and returns its id.
    ///
    /// # Errors
    /// [`BucketError::Failed`].
    pub async fn begin(&self, file: &StoredFile) -> Result<String, BucketError> {
        let begun = self
            .s3
            .create_multipart_upload()
            .bucket(&self.name)
            .key(&file.key)
            .content_type(file.media_type)
            .content_disposition(&file.disposition)
            .send()
            .await
            .map_err(|error| failed(&error))?;
        begun.upload_id.ok_or_else(|| BucketError::Failed("NoUploadId".to_owned()))
    }

    /// Uploads the part behind `before` parts and returns its tag. The same part again replaces it.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn put_part(
        &self,
        file: &StoredFile,
        upload: &str,
        before: usize,
        part: Vec<u8>,
    ) -> Result<String, BucketError> {
        let put = self
            .s3
            .upload_part()
            .bucket(&self.name)
            .key(&file.key)
            .upload_id(upload)
            .part_number(number(before))
            .body(ByteStream::from(part))
            .send()
            .await
            .map_err(|error| failed(&error))?;
        put.e_tag.ok_or_else(|| BucketError::Failed("NoTag".to_owned()))
    }

    /// Completes a file from its parts.
    ///
    /// # Errors
    /// [`BucketError`].
    pub async fn complete(&self, file: &StoredFile, upload: &str, tags: &[String]) -> Result<(), BucketError> {
        let parts = tags
            .iter()
            .enumerate()
            .map(|(n, tag)| CompletedPart::builder().part_number(number(n)).e_tag(tag).build())
            .collect();
        self.s3
            .complete_multipart_upload()
            .bucket(&self.name)
            .key(&file.key)
            .upload_id(upload)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
            .send()
            .await
            .map(|_| ())
            .map_err(|error| failed(&error))
    }

    /// Aborts a multipart upload, which deletes its parts. An upload that no longer exists is fine.
    ///
    /// # Errors
    /// [`BucketError::Failed`].
    pub async fn abandon(&self, file: &StoredFile, upload: &str) -> Result<(), BucketError> {
        let abort = self.s3.abort_multipart_upload().bucket(&self.name).key(&file.key).upload_id(upload);
        match abort.send().await.map_err(|error| failed(&error)) {
            Ok(_) | Err(BucketError::Gone) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A link that downloads a file without credentials for so many seconds. Made without a call to S3.
    ///
    /// # Errors
    /// [`BucketError::Failed`] if it cannot be signed.
    pub async fn link(&self, file: &StoredFile, lifetime_s: u64) -> Result<String, BucketError> {
        let lifetime = PresigningConfig::expires_in(Duration::from_secs(lifetime_s))
            .map_err(|error| BucketError::Failed(error.to_string()))?;
        let signed = self
            .s3
            .get_object()
            .bucket(&self.name)
            .key(&file.key)
            .response_content_type(file.media_type)
            .response_content_disposition(&file.disposition)
            .presigned(lifetime)
            .await
            .map_err(|error| failed(&error))?;
        Ok(signed.uri().to_owned())
    }
}

/// The number of the part behind so many.
fn number(before: usize) -> i32 {
    i32::try_from(before).unwrap_or(i32::MAX).saturating_add(1)
}

fn failed<E: ProvideErrorMetadata>(error: &SdkError<E>) -> BucketError {
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some("NoSuchUpload") => BucketError::Gone,
        Some(code) => BucketError::Failed(code.to_owned()),
        None => BucketError::Failed("no answer".to_owned()),
    }
}
