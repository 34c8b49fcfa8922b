//! KMS makes the signature (ES256: ECDSA on P-256 over SHA-256); the private key is never here.

use std::time::Duration;

use api::{ApiError, ContextClaims, Problem, ProblemType, context::TOKEN_TYPE};
use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_kms::{
    Client,
    config::{Builder, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    primitives::Blob,
    types::{MessageType, SigningAlgorithmSpec},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kms_error::KmsError;
use p256::{
    ecdsa::{Signature, VerifyingKey},
    pkcs8::DecodePublicKey,
};
use serde::Serialize;
use store::{PublicKey, SdkConfig};

/// The time limit for KMS, all tries together; shorter than the function's timeout.
const PATIENCE: Duration = Duration::from_secs(4);

/// The key's purpose, for error texts.
const KEY: &str = "signing";

/// Maps a failed signature to a problem.
pub(crate) fn unsigned(error: KmsError) -> ApiError {
    match error {
        KmsError::Unavailable { code, .. } => {
            tracing::warn!(%code, "the signing key is unavailable");
            Problem::new(ProblemType::Unavailable).into()
        }
        KmsError::Misconfigured { .. } => Problem::internal(error).into(),
    }
}

/// Signs under one KMS key (`ECC_NIST_P256`, `SIGN_VERIFY`).
#[derive(Debug, Clone)]
pub(crate) struct Signer {
    kms: Client,
    key_id: String,
}

/// RFC 7515, section 4.1.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a str,
}

impl Signer {
    pub(crate) fn from_config(config: &SdkConfig, key_id: String) -> Self {
        let patience = TimeoutConfig::builder().operation_timeout(PATIENCE).build();
        Self { kms: Client::from_conf(Builder::from(config).timeout_config(patience).build()), key_id }
    }

    /// The public half of the key. One call of `kms:GetPublicKey`.
    ///
    /// # Errors
    /// [`KmsError`].
    pub(crate) async fn public_key(&self) -> Result<PublicKey, KmsError> {
        let answer = self.kms.get_public_key().key_id(&self.key_id).send().await.map_err(|e| refused(&e))?;
        let spki = answer.public_key.unwrap_or_else(|| Blob::new(Vec::new()));
        public_key(spki.as_ref()).ok_or_else(|| misconfigured("NotAPointOnP256"))
    }

    /// Signs claims under the key that `kid` names. One call of `kms:Sign`.
    ///
    /// KMS receives only the digest, so its limit of 4,096 bytes does not apply to the token.
    ///
    /// # Errors
    /// [`KmsError`].
    pub(crate) async fn sign(&self, kid: &str, claims: &ContextClaims) -> Result<String, KmsError> {
        let header = Header { alg: "ES256", typ: TOKEN_TYPE, kid };
        let signed = format!("{}.{}", part(&header)?, part(claims)?);
        let answer = self
            .kms
            .sign()
            .key_id(&self.key_id)
            .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
            .message_type(MessageType::Digest)
            .message(Blob::new(digest(&SHA256, signed.as_bytes()).as_ref()))
            .send()
            .await
            .map_err(|e| refused(&e))?;
        let der = answer.signature.unwrap_or_else(|| Blob::new(Vec::new()));
        // KMS answers the two numbers as ASN.1; a JWS has them one after the other (RFC 7518,
        // section 3.4).
        let signature = Signature::from_der(der.as_ref()).map_err(|_| misconfigured("NotAnEcdsaSignature"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())))
    }
}

