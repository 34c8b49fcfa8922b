//! Starts the audit function.

use audit::{App, Bucket};
use sealing::SealKey;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::Error> {
    let (config, edge) = edge::start().await?;
    let seal_key = SealKey::new(aws_sdk_kms::Client::new(&config), edge::env_var("SEAL_KEY_ID")?);
    let bucket = Bucket::new(&config, edge::env_var("EXPORT_BUCKET")?);
    edge::serve(audit::router(App { edge, seal_key, bucket })).await
}
