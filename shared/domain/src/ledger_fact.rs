//! Facts: what the ledger knows of a company and people want to hear, such as that a VAT return was filed.
//!
//! A fact is stated once under a reference of the ledger's and never changes, so that people hear of it once. What turns
//! out to be wrong is stated anew, under another reference.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, Org},
    ledger_report::first_difference,
    money::{Balance, Currency, Money},
    permission::Permission,
    text::Reference,
    time::{Day, UtcTime},
};

/// The longest period of a fact, in days: a leap year.
const MAX_DAYS: i32 = 366;

/// What a fact says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// The VAT return of the period was filed on `date`.
    VatReturnFiled,
    /// The VAT return of the period is to be filed and paid by `date`.
    VatReturnDue,
    /// The payroll of the period is ready, and is paid on `date`.
    PayrollReady,
}

impl FactKind {
    /// The permission of those who hear of it.
    #[must_use]
    pub const fn permission(self) -> Permission {
        match self {
            Self::VatReturnFiled | Self::VatReturnDue => Permission::VatView,
            Self::PayrollReady => Permission::PayrollView,
        }
    }

    fn event(self, fact: FactContent) -> EventData {
        match self {
            Self::VatReturnFiled => kinds::VatReturnFiled::of(fact),
            Self::VatReturnDue => kinds::VatReturnDue::of(fact),
            Self::PayrollReady => kinds::PayrollReady::of(fact),
        }
    }
}

/// The content of a fact. Days are whole days of the company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FactContent {
    /// What it says.
    pub kind: FactKind,
    /// The first day of its period.
    pub period_from: Day,
    /// The last day of its period, at most 366 days in all.
    pub period_until: Day,
    /// The day of the filing, the last day for it, or the day of the salaries, as `kind` says.
    pub date: Day,
    /// What is to be paid for a VAT return, in minor units of `currency`; a refund is negative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<Balance>,
    /// The currency of `amount_minor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
}

/// Why a fact is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FactError {
    /// Its period ends before it begins.
    #[error("must not be before `period_from`")]
    EndsBeforeItBegins,
    /// Its period is longer than [`MAX_DAYS`].
    #[error("must be at most {MAX_DAYS} days after `period_from`, both counted")]
    TooLong,
    /// An amount of something that is told without one: a sum of salaries is not for letters.
    #[error("belongs to VAT returns alone")]
    NoAmount,
    /// An amount without its currency.
    #[error("is required with `amount_minor`")]
    CurrencyMissing,
    /// A currency without an amount.
    #[error("belongs to an `amount_minor`")]
    CurrencyAlone,
}

impl FactError {
    /// The field that is wrong.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::EndsBeforeItBegins | Self::TooLong => "period_until",
            Self::NoAmount => "amount_minor",
            Self::CurrencyMissing | Self::CurrencyAlone => "currency",
        }
    }
}

impl FactContent {
    /// Checks what no field can say alone.
    ///
    /// # Errors
    /// [`FactError`].
    pub fn check(&self) -> Result<(), FactError> {
        match self.period_from.days_until(self.period_until) {
            ..0 => return Err(FactError::EndsBeforeItBegins),
            0..MAX_DAYS => {}
            _ => return Err(FactError::TooLong),
        }
        match (self.kind, self.amount_minor, self.currency) {
            (FactKind::PayrollReady, Some(_), _) => Err(FactError::NoAmount),
            (_, Some(_), None) => Err(FactError::CurrencyMissing),
            (_, None, Some(_)) => Err(FactError::CurrencyAlone),
            (_, Some(_), Some(_)) | (_, None, None) => Ok(()),
        }
    }

    /// What is to be paid; a refund is negative.
    #[must_use]
    pub fn amount(&self) -> Option<Money> {
        let (minor, currency) = (self.amount_minor?.minor(), self.currency?);
        Some(Money { minor, currency })
    }
}

/// A fact that the ledger stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerFact {
    /// The company.
    pub company: CompanyId,
    /// The ledger's reference.
    pub reference: Reference,
    /// What it says.
    #[serde(flatten)]
    pub content: FactContent,
    /// When it was first stated.
    pub stated_at: UtcTime,
    /// Always 1: it never changes.
    pub version: u64,
}

