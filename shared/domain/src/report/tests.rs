//! Reports: what is refused, what adds up, what is compared, and how versions and publications follow each other.

mod converters;
mod providers;
mod shape;

use proptest::prelude::*;

use super::{examples::*, *};
use crate::{
    money::Balance,
    samples::{at, company},
    text::Reference,
    time::Day,
};

fn day(text: &str) -> Day {
    Day::try_from(text.to_owned()).unwrap()
}

fn figure(figures: &[Figure], role: RowRole) -> [Option<i64>; 4] {
    let figure = figures.iter().find(|figure| figure.role == role).unwrap();
    [figure.actual_minor, figure.previous_minor, figure.last_year_minor, figure.budget_minor]
}

/// Proves: R3
#[test]
fn figures_stand_beside_the_period_before_the_year_before_and_the_budget() {
    let figures = figures(&october());
    assert_eq!(figure(&figures, RowRole::NetProfit), [Some(110_000), Some(60_000), Some(65_000), Some(100_000)]);
    // A section states what its total states.
    assert_eq!(figure(&figures, RowRole::Income), [Some(150_000), Some(100_000), Some(100_000), Some(140_000)]);
    assert_eq!(figures[0].role, RowRole::NetProfit, "the figure that matters most comes first");
}

/// Proves: R3
#[test]
fn a_value_that_is_not_stated_is_never_zero() {
    let mut content = october();
    content.rows[2].values_minor = vec![Some(Balance::try_from(5).unwrap()), None, None, None];
    assert_eq!(figure(&figures(&content), RowRole::NetProfit), [Some(5), None, None, None]);
    content.rows[2].values_minor[0] = None;
    assert!(figures(&content).iter().all(|figure| figure.role != RowRole::NetProfit));
    let compared = compare_columns(&october(), Against::PreviousPeriod).unwrap();
    let services = &compared.rows[2];
    assert_eq!((services.value_minor, services.against_minor, services.change_minor), (Some(25_000), None, None));
}

#[test]
fn balances_are_compared_with_the_day_before_and_the_same_day_last_year() {
    let mut content = october();
    let columns = [
        ("2026-10-31", "actual"),
        ("2026-09-30", "comparison"),
        ("2025-10-31", "comparison"),
        ("2026-10-31", "budget"),
    ];
    for (column, (at, _)) in content.columns.iter_mut().zip(columns) {
        (column.from, column.to, column.at) = (None, None, Some(day(at)));
    }
    assert_eq!(
        figure(&figures(&content), RowRole::NetProfit),
        [Some(110_000), Some(60_000), Some(65_000), Some(100_000)]
    );
    content.columns[1].at = Some(day("2024-10-31"));
    assert_eq!(figure(&figures(&content), RowRole::NetProfit), [Some(110_000), None, Some(65_000), Some(100_000)]);
}

#[test]
fn february_is_compared_with_january_and_with_a_leap_years_february() {
    let mut content = october();
    let periods = [("2029-02-01", "2029-02-28"), ("2029-01-01", "2029-01-31"), ("2028-02-01", "2028-02-29")];
    for (column, (from, to)) in content.columns.iter_mut().zip(periods) {
        (column.from, column.to) = (Some(day(from)), Some(day(to)));
    }
    assert_eq!(figure(&figures(&content), RowRole::NetProfit), [Some(110_000), Some(60_000), Some(65_000), None]);
}

#[test]
fn the_latest_month_counts_and_not_the_year_so_far() {
    let mut content = october();
    content.columns[1].kind = ColumnKind::Actual;
    (content.columns[1].from, content.columns[1].to) = (Some(day("2026-01-01")), Some(day("2026-10-31")));
    assert_eq!(latest_column(&content.columns), Some(0));
}

/// Proves: R4
#[test]
fn the_lowest_point_of_a_forecast_is_named_with_its_first_day() {
    let mut content = october();
    content.rows[2].role = Some(RowRole::CashClosing);
    for (column, month) in content.columns.iter_mut().zip(["2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"]) {
        (column.kind, column.to) = (ColumnKind::Forecast, Some(day(month)));
    }
    let values = [Some(50_000), Some(-2_000), None, Some(-2_000)];
    content.rows[2].values_minor = values.map(|value| value.map(|value| Balance::try_from(value).unwrap())).to_vec();
    assert_eq!(lowest_point(&content), Some(LowestPoint { balance_minor: -2_000, on: day("2026-12-31") }));
    assert_eq!(lowest_point(&october()), None, "a report without a forecast");
}

