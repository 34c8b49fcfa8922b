//! Starts the clients function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::Error> {
    let (_, edge) = edge::start().await?;
    edge::serve(clients::router(edge)).await
}
