//! Identifiers. Every id is a newtype with a private field, validated when parsed.
//!
//! Ids are names, never secrets: they are UUIDv7 behind a prefix (`co_…`), so they sort by time
//! and a reader of a log line sees what kind of thing is meant.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Text that is not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not {expected}")]
pub struct IdError {
    expected: &'static str,
}

/// Declares each kind of id: its type, its prefix, the pattern of its text, its name, and what errors call it.
macro_rules! prefixed_ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal, $pattern:tt, $kind:literal, $what:literal;)*) => {
        /// The prefix and the name of each kind of id.
        pub const KINDS: &[(&str, &str)] = &[$(($prefix, $kind),)*];

        $(prefixed_id! { $(#[$doc])* $name, $prefix, $pattern, $what })*
    };
}

macro_rules! prefixed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $pattern:tt, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String, pattern = $pattern)]
        pub struct $name(String);

        impl $name {
            /// Makes the id from a UUIDv7 that the caller drew.
            #[must_use]
            pub fn from_uuid(uuid: Uuid) -> Self {
                Self(format!("{}{}", $prefix, uuid.simple()))
            }

            /// The id as it is written, prefix included.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let hex = text.strip_prefix($prefix).ok_or(IdError { expected: $what })?;
                let canonical = hex.len() == 32
                    && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
                if canonical {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError { expected: $what })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

prefixed_ids! {
    /// One set of books.
    CompanyId, "co_", "^co_[0-9a-f]{32}$", "company", "a company id (co_ and 32 hexadecimal digits)";
    /// An accounting firm.
    FirmId, "fm_", "^fm_[0-9a-f]{32}$", "firm", "a firm id (fm_ and 32 hexadecimal digits)";
    /// An offer to become a member, staff, or one side of a connection.
    InvitationId, "in_", "^in_[0-9a-f]{32}$", "invitation", "an invitation id (in_ and 32 hexadecimal digits)";
    /// An entry of a firm's client list, before and after the client is connected.
    ClientId, "cl_", "^cl_[0-9a-f]{32}$", "client", "a client id (cl_ and 32 hexadecimal digits)";
    /// A request for more access.
    AccessRequestId, "ar_", "^ar_[0-9a-f]{32}$", "request", "an access request id (ar_ and 32 hexadecimal digits)";
    /// A firm's shareable link that connects each company that registers through it.
    RegistrationLinkId, "rl_", "^rl_[0-9a-f]{32}$", "registration link", "a registration link id (rl_ and 32 hexadecimal digits)";
    /// A firm's signup code; not the code itself.
    SignupCodeId, "sc_", "^sc_[0-9a-f]{32}$", "signup code", "a signup code id (sc_ and 32 hexadecimal digits)";
    /// One attempt to pay an invoice.
    PaymentId, "py_", "^py_[0-9a-f]{32}$", "payment", "a payment id (py_ and 32 hexadecimal digits)";
    /// One event; sorts by the time it was recorded.
    EventId, "ev_", "^ev_[0-9a-f]{32}$", "event", "an event id (ev_ and 32 hexadecimal digits)";
    /// An export of an audit log.
    ExportId, "ex_", "^ex_[0-9a-f]{32}$", "export", "an export id (ex_ and 32 hexadecimal digits)";
    /// One stay in a context, from entering to leaving.
    SessionId, "ctx_", "^ctx_[0-9a-f]{32}$", "session", "a session id (ctx_ and 32 hexadecimal digits)";
    /// A document, in all its versions.
    DocumentId, "doc_", "^doc_[0-9a-f]{32}$", "document", "a document id (doc_ and 32 hexadecimal digits)";
    /// A request for documents.
    DocumentRequestId, "drq_", "^drq_[0-9a-f]{32}$", "document request", "a document request id (drq_ and 32 hexadecimal digits)";
    /// A person at a customer.
    ContactId, "ct_", "^ct_[0-9a-f]{32}$", "contact", "a contact id (ct_ and 32 hexadecimal digits)";
    /// An archive of documents.
    DocumentExportId, "dex_", "^dex_[0-9a-f]{32}$", "document export", "a document export id (dex_ and 32 hexadecimal digits)";
    /// One publication of a month's accounts.
    PublicationId, "pub_", "^pub_[0-9a-f]{32}$", "publication", "a publication id (pub_ and 32 hexadecimal digits)";
    /// A hosted link to a sales document.
    DocumentLinkId, "dl_", "^dl_[0-9a-f]{32}$", "document link", "a document link id (dl_ and 32 hexadecimal digits)";
    /// One comment on an invoice, an estimate or a document.
    CommentId, "cm_", "^cm_[0-9a-f]{32}$", "comment", "a comment id (cm_ and 32 hexadecimal digits)";
}

/// A person, as the identity provider's `sub` names them: 1–64 letters, digits or `-`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[A-Za-z0-9-]{1,64}$")]
pub struct UserId(String);

impl UserId {
    /// The `sub` itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let well_formed =
            (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError { expected: "a user id (1 to 64 letters, digits or hyphens)" })
        }
    }
}

impl TryFrom<String> for UserId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<UserId> for String {
    fn from(id: UserId) -> Self {
        id.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A tenant: the company or the firm that something belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Org {
    /// A client business's set of books.
    Company(CompanyId),
    /// An accounting firm.
    Firm(FirmId),
}

impl Org {
    /// The id as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Company(id) => id.as_str(),
            Self::Firm(id) => id.as_str(),
        }
    }

    /// The company, where the tenant is one.
    #[must_use]
    pub fn company(&self) -> Option<&CompanyId> {
        match self {
            Self::Company(id) => Some(id),
            Self::Firm(_) => None,
        }
    }

    /// The firm, where the tenant is one.
    #[must_use]
    pub fn firm(&self) -> Option<&FirmId> {
        match self {
            Self::Firm(id) => Some(id),
            Self::Company(_) => None,
        }
    }
}

impl FromStr for Org {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if let Ok(company) = text.parse() {
            return Ok(Self::Company(company));
        }
        text.parse().map(Self::Firm).map_err(|_| IdError { expected: "a company id (co_…) or firm id (fm_…)" })
    }
}

impl fmt::Display for Org {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Names one firm ↔ company link.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConnectionKey {
    /// The client's side.
    pub company: CompanyId,
    /// The accountant's side.
    pub firm: FirmId,
}

/// Names one bookkeeper's assignment to one connected company.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AssignmentKey {
    /// The company to be entered.
    pub company: CompanyId,
    /// The firm on whose behalf.
    pub firm: FirmId,
    /// The bookkeeper.
    pub user: UserId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_a_round_trip_and_keeps_its_prefix() {
        let id = CompanyId::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.as_str().parse::<CompanyId>(), Ok(id.clone()));
        assert!(id.as_str().parse::<FirmId>().is_err(), "a company id is no firm id");
    }

    #[test]
    fn an_id_in_another_spelling_is_refused() {
        for text in [
            "co_",
            "co_0123",
            "CO_00000000000000000000000000000007",
            "co_0000000000000000000000000000000G",
            "co_00000000000000000000000000000007#X",
        ] {
            assert!(text.parse::<CompanyId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_user_id_cannot_carry_a_key_separator() {
        assert!("abc#MEMBER".parse::<UserId>().is_err());
        assert!("".parse::<UserId>().is_err());
        assert!("0190-abc".parse::<UserId>().is_ok());
    }
}
