//! What a firm writes when it makes a link or a code, and how both are shown.

use domain::{
    Grants, Name, RegistrationLinkId, SignupCodeId, UserId, UtcTime,
    entrance::{
        EntranceState, Issuer, Limits, LimitsError, Maker, Payer, RegistrationLink, SignupCode, Terms, TermsError,
    },
    referral::{Referral, ReferralState},
};
use edge::{InContext, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new registration link or signup code of a firm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEntrance {
    /// What the firm calls it; newcomers do not see it.
    #[serde(default)]
    pub(crate) label: Option<Name>,
    /// When it closes; it stays open until it is revoked when neither this nor the days are said.
    #[serde(default)]
    expires_at: Option<UtcTime>,
    /// In how many days it closes, 1–730.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 730)]
    expires_in_days: Option<u16>,
    /// How many may register through it; any number when not said.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100_000)]
    max_uses: Option<u32>,
    /// What the firm asks to be allowed in each new company; what an accountant holds when not said.
    #[serde(default)]
    permissions: Option<Grants>,
    /// Who pays for the subscription of each new company; the company when not said.
    #[serde(default)]
    billing_owner: Option<Payer>,
}

impl NewEntrance {
    pub(crate) fn parse(self, now: UtcTime) -> Result<(Option<Name>, Terms, Limits), Problem> {
        let terms = Terms::new(self.permissions, self.billing_owner).map_err(no_terms)?;
        let limits = limits(self.expires_at, self.expires_in_days, self.max_uses, now)?;
        Ok((self.label, terms, limits))
    }
}

pub(crate) fn limits(
    expires_at: Option<UtcTime>,
    expires_in_days: Option<u16>,
    max_uses: Option<u32>,
    now: UtcTime,
) -> Result<Limits, Problem> {
    Limits::new(expires_at, expires_in_days, max_uses, now).map_err(|error| match error {
        LimitsError::TwoExpiries | LimitsError::Days => Problem::field("expires_in_days", error),
        LimitsError::Time => Problem::field("expires_at", error),
        LimitsError::Uses => Problem::field("max_uses", error),
    })
}

fn no_terms(error: TermsError) -> Problem {
    match error {
        TermsError::NoPermissions | TermsError::NotForCompanies(_) => Problem::field("permissions", error),
    }
}

pub(crate) fn maker(caller: &InContext) -> Maker {
    let claims = caller.context.claims();
    Maker { user: claims.sub.clone(), name: claims.name.clone() }
}

/// A registration link, without the link itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegistrationLinkView {
    id: RegistrationLinkId,
    #[serde(flatten)]
    entrance: EntranceView,
}

impl RegistrationLinkView {
    pub(crate) fn at(link: RegistrationLink, now: UtcTime) -> Self {
        let entrance = EntranceView::at(link.label, link.terms, link.limits, link.created_at, link.created_by, now);
        Self { id: link.id, entrance }
    }
}

/// A signup code, without the code itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignupCodeView {
    id: SignupCodeId,
    #[serde(flatten)]
    entrance: EntranceView,
}

impl SignupCodeView {
    /// `None` for a code of the vendor's.
    pub(crate) fn at(code: SignupCode, now: UtcTime) -> Option<Self> {
        let Issuer::Firm { id, terms, created_by, .. } = code.issuer else { return None };
        Some(Self { id, entrance: EntranceView::at(code.label, terms, code.limits, code.created_at, created_by, now) })
    }
}

/// What a link and a code have in common.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntranceView {
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<Name>,
    state: EntranceState,
    /// What the firm asks to be allowed.
    permissions: Grants,
    billing_owner: Payer,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<UtcTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_uses: Option<u32>,
    /// How many registered through it.
    uses: u32,
    created_at: UtcTime,
    created_by: UserId,
    created_by_name: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<UtcTime>,
}

impl EntranceView {
    fn at(label: Option<Name>, terms: Terms, limits: Limits, created_at: UtcTime, by: Maker, now: UtcTime) -> Self {
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

/// Who came through a link or a code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CameThrough {
    company: domain::CompanyId,
    /// The company's name when it registered.
    company_name: Name,
    state: ReferralState,
    registered_at: UtcTime,
}

impl From<Referral> for CameThrough {
    fn from(referral: Referral) -> Self {
        Self {
            company: referral.company,
            company_name: referral.company_name,
            state: referral.state,
            registered_at: referral.registered_at,
        }
    }
}

/// Nothing more to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeEntrance {}
