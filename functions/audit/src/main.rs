//! Starts the audit function.

use audit::{App, Bucket};
use audit_chain::{Heads, SealKey, Verifier};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, api) = api::start().await?;
    let key = SealKey::new(aws_sdk_kms::Client::new(&config), api::env_var("SEAL_KEY_ID")?);
    let verifier = Verifier { key, heads: Heads::new(&config, api::env_var("SEAL_HEAD_BUCKET")?) };
    let bucket = Bucket::new(&config, api::env_var("EXPORT_BUCKET")?);
    api::serve(audit::router(App { api, verifier, bucket })).await
}
