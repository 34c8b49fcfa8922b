//! Sending, listing, sending again and withdrawing invitations.

use api::{
    Answer, Api, ApiError, ApiResult, Body, CallerNetwork, InContext, PageInfo, Path, Problem, ProblemType, Query,
    clock, paging::page_request,
};
use axum::extract::State;
use domain::{
    AccessRequirement, CompanyId, Denied, Email, FirmId, GrantState, Grants, InvitationId, Locale, Name, NewEvent,
    Note, Org, Permission, UserId, UtcTime, Validity,
    delivery::{Delivery, DeliveryState},
    invitation::{
        Invitation, InvitationKind, InvitationRole, InvitationState, InvitationStatus, Invite, InviteError, Inviter,
        Offer, OfferError, invite, kinds_sent_from, offer, to_manage,
    },
    org::{Company, Firm},
};
use serde::{Deserialize, Serialize};
use store::{Authority, Idempotency, Key, StoreError, Tally, Tenant};
use utoipa::{IntoParams, ToSchema};

use crate::{App, InvitingContext, listed, rows::remember};

/// An invitation as the inviting side sees it. The link is in the mail alone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(crate) struct InvitationView {
    id: InvitationId,
    /// `firm`, `member`, `staff` or `client`.
    #[schema(value_type = InvitationKind)]
    kind: &'static str,
    email: Email,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<InvitationRole>)]
    role: Option<&'static str>,
    permissions: Grants,
    status: InvitationState,
    created_at: UtcTime,
    expires_at: UtcTime,
    invited_by: UserId,
    invited_by_name: Name,
    delivery: DeliveryView,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_by: Option<UserId>,
    /// The firm that it connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_firm: Option<FirmId>,
    /// The firm whose connection ends when this is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<FirmId>,
    /// The company that it connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_company: Option<CompanyId>,
    /// The language of whoever is invited.
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<Locale>,
}

/// What became of the newest letter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Delivery)]
pub(crate) struct DeliveryView {
    state: DeliveryState,
    /// Since when.
    at: UtcTime,
}

impl InvitationView {
    fn at(invitation: Invitation, delivery: Option<&Delivery>, now: UtcTime) -> Self {
        let (state, at) = invitation.delivery(delivery);
        Self {
            delivery: DeliveryView { state, at },
            kind: invitation.offer.kind().as_str(),
            role: invitation.offer.role(),
            permissions: invitation.offer.grants(),
            status: invitation.state(now),
            replaces: invitation.offer.replaces().cloned(),
            id: invitation.id,
            email: invitation.email,
            name: invitation.name,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
            invited_by: invitation.invited_by,
            invited_by_name: invitation.invited_by_name,
            accepted_by: invitation.accepted_by,
            accepted_firm: invitation.accepted_firm,
            accepted_company: invitation.accepted_company,
            locale: invitation.locale,
        }
    }
}

/// One invitation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationResponse {
    invitation: InvitationView,
}

/// A page of invitations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationPage {
    invitations: Vec<InvitationView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// A new invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateInvitation {
    /// `firm` and `member` from a company, `staff` and `client` from a firm.
    pub(crate) kind: InvitationKind,
    pub(crate) email: Email,
    /// What to call them in the mail: a person, or the firm.
    #[serde(default)]
    pub(crate) name: Option<Name>,
    /// Needed for `staff`, and for `member` unless permissions are listed; none for `firm` and
    /// `client`.
    #[serde(default)]
    pub(crate) role: Option<InvitationRole>,
    /// For `firm` and `client` instead of the accountant preset; for `member` instead of the role's own, and
    /// needed for the role `custom`; not for `staff`.
    #[serde(default)]
    pub(crate) permissions: Option<Grants>,
    /// For `firm`: a connected firm to take the place of. Its connection ends in the very change that
    /// starts the new one. Not for many at once.
    #[serde(default)]
    pub(crate) replaces: Option<FirmId>,
    #[serde(default)]
    pub(crate) message: Option<Note>,
    /// The language of whoever is invited, for a portal to go by. Letters are in English, with dates as its
    /// region writes them.
    #[serde(default)]
    pub(crate) locale: Option<Locale>,
    /// 1–30; what this deployment says (7 by default) when not said.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 30)]
    pub(crate) expires_in_days: Option<u8>,
}

