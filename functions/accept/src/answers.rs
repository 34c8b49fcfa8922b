//! Accepting and declining, by someone who is signed in.

use api::{Answer, ApiError, ApiResult, Body, Caller, Problem, ProblemType};
use axum::extract::State;
use domain::{
    CompanyId, Email, FirmId, InvitationId, Note, UtcTime,
    acceptor::{NewCompany, NewFirm},
    consent::Agreement,
    invitation::{Invitation, Reception},
    org::User,
    profile::Address,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use store::{Attempt, Authority, Idempotency, retry_on_conflict};
use utoipa::ToSchema;

use crate::{
    App,
    link::Opened,
    party::{Named, Party},
    taking::{AnswerView, InvitationOutcome, Taking, not_accepted, to_commit},
};

/// Taking an offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptInvitation {
    /// The last part of the link.
    #[schema(value_type = String)]
    token: SecretString,
    // The rest is `Named`. It is not flattened into this, since serde could not say then which of
    // its fields is wrong.
    /// For whom, where a firm is invited; needed only by whoever administers several.
    #[serde(default)]
    firm: Option<FirmId>,
    /// Where a firm is invited: one that is registered with it, with the caller as its admin.
    #[serde(default)]
    new_firm: Option<NewFirm>,
    /// Where a client is asked: the company that the firm may enter.
    #[serde(default)]
    company: Option<CompanyId>,
    /// Where a client is asked: one that is registered with it, with the caller as its owner.
    #[serde(default)]
    new_company: Option<NewCompany>,
    /// Where a client is asked: the consent text that they were shown and agree to.
    #[serde(default)]
    consent: Option<Agreement>,
}

/// Accepts an invitation that was sent to the caller's verified address: a member's or staff's
/// place for themselves, a connection for the firm they administer or the company they name.
#[utoipa::path(post, path = "/v1/invitations/accept", tag = "accept", request_body = AcceptInvitation,
    responses((status = 200, body = AnswerView)))]
pub(crate) async fn accept_invitation(
    State(app): State<App>,
    caller: Caller,
    body: Body<AcceptInvitation>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.user);
    let AcceptInvitation { token, firm, new_firm, company, new_company, consent } = body.value;
    let recipient = app.recipient(&caller, &token, idempotency.as_ref()).await?;
    let named = Named { firm, new_firm, company, new_company, consent };
    app.accept_for(&caller, recipient, named, idempotency).await
}

/// Declining an offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RejectInvitation {
    /// The last part of the link.
    #[schema(value_type = String)]
    token: SecretString,
    #[serde(default)]
    reason: Option<Note>,
}

/// Declines an invitation that was sent to the caller's verified address.
#[utoipa::path(post, path = "/v1/invitations/reject", tag = "accept", request_body = RejectInvitation,
    responses((status = 200, body = AnswerView)))]
pub(crate) async fn reject_invitation(
    State(app): State<App>,
    caller: Caller,
    body: Body<RejectInvitation>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.user);
    let recipient = app.recipient(&caller, &body.value.token, idempotency.as_ref()).await?;
    app.reject_for(&caller, recipient, body.value.reason, idempotency).await
}

/// Someone who declines.
struct Declining<'a> {
    app: &'a App,
    caller: &'a Caller,
    generation: u32,
    email: Email,
    firm: Option<FirmId>,
    profile: Option<User>,
    reason: Option<Note>,
    idempotency: Option<Idempotency>,
}

impl Declining<'_> {
    async fn decide_and_commit(
        &self,
        id: &InvitationId,
        known: Option<Invitation>,
    ) -> Result<Answer, Attempt<ApiError>> {
        let store = &self.app.api.store;
        let invitation = match known {
            Some(invitation) => invitation,
            None => store.invitation_by_link(id).await?.ok_or_else(Problem::not_found)?,
        };
        let now: UtcTime = self.caller.now;
        let (declined, event) =
            invitation.reject(self.generation, &self.email, self.reason.as_ref(), now).map_err(not_accepted)?;
        let tenant = Authority::System(invitation.offer.org());
        let name = self.profile.as_ref().map(|person| person.name.clone());
        let change_context = self.caller.change_context(name);
        let change_context = self.firm.clone().map_or(Party::Themselves, Party::Firm).change_context(change_context);
        let mut change = store.change(&tenant, change_context);
        if let Some(firm) = &self.firm {
            change.require(&Authority::Person(to_commit(&self.caller.user, firm)));
        }
        change.put(|tenant| tenant.invitation(&declined.id), Some(invitation.version), &declined);
        client_list::invitation_changes(store, &mut change, &declined).await?;
        change.record(event);
        let answer = Answer::ok(&AnswerView::of(InvitationOutcome::Rejected, &declined, now))?;
        change.answer(self.idempotency.as_ref(), answer.status(), answer.body());
        change.commit().await?;
        Ok(answer)
    }
}

