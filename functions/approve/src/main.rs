//! Starts the approve function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (_, api) = api::start().await?;
    api::serve(approve::router(api)).await
}
