//! Starts the document-exports function.

use document_exports::{App, Bucket};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, api) = api::start().await?;
    let bucket = Bucket::new(&config, api::env_var("EXPORT_BUCKET")?);
    api::serve(document_exports::router(App { api, bucket })).await
}
