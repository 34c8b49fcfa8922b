//! Files that were asked for.

use domain::{
    Event, ExportId,
    event_filter::EventFilter,
    export::{AuditScope, Export},
};

use super::{Key, Tenant};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

impl Tenant {
    /// A file of the tenant's trail.
    #[must_use]
    pub fn export(&self, id: &ExportId) -> Key<Export> {
        self.own(format!("EXPORT#{id}"))
    }

    /// A part of the tenant's trail near the times that a filter asks for, newest first. Ids are drawn
    /// when an event is recorded, up to `recorded_within_s` after its time, so the range reaches that much
    /// further than the filter.
    #[must_use]
    pub fn trail(&self, of: Option<AuditScope>, filter: &EventFilter, recorded_within_s: i64) -> Listing<Event> {
        let trail = match of.unwrap_or_default() {
            AuditScope::Firm => self.events(),
            AuditScope::Clients => self.events_at_clients(),
        };
        trail.recorded(filter.from, filter.to.map(|to| to.plus_s(recorded_within_s)))
    }
}

impl Entity for Export {
    const ENTITY: &'static str = "export";

    fn indexes(&self) -> Indexes {
        // A little longer than the file, so that whoever comes late is told that it is gone.
        Indexes { ttl_unix_s: Some(self.gone_at.plus_s(30 * 24 * 3600).unix_s()), ..Indexes::default() }
    }
}
