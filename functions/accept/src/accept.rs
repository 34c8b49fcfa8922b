//! Accepts an invitation: the invitation, the place it gives, the events and, for a new person, the
//! profile, in one change.

use api::{Answer, ApiError, ApiResult, Caller, Problem, clock::new_uuid};
use domain::{
    InvitationId,
    acceptor::{AcceptAs, Acceptor, only_firm},
    invitation::{Acceptable, Acceptance, Invitation},
};
use store::{Attempt, ChangeContext, Idempotency, PageRequest, retry_on_conflict};

use crate::{
    App,
    accept_context::AcceptContext,
    places,
    recipient::Recipient,
    refusal::{no_only_firm, not_accepted},
    view::{AnswerView, InvitationOutcome},
};

/// Accepts an invitation. The caller has verified the link that was shown, and the address.
#[derive(Debug)]
pub(crate) struct AcceptCommand<'a> {
    pub(crate) context: AcceptContext<'a>,
    /// The generation of the link.
    pub(crate) generation: u32,
    /// Whether the person's profile is made in the same change.
    pub(crate) is_new: bool,
    pub(crate) idempotency: Option<Idempotency>,
}

/// The result of accepting.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) outcome: InvitationOutcome,
    pub(crate) invitation: Invitation,
}

impl AcceptCommand<'_> {
    /// Accepts, and decides anew when something changed in between: of many who accept at once one
    /// succeeds, and the same person's other requests learn that they did.
    pub(crate) async fn run(&self, invitation: Invitation) -> ApiResult<Accepted> {
        let id = invitation.id.clone();
        let mut known = Some(invitation);
        retry_on_conflict(|| self.decide_and_commit(&id, known.take())).await
    }

    async fn decide_and_commit(
        &self,
        id: &InvitationId,
        known: Option<Invitation>,
    ) -> Result<Accepted, Attempt<ApiError>> {
        let AcceptContext { store, person, email, acceptor, change_context, .. } = &self.context;
        let invitation = match known {
            Some(invitation) => invitation,
            None => store.invitation_by_link(id).await?.ok_or_else(Problem::not_found)?,
        };
        let acceptance =
            invitation.accept(self.generation, &person.id, email, acceptor, change_context.at).map_err(not_accepted)?;
        let Acceptance::Accepted(accepted, event) = acceptance else {
            return Ok(Accepted { outcome: InvitationOutcome::AlreadyAccepted, invitation });
        };

        let mut change = store.change(&self.context.authority(&accepted.offer), change_context.clone());
        change.require_inviter(&invitation.inviter_access());
        if let Some(place) = &self.context.reached_through {
            change.require_addressee(place.clone());
        }
        change.put(|tenant| tenant.invitation(id), Some(invitation.version), &*accepted);
        change.record(event);
        if accepted.was_welcome() {
            change.count_accepted_invitation(&accepted.offer.org());
        }
        places::give(&self.context, &accepted, &mut change).await?;
        if self.is_new {
            change.put_profile(person);
        }
        let answer = Answer::ok(&AnswerView::of(InvitationOutcome::Accepted, &accepted, change_context.at))?;
        answer.commit(change, self.idempotency.as_ref()).await??;
        Ok(Accepted { outcome: InvitationOutcome::Accepted, invitation: *accepted })
    }
}

/// Accepts as a signed-in recipient, for the acceptor that they choose.
pub(crate) async fn accept_as(
    app: &App,
    caller: &Caller,
    recipient: Recipient,
    choice: AcceptAs,
    idempotency: Option<Idempotency>,
) -> ApiResult {
    let Recipient { invitation, generation, email, firm, profile } = recipient;
    let now = caller.now;
    match invitation.check_acceptable(generation, &caller.user, &email, now).map_err(not_accepted)? {
        Acceptable::AcceptedBefore => {
            return Answer::ok(&AnswerView::of(InvitationOutcome::AlreadyAccepted, &invitation, now));
        }
        Acceptable::Now => {}
    }
    let person = profile.ok_or_else(Problem::no_profile)?;
    let acceptor = chosen_acceptor(app, caller, &invitation, &choice).await?;
    let ChangeContext { at, actor, request_id } = caller.change_context(Some(person.name.clone()));
    let change_context = ChangeContext { at, actor: acceptor.actor(actor), request_id };
    let context = AcceptContext {
        store: &app.api.store,
        person: &person,
        email: &email,
        acceptor,
        reached_through: firm.map(|firm| firm.reached_through),
        agreement: choice.consent,
        change_context,
    };
    let command = AcceptCommand { context, generation, is_new: false, idempotency };
    let accepted = command.run(invitation).await?;
    Answer::ok(&AnswerView::of(accepted.outcome, &accepted.invitation, now))
}

/// The acceptor that the caller names, or the only firm that they administer.
async fn chosen_acceptor(
    app: &App,
    caller: &Caller,
    invitation: &Invitation,
    choice: &AcceptAs,
) -> ApiResult<Acceptor> {
    let chosen = choice.acceptor(invitation, new_uuid(), caller.now);
    if let Some(acceptor) = chosen.map_err(|error| Problem::field(error.field(), error))? {
        return Ok(acceptor);
    }
    let own = app.api.store.for_user(caller.user.clone());
    let places = own.places_on_staff(&PageRequest::largest()).await?;
    Ok(Acceptor::Firm(only_firm(&places.items, caller.now).map_err(no_only_firm)?))
}
