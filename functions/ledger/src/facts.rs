//! Facts: the ledger states what it knows and people want to hear, one at a time or many at once.

use std::collections::BTreeMap;

use api::{
    Answer, Api, ApiError, ApiResult, Body, BulkBody, Column, FieldError, Machine, Path, Problem, RowOutcome,
    bulk::{Cells, Row},
    scope,
};
use axum::extract::State;
use domain::{
    CompanyId, Currency, Reference, UtcTime,
    ledger_fact::{FactContent, FactError, FactKind, LedgerFact, ReferenceStated, state},
    money::Balance,
    time::Day,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use store::{Attempt, StoreError, retry_on_conflict};
use utoipa::ToSchema;

use crate::{Which, report};

/// How many facts one transaction records, with three items each, of the hundred that it takes.
const FACTS_PER_CHANGE: usize = 30;
/// Of how many companies facts are recorded at the same time.
const COMPANIES_AT_ONCE: usize = 16;

/// A fact, as it is stated. Days are days of the company.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutFact {
    kind: FactKind,
    /// The first day of its period.
    period_from: Day,
    /// The last day of its period, at most 366 days in all.
    period_until: Day,
    /// The day of the filing, the last day for it, or the day of the salaries, as `kind` says.
    date: Day,
    /// What is to be paid for a VAT return, in minor units of `currency`; a refund is negative. It is in the letter.
    #[serde(default)]
    amount_minor: Option<Balance>,
    #[serde(default)]
    currency: Option<Currency>,
}

impl PutFact {
    fn checked(self) -> Result<FactContent, FactError> {
        let Self { kind, period_from, period_until, date, amount_minor, currency } = self;
        let content = FactContent { kind, period_from, period_until, date, amount_minor, currency };
        content.check()?;
        Ok(content)
    }
}

/// A fact that was stated.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LedgerFact)]
pub(crate) struct FactView {
    reference: Reference,
    #[serde(flatten)]
    content: FactContent,
    stated_at: UtcTime,
}

/// One fact.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LedgerFactResponse)]
pub(crate) struct FactResponse {
    fact: FactView,
}

impl From<LedgerFact> for FactResponse {
    fn from(fact: LedgerFact) -> Self {
        Self { fact: FactView { reference: fact.reference, content: fact.content, stated_at: fact.stated_at } }
    }
}

/// States a fact, of which the company's people hear by letter.
///
/// A repeated fact changes nothing, and nobody hears of it again. Another one under the same reference is a conflict that
/// names the field: state what is corrected under a reference of its own.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/facts/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = PutFact,
    responses((status = 201, body = FactResponse), (status = 200, body = FactResponse)))]
pub(crate) async fn put_fact(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
    body: Body<PutFact>,
) -> ApiResult {
    let authority = ledger.authority(company.clone());
    let content = body.value.checked().map_err(|error| Problem::field(error.field(), error))?;
    retry_on_conflict(|| async {
        let wanted =
            api.store.load(&authority, ledger.now, |tenant| (tenant.company(), tenant.ledger_fact(&reference)));
        let (found, known) = wanted.await?;
        found.ok_or_else(Problem::not_found)?;
        let stated = state((&company, &reference), known.as_ref(), content.clone(), ledger.now).map_err(differs)?;
        let Some((fact, event)) = stated else {
            let known = known.ok_or_else(|| Problem::internal("a repeated fact that is not there"))?;
            return Ok(Answer::put(false, &FactResponse::from(known))?);
        };
        let mut change = api.store.change(&authority, ledger.change_context());
        change.put(|tenant| tenant.ledger_fact(&reference), None, &fact);
        change.record(event);
        change.commit().await?;
        Ok(Answer::put(true, &FactResponse::from(fact))?)
    })
    .await
}

fn differs(error: ReferenceStated) -> Problem {
    report::reused(&error, &error.field, "stated")
}

/// Shows a fact as it was stated.
#[utoipa::path(get, path = "/v1/ledger/companies/{company}/facts/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)),
    responses((status = 200, body = FactResponse)))]
