//! Starts the referrals function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::Error> {
    let (_, edge) = edge::start().await?;
    edge::serve(referrals::router(edge)).await
}
