//! Starts the hosted-documents function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, api) = api::start().await?;
    let app = hosted_documents::App::from_environment(api, &config)?;
    api::serve(hosted_documents::router(app)).await
}
