//! Lists, answered a page at a time or as files.

use api::{Answer, Api, ApiResult, Cell, Csv, Problem, paging::page_request};
use axum::{
    http::HeaderValue,
    response::{IntoResponse, Response},
};
use domain::UtcTime;
use serde::{Deserialize, Serialize};
use store::{Authority, Cursor, Entity, Listing, PageRequest, Store, Tenant};
use utoipa::ToSchema;

/// How many pages of a hundred a file holds at most.
const MAX_PAGES: u8 = 10;
/// Where the next file starts, when there is more than one holds.
const NEXT_CURSOR: &str = "countersign-next-cursor";

/// How a list is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// A page, as JSON.
    #[default]
    Json,
    /// A file of up to a thousand rows for a spreadsheet; the header `countersign-next-cursor` says
    /// where the next one starts.
    Csv,
}

/// How much of a list is asked for, and in which form.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) format: Format,
    /// Of a page; a file has a limit of its own.
    pub(crate) limit: Option<u16>,
    pub(crate) cursor: Option<String>,
}

/// A list that somebody asked for.
pub(crate) trait List {
    /// What it lists.
    type Entry: Entity;
    /// A page of it, as callers see it.
    type Page: Serialize;
    /// What a file of it is called.
    const FILE: &'static str;
    /// The columns of a file of it.
    const COLUMNS: &'static [&'static str];

    /// How it was asked for.
    fn form(&self) -> Form;

    /// Where its entries are.
    fn entries(tenant: &Tenant) -> Listing<Self::Entry>;

    /// Whether an entry is asked for.
    fn keeps(&self, entry: &Self::Entry) -> bool;

    /// An entry's cells, in the order of the columns.
    fn row(entry: &Self::Entry) -> Vec<String>;

    /// Reads a page, and what is shown beside it.
    fn page(
        &self,
        store: &Store,
        authority: &Authority,
        now: UtcTime,
        request: &PageRequest,
    ) -> impl Future<Output = ApiResult<Self::Page>> + Send;
}

/// Answers a list as it was asked for: a page as JSON, or a file.
pub(crate) async fn answer<L: List>(list: &L, api: &Api, authority: &Authority, now: UtcTime) -> ApiResult<Response> {
    let Form { format, limit, cursor } = list.form();
    match format {
        Format::Json => {
            let request = page_request(limit, cursor)?;
            let page = list.page(&api.store, authority, now, &request).await?;
            Ok(Answer::ok(&page)?.into_response())
        }
        Format::Csv => {
            let (entries, next) = gather::<L>(&api.store, authority, now, cursor).await?;
            Ok(file(list, &entries, next.as_ref()))
        }
    }
}

/// Entries of a list from the cursor on, as many as a file holds, and where it goes on.
async fn gather<L: List>(
    store: &Store,
    authority: &Authority,
    now: UtcTime,
    cursor: Option<String>,
) -> ApiResult<(Vec<L::Entry>, Option<Cursor>)> {
    let mut gathered = Vec::new();
    let mut next = cursor.map(Cursor::new);
    for _ in 0..MAX_PAGES {
        let request = PageRequest::new(Some(100), next.take()).map_err(Problem::internal)?;
        let page = store.page(authority, now, L::entries, &request).await?;
        gathered.extend(page.items);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    Ok((gathered, next))
}

/// A file of those entries that are asked for, and where the next one starts.
fn file<L: List>(list: &L, entries: &[L::Entry], next: Option<&Cursor>) -> Response {
    let mut csv = Csv::new(L::COLUMNS);
    for entry in entries.iter().filter(|entry| list.keeps(entry)) {
        csv.row(&L::row(entry).iter().map(Cell::from).collect::<Vec<_>>());
    }
    let mut response = csv.download(L::FILE);
    if let Some(next) = next.and_then(|next| HeaderValue::from_str(next.as_str()).ok()) {
        response.headers_mut().insert(NEXT_CURSOR, next);
    }
    response
}
