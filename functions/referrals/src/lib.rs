//! Referrals, for the firm that made them: the status of its referred signups and the bonuses they earn. The
//! vendor's routes for them are in `vendor`.

mod agreement;
mod bonuses;
mod referrals;

use api::Api;

api::routes! {
    state: Api;
    referrals::{list_referrals},
    agreement::{get_agreement},
    bonuses::{list_bonuses},
}
