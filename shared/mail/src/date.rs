//! Dates as people read them.

use domain::{Locale, UtcTime, time::Day};

/// `28 November 2026, 14:30 UTC`: the recipient may be anywhere, and an invitee has no time zone yet.
pub(crate) fn date_and_time(at: UtcTime) -> String {
    date_and_time_as_in(None, at)
}

/// The same, as the region of a language writes it: `November 28, 2026, 14:30 UTC` in the United
/// States.
pub(crate) fn date_and_time_as_in(locale: Option<&Locale>, at: UtcTime) -> String {
    // Every `UtcTime` is within jiff's range.
    let at = jiff::Timestamp::from_second(at.unix_s()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let month_first = locale.and_then(Locale::region) == Some("US");
    at.strftime(if month_first { "%B %-d, %Y, %H:%M UTC" } else { "%-d %B %Y, %H:%M UTC" }).to_string()
}

/// `10 November 2026`.
pub(crate) fn day(day: Day) -> String {
    let written = day.to_string();
    let date: Result<jiff::civil::Date, _> = written.parse();
    date.map_or(written, |date| date.strftime("%-d %B %Y").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_out() {
        assert_eq!(day(Day::try_from("2026-11-01".to_owned()).unwrap()), "1 November 2026");
    }

    #[test]
    fn a_date_is_written_as_in_the_readers_region() {
        let locale = |tag: &str| Locale::try_from(tag.to_owned()).unwrap();
        for (tag, date) in [("en-US", "November 28, 2026, 14:30 UTC"), ("en-GB", "28 November 2026, 14:30 UTC")] {
            assert_eq!(date_and_time_as_in(Some(&locale(tag)), "2026-11-28T14:30:00Z".parse().unwrap()), date);
        }
    }
}
