//! Keys of what waits for someone at their address.

use domain::{Email, invitation::Invitation, org::User};

use super::{Listing, email_pk};
use crate::listing::Source;

/// The profiles made with an address.
pub(crate) fn people_at(email: &Email) -> Listing<User> {
    Listing::new(Source::Gsi2, email_pk(email), "USER".to_owned())
}

/// The pending invitations to an address, oldest first.
pub(crate) fn invitations_to(email: &Email) -> Listing<Invitation> {
    Listing::new(Source::Gsi2, email_pk(email), "INVITATION#".to_owned())
}
