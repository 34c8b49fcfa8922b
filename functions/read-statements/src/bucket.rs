//! The bucket of the documents, of which bank statements are read whole.

use std::time::Duration;

use aws_sdk_s3::{Client, config::timeout::TimeoutConfig};
use domain::document::{FileSize, ObjectKey};
use s3_client::{BucketError, Given};
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
        match s3_client::read(&self.s3, &self.name, key, object_version, size.bytes()).await? {
            Given::Bytes(bytes) => Ok(Some(bytes)),
            Given::Gone => Ok(None),
            Given::Denied => Err(BucketError::Misconfigured("AccessDenied".to_owned())),
        }
    }
}
