//! Starts the account function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, api) = api::start().await?;
    api::serve(account::router(account::App::new(api, &config))).await
}
