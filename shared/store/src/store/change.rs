//! Starting changes.

use domain::Org;

use super::Store;
use crate::{
    authority::Authority,
    change::{Change, ChangeContext},
};

impl Store {
    /// Starts a change in the authority's tenant. What must hold for the authority is checked in
    /// the transaction itself: a revocation that commits first refuses the change.
    pub fn change(&self, authority: &Authority, change_context: ChangeContext) -> Change<'_> {
        Change::new(self, authority, change_context)
    }

    /// Starts a change in a tenant that does not exist yet: registering it.
    pub fn registration(&self, org: Org, change_context: ChangeContext) -> Change<'_> {
        self.change(&Authority::System(org), change_context)
    }
}
