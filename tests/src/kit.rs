//! Everything that a test holds in its hand: the stack, a client of its API, its mailbox, its table.

use std::future::Future;
use std::io::{self, Write as _};
use std::sync::OnceLock;
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::aws::{self, Invoked};
use crate::http::Api;
use crate::mailbox::Mailbox;
use crate::narrator::Narrator;
use crate::stack::{Stack, stack};
use crate::table::Table;
use serde_json::Value;

/// The means of acting on a stack from outside, and of looking at it from inside.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Kit {
    /// Where everything is.
    pub stack: Stack,
    /// A plain HTTP client.
    pub http: reqwest::Client,
    /// The API.
    pub api: Api,
    /// Everyone's mail.
    pub mailbox: Mailbox,
    /// The table.
    pub table: Table,
    /// Who tells what happens.
    pub narrator: Narrator,
}

impl Kit {
    /// A kit for a stack, telling what it does through `narrator`.
    ///
    /// # Panics
    /// When the HTTP client cannot be built.
    #[must_use]
    pub fn new(stack: &Stack, narrator: Narrator) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // The emulator closes a connection that was idle for 75 s, perhaps just as it is used again.
            .pool_idle_timeout(Duration::from_secs(30))
            .build()
            .expect("the HTTP client builds");
        Self {
            stack: stack.clone(),
            api: Api::new(http.clone(), &stack.api_url, narrator),
            mailbox: Mailbox::new(http.clone(), &stack.mailbox_url),
            table: Table::new(stack),
            http,
            narrator,
        }
    }

    /// The same, telling nothing: for what was told before.
    #[must_use]
    pub fn quiet(&self) -> Self {
        Self { api: self.api.clone_silent(), narrator: Narrator::silent(), ..self.clone() }
    }

    /// Runs a function by its folder name.
    pub async fn invoke(&self, function: &str, event: &Value) -> Invoked {
        aws::invoke(&self.stack, &self.http, function, event).await
    }
}

/// The silent kit that all tests share.
///
/// # Panics
/// When the stack is not up.
#[must_use]
pub fn kit() -> &'static Kit {
    static KIT: OnceLock<Kit> = OnceLock::new();
    // Asked for first, outside the cell, so that every test of a run reports why.
    let stack = stack();
    KIT.get_or_init(|| {
        tell_failures_at_once();
        Kit::new(stack, Narrator::silent())
    })
}

/// Tells of a failure when it happens, too: the test harness keeps what a test prints to the end of the run.
fn tell_failures_at_once() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let thread = std::thread::current();
        // `eprintln!` is what the harness keeps. Where nobody reads, nothing can be told.
        let _ = writeln!(io::stderr().lock(), "{}: {panic}", thread.name().unwrap_or("a thread of a test"));
        before(panic);
    }));
}

/// Runs a test on the runtime that all tests share: pooled connections and the shared world outlive
/// any one test, so a runtime per test would leave them without their driver.
///
/// # Panics
/// When the runtime cannot be built, or the test panics.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME
        .get_or_init(|| {
            tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .expect("the runtime builds")
        })
        .block_on(test)
}
