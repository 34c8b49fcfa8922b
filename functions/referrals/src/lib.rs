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
use domain::{CompanyId, FirmId};

/// The path of what the vendor keeps of one of a firm's referrals.
type OneReferred = Path<(FirmId, CompanyId)>;

api::routes! {
    state: Api;
    referred::{list_referrals, list_referrals_of, put_referral},
    agreements::{get_agreement, get_agreement_of, put_agreement},
    bonuses::{list_bonuses, put_reversal, list_bonuses_of, put_payout},
    billing::{get_billing, put_billing, get_billing_of},
    offers::{list_offers, offer_to_pay, withdraw_offer},
}
