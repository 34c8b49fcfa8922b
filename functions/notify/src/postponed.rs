//! The scheduled sending of mail that waited: for the end of quiet hours, or for a digest.
//!
//! What each person may see, what they chose and what a letter is about are looked at again when it is sent.

use domain::{
    Actor, Event, EventId, Org, UtcTime,
    context::HeldContext,
    event::Subject,
    language::Reader,
    mail_log::{MailName, MailRecipient, MailRecord, MailStep, SubjectKey},
    notification::{
        InboxEntry, MailChoice, NotificationSettings, PostponedMail, Subscription, TakenDigest, decide_mail,
    },
    org::User,
};
use mail::{Envelope, Letter as _, Line, letters::digest::Digest, write};
use store::{Authority, ChangeContext, StoreError};

use crate::{
    Notify,
    error::NotifyError,
    inbox::Company,
    outgoing::{Outgoing, brand, portal_link},
    send::{send_addressed, send_letters},
    send_budget::SendBudget,
    still_due::still_due,
};

/// A digest that SES did not take is tried again after this long, in seconds.
const TRY_AGAIN_S: i64 = 300;
/// How long one run has a digest for itself, in seconds: longer than the claim on its mail, so that the next run finds that
/// claim run out.
const TAKEN_FOR_S: i64 = 300;

/// What one run does with what waits.
struct Run<'r> {
    notify: &'r Notify,
    now: UtcTime,
    request_id: &'r str,
}

/// A digest, and the letters that waited for it by their names in the mail log.
struct DigestLetter {
    /// The digest; `None` where nothing is left to list.
    letter: Option<Outgoing>,
    /// Those that it lists.
    listed: Vec<MailName>,
    /// Those that it does not list any more.
    left_out: Vec<MailName>,
}

