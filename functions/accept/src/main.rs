//! Starts the accept function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, api) = api::start().await?;
    let app = accept::App::from_environment(api, &config)?;
    api::serve(accept::router(app)).await
}
