//! Starts the ledger function.

use ledger::App;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (_, api) = api::start().await?;
    let scans_elsewhere = api::env_var("MALWARE_SCAN")? == "external";
    api::serve(ledger::router(App { api, scans_elsewhere })).await
}
