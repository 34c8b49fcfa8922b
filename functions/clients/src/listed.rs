//! Finds the existing entries of clients that are about to be added.

use std::collections::HashSet;

use api::Api;
use domain::{
    ClientId, UtcTime,
    client::{Client, ClientDetails, ClientField, ClientIdentity, ClientMatch, ListedClient},
};
use futures_util::future::try_join_all;
use serde::Serialize;
use store::{Authority, FirstUse, Idempotency, PageRequest, Queries, StoreError};
use utoipa::ToSchema;

/// How many clients that share an address or a name are read.
const MAX_ALIKE: usize = 10;

/// A client on the list that is easily mistaken for this one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SimilarClient {
    client: ClientId,
    /// The fields (name, email, reference) in which they differ.
    differs: Vec<ClientField>,
}

impl From<ListedClient> for SimilarClient {
    fn from(listed: ListedClient) -> Self {
        Self { client: listed.client, differs: listed.differs }
    }
}

/// The clients on the list that share a field with clients that are to be added.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    clients: Vec<Client>,
    /// The unique keys of clients on the list.
    held: HashSet<ClientIdentity>,
}

impl Listed {
    /// Reads them: the unique keys, beside one `Query` for each client that has none; then the clients that were
    /// found.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) async fn read(
        api: &Api,
        authority: &Authority,
        now: UtcTime,
        idempotency: Option<&Idempotency>,
        new: &[&ClientDetails],
    ) -> Result<FirstUse<Self>, StoreError> {
        let mut identities: Vec<ClientIdentity> = new.iter().flat_map(|details| details.identities()).collect();
        let mut seen = HashSet::new();
        identities.retain(|identity| seen.insert(identity.clone()));
        let keys = |tenant: &store::Tenant| identities.iter().map(|i| tenant.client_unique_key(i)).collect::<Vec<_>>();
        let read = api.store.load_once_and_query(authority, now, idempotency, keys, async |queries| {
            try_join_all(new.iter().map(|details| alike(&queries, details))).await
        });
        let (holders, alike) = match read.await? {
            Ok(found) => found,
            Err(replay) => return Ok(Err(replay)),
        };
        let mut ids: HashSet<ClientId> = alike.into_iter().flatten().collect();
        let mut held = HashSet::new();
        for (identity, holder) in identities.into_iter().zip(holders) {
            if let Some(holder) = holder {
                held.insert(identity);
                ids.insert(holder.client);
            }
        }
        if ids.is_empty() {
            return Ok(Ok(Self::default()));
        }
        // By id, which is by when they were added: the answer names the first.
        let mut ids: Vec<ClientId> = ids.into_iter().collect();
        ids.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        let clients =
            api.store.load(authority, now, |tenant| ids.iter().map(|id| tenant.client(id)).collect::<Vec<_>>()).await?;
        Ok(Ok(Self { clients: clients.into_iter().flatten().collect(), held }))
    }

    /// The client on the list that a description matches; see [`ClientDetails::find_among`].
    pub(crate) fn find<'c>(
        &'c self,
        new: &ClientDetails,
        earlier: impl IntoIterator<Item = &'c Client>,
    ) -> ClientMatch {
        new.find_among(self.clients.iter().chain(earlier))
    }

    /// A new client, known by its address and name together where another is known by the address.
    pub(crate) fn distinguished<'c>(&self, new: Client, earlier: impl IntoIterator<Item = &'c Client>) -> Client {
        let identity = new.claims();
        let is_held = identity.as_ref().is_some_and(|identity| self.held.contains(identity));
        if is_held || earlier.into_iter().any(|client| client.claims() == identity) {
            new.sharing_address()
        } else {
            new
        }
    }
}

/// The clients without a matching unique key: those that have the address beside a reference or share it with
/// another client; and those of the same name, for a description that is only a name.
async fn alike(queries: &Queries<'_>, new: &ClientDetails) -> Result<Vec<ClientId>, StoreError> {
    let first = PageRequest::default();
    Ok(match (&new.reference, &new.email) {
        (Some(_), _) => Vec::new(),
        (None, Some(email)) => {
            let page = queries.page(|tenant| tenant.clients_at(email), &first).await?;
            page.items.into_iter().take(MAX_ALIKE).map(|at| at.client).collect()
        }
        (None, None) => {
            let page = queries.page(|tenant| tenant.clients(None, Some(new.name.as_str())), &first).await?;
            let same_name = page.items.into_iter().filter(|client| client.details.name == new.name);
            same_name.take(MAX_ALIKE).map(|client| client.id).collect()
        }
    })
}
