//! Open invoices: what is due and overdue, in each currency.

use domain::{
    Currency,
    invoice::{Due, Invoice, InvoiceState, InvoiceStatus, due_by_currency},
    time::Day,
};
use serde::Serialize;
use store::{Page, PageRequest, Queries, StoreError};
use utoipa::ToSchema;

/// The amount due in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AmountDue {
    currency: Currency,
    /// What is neither paid nor being paid.
    due_minor: i64,
    /// The part of it whose due day is over, in the company's time zone.
    overdue_minor: i64,
}

/// Counts and sums of the open invoices: of the 100 that are due first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenInvoiceSummary {
    open_count: usize,
    /// The sum in the company's currency that is neither paid nor being paid.
    due_minor: i64,
    /// The part of `due_minor` whose due day is over, in the company's time zone.
    overdue_minor: i64,
    /// The same sum in each other currency of the open invoices.
    other_currencies: Vec<AmountDue>,
    /// Whether there are more than were counted.
    more: bool,
}

impl OpenInvoiceSummary {
    pub(crate) fn of(page: &Page<Invoice>, own: Currency, today: Day) -> Self {
        let overdue = |currency: Currency| {
            let of_currency = page.items.iter().filter(|invoice| invoice.terms.content.currency == currency);
            let overdue = of_currency.filter(|invoice| invoice.status(today) == InvoiceStatus::Overdue);
            overdue.map(|invoice| invoice.due_minor.max(0)).sum()
        };
        let due = |due: Due| AmountDue {
            currency: due.currency,
            due_minor: due.due_minor,
            overdue_minor: overdue(due.currency),
        };
        let (owned, others): (Vec<Due>, Vec<Due>) =
            due_by_currency(&page.items).into_iter().partition(|due| due.currency == own);
        Self {
            open_count: page.items.len(),
            due_minor: owned.first().map_or(0, |due| due.due_minor),
            overdue_minor: overdue(own),
            other_currencies: others.into_iter().map(due).collect(),
            more: page.next.is_some(),
        }
    }
}

pub(crate) async fn read(queries: &Queries<'_>) -> Result<Page<Invoice>, StoreError> {
    queries.page(|tenant| tenant.invoices(Some(InvoiceState::Open)), &PageRequest::largest()).await
}

#[cfg(test)]
mod tests {
    use domain::{
        invoice::{InvoiceReport, InvoiceTerms, Recording, record},
        sales::{DocumentContent, DocumentSource, LineInput, compute},
    };

    use super::*;

    fn day(text: &str) -> Day {
        text.to_owned().try_into().unwrap()
    }

    fn invoice(currency: &str, price: &str) -> Invoice {
        let line = serde_json::json!({"description": "Paper", "quantity": "1", "unit_price": price});
        let line: LineInput = serde_json::from_value(line).unwrap();
        let currency = currency.parse().unwrap();
        let lines = vec![line.with_amount(currency).unwrap()];
        let (taxes, totals, total_minor) = compute(currency, &lines, &[]).unwrap();
        let content = DocumentContent {
            number: "2026/17".parse().unwrap(),
            customer: "CUS-1".parse().unwrap(),
            customer_name: "Papelaria".parse().unwrap(),
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
        };
        let terms = InvoiceTerms {
            content,
            settled_elsewhere_minor: 0.try_into().unwrap(),
            due_on: "2026-12-01".to_owned().try_into().unwrap(),
            payment_options: Vec::new(),
            estimate: None,
        };
        let company = "co_00000000000000000000000000000001".parse().unwrap();
        let (state, source, at) = (InvoiceState::Open, DocumentSource::Ledger, domain::UtcTime::EPOCH);
        let report = InvoiceReport { terms, state, source, by: None, at };
        match record(&company, &"INV-1".parse().unwrap(), None, report) {
            Ok(Recording::Recorded(invoice, _)) => invoice,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn other_currencies_are_summed_beside_the_companys_own() {
        let items = vec![invoice("USD", "0.70"), invoice("EUR", "10"), invoice("EUR", "25")];
        let sums = OpenInvoiceSummary::of(&Page { items, next: None }, "EUR".parse().unwrap(), day("2026-12-01"));
        let body = serde_json::to_value(sums).unwrap();
        let expected = serde_json::json!({
            "open_count": 3,
            "due_minor": 3500,
            "overdue_minor": 0,
            "other_currencies": [{"currency": "USD", "due_minor": 70, "overdue_minor": 0}],
            "more": false,
        });
        assert_eq!(body, expected);
    }

    #[test]
    fn without_open_invoices_nothing_is_due() {
        let empty = Page { items: Vec::new(), next: None };
        let sums = OpenInvoiceSummary::of(&empty, "EUR".parse().unwrap(), day("2026-12-01"));
        assert_eq!((sums.open_count, sums.due_minor, sums.other_currencies.len()), (0, 0, 0));
    }

    #[test]
    fn what_is_due_is_overdue_when_its_last_day_is_over() {
        let page = Page { items: vec![invoice("USD", "0.70"), invoice("EUR", "10")], next: None };
        let on = |text: &str| {
            let sums = OpenInvoiceSummary::of(&page, "EUR".parse().unwrap(), day(text));
            (sums.overdue_minor, sums.other_currencies[0].overdue_minor)
        };
        assert_eq!((on("2026-12-01"), on("2026-12-02")), ((0, 0), (1000, 70)));
    }
}
