//! Customers as the ledger reports them, with some of their contacts.
//!
//! People change customers too. So a repeated version is compared with what was reported as it, not with what is
//! stored; a newer version, or a report without one, replaces what is stored.

use serde::Serialize;

use super::{
    contact::{self, Contact, ContactDetails, ContactError},
    details::CustomerDetails,
    event::CustomerRecorded,
    field::{CustomerField, CustomerStatus},
    state::Customer,
};
use crate::{
    content_digest::ContentDigest,
    event::kinds,
    id::{CompanyId, ContactId},
    ledger_report::{Recording, ReportError, ReportOutcome, ReportVersion, apply, first_difference},
    text::{Email, Reference},
    time::UtcTime,
};

/// What the ledger reports about a customer. The contacts are known by their addresses; those that it does not name
/// stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CustomerReport {
    /// What is known about the customer.
    #[serde(flatten)]
    pub details: CustomerDetails,
    /// Whether it is archived; `None` leaves that to people.
    pub archived: Option<bool>,
    /// Some or all of its contacts.
    pub contacts: Vec<ContactDetails>,
}

impl CustomerReport {
    /// The most contacts in one report: each is up to two items of the one transaction that records it.
    pub const MAX_CONTACTS: usize = 40;
}

/// A contact that a report adds or changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactWrite {
    /// The contact before; `None` for a new one.
    pub before: Option<Contact>,
    /// The contact after.
    pub after: Contact,
}

/// Why a report is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The customer would have too many contacts.
    #[error("{0}")]
    Contacts(ContactError),
    /// A contact has the address of an earlier one in the report.
    #[error("is the address of another contact in this report")]
    SameAddress {
        /// Which contact, counted from 0.
        index: usize,
    },
}

/// Records a report of version `version`. `contacts` are the customer's contacts with the addresses that the report
/// names; `next_id` draws the id of each new one.
///
/// # Errors
/// [`ReportError`].
pub fn record(
    (company, reference): (&CompanyId, &Reference),
    (known, contacts): (Option<Customer>, &[Contact]),
    (report, version): (&CustomerReport, Option<ReportVersion>),
    mut next_id: impl FnMut() -> ContactId,
    at: UtcTime,
) -> Result<(ReportOutcome<Customer>, Vec<ContactWrite>), ReportError<RecordError>> {
    let digest = ContentDigest::of(report);
    let difference = |known: &Customer| {
        let is_repeated = known.report_digest.as_ref() == Some(&digest);
        // Where only what is not compared by field differs, it is the contacts.
        (!is_repeated)
            .then(|| first_difference(&known.details, &report.details).unwrap_or_else(|| "contacts".to_owned()))
    };
    let mut writes = Vec::new();
    let decide = |known: Option<Customer>| {
        let addresses: Vec<&Email> = report.contacts.iter().map(|contact| &contact.email).collect();
        let earlier = |index: usize, email: &Email| addresses.iter().take(index).any(|other| *other == email);
        if let Some(index) = addresses.iter().enumerate().position(|(index, email)| earlier(index, email)) {
            return Err(RecordError::SameAddress { index });
        }
        let is_new = known.is_none();
        let before =
            known.unwrap_or_else(|| Customer::new(company.clone(), reference.clone(), report.details.clone(), at));
        let status = match report.archived {
            Some(true) => CustomerStatus::Archived,
            Some(false) => CustomerStatus::Active,
            None => before.status,
        };
        let mut after =
            Customer { details: report.details.clone(), status, report_digest: Some(digest.clone()), ..before.clone() };
        let mut added = 0_u16;
        for sent in &report.contacts {
            match contacts.iter().find(|contact| contact.details.email == sent.email) {
                Some(contact) => {
                    let changed = contact.with(sent.clone());
                    writes.extend(changed.map(|(after, _)| ContactWrite { before: Some(contact.clone()), after }));
                }
                None => {
                    let (counted, contact) =
                        contact::added(after, next_id(), sent.clone(), at).map_err(RecordError::Contacts)?;
                    after = counted;
                    added = added.saturating_add(1);
                    writes.push(ContactWrite { before: None, after: contact });
                }
            }
        }
        let changed: Vec<CustomerField> = before.differences(&after);
        if !is_new && changed.is_empty() && writes.is_empty() {
            return Ok(Recording::Unchanged(after));
        }
        if !is_new {
            after.version = after.version.saturating_add(1);
        }
        let contacts_changed = u16::try_from(writes.len()).unwrap_or(u16::MAX).saturating_sub(added);
        let data = CustomerRecorded { new: is_new, changed, status, contacts_added: added, contacts_changed };
        let event = after.event(kinds::CustomerRecorded::of(data));
        Ok(Recording::Recorded(after, event))
    };
    let outcome = apply(known, version, difference, decide)?;
    Ok((outcome, writes))
}
