//! Starts the authorize function.

use authorize::{App, IdentityProvider};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::Error> {
    let (_, edge) = edge::start().await?;
    let identities = IdentityProvider::new(edge::env_var("IDENTITY_ISSUER")?, edge::env_var("WEB_CLIENT_ID")?)?;
    edge::serve(authorize::router(App::new(edge, identities))).await
}
