//! Referrals and subscriptions: the status of a firm's referred signups, the bonuses they earn, and who
//! pays for a company.
//!
//! Firms and companies read these and choose the payer. The vendor's own system records a referral's
//! status and payouts. It is a machine and puts each record under a stable path, so a repeated request
//! changes nothing.

mod agreements;
mod billing;
mod bonuses;
mod listed;
mod offers;
mod referred;

use api::{Api, Path};
use domain::{CompanyId, FirmId};

/// The path of one of a firm's referrals.
type OneReferred = Path<(FirmId, CompanyId)>;

api::routes! {
    state: Api;
    referred::{list_referrals, list_referrals_of, put_referral},
    agreements::{get_agreement, get_agreement_of, put_agreement},
    bonuses::{list_bonuses, put_reversal, list_bonuses_of, put_payout},
    billing::{get_billing, put_billing, get_billing_of},
    offers::{list_offers, offer_to_pay, withdraw_offer},
}
