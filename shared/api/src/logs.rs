//! Where a function's log lines go, and which are written.

use tracing_subscriber::filter::LevelFilter;

/// Sets up logging from the function's settings: the level of Lambda's `AWS_LAMBDA_LOG_LEVEL` or the template's
/// `RUST_LOG` (default: INFO), the format of `AWS_LAMBDA_LOG_FORMAT` (`JSON` or plain), to standard output. One
/// level for all modules: filters per module would link a regular expression engine into every function. Release
/// builds hold nothing below INFO.
pub(crate) fn start() {
    let said = |name| std::env::var(name).ok().and_then(|level| level.parse().ok());
    let level = said("AWS_LAMBDA_LOG_LEVEL").or_else(|| said("RUST_LOG"));
    let lines =
        tracing_subscriber::fmt().with_target(false).without_time().with_max_level(level.unwrap_or(LevelFilter::INFO));
    // A subscriber that is already set stays.
    let _ = match std::env::var("AWS_LAMBDA_LOG_FORMAT") {
        Ok(format) if format.eq_ignore_ascii_case("json") => lines.json().try_init(),
        Ok(_) | Err(_) => lines.try_init(),
    };
}
