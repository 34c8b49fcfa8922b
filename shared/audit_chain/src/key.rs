//! The key that signs seals. KMS makes and checks the signature; the private key is never here.

use aws_sdk_kms::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    primitives::Blob,
    types::{MessageType, SigningAlgorithmSpec},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::seal::Seal;
use kms_error::KmsError;

/// The key's purpose, for error texts.
const KEY: &str = "seal";

/// Signs and verifies seals under one KMS key (`ECC_NIST_P256`, `SIGN_VERIFY`).
#[derive(Debug, Clone)]
pub struct SealKey {
    kms: Client,
    key_id: String,
}

impl SealKey {
    /// The key that `key_id` names (key id, ARN or alias).
    #[must_use]
    pub fn new(kms: Client, key_id: impl Into<String>) -> Self {
        Self { kms, key_id: key_id.into() }
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
        let signature =
            answer.signature.ok_or_else(|| KmsError::Misconfigured { key: KEY, code: "NoSignature".to_owned() })?;
        Ok(Seal { signature: STANDARD.encode(signature.as_ref()), ..seal })
    }

    /// Whether a seal's signature is the key's, over what the seal says. One call of `kms:Verify`.
    ///
    /// # Errors
    /// [`KmsError`] when KMS answers neither yes nor no.
    pub async fn verify(&self, seal: &Seal) -> Result<bool, KmsError> {
        let Ok(signature) = STANDARD.decode(&seal.signature) else { return Ok(false) };
        if signature.is_empty() {
            return Ok(false);
        }
        let answer = self
            .kms
            .verify()
            .key_id(&self.key_id)
            .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
            .message_type(MessageType::Digest)
            .message(Blob::new(seal.true_hash().as_bytes().as_slice()))
            .signature(Blob::new(signature))
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer.signature_valid()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_kms_invalid_signature_exception()) => Ok(false),
            // The stored text cannot be a signature, for example because of its length.
            Err(error) if error.code() == Some("ValidationException") => Ok(false),
            Err(error) => Err(refused(&error)),
        }
    }
}

fn refused<E: ProvideErrorMetadata>(error: &SdkError<E>) -> KmsError {
    KmsError::of(KEY, error)
}
