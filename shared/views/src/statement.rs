//! Statements of account of a customer, as JSON and as CSV: for the company's people and for the customer's contacts.

use api::{Answer, Api, ApiError, ApiResult, Cell, Csv, Problem};
use axum::response::{IntoResponse, Response};
use domain::{
    Currency, Name, Reference, UtcTime,
    customer::Customer,
    receivables::{
        Ageing, CustomerAccount, Movement, MovementKind, Statement, StatementEntry, StatementPeriod, statement,
    },
    time::Day,
};
use serde::{Deserialize, Serialize};
use store::{Attempt, Authority, PageRequest, Queries, StoreError, retry_on_conflict};
use utoipa::{IntoParams, ToSchema};

use crate::list::Format;

/// The most pages of a hundred movements that are read for one statement.
const MAX_PAGES: usize = 50;

/// The period of a statement of account, and its format.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatementQuery {
    /// The first day.
    from: Day,
    /// The last day.
    until: Day,
    /// One currency. Default: each in which the customer has had documents.
    #[serde(default)]
    currency: Option<Currency>,
    #[serde(default)]
    #[param(inline)]
    format: Format,
}

/// A movement of the account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatementEntry)]
pub(crate) struct EntryView {
    on: Day,
    kind: MovementKind,
    /// The invoice or credit note.
    document: Reference,
    /// The number printed on it.
    number: Name,
    /// How much more is owed, in minor units; less where it is negative.
    amount_minor: i64,
    /// What is owed after it, in minor units.
    balance_minor: i64,
}

impl From<StatementEntry> for EntryView {
    fn from(entry: StatementEntry) -> Self {
        let StatementEntry { movement, balance_minor } = entry;
        Self {
            on: movement.day,
            kind: movement.kind,
            document: movement.document,
            number: movement.number,
            amount_minor: movement.amount_minor,
            balance_minor,
        }
    }
}

/// A statement of account in one currency. The opening balance, plus the documents, less what was received, is the
/// closing balance.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CurrencyStatement)]
pub(crate) struct CurrencyStatementView {
    currency: Currency,
    /// What was owed when the period began, in minor units; negative in the customer's favour.
    opening_minor: i64,
    /// Invoices less credit notes.
    documents_minor: i64,
    /// Payments and what was settled elsewhere, less refunds and what was paid out.
    received_minor: i64,
    /// What is owed when it ends.
    closing_minor: i64,
    /// By day, and in the order of recording.
    entries: Vec<EntryView>,
    /// What is open today, by how long it is overdue.
    ageing: Ageing,
}

impl CurrencyStatementView {
    fn of(made: Statement, ageing: Ageing) -> Self {
        Self {
            currency: made.currency,
            opening_minor: made.opening_minor,
            documents_minor: made.documents_minor,
            received_minor: made.received_minor,
            closing_minor: made.closing_minor,
            entries: made.entries.into_iter().map(Into::into).collect(),
            ageing,
        }
    }
}

/// A customer's statement of account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Statement)]
pub(crate) struct StatementView {
    customer: Reference,
    customer_name: Name,
    from: Day,
    until: Day,
    /// Today in the company's time zone, for the ageing.
    today: Day,
    currencies: Vec<CurrencyStatementView>,
}

/// One statement of account.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatementResponse {
    statement: StatementView,
}

/// Answers with a customer's statement of account, as JSON or as a CSV file.
///
/// # Errors
/// `422 invalid-field` for a period that ends before it begins, or with more movements since then than are read;
/// `404 not-found` for a customer who is not there.
pub async fn answer_statement(
    api: &Api,
    authority: &Authority,
    now: UtcTime,
    customer: &Reference,
    query: &StatementQuery,
) -> ApiResult<Response> {
    if query.until < query.from {
        return Err(Problem::field("until", "must not be before `from`").into());
    }
    let period = StatementPeriod { from: query.from, until: query.until };
    let read = retry_on_conflict(async || read(api, authority, now, customer, query.from).await).await?;
    let account = read.account;
    let wanted = |currency: Currency| query.currency.is_none_or(|wanted| wanted == currency);
    let currencies = account.currencies.iter().filter(|account| wanted(account.currency)).map(|account| {
        let made = statement(period, account.currency, account.balance_minor, read.since.iter().cloned());
        CurrencyStatementView::of(made, account.ageing(read.today))
    });
    let statement = StatementView {
        customer: customer.clone(),
        customer_name: read.customer.details.name,
        from: query.from,
        until: query.until,
        today: read.today,
        currencies: currencies.collect(),
    };
    match query.format {
        Format::Json => Ok(Answer::ok(&StatementResponse { statement })?.into_response()),
        Format::Csv => Ok(rows(&statement).download(&format!("statement-{}-{}.csv", statement.from, statement.until))),
    }
}

struct Read {
    customer: Customer,
    account: CustomerAccount,
    today: Day,
    since: Vec<Movement>,
}

