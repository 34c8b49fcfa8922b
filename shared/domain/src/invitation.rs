//! Invitations: offering a place, and taking it.
//!
//! The link's secret is not here: it is derived (see `links`), so this module only knows the
//! generation that a link must carry. A resend raises the generation, and older links are dead.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    access::{Access, Seat},
    event::{EventType, Fact},
    id::{ClientId, CompanyId, FirmId, InvitationId, Org, UserId},
    locale::Locale,
    permission::{Grants, Permission},
    role::{MemberRole, StaffRole},
    text::{Email, Name, Note},
    time::UtcTime,
};

/// How long an invitation stays open when the inviter does not say, in days.
pub const DEFAULT_EXPIRY_DAYS: u8 = 7;
const DAY_S: i64 = 86_400;

/// What is offered, and by which side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Offer {
    /// A company offers a person a place in it.
    Member {
        /// The company.
        company: CompanyId,
        /// The preset.
        role: MemberRole,
        /// The permissions.
        grants: Grants,
    },
    /// A company offers a firm a connection.
    Firm {
        /// The company.
        company: CompanyId,
        /// The most the firm may do.
        grants: Grants,
    },
    /// A firm offers a person a place on its staff.
    Staff {
        /// The firm.
        firm: FirmId,
        /// Admin or bookkeeper.
        role: StaffRole,
    },
    /// A firm asks a client for a connection. The firm gives nothing of its own: whoever accepts
    /// for the company gives, and must hold what they give.
    Client {
        /// The firm.
        firm: FirmId,
        /// The most the firm may do.
        grants: Grants,
        /// The entry of the firm's client list that it was sent from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<ClientId>,
    },
}

impl Offer {
    /// `member`, `firm`, `staff` or `client`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Member { .. } => "member",
            Self::Firm { .. } => "firm",
            Self::Staff { .. } => "staff",
            Self::Client { .. } => "client",
        }
    }

    /// The tenant that offers.
    #[must_use]
    pub fn org(&self) -> Org {
        match self {
            Self::Member { company, .. } | Self::Firm { company, .. } => Org::Company(company.clone()),
            Self::Staff { firm, .. } | Self::Client { firm, .. } => Org::Firm(firm.clone()),
        }
    }

    /// The permission that inviting so needs.
    #[must_use]
    pub const fn needs(&self) -> Permission {
        match self {
            Self::Member { .. } => Permission::TeamManage,
            Self::Firm { .. } => Permission::ConnectionsManage,
            Self::Staff { .. } => Permission::StaffManage,
            Self::Client { .. } => Permission::ClientsManage,
        }
    }

    /// What it comes to: what whoever accepts would hold, or, where a client is asked, the firm.
    #[must_use]
    pub fn grants(&self) -> Grants {
        match self {
            Self::Member { grants, .. } | Self::Firm { grants, .. } | Self::Client { grants, .. } => grants.clone(),
            Self::Staff { role, .. } => role.preset(),
        }
    }

    /// What the inviter gives, and so must hold too: nothing where a client is asked to give.
    #[must_use]
    pub fn given(&self) -> Grants {
        match self {
            Self::Member { .. } | Self::Firm { .. } | Self::Staff { .. } => self.grants(),
            Self::Client { .. } => Grants::default(),
        }
    }

    /// The same offer, to a client of the firm's list; unchanged where none is asked.
    #[must_use]
    pub fn to_client(&self, id: &ClientId) -> Self {
        match self {
            Self::Client { firm, grants, .. } => {
                Self::Client { firm: firm.clone(), grants: grants.clone(), client: Some(id.clone()) }
            }
            Self::Member { .. } | Self::Firm { .. } | Self::Staff { .. } => self.clone(),
        }
    }

    /// The client of the firm's list whom it asks, where one was named.
    #[must_use]
    pub const fn client(&self) -> Option<&ClientId> {
        match self {
            Self::Client { client, .. } => client.as_ref(),
            Self::Member { .. } | Self::Firm { .. } | Self::Staff { .. } => None,
        }
    }

    /// Whether a person takes it for themselves, rather than for the firm or company they act for.
    #[must_use]
    pub const fn is_for_a_person(&self) -> bool {
        match self {
            Self::Member { .. } | Self::Staff { .. } => true,
            Self::Firm { .. } | Self::Client { .. } => false,
        }
    }

    fn holds_together(&self) -> Result<(), GrantsError> {
        let grants = self.grants();
        if grants.is_empty() {
            return Err(GrantsError::NoPermissions);
        }
        match (self, grants.iter().find(|permission| !permission.is_for_companies())) {
            (Self::Member { .. } | Self::Firm { .. } | Self::Client { .. }, Some(alien)) => {
                Err(GrantsError::NotForCompanies(alien))
            }
            (Self::Member { .. } | Self::Firm { .. } | Self::Client { .. }, None) | (Self::Staff { .. }, _) => Ok(()),
        }
    }

    /// The role's name, where there is one.
    #[must_use]
    pub const fn role(&self) -> Option<&'static str> {
        match self {
            Self::Member { role, .. } => Some(role.as_str()),
            Self::Staff { role, .. } => Some(role.as_str()),
            Self::Firm { .. } | Self::Client { .. } => None,
        }
    }
}

