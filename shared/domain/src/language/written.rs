//! Numbers, amounts of money and dates, as a reader writes them.
//!
//! Numbers are written by the Unicode CLDR's rules of the reader's language and region, through ICU4X. Money and dates
//! have the few patterns that our languages need (decision 89 says why).

use icu_decimal::{DecimalFormatter, input::Decimal};

use super::{Language, Reader};
use crate::{
    money::{Currency, Money},
    report::Month,
    time::{Day, UtcTime, Zone},
};

/// The space between an amount and its currency, where a line does not break.
const NO_BREAK: char = '\u{a0}';

/// What stands before a number or after it.
enum Place {
    /// `€10.50`, `CHF 10.50`.
    Before,
    /// `€ 10,50`.
    BeforeWithSpace,
    /// `10,50 €`.
    After,
}

impl Reader {
    /// A number: `1,234`.
    #[must_use]
    pub fn number(&self, number: u64) -> String {
        self.decimal(Decimal::from(number), &number.to_string())
    }

    /// Whether a count takes the singular: one does, and in French none does too.
    #[must_use]
    pub const fn is_one(&self, count: usize) -> bool {
        count == 1 || (count == 0 && matches!(self.language(), Language::French))
    }

    /// An amount of money: `€1,234.56`, `1.234,56 €`.
    #[must_use]
    pub fn money(&self, money: Money) -> String {
        let Money { minor, currency } = money;
        let mut amount = Decimal::from(minor.unsigned_abs());
        amount.multiply_pow10(-i16::try_from(currency.exponent()).unwrap_or(0));
        let number = self.decimal(amount, &minor.unsigned_abs().to_string());
        let symbol = self.symbol(currency);
        let is_code = symbol == currency.code();
        let minus = if minor < 0 { "-" } else { "" };
        match self.place() {
            Place::Before if is_code => format!("{minus}{symbol}{NO_BREAK}{number}"),
            Place::Before => format!("{minus}{symbol}{number}"),
            Place::BeforeWithSpace => format!("{symbol}{NO_BREAK}{minus}{number}"),
            Place::After => format!("{minus}{number}{NO_BREAK}{symbol}"),
        }
    }

    /// A day: `10 November 2026`.
    #[must_use]
    pub fn day(&self, day: Day) -> String {
        let text = day.to_string();
        match text.parse() {
            Ok(date) => self.date(date),
            Err(_) => text,
        }
    }

    /// A month: `October 2026`.
    #[must_use]
    pub fn month(&self, month: Month) -> String {
        let text = month.first_day().to_string();
        let Ok(date) = text.parse::<jiff::civil::Date>() else { return month.to_string() };
        let (name, year) = (self.month_name(date.month()), date.year());
        match self.language() {
            Language::Spanish => format!("{name} de {year}"),
            Language::English | Language::German | Language::French | Language::Dutch => format!("{name} {year}"),
        }
    }

    /// An instant to the minute, by the reader's clock, whose name stands after it: `28 November 2026, 14:30 UTC`.
    #[must_use]
    pub fn date_and_time(&self, at: UtcTime) -> String {
        // Every `UtcTime` is within jiff's range.
        let at = jiff::Timestamp::from_second(at.unix_s()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let at = at.to_zoned(Zone::rules(self.zone()));
        let (date, time) = (self.date(at.date()), at.time());
        let clock = match self.region() {
            Some("US") => time.strftime("%-I:%M %p").to_string(),
            _ => time.strftime("%H:%M").to_string(),
        };
        format!("{date}, {clock} {}", at.strftime("%Z"))
    }

    fn decimal(&self, decimal: Decimal, plain: &str) -> String {
        let tag = self.locale.as_ref().map_or_else(|| self.language().tag(), |locale| locale.as_str());
        let written = tag.parse::<icu_locale_core::Locale>().ok();
        let formatter = written.and_then(|tag| DecimalFormatter::try_new(tag.into(), Default::default()).ok());
        // The data of every language is compiled in, so there is a formatter.
        formatter.map_or_else(|| plain.to_owned(), |formatter| formatter.format(&decimal).to_string())
    }

    /// The sign of a currency that readers of every language know as this currency's alone; else its code.
    fn symbol(&self, currency: Currency) -> &'static str {
        match currency.code() {
            "EUR" => "€",
            "GBP" => "£",
            "USD" if self.region() == Some("US") => "$",
            "USD" => "US$",
            code => code,
        }
    }

    fn place(&self) -> Place {
        match (self.language(), self.region()) {
            (Language::Dutch, _) | (Language::German, Some("AT" | "CH" | "LI")) => Place::BeforeWithSpace,
            (Language::English, _) | (Language::Spanish, Some("MX" | "US" | "CL" | "CO" | "PE" | "AR")) => {
                Place::Before
            }
            (Language::German | Language::French | Language::Spanish, _) => Place::After,
        }
    }

    fn date(&self, date: jiff::civil::Date) -> String {
        let (day, month, year) = (date.day(), self.month_name(date.month()), date.year());
        match self.language() {
            Language::English if self.region() == Some("US") => format!("{month} {day}, {year}"),
            Language::German => format!("{day}. {month} {year}"),
            Language::French if day == 1 => format!("1er {month} {year}"),
            Language::Spanish => format!("{day} de {month} de {year}"),
            Language::English | Language::French | Language::Dutch => format!("{day} {month} {year}"),
        }
    }

