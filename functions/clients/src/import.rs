//! Imports many clients in one request, with a result for each row.
//!
//! Rows are independent of each other: they are written a few at a time, and an interrupted request keeps
//! what it wrote. Sending it again completes it, since existing rows are not changed.

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

/// How many rows one transaction writes: up to five items each and the check of the caller's access, of
/// the hundred items that a transaction takes.
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

/// Clients to add to the list, at most 500.
#[derive(Debug, ToSchema)]
pub(crate) struct ImportClients {
    /// Each row is read by itself: an invalid row does not affect the others.
    #[allow(dead_code, reason = "the rows are read one by one; this is their shape in the API's document")]
    #[schema(min_items = 1, max_items = 500)]
    clients: Vec<CreateClient>,
}

/// The result of one row.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ImportedClientRow {
    /// The row's number, from 1; a header is not counted.
    row: usize,
    outcome: RowOutcome,
    /// The client on the list: added by this row, or an existing one.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientId>,
    /// The invalid field.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What is wrong with the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// The result of each row, in order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportClientsResponse {
    created: usize,
    already_there: usize,
    invalid: usize,
    /// Columns of a CSV header that are unknown and ignored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignored_columns: Vec<String>,
    rows: Vec<ImportedClientRow>,
}

/// Imports up to 500 clients from JSON or from a CSV file in UTF-8.
///
/// A CSV file may be separated by commas, semicolons or tabs. Its first line is a header if it names a
/// known column (`name`, `email`, `language`, `reference`, in any order and case); without a header, the
/// columns are these four in this order. A row is a duplicate if a client has the same reference or,
/// without a reference, the same address or, without either, the same name. Rows are independent of each
/// other: send an interrupted request again to complete it; a repeated request adds nothing.
///
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

/// A row, and the key that identifies duplicates of it.
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
    /// Adds the rows that do not exist yet, in one change.
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
