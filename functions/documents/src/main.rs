//! Starts the documents function.

use documents::{App, Settings};
use files::Files;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, api) = api::start().await?;
    let settings = Settings {
        quotas: api::env_var("STORAGE_QUOTAS_MIB")?.parse()?,
        restorable_days: api::env_var("DOCUMENT_RESTORABLE_DAYS")?.parse()?,
    };
    let files = Files::new(&config, api::env_var("DOCUMENTS_BUCKET")?);
    api::serve(documents::router(App { api, files, settings })).await
}
