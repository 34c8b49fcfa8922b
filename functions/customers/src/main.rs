//! Starts the customers function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (_, api) = api::start().await?;
    let app = customers::App::from_environment(api)?;
    api::serve(customers::router(app)).await
}
