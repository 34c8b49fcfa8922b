//! Starts the seal function.

use audit_chain::SealKey;
use lambda_runtime::{LambdaEvent, service_fn};
use seal::{Input, Sealer};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, store) = api::start_without_api()?;
    let key = SealKey::new(aws_sdk_kms::Client::new(&config), api::env_var("SEAL_KEY_ID")?);
    let sealer = &Sealer::new(store, key);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Input>| {
        sealer.handle(event.payload).await.map_err(api::Error::from)
    }))
    .await
}