/// Proves: R2
#[test]
fn what_does_not_add_up_is_a_warning_with_its_place() {
    assert_eq!(warnings(&october()).iter().filter(|warning| warning.column.as_str() != "plan").count(), 0);
    let mut content = october();
    content.rows[0].rows[2].values_minor[0] = Some(Balance::try_from(149_999).unwrap());
    let found = warnings(&content);
    let first = &found[0];
    assert_eq!((first.kind, first.place.as_str(), first.column.as_str()), (WarningKind::Sum, "rows[0].rows[2]", "oct"));
    assert_eq!((first.stated_minor, first.expected_minor), (149_999, 150_000));
}

#[test]
fn an_account_with_a_value_of_its_own_is_part_of_its_total() {
    let mut content = october();
    let set = |row: &mut ReportRow, value: i64| row.values_minor = vec![Some(Balance::try_from(value).unwrap()); 4];
    for (row, value) in content.rows[0].rows.iter_mut().zip([100, 20, 150]) {
        set(row, value);
    }
    set(&mut content.rows[0], 30);
    content.rows.truncate(1);
    assert_eq!(warnings(&content), []);
}

/// Proves: R2
#[test]
fn a_balance_sheet_and_a_cash_flow_are_checked_by_their_roles() {
    let with = |rows: &[(RowRole, i64)]| {
        let mut content = october();
        content.columns.truncate(1);
        let total = content.rows.pop().unwrap();
        content.rows = rows
            .iter()
            .map(|(role, value)| ReportRow {
                role: Some(*role),
                values_minor: vec![Some(Balance::try_from(*value).unwrap())],
                ..total.clone()
            })
            .collect();
        warnings(&content).into_iter().map(|warning| (warning.kind, warning.expected_minor)).collect::<Vec<_>>()
    };
    use RowRole as R;
    assert_eq!(with(&[(R::TotalAssets, 100), (R::TotalLiabilities, 60), (R::TotalEquity, 40)]), []);
    assert_eq!(
        with(&[(R::TotalAssets, 100), (R::TotalLiabilities, 60), (R::TotalEquity, 41)]),
        [(WarningKind::BalanceSheet, 101)]
    );
    // Money that went out has a sign or none.
    for went in [30, -30] {
        let cash =
            |closing| with(&[(R::CashOpening, 100), (R::CashIn, 50), (R::CashOut, went), (R::CashClosing, closing)]);
        assert_eq!(cash(120), []);
        assert_eq!(cash(121), [(WarningKind::Cash, 120)]);
    }
    assert_eq!(with(&[(R::Income, 100), (R::CostOfSales, 30), (R::GrossProfit, 71)]), [(WarningKind::GrossProfit, 70)]);
}

#[test]
fn reports_are_compared_row_by_row_and_rows_of_one_alone_stay() {
    let mut september = october();
    september.rows[0].rows.remove(1);
    september.rows[0].rows[0].label = "Sales".parse().unwrap();
    let compared = compare_reports(&october(), &september).unwrap();
    let labels: Vec<(usize, &str)> = compared.rows.iter().map(|row| (row.level, row.label.as_str())).collect();
    assert_eq!(labels[..4], [(1, "Rendimentos"), (2, "Vendas"), (2, "Serviços"), (2, "Total")]);
    // The account names the row, not its label.
    assert_eq!((compared.rows[1].against_minor, compared.rows[1].change_minor), (Some(125_000), Some(0)));
    assert_eq!((compared.rows[2].against_minor, compared.rows[2].change_minor), (None, None));
    let gone = compare_reports(&september, &october()).unwrap();
    let services = gone.rows.iter().find(|row| row.label.as_str() == "Serviços").unwrap();
    assert_eq!((services.level, services.value_minor, services.against_minor), (2, None, Some(25_000)));
    let mut dollars = october();
    dollars.currency = "USD".parse().unwrap();
    assert_eq!(compare_reports(&october(), &dollars), Err(ComparisonError::OtherCurrency));
}

