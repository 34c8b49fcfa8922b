//! The key of a version's object in the bucket.

use std::{fmt, str::FromStr};

use super::version::VersionNumber;
use crate::id::{CompanyId, DocumentId};

/// The key of a version's object: `companies/{company}/{document}/{version}`. It holds ids only, never a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectKey {
    /// The company.
    pub company: CompanyId,
    /// The document.
    pub document: DocumentId,
    /// The version.
    pub version: VersionNumber,
}

/// A key that is no document's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not the key of a document")]
pub struct ObjectKeyError;

/// The key of a version's object.
#[must_use]
pub fn object_key(company: &CompanyId, document: &DocumentId, version: VersionNumber) -> ObjectKey {
    ObjectKey { company: company.clone(), document: document.clone(), version }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "companies/{}/{}/{}", self.company, self.document, self.version)
    }
}

impl FromStr for ObjectKey {
    type Err = ObjectKeyError;

    fn from_str(text: &str) -> Result<Self, ObjectKeyError> {
        let parts: Vec<&str> = text.split('/').collect();
        let ["companies", company, document, version] = *parts.as_slice() else { return Err(ObjectKeyError) };
        let key = Self {
            company: company.parse().map_err(|_| ObjectKeyError)?,
            document: document.parse().map_err(|_| ObjectKeyError)?,
            version: version.parse().map_err(|_| ObjectKeyError)?,
        };
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written_and_no_other_key_is_a_documents() {
        let company = "co_00000000000000000000000000000001";
        let document = "doc_00000000000000000000000000000002";
        let written = format!("companies/{company}/{document}/3");
        assert_eq!(written.parse::<ObjectKey>().unwrap().to_string(), written);
        for text in [
            "",
            "exports/a/b/1",
            &format!("companies/{company}/{document}"),
            &format!("companies/{company}/{document}/0"),
            &format!("companies/{company}/{document}/03"),
            &format!("companies/{company}/{document}/3/"),
            &format!("/companies/{company}/{document}/3"),
            &format!("companies/{document}/{company}/3"),
        ] {
            assert_eq!(text.parse::<ObjectKey>(), Err(ObjectKeyError), "{text}");
        }
    }
}
