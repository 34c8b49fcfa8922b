//! The record of one mail, which is also the claim on sending it.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{
    name::{MailName, MailRecipient, SubjectKey},
    step::{MailReason, MailState, MailStep, Steps},
};
use crate::{
    access::ActingAs,
    event::{Actor, Event, Subject},
    id::{EventId, FirmId, Org, UserId},
    notification::{KEPT_FOR_S, is_shown},
    permission::Permission,
    suppression::SuppressionReason,
    time::{Day, UtcTime, Zone},
};

/// The record of one mail. As long as it is waiting, somebody who claims it may send it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRecord {
    /// The company or firm that it is from.
    pub org: Org,
    /// The event that it is about; of a digest, an id that stands for its local day.
    pub event: EventId,
    /// The event's subject.
    pub subject: Subject,
    /// Who it is for.
    pub recipient: MailRecipient,
    /// The name of the letter, such as `payment-received`.
    pub letter: String,
    /// The person whose act it is about, if it was one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caused_by: Option<UserId>,
    /// The seat from which they acted; none of a person outside any seat, and of a mail recorded before seats were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    caused_from: Option<Seat>,
    /// The permissions of which the recipient holds one to see it; none where it is addressed to them.
    #[serde(default)]
    pub needs: Vec<Permission>,
    /// When it was first recorded.
    pub at: UtcTime,
    steps: Steps,
    /// The mails that it lists, if it is a digest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    listed: Vec<ListedMail>,
    /// Until when the claim on it counts, while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease_until: Option<UtcTime>,
    /// SES's id of it, once SES has accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Counts changes, for optimistic locking. Nothing is stored at 0.
    pub version: u64,
}

/// A mail that is part of a digest; the rest of its name is as the digest's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ListedMail {
    subject: SubjectKey,
    event: EventId,
}

/// A seat as events record it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seat {
    via: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    firm: Option<FirmId>,
}

impl Seat {
    /// That of a person who acted; `None` where they did so outside any.
    fn of(actor: &Actor) -> Option<Self> {
        let is_seated = actor.user.is_some() && actor.session.is_some();
        is_seated.then(|| Self { via: actor.via.clone(), firm: actor.firm.clone() })
    }

    fn is(&self, acting_as: &ActingAs) -> bool {
        self.via == acting_as.via() && self.firm.as_ref() == acting_as.firm()
    }
}

/// Whether somebody may send a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimOnMail {
    /// They may; the record with their claim.
    Won(Box<MailRecord>),
    /// It is not waiting any more: it was sent, or never will be.
    Told(MailStep),
    /// Another sender holds the claim and has not sent it yet. They may still fail, so try again later.
    Held,
}

impl MailRecord {
    /// A mail about an event that nothing is recorded of yet.
    #[must_use]
    pub fn about(event: &Event, recipient: MailRecipient, letter: &str, now: UtcTime) -> Self {
        let about = (event.org.clone(), event.id.clone(), event.subject.clone());
        let (caused_by, caused_from) = (event.actor.user.clone(), Seat::of(&event.actor));
        Self { caused_by, caused_from, ..Self::new(about, recipient, letter, now) }
    }

    /// A person's digest of a local day. Nobody caused it. Its name follows from the company or firm, the person and the day
    /// alone, so the claim on it holds whatever it lists.
    #[must_use]
    pub fn of_digest(org: &Org, user: &UserId, day: Day, letter: &str, now: UtcTime) -> Self {
        let recipient = MailRecipient::Digest { user: user.clone(), day };
        let subject = Subject { kind: "digest".to_owned(), id: recipient.to_string() };
        Self::new((org.clone(), event_of_digest(org, user, day), subject), recipient, letter, now)
    }

    /// The digest with the mails that it lists, which are to the same person from the same company or firm.
    #[must_use]
    pub fn listing(self, mails: &[MailName]) -> Self {
        let listed = |name: &MailName| ListedMail { subject: name.subject.clone(), event: name.event.clone() };
        Self { listed: mails.iter().map(listed).collect(), ..self }
    }