#[test]
fn a_change_is_stated_in_hundredths_of_a_percent_of_a_value_that_is_not_zero() {
    let compared = compare_columns(&october(), Against::LastYear).unwrap();
    let profit = compared.rows.last().unwrap();
    assert_eq!((profit.change_minor, profit.change_basis_points), (Some(45_000), Some(6_923)));
    let mut content = october();
    content.rows[2].values_minor[1] = Some(Balance::try_from(-50_000).unwrap());
    let from_a_loss = compare_columns(&content, Against::PreviousPeriod).unwrap();
    assert_eq!(from_a_loss.rows.last().unwrap().change_basis_points, Some(32_000), "a rise stays a rise");
    content.rows[2].values_minor[1] = Some(Balance::try_from(0).unwrap());
    assert_eq!(
        compare_columns(&content, Against::PreviousPeriod).unwrap().rows.last().unwrap().change_basis_points,
        None
    );
}

/// Proves: R5
#[test]
fn a_version_neither_goes_back_nor_has_two_contents() {
    let reference: Reference = "PL-10".parse().unwrap();
    let known = pushed(None, 7, october());
    let push = |version, content| record(&company(1), &reference, Some(known.clone()), sent(version, content));
    let mut changed = october();
    changed.rows[2].values_minor[0] = None;
    assert_eq!(push(6, october()), Err(ReportRecordingError::Older { stored: 7.try_into().unwrap() }));
    assert_eq!(push(7, changed.clone()), Err(ReportRecordingError::VersionReused));
    assert!(matches!(push(7, october()), Ok(ReportRecording::Unchanged(_))));
    changed.kind = ReportKind::BalanceSheet;
    assert_eq!(push(8, changed), Err(ReportRecordingError::Kind));
    let Ok(ReportRecording::Recorded(next, Some(replaced), _)) = push(8, october()) else { panic!("it is newer") };
    assert_eq!((replaced.report_version, next.version), (7.try_into().unwrap(), 2), "a draft is replaced");
}

/// Proves: R6
#[test]
fn a_publication_is_frozen_and_a_new_version_is_a_draft() {
    let report = pushed(None, 7, october());
    let published = publish(draft(1, &report, 7), None, None).unwrap();
    let after = published.reports[0].clone();
    assert!(after.newest_is_published && after.version == 2);
    let mut corrected = october();
    corrected.rows[2].values_minor[0] = Some(Balance::try_from(109_000).unwrap());
    let recorded = record(&company(1), &report.reference, Some(after), sent(8, corrected)).unwrap();
    let ReportRecording::Recorded(next, replaced, _) = recorded else { panic!("it is new") };
    assert_eq!(replaced, None, "a published version stays");
    assert_eq!(next.published.as_ref().unwrap().head.report_version, 7.try_into().unwrap());
    assert!(!next.newest_is_published);

    // The month is published: what follows corrects it, and says what changed.
    let again = publish(draft(2, &next, 8), Some(published.month.clone()), None);
    assert_eq!(again, Err(PublicationRefusal::MonthPublished { publication: publication_id(1) }));
    let correction = PublicationDraft { corrects: Some(publication_id(1)), ..draft(2, &next, 8) };
    let done = publish(correction, Some(published.month), Some(published.publication.clone())).unwrap();
    assert_eq!(done.month.publication, publication_id(2));
    assert_eq!(done.corrected.unwrap().corrected_by, Some(publication_id(2)));
    let [change] = &done.publication.changes[..] else { panic!("{:?}", done.publication.changes) };
    assert_eq!((change.before_version, change.after_version), (Some(7.try_into().unwrap()), 8.try_into().unwrap()));
    let [profit] = &change.figures[..] else { panic!("{:?}", change.figures) };
    assert_eq!(
        (profit.role, profit.before_minor, profit.after_minor),
        (RowRole::NetProfit, Some(110_000), Some(109_000))
    );
}

/// Proves: R6
#[test]
fn a_publication_is_of_reports_that_the_publisher_saw() {
    let report = pushed(None, 7, october());
    let first = || draft(1, &report, 7);
    assert_eq!(publish(draft(1, &report, 6), None, None), Err(PublicationRefusal::OtherVersion { index: 0 }));
    let mut twice = first();
    twice.reports.push(twice.reports[0].clone());
    assert_eq!(publish(twice, None, None), Err(PublicationRefusal::Twice { index: 1 }));
    let mut unknown = first();
    unknown.reports[0].stored = None;
    assert_eq!(publish(unknown, None, None), Err(PublicationRefusal::UnknownReport { index: 0 }));
    let none = PublicationDraft { reports: Vec::new(), ..first() };
    assert_eq!(publish(none, None, None), Err(PublicationRefusal::ReportCount));
    let choice = |role| FigureChoice { reference: report.reference.clone(), role };
    let missing = PublicationDraft { figures: Some(vec![choice(RowRole::TotalAssets)]), ..first() };
    assert_eq!(publish(missing, None, None), Err(PublicationRefusal::UnknownFigure { index: 0 }));
    let many = PublicationDraft { figures: Some(vec![choice(RowRole::Income); 4]), ..first() };
    assert_eq!(publish(many, None, None), Err(PublicationRefusal::FigureCount));
    let one = PublicationDraft { figures: Some(vec![choice(RowRole::Income)]), ..first() };
    assert_eq!(publish(one, None, None).unwrap().publication.figures.len(), 1);
    let corrects = PublicationDraft { corrects: Some(publication_id(9)), ..first() };
    assert_eq!(publish(corrects, None, None), Err(PublicationRefusal::NotCurrent));
}

