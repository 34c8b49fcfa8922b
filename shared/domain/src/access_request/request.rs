//! A request for access: the permissions, for how long, and the decision.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AccessRequestKind, AccessRequestPayload, TemporaryGrant};
use crate::{
    access::{AccessRequirement, ActingAs},
    event::{EventData, NewEvent, kinds},
    id::{AccessRequestId, CompanyId, FirmId, Org, UserId},
    permission::{Grants, Permission},
    temporary_grants::{MAX_DAYS, Validity},
    text::{Name, Note},
    time::UtcTime,
};

/// How long a request waits for its answer, in days.
pub const OPEN_DAYS: i64 = 14;
/// The longest time that can be asked for, in hours.
pub const MAX_HOURS: u32 = 8784;
const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;

const _: () = assert!(MAX_HOURS as i64 == MAX_DAYS * 24, "what is lent may last as long as any temporary access");

/// The access that a person in this seat, who `holds` these permissions, needs to list a tenant's requests, and the
/// kinds of requests that the list shows: those that they may decide.
///
/// A person who may decide none gets no kind, and an access with a permission that they lack.
#[must_use]
pub fn to_manage(acting_as: &ActingAs, holds: impl Fn(Permission) -> bool) -> (Permission, Vec<AccessRequestKind>) {
    let (first, second) = match acting_as.org() {
        Org::Company(_) => (AccessRequestKind::Member, Some(AccessRequestKind::Connection)),
        Org::Firm(_) => (AccessRequestKind::Assignment, None),
    };
    let decided: Vec<AccessRequestKind> =
        [Some(first), second].into_iter().flatten().filter(|k| holds(k.needs())).collect();
    (decided.first().unwrap_or(&first).needs(), decided)
}

/// The status of a request. The clock decides whether it has expired, not the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessRequestStatus {
    /// Not decided.
    Asked,
    /// Granted, in full or in part.
    Granted,
    /// Refused.
    Refused,
    /// Withdrawn by the person who asked.
    Withdrawn,
}

impl AccessRequestStatus {
    /// The status as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// The state of a request at a moment, as people see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessRequestState {
    /// Open.
    Asked,
    /// Not decided in time.
    Expired,
    /// Granted, in full or in part.
    Granted,
    /// Refused.
    Refused,
    /// Withdrawn by the person who asked.
    Withdrawn,
}

impl AccessRequestState {
    /// The stored status of requests in this state.
    #[must_use]
    pub const fn kept_as(self) -> AccessRequestStatus {
        match self {
            Self::Asked | Self::Expired => AccessRequestStatus::Asked,
            Self::Granted => AccessRequestStatus::Granted,
            Self::Refused => AccessRequestStatus::Refused,
            Self::Withdrawn => AccessRequestStatus::Withdrawn,
        }
    }

    /// The state as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Expired => "expired",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A request for access, and the answer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRequest {
    /// Its id.
    pub id: AccessRequestId,
    /// The tenant whose people decide: the company, or the firm for an assignment.
    pub org: Org,
    /// The kind of grant that would be widened.
    pub kind: AccessRequestKind,
    /// Who asks.
    pub asked_by: UserId,
    /// Their name.
    pub asked_by_name: Name,
    /// The company.
    pub company: CompanyId,
    /// For which firm, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firm: Option<FirmId>,
    /// The requested permissions.
    pub permissions: Grants,
    /// The reason, in the words of the person who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
    /// For how long, in hours from the grant on.
    pub for_hours: u32,
    /// Its status.
    pub status: AccessRequestStatus,
    /// When it was made.
    pub asked_at: UtcTime,
    /// The instant from which it can no longer be answered.
    pub open_until: UtcTime,
    /// The person who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<UserId>,
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by_name: Option<Name>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<UtcTime>,
    /// The reason for refusing, in the decider's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Note>,
    /// The granted permissions.
    #[serde(default, skip_serializing_if = "Grants::is_empty")]
    pub granted: Grants,
    /// When they end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_until: Option<UtcTime>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// Why a request for access is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessRequestError {
    /// Nothing is asked for.
    #[error("must name at least one permission")]
    NoPermissions,
    /// The permission exists only in the other kind of tenant.
    #[error("permission {0} does not exist for a company")]
    NotForCompanies(Permission),
    /// The time is outside one hour to [`MAX_HOURS`].
    #[error("must be between 1 and {MAX_HOURS}")]
    Hours,
    /// The person holds all of it.
    #[error("all of this is granted already")]
    HeldAlready,
    /// A firm's staff ask about a client.
    #[error("is required: name the client")]
    CompanyMissing,
    /// The context already names the company.
    #[error("cannot be named here: ask in the company itself")]
    CompanyUnfit,
    /// Only the firm can widen a bookkeeper's access.
    #[error("ask in your firm's own context, and name this company")]
    AskAtFirm,
    /// A contact is none of the company's people.
    #[error("contacts ask the company itself")]
    NotForContacts,
}

