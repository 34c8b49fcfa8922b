//! Numbers of accounts that statements brought, and the bank account of the ledger that each is.
//!
//! Nobody guesses whose account a number names: until a person says it, what was read of it is kept and counts nowhere.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    BankAccount,
    account_number::AccountNumber,
    following::TooManyNumbers,
    history::{Added, DayAhead, DayBalance},
    source::{BalanceSource, BalancesOf, MonthBalances, NumberId, SourceBalances},
};
use crate::{
    document::VersionNumber,
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, DocumentId, Org},
    money::Currency,
    report::Month,
    text::Reference,
    time::{Day, UtcTime, Zone},
};

/// A number of an account in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankAccountNumber {
    /// Its id.
    pub id: NumberId,
    /// Whose statements brought it.
    pub company: CompanyId,
    /// The number.
    pub number: AccountNumber,
    /// The currency of its balances.
    pub currency: Currency,
    /// What the statement that brought it calls the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_name: Option<String>,
    /// What that statement calls the bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_name: Option<String>,
    /// The bank account of the ledger that it is, once somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_account: Option<Reference>,
    /// Its newest day and balance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<(Day, DayBalance)>,
    /// The file that was applied last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_file: Option<AppliedFile>,
    /// When it was seen first.
    pub first_seen_at: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// What a file changed of a number. A worker that was stopped afterwards finds it and says the same again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedFile {
    /// The document.
    pub document: DocumentId,
    /// The version of the document.
    pub number: VersionNumber,
    /// The result.
    pub days: DaysRead,
}

/// How many days a file told of, by what they changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DaysRead {
    /// Days that are new or corrected.
    pub changed: u32,
    /// Days that were known just so.
    pub known: u32,
    /// Days of which something newer or surer is known; nothing changes.
    pub older: u32,
    /// Days before those that are kept; nothing changes.
    pub not_kept: u32,
}

impl DaysRead {
    const fn count(&mut self, added: Added) {
        let counted = match added {
            Added::Newest | Added::CorrectsNewest | Added::Earlier => &mut self.changed,
            Added::Known => &mut self.known,
            Added::Older => &mut self.older,
            Added::NotKept => &mut self.not_kept,
        };
        *counted = counted.saturating_add(1);
    }
}

/// What a file says of one number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberStatement {
    /// The number.
    pub number: AccountNumber,
    /// The currency.
    pub currency: Currency,
    /// What the file calls the account.
    pub account_name: Option<String>,
    /// What the file calls the bank.
    pub bank_name: Option<String>,
    /// Its days, in any order; a day may be there several times.
    pub days: Vec<(Day, DayBalance)>,
}

impl NumberStatement {
    /// The id of its number.
    #[must_use]
    pub fn id(&self) -> NumberId {
        NumberId::of(&self.number, self.currency)
    }

    /// The months that must be read before it is applied.
    #[must_use]
    pub fn months_to_read(&self, known: Option<&BankAccountNumber>) -> Vec<Month> {
        let newest = known.and_then(BankAccountNumber::newest_day);
        SourceBalances::months_to_read(newest, self.days.iter().map(|(day, _)| *day))
    }
}

/// What is known before a statement is applied.
#[derive(Debug)]
pub struct BeforeStatement {
    /// The number.
    pub number: Option<BankAccountNumber>,
    /// The bank account that it is.
    pub account: Option<BankAccount>,
    /// The months that were to be read, those that there are.
    pub months: Vec<MonthBalances>,
}

/// The file that is applied, where and when.
#[derive(Debug, Clone, Copy)]
pub struct FileContext<'f> {
    /// The company.
    pub company: &'f CompanyId,
    /// The document.
    pub document: &'f DocumentId,
    /// The version of the document.
    pub number: VersionNumber,
    /// Where the company is.
    pub zone: &'f Zone,
    /// Now.
    pub now: UtcTime,
}

/// What a statement changes.
#[derive(Debug, Clone, PartialEq)]
pub struct AppliedStatement {
    /// The number; `None` if nothing changes.
    pub number: Option<BankAccountNumber>,
    /// The bank account, where its newest balance of this source changes.
    pub account: Option<BankAccount>,
    /// The months to write.
    pub months: Vec<MonthBalances>,
    /// What happened.
    pub events: Vec<NewEvent>,
    /// The result, also where nothing changes.
    pub days: DaysRead,
}

