//! The converters: reports in the shapes that the providers document, and numbers of every writing.

use serde_json::{Value, json};

use super::{providers::*, *};
use crate::report::conversion::{day as written_day, minor};

fn from_xero(json: &Value) -> Result<ReportContent, ConversionError> {
    convert(Provider::Xero, json, Some("EUR".parse().unwrap()), None)
}

fn from_quickbooks(json: &Value) -> Result<ReportContent, ConversionError> {
    convert(Provider::Quickbooks, json, None, None)
}

/// Proves: R8
#[test]
fn a_report_of_xero_is_taken_as_it_is() {
    let content = from_xero(&xero()).unwrap();
    let columns: Vec<_> = content.columns.iter().map(|column| (column.kind, column.from, column.to)).collect();
    assert_eq!(
        columns,
        [
            (ColumnKind::Actual, Some(day("2026-10-01")), Some(day("2026-10-31"))),
            (ColumnKind::Comparison, Some(day("2026-09-01")), Some(day("2026-09-30"))),
        ]
    );
    let income = &content.rows[0];
    assert_eq!((income.label.as_str(), income.kind), ("Income", RowKind::Section));
    assert_eq!(income.rows[1].values_minor, [Some(Balance::try_from(-5_025).unwrap()), None], "nothing is not zero");
    assert_eq!(figure(&figures(&content), RowRole::NetProfit)[..2], [Some(79_975), Some(60_000)]);
    assert_eq!(figure(&figures(&content), RowRole::Income)[0], Some(119_975));
    assert_eq!(warnings(&content), []);
}

/// Proves: R8
#[test]
fn a_report_of_quickbooks_is_taken_as_it_is() {
    let content = from_quickbooks(&quickbooks()).unwrap();
    assert_eq!((content.currency.code(), content.basis), ("USD", Some(ReportBasis::Accrual)));
    assert_eq!((content.columns.len(), content.columns[0].at), (1, Some(day("2026-10-31"))));
    let figures = figures(&content);
    assert_eq!(figure(&figures, RowRole::TotalAssets)[0], Some(132_100));
    assert_eq!(figure(&figures, RowRole::TotalLiabilities)[0], Some(40_000));
    assert_eq!(figure(&figures, RowRole::TotalEquity)[0], Some(92_100));
    assert_eq!(warnings(&content), [], "an account with a value of its own adds up too");
}

/// Proves: R8
#[test]
fn a_balance_sheet_of_xero_is_taken_and_its_earnings_have_no_account() {
    let content = from_xero(&xero_balance_sheet()).unwrap();
    let columns: Vec<_> = content.columns.iter().map(|column| (column.kind, column.at)).collect();
    assert_eq!(
        columns,
        [(ColumnKind::Actual, Some(day("2026-10-31"))), (ColumnKind::Comparison, Some(day("2025-10-31")))]
    );
    let found = figures(&content);
    for (role, now, last_year) in [
        (RowRole::TotalAssets, 398_420, 10_000),
        (RowRole::TotalLiabilities, 98_420, 0),
        (RowRole::NetAssets, 300_000, 10_000),
        (RowRole::TotalEquity, 300_000, 10_000),
    ] {
        let figure = found.iter().find(|figure| figure.role == role).unwrap();
        assert_eq!((figure.actual_minor, figure.last_year_minor), (Some(now), Some(last_year)), "{role:?}");
    }
    let accounts = |section: usize| -> Vec<_> {
        content.rows[section]
            .rows
            .iter()
            .map(|row| row.account.as_ref().map(|account| account.as_str().len()))
            .collect()
    };
    assert_eq!(content.rows.last().unwrap().label.as_str(), "Equity");
    assert_eq!(accounts(content.rows.len() - 1), [None, Some(36), None], "earnings, retained, total");
    assert_eq!(accounts(1), [Some(36), Some(36), None]);
    let vat = &content.rows[4].rows[0];
    assert_eq!((vat.own_minor(0), vat.own_minor(1)), (Some(98_420), None), "nothing is not zero");
    assert_eq!(warnings(&content), []);
    let mut wrong = xero_balance_sheet();
    wrong["Reports"][0]["Rows"][3]["Rows"][0]["Cells"][1]["Value"] = "3984.21".into();
    let found: Vec<_> = warnings(&from_xero(&wrong).unwrap()).iter().map(|warning| warning.kind).collect();
    assert_eq!(found, [WarningKind::BalanceSheet]);
}

