//! The token's spelling, pure: it parses, prints and never judges.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::InvitationId;

/// Bytes of an HMAC-SHA-256: the link's 256 secret bits.
pub(crate) const MAC_BYTES: usize = 32;

/// 35 characters of id, at most 10 of generation, 43 of MAC, and two dots.
const MAX_TOKEN_BYTES: usize = 35 + 1 + 10 + 1 + 43;

/// A link's token, well formed; whether its MAC is ours only [`crate::LinkSigner::verify`] knows.
///
/// `Debug` shows the id and generation and hides the MAC; there is no `Display`, so that a token
/// reaches a log line only through [`LinkToken::reveal`], which is easy to search for.
#[derive(Clone)]
pub struct LinkToken {
    invitation: InvitationId,
    generation: u32,
    mac: [u8; MAC_BYTES],
}

/// Text that is not a token of ours. The error quotes nothing of the text, which may hold half a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a link token")]
pub struct LinkTokenError;

impl LinkToken {
    pub(crate) fn new(invitation: InvitationId, generation: u32, mac: [u8; MAC_BYTES]) -> Self {
        Self { invitation, generation, mac }
    }

    /// Reads `in_<32 hex>.<generation>.<43 characters of base64url>`, and only its one canonical
    /// spelling: lower-case hex, a decimal `u32` without sign or leading zeros, base64url (RFC 4648
    /// section 5) without padding and with its two spare bits zero. So one link has one text, and
    /// a limit or a lookup by that text cannot be walked around.
    ///
    /// # Errors
    /// [`LinkTokenError`] for any other text, whatever its length.
    pub fn parse(text: &str) -> Result<Self, LinkTokenError> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(LinkTokenError);
        }
        let mut parts = text.split('.');
        let (Some(invitation), Some(generation), Some(mac), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(LinkTokenError);
        };
        Ok(Self {
            invitation: invitation.parse().map_err(|_| LinkTokenError)?,
            generation: parse_generation(generation)?,
            mac: parse_mac(mac)?,
        })
    }

    /// The invitation that the link is for.
    #[must_use]
    pub fn invitation(&self) -> &InvitationId {
        &self.invitation
    }

    /// Which sending of the invitation the link belongs to. The caller must compare it with the
    /// stored generation: only the newest link lives.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The token as it is written in a link: a secret. For the mail that carries it, and nothing else.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}.{}.{}", self.invitation, self.generation, URL_SAFE_NO_PAD.encode(self.mac))
    }

    /// The link itself, `<public_url>/i/<token>`: a secret, as [`LinkToken::reveal`] is.
    /// `public_url` has no trailing slash. Every character of a token stands in a path as it is.
    #[must_use]
    pub fn url(&self, public_url: &str) -> String {
        format!("{public_url}/i/{}", self.reveal())
    }

    pub(crate) fn mac(&self) -> &[u8; MAC_BYTES] {
        &self.mac
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkToken")
            .field("invitation", &self.invitation)
            .field("generation", &self.generation)
            .field("mac", &"[redacted]")
            .finish()
    }
}

pub(crate) fn parse_generation(text: &str) -> Result<u32, LinkTokenError> {
    let canonical = text == "0" || !text.starts_with('0');
    // `u32::from_str` takes a leading plus sign; the digits are checked first.
    if canonical && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().map_err(|_| LinkTokenError)
    } else {
        Err(LinkTokenError)
    }
}