/// Another fact has this reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("differs from what was stated under this reference; state another fact under its own")]
pub struct ReferenceStated {
    /// The first field that differs.
    pub field: String,
}

/// States a fact of a company under a reference: the fact and its event, or `None` where the very same `known` one was
/// stated before.
///
/// # Errors
/// [`ReferenceStated`] where another fact has the reference.
pub fn state(
    (company, reference): (&CompanyId, &Reference),
    known: Option<&LedgerFact>,
    content: FactContent,
    now: UtcTime,
) -> Result<Option<(LedgerFact, NewEvent)>, ReferenceStated> {
    if let Some(known) = known {
        return first_difference(&known.content, &content).map_or(Ok(None), |field| Err(ReferenceStated { field }));
    }
    let payload = content.kind.event(content.clone());
    let event = NewEvent::new(Org::Company(company.clone()), reference.as_str(), payload);
    let (company, reference) = (company.clone(), reference.clone());
    Ok(Some((LedgerFact { company, reference, content, stated_at: now, version: 1 }, event)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::samples::company;

    fn day(text: &str) -> Day {
        text.to_owned().try_into().unwrap()
    }

    pub(crate) fn vat_return(kind: FactKind) -> FactContent {
        FactContent {
            kind,
            period_from: day("2026-07-01"),
            period_until: day("2026-09-30"),
            date: day("2026-10-29"),
            amount_minor: Some(123_456.try_into().unwrap()),
            currency: Some("EUR".parse().unwrap()),
        }
    }

    pub(crate) fn payroll() -> FactContent {
        FactContent {
            kind: FactKind::PayrollReady,
            amount_minor: None,
            currency: None,
            ..vat_return(FactKind::VatReturnDue)
        }
    }

    /// One of each kind, as the events that are recorded.
    pub(crate) fn every_event() -> Vec<NewEvent> {
        let facts = [vat_return(FactKind::VatReturnFiled), vat_return(FactKind::VatReturnDue), payroll()];
        let stated = facts.into_iter().enumerate().map(|(n, content)| {
            let reference = format!("fact-{n}").parse().unwrap();
            state((&company(1), &reference), None, content, UtcTime::EPOCH).unwrap().unwrap().1
        });
        stated.collect()
    }

    #[test]
    fn a_fact_that_contradicts_itself_names_the_field() {
        let filed = || vat_return(FactKind::VatReturnFiled);
        assert_eq!(filed().check(), Ok(()));
        assert_eq!(payroll().check(), Ok(()));
        let amount = filed().amount_minor;
        for (content, field) in [
            (FactContent { period_until: day("2026-06-30"), ..filed() }, "period_until"),
            (FactContent { period_until: day("2027-07-02"), ..filed() }, "period_until"),
            (FactContent { currency: None, ..filed() }, "currency"),
            (FactContent { amount_minor: None, ..filed() }, "currency"),
            (FactContent { amount_minor: amount, currency: filed().currency, ..payroll() }, "amount_minor"),
        ] {
            assert_eq!(content.check().unwrap_err().field(), field, "{content:?}");
        }
        let whole_leap_year =
            FactContent { period_from: day("2028-01-01"), period_until: day("2028-12-31"), ..filed() };
        assert_eq!(whole_leap_year.check(), Ok(()));
    }

    #[test]
    fn a_fact_is_told_once_and_never_becomes_another() {
        let (company, reference) = (company(1), "VAT-Q3".parse().unwrap());
        let tell = |known: Option<&LedgerFact>, content| state((&company, &reference), known, content, UtcTime::EPOCH);
        let (fact, event) = tell(None, vat_return(FactKind::VatReturnFiled)).unwrap().unwrap();
        assert_eq!(event.subject.id, "VAT-Q3");
        assert_eq!(tell(Some(&fact), vat_return(FactKind::VatReturnFiled)), Ok(None), "nobody hears of it again");
        let refund = FactContent { amount_minor: Some((-5).try_into().unwrap()), ..fact.content.clone() };
        assert_eq!(tell(Some(&fact), refund).unwrap_err().field, "amount_minor");
        assert_eq!(tell(Some(&fact), vat_return(FactKind::VatReturnDue)).unwrap_err().field, "kind");
    }
}
