//! Keeps what waits in each client of a firm, for the firm's overview.
//!
//! Events about a company arrive through a queue, at least once and in any order. An event is a hint: what is written follows
//! from what the table holds now. The entry is read before the company's state and written in its place only, so a worker that
//! read an older state never overwrites what a newer one wrote. Where the connection has ended, the entry goes.
//!
//! It proves nobody's access: the list of entries grants nothing, and what somebody sees of one is decided when they look.

mod state;

use domain::{
    Actor, CompanyId, Event, FirmId, Org,
    backlog::{self, Backlog},
    org::{Connection, Status},
};
use queue::{SqsBatchResponse, SqsEvent, SqsMessage, UnreadableMessage};
use store::{Attempt, Authority, ChangeContext, PageRequest, Store, StoreError, Tenant, retry_on_conflict};

use crate::state::{About, state};

/// The function's input: a batch of the queue.
pub type Input = SqsEvent;

/// The function and its table.
#[derive(Debug)]
pub struct Overview {
    store: Store,
}

/// What is done about the events of one company.
struct Work<'o> {
    store: &'o Store,
    company: &'o CompanyId,
    abouts: Vec<About>,
    request_id: &'o str,
}

impl Overview {
    /// A worker on this table.
    #[must_use]
    pub const fn new(store: Store) -> Self {
        Self { store }
    }

    /// Handles a batch, the events of one company together: many of them come at once, and each would write the same
    /// entries. What fails is redelivered.
    pub async fn handle(&self, batch: Input, request_id: &str) -> SqsBatchResponse {
        queue::each_group(&batch, read, async |company: &CompanyId, abouts: Vec<About>| {
            self.follow(company, abouts, request_id).await
        })
        .await
    }

    async fn follow(&self, company: &CompanyId, abouts: Vec<About>, request_id: &str) -> Result<(), StoreError> {
        let work = Work { store: &self.store, company, abouts, request_id };
        for firm in work.firms().await? {
            retry_on_conflict(|| work.write(&firm)).await?;
        }
        Ok(())
    }
}

/// The company that a message is about, and the thing there; `None` where nothing can differ after the event.
fn read(message: &SqsMessage) -> Result<Option<(CompanyId, About)>, UnreadableMessage> {
    let event: Event = queue::event(message)?;
    if !backlog::EVENTS.contains(&event.kind) {
        return Ok(None);
    }
    let about = About::of(&event)?;
    match event.org {
        Org::Company(company) => Ok(Some((company, about))),
        Org::Firm(_) => Err(UnreadableMessage),
    }
}

impl Work<'_> {
    /// The firms that are connected to the company, or were.
    async fn firms(&self) -> Result<Vec<FirmId>, StoreError> {
        let authority = Authority::System(Org::Company(self.company.clone()));
        let (mut firms, mut request) = (Vec::new(), PageRequest::largest());
        loop {
            let page = self.store.page(&authority, api::clock::now(), Tenant::connections, &request).await?;
            firms.extend(page.items.into_iter().map(|connection: Connection| connection.firm));
            match page.next {
                Some(next) => request = PageRequest::largest().starting_at(next),
                None => return Ok(firms),
            }
        }
    }

    /// Writes what waits in the company for one firm, or removes it.
    ///
    /// It is written each time, also where nothing differs: a worker that read an older state meanwhile then finds another
    /// version than it read, and begins again.
    async fn write(&self, firm: &FirmId) -> Result<(), Attempt<StoreError>> {
        let now = api::clock::now();
        let authority = Authority::System(Org::Firm(firm.clone()));
        let client = Org::Company(self.company.clone());
        let wanted = |tenant: &Tenant| (tenant.connection(&client), tenant.backlog(self.company));
        let (connection, before) = self.store.load(&authority, now, wanted).await?;
        let (Some(connection), before) = (connection.flatten(), before.flatten()) else { return Ok(()) };
        let after = match connection.status {
            Status::Active => {
                let state = state(self.store, self.company, &self.abouts).await?;
                state.map(|state| Backlog::of(&connection, &state, before.as_ref()))
            }
            Status::Ended => None,
        };
        let context =
            ChangeContext { at: now, actor: Actor::machine("overview"), request_id: self.request_id.to_owned() };
        let mut change = self.store.change(&authority, context);
        change.unchanged_some(|tenant| tenant.connection(&client), connection.version);
        let key = |tenant: &Tenant| tenant.backlog(self.company);
        match (before, after) {
            (before, Some(after)) => change.put_some(key, before.map(|before| before.version), &after),
            (Some(before), None) => change.delete_some(key, before.version),
            (None, None) => return Ok(()),
        }
        Ok(change.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The rule of the bus that fills the queue.
    const TEMPLATE: &str = include_str!("../../../infra/template.yaml");

    /// Proves: O1
    #[test]
    fn the_rule_brings_every_event_after_which_a_backlog_may_differ() {
        let rule = TEMPLATE.split("  OverviewRule:\n").nth(1).and_then(|rule| rule.split("Targets:").next()).unwrap();
        let listed = rule.split("detail-type: [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
        let brought: BTreeSet<&str> = listed.split(',').map(str::trim).collect();
        let wanted: BTreeSet<&str> = backlog::EVENTS.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(brought, wanted);
    }
}
