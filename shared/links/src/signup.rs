//! A firm's registration links and signup codes: nothing that opens them is stored.
//!
//! A link's token is `<link id>.<generation>.<MAC>`, as an invitation's is, but under a key and a purpose of its
//! own: neither is ever taken for the other. A code's text is derived from its name, and looked up by a second MAC
//! over the text. So a stolen table opens nothing, not even by trying all codes against it.

use std::fmt;

use aws_sdk_kms::{Client, primitives::Blob, types::MacAlgorithmSpec};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    RegistrationLinkId,
    signup_source::{CodeDigest, CodeText},
};
use kms_error::KmsError;

use crate::{
    signer::{covering, no_mac, refused},
    token::{LinkTokenError, MAC_BYTES, parse_generation, parse_mac},
};

const LINK_PURPOSE: &str = "countersign/registration/1";
const CODE_PURPOSE: &str = "countersign/signup-code/1";
const LOOKUP_PURPOSE: &str = "countersign/signup-code-lookup/1";

/// 35 characters of id, at most 10 of generation, 43 of MAC, and two dots.
const MAX_TOKEN_BYTES: usize = 35 + 1 + 10 + 1 + 43;

/// A registration link's token, well formed; whether its MAC is ours only
/// [`RegistrationSigner::verify`] knows. `Debug` hides the MAC.
#[derive(Clone)]
pub struct RegistrationToken {
    link: RegistrationLinkId,
    generation: u32,
    mac: [u8; MAC_BYTES],
}

impl RegistrationToken {
    /// Reads `rl_<32 hex>.<generation>.<43 characters of base64url>`, and only its one canonical
    /// spelling.
    ///
    /// # Errors
    /// [`LinkTokenError`] for any other text, whatever its length.
    pub fn parse(text: &str) -> Result<Self, LinkTokenError> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(LinkTokenError);
        }
        let mut parts = text.split('.');
        let (Some(link), Some(generation), Some(mac), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(LinkTokenError);
        };
        Ok(Self {
            link: link.parse().map_err(|_| LinkTokenError)?,
            generation: parse_generation(generation)?,
            mac: parse_mac(mac)?,
        })
    }

    /// The id of the link.
    #[must_use]
    pub const fn link(&self) -> &RegistrationLinkId {
        &self.link
    }

    /// Which generation of the link; the caller compares it with the stored one.
    #[must_use]
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// The token as it is written in a link: a secret.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}.{}.{}", self.link, self.generation, URL_SAFE_NO_PAD.encode(self.mac))
    }

    /// The link itself, `<public_url>/r/<token>`. `public_url` has no trailing slash.
    #[must_use]
    pub fn url(&self, public_url: &str) -> String {
        format!("{public_url}/r/{}", self.reveal())
    }
}

impl fmt::Debug for RegistrationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistrationToken")
            .field("link", &self.link)
            .field("generation", &self.generation)
            .field("mac", &"[redacted]")
            .finish()
    }
}

/// Signs and verifies registration links, and derives and digests signup codes, under one KMS key
/// (`HMAC_256`, `GENERATE_VERIFY_MAC`) that signs nothing else.
#[derive(Debug, Clone)]
pub struct RegistrationSigner {
    kms: Client,
    key_id: String,
}

impl RegistrationSigner {
    /// A signer under the key that `key_id` names (key id, ARN or alias).
    #[must_use]
    pub fn new(kms: Client, key_id: impl Into<String>) -> Self {
        Self { kms, key_id: key_id.into() }
    }

    /// Derives the token of this generation of a link: the same every time. One call of
    /// `kms:GenerateMac`.
    ///
    /// # Errors
    /// [`KmsError`] when KMS does not answer with a MAC.
    pub async fn sign(&self, link: &RegistrationLinkId, generation: u32) -> Result<RegistrationToken, KmsError> {
        let mac = self.mac(&[LINK_PURPOSE, link.as_str(), &generation.to_string()]).await?;
        Ok(RegistrationToken { link: link.clone(), generation, mac })
    }