    /// What the mails that a digest lists are to say of it: that it did not arrive, or that it did after all. `None` where they
    /// say enough: that they were sent with it.
    #[must_use]
    pub fn step_of_listed(&self) -> Option<(Vec<MailName>, MailStep)> {
        let state = self.state();
        let was_refused = || self.steps().iter().any(|step| step.state == MailState::Failed);
        let because = |state| MailStep::because(state, MailReason::InDigest, self.state().at);
        let step = match state.state {
            MailState::Failed => state,
            MailState::Bounced => because(MailState::Bounced),
            MailState::Delivered | MailState::Complained if was_refused() => because(MailState::Delivered),
            MailState::Delivered
            | MailState::Complained
            | MailState::Queued
            | MailState::Held
            | MailState::Suppressed
            | MailState::Sent => return None,
        };
        let recipient = MailRecipient::User { id: self.recipient.user()?.clone() }.to_string();
        let name = |listed: &ListedMail| MailName {
            org: self.org.clone(),
            subject: listed.subject.clone(),
            event: listed.event.clone(),
            recipient: recipient.clone(),
        };
        let listed: Vec<MailName> = self.listed.iter().map(name).collect();
        (!listed.is_empty()).then_some((listed, step))
    }

    fn new(
        (org, event, subject): (Org, EventId, Subject),
        recipient: MailRecipient,
        letter: &str,
        now: UtcTime,
    ) -> Self {
        Self {
            org,
            event,
            subject,
            recipient,
            letter: letter.to_owned(),
            caused_by: None,
            caused_from: None,
            needs: Vec::new(),
            at: now,
            steps: Steps::default(),
            listed: Vec::new(),
            lease_until: None,
            message_id: None,
            version: 0,
        }
    }

    /// What names it.
    #[must_use]
    pub fn name(&self) -> MailName {
        MailName {
            org: self.org.clone(),
            subject: SubjectKey::of(&self.subject),
            event: self.event.clone(),
            recipient: self.recipient.to_string(),
        }
    }

    /// Its present state, since when, and why. A mail of which nothing else is known is queued.
    #[must_use]
    pub fn state(&self) -> MailStep {
        self.steps.last().copied().unwrap_or(MailStep::new(MailState::Queued, self.at))
    }

    /// Its states so far, in their order.
    #[must_use]
    pub fn steps(&self) -> &[MailStep] {
        self.steps.all()
    }

