//! Starts the mail-preferences function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, api) = api::start().await?;
    let app = mail_preferences::App::from_environment(api, &config)?;
    api::serve(mail_preferences::router(app)).await
}
