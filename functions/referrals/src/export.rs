//! Lists as files.

use axum::{
    http::HeaderValue,
    response::{IntoResponse, Response},
};
use domain::UtcTime;
use edge::{Answer, Cell, Csv, Outcome};
use serde::Deserialize;
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

/// Entries of a list from the cursor on, as many as a file holds, and where it goes on.
pub(crate) async fn gather<T: Entity>(
    store: &Store,
    authority: &Authority,
    now: UtcTime,
    listing: impl Fn(&Tenant) -> Listing<T>,
    cursor: Option<String>,
) -> Outcome<(Vec<T>, Option<Cursor>)> {
    let mut gathered = Vec::new();
    let mut next = cursor.map(Cursor::new);
    for _ in 0..MAX_PAGES {
        let request = PageRequest::new(Some(100), next.take()).map_err(edge::Problem::internal)?;
        let page = store.page(authority, now, &listing, &request).await?;
        gathered.extend(page.items);
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    Ok((gathered, next))
}

/// A file, and where the next one starts.
pub(crate) fn file(
    name: &str,
    columns: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    next: Option<&Cursor>,
) -> Response {
    let mut csv = Csv::new(columns);
    for row in rows {
        csv.row(&row.iter().map(Cell::from).collect::<Vec<_>>());
    }
    let mut response = csv.download(name);
    if let Some(next) = next.and_then(|next| HeaderValue::from_str(next.as_str()).ok()) {
        response.headers_mut().insert(NEXT_CURSOR, next);
    }
    response
}

/// A page.
pub(crate) fn page(answer: &impl serde::Serialize) -> Outcome<Response> {
    Ok(Answer::ok(answer)?.into_response())
}
