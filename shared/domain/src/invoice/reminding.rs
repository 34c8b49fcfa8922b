//! Reminders of invoices that wait for payment, before and after they are due, by the company's clock.
//!
//! A company chooses on which days it reminds, counted from the due day. The reminders of a day are given once that day
//! has reached nine o'clock. A round gives those of each day since the last one: usually of one day, so that it reads
//! only the invoices that were due so many days before, or will be so many days after it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::state::{Invoice, InvoiceState};
use crate::{
    event::{NewEvent, kinds},
    id::{CompanyId, Org},
    money::Currency,
    text::{Name, Reference},
    time::{Day, REMINDER_HOUR, UtcTime, Zone},
};

/// Nobody is reminded of an invoice that was sent less than a day ago, in seconds. So an old draft that is sent late
/// brings no reminder the next morning.
const JUST_SENT_S: i64 = 86_400;

/// How far a company's reminders of invoices have come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceReminders {
    /// The company.
    pub company: CompanyId,
    /// The last day whose reminders were given.
    pub given_until: Day,
    /// When the next are due; `None` while the company reminds on no day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<UtcTime>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// The reminders of each day since the last round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderRound {
    given_until: Day,
    until: Day,
    days: Vec<i32>,
    zone: Zone,
}

/// Payload of `invoice.reminded`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvoiceReminded {
    /// The number that is printed on the invoice.
    pub number: Name,
    /// The customer.
    pub customer: Reference,
    /// What is due, in minor units of `currency`.
    pub due_minor: i64,
    /// The currency.
    pub currency: Currency,
    /// When it is due.
    pub due_on: Day,
    /// Whether that day is over.
    pub overdue: bool,
}

/// The last day that has reached nine o'clock.
fn last_day(zone: &Zone, now: UtcTime) -> Day {
    let today = now.day_in(zone);
    if today.at_hour(REMINDER_HOUR, zone) <= now { today } else { today.plus_days(-1) }
}

fn after(day: Day, zone: &Zone) -> UtcTime {
    day.plus_days(1).at_hour(REMINDER_HOUR, zone)
}

impl InvoiceReminders {
    /// How far they have come after somebody chose the days, counted from the due day; `None` when reminders are
    /// neither switched on nor off by that. What is past when they are switched on brings no reminder.
    #[must_use]
    pub fn switched(
        known: Option<&Self>,
        company: &CompanyId,
        days: &[i32],
        zone: &Zone,
        now: UtcTime,
    ) -> Option<Self> {
        let (was_on, is_on) = (known.is_some_and(|known| known.next_at.is_some()), !days.is_empty());
        (was_on != is_on).then(|| {
            let given_until = last_day(zone, now);
            Self {
                company: company.clone(),
                given_until,
                next_at: is_on.then(|| after(given_until, zone)),
                version: known.map_or(1, |known| known.version.saturating_add(1)),
            }
        })
    }

    /// The round that is due at `now`; `None` when none is. `days` are counted from the due day.
    #[must_use]
    pub fn round(&self, days: &[i32], zone: &Zone, now: UtcTime) -> Option<ReminderRound> {
        self.next_at.filter(|next_at| *next_at <= now)?;
        // The company's time zone may be another one by now: no day comes twice.
        let until = last_day(zone, now).max(self.given_until);
        Some(ReminderRound { given_until: self.given_until, until, days: days.to_vec(), zone: zone.clone() })
    }

    /// How far they have come after a round.
    #[must_use]
    pub fn after(&self, round: &ReminderRound) -> Self {
        Self {
            given_until: round.until,
            next_at: (!round.days.is_empty()).then(|| after(round.until, &round.zone)),
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }

    /// The same while a round is not finished: companies that waited less come before it is gone on with.
    #[must_use]
    pub fn put_off(&self, now: UtcTime) -> Self {
        Self { next_at: Some(now), version: self.version.saturating_add(1), ..self.clone() }
    }
}

impl ReminderRound {
    /// The due days, from the first to the last, of the invoices that have a reminder in this round: one span for each
    /// of the company's days.
    pub fn due_days(&self) -> impl Iterator<Item = (Day, Day)> {
        let days = self.days.iter().filter(|_| self.given_until < self.until);
        days.map(|days| (self.given_until.plus_days(1).plus_days(-days), self.until.plus_days(-days)))
    }

    /// The last day of the round that brings a reminder of this invoice.
    fn day_for(&self, invoice: &Invoice) -> Option<Day> {
        let begins_at = invoice.sent_at?.plus_s(JUST_SENT_S);
        let days = self.days.iter().map(|days| invoice.terms.due_on.plus_days(*days));
        let is_new = |day: &Day| {
            *day > self.given_until
                && *day <= self.until
                && invoice.reminded_on.is_none_or(|last| *day > last)
                && day.at_hour(REMINDER_HOUR, &self.zone) >= begins_at
        };
        days.filter(is_new).max()
    }
}

impl Invoice {
    /// Whether the customer is to be reminded of it: something is due, nothing of it is being paid, and no payment is
    /// disputed.
    #[must_use]
    pub fn waits_for_payment(&self) -> bool {
        let is_open = self.state == InvoiceState::Open && self.due_minor > 0;
        is_open && self.in_flight_minor() == 0 && self.disputed_minor == 0
    }

    /// Reminds of the invoice, once, however many of its days the round has. `None` when none is due, or it does not
    /// wait for payment.
    #[must_use]
    pub fn remind(&self, round: &ReminderRound) -> Option<(Self, NewEvent)> {
        let day = round.day_for(self).filter(|_| self.waits_for_payment())?;
        let reminded = Self { reminded_on: Some(day), version: self.version.saturating_add(1), ..self.clone() };
        let content = &self.terms.content;
        let data = InvoiceReminded {
            number: content.number.clone(),
            customer: content.customer.clone(),
            due_minor: self.due_minor,
            currency: content.currency,
            due_on: self.terms.due_on,
            overdue: round.until > self.terms.due_on,
        };
        let org = Org::Company(self.company.clone());
        let event = NewEvent::new(org, self.reference.as_str(), kinds::InvoiceReminded::of(data));
        Some((reminded, event))
    }
}

#[cfg(test)]
mod tests;