/// The name in the mail log of a letter that waits for a person.
fn name_of(mail: &PostponedMail, event: &EventId, subject: &Subject) -> MailName {
    MailName {
        org: mail.org.clone(),
        subject: SubjectKey::of(subject),
        event: event.clone(),
        recipient: MailRecipient::User { id: mail.user.clone() }.to_string(),
    }
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
        let mut ended = Vec::new();
        for id in &mail.held {
            let event: Option<Event> = self.notify.store.event_by_id(&mail.org, id).await?;
            let letter = async |event: &Event, budget: &mut SendBudget| {
                send_letters(self.notify, event, Some(&mail.user), budget, self.request_id).await
            };
            match event {
                Some(event) => match letter(&event, budget).await {
                    Ok(()) => {
                        sent.push(id.clone());
                        ended.push((name_of(&mail, id, &event.subject), MailStep::no_longer_due(self.now)));
                    }
                    Err(error) => failed = Some(error),
                },
                None => sent.push(id.clone()),
            }
        }
        // Those that were sent are not waiting any more.
        self.notify.store.end_waiting_mails(&ended).await?;
        let left = self.put(&mail, mail.sent(&sent)).await?;
        failed.map_or(Ok(left), Err)
    }

    /// Sends the digest, if one is due. That the day has had it and which events it lists is written before, so no second run
    /// sends it too, and the next finishes it where this one dies: if SES has taken it, by what the mail log says. One that SES
    /// does not take is tried again, as it is.
    async fn digest(
        &self,
        mail: &PostponedMail,
        user: &User,
        own: &NotificationSettings,
        budget: &mut SendBudget,
    ) -> Result<(), NotifyError> {
        let until = self.now.plus_s(TAKEN_FOR_S);
        let Some(mail_after) = mail.take_digest(&own.digest_time(), &user.time_zone, self.now, until) else {
            return Ok(());
        };
        let mail = self.put(mail, mail_after).await?;
        let Some(taken) = &mail.taken else { return Ok(()) };
        let sent = match self.letter(&mail, user, own, taken).await {
            Ok(digest) => self.send_digest(digest, budget).await,
            Err(error) => Err(error),
        };
        match sent {
            // Where the table does not answer, the next run finds that the digest was sent, and records it. A record that
            // cannot be read stops no later digest.
            Ok(ended) => match self.notify.store.end_waiting_mails(&ended).await {
                Err(error) if error.is_passing() => return Err(error.into()),
                Err(error) => tracing::error!(user = %mail.user, %error, "mails of a digest stay on record as waiting"),
                Ok(()) => {}
            },
            Err(error) => {
                self.put(&mail, mail.try_again(self.now.plus_s(TRY_AGAIN_S))).await?;
                return Err(error);
            }
        }
        self.put(&mail, mail.digest_done()).await?;
        Ok(())
    }

    /// Sends a digest. Returns how the waiting of each letter ends that waited for it.
    async fn send_digest(
        &self,
        digest: DigestLetter,
        budget: &mut SendBudget,
    ) -> Result<Vec<(MailName, MailStep)>, NotifyError> {
        let mut ended: Vec<(MailName, MailStep)> =
            digest.left_out.into_iter().map(|name| (name, MailStep::no_longer_due(self.now))).collect();
        if let Some(letter) = digest.letter {
            let step = send_addressed(self.notify, &letter, budget, self.request_id).await?.of_each_in_digest();
            ended.extend(digest.listed.into_iter().map(|name| (name, step)));
        }
        Ok(ended)
    }

    /// The letter about those of the events that the person may see and still wants to hear of.
    async fn letter(
        &self,
        mail: &PostponedMail,
        user: &User,
        own: &NotificationSettings,
        TakenDigest { events, day, .. }: &TakenDigest,
    ) -> Result<DigestLetter, NotifyError> {
        let (org, store) = (&mail.org, &self.notify.store);
        let (_, held) = store.for_user(mail.user.clone()).seat_into(org, None, self.now).await?;
        let authority = Authority::System(org.clone());
        let entries =
            |tenant: &store::Tenant| events.iter().map(|id| tenant.inbox_entry(&mail.user, id)).collect::<Vec<_>>();
        let people = [&mail.user];
        let (entries, company) =
            tokio::join!(store.load(&authority, self.now, entries), Company::find(self.notify, org, &people));
        let entries = entries?.into_iter().flatten();
        let name = |entry: &InboxEntry| name_of(mail, &entry.id, &entry.subject);
        let Some(HeldContext { place, grants, since, .. }) = held else {
            return Ok(DigestLetter {
                letter: None,
                listed: Vec::new(),
                left_out: entries.map(|it| name(&it)).collect(),
            });
        };
        let company = company?;
        let role = company.roles.first().copied().flatten();
        let wanted = |entry: &InboxEntry| {
            let decided = decide_mail(entry.kind, org, Some(own), company.settings.as_ref(), role);
            let holds = |permission| grants.contains(permission);
            decided.mail != MailChoice::None && entry.is_shown(since, self.now, holds)
        };
        let (entries, left_out): (Vec<InboxEntry>, Vec<InboxEntry>) = entries.partition(wanted);
        let (mut entries, settled) = still_due(self.notify, org, entries).await?;
        let left_out = left_out.iter().chain(&settled).map(name).collect();
        if entries.is_empty() {
            return Ok(DigestLetter { letter: None, listed: Vec::new(), left_out });
        }
        entries.sort_by(|one, other| other.id.as_str().cmp(one.id.as_str()));
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
        let listed: Vec<MailName> = entries.iter().map(name).collect();
        let log = MailRecord::of_digest(org, &mail.user, *day, letter.name(), self.now).listing(&listed);
        let envelope = Envelope { event: &log.event, to: &user.email, reader, reply_to: None };
        let message = write(&letter, &brand(self.notify), &envelope)?;
        let stopped_by = Some((mail.user.clone(), Subscription::Digests));
        let letter = Some(Outgoing { stopped_by, ..Outgoing::of(log, message) });
        Ok(DigestLetter { letter, listed, left_out })
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