/// Invites a firm, a member or staff by email, or asks a client for a connection. Needs
/// `connections.manage` for a firm, `team.manage` for a member, `staff.manage` for staff, and
/// everything that is offered; `clients.manage` for a client, who offers what is asked for. Of the
/// client list, a client's address moves the entry that is known by it, else the only one who has it
/// and is not connected; where several are, it gets an entry of its own. An entry's open invitation whose
/// letter bounced or was complained of at another address is withdrawn as the new one is sent.
#[utoipa::path(post, path = "/v1/invitations", tag = "invite", request_body = CreateInvitation,
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
    let authority = Authority::Person(to_offer(&caller.context, &offer));
    let replaced = offer.replaces().map(|firm| Org::Firm(firm.clone()));
    let address = listed::by_address(&offer, &wanted.email);
    let keys = |tenant: &Tenant| {
        let replaced = replaced.as_ref().map(|firm| tenant.connection(firm));
        (profile(tenant), replaced, listed::holder(tenant, address))
    };
    let ((profile, replaced, holder), candidates) = api
        .store
        .load_and_query(&authority, caller.now(), idempotency.as_ref(), keys, async |queries| {
            listed::others(&queries, address).await
        })
        .await
        .map_err(|error| refused(error, needs))?;
    let org_name = name(profile)?;
    if replaced.is_some_and(|found| !found.flatten().is_some_and(|c| GrantState::from(&c).holds_at(caller.now()))) {
        return Err(Problem::field("replaces", "is not a firm that is connected").into());
    }
    let candidates = candidates.held_by(holder.flatten());
    let found = if candidates.is_any() {
        api.store.load(&authority, caller.now(), None, |tenant| candidates.keys(tenant)).await?
    } else {
        (None, Vec::new())
    };
    let entry = address.and_then(|_| candidates.entry(found));
    let giving_way = entry.as_ref().and_then(|entry| entry.gives_way(caller.now()).cloned());
    let grant_state =
        listed::grant_state(api, &authority, caller.now(), &[giving_way]).await?.into_iter().flatten().next();

    let claims = caller.context.claims();
    let command = Invite {
        id: InvitationId::from_uuid(clock::new_uuid()),
        offer: entry.as_ref().map_or(offer.clone(), |entry| offer.to_client(entry.id())),
        org_name,
        email: wanted.email,
        name: wanted.name,
        message: wanted.message,
        locale: wanted.locale,
        expires_in_days: wanted.expires_in_days.unwrap_or(app.expiry_days),
        invited_by: claims.sub.clone(),
        invited_by_name: claims.name.clone(),
        acting_as: acting_as.clone(),
    };
    let (invitation, event) = invite(command, caller.now()).map_err(|error| no_invitation(error, needs))?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.invitation(&invitation.id), None, &invitation);
    remember(&mut change, &invitation);
    if let (Some(entry), Some(firm)) = (&entry, invitation.offer.org().firm()) {
        listed::follow(&mut change, firm, entry, &invitation);
    }
    listed::withdraw(&mut change, grant_state.as_ref());
    for tally in tallies(api, &network, &invitation, caller.now()) {
        change.count(&tally);
    }
    change.record(event);
    let answer =
        Answer::created(&InvitationResponse { invitation: InvitationView::at(invitation, None, caller.now()) })?;
    change.answer(idempotency.as_ref(), answer.status(), answer.body());
    change.commit().await.map_err(|error| refused(error, needs))?;
    Ok(answer)
}

/// What offering takes: everything that is offered, for good. Whoever holds it for a time only cannot
/// make it last by giving it to someone.
fn to_offer(context: &api::context::Context, offer: &Offer) -> AccessRequirement {
    context.access(offer.needs()).and_all(&offer.given()).validity(Validity::ForGood)
}

