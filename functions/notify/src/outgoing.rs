//! A letter with its recipient, and the settings of all letters: the product's name, the portal's address.

use mail::{Brand, HttpUrl, Message};

use crate::{Notify, error::NotifyError};

/// A letter and its recipient.
pub(crate) struct Outgoing {
    /// Names the recipient in the claim: a user id, or an invitation's id and generation.
    pub(crate) recipient: String,
    pub(crate) message: Message,
}

/// How the product is named in its letters.
pub(crate) fn brand(notify: &Notify) -> Brand<'_> {
    Brand { product: &notify.product }
}

/// The address of a page of the portal.
pub(crate) fn portal_link(notify: &Notify, path: &str) -> Result<HttpUrl, NotifyError> {
    HttpUrl::parse(&format!("{}{path}", notify.urls.portal))
        .map_err(|_| NotifyError::Letter("the portal's address is not an URL"))
}
