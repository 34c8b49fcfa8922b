//! How a sales document adds up, and the check of what it states.
//!
//! Each rule is one of our own with the business rule of EN 16931 beside it. Sums are exact. The tax of a rate may be
//! computed on the sum of what it applies to or rounded line by line, which both are in use; there is no other
//! tolerance.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    decimal::Percent,
    line::{Adjustment, AdjustmentKind, Line, TaxCategory},
};
use crate::money::{Balance, Currency, MAX_AMOUNT_MINOR, Total};

/// The most lines of a document.
pub const MAX_LINES: usize = 1_000;
/// The most allowances and charges on the whole document, and the most parts of its tax breakdown.
const MAX_ADJUSTMENTS: usize = 50;

/// The tax of one category at one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxSubtotal {
    /// How it is taxed. Default: at the rate.
    #[serde(default)]
    pub tax_category: TaxCategory,
    /// The rate.
    #[serde(default = "super::line::no_percent")]
    pub tax_percent: Percent,
    /// What is taxed: the lines and charges less the allowances of this category and rate, in minor units.
    pub taxable_minor: Balance,
    /// The tax, in minor units.
    pub tax_minor: Balance,
}

/// The sums of a document, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// The sum of the lines.
    pub lines_minor: Balance,
    /// The sum of the allowances on the document.
    #[serde(default)]
    pub allowances_minor: Total,
    /// The sum of the charges on the document.
    #[serde(default)]
    pub charges_minor: Total,
    /// The lines less the allowances plus the charges, without tax.
    pub net_minor: Balance,
    /// The tax.
    pub tax_minor: Balance,
    /// With tax.
    pub gross_minor: Balance,
    /// What is added to round the amount to be paid, as cash is rounded: at most half a unit of the currency either way,
    /// 2.50 forints, and 5 in a currency without minor units.
    #[serde(default)]
    pub rounding_minor: Balance,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $text:literal: $says:literal;)*) => {
        /// A rule that a sales document keeps.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Rule { $($(#[$doc])* $variant,)* }

        impl Rule {
            /// Its id, which is stable.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            const fn says(self) -> &'static str {
                match self { $(Self::$variant => $says,)* }
            }
        }
    };
}

rules! {
    /// A document has 1 to [`MAX_LINES`] lines (BR-16).
    LineCount = "line-count": "a document has 1 to 1000 lines";
    /// There are at most 50 of a kind.
    PartCount = "part-count": "there are at most 50 of them";
    /// Only the category `standard` has a rate above zero (BR-S-05, BR-Z-05, BR-E-05, BR-AE-05, BR-IC-05, BR-G-05,
    /// BR-O-05).
    ZeroRate = "zero-rate": "only the category standard has a rate above 0";
    /// A line has one discount, in percent or as an amount (BR-41, BR-42).
    OneDiscount = "one-discount": "a line has one discount, in percent or as an amount";
    /// A line's amount is quantity times price less discount (PEPPOL-EN16931-R120).
    LineNet = "line-net": "quantity times price less discount";
    /// Each category and rate has one part of the breakdown (BR-CO-18, BR-S-01).
    TaxParts = "tax-parts": "each category and rate of the lines, allowances and charges has one part";
    /// The taxed amount is the sum of its lines and charges less allowances (BR-S-08 and its kin).
    TaxBase = "tax-base": "the lines and charges less the allowances of this category and rate";
    /// The tax is the taxed amount times the rate (BR-CO-17, BR-S-09 and its kin).
    TaxAmount = "tax-amount": "the taxed amount times the rate, rounded half away from zero as a whole or by line";
    /// The sum of the lines (BR-CO-10).
    LinesTotal = "lines-total": "the sum of the lines";
    /// The sum of the allowances (BR-CO-11).
    AllowancesTotal = "allowances-total": "the sum of the allowances";
    /// The sum of the charges (BR-CO-12).
    ChargesTotal = "charges-total": "the sum of the charges";
    /// Lines less allowances plus charges (BR-CO-13).
    NetTotal = "net-total": "the lines less the allowances plus the charges";
    /// The sum of the breakdown's taxes (BR-CO-14).
    TaxTotal = "tax-total": "the sum of the taxes in the breakdown";
    /// Net plus tax (BR-CO-15).
    GrossTotal = "gross-total": "net plus tax";
    /// Rounding is that of cash: at most [`max_rounding`] (BT-114, for which the standard has no rule).
    Rounding = "rounding": "at most half a unit of the currency, as cash is rounded";
    /// What is to be paid: gross plus rounding (BR-CO-16; what was paid before is settled elsewhere here).
    PayableTotal = "payable-total": "gross plus rounding, from 0 to 10^15";
}

