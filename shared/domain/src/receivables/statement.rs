//! Statements of account: what was owed before a period, what happened in it, and what is owed after it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::movement::{Movement, MovementKind};
use crate::{
    event::{NewEvent, kinds},
    id::{CompanyId, Org},
    money::Currency,
    text::Reference,
    time::Day,
};

/// A period, both days included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementPeriod {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
}

/// A movement with what is owed after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementEntry {
    /// The movement.
    pub movement: Movement,
    /// What is owed after it, in minor units.
    pub balance_minor: i64,
}

/// A statement of account in one currency. `opening_minor + documents_minor - received_minor = closing_minor`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The period.
    pub period: StatementPeriod,
    /// The currency.
    pub currency: Currency,
    /// What was owed when it began, in minor units.
    pub opening_minor: i64,
    /// Invoices less credit notes, with their corrections.
    pub documents_minor: i64,
    /// Payments and what was settled elsewhere, less refunds and what was paid out.
    pub received_minor: i64,
    /// What is owed when it ends.
    pub closing_minor: i64,
    /// The movements, by day and in the order of recording.
    pub entries: Vec<StatementEntry>,
}

/// Makes the statement of a period. `balance_minor` is what is owed in the currency now, and `since` has every movement
/// of the customer from the first day of the period on, also those after its last day; other currencies are left out.
#[must_use]
pub fn statement(
    period: StatementPeriod,
    currency: Currency,
    balance_minor: i64,
    since: impl IntoIterator<Item = Movement>,
) -> Statement {
    let mut since: Vec<Movement> =
        since.into_iter().filter(|movement| movement.currency == currency && movement.day >= period.from).collect();
    since.sort_by_cached_key(|movement| (movement.day, movement.name()));
    let opening_minor = balance_minor - since.iter().map(|movement| movement.amount_minor).sum::<i64>();
    let mut statement = Statement {
        period,
        currency,
        opening_minor,
        documents_minor: 0,
        received_minor: 0,
        closing_minor: opening_minor,
        entries: Vec::new(),
    };
    for movement in since.into_iter().filter(|movement| movement.day <= period.until) {
        statement.closing_minor += movement.amount_minor;
        match movement.kind {
            MovementKind::Invoice
            | MovementKind::InvoiceCorrection
            | MovementKind::CreditNote
            | MovementKind::CreditNoteCorrection => statement.documents_minor += movement.amount_minor,
            MovementKind::Payment
            | MovementKind::Refund
            | MovementKind::Returned
            | MovementKind::SettledElsewhere
            | MovementKind::PaidOut => {
                statement.received_minor -= movement.amount_minor;
            }
        }
        statement.entries.push(StatementEntry { movement, balance_minor: statement.closing_minor });
    }
    statement
}

/// Payload of `statement.sent`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatementSent {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
}

/// The event of a statement that is sent to a customer's contacts.
#[must_use]
pub fn send_statement(company: &CompanyId, customer: &Reference, period: StatementPeriod) -> NewEvent {
    let StatementPeriod { from, until } = period;
    let data = kinds::StatementSent::of(StatementSent { from, until });
    NewEvent::new(Org::Company(company.clone()), customer.as_str(), data)
}
