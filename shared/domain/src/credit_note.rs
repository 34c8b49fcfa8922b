//! Credit notes: what a company takes back of what it invoiced, and the invoices to which it applies.
//!
//! A credit note counts in full for what its customer owes. What is not applied to an invoice is in the customer's
//! favour until it is paid out. INVARIANT: the sum of the applications and of what was paid out is at most the total, and
//! each invoice's `credited_minor` is the sum of the applications to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    comment::Topic,
    content_digest::ContentDigest,
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, Org, UserId},
    ledger_report::{Recording, ReportVersion, Reported},
    money::{Amount, Currency, Total},
    sales::{DocumentContent, DocumentSource, Revision, ViewedRevision, sales_document},
    text::{Name, Reference},
    time::UtcTime,
};

/// The most invoices to which a credit note applies.
pub const MAX_APPLICATIONS: usize = 20;

/// The state of a credit note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditNoteState {
    /// Not sent. The customer does not see it.
    Draft,
    /// It counts.
    Issued,
    /// Withdrawn.
    Void,
}

impl CreditNoteState {
    /// The state as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Issued => "issued",
            Self::Void => "void",
        }
    }
}

/// How much of a credit note an invoice gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreditApplication {
    /// The invoice.
    pub invoice: Reference,
    /// How much, in minor units of the credit note's currency.
    pub amount_minor: Amount,
}

/// The content of a credit note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditNoteTerms {
    /// What every sales document has. Amounts are above zero and are owed to the customer.
    #[serde(flatten)]
    pub content: DocumentContent,
    /// The invoices that it applies to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub applied_to: Vec<CreditApplication>,
    /// How much of it was paid out to the customer, in minor units.
    #[serde(default)]
    pub paid_out_minor: Total,
}

/// A credit note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreditNote {
    /// The company.
    pub company: CompanyId,
    /// The ledger's own name for it.
    pub reference: Reference,
    /// Its content.
    #[serde(flatten)]
    pub terms: CreditNoteTerms,
    /// Its state.
    pub state: CreditNoteState,
    /// Who keeps it.
    pub source: DocumentSource,
    /// Which content it is; 0 before the first is sent.
    pub revision: Revision,
    /// The digest of its content, lines included.
    pub content_digest: ContentDigest,
    /// How many parts its lines are kept in beside it; 0 where they are in it.
    pub line_parts: u8,
    /// When the present content was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<UtcTime>,
    /// The person who sent it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_by: Option<UserId>,
    /// The last revision that the customer saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewed: Option<ViewedRevision>,
    /// The ledger's version of its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_version: Option<ReportVersion>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// What a credit note is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditNoteReport {
    /// Its content, with all lines.
    pub terms: CreditNoteTerms,
    /// Its state.
    pub state: CreditNoteState,
    /// Who says so.
    pub source: DocumentSource,
    /// The person who sends it, if one does.
    pub by: Option<UserId>,
    /// When.
    pub at: UtcTime,
}

/// Why a change was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CreditNoteError {
    /// More is applied than it has.
    #[error("must together be at most the total")]
    AppliedBeyondTotal,
    /// More is paid out than is left.
    #[error("must be at most the total less what is applied")]
    PaidOutBeyondRest,
    /// A part of it was paid out, so it cannot be withdrawn.
    #[error("a part of it was paid out")]
    PaidOut,
    /// An invoice is named twice, or too many are.
    #[error("names at most {MAX_APPLICATIONS} invoices, each once")]
    Applications,
    /// It was withdrawn.
    #[error("it is void")]
    Void,
    /// It was sent.
    #[error("it was sent; a sent credit note is changed or withdrawn")]
    Sent,
    /// It was sent to another customer, or in another currency.
    #[error("cannot change once it is sent; withdraw it and send a new one")]
    OtherAccount,
    /// The ledger keeps it.
    #[error("the ledger keeps it")]
    LedgerKeeps,
}

