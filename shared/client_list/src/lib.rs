//! Keeps a firm's client list consistent with connections and invitations: each call adds the list's update
//! to the caller's change, so that both commit or neither does.
//!
//! Several functions start or end connections and change a client's invitation, and all of them call
//! this crate. [`domain::client`] decides a client's new state.

use domain::{
    ClientId, CompanyId, FirmId, Org, UtcTime,
    client::{self, Client, ClientStatus},
    delivery::Delivery,
    invitation::Invitation,
    org::Connection,
};
use store::{Authority, Change, ClientLink, Store, StoreError};

/// The firm of a connection, on whose list it is.
fn list_of(firm: &FirmId) -> Authority {
    Authority::System(Org::Firm(firm.clone()))
}

/// A company's entry on a firm's client list, read before the two connect. The default is no entry: a
/// company or firm that is registered in the same change has none.
#[derive(Debug, Default)]
pub struct ListEntry {
    link: Option<ClientLink>,
    client: Option<Client>,
}

/// Finds the entry of a company that is about to connect with the firm: the client that was invited; or
/// the one that this company was connected as before; or none.
///
/// One read, two where the company was connected before and no client was invited.
///
/// # Errors
/// [`StoreError`].
pub async fn find_entry(
    store: &Store,
    firm: &FirmId,
    company: &CompanyId,
    invited: Option<&ClientId>,
    at: UtcTime,
) -> Result<ListEntry, StoreError> {
    let (link, invited) = store
        .load(&list_of(firm), at, |tenant| (tenant.client_link(firm, company), invited.map(|id| tenant.client(id))))
        .await?;
    let link = link.flatten();
    // An entry that belongs to another company by now stays with it.
    let free = |client: &Client| client.status != ClientStatus::Active || client.company.as_ref() == Some(company);
    let client = match (invited.flatten().filter(free), &link) {
        (Some(client), _) => Some(client),
        (None, Some(link)) => load(store, firm, &link.client, at).await?.filter(free),
        (None, None) => None,
    };
    Ok(ListEntry { link, client })
}

/// Adds to a change that starts a connection, on either side, that the company's entry becomes active.
/// Without an entry one is added.
pub fn connection_starts(change: &mut Change<'_>, connection: &Connection, entry: ListEntry) {
    let (firm, company) = (&connection.firm, &connection.company);
    let ListEntry { link, client } = entry;
    let (version, client) = match client {
        Some(client) => (Some(client.version), client.connected(company)),
        None => {
            let id = ClientId::from_uuid(uuid::Uuid::now_v7());
            let name = connection.company_name.clone();
            (None, client::of_connection(id, firm.clone(), company.clone(), name, change.at()))
        }
    };
    if link.as_ref().is_none_or(|link| link.client != client.id) {
        let linked =
            ClientLink { client: client.id.clone(), version: link.as_ref().map_or(1, |link| link.version + 1) };
        change.put_some(|tenant| tenant.client_link(firm, company), link.map(|link| link.version), &linked);
    }
    put(change, firm, company, version, &client);
}

/// Adds to a change that ends a connection, on either side, that the client becomes inactive on the list.
///
/// Two reads.
///
/// # Errors
/// [`StoreError`].
pub async fn connection_ends(
    store: &Store,
    change: &mut Change<'_>,
    connection: &Connection,
) -> Result<(), StoreError> {
    let (firm, company) = (&connection.firm, &connection.company);
    let link = store.load(&list_of(firm), change.at(), |tenant| tenant.client_link(firm, company)).await?;
    let Some(link) = link.flatten() else { return Ok(()) };
    let Some(client) = load(store, firm, &link.client, change.at()).await? else { return Ok(()) };
    if let Some(inactive) = client.disconnected(company) {
        put(change, firm, company, Some(client.version), &inactive);
    }
    Ok(())
}

/// Updates the invited client, if any, in a change of its firm that resends, revokes or ends an invitation.
/// Not for acceptance, which starts a connection.
///
/// One read, none for other invitations.
///
/// # Errors
/// [`StoreError`].
pub async fn invitation_changes(
    store: &Store,
    change: &mut Change<'_>,
    invitation: &Invitation,
) -> Result<(), StoreError> {
    follow(store, change, invitation, |client| client.after(invitation)).await
}

/// Marks the invited client, if any, as bounced, in a change of its firm that records a bounce or complaint.
///
/// One read, none for other invitations.
///
/// # Errors
/// [`StoreError`].
pub async fn invitation_bounces(
    store: &Store,
    change: &mut Change<'_>,
    invitation: &Invitation,
    delivery: &Delivery,
) -> Result<(), StoreError> {
    follow(store, change, invitation, |client| client.bounced(invitation, delivery)).await
}

async fn follow(
    store: &Store,
    change: &mut Change<'_>,
    invitation: &Invitation,
    becomes: impl FnOnce(&Client) -> Option<Client>,
) -> Result<(), StoreError> {
    let (Some(id), Org::Firm(firm)) = (invitation.offer.client(), invitation.offer.org()) else { return Ok(()) };
    let Some(client) = load(store, &firm, id, change.at()).await? else { return Ok(()) };
    if let Some(after) = becomes(&client) {
        change.put(|tenant| tenant.client(id), Some(client.version), &after);
    }
    Ok(())
}

async fn load(store: &Store, firm: &FirmId, id: &ClientId, at: UtcTime) -> Result<Option<Client>, StoreError> {
    store.load(&list_of(firm), at, |tenant| tenant.client(id)).await
}

fn put(change: &mut Change<'_>, firm: &FirmId, company: &CompanyId, version: Option<u64>, client: &Client) {
    change.put_some(|tenant| tenant.client_of_connection(firm, company, &client.id), version, client);
}
