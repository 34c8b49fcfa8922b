//! The place or connection that an accepted invitation gives: one file for each kind of invitation.
//!
//! Each function reads what it decides from and adds its writes to the change that accepts.

mod client;
mod contact;
mod firm;
mod member;
mod staff;

use api::ApiResult;
use domain::invitation::{Invitation, Offer};
use store::Change;

use crate::accept_context::AcceptContext;

/// Gives the acceptor what the invitation offers.
pub(crate) async fn give(context: &AcceptContext<'_>, accepted: &Invitation, change: &mut Change<'_>) -> ApiResult<()> {
    match &accepted.offer {
        Offer::Member { role, grants, .. } => member::join(context, accepted, (*role, grants), change).await,
        Offer::Staff { role, .. } => staff::join(context, accepted, *role, change).await,
        Offer::Firm { grants, .. } => firm::connect(context, accepted, grants, change).await,
        Offer::Client { firm, grants, .. } => client::connect(context, accepted, (firm, grants), change).await,
        Offer::Contact { customer, contact, .. } => {
            contact::let_in(context, accepted, (customer, contact), change).await
        }
    }
}
