//! Keys of reports, of the parts that their contents are stored in, and of publications.
//!
//! A content is in parts of its own, one set for each version, in the same partition. So a list of reports reads no rows,
//! and a version that is published is never written again.

use domain::{
    Org, PublicationId, Reference,
    ledger_report::ReportVersion,
    report::{MAX_PARTS, Month, MonthAccounts, Publication, Report, ReportKind, ReportPart},
    time::Day,
};

use super::{
    key::Key,
    parts::{Place, key_parts, key_words},
    template::{Gsi1, Item},
    tenant::{COMPANY, Tenant},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(PublicationId, Month);
key_words!(ReportKind);

const REPORT: Item<Report, Org, Reference> = Item::new("REPORT");
const REPORT_BY_KIND: Gsi1<Report, Org, (ReportKind, Day, Reference)> = Gsi1::new("REPORT");
const PART: Item<ReportPart, Org, (Reference, Place, u8)> = Item::new("REPORTPART");
const PUBLICATION: Item<Publication, Org, PublicationId> = Item::new("PUBLICATION");
const PUBLICATION_BY_MONTH: Gsi1<Publication, Org, (Month, PublicationId)> = Gsi1::new("PUBLICATION");
const MONTH: Item<MonthAccounts, Org, Month> = Item::new("ACCOUNTS");

impl Tenant {
    /// A report.
    #[must_use]
    pub fn report(&self, reference: &Reference) -> Key<Report> {
        REPORT.key(self.pk(), reference)
    }

    /// Reports, all by reference, or those of one kind, the latest period first.
    #[must_use]
    pub fn reports(&self, kind: Option<ReportKind>) -> Listing<Report> {
        match kind {
            Some(kind) => REPORT_BY_KIND.list(self.pk(), &kind).newest_first(),
            None => REPORT.list(self.pk(), ()),
        }
    }

    /// A part of the content of one version, numbered from 0.
    #[must_use]
    pub fn report_part(&self, reference: &Reference, version: ReportVersion, part: u8) -> Key<ReportPart> {
        PART.key(self.pk(), (reference, &Place(version.into()), &part))
    }

    /// The first `parts` parts of the content of one version; as many as there may be, where that is not known.
    #[must_use]
    pub fn report_parts(
        &self,
        reference: &Reference,
        version: ReportVersion,
        parts: Option<u8>,
    ) -> Vec<Key<ReportPart>> {
        (0..parts.unwrap_or(MAX_PARTS)).map(|part| self.report_part(reference, version, part)).collect()
    }

    /// A publication.
    #[must_use]
    pub fn publication(&self, id: &PublicationId) -> Key<Publication> {
        PUBLICATION.key(self.pk(), id)
    }

    /// The publications, the newest first.
    #[must_use]
    pub fn publications(&self) -> Listing<Publication> {
        PUBLICATION.list(self.pk(), ()).newest_first()
    }

    /// The publications of the latest month first, in it the one that counts first: each further one of a month corrects it.
    #[must_use]
    pub fn publications_by_month(&self) -> Listing<Publication> {
        PUBLICATION_BY_MONTH.list(self.pk(), ()).newest_first()
    }

    /// Which publication of a month counts.
    #[must_use]
    pub fn month_accounts(&self, month: Month) -> Key<MonthAccounts> {
        MONTH.key(self.pk(), &month)
    }

    /// The months whose accounts are published, the latest first.
    #[must_use]
    pub fn published_months(&self) -> Listing<MonthAccounts> {
        MONTH.list(self.pk(), ()).newest_first()
    }
}

impl Entity for Report {
    const ENTITY: &'static str = "report";

    fn indexes(&self) -> Indexes {
        let day = self.newest.ends_on();
        let by_kind =
            |day: Day| REPORT_BY_KIND.entry(COMPANY.pk(&self.company), (&self.newest.kind, &day, &self.reference));
        day.map(by_kind).into()
    }
}

impl Entity for ReportPart {
    const ENTITY: &'static str = "report_part";
}

impl Entity for Publication {
    const ENTITY: &'static str = "publication";

    fn indexes(&self) -> Indexes {
        PUBLICATION_BY_MONTH.entry(COMPANY.pk(&self.company), (&self.month, &self.id)).into()
    }
}

impl Entity for MonthAccounts {
    const ENTITY: &'static str = "month_accounts";
}
