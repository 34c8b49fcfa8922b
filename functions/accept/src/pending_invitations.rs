//! The pending invitations of the signed-in person: those to their own address, and those to the main
//! address of a firm that they administer.
//!
//! No link is needed: the identity provider verifies the address, and the table says who administers a
//! firm.

use api::{Answer, ApiResult, Body, Caller, PageInfo, Path, Query, RequestReader, paging::PageQuery};
use axum::extract::State;
use domain::{
    FirmId, InvitationId, Name, UtcTime,
    acceptor::AcceptAs,
    invitation::{Addressee, FirmChoice, Invitation},
    language::Reader,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    App,
    accept::accept_as,
    recipient::Recipient,
    reject::{RejectPendingInvitation, reject},
    view::{AnswerView, OfferedView},
};

/// A firm that an invitation can be accepted for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitedFirm {
    id: FirmId,
    name: Name,
}

/// An invitation that the caller may answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PendingInvitation)]
pub(crate) struct PendingInvitationView {
    #[serde(flatten)]
    offered: OfferedView,
    /// The caller's firms that it was sent to, where it was not sent to the caller's own address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    for_firms: Vec<InvitedFirm>,
}

impl PendingInvitationView {
    fn at(invitation: &Invitation, addressee: &Addressee, reader: &Reader, now: UtcTime) -> Self {
        let firms = addressee.invited_firms(invitation);
        Self {
            offered: OfferedView::at(invitation, reader, now),
            for_firms: firms.map(|firm| InvitedFirm { id: firm.id.clone(), name: firm.name.clone() }).collect(),
        }
    }
}

/// A page of pending invitations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingInvitationPage {
    invitations: Vec<PendingInvitationView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Lists the caller's pending invitations.
///
/// Shows those to their verified address, and those to the main addresses of the firms that they
/// administer (twenty at most). One that was sent a moment ago may be missing. Texts to agree to are in the language that
/// `Accept-Language` prefers.
#[utoipa::path(get, path = "/v1/me/invitations", params(PageQuery),
    responses((status = 200, body = PendingInvitationPage)))]
pub(crate) async fn list_my_invitations(
    State(app): State<App>,
    caller: Caller,
    RequestReader(reader): RequestReader,
    Query(page): Query<PageQuery>,
) -> ApiResult {
    let request = page.request()?;
    let (own, now) = (app.api.store.for_user(caller.user.clone()), caller.now);
    let (address, firms) =
        tokio::join!(app.identity_provider.address(caller.access_token()), own.firms_administered(now));
    let addressee = Addressee { email: address?.verified().ok(), firms: firms? };
    let page = own.invitations_to(&addressee.addresses(), &request, |found| addressee.may_answer(found, now)).await?;
    let paged = PageInfo::from(&page);
    let shown = |found| PendingInvitationView::at(found, &addressee, &reader, now);
    let invitations = page.items.iter().map(shown).collect();
    Answer::ok(&PendingInvitationPage { invitations, paged })
}

/// Accepts a pending invitation of the caller's, as the link in its mail would.
#[utoipa::path(post, path = "/v1/me/invitations/{id}/accept", params(("id" = InvitationId, Path)),
    request_body = AcceptAs, responses((status = 200, body = AnswerView)))]
pub(crate) async fn accept_my_invitation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<InvitationId>,
    body: Body<AcceptAs>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.user);
    let choice = body.value;
    let firm = choice.firm.clone().map_or(FirmChoice::Only, FirmChoice::Named);
    let recipient = Recipient::of_pending(&app, &caller, &id, firm, idempotency.as_ref()).await?;
    let choice = choice.at_address_of(recipient.firm.as_ref().map(|firm| firm.id.clone()));
    accept_as(&app, &caller, recipient, choice, idempotency).await
}

/// Declines a pending invitation of the caller's, as the link in its mail would.
#[utoipa::path(post, path = "/v1/me/invitations/{id}/reject", params(("id" = InvitationId, Path)),
    request_body = RejectPendingInvitation, responses((status = 200, body = AnswerView)))]
pub(crate) async fn reject_my_invitation(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<InvitationId>,
    body: Body<RejectPendingInvitation>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.user);
    let recipient = Recipient::of_pending(&app, &caller, &id, FirmChoice::Any, idempotency.as_ref()).await?;
    reject(&app, &caller, recipient, body.value.reason, idempotency).await
}
