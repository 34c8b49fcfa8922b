//! Contents of documents for tests.

use std::fmt::Debug;

use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Adjustment, AdjustmentKind, Attachment, DocumentContent, Line, LineInput, TaxCategory, compute};
use crate::{
    Currency,
    document::{Checksum, VersionNumber},
};

/// A content with one line of this total, without tax.
pub(crate) fn content(number: &str, customer: &str, currency: &str, total_minor: i64) -> DocumentContent {
    let currency: Currency = currency.parse().unwrap();
    let scale = 10_i64.pow(u32::from(currency.exponent()));
    let width = usize::from(currency.exponent());
    let price = match width {
        0 => total_minor.to_string(),
        _ => format!("{}.{:0>width$}", total_minor / scale, total_minor % scale),
    };
    let line = Line {
        description: "Shelving".parse().unwrap(),
        quantity: "1".parse().unwrap(),
        unit: None,
        unit_price: price.parse().unwrap(),
        discount_percent: None,
        discount_minor: None,
        tax_category: TaxCategory::OutsideScope,
        tax_percent: super::Percent::ZERO,
        net_minor: total_minor.try_into().unwrap(),
    };
    of_lines(number, customer, currency, vec![line])
}

/// A content of these lines, with the sums that follow.
pub(crate) fn of_lines(number: &str, customer: &str, currency: Currency, lines: Vec<Line>) -> DocumentContent {
    let (taxes, totals, total_minor) = compute(currency, &lines, &[]).unwrap();
    DocumentContent {
        number: number.parse().unwrap(),
        customer: customer.parse().unwrap(),
        customer_name: "Papelaria Sol".parse().unwrap(),
        currency,
        total_minor,
        issued_on: "2026-11-01".to_owned().try_into().unwrap(),
        description: None,
        purchase_order: None,
        terms_text: None,
        attachments: Vec::new(),
        lines,
        adjustments: Vec::new(),
        taxes,
        totals,
    }
}

pub(crate) fn euros() -> Currency {
    "EUR".parse().unwrap()
}

/// A line that is taxed at 23 percent.
pub(crate) fn line(quantity: &str, price: &str) -> LineInput {
    LineInput {
        description: "Shelving".parse().unwrap(),
        quantity: quantity.parse().unwrap(),
        unit: None,
        unit_price: price.parse().unwrap(),
        discount_percent: None,
        discount_minor: None,
        tax_category: TaxCategory::Standard,
        tax_percent: "23".parse().unwrap(),
    }
}

/// An allowance or a charge on a document.
pub(crate) fn adjustment(kind: AdjustmentKind, minor: i64, percent: &str) -> Adjustment {
    Adjustment {
        kind,
        reason: "Freight".parse().unwrap(),
        amount_minor: minor.try_into().unwrap(),
        tax_category: TaxCategory::Standard,
        tax_percent: percent.parse().unwrap(),
    }
}

/// A discount of a line: in percent, as an amount, or none.
#[derive(Debug, Clone, Copy)]
enum Discount {
    None,
    Percent(i64),
    Amount(i64),
}

fn any_rate() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["0", "6", "13", "23", "8.875"])
}

prop_compose! {
    fn any_line()(
        // Some lines take back what was sold.
        quantity in prop_oneof![9 => 1_i64..100_000, 1 => -1_000_i64..0],
        places in 0_u32..4, price in 0_i64..1_000_000, price_places in 0_u32..5,
        discount in prop_oneof![
            Just(Discount::None), (0_i64..100).prop_map(Discount::Percent), (0_i64..500).prop_map(Discount::Amount),
        ],
        rate in any_rate(),
    ) -> Line {
        let decimal = |number: i64, places: u32| {
            let (by, sign) = (10_i64.pow(places), if number < 0 { "-" } else { "" });
            let fraction = format!("{:0>width$}", number.abs() % by, width = places as usize);
            let whole = number.abs() / by;
            if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
        };
        let input = line(&decimal(quantity, places), &decimal(price, price_places));
        let input = LineInput { tax_percent: rate.parse().unwrap(), ..input };
        let input = match discount {
            Discount::None => input,
            Discount::Percent(percent) => {
                LineInput { discount_percent: Some(percent.to_string().parse().unwrap()), ..input }
            }
            Discount::Amount(minor) => LineInput { discount_minor: Some(minor.try_into().unwrap()), ..input },
        };
        input.with_amount(euros()).unwrap()
    }
}

