//! The account of a customer: the balance and the amounts by due day, in each currency.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    credit_note::{CreditNote, CreditNoteState},
    id::CompanyId,
    invoice::{Invoice, InvoiceState},
    money::Currency,
    text::Reference,
    time::{Day, UtcTime},
};

/// The most days on which amounts are due at a time, those of each currency counted. It keeps an account far below the
/// size of an item; a customer would have to leave unpaid what is due on each working day of four years.
const MAX_DUE_DAYS: usize = 1_000;
/// The most that is owed, or in the customer's favour, in one currency: ten such sums still fit an `i64`.
const MAX_BALANCE_MINOR: i64 = 900_000_000_000_000_000;
/// The most currencies of a customer.
const MAX_CURRENCIES: usize = 20;

/// The last money that a customer paid: through the provider, or otherwise as the ledger or people say. Money that came
/// back after it was refunded is none, nor is what was received before its invoice was recorded here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LastPaid {
    /// When it was recorded.
    pub at: UtcTime,
    /// How much, in minor units of `currency`.
    pub amount_minor: i64,
    /// In which currency.
    pub currency: Currency,
}

/// What a customer owes in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CurrencyAccount {
    /// The currency.
    pub currency: Currency,
    /// What is owed, in minor units; negative where it is in the customer's favour.
    pub balance_minor: i64,
    /// What is in the customer's favour and applied to no invoice: credit notes and overpayments.
    pub unapplied_minor: i64,
    /// What is open of invoices, by the day on which it is due. Pending payments are still open.
    pub due: BTreeMap<Day, i64>,
}

/// The account of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerAccount {
    /// The company.
    pub company: CompanyId,
    /// The customer.
    pub customer: Reference,
    /// What is owed in each currency, in the order in which they first occurred.
    pub currencies: Vec<CurrencyAccount>,
    /// The last payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_paid: Option<LastPaid>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// What is open, by how long it is overdue, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ageing {
    /// Not due yet, or due today.
    pub current_minor: i64,
    /// 1 to 30 days overdue.
    pub days_1_to_30_minor: i64,
    /// 31 to 60 days overdue.
    pub days_31_to_60_minor: i64,
    /// 61 to 90 days overdue.
    pub days_61_to_90_minor: i64,
    /// More than 90 days overdue.
    pub over_90_days_minor: i64,
}

/// Why a document does not fit into its customer's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Too many due days at a time.
    #[error("amounts are due to the customer on {MAX_DUE_DAYS} days already")]
    DueDays,
    /// Too many currencies.
    #[error("the customer has documents in {MAX_CURRENCIES} currencies already")]
    Currencies,
    /// A larger sum than is counted.
    #[error("the customer's account would be beyond {MAX_BALANCE_MINOR}")]
    Balance,
}

/// What a document adds to the account of its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) currency: Currency,
    pub(super) balance_minor: i64,
    pub(super) unapplied_minor: i64,
    pub(super) due: Option<(Day, i64)>,
}

impl Share {
    pub(super) fn of_invoice(invoice: &Invoice) -> Option<Self> {
        let counts = match invoice.state {
            InvoiceState::Draft => false,
            // What is held for a withdrawn invoice, after a refund that failed, is in the customer's favour.
            InvoiceState::Void => invoice.paid_minor != 0,
            InvoiceState::Open | InvoiceState::Settled => true,
        };
        if !counts {
            return None;
        }
        let balance_minor = invoice.total_owed_minor() - invoice.settled_elsewhere_minor() - invoice.paid_minor;
        let open_minor = balance_minor - invoice.credited_minor;
        Some(Self {
            currency: invoice.terms.content.currency,
            balance_minor,
            unapplied_minor: (-open_minor).max(0),
            due: (open_minor > 0).then_some((invoice.terms.due_on, open_minor)),
        })
    }

