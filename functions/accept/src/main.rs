//! Starts the accept function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::Error> {
    let (config, edge) = edge::start().await?;
    let app = accept::App::from_environment(edge, &config)?;
    edge::serve(accept::router(app)).await
}
