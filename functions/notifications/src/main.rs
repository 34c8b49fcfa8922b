//! Starts the notifications function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (_, api) = api::start().await?;
    api::serve(notifications::router(api)).await
}
