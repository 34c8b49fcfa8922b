//! The running stack: where it is, and a clear word when it is not there.
//!
//! `make up` writes `.local/stack.json`; `COUNTERSIGN_STACK` may name another file, for a second
//! checkout or a stack on another port. A test that needs the stack and does not find it fails with
//! the command that starts it. Nothing here skips.

use std::collections::BTreeMap;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use serde::Deserialize;

/// The addresses, names and secrets of one deployed local stack, as `infra/local/stack.py` wrote them.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Stack {
    /// The emulator's own address, for AWS calls made as root.
    pub endpoint: String,
    /// The HTTP API, no trailing slash.
    pub api_url: String,
    /// The AWS region that the stack was deployed into.
    pub region: String,
    /// The table's name.
    pub table: String,
    /// The user pool that people sign up in.
    pub user_pool_id: String,
    /// The public client that people sign in through.
    pub web_client_id: String,
    /// The ledger's machine client.
    pub ledger_client_id: String,
    /// The ledger's machine client's secret.
    pub ledger_client_secret: String,
    /// The machine client of the modules that the vendor's own product hosts.
    pub modules_client_id: String,
    /// That client's secret.
    pub modules_client_secret: String,
    /// Where `client_credentials` are exchanged for a token.
    pub token_url: String,
    /// The event bus that `relay` puts events on.
    pub event_bus: String,
    /// The queue that `notify` consumes.
    pub notify_queue_url: String,
    /// Where a poison notification ends.
    pub notify_dlq_url: String,
    /// The topic that SES reports to.
    pub feedback_topic: String,
    /// The payment provider emulator.
    pub provider_url: String,
    /// The provider's secret API key, as the functions hold it.
    pub provider_secret: String,
    /// The secret that the provider signs webhooks with.
    pub webhook_secret: String,
    /// Where the emulator is asked for what AWS has no call for: a schedule that is due at once, a role's
    /// credentials.
    pub control_url: String,
    /// Every mail that SES accepted, as JSON.
    pub mailbox_url: String,
    /// Function name (folder name, kebab-case) to ARN.
    pub functions: BTreeMap<String, String>,
    /// The address that mail is sent from.
    pub sender: String,
    /// Where people sign in, and the one origin that browsers may call from.
    pub portal_url: String,
    /// What the template puts out.
    pub outputs: BTreeMap<String, String>,
    /// Where each function's output is kept, in a file of its own.
    pub log_dir: PathBuf,
}

impl Stack {
    /// Reads the stack's description.
    ///
    /// # Errors
    /// A sentence that says what is missing and how to get it.
    pub fn load() -> Result<Self, String> {
        let path = Self::path();
        let shown = path.display();
        let text = std::fs::read_to_string(&path).map_err(|_| not_up(&format!("there is no {shown}")))?;
        let stack: Self =
            serde_json::from_str(&text).map_err(|e| not_up(&format!("{shown} does not describe a stack: {e}")))?;
        stack.answers().map_err(|e| not_up(&format!("{shown} names {}, and {e}", stack.endpoint)))?;
        Ok(stack)
    }

    /// The repository's root.
    #[must_use]
    pub fn repository() -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
    }

    /// The function's name on AWS, as Lambda Invoke takes it.
    ///
    /// # Panics
    /// When the stack has no such function.
    #[must_use]
    pub fn function(&self, name: &str) -> &str {
        let arn = self
            .functions
            .get(name)
            .unwrap_or_else(|| panic!("the stack has no function `{name}`, it has {:?}", self.functions.keys()));
        arn.rsplit(':').next().unwrap_or(arn)
    }

    /// What each function wrote so far.
    ///
    /// # Panics
    /// When the stack keeps no logs.
    #[must_use]
    pub fn logs(&self) -> BTreeMap<PathBuf, String> {
        let folder = &self.log_dir;
        let files = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("no logs in {}: {e}", folder.display()));
        files
            .filter_map(|file| Some(file.ok()?.path()))
            .map(|path| (path.clone(), String::from_utf8_lossy(&std::fs::read(&path).unwrap_or_default()).into_owned()))
            .collect()
    }

    fn path() -> PathBuf {
        std::env::var_os("COUNTERSIGN_STACK")
            .map_or_else(|| Self::repository().join(".local/stack.json"), PathBuf::from)
    }

    fn answers(&self) -> Result<(), String> {
        let authority = self.endpoint.split("://").last().unwrap_or_default().trim_end_matches('/');
        let address = authority
            .to_socket_addrs()
            .map_err(|e| format!("that is not an address ({e})"))?
            .next()
            .ok_or("that is not an address")?;
        TcpStream::connect_timeout(&address, Duration::from_secs(2))
            .map(drop)
            .map_err(|e| format!("nothing answers there ({e})"))
    }
}

/// The one stack that this process talks to.
///
/// # Panics
/// When the stack is not up; the message says how to start it.
#[must_use]
pub fn stack() -> &'static Stack {
    static STACK: OnceLock<Result<Stack, String>> = OnceLock::new();
    match STACK.get_or_init(Stack::load) {
        Ok(stack) => stack,
        Err(why) => panic!("{why}"),
    }
}

fn not_up(why: &str) -> String {
    format!(
        "the local stack is not up: {why}.\n\
         Start it with `make up` (or `python3 infra/local/stack.py up`), then run this again.\n\
         A stack elsewhere is named by COUNTERSIGN_STACK=<path of its stack.json>."
    )
}
