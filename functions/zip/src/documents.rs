//! The bucket of the documents, whose files are read whole.

use std::time::Duration;

use aws_sdk_s3::{Client, config::timeout::TimeoutConfig};
use domain::{
    CompanyId,
    document_export::{ArchivedFile, PlannedDocument},
};
use metrics::Metric;
use s3_client::{BucketError, Given};
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
        let key = document.object_key(company, file);
        match s3_client::read(&self.s3, &self.name, &key, &file.object_version, file.size.bytes()).await? {
            Given::Bytes(bytes) => Ok(Some(bytes)),
            Given::Gone | Given::Denied => {
                tracing::error!(document = %document.id, "a file is left out of an archive: it cannot be read");
                metrics::count(Metric::ArchiveFileUnreadable, 1, api::clock::now());
                Ok(None)
            }
        }
    }
}
