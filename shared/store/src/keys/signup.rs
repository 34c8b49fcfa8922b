//! Keys of registration links and signup codes.

use domain::{
    Org, RegistrationLinkId, SignupCodeId,
    signup_source::{CodeDigest, CodeIssuer, RegistrationLink, SignupCode},
};

use super::{
    key::Key,
    parts::key_parts,
    template::{Gsi1, Single},
    tenant::{FIRM, Tenant},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(RegistrationLinkId, SignupCodeId, CodeDigest);

const LINK: Single<RegistrationLink, RegistrationLinkId> = Single::new("REGISTRATIONLINK");
const LINK_OF_FIRM: Gsi1<RegistrationLink, Org, RegistrationLinkId> = Gsi1::new("REGISTRATIONLINK");
/// A code is kept under its digest: the code itself stands nowhere.
const CODE: Single<SignupCode, CodeDigest> = Single::new("SIGNUPCODE");
const CODE_OF_FIRM: Gsi1<SignupCode, Org, SignupCodeId> = Gsi1::new("SIGNUPCODE");

/// A registration link by the id in its token.
pub(crate) fn registration_link(id: &RegistrationLinkId) -> Key<RegistrationLink> {
    LINK.key(id)
}

/// A signup code by the digest of its text.
pub(crate) fn signup_code(digest: &CodeDigest) -> Key<SignupCode> {
    CODE.key(digest)
}

impl Tenant {
    /// Any registration link by its id. Links are addressed by id alone, since a token carries
    /// nothing else: compare its firm with this tenant before use.
    #[must_use]
    pub fn registration_link(&self, id: &RegistrationLinkId) -> Key<RegistrationLink> {
        registration_link(id)
    }

    /// The firm's registration links, newest first.
    #[must_use]
    pub fn registration_links(&self) -> Listing<RegistrationLink> {
        LINK_OF_FIRM.list(self.pk(), ()).newest_first()
    }

    /// Any signup code by the digest of its text: compare its firm with this tenant before use.
    #[must_use]
    pub fn signup_code(&self, digest: &CodeDigest) -> Key<SignupCode> {
        signup_code(digest)
    }

    /// The firm's signup codes, newest first.
    #[must_use]
    pub fn signup_codes(&self) -> Listing<SignupCode> {
        CODE_OF_FIRM.list(self.pk(), ()).newest_first()
    }
}

impl Entity for RegistrationLink {
    const ENTITY: &'static str = "registration_link";

    fn indexes(&self) -> Indexes {
        LINK_OF_FIRM.entry(FIRM.pk(&self.firm), &self.id).into()
    }
}

impl Entity for SignupCode {
    const ENTITY: &'static str = "signup_code";

    fn indexes(&self) -> Indexes {
        match &self.issuer {
            CodeIssuer::Firm { firm, id, .. } => CODE_OF_FIRM.entry(FIRM.pk(firm), id).into(),
            // The vendor knows its codes by its own references.
            CodeIssuer::Vendor { .. } => Indexes::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_in_no_key_of_the_table() {
        let key = signup_code(&CodeDigest::new([0xab; 32]));
        assert_eq!(key.raw.pk, format!("SIGNUPCODE#{}", "ab".repeat(32)));
    }
}
