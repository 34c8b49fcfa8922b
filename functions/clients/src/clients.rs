//! One client: adds, shows, changes and removes it.

use api::{Answer, Api, ApiResult, Body, InFirm, Path, Problem, clock};
use axum::extract::State;
use domain::{
    ClientId, CompanyId, Email, InvitationId, Locale, Name, Patch, Reference, UtcTime,
    client::{self, Client, ClientDetails, ClientIdentity, ClientStatus, ClientUpdate},
    delivery::DeliveryState,
    invitation::InvitationState,
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::{Change, ClientAddress, ClientUniqueKey};
use utoipa::ToSchema;

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

/// A client to add to the list.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateClient {
    name: Name,
    /// The address for its invitation. Required to invite the client, not to add it.
    #[serde(default)]
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
/// A client already on the list is a duplicate if it has the same reference or, without a reference, the
/// same address or, without either, the same name.
///
/// Needs `clients.manage`.
#[utoipa::path(post, path = "/v1/clients", request_body = CreateClient,
    responses((status = 201, body = ClientResponse)))]
pub(crate) async fn add_client(
    State(api): State<Api>,
    caller: InFirm<may::ClientsManage>,
    body: Body<CreateClient>,
) -> ApiResult {
    let firm = caller.firm.clone();
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let details = ClientDetails::from(body.value);
    let identity = details.identity();
    let held = api
        .store
        .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| tenant.client_unique_key(&identity))
        .await??;
    if let Some(held) = held {
        return Err(already_there(&identity, &held).into());
    }
    let id = ClientId::from_uuid(clock::new_uuid());
    let (client, event) = client::add(id, firm, details, caller.now());

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.client(&client.id), None, &client);
    change.put(|tenant| tenant.client_unique_key(&identity), None, &claim_of(&client));
    findable(&mut change, None, Some(&client));
    change.record(event);
    Ok(Answer::created(&ClientResponse { client: ClientView::at(client, caller.now()) })?
        .commit(change, idempotency.as_ref())
        .await??)
}

pub(crate) fn claim_of(client: &Client) -> ClientUniqueKey {
    ClientUniqueKey::of(&client.id)
}

/// Updates the lookup item of an address that does not identify the client, from `before` to `after`.
pub(crate) fn findable(change: &mut Change<'_>, before: Option<&Client>, after: Option<&Client>) {
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

fn already_there(identity: &ClientIdentity, held: &ClientUniqueKey) -> Problem {
    let detail = format!("a client with this {} is on the list: {}", identity.field(), held.client);
    Problem::conflict(detail, "already_there")
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
    #[serde(default)]
    name: Option<Name>,
    #[serde(default)]
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
/// An open invitation keeps the address that it was sent to.
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
    let Some((edited, event)) = client.edit(edit) else {
        return Answer::ok(&ClientResponse { client: ClientView::at(client, caller.now()) });
    };

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.client(&id), Some(client.version), &edited);
    let (before, after) = (client.claims(), edited.claims());
    if before != after {
        if let Some(identity) = after {
            let holders = might_claim.iter().zip(&held).filter(|(claim, _)| **claim == identity);
            if let Some(holder) = holders.filter_map(|(_, holder)| holder.as_ref()).next() {
                return Err(already_there(&identity, holder).into());
            }
            change.put(|tenant| tenant.client_unique_key(&identity), None, &claim_of(&edited));
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