pub(crate) fn parse_mac(text: &str) -> Result<[u8; MAC_BYTES], LinkTokenError> {
    URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(LinkTokenError)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "in_0192f5c4a7b87c3d9e0f112233445566";
    const MAC: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn well_formed() -> String {
        format!("{ID}.3.{MAC}")
    }

    #[test]
    fn a_token_is_read_and_printed_alike() {
        let token = LinkToken::parse(&well_formed()).unwrap();
        assert_eq!(token.invitation().as_str(), ID);
        assert_eq!(token.generation(), 3);
        assert_eq!(token.mac()[31], 31);
        assert_eq!(token.reveal(), well_formed());
        assert_eq!(token.url("https://c.example"), format!("https://c.example/i/{}", well_formed()));
    }

    #[test]
    fn debug_hides_the_mac() {
        let shown = format!("{:?}", LinkToken::parse(&well_formed()).unwrap());
        assert!(shown.contains(ID) && shown.contains("[redacted]"), "{shown}");
        assert!(!shown.contains("AAEC") && !shown.contains("1, 2, 3"), "{shown}");
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let upper_id = ID.to_uppercase();
        for text in [
            String::new(),
            "..".into(),
            "...".into(),
            ID.into(),
            format!("{ID}.3"),
            format!("{ID}.3."),
            format!("{ID}..{MAC}"),
            format!(".3.{MAC}"),
            format!("{ID}.3.{MAC}."),
            format!("{ID}.3.{MAC}.x"),
            format!("{ID}.3.{MAC}="),
            format!(" {ID}.3.{MAC}"),
            format!("{ID}.3.{MAC}\n"),
            format!("{upper_id}.3.{MAC}"),
            format!("co_0192f5c4a7b87c3d9e0f112233445566.3.{MAC}"),
            format!("{ID}0.3.{MAC}"),
            format!("{ID}.03.{MAC}"),
            format!("{ID}.00.{MAC}"),
            format!("{ID}.+3.{MAC}"),
            format!("{ID}.-3.{MAC}"),
            format!("{ID}.3e0.{MAC}"),
            format!("{ID}.4294967296.{MAC}"),
            format!("{ID}.99999999999999999999999.{MAC}"),
            format!("{ID}.٣.{MAC}"),
            // 31 and 33 bytes.
            format!("{ID}.3.{}", &MAC[..42]),
            format!("{ID}.3.{MAC}A"),
            // The standard alphabet, and the last character's spare bits set.
            format!("{ID}.3.+{}", &MAC[1..]),
            format!("{ID}.3./{}", &MAC[1..]),
            format!("{ID}.3.{}9", &MAC[..42]),
            format!("{ID}.3.{}", "A".repeat(100_000)),
        ] {
            assert_eq!(LinkToken::parse(&text).err(), Some(LinkTokenError), "{text:.120}");
        }
    }

    #[test]
    fn the_longest_generation_fits() {
        let text = format!("{ID}.{}.{MAC}", u32::MAX);
        assert_eq!(text.len(), MAX_TOKEN_BYTES);
        assert_eq!(LinkToken::parse(&text).unwrap().generation(), u32::MAX);
        assert_eq!(LinkToken::parse(&format!("{ID}.0.{MAC}")).unwrap().generation(), 0);
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_canonical(text in any::<String>()) {
            if let Ok(token) = LinkToken::parse(&text) {
                prop_assert_eq!(token.reveal(), text);
            }
        }

        #[test]
        fn text_near_a_token_is_refused_or_canonical(
            text in r"in_[0-9a-fA-F]{31,33}\.[0-9+]{0,11}\.[A-Za-z0-9_+/=-]{42,44}",
        ) {
            if let Ok(token) = LinkToken::parse(&text) {
                prop_assert_eq!(token.reveal(), text);
            }
        }

        #[test]
        fn every_token_survives_the_round_trip(
            hex in "[0-9a-f]{32}", generation: u32, mac: [u8; MAC_BYTES],
        ) {
            let id: InvitationId = format!("in_{hex}").parse().unwrap();
            let text = LinkToken::new(id.clone(), generation, mac).reveal();
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)));
            let token = LinkToken::parse(&text).unwrap();
            prop_assert_eq!(token.invitation(), &id);
            prop_assert_eq!(token.generation(), generation);
            prop_assert_eq!(token.mac(), &mac);
        }
    }
}
