//! The local payment provider as a process: see `tests::provider`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to its terminal")]

use std::process::ExitCode;

use tests::provider::{Config, Provider};

const USAGE: &str = "\
A payment provider for tests: Stripe's protocol on 127.0.0.1, with state and ordered failures.

usage: payment_provider [--port N] [--api-key sk_test_…] [--publishable-key pk_test_…]
                        [--webhook-secret whsec_… (again while rotating)] [--webhook-url URL]";

#[tokio::main]
async fn main() -> ExitCode {
    let config = match parse(std::env::args().skip(1)) {
        Ok(config) => config,
        Err(why) => {
            eprintln!("{why}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match Provider::start(config).await {
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
        Ok(provider) => {
            println!("payment provider on {}", provider.url());
            // It runs until it is killed; an interrupt ends it quietly.
            let _ = tokio::signal::ctrl_c().await;
            ExitCode::SUCCESS
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Config, String> {
    let mut config = Config::default();
    let mut secrets = Vec::new();
    while let Some(name) = arguments.next() {
        if matches!(name.as_str(), "--help" | "-h") {
            return Err("help:".to_owned());
        }
        let value = arguments.next().ok_or_else(|| format!("{name} wants a value"))?;
        match name.as_str() {
            "--port" => config.port = value.parse().map_err(|_| format!("not a port: {value}"))?,
            "--api-key" => config.api_key = value,
            "--publishable-key" => config.publishable_key = Some(value),
            "--webhook-secret" => secrets.push(value),
            "--webhook-url" => config.webhook_url = Some(value),
            _ => return Err(format!("unknown argument: {name}")),
        }
    }
    if !secrets.is_empty() {
        config.webhook_secrets = secrets;
    }
    Ok(config)
}
