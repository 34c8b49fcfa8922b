//! Requests that repeat by the calendar.
//!
//! The due day of each period is counted from the first one, not from the one before: so a request due on the 31st
//! is due on the last day of February and on the 31st of March again.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::{Day, UtcTime, Zone};

/// The hour at which the next request is made, in the company's time zone.
const MADE_AT_HOUR: i8 = 8;

/// How often a request repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// Each month.
    Month,
    /// Every three months.
    Quarter,
}

impl Every {
    const fn months(self) -> u32 {
        match self {
            Self::Month => 1,
            Self::Quarter => 3,
        }
    }

    /// The longest time between making a request and its due day, in days: less than the shortest period, so that
    /// no request is made before the one before is due.
    const fn longest_lead_days(self) -> i32 {
        match self {
            Self::Month => 27,
            Self::Quarter => 88,
        }
    }
}

/// The recurrence of a request, and which of its periods the request is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// How often.
    pub every: Every,
    /// The due day of the first period.
    pub first_due_on: Day,
    /// The period of this request; the first is 0.
    pub period: u32,
    /// How many days before its due day a request is made.
    pub lead_days: u8,
}

impl Recurrence {
    /// A recurrence whose first request is made on one day and due on another.
    #[must_use]
    pub fn starting(every: Every, made_on: Day, due_on: Day) -> Self {
        let lead = made_on.days_until(due_on).clamp(0, every.longest_lead_days());
        Self { every, first_due_on: due_on, period: 0, lead_days: u8::try_from(lead).unwrap_or(0) }
    }

    /// The recurrence as the next period's request has it.
    #[must_use]
    pub fn next(&self) -> Self {
        Self { period: self.period.saturating_add(1), ..self.clone() }
    }

    /// The due day of its period.
    #[must_use]
    pub fn due_on(&self) -> Day {
        self.first_due_on.plus_months(self.every.months().saturating_mul(self.period))
    }

    /// When the request of its period is made.
    #[must_use]
    pub fn made_at(&self, zone: &Zone) -> UtcTime {
        self.due_on().plus_days(-i32::from(self.lead_days)).at_hour(MADE_AT_HOUR, zone)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        Day::try_from(text.to_owned()).unwrap()
    }

    fn due_days(every: Every, first: &str, periods: usize) -> Vec<String> {
        let first = Recurrence::starting(every, day(first), day(first));
        let all = std::iter::successors(Some(first), |recurrence| Some(recurrence.next()));
        all.take(periods).map(|recurrence| recurrence.due_on().to_string()).collect()
    }

    /// Proves: F14
    #[test]
    fn the_end_of_a_short_month_does_not_move_the_months_after_it() {
        let dues = due_days(Every::Month, "2027-12-31", 5);
        assert_eq!(dues, ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]);
        let dues = due_days(Every::Month, "2027-01-30", 3);
        assert_eq!(dues, ["2027-01-30", "2027-02-28", "2027-03-30"]);
        let dues = due_days(Every::Month, "2028-02-29", 13);
        assert_eq!((dues[1].as_str(), dues[12].as_str()), ("2028-03-29", "2029-02-28"));
        let dues = due_days(Every::Quarter, "2027-11-30", 3);
        assert_eq!(dues, ["2027-11-30", "2028-02-29", "2028-05-30"]);
    }

    proptest! {
        /// Proves: F14
        #[test]
        fn each_period_has_one_request_which_is_made_after_the_one_before_was_due(
            start in 0_i32..30_000, lead in 0_i32..400, is_quarterly in any::<bool>(), zone in 0_usize..3
        ) {
            let zones = ["Europe/Lisbon", "America/St_Johns", "Pacific/Kiritimati"];
            let zone = Zone::try_from(zones[zone].to_owned()).unwrap();
            let made_on = day("1995-01-02").plus_days(start);
            let every = if is_quarterly { Every::Quarter } else { Every::Month };
            let mut before = Recurrence::starting(every, made_on, made_on.plus_days(lead));
            prop_assert_eq!(before.due_on(), made_on.plus_days(lead));
            for period in 1..30 {
                let after = before.next();
                prop_assert_eq!(after.period, period);
                let month = |day: Day| day.to_string()[..7].to_owned();
                prop_assert!(month(after.due_on()) > month(before.due_on()));
                prop_assert!(after.made_at(&zone).day_in(&zone) > before.due_on());
                prop_assert!(after.made_at(&zone).day_in(&zone) <= after.due_on());
                before = after;
            }
        }
    }
}