/// The profile of the inviting tenant, whichever kind it is.
pub(crate) type Profile<C, F> = (Option<C>, Option<F>);

pub(crate) fn profile(tenant: &Tenant) -> Profile<Key<Company>, Key<Firm>> {
    match tenant.org() {
        Org::Company(_) => (Some(tenant.company()), None),
        Org::Firm(_) => (None, Some(tenant.firm())),
    }
}

pub(crate) fn name((company, firm): Profile<Option<Company>, Option<Firm>>) -> ApiResult<Name> {
    let company = company.flatten().map(|company| company.name);
    let firm = firm.flatten().map(|firm| firm.name);
    Ok(company.or(firm).ok_or_else(|| Problem::internal("a tenant without a profile"))?)
}

/// Which invitations to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only those in this state, oldest first; all by state when not said. A page of `pending` or
    /// `expired` ones may hold fewer than `limit` and still not be the last.
    #[serde(default)]
    status: Option<InvitationState>,
    /// Only those of this kind; a page may then be short, too.
    #[serde(default)]
    kind: Option<InvitationKind>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists what this company or firm has sent. Needs what sending the kind needs, and without a kind
/// what every kind of this place needs: `team.manage` and `connections.manage` in a company,
/// `staff.manage` and `clients.manage` in a firm.
#[utoipa::path(get, path = "/v1/invitations", tag = "invite", params(Which),
    responses((status = 200, body = InvitationPage)))]
pub(crate) async fn list_invitations(
    State(api): State<Api>,
    caller: InvitingContext,
    Query(which): Query<Which>,
) -> ApiResult {
    let request = page_request(which.limit, which.cursor)?;
    let context = &caller.context;
    let needed = to_manage(context.acting_as(), which.kind)
        .map_err(|error| no_offer(error, which.kind.map_or(Permission::TeamManage, InvitationKind::needs)))?;
    let entering = AccessRequirement::to_enter(context.claims().sub.clone(), context.acting_as().clone());
    // The rarer permission first, since the first that is missing is the one that is named.
    let both = |access: AccessRequirement, permission| access.and_all(&Grants::from_iter([permission]));
    let authority = Authority::Person(needed.into_iter().rev().fold(entering, both));
    let now = caller.now();
    let kept_as = which.status.map(InvitationState::kept_as);
    let of_kind = |invitation: &Invitation| which.kind.is_none_or(|kind| kind == invitation.offer.kind());
    let shown = |invitation: &Invitation| {
        of_kind(invitation) && which.status.is_none_or(|state| state == invitation.state(now))
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

/// Where to send an invitation again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResendInvitation {
    /// The corrected address; the same when not said.
    #[serde(default)]
    email: Option<Email>,
}

/// Sends a pending or expired invitation again, open for as long as the first was, as the caller's own
/// from then on: whether it can be taken rests on their right. Every link sent before is dead at once.
/// To an address that bounced or complained nothing is sent again: 409 with the state `bounced` or
/// `complained` until another one is given. Refused for whoever has joined meanwhile, through another
/// invitation. Needs what inviting so needs.
#[utoipa::path(post, path = "/v1/invitations/{id}/resend", tag = "invite", params(("id" = InvitationId, Path)),
    request_body = ResendInvitation, responses((status = 200, body = InvitationResponse)))]
pub(crate) async fn resend_invitation(
    State(api): State<Api>,
    caller: InvitingContext,
    network: CallerNetwork,
    Path(id): Path<InvitationId>,
    body: Body<ResendInvitation>,
) -> ApiResult {
    let resending = |invitation: &Invitation| to_offer(&caller.context, &invitation.offer);
    let found = find(&api, &caller, &id, &body, resending).await?;
    let email = body.value.email;
    let blocked = found.invitation.may_be_sent_again(found.delivery.as_ref(), email.as_ref());
    let claims = caller.context.claims();
    let by =
        Inviter { user: claims.sub.clone(), name: claims.name.clone(), acting_as: caller.context.acting_as().clone() };
    let (resent, event) = found.invitation.resend(by, email, caller.now()).map_err(not_pending)?;
    blocked.map_err(not_deliverable)?;
    if resent.offer.is_for_a_person() && api.store.has_place(&found.authority, &resent.email, caller.now()).await? {
        return Err(Problem::conflict("whoever has this address is a member already", "active").into());
    }
    let tallies = tallies(&api, &network, &resent, caller.now());
    found.commit(&api, &caller, resent, event, &tallies).await
}

