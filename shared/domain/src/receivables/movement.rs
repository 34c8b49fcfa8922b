//! The movements of a customer's account: one for each cause of a change, never changed afterwards.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::CompanyId,
    money::Currency,
    text::{Name, Reference},
    time::{Day, UtcTime},
};

/// Why an account changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// An invoice was issued.
    Invoice,
    /// The total of a sent invoice was changed, or the invoice was withdrawn.
    InvoiceCorrection,
    /// A credit note was issued.
    CreditNote,
    /// The total of a sent credit note was changed, or the credit note was withdrawn.
    CreditNoteCorrection,
    /// The payment provider received money.
    Payment,
    /// Money of a payment went back: it was refunded or is disputed.
    Refund,
    /// Money of a payment that had gone back is there again: a refund failed, or a dispute was won.
    Returned,
    /// The ledger received money otherwise, or corrected how much.
    SettledElsewhere,
    /// Of a credit note, what was in the customer's favour was paid out to them.
    PaidOut,
}

impl MovementKind {
    /// The kind as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::InvoiceCorrection => "invoice_correction",
            Self::CreditNote => "credit_note",
            Self::CreditNoteCorrection => "credit_note_correction",
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Returned => "returned",
            Self::SettledElsewhere => "settled_elsewhere",
            Self::PaidOut => "paid_out",
        }
    }
}

/// One movement of a customer's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// The company.
    pub company: CompanyId,
    /// The customer.
    pub customer: Reference,
    /// The day for which it counts, in the company's time zone: of an invoice or credit note the day of issue, else the
    /// day on which it was recorded.
    pub day: Day,
    /// Why.
    pub kind: MovementKind,
    /// The invoice or credit note that changed.
    pub document: Reference,
    /// The number printed on it.
    pub number: Name,
    /// The currency.
    pub currency: Currency,
    /// How much more the customer owes, in minor units; less where it is negative.
    pub amount_minor: i64,
    /// When it was recorded.
    pub at: UtcTime,
    /// The version of the document that it led to.
    pub document_version: u64,
}

impl Movement {
    /// What names it among those of its customer and day: in the order of recording, and one for each cause of a
    /// change of a document.
    #[must_use]
    pub fn name(&self) -> String {
        let Self { at, document, document_version, kind, currency, .. } = self;
        format!("{at}.{}.{document}.{document_version}.{currency}", kind.as_str())
    }
}
