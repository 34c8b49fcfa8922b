//! What waits for a person, shown once they are signed in: invitations to their address, and those of
//! firms at the main address of a firm that they administer. No link is needed: the identity
//! provider's word on the address is as good, and being the firm's admin is what the table says.

use api::{Answer, ApiResult, Body, Caller, PageInfo, Path, Problem, Query, paging::PageQuery};
use axum::extract::State;
use domain::{
    Email, FirmId, InvitationId, Name, Note, UtcTime,
    invitation::{Invitation, InvitationState},
    org::Firm,
    profile::Address,
};
use serde::{Deserialize, Serialize};
use store::{Idempotency, StoreError};
use utoipa::ToSchema;

use crate::{
    App,
    answers::{Recipient, verified},
    party::Named,
    taking::{AnswerView, OfferedView},
};

/// A firm that an invitation can be taken for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitedFirm {
    id: FirmId,
    name: Name,
}

/// An invitation that waits for the caller.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PendingInvitation)]
pub(crate) struct WaitingView {
    #[serde(flatten)]
    offered: OfferedView,
    /// The firms of the caller's that it was sent to, where it was not sent to the caller's own
    /// address.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    for_firms: Vec<InvitedFirm>,
}

/// A page of what waits.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PendingInvitationPage {
    invitations: Vec<WaitingView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Whose addresses are looked at.
struct Reader {
    /// Their own, where it is verified.
    own: Option<Email>,
    firms: Vec<Firm>,
}

impl Reader {
    fn addresses(&self) -> Vec<Email> {
        let mut addresses: Vec<Email> = self.own.iter().cloned().collect();
        for email in self.firms.iter().filter_map(|firm| firm.email.as_ref()) {
            if !addresses.contains(email) {
                addresses.push(email.clone());
            }
        }
        addresses
    }

    fn is_theirs(&self, invitation: &Invitation) -> bool {
        self.own.as_ref() == Some(&invitation.email)
    }

    fn sees(&self, invitation: &Invitation, now: UtcTime) -> bool {
        invitation.state(now) == InvitationState::Pending
            && (self.is_theirs(invitation) || self.firms.iter().any(|firm| invitation.reaches(firm)))
    }

    fn view(&self, invitation: &Invitation, now: UtcTime) -> WaitingView {
        let firms = self.firms.iter().filter(|firm| !self.is_theirs(invitation) && invitation.reaches(firm));
        WaitingView {
            offered: OfferedView::at(invitation, now),
            for_firms: firms.map(|firm| InvitedFirm { id: firm.id.clone(), name: firm.name.clone() }).collect(),
        }
    }
}

/// Lists the open invitations to the caller's verified address, and those to the main addresses of
/// the firms that the caller administers (twenty at most). What was sent a moment ago may be missing.
#[utoipa::path(get, path = "/v1/me/invitations", tag = "accept", params(PageQuery),
    responses((status = 200, body = PendingInvitationPage)))]
pub(crate) async fn my_invitations(State(app): State<App>, caller: Caller, Query(page): Query<PageQuery>) -> ApiResult {
    let request = page.request()?;
    let (own, now) = (app.api.store.for_user(caller.user.clone()), caller.now);
    let (address, firms) =
        tokio::join!(app.identity.address(caller.access_token()), own.firms_administered(caller.now));
    let reader = Reader { own: verified(address?).ok(), firms: firms? };
    let page = own.invitations_to(&reader.addresses(), &request, |one| reader.sees(one, now)).await?;
    let paged = PageInfo::from(&page);
    let invitations = page.items.iter().map(|invitation| reader.view(invitation, now)).collect();
    Answer::ok(&PendingInvitationPage { invitations, paged })
}

/// Accepts an invitation that waits for the caller, as the link in its mail would.
#[utoipa::path(post, path = "/v1/me/invitations/{id}/accept", tag = "accept", params(("id" = InvitationId, Path)),
    request_body = Named, responses((status = 200, body = AnswerView)))]
pub(crate) async fn accept_waiting(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<InvitationId>,
    body: Body<Named>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.user);
    let named = body.value;
    let answering = named.firm.clone().map_or(For::TheOne, For::Named);
    let recipient = app.addressee(&caller, &id, answering, idempotency.as_ref()).await?;
    // An admin answers for the firm whose address it is, and for no other.
    let named = Named { firm: recipient.firm.clone().or(named.firm), ..named };
    app.accept_for(&caller, recipient, named, idempotency).await
}

/// Declining an offer that waits.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RejectPendingInvitation {
    #[serde(default)]
    reason: Option<Note>,
}

/// Declines an invitation that waits for the caller, as the link in its mail would.
#[utoipa::path(post, path = "/v1/me/invitations/{id}/reject", tag = "accept", params(("id" = InvitationId, Path)),
    request_body = RejectPendingInvitation, responses((status = 200, body = AnswerView)))]
pub(crate) async fn reject_waiting(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<InvitationId>,
    body: Body<RejectPendingInvitation>,
) -> ApiResult {
    let idempotency = body.idempotent.by(&caller.user);
    let recipient = app.addressee(&caller, &id, For::Any, idempotency.as_ref()).await?;
    app.reject_for(&caller, recipient, body.value.reason, idempotency).await
}

/// For which of the firms at an address a person answers.
enum For {
    /// The one they name.
    Named(FirmId),
    /// The only one.
    TheOne,
    /// Any: declining comes to the same.
    Any,
}

impl App {
    /// Finds out whether an invitation waits for the caller: read by its id, strongly consistent, and
    /// held against what the identity provider says of their address and, where that is another, the
    /// table of their firms. One that is not theirs is not there.
    async fn addressee(
        &self,
        caller: &Caller,
        id: &InvitationId,
        answering: For,
        idempotency: Option<&Idempotency>,
    ) -> ApiResult<Recipient> {
        let own = self.api.store.for_user(caller.user.clone());
        let (invitation, address, profile) = tokio::join!(
            self.api.store.invitation_by_link(id),
            self.identity.address(caller.access_token()),
            own.profile_and(idempotency, caller.now, ()),
        );
        let (address, (profile, ())) = (address?, profile?);
        let invitation = invitation?.ok_or_else(Problem::not_found)?;
        let is_theirs = matches!(&address, Address { email: Some(own), verified: true } if *own == invitation.email);
        let firm = if is_theirs { None } else { Some(self.firm_reached(caller, &invitation, answering).await?) };
        let (generation, email) = (invitation.generation, invitation.email.clone());
        Ok(Recipient { invitation, generation, email, firm, profile })
    }

    /// The firm of the caller's at whose main address an invitation arrived.
    async fn firm_reached(&self, caller: &Caller, invitation: &Invitation, answering: For) -> ApiResult<FirmId> {
        let own = self.api.store.for_user(caller.user.clone());
        let firms = match &answering {
            For::TheOne | For::Any => own.firms_administered(caller.now).await?,
            For::Named(firm) => match own.firm_committed(firm, caller.now).await {
                Ok(firm) => firm.into_iter().collect(),
                Err(StoreError::Denied(_)) => Vec::new(),
                Err(error) => return Err(error.into()),
            },
        };
        let mut reached = firms.into_iter().filter(|firm| invitation.reaches(firm)).map(|firm| firm.id);
        match (reached.next(), reached.next(), answering) {
            (Some(firm), None, _) | (Some(firm), Some(_), For::Any) => Ok(firm),
            (Some(_), Some(_), For::Named(_) | For::TheOne) => {
                Err(Problem::field("firm", "is required: it was sent to more than one firm").into())
            }
            (None, _, _) => Err(Problem::not_found().into()),
        }
    }
}