/// What sending an invitation counts for.
fn tallies(api: &Api, network: &CallerNetwork, invitation: &Invitation, now: UtcTime) -> [Tally; 3] {
    Tally::of_invitation(&api.allowances, &invitation.offer.org(), &invitation.email, &network.0, now)
}

/// Nothing more to say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeInvitation {}

/// Withdraws a pending invitation: its link is dead at once. Needs the permission that inviting so
/// needs.
#[utoipa::path(post, path = "/v1/invitations/{id}/revoke", tag = "invite", params(("id" = InvitationId, Path)),
    request_body = RevokeInvitation, responses((status = 200, body = InvitationResponse)))]
pub(crate) async fn revoke_invitation(
    State(api): State<Api>,
    caller: InvitingContext,
    Path(id): Path<InvitationId>,
    body: Body<RevokeInvitation>,
) -> ApiResult {
    let revoking = |invitation: &Invitation| caller.context.access(invitation.offer.needs());
    let found = find(&api, &caller, &id, &body, revoking).await?;
    let (revoked, event) = found.invitation.revoke().map_err(not_pending)?;
    found.commit(&api, &caller, revoked, event, &[]).await
}

/// An invitation of this tenant's, and what changing it needs.
struct Found {
    invitation: Invitation,
    delivery: Option<Delivery>,
    authority: Authority,
    needs: Permission,
    idempotency: Option<Idempotency>,
}

/// Finds an invitation of this tenant's for someone who may do to it what `access` says. For one
/// that is not there, or another tenant's, the right to look after invitations decides whether they
/// are told so.
async fn find<T>(
    api: &Api,
    caller: &InContext,
    id: &InvitationId,
    body: &Body<T>,
    access: impl Fn(&Invitation) -> AccessRequirement,
) -> ApiResult<Found> {
    let idempotency = body.idempotent.by(&caller.caller.user);
    let (context, org) = (&caller.context, caller.context.acting_as().org());
    let entering = AccessRequirement::to_enter(context.claims().sub.clone(), context.acting_as().clone());
    let entered = api
        .store
        .load_unproven(&entering, caller.now(), idempotency.as_ref(), |tenant| {
            (tenant.invitation(id), tenant.delivery(id))
        })
        .await?;

    let (found, delivery) = entered.peek().clone();
    let own = found.filter(|invitation| invitation.offer.org() == org);
    // For what is not there, the right to look after any kind is enough to be told so.
    let [first, second] = kinds_sent_from(context.acting_as()).map(InvitationKind::needs);
    let looking = if entered.holds(&context.needs(second)) { second } else { first };
    let needs = own.as_ref().map_or(looking, |invitation| invitation.offer.needs());
    let authority = Authority::Person(own.as_ref().map_or_else(|| context.access(looking), access));
    entered.prove(&authority).map_err(|error| refused(error, needs))?;
    let invitation = own.ok_or_else(Problem::not_found)?;
    Ok(Found { invitation, delivery, authority, needs, idempotency })
}

impl Found {
    async fn commit(
        self,
        api: &Api,
        caller: &InContext,
        changed: Invitation,
        event: NewEvent,
        tallies: &[Tally],
    ) -> ApiResult {
        let mut change = api.store.change(&self.authority, caller.change_context());
        for tally in tallies {
            change.count(tally);
        }
        change.put(|tenant| tenant.invitation(&changed.id), Some(self.invitation.version), &changed);
        if changed.email != self.invitation.email {
            remember(&mut change, &changed);
        }
        client_list::invitation_changes(&api.store, &mut change, &changed).await?;
        change.record(event);
        let answer = Answer::ok(&InvitationResponse {
            invitation: InvitationView::at(changed, self.delivery.as_ref(), caller.now()),
        })?;
        change.answer(self.idempotency.as_ref(), answer.status(), answer.body());
        change.commit().await.map_err(|error| refused(error, self.needs))?;
        Ok(answer)
    }
}

