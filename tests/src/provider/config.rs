//! How the provider is set up.

/// The secret key, when none is given.
pub const API_KEY: &str = "sk_test_countersign";
/// The secret that webhooks are signed with, when none is given.
pub const WEBHOOK_SECRET: &str = "whsec_countersign";

/// How the provider is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// The port on 127.0.0.1; 0 asks for any free one.
    pub port: u16,
    /// The secret key of the one account.
    pub api_key: String,
    /// The publishable key; without one, any `pk_test_…` is taken.
    pub publishable_key: Option<String>,
    /// The secrets that webhooks are signed with. During a rotation there are two, and two signatures.
    pub webhook_secrets: Vec<String>,
    /// Where webhooks go; it can be set later.
    pub webhook_url: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            api_key: API_KEY.to_owned(),
            publishable_key: None,
            webhook_secrets: vec![WEBHOOK_SECRET.to_owned()],
            webhook_url: None,
        }
    }
}