    fn month_name(&self, month: i8) -> &'static str {
        let names = match self.language() {
            Language::English => [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
            Language::German => [
                "Januar",
                "Februar",
                "März",
                "April",
                "Mai",
                "Juni",
                "Juli",
                "August",
                "September",
                "Oktober",
                "November",
                "Dezember",
            ],
            Language::French => [
                "janvier",
                "février",
                "mars",
                "avril",
                "mai",
                "juin",
                "juillet",
                "août",
                "septembre",
                "octobre",
                "novembre",
                "décembre",
            ],
            Language::Dutch => [
                "januari",
                "februari",
                "maart",
                "april",
                "mei",
                "juni",
                "juli",
                "augustus",
                "september",
                "oktober",
                "november",
                "december",
            ],
            Language::Spanish => [
                "enero",
                "febrero",
                "marzo",
                "abril",
                "mayo",
                "junio",
                "julio",
                "agosto",
                "septiembre",
                "octubre",
                "noviembre",
                "diciembre",
            ],
        };
        let index = usize::try_from(month).unwrap_or(1).saturating_sub(1);
        names.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(tag: &str) -> Reader {
        Reader::new(Some(&tag.parse().unwrap()), Zone::utc())
    }

    /// A space that does not break is shown as `_`, a narrow one as `'`.
    fn visible(text: &str) -> String {
        text.replace('\u{a0}', "_").replace('\u{202f}', "'")
    }

    /// Proves: U19
    #[test]
    fn money_is_written_as_in_the_readers_region() {
        for (tag, eur, negative, jpy, kwd) in [
            ("en", "€1,234,567.89", "-€10.50", "JPY_1,234", "KWD_1.234"),
            ("de", "1.234.567,89_€", "-10,50_€", "1.234_JPY", "1,234_KWD"),
            ("de-AT", "€_1_234_567,89", "€_-10,50", "JPY_1_234", "KWD_1,234"),
            ("fr", "1'234'567,89_€", "-10,50_€", "1'234_JPY", "1,234_KWD"),
            ("nl", "€_1.234.567,89", "€_-10,50", "JPY_1.234", "KWD_1,234"),
            ("es", "1.234.567,89_€", "-10,50_€", "1234_JPY", "1,234_KWD"),
            ("es-MX", "€1,234,567.89", "-€10.50", "JPY_1,234", "KWD_1.234"),
            ("pt-BR", "€1,234,567.89", "-€10.50", "JPY_1,234", "KWD_1.234"),
        ] {
            let written =
                |minor, code: &str| visible(&reader(tag).money(Money { minor, currency: code.parse().unwrap() }));
            assert_eq!(written(123_456_789, "EUR"), eur, "{tag}");
            assert_eq!(written(-1_050, "EUR"), negative, "{tag}");
            assert_eq!(written(1_234, "JPY"), jpy, "{tag}");
            assert_eq!(written(1_234, "KWD"), kwd, "{tag}");
        }
        let dollars = |tag| reader(tag).money(Money { minor: 5, currency: "USD".parse().unwrap() });
        assert_eq!((dollars("en-US"), dollars("en-GB")), ("$0.05".to_owned(), "US$0.05".to_owned()));
        let least = Money { minor: i64::MIN, currency: "EUR".parse().unwrap() };
        assert_eq!(reader("en").money(least), "-€92,233,720,368,547,758.08");
    }

    /// Proves: U19
    #[test]
    fn dates_are_written_as_in_the_readers_region() {
        let day = Day::try_from("2026-03-01".to_owned()).unwrap();
        let at = "2026-11-28T14:30:00Z".parse().unwrap();
        for (tag, on, month, time) in [
            ("en", "1 March 2026", "March 2026", "28 November 2026, 14:30 UTC"),
            ("en-US", "March 1, 2026", "March 2026", "November 28, 2026, 2:30 PM UTC"),
            ("de", "1. März 2026", "März 2026", "28. November 2026, 14:30 UTC"),
            ("fr", "1er mars 2026", "mars 2026", "28 novembre 2026, 14:30 UTC"),
            ("nl", "1 maart 2026", "maart 2026", "28 november 2026, 14:30 UTC"),
            ("es", "1 de marzo de 2026", "marzo de 2026", "28 de noviembre de 2026, 14:30 UTC"),
        ] {
            let reader = reader(tag);
            assert_eq!((reader.day(day), reader.month(Month::of(day))), (on.to_owned(), month.to_owned()));
            assert_eq!(reader.date_and_time(at), time);
        }
    }

    #[test]
    fn an_instant_is_written_by_the_readers_clock() {
        let reader = Reader::new(None, "Europe/Berlin".to_owned().try_into().unwrap());
        assert_eq!(reader.date_and_time("2026-07-31T23:30:00Z".parse().unwrap()), "1 August 2026, 01:30 CEST");
    }

    #[test]
    fn one_is_one_and_in_french_none_is_too() {
        let ones = |tag| [0, 1, 2].map(|count| reader(tag).is_one(count));
        assert_eq!((ones("en"), ones("fr")), ([false, true, false], [true, true, false]));
    }
}
