//! Starts the seal function.

use lambda_runtime::{LambdaEvent, service_fn};
use seal::{Input, Sealer};
use sealing::SealKey;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::Error> {
    let (config, store) = edge::start_without_edge()?;
    let key = SealKey::new(aws_sdk_kms::Client::new(&config), edge::env_var("SEAL_KEY_ID")?);
    let sealer = &Sealer::new(store, key);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Input>| {
        sealer.handle(event.payload).await.map_err(edge::Error::from)
    }))
    .await
}
