//! What a document belongs to.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{id::DocumentRequestId, text::Reference};

/// What a document belongs to, in its own company.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum DocumentLink {
    /// A transaction that the ledger reported.
    Transaction {
        /// The ledger's reference of it.
        reference: Reference,
    },
    /// An item of a document request.
    RequestItem {
        /// The request.
        request: DocumentRequestId,
        /// The item's number in the request, from 1.
        item: u8,
    },
}

/// As keys and queries write it: `transaction:REF` or `request_item:drq_…:3`. No reference and no id has a colon.
impl fmt::Display for DocumentLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transaction { reference } => write!(f, "transaction:{reference}"),
            Self::RequestItem { request, item } => write!(f, "request_item:{request}:{item}"),
        }
    }
}

/// Text that names nothing a document can belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a link such as transaction:REFERENCE or request_item:REQUEST:ITEM")]
pub struct DocumentLinkError;

impl std::str::FromStr for DocumentLink {
    type Err = DocumentLinkError;

    fn from_str(text: &str) -> Result<Self, DocumentLinkError> {
        let parts: Vec<&str> = text.split(':').collect();
        let link = match *parts.as_slice() {
            ["transaction", reference] => reference.parse().ok().map(|reference| Self::Transaction { reference }),
            ["request_item", request, item] => {
                request.parse().ok().zip(item.parse().ok()).map(|(request, item)| Self::RequestItem { request, item })
            }
            _ => None,
        };
        // One spelling only: numbers have more.
        link.filter(|link| link.to_string() == text).ok_or(DocumentLinkError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_read_as_it_is_written() {
        let request = "drq_00000000000000000000000000000001";
        for text in ["transaction:T-1.a", &format!("request_item:{request}:12")] {
            assert_eq!(text.parse::<DocumentLink>().unwrap().to_string(), text);
        }
        for text in ["", "transaction:", "transaction:a b", "invoice:1", &format!("request_item:{request}:012")] {
            assert_eq!(text.parse::<DocumentLink>(), Err(DocumentLinkError), "{text}");
        }
    }
}
