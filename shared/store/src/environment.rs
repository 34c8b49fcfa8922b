//! How the AWS clients find their region, credentials and endpoints: from the environment alone.

use aws_config::{
    BehaviorVersion, SdkConfig,
    environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider},
};

/// The configuration every AWS client of a function is made from.
///
/// Lambda puts all of it into the environment. Naming the two providers keeps the instance
/// metadata service and STS out of the cold start; `AWS_ENDPOINT_URL` and its per-service forms
/// still apply.
pub async fn sdk_config() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .region(EnvironmentVariableRegionProvider::new())
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .load()
        .await
}
