//! The bucket of the documents, whose files are read whole.

use std::time::Duration;

use aws_sdk_s3::{Client, config::timeout::TimeoutConfig, error::ProvideErrorMetadata};
use domain::{
    CompanyId,
    document_export::{ArchivedFile, PlannedDocument},
};
use metrics::Metric;
use s3_client::BucketError;
use store::SdkConfig;

/// How long one try of a call may take until the file begins to arrive.
const ONE_TRY: Duration = Duration::from_secs(10);
/// The time limit for a call with all its tries.
const ALL_TRIES: Duration = Duration::from_secs(30);

/// The bucket that people upload documents to.
#[derive(Debug, Clone)]
pub struct DocumentsBucket {
    s3: Client,
    name: String,
}

impl DocumentsBucket {
    /// The bucket of this name, with the client settings of the configuration.
    #[must_use]
    pub fn new(config: &SdkConfig, name: String) -> Self {
        let patience = TimeoutConfig::builder().operation_attempt_timeout(ONE_TRY).operation_timeout(ALL_TRIES).build();
        Self { s3: Client::from_conf(s3_client::config(config).timeout_config(patience).build()), name }
    }

    /// Reads a file, of the planned size. `None` if the bucket does not give it out: it is gone, or no longer tagged as
    /// clean.
    pub(crate) async fn read(
        &self,
        company: &CompanyId,
        document: &PlannedDocument,
        file: &ArchivedFile,
    ) -> Result<Option<Vec<u8>>, BucketError> {
        let key = document.object_key(company, file).to_string();
        let request = self.s3.get_object().bucket(&self.name).key(key).version_id(&file.object_version);
        let found = match request.send().await {
            Ok(found) => found,
            Err(error) => match error.as_service_error().and_then(ProvideErrorMetadata::code) {
                // Without the right to list the bucket, S3 answers the second also for what is not there.
                Some("NoSuchKey" | "NoSuchVersion" | "AccessDenied" | "MethodNotAllowed") => {
                    tracing::error!(document = %document.id, "a file is left out of an archive: it cannot be read");
                    metrics::count(Metric::ArchiveFileUnreadable, 1, api::clock::now());
                    return Ok(None);
                }
                _ => return Err(BucketError::of(&error)),
            },
        };
        let size = usize::try_from(file.size.bytes()).unwrap_or(usize::MAX);
        let (mut body, mut bytes) = (found.body, Vec::with_capacity(size));
        while let Some(chunk) = body.next().await {
            bytes.extend_from_slice(&chunk.map_err(|_| broken())?);
            if bytes.len() > size {
                return Err(broken());
            }
        }
        if bytes.len() == size { Ok(Some(bytes)) } else { Err(broken()) }
    }
}

fn broken() -> BucketError {
    BucketError::Unavailable("BodyBroken".to_owned())
}
