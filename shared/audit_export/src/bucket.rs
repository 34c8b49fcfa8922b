//! The bucket that holds the files: its client settings and the object keys.

use aws_sdk_s3::config::Builder;
use domain::export::Export;
use store::SdkConfig;

/// The settings of a client of the bucket, on top of those of every client.
#[must_use]
pub fn s3_config(config: &SdkConfig) -> Builder {
    Builder::from(config).force_path_style(store::is_endpoint_set())
}

/// The object key of a file.
#[must_use]
pub fn object_key(export: &Export) -> String {
    format!("exports/{}/{}.{}", export.org, export.id, export.format.extension())
}
