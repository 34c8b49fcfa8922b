//! Starts the switch-context function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, api) = api::start().await?;
    let (key_id, issuer) = (api::env_var("CONTEXT_KEY_ID")?, api::env_var("PUBLIC_URL")?);
    let reasons = api::env_var("REASON_REQUIRED")?.parse()?;
    let app = switch_context::App::new(api, &config, key_id, issuer, reasons);
    app.warm_up().await;
    api::serve(switch_context::router(app)).await
}
