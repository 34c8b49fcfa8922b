//! Accepts and declines by the link of an invitation, as a signed-in person.

use api::{ApiResult, Body, Caller};
use axum::extract::State;
use domain::acceptor::AcceptAs;

use crate::{
    App,
    accept::accept_as,
    by_link::{ByLink, LinkBody},
    recipient::Recipient,
    reject::{RejectPendingInvitation, reject},
    view::AnswerView,
};

/// The body that accepts by a link.
pub(crate) type AcceptInvitation = ByLink<AcceptAs>;
/// The body that declines by a link.
pub(crate) type RejectInvitation = ByLink<RejectPendingInvitation>;

impl LinkBody for AcceptAs {
    const SCHEMA: &'static str = "AcceptInvitation";
}

impl LinkBody for RejectPendingInvitation {
    const SCHEMA: &'static str = "RejectInvitation";
}

/// Accepts an invitation that was sent to the caller's verified address.
///
/// A member's or staff invitation is accepted for the caller, a company's invitation of a firm for a
/// firm that they administer, a firm's invitation of a client for a company that they name. A new firm or
/// company can be registered with it.
#[utoipa::path(post, path = "/v1/invitations/accept", request_body = AcceptInvitation,
    responses((status = 200, body = AnswerView)))]
pub(crate) async fn accept_invitation(
    State(app): State<App>,
    caller: Caller,
    body: Body<AcceptInvitation>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.user);
    let ByLink { token, body: choice } = body.value;
    let recipient = Recipient::by_link(&app, &caller, &token, idempotency.as_ref()).await?;
    accept_as(&app, &caller, recipient, choice, idempotency).await
}

/// Declines an invitation that was sent to the caller's verified address.
#[utoipa::path(post, path = "/v1/invitations/reject", request_body = RejectInvitation,
    responses((status = 200, body = AnswerView)))]
pub(crate) async fn reject_invitation(
    State(app): State<App>,
    caller: Caller,
    body: Body<RejectInvitation>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.user);
    let ByLink { token, body: RejectPendingInvitation { reason } } = body.value;
    let recipient = Recipient::by_link(&app, &caller, &token, idempotency.as_ref()).await?;
    reject(&app, &caller, recipient, reason, idempotency).await
}
