//! Keys of reports, of the parts that their contents are stored in, and of publications.
//!
//! A content is in parts of its own, one set for each version, in the same partition. So a list of reports reads no rows,
//! and a version that is published is never written again.

use domain::{
    Org, PublicationId, Reference,
    ledger_report::ReportVersion,
    report::{CashflowForecast, MAX_PARTS, Month, MonthAccounts, Publication, Report, ReportKind, ReportPart},
    time::{Day, UtcTime},
};

use super::{
    key::Key,
    parts::{Place, key_parts, key_words, shard, shards},
    template::{Gsi1, Gsi2, Item, Partition},
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
/// The publications that count: one that was corrected is not among them.
const PUBLICATION_BY_MONTH: Gsi1<Publication, Org, (Month, PublicationId)> = Gsi1::new("PUBLICATION");
const MONTH: Item<MonthAccounts, Org, Month> = Item::new("ACCOUNTS");
const FORECAST: Item<CashflowForecast, Org, ()> = Item::new("FORECAST");
const DUE: Partition<CashflowForecast, u8> = Partition::new("DUE#forecasts");
const DUE_FORECAST: Gsi2<CashflowForecast, CashflowForecast, UtcTime> = Gsi2::without_kind();

/// The forecasts with a crossing that somebody is to be told of by `until`: one list for each shard.
pub(crate) fn due_forecasts(until: UtcTime) -> impl Iterator<Item = Listing<CashflowForecast>> {
    shards().map(move |shard| {
        let forecasts = DUE_FORECAST.list(DUE.pk(&shard), ());
        forecasts.between(DUE_FORECAST.sk(&UtcTime::EPOCH), DUE_FORECAST.sk(&until))
    })
}

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

    /// The publications that count, one of each month, the latest month first. Those that were corrected are not among them.
    #[must_use]
    pub fn publications_by_month(&self) -> Listing<Publication> {
        PUBLICATION_BY_MONTH.list(self.pk(), ()).newest_first()
    }

    /// Which publication of a month counts.
    #[must_use]
    pub fn month_accounts(&self, month: Month) -> Key<MonthAccounts> {
        MONTH.key(self.pk(), &month)
    }

    /// The published cashflow forecast that counts.
    #[must_use]
    pub fn cashflow_forecast(&self) -> Key<CashflowForecast> {
        FORECAST.key(self.pk(), ())
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
        let by_month = || PUBLICATION_BY_MONTH.entry(COMPANY.pk(&self.company), (&self.month, &self.id));
        self.corrected_by.is_none().then(by_month).into()
    }
}

impl Entity for MonthAccounts {
    const ENTITY: &'static str = "month_accounts";
}

impl Entity for CashflowForecast {
    const ENTITY: &'static str = "cashflow_forecast";

    fn indexes(&self) -> Indexes {
        let due_at = self.due_at();
        due_at.map(|due_at| DUE_FORECAST.entry(DUE.pk(&shard(self.company.as_str())), &due_at)).into()
    }
}

#[cfg(test)]
mod tests {
    use domain::{CompanyId, access::ActingAs};
    use serde_json::json;

    use super::*;

    /// After a correction, the month before is the second in the list: so its forecast is found.
    /// Proves: R6
    #[test]
    fn a_publication_that_was_corrected_leaves_the_list_by_month() {
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let acting_as = ActingAs::Member { company: company.clone() };
        let wrong: Publication = serde_json::from_value(json!({
            "id": "pub_00000000000000000000000000000001", "company": company, "month": "2026-10", "reports": [],
            "figures": [], "published_by": "ada", "published_by_name": "Ada", "acting_as": acting_as,
            "published_at": "2026-11-02T10:00:00.000Z", "version": 1,
        }))
        .unwrap();
        let listing = Tenant::new(Org::Company(company)).publications_by_month();
        let entries = wrong.indexes().entries;
        let [entry] = entries.as_slice() else { panic!("{entries:?}") };
        assert_eq!((entry.source, &entry.pk), (listing.source, &listing.pk));
        assert!(entry.sk.starts_with(&listing.prefix), "{}", entry.sk);
        let correction = "pub_00000000000000000000000000000002".parse().unwrap();
        let wrong = Publication { corrected_by: Some(correction), ..wrong };
        assert!(wrong.indexes().entries.is_empty());
    }
}
