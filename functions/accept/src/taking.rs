//! Taking an offer: the invitation, the place it gives, the events and, for a new person, the
//! profile, in one change.

use domain::{
    Access, Email, FirmId, Grants, InvitationId, MemberRole, Name, Org, Permission, StaffRole, UserId, UtcTime,
    access::Seat,
    invitation::{AcceptError, Acceptance, Invitation, InvitationState, Offer, OfferKind, OfferedRole},
    joining::{AlreadyActive, Joining},
    org::User,
};
use edge::{Answer, Outcome, Problem, Slug, Stop};
use serde::Serialize;
use store::{Authority, Change, Idempotency, Setback, Stamp, Store, while_raced};
use utoipa::ToSchema;

use crate::{leftovers::Leftovers, link::dead};

/// What came of an answer to an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CameOf {
    /// The offer was taken now.
    Accepted,
    /// The same person had taken it before; nothing changed.
    AlreadyAccepted,
    /// The offer was declined.
    Rejected,
}

/// The company or firm that invited.
#[derive(Debug, Serialize, ToSchema)]
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
pub(crate) struct ReceivedView {
    id: InvitationId,
    /// `firm`, `member`, `staff` or `client`.
    #[schema(value_type = OfferKind)]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<OfferedRole>)]
    role: Option<&'static str>,
    permissions: Grants,
    status: InvitationState,
    expires_at: UtcTime,
    invited_by_name: Name,
    /// The firm that it connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<FirmId>,
}

/// What came of an answer, the invitation as it is now, and who sent it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnswerView {
    outcome: CameOf,
    invitation: ReceivedView,
    org: OrgView,
}

impl AnswerView {
    pub(crate) fn of(outcome: CameOf, invitation: &Invitation, now: UtcTime) -> Self {
        let received = ReceivedView {
            id: invitation.id.clone(),
            kind: invitation.offer.kind(),
            role: invitation.offer.role(),
            permissions: invitation.offer.grants(),
            status: invitation.state(now),
            expires_at: invitation.expires_at,
            invited_by_name: invitation.invited_by_name.clone(),
            firm: invitation.accepted_firm.clone(),
        };
        Self { outcome, invitation: received, org: invitation.into() }
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
    /// Verified just now; the profile's may be older.
    pub(crate) email: &'a Email,
    /// For whom a firm's invitation is taken.
    pub(crate) firm: Option<FirmId>,
    pub(crate) stamp: Stamp,
    pub(crate) idempotency: Option<Idempotency>,
}

/// What taking came to.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) outcome: CameOf,
    pub(crate) invitation: Invitation,
}

