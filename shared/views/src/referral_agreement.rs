//! The referral agreement between the vendor and a firm.

use domain::{
    UtcTime,
    referral::{Bonus, ReferralAgreement},
};
use serde::Serialize;
use utoipa::ToSchema;

/// The bonus that a referred signup earns when it becomes paying.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReferralAgreement)]
pub struct ReferralAgreementView {
    /// Absent if the firm earns no bonus.
    #[serde(skip_serializing_if = "Option::is_none")]
    bonus: Option<Bonus>,
    /// Absent if there never was an agreement.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<UtcTime>,
}

/// The agreement.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralAgreementResponse {
    referral_agreement: ReferralAgreementView,
}

impl From<Option<ReferralAgreement>> for ReferralAgreementResponse {
    fn from(agreement: Option<ReferralAgreement>) -> Self {
        let bonus = agreement.as_ref().and_then(|agreement| agreement.bonus);
        let since = agreement.map(|agreement| agreement.since);
        Self { referral_agreement: ReferralAgreementView { bonus, since } }
    }
}
