//! Invites several clients of the firm's client list.

use std::collections::HashMap;

use api::{Answer, ApiError, ApiResult, Body, CallerNetwork, FieldError, InContext, InFirm, Problem, clock};
use axum::extract::State;
use domain::{
    Email, Grants, InvitationId, Locale, Note,
    client::{Client, ClientEntry, NotInvited},
    id::ClientId,
    invitation::{InvitationKind, Invite, Offer, invite, offer},
    permission::may,
};
use serde::Deserialize;
use store::{Attempt, Authority, retry_on_conflict};
use utoipa::ToSchema;

use super::{BulkInvitationResponse, BulkInvitationRow, RowSender};
use crate::{
    App, client_entry,
    refusal::{no_invitation, no_offer},
    sending::{Counting, Newest, Sender, SentInvitation},
};

/// The most clients invited from the list at once.
const MAX_CLIENTS: usize = 100;

/// Clients of the list to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InviteClients {
    /// 1–100 clients.
    #[schema(min_items = 1, max_items = 100)]
    clients: Vec<ClientId>,
    /// The permissions that the firm asks for; the accountant preset by default.
    #[serde(default)]
    permissions: Option<Grants>,
    #[serde(default)]
    message: Option<Note>,
    /// The invitees' language, for a portal; each client's own by default. Mail is in English, with dates as
    /// its region writes them.
    #[serde(default)]
    locale: Option<Locale>,
    /// 1–30; by default what this deployment sets, usually 7.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 30)]
    expires_in_days: Option<u8>,
}

/// Invites clients from the client list, each at its own address.
///
/// A client that is connected or has an open invitation is skipped. A client whose last mail bounced or was
/// complained of is `invalid` by its `email` until that is changed; then the invitation that is still open
/// is revoked as the new one is sent.
///
/// Needs `clients.manage`.
#[utoipa::path(post, path = "/v1/clients/invitations", request_body = InviteClients,
    responses((status = 200, body = BulkInvitationResponse)))]
pub(crate) async fn invite_clients(
    State(app): State<App>,
    caller: InFirm<may::ClientsManage>,
    network: CallerNetwork,
    body: Body<InviteClients>,
) -> ApiResult {
    let api = &app.api;
    let idempotency = body.idempotent.by(&caller.caller.user);
    let wanted = body.value;
    if !(1..=MAX_CLIENTS).contains(&wanted.clients.len()) {
        return Err(Problem::field("clients", format!("must name 1 to {MAX_CLIENTS} clients")).into());
    }
    let offer = offer(InvitationKind::Client, None, wanted.permissions.clone(), caller.context.acting_as())
        .map_err(|error| no_offer(error, InvitationKind::Client.needs()))?;
    let authority = caller.authority();
    let sender = api.store.load_once(&authority, caller.now(), idempotency.as_ref(), Sender::keys).await??;
    let inviting = ListSender {
        app: &app,
        caller: &caller,
        network: &network,
        authority: &authority,
        sender: Sender::of(sender)?,
        offer,
        wanted: &wanted,
    };

    let rows: Vec<(usize, &ClientId)> = (1..).zip(&wanted.clients).collect();
    let answered = inviting.send_all(&rows).await?;
    let answer = Answer::ok(&BulkInvitationResponse::of(answered, Vec::new()))?;
    if idempotency.is_none() {
        return Ok(answer);
    }
    let change = api.store.change(&authority, caller.change_context());
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}

struct ListSender<'a> {
    app: &'a App,
    caller: &'a InContext,
    network: &'a CallerNetwork,
    authority: &'a Authority,
    sender: Sender,
    offer: Offer,
    wanted: &'a InviteClients,
}

impl<'a> RowSender for ListSender<'a> {
    type Row = (usize, &'a ClientId);

    fn number((row, _): &Self::Row) -> usize {
        *row
    }

    async fn send(&self, rows: &[Self::Row]) -> ApiResult<Vec<BulkInvitationRow>> {
        retry_on_conflict(|| self.invite(rows)).await
    }
}

impl ListSender<'_> {
    /// Invites those of some clients that can be, in one change.
    async fn invite(&self, rows: &[(usize, &ClientId)]) -> Result<Vec<BulkInvitationRow>, Attempt<ApiError>> {
        let now = self.caller.now();
        let clients = self
            .app
            .api
            .store
            .load(self.authority, now, |tenant| rows.iter().map(|(_, id)| tenant.client(id)).collect::<Vec<_>>())
            .await?;
        let superseded: Vec<Option<InvitationId>> =
            clients.iter().map(|client| client.as_ref()?.gives_way(now).cloned()).collect();
        let superseded = client_entry::superseded(&self.app.api, self.authority, now, &superseded).await?;

        let mut change = self.app.api.store.change(self.authority, self.caller.change_context());
        let mut sent: HashMap<&ClientId, InvitationId> = HashMap::new();
        let mut answered = Vec::with_capacity(rows.len());
        for (((row, id), client), superseded) in rows.iter().copied().zip(clients).zip(superseded) {
            let error = |field: &str, detail: &str| FieldError { field: field.to_owned(), detail: detail.to_owned() };
            let said = match client {
                None => BulkInvitationRow::invalid(row, error("client", "is not on the list")),
                Some(client) => match (sent.get(id), client.invite_at(now)) {
                    (Some(invitation), _) => BulkInvitationRow::open(row, invitation.clone()),
                    (None, Ok(email)) => {
                        let (invitation, event) = invite(self.command(&client, email), now)
                            .map_err(|error| ApiError::from(no_invitation(error, InvitationKind::Client.needs())))?;
                        let new = SentInvitation {
                            invitation: &invitation,
                            event,
                            newest: Newest::Overwritten,
                            entry: Some(&ClientEntry::Known(Box::new(client))),
                            superseded: superseded.as_ref(),
                        };
                        let (api, record) = (&self.app.api, self.sender.record);
                        new.send(&mut change, Counting { api, network: self.network, record, now });
                        sent.insert(id, invitation.id.clone());
                        BulkInvitationRow::created(row, invitation.id)
                    }
                    (None, Err(NotInvited::Open(invitation))) => BulkInvitationRow::open(row, invitation),
                    (None, Err(connected @ NotInvited::Connected)) => {
                        BulkInvitationRow::there(row, &connected.to_string())
                    }
                    (None, Err(unreachable @ (NotInvited::NoEmail | NotInvited::Undeliverable))) => {
                        BulkInvitationRow::invalid(row, error("email", &unreachable.to_string()))
                    }
                },
            };
            answered.push(BulkInvitationRow { client: Some(id.clone()), ..said });
        }
        if !sent.is_empty() {
            change.commit().await?;
        }
        Ok(answered)
    }

    fn command(&self, client: &Client, email: &Email) -> Invite {
        let claims = self.caller.context.claims();
        Invite {
            id: InvitationId::from_uuid(clock::new_uuid()),
            offer: self.offer.to_client(&client.id),
            org_name: self.sender.name.clone(),
            email: email.clone(),
            name: Some(client.details.name.clone()),
            message: self.wanted.message.clone(),
            locale: self.wanted.locale.clone().or_else(|| client.details.language.clone()),
            expires_in_days: self.wanted.expires_in_days.unwrap_or(self.app.expiry_days),
            invited_by: claims.sub.clone(),
            invited_by_name: claims.name.clone(),
            acting_as: self.caller.context.acting_as().clone(),
            held_since: self.caller.context.since(),
        }
    }
}