fn part(value: &impl Serialize) -> Result<String, KmsError> {
    let json = serde_json::to_vec(value).map_err(|error| misconfigured(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

/// A key from the DER that KMS answers (SubjectPublicKeyInfo), under its RFC 7638 thumbprint.
fn public_key(spki: &[u8]) -> Option<PublicKey> {
    let point = VerifyingKey::from_public_key_der(spki).ok()?.to_sec1_point(false);
    let (x, y) = (URL_SAFE_NO_PAD.encode(point.x()?), URL_SAFE_NO_PAD.encode(point.y()?));
    // RFC 7638, section 3: the required members in the order of their names, without white space.
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    let kid = URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()));
    Some(PublicKey { kid, x, y })
}

fn refused<E: ProvideErrorMetadata>(error: &SdkError<E>) -> KmsError {
    KmsError::of(KEY, error)
}

fn misconfigured(code: impl Into<String>) -> KmsError {
    KmsError::Misconfigured { key: KEY, code: code.into() }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fmt;

    use aws_sdk_kms::config::{
        BehaviorVersion, Credentials, Region,
        http::{HttpRequest, HttpResponse},
        retry::RetryConfig,
    };
    use aws_smithy_runtime_api::client::http::{
        HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
    };
    use base64::engine::general_purpose::STANDARD;
    use domain::{
        Grants,
        access::ActingAs,
        context::{ContextSession, HeldContext, Place},
    };
    use p256::{
        ecdsa::{
            SigningKey,
            signature::{Verifier, hazmat::PrehashSigner},
        },
        pkcs8::EncodePublicKey,
    };
    use serde_json::{Value, json};

    use super::*;

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

    /// A signer whose requests end in `answer`: target and body to status and body.
    fn signer(answer: impl Fn(&str, Value) -> (u16, Value) + Send + Sync + 'static) -> Signer {
        let connector = SharedHttpConnector::new(Fake(answer));
        let config = aws_sdk_kms::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        Signer { kms: Client::from_conf(config), key_id: "alias/contexts".to_owned() }
    }

    fn key() -> SigningKey {
        SigningKey::from_slice(&[7; 32]).unwrap()
    }

    /// KMS's two operations, with a key that the test knows.
    fn kms() -> Signer {
        signer(|target, body| {
            assert_eq!(body["KeyId"], "alias/contexts");
            match target {
                "TrentService.GetPublicKey" => {
                    let der = key().verifying_key().to_public_key_der().unwrap();
                    (200, json!({"KeySpec": "ECC_NIST_P256", "PublicKey": STANDARD.encode(der.as_bytes())}))
                }
                "TrentService.Sign" => {
                    assert_eq!(body["SigningAlgorithm"], "ECDSA_SHA_256");
                    assert_eq!(body["MessageType"], "DIGEST");
                    let digest = STANDARD.decode(body["Message"].as_str().unwrap()).unwrap();
                    assert_eq!(digest.len(), 32);
                    let signature: Signature = key().sign_prehash(&digest).unwrap();
                    (200, json!({"Signature": STANDARD.encode(signature.to_der().as_bytes())}))
                }
                other => panic!("unexpected {other}"),
            }
        })
    }

    fn claims() -> ContextClaims {
        let acting_as = ActingAs::Member { company: "co_00000000000000000000000000000001".parse().unwrap() };
        let session = ContextSession {
            session: "ctx_00000000000000000000000000000005".parse().unwrap(),
            user: "u-1".parse().unwrap(),
            name: "Olivia".parse().unwrap(),
            held: HeldContext {
                place: Place {
                    acting_as,
                    role: "owner",
                    name: "Harbour Bicycles".parse().unwrap(),
                    customer_name: None,
                },
                grants: Grants::whole_company(),
                since: domain::UtcTime::EPOCH,
                until: None,
            },
            reason: None,
        };
        crate::context_session::claims(
            "https://api.example",
            &session,
            domain::UtcTime::from_unix_ms(1_800_000_000_000),
        )
    }

    #[tokio::test]
    async fn a_token_verifies_with_the_published_key_that_it_names() {
        let signer = kms();
        let published = signer.public_key().await.unwrap();
        let token = signer.sign(&published.kid, &claims()).await.unwrap();

        let (signed, signature) = token.rsplit_once('.').unwrap();
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let point = [vec![4], bytes(&published.x), bytes(&published.y)].concat();
        let signature = Signature::from_slice(&bytes(signature)).unwrap();
        VerifyingKey::from_sec1_bytes(&point).unwrap().verify(signed.as_bytes(), &signature).unwrap();

        let (header, payload) = signed.split_once('.').unwrap();
        let header: Value = serde_json::from_slice(&bytes(header)).unwrap();
        assert_eq!(header, json!({"alg": "ES256", "typ": "countersign-context+jwt", "kid": published.kid}));
        assert_eq!(serde_json::from_slice::<ContextClaims>(&bytes(payload)).unwrap(), claims());
    }

    #[test]
    fn the_kid_is_the_thumbprint_of_rfc_7638() {
        let spki = key().verifying_key().to_public_key_der().unwrap();
        let PublicKey { kid, x, y } = public_key(spki.as_bytes()).unwrap();
        let members = json!({"crv": "P-256", "kty": "EC", "x": x, "y": y});
        let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, members.to_string().as_bytes()));
        assert_eq!(kid, thumbprint);
        assert_eq!((x.len(), y.len()), (43, 43), "32 bytes each, leading zeros kept");
        assert_eq!(public_key(b"not a key"), None);
    }

    #[tokio::test]
    async fn both_calls_say_how_kms_failed_and_for_which_key() {
        for (status, code, passing) in [(400, "ThrottlingException", true), (400, "DisabledException", false)] {
            let failing = signer(move |_, _| (status, json!({"__type": code})));
            let (key, said) = ("signing", code.to_owned());
            let expected = match passing {
                true => KmsError::Unavailable { key, code: said },
                false => KmsError::Misconfigured { key, code: said },
            };
            assert_eq!(failing.public_key().await.unwrap_err(), expected);
            assert_eq!(failing.sign("kid", &claims()).await.unwrap_err(), expected);
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_no_signature_makes_no_token() {
        for answer in [json!({}), json!({"Signature": STANDARD.encode([1; 64])})] {
            let strange = signer(move |_, _| (200, answer.clone()));
            assert!(matches!(strange.sign("kid", &claims()).await, Err(KmsError::Misconfigured { .. })));
        }
    }
}
