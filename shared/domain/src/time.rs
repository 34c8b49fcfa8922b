//! Instants, always in UTC and always written the same way.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A UTC instant with millisecond precision.
///
/// It is always written with three fractional digits (`2026-11-21T18:19:00.000Z`), so that the
/// order of the text is the order of time: condition expressions compare the text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = DateTime)]
pub struct UtcTime(Timestamp);

/// Text that is not an RFC 3339 instant within the years 0000–9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an RFC 3339 time such as 2026-11-21T18:19:00Z")]
pub struct UtcTimeError;

/// An hour of the day by somebody's clock, 0–23.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "u8", into = "u8")]
#[schema(value_type = u8, minimum = 0, maximum = 23)]
pub struct LocalHour(u8);

/// A number that is no hour of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an hour from 0 to 23")]
pub struct LocalHourError;

impl LocalHour {
    /// Eight o'clock.
    pub const EIGHT: Self = Self(8);

    /// The hour, for [`Day::at_hour`].
    #[must_use]
    pub fn hour(self) -> i8 {
        i8::try_from(self.0).unwrap_or_default()
    }
}

impl TryFrom<u8> for LocalHour {
    type Error = LocalHourError;

    fn try_from(hour: u8) -> Result<Self, LocalHourError> {
        if hour < 24 { Ok(Self(hour)) } else { Err(LocalHourError) }
    }
}

