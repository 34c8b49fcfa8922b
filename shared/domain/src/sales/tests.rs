//! How documents add up.

use proptest::{prelude::*, sample::Index};

use super::{
    samples::{adjustment, any_content, euros, line, of_lines},
    *,
};
use crate::{Currency, comment::Topic, samples::company, time::UtcTime};

fn net(line: LineInput, currency: &str) -> i64 {
    line.with_amount(currency.parse().unwrap()).unwrap().net_minor.minor()
}

#[test]
fn decimals_are_exact_and_have_one_form() {
    for (written, same) in [("1.50", "1.5"), ("0", "0"), ("-0.000001", "-0.000001"), ("999999999.999999", "")] {
        let parsed: Quantity = written.parse().unwrap();
        assert_eq!(parsed.to_string(), if same.is_empty() { written } else { same });
    }
    for text in ["", "-", ".5", "5.", "1e3", "1,5", "+1", " 1", "01", "1.0000001", "1000000000", "NaN", "١"] {
        assert!(text.parse::<Quantity>().is_err(), "{text}");
    }
    assert_eq!("-1".parse::<UnitPrice>(), Err(DecimalError::Negative));
    assert_eq!("120".parse::<Percent>(), Err(DecimalError::AboveHundred));
    assert!("100".parse::<Percent>().is_ok() && "100.0001".parse::<Percent>().is_err());
    // A number of JSON is no decimal: it might have been a float.
    assert!(serde_json::from_str::<Quantity>("1.5").is_err());
}

#[test]
fn amounts_are_rounded_half_away_from_zero_on_both_sides() {
    assert_eq!(net(line("1", "12.345"), "EUR"), 1_235);
    assert_eq!(net(line("-1", "12.345"), "EUR"), -1_235);
    assert_eq!(net(line("3", "0.333333"), "EUR"), 100);
    assert_eq!(net(line("1", "1234.5"), "JPY"), 1_235);
    assert_eq!(net(line("1", "1.2345"), "KWD"), 1_235);
    let tenth = LineInput { discount_percent: Some("10".parse().unwrap()), ..line("1", "0.45") };
    assert_eq!(net(tenth, "EUR"), 40, "5 cents of 45: 4.5 rounded away from zero");
}

/// Numbers as the rules of EN 16931 are published with: 642.60 at 21 %.
#[test]
fn a_tax_that_is_wrong_by_a_little_is_refused_even_where_the_standard_tolerates_it() {
    let mut content = of_lines("1", "CUS-1", euros(), vec![taxed("642.60", "21")]);
    assert_eq!(content.totals.tax_minor.minor(), 13_495);
    for part in &mut content.taxes {
        part.tax_minor = 13_425.try_into().unwrap();
    }
    assert_eq!(rule(&content), Some(Rule::TaxAmount));
}

/// A total that does not add up would pass as rounding.
#[test]
fn rounding_is_that_of_cash() {
    let rounded = |currency: &str, price: &str, minor: i64| {
        let currency = currency.parse().unwrap();
        let mut content = of_lines("1", "CUS-1", currency, vec![line("1", price).with_amount(currency).unwrap()]);
        content.totals.rounding_minor = minor.try_into().unwrap();
        content.total_minor = (content.total_minor.minor() + minor).try_into().unwrap();
        rule(&content)
    };
    for (currency, price, most) in
        [("SEK", "99.50", 50), ("HUF", "997.50", 250), ("CLP", "995", 5), ("KWD", "9.5", 500)]
    {
        for minor in [most, -most] {
            assert_eq!(rounded(currency, price, minor), None, "{currency}");
        }
        for minor in [most + 1, -most - 1, 5_000] {
            assert_eq!(rounded(currency, price, minor), Some(Rule::Rounding), "{currency} {minor}");
        }
    }
}

fn taxed(price: &str, percent: &str) -> Line {
    LineInput { tax_percent: percent.parse().unwrap(), ..line("1", price) }.with_amount(euros()).unwrap()
}

