//! The permissions that a firm asks of a company that registers, and who pays.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    permission::{Grants, Permission},
    role::MemberRole,
};

/// Who pays for a company's subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BillingOwner {
    /// The company itself.
    Company,
    /// Its firm.
    Firm,
}

impl BillingOwner {
    /// The payer as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Firm => "firm",
        }
    }
}

/// The permissions that a firm asks of a company that registers, and who pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupTerms {
    /// The most the firm will be able to do.
    pub grants: Grants,
    /// Who pays for the subscription.
    pub payer: BillingOwner,
}

/// Why a firm cannot ask for these permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignupTermsError {
    /// No permission is listed.
    #[error("must name at least one permission")]
    NoPermissions,
    /// A permission that no company has.
    #[error("permission {0} does not exist for a company")]
    NotForCompanies(Permission),
}

impl SignupTerms {
    /// The terms of a firm. It asks for the permissions of [`MemberRole::Accountant`], unless others are listed.
    ///
    /// # Errors
    /// [`SignupTermsError`].
    pub fn new(permissions: Option<Grants>, payer: Option<BillingOwner>) -> Result<Self, SignupTermsError> {
        let grants = permissions.unwrap_or_else(|| MemberRole::Accountant.preset());
        if grants.is_empty() {
            return Err(SignupTermsError::NoPermissions);
        }
        let alien = grants.iter().find(|permission| !permission.is_for_companies());
        match alien {
            Some(alien) => Err(SignupTermsError::NotForCompanies(alien)),
            None => Ok(Self { grants, payer: payer.unwrap_or(BillingOwner::Company) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firm_asks_for_what_an_accountant_does_unless_it_says_otherwise() {
        let terms = SignupTerms::new(None, None).unwrap();
        assert_eq!((terms.grants, terms.payer), (MemberRole::Accountant.preset(), BillingOwner::Company));
        assert_eq!(SignupTerms::new(Some(Grants::default()), None), Err(SignupTermsError::NoPermissions));
        let alien = [Permission::ClientsView].into_iter().collect();
        assert_eq!(
            SignupTerms::new(Some(alien), None),
            Err(SignupTermsError::NotForCompanies(Permission::ClientsView))
        );
    }
}
