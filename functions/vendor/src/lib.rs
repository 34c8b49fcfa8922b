//! The routes of the vendor's own system: signup codes of the vendor, firms' referrals, bonuses and payouts, and
//! who pays for a company.
//!
//! The caller is a machine. It puts each record under a stable path, so a repeated request changes nothing. A
//! code is derived when it is shown and never stored.

mod agreements;
mod billing;
mod bonuses;
mod referrals;
mod signup_codes;

use api::{Api, ConfigError, Path, env_var};
use domain::{CompanyId, FirmId};
use links::RegistrationSigner;
use store::SdkConfig;

/// The state that the handlers share.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    /// Derives the vendor's signup codes.
    signer: RegistrationSigner,
}

impl App {
    /// Makes the client of KMS.
    ///
    /// # Errors
    /// [`ConfigError`] for `REGISTRATION_KEY_ID`.
    pub fn from_environment(api: Api, config: &SdkConfig) -> Result<Self, ConfigError> {
        let signer = RegistrationSigner::new(aws_sdk_kms::Client::new(config), env_var("REGISTRATION_KEY_ID")?);
        Ok(Self { api, signer })
    }
}

/// The path of one of a firm's referrals.
type OneReferral = Path<(FirmId, CompanyId)>;

api::routes! {
    state: App;
    signup_codes::{put_vendor_code, get_vendor_code, revoke_vendor_code},
    agreements::{get_agreement_of, put_agreement},
    referrals::{list_referrals_of, put_referral},
    bonuses::{list_bonuses_of, put_reversal, put_payout},
    billing::{get_billing_of},
}
