//! Adds seals to a chain.

use domain::{
    Org, UtcTime,
    seal::{ChainEnd, Forgery, KnownHead, MAX_EVENTS, Seal, SealedEvent, Since, judge_end},
};
use store::{Authority, PlacedSeal, Store, StoreError};

use crate::{
    ChainError,
    heads::{Heads, KeptHead},
    key::SealKey,
};

/// The most seals that one run adds to one chain; the rest waits for the next.
const MAX_SEALS: usize = 32;

/// The result of a run for one tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sealed {
    /// The number of seals added.
    pub seals: usize,
    /// The number of events that they cover.
    pub events: usize,
    /// Whether there are events that no seal covers yet.
    pub is_more: bool,
}

/// Why a tenant was not sealed; the seals that were written stay.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The table, the key or the kept heads did not answer.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The chain is not what the key signed and the kept head says. Nothing is signed behind it.
    #[error("nothing is sealed behind a forged chain: {0}")]
    Forged(#[from] Forgery),
}

/// The end of the chain, and the events behind it.
struct Tail {
    last: Option<PlacedSeal>,
    events: Vec<SealedEvent>,
    is_more: bool,
}

/// Seals audit logs.
#[derive(Debug, Clone)]
pub struct Sealer {
    /// The table.
    pub store: Store,
    /// The key that signs.
    pub key: SealKey,
    /// The kept heads.
    pub heads: Heads,
}

impl Sealer {
    /// Seals a tenant's events whose ids were drawn before `settled`, at most 32 seals of 64 events.
    ///
    /// Each seal is written to the table first and noted as the head next. Of two concurrent runs, one fails to write its
    /// seal, or to note it, and leaves the rest to the other: the chain does not fork.
    ///
    /// # Errors
    /// [`SealError`].
    pub async fn seal_tenant(&self, org: &Org, settled: UtcTime, now: UtcTime) -> Result<Sealed, SealError> {
        let (mut kept, mut tail, end) = match self.judged_tail(org, settled, now).await {
            // Another run may have sealed twice between the reading of the head and of the table.
            Err(SealError::Forged(_)) => self.judged_tail(org, settled, now).await?,
            judged => judged?,
        };
        let mut done = Sealed { is_more: true, ..Sealed::default() };
        let mut last = tail.last.take().and_then(|placed| placed.seal);
        if let (ChainEnd::OneAhead, Some(seal)) = (end, &last) {
            let Some(noted) = self.note(org, &kept, seal).await? else { return Ok(done) };
            kept = noted;
        }
        for _ in 0..MAX_SEALS {
            let Some(seal) = Seal::next(org, last.as_ref(), &tail.events, now) else {
                return Ok(Sealed { is_more: tail.is_more, ..done });
            };
            let seal = self.key.sign(seal).await.map_err(ChainError::from)?;
            if !self.store.append_seal(&seal).await.map_err(ChainError::from)? {
                tracing::info!(%org, "another run sealed first");
                return Ok(done);
            }
            done = Sealed { seals: done.seals + 1, events: done.events + seal.events.len(), is_more: true };
            let Some(noted) = self.note(org, &kept, &seal).await? else { return Ok(done) };
            kept = noted;
            tail = self.tail(org, Some(seal.clone()), settled, now).await.map_err(ChainError::from)?;
            last = Some(seal);
        }
        Ok(done)
    }

    /// Notes a seal as the head. `None` where another run was first.
    async fn note(&self, org: &Org, kept: &KeptHead, seal: &Seal) -> Result<Option<KeptHead>, SealError> {
        let noted = self.heads.advance(org, kept, KnownHead::from(seal)).await.map_err(ChainError::from)?;
        match &noted {
            Some(_) => tracing::info!(%org, number = seal.number, hash = %seal.hash, events = seal.count, "sealed"),
            None => tracing::info!(%org, "another run noted a head first"),
        }
        Ok(noted)
    }

    /// Reads the head and then the end of the chain, which is refused unless the key signed it and the head agrees.
    async fn judged_tail(
        &self,
        org: &Org,
        settled: UtcTime,
        now: UtcTime,
    ) -> Result<(KeptHead, Tail, ChainEnd), SealError> {
        let kept = self.heads.read(org).await.map_err(ChainError::from)?;
        let tail = self.tail(org, None, settled, now).await.map_err(ChainError::from)?;
        let last = match &tail.last {
            None => None,
            Some(PlacedSeal { seal: Some(seal), place }) if seal.number == *place => Some(seal),
            Some(_) => return Err(Forgery::SealAltered.into()),
        };
        let end = judge_end(org, kept.head, last)?;
        if let Some(last) = last
            && !self.key.public().await.map_err(ChainError::from)?.signed(last)
        {
            return Err(Forgery::SignatureInvalid.into());
        }
        Ok((kept, tail, end))
    }

    /// Reads the events after the last seal: the settled ones, and whether there are others, which are too young.
    async fn tail(&self, org: &Org, last: Option<Seal>, settled: UtcTime, now: UtcTime) -> Result<Tail, StoreError> {
        self.store
            .query_authorized(&Authority::System(org.clone()), now, async |queries| {
                let last = match last {
                    Some(seal) => Some(PlacedSeal { place: seal.number, seal: Some(seal) }),
                    None => queries.newest_seal().await?,
                };
                let reached = last.as_ref().and_then(|placed| placed.seal.as_ref()).map(|seal| seal.to.clone());
                let since = reached.map_or(Since::Beginning, Since::Behind);
                let found = queries.events_drawn(&since, settled, MAX_EVENTS).await?;
                let is_more = if found.events.is_empty() {
                    // One event drawn at any time is enough to come back for; clocks may run ahead.
                    !queries.events_drawn(&since, FAR, 1).await?.events.is_empty()
                } else {
                    true
                };
                Ok(Tail { last, events: found.events, is_more })
            })
            .await
    }
}

/// Behind every id that is ever drawn: the 48 bits of a `UUIDv7`'s time end in the year 10889.
const FAR: UtcTime = UtcTime::LATEST;
