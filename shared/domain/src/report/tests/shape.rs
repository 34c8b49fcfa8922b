//! What is refused as a report, with its place.

use serde_json::{Value, json};

use super::*;

fn refused(change: impl FnOnce(&mut Value)) -> String {
    let mut json = serde_json::to_value(october()).unwrap();
    change(&mut json);
    match serde_json::from_value::<ReportContent>(json) {
        Ok(content) => content.check().unwrap_err().to_string(),
        Err(error) => error.to_string(),
    }
}

fn nested(depth: usize) -> Value {
    let leaf = json!({ "label": "leaf", "kind": "line", "values_minor": [1, 2, 3, 4] });
    (1..depth).fold(leaf, |row, _| json!({ "label": "s", "kind": "section", "rows": [row] }))
}

/// Proves: R7
#[test]
fn a_report_that_is_too_deep_too_long_or_too_wide_is_refused() {
    assert!(october().check().is_ok());
    let deep = refused(|json| json["rows"][1] = nested(10));
    assert_eq!(deep, format!("rows[1]{}: are nested more than 6 deep", ".rows[0]".repeat(6)));
    let mut fits = october();
    fits.rows.push(serde_json::from_value(nested(6)).unwrap());
    assert!(fits.check().is_ok());
    let row = json!({ "label": "x", "kind": "line" });
    let long = refused(|json| json["rows"] = vec![row.clone(); 3_000].into());
    assert_eq!(long, "rows: must be at most 2000 rows, nested ones included");
    let wide = refused(|json| json["columns"] = vec![json["columns"][0].clone(); 25].into());
    assert_eq!(wide, "columns: must be 1 to 24 columns");
    assert_eq!(refused(|json| json["columns"] = json!([])), "columns: must be 1 to 24 columns");
}

/// Proves: R7
#[test]
fn a_column_whose_period_ends_before_it_begins_is_refused() {
    let ends_early = refused(|json| json["columns"][1]["to"] = "2026-08-31".into());
    assert_eq!(ends_early, "columns[1].to: must not be before `from`");
    let unclear = "columns[0]: needs `from` and `to`, or `at`";
    assert_eq!(refused(|json| json["columns"][0]["at"] = "2026-10-31".into()), unclear);
    assert_eq!(refused(|json| _ = json["columns"][0].as_object_mut().unwrap().remove("to")), unclear);
    assert_eq!(
        refused(|json| json["columns"][1]["key"] = "oct".into()),
        "columns[1].key: is the key of another column too"
    );
}

/// Proves: R7
#[test]
fn a_value_that_is_no_number_a_missing_one_and_a_role_twice_are_refused() {
    assert!(refused(|json| json["rows"][2]["values_minor"][0] = "12.50".into()).contains("expected i64"));
    assert!(refused(|json| json["rows"][2]["values_minor"][0] = 12.5.into()).contains("expected i64"));
    let few = refused(|json| json["rows"][0]["rows"][1]["values_minor"] = json!([1, 2, 3]));
    assert_eq!(few, "rows[0].rows[1].values_minor: must be empty or have one value for each column");
    let twice = refused(|json| json["rows"][1]["role"] = "income".into());
    assert_eq!(twice, "rows[1].role: is the role of another row too");
}

#[test]
fn a_month_has_one_spelling() {
    assert_eq!("2026-02".parse::<Month>().unwrap().last_day(), day("2026-02-28"));
    assert_eq!("2026-10".parse::<Month>().unwrap().to_string(), "2026-10");
    for text in ["2026-13", "2026-1", "2026-10-01", "", "26-10"] {
        assert_eq!(text.parse::<Month>(), Err(MonthError), "{text}");
    }
}
