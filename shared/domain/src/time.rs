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

impl TryFrom<String> for Day {
    type Error = DayError;

    fn try_from(text: String) -> Result<Self, DayError> {
        let date: jiff::civil::Date = text.parse().map_err(|_| DayError)?;
        // One spelling only: the parser also takes forms that would not sort as text.
        if date.to_string() == text { Ok(Self(date)) } else { Err(DayError) }
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
    fn rules(&self) -> jiff::tz::TimeZone {
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

    #[test]
    fn an_unknown_time_zone_is_refused() {
        assert!(Zone::try_from("Europe/Lisbon".to_owned()).is_ok());
        assert!(Zone::try_from("Mars/Olympus".to_owned()).is_err());
    }
}
