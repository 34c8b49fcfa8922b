//! Parses the provider's webhooks and verifies their signatures.
//!
//! A webhook is a hint that something happened, never the fact: it may come twice, late, in any
//! order or not at all. The caller takes the intent's id from it and looks the intent up.
//!
//! Source: <https://docs.stripe.com/webhooks#verify-manually>.

mod event;

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};

use self::event::read;

pub use self::event::WebhookEvent;

/// The name of the header that carries the signature.
pub const SIGNATURE_HEADER: &str = "stripe-signature";

/// How far the signature's time may be from ours, either way, in seconds.
pub const TOLERANCE_S: u64 = 300;

/// The largest body read; Stripe's events are a few kilobytes.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The longest header read: a timestamp and a dozen signatures.
const MAX_HEADER_BYTES: usize = 2048;

/// Most signatures tried in one header. Stripe sends one per secret that is valid while one is
/// being rotated, and one more under another scheme.
const MAX_SIGNATURES: usize = 16;

/// Why a webhook is not believed. The answer to all of them is 400 and nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// No signature header, or none of the scheme `v1`.
    #[error("the webhook is not signed")]
    MissingSignature,
    /// A header that is not `t=…,v1=…`.
    #[error("the webhook's signature header is malformed")]
    MalformedSignature,
    /// No signature was made with any of our secrets over this body.
    #[error("the webhook's signature does not match")]
    SignatureMismatch,
    /// Signed, but more than [`TOLERANCE_S`] seconds ago or ahead.
    #[error("the webhook was signed too long ago, or in the future")]
    TimestampOutOfTolerance,
    /// Signed and in time, but not an event.
    #[error("the webhook's body is not an event")]
    MalformedBody,
}

/// Reads a webhook after proving that it was signed, over exactly these bytes, with one of our
/// secrets and at most [`TOLERANCE_S`] seconds from `now_unix_s`.
///
/// `raw_body` is the body as it was sent: base64 that the gateway added is undone, and nothing is
/// parsed and printed again. `signature_header` is the value of [`SIGNATURE_HEADER`], empty if the
/// header is absent. Every `v1` is tried with every secret, each comparison in constant time.
///
/// # Errors
/// [`WebhookError`]. The signature is judged before the time, so only who holds a secret learns
/// what our clock says; and before the body, so nothing unsigned is ever parsed.
pub fn verify(
    raw_body: &[u8],
    signature_header: &str,
    secrets: &[SecretString],
    now_unix_s: i64,
) -> Result<WebhookEvent, WebhookError> {
    let header = SignatureHeader::parse(signature_header)?;
    if raw_body.len() > MAX_BODY_BYTES {
        return Err(WebhookError::MalformedBody);
    }
    let mut signed = Vec::with_capacity(header.timestamp.len() + 1 + raw_body.len());
    signed.extend_from_slice(header.timestamp.as_bytes());
    signed.push(b'.');
    signed.extend_from_slice(raw_body);

    let proven = secrets.iter().any(|secret| {
        let secret = secret.expose_secret().as_bytes();
        // Anybody could sign with an empty secret.
        !secret.is_empty() && {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            header.signatures.iter().any(|mac| hmac::verify(&key, &signed, mac).is_ok())
        }
    });
    if !proven {
        return Err(WebhookError::SignatureMismatch);
    }
    if now_unix_s.abs_diff(header.timestamp_s) > TOLERANCE_S {
        return Err(WebhookError::TimestampOutOfTolerance);
    }
    read(raw_body).ok_or(WebhookError::MalformedBody)
}

/// `t=1492774577,v1=<64 hex>,v1=<64 hex>,v0=…`
struct SignatureHeader<'a> {
    /// As it was written: the MAC covers the text.
    timestamp: &'a str,
    timestamp_s: i64,
    signatures: Vec<[u8; 32]>,
}