/// Why a set of permissions cannot be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantsError {
    /// Nothing is offered.
    #[error("must name at least one permission")]
    NoPermissions,
    /// A permission of the other kind of tenant.
    #[error("permission {0} does not exist for a company")]
    NotForCompanies(Permission),
}

/// What an inviter can offer, as they name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferKind {
    /// A connection, to a client of the firm.
    Client,
    /// A connection, to a firm.
    Firm,
    /// A place in a company, to a person.
    Member,
    /// A place on a firm's staff, to a person.
    Staff,
}

impl OfferKind {
    /// The permission that inviting so needs.
    #[must_use]
    pub const fn needs(self) -> Permission {
        match self {
            Self::Client => Permission::ClientsManage,
            Self::Firm => Permission::ConnectionsManage,
            Self::Member => Permission::TeamManage,
            Self::Staff => Permission::StaffManage,
        }
    }
}

/// A role as an inviter names it, of a member or of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OfferedRole {
    /// A member with everything.
    Owner,
    /// A member with everything but the subscription; or the staff who manage a firm.
    Admin,
    /// A member who keeps the books.
    Accountant,
    /// A member as a business owner looks at the books.
    Client,
    /// A member who looks only.
    ReadOnly,
    /// A member with exactly the listed permissions.
    Custom,
    /// Staff who reach the companies assigned to them.
    Bookkeeper,
}

impl OfferedRole {
    const fn of_member(self) -> Option<MemberRole> {
        match self {
            Self::Owner => Some(MemberRole::Owner),
            Self::Admin => Some(MemberRole::Admin),
            Self::Accountant => Some(MemberRole::Accountant),
            Self::Client => Some(MemberRole::Client),
            Self::ReadOnly => Some(MemberRole::ReadOnly),
            Self::Custom => Some(MemberRole::Custom),
            Self::Bookkeeper => None,
        }
    }

    const fn of_staff(self) -> Option<StaffRole> {
        match self {
            Self::Admin => Some(StaffRole::Admin),
            Self::Bookkeeper => Some(StaffRole::Bookkeeper),
            Self::Owner | Self::Accountant | Self::Client | Self::ReadOnly | Self::Custom => None,
        }
    }
}

/// Why what an inviter wrote is no offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// A company's offer made from a firm, or the reverse.
    #[error("this offer cannot be made from this context")]
    WrongContext,
    /// A member without a role or permissions, or staff without a role.
    #[error("is required")]
    RoleMissing,
    /// A role of the other kind of place, or any for a firm or a client.
    #[error("is not a role that this kind of invitation can offer")]
    RoleUnfit,
    /// The custom role says nothing by itself.
    #[error("is required for the role custom")]
    PermissionsMissing,
    /// Staff hold what their role says.
    #[error("cannot be listed for staff; the role says what they may do")]
    PermissionsUnfit,
    /// An owner with less than everything would count as the one who must remain.
    #[error("an owner holds every permission; name another role to list fewer")]
    OwnerHoldsAll,
    /// The listed permissions make no sense.
    #[error(transparent)]
    Grants(#[from] GrantsError),
}

