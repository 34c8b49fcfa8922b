//! What a file says, whichever format it has.

use domain::{
    Currency, UtcTime,
    bank::{AccountNumber, Certainty, DayBalance},
    money::Balance,
    time::Day,
};

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankFile {
    /// Its format.
    pub format: Format,
    /// Its statements in the file's order; pages of one statement are one. One for each currency of an account.
    pub statements: Vec<Statement>,
}

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Bank to customer statement of ISO 20022.
    Camt053 {
        /// The version in its namespace: 8 of `camt.053.001.08`. `None` without a namespace.
        version: Option<u8>,
    },
    /// Open Financial Exchange.
    Ofx {
        /// The version in its header: 102, 220 … `None` without one.
        version: Option<u16>,
    },
    /// Customer statement message of SWIFT.
    Mt940,
}

/// What a file says of one account in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The account.
    pub account: AccountNumber,
    /// What the file calls the account.
    pub account_name: Option<String>,
    /// What the file calls the bank.
    pub bank_name: Option<String>,
    /// The currency of everything below.
    pub currency: Currency,
    /// The bank's own id of the statement. Nothing says that it is unique.
    pub id: Option<String>,
    /// Its number in the bank's count.
    pub sequence: Option<u64>,
    /// Which of its pages are here.
    pub pages: Pages,
    /// The days that it is about, where it says them.
    pub period: Option<Period>,
    /// Its balances, in the file's order.
    pub balances: Vec<StatedBalance>,
    /// The booked balance at its end.
    pub closing: Option<Closing>,
    /// Its entries.
    pub entries: Entries,
    /// When the bank made it.
    pub created_at: Option<UtcTime>,
    /// Whether it was sent before or to somebody else too.
    pub copy: Copy,
    /// What does not agree in it.
    pub warnings: Vec<Warning>,
}

/// The pages of a statement that are in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pages {
    /// The number of the first one, from 1.
    pub first: u32,
    /// The number of the last one.
    pub last: u32,
    /// Whether the file says that more follow.
    pub more_follow: bool,
}

impl Pages {
    /// The one page of a statement that numbers none.
    pub(crate) const ONE: Self = Self { first: 1, last: 1, more_follow: false };
}

/// The days of a statement, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first.
    pub from: Day,
    /// The last.
    pub to: Day,
}

/// Which balance one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalanceKind {
    /// Before the first entry: OPBD, PRCD, `:60F:`.
    OpeningBooked,
    /// After the last booked entry of a day: CLBD, `:62F:`, LEDGERBAL of a day that was over.
    ClosingBooked,
    /// Within a day, or where a page ends or goes on: ITBD, `:60M:`, `:62M:`, LEDGERBAL of the day of the file.
    InterimBooked,
    /// Available before the first entry: OPAV.
    OpeningAvailable,
    /// Available at the end: CLAV, `:64:`, AVAILBAL.
    ClosingAvailable,
    /// Available within a day: ITAV.
    InterimAvailable,
    /// Available on a later day: FWAV, `:65:`.
    ForwardAvailable,
}

/// A balance as the file states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatedBalance {
    /// Which one.
    pub kind: BalanceKind,
    /// Its day.
    pub day: Day,
    /// In minor units; below zero where the account is overdrawn.
    pub balance_minor: Balance,
}

/// The booked balance at the end of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// Its day.
    pub day: Day,
    /// In minor units.
    pub balance_minor: Balance,
    /// Whether the bank states it.
    pub certainty: Certainty,
}

/// The entries of a statement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Entries {
    /// How many are booked.
    pub booked: u32,
    /// Their sum in minor units: credits less debits.
    pub sum_minor: i64,
    /// How many are pending or for information: they are in no booked balance.
    pub pending: u32,
    /// The last day on which one is booked, where the file says it.
    pub last_booked_on: Option<Day>,
}

/// Whether a statement was sent before, or to somebody else too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Copy {
    /// Neither, or not said.
    #[default]
    Original,
    /// A copy for somebody besides the account's owner (COPY).
    Copy,
    /// The same was sent before (DUPL).
    Duplicate,
    /// A copy of what was sent before (CODU).
    CopyOfDuplicate,
}

