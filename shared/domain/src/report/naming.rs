//! The roles of rows that a provider names in words and by no code.

use super::{content::ReportKind, role::RowRole};

/// The role of a total by its label, in the kind of report in which the label has that meaning.
pub(super) fn role_of_total(kind: ReportKind, label: &str) -> Option<RowRole> {
    let label = label.trim().to_lowercase();
    let words: &[(&str, RowRole)] = match kind {
        ReportKind::ProfitAndLoss => &[
            ("total income", RowRole::Income),
            ("total revenue", RowRole::Income),
            ("total trading income", RowRole::Income),
            ("total operating income", RowRole::Income),
            ("total turnover", RowRole::Income),
            ("total cost of sales", RowRole::CostOfSales),
            ("total cost of goods sold", RowRole::CostOfSales),
            ("gross profit", RowRole::GrossProfit),
            ("total operating expenses", RowRole::OperatingExpenses),
            ("total administrative costs", RowRole::OperatingExpenses),
            ("total expenses", RowRole::OperatingExpenses),
            ("total other income", RowRole::OtherIncome),
            ("total other expenses", RowRole::OtherExpenses),
            ("operating profit", RowRole::OperatingProfit),
            ("operating income", RowRole::OperatingProfit),
            ("net profit", RowRole::NetProfit),
            ("net income", RowRole::NetProfit),
            ("profit after taxation", RowRole::NetProfit),
        ],
        ReportKind::BalanceSheet => &[
            ("total assets", RowRole::TotalAssets),
            ("total liabilities", RowRole::TotalLiabilities),
            ("net assets", RowRole::NetAssets),
            ("total equity", RowRole::TotalEquity),
            ("total liabilities and equity", RowRole::TotalLiabilitiesAndEquity),
        ],
        ReportKind::CashFlow | ReportKind::CashflowForecast => &[
            ("opening balance", RowRole::CashOpening),
            ("cash and cash equivalents at beginning of period", RowRole::CashOpening),
            ("net cash movement", RowRole::CashChange),
            ("net cash flows", RowRole::CashChange),
            ("net change in cash for period", RowRole::CashChange),
            ("closing balance", RowRole::CashClosing),
            ("cash and cash equivalents at end of period", RowRole::CashClosing),
        ],
        ReportKind::AgedReceivables | ReportKind::AgedPayables => &[("total", RowRole::TotalOutstanding)],
    };
    words.iter().find(|(known, _)| *known == label).map(|(_, role)| *role)
}