/// Makes an offer of what an inviter wrote, from where they are.
///
/// A firm is offered, and a client asked for, what [`MemberRole::Accountant`] holds unless permissions
/// are listed. A member
/// is offered a role's preset, the listed permissions under the role's name, or, without a role,
/// the listed permissions as [`MemberRole::Custom`].
///
/// # Errors
/// [`OfferError`].
pub fn offer(
    kind: OfferKind,
    role: Option<OfferedRole>,
    permissions: Option<Grants>,
    seat: &Seat,
) -> Result<Offer, OfferError> {
    let offer = match (kind, seat.org()) {
        (OfferKind::Firm, Org::Company(company)) => match role {
            Some(_) => return Err(OfferError::RoleUnfit),
            None => Offer::Firm { company, grants: permissions.unwrap_or_else(|| MemberRole::Accountant.preset()) },
        },
        (OfferKind::Member, Org::Company(company)) => {
            let (role, grants) = member_terms(role, permissions)?;
            Offer::Member { company, role, grants }
        }
        (OfferKind::Staff, Org::Firm(firm)) => {
            if permissions.is_some() {
                return Err(OfferError::PermissionsUnfit);
            }
            let role = role.ok_or(OfferError::RoleMissing)?.of_staff().ok_or(OfferError::RoleUnfit)?;
            Offer::Staff { firm, role }
        }
        (OfferKind::Client, Org::Firm(firm)) => match role {
            Some(_) => return Err(OfferError::RoleUnfit),
            None => {
                let grants = permissions.unwrap_or_else(|| MemberRole::Accountant.preset());
                Offer::Client { firm, grants, client: None }
            }
        },
        (OfferKind::Firm | OfferKind::Member, Org::Firm(_))
        | (OfferKind::Staff | OfferKind::Client, Org::Company(_)) => {
            return Err(OfferError::WrongContext);
        }
    };
    offer.holds_together()?;
    Ok(offer)
}

fn member_terms(role: Option<OfferedRole>, permissions: Option<Grants>) -> Result<(MemberRole, Grants), OfferError> {
    let role = role.map(|role| role.of_member().ok_or(OfferError::RoleUnfit)).transpose()?;
    match (role, permissions) {
        (None, None) => Err(OfferError::RoleMissing),
        (Some(MemberRole::Custom), None) => Err(OfferError::PermissionsMissing),
        // INVARIANT: an owner holds everything, so a company with one owner left can still be run.
        (Some(MemberRole::Owner), Some(fewer)) if fewer != MemberRole::Owner.preset() => Err(OfferError::OwnerHoldsAll),
        (Some(role), None) => Ok((role, role.preset())),
        (role, Some(listed)) => Ok((role.unwrap_or(MemberRole::Custom), listed)),
    }
}

/// The permission that looking after a tenant's invitations needs, whatever they offer.
#[must_use]
pub fn to_look_after(seat: &Seat) -> Permission {
    match seat.org() {
        Org::Company(_) => Permission::TeamManage,
        Org::Firm(_) => Permission::StaffManage,
    }
}

/// Where an invitation stands. Expiry is judged by the clock, not by a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// Open until it expires.
    Pending,
    /// Taken.
    Accepted,
    /// Declined by the invitee.
    Rejected,
    /// Withdrawn by the inviter's side.
    Revoked,
}

impl InvitationStatus {
    /// The status as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Revoked => "revoked",
        }
    }
}

/// Where an invitation stands at a moment, as people are shown it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// Open.
    Pending,
    /// Its time is over; it can be sent again.
    Expired,
    /// Taken.
    Accepted,
    /// Declined by the invitee.
    Rejected,
    /// Withdrawn by the inviter's side.
    Revoked,
}

impl InvitationState {
    /// The status that invitations in this state are kept under.
    #[must_use]
    pub const fn kept_as(self) -> InvitationStatus {
        match self {
            Self::Pending | Self::Expired => InvitationStatus::Pending,
            Self::Accepted => InvitationStatus::Accepted,
            Self::Rejected => InvitationStatus::Rejected,
            Self::Revoked => InvitationStatus::Revoked,
        }
    }
}

/// An offer addressed to an email.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Its id; never a secret.
    pub id: InvitationId,
    /// What is offered.
    pub offer: Offer,
    /// The inviting organisation's name.
    pub org_name: Name,
    /// Whom it is for.
    pub email: Email,
    /// What the inviter calls them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The inviter's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Note>,
    /// The language of its letters; English where not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Where it stands.
    pub status: InvitationStatus,
    /// Which link is the live one; starts at 1.
    pub generation: u32,
    /// When it was made.
    pub created_at: UtcTime,
    /// The instant at which it stops.
    pub expires_at: UtcTime,
    /// Who invited.
    pub invited_by: UserId,
    /// Their name.
    pub invited_by_name: Name,
    /// From which seat: at acceptance their right to invite is checked again from there.
    pub seat: Seat,
    /// Who took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_by: Option<UserId>,
    /// The firm that took it, where a firm was invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_firm: Option<FirmId>,
    /// The company that it was taken for, where a client was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_company: Option<CompanyId>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// A request to invite, parsed and in scope.
