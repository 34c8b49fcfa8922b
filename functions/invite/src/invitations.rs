//! Sends, lists, resends and revokes invitations.

use api::{
    Answer, Api, ApiResult, Body, CallerNetwork, InContext, PageInfo, Path, Problem, Query, clock, paging::page_request,
};
use axum::extract::State;
use domain::{
    AccessRequirement, Email, InvitationId, NewEvent, Org, Permission,
    delivery::Delivery,
    invitation::{
        Invitation, InvitationKind, InvitationState, Invite, Inviter, ResendError, invite, offer, to_learn_of_none,
        to_manage,
    },
    invitation_record::InvitationRecord,
};
use serde::Deserialize;
use store::{Authority, Idempotency, Tenant};
use utoipa::{IntoParams, ToSchema};

use crate::{
    App, InvitingContext, ManagingContext, client_entry,
    refusal::{no_invitation, no_offer, not_resent},
    sending::{Counting, CreateInvitation, Newest, Sender, SentInvitation, remember},
    view::{InvitationPage, InvitationResponse, InvitationView},
};

/// Sends an invitation by email: to a firm or member from a company, to staff or a client from a firm.
///
/// On the client list, a client's address goes with the entry that is known by it, else with the only
/// entry that has it and is not connected. If several have it, it gets an entry of its own. An entry's
/// open invitation whose mail bounced or was complained of at another address is revoked as the new one
/// is sent.
///
/// A firm, acting in a company, invites no other firm.
///
/// A contact is let in where their portal access is switched on, not here.
///
/// Needs `connections.manage` for a firm, `team.manage` for a member, `staff.manage` for staff, and
/// everything that is offered. Needs `clients.manage` for a client, who gives what the firm asks for.
#[utoipa::path(post, path = "/v1/invitations", request_body = CreateInvitation,
    responses((status = 201, body = InvitationResponse)))]
pub(crate) async fn create_invitation(
    State(app): State<App>,
    caller: InvitingContext,
    network: CallerNetwork,
    body: Body<CreateInvitation>,
) -> ApiResult {
    let api = &app.api;
    let idempotency = body.idempotent.by(&caller.caller.user);
    let wanted = body.value;
    let needs = wanted.kind.needs();
    let acting_as = caller.context.acting_as();
    let offer = offer(wanted.kind, wanted.role, wanted.permissions, acting_as)
        .and_then(|offer| offer.in_place_of(wanted.replaces))
        .map_err(|error| no_offer(error, needs))?;
    let claims = caller.context.claims();
    let authority = Authority::Person(offer.to_send(caller.context.present()));
    let replaced = offer.replaces().map(|firm| Org::Firm(firm.clone()));
    let address = client_entry::by_address(&offer, &wanted.email);
    let keys = |tenant: &Tenant| {
        let replaced = replaced.as_ref().map(|firm| tenant.connection(firm));
        (Sender::keys(tenant), replaced, client_entry::holder(tenant, address))
    };
    let ((sender, replaced, holder), candidates) = api
        .store
        .load_once_and_query(&authority, caller.now(), idempotency.as_ref(), keys, async |queries| {
            client_entry::others(&queries, address).await
        })
        .await??;
    let sender = Sender::of(sender)?;
    let replaced = replaced.flatten().flatten();
    offer.check_inviter(acting_as).map_err(Problem::from)?;
    offer.check_replaced(replaced.as_ref(), caller.now()).map_err(|error| no_offer(error, needs))?;
    let candidates = candidates.held_by(holder.flatten());
    let found = if candidates.is_any() {
        api.store.load(&authority, caller.now(), |tenant| candidates.keys(tenant)).await?
    } else {
        (None, Vec::new())
    };
    let entry = address.and_then(|_| candidates.entry(found));
    let superseded = entry.as_ref().and_then(|entry| entry.gives_way(caller.now()).cloned());
    let superseded = client_entry::superseded(api, &authority, caller.now(), &[superseded]).await?;

    let command = Invite {
        id: InvitationId::from_uuid(clock::new_uuid()),
        offer: entry.as_ref().map_or(offer.clone(), |entry| offer.to_client(entry.id())),
        org_name: sender.name,
        email: wanted.email,
        name: wanted.name,
        message: wanted.message,
        locale: wanted.locale,
        expires_in_days: wanted.expires_in_days.unwrap_or(app.expiry_days),
        invited_by: claims.sub.clone(),
        invited_by_name: claims.name.clone(),
        acting_as: acting_as.clone(),
        held_since: caller.context.since(),
    };
    let (invitation, event) = invite(command, caller.now()).map_err(|error| no_invitation(error, needs))?;

    let mut change = api.store.change(&authority, caller.change_context());
    let sent = SentInvitation {
        invitation: &invitation,
        event,
        newest: Newest::Overwritten,
        entry: entry.as_ref(),
        superseded: superseded.iter().flatten().next(),
    };
    sent.send(&mut change, Counting { api, network: &network, record: sender.record, now: caller.now() });
    Ok(Answer::created(&InvitationResponse::at(invitation, None, caller.now()))?
        .commit(change, idempotency.as_ref())
        .await??)
}