/// Proves: R8
#[test]
fn what_is_open_with_a_contact_of_xero_has_its_columns_of_money_alone() {
    for (report_type, kind) in
        [("AgedReceivablesByContact", ReportKind::AgedReceivables), ("AgedPayablesByContact", ReportKind::AgedPayables)]
    {
        let content = from_xero(&xero_by_contact(report_type)).unwrap();
        assert_eq!(content.kind, kind);
        let columns: Vec<_> = content.columns.iter().map(|column| (column.title.as_str(), column.at)).collect();
        let paid_until = Some(day("2026-10-31"));
        assert_eq!(columns, ["Total", "Paid", "Credited", "Due"].map(|title| (title, paid_until)));
        let rows: Vec<_> = content.rows.iter().map(|row| (row.label.as_str(), row.kind, row.own_minor(3))).collect();
        assert_eq!(
            rows,
            [
                ("2026-09-15", RowKind::Line, Some(390)),
                ("2026-10-14 INV-7", RowKind::Line, Some(105_300)),
                ("Total", RowKind::Total, Some(105_690)),
            ]
        );
        assert_eq!(content.rows[1].own_minor(2), Some(-90), "a sign survives");
        assert_eq!(figure(&figures(&content), RowRole::TotalOutstanding)[0], Some(105_690));
    }
    let mut json = xero_by_contact("AgedReceivablesByContact");
    json["Reports"][0]["Rows"][1]["Rows"][0]["Cells"][7]["Value"] = "overdue".into();
    let error = from_xero(&json).unwrap_err();
    assert_eq!(
        (error.place.as_str(), error.problem),
        ("Reports[0].Rows[1].Rows[0].Cells[7].Value", ConversionProblem::Number)
    );
}

/// Proves: R8
#[test]
fn the_ages_of_all_contacts_of_xero_are_of_one_day_and_have_one_total() {
    let content = from_xero(&xero_by_age()).unwrap();
    assert_eq!(content.columns.len(), 3);
    assert!(content.columns.iter().all(|column| column.at == Some(day("2026-10-31"))), "{:?}", content.columns);
    assert_eq!(figure(&figures(&content), RowRole::TotalOutstanding)[0], Some(12_000), "not that of the first contact");
    assert_eq!(warnings(&content), []);
}

/// Proves: R8
#[test]
fn a_profit_and_loss_of_quickbooks_is_taken_beside_the_period_before() {
    let content = from_quickbooks(&quickbooks_profit_and_loss()).unwrap();
    assert_eq!((content.kind, content.basis), (ReportKind::ProfitAndLoss, Some(ReportBasis::Cash)));
    let columns: Vec<_> = content.columns.iter().map(|column| (column.kind, column.from, column.to)).collect();
    assert_eq!(
        columns,
        [
            (ColumnKind::Actual, Some(day("2026-10-01")), Some(day("2026-10-31"))),
            (ColumnKind::Comparison, Some(day("2026-09-01")), Some(day("2026-09-30"))),
        ]
    );
    let found = figures(&content);
    for (role, values) in [
        (RowRole::Income, [Some(150_000), Some(100_000)]),
        (RowRole::CostOfSales, [Some(40_500), Some(0)]),
        (RowRole::GrossProfit, [Some(109_500), Some(100_000)]),
        (RowRole::OperatingExpenses, [Some(40_000), Some(40_000)]),
        (RowRole::OperatingProfit, [Some(69_500), Some(60_000)]),
        (RowRole::OtherExpenses, [Some(-550), None]),
        (RowRole::NetProfit, [Some(70_050), Some(60_000)]),
    ] {
        assert_eq!(figure(&found, role)[..2], values, "{role:?}");
    }
    assert_eq!(content.rows[0].rows[0].account.as_ref().map(crate::text::Label::as_str), Some("82"));
    assert_eq!(warnings(&content), []);
}