/// A ledger that rounds the tax of each line states 2 cents here, one that rounds the sum states 3.
#[test]
fn the_tax_may_be_rounded_by_line_or_as_a_whole() {
    let mut content = of_lines("1", "CUS-1", euros(), vec![taxed("0.10", "14"), taxed("0.10", "14")]);
    assert_eq!(content.totals.tax_minor.minor(), 3);
    let by_line = 2;
    content.taxes[0].tax_minor = by_line.try_into().unwrap();
    content.totals.tax_minor = by_line.try_into().unwrap();
    content.totals.gross_minor = 22.try_into().unwrap();
    content.total_minor = 22.try_into().unwrap();
    assert_eq!(rule(&content), None);
}

/// Numbers that were worked out by hand: the code that computes them also checks them.
#[test]
fn an_allowance_takes_from_what_is_taxed_and_a_charge_adds_to_it() {
    let adjustments = [
        adjustment(AdjustmentKind::Allowance, 1_000, "23"),
        adjustment(AdjustmentKind::Allowance, 500, "6"),
        adjustment(AdjustmentKind::Charge, 400, "6"),
    ];
    let (taxes, totals, total) = compute(euros(), &[taxed("100", "23"), taxed("50", "6")], &adjustments).unwrap();
    let parts: Vec<_> = taxes.iter().map(|part| (part.taxable_minor.minor(), part.tax_minor.minor())).collect();
    assert_eq!(parts, [(4_900, 294), (9_000, 2_070)]);
    let Totals { lines_minor, allowances_minor, charges_minor, net_minor, tax_minor, .. } = totals;
    assert_eq!((lines_minor.minor(), allowances_minor.minor(), charges_minor.minor()), (15_000, 1_500, 400));
    assert_eq!((net_minor.minor(), tax_minor.minor(), total.minor()), (13_900, 2_364, 16_264));
    let more = [adjustment(AdjustmentKind::Allowance, 15_001, "23")];
    let refused = compute(euros(), &[taxed("100", "23"), taxed("50", "23")], &more).unwrap_err();
    assert_eq!(refused.rule, Rule::PayableTotal, "nothing below zero is to be paid");
}

/// A line that takes back what another sold, and a discount as an amount.
#[test]
fn a_line_may_take_back_and_a_discount_may_be_an_amount() {
    let less = LineInput { discount_minor: Some(150.try_into().unwrap()), ..line("3", "10") };
    assert_eq!(net(less.clone(), "EUR"), 2_850);
    let back = LineInput { quantity: "-1".parse().unwrap(), discount_minor: None, ..less.clone() };
    let lines = [less, back].map(|line| line.with_amount(euros()).unwrap());
    let (taxes, totals, total) = compute(euros(), &lines, &[]).unwrap();
    assert_eq!((taxes[0].taxable_minor.minor(), totals.net_minor.minor(), total.minor()), (1_850, 1_850, 2_276));
}

#[test]
fn the_number_of_lines_has_a_limit() {
    let one = taxed("1", "0");
    assert_eq!(compute(euros(), &vec![one.clone(); 1_001], &[]).unwrap_err().rule, Rule::LineCount);
    assert_eq!(compute(euros(), &[], &[]).unwrap_err().rule, Rule::LineCount);
    assert!(compute(euros(), &vec![one; 1_000], &[]).is_ok());
}

#[test]
fn a_refusal_names_the_line_and_the_rule() {
    let mut lines = vec![taxed("1", "23"), taxed("2", "23")];
    let mut content = of_lines("1", "CUS-1", euros(), lines.clone());
    content.lines[1].net_minor = 201.try_into().unwrap();
    let refused = content.check(euros(), false, None).unwrap_err();
    assert_eq!(refused.field(), "lines[1].net_minor");
    assert_eq!(refused.to_string(), "line-net: quantity times price less discount (which is 200)");
    lines[0].tax_category = TaxCategory::Exempt;
    assert_eq!(compute(euros(), &lines, &[]).unwrap_err().field, "lines[0].tax_percent");
    let twice = LineInput {
        discount_percent: Some("1".parse().unwrap()),
        discount_minor: Some(1.try_into().unwrap()),
        ..line("1", "1")
    };
    let twice = [twice.with_amount(euros()).unwrap()];
    assert_eq!(compute(euros(), &twice, &[]).unwrap_err().rule, Rule::OneDiscount);
}

