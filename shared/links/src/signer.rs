//! KMS makes and checks the MAC; the key's bytes are never here.

use aws_sdk_kms::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    primitives::Blob,
    types::MacAlgorithmSpec,
};
use domain::{Email, InvitationId};
use kms_error::KmsError;

use crate::token::{LinkToken, MAC_BYTES};

/// Keeps these MACs apart from whatever else the key may sign one day. The number is the layout's
/// version.
const PURPOSE: &str = "countersign/invitation/1";
/// The key's purpose, for error texts.
const KEY: &str = "link";

/// Signs and verifies invitation links under one KMS key (`HMAC_256`, `GENERATE_VERIFY_MAC`).
///
/// A function that sends links needs `kms:GenerateMac` on the key, one that accepts them `kms:VerifyMac`;
/// no function needs both.
#[derive(Debug, Clone)]
pub struct LinkSigner {
    kms: Client,
    key_id: String,
}

impl LinkSigner {
    /// A signer under the key that `key_id` names (key id, ARN or alias).
    #[must_use]
    pub fn new(kms: Client, key_id: impl Into<String>) -> Self {
        Self { kms, key_id: key_id.into() }
    }

    /// Derives the token of this generation of the invitation for this address: the same text
    /// every time. One call of `kms:GenerateMac`, repeated by the SDK where that helps.
    ///
    /// # Errors
    /// [`KmsError`] when KMS does not answer with a MAC.
    pub async fn sign(&self, invitation: &InvitationId, generation: u32, email: &Email) -> Result<LinkToken, KmsError> {
        let answer = self
            .kms
            .generate_mac()
            .key_id(&self.key_id)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(message(invitation, generation, email))
            .send()
            .await
            .map_err(refused)?;
        let mac: Option<[u8; MAC_BYTES]> = answer.mac.and_then(|mac| mac.into_inner().try_into().ok());
        mac.map(|mac| LinkToken::new(invitation.clone(), generation, mac)).ok_or_else(no_mac)
    }

    /// Whether the token was made by [`LinkSigner::sign`] for this address. One call of
    /// `kms:VerifyMac`; KMS compares in constant time.
    ///
    /// `Ok(true)` is no permission to accept: the caller checks generation and status (see the crate's
    /// documentation).
    ///
    /// # Errors
    /// [`KmsError`] when KMS gave neither answer; the link may still be good.
    pub async fn verify(&self, token: &LinkToken, email: &Email) -> Result<bool, KmsError> {
        let answer = self
            .kms
            .verify_mac()
            .key_id(&self.key_id)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(message(token.invitation(), token.generation(), email))
            .mac(Blob::new(token.mac().as_slice()))
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer.mac_valid()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_kms_invalid_mac_exception()) => Ok(false),
            Err(error) => Err(refused(error)),
        }
    }
}

/// What the MAC covers: each part behind its length as eight big-endian bytes, so that no two
/// different invitations give the same message. At most a few hundred bytes; KMS takes 4096.
fn message(invitation: &InvitationId, generation: u32, email: &Email) -> Blob {
    // An `Email` is lower case by construction, so a link outlives another spelling of its address.
    covering(&[PURPOSE, invitation.as_str(), &generation.to_string(), email.as_str()])
}

/// A message of these parts, and of no others.
pub(crate) fn covering(parts: &[&str]) -> Blob {
    let mut message = Vec::new();
    for part in parts {
        message.extend_from_slice(&(part.len() as u64).to_be_bytes());
        message.extend_from_slice(part.as_bytes());
    }
    Blob::new(message)
}

/// Maps a failed call of the link key.
pub(crate) fn refused<E: ProvideErrorMetadata>(error: SdkError<E>) -> KmsError {
    KmsError::of(KEY, &error)
}

