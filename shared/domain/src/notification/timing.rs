//! When a notification is mailed: quiet hours, and digests. By the clock of the person, as pure functions of time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::{Day, LocalHour, UtcTime, Weekday, Zone};

/// How far ahead the next digest is looked for, in days: a week, and the days around it.
const DIGEST_DAYS_MAX: i32 = 9;

/// Hours of the day in which nothing is mailed that can wait. They may reach over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "HoursGiven", into = "HoursGiven", deny_unknown_fields)]
pub struct QuietHours {
    /// The first quiet hour, 0–23.
    from_hour: LocalHour,
    /// The hour at which they end, 0–23.
    until_hour: LocalHour,
}

/// Quiet hours as they are given.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HoursGiven {
    from_hour: LocalHour,
    until_hour: LocalHour,
}

/// Quiet hours that begin when they end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("begin and end at different hours")]
pub struct QuietHoursError;

impl TryFrom<HoursGiven> for QuietHours {
    type Error = QuietHoursError;

    fn try_from(HoursGiven { from_hour, until_hour }: HoursGiven) -> Result<Self, QuietHoursError> {
        if from_hour == until_hour { Err(QuietHoursError) } else { Ok(Self { from_hour, until_hour }) }
    }
}

impl From<QuietHours> for HoursGiven {
    fn from(QuietHours { from_hour, until_hour }: QuietHours) -> Self {
        Self { from_hour, until_hour }
    }
}

impl QuietHours {
    /// The end of the quiet hours that `now` lies in; `None` outside of them. An hour that clocks skip is the time after
    /// the gap, one that they show twice the first of the two.
    #[must_use]
    pub fn end(&self, zone: &Zone, now: UtcTime) -> Option<UtcTime> {
        let today = now.day_in(zone);
        let wraps = i32::from(self.until_hour < self.from_hour);
        // They may have begun yesterday.
        [today.plus_days(-1), today].into_iter().find_map(|day| {
            let from = day.at_hour(self.from_hour.hour(), zone);
            let until = day.plus_days(wraps).at_hour(self.until_hour.hour(), zone);
            (from <= now && now < until).then_some(until)
        })
    }
}

/// How often a digest comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DigestCadence {
    /// Every day.
    Daily,
    /// Once a week.
    Weekly,
}

/// When a person's digests come. Default: every day at eight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DigestTime {
    /// How often.
    pub cadence: DigestCadence,
    /// At which hour of the day, 0–23.
    pub hour: LocalHour,
    /// On which day of the week, for weekly ones. Default: Monday.
    #[serde(default)]
    pub weekday: Weekday,
}

impl Default for DigestTime {
    fn default() -> Self {
        Self { cadence: DigestCadence::Daily, hour: LocalHour::EIGHT, weekday: Weekday::default() }
    }
}

impl DigestTime {
    /// The first digest that is due after an instant.
    #[must_use]
    pub fn next(&self, zone: &Zone, after: UtcTime) -> UtcTime {
        let today = after.day_in(zone);
        let is_on = |day: &Day| match self.cadence {
            DigestCadence::Daily => true,
            DigestCadence::Weekly => day.weekday() == self.weekday,
        };
        let due = (-1..=DIGEST_DAYS_MAX).map(|days| today.plus_days(days)).filter(is_on);
        due.map(|day| day.at_hour(self.hour.hour(), zone)).find(|due| *due > after).unwrap_or(UtcTime::LATEST)
    }
}

