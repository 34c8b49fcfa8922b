//! Links in notifications, with which their reader stops them without a sign-in: nothing that opens them is stored.
//!
//! A token is `<user id>.<category or digests>.<MAC>`, under the key of invitations' links and a purpose of its own:
//! neither is ever taken for the other. It names no address and does not expire: letters are read for months.

use std::fmt;

use aws_sdk_kms::{Client, primitives::Blob, types::MacAlgorithmSpec};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{UserId, notification::Subscription};
use kms_error::KmsError;

use crate::{
    signer::{covering, no_mac, refused},
    token::{LinkTokenError, MAC_BYTES, parse_mac},
};

const PURPOSE: &str = "countersign/mail-preferences/1";

/// At most 64 characters of user id and 16 of what is stopped, 43 of MAC, and two dots.
const MAX_TOKEN_BYTES: usize = 64 + 1 + 16 + 1 + 43;

/// A link's token, well formed; whether its MAC is ours only [`MailPreferencesSigner::verify`] knows. `Debug` hides the MAC.
#[derive(Clone)]
pub struct MailPreferencesToken {
    user: UserId,
    subscription: Subscription,
    mac: [u8; MAC_BYTES],
}

impl MailPreferencesToken {
    /// Reads a token, and only its one canonical spelling.
    ///
    /// # Errors
    /// [`LinkTokenError`] for any other text, whatever its length.
    pub fn parse(text: &str) -> Result<Self, LinkTokenError> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(LinkTokenError);
        }
        let mut parts = text.split('.');
        let (Some(user), Some(subscription), Some(mac), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(LinkTokenError);
        };
        Ok(Self {
            user: user.parse().map_err(|_| LinkTokenError)?,
            subscription: subscription.parse().map_err(|_| LinkTokenError)?,
            mac: parse_mac(mac)?,
        })
    }

    /// The person to whom the letter was.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        &self.user
    }

    /// What a click stops.
    #[must_use]
    pub const fn subscription(&self) -> Subscription {
        self.subscription
    }

    /// The token as it is written in a link: a secret.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}.{}.{}", self.user, self.subscription, URL_SAFE_NO_PAD.encode(self.mac))
    }

    /// The link itself, `<public_url>/u/<token>`. `public_url` has no trailing slash.
    #[must_use]
    pub fn url(&self, public_url: &str) -> String {
        format!("{public_url}/u/{}", self.reveal())
    }
}

impl fmt::Debug for MailPreferencesToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailPreferencesToken")
            .field("user", &self.user)
            .field("subscription", &self.subscription)
            .field("mac", &"[redacted]")
            .finish()
    }
}

/// Signs and verifies the links in notifications under the KMS key of links.
///
/// A function that sends letters needs `kms:GenerateMac` on the key, one that opens the links `kms:VerifyMac`; no function
/// needs both.
#[derive(Debug, Clone)]
pub struct MailPreferencesSigner {
    kms: Client,
    key_id: String,
}

impl MailPreferencesSigner {
    /// A signer under the key that `key_id` names (key id, ARN or alias).
    #[must_use]
    pub fn new(kms: Client, key_id: impl Into<String>) -> Self {
        Self { kms, key_id: key_id.into() }
    }

    /// Derives the token with which this person stops this: the same every time. One call of `kms:GenerateMac`.
    ///
    /// # Errors
    /// [`KmsError`] when KMS does not answer with a MAC.
    pub async fn sign(&self, user: &UserId, subscription: Subscription) -> Result<MailPreferencesToken, KmsError> {
        let answer = self
            .kms
            .generate_mac()
            .key_id(&self.key_id)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(message(user, subscription))
            .send()
            .await
            .map_err(refused)?;
        let mac: Option<[u8; MAC_BYTES]> = answer.mac.and_then(|mac| mac.into_inner().try_into().ok());
        mac.map(|mac| MailPreferencesToken { user: user.clone(), subscription, mac }).ok_or_else(no_mac)
    }

    /// Whether the token was made by [`MailPreferencesSigner::sign`]. One call of `kms:VerifyMac`, which compares in constant
    /// time.
    ///
    /// # Errors
    /// [`KmsError`] when KMS gave neither answer; the link may still be good.
    pub async fn verify(&self, token: &MailPreferencesToken) -> Result<bool, KmsError> {
        let answer = self
            .kms
            .verify_mac()
            .key_id(&self.key_id)
            .mac_algorithm(MacAlgorithmSpec::HmacSha256)
            .message(message(&token.user, token.subscription))
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

fn message(user: &UserId, subscription: Subscription) -> Blob {
    covering(&[PURPOSE, user.as_str(), subscription.as_str()])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{DocumentToken, LinkToken, RegistrationToken, signer::tests::kms};

    const USER: &str = "7d1f3b1e-5c70-4a7c-9f52-0a6f6c1f0e11";

    fn signer() -> MailPreferencesSigner {
        MailPreferencesSigner::new(kms(), "alias/links")
    }

    async fn text(user: &str, subscription: &str) -> String {
        signer().sign(&user.parse().unwrap(), subscription.parse().unwrap()).await.unwrap().reveal()
    }

    async fn is_ours(text: &str) -> bool {
        signer().verify(&MailPreferencesToken::parse(text).unwrap()).await.unwrap()
    }

    /// Somebody could otherwise switch off the mail of another, or more than their link is for.
    /// Proves: NT10
    #[tokio::test]
    async fn a_link_is_one_persons_and_stops_one_thing() {
        let link = text(USER, "approvals").await;
        assert!(is_ours(&link).await);
        assert_eq!(text(USER, "approvals").await, link, "it is derived");
        let (rest, mac) = link.rsplit_once('.').unwrap();
        let flipped = if mac.starts_with('A') { 'B' } else { 'A' };
        let forged = [
            link.replace("7d1f", "7d1e"),
            link.replace(".approvals.", ".money."),
            link.replace(".approvals.", ".digests."),
            format!("{rest}.{flipped}{}", mac.split_at(1).1),
        ];
        for forged in forged {
            assert!(!is_ours(&forged).await, "{forged}");
        }
        let token = MailPreferencesToken::parse(&link).unwrap();
        assert!(format!("{token:?}").contains("[redacted]") && !format!("{token:?}").contains(mac));
        assert_eq!(token.url("https://a.example"), format!("https://a.example/u/{link}"));
    }

    /// Proves: NT10
    #[tokio::test]
    async fn no_other_link_works_as_one_and_it_works_as_no_other() {
        let link = text(USER, "approvals").await;
        assert!(LinkToken::parse(&link).is_err());
        assert!(RegistrationToken::parse(&link).is_err());
        assert!(DocumentToken::parse(&link).is_err());
        // Parts that would give the same text side by side are covered one by one.
        let other = crate::RegistrationSigner::new(kms(), "alias/links");
        let id = "rl_0192f5c4a7b87c3d9e0f112233445566".parse().unwrap();
        let registration = other.sign(&id, 1).await.unwrap().reveal();
        assert!(MailPreferencesToken::parse(&registration).is_err());
        let mac = registration.rsplit_once('.').unwrap().1;
        assert!(!is_ours(&format!("{USER}.approvals.{mac}")).await);
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_canonical(
            text in r"[A-Za-z0-9-]{1,65}\.(approvals|Money|digests|security|)\.[A-Za-z0-9_+/=-]{42,44}|.{0,40}"
        ) {
            if let Ok(token) = MailPreferencesToken::parse(&text) {
                prop_assert_eq!(token.reveal(), text);
            }
        }
    }
}
