//! Keys of exports of an audit log, the newest of a tenant, and the part of the audit log that one covers.

use domain::{
    Event, ExportId, Org,
    event_filter::EventFilter,
    export::{AuditScope, Export},
};
use serde::{Deserialize, Serialize};

use super::{key::Key, parts::key_parts, template::Item, tenant::Tenant};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(ExportId);

/// How much longer an export is kept than its file, in seconds: a late caller learns that the file is gone.
const KEPT_AFTER_FILE_S: i64 = 30 * 24 * 3600;

const EXPORT: Item<Export, Org, ExportId> = Item::new("EXPORT");
const LATEST: Item<LatestExport, Org, ()> = Item::new("LATEST-EXPORT");

/// The newest export of a tenant. It may be complete by now: ask the export itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LatestExport {
    /// The export.
    pub export: ExportId,
    /// Counts the exports, for optimistic locking: of two at the same time, one is requested.
    pub version: u64,
}

impl LatestExport {
    /// Points to an export, in place of the one before.
    #[must_use]
    pub fn after(before: Option<&Self>, export: ExportId) -> Self {
        Self { export, version: before.map_or(1, |before| before.version.saturating_add(1)) }
    }
}

impl Tenant {
    /// An export of the tenant's audit log.
    #[must_use]
    pub fn export(&self, id: &ExportId) -> Key<Export> {
        EXPORT.key(self.pk(), id)
    }

    /// The newest export of the tenant's audit log.
    #[must_use]
    pub fn latest_export(&self) -> Key<LatestExport> {
        LATEST.key(self.pk(), ())
    }

    /// The part of the tenant's audit log around the times of a filter, newest first. Ids are drawn when an event
    /// is recorded, up to `recorded_within_s` after its time, so the range reaches that much further than the
    /// filter.
    #[must_use]
    pub fn audit_log(&self, of: Option<AuditScope>, filter: &EventFilter, recorded_within_s: i64) -> Listing<Event> {
        let audit_log = match of.unwrap_or_default() {
            AuditScope::Firm => self.events(),
            AuditScope::Clients => self.events_at_clients(),
        };
        audit_log.recorded(filter.from, filter.to.map(|to| to.plus_s(recorded_within_s)))
    }
}

impl Entity for Export {
    const ENTITY: &'static str = "export";

    fn indexes(&self) -> Indexes {
        Indexes::until(self.gone_at.plus_s(KEPT_AFTER_FILE_S).unix_s())
    }
}

impl Entity for LatestExport {
    const ENTITY: &'static str = "latest_export";
}
