//! The scheduled sending of mail that waited: for the end of quiet hours, or for a digest.
//!
//! What each person may see, what they chose and what a letter is about are looked at again when it is sent.

use domain::{
    Actor, Event, EventId, Org, UtcTime,
    context::HeldContext,
    language::Reader,
    notification::{InboxEntry, MailChoice, NotificationSettings, PostponedMail, decide_mail},
    org::User,
    time::Day,
};
use mail::{Envelope, Line, letters::digest::Digest, write};
use store::{Authority, ChangeContext, StoreError};

use crate::{
    Notify,
    error::NotifyError,
    inbox::Company,
    outgoing::{Outgoing, brand, portal_link},
    send::{send_addressed, send_letters},
    send_budget::SendBudget,
};

/// A digest that SES did not take is tried again after this long, in seconds.
const TRY_AGAIN_S: i64 = 300;

/// What one run does with what waits.
struct Run<'r> {
    notify: &'r Notify,
    now: UtcTime,
    request_id: &'r str,
}

/// Sends what is due, and counts the people to whom something was sent. A run that fires twice, late, or beside another
/// finds nothing left to do, or loses the condition that what waits is as it was read.
pub(crate) async fn run(notify: &Notify, budget: &mut SendBudget, request_id: &str) -> Result<usize, StoreError> {
    let run = Run { notify, now: api::clock::now(), request_id };
    let mut people = 0;
    for due in notify.store.due_postponed_mail(run.now).await? {
        if budget.is_spent() {
            break;
        }
        match run.send(&due, budget).await {
            Ok(()) => people += 1,
            Err(NotifyError::Store(StoreError::Conflict)) => tracing::info!("what waits changed while it was sent"),
            // The next run tries again; the others do not wait for it.
            Err(error) => tracing::error!(%error, "mail that waited was not sent"),
        }
    }
    Ok(people)
}

