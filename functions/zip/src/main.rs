//! Starts the zip function.

use lambda_runtime::{LambdaEvent, service_fn};
use zip::{Bucket, DocumentsBucket, Input, Zipper};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, store) = api::start_without_api()?;
    let documents = DocumentsBucket::new(&config, api::env_var("DOCUMENTS_BUCKET")?);
    let zipper = &Zipper::new(store, documents, Bucket::new(&config, api::env_var("EXPORT_BUCKET")?));
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Input>| {
        let request_id = event.context.request_id;
        Ok::<_, api::Error>(zipper.handle(event.payload, &request_id).await)
    }))
    .await
}
