//! One client: adds, shows, changes and removes it.

use api::{Answer, Api, ApiResult, Body, InFirm, Path, Problem, clock};
use axum::extract::State;
use domain::{
    ClientId, CompanyId, Email, InvitationId, Locale, Name, NewEvent, Patch, Reference, UtcTime,
    client::{self, Client, ClientDetails, ClientIdentity, ClientMatch, ClientStatus, ClientUpdate},
    delivery::DeliveryState,
    invitation::InvitationState,
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::{Authority, Change, ClientAddress, ClientUniqueKey, StoreError};
use utoipa::ToSchema;

use crate::listed::{Listed, SimilarClient};

/// The last invitation that was sent to a client.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LastInvitation)]
pub(crate) struct LastInvitationView {
    id: InvitationId,
    status: InvitationState,
    expires_at: UtcTime,
    /// The delivery problem of its latest email: a bounce or a complaint. The list of invitations shows
    /// every other delivery status.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<UndeliveredView>,
}

/// An email that bounced or that the recipient reported as spam.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DeliveryFailure)]
pub(crate) struct UndeliveredView {
    /// `bounced` or `complained`.
    state: DeliveryState,
    /// When it was reported.
    at: UtcTime,
}

/// A client on the firm's client list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Client)]
pub(crate) struct ClientView {
    id: ClientId,
    name: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Locale>,
    /// The firm's own reference for the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<Reference>,
    status: ClientStatus,
    /// The company that the client is, or was, connected as.
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<CompanyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<LastInvitationView>,
    created_at: UtcTime,
}

impl ClientView {
    pub(crate) fn at(client: Client, now: UtcTime) -> Self {
        let invitation = client.invitation.map(|last| LastInvitationView {
            status: last.state(now),
            id: last.id,
            expires_at: last.expires_at,
            delivery: last.undelivered.map(|letter| UndeliveredView { state: letter.state, at: letter.at }),
        });
        let ClientDetails { name, email, language, reference } = client.details;
        Self {
            id: client.id,
            name,
            email,
            language,
            reference,
            status: client.status,
            company: client.company,
            invitation,
            created_at: client.created_at,
        }
    }
}

/// One client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientResponse {
    client: ClientView,
}

/// The removed client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemoveClientResponse {
    removed: ClientView,
}

/// The client that was added.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddedClientResponse {
    client: ClientView,
    /// A client on the list that is easily mistaken for it: at the same address under another name, or of the same
    /// name at another address.
    #[serde(skip_serializing_if = "Option::is_none")]
    similar: Option<SimilarClient>,
}

/// A client to add to the list.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateClient {
    #[serde(deserialize_with = "domain::text::public_name")]
    name: Name,
    /// The address for its invitation. Required to invite the client, not to add it.
    #[serde(default, deserialize_with = "domain::text::deliverable_email_if_any")]
    email: Option<Email>,
    /// The language of emails to the client.
    #[serde(default)]
    language: Option<Locale>,
    /// Your own reference for the client.
    #[serde(default)]
    reference: Option<Reference>,
}

impl From<CreateClient> for ClientDetails {
    fn from(new: CreateClient) -> Self {
        Self { name: new.name, email: new.email, language: new.language, reference: new.reference }
    }
}

/// Adds a client to the client list.
///
/// A client is on the list already if one has the same reference or, unless both have a reference, the same name
/// and no other address. Two clients may share an address; `similar` then lists the fields in which they differ.
///
/// Needs `clients.manage`.
#[utoipa::path(post, path = "/v1/clients", request_body = CreateClient,
    responses((status = 201, body = AddedClientResponse)))]