    /// Whether it may still be sent.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.state().state <= MailState::Held
    }

    /// The step when an earlier mail to the address is the reason not to send it. `notifies` says that the letter tells one of
    /// the company's or firm's people what they may see, as a digest does. Every other letter is addressed to somebody, with
    /// an account or without: it reads as if this mail had met that itself, as an invitation shows it, so whether others
    /// wrote to the address is told to nobody.
    #[must_use]
    pub const fn suppressed(&self, notifies: bool, reason: SuppressionReason, at: UtcTime) -> MailStep {
        let notifies = notifies || matches!(self.recipient, MailRecipient::Digest { .. });
        match (notifies, reason) {
            (true, SuppressionReason::Bounced) => {
                MailStep::because(MailState::Suppressed, MailReason::EarlierBounce, at)
            }
            (true, SuppressionReason::Complained) => {
                MailStep::because(MailState::Suppressed, MailReason::EarlierComplaint, at)
            }
            (false, SuppressionReason::Bounced) => MailStep::new(MailState::Bounced, at),
            (false, SuppressionReason::Complained) => MailStep::new(MailState::Complained, at),
        }
    }

    /// Claims it until `lease_until`.
    #[must_use]
    pub fn claim(&self, now: UtcTime, lease_until: UtcTime) -> ClaimOnMail {
        if !self.is_waiting() {
            return ClaimOnMail::Told(self.state());
        }
        if self.lease_until.is_some_and(|until| now < until) {
            return ClaimOnMail::Held;
        }
        let lease_until = Some(lease_until);
        ClaimOnMail::Won(Box::new(Self { lease_until, version: self.version.saturating_add(1), ..self.clone() }))
    }

    /// The same, which lists what `other` lists.
    #[must_use]
    pub fn listing_as(self, other: &Self) -> Self {
        Self { listed: other.listed.clone(), ..self }
    }

    /// With a step, and SES's id where the sender has it; `None` where that says nothing new.
    #[must_use]
    pub fn with(&self, step: MailStep, message_id: Option<&str>) -> Option<Self> {
        let steps = self.steps.with(step);
        let names_it = self.message_id.is_none() && message_id.is_some();
        if steps.is_none() && !names_it {
            return None;
        }
        Some(Self {
            steps: steps.unwrap_or_else(|| self.steps.clone()),
            message_id: self.message_id.clone().or_else(|| message_id.map(str::to_owned)),
            version: self.version.saturating_add(1),
            ..self.clone()
        })
    }

    /// Whether this record is under the same claim as another, which was won.
    #[must_use]
    pub fn is_claimed_as(&self, won: &Self) -> bool {
        self.lease_until.is_some() && self.lease_until == won.lease_until
    }

    /// Until when it is kept.
    #[must_use]
    pub fn kept_until(&self) -> UtcTime {
        self.at.plus_s(KEPT_FOR_S)
    }

    /// Whether its recipient may see it now, in the stay that began at `since` and with the permissions that they hold.
    #[must_use]
    pub fn is_shown_to_recipient(&self, since: UtcTime, now: UtcTime, holds: impl Fn(Permission) -> bool) -> bool {
        is_shown((&self.needs, self.at), since, now, holds)
    }

    /// Whether a person may see it now from a seat because they caused it from there in their stay, which began at `since`, or
    /// because they read the audit log. What they caused outside any seat is shown in each seat of theirs.
    #[must_use]
    pub fn is_shown_to_sender(
        &self,
        (user, seat): (&UserId, &ActingAs),
        since: UtcTime,
        now: UtcTime,
        reads_audit_log: bool,
    ) -> bool {
        let from_here = self.caused_from.as_ref().is_none_or(|from| from.is(seat));
        let caused = self.caused_by.as_ref() == Some(user) && from_here && since <= self.at;
        now < self.kept_until() && (caused || reads_audit_log)
    }
}

/// The id that stands in the name of a digest where that of an event does: sorted like the events at the beginning of the day.
fn event_of_digest(org: &Org, user: &UserId, day: Day) -> EventId {
    let at_ms = day.at_hour(0, &Zone::utc()).unix_ms().unsigned_abs();
    let digest = Sha256::digest(format!("{org}\n{user}\n{day}"));
    let mut id = [0; 16];
    for (byte, from) in id.iter_mut().zip(at_ms.to_be_bytes().iter().skip(2).chain(digest.iter())) {
        *byte = *from;
    }
    EventId::from_uuid(Uuid::from_bytes(id))
}