/// A content that adds up: lines, discounts of both kinds, allowances, charges and rounding.
pub(crate) fn any_content() -> impl Strategy<Value = DocumentContent> {
    let kind = prop::sample::select(vec![AdjustmentKind::Allowance, AdjustmentKind::Charge]);
    let any_adjustment =
        (kind, 1_i64..10_000, any_rate()).prop_map(|(kind, minor, percent)| adjustment(kind, minor, percent));
    let parts = (prop::collection::vec(any_line(), 1..8), prop::collection::vec(any_adjustment, 0..4), -49_i64..50);
    parts.prop_filter_map("no less than nothing is to be paid", |(lines, adjustments, rounding)| {
        let (taxes, mut totals, gross_minor) = compute(euros(), &lines, &adjustments).ok()?;
        let rounding = rounding.max(-gross_minor.minor());
        totals.rounding_minor = rounding.try_into().unwrap();
        let total_minor = (gross_minor.minor() + rounding).try_into().unwrap();
        let rest = content("1", "CUS-1", "EUR", 0);
        Some(DocumentContent { lines, adjustments, taxes, totals, total_minor, ..rest })
    })
}

/// The same content with a value in every place that can be empty. It need not add up.
pub(crate) fn with_everything(content: DocumentContent) -> DocumentContent {
    let amount = LineInput { discount_minor: Some(1.try_into().unwrap()), ..line("1", "2") };
    let percent = LineInput { discount_percent: Some("1".parse().unwrap()), ..line("1", "2") };
    let more = [amount, percent].map(|line| LineInput { unit: Some("hour".parse().unwrap()), ..line });
    let more = more.into_iter().map(|line| line.with_amount(euros()).unwrap());
    let document = "doc_00000000000000000000000000000001".parse().unwrap();
    let attachment = Attachment { document, number: VersionNumber::FIRST, sha256: Checksum::of([1; 32]) };
    let kinds = [AdjustmentKind::Allowance, AdjustmentKind::Charge].map(|kind| adjustment(kind, 10, "23"));
    DocumentContent {
        description: Some("Shelves".parse().unwrap()),
        purchase_order: Some("PO-1".parse().unwrap()),
        terms_text: Some("30 days net".parse().unwrap()),
        attachments: vec![attachment],
        lines: content.lines.into_iter().chain(more).collect(),
        adjustments: content.adjustments.into_iter().chain(kinds).collect(),
        ..content
    }
}

/// Each value that differs from this one in a single place, with the place as a JSON pointer: another text, number or
/// word there, or one element less in a list.
///
/// # Panics
/// Where no other value is known for a place.
pub(crate) fn each_change<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> Vec<(String, T)> {
    let whole = serde_json::to_value(value).unwrap();
    let mut places = Vec::new();
    collect(&whole, String::new(), &mut places);
    let changed = |pointer: &String| {
        let others = others(whole.pointer(pointer).unwrap());
        let mut parsed = others.into_iter().filter_map(|other| {
            let mut whole = whole.clone();
            *whole.pointer_mut(pointer).unwrap() = other;
            serde_json::from_value::<T>(whole).ok()
        });
        parsed.find(|other| other != value).unwrap_or_else(|| panic!("what else can {pointer} be?"))
    };
    places.iter().map(|pointer| (pointer.clone(), changed(pointer))).collect()
}

/// The places of all texts, numbers and lists below a value.
fn collect(value: &Value, pointer: String, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                collect(member, format!("{pointer}/{name}"), places);
            }
        }
        Value::Array(elements) => {
            for (at, element) in elements.iter().enumerate() {
                collect(element, format!("{pointer}/{at}"), places);
            }
            if !elements.is_empty() {
                places.push(pointer);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => places.push(pointer),
    }
}

/// What might stand in a place instead: the first that can be read there is taken.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(elements) => vec![json!(elements[1..])],
        Value::Number(number) => vec![json!(number.as_i64().unwrap() + 1)],
        Value::String(text) => {
            let other_digit = text.rfind(|c: char| c.is_ascii_digit()).map(|at| {
                let (before, from) = text.split_at(at);
                let digit = if from.starts_with('1') { "2" } else { "1" };
                format!("{before}{digit}{}", from.trim_start_matches(|c: char| c.is_ascii_digit()))
            });
            let words = ["USD", "exempt", "allowance", "charge", "cash", "online"].map(str::to_owned);
            let checksum = Checksum::of([2; 32]).as_str().to_owned();
            other_digit.into_iter().chain(words).chain([checksum, format!("{text}x")]).map(Value::String).collect()
        }
        Value::Null | Value::Bool(_) | Value::Object(_) => Vec::new(),
    }
}
