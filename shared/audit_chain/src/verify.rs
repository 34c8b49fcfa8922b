//! Verifies a chain, one part at a time.

use domain::{
    UtcTime,
    seal::{ChainDefect, ChainWalk, KnownHead, Seal, VerificationFinding, compare, drawn_at},
};
use serde::Serialize;
use store::{Authority, PlacedSeal, Queries, Store, StoreError};
use utoipa::ToSchema;

use crate::{ChainError, key::SealKey};

/// How many seals one call verifies.
const MAX_SEALS: u16 = 20;
/// The most events after the last seal that are counted.
const MAX_COUNTED: usize = 500;
/// How old an event may get before it should have been sealed, in seconds: the margin, and several runs
/// of the schedule.
const OVERDUE_AFTER_S: i64 = 3600;

/// Whether anything was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerificationStatus {
    /// No event or seal contradicts the chain.
    Intact,
    /// An event or a seal contradicts the chain.
    Broken,
}

/// The verified part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VerifiedRange {
    /// The number of seals.
    pub seals: usize,
    /// The number of events that they cover.
    pub events: usize,
    /// The number of the first seal; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_seal: Option<u64>,
    /// The number of the last seal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_seal: Option<u64>,
}

/// The events after the last seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnsealedEvents {
    /// The number of events, up to 500.
    pub events: usize,
    /// Whether there are more.
    pub more: bool,
    /// The number of them older than an hour: sealing is late, or seals were removed.
    pub overdue: usize,
}

/// The result for one part of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChainVerification {
    /// The verdict on this part.
    pub status: VerificationStatus,
    /// The verified part.
    pub checked: VerifiedRange,
    /// The findings, in the order of the chain.
    pub findings: Vec<VerificationFinding>,
    /// The events after the last seal, once the end of the chain is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsealed: Option<UnsealedEvents>,
    /// The last seal of this part. Keep it to compare with later.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{1,20}:[0-9a-f]{64}$")]
    pub head: Option<KnownHead>,
    /// The number of the seal to go on from; absent at the end of the chain.
    #[serde(skip)]
    pub next: Option<u64>,
}

/// Verifies up to 20 seals from a number on: each against its own hash, the seal before it and the events it fixes;
/// the last one's signature, which through the hashes vouches for those before it; and a noted seal, where there is
/// one.
///
/// At most 25 `Query`s one after the other where nobody slipped in hundreds of events, and one call of
/// `kms:Verify`. The authority is proven beside them.
///
/// # Errors
/// [`ChainError`]; a denial comes first.
pub async fn verify(
    store: &Store,
    key: &SealKey,
    authority: &Authority,
    now: UtcTime,
    from: u64,
    noted: Option<KnownHead>,
) -> Result<ChainVerification, ChainError> {
    let (mut verification, last) = store
        .query_authorized(authority, now, async |queries| stretch(&queries, from.max(1), noted, now).await)
        .await?;
    if let Some(last) = last
        && !key.verify(&last).await?
    {
        verification.findings.push(VerificationFinding::of_seal(ChainDefect::SignatureInvalid, last.number));
    }
    if !verification.findings.is_empty() {
        verification.status = VerificationStatus::Broken;
    }
    Ok(verification)
}

async fn stretch(
    queries: &Queries<'_>,
    from: u64,
    noted: Option<KnownHead>,
    now: UtcTime,
) -> Result<(ChainVerification, Option<Seal>), StoreError> {
    let org = queries.tenant().org().clone();
    let mut findings = Vec::new();
    if let Some(noted) = noted {
        let found = queries.seals(noted.number, 1).await?;
        let there = found.first().filter(|placed| placed.place == noted.number);
        findings.extend(noted.contradicted_by(there.and_then(|placed| placed.seal.as_ref())));
    }

    // The seal before the part is read too: the first seal of the part must name it.
    let mut seals = queries.seals(from.saturating_sub(1).max(1), MAX_SEALS + 1).await?;
    let before = match seals.first() {
        Some(placed) if placed.place < from => Some(seals.remove(0)),
        Some(_) | None => None,
    };
    let mut walk = match before {
        Some(PlacedSeal { seal: Some(seal), place }) if seal.number == place => ChainWalk::behind(&org, Some(seal)),
        Some(_) => ChainWalk::from_place(&org, from),
        None if from == 1 => ChainWalk::behind(&org, None),
        None => ChainWalk::from_place(&org, from),
    };
    let is_end = seals.len() <= usize::from(MAX_SEALS);
    seals.truncate(usize::from(MAX_SEALS));
    let mut events = 0;
    for placed in &seals {
        let (since, found) = walk.step(placed.place, placed.seal.as_ref());
        findings.extend(found);
        if let (Some(since), Some(seal)) = (since, &placed.seal) {
            let found = queries.events_between(&since, &seal.to).await?;
            events += seal.events.len();
            findings.extend(compare(seal, &found.events));
        }
    }

    let unsealed = if is_end { Some(unsealed(queries, &walk, now).await?) } else { None };
    let last = seals.last().and_then(|placed| placed.seal.clone());
    let numbers = (seals.first().map(|placed| placed.place), seals.last().map(|placed| placed.place));
    let verification = ChainVerification {
        status: VerificationStatus::Intact,
        checked: VerifiedRange { seals: seals.len(), events, from_seal: numbers.0, to_seal: numbers.1 },
        findings,
        unsealed,
        head: last.as_ref().map(KnownHead::from),
        next: numbers.1.filter(|_| !is_end).map(|last| last.saturating_add(1)),
    };
    Ok((verification, last))
}

async fn unsealed(queries: &Queries<'_>, walk: &ChainWalk, now: UtcTime) -> Result<UnsealedEvents, StoreError> {
    let behind = queries.events_drawn(&walk.unsealed_since(), UtcTime::LATEST, MAX_COUNTED).await?;
    let due = now.plus_s(-OVERDUE_AFTER_S);
    let overdue = behind.events.iter().filter(|event| drawn_at(&event.id) < due).count();
    Ok(UnsealedEvents { events: behind.events.len(), more: behind.more, overdue })
}
