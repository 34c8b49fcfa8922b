//! Lists clients in pages: one `Query` for each page, independent of the number of clients.

use api::{Answer, Api, ApiResult, InFirm, PageInfo, Problem, Query, paging::page_request};
use axum::extract::State;
use domain::{
    client::{Client, ClientStatus},
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::{Listing, Tenant};
use utoipa::{IntoParams, ToSchema};

use crate::clients::ClientView;

/// The longest name prefix that can be searched for, in characters.
const MAX_BEGINNING_CHARS: usize = 60;

/// A page of clients.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientPage {
    clients: Vec<ClientView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// The order of the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) enum Sort {
    /// By name.
    #[default]
    #[serde(rename = "name")]
    Name,
    /// By name, descending.
    #[serde(rename = "-name")]
    NameFromEnd,
    /// By time of addition, oldest first.
    #[serde(rename = "added")]
    Added,
    /// By time of addition, newest first.
    #[serde(rename = "-added")]
    NewestFirst,
}

/// Filters for the list of clients.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only clients in this tab.
    #[serde(default)]
    status: Option<ClientStatus>,
    /// Only clients whose name begins with this text, in upper or lower case; at most 60 characters.
    #[serde(default)]
    q: Option<String>,
    /// Default: `name`. `added` and `-added` sort the whole list, without `status` and `q`.
    #[serde(default)]
    #[param(inline)]
    sort: Option<Sort>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

impl Which {
    fn beginning(&self) -> Option<&str> {
        self.q.as_deref().map(str::trim_start).filter(|beginning| !beginning.is_empty())
    }

    fn checked(self) -> Result<Self, Problem> {
        if self.beginning().is_some_and(|beginning| beginning.chars().count() > MAX_BEGINNING_CHARS) {
            return Err(Problem::field("q", format!("is longer than {MAX_BEGINNING_CHARS} characters")));
        }
        let by_age = matches!(self.sort, Some(Sort::Added | Sort::NewestFirst));
        if by_age && (self.status.is_some() || self.beginning().is_some()) {
            // Each further order of each tab would be one more index to write for every client.
            return Err(Problem::field("sort", "orders the whole list; leave out status and q, or sort by name"));
        }
        Ok(self)
    }

    fn listing(&self, tenant: &Tenant) -> Listing<Client> {
        match self.sort.unwrap_or_default() {
            Sort::Name => tenant.clients(self.status, self.beginning()),
            Sort::NameFromEnd => tenant.clients(self.status, self.beginning()).backwards(),
            Sort::Added => tenant.clients_as_added(),
            Sort::NewestFirst => tenant.clients_as_added().backwards(),
        }
    }
}

/// Lists the firm's clients by name or by the time they were added.
///
/// `status` selects one tab. In the list by name, a client that was added or changed a moment ago may be
/// missing.
///
/// Needs `clients.view`.
#[utoipa::path(get, path = "/v1/clients", params(Which), responses((status = 200, body = ClientPage)))]
pub(crate) async fn list_clients(
    State(api): State<Api>,
    caller: InFirm<may::ClientsView>,
    Query(which): Query<Which>,
) -> ApiResult {
    let which = which.checked()?;
    let request = page_request(which.limit, which.cursor.clone())?;
    let page = api.store.page(&caller.authority(), caller.now(), |tenant| which.listing(tenant), &request).await?;
    let paged = PageInfo::from(&page);
    let now = caller.now();
    Answer::ok(&ClientPage {
        clients: page.items.into_iter().map(|client| ClientView::at(client, now)).collect(),
        paged,
    })
}
