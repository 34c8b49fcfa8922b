//! The portal of a company's customers, for the contacts there. Every route acts for one customer, whose contact the
//! caller is; what belongs to another customer of the same company does not exist here.

mod home;
mod leaving;

use api::Api;

api::routes! {
    state: Api;
    home::{show_customer_portal},
    leaving::{leave_customer_portal},
}
