//! Taking an offer: the invitation, the place it gives, the events and, for a new person, the
//! profile, in one change.

use api::{Answer, ApiError, ApiResult, Problem, ProblemType};
use domain::{
    AccessRequirement, CompanyId, Email, FirmId, Grants, InvitationId, MemberRole, Name, Note, Org, Permission,
    StaffRole, UserId, UtcTime,
    access::ActingAs,
    consent::{Agreement, ConsentText},
    invitation::{AcceptError, Acceptance, Invitation, InvitationKind, InvitationRole, InvitationState, Offer},
    membership::{JoinError, NewMembership},
    org::{Connection, Firm, User},
    team::{end_connection, register_firm},
};
use serde::Serialize;
use store::{Attempt, Authority, Change, ChangeContext, Idempotency, Store, retry_on_conflict};
use utoipa::ToSchema;

use crate::{client::to_give, leftovers::Leftovers, link::dead, party::Party};

/// What came of an answer to an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InvitationOutcome {
    /// The offer was taken now.
    Accepted,
    /// The same person had taken it before; nothing changed.
    AlreadyAccepted,
    /// The offer was declined.
    Rejected,
}

/// The company or firm that invited.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvitingOrg)]
pub(crate) struct OrgView {
    #[serde(flatten)]
    org: Org,
    name: Name,
}

impl From<&Invitation> for OrgView {
    fn from(invitation: &Invitation) -> Self {
        Self { org: invitation.offer.org(), name: invitation.org_name.clone() }
    }
}

/// An invitation as whoever it was sent to sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceivedInvitation)]
pub(crate) struct ReceivedView {
    id: InvitationId,
    /// `firm`, `member`, `staff` or `client`.
    #[schema(value_type = InvitationKind)]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<InvitationRole>)]
    role: Option<&'static str>,
    permissions: Grants,
    status: InvitationState,
    expires_at: UtcTime,
    invited_by_name: Name,
    /// The firm that it connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<FirmId>,
    /// The company that let the firm in.
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<CompanyId>,
}

impl ReceivedView {
    pub(crate) fn at(invitation: &Invitation, now: UtcTime) -> Self {
        Self {
            id: invitation.id.clone(),
            kind: invitation.offer.kind().as_str(),
            role: invitation.offer.role(),
            permissions: invitation.offer.grants(),
            status: invitation.state(now),
            expires_at: invitation.expires_at,
            invited_by_name: invitation.invited_by_name.clone(),
            firm: invitation.accepted_firm.clone(),
            company: invitation.accepted_company.clone(),
        }
    }
}

/// An open invitation as whoever may answer it is shown it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenInvitation)]
pub(crate) struct OfferedView {
    #[serde(flatten)]
    received: ReceivedView,
    /// Who invites.
    org: OrgView,
    /// The inviter's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Note>,
    /// The text to agree to, where a client is asked: send its version and digest back with the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    consent: Option<ConsentText>,
}

impl OfferedView {
    pub(crate) fn at(invitation: &Invitation, now: UtcTime) -> Self {
        Self {
            received: ReceivedView::at(invitation, now),
            org: invitation.into(),
            message: invitation.message.clone(),
            consent: invitation.consent_text(),
        }
    }
}

/// What came of an answer, the invitation as it is now, and who sent it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvitationAnswer)]
pub(crate) struct AnswerView {
    outcome: InvitationOutcome,
    invitation: ReceivedView,
    org: OrgView,
}

impl AnswerView {
    pub(crate) fn of(outcome: InvitationOutcome, invitation: &Invitation, now: UtcTime) -> Self {
        Self { outcome, invitation: ReceivedView::at(invitation, now), org: invitation.into() }
    }
}

/// Someone who takes an offer: the link that was shown is verified, and so is the address.
#[derive(Debug)]
pub(crate) struct Taking<'a> {
    pub(crate) store: &'a Store,
    /// The link's.
    pub(crate) generation: u32,
    pub(crate) person: &'a User,
    /// Whether the profile is made along with the rest.
    pub(crate) is_new: bool,
    /// The address that was invited, shown just now to be theirs; the profile's may be older.
    pub(crate) email: &'a Email,
    /// For whom it is taken.
    pub(crate) party: Party,
    /// What they agreed to, where a client is asked.
    pub(crate) consent: Option<Agreement>,
    pub(crate) change_context: ChangeContext,
    pub(crate) idempotency: Option<Idempotency>,
}

/// What taking came to.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) outcome: InvitationOutcome,
    pub(crate) invitation: Invitation,
}

