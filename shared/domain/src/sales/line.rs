//! Lines of a sales document, and the allowances and charges on the whole of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::decimal::{Percent, Quantity, UnitPrice, priced};
use crate::{
    money::{Amount, Balance, Currency, Total},
    text::{Name, Note},
};

/// How value-added tax applies, as in the code list UNCL 5305 that EN 16931 uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaxCategory {
    /// Taxed at the rate (S).
    #[default]
    Standard,
    /// Taxed at zero (Z).
    Zero,
    /// Exempt (E).
    Exempt,
    /// The customer owes the tax (AE).
    ReverseCharge,
    /// Supplied within the European Union (K).
    IntraCommunity,
    /// Exported (G).
    Export,
    /// Not subject to the tax (O).
    OutsideScope,
}

/// One line as it is printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SalesLine)]
pub struct Line {
    /// What is sold.
    pub description: Note,
    /// How many.
    pub quantity: Quantity,
    /// Of which unit, such as `hour`. Default: pieces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Name>,
    /// The price of one, without tax.
    pub unit_price: UnitPrice,
    /// The discount in percent. Either this or `discount_minor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_percent: Option<Percent>,
    /// The discount as an amount in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_minor: Option<Total>,
    /// How it is taxed. Default: at the rate.
    #[serde(default)]
    pub tax_category: TaxCategory,
    /// The rate: from 0 to 100; 0 in every category but `standard`.
    #[serde(default = "no_percent")]
    pub tax_percent: Percent,
    /// Quantity times price less discount, without tax, in minor units.
    pub net_minor: Balance,
}

/// A line without its amount, which follows from the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SalesLineInput)]
pub struct LineInput {
    /// What is sold.
    pub description: Note,
    /// How many.
    pub quantity: Quantity,
    /// Of which unit, such as `hour`. Default: pieces.
    #[serde(default)]
    pub unit: Option<Name>,
    /// The price of one, without tax.
    pub unit_price: UnitPrice,
    /// The discount in percent. Either this or `discount_minor`.
    #[serde(default)]
    pub discount_percent: Option<Percent>,
    /// The discount as an amount in minor units.
    #[serde(default)]
    pub discount_minor: Option<Total>,
    /// How it is taxed. Default: at the rate.
    #[serde(default)]
    pub tax_category: TaxCategory,
    /// The rate: from 0 to 100; 0 in every category but `standard`.
    #[serde(default = "no_percent")]
    pub tax_percent: Percent,
}

pub(super) const fn no_percent() -> Percent {
    Percent::ZERO
}

/// Whether the customer pays less or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentKind {
    /// Less.
    Allowance,
    /// More.
    Charge,
}

/// An allowance or a charge on the whole document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SalesAdjustment)]
pub struct Adjustment {
    /// Which of the two.
    pub kind: AdjustmentKind,
    /// What it is for.
    pub reason: Name,
    /// How much, without tax, in minor units.
    pub amount_minor: Amount,
    /// How it is taxed. Default: at the rate.
    #[serde(default)]
    pub tax_category: TaxCategory,
    /// The rate: from 0 to 100; 0 in every category but `standard`.
    #[serde(default = "no_percent")]
    pub tax_percent: Percent,
}

impl Line {
    /// Quantity times price less discount, in minor units. A discount in percent is of the rounded amount.
    pub(super) fn computed_net(&self, currency: Currency) -> i128 {
        let full = priced(self.quantity, self.unit_price, currency.exponent());
        let share = self.discount_percent.map_or(0, |percent| percent.of(full));
        full - share - self.discount_minor.map_or(0, |amount| i128::from(amount.minor()))
    }
}

impl LineInput {
    /// The line with its amount; `None` where that is beyond what is counted.
    #[must_use]
    pub fn with_amount(self, currency: Currency) -> Option<Line> {
        let Self {
            description,
            quantity,
            unit,
            unit_price,
            discount_percent,
            discount_minor,
            tax_category,
            tax_percent,
        } = self;
        let mut line = Line {
            description,
            quantity,
            unit,
            unit_price,
            discount_percent,
            discount_minor,
            tax_category,
            tax_percent,
            net_minor: Balance::ZERO,
        };
        line.net_minor = i64::try_from(line.computed_net(currency)).ok()?.try_into().ok()?;
        Some(line)
    }
}

impl Adjustment {
    /// The amount with its sign.
    pub(super) fn signed_minor(&self) -> i128 {
        let minor = i128::from(self.amount_minor.minor());
        match self.kind {
            AdjustmentKind::Allowance => -minor,
            AdjustmentKind::Charge => minor,
        }
    }
}