impl From<LocalHour> for u8 {
    fn from(hour: LocalHour) -> Self {
        hour.0
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the days are their names")]
pub enum Weekday {
    #[default]
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// The hour at which reminders are sent, in the company's time zone.
pub(crate) const REMINDER_HOUR: i8 = 9;

/// The last instant this type holds, 9999-12-30T00:00:00Z: every stored time has the same width as
/// text, and jiff keeps the last day for offsets.
const LATEST_S: i64 = 253_402_128_000;
/// The first instant this type holds, 0000-01-01.
const EARLIEST_S: i64 = -62_167_219_200;

impl UtcTime {
    /// 1970-01-01T00:00:00.000Z.
    pub const EPOCH: Self = Self(Timestamp::UNIX_EPOCH);

    /// The last instant there is, 9999-12-30T00:00:00.000Z.
    pub const LATEST: Self = Self(Timestamp::constant(LATEST_S, 0));

    /// Milliseconds since 1970-01-01, clamped to the years 0000–9999.
    #[must_use]
    pub fn from_unix_ms(unix_ms: i64) -> Self {
        let clamped = unix_ms.clamp(EARLIEST_S * 1000, LATEST_S * 1000);
        Self(Timestamp::from_millisecond(clamped).unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// Whole seconds since 1970-01-01.
    #[must_use]
    pub fn unix_s(self) -> i64 {
        self.0.as_second()
    }

    /// Milliseconds since 1970-01-01.
    #[must_use]
    pub fn unix_ms(self) -> i64 {
        self.0.as_millisecond()
    }

    /// The calendar day in a time zone.
    #[must_use]
    pub fn day_in(self, zone: &Zone) -> Day {
        Day(self.0.to_zoned(zone.rules()).date())
    }

    /// This instant moved by a number of seconds, clamped to the representable range.
    #[must_use]
    pub fn plus_s(self, seconds: i64) -> Self {
        let moved = self.0.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(self.0);
        Self::from_unix_ms(moved.as_millisecond())
    }
}

impl FromStr for UtcTime {
    type Err = UtcTimeError;

    fn from_str(text: &str) -> Result<Self, UtcTimeError> {
        let parsed: Timestamp = text.parse().map_err(|_| UtcTimeError)?;
        if (EARLIEST_S..=LATEST_S).contains(&parsed.as_second()) {
            Ok(Self::from_unix_ms(parsed.as_millisecond()))
        } else {
            Err(UtcTimeError)
        }
    }
}

impl TryFrom<String> for UtcTime {
    type Error = UtcTimeError;

    fn try_from(text: String) -> Result<Self, UtcTimeError> {
        text.parse()
    }
}

impl From<UtcTime> for String {
    fn from(time: UtcTime) -> Self {
        time.to_string()
    }
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl fmt::Debug for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A calendar date without a time zone, written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, format = Date)]
pub struct Day(jiff::civil::Date);

/// Text that is not a calendar date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a date such as 2026-11-21")]
pub struct DayError;

impl Day {
    /// This day moved by a number of days; the first or last day that there is where it would lie beyond.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        let span = jiff::Span::new().try_days(days).unwrap_or_default();
        Self(self.0.saturating_add(span))
    }

    /// The same day of the month, so many months later; the last day of a month that is shorter.
    #[must_use]
    pub fn plus_months(self, months: u32) -> Self {
        let span = jiff::Span::new().try_months(months).unwrap_or_default();
        Self(self.0.saturating_add(span))
    }

    /// The same day of the month, so many months earlier; the last day of a month that is shorter.
    #[must_use]
    pub fn minus_months(self, months: u32) -> Self {
        let span = jiff::Span::new().try_months(months).unwrap_or_default();
        Self(self.0.saturating_sub(span))
    }

    /// Its day of the week.
    #[must_use]
    pub fn weekday(self) -> Weekday {
        use jiff::civil::Weekday as Known;
        match self.0.weekday() {
            Known::Monday => Weekday::Monday,
            Known::Tuesday => Weekday::Tuesday,
            Known::Wednesday => Weekday::Wednesday,
            Known::Thursday => Weekday::Thursday,
            Known::Friday => Weekday::Friday,
            Known::Saturday => Weekday::Saturday,
            Known::Sunday => Weekday::Sunday,
        }
    }

    /// The first day of its month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self(self.0.first_of_month())
    }

    /// The last day of its month.
    #[must_use]
    pub fn last_of_month(self) -> Self {
        Self(self.0.last_of_month())
    }

    /// How many days later another day is; negative for an earlier one.
    #[must_use]
    pub fn days_until(self, other: Self) -> i32 {
        self.0.until(other.0).map_or(0, |span| span.get_days())
    }

    /// How many calendar months later the month of another day is; negative for an earlier one.
    #[must_use]
    pub fn months_until(self, other: Self) -> i32 {
        let months = |day: Self| i32::from(day.0.year()) * 12 + i32::from(day.0.month());
        months(other) - months(self)
    }

    /// The instant at which clocks in a time zone show this hour (0–23) of the day. An hour that they skip is the
    /// instant after the gap as far as it lies in it, one that they show twice is the first of the two.
    #[must_use]
    pub fn at_hour(self, hour: i8, zone: &Zone) -> UtcTime {
        let time = jiff::civil::Time::new(hour, 0, 0, 0).unwrap_or_default();
        let zoned = self.0.to_datetime(time).to_zoned(zone.rules());
        zoned.map_or(UtcTime::LATEST, |zoned| UtcTime::from_unix_ms(zoned.timestamp().as_millisecond()))
    }
}

impl TryFrom<String> for Day {
    type Error = DayError;

    fn try_from(text: String) -> Result<Self, DayError> {
        let date: jiff::civil::Date = text.parse().map_err(|_| DayError)?;
        // One spelling only: the parser also takes forms, and years before 0, that would not sort as text.
        if date.year() >= 0 && date.to_string() == text { Ok(Self(date)) } else { Err(DayError) }
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.0.to_string()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// An IANA time zone name that the bundled database knows, such as `Europe/Lisbon`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String)]
pub struct Zone(String);

/// Text that is not an IANA time zone name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an IANA time zone such as Europe/Lisbon")]
pub struct ZoneError;

impl Zone {
    /// Coordinated universal time, the zone of an organisation that chose none.
    #[must_use]
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// Its rules. A zone is known when it is made, so UTC stands in for none that there is.
    pub(crate) fn rules(&self) -> jiff::tz::TimeZone {
        jiff::tz::db().get(&self.0).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

impl TryFrom<String> for Zone {
    type Error = ZoneError;

    fn try_from(text: String) -> Result<Self, ZoneError> {
        jiff::tz::db().get(&text).map(|_| Self(text)).map_err(|_| ZoneError)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_order_of_the_text_is_the_order_of_time(a in 0_i64..4_102_444_800_000, b in 0_i64..4_102_444_800_000) {
            let (a, b) = (UtcTime::from_unix_ms(a), UtcTime::from_unix_ms(b));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }
    }

    #[test]
    fn a_time_is_written_with_three_fractional_digits() {
        assert_eq!(UtcTime::from_unix_ms(0).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn an_instant_out_of_range_is_clamped_to_it() {
        assert!(UtcTime::from_unix_ms(i64::MAX).to_string().starts_with("9999-12-30"));
        assert!(UtcTime::from_unix_ms(i64::MIN).to_string().starts_with("0000-01-01"));
        assert!(UtcTime::EPOCH.plus_s(i64::MAX).to_string().starts_with("9999-12-30"));
    }

    #[test]
    fn a_date_has_one_spelling() {
        assert!(Day::try_from("2026-11-21".to_owned()).is_ok());
        for text in ["20261121", "2026-02-30", "2026-11-21T00:00", ""] {
            assert!(Day::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    fn day(text: &str) -> Day {
        Day::try_from(text.to_owned()).unwrap()
    }

    /// Proves: F14
    #[test]
    fn a_month_later_is_the_same_day_or_the_last_of_a_shorter_month() {
        for (from, months, to) in [
            ("2028-01-31", 1, "2028-02-29"),
            ("2027-01-31", 1, "2027-02-28"),
            ("2028-02-29", 12, "2029-02-28"),
            ("2028-02-29", 48, "2032-02-29"),
            ("2026-11-30", 3, "2027-02-28"),
            ("2026-12-31", 3, "2027-03-31"),
        ] {
            assert_eq!(day(from).plus_months(months), day(to), "{from} and {months} months");
        }
        for (from, until, months) in
            [("2026-10-31", "2026-11-01", 1), ("2026-10-01", "2026-10-31", 0), ("2026-11-15", "2025-12-31", -11)]
        {
            assert_eq!(day(from).months_until(day(until)), months, "{from} to {until}");
        }
        assert_eq!(day("9999-12-31").plus_days(1), day("9999-12-31"), "there is no later day");
        assert!(Day::try_from("-000001-01-01".to_owned()).is_err(), "it would sort behind later days");
    }

    /// Proves: F14
    #[test]
    fn an_hour_that_clocks_skip_or_repeat_is_one_instant() {
        let lisbon = Zone::try_from("Europe/Lisbon".to_owned()).unwrap();
        for (on, hour, at) in [
            ("2026-03-28", 9, "2026-03-28T09:00:00.000Z"),
            ("2026-03-29", 9, "2026-03-29T08:00:00.000Z"),
            ("2026-03-29", 1, "2026-03-29T01:00:00.000Z"),
            ("2026-10-25", 1, "2026-10-25T00:00:00.000Z"),
            ("2026-10-25", 2, "2026-10-25T02:00:00.000Z"),
        ] {
            assert_eq!(day(on).at_hour(hour, &lisbon).to_string(), at, "{hour} o'clock on {on}");
        }
        let apia = Zone::try_from("Pacific/Apia".to_owned()).unwrap();
        let skipped = day("2011-12-30").at_hour(9, &apia);
        assert_eq!(skipped.day_in(&apia), day("2011-12-31"), "a day that the islands left out");
    }

    proptest! {
        /// Proves: F14
        #[test]
        fn nine_oclock_of_a_day_lies_in_that_day_wherever_it_is(
            unix_s in 0_i64..4_102_444_800, zone in 0_usize..5
        ) {
            let zones = ["Europe/Lisbon", "Asia/Kolkata", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe"];
            let zone = Zone::try_from(zones[zone].to_owned()).unwrap();
            let day = UtcTime::EPOCH.plus_s(unix_s).day_in(&zone);
            // Kiritimati left out one day, 1 January 1995.
            prop_assume!(day != self::day("1994-12-31") && day != self::day("1995-01-01"));
            prop_assert_eq!(day.at_hour(9, &zone).day_in(&zone), day);
            prop_assert_eq!(day.days_until(day.plus_days(40)), 40);
        }
    }

    #[test]
    fn an_unknown_time_zone_is_refused() {
        assert!(Zone::try_from("Europe/Lisbon".to_owned()).is_ok());
        assert!(Zone::try_from("Mars/Olympus".to_owned()).is_err());
    }
}
