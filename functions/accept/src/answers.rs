//! Accepting and declining, by someone who is signed in.

use axum::extract::State;
use domain::{
    Actor, Email, FirmId, Note, UtcTime,
    access::Seat,
    invitation::{Invitation, Reception},
    joining::{FirmChoiceError, only_firm},
    org::User,
    profile::Address,
};
use edge::{Answer, Body, Caller, Outcome, Problem, Slug, Stop};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use store::{Authority, Idempotency, PageRequest, Setback, while_raced};
use utoipa::ToSchema;

use crate::{
    App,
    link::Opened,
    taking::{AnswerView, CameOf, Taking, not_accepted},
};

/// Taking an offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accept {
    /// The last part of the link.
    #[schema(value_type = String)]
    token: SecretString,
    /// For whom, where a firm is invited; needed only by whoever administers several.
    #[serde(default)]
    firm: Option<FirmId>,
}

/// Accepts an invitation that was sent to the caller's verified address: a member's or staff's
/// place for themselves, a connection for the firm they administer.
#[utoipa::path(post, path = "/v1/invitations/accept", tag = "accept", request_body = Accept,
    responses((status = 200, body = AnswerView)))]
pub(crate) async fn accept_invitation(State(app): State<App>, caller: Caller, body: Body<Accept>) -> Outcome {
    let idempotency = body.idempotent.by(&caller.user);
    let Recipient { opened: Opened { token, invitation }, email, profile } =
        app.recipient(&caller, &body.value.token, idempotency.as_ref()).await?;
    let (generation, now) = (token.generation(), caller.now);
    match invitation.receive(generation, &caller.user, &email, now).map_err(not_accepted)? {
        Reception::TakenByThem => return Answer::ok(&AnswerView::of(CameOf::AlreadyAccepted, &invitation, now)),
        Reception::Open => {}
    }
    let person = profile.ok_or_else(|| Problem::conflict("make your profile first: POST /v1/me", "no_profile"))?;
    let firm = app.firm_for(&caller, &invitation, body.value.firm).await?;

    let mut stamp = caller.stamp(Some(person.name.clone()));
    if let Some(firm) = &firm {
        let seat = Seat::Staff { firm: firm.clone() };
        stamp.actor = Actor { via: seat.via().to_owned(), firm: Some(firm.clone()), ..stamp.actor };
    }
    let store = &app.edge.store;
    let taking = Taking { store, generation, person: &person, is_new: false, email: &email, firm, stamp, idempotency };
    let taken = taking.take(invitation).await?;
    Answer::ok(&AnswerView::of(taken.outcome, &taken.invitation, now))
}

/// Declining an offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reject {
    /// The last part of the link.
    #[schema(value_type = String)]
    token: SecretString,
    #[serde(default)]
    reason: Option<Note>,
}

/// Declines an invitation that was sent to the caller's verified address.
#[utoipa::path(post, path = "/v1/invitations/reject", tag = "accept", request_body = Reject,
    responses((status = 200, body = AnswerView)))]
pub(crate) async fn reject_invitation(State(app): State<App>, caller: Caller, body: Body<Reject>) -> Outcome {
    let idempotency = body.idempotent.by(&caller.user);
    let Recipient { opened: Opened { token, invitation }, email, profile } =
        app.recipient(&caller, &body.value.token, idempotency.as_ref()).await?;
    let declining = Declining {
        app: &app,
        caller: &caller,
        generation: token.generation(),
        email,
        profile,
        reason: body.value.reason,
        idempotency,
    };
    let mut known = Some(invitation);
    while_raced(|| declining.decide_and_commit(&token, known.take())).await
}

/// Someone who declines.
struct Declining<'a> {
    app: &'a App,
    caller: &'a Caller,
    generation: u32,
    email: Email,
    profile: Option<User>,
    reason: Option<Note>,
    idempotency: Option<Idempotency>,
}

impl Declining<'_> {
    async fn decide_and_commit(
        &self,
        token: &links::LinkToken,
        known: Option<Invitation>,
    ) -> Result<Answer, Setback<Stop>> {
        let store = &self.app.edge.store;
        let invitation = match known {
            Some(invitation) => invitation,
            None => store.invitation_by_link(token.invitation()).await?.ok_or_else(Problem::not_found)?,
        };
        let now: UtcTime = self.caller.now;
        let (declined, fact) =
            invitation.reject(self.generation, &self.email, self.reason.as_ref(), now).map_err(not_accepted)?;
        let tenant = Authority::System(invitation.offer.org());
        let name = self.profile.as_ref().map(|person| person.name.clone());
        let mut change = store.change(&tenant, self.caller.stamp(name));
        change.put(|tenant| tenant.invitation(&declined.id), Some(invitation.version), &declined);
        roster::invitation_changes(store, &mut change, &declined).await?;
        change.record(fact);
        let answer = Answer::ok(&AnswerView::of(CameOf::Rejected, &declined, now))?;
        change.answer(self.idempotency.as_ref(), answer.status(), answer.body());
        change.commit().await?;
        Ok(answer)
    }
}

/// The person whom a link was sent to: theirs is the address, as the identity provider says now.
#[derive(Debug)]
struct Recipient {
    opened: Opened,
    email: Email,
    /// None before their first sign-in.
    profile: Option<User>,
}

impl App {
    /// Finds out whether the caller is whom the link was sent to: the invitation, the verified
    /// address and the profile, all at once. A request answered before ends here.
    async fn recipient(
        &self,
        caller: &Caller,
        token: &SecretString,
        idempotency: Option<&Idempotency>,
    ) -> Outcome<Recipient> {
        let own = self.edge.store.own(caller.user.clone());
        let (opened, address, profile) = tokio::join!(
            self.behind(token.expose_secret()),
            self.identity.address(caller.access_token()),
            own.profile_and(idempotency, caller.now, ()),
        );
        let opened = opened?.ok_or_else(Problem::not_found)?;
        let email = verified(address?)?;
        opened.invitation.addressed_to(&email).map_err(not_accepted)?;
        let (profile, ()) = profile?;
        Ok(Recipient { opened, email, profile })
    }

    /// The firm that an invitation is taken for: the one that was named, or the only one that the
    /// caller administers; none for a person's invitation.
    async fn firm_for(
        &self,
        caller: &Caller,
        invitation: &Invitation,
        named: Option<FirmId>,
    ) -> Outcome<Option<FirmId>> {
        match (invitation.offer.is_for_a_person(), named) {
            (true, None) => Ok(None),
            (true, Some(_)) => Err(Problem::field("firm", "this invitation is for a person, not for a firm").into()),
            (false, Some(firm)) => Ok(Some(firm)),
            (false, None) => {
                let own = self.edge.store.own(caller.user.clone());
                let places = own.places_on_staff(&PageRequest::largest()).await?;
                Ok(Some(only_firm(&places.items, caller.now).map_err(no_firm)?))
            }
        }
    }
}

fn verified(address: Address) -> Result<Email, Problem> {
    match address {
        Address { email: Some(email), verified: true } => Ok(email),
        Address { .. } => {
            Err(Problem::new(Slug::WrongRecipient)
                .detail("confirm your email address with the identity provider first"))
        }
    }
}

fn no_firm(error: FirmChoiceError) -> Problem {
    match error {
        FirmChoiceError::NoFirm => Problem::conflict(error, "no_firm"),
        FirmChoiceError::Several => Problem::field("firm", error),
    }
}
