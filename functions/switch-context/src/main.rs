//! Starts the switch-context function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::Error> {
    let (config, edge) = edge::start().await?;
    let (key_id, issuer) = (edge::env_var("CONTEXT_KEY_ID")?, edge::env_var("PUBLIC_URL")?);
    let reasons = edge::env_var("REASON_REQUIRED")?.parse()?;
    let app = switch_context::App::new(edge, &config, key_id, issuer, reasons);
    app.warm_up().await;
    edge::serve(switch_context::router(app)).await
}