    /// Whether the token was made by [`RegistrationSigner::sign`]. One call of `kms:VerifyMac`, which
    /// compares in constant time.
    ///
    /// # Errors
    /// [`KmsError`] when KMS gave neither answer; the link may still be good.
    pub async fn verify(&self, token: &RegistrationToken) -> Result<bool, KmsError> {
        let generation = token.generation.to_string();
        let answer = self
            .kms
            .verify_mac()
            .key_id(&self.key_id)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(covering(&[LINK_PURPOSE, token.link.as_str(), &generation]))
            .mac(Blob::new(token.mac.as_slice()))
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer.mac_valid()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_kms_invalid_mac_exception()) => Ok(false),
            Err(error) => Err(refused(error)),
        }
    }

    /// Derives the text of the code of this name: the same every time. One call of
    /// `kms:GenerateMac`.
    ///
    /// # Errors
    /// [`KmsError`].
    pub async fn code(&self, name: &str) -> Result<CodeText, KmsError> {
        Ok(CodeText::from_secret(&self.mac(&[CODE_PURPOSE, name]).await?))
    }

    /// The digest that a code is looked up by. One call of `kms:GenerateMac`.
    ///
    /// # Errors
    /// [`KmsError`].
    pub async fn digest(&self, code: &CodeText) -> Result<CodeDigest, KmsError> {
        Ok(CodeDigest::new(self.mac(&[LOOKUP_PURPOSE, code.reveal()]).await?))
    }

    async fn mac(&self, parts: &[&str]) -> Result<[u8; MAC_BYTES], KmsError> {
        let answer = self
            .kms
            .generate_mac()
            .key_id(&self.key_id)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(covering(parts))
            .send()
            .await
            .map_err(refused)?;
        let mac = answer.mac.and_then(|mac| mac.into_inner().try_into().ok());
        mac.ok_or_else(no_mac)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{LinkSigner, LinkToken, signer::tests::kms};

    const HEX: &str = "0192f5c4a7b87c3d9e0f112233445566";

    fn id() -> RegistrationLinkId {
        format!("rl_{HEX}").parse().unwrap()
    }

    fn signer() -> RegistrationSigner {
        // The fake knows one key; on AWS this signer has one of its own.
        RegistrationSigner::new(kms(), "alias/links")
    }

    #[tokio::test]
    async fn a_signed_link_verifies_and_a_forged_one_does_not() {
        let signer = signer();
        let token = signer.sign(&id(), 1).await.unwrap();
        let text = token.reveal();
        assert_eq!(signer.sign(&id(), 1).await.unwrap().reveal(), text, "it is derived");
        assert!(signer.verify(&RegistrationToken::parse(&text).unwrap()).await.unwrap());
        let (rest, mac) = text.rsplit_once('.').unwrap();
        let flipped = if mac.starts_with('A') { 'B' } else { 'A' };
        let changed = format!("{rest}.{flipped}{}", mac.split_at(1).1);
        for forged in [text.replace(".1.", ".2."), text.replace("rl_0", "rl_1"), changed] {
            assert!(!signer.verify(&RegistrationToken::parse(&forged).unwrap()).await.unwrap(), "{forged}");
        }
        assert!(format!("{token:?}").contains("[redacted]") && !format!("{token:?}").contains(mac));
        assert_eq!(token.url("https://a.example"), format!("https://a.example/r/{text}"));
    }

    #[tokio::test]
    async fn an_invitations_mac_is_no_registrations_even_under_the_same_key() {
        let email = "ada@firm.example".parse().unwrap();
        let invitation = LinkSigner::new(kms(), "alias/links");
        let token = invitation.sign(&format!("in_{HEX}").parse().unwrap(), 1, &email).await.unwrap().reveal();
        assert!(RegistrationToken::parse(&token).is_err());
        let dressed = RegistrationToken::parse(&token.replace("in_", "rl_")).unwrap();
        assert!(!signer().verify(&dressed).await.unwrap());
        let link = signer().sign(&id(), 1).await.unwrap().reveal();
        assert!(LinkToken::parse(&link).is_err());
        let dressed = LinkToken::parse(&link.replace("rl_", "in_")).unwrap();
        assert!(!invitation.verify(&dressed, &email).await.unwrap());
    }

    #[tokio::test]
    async fn a_code_is_derived_from_its_name_and_found_by_another_secret() {
        let signer = signer();
        let code = signer.code("sc_1").await.unwrap();
        assert_eq!(signer.code("sc_1").await.unwrap(), code);
        assert_ne!(signer.code("sc_2").await.unwrap(), code);
        let digest = signer.digest(&code).await.unwrap().to_string();
        assert_eq!(digest.len(), 64);
        let typed: CodeText = code.for_people().to_lowercase().parse().unwrap();
        assert_eq!(signer.digest(&typed).await.unwrap().to_string(), digest);
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_canonical(text in r"rl_[0-9a-fA-F]{31,33}\.[0-9+]{0,11}\.[A-Za-z0-9_+/=-]{42,44}|.{0,40}") {
            if let Ok(token) = RegistrationToken::parse(&text) {
                prop_assert_eq!(token.reveal(), text);
            }
        }
    }
}
