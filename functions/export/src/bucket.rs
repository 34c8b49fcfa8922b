//! The bucket that files are written to.

use std::time::Duration;

use audit_export::{disposition, media_type, object_key};
use aws_sdk_s3::{
    Client,
    config::timeout::TimeoutConfig,
    error::{ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};
use domain::export::{Export, Upload};
use store::SdkConfig;

/// How long one try of a call may take: a part has eight megabytes.
const ONE_TRY: Duration = Duration::from_secs(30);
/// The time limit for a call with all its tries.
const ALL_TRIES: Duration = Duration::from_secs(60);

/// A call to the bucket failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BucketError {
    /// The multipart upload no longer exists.
    #[error("the upload is gone")]
    Gone,
    /// Anything else; another try may succeed.
    #[error("the bucket did not answer ({0})")]
    Failed(String),
}

/// The bucket that files are written to.
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

    /// Writes a file that is one part. Writing it again replaces it by the same.
    pub(crate) async fn put(&self, export: &Export, file: Vec<u8>) -> Result<(), BucketError> {
        self.s3
            .put_object()
            .bucket(&self.name)
            .key(object_key(export))
            .content_type(media_type(export.format))
            .content_disposition(disposition(export.format, &export.org))
            .body(ByteStream::from(file))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| failed(&error))
    }

    /// Begins a multipart upload.
    pub(crate) async fn begin(&self, export: &Export) -> Result<Upload, BucketError> {
        let begun = self
            .s3
            .create_multipart_upload()
            .bucket(&self.name)
            .key(object_key(export))
            .content_type(media_type(export.format))
            .content_disposition(disposition(export.format, &export.org))
            .send()
            .await
            .map_err(|error| failed(&error))?;
        let id = begun.upload_id.ok_or_else(|| BucketError::Failed("NoUploadId".to_owned()))?;
        Ok(Upload { id, ..Upload::default() })
    }

    /// Uploads the next part and returns its tag. The same part again replaces it.
    pub(crate) async fn put_part(
        &self,
        export: &Export,
        upload: &Upload,
        part: Vec<u8>,
    ) -> Result<String, BucketError> {
        let put = self
            .s3
            .upload_part()
            .bucket(&self.name)
            .key(object_key(export))
            .upload_id(&upload.id)
            .part_number(number(upload.tags.len()))
            .body(ByteStream::from(part))
            .send()
            .await
            .map_err(|error| failed(&error))?;
        put.e_tag.ok_or_else(|| BucketError::Failed("NoTag".to_owned()))
    }

    /// Completes the file from its parts.
    pub(crate) async fn complete(&self, export: &Export, upload: &Upload) -> Result<(), BucketError> {
        let parts = upload
            .tags
            .iter()
            .enumerate()
            .map(|(n, tag)| CompletedPart::builder().part_number(number(n)).e_tag(tag).build())
            .collect();
        self.s3
            .complete_multipart_upload()
            .bucket(&self.name)
            .key(object_key(export))
            .upload_id(&upload.id)
            .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build())
            .send()
            .await
            .map(|_| ())
            .map_err(|error| failed(&error))
    }

    /// Aborts the multipart upload. An upload that no longer exists is fine.
    pub(crate) async fn abandon(&self, export: &Export, upload: &Upload) -> Result<(), BucketError> {
        let abort = self.s3.abort_multipart_upload().bucket(&self.name).key(object_key(export)).upload_id(&upload.id);
        match abort.send().await.map_err(|error| failed(&error)) {
            Ok(_) | Err(BucketError::Gone) => Ok(()),
            Err(error) => Err(error),
        }
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