/// Which grant a request from this seat would widen, and in which company. `client` is the company that a
/// firm's staff name.
///
/// # Errors
/// [`AccessRequestError`].
pub fn target(
    acting_as: &ActingAs,
    client: Option<CompanyId>,
) -> Result<(AccessRequestKind, CompanyId), AccessRequestError> {
    match (acting_as, client) {
        (ActingAs::Bookkeeper { .. }, _) => Err(AccessRequestError::AskAtFirm),
        (ActingAs::Contact { .. }, _) => Err(AccessRequestError::NotForContacts),
        (ActingAs::Member { .. } | ActingAs::BoundedMember { .. } | ActingAs::FirmAdmin { .. }, Some(_)) => {
            Err(AccessRequestError::CompanyUnfit)
        }
        (ActingAs::Member { company } | ActingAs::BoundedMember { company, .. }, None) => {
            Ok((AccessRequestKind::Member, company.clone()))
        }
        (ActingAs::FirmAdmin { company, .. }, None) => Ok((AccessRequestKind::Connection, company.clone())),
        (ActingAs::Staff { .. }, Some(client)) => Ok((AccessRequestKind::Assignment, client)),
        (ActingAs::Staff { .. }, None) => Err(AccessRequestError::CompanyMissing),
    }
}

/// A request, parsed and in scope.
#[derive(Debug, Clone)]
pub struct AccessRequestDraft {
    /// The new request's id.
    pub id: AccessRequestId,
    /// The seat from which the person asks.
    pub acting_as: ActingAs,
    /// What would be widened, and in which company; see [`about`].
    pub target: (AccessRequestKind, CompanyId),
    /// Who asks.
    pub asked_by: UserId,
    /// Their name.
    pub asked_by_name: Name,
    /// The requested permissions.
    pub permissions: Grants,
    /// The reason.
    pub reason: Option<Note>,
    /// For how many hours.
    pub for_hours: u32,
}

/// Asks for access beyond what is `held`.
///
/// # Errors
/// [`AccessRequestError`].
pub fn create(
    command: AccessRequestDraft,
    held: &Grants,
    now: UtcTime,
) -> Result<(AccessRequest, NewEvent), AccessRequestError> {
    if command.permissions.is_empty() {
        return Err(AccessRequestError::NoPermissions);
    }
    if let Some(alien) = command.permissions.iter().find(|permission| !permission.is_for_companies()) {
        return Err(AccessRequestError::NotForCompanies(alien));
    }
    if !(1..=MAX_HOURS).contains(&command.for_hours) {
        return Err(AccessRequestError::Hours);
    }
    if command.permissions.first_beyond(held).is_none() {
        return Err(AccessRequestError::HeldAlready);
    }
    let (kind, company) = command.target;
    let request = AccessRequest {
        id: command.id,
        org: command.acting_as.org(),
        kind,
        asked_by: command.asked_by,
        asked_by_name: command.asked_by_name,
        company,
        firm: command.acting_as.firm().cloned(),
        permissions: command.permissions,
        reason: command.reason,
        for_hours: command.for_hours,
        status: AccessRequestStatus::Asked,
        asked_at: now,
        open_until: now.plus_s(OPEN_DAYS * DAY_S),
        decided_by: None,
        decided_by_name: None,
        decided_at: None,
        refusal: None,
        granted: Grants::default(),
        granted_until: None,
        version: 1,
    };
    let event = request.event(kinds::AccessRequested::of);
    Ok((request, event))
}

/// Why a decision on a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessRequestDecisionError {
    /// The request was decided or withdrawn, or has expired.
    #[error("it is no longer open")]
    NotOpen(AccessRequestState),
    /// The grant names no permission.
    #[error("must name at least one permission; refuse the request instead")]
    NoPermissions,
    /// The grant exceeds the request.
    #[error("permission {0} was not asked for")]
    NotAskedFor(Permission),
    /// The grant is longer than the request, or has no length.
    #[error("must be between 1 and the hours asked for")]
    Hours,
}

/// The person who decides.
#[derive(Debug, Clone, Copy)]
pub struct Decider<'a> {
    /// The person.
    pub user: &'a UserId,
    /// Their name.
    pub name: &'a Name,
}

impl AccessRequest {
    /// The access that granting `temporary_grant` needs, beside the right to decide: the decider holds what they
    /// give, for as long. In a firm nobody holds a company's permissions; there the firm's connection is
    /// the bound.
    #[must_use]
    pub fn to_grant(&self, access: AccessRequirement, temporary_grant: &TemporaryGrant) -> AccessRequirement {
        match self.kind {
            AccessRequestKind::Assignment => access,
            AccessRequestKind::Member | AccessRequestKind::Connection => {
                access.giving(&temporary_grant.grants).validity(Validity::Until(temporary_grant.until))
            }
        }
    }

