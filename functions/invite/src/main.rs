//! Starts the invite function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), api::Error> {
    let (_, api) = api::start().await?;
    let app = invite::App::from_environment(api)?;
    api::serve(invite::router(app)).await
}
