//! Declines an invitation.

use api::{Answer, ApiError, ApiResult, Caller, Problem};
use domain::{InvitationId, Note, acceptor::Acceptor, invitation::Invitation};
use serde::Deserialize;
use store::{Attempt, Authority, ChangeContext, Idempotency, Store, retry_on_conflict};
use utoipa::ToSchema;

use crate::{
    App,
    recipient::Recipient,
    refusal::not_accepted,
    view::{AnswerView, InvitationOutcome},
};

/// Why an invitation is declined.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RejectPendingInvitation {
    /// The recipient's own words, for the inviter.
    #[serde(default)]
    pub(crate) reason: Option<Note>,
}

/// Declines an invitation as its recipient.
struct RejectCommand<'a> {
    store: &'a Store,
    caller: &'a Caller,
    recipient: Recipient,
    reason: Option<Note>,
    idempotency: Option<Idempotency>,
}

impl RejectCommand<'_> {
    async fn decide_and_commit(
        &self,
        id: &InvitationId,
        known: Option<Invitation>,
    ) -> Result<Answer, Attempt<ApiError>> {
        let Self { store, caller, recipient, reason, idempotency } = self;
        let invitation = match known {
            Some(invitation) => invitation,
            None => store.invitation_by_link(id).await?.ok_or_else(Problem::not_found)?,
        };
        let (declined, event) = invitation
            .reject(recipient.generation, &recipient.email, reason.as_ref(), caller.now)
            .map_err(not_accepted)?;
        let rejecter = recipient.firm.as_ref().map_or(Acceptor::Person, |firm| Acceptor::Firm(firm.id.clone()));
        let name = recipient.profile.as_ref().map(|person| person.name.clone());
        let ChangeContext { at, actor, request_id } = caller.change_context(name);
        let change_context = ChangeContext { at, actor: rejecter.actor(actor), request_id };

        let mut change = store.change(&Authority::System(invitation.offer.org()), change_context);
        if let Some(access) = rejecter.access(&caller.user, &invitation.offer) {
            change.require(&Authority::Person(access));
        }
        if let Some(firm) = &recipient.firm {
            change.require_addressee(firm.reached_through.clone());
        }
        change.put(|tenant| tenant.invitation(&declined.id), Some(invitation.version), &declined);
        client_list::invitation_changes(store, &mut change, &declined).await?;
        contact_access::invitation_changes(store, &mut change, &declined).await?;
        change.record(event);
        Ok(Answer::ok(&AnswerView::of(InvitationOutcome::Rejected, &declined, caller.now))?
            .commit(change, idempotency.as_ref())
            .await??)
    }
}

/// Declines as a signed-in recipient.
pub(crate) async fn reject(
    app: &App,
    caller: &Caller,
    recipient: Recipient,
    reason: Option<Note>,
    idempotency: Option<Idempotency>,
) -> ApiResult {
    let mut known = Some(recipient.invitation.clone());
    let id = recipient.invitation.id.clone();
    let command = RejectCommand { store: &app.api.store, caller, recipient, reason, idempotency };
    retry_on_conflict(|| command.decide_and_commit(&id, known.take())).await
}
