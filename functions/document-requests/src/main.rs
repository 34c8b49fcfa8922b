//! Starts the document-requests function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (_, api) = api::start().await?;
    api::serve(document_requests::router(api)).await
}
