//! Contents of documents for tests.

use super::{DocumentContent, Line, TaxCategory, compute};

/// A content with one line of this total, without tax.
pub(crate) fn content(number: &str, customer: &str, currency: &str, total_minor: i64) -> DocumentContent {
    let currency: crate::Currency = currency.parse().unwrap();
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
pub(crate) fn of_lines(number: &str, customer: &str, currency: crate::Currency, lines: Vec<Line>) -> DocumentContent {
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
