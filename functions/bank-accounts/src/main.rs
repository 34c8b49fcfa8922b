//! Starts the bank-accounts function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (_, api) = api::start().await?;
    api::serve(bank_accounts::router(api)).await
}
