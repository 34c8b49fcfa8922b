//! Verifies a chain, one part at a time.

use domain::{
    UtcTime,
    seal::{ChainDefect, ChainWalk, KnownHead, VerificationFinding, compare, contradicts_kept_head, overdue},
};
use serde::Serialize;
use store::{Authority, PlacedSeal, Queries, Store, StoreError};
use utoipa::ToSchema;

use crate::{ChainError, heads::Heads, key::SealKey};

/// How many seals one call verifies.
const MAX_SEALS: u16 = 20;
/// The most events after the last seal that are counted.
const MAX_COUNTED: usize = 500;
/// Whether anything was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerificationStatus {
    /// Nothing contradicts the chain, and nothing is missing that should be there.
    Intact,
    /// An event, a seal or the kept head contradicts the chain, or sealing is late.
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
    /// The number of them older than an hour, which is a finding: sealing is late, or seals were removed.
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
    /// The last seal of this part. Keep it to compare with later, if you do not want to rely on the head that the stack keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{1,20}:[0-9a-f]{64}$")]
    pub head: Option<KnownHead>,
    /// The number of the seal to go on from; absent at the end of the chain.
    #[serde(skip)]
    pub next: Option<u64>,
}

/// One part of a chain as it was read.
struct Stretch {
    verification: ChainVerification,
    /// The seals of the part, and the one before it.
    seals: Vec<PlacedSeal>,
    /// The number of the last seal (0 for none), once the end of the chain is reached.
    end: Option<u64>,
}

/// Verifies audit logs.
#[derive(Debug, Clone)]
pub struct Verifier {
    /// The key whose signatures are expected.
    pub key: SealKey,
    /// The kept heads.
    pub heads: Heads,
}

impl Verifier {
    /// Verifies up to 20 seals from a number on: each against itself, its signature, the one before it and the events it
    /// fixes; a noted seal, where there is one; at the end of the chain, the kept head and the events that wait.
    ///
    /// At most 25 `Query`s one after the other where nobody slipped in hundreds of events, beside which the authority is
    /// proven, and one or two of `s3:GetObject`.
    ///
    /// # Errors
    /// [`ChainError`]; a denial comes first.
    pub async fn verify(
        &self,
        store: &Store,
        authority: &Authority,
        now: UtcTime,
        from: u64,
        noted: Option<KnownHead>,
    ) -> Result<ChainVerification, ChainError> {
        let org = authority.org();
        // Before the table is read: the chain may only have grown since.
        let kept = self.heads.read(&org).await;
        let Stretch { mut verification, seals, end } = store
            .query_authorized(authority, now, async |queries| stretch(&queries, from.max(1), noted, now).await)
            .await?;
        let public = self.key.public().await?;
        let first = verification.checked.from_seal.unwrap_or(u64::MAX);
        for placed in seals.iter().filter(|placed| placed.place >= first) {
            if placed.seal.as_ref().is_some_and(|seal| !public.signed(seal)) {
                verification.findings.push(VerificationFinding::of_seal(ChainDefect::SignatureInvalid, placed.place));
            }
        }
        if let Some(end) = end {
            let found = |kept: KnownHead| {
                let at_head = seals.iter().find(|placed| placed.place == kept.number);
                contradicts_kept_head(kept, end, at_head.and_then(|placed| placed.seal.as_ref()))
            };
            let mut contradiction = found(kept?.head);
            if contradiction.as_ref().is_some_and(|finding| finding.what == ChainDefect::HeadOutdated) {
                // Seals may have been added since it was read: then it was noted in between.
                let later = self.heads.read(&org).await?.head;
                contradiction = found(later).filter(|finding| finding.what == ChainDefect::HeadOutdated);
            }
            verification.findings.extend(contradiction);
        }
        // In the order of the chain; what was found of one seal stays in the order in which it was.
        verification.findings.sort_by_key(|finding| finding.seal);
        if !verification.findings.is_empty() {
            verification.status = VerificationStatus::Broken;
        }
        Ok(verification)
    }
}

async fn stretch(
    queries: &Queries<'_>,
    from: u64,
    noted: Option<KnownHead>,
    now: UtcTime,
) -> Result<Stretch, StoreError> {
    let org = queries.tenant().org().clone();
    let mut findings = Vec::new();
    if let Some(noted) = noted {
        let found = queries.seals(noted.number, 1).await?;
        let there = found.first().filter(|placed| placed.place == noted.number);
        findings.extend(noted.contradicted_by(there.and_then(|placed| placed.seal.as_ref())));
    }

    // The seal before the stretch is read too: the first of the stretch must name it.
    let mut seals = queries.seals(from.saturating_sub(1).max(1), MAX_SEALS + 1).await?;
    let before = match seals.first() {
        Some(placed) if placed.place < from => Some(seals.remove(0)),
        Some(_) | None => None,
    };
    let mut walk = match &before {
        Some(PlacedSeal { seal: Some(seal), place }) if seal.number == *place => {
            ChainWalk::behind(&org, Some(seal.clone()))
        }
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

    let last = seals.last().or(before.as_ref()).map_or(0, |placed| placed.place);
    let unsealed = if is_end {
        let behind = queries.events_drawn(&walk.unsealed_since(), UtcTime::LATEST, MAX_COUNTED).await?;
        let (overdue, finding) = overdue(last, &behind.events, now);
        findings.extend(finding);
        Some(UnsealedEvents { events: behind.events.len(), more: behind.more, overdue })
    } else {
        None
    };
    let numbers = (seals.first().map(|placed| placed.place), seals.last().map(|placed| placed.place));
    let verification = ChainVerification {
        status: VerificationStatus::Intact,
        checked: VerifiedRange { seals: seals.len(), events, from_seal: numbers.0, to_seal: numbers.1 },
        findings,
        unsealed,
        head: seals.last().and_then(|placed| placed.seal.as_ref()).map(KnownHead::from),
        next: numbers.1.filter(|_| !is_end).map(|last| last.saturating_add(1)),
    };
    Ok(Stretch { verification, seals: before.into_iter().chain(seals).collect(), end: is_end.then_some(last) })
}