#[test]
fn another_currency_than_the_customers_has_to_be_meant() {
    let content = of_lines("1", "CUS-1", euros(), vec![taxed("1", "0")]);
    let dollars: Currency = "USD".parse().unwrap();
    assert_eq!(content.check(dollars, false, None).unwrap_err().field(), "currency");
    assert!(content.check(dollars, true, None).is_ok() && content.check(euros(), false, None).is_ok());
    // The customer's currency changed since: what was issued before is still reported.
    let corrected = of_lines("1", "CUS-1", euros(), vec![taxed("2", "0")]);
    assert!(corrected.check(dollars, false, Some(&content)).is_ok());
    let others = DocumentContent { customer: "CUS-2".parse().unwrap(), ..content.clone() };
    let before = DocumentContent { currency: dollars, ..content };
    for known in [others, before] {
        assert_eq!(corrected.check(dollars, false, Some(&known)).unwrap_err().field(), "currency");
    }
}

fn rule(content: &DocumentContent) -> Option<Rule> {
    let DocumentContent { currency, lines, adjustments, taxes, totals, total_minor, .. } = content;
    check(*currency, lines, adjustments, taxes, totals, *total_minor).err().map(|finding| finding.rule)
}

/// The amount a unit up or down, or the other way where there is nothing to take from.
fn off<T: TryFrom<i64, Error: std::fmt::Debug>>(minor: i64, by: i64) -> T {
    T::try_from(minor + by).or_else(|_| T::try_from(minor - by)).unwrap()
}

proptest! {
    /// Whatever is sold, what we compute is accepted; and an amount that is wrong by one unit is refused by the rule
    /// that is about it, at the place where it is.
    #[test]
    fn an_amount_that_is_off_by_one_is_refused_by_its_rule(
        content in any_content(), which in 0_usize..12, at in any::<Index>(),
        by in prop::sample::select(vec![1_i64, -1]),
    ) {
        prop_assert_eq!(rule(&content), None);
        let mut broken = content.clone();
        let line = at.index(broken.lines.len());
        let part = at.index(broken.taxes.len());
        let totals = &mut broken.totals;
        let (expected, field) = match which {
            0 => {
                broken.lines[line].net_minor = off(broken.lines[line].net_minor.minor(), by);
                (Rule::LineNet, format!("lines[{line}].net_minor"))
            }
            1 => {
                broken.taxes[part].taxable_minor = off(broken.taxes[part].taxable_minor.minor(), by);
                (Rule::TaxBase, format!("taxes[{part}].taxable_minor"))
            }
            2 => {
                broken.taxes[part].tax_minor = off(broken.taxes[part].tax_minor.minor(), by);
                (Rule::TaxAmount, format!("taxes[{part}].tax_minor"))
            }
            3 => {
                totals.lines_minor = off(totals.lines_minor.minor(), by);
                (Rule::LinesTotal, "totals.lines_minor".to_owned())
            }
            4 => {
                totals.allowances_minor = off(totals.allowances_minor.minor(), by);
                (Rule::AllowancesTotal, "totals.allowances_minor".to_owned())
            }
            5 => {
                totals.charges_minor = off(totals.charges_minor.minor(), by);
                (Rule::ChargesTotal, "totals.charges_minor".to_owned())
            }
            6 => {
                totals.net_minor = off(totals.net_minor.minor(), by);
                (Rule::NetTotal, "totals.net_minor".to_owned())
            }
            7 => {
                totals.tax_minor = off(totals.tax_minor.minor(), by);
                (Rule::TaxTotal, "totals.tax_minor".to_owned())
            }
            8 => {
                totals.gross_minor = off(totals.gross_minor.minor(), by);
                (Rule::GrossTotal, "totals.gross_minor".to_owned())
            }
            9 => {
                totals.rounding_minor = off(totals.rounding_minor.minor(), by);
                (Rule::PayableTotal, "total_minor".to_owned())
            }
            10 => {
                // What is to be paid agrees with it.
                let rounding = if totals.gross_minor.minor() < 51 { 51 } else { 51 * by };
                totals.rounding_minor = rounding.try_into().unwrap();
                broken.total_minor = (totals.gross_minor.minor() + rounding).try_into().unwrap();
                (Rule::Rounding, "totals.rounding_minor".to_owned())
            }
            _ => {
                broken.total_minor = off(broken.total_minor.minor(), by);
                (Rule::PayableTotal, "total_minor".to_owned())
            }
        };
        let found = broken.check(euros(), false, None).unwrap_err();
        let ContentError::Finding(found) = found else { panic!("{found:?}") };
        if which == 2 && found.rule == Rule::TaxTotal {
            // That is what rounding line by line gives: then the sum of the taxes is wrong.
            prop_assert_eq!(found.field, "totals.tax_minor");
        } else {
            prop_assert_eq!((found.rule, found.field), (expected, field));
        }
    }

    /// The breakdown is of all that is sold, so an allowance takes from what is taxed as it takes from the sum.
    #[test]
    fn the_breakdown_adds_up_to_the_net_sum(content in any_content()) {
        let taxed: i64 = content.taxes.iter().map(|part| part.taxable_minor.minor()).sum();
        let totals = &content.totals;
        prop_assert_eq!(taxed, totals.net_minor.minor());
        let parts = totals.lines_minor.minor() - totals.allowances_minor.minor() + totals.charges_minor.minor();
        prop_assert_eq!(parts, taxed);
    }

    /// What is written is read again as the same number.
    #[test]
    fn a_decimal_survives_its_text(scaled in -999_999_999_999_999_i64..=999_999_999_999_999) {
        let sign = if scaled < 0 { "-" } else { "" };
        let text = format!("{sign}{}.{:06}", scaled.abs() / 1_000_000, scaled.abs() % 1_000_000);
        let quantity: Quantity = text.parse().unwrap();
        prop_assert_eq!(quantity.to_string().parse::<Quantity>().unwrap(), quantity);
    }
}

