//! Events: the immutable record of one change, read by the audit trail, notifications and the
//! vendor's own rules alike.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    access::ActingAs,
    id::{EventId, FirmId, Org, SessionId, UserId},
    text::{Name, Note},
    time::UtcTime,
};

macro_rules! event_types {
    ($($variant:ident = $text:literal,)*) => {
        /// What happened, as `subject.verb`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        pub enum EventType {
            $(#[doc = concat!("`", $text, "`")] #[serde(rename = $text)] #[schema(rename = $text)] $variant,)*
        }

        impl EventType {
            /// Every type there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The type as it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

event_types! {
    CompanyRegistered = "company.registered",
    FirmRegistered = "firm.registered",
    ContextEntered = "context.entered",
    ContextLeft = "context.left",
    InvitationCreated = "invitation.created",
    InvitationResent = "invitation.resent",
    InvitationRevoked = "invitation.revoked",
    InvitationAccepted = "invitation.accepted",
    InvitationRejected = "invitation.rejected",
    InvitationDelivered = "invitation.delivered",
    InvitationBounced = "invitation.bounced",
    InvitationComplained = "invitation.complained",
    InvitationReminded = "invitation.reminded",
    MemberAdded = "member.added",
    MemberChanged = "member.changed",
    MemberRemoved = "member.removed",
    StaffAdded = "staff.added",
    StaffChanged = "staff.changed",
    StaffRemoved = "staff.removed",
    ConnectionStarted = "connection.started",
    ConnectionEnded = "connection.ended",
    AssignmentChanged = "assignment.changed",
    AssignmentRemoved = "assignment.removed",
    ConnectionChanged = "connection.changed",
    AccessRequested = "access.requested",
    AccessGranted = "access.granted",
    AccessRefused = "access.refused",
    AccessWithdrawn = "access.withdrawn",
    ApprovalRequested = "approval.requested",
    ApprovalWaived = "approval.waived",
    ApprovalDecided = "approval.decided",
    ApprovalPolicyChanged = "approval_policy.changed",
    InvoiceRecorded = "invoice.recorded",
    EstimateRecorded = "estimate.recorded",
    EstimateDecided = "estimate.decided",
    CommentAdded = "comment.added",
    PaymentStarted = "payment.started",
    PaymentSucceeded = "payment.succeeded",
    PaymentFailed = "payment.failed",
    BankAccountRecorded = "bank_account.recorded",
    ThresholdSet = "threshold.set",
    BalanceBelowThreshold = "balance.below_threshold",
    ClientAdded = "client.added",
    ClientChanged = "client.changed",
    ClientRemoved = "client.removed",
    RegistrationLinkCreated = "registration_link.created",
    RegistrationLinkRevoked = "registration_link.revoked",
    SignupCodeCreated = "signup_code.created",
    SignupCodeRevoked = "signup_code.revoked",
    ReferralAgreementSet = "referral_agreement.set",
    ReferralRegistered = "referral.registered",
    ReferralChanged = "referral.changed",
    BonusEarned = "bonus.earned",
    BonusReversed = "bonus.reversed",
    BonusPaid = "bonus.paid",
    BillingChanged = "billing.changed",
    BillingOffered = "billing.offered",
    BillingOfferWithdrawn = "billing.offer_withdrawn",
    ExportRequested = "export.requested",
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an event is about: a kind of thing and its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Subject {
    /// The kind of thing, in the singular: `invitation`, `member`, `approval` …
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// Who did it, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    /// The person; absent when a machine or a schedule acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    /// The person's name when they acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The seat: `member`, `firm_admin`, `bookkeeper`, `staff`; `self` for a person outside any seat;
    /// `machine` and `schedule` for what no person did.
    pub via: String,
    /// The firm acted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firm: Option<FirmId>,
    /// The context session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The reason given when the context was entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Note>,
    /// The OAuth client id of a machine, or the name of a schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
}

impl Actor {
    /// A person acting for themselves, outside any context: registering, accepting, declining.
    #[must_use]
    pub fn person(user: UserId, name: Option<Name>) -> Self {
        Self { user: Some(user), name, via: "self".to_owned(), ..Self::nobody() }
    }

    /// A person in a context.
    #[must_use]
    pub fn in_context(
        user: &UserId,
        name: &Name,
        acting_as: &ActingAs,
        session: &SessionId,
        reason: Option<&Note>,
    ) -> Self {
        Self {
            user: Some(user.clone()),
            name: Some(name.clone()),
            via: acting_as.via().to_owned(),
            firm: acting_as.firm().cloned(),
            session: Some(session.clone()),
            reason: reason.cloned(),
            machine: None,
        }
    }

    /// The vendor's ledger or another machine client.
    #[must_use]
    pub fn machine(client: &str) -> Self {
        Self { via: "machine".to_owned(), machine: Some(client.to_owned()), ..Self::nobody() }
    }

    /// A schedule of the stack's own.
    #[must_use]
    pub fn schedule(name: &str) -> Self {
        Self { via: "schedule".to_owned(), machine: Some(name.to_owned()), ..Self::nobody() }
    }

    fn nobody() -> Self {
        Self { user: None, name: None, via: String::new(), firm: None, session: None, reason: None, machine: None }
    }
}

/// What a decision says happened, before it is known who asked and when.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// What happened.
    pub kind: EventType,
    /// In which tenant.
    pub org: Org,
    /// A firm that should see the event too, though it happened in a company.
    pub firm: Option<FirmId>,
    /// To what.
    pub subject: Subject,
    /// What changed: a JSON object, its fields fixed per type (see `docs/events.md`). Never a
    /// secret; never an email address or a message.
    pub data: Value,
}

impl NewEvent {
    /// States a fact.
    #[must_use]
    pub fn new(kind: EventType, org: Org, subject: (&str, &str), data: Value) -> Self {
        let subject = Subject { kind: subject.0.to_owned(), id: subject.1.to_owned() };
        Self { kind, org, firm: None, subject, data }
    }

    /// The same fact, shown to this firm too.
    #[must_use]
    pub fn seen_by(mut self, firm: &FirmId) -> Self {
        self.firm = Some(firm.clone());
        self
    }
}

/// The record of one change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Sorts by time.
    pub id: EventId,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// When it was decided, UTC.
    pub at: UtcTime,
    /// In which tenant.
    pub org: Org,
    /// To what.
    pub subject: Subject,
    /// Who did it.
    pub actor: Actor,
    /// What changed.
    #[schema(value_type = Object)]
    pub data: Value,
    /// The request that did it, as the gateway or the runtime names it.
    pub request_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_lists_types_as_they_are_written() {
        let schema = serde_json::to_value(<EventType as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!(schema["enum"], serde_json::to_value(EventType::ALL).unwrap());
    }
}
