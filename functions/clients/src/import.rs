//! Imports many clients in one request, with a result for each row.
//!
//! Rows are independent of each other: they are written a few at a time, and an interrupted request keeps
//! what it wrote. Sending it again completes it, since existing rows are not changed.

use api::{
    Answer, Api, ApiError, ApiResult, BulkBody, Column, FieldError, InContext, InFirm, RowOutcome, bulk::Row, clock,
};
use axum::extract::State;
use domain::{
    ClientId, FirmId,
    client::{self, Client, ClientDetails, ClientField, ClientMatch},
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::{Attempt, Authority, retry_on_conflict};
use utoipa::ToSchema;

use crate::{
    clients::{CreateClient, put_new},
    listed::{Listed, SimilarClient},
};

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
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
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
    /// The line of the CSV file on which the row begins, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    outcome: RowOutcome,
    /// The client on the list: added by this row, or an existing one.
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientId>,
    /// The fields (name, email, reference) in which the row differs from an existing client, which stays as it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differs: Vec<ClientField>,
    /// A client on the list that is easily mistaken for the one that was added: at the same address under another
    /// name, or of the same name at another address.
    #[serde(skip_serializing_if = "Option::is_none")]
    similar: Option<SimilarClient>,
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

/// Imports up to 500 clients from JSON or from a CSV file as a spreadsheet writes it.
///
/// A CSV file may be in UTF-8, in UTF-16 with a byte order mark, or in Windows-1252 unless it is sent as `text/csv`,
/// which a gateway takes for UTF-8; `charset` names another encoding. It may be separated by commas, semicolons or tabs:
/// the separator is the one that makes the rows alike, or the one that a first line `sep=;` names. The first line is a
/// header if it names a known column (`name`, `email`, `language`, `reference`, in any order and case); without a header,
/// the columns are these four in this order. A row may leave out empty cells at its
/// end where there is a header. A row with more cells than the header, or with another number than most rows, is invalid.
///
/// A client is already there if one has the same reference or, unless both have a reference, the same name and no other
/// address; `differs` names the other fields that differ. Two companies at one address are two clients. Rows are
/// independent of each other: send an interrupted request again to complete it; a repeated request adds nothing.
///
/// Needs `clients.manage`.
#[utoipa::path(post, path = "/v1/clients/import",
    request_body(content(
        (ImportClients = "application/json"),
        (String = "text/csv"),
        (String = "application/csv"),
        (String = "application/vnd.ms-excel")
    )),
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
    let lines = bulk.lines;
    let rows: Vec<Wanted> =
        (1..).zip(bulk.rows).map(|(row, read)| Wanted { row, read: read.map(ClientDetails::from) }).collect();
    let mut answered = Vec::with_capacity(rows.len());
    let mut added = Vec::new();
    // One after the other: each carries the caller's place as a condition, and transactions on the
    // same item at once would only get in each other's way.
    for some in rows.chunks(ROWS_PER_CHANGE) {
        let (rows, clients) = retry_on_conflict(|| import.add(some, &added)).await?;
        answered.extend(rows.into_iter().map(|row| ImportedClientRow { line: lines.of(row.row), ..row }));
        added.extend(clients);
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

/// A row, and the client that it describes.
struct Wanted {
    row: usize,
    read: Result<ClientDetails, FieldError>,
}

struct Import<'a> {
    api: &'a Api,
    caller: &'a InContext,
    authority: &'a Authority,
    firm: &'a FirmId,
}

impl ImportedClientRow {
    fn new(row: usize, outcome: RowOutcome) -> Self {
        Self { row, line: None, outcome, client: None, differs: Vec::new(), similar: None, field: None, detail: None }
    }
}

impl Import<'_> {
    /// Adds the rows that do not exist yet, in one change. `earlier` are the clients that this import added before: the
    /// index by name may not show them yet.
    async fn add(
        &self,
        rows: &[Wanted],
        earlier: &[Client],
    ) -> Result<(Vec<ImportedClientRow>, Vec<Client>), Attempt<ApiError>> {
        let now = self.caller.now();
        let described: Vec<&ClientDetails> = rows.iter().filter_map(|wanted| wanted.read.as_ref().ok()).collect();
        let listed = Listed::read(self.api, self.authority, now, None, &described).await?.map_err(ApiError::from)?;

        let mut change = self.api.store.change(self.authority, self.caller.change_context());
        let mut answered = Vec::with_capacity(rows.len());
        let mut added: Vec<Client> = Vec::new();
        for Wanted { row, read } in rows {
            let details = match read {
                Ok(details) => details,
                Err(FieldError { field, detail }) => {
                    let (field, detail) = (Some(field.clone()), Some(detail.clone()));
                    answered.push(ImportedClientRow {
                        field,
                        detail,
                        ..ImportedClientRow::new(*row, RowOutcome::Invalid)
                    });
                    continue;
                }
            };
            let so_far = || earlier.iter().chain(&added);
            answered.push(match listed.find(details, so_far()) {
                ClientMatch::Listed(found) => ImportedClientRow {
                    client: Some(found.client),
                    differs: found.differs,
                    ..ImportedClientRow::new(*row, RowOutcome::AlreadyThere)
                },
                ClientMatch::New { similar } => {
                    let id = ClientId::from_uuid(clock::new_uuid());
                    let (client, event) = client::add(id.clone(), self.firm.clone(), details.clone(), now);
                    let client = listed.distinguished(client, so_far());
                    put_new(&mut change, &client, event);
                    added.push(client);
                    ImportedClientRow {
                        client: Some(id),
                        similar: similar.map(Into::into),
                        ..ImportedClientRow::new(*row, RowOutcome::Created)
                    }
                }
            });
        }
        if !added.is_empty() {
            change.commit().await?;
        }
        Ok((answered, added))
    }
}