pub(crate) async fn get_ledger_fact(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
) -> ApiResult {
    let authority = ledger.authority(company);
    let fact = api.store.load(&authority, ledger.now, |tenant| tenant.ledger_fact(&reference)).await?;
    Answer::ok(&FactResponse::from(fact.ok_or_else(Problem::not_found)?))
}

/// A fact of any company.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactRow {
    company: CompanyId,
    reference: Reference,
    kind: FactKind,
    /// The first day of its period.
    period_from: Day,
    /// The last day of its period, at most 366 days in all.
    period_until: Day,
    /// The day of the filing, the last day for it, or the day of the salaries, as `kind` says.
    date: Day,
    /// What is to be paid for a VAT return, in minor units of `currency`; a refund is negative. It is in the letter.
    #[serde(default)]
    amount_minor: Option<Balance>,
    #[serde(default)]
    currency: Option<Currency>,
}

impl FactRow {
    fn checked(self) -> Result<(CompanyId, Reference, FactContent), FieldError> {
        let Self { company, reference, kind, period_from, period_until, date, amount_minor, currency } = self;
        let fact = PutFact { kind, period_from, period_until, date, amount_minor, currency };
        match fact.checked() {
            Ok(content) => Ok((company, reference, content)),
            Err(error) => Err(FieldError { field: error.field().to_owned(), detail: error.to_string() }),
        }
    }
}

impl Row for FactRow {
    const LIST: &'static str = "facts";
    const COLUMNS: &'static [Column] = &[
        Column::text("company", &[]),
        Column::text("reference", &[]),
        Column::text("kind", &[]),
        Column::text("period_from", &[]),
        Column::text("period_until", &[]),
        Column::text("date", &[]),
        Column { field: "amount_minor", also: &[], cells: Cells::Number },
        Column::text("currency", &[]),
    ];
}

/// Facts of any companies, at most 500.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PushFacts {
    /// Each row is read by itself: an invalid row does not affect the others.
    #[allow(dead_code, reason = "the rows are read one by one; this is their shape in the API's document")]
    #[schema(min_items = 1, max_items = 500)]
    facts: Vec<FactRow>,
}

/// The result of one row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PushedFactRow {
    /// The row's number, from 1; a header is not counted.
    row: usize,
    /// The line of the CSV file on which the row begins, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// `created`, `already_there` for a repeated fact, `invalid`, or `limited` where it has to be sent again later.
    outcome: RowOutcome,
    /// The invalid field.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What is wrong with the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// The result of each row, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PushFactsResponse {
    created: usize,
    already_there: usize,
    invalid: usize,
    /// Rows to send again later.
    limited: usize,
    /// Columns of a CSV header that are unknown and ignored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignored_columns: Vec<String>,
    rows: Vec<PushedFactRow>,
}

/// States up to 500 facts of any companies, from JSON or CSV.
///
/// Rows are independent of each other: each is stated as `PUT …/facts/{reference}` would, an invalid one does not affect the
/// others, and a repeated request changes nothing. Send an interrupted request again to complete it.
#[utoipa::path(post, path = "/v1/ledger/facts",
    request_body(content((PushFacts = "application/json"), (String = "text/csv"))),
    responses((status = 200, body = PushFactsResponse)))]
