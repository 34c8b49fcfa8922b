//! Starts the documents function.

use documents::{App, Settings};
use files::Files;
use hosted_links::HostedLinks;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (config, api) = api::start().await?;
    let settings = Settings {
        quotas: api::env_var("STORAGE_QUOTAS_MIB")?.parse()?,
        restorable_days: api::env_var("DOCUMENT_RESTORABLE_DAYS")?.parse()?,
    };
    let files = Files::new(&config, api::env_var("DOCUMENTS_BUCKET")?);
    let hosted_links = HostedLinks::from_environment(api.store.clone(), &config)?;
    api::serve(documents::router(App { api, files, hosted_links, settings })).await
}
