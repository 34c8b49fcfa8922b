//! Starts the pay function.

use pay::App;
use payments::Provider;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, api) = api::start().await?;
    let provider = Provider::new(
        aws_sdk_ssm::Client::new(&config),
        &api::env_var("STRIPE_SECRETS_PARAMETER")?,
        &api::env_var("STRIPE_API_URL")?,
    );
    let app = App::from_environment(api, provider, &config)?;
    api::serve(pay::router(app)).await
}