/// Records a credit note, or a change to it. [`application_changes`] then says what changes for which invoice.
///
/// # Errors
/// [`CreditNoteError`].
pub fn record(
    company: &CompanyId,
    reference: &Reference,
    known: Option<CreditNote>,
    report: CreditNoteReport,
) -> Result<Recording<CreditNote>, CreditNoteError> {
    let CreditNoteReport { terms, state, source, by, at } = report;
    terms.check_applications()?;
    let content_digest = terms.content_digest();
    let before = known.as_ref();
    if let Some(known) = before {
        if known.source == DocumentSource::Ledger && source == DocumentSource::Staff {
            return Err(CreditNoteError::LedgerKeeps);
        }
        let same_use = known.terms.applied_to == terms.applied_to && known.terms.paid_out_minor == terms.paid_out_minor;
        let same_content = known.content_digest == content_digest && same_use;
        if same_content && known.state == state && known.source == source {
            return Ok(Recording::Unchanged(known.clone()));
        }
        known.may_become(&terms, state)?;
    }
    let same_content = before.is_some_and(|known| known.content_digest == content_digest);
    let was_issued = before.is_some_and(|known| known.state == CreditNoteState::Issued);
    let is_sent = state == CreditNoteState::Issued && !(was_issued && same_content);
    let revision = before.map_or(0, |known| known.revision);
    let note = CreditNote {
        company: company.clone(),
        reference: reference.clone(),
        terms,
        state,
        source,
        revision: if is_sent { revision + 1 } else { revision },
        content_digest,
        line_parts: before.filter(|_| same_content).map_or(0, |known| known.line_parts),
        sent_at: if is_sent { Some(at) } else { before.and_then(|known| known.sent_at) },
        sent_by: if is_sent { by } else { before.and_then(|known| known.sent_by.clone()) },
        viewed: before.and_then(|known| known.viewed),
        report_version: before.and_then(|known| known.report_version),
        version: before.map_or(1, |known| known.version + 1),
    };
    let event = note.recorded(before, is_sent);
    Ok(Recording::Recorded(note, event))
}

/// How much more of a credit note each invoice gets after a change; less where it is negative.
#[must_use]
pub fn application_changes(before: Option<&CreditNote>, after: &CreditNote) -> BTreeMap<Reference, i64> {
    let mut changes: BTreeMap<Reference, i64> = BTreeMap::new();
    let signed = before.into_iter().map(|before| (before, -1)).chain([(after, 1)]);
    for (note, sign) in signed.filter(|(note, _)| note.state == CreditNoteState::Issued) {
        for application in &note.terms.applied_to {
            *changes.entry(application.invoice.clone()).or_default() += sign * application.amount_minor.minor();
        }
    }
    changes.retain(|_, minor| *minor != 0);
    changes
}

impl CreditNoteTerms {
    /// The digest of everything that the customer sees but the invoices that it applies to and what was paid out.
    #[must_use]
    pub fn content_digest(&self) -> ContentDigest {
        ContentDigest::of(&self.content)
    }

    /// How much is applied to invoices, in minor units.
    #[must_use]
    pub fn applied_minor(&self) -> i64 {
        self.applied_to.iter().map(|application| application.amount_minor.minor()).sum()
    }

    fn check_applications(&self) -> Result<(), CreditNoteError> {
        let mut invoices: Vec<&Reference> = self.applied_to.iter().map(|application| &application.invoice).collect();
        invoices.sort_unstable();
        invoices.dedup();
        if invoices.len() < self.applied_to.len() || invoices.len() > MAX_APPLICATIONS {
            return Err(CreditNoteError::Applications);
        }
        if self.applied_minor() > self.content.total_minor.minor() {
            return Err(CreditNoteError::AppliedBeyondTotal);
        }
        if self.applied_minor() + self.paid_out_minor.minor() > self.content.total_minor.minor() {
            return Err(CreditNoteError::PaidOutBeyondRest);
        }
        Ok(())
    }
}

sales_document!(CreditNote, Topic::CreditNote);

impl Reported for CreditNote {
    fn report_version(&self) -> Option<ReportVersion> {
        self.report_version
    }

    fn set_report_version(&mut self, version: ReportVersion) {
        self.report_version = Some(version);
    }

    fn count_change(&mut self) {
        self.version += 1;
    }
}

impl CreditNote {
    /// The digest of the present revision: what a person saw.
    #[must_use]
    pub fn digest(&self) -> ContentDigest {
        ContentDigest::of(&(self.revision, &self.content_digest))
    }