/// Reads the account and then its movements since a day. The account is read again behind them: where it changed in
/// between, the sums would not tie, and all is read anew.
async fn read(
    api: &Api,
    authority: &Authority,
    now: UtcTime,
    customer: &Reference,
    from: Day,
) -> Result<Read, Attempt<ApiError>> {
    let ((company, of_customer), (account, since)) = api
        .store
        .load_and_query(
            authority,
            now,
            |tenant| (tenant.company(), tenant.customer(customer)),
            async |queries| {
                // Not beside the movements: they could lack one that this balance has.
                let account = queries.get(|tenant| tenant.customer_account(customer)).await?;
                Ok((account, movements(&queries, customer, from).await?))
            },
        )
        .await?;
    let company = company.ok_or_else(Problem::not_found)?;
    let of_customer = of_customer.ok_or_else(Problem::not_found)?;
    let Some(since) = since else {
        let most = MAX_PAGES * 100;
        return Err(Problem::field("from", format!("there are more than {most} movements since then")).into());
    };
    let again = api.store.load(authority, now, |tenant| tenant.customer_account(customer)).await?;
    let version = |account: &Option<CustomerAccount>| account.as_ref().map(|account| account.version);
    if version(&again) != version(&account) {
        return Err(StoreError::Conflict.into());
    }
    Ok(Read {
        account: account.unwrap_or_else(|| CustomerAccount::new(company.id, customer.clone())),
        customer: of_customer,
        today: now.day_in(&company.time_zone),
        since,
    })
}

/// The movements since a day; `None` where there are more than are read.
async fn movements(
    queries: &Queries<'_>,
    customer: &Reference,
    from: Day,
) -> Result<Option<Vec<Movement>>, StoreError> {
    let (mut since, mut request) = (Vec::new(), PageRequest::largest());
    for _ in 0..MAX_PAGES {
        let page = queries.page(|tenant| tenant.movements_since(customer, from), &request).await?;
        since.extend(page.items);
        match page.next {
            Some(next) => request = request.starting_at(next),
            None => return Ok(Some(since)),
        }
    }
    Ok(None)
}

/// The statement as a file: for each currency the opening balance, the movements and the closing balance.
fn rows(statement: &StatementView) -> Csv {
    let mut csv = Csv::new(&["currency", "date", "kind", "document", "number", "amount_minor", "balance_minor"]);
    let (from, until) = (statement.from.to_string(), statement.until.to_string());
    for of_currency in &statement.currencies {
        let currency = of_currency.currency.to_string();
        let (currency, none) = (Cell::Text(&currency), Cell::Empty);
        let opening = of_currency.opening_minor.into();
        csv.row(&[currency, Cell::Text(&from), "opening_balance".into(), none, none, none, opening]);
        for entry in &of_currency.entries {
            let (on, document, number) = (entry.on.to_string(), entry.document.to_string(), entry.number.to_string());
            let kind = entry.kind.as_str().into();
            let (amount, balance) = (entry.amount_minor.into(), entry.balance_minor.into());
            csv.row(&[currency, Cell::Text(&on), kind, Cell::Text(&document), Cell::Text(&number), amount, balance]);
        }
        let closing = of_currency.closing_minor.into();
        csv.row(&[currency, Cell::Text(&until), "closing_balance".into(), none, none, none, closing]);
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;

    fn movement(day: &str, kind: MovementKind, number: &str, amount_minor: i64) -> Movement {
        Movement {
            company: "co_00000000000000000000000000000001".parse().unwrap(),
            customer: "CUS-1".parse().unwrap(),
            day: day.to_owned().try_into().unwrap(),
            kind,
            document: "INV-1".parse().unwrap(),
            number: number.parse().unwrap(),
            currency: "EUR".parse().unwrap(),
            amount_minor,
            at: UtcTime::EPOCH,
            document_version: 1,
        }
    }

    /// A spreadsheet that adds the amounts to the opening balance comes to the closing balance.
    /// Proves: CP10
    #[test]
    fn the_file_of_a_statement_begins_and_ends_with_the_balances_and_ties() {
        let day = |text: &str| Day::try_from(text.to_owned()).unwrap();
        let period = StatementPeriod { from: day("2026-11-01"), until: day("2026-11-30") };
        let since = [
            movement("2026-11-02", MovementKind::Invoice, "=2026/17", 5_000),
            movement("2026-11-20", MovementKind::Payment, "2026/17", -2_000),
            movement("2026-12-01", MovementKind::Invoice, "2026/18", 700),
        ];
        let made = statement(period, "EUR".parse().unwrap(), 4_700, since);
        let view = StatementView {
            customer: "CUS-1".parse().unwrap(),
            customer_name: "Loja Azul".parse().unwrap(),
            from: period.from,
            until: period.until,
            today: period.until,
            currencies: vec![CurrencyStatementView::of(made, Ageing::default())],
        };
        let expected = "currency,date,kind,document,number,amount_minor,balance_minor\r\n\
            EUR,2026-11-01,opening_balance,,,,1000\r\n\
            EUR,2026-11-02,invoice,INV-1,'=2026/17,5000,6000\r\n\
            EUR,2026-11-20,payment,INV-1,2026/17,-2000,4000\r\n\
            EUR,2026-11-30,closing_balance,,,,4000\r\n";
        assert_eq!(rows(&view).as_str(), expected);
    }
}
