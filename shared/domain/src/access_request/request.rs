//! A request for access: what is asked for and for how long, and what is answered.

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

/// What looking after a tenant's requests takes of somebody in this seat who `holds` some permissions,
/// and the kinds of requests that they are then shown: those they could decide.
///
/// The permission is one that they hold; where they could decide nothing, the one they are told they
/// lack, and no kind.
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

/// Where a request stands. Whether it waited too long is judged by the clock, not by a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessRequestStatus {
    /// Nobody has answered.
    Asked,
    /// It was given, perhaps in part.
    Granted,
    /// It was not given.
    Refused,
    /// The person who asked took the request back.
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

/// Where a request stands at a moment, as people are shown it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccessRequestState {
    /// Open.
    Asked,
    /// Nobody answered in time.
    Expired,
    /// It was given, perhaps in part.
    Granted,
    /// It was not given.
    Refused,
    /// The person who asked took the request back.
    Withdrawn,
}

impl AccessRequestState {
    /// The status that requests in this state are kept under.
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
    /// What would be widened.
    pub kind: AccessRequestKind,
    /// Who asks.
    pub asked_by: UserId,
    /// Their name.
    pub asked_by_name: Name,
    /// In whose books.
    pub company: CompanyId,
    /// For which firm, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firm: Option<FirmId>,
    /// What is asked for.
    pub permissions: Grants,
    /// Why, in the asker's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
    /// For how long, in hours from the grant on.
    pub for_hours: u32,
    /// Where it stands.
    pub status: AccessRequestStatus,
    /// When it was made.
    pub asked_at: UtcTime,
    /// The instant from which it can no longer be answered.
    pub open_until: UtcTime,
    /// Who answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<UserId>,
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by_name: Option<Name>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<UtcTime>,
    /// Why not, in the decider's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Note>,
    /// What was given.
    #[serde(default, skip_serializing_if = "Grants::is_empty")]
    pub granted: Grants,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_until: Option<UtcTime>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// Why nothing can be asked for, or not so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessRequestError {
    /// Nothing is asked for.
    #[error("must name at least one permission")]
    NoPermissions,
    /// A permission of the other kind of tenant.
    #[error("permission {0} does not exist for a company")]
    NotForCompanies(Permission),
    /// The time is outside one hour to [`MAX_HOURS`].
    #[error("must be between 1 and {MAX_HOURS}")]
    Hours,
    /// All of it is held.
    #[error("all of this is granted already")]
    HeldAlready,
    /// A firm's staff ask about a client.
    #[error("is required: name the client")]
    CompanyMissing,
    /// Where one stands says which company is meant.
    #[error("cannot be named here: ask in the company itself")]
    CompanyUnfit,
    /// A bookkeeper's access is the firm's to widen.
    #[error("ask in your firm's own context, and name this company")]
    AskAtFirm,
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
        (ActingAs::Member { .. } | ActingAs::FirmAdmin { .. }, Some(_)) => Err(AccessRequestError::CompanyUnfit),
        (ActingAs::Member { company }, None) => Ok((AccessRequestKind::Member, company.clone())),
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
    /// From which seat.
    pub acting_as: ActingAs,
    /// What would be widened, and in whose books; see [`about`].
    pub target: (AccessRequestKind, CompanyId),
    /// Who asks.
    pub asked_by: UserId,
    /// Their name.
    pub asked_by_name: Name,
    /// What is asked for.
    pub permissions: Grants,
    /// Why.
    pub reason: Option<Note>,
    /// For how long.
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

/// Why a request was not answered so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessRequestDecisionError {
    /// It was answered, withdrawn, or waited too long.
    #[error("it is no longer open")]
    NotOpen(AccessRequestState),
    /// Nothing would be given.
    #[error("must name at least one permission; refuse the request instead")]
    NoPermissions,
    /// More would be given than was asked for.
    #[error("permission {0} was not asked for")]
    NotAskedFor(Permission),
    /// It would be given for longer than was asked for, or for no time.
    #[error("must be between 1 and the hours asked for")]
    Hours,
}

