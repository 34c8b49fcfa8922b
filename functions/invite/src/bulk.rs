//! Sends many invitations in one request, answered row by row.
//!
//! Rows are independent of each other: they are written a few at a time, and an interrupted request keeps what it
//! wrote. Sending it again completes it, since a row is skipped if its address has an open invitation of the same
//! kind, or a place, or a connection through the last invitation. The result of a row shows only this tenant's
//! data: its invitations, people and connections, which the inviter may see anyway.

pub(crate) mod by_address;
pub(crate) mod from_list;

use api::{ApiError, ApiResult, FieldError, RowOutcome};
use axum::http::StatusCode;
use domain::{InvitationId, id::ClientId};
use serde::Serialize;
use utoipa::ToSchema;

/// How many invitations one transaction writes: up to nine items each (with a new entry of the client list,
/// or an older invitation withdrawn), and the caller's place and two counters beside them, of the hundred
/// that a transaction takes.
const ROWS_PER_CHANGE: usize = 10;
/// The result of one row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct BulkInvitationRow {
    /// Its number, from 1; a header is not counted.
    row: usize,
    /// The line of the CSV file on which it begins, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    outcome: RowOutcome,
    /// The invitation that is open now, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<InvitationId>,
    /// The client, where the row names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientId>,
    /// The field that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The error of the field, or the existing invitation, place or connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl BulkInvitationRow {
    fn new(row: usize, outcome: RowOutcome) -> Self {
        Self { row, line: None, outcome, invitation: None, client: None, field: None, detail: None }
    }

    fn created(row: usize, invitation: InvitationId) -> Self {
        Self { invitation: Some(invitation), ..Self::new(row, RowOutcome::Created) }
    }

    fn open(row: usize, invitation: InvitationId) -> Self {
        let detail = Some("there is an open invitation".to_owned());
        Self { invitation: Some(invitation), detail, ..Self::new(row, RowOutcome::AlreadyThere) }
    }

    fn there(row: usize, detail: &str) -> Self {
        Self { detail: Some(detail.to_owned()), ..Self::new(row, RowOutcome::AlreadyThere) }
    }

    fn limited(row: usize, why: &str) -> Self {
        Self { detail: Some(why.to_owned()), ..Self::new(row, RowOutcome::Limited) }
    }

    fn invalid(row: usize, error: FieldError) -> Self {
        let FieldError { field, detail } = error;
        Self { field: Some(field), detail: Some(detail), ..Self::new(row, RowOutcome::Invalid) }
    }
}

/// The result of each row, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BulkInvitationResponse {
    created: usize,
    already_there: usize,
    invalid: usize,
    /// Rows that can be sent again later.
    limited: usize,
    /// Columns of a CSV header that are not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignored_columns: Vec<String>,
    rows: Vec<BulkInvitationRow>,
}

impl BulkInvitationResponse {
    fn of(rows: Vec<BulkInvitationRow>, ignored_columns: Vec<String>) -> Self {
        let count = |outcome: RowOutcome| rows.iter().filter(|row| row.outcome == outcome).count();
        Self {
            created: count(RowOutcome::Created),
            already_there: count(RowOutcome::AlreadyThere),
            invalid: count(RowOutcome::Invalid),
            limited: count(RowOutcome::Limited),
            ignored_columns,
            rows,
        }
    }
}

/// Sends the invitations of some rows in one change.
trait RowSender: Sync {
    type Row: Sync;

    fn number(row: &Self::Row) -> usize;

    fn send(&self, rows: &[Self::Row]) -> impl Future<Output = ApiResult<Vec<BulkInvitationRow>>> + Send;

    /// Sends rows a few at a time, one change after the other: each carries the caller's place as a
    /// condition, and transactions on the same item at once would only get in each other's way.
    ///
    /// Where a limit refuses a few together, they are tried one by one, so that those within the limit
    /// are not lost with the others. Once none of them is within it, the rest is not tried.
    fn send_all(&self, rows: &[Self::Row]) -> impl Future<Output = ApiResult<Vec<BulkInvitationRow>>> + Send {
        async move {
            let mut answered = Vec::with_capacity(rows.len());
            let mut full: Option<String> = None;
            for some in rows.chunks(ROWS_PER_CHANGE) {
                if let Some(why) = &full {
                    answered.extend(some.iter().map(|row| BulkInvitationRow::limited(Self::number(row), why)));
                    continue;
                }
                match unless_limited(self.send(some).await)? {
                    Ok(sent) => {
                        answered.extend(sent);
                        continue;
                    }
                    Err(why) => full = Some(why),
                }
                for row in some {
                    match unless_limited(self.send(std::slice::from_ref(row)).await)? {
                        Ok(sent) => {
                            answered.extend(sent);
                            full = None;
                        }
                        Err(why) => answered.push(BulkInvitationRow::limited(Self::number(row), &why)),
                    }
                }
            }
            Ok(answered)
        }
    }
}

/// The result, or which limit refused it.
fn unless_limited<T>(sent: ApiResult<T>) -> ApiResult<Result<T, String>> {
    match sent {
        Err(ApiError::Problem(problem)) if problem.status() == StatusCode::TOO_MANY_REQUESTS => {
            Ok(Err(problem.said().unwrap_or("a limit is reached: send it again later").to_owned()))
        }
        sent => sent.map(Ok),
    }
}