    /// Its state at `now`.
    #[must_use]
    pub fn state(&self, now: UtcTime) -> AccessRequestState {
        match self.status {
            AccessRequestStatus::Asked if now >= self.open_until => AccessRequestState::Expired,
            AccessRequestStatus::Asked => AccessRequestState::Asked,
            AccessRequestStatus::Granted => AccessRequestState::Granted,
            AccessRequestStatus::Refused => AccessRequestState::Refused,
            AccessRequestStatus::Withdrawn => AccessRequestState::Withdrawn,
        }
    }

    /// Whether it waits for a decision: the same person then asks for the same in vain.
    #[must_use]
    pub fn is_open(&self, now: UtcTime) -> bool {
        self.state(now) == AccessRequestState::Asked
    }

    fn open(&self, now: UtcTime) -> Result<(), AccessRequestDecisionError> {
        match self.state(now) {
            AccessRequestState::Asked => Ok(()),
            state => Err(AccessRequestDecisionError::NotOpen(state)),
        }
    }

    fn decided(&self, status: AccessRequestStatus, by: Decider<'_>, now: UtcTime) -> Self {
        Self {
            status,
            decided_by: Some(by.user.clone()),
            decided_by_name: Some(by.name.clone()),
            decided_at: Some(now),
            version: self.version + 1,
            ..self.clone()
        }
    }

    /// Grants the request, in full or in part, or for a shorter time. The result says what is granted and until
    /// when; [`super::grant_to_member`], [`super::grant_to_connection`] and [`super::grant_in_client`] apply it in
    /// the same change.
    ///
    /// # Errors
    /// [`AccessRequestDecisionError`].
    pub fn grant(
        &self,
        by: Decider<'_>,
        permissions: Option<Grants>,
        for_hours: Option<u32>,
        now: UtcTime,
    ) -> Result<(Self, TemporaryGrant, NewEvent), AccessRequestDecisionError> {
        self.open(now)?;
        let granted = permissions.unwrap_or_else(|| self.permissions.clone());
        if granted.is_empty() {
            return Err(AccessRequestDecisionError::NoPermissions);
        }
        if let Some(beyond) = granted.first_beyond(&self.permissions) {
            return Err(AccessRequestDecisionError::NotAskedFor(beyond));
        }
        let hours = for_hours.unwrap_or(self.for_hours);
        if !(1..=self.for_hours).contains(&hours) {
            return Err(AccessRequestDecisionError::Hours);
        }
        let until = now.plus_s(i64::from(hours) * HOUR_S);
        let decided = self.decided(AccessRequestStatus::Granted, by, now);
        let decided = Self { granted: granted.clone(), granted_until: Some(until), ..decided };
        let event = decided.event(kinds::AccessGranted::of);
        Ok((decided, TemporaryGrant { grants: granted, asked_at: self.asked_at, until }, event))
    }

    /// Refuses it.
    ///
    /// # Errors
    /// [`AccessRequestDecisionError::NotOpen`].
    pub fn refuse(
        &self,
        by: Decider<'_>,
        reason: Option<Note>,
        now: UtcTime,
    ) -> Result<(Self, NewEvent), AccessRequestDecisionError> {
        self.open(now)?;
        let decided = Self { refusal: reason, ..self.decided(AccessRequestStatus::Refused, by, now) };
        let event = decided.event(kinds::AccessRefused::of);
        Ok((decided, event))
    }

    /// Withdraws it. Only the person who asked can.
    ///
    /// # Errors
    /// [`AccessRequestDecisionError::NotOpen`].
    pub fn withdraw(&self, now: UtcTime) -> Result<(Self, NewEvent), AccessRequestDecisionError> {
        self.open(now)?;
        let withdrawn = Self { status: AccessRequestStatus::Withdrawn, version: self.version + 1, ..self.clone() };
        let event = withdrawn.event(kinds::AccessWithdrawn::of);
        Ok((withdrawn, event))
    }

    fn event(&self, kind: fn(AccessRequestPayload) -> EventData) -> NewEvent {
        let data = AccessRequestPayload {
            kind: self.kind,
            asked_by: self.asked_by.clone(),
            company: self.company.clone(),
            firm: self.firm.clone(),
            permissions: self.permissions.clone(),
            for_hours: self.for_hours,
            granted: self.granted.clone(),
            granted_until: self.granted_until,
        };
        let event = NewEvent::new(self.org.clone(), self.id.as_str(), kind(data));
        match (&self.org, &self.firm) {
            (Org::Company(_), Some(firm)) => event.seen_by(firm),
            (Org::Company(_), None) | (Org::Firm(_), _) => event,
        }
    }
}

#[cfg(test)]
mod tests;
