//! Signup codes of firms and of the vendor, and their terms.

use serde::{Deserialize, Serialize};

use super::{Closed, Creator, SignupLimits, SignupSourcePayload, SignupTerms};
use crate::{
    event::{NewEvent, kinds},
    id::{FirmId, Org, SignupCodeId},
    text::{Name, Reference},
    time::UtcTime,
};

/// The issuer of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum CodeIssuer {
    /// A firm: the code connects the company with it, and the firm is the referrer.
    Firm {
        /// The firm.
        firm: FirmId,
        /// The code's id; never a secret.
        id: SignupCodeId,
        /// Its terms.
        terms: SignupTerms,
        /// The creator.
        created_by: Creator,
    },
    /// The vendor, under a reference of its own: the code connects nobody.
    Vendor {
        /// The vendor's name for it.
        reference: Reference,
        /// The firm that the signup is attributed to, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        referrer: Option<FirmId>,
    },
}

/// A code that people type in when they register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupCode {
    /// Its issuer.
    pub issuer: CodeIssuer,
    /// Its issuer's label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Name>,
    /// For how long and how often it is open.
    pub limits: SignupLimits,
    /// When it was made.
    pub created_at: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// The vendor uses a reference for another code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another code was made under this reference")]
pub struct CodeReferenceTaken;

impl SignupCode {
    /// Makes a firm's code.
    #[must_use]
    pub fn of_firm(
        id: SignupCodeId,
        firm: &FirmId,
        label: Option<Name>,
        terms: SignupTerms,
        limits: SignupLimits,
        by: Creator,
        now: UtcTime,
    ) -> (Self, NewEvent) {
        let data = SignupSourcePayload::of(label.as_ref(), &terms, &limits);
        let event = NewEvent::new(Org::Firm(firm.clone()), id.as_str(), kinds::SignupCodeCreated::of(data));
        let issuer = CodeIssuer::Firm { firm: firm.clone(), id, terms, created_by: by };
        (Self { issuer, label, limits, created_at: now, version: 1 }, event)
    }

    /// Makes a code of the vendor's. It belongs to no tenant, so no event records it; its use is recorded in the
    /// registration.
    #[must_use]
    pub fn of_vendor(
        reference: Reference,
        referrer: Option<FirmId>,
        label: Option<Name>,
        limits: SignupLimits,
        now: UtcTime,
    ) -> Self {
        Self { issuer: CodeIssuer::Vendor { reference, referrer }, label, limits, created_at: now, version: 1 }
    }

    /// Whether the vendor repeats its request for an existing code: all is the same except its uses, and an expiry
    /// that was given in days.
    ///
    /// # Errors
    /// [`CodeReferenceTaken`].
    pub fn is_again(&self, wanted: &Self) -> Result<(), CodeReferenceTaken> {
        let same = self.issuer == wanted.issuer
            && self.label == wanted.label
            && self.limits.max_uses == wanted.limits.max_uses
            && self.limits.expires_at.is_some() == wanted.limits.expires_at.is_some();
        if same { Ok(()) } else { Err(CodeReferenceTaken) }
    }

    /// The name that the code's text is derived from.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.issuer {
            CodeIssuer::Firm { id, .. } => id.to_string(),
            CodeIssuer::Vendor { reference, .. } => vendor_code_name(reference),
        }
    }

    /// The firm it belongs to; none for the vendor's.
    #[must_use]
    pub const fn firm(&self) -> Option<&FirmId> {
        match &self.issuer {
            CodeIssuer::Firm { firm, .. } => Some(firm),
            CodeIssuer::Vendor { .. } => None,
        }
    }

    /// Closes it for good. For a firm's code, an event records it in the firm.
    ///
    /// # Errors
    /// [`Closed`] when it was revoked before.
    pub fn revoke(&self, now: UtcTime) -> Result<(Self, Option<NewEvent>), Closed> {
        let revoked = Self { limits: self.limits.revoked(now)?, version: self.version + 1, ..self.clone() };
        let event = match &self.issuer {
            CodeIssuer::Firm { firm, id, terms, .. } => {
                let data = SignupSourcePayload::of(self.label.as_ref(), terms, &revoked.limits);
                Some(NewEvent::new(Org::Firm(firm.clone()), id.as_str(), kinds::SignupCodeRevoked::of(data)))
            }
            CodeIssuer::Vendor { .. } => None,
        };
        Ok((revoked, event))
    }
}

/// The name that the text of a vendor's code is derived from: no firm's code has one with a slash.
#[must_use]
pub fn vendor_code_name(reference: &Reference) -> String {
    format!("vendor/{reference}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signup_source::SignupSource;

    const NOW: UtcTime = UtcTime::EPOCH;

    #[test]
    fn a_vendor_that_asks_again_gets_the_code_that_is_there() {
        let code = |reference: &str, label: &str, days| {
            let limits = SignupLimits::new(None, days, Some(5), NOW).unwrap();
            SignupCode::of_vendor(reference.parse().unwrap(), None, Some(label.parse().unwrap()), limits, NOW)
        };
        let kept = SignupSource::Code(code("FAIR-26", "Fair", Some(3))).used(NOW).unwrap();
        let SignupSource::Code(kept) = kept else { panic!("{kept:?}") };
        assert_eq!(kept.is_again(&code("FAIR-26", "Fair", Some(3))), Ok(()));
        assert_eq!(kept.is_again(&code("FAIR-26", "Other", Some(3))), Err(CodeReferenceTaken));
        assert_eq!(kept.is_again(&code("FAIR-26", "Fair", None)), Err(CodeReferenceTaken));
    }
}