impl Taking<'_> {
    /// Takes the offer, deciding anew when something changed in between: of many who take it at
    /// once one does, and the same person's others see that they did.
    pub(crate) async fn take(&self, invitation: Invitation) -> ApiResult<Taken> {
        let id = invitation.id.clone();
        let mut known = Some(invitation);
        retry_on_conflict(|| self.decide_and_commit(&id, known.take())).await
    }

    async fn decide_and_commit(
        &self,
        id: &InvitationId,
        known: Option<Invitation>,
    ) -> Result<Taken, Attempt<ApiError>> {
        let invitation = match known {
            Some(invitation) => invitation,
            None => self.store.invitation_by_link(id).await?.ok_or_else(Problem::not_found)?,
        };
        let user = &self.person.id;
        let accepted = invitation
            .accept(self.generation, user, self.email, self.party.org().as_ref(), self.change_context.at)
            .map_err(not_accepted)?;
        let Acceptance::Accepted(accepted, event) = accepted else {
            return Ok(Taken { outcome: InvitationOutcome::AlreadyAccepted, invitation });
        };

        let tenant = self.authority(&accepted.offer);
        let mut change = self.store.change(&tenant, self.change_context.clone());
        change.require_inviter(&invitation.inviter_access());
        change.put(|tenant| tenant.invitation(id), Some(invitation.version), &*accepted);
        change.record(event);
        self.give_place(&tenant, &accepted, &mut change).await?;
        if self.is_new {
            change.put_profile(self.person);
        }
        let answer = Answer::ok(&AnswerView::of(InvitationOutcome::Accepted, &accepted, self.change_context.at))?;
        change.answer(self.idempotency.as_ref(), answer.status(), answer.body());
        change.commit().await?;
        Ok(Taken { outcome: InvitationOutcome::Accepted, invitation: *accepted })
    }

    /// On whose authority the place is given: whoever offers does so by the inviter's right, which
    /// the change requires besides; a client gives what is theirs.
    fn authority(&self, offer: &Offer) -> Authority {
        match (offer, &self.party) {
            (Offer::Client { grants, .. }, Party::Company(id)) => {
                Authority::Person(to_give(&self.person.id, id, grants))
            }
            (Offer::Client { .. }, Party::NewCompany(company)) => Authority::System(Org::Company(company.id.clone())),
            (Offer::Client { .. }, Party::Themselves | Party::Firm(_) | Party::NewFirm(_))
            | (Offer::Member { .. } | Offer::Firm { .. } | Offer::Staff { .. }, _) => Authority::System(offer.org()),
        }
    }

    async fn give_place(&self, tenant: &Authority, accepted: &Invitation, change: &mut Change<'_>) -> ApiResult<()> {
        let membership = NewMembership { invitation: accepted, person: self.person, at: self.change_context.at };
        match &accepted.offer {
            Offer::Member { role, grants, .. } => self.join_company(tenant, membership, *role, grants, change).await,
            Offer::Staff { role, .. } => self.join_firm(tenant, membership, *role, change).await,
            Offer::Firm { grants, .. } => self.connect(tenant, membership, grants, change).await,
            Offer::Client { firm, grants, .. } => self.let_in(membership, firm, grants, change).await,
        }
    }

    async fn join_company(
        &self,
        tenant: &Authority,
        membership: NewMembership<'_>,
        role: MemberRole,
        grants: &Grants,
        change: &mut Change<'_>,
    ) -> ApiResult<()> {
        let user = &self.person.id;
        let wanted =
            self.store.load(tenant, self.change_context.at, None, |tenant| (tenant.company(), tenant.member(user)));
        let (company, before) = wanted.await?;
        let company = company.ok_or_else(without_profile)?;
        let (member, owners, event) = membership.company(&company, role, grants, before.as_ref()).map_err(not_given)?;
        change.put(|tenant| tenant.member(user), before.map(|before| before.version), &member);
        change.count_owners(owners);
        change.record(event);
        Ok(())
    }

    async fn join_firm(
        &self,
        tenant: &Authority,
        membership: NewMembership<'_>,
        role: StaffRole,
        change: &mut Change<'_>,
    ) -> ApiResult<()> {
        let user = &self.person.id;
        let wanted =
            self.store.load(tenant, self.change_context.at, None, |tenant| (tenant.firm(), tenant.staff(user)));
        let (firm, before) = wanted.await?;
        let firm = firm.ok_or_else(without_profile)?;
        let (staff, admins, event) = membership.firm(&firm, role, before.as_ref()).map_err(not_given)?;
        if before.is_some() {
            Leftovers::Of(user).end(self.store, &firm.id, &self.change_context).await?;
        }
        change.put(|tenant| tenant.staff(user), before.map(|before| before.version), &staff);
        change.count_admins(admins);
        change.record(event);
        Ok(())
    }

    async fn connect(
        &self,
        tenant: &Authority,
        membership: NewMembership<'_>,
        grants: &Grants,
        change: &mut Change<'_>,
    ) -> ApiResult<()> {
        let other = self.party.org().ok_or_else(|| not_accepted(AcceptError::FirmNeeded))?;
        let offer = &membership.invitation.offer;
        let replaced = other.firm().and_then(|firm| offer.gives_way(firm)).map(|firm| Org::Firm(firm.clone()));
        let (firm, found) = tokio::join!(
            self.firm(change),
            self.store.load(tenant, self.change_context.at, None, |tenant| (
                tenant.company(),
                tenant.connection(&other),
                replaced.as_ref().and_then(|replaced| tenant.connection(replaced)),
            )),
        );
        let firm = firm?;
        let (company, before, leaving) = found?;
        let (company, before) = (company.ok_or_else(without_profile)?, before.flatten());
        let (connection, event) =
            membership.connection(&company, &firm, (grants, None), before.as_ref()).map_err(not_given)?;
        if before.is_some() {
            Leftovers::In(&company.id).end(self.store, &firm.id, &self.change_context).await?;
        }
        change.put_some(|tenant| tenant.connection(&other), before.map(|before| before.version), &connection);
        client_list::connection_starts(self.store, change, &connection, membership.invitation.offer.client()).await?;
        change.record(event);
        if let (Some(replaced), Some(leaving)) = (replaced, leaving.flatten()) {
            self.hand_over(&replaced, &leaving, change).await?;
        }
        Ok(())
    }

    /// Ends the connection whose place is taken, in the same change; one that has ended already
    /// stays so.
    async fn hand_over(&self, replaced: &Org, leaving: &Connection, change: &mut Change<'_>) -> ApiResult<()> {
        match end_connection(leaving, &Org::Company(leaving.company.clone()), self.change_context.at) {
            Ok((ended, event)) => {
                change.put_some(|tenant| tenant.connection(replaced), Some(leaving.version), &ended);
                client_list::connection_ends(self.store, change, leaving).await?;
                change.record(event);
            }
            Err(_) => change.unchanged_some(|tenant| tenant.connection(replaced), leaving.version),
        }
        Ok(())
    }

    /// The firm that is invited: one that the person may commit, or one that is made with them as its
    /// admin.
    async fn firm(&self, change: &mut Change<'_>) -> ApiResult<Firm> {
        match &self.party {
            Party::Firm(firm) => {
                let for_firm = Authority::Person(to_commit(&self.person.id, firm));
                let found = self.store.load(&for_firm, self.change_context.at, None, |firm| firm.firm()).await?;
                change.require(&for_firm);
                Ok(found.ok_or_else(without_profile)?)
            }
            Party::NewFirm(firm) => {
                let person = (self.person.id.clone(), self.person.name.clone(), self.email.clone());
                let (firm, admin, event) = register_firm(firm.clone(), person);
                change.put_new_firm(&firm, &admin);
                change.record(event);
                Ok(firm)
            }
            Party::Themselves | Party::Company(_) | Party::NewCompany(_) => {
                Err(not_accepted(AcceptError::FirmNeeded).into())
            }
        }
    }
}

/// The right to bind a firm to a client.
pub(crate) fn to_commit(user: &UserId, firm: &FirmId) -> AccessRequirement {
    AccessRequirement::new(user.clone(), ActingAs::Staff { firm: firm.clone() }, Permission::ClientsManage)
}

pub(crate) fn without_profile() -> Problem {
    Problem::internal("a tenant without a profile")
}

pub(crate) fn not_given(error: JoinError) -> Problem {
    match error {
        JoinError::AlreadyActive => Problem::conflict(error, "active"),
        JoinError::EndedSince => Problem::new(ProblemType::Gone).detail(error).state("ended"),
    }
}

/// How an answer that was not taken is told.
pub(crate) fn not_accepted(error: AcceptError) -> Problem {
    match error {
        AcceptError::Link(refusal) => dead(refusal),
        AcceptError::WrongRecipient => Problem::new(ProblemType::WrongRecipient).detail(error),
        AcceptError::FirmNeeded => Problem::field("firm", error),
        AcceptError::CompanyNeeded => Problem::field("company", error),
    }
}