/// KMS answered with something that is no MAC.
pub(crate) fn no_mac() -> KmsError {
    KmsError::Unavailable { key: KEY, code: "MacOfAnotherLength".to_owned() }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fmt;

    use aws_lc_rs::hmac;
    use aws_sdk_kms::config::{
        BehaviorVersion, Credentials, Region,
        http::{HttpRequest, HttpResponse},
        retry::RetryConfig,
    };
    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    };
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde_json::{Value, json};

    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn email() -> Email {
        "Ada.Lovelace@firm.example".parse().unwrap()
    }

    fn invitation() -> InvitationId {
        "in_0192f5c4a7b87c3d9e0f112233445566".parse().unwrap()
    }

    /// A client whose requests end in `answer`: target and body to status and body.
    fn client(answer: impl Fn(&str, Value) -> (u16, Value) + Send + Sync + 'static) -> Client {
        let connector = SharedHttpConnector::new(Fake(answer));
        Client::from_conf(
            aws_sdk_kms::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new("eu-central-1"))
                .credentials_provider(Credentials::new("test", "test", None, None, "test"))
                .retry_config(RetryConfig::disabled())
                .http_client(http_client_fn(move |_, _| connector.clone()))
                .build(),
        )
    }

    struct Fake<F>(F);

    impl<F> fmt::Debug for Fake<F> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Fake")
        }
    }

    impl<F: Fn(&str, Value) -> (u16, Value) + Send + Sync> HttpConnector for Fake<F> {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let target = request.headers().get("x-amz-target").unwrap();
            let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            let (status, body) = (self.0)(target, body);
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), body.to_string().into())))
        }
    }

    /// KMS's two MAC operations, with a key that the test knows.
    pub(crate) fn kms() -> Client {
        client(|target, body| {
            assert_eq!(body["KeyId"], "alias/links");
            assert_eq!(body["MacAlgorithm"], "HMAC_SHA_256");
            let message = STANDARD.decode(body["Message"].as_str().unwrap()).unwrap();
            assert!(message.len() <= 4096);
            let key = hmac::Key::new(hmac::HMAC_SHA256, &KEY);
            match target {
                "TrentService.GenerateMac" => {
                    let mac = STANDARD.encode(hmac::sign(&key, &message));
                    (200, json!({"Mac": mac, "MacAlgorithm": "HMAC_SHA_256"}))
                }
                "TrentService.VerifyMac" => {
                    let mac = STANDARD.decode(body["Mac"].as_str().unwrap()).unwrap();
                    match hmac::verify(&key, &message, &mac) {
                        Ok(()) => (200, json!({"MacValid": true})),
                        Err(_) => (400, json!({"__type": "KMSInvalidMacException"})),
                    }
                }
                other => panic!("unexpected {other}"),
            }
        })
    }

    fn signer() -> LinkSigner {
        LinkSigner::new(kms(), "alias/links")
    }

    #[tokio::test]
    async fn a_signed_link_verifies_whatever_the_case_of_the_address() {
        let signer = signer();
        let text = signer.sign(&invitation(), 1, &email()).await.unwrap().reveal();
        let token = LinkToken::parse(&text).unwrap();
        assert!(signer.verify(&token, &email()).await.unwrap());
        assert!(signer.verify(&token, &"ada.lovelace@FIRM.example".parse().unwrap()).await.unwrap());
    }

    #[tokio::test]
    async fn the_token_is_derived_so_it_is_the_same_every_time() {
        let signer = signer();
        let first = signer.sign(&invitation(), 1, &email()).await.unwrap().reveal();
        assert_eq!(signer.sign(&invitation(), 1, &email()).await.unwrap().reveal(), first);
        assert_ne!(signer.sign(&invitation(), 2, &email()).await.unwrap().reveal(), first);
    }

    /// Proves: 11
    #[tokio::test]
    async fn the_mac_covers_address_generation_and_invitation() {
        let signer = signer();
        let token = signer.sign(&invitation(), 1, &email()).await.unwrap();
        assert!(!signer.verify(&token, &"eve@firm.example".parse().unwrap()).await.unwrap());
        let text = token.reveal();
        for forged in [text.replace(".1.", ".2."), text.replace("in_0", "in_1")] {
            let forged = LinkToken::parse(&forged).unwrap();
            assert!(!signer.verify(&forged, &email()).await.unwrap());
        }
        let mut mac = *token.mac();
        mac[31] ^= 1;
        let forged = LinkToken::new(invitation(), 1, mac);
        assert!(!signer.verify(&forged, &email()).await.unwrap());
    }

    #[test]
    fn the_message_is_the_documented_one() {
        let mut expected = Vec::new();
        for (length, part) in [
            (24_u64, "countersign/invitation/1"),
            (35, "in_0192f5c4a7b87c3d9e0f112233445566"),
            (2, "12"),
            (25, "ada.lovelace@firm.example"),
        ] {
            expected.extend(length.to_be_bytes());
            expected.extend(part.bytes());
        }
        assert_eq!(message(&invitation(), 12, &email()).into_inner(), expected);
    }

    #[tokio::test]
    async fn both_calls_say_how_kms_failed_and_for_which_key() {
        for (status, code, passing) in [(400, "ThrottlingException", true), (400, "DisabledException", false)] {
            let signer = LinkSigner::new(client(move |_, _| (status, json!({"__type": code}))), "k");
            let token = LinkToken::new(invitation(), 1, [0; MAC_BYTES]);
            let (key, said) = ("link", code.to_owned());
            let expected = match passing {
                true => KmsError::Unavailable { key, code: said },
                false => KmsError::Misconfigured { key, code: said },
            };
            assert_eq!(signer.verify(&token, &email()).await, Err(expected.clone()));
            assert_eq!(signer.sign(&invitation(), 1, &email()).await.err(), Some(expected));
        }
    }

    #[tokio::test]
    async fn a_mac_of_another_length_is_never_put_into_a_link() {
        let kms = client(|_, _| (200, json!({"Mac": STANDARD.encode([1; 31])})));
        let answer = LinkSigner::new(kms, "k").sign(&invitation(), 1, &email()).await;
        assert!(matches!(answer, Err(KmsError::Unavailable { .. })));
    }
}
