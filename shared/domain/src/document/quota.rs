//! How much may be stored, and how much is.

use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Serialize};

use super::state::Document;
use crate::id::{FirmId, Org};

/// How many bytes may be stored; parameters of the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageQuotas {
    /// In one company.
    pub company_bytes: u64,
    /// By the people of one firm, in all companies together.
    pub firm_bytes: u64,
}

/// Text that is no number of MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not two whole numbers of MiB, the company's and the firm's, such as 10240/102400")]
pub struct StorageQuotasError;

impl FromStr for StorageQuotas {
    type Err = StorageQuotasError;

    fn from_str(text: &str) -> Result<Self, StorageQuotasError> {
        let mib = |text: &str| text.parse::<u32>().map(|mib| u64::from(mib) * 1024 * 1024);
        let (company, firm) = text.split_once('/').ok_or(StorageQuotasError)?;
        let bytes = |text| mib(text).map_err(|_| StorageQuotasError);
        Ok(Self { company_bytes: bytes(company)?, firm_bytes: bytes(firm)? })
    }
}

impl StorageQuotas {
    /// The quota of a company or a firm, in bytes.
    #[must_use]
    pub const fn of(&self, org: &Org) -> u64 {
        match org {
            Org::Company(_) => self.company_bytes,
            Org::Firm(_) => self.firm_bytes,
        }
    }
}

/// How much a company stores, or the people of a firm. It is counted in the changes that record documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedStorage {
    /// In bytes.
    pub bytes: u64,
}

impl UsedStorage {
    /// What is left of a quota, in bytes.
    #[must_use]
    pub const fn left_bytes(self, quota_bytes: u64) -> u64 {
        quota_bytes.saturating_sub(self.bytes)
    }
}

/// How many bytes of a document count, by whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredBytes(BTreeMap<Org, u64>);

impl StoredBytes {
    /// By how much each count rises or falls from one state of a document to another, in bytes.
    #[must_use]
    pub fn change(before: Option<&Document>, after: &Document) -> BTreeMap<Org, i64> {
        let before = before.map(Document::stored_bytes).unwrap_or_default();
        let after = after.stored_bytes();
        let signed = |bytes: Option<&u64>| i64::try_from(bytes.copied().unwrap_or_default()).unwrap_or(i64::MAX);
        let orgs = before.0.keys().chain(after.0.keys());
        let changes = orgs.map(|org| (org.clone(), signed(after.0.get(org)) - signed(before.0.get(org))));
        changes.filter(|(_, bytes)| *bytes != 0).collect()
    }

    fn add(&mut self, org: Org, bytes: u64) {
        *self.0.entry(org).or_default() += bytes;
    }
}

impl Document {
    /// The bytes that count: of each version that was not refused, for the company, and for the firm whose people
    /// uploaded it. A deleted document does not count.
    #[must_use]
    pub fn stored_bytes(&self) -> StoredBytes {
        let mut stored = StoredBytes::default();
        if self.deleted.is_some() {
            return stored;
        }
        for version in self.versions().filter(|version| version.refusal().is_none()) {
            stored.add(Org::Company(self.company.clone()), version.size.bytes());
            let firm: Option<&FirmId> = version.uploaded_by.firm.as_ref();
            if let Some(firm) = firm {
                stored.add(Org::Firm(firm.clone()), version.size.bytes());
            }
        }
        stored
    }
}