#[test]
fn a_correction_leaves_nothing_out_and_changes_something() {
    let report = pushed(None, 7, october());
    let published = publish(draft(1, &report, 7), None, None).unwrap();
    let after = &published.reports[0];
    let correct = |draft: PublicationDraft| {
        let draft = PublicationDraft { corrects: Some(publication_id(1)), ..draft };
        publish(draft, Some(published.month.clone()), Some(published.publication.clone()))
    };
    assert_eq!(correct(draft(2, after, 7)), Err(PublicationRefusal::NothingChanged));
    let comment = PublicationDraft { comment: None, ..draft(2, after, 7) };
    assert!(correct(comment).is_ok(), "the comment alone may be corrected");
    let mut other = draft(2, after, 7);
    other.reports[0].reference = "BS-10".parse().unwrap();
    assert_eq!(correct(other), Err(PublicationRefusal::LeftOut { reference: report.reference }));
}

/// Proves: R6
#[test]
fn a_month_is_corrected_after_its_report_went_on_and_a_later_month_published_it() {
    let balance_sheet = pushed(None, 7, october());
    let october_accounts = publish(draft(1, &balance_sheet, 7), None, None).unwrap();
    let published = october_accounts.reports[0].clone();
    let mut content = october();
    content.rows[2].values_minor[0] = Some(1.try_into().unwrap());
    let went_on = pushed(Some(published), 8, content);
    let november = PublicationDraft { month: "2026-11".parse().unwrap(), ..draft(2, &went_on, 8) };
    let went_on = publish(november, None, None).unwrap().reports[0].clone();

    let correct = |version| {
        let correction = PublicationDraft {
            corrects: Some(publication_id(1)),
            comment: Some("A better comment.".parse().unwrap()),
            ..draft(3, &went_on, version)
        };
        publish(correction, Some(october_accounts.month.clone()), Some(october_accounts.publication.clone()))
    };
    let corrected = correct(7).unwrap();
    assert_eq!(corrected.publication.reports, october_accounts.publication.reports, "October's figures stay October's");
    assert_eq!(
        (corrected.publication.changes, corrected.reports),
        (vec![], vec![]),
        "November's version stays published"
    );
    assert_eq!(correct(6), Err(PublicationRefusal::OtherVersion { index: 0 }), "what was never published");
}

proptest! {
    /// Proves: R1
    #[test]
    fn a_content_survives_its_parts(label in "\\PC{1,60}", rows in 1_usize..1_500) {
        let mut content = october();
        if let Ok(label) = label.parse() {
            content.rows[0].rows[0].label = label;
        }
        let line = content.rows[0].rows[0].clone();
        content.rows[0].rows.extend(std::iter::repeat_n(line, rows));
        let parts = split_parts(&content, at(1_000)).unwrap();
        prop_assert!(parts.iter().all(|part| part.text.len() <= PART_BYTES));
        let mut parts: Vec<Option<ReportPart>> = parts.into_iter().map(Some).collect();
        prop_assert_eq!(join_parts(parts.clone()), Some(content));
        if let Some(last) = parts.last_mut() {
            *last = None;
        }
        prop_assert_eq!(join_parts(parts), None);
    }
}

#[test]
fn an_item_from_before_a_field_was_added_is_read() {
    let mut written = serde_json::to_value(pushed(None, 7, october())).unwrap();
    for later in ["newest_is_published", "published"] {
        written.as_object_mut().unwrap().remove(later);
    }
    let read: Report = serde_json::from_value(written).unwrap();
    assert!(!read.newest_is_published && read.published.is_none());
    // A version whose head is not kept any more is read from its parts.
    assert_eq!(ReportHead::of(7.try_into().unwrap(), &october(), 1, at(1_000)), read.newest);
}