impl Copy {
    /// Whether the same was sent before.
    #[must_use]
    pub const fn is_duplicate(self) -> bool {
        matches!(self, Self::Duplicate | Self::CopyOfDuplicate)
    }
}

/// What does not agree in a statement. It is taken nevertheless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// Opening balance and booked entries do not make the closing balance.
    #[error(
        "the opening balance and the booked entries make {expected_minor}, and the closing balance is {stated_minor}"
    )]
    DoesNotTie {
        /// What they make, in minor units.
        expected_minor: i64,
        /// What is stated, in minor units.
        stated_minor: i64,
    },
    /// The file counts its entries otherwise.
    #[error("the file says that it has {stated} entries, and has {counted}")]
    EntryCount {
        /// What it says.
        stated: u64,
        /// What it has.
        counted: u64,
    },
    /// There is no closing balance, nor anything that it follows from.
    #[error("there is no booked closing balance")]
    NoClosing,
    /// Pages are missing.
    #[error("pages are missing")]
    MissingPages,
    /// The text in the place of an IBAN is none. It is taken as the bank's own number.
    #[error("the IBAN has wrong check digits")]
    NotAnIban,
    /// Entries in another currency, which count in no sum.
    #[error("{count} entries are in a currency without a balance")]
    OtherCurrency {
        /// How many.
        count: u32,
    },
}

/// The balance before the first entry. Where a page goes on, that is the interim balance at its start.
pub(crate) fn opening(balances: &[StatedBalance]) -> Option<&StatedBalance> {
    let first = |kind| balances.iter().filter(|balance| balance.kind == kind).min_by_key(|balance| balance.day);
    let interims = balances.iter().filter(|balance| balance.kind == BalanceKind::InterimBooked).count();
    first(BalanceKind::OpeningBooked).or_else(|| {
        let is_at_the_start = interims > 1 || first(BalanceKind::ClosingBooked).is_some();
        first(BalanceKind::InterimBooked).filter(|_| is_at_the_start)
    })
}

/// The balance after the last booked entry: of the last day that is closed, or the interim one where a page ends.
pub(crate) fn closing(balances: &[StatedBalance]) -> Option<(StatedBalance, Certainty)> {
    let closed = balances.iter().filter(|balance| balance.kind == BalanceKind::ClosingBooked);
    if let Some(last) = closed.max_by_key(|balance| balance.day) {
        return Some((*last, Certainty::Stated));
    }
    let mut interims = balances.iter().filter(|balance| balance.kind == BalanceKind::InterimBooked);
    interims.next_back().map(|last| (*last, Certainty::Interim))
}

impl Statement {
    /// What the statement says of days' ends, for the history of the account.
    #[must_use]
    pub fn day_balances(&self) -> Vec<(Day, DayBalance)> {
        let stated = self.balances.iter().filter(|balance| balance.kind == BalanceKind::ClosingBooked);
        let mut ends: Vec<Closing> = stated
            .map(|balance| Closing {
                day: balance.day,
                balance_minor: balance.balance_minor,
                certainty: Certainty::Stated,
            })
            .collect();
        if ends.is_empty() {
            ends.extend(self.closing);
        }
        ends.sort_by_key(|end| end.day);
        let opened = opening(&self.balances).map(|opening| opening.balance_minor);
        let mut before: Option<Day> = None;
        let mut said = Vec::new();
        for end in ends {
            // The opening balance is the one before the first of the days; the others follow on each other.
            let (opening_minor, from) = match before {
                None => (opened, self.period.map(|period| period.from)),
                Some(before) => (None, Some(before)),
            };
            before = Some(end.day);
            let balance = DayBalance {
                balance_minor: end.balance_minor,
                certainty: end.certainty,
                duplicate: self.copy.is_duplicate(),
                created_at: self.created_at,
                sequence: self.sequence,
                opening_minor,
                from,
                contradicted: false,
            };
            said.push((end.day, balance));
        }
        said
    }
}
