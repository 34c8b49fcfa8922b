//! The time of a file, as MS-DOS wrote it.

const DAY_S: i64 = 86_400;
const FIRST_YEAR: i64 = 1980;
const LAST_YEAR: i64 = 2107;

/// A moment from 1980 to 2107, in steps of two seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DosTime {
    pub(crate) date: u16,
    pub(crate) time: u16,
}

impl DosTime {
    /// The moment, in UTC; the nearest that can be written for one that cannot.
    pub(crate) fn of(unix_s: i64) -> Self {
        let (year, month, day) = civil(unix_s.div_euclid(DAY_S));
        if year < FIRST_YEAR {
            return Self { date: pack(0, 1, 1, 9), time: 0 };
        }
        if year > LAST_YEAR {
            return Self { date: pack(LAST_YEAR - FIRST_YEAR, 12, 31, 9), time: pack(23, 59, 29, 11) };
        }
        let second = unix_s.rem_euclid(DAY_S);
        Self {
            date: pack(year - FIRST_YEAR, month, day, 9),
            time: pack(second / 3_600, second / 60 % 60, second % 60 / 2, 11),
        }
    }
}

/// Three numbers in 16 bits: the first from bit `high` on, the second from bit 5, the third from bit 0.
fn pack(first: i64, second: i64, third: i64, high: u32) -> u16 {
    u16::try_from((first << high) | (second << 5) | third).unwrap_or_default()
}

/// Year, month and day of the so-many-th day since 1970 in the Gregorian calendar. Years are counted from March, so
/// that a leap day is the last of its year.
fn civil(days: i64) -> (i64, i64, i64) {
    // Days since March 1 of the year 0, in eras of 400 years.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_ms_dos_did_and_the_nearest_stands_for_others() {
        let of = |unix_s| {
            let DosTime { date, time } = DosTime::of(unix_s);
            (1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2)
        };
        assert_eq!(of(1_795_939_627), (2026, 11, 29, 8, 7, 6));
        assert_eq!(of(951_782_400), (2000, 2, 29, 0, 0, 0));
        assert_eq!(of(4_107_542_399), (2100, 2, 28, 23, 59, 58), "2100 is no leap year");
        assert_eq!(of(0), (1980, 1, 1, 0, 0, 0));
        assert_eq!(of(315_532_800), (1980, 1, 1, 0, 0, 0));
        assert_eq!(of(i64::MAX / 2), (2107, 12, 31, 23, 59, 58));
    }
}