/// Proves: R8
#[test]
fn what_is_open_in_quickbooks_is_of_the_day_of_the_report_and_its_customers_are_no_accounts() {
    for (name, kind) in [("AgedReceivables", ReportKind::AgedReceivables), ("AgedPayables", ReportKind::AgedPayables)] {
        let content = from_quickbooks(&quickbooks_by_age(name)).unwrap();
        assert_eq!(content.kind, kind);
        let columns: Vec<_> = content.columns.iter().map(|column| (column.title.as_str(), column.at)).collect();
        assert_eq!(columns, ["Current", "1 - 30", "Total"].map(|title| (title, Some(day("2026-10-31")))));
        assert_eq!(figure(&figures(&content), RowRole::TotalOutstanding)[0], Some(3_500));
        assert_eq!(content.rows[1].own_minor(1), Some(-250), "a sign survives");
        assert_eq!(content.rows[1].own_minor(0), None, "nothing is not zero");
        assert!(content.rows.iter().all(|row| row.account.is_none()));
        assert_eq!(warnings(&content), []);
        let mut dated = quickbooks_by_age(name);
        dated["Header"]["Option"] = json!([]);
        assert_eq!(from_quickbooks(&dated).unwrap().columns[0].at, Some(day("2026-12-31")), "the end of its period");
    }
}

/// Proves: R8
#[test]
fn a_provider_s_value_that_is_no_number_is_named_with_its_place() {
    let mut json = xero();
    json["Reports"][0]["Rows"][1]["Rows"][0]["Cells"][2]["Value"] = "n/a".into();
    let error = from_xero(&json).unwrap_err();
    assert_eq!(
        (error.place.as_str(), error.problem),
        ("Reports[0].Rows[1].Rows[0].Cells[2].Value", ConversionProblem::Number)
    );
    let mut json = quickbooks();
    json["Rows"]["Row"][0]["Summary"]["ColData"][1]["value"] = "1,32".into();
    assert_eq!(from_quickbooks(&json).unwrap_err().place, "Rows.Row[0].Summary.ColData[1].value");
    let mut json = quickbooks();
    json["Header"]["ReportName"] = "GeneralLedger".into();
    assert_eq!(from_quickbooks(&json).unwrap_err().problem, ConversionProblem::Kind);
    for wrong in
        [json!({}), json!([]), json!(null), json!({ "Reports": [] }), json!({ "Reports": 3 }), json!({ "Header": 1 })]
    {
        assert!(from_xero(&wrong).is_err() && from_quickbooks(&wrong).is_err(), "{wrong}");
    }
    let no_header = json!({ "Reports": [{ "ReportType": "BalanceSheet", "Rows": [] }] });
    assert_eq!(from_xero(&no_header).unwrap_err().place, "Reports[0].Rows");
    assert_eq!(convert(Provider::Xero, &xero(), None, None).unwrap_err().place, "currency");
}

#[test]
fn columns_whose_titles_name_no_dates_are_stated_by_the_caller() {
    let mut json = xero();
    json["Reports"][0]["Rows"][0]["Cells"][2]["Value"] = "Last quarter".into();
    let error = from_xero(&json).unwrap_err();
    assert_eq!((error.place.as_str(), error.problem), ("Reports[0].Rows[0].Cells[2].Value", ConversionProblem::Date));
    let columns = from_xero(&xero()).unwrap().columns;
    let stated = |columns| convert(Provider::Xero, &json, Some("EUR".parse().unwrap()), Some(columns));
    assert_eq!(stated(columns.clone()).unwrap().columns, columns);
    let few = stated(columns[..1].to_vec()).unwrap_err();
    assert_eq!((few.place.as_str(), few.problem), ("columns", ConversionProblem::Columns { expected: 2 }));
}

