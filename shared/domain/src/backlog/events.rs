//! The events that are about a backlog.

use crate::event::EventType;

/// The events after which a client's backlog may be another one. All happen in a company.
pub const EVENTS: [EventType; 17] = [
    EventType::ConnectionStarted,
    EventType::ConnectionChanged,
    EventType::ConnectionEnded,
    EventType::CompanyUpdated,
    EventType::ApprovalRequested,
    EventType::ApprovalDecided,
    EventType::ApprovalWithdrawn,
    EventType::DocumentRequestMade,
    EventType::DocumentRequestChanged,
    EventType::DocumentRequestFulfilled,
    EventType::DocumentRequestAccepted,
    EventType::DocumentRequestSentBack,
    EventType::DocumentRequestWithdrawn,
    EventType::BankAccountRecorded,
    EventType::ThresholdSet,
    EventType::ReportRecorded,
    EventType::AccountsPublished,
];
