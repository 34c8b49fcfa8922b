//! The bucket of the documents, of which bank statements are read whole.

use std::time::Duration;

use aws_sdk_s3::{Client, config::timeout::TimeoutConfig, error::ProvideErrorMetadata};
use domain::document::{FileSize, ObjectKey};
use s3_client::BucketError;
use store::SdkConfig;

/// How long one try of a call may take until the file begins to arrive.
const ONE_TRY: Duration = Duration::from_secs(10);
/// The time limit for a call with all its tries.
const ALL_TRIES: Duration = Duration::from_secs(20);

/// The bucket that people upload documents to.
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

    /// Reads one version of an object, of the declared size. `None` if it is gone. The bucket gives out only what the scanner
    /// found clean.
    pub(crate) async fn read(
        &self,
        key: &ObjectKey,
        object_version: &str,
        size: FileSize,
    ) -> Result<Option<Vec<u8>>, BucketError> {
        let request = self.s3.get_object().bucket(&self.name).key(key.to_string()).version_id(object_version);
        let found = match request.send().await {
            Ok(found) => found,
            Err(error) => match error.as_service_error().and_then(ProvideErrorMetadata::code) {
                Some("NoSuchKey" | "NoSuchVersion" | "MethodNotAllowed") => return Ok(None),
                _ => return Err(BucketError::of(&error)),
            },
        };
        let size = usize::try_from(size.bytes()).unwrap_or(usize::MAX);
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
