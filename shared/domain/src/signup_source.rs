//! Signup sources: a firm's registration links, and the signup codes of a firm or of the vendor.
//!
//! Neither secret is here: a link's token and a code's text are derived (see `links`), so this module only knows
//! what they offer, for how long and how often. A signup source stays open when its creator leaves the firm, since
//! it gives away nothing of the firm's: it asks for access to a newcomer's books, and the newcomer grants it.

mod code;
mod code_text;
mod event;
mod link;
mod signup_limits;
mod terms;

pub use code::{CodeIssuer, CodeReferenceTaken, SignupCode, vendor_code_name};
pub use code_text::{CodeDigest, CodeText, CodeTextError};
pub use event::{Creator, SignupSourcePayload};
pub use link::RegistrationLink;
use serde::{Deserialize, Serialize};
pub use signup_limits::{Closed, MAX_EXPIRY_DAYS, MAX_USES, SignupLimits, SignupLimitsError, SignupSourceState};
pub use terms::{BillingOwner, SignupTerms, SignupTermsError};
use utoipa::ToSchema;

use crate::{
    id::{FirmId, RegistrationLinkId, SignupCodeId},
    text::{Name, Reference},
    time::UtcTime,
};

/// What a new company registered through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignupSourceKind {
    /// A firm's registration link.
    RegistrationLink,
    /// A firm's signup code.
    SignupCode,
    /// A code of the vendor's.
    VendorCode,
}

impl SignupSourceKind {
    /// The kind as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RegistrationLink => "registration_link",
            Self::SignupCode => "signup_code",
            Self::VendorCode => "vendor_code",
        }
    }
}

/// The signup source that a newcomer used, as the records of the registration name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum SignupSourceRef {
    /// A firm's registration link.
    RegistrationLink(RegistrationLinkId),
    /// A firm's signup code.
    SignupCode(SignupCodeId),
    /// A code of the vendor's, by the vendor's reference.
    VendorCode(Reference),
}

impl SignupSourceRef {
    /// The kind of signup source.
    #[must_use]
    pub const fn kind(&self) -> SignupSourceKind {
        match self {
            Self::RegistrationLink(_) => SignupSourceKind::RegistrationLink,
            Self::SignupCode(_) => SignupSourceKind::SignupCode,
            Self::VendorCode(_) => SignupSourceKind::VendorCode,
        }
    }

    /// Its id or reference.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::RegistrationLink(id) => id.as_str(),
            Self::SignupCode(id) => id.as_str(),
            Self::VendorCode(reference) => reference.as_str(),
        }
    }
}

/// A signup source that a newcomer presents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignupSource {
    /// A registration link, by a token of this generation.
    Link(RegistrationLink, u32),
    /// A signup code.
    Code(SignupCode),
}

impl SignupSource {
    /// How records name it.
    #[must_use]
    pub fn through(&self) -> SignupSourceRef {
        match self {
            Self::Link(link, _) => SignupSourceRef::RegistrationLink(link.id.clone()),
            Self::Code(SignupCode { issuer: CodeIssuer::Firm { id, .. }, .. }) => {
                SignupSourceRef::SignupCode(id.clone())
            }
            Self::Code(SignupCode { issuer: CodeIssuer::Vendor { reference, .. }, .. }) => {
                SignupSourceRef::VendorCode(reference.clone())
            }
        }
    }

    /// The firm that it connects, and on which terms.
    #[must_use]
    pub const fn connects(&self) -> Option<(&FirmId, &SignupTerms)> {
        match self {
            Self::Link(link, _) => Some((&link.firm, &link.terms)),
            Self::Code(SignupCode { issuer: CodeIssuer::Firm { firm, terms, .. }, .. }) => Some((firm, terms)),
            Self::Code(SignupCode { issuer: CodeIssuer::Vendor { .. }, .. }) => None,
        }
    }

    /// The firm's label, which only the firm sees; none for a code of the vendor.
    #[must_use]
    pub const fn firms_label(&self) -> Option<&Name> {
        match self {
            Self::Link(link, _) => link.label.as_ref(),
            Self::Code(SignupCode { issuer: CodeIssuer::Firm { .. }, label, .. }) => label.as_ref(),
            Self::Code(SignupCode { issuer: CodeIssuer::Vendor { .. }, .. }) => None,
        }
    }

    /// The firm that the signup is attributed to.
    #[must_use]
    pub const fn referrer(&self) -> Option<&FirmId> {
        match self {
            Self::Link(link, _) => Some(&link.firm),
            Self::Code(SignupCode { issuer: CodeIssuer::Firm { firm, .. }, .. }) => Some(firm),
            Self::Code(SignupCode { issuer: CodeIssuer::Vendor { referrer, .. }, .. }) => referrer.as_ref(),
        }
    }

    /// Until when and how often it can be used.
    #[must_use]
    pub const fn limits(&self) -> &SignupLimits {
        match self {
            Self::Link(link, _) => &link.limits,
            Self::Code(code) => &code.limits,
        }
    }

    /// Whether it is open now.
    ///
    /// # Errors
    /// [`Closed`].
    pub fn open(&self, now: UtcTime) -> Result<(), Closed> {
        match self {
            Self::Link(link, generation) => link.open(*generation, now),
            Self::Code(code) => code.limits.open(now),
        }
    }

    /// The same after one more registration.
    ///
    /// # Errors
    /// [`Closed`] when it is closed.
    pub fn used(&self, now: UtcTime) -> Result<Self, Closed> {
        self.open(now)?;
        Ok(match self {
            Self::Link(link, generation) => {
                let limits = link.limits.used(now)?;
                Self::Link(RegistrationLink { limits, version: link.version + 1, ..link.clone() }, *generation)
            }
            Self::Code(code) => {
                Self::Code(SignupCode { limits: code.limits.used(now)?, version: code.version + 1, ..code.clone() })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{link::tests::link, *};

    const NOW: UtcTime = UtcTime::EPOCH;

    proptest! {
        #[test]
        fn nobody_comes_through_beyond_the_limit(most in 1_u32..20, tries in 0_u32..40) {
            let mut signup_source = SignupSource::Link(link(None, Some(most)), 1);
            let mut through = 0;
            for _ in 0..tries {
                if let Ok(used) = signup_source.used(NOW) {
                    signup_source = used;
                    through += 1;
                }
            }
            prop_assert_eq!(through, tries.min(most));
        }
    }
}
