//! Puts notifications into inboxes, and finds which of them are mailed.

use domain::{
    Actor, Event, MemberRole, UserId,
    notification::{InboxEntry, MailChoice, NotificationType, decide_mail},
    org::Member,
};
use store::{Attempt, Authority, ChangeContext, retry_on_conflict};

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Notified, Outgoing},
};

/// Which of these letters are mailed, in their order: by the choices as they are now, and by the place that each
/// person has now. A letter that nobody chooses is always mailed.
pub(crate) async fn mailed(notify: &Notify, event: &Event, letters: &[Outgoing]) -> Result<Vec<bool>, NotifyError> {
    let Some(kind) = NotificationType::about(event.kind) else { return Ok(vec![true; letters.len()]) };
    let people: Vec<&UserId> =
        letters.iter().filter_map(|letter| letter.notifies.as_ref()).map(|it| &it.user).collect();
    if people.is_empty() {
        return Ok(vec![true; letters.len()]);
    }
    let authority = Authority::System(event.org.clone());
    let is_company = event.org.company().is_some();
    let (own, here) = tokio::join!(
        notify.store.notification_settings(&people),
        notify.store.load(&authority, api::clock::now(), |tenant| {
            let member = |user: &&UserId| is_company.then(|| tenant.member(user));
            let settings = is_company.then(|| tenant.client_notification_settings());
            (settings, people.iter().map(member).collect::<Vec<_>>())
        }),
    );
    let (own, (client, members)) = (own?, here?);
    let client = client.flatten();
    let mut chosen = own.into_iter().zip(members).map(|(own, member)| {
        let member: Option<Member> = member.flatten();
        let role: Option<MemberRole> = member.map(|member| member.role);
        decide_mail(kind, &event.org, own.as_ref(), client.as_ref(), role).mail == MailChoice::AtOnce
    });
    // Each letter that notifies somebody has its answer among those of the people.
    let is_mailed = |letter: &Outgoing| letter.notifies.is_none() || chosen.next().unwrap_or(true);
    Ok(letters.iter().map(is_mailed).collect())
}

/// Puts a notification into the inbox of the person, once for each event: the entry and the list of unread ones are one
/// change. A repeated message finds it there.
pub(crate) async fn put(
    notify: &Notify,
    event: &Event,
    letter: &Outgoing,
    notified: &Notified,
    request_id: &str,
) -> Result<(), NotifyError> {
    let Some(kind) = NotificationType::about(event.kind) else { return Ok(()) };
    let Notified { user, needs } = notified;
    let entry = InboxEntry::of(event, user.clone(), kind, needs.clone(), letter.message.subject().to_owned());
    let authority = Authority::System(event.org.clone());
    retry_on_conflict(async || {
        let now = api::clock::now();
        let wanted = |tenant: &store::Tenant| (tenant.inbox_entry(user, &event.id), tenant.unread_notifications(user));
        let (known, unread) = notify.store.load(&authority, now, wanted).await?;
        if known.is_some() {
            return Ok(());
        }
        let expected = unread.as_ref().map(|unread| unread.version);
        let unread = unread.unwrap_or_default().with(&entry, now);
        let change_context =
            ChangeContext { at: now, actor: Actor::machine("notify"), request_id: request_id.to_owned() };
        let mut change = notify.store.change(&authority, change_context);
        change.put(|tenant| tenant.inbox_entry(user, &event.id), None, &entry);
        change.put(|tenant| tenant.unread_notifications(user), expected, &unread);
        change.commit().await?;
        Ok::<_, Attempt<NotifyError>>(())
    })
    .await
}
