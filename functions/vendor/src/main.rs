//! Starts the vendor function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, api) = api::start().await?;
    let app = vendor::App::from_environment(api, &config)?;
    api::serve(vendor::router(app)).await
}
