//! Many clients at once, answered row by row.
//!
//! Rows are independent of each other: they are written a few at a time, and a request that breaks
//! off leaves what was written so far. Sending it again completes it, since a row that is there is
//! left alone.

use std::collections::HashMap;

use api::{
    Answer, Api, ApiError, ApiResult, BulkBody, Column, FieldError, InContext, InFirm, RowOutcome, bulk::Row, clock,
};
use axum::extract::State;
use domain::{
    ClientId, FirmId,
    client::{self, ClientDetails, ClientIdentity},
    permission::may,
};
use serde::Serialize;
use store::{Attempt, Authority, retry_on_conflict};
use utoipa::ToSchema;

use crate::clients::{CreateClient, claim_of, findable};

/// How many rows one transaction writes: up to five items each, and the caller's place beside them, of
/// the hundred that a transaction takes.
const ROWS_PER_CHANGE: usize = 19;

impl Row for CreateClient {
    const LIST: &'static str = "clients";
    const COLUMNS: &'static [Column] = &[
        Column::text("name", &["client", "client_name", "company", "company_name", "business", "business_name"]),
        Column::text("email", &["e_mail", "mail", "email_address", "e_mail_address"]),
        Column::text("language", &["lang", "locale"]),
        Column::text("reference", &["ref", "number", "no", "client_number", "client_no", "client_reference", "code"]),
    ];
}

/// Clients to put on the list, at most 500.
#[derive(Debug, ToSchema)]
pub(crate) struct ImportClients {
    /// Each is read by itself: one that is refused does not spoil the others.
    #[allow(dead_code, reason = "the rows are read one by one; this is their shape in the API's document")]
    #[schema(min_items = 1, max_items = 500)]
    clients: Vec<CreateClient>,
}

/// What came of one row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ImportedClientRow {
    /// Which one, from 1; a header is not counted.
    row: usize,
    outcome: RowOutcome,
    /// The client that is there now, whoever added it.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientId>,
    /// The field that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// What came of each row, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportClientsResponse {
    created: usize,
    already_there: usize,
    invalid: usize,
    /// Columns of a CSV header that mean nothing here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignored_columns: Vec<String>,
    rows: Vec<ImportedClientRow>,
}

/// Puts up to 500 clients on the list, from JSON or from a CSV file in UTF-8.
///
/// A CSV file may be separated by commas, semicolons or tabs. Its first line is a header when it names
/// a known column (`name`, `email`, `language`, `reference`, in any order and case); without one, the
/// columns are these four in this order. A row is already there when a client with the same reference
/// or, without one, the same address or, without either, the same name is. Rows are independent of each
/// other: a request that broke off is completed by sending it again, and sending it again adds nothing.
/// Needs `clients.manage`.
#[utoipa::path(post, path = "/v1/clients/import",
    request_body(content((ImportClients = "application/json"), (String = "text/csv"))),
    responses((status = 200, body = ImportClientsResponse)))]
pub(crate) async fn import_clients(
    State(api): State<Api>,
    caller: InFirm<may::ClientsManage>,
    bulk: BulkBody<CreateClient>,
) -> ApiResult {
    let firm = caller.firm.clone();
    let authority = caller.authority();
    let idempotency = bulk.idempotent.by(&caller.caller.user);
    api.store.load_once(&authority, caller.now(), idempotency.as_ref(), |_| ()).await??;

    let import = Import { api: &api, caller: &caller, authority: &authority, firm: &firm };
    let identified = |new| {
        let details = ClientDetails::from(new);
        let identity = details.identity();
        (details, identity)
    };
    let rows: Vec<Wanted> =
        (1..).zip(bulk.rows).map(|(row, read)| Wanted { row, read: read.map(identified) }).collect();
    let mut answered = Vec::with_capacity(rows.len());
    // One after the other: each carries the caller's place as a condition, and transactions on the
    // same item at once would only get in each other's way.
    for some in rows.chunks(ROWS_PER_CHANGE) {
        answered.extend(retry_on_conflict(|| import.add(some)).await?);
    }

    let count = |outcome: RowOutcome| answered.iter().filter(|row| row.outcome == outcome).count();
    let answer = Answer::ok(&ImportClientsResponse {
        created: count(RowOutcome::Created),
        already_there: count(RowOutcome::AlreadyThere),
        invalid: count(RowOutcome::Invalid),
        ignored_columns: bulk.ignored_columns,
        rows: answered,
    })?;
    if idempotency.is_none() {
        return Ok(answer);
    }
    let change = api.store.change(&authority, caller.change_context());
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}

/// A row as it was read, and what makes it the same as another.
struct Wanted {
    row: usize,
    read: Result<(ClientDetails, ClientIdentity), FieldError>,
}

struct Import<'a> {
    api: &'a Api,
    caller: &'a InContext,
    authority: &'a Authority,
    firm: &'a FirmId,
}

impl Import<'_> {
    /// Adds those of some rows that are not there, in one change.
    async fn add(&self, rows: &[Wanted]) -> Result<Vec<ImportedClientRow>, Attempt<ApiError>> {
        let now = self.caller.now();
        let identities = || rows.iter().filter_map(|wanted| wanted.read.as_ref().ok().map(|(_, identity)| identity));
        let held = self
            .api
            .store
            .load(self.authority, now, |tenant| identities().map(|i| tenant.client_unique_key(i)).collect::<Vec<_>>())
            .await?;
        let mut there: HashMap<ClientIdentity, ClientId> = identities()
            .cloned()
            .zip(held)
            .filter_map(|(identity, held)| held.map(|held| (identity, held.client)))
            .collect();

        let mut change = self.api.store.change(self.authority, self.caller.change_context());
        let mut answered = Vec::with_capacity(rows.len());
        let mut writes = false;
        for Wanted { row, read } in rows {
            let row = *row;
            let said =
                |outcome, client| ImportedClientRow { row, outcome, client: Some(client), field: None, detail: None };
            answered.push(match read {
                Err(FieldError { field, detail }) => ImportedClientRow {
                    row,
                    outcome: RowOutcome::Invalid,
                    client: None,
                    field: Some(field.clone()),
                    detail: Some(detail.clone()),
                },
                Ok((details, identity)) => match there.get(identity) {
                    Some(client) => said(RowOutcome::AlreadyThere, client.clone()),
                    None => {
                        let id = ClientId::from_uuid(clock::new_uuid());
                        let (client, event) = client::add(id, self.firm.clone(), details.clone(), now);
                        change.put(|tenant| tenant.client(&client.id), None, &client);
                        change.put(|tenant| tenant.client_unique_key(identity), None, &claim_of(&client));
                        findable(&mut change, None, Some(&client));
                        change.record(event);
                        writes = true;
                        there.insert(identity.clone(), client.id.clone());
                        said(RowOutcome::Created, client.id)
                    }
                },
            });
        }
        if writes {
            change.commit().await?;
        }
        Ok(answered)
    }
}