/// Who answers.
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

    /// Where it stands at `now`.
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

    /// Grants what was asked for, or less of it, or for less long. What is given, and until when, is
    /// in the answer; giving it is for [`super::grant_to_member`],
    /// [`super::grant_to_connection`] and [`super::grant_in_client`], in the same change.
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
        Ok((decided, TemporaryGrant { grants: granted, until }, event))
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

    /// Takes it back. Only the person who asked can.
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
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::samples::{company, firm};

    const NOW: UtcTime = UtcTime::EPOCH;

    fn grants(permissions: &[Permission]) -> Grants {
        permissions.iter().copied().collect()
    }

    fn command(permissions: &[Permission], for_hours: u32) -> AccessRequestDraft {
        let acting_as = ActingAs::Member { company: company(1) };
        AccessRequestDraft {
            id: AccessRequestId::from_uuid(Uuid::from_u128(3)),
            target: target(&acting_as, None).unwrap(),
            acting_as,
            asked_by: "mara".parse().unwrap(),
            asked_by_name: "Mara".parse().unwrap(),
            permissions: grants(permissions),
            reason: None,
            for_hours,
        }
    }

    fn request() -> AccessRequest {
        let held = grants(&[Permission::BankView]);
        create(command(&[Permission::VatView, Permission::BankView], 8), &held, NOW).unwrap().0
    }

    fn olga() -> (UserId, Name) {
        ("olga".parse().unwrap(), "Olga".parse().unwrap())
    }

    fn granted(
        request: &AccessRequest,
        permissions: Option<Grants>,
        for_hours: Option<u32>,
        now: UtcTime,
    ) -> Result<(AccessRequest, TemporaryGrant, NewEvent), AccessRequestDecisionError> {
        let (user, name) = olga();
        request.grant(Decider { user: &user, name: &name }, permissions, for_hours, now)
    }

    #[test]
    fn whoever_could_decide_a_kind_looks_after_it_and_no_other() {
        use Permission::{ConnectionsManage, StaffManage, TeamManage};
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let firm: FirmId = "fm_00000000000000000000000000000002".parse().unwrap();
        let inside = ActingAs::Member { company };
        let looked =
            |acting_as: &ActingAs, held: &[Permission]| to_manage(acting_as, |permission| held.contains(&permission));
        let (members, firms) = (AccessRequestKind::Member, AccessRequestKind::Connection);
        assert_eq!(looked(&inside, &[TeamManage, ConnectionsManage]), (TeamManage, vec![members, firms]));
        assert_eq!(looked(&inside, &[TeamManage]), (TeamManage, vec![members]));
        assert_eq!(looked(&inside, &[ConnectionsManage]), (ConnectionsManage, vec![firms]));
        assert_eq!(looked(&inside, &[]), (TeamManage, vec![]));
        let at_firm = ActingAs::Staff { firm };
        assert_eq!(looked(&at_firm, &[StaffManage]), (StaffManage, vec![AccessRequestKind::Assignment]));
        assert_eq!(looked(&at_firm, &[TeamManage]), (StaffManage, vec![]));
    }

    #[test]
    fn what_is_asked_for_is_something_new_for_a_bounded_time() {
        let held = grants(&[Permission::BankView]);
        let asked = |permissions: &[Permission], hours| create(command(permissions, hours), &held, NOW).map(|_| ());
        assert_eq!(asked(&[], 1), Err(AccessRequestError::NoPermissions));
        assert_eq!(asked(&[Permission::StaffView], 1), Err(AccessRequestError::NotForCompanies(Permission::StaffView)));
        assert_eq!(asked(&[Permission::VatView], 0), Err(AccessRequestError::Hours));
        assert_eq!(asked(&[Permission::VatView], MAX_HOURS + 1), Err(AccessRequestError::Hours));
        assert_eq!(asked(&[Permission::BankView], 1), Err(AccessRequestError::HeldAlready));
        assert_eq!(asked(&[Permission::VatView], MAX_HOURS), Ok(()));
    }

    #[test]
    fn a_seat_says_who_is_asked() {
        let (company, firm) = (company(1), firm(2));
        let admin = ActingAs::FirmAdmin { firm: firm.clone(), company: company.clone() };
        let staff = ActingAs::Staff { firm: firm.clone() };
        assert_eq!(target(&admin, None).unwrap().0, AccessRequestKind::Connection);
        assert_eq!(target(&staff, Some(company.clone())).unwrap(), (AccessRequestKind::Assignment, company.clone()));
        assert_eq!(target(&staff, None), Err(AccessRequestError::CompanyMissing));
        assert_eq!(target(&admin, Some(company.clone())), Err(AccessRequestError::CompanyUnfit));
        assert_eq!(target(&ActingAs::Bookkeeper { firm, company }, None), Err(AccessRequestError::AskAtFirm));
    }

    #[test]
    fn no_more_and_for_no_longer_is_granted_than_was_asked_for() {
        let request = request();
        let beyond = granted(&request, Some(grants(&[Permission::VatManage])), None, NOW);
        assert_eq!(beyond.unwrap_err(), AccessRequestDecisionError::NotAskedFor(Permission::VatManage));
        assert_eq!(
            granted(&request, Some(Grants::default()), None, NOW).unwrap_err(),
            AccessRequestDecisionError::NoPermissions
        );
        for hours in [0, 9] {
            assert_eq!(granted(&request, None, Some(hours), NOW).unwrap_err(), AccessRequestDecisionError::Hours);
        }
        let (given, temporary_grant, event) =
            granted(&request, Some(grants(&[Permission::VatView])), Some(2), NOW).unwrap();
        assert_eq!(
            temporary_grant,
            TemporaryGrant { grants: grants(&[Permission::VatView]), until: NOW.plus_s(2 * HOUR_S) }
        );
        assert_eq!((given.state(NOW), given.granted_until), (AccessRequestState::Granted, Some(temporary_grant.until)));
        assert_eq!(
            (&event.payload.data()["granted"], &given.asked_by),
            (&serde_json::json!(["vat.view"]), &"mara".parse().unwrap())
        );
    }

    #[test]
    fn a_request_is_answered_once_and_in_time() {
        let (user, name) = olga();
        let olga = Decider { user: &user, name: &name };
        let (refused, _) = request().refuse(olga, None, NOW).unwrap();
        let closed = Err(AccessRequestDecisionError::NotOpen(AccessRequestState::Refused));
        assert_eq!(granted(&refused, None, None, NOW).map(|_| ()), closed);
        assert_eq!(refused.withdraw(NOW).map(|_| ()), closed);
        let (withdrawn, _) = request().withdraw(NOW).unwrap();
        let refusal = withdrawn.refuse(olga, None, NOW).map(|_| ());
        assert_eq!(refusal, Err(AccessRequestDecisionError::NotOpen(AccessRequestState::Withdrawn)));
        let waited = request();
        let late = granted(&waited, None, None, waited.open_until).map(|_| ());
        assert_eq!(late, Err(AccessRequestDecisionError::NotOpen(AccessRequestState::Expired)));
        assert!(granted(&waited, None, None, waited.open_until.plus_s(-1)).is_ok());
    }
}
