//! Puts notifications into inboxes, and finds when they are mailed.

use domain::{
    Actor, Event, MemberRole, Org, UserId, UtcTime,
    mail_log::{MailReason, MailState, MailStep},
    notification::{
        ClientNotificationSettings, InboxEntry, MailTime, NotificationType, PostponedMail, decide_mail, mail_time,
    },
    org::Member,
};
use store::{Attempt, Authority, ChangeContext, StoreError, retry_on_conflict};

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Notified, Outgoing},
};

/// What a company's settings and its people's roles say about mail; nothing for a firm.
pub(crate) struct Company {
    pub(crate) settings: Option<ClientNotificationSettings>,
    /// The roles of the people that were asked for, in their order; `None` for who is no member.
    pub(crate) roles: Vec<Option<MemberRole>>,
}

impl Company {
    /// Those of a company and these people: one strongly consistent read.
    pub(crate) async fn find(notify: &Notify, org: &Org, people: &[&UserId]) -> Result<Self, StoreError> {
        if org.company().is_none() {
            return Ok(Self { settings: None, roles: vec![None; people.len()] });
        }
        let authority = Authority::System(org.clone());
        let wanted = |tenant: &store::Tenant| {
            let members: Vec<_> = people.iter().map(|user| tenant.member(user)).collect();
            (tenant.client_notification_settings(), members)
        };
        let (settings, members) = notify.store.load(&authority, api::clock::now(), wanted).await?;
        let role = |member: Option<Member>| member.map(|member| member.role);
        Ok(Self { settings, roles: members.into_iter().map(role).collect() })
    }
}

/// When each of these letters is mailed, in their order: by the choices as they are now, and by the place that each
/// person has now. A letter that nobody chooses is mailed now.
pub(crate) async fn times(notify: &Notify, event: &Event, letters: &[Outgoing]) -> Result<Vec<MailTime>, NotifyError> {
    let Some(kind) = NotificationType::about(event.kind) else { return Ok(vec![MailTime::Now; letters.len()]) };
    let notified: Vec<&Notified> = letters.iter().filter_map(|letter| letter.notifies.as_ref()).collect();
    let people: Vec<&UserId> = notified.iter().map(|notified| &notified.user).collect();
    if people.is_empty() {
        return Ok(vec![MailTime::Now; letters.len()]);
    }
    let (own, company) =
        tokio::join!(notify.store.notification_settings(&people), Company::find(notify, &event.org, &people));
    let (own, Company { settings, roles }) = (own?, company?);
    let now = api::clock::now();
    let mut chosen = notified.into_iter().zip(own.into_iter().zip(roles)).map(|(notified, (own, role))| {
        let decided = decide_mail(kind, &event.org, own.as_ref(), settings.as_ref(), role);
        mail_time(kind, decided.mail, &own.unwrap_or_default(), &notified.zone, now)
    });
    // Each letter that notifies somebody has its answer among those of the people.
    let time = |letter: &Outgoing| match letter.notifies {
        Some(_) => chosen.next().unwrap_or(MailTime::Now),
        None => MailTime::Now,
    };
    Ok(letters.iter().map(time).collect())
}

/// Puts a notification into the inbox of the person, once for each event, and among what waits where it is mailed
/// later: the entry, the list of unread ones and what waits are one change. A repeated message finds it there. What waits
/// is in the mail log too. Returns whether it may be mailed now: not where the person had chosen, when it came, that it is not
/// mailed.
pub(crate) async fn put(
    notify: &Notify,
    event: &Event,
    (letter, time): (&Outgoing, MailTime),
    notified: &Notified,
    request_id: &str,
) -> Result<bool, NotifyError> {
    let is_now = matches!(time, MailTime::Now);
    let Some(kind) = NotificationType::about(event.kind) else { return Ok(is_now) };
    let Notified { user, needs, .. } = notified;
    let entry =
        InboxEntry::of(event, user.clone(), kind, needs.clone(), letter.message.subject().to_owned()).mailed(time);
    let authority = Authority::System(event.org.clone());
    let (waits, never_mailed) = retry_on_conflict(async || {
        let now = api::clock::now();
        let waits = matches!(time, MailTime::Held(_) | MailTime::InDigest(_));
        let (known, unread, waiting) = notify
            .store
            .load(&authority, now, |tenant| {
                let waiting = waits.then(|| tenant.postponed_mail(user));
                (tenant.inbox_entry(user, &event.id), tenant.unread_notifications(user), waiting)
            })
            .await?;
        let known: Option<InboxEntry> = known;
        let never_mailed = known.as_ref().unwrap_or(&entry).never_mailed;
        let waiting: Option<PostponedMail> = waiting.flatten();
        let waiting_before = waiting.as_ref().map(|waiting| waiting.version);
        let waiting = waiting.unwrap_or_else(|| PostponedMail::none(event.org.clone(), user.clone()));
        let waited = waiting.waits(&event.id);
        let waiting = waiting.with(&event.id, time, known.is_none());
        let waits = waiting.as_ref().map_or(waited, |waiting| waiting.waits(&event.id));
        let change_context =
            ChangeContext { at: now, actor: Actor::machine("notify"), request_id: request_id.to_owned() };
        let mut change = notify.store.change(&authority, change_context);
        if known.is_none() {
            let unread_before = unread.as_ref().map(|unread| unread.version);
            let unread = unread.unwrap_or_default().with(&entry, now);
            change.put(|tenant| tenant.inbox_entry(user, &event.id), None, &entry);
            change.put(|tenant| tenant.unread_notifications(user), unread_before, &unread);
        }
        match &waiting {
            Some(waiting) => change.put(|tenant| tenant.postponed_mail(user), waiting_before, waiting),
            // A transaction without a write is none.
            None if known.is_some() => return Ok((waits, never_mailed)),
            None => {}
        }
        change.commit().await?;
        Ok::<_, Attempt<NotifyError>>((waits, never_mailed))
    })
    .await?;
    if let Some(step) = waiting_since(time, api::clock::now()).filter(|_| waits) {
        notify.store.record_waiting_mail(&letter.log, step).await?;
    }
    Ok(is_now && !never_mailed)
}

/// The state in the mail log of a letter that is mailed later.
fn waiting_since(time: MailTime, now: UtcTime) -> Option<MailStep> {
    match time {
        MailTime::Now | MailTime::Never => None,
        MailTime::Held(_) => Some(MailStep::new(MailState::Held, now)),
        MailTime::InDigest(_) => Some(MailStep::because(MailState::Queued, MailReason::InDigest, now)),
    }
}
