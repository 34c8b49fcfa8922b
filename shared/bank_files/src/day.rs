//! Days and times as files write them. A bank's day is a date, never an instant: its zone is not looked at.

use domain::{UtcTime, time::Day};

use crate::error::Reason;

/// `2026-10-31`, alone, with a zone (`2026-10-31+01:00`, `2026-10-31Z`) or with a time (`2026-10-31T18:00:00`).
pub(crate) fn iso_day(text: &str) -> Result<Day, Reason> {
    let (day, rest) = text.split_at_checked(10).ok_or(Reason::NotADay)?;
    let is_followed_well = rest.is_empty() || rest.starts_with(['T', 'Z', '+', '-']);
    if is_followed_well { Day::try_from(day.to_owned()).map_err(|_| Reason::NotADay) } else { Err(Reason::NotADay) }
}

/// A time with or without a zone; without one it is taken as UTC.
pub(crate) fn iso_time(text: &str) -> Result<UtcTime, Reason> {
    let zoned = text.parse().or_else(|_| format!("{text}Z").parse());
    zoned.map_err(|_| Reason::NotATime)
}

/// The day of `20261031`, `20261031120000.000[-5:EST]`.
pub(crate) fn ofx_day(text: &str) -> Result<Day, Reason> {
    let (date, rest) = text.split_at_checked(8).ok_or(Reason::NotADay)?;
    let is_followed_well = rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_digit() || c == '[');
    let day = dashed(date, 4).ok_or(Reason::NotADay)?;
    if is_followed_well { Day::try_from(day).map_err(|_| Reason::NotADay) } else { Err(Reason::NotADay) }
}

/// The instant of `20261031120000.000[-5:EST]`. Without a zone it is UTC, as OFX says.
pub(crate) fn ofx_time(text: &str) -> Result<UtcTime, Reason> {
    let wrong = || Reason::NotATime;
    let (stamp, zone) = text.split_once('[').unwrap_or((text, "0"));
    let zone = zone.split([':', ']']).next().unwrap_or_default();
    let (date, time) = stamp.trim_end().split_at_checked(8).ok_or_else(wrong)?;
    let date = dashed(date, 4).ok_or_else(wrong)?;
    let time = time.split('.').next().unwrap_or_default();
    let part = |from: usize| if time.is_empty() { Some("00") } else { time.get(from..from + 2) };
    let (Some(hour), Some(minute)) = (part(0), part(2)) else { return Err(wrong()) };
    let second = part(4).unwrap_or("00");
    let local: UtcTime = format!("{date}T{hour}:{minute}:{second}Z").parse().map_err(|_| wrong())?;
    Ok(local.plus_s(-zone_s(zone).ok_or_else(wrong)?))
}

/// Hours ahead of UTC, perhaps with a fraction (`5.5`, `-3.30` as some write it is a fraction too), in seconds.
fn zone_s(text: &str) -> Option<i64> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, fraction) = text.split_once('.').unwrap_or((text, ""));
    let hours: i64 = hours.parse::<u8>().ok().filter(|hours| *hours <= 14)?.into();
    let hundredths: i64 = match fraction {
        "" => 0,
        fraction if fraction.len() <= 2 => format!("{fraction:0<2}").parse::<u8>().ok()?.into(),
        _ => return None,
    };
    Some(sign * (hours * 3600 + hundredths * 36))
}

/// The day of `261031`: years from 80 on are of the last century, as SWIFT says.
pub(crate) fn swift_day(text: &str) -> Result<Day, Reason> {
    let short = dashed(text, 2).ok_or(Reason::NotADay)?;
    let century = if short.as_str() < "80" { "20" } else { "19" };
    Day::try_from(format!("{century}{short}")).map_err(|_| Reason::NotADay)
}

/// `20261031` or `261031` with dashes.
fn dashed(text: &str, year_digits: usize) -> Option<String> {
    if text.len() != year_digits + 4 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = text.split_at_checked(year_digits)?;
    let (month, day) = rest.split_at_checked(2)?;
    Some(format!("{year}-{month}-{day}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown<T: ToString>(read: Result<T, Reason>) -> Option<String> {
        read.ok().map(|read| read.to_string())
    }

    #[test]
    fn the_day_is_the_banks_wherever_it_is() {
        for text in ["2026-10-31", "2026-10-31Z", "2026-10-31+13:00", "2026-10-31T23:59:59-11:00"] {
            assert_eq!(shown(iso_day(text)).as_deref(), Some("2026-10-31"), "{text}");
        }
        for text in ["20261031", "20261031120000", "20261031235959.000[-5:EST]", "20261031[+13:NZDT]"] {
            assert_eq!(shown(ofx_day(text)).as_deref(), Some("2026-10-31"), "{text}");
        }
        assert_eq!(shown(swift_day("261031")).as_deref(), Some("2026-10-31"));
        assert_eq!(shown(swift_day("991231")).as_deref(), Some("1999-12-31"));
    }

    #[test]
    fn a_day_that_the_calendar_does_not_have_is_refused() {
        for text in ["2026-02-30", "2026-13-01", "31.10.2026", "2026-10-3", "2026-10-311", "", "2026-10-3é"] {
            assert_eq!(iso_day(text), Err(Reason::NotADay), "{text}");
        }
        for text in ["20260230", "2026103", "20261031x", "2026é031"] {
            assert_eq!(ofx_day(text), Err(Reason::NotADay), "{text}");
        }
        for text in ["260230", "26103", "2é031"] {
            assert_eq!(swift_day(text), Err(Reason::NotADay), "{text}");
        }
    }

    #[test]
    fn a_time_is_an_instant() {
        for (text, at) in [
            ("2026-10-31T18:00:00+01:00", "2026-10-31T17:00:00.000Z"),
            ("2026-10-31T18:00:00.123456", "2026-10-31T18:00:00.123Z"),
        ] {
            assert_eq!(shown(iso_time(text)).as_deref(), Some(at), "{text}");
        }
        for (text, at) in [
            ("20261031", "2026-10-31T00:00:00.000Z"),
            ("202610311200", "2026-10-31T12:00:00.000Z"),
            ("20261031120000.000[-5:EST]", "2026-10-31T17:00:00.000Z"),
            ("20261031120000[5.5:IST]", "2026-10-31T06:30:00.000Z"),
        ] {
            assert_eq!(shown(ofx_time(text)).as_deref(), Some(at), "{text}");
        }
        for text in ["", "2026", "20261031250000", "20261031120000[99]", "20261031é"] {
            assert_eq!(ofx_time(text), Err(Reason::NotATime), "{text}");
        }
    }
}
