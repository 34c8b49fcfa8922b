//! Starts the sales function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::Error> {
    let (_, edge) = edge::start().await?;
    edge::serve(sales::router(edge)).await
}
