//! Reads a person's verified address from the identity provider.

use std::time::Duration;

use api::Problem;
use aws_sdk_cognitoidentityprovider::Client;
use domain::profile::Address;
use store::SdkConfig;

/// The time limit for the identity provider, all tries together; shorter than the function's timeout.
const PATIENCE: Duration = Duration::from_secs(6);

/// Asks Cognito.
#[derive(Debug, Clone)]
pub(crate) struct Identity(Client);

impl Identity {
    pub(crate) fn new(config: &SdkConfig) -> Self {
        Self(cognito::client(config, PATIENCE))
    }

    /// The caller's address; see [`cognito::address`].
    pub(crate) async fn address(&self, access_token: &str) -> Result<Address, Problem> {
        cognito::address(&self.0, access_token).await
    }
}
