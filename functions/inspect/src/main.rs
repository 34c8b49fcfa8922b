//! Starts the inspect function.

use inspect::{Bucket, Input, Inspector};
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, store) = api::start_without_api()?;
    let inspector = &Inspector::new(store, Bucket::new(&config, api::env_var("DOCUMENTS_BUCKET")?));
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Input>| {
        let request_id = event.context.request_id;
        Ok::<_, api::Error>(inspector.handle(event.payload, &request_id).await)
    }))
    .await
}
