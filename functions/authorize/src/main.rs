//! Starts the authorize function.

use authorize::{App, IdentityProvider};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (_, api) = api::start().await?;
    let identities = IdentityProvider::new(api::env_var("IDENTITY_ISSUER")?, api::env_var("WEB_CLIENT_ID")?)?;
    api::serve(authorize::router(App::new(api, identities))).await
}