/// The person whom an invitation was sent to: theirs is the address, as the identity provider says
/// now, or it is the main address of a firm that they administer.
#[derive(Debug)]
pub(crate) struct Recipient {
    pub(crate) invitation: Invitation,
    /// Which link or banner it was answered from.
    pub(crate) generation: u32,
    /// The address that was invited.
    pub(crate) email: Email,
    /// The firm whose main address it is, where it is not the person's own.
    pub(crate) firm: Option<FirmId>,
    /// None before their first sign-in.
    pub(crate) profile: Option<User>,
}

impl App {
    /// Finds out whether the caller is whom the link was sent to: the invitation, the verified
    /// address and the profile, all at once. A request answered before ends here.
    async fn recipient(
        &self,
        caller: &Caller,
        token: &SecretString,
        idempotency: Option<&Idempotency>,
    ) -> ApiResult<Recipient> {
        let own = self.api.store.for_user(caller.user.clone());
        let (opened, address, profile) = tokio::join!(
            self.behind(token.expose_secret()),
            self.identity.address(caller.access_token()),
            own.profile_and(idempotency, caller.now, ()),
        );
        let Opened { token, invitation } = opened?.ok_or_else(Problem::not_found)?;
        let email = verified(address?)?;
        invitation.addressed_to(&email).map_err(not_accepted)?;
        let (profile, ()) = profile?;
        Ok(Recipient { invitation, generation: token.generation(), email, firm: None, profile })
    }

    /// Accepts for whom the recipient names.
    pub(crate) async fn accept_for(
        &self,
        caller: &Caller,
        recipient: Recipient,
        named: Named,
        idempotency: Option<Idempotency>,
    ) -> ApiResult {
        let Recipient { invitation, generation, email, firm: _, profile } = recipient;
        let now = caller.now;
        match invitation.receive(generation, &caller.user, &email, now).map_err(not_accepted)? {
            Reception::TakenByThem => {
                return Answer::ok(&AnswerView::of(InvitationOutcome::AlreadyAccepted, &invitation, now));
            }
            Reception::Open => {}
        }
        let person = profile.ok_or_else(Problem::no_profile)?;
        let party = self.party(caller, &invitation, &named).await?;
        let change_context = party.change_context(caller.change_context(Some(person.name.clone())));
        let taking = Taking {
            store: &self.api.store,
            generation,
            person: &person,
            is_new: false,
            email: &email,
            party,
            consent: named.consent,
            change_context,
            idempotency,
        };
        let taken = taking.take(invitation).await?;
        Answer::ok(&AnswerView::of(taken.outcome, &taken.invitation, now))
    }

    /// Declines as the recipient.
    pub(crate) async fn reject_for(
        &self,
        caller: &Caller,
        recipient: Recipient,
        reason: Option<Note>,
        idempotency: Option<Idempotency>,
    ) -> ApiResult {
        let Recipient { invitation, generation, email, firm, profile } = recipient;
        let id = invitation.id.clone();
        let declining = Declining { app: self, caller, generation, email, firm, profile, reason, idempotency };
        let mut known = Some(invitation);
        retry_on_conflict(|| declining.decide_and_commit(&id, known.take())).await
    }
}

/// Their own address, for whoever must be whom an invitation was sent to.
pub(crate) fn verified(address: Address) -> Result<Email, Problem> {
    address.verified().map_err(|_| {
        Problem::new(ProblemType::WrongRecipient).detail("confirm your email address with the identity provider first")
    })
}