/// Which invitations to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InvitationListQuery {
    /// Only those in this state, oldest first; by default all, by state. A page of `pending` or `expired`
    /// ones may hold fewer than `limit` and still not be the last.
    #[serde(default)]
    status: Option<InvitationState>,
    /// Only those of this kind. Then too, a page may be short.
    #[serde(default)]
    kind: Option<InvitationKind>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the invitations that this company or firm has sent.
///
/// Needs the permission to send that kind. Without `kind`, needs the permissions for all kinds:
/// `team.manage`, `connections.manage` and `customers.manage` in a company, `staff.manage` and `clients.manage` in a firm.
#[utoipa::path(get, path = "/v1/invitations", params(InvitationListQuery),
    responses((status = 200, body = InvitationPage)))]
pub(crate) async fn list_invitations(
    State(api): State<Api>,
    caller: ManagingContext,
    Query(query): Query<InvitationListQuery>,
) -> ApiResult {
    let request = page_request(query.limit, query.cursor)?;
    let context = &caller.context;
    let authority = to_manage(context.present(), query.kind)
        .map(Authority::Person)
        .map_err(|error| no_offer(error, query.kind.map_or(Permission::TeamManage, InvitationKind::needs)))?;
    let now = caller.now();
    let kept_as = query.status.map(InvitationState::kept_as);
    let of_kind = |invitation: &Invitation| query.kind.is_none_or(|kind| kind == invitation.offer.kind());
    let shown = |invitation: &Invitation| {
        of_kind(invitation) && query.status.is_none_or(|state| state == invitation.state(now))
    };
    let (page, deliveries) = api
        .store
        .query_authorized(&authority, now, async |queries| {
            let page = queries.page_matching(|tenant| tenant.invitations(kept_as), &request, shown).await?;
            let wanted = |tenant: &Tenant| page.items.iter().map(|it| tenant.delivery(&it.id)).collect::<Vec<_>>();
            let deliveries = queries.get(wanted).await?;
            Ok((page, deliveries))
        })
        .await?;
    let paged = PageInfo::from(&page);
    let view =
        |(invitation, delivery): (Invitation, Option<Delivery>)| InvitationView::at(invitation, delivery.as_ref(), now);
    let invitations = page.items.into_iter().zip(deliveries).map(view).collect();
    Answer::ok(&InvitationPage { invitations, paged })
}

/// How an invitation is sent again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResendInvitation {
    /// The corrected address; unchanged by default.
    #[serde(default, deserialize_with = "domain::text::deliverable_email_if_any")]
    email: Option<Email>,
}

/// Sends a pending or expired invitation again.
///
/// It is open for as long as the first was. The caller becomes the inviter. Every earlier link is dead at
/// once. To an address that bounced or complained nothing is sent again: 409 with the state `bounced` or
/// `complained` until another one is given. Refused if the person has joined meanwhile.
///
/// Needs what sending the invitation needs.
#[utoipa::path(post, path = "/v1/invitations/{id}/resend", params(("id" = InvitationId, Path)),
    request_body = ResendInvitation, responses((status = 200, body = InvitationResponse)))]
