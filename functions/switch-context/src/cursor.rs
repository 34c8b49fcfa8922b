//! The cursor of the context list, which is several lists, one after the other.

use api::Problem;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{FirmId, context_list::ContextKind};
use serde::{Deserialize, Serialize};
use store::{Cursor, PageRequest};

/// The longest cursor taken, in bytes.
const MAX_CURSOR_BYTES: usize = 2048;

/// One of the lists, in the order they are shown, and the position in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Position {
    /// The caller's own companies.
    Own {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
    },
    /// The caller's firms, by id.
    Firms {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<FirmId>,
    },
    /// The clients that are assigned to the caller.
    Assigned {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
    },
    /// The clients of one firm that the caller is an admin of, by name; those of further firms follow.
    Clients {
        firm: FirmId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
    },
    /// The customers whose contact the caller is.
    Customers {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
    },
}

impl Position {
    /// Where the list of these places begins; of all, when no kind is named.
    pub(crate) const fn first(kind: Option<ContextKind>) -> Self {
        match kind {
            None | Some(ContextKind::Company) => Self::Own { from: None },
            Some(ContextKind::Firm) => Self::Firms { after: None },
            Some(ContextKind::Client) => Self::Assigned { from: None },
            Some(ContextKind::Customer) => Self::Customers { from: None },
        }
    }

    const fn kind(&self) -> ContextKind {
        match self {
            Self::Own { .. } => ContextKind::Company,
            Self::Firms { .. } => ContextKind::Firm,
            Self::Assigned { .. } | Self::Clients { .. } => ContextKind::Client,
            Self::Customers { .. } => ContextKind::Customer,
        }
    }

    /// Reads a cursor from a request.
    ///
    /// # Errors
    /// `422 invalid-field` for a cursor that this list did not give.
    pub(crate) fn parse(text: &str, kind: Option<ContextKind>) -> Result<Self, Problem> {
        let read = || {
            let json = URL_SAFE_NO_PAD.decode(text).ok()?;
            let position: Self = serde_json::from_slice(&json).ok()?;
            kind.is_none_or(|kind| kind == position.kind()).then_some(position)
        };
        (text.len() <= MAX_CURSOR_BYTES).then(read).flatten().ok_or_else(not_ours)
    }

    /// What to send to the caller.
    pub(crate) fn cursor(&self) -> Result<String, Problem> {
        let json = serde_json::to_vec(self).map_err(Problem::internal)?;
        Ok(URL_SAFE_NO_PAD.encode(json))
    }
}

/// A cursor that this list did not give.
pub(crate) fn not_ours() -> Problem {
    Problem::field("cursor", store::CursorError)
}

/// The request for a part of one list.
pub(crate) fn request(limit: usize, from: Option<String>) -> Result<PageRequest, Problem> {
    let limit = u16::try_from(limit.clamp(1, 100)).unwrap_or(100);
    PageRequest::new(Some(limit), from.map(Cursor::new)).map_err(|error| Problem::field("limit", error))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_cursor_is_read_back_as_it_was_given_and_only_for_its_kind_of_place() {
        let firm = FirmId::from_uuid(Uuid::from_u128(7));
        let positions = [
            (Position::Own { from: Some("x".to_owned()) }, ContextKind::Company),
            (Position::Firms { after: Some(firm.clone()) }, ContextKind::Firm),
            (Position::Assigned { from: None }, ContextKind::Client),
            (Position::Clients { firm, from: Some("y".to_owned()) }, ContextKind::Client),
            (Position::Customers { from: Some("z".to_owned()) }, ContextKind::Customer),
        ];
        for (position, kind) in positions {
            let cursor = position.cursor().unwrap();
            assert_eq!(Position::parse(&cursor, None).unwrap(), position);
            for asked in [ContextKind::Company, ContextKind::Client, ContextKind::Firm, ContextKind::Customer] {
                assert_eq!(Position::parse(&cursor, Some(asked)).is_ok(), asked == kind, "{position:?}");
            }
        }
    }

    #[test]
    fn what_was_not_given_is_no_cursor() {
        for text in ["", "x", "e30", "bm90IGpzb24", &"A".repeat(5000)] {
            assert!(Position::parse(text, None).is_err(), "{text}");
        }
    }
}
