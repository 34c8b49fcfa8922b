//! Starts the export function.

use export::{Bucket, Exporter, Input};
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, store) = api::start_without_api()?;
    let exporter = &Exporter::new(store, Bucket::new(&config, api::env_var("EXPORT_BUCKET")?));
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Input>| {
        let request_id = event.context.request_id;
        Ok::<_, api::Error>(exporter.handle(event.payload, &request_id).await)
    }))
    .await
}