fn not_pending(status: InvitationStatus) -> Problem {
    Problem::conflict("it is no longer pending", status.as_str())
}

fn not_deliverable(state: DeliveryState) -> Problem {
    Problem::conflict("nothing is sent to this address any more: give another one", state.as_str())
}

/// A missing permission other than the route's own is one of those that would be given.
fn refused(error: StoreError, needs: Permission) -> ApiError {
    match error {
        StoreError::Denied(Denied::Missing(permission)) if permission != needs => {
            Problem::new(ProblemType::ExceedsOwnGrants).about(permission).into()
        }
        error => error.into(),
    }
}

pub(crate) fn no_offer(error: OfferError, needs: Permission) -> Problem {
    match error {
        OfferError::WrongContext => Problem::not_granted(needs),
        OfferError::RoleMissing | OfferError::RoleUnfit => Problem::field("role", error),
        OfferError::ReplacesUnfit => Problem::field("replaces", error),
        OfferError::PermissionsMissing
        | OfferError::PermissionsUnfit
        | OfferError::OwnerHoldsAll
        | OfferError::Grants(_) => Problem::field("permissions", error),
    }
}

pub(crate) fn no_invitation(error: InviteError, needs: Permission) -> Problem {
    match error {
        InviteError::WrongContext => Problem::not_granted(needs),
        InviteError::Expiry => Problem::field("expires_in_days", error),
        InviteError::Grants(_) => Problem::field("permissions", error),
    }
}

#[cfg(test)]
mod tests {
    use domain::ActingAs;
    use serde_json::json;

    use super::*;

    fn invitation() -> Invitation {
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let command = Invite {
            id: "in_00000000000000000000000000000009".parse().unwrap(),
            offer: Offer::Firm {
                company: company.clone(),
                grants: [Permission::VatView].into_iter().collect(),
                replaces: None,
            },
            org_name: "Loja Azul".parse().unwrap(),
            email: "office@firm.example".parse().unwrap(),
            name: None,
            message: Some("Between us".parse().unwrap()),
            locale: None,
            expires_in_days: 1,
            invited_by: "olga".parse().unwrap(),
            invited_by_name: "Olga".parse().unwrap(),
            acting_as: ActingAs::Member { company },
        };
        invite(command, UtcTime::EPOCH).unwrap().0
    }

    #[test]
    fn an_invitation_is_shown_without_its_message_and_generation() {
        let view = InvitationView::at(invitation(), None, UtcTime::EPOCH.plus_s(86_400));
        let expected = json!({
            "id": "in_00000000000000000000000000000009",
            "kind": "firm",
            "email": "office@firm.example",
            "permissions": ["vat.view"],
            "status": "expired",
            "delivery": { "state": "pending", "at": "1970-01-01T00:00:00.000Z" },
            "created_at": "1970-01-01T00:00:00.000Z",
            "expires_at": "1970-01-02T00:00:00.000Z",
            "invited_by": "olga",
            "invited_by_name": "Olga",
        });
        assert_eq!(serde_json::to_value(view).unwrap(), expected);
    }

    #[test]
    fn only_a_permission_that_would_be_given_exceeds_ones_own() {
        let slug = |missing| {
            let refused = refused(StoreError::Denied(Denied::Missing(missing)), Permission::TeamManage);
            let ApiError::Problem(problem) = refused else { panic!("{refused:?}") };
            serde_json::to_value(problem).unwrap()["type"].as_str().unwrap().to_owned()
        };
        assert_eq!(slug(Permission::TeamManage), "urn:countersign:problem:not-granted");
        assert_eq!(slug(Permission::BillingManage), "urn:countersign:problem:exceeds-own-grants");
    }
}
