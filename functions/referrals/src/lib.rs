//! Referrals and subscriptions: what a firm's signups become, what they earn the firm, and who pays
//! for a company.
//!
//! The firm and the company look and choose; the vendor's own system says what a signup became and
//! what was paid. It is a machine, and names what it records by what it is for: to send the same
//! again changes nothing.

mod agreements;
mod billing;
mod bonuses;
mod listed;
mod offers;
mod referred;

use api::{Api, Path};
use domain::{CompanyId, FirmId, Org};
use store::Authority;

/// The path of what the vendor keeps of one of a firm's referrals.
type OneReferred = Path<(FirmId, CompanyId)>;

/// The vendor, in a firm that exists.
const fn in_firm(firm: FirmId) -> Authority {
    Authority::Vendor(Org::Firm(firm))
}

api::routes! {
    state: Api;
    get "/v1/referrals" => referred::list_referrals,
    get "/v1/referral-agreement" => agreements::get_agreement,
    get "/v1/bonuses" => bonuses::list_bonuses,
    get "/v1/billing" => billing::get_billing,
    put "/v1/billing" => billing::put_billing,
    get "/v1/billing-offers" => offers::list_offers,
    put "/v1/billing-offers/{company}" => offers::offer_to_pay,
    delete "/v1/billing-offers/{company}" => offers::withdraw_offer,
    get "/v1/vendor/firms/{firm}/referral-agreement" => agreements::get_agreement_of,
    put "/v1/vendor/firms/{firm}/referral-agreement" => agreements::put_agreement,
    get "/v1/vendor/firms/{firm}/referrals" => referred::list_referrals_of,
    put "/v1/vendor/firms/{firm}/referrals/{company}" => referred::put_referral,
    put "/v1/vendor/firms/{firm}/referrals/{company}/reversal" => bonuses::put_reversal,
    get "/v1/vendor/firms/{firm}/bonuses" => bonuses::list_bonuses_of,
    put "/v1/vendor/firms/{firm}/payouts/{reference}" => bonuses::put_payout,
    get "/v1/vendor/companies/{company}/billing" => billing::get_billing_of,
}
