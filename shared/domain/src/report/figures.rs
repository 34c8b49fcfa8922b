//! The figures of a report: the latest value of each role, beside the period before, the year before and the budget.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    column::{ColumnKind, ReportColumn},
    content::ReportContent,
    role::RowRole,
};
use crate::time::Day;

/// By how many days the lengths of two periods of a kind may differ: months have 28 to 31 days.
const SAME_LENGTH_DAYS: i32 = 3;
/// The day before the last one of the same column a year ago, or after it: 28 and 29 February.
const SAME_DAY_DAYS: i32 = 1;
/// A day that lies further back than this is no previous period of a column about one day.
const PREVIOUS_DAYS: i32 = 360;

/// The value of a role in the latest actual column, in minor units of the report's currency, and what it is compared
/// with. `null` where the report states no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Figure {
    /// The role.
    pub role: RowRole,
    /// The latest value.
    #[schema(required = true)]
    pub actual_minor: Option<i64>,
    /// The value of the period before, which ends where the latest one begins.
    #[schema(required = true)]
    pub previous_minor: Option<i64>,
    /// The value of the same period a year before.
    #[schema(required = true)]
    pub last_year_minor: Option<i64>,
    /// The budget of the latest period.
    #[schema(required = true)]
    pub budget_minor: Option<i64>,
}

/// The lowest closing cash among a report's forecast columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LowestPoint {
    /// The closing cash, in minor units of the report's currency.
    pub balance_minor: i64,
    /// The last day of the column: the first, where several are as low.
    pub on: Day,
}

/// The columns that figures are made of, by their place in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) latest: usize,
    pub(super) previous: Option<usize>,
    pub(super) last_year: Option<usize>,
    pub(super) budget: Option<usize>,
}

/// The place of the latest actual column: of those that end last, the shortest period, and of those the last one, which
/// is the total where columns are ages.
#[must_use]
pub fn latest_column(columns: &[ReportColumn]) -> Option<usize> {
    let actual = columns.iter().enumerate().filter(|(_, column)| column.kind == ColumnKind::Actual);
    actual.max_by_key(|(index, column)| (column.ends_on(), column.from, *index)).map(|(index, _)| index)
}

impl Compared {
    pub(super) fn of(columns: &[ReportColumn]) -> Option<Self> {
        let latest = latest_column(columns)?;
        let column = columns.get(latest)?;
        let find = |fits: &dyn Fn(&ReportColumn) -> bool| columns.iter().position(fits);
        let booked = |other: &ReportColumn| matches!(other.kind, ColumnKind::Actual | ColumnKind::Comparison);
        let last_year = find(&|other| booked(other) && is_a_year_before(other, column));
        let previous = match column.period() {
            Some((from, to)) => find(&|other| {
                booked(other)
                    && other.period().is_some_and(|(before, end)| {
                        let difference = before.days_until(end) - from.days_until(to);
                        end.days_until(from) == 1 && difference.abs() <= SAME_LENGTH_DAYS
                    })
            }),
            None => previous_day(columns, column, last_year),
        };
        let budget = find(&|other| {
            other.kind == ColumnKind::Budget && (other.from, other.ends_on()) == (column.from, column.ends_on())
        });
        Some(Self { latest, previous, last_year, budget })
    }
}

fn is_a_year_before(other: &ReportColumn, column: &ReportColumn) -> bool {
    let same_day = |other: Day, day: Day| other.plus_months(12).days_until(day).abs() <= SAME_DAY_DAYS;
    let same = |other: Option<Day>, day: Option<Day>| match (other, day) {
        (Some(other), Some(day)) => same_day(other, day),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    same(other.from, column.from) && same(other.to, column.to) && same(other.at, column.at)
}

/// Of columns about one day, the latest of an earlier day, less than a year before.
fn previous_day(columns: &[ReportColumn], column: &ReportColumn, last_year: Option<usize>) -> Option<usize> {
    let at = column.at?;
    let earlier = columns.iter().enumerate().filter(|(index, other)| {
        let days = other.at.map_or(0, |other| other.days_until(at));
        let booked = matches!(other.kind, ColumnKind::Actual | ColumnKind::Comparison);
        booked && Some(*index) != last_year && (1..=PREVIOUS_DAYS).contains(&days)
    });
    earlier.max_by_key(|(_, other)| other.at).map(|(index, _)| index)
}

/// The figures of a report, in the order of the roles. A role without a latest value has none.
#[must_use]
pub fn figures(content: &ReportContent) -> Vec<Figure> {
    let Some(columns) = Compared::of(&content.columns) else { return Vec::new() };
    let mut figures: Vec<Figure> = Vec::new();
    content.each_row(&mut |_, row| {
        let value = |column: Option<usize>| column.and_then(|column| row.stated_minor(column));
        let actual_minor = value(Some(columns.latest));
        if let (Some(role), Some(_)) = (row.role, actual_minor) {
            figures.push(Figure {
                role,
                actual_minor,
                previous_minor: value(columns.previous),
                last_year_minor: value(columns.last_year),
                budget_minor: value(columns.budget),
            });
        }
    });
    figures.sort_by_key(|figure| figure.role);
    figures
}

/// The lowest closing cash of the forecast; `None` for a report without one.
#[must_use]
pub fn lowest_point(content: &ReportContent) -> Option<LowestPoint> {
    let row = content.row_of(RowRole::CashClosing)?;
    let forecast = content.columns.iter().enumerate().filter(|(_, column)| column.kind == ColumnKind::Forecast);
    let points = forecast.filter_map(|(index, column)| {
        Some(LowestPoint { balance_minor: row.stated_minor(index)?, on: column.ends_on()? })
    });
    points.min_by_key(|point| (point.balance_minor, point.on))
}
