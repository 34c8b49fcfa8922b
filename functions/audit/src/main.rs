//! Starts the audit function.

use audit::App;
use sealing::SealKey;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::Error> {
    let (config, edge) = edge::start().await?;
    let seal_key = SealKey::new(aws_sdk_kms::Client::new(&config), edge::env_var("SEAL_KEY_ID")?);
    edge::serve(audit::router(App { edge, seal_key })).await
}
