//! What the two converters share: reading a provider's JSON by its place, its numbers and its dates.
//!
//! A converter takes the JSON as the provider sends it. Members that it does not know are left alone.

use serde_json::Value;

use super::{
    column::ReportColumn,
    content::{ReportContentError, ReportRow},
    role::RowRole,
};
use crate::{
    money::{Balance, Currency, MAX_AMOUNT_MINOR},
    text::Label,
    time::Day,
};

/// Why a provider's JSON is no report, and the place, such as `Reports[0].Rows[1].Cells[2].Value`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ConversionError {
    /// Where it is. `columns` and `currency` are the ones that the caller states.
    pub place: String,
    /// Why it cannot be read.
    pub problem: ConversionProblem,
}

/// Why a provider's JSON is no report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConversionProblem {
    /// Something that must be there is not.
    #[error("is required")]
    Missing,
    /// Another JSON type.
    #[error("is not of the expected type")]
    Type,
    /// A kind of report or row that has no place here.
    #[error("is not a kind that can be read")]
    Kind,
    /// A value that is no number.
    #[error("is not a number such as 1234.50 or (1,234.50)")]
    Number,
    /// More than the largest amount.
    #[error("must be between -{MAX_AMOUNT_MINOR} and {MAX_AMOUNT_MINOR} minor units")]
    Amount,
    /// A date that cannot be read.
    #[error("names no date that can be read: state `columns`")]
    Date,
    /// The columns that the caller states are not those of the report.
    #[error("must be the {expected} columns of values that the report has")]
    Columns {
        /// How many the report has.
        expected: usize,
    },
    /// The report names no currency, and the caller states none.
    #[error("is required, since the report names none")]
    Currency,
    /// A currency that is not known.
    #[error("is not an ISO 4217 currency code such as EUR")]
    UnknownCurrency,
    /// A text that is too long, or has control characters.
    #[error("is not a label of at most 200 characters")]
    Label,
    /// The report breaks a rule that every report keeps.
    #[error("{0}")]
    Content(ReportContentError),
}

/// What a caller states beside the provider's JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stated {
    /// The currency, where the JSON names none.
    pub(super) currency: Option<Currency>,
    /// The columns of values, where their titles name no dates.
    pub(super) columns: Option<Vec<ReportColumn>>,
}

/// A value of the JSON, with its place.
#[derive(Debug, Clone)]
pub(super) struct At<'a> {
    pub(super) json: &'a Value,
    pub(super) place: String,
}

impl<'a> At<'a> {
    pub(super) const fn new(json: &'a Value, place: String) -> Self {
        Self { json, place }
    }

    pub(super) fn refuse(&self, problem: ConversionProblem) -> ConversionError {
        ConversionError { place: self.place.clone(), problem }
    }

    /// A member; `None` where it is absent or null.
    pub(super) fn get(&self, name: &str) -> Option<At<'a>> {
        let json = self.json.get(name).filter(|json| !json.is_null())?;
        let place = if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) };
        Some(At { json, place })
    }

    pub(super) fn need(&self, name: &str) -> Result<At<'a>, ConversionError> {
        let place = if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) };
        self.get(name).ok_or(ConversionError { place, problem: ConversionProblem::Missing })
    }

    /// The elements of a list.
    pub(super) fn items(&self) -> Result<Vec<At<'a>>, ConversionError> {
        let list = self.json.as_array().ok_or_else(|| self.refuse(ConversionProblem::Type))?;
        let item = |(index, json)| At { json, place: format!("{}[{index}]", self.place) };
        Ok(list.iter().enumerate().map(item).collect())
    }

    /// The elements of a list that is a member; none where it is absent.
    pub(super) fn list(&self, name: &str) -> Result<Vec<At<'a>>, ConversionError> {
        self.get(name).map_or(Ok(Vec::new()), |list| list.items())
    }

    pub(super) fn text(&self) -> Result<&'a str, ConversionError> {
        self.json.as_str().ok_or_else(|| self.refuse(ConversionProblem::Type))
    }

    /// A text member; empty where it is absent.
    pub(super) fn member_text(&self, name: &str) -> Result<&'a str, ConversionError> {
        self.get(name).map_or(Ok(""), |member| member.text())
    }

    /// A label; `None` for a blank one.
    pub(super) fn label(&self) -> Result<Option<Label>, ConversionError> {
        let text = self.text()?;
        if text.trim().is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| self.refuse(ConversionProblem::Label))
    }

    /// An amount: a text or a number.
    pub(super) fn amount(&self, currency: Currency) -> Result<Option<Balance>, ConversionError> {
        let written = match self.json {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                return Err(self.refuse(ConversionProblem::Number));
            }
        };
        minor(&written, currency.exponent()).map_err(|problem| self.refuse(problem))
    }
}

