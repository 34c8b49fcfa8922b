//! Starts the export function.

use export::{Bucket, Exporter, Input};
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::Error> {
    let (config, store) = edge::start_without_edge()?;
    let exporter = &Exporter::new(store, Bucket::new(&config, edge::env_var("EXPORT_BUCKET")?));
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Input>| {
        let request_id = event.context.request_id;
        Ok::<_, edge::Error>(exporter.handle(event.payload, &request_id).await)
    }))
    .await
}
