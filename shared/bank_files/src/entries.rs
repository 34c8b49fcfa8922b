//! Counting entries, in a file and in a statement.

use domain::time::Day;

use crate::{MAX_ENTRIES, error::Reason, statement::Entries};

/// How many entries of a file were read.
#[derive(Debug, Default)]
pub(crate) struct EntryCount(u32);

impl EntryCount {
    pub(crate) fn one_more(&mut self) -> Result<(), Reason> {
        self.0 = self.0.saturating_add(1);
        let most = usize::try_from(MAX_ENTRIES).unwrap_or(usize::MAX);
        if self.0 > MAX_ENTRIES { Err(Reason::TooMany { what: "entries", most }) } else { Ok(()) }
    }
}

impl Entries {
    /// Adds a booked entry: above zero for a credit.
    pub(crate) fn add_booked(&mut self, minor: i64, on: Option<Day>) -> Result<(), Reason> {
        self.sum_minor = self.sum_minor.checked_add(minor).ok_or(Reason::AmountTooLarge)?;
        self.booked = self.booked.saturating_add(1);
        self.last_booked_on = self.last_booked_on.max(on);
        Ok(())
    }

    pub(crate) fn add_pending(&mut self) {
        self.pending = self.pending.saturating_add(1);
    }

    /// Adds the entries of a further page. Sums beyond all amounts do not occur: each page's was checked.
    pub(crate) fn add(&mut self, other: &Self) {
        self.sum_minor = self.sum_minor.saturating_add(other.sum_minor);
        self.booked = self.booked.saturating_add(other.booked);
        self.pending = self.pending.saturating_add(other.pending);
        self.last_booked_on = self.last_booked_on.max(other.last_booked_on);
    }
}
