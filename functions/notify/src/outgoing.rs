//! A letter with its recipient, and the settings of all letters: the product's name, the portal's address.

use std::borrow::Cow;

use domain::{
    Event, Permission, UserId,
    mail_log::{MailRecipient, MailRecord},
    notification::Subscription,
    time::Zone,
};
use mail::{Brand, HttpUrl, Message};

use crate::{Notify, error::NotifyError};

/// A letter and its recipient.
pub(crate) struct Outgoing {
    /// The mail in the log, of which nothing is recorded yet.
    pub(crate) log: MailRecord,
    /// The message, without the link that stops such letters.
    pub(crate) message: Message,
    /// Whom it notifies of what they may see; `None` for a letter that is addressed to somebody by an act of the company
    /// or firm, which nobody chooses.
    pub(crate) notifies: Option<Notified>,
    /// Who stops such letters with a link in it, and what the link stops; `None` where nobody may refuse it.
    pub(crate) stopped_by: Option<(UserId, Subscription)>,
}

impl Outgoing {
    /// A letter about an event that is addressed to somebody.
    pub(crate) fn addressed(event: &Event, recipient: MailRecipient, message: Message) -> Self {
        Self::of(MailRecord::about(event, recipient, message.letter(), api::clock::now()), message)
    }

    /// A letter with its place in the log.
    pub(crate) fn of(log: MailRecord, message: Message) -> Self {
        let message = message.logged_as(log.name());
        Self { log, message, notifies: None, stopped_by: None }
    }

    /// The letter as a notification of somebody, who may stop such letters with a link in it, unless they are required.
    pub(crate) fn notifying(mut self, notified: Notified, subscription: Option<Subscription>) -> Self {
        self.log.needs.clone_from(&notified.needs);
        self.stopped_by = subscription.map(|subscription| (notified.user.clone(), subscription));
        self.notifies = Some(notified);
        self
    }

    /// The message as it is sent: with the link that stops such letters, where there is one.
    ///
    /// # Errors
    /// [`NotifyError`] when the link cannot be signed.
    pub(crate) async fn message(&self, notify: &Notify) -> Result<Cow<'_, Message>, NotifyError> {
        let Some((user, subscription)) = &self.stopped_by else { return Ok(Cow::Borrowed(&self.message)) };
        let token = notify.signers.preferences.sign(user, *subscription).await?;
        let link = HttpUrl::parse(&token.url(&notify.urls.public))
            .map_err(|_| NotifyError::Letter("the public address is not an URL"))?;
        Ok(Cow::Owned(self.message.clone().stopped_at(link)?))
    }
}

/// Somebody who is notified: it is in their inbox, and they choose whether it is mailed.
pub(crate) struct Notified {
    pub(crate) user: UserId,
    /// Their clock.
    pub(crate) zone: Zone,
    /// The permissions of which the reader holds one; none where the place in the company or firm is enough.
    pub(crate) needs: Vec<Permission>,
}

/// How the product is named in its letters, and their colour.
pub(crate) fn brand(notify: &Notify) -> Brand<'_> {
    Brand { product: &notify.product.name, color: notify.product.color.as_ref() }
}

/// The address of a page of the portal.
pub(crate) fn portal_link(notify: &Notify, path: &str) -> Result<HttpUrl, NotifyError> {
    HttpUrl::parse(&format!("{}{path}", notify.urls.portal))
        .map_err(|_| NotifyError::Letter("the portal's address is not an URL"))
}