/// What stands in place of a label that the provider left blank.
pub(super) fn blank() -> Result<Label, ConversionError> {
    "–".parse().map_err(|_| ConversionError { place: String::new(), problem: ConversionProblem::Label })
}

/// Reads an amount in minor units: `1234.5`, `-1,234.50`, `(1,234.50)`; `None` for a blank text. Decimals beyond the
/// currency's are rounded, halves away from zero.
pub(super) fn minor(written: &str, exponent: u16) -> Result<Option<Balance>, ConversionProblem> {
    let text = written.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (text, in_brackets) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) => (inner.trim(), true),
        None => (text, false),
    };
    let (text, has_sign) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(unsigned) => (unsigned, true),
        None => (text, false),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let grouped = groups.clone().all(|group| group.len() == 3 && digits(group));
    let plain = !whole.contains(',') || (1..=3).contains(&first.len());
    let dangling = text.ends_with('.') || (whole.is_empty() && fraction.is_empty()) || (in_brackets && has_sign);
    if !digits(first) || !digits(fraction) || !grouped || !plain || dangling {
        return Err(ConversionProblem::Number);
    }
    let mut total: i128 = 0;
    let wanted = usize::from(exponent);
    let kept = fraction.bytes().chain(std::iter::repeat(b'0')).take(wanted);
    for digit in whole.bytes().filter(u8::is_ascii_digit).chain(kept) {
        total = total.saturating_mul(10).saturating_add(i128::from(digit - b'0'));
    }
    if fraction.as_bytes().get(wanted).is_some_and(|digit| *digit >= b'5') {
        total = total.saturating_add(1);
    }
    let signed = if in_brackets || has_sign { -total } else { total };
    let minor = i64::try_from(signed).map_err(|_| ConversionProblem::Amount)?;
    Balance::try_from(minor).map(Some).map_err(|_| ConversionProblem::Amount)
}

/// Reads a day as providers write it in titles: `2026-10-31`, `31 Oct 2026`, `31 October 26`, and for a month its last
/// day: `Oct 2026`.
pub(super) fn day(text: &str) -> Option<Day> {
    if let Ok(day) = Day::try_from(text.trim().to_owned()) {
        return Some(day);
    }
    let parts: Vec<&str> = text.split([' ', '-', ',']).filter(|part| !part.is_empty()).collect();
    match parts[..] {
        [day, month, year] => written_day(day, month, year),
        [month, year] => Some(written_day("1", month, year)?.last_of_month()),
        _ => None,
    }
}

fn written_day(day: &str, month: &str, year: &str) -> Option<Day> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let name = month.trim_end_matches('.').to_lowercase();
    let month = MONTHS.iter().position(|known| name.len() >= 3 && known.starts_with(&name))?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let year = match year.len() {
        4 if digits(year) => year.to_owned(),
        2 if digits(year) => format!("20{year}"),
        _ => return None,
    };
    let day: u8 = day.parse().ok()?;
    Day::try_from(format!("{year}-{:02}-{day:02}", month + 1)).ok()
}

/// Takes from each row a role that an earlier row has.
pub(super) fn keep_first_roles(rows: &mut [ReportRow], seen: &mut Vec<RowRole>) {
    for row in rows {
        if let Some(role) = row.role {
            if seen.contains(&role) {
                row.role = None;
            } else {
                seen.push(role);
            }
        }
        keep_first_roles(&mut row.rows, seen);
    }
}
