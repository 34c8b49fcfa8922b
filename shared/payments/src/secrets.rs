//! The provider's credentials, as the SSM SecureString holds them.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// Most signing secrets that may be valid at once; a rotation needs two.
const MAX_WEBHOOK_SECRETS: usize = 5;

/// The provider's credentials for one deployment.
///
/// Read from JSON, `{"api_key":"sk_test_…","webhook_secrets":["whsec_…"],"livemode":false,
/// "account":null}`. `Debug` shows neither key nor secrets.
#[derive(Debug, Clone)]
pub struct ProviderSecrets {
    pub(crate) api_key: SecretString,
    webhook_secrets: Vec<SecretString>,
    livemode: bool,
    account: Option<String>,
}

/// Why the parameter's value cannot be used. It quotes nothing of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// Not JSON of the documented shape (a missing, unknown or mistyped member).
    #[error("the provider secrets are not JSON of the documented shape")]
    Malformed,
    /// The API key is empty or has characters that no key has.
    #[error("the provider's api_key is not a key")]
    ApiKey,
    /// There is no signing secret, an empty one, or more than five.
    #[error("webhook_secrets must hold one to five secrets, none of them empty")]
    WebhookSecrets,
    /// The account is not of the form `acct_…`.
    #[error("the provider's account is not an account id")]
    Account,
    /// A live key beside `"livemode": false`, or a test key beside `true`.
    #[error("the provider's api_key and livemode contradict each other")]
    Mode,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameter {
    api_key: SecretString,
    webhook_secrets: Vec<SecretString>,
    livemode: bool,
    account: Option<String>,
}

impl ProviderSecrets {
    /// Reads the parameter's value.
    ///
    /// # Errors
    /// [`SecretsError`]; a configuration that could take the wrong money, or trust a webhook signed
    /// with an empty secret, is refused as a whole.
    pub fn from_json(json: &str) -> Result<Self, SecretsError> {
        // serde's own message may quote the value it stumbled on; it is dropped.
        let Parameter { api_key, webhook_secrets, livemode, account } =
            serde_json::from_str(json).map_err(|_| SecretsError::Malformed)?;
        let key = api_key.expose_secret();
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(SecretsError::ApiKey);
        }
        let live_key = key.starts_with("sk_live_") || key.starts_with("rk_live_");
        let test_key = key.starts_with("sk_test_") || key.starts_with("rk_test_");
        if (live_key && !livemode) || (test_key && livemode) {
            return Err(SecretsError::Mode);
        }
        let counted = (1..=MAX_WEBHOOK_SECRETS).contains(&webhook_secrets.len());
        if !counted || webhook_secrets.iter().any(|s| s.expose_secret().trim().is_empty()) {
            return Err(SecretsError::WebhookSecrets);
        }
        let is_account = |id: &String| {
            id.strip_prefix("acct_")
                .is_some_and(|rest| (1..=64).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
        };
        if !account.as_ref().is_none_or(is_account) {
            return Err(SecretsError::Account);
        }
        Ok(Self { api_key, webhook_secrets, livemode, account })
    }

    /// The signing secrets of which any may have signed a webhook: more than one while one is
    /// being rotated.
    #[must_use]
    pub fn webhook_secrets(&self) -> &[SecretString] {
        &self.webhook_secrets
    }

    /// Whether real money moves.
    #[must_use]
    pub fn livemode(&self) -> bool {
        self.livemode
    }

    /// The connected account that payments are made on, if they are not made on the key's own.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"api_key":"sk_test_canary","webhook_secrets":["whsec_canary"],
        "livemode":false,"account":null}"#;

    #[test]
    fn the_documented_shape_is_read() {
        let secrets = ProviderSecrets::from_json(GOOD).unwrap();
        assert_eq!(secrets.api_key.expose_secret(), "sk_test_canary");
        assert_eq!(secrets.webhook_secrets()[0].expose_secret(), "whsec_canary");
        assert!(!secrets.livemode());
        assert_eq!(secrets.account(), None);
        let connected = GOOD.replace("null", "\"acct_1NTest\"");
        let secrets = ProviderSecrets::from_json(&connected).unwrap();
        assert_eq!(secrets.account(), Some("acct_1NTest"));
    }

    /// Proves: 19
    #[test]
    fn debug_and_errors_show_no_secret() {
        let shown = format!("{:?}", ProviderSecrets::from_json(GOOD).unwrap());
        assert!(!shown.contains("canary"), "{shown}");
        let swapped = r#"{"api_key":"k","webhook_secrets":"whsec_canary","livemode":false}"#;
        let error = ProviderSecrets::from_json(swapped).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"));
    }

    #[test]
    fn every_dangerous_configuration_is_refused() {
        for (from, to, expected) in [
            ("\"livemode\":false,", "", SecretsError::Malformed),
            ("\"livemode\"", "\"live_mode\"", SecretsError::Malformed),
            ("sk_test_canary", "", SecretsError::ApiKey),
            ("sk_test_canary", "sk test", SecretsError::ApiKey),
            ("sk_test_canary", "sk\\r\\nX: y", SecretsError::ApiKey),
            ("sk_test_", "sk_live_", SecretsError::Mode),
            ("false", "true", SecretsError::Mode),
            ("[\"whsec_canary\"]", "[]", SecretsError::WebhookSecrets),
            ("whsec_canary", "", SecretsError::WebhookSecrets),
            ("\"whsec_canary\"", "\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"", SecretsError::WebhookSecrets),
            ("null", "\"acct_\"", SecretsError::Account),
            ("null", "\"acct_a\\r\\nb\"", SecretsError::Account),
            ("null", "\"a\"", SecretsError::Account),
        ] {
            let json = GOOD.replace(from, to);
            assert_eq!(ProviderSecrets::from_json(&json).unwrap_err(), expected, "{json}");
        }
    }

    #[test]
    fn keys_of_an_emulator_are_taken_in_either_mode() {
        for mode in ["true", "false"] {
            let json = GOOD.replace("sk_test_canary", "emulator").replace("false", mode);
            assert!(ProviderSecrets::from_json(&json).is_ok());
        }
    }
}
