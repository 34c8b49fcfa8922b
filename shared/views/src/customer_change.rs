//! A change that a contact asked for, as the company's people, the ledger and the contact see it, and the decision
//! about it.

use api::{PageInfo, Problem};
use domain::{
    ContactId, Note, Reference, UserId, UtcTime,
    customer::{
        CustomerChange,
        change::{ChangeDecision, ChangeError, ChangeVerdict, CustomerChangeStatus, EditableDetails, EditableField},
    },
};
use serde::{Deserialize, Serialize};
use store::Page;
use utoipa::{IntoParams, ToSchema};

/// A change that a contact asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerChange)]
pub struct CustomerChangeView {
    customer: Reference,
    contact: ContactId,
    /// What is to change; nothing in a change that was withdrawn.
    changed: Vec<EditableField>,
    /// The details when the contact asked.
    before: EditableDetails,
    /// The details with what they asked for.
    after: EditableDetails,
    status: CustomerChangeStatus,
    /// Names what was seen, for the decision.
    revision: u64,
    requested_at: UtcTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<UtcTime>,
    /// Absent if the ledger decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<UserId>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Note>,
}

impl From<CustomerChange> for CustomerChangeView {
    fn from(change: CustomerChange) -> Self {
        let CustomerChange {
            company: _,
            customer,
            contact,
            changed,
            before,
            after,
            status,
            requested_at,
            decided_at,
            decided_by,
            reason,
            version,
        } = change;
        Self {
            customer,
            contact,
            changed,
            before,
            after,
            status,
            revision: version,
            requested_at,
            decided_at,
            decided_by,
            reason,
        }
    }
}

/// One change that a contact asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerChangeResponse {
    customer_change: CustomerChangeView,
}

impl From<CustomerChange> for CustomerChangeResponse {
    fn from(change: CustomerChange) -> Self {
        Self { customer_change: change.into() }
    }
}

/// A page of changes that contacts asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerChangePage {
    customer_changes: Vec<CustomerChangeView>,
    #[serde(flatten)]
    paged: PageInfo,
}

impl From<Page<CustomerChange>> for CustomerChangePage {
    fn from(page: Page<CustomerChange>) -> Self {
        let paged = PageInfo::from(&page);
        Self { customer_changes: page.items.into_iter().map(Into::into).collect(), paged }
    }
}

/// Which changes are listed.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichCustomerChanges {
    /// Default: `pending`.
    #[serde(default)]
    pub status: Option<CustomerChangeStatus>,
    /// The most entries, 1–100. Default: 25.
    #[serde(default)]
    pub limit: Option<u16>,
    /// `next_cursor` of the previous page.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// A decision about a change that a contact asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideCustomerChange {
    decision: ChangeVerdict,
    /// The `revision` that was shown. With another one the decision is refused.
    revision: u64,
    /// Why it is refused; the contact sees it.
    #[serde(default)]
    reason: Option<Note>,
}

impl DecideCustomerChange {
    /// The decision of this person, or of the ledger.
    #[must_use]
    pub fn by(self, person: Option<UserId>) -> ChangeDecision {
        ChangeDecision { revision: self.revision, verdict: self.decision, reason: self.reason, by: person }
    }

    /// The answer to a decision that is refused.
    #[must_use]
    pub fn refusal(error: ChangeError, change: CustomerChange) -> Problem {
        match error {
            ChangeError::NotPending => Problem::conflict(error, change.status.as_str()),
            ChangeError::Revised => Problem::conflict(error, "changed").current(&CustomerChangeResponse::from(change)),
        }
    }
}