impl Run<'_> {
    /// Sends what is due to one person. The index may lag behind, so everything is read again.
    async fn send(&self, due: &PostponedMail, budget: &mut SendBudget) -> Result<(), NotifyError> {
        let authority = Authority::System(due.org.clone());
        let of_user = self.notify.store.for_user(due.user.clone());
        let (mail, user, own) = tokio::join!(
            self.notify.store.load(&authority, self.now, |tenant| tenant.postponed_mail(&due.user)),
            of_user.profile(),
            of_user.notification_settings(),
        );
        let (Some(mail), Some(user)) = (mail?, user?) else { return Ok(()) };
        let own = own?.unwrap_or_default();
        let mail = if mail.is_held_mail_due(self.now) { self.held(mail, &user, &own, budget).await? } else { mail };
        self.digest(&mail, &user, &own, budget).await
    }

    /// Sends the letters that waited for the end of quiet hours; what waits after that. The person may have moved the
    /// quiet hours: then they wait on.
    async fn held(
        &self,
        mail: PostponedMail,
        user: &User,
        own: &NotificationSettings,
        budget: &mut SendBudget,
    ) -> Result<PostponedMail, NotifyError> {
        if let Some(end) = own.quiet_until(&user.time_zone, self.now) {
            return Ok(self.put(&mail, mail.held_until(end)).await?);
        }
        let mut failed = None;
        let mut sent: Vec<EventId> = Vec::new();
        for id in &mail.held {
            let event: Option<Event> = self.notify.store.event_by_id(&mail.org, id).await?;
            let letter = async |event: &Event, budget: &mut SendBudget| {
                send_letters(self.notify, event, Some(&mail.user), budget, self.request_id).await
            };
            match event {
                Some(event) => match letter(&event, budget).await {
                    Ok(()) => sent.push(id.clone()),
                    Err(error) => failed = Some(error),
                },
                None => sent.push(id.clone()),
            }
        }
        let left = self.put(&mail, mail.sent(&sent)).await?;
        failed.map_or(Ok(left), Err)
    }

    /// Sends the digest, if one is due. That the day has had it is written before, so no second run sends it too; one
    /// that SES does not take is put back.
    async fn digest(
        &self,
        mail: &PostponedMail,
        user: &User,
        own: &NotificationSettings,
        budget: &mut SendBudget,
    ) -> Result<(), NotifyError> {
        let Some((events, taken)) = mail.take_digest(&own.digest_time(), &user.time_zone, self.now) else {
            return Ok(());
        };
        let taken = self.put(mail, taken).await?;
        let Some(day) = taken.last_digest_on.filter(|_| !events.is_empty()) else { return Ok(()) };
        let sent = match self.letter(&taken, user, own, &events, day).await {
            Ok(Some((newest, letter))) => send_addressed(self.notify, &newest, &letter, budget, self.request_id).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = sent {
            let back = taken.put_back(&events, mail.last_digest_on, self.now.plus_s(TRY_AGAIN_S));
            self.put(&taken, back).await?;
            return Err(error);
        }
        Ok(())
    }

    /// The letter about those of the events that the person may see and still wants to hear of, with the newest of
    /// them; `None` where there are none.
    async fn letter(
        &self,
        mail: &PostponedMail,
        user: &User,
        own: &NotificationSettings,
        events: &[EventId],
        day: Day,
    ) -> Result<Option<(EventId, Outgoing)>, NotifyError> {
        let (org, store) = (&mail.org, &self.notify.store);
        let (_, held) = store.for_user(mail.user.clone()).seat_into(org, None, self.now).await?;
        let Some(HeldContext { place, grants, since, .. }) = held else { return Ok(None) };
        let authority = Authority::System(org.clone());
        let entries =
            |tenant: &store::Tenant| events.iter().map(|id| tenant.inbox_entry(&mail.user, id)).collect::<Vec<_>>();
        let people = [&mail.user];
        let (entries, company) =
            tokio::join!(store.load(&authority, self.now, entries), Company::find(self.notify, org, &people));
        let company = company?;
        let role = company.roles.first().copied().flatten();
        let wanted = |entry: &InboxEntry| {
            let decided = decide_mail(entry.kind, org, Some(own), company.settings.as_ref(), role);
            let holds = |permission| grants.contains(permission);
            decided.mail != MailChoice::None && entry.is_shown(since, self.now, holds)
        };
        let mut entries: Vec<InboxEntry> = entries?.into_iter().flatten().filter(wanted).collect();
        entries.sort_by(|one, other| other.id.as_str().cmp(one.id.as_str()));
        let Some(newest) = entries.first().map(|entry| entry.id.clone()) else { return Ok(None) };
        let path = match org {
            Org::Company(company) => format!("/companies/{company}/notifications"),
            Org::Firm(firm) => format!("/firms/{firm}/notifications"),
        };
        let letter = Digest {
            org: (&place.name).into(),
            notifications: entries.iter().map(|entry| Line::new(&entry.title)).collect(),
            link: portal_link(self.notify, &path)?,
        };
        let reader = &Reader::new(user.language.as_ref(), user.time_zone.clone());
        let envelope = Envelope { event: &newest, to: &user.email, reader, reply_to: None, unsubscribe: None };
        let message = write(&letter, &brand(self.notify), &envelope)?;
        let recipient = format!("digest.{}.{day}", mail.user);
        Ok(Some((newest, Outgoing { recipient, message, notifies: None })))
    }

    /// Writes what waits, if it is as it was read.
    async fn put(&self, before: &PostponedMail, after: PostponedMail) -> Result<PostponedMail, StoreError> {
        let actor = Actor::schedule("postponed_mail");
        let change_context = ChangeContext { at: self.now, actor, request_id: self.request_id.to_owned() };
        let authority = Authority::System(before.org.clone());
        let mut change = self.notify.store.change(&authority, change_context);
        change.put(|tenant| tenant.postponed_mail(&before.user), Some(before.version), &after);
        change.commit().await?;
        Ok(after)
    }
}