#[derive(Debug, Clone)]
pub struct Invite {
    /// The new invitation's id.
    pub id: InvitationId,
    /// What is offered.
    pub offer: Offer,
    /// The inviting organisation's name.
    pub org_name: Name,
    /// Whom it is for.
    pub email: Email,
    /// What the inviter calls them.
    pub name: Option<Name>,
    /// The inviter's own words.
    pub message: Option<Note>,
    /// The language of its letters; English where not said.
    pub locale: Option<Locale>,
    /// How long it stays open, 1–30 days.
    pub expires_in_days: u8,
    /// Who invites.
    pub invited_by: UserId,
    /// Their name.
    pub invited_by_name: Name,
    /// From which seat.
    pub seat: Seat,
}

/// Why an offer cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InviteError {
    /// The expiry is outside 1–30 days.
    #[error("must be between 1 and 30")]
    Expiry,
    /// The offer is another tenant's to make.
    #[error("this offer cannot be made from this context")]
    WrongContext,
    /// What is offered makes no sense.
    #[error(transparent)]
    Grants(#[from] GrantsError),
}

/// Makes an invitation.
///
/// # Errors
/// [`InviteError`] when the offer makes no sense; whether the inviter may make it is for the
/// access check.
pub fn invite(command: Invite, now: UtcTime) -> Result<(Invitation, Fact), InviteError> {
    if !(1..=30).contains(&command.expires_in_days) {
        return Err(InviteError::Expiry);
    }
    if command.offer.org() != command.seat.org() {
        return Err(InviteError::WrongContext);
    }
    command.offer.holds_together()?;
    let invitation = Invitation {
        id: command.id,
        offer: command.offer,
        org_name: command.org_name,
        email: command.email,
        name: command.name,
        message: command.message,
        locale: command.locale,
        status: InvitationStatus::Pending,
        generation: 1,
        created_at: now,
        expires_at: now.plus_s(i64::from(command.expires_in_days) * DAY_S),
        invited_by: command.invited_by,
        invited_by_name: command.invited_by_name,
        seat: command.seat,
        accepted_by: None,
        accepted_firm: None,
        accepted_company: None,
        version: 1,
    };
    let fact = invitation.fact(EventType::InvitationCreated);
    Ok((invitation, fact))
}

/// Why a link no longer opens anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkRefusal {
    /// Its time is over.
    #[error("this invitation has expired")]
    Expired,
    /// The inviter withdrew it.
    #[error("this invitation was withdrawn")]
    Revoked,
    /// The invitee declined it.
    #[error("this invitation was declined")]
    Rejected,
    /// A newer link was sent.
    #[error("this link was replaced by a newer one")]
    Superseded,
    /// It was taken.
    #[error("this invitation was already accepted")]
    AlreadyAccepted,
}

impl LinkRefusal {
    /// The refusal in one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Rejected => "rejected",
            Self::Superseded => "superseded",
            Self::AlreadyAccepted => "accepted",
        }
    }
}

/// Why an invitation was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// The link does not open it.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// The signed-in person's verified address is not the one invited.
    #[error("this invitation was sent to another email address")]
    WrongRecipient,
    /// A firm is invited, and no firm was named.
    #[error("this invitation is for a firm")]
    FirmNeeded,
    /// A client is asked, and no company was named.
    #[error("is required: name the company that the firm may enter, or register a new one")]
    CompanyNeeded,
}

/// How an invitation receives whoever it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    /// It can be taken.
    Open,
    /// They have taken it before.
    TakenByThem,
}

/// What accepting came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Acceptance {
    /// The offer was taken now; both facts belong to the same change.
    Accepted(Box<Invitation>, Fact),
    /// The same person had taken it before; nothing changes.
    AlreadyAccepted,
}

impl Invitation {
    /// The inviter's right that must still hold when the invitation is accepted.
    #[must_use]
    pub fn inviter_access(&self) -> Access {
        Access::new(self.invited_by.clone(), self.seat.clone(), self.offer.needs()).and_all(&self.offer.given())
    }

    /// Where it stands at `now`.
    #[must_use]
    pub fn state(&self, now: UtcTime) -> InvitationState {
        match self.status {
            InvitationStatus::Pending if now >= self.expires_at => InvitationState::Expired,
            InvitationStatus::Pending => InvitationState::Pending,
            InvitationStatus::Accepted => InvitationState::Accepted,
            InvitationStatus::Rejected => InvitationState::Rejected,
            InvitationStatus::Revoked => InvitationState::Revoked,
        }
    }

    /// Whether it is for whoever this verified address belongs to.
    ///
    /// # Errors
    /// [`AcceptError::WrongRecipient`].
    pub fn addressed_to(&self, email: &Email) -> Result<(), AcceptError> {
        if *email == self.email { Ok(()) } else { Err(AcceptError::WrongRecipient) }
    }

