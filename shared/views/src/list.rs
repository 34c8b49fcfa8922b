//! Lists as JSON pages or CSV files.

use api::{Answer, Api, ApiResult, Cell, Csv, Problem, paging::page_request};
use axum::{
    http::HeaderValue,
    response::{IntoResponse, Response},
};
use domain::UtcTime;
use serde::{Deserialize, Serialize};
use store::{Authority, Cursor, Entity, Listing, PageRequest, Store, Tenant};
use utoipa::ToSchema;

/// The most pages of a hundred entries in one file.
const MAX_PAGES: u8 = 10;
/// The header with the cursor of the next file, if there is one.
const NEXT_CURSOR: &str = "countersign-next-cursor";

/// The format of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A page, as JSON.
    #[default]
    Json,
    /// A file of up to a thousand rows for a spreadsheet; the header `countersign-next-cursor` says
    /// where the next one starts.
    Csv,
}

/// The requested page and format.
#[derive(Debug, Clone)]
pub struct Form {
    /// A page, or a file.
    pub format: Format,
    /// The limit of a page; a file has its own.
    pub limit: Option<u16>,
    /// Where the page or the file starts.
    pub cursor: Option<String>,
}

/// A requested list.
pub trait List {
    /// The entries of the list.
    type Entry: Entity + Send;
    /// A page of the list as JSON.
    type Page: Serialize;
    /// The file name.
    const FILE: &'static str;
    /// The columns of the file.
    const COLUMNS: &'static [&'static str];

    /// The requested page and format.
    fn form(&self) -> Form;

    /// The store's listing of the entries.
    fn entries(tenant: &Tenant) -> Listing<Self::Entry>;

    /// Whether an entry passes the filter.
    fn keeps(&self, entry: &Self::Entry) -> bool;

    /// The entries as a file shows them: with what is read besides. Default: as they are.
    ///
    /// # Errors
    /// What the store answers.
    fn as_shown(_: &Store, entries: Vec<Self::Entry>) -> impl Future<Output = ApiResult<Vec<Self::Entry>>> + Send {
        std::future::ready(Ok(entries))
    }

    /// An entry's cells, in the order of the columns.
    fn row(entry: &Self::Entry) -> Vec<String>;

    /// Builds a page, with any data shown beside the entries.
    ///
    /// # Errors
    /// What the store answers.
    fn page(
        &self,
        store: &Store,
        authority: &Authority,
        now: UtcTime,
        request: &PageRequest,
    ) -> impl Future<Output = ApiResult<Self::Page>> + Send;
}

/// Answers with a JSON page or a CSV file, as requested.
///
/// # Errors
/// `422 invalid-field` for a `limit` or `cursor` that this list does not take; what the store answers otherwise.
pub async fn answer<L: List>(list: &L, api: &Api, authority: &Authority, now: UtcTime) -> ApiResult<Response> {
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

/// The entries of a file from the cursor on, and the cursor of the next file.
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
    Ok((L::as_shown(store, gathered).await?, next))
}

/// Writes the file of the entries that pass the filter, and the cursor of the next file.
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
