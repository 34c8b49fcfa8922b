//! The number and hash of a seal, noted outside the table.

use serde::{Deserialize, Serialize};

use super::{
    chain::{ChainDefect, VerificationFinding},
    digest::Digest,
    link::Seal,
};

/// The number and hash of a seal, written `12:3f…` and kept outside the table. Comparing a chain with it shows
/// whether the chain's end was cut off, which the table alone cannot show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KnownHead {
    /// The seal's number.
    pub number: u64,
    /// Its hash.
    pub hash: Digest,
}

/// Text that is not a noted seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a seal's number and hash, such as 12:3f… with 64 hexadecimal digits")]
pub struct KnownHeadError;

impl TryFrom<String> for KnownHead {
    type Error = KnownHeadError;

    fn try_from(text: String) -> Result<Self, KnownHeadError> {
        let (number, hash) = text.split_once(':').ok_or(KnownHeadError)?;
        let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        match (plain, number.parse(), hash.parse()) {
            (true, Ok(number), Ok(hash)) => Ok(Self { number, hash }),
            _ => Err(KnownHeadError),
        }
    }
}

impl From<KnownHead> for String {
    fn from(noted: KnownHead) -> Self {
        format!("{}:{}", noted.number, noted.hash)
    }
}

impl From<&Seal> for KnownHead {
    fn from(seal: &Seal) -> Self {
        Self { number: seal.number, hash: seal.hash }
    }
}

impl KnownHead {
    /// The head of a chain without a seal.
    pub const NONE: Self = Self { number: 0, hash: Digest::NONE };

    /// What contradicts the note: the seal found at its place, if there is one that can be read.
    #[must_use]
    pub fn contradicted_by(&self, seal: Option<&Seal>) -> Option<VerificationFinding> {
        match seal {
            None => Some(VerificationFinding::of_seal(ChainDefect::SealMissing, self.number)),
            Some(seal) if seal.true_hash() != self.hash => {
                Some(VerificationFinding::of_seal(ChainDefect::SealAltered, self.number))
            }
            Some(_) => None,
        }
    }
}
