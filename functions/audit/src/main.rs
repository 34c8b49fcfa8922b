//! Starts the audit function.

use audit::{App, Bucket};
use audit_chain::SealKey;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, api) = api::start().await?;
    let seal_key = SealKey::new(aws_sdk_kms::Client::new(&config), api::env_var("SEAL_KEY_ID")?);
    let bucket = Bucket::new(&config, api::env_var("EXPORT_BUCKET")?);
    api::serve(audit::router(App { api, seal_key, bucket })).await
}