impl<'a> SignatureHeader<'a> {
    fn parse(header: &'a str) -> Result<Self, WebhookError> {
        if header.trim().is_empty() {
            return Err(WebhookError::MissingSignature);
        }
        if header.len() > MAX_HEADER_BYTES {
            return Err(WebhookError::MalformedSignature);
        }
        let mut timestamp = None;
        let mut signatures = Vec::new();
        let mut of_the_scheme = 0;
        for element in header.split(',') {
            match element.trim().split_once('=') {
                // A second time would leave open which of them was judged.
                Some(("t", _)) if timestamp.is_some() => {
                    return Err(WebhookError::MalformedSignature);
                }
                Some(("t", text)) => timestamp = Some(text),
                Some(("v1", text)) => {
                    of_the_scheme += 1;
                    // One that cannot be a signature matches nothing, and does no harm to others.
                    signatures.extend(parse_mac(text));
                }
                // Other schemes are ignored, as Stripe asks: `v0` is a fake for test mode.
                Some(_) => {}
                None => return Err(WebhookError::MalformedSignature),
            }
        }
        if of_the_scheme == 0 {
            return Err(WebhookError::MissingSignature);
        }
        let timestamp = timestamp.ok_or(WebhookError::MalformedSignature)?;
        let timestamp_s = parse_timestamp(timestamp).ok_or(WebhookError::MalformedSignature)?;
        if signatures.is_empty() || of_the_scheme > MAX_SIGNATURES {
            return Err(WebhookError::MalformedSignature);
        }
        Ok(Self { timestamp, timestamp_s, signatures })
    }
}

