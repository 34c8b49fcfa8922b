//! Hosted links to sales documents: nothing that opens them is stored.
//!
//! A token is `<company id>.<link id>.<generation>.<MAC>`, under the key of invitations' links and a purpose of its own:
//! neither is ever taken for the other. The company's id says where the link is kept.

use std::fmt;

use aws_sdk_kms::{Client, primitives::Blob, types::MacAlgorithmSpec};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{CompanyId, DocumentLinkId, Email};
use kms_error::KmsError;

use crate::{
    signer::{covering, no_mac, refused},
    token::{LinkTokenError, MAC_BYTES, parse_generation, parse_mac},
};

const PURPOSE: &str = "countersign/document-link/1";

/// Two ids of 35 characters, at most 10 of generation, 43 of MAC, and three dots.
const MAX_TOKEN_BYTES: usize = 35 + 1 + 35 + 1 + 10 + 1 + 43;

/// A hosted link's token, well formed; whether its MAC is ours only [`DocumentLinkSigner::verify`] knows. `Debug` hides
/// the MAC.
#[derive(Clone)]
pub struct DocumentToken {
    company: CompanyId,
    link: DocumentLinkId,
    generation: u32,
    mac: [u8; MAC_BYTES],
}

impl DocumentToken {
    /// Reads a token, and only its one canonical spelling.
    ///
    /// # Errors
    /// [`LinkTokenError`] for any other text, whatever its length.
    pub fn parse(text: &str) -> Result<Self, LinkTokenError> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(LinkTokenError);
        }
        let mut parts = text.split('.');
        let (Some(company), Some(link), Some(generation), Some(mac), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(LinkTokenError);
        };
        Ok(Self {
            company: company.parse().map_err(|_| LinkTokenError)?,
            link: link.parse().map_err(|_| LinkTokenError)?,
            generation: parse_generation(generation)?,
            mac: parse_mac(mac)?,
        })
    }

    /// The company whose document it is.
    #[must_use]
    pub const fn company(&self) -> &CompanyId {
        &self.company
    }

    /// The id of the link.
    #[must_use]
    pub const fn link(&self) -> &DocumentLinkId {
        &self.link
    }

    /// Which sending of the link; the caller compares it with the stored one.
    #[must_use]
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// The token as it is written in a link: a secret.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}.{}.{}.{}", self.company, self.link, self.generation, URL_SAFE_NO_PAD.encode(self.mac))
    }

    /// The link itself, `<public_url>/h/<token>`. `public_url` has no trailing slash.
    #[must_use]
    pub fn url(&self, public_url: &str) -> String {
        format!("{public_url}/h/{}", self.reveal())
    }
}

impl fmt::Debug for DocumentToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentToken")
            .field("link", &self.link)
            .field("generation", &self.generation)
            .field("mac", &"[redacted]")
            .finish_non_exhaustive()
    }
}

/// Signs and verifies hosted links under the KMS key of links.
///
/// A function that sends links needs `kms:GenerateMac` on the key, one that opens them `kms:VerifyMac`; no function needs
/// both.
#[derive(Debug, Clone)]
pub struct DocumentLinkSigner {
    kms: Client,
    key_id: String,
}

impl DocumentLinkSigner {
    /// A signer under the key that `key_id` names (key id, ARN or alias).
    #[must_use]
    pub fn new(kms: Client, key_id: impl Into<String>) -> Self {
        Self { kms, key_id: key_id.into() }
    }

    /// Derives the token of this generation of a link for this address: the same every time. One call of
    /// `kms:GenerateMac`.
    ///
    /// # Errors
    /// [`KmsError`] when KMS does not answer with a MAC.
    pub async fn sign(
        &self,
        (company, link): (&CompanyId, &DocumentLinkId),
        generation: u32,
        email: &Email,
    ) -> Result<DocumentToken, KmsError> {
        let answer = self
            .kms
            .generate_mac()
            .key_id(&self.key_id)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(message(company, link, generation, email))
            .send()
            .await
            .map_err(refused)?;
        let mac: Option<[u8; MAC_BYTES]> = answer.mac.and_then(|mac| mac.into_inner().try_into().ok());
        let token = |mac| DocumentToken { company: company.clone(), link: link.clone(), generation, mac };
        mac.map(token).ok_or_else(no_mac)
    }

    /// Whether the token was made by [`DocumentLinkSigner::sign`] for this address. One call of `kms:VerifyMac`, which
    /// compares in constant time.
    ///
    /// # Errors
    /// [`KmsError`] when KMS gave neither answer; the link may still be good.
    pub async fn verify(&self, token: &DocumentToken, email: &Email) -> Result<bool, KmsError> {
        let answer = self
            .kms
            .verify_mac()
            .key_id(&self.key_id)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(message(&token.company, &token.link, token.generation, email))
            .mac(Blob::new(token.mac.as_slice()))
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer.mac_valid()),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_kms_invalid_mac_exception()) => Ok(false),
            Err(error) => Err(refused(error)),
        }
    }
}

fn message(company: &CompanyId, link: &DocumentLinkId, generation: u32, email: &Email) -> Blob {
    covering(&[PURPOSE, company.as_str(), link.as_str(), &generation.to_string(), email.as_str()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signer::tests::kms;

    fn email() -> Email {
        "nora@nordwind.example".parse().unwrap()
    }

    async fn token() -> (DocumentLinkSigner, DocumentToken) {
        let signer = DocumentLinkSigner::new(kms(), "alias/links");
        let company = "co_00000000000000000000000000000001".parse().unwrap();
        let link = "dl_00000000000000000000000000000002".parse().unwrap();
        let token = signer.sign((&company, &link), 1, &email()).await.unwrap();
        (signer, token)
    }

    /// Proves: 11, H1
    #[tokio::test]
    async fn a_link_opens_one_document_of_one_company_for_one_address() {
        let (signer, token) = token().await;
        let text = token.reveal();
        let read = DocumentToken::parse(&text).unwrap();
        assert_eq!(read.reveal(), text);
        assert!(signer.verify(&read, &email()).await.unwrap());
        assert!(!signer.verify(&read, &"eve@nordwind.example".parse().unwrap()).await.unwrap());
        for forged in [text.replace("co_0", "co_1"), text.replace("dl_0", "dl_1"), text.replace(".1.", ".2.")] {
            assert!(!signer.verify(&DocumentToken::parse(&forged).unwrap(), &email()).await.unwrap(), "{forged}");
        }
        assert!(!format!("{token:?}").contains(text.rsplit('.').next().unwrap()), "the secret is in a log line");
    }

    #[tokio::test]
    async fn a_token_has_one_spelling() {
        let text = token().await.1.reveal();
        for other in [text.to_uppercase(), format!("{text}."), text.replace(".1.", ".01."), "x".repeat(1_000)] {
            assert!(DocumentToken::parse(&other).is_err(), "{other}");
        }
    }
}
