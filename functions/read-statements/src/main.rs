//! Starts the read-statements function.

use lambda_runtime::{LambdaEvent, service_fn};
use read_statements::{Bucket, Input, Reader};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, store) = api::start_without_api()?;
    let reader = &Reader::new(store, Bucket::new(&config, api::env_var("DOCUMENTS_BUCKET")?));
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Input>| {
        let request_id = event.context.request_id;
        Ok::<_, api::Error>(reader.handle(event.payload, &request_id).await)
    }))
    .await
}