    /// Whether a link of this generation opens the invitation at `now`.
    ///
    /// # Errors
    /// [`LinkRefusal`], the generation judged first: a replaced link tells nothing of what became
    /// of the newer one.
    pub fn open(&self, generation: u32, now: UtcTime) -> Result<(), LinkRefusal> {
        if generation != self.generation {
            return Err(LinkRefusal::Superseded);
        }
        match self.status {
            InvitationStatus::Accepted => Err(LinkRefusal::AlreadyAccepted),
            InvitationStatus::Rejected => Err(LinkRefusal::Rejected),
            InvitationStatus::Revoked => Err(LinkRefusal::Revoked),
            InvitationStatus::Pending if now >= self.expires_at => Err(LinkRefusal::Expired),
            InvitationStatus::Pending => Ok(()),
        }
    }

    /// What accepting would come to, for the person whose verified address is `email`, before
    /// anything is known of the place they would get.
    ///
    /// # Errors
    /// [`AcceptError`]. The address is judged before the state, so that a link in the wrong hands
    /// shows nothing.
    pub fn receive(
        &self,
        generation: u32,
        user: &UserId,
        email: &Email,
        now: UtcTime,
    ) -> Result<Reception, AcceptError> {
        self.addressed_to(email)?;
        match self.open(generation, now) {
            Ok(()) => Ok(Reception::Open),
            Err(LinkRefusal::AlreadyAccepted) if self.accepted_by.as_ref() == Some(user) => Ok(Reception::TakenByThem),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// Takes the offer, as the person whose verified address is `email`: for themselves, or for the
    /// `side` they act for, an invited firm or the company that is asked.
    ///
    /// # Errors
    /// [`AcceptError`], as for [`Invitation::receive`].
    pub fn accept(
        &self,
        generation: u32,
        user: &UserId,
        email: &Email,
        side: Option<&Org>,
        now: UtcTime,
    ) -> Result<Acceptance, AcceptError> {
        match self.receive(generation, user, email, now)? {
            Reception::TakenByThem => return Ok(Acceptance::AlreadyAccepted),
            Reception::Open => {}
        }
        let (accepted_firm, accepted_company) = match &self.offer {
            Offer::Firm { .. } => (Some(side.and_then(Org::firm).ok_or(AcceptError::FirmNeeded)?.clone()), None),
            Offer::Client { .. } => {
                (None, Some(side.and_then(Org::company).ok_or(AcceptError::CompanyNeeded)?.clone()))
            }
            Offer::Member { .. } | Offer::Staff { .. } => (None, None),
        };
        let mut taken = self.clone();
        taken.status = InvitationStatus::Accepted;
        taken.accepted_by = Some(user.clone());
        taken.accepted_firm.clone_from(&accepted_firm);
        taken.accepted_company = accepted_company;
        taken.version += 1;
        let fact = taken.fact(EventType::InvitationAccepted);
        let fact = match &accepted_firm {
            Some(firm) => fact.seen_by(firm),
            None => fact,
        };
        Ok(Acceptance::Accepted(Box::new(taken), fact))
    }

    /// Declines the offer.
    ///
    /// # Errors
    /// [`AcceptError`] as for [`Invitation::accept`].
    pub fn reject(
        &self,
        generation: u32,
        email: &Email,
        reason: Option<&Note>,
        now: UtcTime,
    ) -> Result<(Self, Fact), AcceptError> {
        self.addressed_to(email)?;
        self.open(generation, now)?;
        let mut declined = self.clone();
        declined.status = InvitationStatus::Rejected;
        declined.version += 1;
        let mut fact = declined.fact(EventType::InvitationRejected);
        if let (Some(reason), Some(data)) = (reason, fact.data.as_object_mut()) {
            data.insert("reason".to_owned(), reason.as_str().into());
        }
        Ok((declined, fact))
    }

    /// Withdraws a pending invitation.
    ///
    /// # Errors
    /// The status it has instead.
    pub fn revoke(&self) -> Result<(Self, Fact), InvitationStatus> {
        if self.status != InvitationStatus::Pending {
            return Err(self.status);
        }
        let mut revoked = self.clone();
        revoked.status = InvitationStatus::Revoked;
        revoked.version += 1;
        let fact = revoked.fact(EventType::InvitationRevoked);
        Ok((revoked, fact))
    }

    /// Sends a pending or expired invitation again, to the same or a corrected address: a new
    /// generation, open for as long as the first was, and every older link dead at once.
    ///
    /// # Errors
    /// The status it has instead of pending.
    pub fn resend(&self, email: Option<Email>, now: UtcTime) -> Result<(Self, Fact), InvitationStatus> {
        if self.status != InvitationStatus::Pending {
            return Err(self.status);
        }
        let mut resent = self.clone();
        let open_for_s = self.expires_at.unix_s() - self.created_at.unix_s();
        resent.email = email.unwrap_or_else(|| self.email.clone());
        resent.generation += 1;
        resent.created_at = now;
        resent.expires_at = now.plus_s(open_for_s);
        resent.version += 1;
        let fact = resent.fact(EventType::InvitationResent);
        Ok((resent, fact))
    }

    fn fact(&self, kind: EventType) -> Fact {
        let data = json!({
            "offer": self.offer.kind(),
            "role": self.offer.role(),
            "grants": self.offer.grants(),
            "generation": self.generation,
            "expires_at": self.expires_at,
            "org_name": self.org_name,
            "firm": self.accepted_firm,
            "company": self.accepted_company,
        });
        Fact::new(kind, self.offer.org(), ("invitation", self.id.as_str()), data)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const NOW: UtcTime = UtcTime::EPOCH;

    fn command() -> Invite {
        let company = CompanyId::from_uuid(Uuid::from_u128(1));
        Invite {
            id: InvitationId::from_uuid(Uuid::from_u128(9)),
            offer: Offer::Firm { company: company.clone(), grants: MemberRole::Accountant.preset() },
            org_name: "Loja Azul".parse().unwrap(),
            email: "office@firm.example".parse().unwrap(),
            name: None,
            message: None,
            locale: None,
            expires_in_days: DEFAULT_EXPIRY_DAYS,
            invited_by: "owner".parse().unwrap(),
            invited_by_name: "Olga".parse().unwrap(),
            seat: Seat::Member { company },
        }
    }

    fn invitation() -> Invitation {
        invite(command(), NOW).unwrap().0
    }

    fn admin() -> UserId {
        "admin".parse().unwrap()
    }

    fn firm() -> FirmId {
        FirmId::from_uuid(Uuid::from_u128(2))
    }

    fn accept(invitation: &Invitation, generation: u32, at: UtcTime) -> Result<Acceptance, AcceptError> {
        invitation.accept(generation, &admin(), &invitation.email, Some(&Org::Firm(firm())), at)
    }

    #[test]
    fn accept_refuses_an_expired_invitation_at_its_very_instant() {
        let invitation = invitation();
        assert_eq!(accept(&invitation, 1, invitation.expires_at), Err(LinkRefusal::Expired.into()));
        assert!(accept(&invitation, 1, invitation.expires_at.plus_s(-1)).is_ok());
    }

    #[test]
    fn accept_refuses_another_persons_address_whatever_the_state() {
        let invitation = invitation();
        let other: Email = "eve@elsewhere.example".parse().unwrap();
        for generation in [0, 1, 2] {
            assert_eq!(
                invitation.accept(generation, &admin(), &other, Some(&Org::Firm(firm())), NOW),
                Err(AcceptError::WrongRecipient)
            );
        }
    }

    #[test]
    fn a_resend_kills_the_old_link_and_opens_a_new_one() {
        let (resent, _) = invitation().resend(None, NOW.plus_s(DAY_S)).unwrap();
        assert_eq!(accept(&resent, 1, NOW), Err(LinkRefusal::Superseded.into()));
        assert!(accept(&resent, 2, NOW.plus_s(DAY_S)).is_ok());
        assert_eq!(resent.expires_at, NOW.plus_s(8 * DAY_S));
    }

    #[test]
    fn a_second_accept_by_the_same_person_changes_nothing_and_by_another_is_refused() {
        let Acceptance::Accepted(taken, _) = accept(&invitation(), 1, NOW).unwrap() else { panic!() };
        assert_eq!(accept(&taken, 1, NOW), Ok(Acceptance::AlreadyAccepted));
        let other: UserId = "someone-else".parse().unwrap();
        assert_eq!(
            taken.accept(1, &other, &taken.email, Some(&Org::Firm(firm())), NOW),
            Err(LinkRefusal::AlreadyAccepted.into())
        );
    }

    #[test]
    fn a_firms_invitation_needs_a_firm() {
        let invitation = invitation();
        let refused = invitation.accept(1, &admin(), &invitation.email, None, NOW);
        assert_eq!(refused, Err(AcceptError::FirmNeeded));
    }

    #[test]
    fn the_inviters_right_covers_everything_offered() {
        let access = invitation().inviter_access();
        let requirements = access.requirements();
        for permission in MemberRole::Accountant.preset().iter() {
            assert!(requirements[0].grants.contains(&permission), "{permission}");
        }
        assert!(requirements[0].grants.contains(&Permission::ConnectionsManage));
    }

    fn asking(grants: Grants) -> Invitation {
        let offer = Offer::Client { firm: firm(), grants, client: None };
        invite(Invite { offer, seat: Seat::Staff { firm: firm() }, ..command() }, NOW).unwrap().0
    }

    #[test]
    fn a_firm_that_asks_a_client_gives_nothing_of_its_own() {
        let access = asking(MemberRole::Accountant.preset()).inviter_access();
        assert_eq!(access.requirements()[0].grants, [Permission::ClientsManage]);
    }

    #[test]
    fn a_client_is_asked_for_the_accountants_permissions_unless_others_are_listed() {
        let seat = Seat::Staff { firm: firm() };
        let asked = |permissions| offer(OfferKind::Client, None, permissions, &seat);
        assert_eq!(asked(None).unwrap().grants(), MemberRole::Accountant.preset());
        let listed: Grants = [Permission::InvoicesView].into_iter().collect();
        assert_eq!(asked(Some(listed.clone())).unwrap().grants(), listed);
        let alien = Grants::from_iter([Permission::StaffView]);
        assert_eq!(asked(Some(alien)), Err(GrantsError::NotForCompanies(Permission::StaffView).into()));
        let role = Some(OfferedRole::Client);
        assert_eq!(offer(OfferKind::Client, role, None, &seat), Err(OfferError::RoleUnfit));
    }

    #[test]
    fn a_client_answers_for_a_company_that_is_named() {
        let asking = asking(MemberRole::Accountant.preset());
        let taken = |side: Option<&Org>| asking.accept(1, &admin(), &asking.email, side, NOW);
        assert_eq!(taken(None), Err(AcceptError::CompanyNeeded));
        assert_eq!(taken(Some(&Org::Firm(firm()))), Err(AcceptError::CompanyNeeded));
        let company = CompanyId::from_uuid(Uuid::from_u128(1));
        let Ok(Acceptance::Accepted(taken, fact)) = taken(Some(&Org::Company(company.clone()))) else { panic!() };
        assert_eq!((&taken.accepted_company, &taken.accepted_firm), (&Some(company.clone()), &None));
        assert_eq!((fact.org, fact.data["company"].as_str()), (Org::Firm(firm()), Some(company.as_str())));
    }

    #[test]
    fn an_offer_of_another_tenant_is_refused() {
        let elsewhere = Invite { seat: Seat::Staff { firm: firm() }, ..command() };
        assert_eq!(invite(elsewhere, NOW).unwrap_err(), InviteError::WrongContext);
    }

    #[test]
    fn an_offer_open_for_no_time_or_too_long_is_refused() {
        for expires_in_days in [0, 31, 255] {
            let odd = Invite { expires_in_days, ..command() };
            assert_eq!(invite(odd, NOW).unwrap_err(), InviteError::Expiry);
        }
    }

    fn in_company() -> Seat {
        command().seat
    }

    #[test]
    fn a_firm_is_offered_the_accountants_permissions_unless_others_are_listed() {
        let offered = |permissions| offer(OfferKind::Firm, None, permissions, &in_company()).unwrap().grants();
        assert_eq!(offered(None), MemberRole::Accountant.preset());
        let listed: Grants = [Permission::InvoicesView].into_iter().collect();
        assert_eq!(offered(Some(listed.clone())), listed);
        let role = Some(OfferedRole::Accountant);
        assert_eq!(offer(OfferKind::Firm, role, None, &in_company()), Err(OfferError::RoleUnfit));
    }

    #[test]
    fn a_members_role_and_permissions_complete_each_other() {
        let listed = || Some(Grants::from_iter([Permission::InvoicesView]));
        let terms = |role, permissions| match offer(OfferKind::Member, role, permissions, &in_company()) {
            Ok(Offer::Member { role, grants, .. }) => Ok((role, grants)),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error),
        };
        let client = MemberRole::Client;
        assert_eq!(terms(Some(OfferedRole::Client), None), Ok((client, client.preset())));
        assert_eq!(terms(Some(OfferedRole::Client), listed()), Ok((client, listed().unwrap())));
        assert_eq!(terms(None, listed()), Ok((MemberRole::Custom, listed().unwrap())));
        assert_eq!(terms(None, None), Err(OfferError::RoleMissing));
        assert_eq!(terms(Some(OfferedRole::Custom), None), Err(OfferError::PermissionsMissing));
        assert_eq!(terms(Some(OfferedRole::Bookkeeper), None), Err(OfferError::RoleUnfit));
        assert_eq!(terms(Some(OfferedRole::Owner), listed()), Err(OfferError::OwnerHoldsAll));
        assert_eq!(terms(None, Some(Grants::default())), Err(GrantsError::NoPermissions.into()));
        let alien = Grants::from_iter([Permission::StaffView]);
        assert_eq!(terms(None, Some(alien)), Err(GrantsError::NotForCompanies(Permission::StaffView).into()));
    }

    #[test]
    fn staff_are_offered_a_role_of_staff_and_nothing_else() {
        let seat = Seat::Staff { firm: firm() };
        let staff = |role, permissions| offer(OfferKind::Staff, role, permissions, &seat);
        assert_eq!(staff(Some(OfferedRole::Admin), None).unwrap().role(), Some("admin"));
        assert_eq!(staff(None, None), Err(OfferError::RoleMissing));
        assert_eq!(staff(Some(OfferedRole::Owner), None), Err(OfferError::RoleUnfit));
        let listed = Some(Grants::from_iter([Permission::ClientsView]));
        assert_eq!(staff(Some(OfferedRole::Admin), listed), Err(OfferError::PermissionsUnfit));
    }

    #[test]
    fn a_company_offers_no_staff_and_a_firm_no_membership() {
        let role = Some(OfferedRole::Admin);
        assert_eq!(offer(OfferKind::Staff, role, None, &in_company()), Err(OfferError::WrongContext));
        assert_eq!(offer(OfferKind::Client, None, None, &in_company()), Err(OfferError::WrongContext));
        for kind in [OfferKind::Member, OfferKind::Firm] {
            let refused = offer(kind, role, None, &Seat::Staff { firm: firm() });
            assert_eq!(refused, Err(OfferError::WrongContext), "{kind:?}");
        }
    }

    #[test]
    fn an_offered_role_is_written_as_the_role_it_stands_for() {
        use OfferedRole as O;
        for role in [O::Owner, O::Admin, O::Accountant, O::Client, O::ReadOnly, O::Custom, O::Bookkeeper] {
            let written = serde_json::to_value(role).unwrap();
            for name in [role.of_member().map(MemberRole::as_str), role.of_staff().map(StaffRole::as_str)] {
                assert!(name.is_none_or(|name| written == name), "{role:?}");
            }
        }
    }

    #[test]
    fn an_invitation_is_shown_as_expired_from_its_instant_on() {
        let invitation = invitation();
        assert_eq!(invitation.state(invitation.expires_at.plus_s(-1)), InvitationState::Pending);
        assert_eq!(invitation.state(invitation.expires_at), InvitationState::Expired);
        let (revoked, _) = invitation.revoke().unwrap();
        assert_eq!(revoked.state(invitation.expires_at), InvitationState::Revoked);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Accept { generation: u32, after_s: i64 },
        Reject { generation: u32, after_s: i64 },
        Revoke,
        Resend { after_s: i64 },
    }

    fn step() -> impl Strategy<Value = Step> {
        let moment = -10_i64..30 * DAY_S;
        prop_oneof![
            (0_u32..5, moment.clone()).prop_map(|(generation, after_s)| Step::Accept { generation, after_s }),
            (0_u32..5, moment.clone()).prop_map(|(generation, after_s)| Step::Reject { generation, after_s }),
            Just(Step::Revoke),
            moment.prop_map(|after_s| Step::Resend { after_s }),
        ]
    }

    proptest! {
        #[test]
        fn an_invitation_is_taken_at_most_once_and_never_after_it_ended(
            steps in prop::collection::vec(step(), 1..12)
        ) {
            let mut current = invitation();
            let mut taken = 0;
            for step in steps {
                let before = current.clone();
                match step {
                    Step::Accept { generation, after_s } => {
                        if let Ok(Acceptance::Accepted(next, _)) = accept(&current, generation, NOW.plus_s(after_s)) {
                            taken += 1;
                            prop_assert_eq!(generation, before.generation);
                            prop_assert!(NOW.plus_s(after_s) < before.expires_at);
                            current = *next;
                        }
                    }
                    Step::Reject { generation, after_s } => {
                        if let Ok((next, _)) = current.reject(generation, &before.email, None, NOW.plus_s(after_s)) {
                            current = next;
                        }
                    }
                    Step::Revoke => if let Ok((next, _)) = current.revoke() { current = next; },
                    Step::Resend { after_s } => if let Ok((next, _)) = current.resend(None, NOW.plus_s(after_s)) {
                        current = next;
                    },
                }
                if before.status != InvitationStatus::Pending {
                    prop_assert_eq!(&current, &before, "what ended stays as it ended");
                }
            }
            prop_assert!(taken <= 1);
        }
    }
}