#[test]
fn many_long_lines_are_kept_beside_the_document_and_come_back_in_order() {
    let long =
        |n: usize| Line { description: format!("{n} {}", "x".repeat(1_900)).parse().unwrap(), ..taxed("1", "0") };
    let digest = crate::content_digest::ContentDigest::of(&1);
    let all: Vec<Line> = (0..400).map(long).collect();
    let mut left = all.clone();
    let parts = split_lines(&mut left, &digest);
    assert!(left.is_empty() && parts.len() == 4, "{}", parts.len());
    let together = join_lines(parts.iter().cloned().map(Some).collect(), &digest);
    assert_eq!(together.as_deref(), Some(&all[..]));
    let missing = parts.iter().cloned().map(Some).chain([None]).collect();
    assert_eq!(join_lines(missing, &digest), None);
    assert_eq!(join_lines(parts.into_iter().map(Some).collect(), &crate::content_digest::ContentDigest::of(&2)), None);
    let mut few = vec![taxed("1", "0"); 200];
    assert!(split_lines(&mut few, &digest).is_empty() && few.len() == 200);
}

#[test]
fn a_view_counts_for_one_revision_and_the_first_of_all_is_noted() {
    let look = |revision, at_s| DocumentView {
        company: company(1),
        topic: Topic::Invoice,
        document: "INV-1".parse().unwrap(),
        revision,
        viewer: Viewer { kind: ViewerKind::Contact, id: "ct_1".parse().unwrap() },
        viewer_name: "Carla".parse().unwrap(),
        first_at: UtcTime::EPOCH.plus_s(at_s),
        last_at: UtcTime::EPOCH.plus_s(at_s),
        count: 1,
        version: 1,
    };
    let first = see(None, None, look(1, 0));
    let noted = first.first_of_revision;
    assert_eq!(noted, Some(ViewedRevision { revision: 1, at: UtcTime::EPOCH }));
    let again = see(Some(first.view), noted, look(1, 60));
    assert_eq!((again.view.count, again.view.first_at, again.first_of_revision), (2, UtcTime::EPOCH, None));
    assert_eq!(again.view.last_at, UtcTime::EPOCH.plus_s(60));
    assert!(see(None, noted, look(2, 120)).first_of_revision.is_some(), "the changed content was not seen before");
}
