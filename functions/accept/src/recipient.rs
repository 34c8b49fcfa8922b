//! The recipient of an invitation: a signed-in person whose verified address was invited, or who
//! administers the firm whose main address was invited.

use api::{ApiResult, Caller, Problem, ProblemType};
use domain::{
    Email, FirmId, InvitationId, RelationRequirement,
    invitation::{Addressee, AddresseeError, FirmChoice, Invitation},
    org::{Firm, User},
    org_details::to_reach_firm,
    profile::Address,
};
use secrecy::{ExposeSecret, SecretString};
use store::{Idempotency, StoreError};

use crate::{
    App,
    invitation_link::{Opened, behind},
    refusal::{not_accepted, not_addressed},
};

/// A recipient, and the invitation.
#[derive(Debug)]
pub(crate) struct Recipient {
    pub(crate) invitation: Invitation,
    /// The generation of the link, or of the pending invitation, that they answer.
    pub(crate) generation: u32,
    /// The address that was invited.
    pub(crate) email: Email,
    /// The firm whose main address it is, where it is not the person's own.
    pub(crate) firm: Option<InvitedFirm>,
    /// None before their first sign-in.
    pub(crate) profile: Option<User>,
}

/// A firm that was invited at its main address.
#[derive(Debug, Clone)]
pub(crate) struct InvitedFirm {
    pub(crate) id: FirmId,
    /// The place that must hold when the answer is written: the address reaches the firm only while the person whose it
    /// is administers the firm.
    pub(crate) reached_through: RelationRequirement,
}

impl Recipient {
    /// Checks that the caller's verified address is the one that the link was sent to. Reads the
    /// invitation, the address and the profile at the same time. A request that was answered before ends
    /// here.
    pub(crate) async fn by_link(
        app: &App,
        caller: &Caller,
        token: &SecretString,
        idempotency: Option<&Idempotency>,
    ) -> ApiResult<Self> {
        let own = app.api.store.for_user(caller.user.clone());
        let (opened, address, profile) = tokio::join!(
            behind(app, token.expose_secret()),
            app.identity_provider.address(caller.access_token()),
            own.profile_once(idempotency, caller.now),
        );
        let Opened { token, invitation } = opened?.ok_or_else(Problem::not_found)?;
        let email = verified(address?)?;
        invitation.addressed_to(&email).map_err(not_accepted)?;
        let profile = profile??;
        Ok(Self { invitation, generation: token.generation(), email, firm: None, profile })
    }

    /// Checks that a pending invitation is the caller's to answer: sent to their verified address or to
    /// the main address of a firm of theirs. Reads the invitation (strongly consistent), the address and
    /// the profile at the same time, then, for another address, the caller's firms and the address of the admin whose
    /// address it is.
    pub(crate) async fn of_pending(
        app: &App,
        caller: &Caller,
        id: &InvitationId,
        choice: FirmChoice,
        idempotency: Option<&Idempotency>,
    ) -> ApiResult<Self> {
        let own = app.api.store.for_user(caller.user.clone());
        let (invitation, address, profile) = tokio::join!(
            app.api.store.invitation_by_link(id),
            app.identity_provider.address(caller.access_token()),
            own.profile_once(idempotency, caller.now),
        );
        let (address, profile) = (address?, profile??);
        let invitation = invitation?.ok_or_else(Problem::not_found)?;
        let mut addressee = Addressee { email: address.verified().ok(), firms: Vec::new() };
        if !addressee.is_own(&invitation) {
            addressee.firms = firms_of(app, caller, &choice).await?;
        }
        let firm = match addressee.answers_for(&invitation, &choice).map_err(not_addressed)? {
            Some(firm) => Some(reached(app, firm, &invitation.email).await?),
            None => None,
        };
        let (generation, email) = (invitation.generation, invitation.email.clone());
        Ok(Self { invitation, generation, email, firm, profile })
    }
}

/// Checks that the main address of a firm is a verified address of its holder right now: what the profile says may be
/// older than their last change at the identity provider.
async fn reached(app: &App, firm: &Firm, invited: &Email) -> ApiResult<InvitedFirm> {
    let nobody = || not_addressed(AddresseeError::NotAddressed);
    let holder = firm.email_holder.as_ref().ok_or_else(nobody)?;
    let address = app.identity_provider.address_of(holder).await?;
    if address.verified().ok().as_ref() != Some(invited) {
        return Err(nobody().into());
    }
    Ok(InvitedFirm { id: firm.id.clone(), reached_through: to_reach_firm(&firm.id, holder) })
}

/// The firms that the caller may answer for: the one that they name, or all that they administer.
async fn firms_of(app: &App, caller: &Caller, choice: &FirmChoice) -> ApiResult<Vec<Firm>> {
    let own = app.api.store.for_user(caller.user.clone());
    match choice {
        FirmChoice::Only | FirmChoice::Any => Ok(own.firms_administered(caller.now).await?),
        FirmChoice::Named(firm) => match own.firm_committed(firm, caller.now).await {
            Ok(firm) => Ok(firm.into_iter().collect()),
            Err(StoreError::Denied(_)) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        },
    }
}

/// The caller's own address, which must be verified to be compared with the invited one.
fn verified(address: Address) -> Result<Email, Problem> {
    address.verified().map_err(|_| {
        Problem::new(ProblemType::WrongRecipient).detail("confirm your email address with the identity provider first")
    })
}