/// The most that rounding adds or takes, in minor units. Cash is rounded to the whole unit at most: by half of it. A
/// currency whose smallest coin is larger has a line of its own.
fn max_rounding(currency: Currency) -> u64 {
    match (currency.code(), currency.exponent()) {
        // To 5 forints.
        ("HUF", _) => 250,
        // To tens, as in Chile.
        (_, 0) => 5,
        (_, exponent) => 10_u64.pow(u32::from(exponent)) / 2,
    }
}

/// What a document states and what follows from its lines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}{}", .rule.as_str(), .rule.says(), expected(.computed))]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// The field, as a path into the document: `lines[3].net_minor`.
    pub field: String,
    /// The amount that follows from the rest, where the rule is about one.
    pub computed: Option<i128>,
}

fn expected(computed: &Option<i128>) -> String {
    computed.map_or_else(String::new, |minor| format!(" (which is {minor})"))
}

fn holds(is: bool, rule: Rule, field: impl FnOnce() -> String) -> Result<(), Finding> {
    if is { Ok(()) } else { Err(Finding { rule, field: field(), computed: None }) }
}

fn equals(stated: i64, computed: i128, rule: Rule, field: impl FnOnce() -> String) -> Result<(), Finding> {
    if i128::from(stated) == computed {
        Ok(())
    } else {
        Err(Finding { rule, field: field(), computed: Some(computed) })
    }
}

/// What is taxed alike: the sum, and the sum of the taxes rounded one by one.
#[derive(Debug, Clone, Copy, Default)]
struct Taxed {
    base: i128,
    by_line: i128,
}

fn taxed(lines: &[Line], adjustments: &[Adjustment]) -> BTreeMap<(TaxCategory, Percent), Taxed> {
    let of_lines = lines.iter().map(|line| (line.tax_category, line.tax_percent, i128::from(line.net_minor.minor())));
    let of_rest = adjustments.iter().map(|one| (one.tax_category, one.tax_percent, one.signed_minor()));
    let mut taxed: BTreeMap<_, Taxed> = BTreeMap::new();
    for (category, percent, minor) in of_lines.chain(of_rest) {
        let so_far = taxed.entry((category, percent)).or_default();
        so_far.base += minor;
        so_far.by_line += percent.of(minor);
    }
    taxed
}

fn sum_of(adjustments: &[Adjustment], kind: AdjustmentKind) -> i128 {
    adjustments.iter().filter(|one| one.kind == kind).map(|one| i128::from(one.amount_minor.minor())).sum()
}

/// Checks what a document states against its lines.
///
/// # Errors
/// [`Finding`]: the first rule that does not hold, lines first.
pub fn check(
    currency: Currency,
    lines: &[Line],
    adjustments: &[Adjustment],
    taxes: &[TaxSubtotal],
    totals: &Totals,
    total: Total,
) -> Result<(), Finding> {
    check_lines(currency, lines, adjustments)?;
    check_taxes(lines, adjustments, taxes)?;
    let field = |name: &str| format!("totals.{name}");
    let nets: i128 = lines.iter().map(|line| i128::from(line.net_minor.minor())).sum();
    let allowances = sum_of(adjustments, AdjustmentKind::Allowance);
    let charges = sum_of(adjustments, AdjustmentKind::Charge);
    let net = nets - allowances + charges;
    let tax: i128 = taxes.iter().map(|part| i128::from(part.tax_minor.minor())).sum();
    equals(totals.lines_minor.minor(), nets, Rule::LinesTotal, || field("lines_minor"))?;
    equals(totals.allowances_minor.minor(), allowances, Rule::AllowancesTotal, || field("allowances_minor"))?;
    equals(totals.charges_minor.minor(), charges, Rule::ChargesTotal, || field("charges_minor"))?;
    equals(totals.net_minor.minor(), net, Rule::NetTotal, || field("net_minor"))?;
    equals(totals.tax_minor.minor(), tax, Rule::TaxTotal, || field("tax_minor"))?;
    equals(totals.gross_minor.minor(), net + tax, Rule::GrossTotal, || field("gross_minor"))?;
    let is_small = totals.rounding_minor.minor().unsigned_abs() <= max_rounding(currency);
    holds(is_small, Rule::Rounding, || field("rounding_minor"))?;
    let payable = net + tax + i128::from(totals.rounding_minor.minor());
    equals(total.minor(), payable, Rule::PayableTotal, || "total_minor".to_owned())
}

