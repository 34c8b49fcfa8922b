//! The bucket that files are kept in: how it is reached, and what a file is called there.

use aws_sdk_s3::config::Builder;
use domain::export::Export;
use store::SdkConfig;

/// The settings of a client of the bucket, on top of those of every client.
#[must_use]
pub fn s3_config(config: &SdkConfig) -> Builder {
    Builder::from(config).force_path_style(store::is_endpoint_set())
}

/// Under which key a file is kept.
#[must_use]
pub fn object_key(export: &Export) -> String {
    format!("exports/{}/{}.{}", export.org, export.id, export.format.extension())
}
