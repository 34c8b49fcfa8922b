//! Roles: which row of a report is the net profit, the total assets, the closing cash.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! roles {
    ($($variant:ident = $text:literal, $words:literal;)*) => {
        /// What a row means, whatever its label and language. A role stands once in a report.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum RowRole {
            $(#[doc = $words] $variant,)*
        }

        impl RowRole {
            /// Every role, in the order in which figures are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The role as it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The role in words.
            #[must_use]
            pub const fn in_words(self) -> &'static str {
                match self { $(Self::$variant => $words,)* }
            }
        }
    };
}

roles! {
    NetProfit = "net_profit", "Net profit";
    Income = "income", "Income";
    CashClosing = "cash_closing", "Closing cash";
    NetAssets = "net_assets", "Net assets";
    TotalOutstanding = "total_outstanding", "Total outstanding";
    TotalOverdue = "total_overdue", "Total overdue";
    GrossProfit = "gross_profit", "Gross profit";
    OperatingProfit = "operating_profit", "Operating profit";
    CostOfSales = "cost_of_sales", "Cost of sales";
    OperatingExpenses = "operating_expenses", "Operating expenses";
    OtherIncome = "other_income", "Other income";
    OtherExpenses = "other_expenses", "Other expenses";
    TotalAssets = "total_assets", "Total assets";
    TotalLiabilities = "total_liabilities", "Total liabilities";
    TotalEquity = "total_equity", "Total equity";
    TotalLiabilitiesAndEquity = "total_liabilities_and_equity", "Total liabilities and equity";
    CashOpening = "cash_opening", "Opening cash";
    CashIn = "cash_in", "Cash in";
    CashOut = "cash_out", "Cash out";
    CashChange = "cash_change", "Change in cash";
}
