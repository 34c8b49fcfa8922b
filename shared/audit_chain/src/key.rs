//! The key that signs seals. KMS makes the signature; the private key never leaves it. Anyone with the public key
//! can check a signature.

use std::sync::Arc;

use aws_lc_rs::{
    digest::{Digest, SHA256},
    signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey},
};
use aws_sdk_kms::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    primitives::Blob,
    types::{MessageType, SigningAlgorithmSpec},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::seal::Seal;
use kms_error::KmsError;
use tokio::sync::OnceCell;

/// The key's purpose, for error texts.
const KEY: &str = "seal";

/// Signs and verifies seals under one KMS key (`ECC_NIST_P256`, `SIGN_VERIFY`).
#[derive(Debug, Clone)]
pub struct SealKey {
    kms: Client,
    key_id: String,
    public: Arc<OnceCell<PublicSealKey>>,
}

/// The public half of the key.
#[derive(Debug)]
pub struct PublicSealKey(ParsedPublicKey);

impl SealKey {
    /// The key that `key_id` names (key id, ARN or alias).
    #[must_use]
    pub fn new(kms: Client, key_id: impl Into<String>) -> Self {
        Self { kms, key_id: key_id.into(), public: Arc::default() }
    }

    /// Signs a seal's hash: ECDSA over it, DER as KMS answers it, base64. One call of `kms:Sign`.
    ///
    /// # Errors
    /// [`KmsError`].
    pub async fn sign(&self, seal: Seal) -> Result<Seal, KmsError> {
        let answer = self
            .kms
            .sign()
            .key_id(&self.key_id)
            .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
            .message_type(MessageType::Digest)
            .message(Blob::new(seal.hash.as_bytes().as_slice()))
            .send()
            .await
            .map_err(|error| refused(&error))?;
        let signature = answer.signature.ok_or_else(|| misconfigured("NoSignature"))?;
        Ok(Seal { signature: STANDARD.encode(signature.as_ref()), ..seal })
    }

    /// The public half of the key. KMS does not rotate an asymmetric key, so the first call asks for it
    /// (`kms:GetPublicKey`) and the others do not; a call that fails leaves it to the next.
    ///
    /// # Errors
    /// [`KmsError`].
    pub async fn public(&self) -> Result<&PublicSealKey, KmsError> {
        self.public
            .get_or_try_init(async || {
                let answer = self.kms.get_public_key().key_id(&self.key_id).send().await;
                let answer = answer.map_err(|error| refused(&error))?;
                let der = answer.public_key.unwrap_or_else(|| Blob::new(Vec::new()));
                PublicSealKey::from_der(der.as_ref()).ok_or_else(|| misconfigured("NotAPointOnP256"))
            })
            .await
    }
}

impl PublicSealKey {
    /// A key as KMS answers it: a SubjectPublicKeyInfo in DER, of a point on P-256.
    fn from_der(der: &[u8]) -> Option<Self> {
        ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, der).ok().map(Self)
    }

    /// Whether a seal's signature is the key's, over the hash that the seal states. Whether that is the hash of the seal's
    /// content is [`Seal::is_whole`].
    #[must_use]
    pub fn signed(&self, seal: &Seal) -> bool {
        let Ok(signature) = STANDARD.decode(&seal.signature) else { return false };
        let Ok(digest) = Digest::import_less_safe(seal.hash.as_bytes(), &SHA256) else { return false };
        self.0.verify_digest_sig(&digest, &signature).is_ok()
    }
}

fn refused<E: ProvideErrorMetadata>(error: &SdkError<E>) -> KmsError {
    KmsError::of(KEY, error)
}

fn misconfigured(code: &str) -> KmsError {
    KmsError::Misconfigured { key: KEY, code: code.to_owned() }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        encoding::{AsDer, PublicKeyX509Der},
        signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
    };
    use domain::{
        EventId, Org, UtcTime,
        seal::{Digest, SealedEvent},
    };

    use super::*;

    fn key() -> (EcdsaKeyPair, PublicSealKey) {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let public = PublicSealKey::from_der(der.as_ref()).unwrap();
        (pair, public)
    }

    /// Signs as KMS does: over the digest that it is handed.
    fn sign(pair: &EcdsaKeyPair, seal: Seal) -> Seal {
        let digest = aws_lc_rs::digest::Digest::import_less_safe(seal.hash.as_bytes(), &SHA256).unwrap();
        let signature = pair.sign_digest(&digest).unwrap();
        Seal { signature: STANDARD.encode(signature.as_ref()), ..seal }
    }

    /// Proves: S4
    #[test]
    fn a_signature_is_of_its_key_and_of_its_hash() {
        let org: Org = "co_00000000000000000000000000000001".parse().unwrap();
        let event: EventId = "ev_00000000000000000000000000000001".parse().unwrap();
        let events = [SealedEvent { id: event, digest: Digest::NONE }];
        let seal = Seal::next(&org, None, &events, UtcTime::EPOCH).unwrap();
        let ((ours, public), (theirs, _)) = (key(), key());
        let signed = sign(&ours, seal.clone());
        assert!(public.signed(&signed));
        assert!(!public.signed(&seal), "no signature at all");
        assert!(!public.signed(&sign(&theirs, seal.clone())), "another key");
        assert!(!public.signed(&Seal { hash: Digest::of(b"another"), ..signed.clone() }), "another hash");
        for signature in ["AAAA", "not base64", &signed.signature[..20]] {
            assert!(!public.signed(&Seal { signature: signature.to_owned(), ..signed.clone() }), "{signature}");
        }
        assert!(PublicSealKey::from_der(b"no key").is_none());
    }
}
