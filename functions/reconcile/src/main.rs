//! Starts the reconcile function.

use lambda_runtime::{LambdaEvent, service_fn};
use payments::Provider;
use reconcile::{Reconcile, Schedule};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, store) = api::start_without_api()?;
    let provider = Provider::new(
        aws_sdk_ssm::Client::new(&config),
        &api::env_var("STRIPE_SECRETS_PARAMETER")?,
        &api::env_var("STRIPE_API_URL")?,
    );
    let reconcile = &Reconcile::new(store, provider);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Schedule>| {
        let deadline = api::clock::deadline(event.context.deadline);
        reconcile.run(event.payload, &event.context.request_id, deadline).await.map_err(api::Error::from)
    }))
    .await
}