/// Applies what a file says of one number to what is known of it.
///
/// # Errors
/// [`DayAhead`] where a day is after tomorrow; nothing of the file is to be applied then.
pub fn apply(
    before: BeforeStatement,
    said: &NumberStatement,
    file: FileContext<'_>,
) -> Result<AppliedStatement, DayAhead> {
    let BeforeStatement { number, account, months } = before;
    let applied = number.as_ref().and_then(|number| number.last_file.as_ref());
    if let Some(applied) = applied.filter(|done| done.document == *file.document && done.number == file.number) {
        let days = applied.days;
        return Ok(AppliedStatement { number: None, account: None, months: Vec::new(), events: Vec::new(), days });
    }
    let to_read = said.months_to_read(number.as_ref());
    let source = BalanceSource::Number(said.id());
    let of = number.as_ref().and_then(|number| number.bank_account.clone());
    let of = of.map(|bank_account| BalancesOf { company: file.company.clone(), bank_account });
    let mut balances =
        SourceBalances::new(of, source.clone(), number.as_ref().and_then(|number| number.newest.clone()), months);
    // The newest first: what is not kept beside it was not read.
    let mut in_order: Vec<&(Day, DayBalance)> = said.days.iter().collect();
    in_order.sort_by_key(|(day, _)| std::cmp::Reverse(*day));
    let (today, mut days) = (file.now.day_in(file.zone), DaysRead::default());
    for (day, balance) in in_order {
        days.count(balances.add(*day, balance, today)?);
    }
    let months = balances.changed(&to_read);
    if number.is_some() && months.is_empty() {
        return Ok(AppliedStatement { number: None, account: None, months, events: Vec::new(), days });
    }
    let mut events = Vec::new();
    let applied = AppliedFile { document: file.document.clone(), number: file.number, days };
    let number = number.unwrap_or_else(|| {
        let new = BankAccountNumber {
            id: said.id(),
            company: file.company.clone(),
            number: said.number.clone(),
            currency: said.currency,
            account_name: said.account_name.clone(),
            bank_name: said.bank_name.clone(),
            bank_account: None,
            newest: None,
            last_file: None,
            first_seen_at: file.now,
            version: 0,
        };
        events.push(new.unknown(file.document));
        new
    });
    let newest = balances.newest();
    let account = account.filter(|_| newest != number.newest).zip(newest.clone()).map(|(account, newest)| {
        let (account, event) = account.hear(source, Some(newest), file.zone, file.now);
        events.extend(event);
        account
    });
    let version = number.version + 1;
    let number = Some(BankAccountNumber { newest, last_file: Some(applied), version, ..number });
    Ok(AppliedStatement { number, account, months, events, days })
}

/// What a choice of an account changes.
#[derive(Debug, Clone, PartialEq)]
pub struct MappedNumber {
    /// The number.
    pub number: BankAccountNumber,
    /// The bank account that it was before.
    pub left: Option<BankAccount>,
    /// The bank account that it is.
    pub joined: BankAccount,
    /// What happened.
    pub events: Vec<NewEvent>,
}

/// Why a number cannot be an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// An account has one currency.
    #[error("this account is kept in {account}, and the balances of the number are in {number}")]
    Currency {
        /// The account's.
        account: Currency,
        /// The number's.
        number: Currency,
    },
    /// The account has as many as one may have.
    #[error(transparent)]
    TooMany(#[from] TooManyNumbers),
}

impl BankAccountNumber {
    /// The source that its statements are.
    #[must_use]
    pub fn source(&self) -> BalanceSource {
        BalanceSource::Number(self.id.clone())
    }

    /// The newest day that is known of it.
    #[must_use]
    pub fn newest_day(&self) -> Option<Day> {
        self.newest.as_ref().map(|(day, _)| *day)
    }

    /// Says which bank account the number is; `None` if that is known. Its months go with it, which the caller sees to.
    ///
    /// # Errors
    /// [`MapError`].
    pub fn map_to(
        &self,
        left: Option<&BankAccount>,
        joined: &BankAccount,
        zone: &Zone,
        now: UtcTime,
    ) -> Result<Option<MappedNumber>, MapError> {
        if self.bank_account.as_ref() == Some(&joined.reference) {
            return Ok(None);
        }
        if joined.currency != self.currency {
            return Err(MapError::Currency { account: joined.currency, number: self.currency });
        }
        joined.check_room()?;
        let mapped = BankAccountNumber {
            bank_account: Some(joined.reference.clone()),
            version: self.version + 1,
            ..self.clone()
        };
        let mut events = vec![mapped.event(kinds::BankAccountNumberMapped::of(BankAccountNumberMapped {
            number: self.number.to_string(),
            currency: self.currency,
            before: self.bank_account.clone(),
            bank_account: joined.reference.clone(),
        }))];
        let left = left.map(|left| left.hear(self.source(), None, zone, now));
        let (joined, of_joined) = joined.hear(self.source(), self.newest.clone(), zone, now);
        let (left, of_left) = left.unzip();
        events.extend(of_left.flatten().into_iter().chain(of_joined));
        Ok(Some(MappedNumber { number: mapped, left, joined, events }))
    }

    fn unknown(&self, document: &DocumentId) -> NewEvent {
        self.event(kinds::BankAccountNumberUnknown::of(BankAccountNumberUnknown {
            number: self.number.to_string(),
            currency: self.currency,
            document: document.clone(),
        }))
    }

    fn event(&self, payload: EventData) -> NewEvent {
        NewEvent::new(Org::Company(self.company.clone()), self.id.as_str(), payload)
    }
}

/// Payload of `bank_account_number.unknown`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BankAccountNumberUnknown {
    /// The number: an IBAN, or the bank's own, `bank/number` where the bank is known.
    pub number: String,
    /// The currency of its balances.
    pub currency: Currency,
    /// The document that brought it.
    pub document: DocumentId,
}

/// Payload of `bank_account_number.mapped`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BankAccountNumberMapped {
    /// The number: an IBAN, or the bank's own, `bank/number` where the bank is known.
    pub number: String,
    /// The currency of its balances.
    pub currency: Currency,
    /// The bank account that it was before; `null` for none.
    #[schema(required = true)]
    pub before: Option<Reference>,
    /// The bank account that it is.
    pub bank_account: Reference,
}
