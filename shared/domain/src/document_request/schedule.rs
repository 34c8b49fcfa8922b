//! What is due next for a request by itself: reminders before and after its due day, and the request of the next
//! period. The times are by the company's time zone.
//!
//! A schedule is kept beside its request, so that it never gets in the way of an upload or a review. It is read when
//! something is due, and what it finds then decides: a request that has its papers, or is closed, gets no reminder.

use serde::{Deserialize, Serialize};

use super::{
    event::{DocumentRequestReminded, count},
    recurrence::Recurrence,
    request::{DocumentRequest, DocumentRequestState},
    standing::Standing,
};
use crate::{
    event::{NewEvent, kinds},
    id::{CompanyId, DocumentRequestId},
    time::{REMINDER_HOUR, UtcTime, Zone},
};

/// The days of the reminders, counted from the due day: three days before, the day after, then four weeks.
const REMINDER_DAYS: [i32; 6] = [-3, 1, 8, 15, 22, 29];
/// People who were asked less than a day ago need no reminder, in seconds.
const JUST_ASKED_S: i64 = 86_400;

/// The schedule of one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestSchedule {
    /// The company.
    pub company: CompanyId,
    /// The request.
    pub request: DocumentRequestId,
    /// How many of the reminders are past.
    pub reminders_past: u8,
    /// Whether it is on record that the due day passed with papers missing.
    #[serde(default)]
    pub overdue_recorded: bool,
    /// When the next thing is due; `None` when nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<UtcTime>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// What a schedule does when its time has come.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduledStep {
    /// The schedule after it.
    pub schedule: RequestSchedule,
    /// The request after it, where it changes.
    pub request: Option<DocumentRequest>,
    /// The request of the next period with its schedule, where that is made.
    pub next: Option<(DocumentRequest, RequestSchedule)>,
    /// What happened.
    pub events: Vec<NewEvent>,
}

fn reminders(request: &DocumentRequest, zone: &Zone) -> [UtcTime; REMINDER_DAYS.len()] {
    REMINDER_DAYS.map(|days| request.due_on.plus_days(days).at_hour(REMINDER_HOUR, zone))
}

fn past(request: &DocumentRequest, zone: &Zone, by: UtcTime) -> u8 {
    count(reminders(request, zone).iter().filter(|at| **at <= by).count())
}

/// The recurrence of the request that is to be made after this one, if there is one to be made.
fn upcoming(request: &DocumentRequest) -> Option<Recurrence> {
    let goes_on = request.state != DocumentRequestState::Withdrawn && request.followed_by.is_none();
    request.recurrence.as_ref().filter(|_| goes_on).map(Recurrence::next)
}

fn next_at(request: &DocumentRequest, zone: &Zone, reminders_past: u8) -> Option<UtcTime> {
    let is_open = request.state == DocumentRequestState::Open;
    let reminder = reminders(request, zone).get(usize::from(reminders_past)).copied().filter(|_| is_open);
    let repeated = upcoming(request).map(|recurrence| recurrence.made_at(zone));
    reminder.into_iter().chain(repeated).min()
}

impl RequestSchedule {
    /// The schedule of a new request.
    #[must_use]
    pub fn of(request: &DocumentRequest, zone: &Zone) -> Self {
        let reminders_past = past(request, zone, request.asked_at.plus_s(JUST_ASKED_S));
        Self {
            company: request.company.clone(),
            request: request.id.clone(),
            reminders_past,
            overdue_recorded: false,
            next_at: next_at(request, zone, reminders_past),
            version: 1,
        }
    }

    /// The schedule after somebody changed the request. Another due day has reminders of its own.
    #[must_use]
    pub fn changed(&self, before: &DocumentRequest, after: &DocumentRequest, zone: &Zone, now: UtcTime) -> Self {
        let is_new_day = before.due_on != after.due_on;
        let reminders_past = if is_new_day { past(after, zone, now) } else { self.reminders_past };
        Self {
            reminders_past,
            overdue_recorded: self.overdue_recorded && !is_new_day,
            next_at: next_at(after, zone, reminders_past),
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// What is due at `now`, once: the step ends with the time after which the next is due. `None` if nothing is
    /// due. Of several reminders that are late, one is sent.
    ///
    /// `new_id` names the request of the next period, if this step makes it.
    #[must_use]
    pub fn step(
        &self,
        request: &DocumentRequest,
        zone: &Zone,
        standing: &Standing,
        new_id: DocumentRequestId,
        now: UtcTime,
    ) -> Option<ScheduledStep> {
        if self.next_at.is_none_or(|next_at| next_at > now) {
            return None;
        }
        let reminders_past = past(request, zone, now);
        if request.state == DocumentRequestState::Open && reminders_past > self.reminders_past {
            return Some(self.remind(request, zone, standing, reminders_past, now));
        }
        let Some(recurrence) = upcoming(request).filter(|recurrence| recurrence.made_at(zone) <= now) else {
            // The request is closed, or the company's time zone is another one by now.
            return Some(self.onwards(request, zone, self.reminders_past));
        };
        if !standing.may_repeat(request, now) {
            let (stopped, event) = request.stop_repeating();
            let step = self.onwards(&stopped, zone, self.reminders_past);
            return Some(ScheduledStep { request: Some(stopped), events: vec![event], ..step });
        }
        let (followed, next, event) = request.make_next(new_id, recurrence, now);
        let step = self.onwards(&followed, zone, self.reminders_past);
        let schedule = Self::of(&next, zone);
        Some(ScheduledStep { request: Some(followed), next: Some((next, schedule)), events: vec![event], ..step })
    }

    fn remind(
        &self,
        request: &DocumentRequest,
        zone: &Zone,
        standing: &Standing,
        reminders_past: u8,
        now: UtcTime,
    ) -> ScheduledStep {
        let step = self.onwards(request, zone, reminders_past);
        if !request.is_missing_something() {
            return step;
        }
        let overdue = now.day_in(zone) > request.due_on;
        let newly_overdue = overdue && !self.overdue_recorded;
        let reminded = || {
            let missing = count(request.missing().count());
            let data = DocumentRequestReminded { due_on: request.due_on, overdue, missing };
            request.event(kinds::DocumentRequestReminded::of(data))
        };
        let events = [
            newly_overdue.then(|| request.event(kinds::DocumentRequestOverdue::of(request.into()))),
            standing.may_remind(request, now).then(reminded),
        ];
        let schedule = Self { overdue_recorded: self.overdue_recorded || overdue, ..step.schedule };
        ScheduledStep { schedule, events: events.into_iter().flatten().collect(), ..step }
    }

    fn onwards(&self, request: &DocumentRequest, zone: &Zone, reminders_past: u8) -> ScheduledStep {
        let schedule = Self {
            reminders_past,
            next_at: next_at(request, zone, reminders_past),
            version: self.version + 1,
            ..self.clone()
        };
        ScheduledStep { schedule, request: None, next: None, events: Vec::new() }
    }
}

#[cfg(test)]
mod tests;
