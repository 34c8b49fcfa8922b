//! Starts the invite function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::Error> {
    let (_, edge) = edge::start().await?;
    let app = invite::App::from_environment(edge)?;
    edge::serve(invite::router(app)).await
}
