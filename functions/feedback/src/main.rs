//! Starts the feedback function.

use feedback::Feedback;
use lambda_runtime::{LambdaEvent, service_fn};
use queue::SqsEvent;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (_, store) = api::start_without_api()?;
    let feedback = &Feedback::new(store);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        Ok::<_, api::Error>(feedback.handle(event.payload, &event.context.request_id).await)
    }))
    .await
}
