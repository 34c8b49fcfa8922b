//! Starts the register function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, api) = api::start().await?;
    let app = register::App::from_environment(api, &config)?;
    api::serve(register::router(app)).await
}
