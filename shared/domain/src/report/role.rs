//! Roles: which row of a report is the net profit, the total assets, the closing cash.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{language::Reader, messages};

macro_rules! roles {
    ($($variant:ident = $text:literal { English: $english:literal, $($language:ident: $words:literal,)+ })*) => {
        /// What a row means, whatever its label and language. A role stands once in a report.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum RowRole {
            $(#[doc = $english] $variant,)*
        }

        impl RowRole {
            /// Every role, in the order in which figures are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The role as it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The role in the reader's words.
            #[must_use]
            pub const fn in_words(self, reader: &Reader) -> &'static str {
                match self {
                    $(Self::$variant => {
                        messages! { words { English: $english, $($language: $words,)+ } }
                        words(reader)
                    })*
                }
            }
        }
    };
}

roles! {
    NetProfit = "net_profit" {
        English: "Net profit",
        German: "Nettoergebnis",
        French: "Résultat net",
        Dutch: "Nettoresultaat",
        Spanish: "Resultado neto",
    }
    Income = "income" {
        English: "Income",
        German: "Erlöse",
        French: "Produits",
        Dutch: "Opbrengsten",
        Spanish: "Ingresos",
    }
    CashClosing = "cash_closing" {
        English: "Closing cash",
        German: "Endbestand der Zahlungsmittel",
        French: "Trésorerie de clôture",
        Dutch: "Eindsaldo liquide middelen",
        Spanish: "Efectivo final",
    }
    NetAssets = "net_assets" {
        English: "Net assets",
        German: "Reinvermögen",
        French: "Actif net",
        Dutch: "Nettovermogen",
        Spanish: "Activo neto",
    }
    TotalOutstanding = "total_outstanding" {
        English: "Total outstanding",
        German: "Offene Posten gesamt",
        French: "Total restant dû",
        Dutch: "Totaal openstaand",
        Spanish: "Total pendiente",
    }
    TotalOverdue = "total_overdue" {
        English: "Total overdue",
        German: "Überfällig gesamt",
        French: "Total en retard",
        Dutch: "Totaal achterstallig",
        Spanish: "Total vencido",
    }
    GrossProfit = "gross_profit" {
        English: "Gross profit",
        German: "Rohertrag",
        French: "Marge brute",
        Dutch: "Brutowinst",
        Spanish: "Beneficio bruto",
    }
    OperatingProfit = "operating_profit" {
        English: "Operating profit",
        German: "Betriebsergebnis",
        French: "Résultat d’exploitation",
        Dutch: "Bedrijfsresultaat",
        Spanish: "Resultado de explotación",
    }
    CostOfSales = "cost_of_sales" {
        English: "Cost of sales",
        German: "Umsatzkosten",
        French: "Coût des ventes",
        Dutch: "Kostprijs van de omzet",
        Spanish: "Coste de ventas",
    }
    OperatingExpenses = "operating_expenses" {
        English: "Operating expenses",
        German: "Betriebliche Aufwendungen",
        French: "Charges d’exploitation",
        Dutch: "Bedrijfskosten",
        Spanish: "Gastos de explotación",
    }
    OtherIncome = "other_income" {
        English: "Other income",
        German: "Sonstige Erträge",
        French: "Autres produits",
        Dutch: "Overige opbrengsten",
        Spanish: "Otros ingresos",
    }
    OtherExpenses = "other_expenses" {
        English: "Other expenses",
        German: "Sonstige Aufwendungen",
        French: "Autres charges",
        Dutch: "Overige kosten",
        Spanish: "Otros gastos",
    }
    TotalAssets = "total_assets" {
        English: "Total assets",
        German: "Summe Aktiva",
        French: "Total de l’actif",
        Dutch: "Totaal activa",
        Spanish: "Total activo",
    }
    TotalLiabilities = "total_liabilities" {
        English: "Total liabilities",
        German: "Summe Verbindlichkeiten",
        French: "Total des dettes",
        Dutch: "Totaal schulden",
        Spanish: "Total pasivo",
    }
    TotalEquity = "total_equity" {
        English: "Total equity",
        German: "Summe Eigenkapital",
        French: "Total des capitaux propres",
        Dutch: "Totaal eigen vermogen",
        Spanish: "Total patrimonio neto",
    }
    TotalLiabilitiesAndEquity = "total_liabilities_and_equity" {
        English: "Total liabilities and equity",
        German: "Summe Passiva",
        French: "Total du passif",
        Dutch: "Totaal passiva",
        Spanish: "Total patrimonio neto y pasivo",
    }
    CashOpening = "cash_opening" {
        English: "Opening cash",
        German: "Anfangsbestand der Zahlungsmittel",
        French: "Trésorerie d’ouverture",
        Dutch: "Beginsaldo liquide middelen",
        Spanish: "Efectivo inicial",
    }
    CashIn = "cash_in" {
        English: "Cash in",
        German: "Einzahlungen",
        French: "Encaissements",
        Dutch: "Ontvangsten",
        Spanish: "Cobros",
    }
    CashOut = "cash_out" {
        English: "Cash out",
        German: "Auszahlungen",
        French: "Décaissements",
        Dutch: "Uitgaven",
        Spanish: "Pagos",
    }
    CashChange = "cash_change" {
        English: "Change in cash",
        German: "Veränderung der Zahlungsmittel",
        French: "Variation de trésorerie",
        Dutch: "Mutatie liquide middelen",
        Spanish: "Variación del efectivo",
    }
}