pub(crate) async fn add_client(
    State(api): State<Api>,
    caller: InFirm<may::ClientsManage>,
    body: Body<CreateClient>,
) -> ApiResult {
    let firm = caller.firm.clone();
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let details = ClientDetails::from(body.value);
    let listed = Listed::read(&api, &authority, caller.now(), idempotency.as_ref(), &[&details]).await??;
    let similar = match listed.find(&details, []) {
        ClientMatch::Listed(found) => return Err(already_there(&found.client).into()),
        ClientMatch::New { similar } => similar,
    };
    let id = ClientId::from_uuid(clock::new_uuid());
    let (client, event) = client::add(id, firm, details, caller.now());
    let client = listed.distinguished(client, []);

    let mut change = api.store.change(&authority, caller.change_context());
    put_new(&mut change, &client, event);
    let added = AddedClientResponse { client: ClientView::at(client, caller.now()), similar: similar.map(Into::into) };
    Ok(Answer::created(&added)?.commit(change, idempotency.as_ref()).await??)
}

/// Adds a new client to the list: the entry, its unique key, its lookup item and the event.
pub(crate) fn put_new(change: &mut Change<'_>, client: &Client, event: NewEvent) {
    change.put(|tenant| tenant.client(&client.id), None, client);
    if let Some(identity) = client.claims() {
        change.put(|tenant| tenant.client_unique_key(&identity), None, &ClientUniqueKey::of(&client.id));
    }
    findable(change, None, Some(client));
    change.record(event);
}

/// Updates the lookup item of an address that does not identify the client, from `before` to `after`.
fn findable(change: &mut Change<'_>, before: Option<&Client>, after: Option<&Client>) {
    let at = |client: Option<&Client>| client.and_then(|client| Some((client.found_at()?.clone(), client.id.clone())));
    let (before, after) = (at(before), at(after));
    if before == after {
        return;
    }
    if let Some((email, id)) = before {
        change.delete(|tenant| tenant.client_address(&email, &id), ClientAddress::VERSION);
    }
    if let Some((email, id)) = after {
        change.put(|tenant| tenant.client_address(&email, &id), None, &ClientAddress::of(&id));
    }
}

fn already_there(client: &ClientId) -> Problem {
    Problem::conflict(format!("this client is on the list: {client}"), "already_there")
}

/// Shows a client.
///
/// Needs `clients.view`.
#[utoipa::path(get, path = "/v1/clients/{id}", params(("id" = ClientId, Path)),
    responses((status = 200, body = ClientResponse)))]
pub(crate) async fn get_client(
    State(api): State<Api>,
    caller: InFirm<may::ClientsView>,
    Path(id): Path<ClientId>,
) -> ApiResult {
    let client = api.store.load(&caller.authority(), caller.now(), |tenant| tenant.client(&id)).await?;
    let client = client.ok_or_else(Problem::not_found)?;
    Answer::ok(&ClientResponse { client: ClientView::at(client, caller.now()) })
}

/// The fields to change. A field that is left out stays as it is; `null` removes it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateClient {
    #[serde(default, deserialize_with = "domain::text::public_name_if_any")]
    name: Option<Name>,
    #[serde(default, deserialize_with = "domain::text::deliverable_email_patch")]
    #[schema(value_type = Option<Email>)]
    email: Patch<Email>,
    #[serde(default)]
    #[schema(value_type = Option<Locale>)]
    language: Patch<Locale>,
    #[serde(default)]
    #[schema(value_type = Option<Reference>)]
    reference: Patch<Reference>,
}

/// Changes a client's entry on the client list.
///
/// An open invitation keeps the address that it was sent to. A reference, a name without an address, and an address
/// together with a name belong to one client each.
///
/// Needs `clients.manage`.
#[utoipa::path(patch, path = "/v1/clients/{id}", params(("id" = ClientId, Path)),
    request_body = UpdateClient, responses((status = 200, body = ClientResponse)))]