fn check_lines(currency: Currency, lines: &[Line], adjustments: &[Adjustment]) -> Result<(), Finding> {
    holds((1..=MAX_LINES).contains(&lines.len()), Rule::LineCount, || "lines".to_owned())?;
    holds(adjustments.len() <= MAX_ADJUSTMENTS, Rule::PartCount, || "adjustments".to_owned())?;
    let rate_fits = |category, percent: Percent| category == TaxCategory::Standard || percent.is_zero();
    for (at, line) in lines.iter().enumerate() {
        let field = |name: &str| format!("lines[{at}].{name}");
        holds(rate_fits(line.tax_category, line.tax_percent), Rule::ZeroRate, || field("tax_percent"))?;
        let discounts = (line.discount_percent, line.discount_minor);
        holds(!matches!(discounts, (Some(_), Some(_))), Rule::OneDiscount, || field("discount_minor"))?;
        equals(line.net_minor.minor(), line.computed_net(currency), Rule::LineNet, || field("net_minor"))?;
    }
    for (at, one) in adjustments.iter().enumerate() {
        let field = || format!("adjustments[{at}].tax_percent");
        holds(rate_fits(one.tax_category, one.tax_percent), Rule::ZeroRate, field)?;
    }
    Ok(())
}

fn check_taxes(lines: &[Line], adjustments: &[Adjustment], taxes: &[TaxSubtotal]) -> Result<(), Finding> {
    holds(taxes.len() <= MAX_ADJUSTMENTS, Rule::PartCount, || "taxes".to_owned())?;
    let mut left = taxed(lines, adjustments);
    for (at, part) in taxes.iter().enumerate() {
        let field = |name: &str| format!("taxes[{at}].{name}");
        let Some(of) = left.remove(&(part.tax_category, part.tax_percent)) else {
            return holds(false, Rule::TaxParts, || field("tax_percent"));
        };
        equals(part.taxable_minor.minor(), of.base, Rule::TaxBase, || field("taxable_minor"))?;
        if i128::from(part.tax_minor.minor()) != of.by_line {
            let whole = part.tax_percent.of(of.base);
            equals(part.tax_minor.minor(), whole, Rule::TaxAmount, || field("tax_minor"))?;
        }
    }
    holds(left.is_empty(), Rule::TaxParts, || "taxes".to_owned())
}

/// The tax breakdown and the sums that follow from lines, allowances and charges, and what is to be paid.
///
/// # Errors
/// [`Finding`] for lines that break a rule, and for a sum that is not from 0 to 10^15.
pub fn compute(
    currency: Currency,
    lines: &[Line],
    adjustments: &[Adjustment],
) -> Result<(Vec<TaxSubtotal>, Totals, Total), Finding> {
    check_lines(currency, lines, adjustments)?;
    let mut taxes = Vec::new();
    let mut tax = 0;
    for ((tax_category, tax_percent), of) in taxed(lines, adjustments) {
        let of_part = tax_percent.of(of.base);
        tax += of_part;
        taxes.push(TaxSubtotal {
            tax_category,
            tax_percent,
            taxable_minor: counted(of.base)?,
            tax_minor: counted(of_part)?,
        });
    }
    holds(taxes.len() <= MAX_ADJUSTMENTS, Rule::PartCount, || "lines".to_owned())?;
    let nets: i128 = lines.iter().map(|line| i128::from(line.net_minor.minor())).sum();
    let allowances = sum_of(adjustments, AdjustmentKind::Allowance);
    let charges = sum_of(adjustments, AdjustmentKind::Charge);
    let net = nets - allowances + charges;
    let totals = Totals {
        lines_minor: counted(nets)?,
        allowances_minor: payable(allowances)?,
        charges_minor: payable(charges)?,
        net_minor: counted(net)?,
        tax_minor: counted(tax)?,
        gross_minor: counted(net + tax)?,
        rounding_minor: Balance::ZERO,
    };
    Ok((taxes, totals, payable(net + tax)?))
}

fn beyond(minor: i128) -> Finding {
    Finding { rule: Rule::PayableTotal, field: "lines".to_owned(), computed: Some(minor) }
}

fn counted(minor: i128) -> Result<Balance, Finding> {
    let within = minor.abs() <= i128::from(MAX_AMOUNT_MINOR);
    let balance = i64::try_from(minor).ok().filter(|_| within).and_then(|minor| Balance::try_from(minor).ok());
    balance.ok_or_else(|| beyond(minor))
}

fn payable(minor: i128) -> Result<Total, Finding> {
    i64::try_from(minor).ok().and_then(|minor| Total::try_from(minor).ok()).ok_or_else(|| beyond(minor))
}
