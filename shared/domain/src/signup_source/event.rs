//! The creator of a registration link or signup code, and the payload of its events.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BillingOwner, SignupLimits, SignupTerms};
use crate::{id::UserId, permission::Grants, text::Name, time::UtcTime};

/// Who made a registration link or signup code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creator {
    /// The person.
    pub user: UserId,
    /// Their name when they made it.
    pub name: Name,
}

/// Payload of the `registration_link.*` and `signup_code.*` events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignupSourcePayload {
    /// The firm's label.
    #[schema(required = true)]
    pub label: Option<Name>,
    /// The most that the firm will be able to do.
    #[serde(deserialize_with = "Grants::known")]
    pub grants: Grants,
    /// Who will pay for the subscription.
    pub billing_owner: BillingOwner,
    /// When it closes by itself; `null` for never.
    #[schema(required = true)]
    pub expires_at: Option<UtcTime>,
    /// How many may register through it; `null` for any number.
    #[schema(required = true)]
    pub max_uses: Option<u32>,
    /// How many have registered through it.
    pub uses: u32,
}

impl SignupSourcePayload {
    pub(super) fn of(label: Option<&Name>, terms: &SignupTerms, limits: &SignupLimits) -> Self {
        Self {
            label: label.cloned(),
            grants: terms.grants.clone(),
            billing_owner: terms.payer,
            expires_at: limits.expires_at,
            max_uses: limits.max_uses,
            uses: limits.uses,
        }
    }
}