    /// How much of it is in the customer's favour: applied to no invoice and not paid out, in minor units.
    #[must_use]
    pub fn unapplied_minor(&self) -> i64 {
        match self.state {
            CreditNoteState::Issued => {
                let used = self.terms.applied_minor() + self.terms.paid_out_minor.minor();
                self.terms.content.total_minor.minor() - used
            }
            CreditNoteState::Draft | CreditNoteState::Void => 0,
        }
    }

    /// The same credit note with the revision noted that the customer saw.
    #[must_use]
    pub fn seen(&self, viewed: ViewedRevision) -> Self {
        Self { viewed: Some(viewed), version: self.version + 1, ..self.clone() }
    }

    fn may_become(&self, terms: &CreditNoteTerms, state: CreditNoteState) -> Result<(), CreditNoteError> {
        let of = |terms: &CreditNoteTerms| (terms.content.customer.clone(), terms.content.currency);
        match (self.state, state) {
            (CreditNoteState::Void, _) => Err(CreditNoteError::Void),
            (CreditNoteState::Issued, CreditNoteState::Draft) => Err(CreditNoteError::Sent),
            (CreditNoteState::Issued, CreditNoteState::Void) if self.terms.paid_out_minor > Total::default() => {
                Err(CreditNoteError::PaidOut)
            }
            (CreditNoteState::Issued, CreditNoteState::Issued | CreditNoteState::Void)
                if of(terms) != of(&self.terms) =>
            {
                Err(CreditNoteError::OtherAccount)
            }
            (CreditNoteState::Draft | CreditNoteState::Issued, _) => Ok(()),
        }
    }

    fn recorded(&self, before: Option<&Self>, is_sent: bool) -> NewEvent {
        let kind: fn(CreditNoteRecorded) -> EventData = match self.state {
            CreditNoteState::Void if before.is_some() => kinds::CreditNoteVoided::of,
            CreditNoteState::Issued if is_sent => kinds::CreditNoteSent::of,
            CreditNoteState::Draft | CreditNoteState::Issued | CreditNoteState::Void => kinds::CreditNoteRecorded::of,
        };
        let content = &self.terms.content;
        let recorded = CreditNoteRecorded {
            number: content.number.clone(),
            customer: content.customer.clone(),
            customer_name: content.customer_name.clone(),
            total_minor: content.total_minor,
            currency: content.currency,
            state: self.state,
            source: self.source,
            revision: self.revision,
            applied_to: self.terms.applied_to.clone(),
            paid_out_minor: self.terms.paid_out_minor,
        };
        NewEvent::new(Org::Company(self.company.clone()), self.reference.as_str(), kind(recorded))
    }
}

/// Payload of the `credit_note.*` events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreditNoteRecorded {
    /// The number that is printed on the credit note.
    pub number: Name,
    /// The customer.
    pub customer: Reference,
    /// The customer's name as it is printed.
    pub customer_name: Name,
    /// The total, in minor units of `currency`.
    pub total_minor: Total,
    /// The currency.
    pub currency: Currency,
    /// The credit note's state.
    pub state: CreditNoteState,
    /// Who keeps it.
    pub source: DocumentSource,
    /// Which content it is; 0 before the first is sent.
    pub revision: Revision,
    /// The invoices that it applies to.
    pub applied_to: Vec<CreditApplication>,
    /// How much of it was paid out to the customer, in minor units of `currency`.
    #[serde(default)]
    pub paid_out_minor: Total,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sales::samples::{any_content, each_change, with_everything};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        /// Whatever the customer sees of a credit note, a change of it changes the digest; where its money went does not.
        /// Proves: 26
        #[test]
        fn the_digest_covers_all_that_is_seen(content in any_content()) {
            let applied = CreditApplication { invoice: "INV-1".parse().unwrap(), amount_minor: 1.try_into().unwrap() };
            let terms = CreditNoteTerms {
                content: with_everything(content),
                applied_to: vec![applied],
                paid_out_minor: 1.try_into().unwrap(),
            };
            for (place, changed) in each_change(&terms) {
                let is_seen = !place.starts_with("/applied_to") && place != "/paid_out_minor";
                prop_assert_eq!(changed.content_digest() != terms.content_digest(), is_seen, "{}", place);
            }
        }
    }
}