/// Digits only: `i64::from_str` would take a sign.
fn parse_timestamp(text: &str) -> Option<i64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn parse_mac(hex: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u8>> =
        hex.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits?;
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use ::hmac::{Hmac, Mac as _};
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::*;
    use crate::ProviderSecrets;

    const NOW_S: i64 = 1_795_000_000;
    const BODY: &[u8] = br#"{"id":"evt_1","object":"event","type":"payment_intent.succeeded",
        "livemode":false,"data":{"object":{"id":"pi_1","object":"payment_intent"}}}"#;

    /// Stripe's documented scheme, with another implementation of HMAC than the one under test.
    fn sign(secret: &str, timestamp: &str, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{timestamp}.").as_bytes());
        mac.update(body);
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn header(secret: &str, at_s: i64) -> String {
        format!("t={at_s},v1={}", sign(secret, &at_s.to_string(), BODY))
    }

    fn secrets(texts: &[&str]) -> Vec<SecretString> {
        texts.iter().map(|text| SecretString::from(*text)).collect()
    }

    fn verified(header: &str) -> Result<WebhookEvent, WebhookError> {
        verify(BODY, header, &secrets(&["whsec_a"]), NOW_S)
    }

    #[test]
    fn a_signed_event_is_read() {
        let event = verified(&header("whsec_a", NOW_S)).unwrap();
        assert_eq!(event.id, "evt_1");
        assert_eq!(event.kind, "payment_intent.succeeded");
        assert_eq!(event.payment_intent_id(), Some("pi_1"));
        assert_eq!(event.account, None);
    }

    /// `printf '%s' "$t.$body" | openssl dgst -sha256 -hmac "$secret"`
    #[test]
    fn a_signature_made_by_openssl_matches() {
        let body = br#"{"id":"evt_test","object":"event","type":"payment_intent.succeeded","livemode":false,"data":{"object":{"id":"pi_test","object":"payment_intent"}}}"#;
        let header = "t=1795000000,v1=75de18bc0d81bdd9fd88d40da8ae112a72d5160d1536b448286cb647de06b954";
        let event = verify(body, header, &secrets(&["whsec_test_secret"]), NOW_S).unwrap();
        assert_eq!(event.id, "evt_test");
    }

    /// Proves: 16
    #[test]
    fn either_secret_matches_during_a_rotation() {
        let rotating = secrets(&["whsec_new", "whsec_a"]);
        for secret in ["whsec_new", "whsec_a"] {
            assert!(verify(BODY, &header(secret, NOW_S), &rotating, NOW_S).is_ok(), "{secret}");
        }
        // Stripe signs with both secrets while they overlap, in either order.
        let (new, old) = (sign("whsec_new", &NOW_S.to_string(), BODY), sign("whsec_a", &NOW_S.to_string(), BODY));
        for header in [
            format!("t={NOW_S},v1={new},v1={old}"),
            format!("v1={old},v1={new},t={NOW_S},v0={new}"),
            format!("t={NOW_S}, v1={new}, v1={old}"),
            format!("t={NOW_S},v1=garbage,v1={old}"),
        ] {
            assert!(verified(&header).is_ok(), "{header}");
        }
        let retired = verify(BODY, &header("whsec_a", NOW_S), &secrets(&["whsec_new"]), NOW_S);
        assert_eq!(retired, Err(WebhookError::SignatureMismatch));
    }

    /// Proves: 16, F15
    #[test]
    fn the_tolerance_is_three_hundred_seconds_either_way() {
        for (at_s, expected) in [
            (NOW_S - 300, Ok(())),
            (NOW_S + 300, Ok(())),
            (NOW_S - 301, Err(WebhookError::TimestampOutOfTolerance)),
            (NOW_S + 301, Err(WebhookError::TimestampOutOfTolerance)),
            (0, Err(WebhookError::TimestampOutOfTolerance)),
            (i64::MAX, Err(WebhookError::TimestampOutOfTolerance)),
        ] {
            assert_eq!(verified(&header("whsec_a", at_s)).map(drop), expected, "{at_s}");
        }
        let body_secrets = secrets(&["whsec_a"]);
        let far = verify(BODY, &header("whsec_a", NOW_S), &body_secrets, i64::MIN);
        assert_eq!(far, Err(WebhookError::TimestampOutOfTolerance));
    }

    #[test]
    fn a_changed_body_time_or_secret_does_not_match() {
        let mut changed = BODY.to_vec();
        changed[10] ^= 1;
        let header = header("whsec_a", NOW_S);
        assert_eq!(verify(&changed, &header, &secrets(&["whsec_a"]), NOW_S), Err(WebhookError::SignatureMismatch));
        let mac = sign("whsec_a", &NOW_S.to_string(), BODY);
        for header in [
            format!("t={},v1={mac}", NOW_S + 1),
            // The same time, written otherwise.
            format!("t=0{NOW_S},v1={mac}"),
            format!("t={NOW_S},v1={}", sign("whsec_b", &NOW_S.to_string(), BODY)),
            format!("t={NOW_S},v1={}", "0".repeat(64)),
            // The right signature under another scheme's name.
            format!("t={NOW_S},v0={mac},v1={}", "0".repeat(64)),
        ] {
            assert_eq!(verified(&header), Err(WebhookError::SignatureMismatch), "{header}");
        }
    }

    #[test]
    fn no_secret_and_the_empty_secret_match_nothing() {
        for none in [secrets(&[]), secrets(&[""])] {
            let answer = verify(BODY, &header("", NOW_S), &none, NOW_S);
            assert_eq!(answer, Err(WebhookError::SignatureMismatch));
        }
    }

    #[test]
    fn a_missing_signature_and_a_malformed_one_are_told_apart() {
        let mac = sign("whsec_a", &NOW_S.to_string(), BODY);
        for (header, expected) in [
            (String::new(), WebhookError::MissingSignature),
            ("  ".into(), WebhookError::MissingSignature),
            (format!("t={NOW_S}"), WebhookError::MissingSignature),
            (format!("t={NOW_S},v0={mac}"), WebhookError::MissingSignature),
            (format!("v1={mac}"), WebhookError::MalformedSignature),
            (format!("t=,v1={mac}"), WebhookError::MalformedSignature),
            (format!("t=-1,v1={mac}"), WebhookError::MalformedSignature),
            (format!("t=+{NOW_S},v1={mac}"), WebhookError::MalformedSignature),
            (format!("t={NOW_S}.0,v1={mac}"), WebhookError::MalformedSignature),
            (format!("t=99999999999999999999,v1={mac}"), WebhookError::MalformedSignature),
            (format!("t={NOW_S},t={NOW_S},v1={mac}"), WebhookError::MalformedSignature),
            (format!("t={NOW_S},v1="), WebhookError::MalformedSignature),
            (format!("t={NOW_S},v1={}", &mac[..63]), WebhookError::MalformedSignature),
            (format!("t={NOW_S},v1={}", &mac[..62]), WebhookError::MalformedSignature),
            (format!("t={NOW_S},v1={mac}00"), WebhookError::MalformedSignature),
            (format!("t={NOW_S},v1={}g", &mac[..63]), WebhookError::MalformedSignature),
            (format!("t={NOW_S},v1={mac},"), WebhookError::MalformedSignature),
            ("garbage".into(), WebhookError::MalformedSignature),
            (format!("t={NOW_S}{}", ",v1=00".repeat(17)), WebhookError::MalformedSignature),
            ("v1=0,".repeat(1000), WebhookError::MalformedSignature),
        ] {
            assert_eq!(verified(&header), Err(expected), "{header:.120}");
        }
    }

    #[test]
    fn a_signed_body_that_is_no_event_is_refused() {
        let whole = std::str::from_utf8(BODY).unwrap();
        let oversized = whole.replace("evt_1", &"e".repeat(MAX_BODY_BYTES));
        for body in [
            "",
            "null",
            "[]",
            "{",
            &whole.replace("\"event\"", "\"charge\""),
            &whole.replace("evt_1", "../evt"),
            &whole.replace("pi_1", "pi_1/../x"),
            &whole.replace("\"livemode\":false,", ""),
            &whole.replace("false", "\"false\""),
            &oversized,
        ] {
            let mac = sign("whsec_a", &NOW_S.to_string(), body.as_bytes());
            let header = format!("t={NOW_S},v1={mac}");
            let answer = verify(body.as_bytes(), &header, &secrets(&["whsec_a"]), NOW_S);
            assert_eq!(answer, Err(WebhookError::MalformedBody), "{body:.120}");
        }
    }

    #[test]
    fn an_event_about_something_else_names_no_intent() {
        let body = br#"{"id":"evt_2","object":"event","type":"balance.available","livemode":false,
            "account":"acct_1","data":{"object":{"object":"balance"}}}"#;
        let mac = sign("whsec_a", &NOW_S.to_string(), body);
        let header = format!("t={NOW_S},v1={mac}");
        let event = verify(body, &header, &secrets(&["whsec_a"]), NOW_S).unwrap();
        assert_eq!(event.payment_intent_id(), None);
        assert_eq!(event.account.as_deref(), Some("acct_1"));
    }

    /// Proves: 16
    #[test]
    fn an_event_of_another_mode_or_account_is_not_for_us() {
        let ours = |livemode: bool, account: &str| {
            ProviderSecrets::from_json(&format!(
                r#"{{"api_key":"k","webhook_secrets":["s"],"livemode":{livemode},"account":{account}}}"#
            ))
            .unwrap()
        };
        let event = verified(&header("whsec_a", NOW_S)).unwrap();
        assert!(event.is_for(&ours(false, "null")));
        assert!(!event.is_for(&ours(true, "null")));
        assert!(!event.is_for(&ours(false, "\"acct_1\"")));
        let connected = WebhookEvent { account: Some("acct_1".into()), ..event };
        assert!(connected.is_for(&ours(false, "\"acct_1\"")));
        assert!(!connected.is_for(&ours(false, "\"acct_2\"")));
        assert!(!connected.is_for(&ours(false, "null")));
    }

    proptest! {
        #[test]
        fn any_header_and_body_are_refused_without_panic(
            header in any::<String>(), body: Vec<u8>, now_unix_s: i64,
        ) {
            prop_assert!(verify(&body, &header, &secrets(&["whsec_a"]), now_unix_s).is_err());
        }

        #[test]
        fn headers_near_the_scheme_are_refused_without_panic(
            header in r"(t=[0-9]{0,20},?)?(v[01]=[0-9a-fé]{60,66},?){0,4}", now_unix_s: i64,
        ) {
            prop_assert!(verify(BODY, &header, &secrets(&["whsec_a"]), now_unix_s).is_err());
        }

        #[test]
        fn what_was_signed_in_time_matches_whatever_the_body(
            body: Vec<u8>, secret in "[ -~]{1,64}", at_s in 0..i64::MAX, off_s in -300_i64..=300,
        ) {
            let header = format!("t={at_s},v1={}", sign(&secret, &at_s.to_string(), &body));
            let now_s = at_s.saturating_add(off_s);
            let answer = verify(&body, &header, &secrets(&["other", &secret]), now_s);
            prop_assert!(matches!(answer, Ok(_) | Err(WebhookError::MalformedBody)));
        }

        /// Proves: 16
        #[test]
        fn one_changed_bit_anywhere_is_found(index in 0..BODY.len(), bit in 0..8) {
            let mut body = BODY.to_vec();
            body[index] ^= 1_u8 << bit;
            let answer = verify(&body, &header("whsec_a", NOW_S), &secrets(&["whsec_a"]), NOW_S);
            prop_assert_eq!(answer, Err(WebhookError::SignatureMismatch));
        }
    }
}
