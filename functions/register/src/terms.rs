//! The terms of a link or a code as a firm sends them, and the views of both.

use api::{InContext, Problem};
use domain::{
    Grants, Name, RegistrationLinkId, SignupCodeId, UserId, UtcTime,
    referral::{Referral, ReferralState},
    signup_source::{
        BillingOwner, CodeIssuer, Creator, RegistrationLink, SignupCode, SignupLimits, SignupSourceState, SignupTerms,
        SignupTermsError,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new registration link or signup code of a firm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateSignupSource {
    /// The firm's label; newcomers do not see it.
    #[serde(default, deserialize_with = "domain::text::public_name_if_any")]
    pub(crate) label: Option<Name>,
    /// When it expires. Default, without `expires_at` and `expires_in_days`: never.
    #[serde(default)]
    expires_at: Option<UtcTime>,
    /// The number of days until it expires, 1–730.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 730)]
    expires_in_days: Option<u16>,
    /// The most registrations. Default: unlimited.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000)]
    max_uses: Option<u32>,
    /// The permissions that the firm asks for in each new company. Default: those of an accountant.
    #[serde(default)]
    permissions: Option<Grants>,
    /// Who pays for the subscription of each new company. Default: the company.
    #[serde(default)]
    billing_owner: Option<BillingOwner>,
}

impl CreateSignupSource {
    pub(crate) fn parse(self, now: UtcTime) -> Result<(Option<Name>, SignupTerms, SignupLimits), Problem> {
        let terms = SignupTerms::new(self.permissions, self.billing_owner).map_err(no_terms)?;
        let limits = signup_codes::limits(self.expires_at, self.expires_in_days, self.max_uses, now)?;
        Ok((self.label, terms, limits))
    }
}

fn no_terms(error: SignupTermsError) -> Problem {
    match error {
        SignupTermsError::NoPermissions | SignupTermsError::NotForCompanies(_) => Problem::field("permissions", error),
    }
}

pub(crate) fn creator(caller: &InContext) -> Creator {
    let claims = caller.context.claims();
    Creator { user: claims.sub.clone(), name: claims.name.clone() }
}

/// A registration link, without the link itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RegistrationLink)]
pub(crate) struct RegistrationLinkView {
    id: RegistrationLinkId,
    #[serde(flatten)]
    signup_source: SignupSourceView,
}

impl RegistrationLinkView {
    pub(crate) fn at(link: RegistrationLink, now: UtcTime) -> Self {
        let signup_source =
            SignupSourceView::at(link.label, link.terms, link.limits, link.created_at, link.created_by, now);
        Self { id: link.id, signup_source }
    }
}

/// A signup code, without the code itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignupCode)]
pub(crate) struct SignupCodeView {
    id: SignupCodeId,
    #[serde(flatten)]
    signup_source: SignupSourceView,
}

impl SignupCodeView {
    /// `None` for a code of the vendor.
    pub(crate) fn at(code: SignupCode, now: UtcTime) -> Option<Self> {
        let CodeIssuer::Firm { id, terms, created_by, .. } = code.issuer else { return None };
        Some(Self {
            id,
            signup_source: SignupSourceView::at(code.label, terms, code.limits, code.created_at, created_by, now),
        })
    }
}

/// The fields that a link and a code share.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignupSource)]
pub(crate) struct SignupSourceView {
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<Name>,
    state: SignupSourceState,
    /// The permissions that the firm asks for.
    permissions: Grants,
    billing_owner: BillingOwner,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<UtcTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_uses: Option<u32>,
    /// The number of registrations.
    uses: u32,
    created_at: UtcTime,
    created_by: UserId,
    created_by_name: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<UtcTime>,
}

impl SignupSourceView {
    fn at(
        label: Option<Name>,
        terms: SignupTerms,
        limits: SignupLimits,
        created_at: UtcTime,
        by: Creator,
        now: UtcTime,
    ) -> Self {
        Self {
            label,
            state: limits.state(now),
            permissions: terms.grants,
            billing_owner: terms.payer,
            expires_at: limits.expires_at,
            max_uses: limits.max_uses,
            uses: limits.uses,
            created_at,
            created_by: by.user,
            created_by_name: by.name,
            revoked_at: limits.revoked_at,
        }
    }
}

/// A company that registered through a link or with a code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisteredCompany {
    company: domain::CompanyId,
    /// The company's name now.
    company_name: Name,
    state: ReferralState,
    registered_at: UtcTime,
}

impl From<Referral> for RegisteredCompany {
    fn from(referral: Referral) -> Self {
        Self {
            company: referral.company,
            company_name: referral.company_name,
            state: referral.state,
            registered_at: referral.registered_at,
        }
    }
}
