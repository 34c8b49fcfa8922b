//! Starts the relay function.

use lambda_runtime::{LambdaEvent, service_fn};
use relay::{Input, Relay};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, store) = api::start_without_api()?;
    let bus = api::env_var("EVENT_BUS_NAME")?;
    let relay = &Relay::new(store, aws_sdk_eventbridge::Client::new(&config), bus);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Input>| {
        let deadline = api::clock::deadline(event.context.deadline);
        relay.handle(event.payload, deadline).await.map_err(api::Error::from)
    }))
    .await
}
