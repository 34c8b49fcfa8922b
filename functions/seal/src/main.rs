//! Starts the seal function.

use audit_chain::{Heads, SealKey, Sealer};
use lambda_runtime::{LambdaEvent, service_fn};
use seal::{Input, SealFunction};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, store) = api::start_without_api()?;
    let key = SealKey::new(aws_sdk_kms::Client::new(&config), api::env_var("SEAL_KEY_ID")?);
    let heads = Heads::new(&config, api::env_var("SEAL_HEAD_BUCKET")?);
    let function = &SealFunction::new(Sealer { store, key, heads });
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Input>| {
        let deadline = api::clock::deadline(event.context.deadline);
        function.handle(event.payload, deadline).await.map_err(api::Error::from)
    }))
    .await
}
