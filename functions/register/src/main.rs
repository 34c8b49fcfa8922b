//! Starts the register function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::Error> {
    let (config, edge) = edge::start().await?;
    let app = register::App::from_environment(edge, &config)?;
    edge::serve(register::router(app)).await
}
