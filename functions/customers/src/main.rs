//! Starts the customers function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (_, api) = api::start().await?;
    api::serve(customers::router(api)).await
}