#[test]
fn amounts_are_read_in_every_writing_of_the_providers() {
    let euros = |text: &str| minor(text, 2).map(|amount| amount.map(Balance::minor));
    for (text, amount) in [
        ("1234.5", 123_450),
        ("1,234,567.89", 123_456_789),
        ("(1,234.50)", -123_450),
        ("-0.01", -1),
        ("\u{2212}7", -700),
        (".5", 50),
        ("0.0", 0),
        (" 12 ", 1_200),
        ("1.005", 101),
        ("-1.005", -101),
        ("1.0049", 100),
        ("(0.00)", 0),
    ] {
        assert_eq!(euros(text), Ok(Some(amount)), "{text}");
    }
    assert_eq!(euros("  "), Ok(None));
    for text in
        ["n/a", "1,5", "1.2.3", "--1", "(-1)", "1e5", "12,34.00", "1234,567.00", "-", ".", "1.", "()", "€5", "٣"]
    {
        assert_eq!(euros(text), Err(ConversionProblem::Number), "{text}");
    }
    assert_eq!(euros("99999999999999999999"), Err(ConversionProblem::Amount));
    assert_eq!(minor("1234", 0), Ok(Some(Balance::try_from(1_234).unwrap())));
    assert_eq!(minor("1.234", 3), Ok(Some(Balance::try_from(1_234).unwrap())));
}

#[test]
fn days_are_read_as_the_providers_write_them() {
    for text in ["2026-10-31", "31 Oct 2026", "31 October 2026", "31 Oct 26", "31-Oct-26", "Oct 2026", "October 26"] {
        assert_eq!(written_day(text), Some(day("2026-10-31")), "{text}");
    }
    for text in ["", "Total", "31 Octo ber", "32 Oct 2026", "Oct", "31/10/2026", "Current", "1 - 30"] {
        assert_eq!(written_day(text), None, "{text}");
    }
}

/// An amount of cents, as a provider may write it.
fn written(cents: i64, brackets: bool, grouped: bool) -> String {
    let (whole, fraction) = (cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
    let digits = whole.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if grouped && place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let text = format!("{text}.{fraction:02}");
    match (cents < 0, brackets) {
        (true, true) => format!("({text})"),
        (true, false) => format!("-{text}"),
        (false, _) => text,
    }
}

proptest! {
    /// Proves: R8
    #[test]
    fn sums_and_signs_survive_both_converters(
        lines in prop::collection::vec(-1_000_000_000_000_i64..1_000_000_000_000, 1..20),
        brackets in any::<bool>(), grouped in any::<bool>(),
    ) {
        let total: i64 = lines.iter().sum();
        let text = |cents: i64| written(cents, brackets, grouped);
        let mut json = xero();
        let rows = &mut json["Reports"][0]["Rows"][1]["Rows"];
        let row = |kind: &str, cents: i64| json!({ "RowType": kind, "Cells": [cell("Line"), cell(&text(cents)), cell("")] });
        let mut of_xero: Vec<Value> = lines.iter().map(|cents| row("Row", *cents)).collect();
        of_xero.push(row("SummaryRow", total));
        *rows = of_xero.into();
        let from_xero = from_xero(&json).unwrap();

        let mut json = quickbooks();
        let data = |cents: i64| json!({ "ColData": [{ "value": "Line" }, { "value": text(cents) }] });
        let assets = &mut json["Rows"]["Row"][0];
        assets["Rows"]["Row"] = lines.iter().map(|cents| data(*cents)).collect();
        assets["Summary"] = data(total);
        let from_quickbooks = from_quickbooks(&json).unwrap();

        for content in [from_xero, from_quickbooks] {
            let section = &content.rows[0];
            let values: Vec<i64> = section.rows.iter().filter_map(|row| row.own_minor(0)).collect();
            prop_assert_eq!(&values[..lines.len()], &lines[..]);
            prop_assert_eq!(values[lines.len()], total);
            prop_assert!(warnings(&content).iter().all(|warning| warning.kind != WarningKind::Sum));
        }
    }

    /// Proves: R8
    #[test]
    fn no_text_makes_a_converter_panic(text in "\\PC{0,30}") {
        let _ = minor(&text, 2);
        let _ = written_day(&text);
        let mut json = xero();
        json["Reports"][0]["ReportTitles"][2] = text.clone().into();
        json["Reports"][0]["Rows"][0]["Cells"][1]["Value"] = text.clone().into();
        let _ = from_xero(&json);
    }
}
