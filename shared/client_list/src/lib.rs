//! A firm's client list beside everything that moves a client on it: each call adds what changes on
//! the list to a change that is being put together, so that both commit or neither does.
//!
//! It is called wherever a connection starts or ends and wherever an invitation of a client changes,
//! which are several functions. What a client becomes is decided in [`domain::client`].

use domain::{
    ClientId, CompanyId, FirmId, Org,
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

/// A connection starts, in a change of either side's: the client that was asked moves to the active
/// ones; or the one that this company was connected as before; or a new entry.
///
/// One read, two where the company was connected before and no client was asked.
///
/// # Errors
/// [`StoreError`].
pub async fn connection_starts(
    store: &Store,
    change: &mut Change<'_>,
    connection: &Connection,
    asked: Option<&ClientId>,
) -> Result<(), StoreError> {
    let (firm, company) = (&connection.firm, &connection.company);
    let (link, asked) = store
        .load(&list_of(firm), change.at(), None, |tenant| {
            (tenant.client_link(firm, company), asked.map(|id| tenant.client(id)))
        })
        .await?;
    let link = link.flatten();
    // An entry that is another company's by now is not taken from it.
    let free = |client: &Client| client.status != ClientStatus::Active || client.company.as_ref() == Some(company);
    let known = match (asked.flatten().filter(free), &link) {
        (Some(client), _) => Some(client),
        (None, Some(link)) => load(store, change, firm, &link.client).await?.filter(free),
        (None, None) => None,
    };
    let (version, client) = match known {
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
    Ok(())
}

/// A connection ends, in a change of either side's: its client stays on the list, inactive.
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
    let link = store.load(&list_of(firm), change.at(), None, |tenant| tenant.client_link(firm, company)).await?;
    let Some(link) = link.flatten() else { return Ok(()) };
    let Some(client) = load(store, change, firm, &link.client).await? else { return Ok(()) };
    if let Some(inactive) = client.disconnected(company) {
        put(change, firm, company, Some(client.version), &inactive);
    }
    Ok(())
}

/// An invitation was sent again, withdrawn or declined, in a change of its firm's: the client that it
/// asks, if any, follows. Not for acceptance, which starts a connection.
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

/// The letter of an invitation bounced or was complained of, in a change of its firm's: the client that
/// it asks, if any, is among the bounced ones.
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
    let Some(client) = load(store, change, &firm, id).await? else { return Ok(()) };
    if let Some(after) = becomes(&client) {
        change.put(|tenant| tenant.client(id), Some(client.version), &after);
    }
    Ok(())
}

async fn load(store: &Store, change: &Change<'_>, firm: &FirmId, id: &ClientId) -> Result<Option<Client>, StoreError> {
    store.load(&list_of(firm), change.at(), None, |tenant| tenant.client(id)).await
}

fn put(change: &mut Change<'_>, firm: &FirmId, company: &CompanyId, version: Option<u64>, client: &Client) {
    change.put_some(|tenant| tenant.client_of_connection(firm, company, &client.id), version, client);
}