pub(crate) async fn change_client(
    State(api): State<Api>,
    caller: InFirm<may::ClientsManage>,
    Path(id): Path<ClientId>,
    body: Body<UpdateClient>,
) -> ApiResult {
    let authority = caller.authority();
    let UpdateClient { name, email, language, reference } = body.value;
    let edit = ClientUpdate { name, email, language, reference };
    // The client's present state decides which of these keys identifies it; all are read along with it.
    let might_claim: Vec<ClientIdentity> = [
        edit.reference.value().cloned().map(ClientIdentity::Reference),
        edit.email.value().cloned().map(ClientIdentity::Email),
        edit.name.clone().map(ClientIdentity::Name),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (client, held) = api
        .store
        .load(&authority, caller.now(), |tenant| {
            (
                tenant.client(&id),
                might_claim.iter().map(|identity| tenant.client_unique_key(identity)).collect::<Vec<_>>(),
            )
        })
        .await?;
    let client = client.ok_or_else(Problem::not_found)?;
    let Some((mut edited, event)) = client.edit(edit) else {
        return Answer::ok(&ClientResponse { client: ClientView::at(client, caller.now()) });
    };
    let before = client.claims();
    let after = edited.claims().filter(|after| before.as_ref() != Some(after));
    let mut holder = match &after {
        None => None,
        Some(after) => match might_claim.iter().zip(&held).find(|(claim, _)| *claim == after) {
            Some((_, holder)) => holder.as_ref().map(|holder| holder.client.clone()),
            None => holder_of(&api, &authority, caller.now(), after).await?,
        },
    };
    if let (Some(ClientIdentity::Email(_)), Some(_)) = (&after, &holder) {
        // Another client is known by this address: this one is known by address and name, if those are free.
        edited = edited.sharing_address();
        holder = match edited.claims() {
            Some(both) => holder_of(&api, &authority, caller.now(), &both).await?,
            None => None,
        };
    }
    if let Some(holder) = holder {
        return Err(already_there(&holder).into());
    }

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.client(&id), Some(client.version), &edited);
    let after = edited.claims();
    if before != after {
        if let Some(identity) = after {
            change.put(|tenant| tenant.client_unique_key(&identity), None, &ClientUniqueKey::of(&edited.id));
        }
        if let Some(identity) = before {
            change.delete(|tenant| tenant.client_unique_key(&identity), ClientUniqueKey::VERSION);
        }
    }
    findable(&mut change, Some(&client), Some(&edited));
    change.record(event);
    change.commit().await?;
    Answer::ok(&ClientResponse { client: ClientView::at(edited, caller.now()) })
}

/// The client with an identity.
async fn holder_of(
    api: &Api,
    authority: &Authority,
    now: UtcTime,
    identity: &ClientIdentity,
) -> Result<Option<ClientId>, StoreError> {
    let held = api.store.load(authority, now, |tenant| tenant.client_unique_key(identity)).await?;
    Ok(held.map(|held| held.client))
}

/// Removes a client from the client list.
///
/// A client that is connected or has an open invitation cannot be removed. The audit log keeps the client's events.
///
/// Needs `clients.manage`.
#[utoipa::path(delete, path = "/v1/clients/{id}", params(("id" = ClientId, Path)),
    responses((status = 200, body = RemoveClientResponse)))]
pub(crate) async fn remove_client(
    State(api): State<Api>,
    caller: InFirm<may::ClientsManage>,
    Path(id): Path<ClientId>,
) -> ApiResult {
    let authority = caller.authority();
    let client = api.store.load(&authority, caller.now(), |tenant| tenant.client(&id)).await?;
    let client = client.ok_or_else(Problem::not_found)?;
    let event = client.remove(caller.now()).map_err(|error| Problem::conflict(error, client.status))?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.delete(|tenant| tenant.client(&id), client.version);
    if let Some(identity) = client.claims() {
        change.delete(|tenant| tenant.client_unique_key(&identity), ClientUniqueKey::VERSION);
    }
    findable(&mut change, Some(&client), None);
    change.record(event);
    change.commit().await?;
    Answer::ok(&RemoveClientResponse { removed: ClientView::at(client, caller.now()) })
}