pub(crate) async fn resend_invitation(
    State(api): State<Api>,
    caller: ManagingContext,
    network: CallerNetwork,
    Path(id): Path<InvitationId>,
    body: Body<ResendInvitation>,
) -> ApiResult {
    let claims = caller.context.claims();
    let context = &caller.context;
    let by = Inviter {
        user: claims.sub.clone(),
        name: claims.name.clone(),
        acting_as: context.acting_as().clone(),
        held_since: context.since(),
    };
    let resending = |invitation: &Invitation| invitation.offer.to_send(context.present());
    let found = find(&api, &caller, &id, &body, resending).await?;
    let (resent, event) =
        found.invitation.resend(by, body.value.email, found.delivery.as_ref(), caller.now()).map_err(not_resent)?;
    let has_place =
        resent.offer.is_for_own_people() && api.store.has_place(&found.authority, &resent.email, caller.now()).await?;
    resent.check_vacant(has_place).map_err(not_resent)?;
    found.commit(&api, &caller, resent, event, Some(&network)).await
}

/// An empty object.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeInvitation {}

/// Revokes a pending invitation: its link is dead at once.
///
/// Needs the permission to send that kind.
#[utoipa::path(post, path = "/v1/invitations/{id}/revoke", params(("id" = InvitationId, Path)),
    request_body = RevokeInvitation, responses((status = 200, body = InvitationResponse)))]
pub(crate) async fn revoke_invitation(
    State(api): State<Api>,
    caller: ManagingContext,
    Path(id): Path<InvitationId>,
    body: Body<RevokeInvitation>,
) -> ApiResult {
    let revoking = |invitation: &Invitation| caller.context.access(invitation.offer.needs());
    let found = find(&api, &caller, &id, &body, revoking).await?;
    let revoked = found.invitation.revoke().map_err(ResendError::NotPending).map_err(not_resent);
    let (revoked, event) = revoked?;
    found.commit(&api, &caller, revoked, event, None).await
}

/// An invitation of this tenant's that the caller may change.
struct ManagedInvitation {
    invitation: Invitation,
    delivery: Option<Delivery>,
    record: InvitationRecord,
    authority: Authority,
    idempotency: Option<Idempotency>,
}

/// Finds an invitation of this tenant's if the caller has the access that changing it needs. A caller who may send
/// any kind gets 404 for an unknown invitation, and for another tenant's.
async fn find<T>(
    api: &Api,
    caller: &InContext,
    id: &InvitationId,
    body: &Body<T>,
    access: impl Fn(&Invitation) -> AccessRequirement,
) -> ApiResult<ManagedInvitation> {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let (context, org) = (&caller.context, caller.context.acting_as().org());
    let entered = api
        .store
        .load_unproven(&context.present(), caller.now(), idempotency.as_ref(), |tenant| {
            (tenant.invitation(id), tenant.delivery(id), tenant.invitation_record())
        })
        .await?;

    let (found, delivery, record) = entered.peek().clone();
    let own = found.filter(|invitation| invitation.offer.org() == org);
    let looking = to_learn_of_none(context.acting_as(), |permission| entered.holds(&context.needs(permission)));
    let authority = Authority::Person(own.as_ref().map_or_else(|| context.access(looking), access));
    entered.prove(&authority)??;
    let invitation = own.ok_or_else(Problem::not_found)?;
    Ok(ManagedInvitation { invitation, delivery, record: record.unwrap_or_default(), authority, idempotency })
}

impl ManagedInvitation {
    /// Commits a change of it. `sent` is the caller's network where it was sent again, which counts
    /// towards the limits.
    async fn commit(
        self,
        api: &Api,
        caller: &InContext,
        changed: Invitation,
        event: NewEvent,
        sent: Option<&CallerNetwork>,
    ) -> ApiResult {
        let mut change = api.store.change(&self.authority, caller.change_context());
        if let Some(network) = sent {
            let counting = Counting { api, network, record: self.record, now: caller.now() };
            counting.count(&mut change, &changed);
        }
        change.put(|tenant| tenant.invitation(&changed.id), Some(self.invitation.version), &changed);
        if changed.email != self.invitation.email {
            remember(&mut change, &changed);
        }
        client_list::invitation_changes(&api.store, &mut change, &changed).await?;
        contact_access::invitation_changes(&api.store, &mut change, &changed).await?;
        change.record(event);
        Ok(Answer::ok(&InvitationResponse::at(changed, self.delivery.as_ref(), caller.now()))?
            .commit(change, self.idempotency.as_ref())
            .await??)
    }
}
