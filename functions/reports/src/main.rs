//! Starts the reports function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (_, api) = api::start().await?;
    api::serve(reports::router(api)).await
}