/// The local day of a digest that is sent now: what names it beside the person and the company or firm. `None` where that
/// day has had one, so that no change of the zone gives two.
#[must_use]
pub fn digest_day(last: Option<Day>, zone: &Zone, now: UtcTime) -> Option<Day> {
    let today = now.day_in(zone);
    last.is_none_or(|last| last < today).then_some(today)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::try_from(name.to_owned()).unwrap()
    }

    fn at(text: &str) -> UtcTime {
        text.parse().unwrap()
    }

    fn hour(hour: u8) -> LocalHour {
        LocalHour::try_from(hour).unwrap()
    }

    fn quiet(from: u8, until: u8) -> QuietHours {
        QuietHours { from_hour: hour(from), until_hour: hour(until) }
    }

    fn daily(hour: u8) -> DigestTime {
        DigestTime { hour: self::hour(hour), ..DigestTime::default() }
    }

    /// Proves: NT7, F14
    #[test]
    fn quiet_hours_end_by_the_persons_clock() {
        let berlin = zone("Europe/Berlin");
        for (quiet, now, end) in [
            // Over midnight.
            (quiet(22, 7), "2026-11-21T20:59:59Z", None),
            (quiet(22, 7), "2026-11-21T21:00:00Z", Some("2026-11-22T06:00:00Z")),
            (quiet(22, 7), "2026-11-22T05:59:59Z", Some("2026-11-22T06:00:00Z")),
            (quiet(22, 7), "2026-11-22T06:00:00Z", None),
            // Within a day.
            (quiet(12, 14), "2026-11-21T11:30:00Z", Some("2026-11-21T13:00:00Z")),
            (quiet(12, 14), "2026-11-21T10:30:00Z", None),
            // The night in which clocks skip two o'clock, and the one in which they show it twice.
            (quiet(22, 7), "2026-03-28T22:00:00Z", Some("2026-03-29T05:00:00Z")),
            (quiet(1, 2), "2026-03-29T00:30:00Z", Some("2026-03-29T01:00:00Z")),
            (quiet(2, 3), "2026-03-29T01:00:00Z", None),
            (quiet(1, 2), "2026-10-25T00:30:00Z", None),
            (quiet(22, 7), "2026-10-25T00:30:00Z", Some("2026-10-25T06:00:00Z")),
            (quiet(22, 7), "2028-02-28T22:00:00Z", Some("2028-02-29T06:00:00Z")),
        ] {
            assert_eq!(quiet.end(&berlin, at(now)), end.map(at), "{quiet:?} at {now}");
        }
        assert!(serde_json::from_str::<QuietHours>(r#"{"from_hour": 7, "until_hour": 7}"#).is_err());
        assert!(serde_json::from_str::<QuietHours>(r#"{"from_hour": 25, "until_hour": 7}"#).is_err());
    }

    /// Proves: NT7, F14
    #[test]
    fn the_next_digest_is_at_the_hour_by_the_persons_clock() {
        let berlin = zone("Europe/Berlin");
        let monday = DigestTime { cadence: DigestCadence::Weekly, ..daily(7) };
        for (digest, after, due) in [
            (daily(7), "2026-11-21T05:59:59Z", "2026-11-21T06:00:00Z"),
            (daily(7), "2026-11-21T06:00:00Z", "2026-11-22T06:00:00Z"),
            (daily(7), "2026-03-28T12:00:00Z", "2026-03-29T05:00:00Z"),
            (daily(2), "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
            (daily(2), "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z"),
            (daily(2), "2026-10-25T00:00:00Z", "2026-10-26T01:00:00Z"),
            (daily(7), "2028-02-28T12:00:00Z", "2028-02-29T06:00:00Z"),
            (monday, "2026-11-21T12:00:00Z", "2026-11-23T06:00:00Z"),
            (monday, "2026-11-23T06:00:00Z", "2026-11-30T06:00:00Z"),
        ] {
            assert_eq!(digest.next(&berlin, at(after)), at(due), "{digest:?} after {after}");
        }
    }

    /// Proves: NT7, F14, F24
    #[test]
    fn each_day_of_two_years_has_one_digest_in_every_zone() {
        let (first, end) = (at("2026-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"));
        for (n, name) in jiff::tz::db().available().enumerate() {
            let zone = zone(name.as_str());
            let digest = daily(u8::try_from(n % 24).unwrap());
            let mut due = digest.next(&zone, first);
            let mut day = digest_day(None, &zone, due).unwrap();
            while due < end {
                due = digest.next(&zone, due);
                let next = digest_day(Some(day), &zone, due);
                assert_eq!(next, Some(day.plus_days(1)), "{} after {day}", name.as_str());
                day = next.unwrap();
            }
        }
    }

    /// Proves: NT7
    #[test]
    fn each_week_has_one_digest_in_every_zone() {
        let (first, end) = (at("2026-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"));
        for name in jiff::tz::db().available() {
            let zone = zone(name.as_str());
            let digest = DigestTime { cadence: DigestCadence::Weekly, ..daily(2) };
            let mut due = digest.next(&zone, first);
            while due < end {
                let day = due.day_in(&zone);
                assert_eq!(day.weekday(), Weekday::Monday, "{}", name.as_str());
                due = digest.next(&zone, due);
                assert_eq!(day.days_until(due.day_in(&zone)), 7, "{} after {day}", name.as_str());
            }
        }
    }

    proptest! {
        /// Proves: NT7, F24
        #[test]
        fn a_changed_zone_gives_no_second_digest_of_a_day(
            steps in prop::collection::vec((0_usize..5, 1_i64..100_000), 1..40)
        ) {
            let zones = ["Europe/Berlin", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago"];
            let (mut now, mut last) = (at("2026-01-01T00:00:00Z"), None);
            for (zone, later_s) in steps {
                now = now.plus_s(later_s);
                if let Some(day) = digest_day(last, &self::zone(zones[zone]), now) {
                    prop_assert!(last.is_none_or(|last| last < day));
                    last = Some(day);
                }
            }
        }

        /// Proves: NT7
        #[test]
        fn quiet_hours_only_put_off(from in 0_u8..24, until in 0_u8..24, unix_s in 0_i64..4_102_444_800, berlin: bool) {
            prop_assume!(from != until);
            let zone = zone(if berlin { "Europe/Berlin" } else { "Australia/Lord_Howe" });
            let now = UtcTime::EPOCH.plus_s(unix_s);
            if let Some(end) = quiet(from, until).end(&zone, now) {
                prop_assert!(now < end && end <= now.plus_s(25 * 3600));
                prop_assert_eq!(quiet(from, until).end(&zone, end), None);
            }
        }
    }
}