impl Taking<'_> {
    /// Takes the offer, deciding anew when something changed in between: of many who take it at
    /// once one does, and the same person's others see that they did.
    pub(crate) async fn take(&self, invitation: Invitation) -> Outcome<Taken> {
        let id = invitation.id.clone();
        let mut known = Some(invitation);
        while_raced(|| self.decide_and_commit(&id, known.take())).await
    }

    async fn decide_and_commit(&self, id: &InvitationId, known: Option<Invitation>) -> Result<Taken, Setback<Stop>> {
        let invitation = match known {
            Some(invitation) => invitation,
            None => self.store.invitation_by_link(id).await?.ok_or_else(Problem::not_found)?,
        };
        let user = &self.person.id;
        let accepted = invitation
            .accept(self.generation, user, self.email, self.firm.clone().map(Org::Firm).as_ref(), self.stamp.at)
            .map_err(not_accepted)?;
        let Acceptance::Accepted(accepted, fact) = accepted else {
            return Ok(Taken { outcome: CameOf::AlreadyAccepted, invitation });
        };

        let tenant = Authority::System(invitation.offer.org());
        let mut change = self.store.change(&tenant, self.stamp.clone());
        change.require_inviter(&invitation.inviter_access());
        change.put(|tenant| tenant.invitation(id), Some(invitation.version), &*accepted);
        change.record(fact);
        self.give_place(&tenant, &accepted, &mut change).await?;
        if self.is_new {
            change.put_profile(self.person);
        }
        let answer = Answer::ok(&AnswerView::of(CameOf::Accepted, &accepted, self.stamp.at))?;
        change.answer(self.idempotency.as_ref(), answer.status(), answer.body());
        change.commit().await?;
        Ok(Taken { outcome: CameOf::Accepted, invitation: *accepted })
    }

    async fn give_place(&self, tenant: &Authority, accepted: &Invitation, change: &mut Change<'_>) -> Outcome<()> {
        let joining = Joining { invitation: accepted, person: self.person, at: self.stamp.at };
        match (&accepted.offer, &accepted.accepted_firm) {
            (Offer::Member { role, grants, .. }, _) => self.join_company(tenant, joining, *role, grants, change).await,
            (Offer::Staff { role, .. }, _) => self.join_firm(tenant, joining, *role, change).await,
            (Offer::Firm { grants, .. }, Some(firm)) => self.connect(tenant, joining, firm, grants, change).await,
            (Offer::Firm { .. }, None) => Err(not_accepted(AcceptError::FirmNeeded).into()),
            (Offer::Client { .. }, _) => Err(not_accepted(AcceptError::CompanyNeeded).into()),
        }
    }

    async fn join_company(
        &self,
        tenant: &Authority,
        joining: Joining<'_>,
        role: MemberRole,
        grants: &Grants,
        change: &mut Change<'_>,
    ) -> Outcome<()> {
        let user = &self.person.id;
        let wanted = self.store.load(tenant, self.stamp.at, None, |tenant| (tenant.company(), tenant.member(user)));
        let (company, before) = wanted.await?;
        let company = company.ok_or_else(without_profile)?;
        let (member, owners, fact) = joining.company(&company, role, grants, before.as_ref()).map_err(held_already)?;
        change.put(|tenant| tenant.member(user), before.map(|before| before.version), &member);
        change.count_owners(owners);
        change.record(fact);
        Ok(())
    }

    async fn join_firm(
        &self,
        tenant: &Authority,
        joining: Joining<'_>,
        role: StaffRole,
        change: &mut Change<'_>,
    ) -> Outcome<()> {
        let user = &self.person.id;
        let wanted = self.store.load(tenant, self.stamp.at, None, |tenant| (tenant.firm(), tenant.staff(user)));
        let (firm, before) = wanted.await?;
        let firm = firm.ok_or_else(without_profile)?;
        let (staff, admins, fact) = joining.firm(&firm, role, before.as_ref()).map_err(held_already)?;
        if before.is_some() {
            Leftovers::Of(user).end(self.store, &firm.id, &self.stamp).await?;
        }
        change.put(|tenant| tenant.staff(user), before.map(|before| before.version), &staff);
        change.count_admins(admins);
        change.record(fact);
        Ok(())
    }

    async fn connect(
        &self,
        tenant: &Authority,
        joining: Joining<'_>,
        firm: &FirmId,
        grants: &Grants,
        change: &mut Change<'_>,
    ) -> Outcome<()> {
        let for_firm = Authority::Person(to_commit(&self.person.id, firm));
        let other = Org::Firm(firm.clone());
        let (firm, found) = tokio::join!(
            self.store.load(&for_firm, self.stamp.at, None, |firm| firm.firm()),
            self.store.load(tenant, self.stamp.at, None, |tenant| (tenant.company(), tenant.connection(&other))),
        );
        let firm = firm?.ok_or_else(without_profile)?;
        let (company, before) = found?;
        let (company, before) = (company.ok_or_else(without_profile)?, before.flatten());
        let (connection, fact) =
            joining.connection(&company, &firm, (grants, None), before.as_ref()).map_err(held_already)?;
        if before.is_some() {
            Leftovers::In(&company.id).end(self.store, &firm.id, &self.stamp).await?;
        }
        change.require(&for_firm);
        change.put_some(|tenant| tenant.connection(&other), before.map(|before| before.version), &connection);
        roster::connection_starts(self.store, change, &connection, joining.invitation.offer.client()).await?;
        change.record(fact);
        Ok(())
    }
}

/// The right to bind a firm to a client.
fn to_commit(user: &UserId, firm: &FirmId) -> Access {
    Access::new(user.clone(), Seat::Staff { firm: firm.clone() }, Permission::ClientsManage)
}

fn without_profile() -> Problem {
    Problem::internal("a tenant without a profile")
}

fn held_already(error: AlreadyActive) -> Problem {
    Problem::conflict(error, "active")
}

/// How an answer that was not taken is told.
pub(crate) fn not_accepted(error: AcceptError) -> Problem {
    match error {
        AcceptError::Link(refusal) => dead(refusal),
        AcceptError::WrongRecipient => Problem::new(Slug::WrongRecipient).detail(error),
        AcceptError::FirmNeeded => Problem::field("firm", error),
        AcceptError::CompanyNeeded => Problem::field("company", error),
    }
}