pub(crate) async fn push_facts(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    bulk: BulkBody<FactRow>,
) -> ApiResult {
    let mut outcomes: BTreeMap<usize, Result<RowOutcome, FieldError>> = BTreeMap::new();
    let mut by_company: BTreeMap<String, (CompanyId, Vec<Stated>)> = BTreeMap::new();
    for (row, read) in (1..).zip(bulk.rows) {
        match read.and_then(FactRow::checked) {
            Err(error) => {
                outcomes.insert(row, Err(error));
            }
            Ok((company, reference, content)) => {
                let of_company = by_company.entry(company.to_string()).or_insert_with(|| (company, Vec::new()));
                of_company.1.push(Stated { row, reference, content });
            }
        }
    }
    // Facts of one company are recorded one group after the other, since a repeated reference looks at the one before it.
    let companies = by_company.into_values().map(|(company, facts)| {
        let (api, ledger) = (&api, &ledger);
        async move {
            let mut recorded = Vec::with_capacity(facts.len());
            for some in facts.chunks(FACTS_PER_CHANGE) {
                match retry_on_conflict(|| record(api, ledger, &company, some)).await {
                    Ok(outcomes) => recorded.extend(outcomes),
                    // Other companies' facts are stated all the same.
                    Err(ApiError::Problem(problem)) if problem.status().is_server_error() => {
                        recorded.extend(some.iter().map(|fact| (fact.row, Ok(RowOutcome::Limited))));
                    }
                    Err(error) => return Err(error),
                }
            }
            Ok::<_, ApiError>(recorded)
        }
    });
    let recorded: Vec<_> = stream::iter(companies).buffer_unordered(COMPANIES_AT_ONCE).try_collect().await?;
    outcomes.extend(recorded.into_iter().flatten());

    let count =
        |wanted: RowOutcome| outcomes.values().filter(|outcome| matches!(outcome, Ok(is) if *is == wanted)).count();
    let (created, already_there) = (count(RowOutcome::Created), count(RowOutcome::AlreadyThere));
    Answer::ok(&PushFactsResponse {
        created,
        already_there,
        invalid: outcomes.values().filter(|outcome| outcome.is_err()).count(),
        limited: count(RowOutcome::Limited),
        ignored_columns: bulk.ignored_columns,
        rows: outcomes.into_iter().map(|(row, outcome)| PushedFactRow::of(row, bulk.lines.of(row), outcome)).collect(),
    })
}

impl PushedFactRow {
    fn of(row: usize, line: Option<usize>, outcome: Result<RowOutcome, FieldError>) -> Self {
        match outcome {
            Ok(outcome) => Self { row, line, outcome, field: None, detail: None },
            Err(FieldError { field, detail }) => {
                Self { row, line, outcome: RowOutcome::Invalid, field: Some(field), detail: Some(detail) }
            }
        }
    }
}

/// A row with a fact of the company that it is grouped under.
struct Stated {
    row: usize,
    reference: Reference,
    content: FactContent,
}

/// Records facts of one company, in one change.
async fn record(
    api: &Api,
    ledger: &Machine<scope::Ledger>,
    company: &CompanyId,
    facts: &[Stated],
) -> Result<Vec<(usize, Result<RowOutcome, FieldError>)>, Attempt<ApiError>> {
    let authority = ledger.authority(company.clone());
    let references = || facts.iter().map(|fact| &fact.reference);
    let wanted = api.store.load(&authority, ledger.now, |tenant| {
        references().map(|reference| tenant.ledger_fact(reference)).collect::<Vec<_>>()
    });
    let stored = match wanted.await {
        Ok(stored) => stored,
        // The ledger acts in companies that exist.
        Err(StoreError::NotFound) => {
            let unknown = || FieldError { field: "company".to_owned(), detail: "is not known".to_owned() };
            return Ok(facts.iter().map(|fact| (fact.row, Err(unknown()))).collect());
        }
        Err(error) => return Err(error.into()),
    };
    let mut known: BTreeMap<&str, LedgerFact> = BTreeMap::new();
    for (reference, fact) in references().zip(stored) {
        known.extend(fact.map(|fact| (reference.as_str(), fact)));
    }
    let mut change = api.store.change(&authority, ledger.change_context());
    let mut outcomes = Vec::with_capacity(facts.len());
    let mut is_empty = true;
    for Stated { row, reference, content } in facts {
        let stated = state((company, reference), known.get(reference.as_str()), content.clone(), ledger.now);
        let outcome = match stated {
            Err(error) => Err(FieldError { detail: error.to_string(), field: error.field }),
            Ok(None) => Ok(RowOutcome::AlreadyThere),
            Ok(Some((fact, event))) => {
                change.put(|tenant| tenant.ledger_fact(reference), None, &fact);
                change.record(event);
                known.insert(reference.as_str(), fact);
                is_empty = false;
                Ok(RowOutcome::Created)
            }
        };
        outcomes.push((*row, outcome));
    }
    if !is_empty {
        change.commit().await?;
    }
    Ok(outcomes)
}