impl MailStep {
    /// What waited and is not to be sent any more.
    #[must_use]
    pub const fn no_longer_due(at: UtcTime) -> Self {
        Self::because(MailState::Suppressed, MailReason::NoLongerDue, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event::EventType, id::CompanyId, mail_log::step::tests::ALL};

    fn at(second: i64) -> UtcTime {
        UtcTime::EPOCH.plus_s(second)
    }

    fn user(name: &str) -> UserId {
        name.parse().unwrap()
    }

    fn company() -> CompanyId {
        format!("co_{:032x}", 1).parse().unwrap()
    }

    fn record() -> MailRecord {
        let org = Org::Company(company());
        MailRecord::of_digest(&org, &user("u"), day("2026-11-21"), "digest", at(10))
    }

    fn day(text: &str) -> Day {
        text.to_owned().try_into().unwrap()
    }

    /// Proves: F24, 28
    #[test]
    fn a_digest_is_named_by_person_company_and_day_alone() {
        let (here, there) = (Org::Company(company()), format!("co_{:032x}", 2).parse().unwrap());
        let name = |org: &Org, who: &str, on: &str, now: i64| {
            MailRecord::of_digest(org, &user(who), day(on), "digest", at(now)).name()
        };
        let first = name(&here, "u", "2026-11-21", 10);
        assert_eq!(name(&here, "u", "2026-11-21", 400), first, "made again after it was put back");
        let others = [
            name(&there, "u", "2026-11-21", 10),
            name(&here, "v", "2026-11-21", 10),
            name(&here, "u", "2026-11-22", 10),
        ];
        assert!(others.iter().all(|other| *other != first && other.event != first.event), "{others:?}");
        // 2026-11-21T00:00:00Z in milliseconds: the lists of mails are sorted by it.
        assert!(first.event.as_str().starts_with("ev_01a1fb671800"), "{}", first.event);
    }

    fn won(claim: ClaimOnMail) -> MailRecord {
        match claim {
            ClaimOnMail::Won(record) => *record,
            other => panic!("{other:?}"),
        }
    }

    /// Proves: 28
    #[test]
    fn one_sender_at_a_time_has_the_claim_and_nobody_once_it_was_sent() {
        let first = won(record().claim(at(10), at(20)));
        assert_eq!((first.version, first.state().state), (1, MailState::Queued));
        assert_eq!(first.claim(at(19), at(29)), ClaimOnMail::Held);
        let second = won(first.claim(at(20), at(30)));
        assert!(!second.is_claimed_as(&first), "the first sender's claim has run out");
        let sent = second.with(MailStep::new(MailState::Sent, at(21)), Some("m-1")).unwrap();
        assert!(sent.is_claimed_as(&second));
        assert_eq!(sent.claim(at(99), at(109)), ClaimOnMail::Told(MailStep::new(MailState::Sent, at(21))));
        assert_eq!(sent.with(MailStep::new(MailState::Sent, at(21)), Some("m-1")), None);
        assert!(!record().is_claimed_as(&record()), "a record without a claim is under none");
    }

    /// Proves: ML1, F10
    #[test]
    fn the_mails_of_a_digest_hear_that_it_did_not_arrive() {
        let subject = Subject { kind: "approval".to_owned(), id: "PAY-1".to_owned() };
        let listed = MailName {
            org: Org::Company(company()),
            subject: SubjectKey::of(&subject),
            event: format!("ev_{:032x}", 7).parse().unwrap(),
            recipient: "u".to_owned(),
        };
        let digest = record().listing(std::slice::from_ref(&listed));
        let after = |steps: &[MailStep]| {
            steps
                .iter()
                .fold(digest.clone(), |record, step| record.with(*step, None).unwrap_or(record))
                .step_of_listed()
        };
        let step = |state, second| MailStep::new(state, at(second));
        let sent = step(MailState::Sent, 11);
        let full = MailStep::because(MailState::Failed, MailReason::NotAccepted, at(12));
        let told = |step| Some((vec![listed.clone()], step));
        let in_digest = |state, second| told(MailStep::because(state, MailReason::InDigest, at(second)));
        for quiet in [&[sent][..], &[sent, step(MailState::Delivered, 12)], &[sent, step(MailState::Complained, 12)]] {
            assert_eq!(after(quiet), None, "{quiet:?}");
        }
        assert_eq!(after(&[sent, full]), told(full));
        assert_eq!(after(&[sent, full, step(MailState::Delivered, 13)]), in_digest(MailState::Delivered, 13));
        assert_eq!(after(&[sent, step(MailState::Bounced, 13)]), in_digest(MailState::Bounced, 13));
        let alone = record().with(full, None).unwrap();
        assert_eq!(alone.step_of_listed(), None, "a digest of which nothing is known");
    }

    /// Proves: ML2, 14
    #[test]
    fn whether_others_wrote_to_an_address_is_told_to_its_owner_alone() {
        let mut record = record();
        let step = record.suppressed(false, SuppressionReason::Complained, at(11));
        assert_eq!(step.reason, Some(MailReason::EarlierComplaint), "a digest notifies");
        assert_eq!(step.without_private_reason(), MailStep::new(MailState::Suppressed, at(11)));
        let shown = MailStep::because(MailState::Sent, MailReason::InDigest, at(11));
        assert_eq!(shown.without_private_reason(), shown);
        // A customer's contact has an account, and the company that writes to them learns no more of their address for it.
        let contact = MailRecipient::User { id: user("contact") };
        let invited = MailRecipient::Invitation { id: format!("in_{:032x}", 1).parse().unwrap(), generation: 1 };
        for (recipient, reason, state) in [
            (contact.clone(), SuppressionReason::Bounced, MailState::Bounced),
            (contact, SuppressionReason::Complained, MailState::Complained),
            (invited.clone(), SuppressionReason::Bounced, MailState::Bounced),
            (invited, SuppressionReason::Complained, MailState::Complained),
        ] {
            record.recipient = recipient;
            assert_eq!(record.suppressed(false, reason, at(11)), MailStep::new(state, at(11)));
        }
        record.recipient = MailRecipient::User { id: user("member") };
        let step = record.suppressed(true, SuppressionReason::Bounced, at(11));
        assert_eq!(step, MailStep::because(MailState::Suppressed, MailReason::EarlierBounce, at(11)));
    }

    /// Proves: 28, ML1
    #[test]
    fn what_waits_may_be_sent_and_nothing_else() {
        for state in ALL {
            let heard = record().with(MailStep::new(state, at(11)), None).unwrap();
            let may_be_sent = matches!(heard.claim(at(12), at(22)), ClaimOnMail::Won(_));
            assert_eq!(may_be_sent, state <= MailState::Held, "{state:?}");
        }
    }

    /// Proves: ML2, 9
    #[test]
    fn a_mail_is_shown_to_its_recipient_and_to_who_caused_it_in_their_stays() {
        let mut record = record();
        record.needs = vec![Permission::PaymentsView];
        record.caused_by = Some(user("actor"));
        let to_recipient = |since, now, holds: bool| record.is_shown_to_recipient(since, now, |_| holds);
        assert!(to_recipient(at(10), at(11), true));
        assert!(!to_recipient(at(10), at(11), false) && !to_recipient(at(11), at(12), true));
        assert!(!to_recipient(at(0), record.kept_until(), true));
        let seat = ActingAs::Member { company: company() };
        let to_sender =
            |who: &str, since, now, audits| record.is_shown_to_sender((&user(who), &seat), since, now, audits);
        assert!(to_sender("actor", at(10), at(11), false) && !to_sender("actor", at(11), at(12), false));
        assert!(!to_sender("u", at(0), at(11), false) && to_sender("u", at(99), at(100), true));
        assert!(!to_sender("actor", at(0), record.kept_until(), true));
    }

    /// Proves: ML2, 9
    #[test]
    fn what_a_person_caused_from_one_seat_is_not_shown_in_another_of_theirs() {
        let firm = |number: u8| -> FirmId { format!("fm_{number:032x}").parse().unwrap() };
        let (own, one) = (ActingAs::Member { company: company() }, firm(1));
        let for_firm = |firm: &FirmId| ActingAs::Bookkeeper { firm: firm.clone(), company: company() };
        let session = format!("ctx_{:032x}", 1).parse().unwrap();
        let name = "Bo Both".parse().unwrap();
        let caused = |actor: Actor| {
            let subject = Subject { kind: "invitation".to_owned(), id: "1".to_owned() };
            let invited = Event {
                id: record().event,
                kind: EventType::InvitationCreated,
                version: 1,
                at: at(10),
                org: Org::Company(company()),
                subject,
                actor,
                data: serde_json::Value::Null,
                request_id: "r".to_owned(),
            };
            MailRecord::about(&invited, MailRecipient::User { id: user("guest") }, "invitation", at(10))
        };
        let shown = |record: &MailRecord, seat: &ActingAs| {
            record.is_shown_to_sender((&user("both"), seat), at(10), at(11), false)
        };
        let seats = [own, for_firm(&one), for_firm(&firm(2)), ActingAs::FirmAdmin { firm: one, company: company() }];
        for from in &seats {
            let record = caused(Actor::in_context(&user("both"), &name, from, &session, None));
            for here in &seats {
                assert_eq!(shown(&record, here), from == here, "from {from:?}, in {here:?}");
            }
            // As it was before seats were recorded, and as of a person who accepts an invitation.
            let mut stored = serde_json::to_value(&record).unwrap();
            stored.as_object_mut().unwrap().remove("caused_from").unwrap();
            assert!(shown(&serde_json::from_value(stored).unwrap(), from));
            assert!(shown(&caused(Actor::person(user("both"), None)), from));
        }
    }
}
