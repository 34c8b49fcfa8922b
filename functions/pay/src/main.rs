//! Starts the pay function.

use pay::App;
use payments::Provider;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::Error> {
    let (config, edge) = edge::start().await?;
    let provider = Provider::new(
        aws_sdk_ssm::Client::new(&config),
        &edge::env_var("STRIPE_SECRETS_PARAMETER")?,
        &edge::env_var("STRIPE_API_URL")?,
    );
    edge::serve(pay::router(App::new(edge, provider))).await
}