    pub(super) fn of_credit_note(note: &CreditNote) -> Option<Self> {
        (note.state == CreditNoteState::Issued).then(|| Self {
            currency: note.terms.content.currency,
            balance_minor: note.terms.paid_out_minor.minor() - note.terms.content.total_minor.minor(),
            unapplied_minor: note.unapplied_minor(),
            due: None,
        })
    }
}

impl CurrencyAccount {
    /// What is open of invoices in all, in minor units.
    #[must_use]
    pub fn open_minor(&self) -> i64 {
        self.due.values().sum()
    }

    /// What is overdue on a day, in minor units.
    #[must_use]
    pub fn overdue_minor(&self, today: Day) -> i64 {
        self.due.range(..today).map(|(_, minor)| minor).sum()
    }

    /// The next day on which something is due, from a day on, and how much.
    #[must_use]
    pub fn next_due(&self, today: Day) -> Option<(Day, i64)> {
        self.due.range(today..).next().map(|(day, minor)| (*day, *minor))
    }

    /// What is open, by how long it is overdue on a day.
    #[must_use]
    pub fn ageing(&self, today: Day) -> Ageing {
        let mut ageing = Ageing::default();
        for (day, minor) in &self.due {
            *match day.days_until(today) {
                ..=0 => &mut ageing.current_minor,
                1..=30 => &mut ageing.days_1_to_30_minor,
                31..=60 => &mut ageing.days_31_to_60_minor,
                61..=90 => &mut ageing.days_61_to_90_minor,
                _ => &mut ageing.over_90_days_minor,
            } += minor;
        }
        ageing
    }

    fn add(&mut self, share: Share, sign: i64) {
        self.balance_minor += sign * share.balance_minor;
        self.unapplied_minor += sign * share.unapplied_minor;
        if let Some((day, minor)) = share.due {
            let of_day = self.due.entry(day).or_default();
            *of_day += sign * minor;
            if *of_day == 0 {
                self.due.remove(&day);
            }
        }
    }
}

impl CustomerAccount {
    /// The account of a customer to whom nothing was sent.
    #[must_use]
    pub const fn new(company: CompanyId, customer: Reference) -> Self {
        Self { company, customer, currencies: Vec::new(), last_paid: None, version: 0 }
    }

    /// What is owed in a currency.
    #[must_use]
    pub fn in_currency(&self, currency: Currency) -> Option<&CurrencyAccount> {
        self.currencies.iter().find(|account| account.currency == currency)
    }

    pub(super) fn add(&mut self, share: Share, sign: i64) {
        match self.currencies.iter_mut().find(|account| account.currency == share.currency) {
            Some(account) => account.add(share, sign),
            None => {
                let (balance_minor, unapplied_minor) = (0, 0);
                let currency = share.currency;
                let mut account = CurrencyAccount { currency, balance_minor, unapplied_minor, due: BTreeMap::new() };
                account.add(share, sign);
                self.currencies.push(account);
            }
        }
    }

    /// Whether it grew beyond its limits. Payments may bring it there, and what makes it smaller is no reason to refuse.
    pub(super) fn check(&self, before: &Self) -> Result<(), AccountError> {
        let currencies = |of: &Self| of.currencies.len();
        if currencies(self) > MAX_CURRENCIES.max(currencies(before)) {
            return Err(AccountError::Currencies);
        }
        let due_days = |of: &Self| of.currencies.iter().map(|account| account.due.len()).sum::<usize>();
        if due_days(self) > MAX_DUE_DAYS.max(due_days(before)) {
            return Err(AccountError::DueDays);
        }
        let largest = |of: &Self| {
            let sums = of.currencies.iter().flat_map(|account| [account.balance_minor, account.unapplied_minor]);
            sums.map(i64::unsigned_abs).max().unwrap_or_default()
        };
        if largest(self) > MAX_BALANCE_MINOR.unsigned_abs().max(largest(before)) {
            return Err(AccountError::Balance);
        }
        Ok(())
    }
}
