//! Starts the purge function.

// The future of a run holds calls of AWS deep in it; its layout exceeds the default limit.
#![recursion_limit = "256"]

use lambda_runtime::{LambdaEvent, service_fn};
use purge::{Purge, Schedule};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, store) = api::start_without_api()?;
    let purge = &Purge::new(&config, store, api::env_var("DOCUMENTS_BUCKET")?);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Schedule>| {
        let deadline = api::clock::deadline(event.context.deadline);
        purge.run(event.payload, &event.context.request_id, deadline).await.map_err(api::Error::from)
    }))
    .await
}
