//! Starts the account function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::Error> {
    let (config, edge) = edge::start().await?;
    edge::serve(account::router(account::App::new(edge, &config))).await
}
