//! Whether what a notification is about still stands when its mail is sent.

use domain::{Org, notification::InboxEntry};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use store::StoreError;

use crate::{Notify, error::NotifyError, letters};

/// How many notifications are looked at at the same time.
const AT_ONCE: usize = 10;

/// Of these notifications from one company or firm, in their order: those about which a letter would go to the same person
/// now, and the others, such as about an approval that was decided meanwhile.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn still_due(
    notify: &Notify,
    org: &Org,
    entries: Vec<InboxEntry>,
) -> Result<(Vec<InboxEntry>, Vec<InboxEntry>), StoreError> {
    let looks: Vec<_> = entries.into_iter().map(|entry| Box::pin(look_at(notify, org, entry))).collect();
    let looked_at: Vec<(bool, InboxEntry)> = stream::iter(looks).buffered(AT_ONCE).try_collect().await?;
    let (due, settled): (Vec<_>, Vec<_>) = looked_at.into_iter().partition(|(is_due, _)| *is_due);
    let entries = |looked_at: Vec<(bool, InboxEntry)>| looked_at.into_iter().map(|(_, entry)| entry).collect();
    Ok((entries(due), entries(settled)))
}

async fn look_at(notify: &Notify, org: &Org, entry: InboxEntry) -> Result<(bool, InboxEntry), StoreError> {
    Ok((is_due(notify, org, &entry).await?, entry))
}

async fn is_due(notify: &Notify, org: &Org, entry: &InboxEntry) -> Result<bool, StoreError> {
    let letters = async {
        let Some(event) = notify.store.event_by_id(org, &entry.id).await? else { return Ok(Vec::new()) };
        letters::about(notify, &event).await
    };
    match letters.await {
        Ok(letters) => {
            let notified = letters.iter().filter_map(|letter| letter.notifies.as_ref());
            Ok(notified.map(|notified| &notified.user).any(|user| *user == entry.user))
        }
        Err(NotifyError::Store(error)) if error.is_passing() => Err(error),
        // The others of the digest do not wait for it, and the person knows it from the inbox.
        Err(error) => {
            tracing::error!(event = %entry.id, %error, "it is not known whether a notification is still due");
            Ok(true)
        }
    }
}
