//! The content of a sales document: what the customer sees of it, whatever its kind.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    attachment::Attachment,
    line::{Adjustment, Line},
    totals::{Finding, TaxSubtotal, Totals, check},
};
use crate::{
    money::{Currency, Total},
    text::{Name, Note, Reference},
    time::{Day, UtcTime},
};

/// Which content of a document it is: 1 for the first that is sent, and one more for each that is sent after it. A
/// decision and a view count for one revision.
pub type Revision = u32;

/// Who keeps a document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentSource {
    /// The ledger, which alone changes it.
    #[default]
    Ledger,
    /// People of the company or its firm.
    Staff,
}

/// The content that all kinds of sales documents have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentContent {
    /// The number printed on it.
    pub number: Name,
    /// The customer.
    pub customer: Reference,
    /// The customer's name as it is printed.
    pub customer_name: Name,
    /// Its currency.
    pub currency: Currency,
    /// What is to be paid, in minor units.
    pub total_minor: Total,
    /// When it was issued.
    pub issued_on: Day,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Note>,
    /// The customer's own reference of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<Name>,
    /// Its terms, as they are printed.
    #[serde(default, rename = "terms", skip_serializing_if = "Option::is_none")]
    pub terms_text: Option<Note>,
    /// Documents of the company that belong to it, each in one version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// The lines. Empty where they are kept beside the document.
    #[serde(default)]
    pub lines: Vec<Line>,
    /// Allowances and charges on the whole document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// The tax by category and rate.
    pub taxes: Vec<TaxSubtotal>,
    /// The sums.
    pub totals: Totals,
}

/// Why a content is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// It does not add up.
    #[error(transparent)]
    Finding(#[from] Finding),
    /// It is in another currency than the customer's, and does not say that this is meant.
    #[error("the customer's currency is {0}: send `currency_differs: true` if another is meant")]
    Currency(Currency),
}

impl ContentError {
    /// The field that is refused.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::Finding(finding) => &finding.field,
            Self::Currency(_) => "currency",
        }
    }
}

impl DocumentContent {
    /// Checks that it adds up and is in the customer's currency, or says that it is not. `known` is the same document as
    /// it is stored: it keeps its currency, whatever has become of the customer's.
    ///
    /// # Errors
    /// [`ContentError`].
    pub fn check(&self, customers: Currency, currency_differs: bool, known: Option<&Self>) -> Result<(), ContentError> {
        check(self.currency, &self.lines, &self.adjustments, &self.taxes, &self.totals, self.total_minor)?;
        let keeps = known.is_some_and(|known| known.customer == self.customer && known.currency == self.currency);
        if customers != self.currency && !currency_differs && !keeps {
            return Err(ContentError::Currency(customers));
        }
        Ok(())
    }
}

/// That the customer saw a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewedRevision {
    /// Which.
    pub revision: Revision,
    /// When it was first seen.
    pub at: UtcTime,
}
