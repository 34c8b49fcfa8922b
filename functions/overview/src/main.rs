//! Starts the overview function.

use lambda_runtime::{LambdaEvent, service_fn};
use overview::{Input, Overview};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (_, store) = api::start_without_api()?;
    let overview = &Overview::new(store);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Input>| {
        let request_id = event.context.request_id;
        Ok::<_, api::Error>(overview.handle(event.payload, &request_id).await)
    }))
    .await
}
