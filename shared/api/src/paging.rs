//! Parameters and results of paged lists.

use serde::{Deserialize, Serialize};
use store::{Cursor, Page, PageRequest};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;

/// `?limit=&cursor=`
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The most entries, 1–100. Default: 25.
    #[serde(default)]
    pub limit: Option<u16>,
    /// `next_cursor` of the previous page.
    #[serde(default)]
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The request for the page.
    ///
    /// # Errors
    /// `422 invalid-field` for a limit outside 1–100.
    pub fn request(&self) -> Result<PageRequest, Problem> {
        page_request(self.limit, self.cursor.clone())
    }
}

/// The request for a page, from its two parameters.
///
/// # Errors
/// `422 invalid-field` for a limit outside 1–100.
pub fn page_request(limit: Option<u16>, cursor: Option<String>) -> Result<PageRequest, Problem> {
    PageRequest::new(limit, cursor.map(Cursor::new)).map_err(|error| Problem::field("limit", error))
}

/// One page of a list, as callers see it. Flattened into a body beside a named array.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PageInfo {
    /// Where the next page starts; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<T> From<&Page<T>> for PageInfo {
    fn from(page: &Page<T>) -> Self {
        Self { next_cursor: page.next.as_ref().map(|cursor| cursor.as_str().to_owned()) }
    }
}
