//! Keys of what waits in a firm's clients.
//!
//! The entries of a firm are a partition of their own. They are written behind the scenes, and nothing that a person does in
//! the firm waits for them.

use domain::{CompanyId, FirmId, backlog::Backlog, time::Day};

use super::{
    key::Key,
    template::{Gsi2, Item, KeyPart, Partition},
    tenant::Tenant,
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

const BACKLOGS: Partition<Backlog, FirmId> = Partition::new("BACKLOG");
const BACKLOG: Item<Backlog, Backlog, CompanyId> = Item::new("BACKLOG");
const BACKLOG_BY_URGENCY: Gsi2<Backlog, Backlog, (UrgentFrom, CompanyId)> = Gsi2::without_kind();

/// The day from which a client is urgent. A client in which nothing waits comes after every day.
struct UrgentFrom(Option<Day>);

impl KeyPart for UrgentFrom {
    fn append_to(&self, key: &mut String) {
        match self.0 {
            Some(day) => key.push_str(&day.to_string()),
            None => key.push_str("none"),
        }
    }
}

impl Tenant {
    /// What waits in a client of this firm; `None` for a company.
    #[must_use]
    pub fn backlog(&self, company: &CompanyId) -> Option<Key<Backlog>> {
        self.org().firm().map(|firm| BACKLOG.key(BACKLOGS.pk(firm), company))
    }

    /// What waits in the clients of this firm, the most urgent first; `None` for a company. The list grants nothing: show
    /// only what a person may see in each client.
    #[must_use]
    pub fn backlogs(&self) -> Option<Listing<Backlog>> {
        self.org().firm().map(|firm| BACKLOG_BY_URGENCY.list(BACKLOGS.pk(firm), ()))
    }
}

impl Entity for Backlog {
    const ENTITY: &'static str = "backlog";

    fn indexes(&self) -> Indexes {
        BACKLOG_BY_URGENCY.entry(BACKLOGS.pk(&self.firm), (&UrgentFrom(self.urgent_from), &self.company)).into()
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        Org,
        backlog::{Accounts, Waiting},
        time::Zone,
    };

    use super::*;

    fn backlog(number: u128, urgent_from: Option<&str>) -> Backlog {
        Backlog {
            firm: "fm_00000000000000000000000000000002".parse().unwrap(),
            company: format!("co_{number:032x}").parse().unwrap(),
            time_zone: Zone::utc(),
            accounts: Accounts { published: Some("2026-10".parse().unwrap()), settled: None },
            approvals: Waiting { count: 2, more: true, since: Some("2026-11-02".to_owned().try_into().unwrap()) },
            documents: Waiting::default(),
            balances: Waiting::default(),
            urgent_from: urgent_from.map(|day| day.to_owned().try_into().unwrap()),
            version: 3,
        }
    }

    /// Proves: O1
    #[test]
    fn a_firms_clients_are_listed_by_urgency_and_those_in_which_nothing_waits_last() {
        let tenant = Tenant::new(Org::Firm("fm_00000000000000000000000000000002".parse().unwrap()));
        let listing = tenant.backlogs().unwrap();
        let mut keys = Vec::new();
        for (number, urgent_from) in
            [(1, None), (2, Some("2026-11-02")), (3, Some("2025-12-31")), (4, Some("9999-12-31"))]
        {
            let backlog = backlog(number, urgent_from);
            let entries = backlog.indexes().entries;
            let [entry] = &entries[..] else { panic!("{entries:?}") };
            assert!(entry.source == listing.source && entry.pk == listing.pk && entry.sk.starts_with(&listing.prefix));
            keys.push((entry.sk.clone(), number));
        }
        keys.sort();
        assert_eq!(keys.into_iter().map(|(_, number)| number).collect::<Vec<_>>(), [3, 2, 4, 1]);
        let other = Tenant::new(Org::Firm("fm_00000000000000000000000000000003".parse().unwrap()));
        assert_ne!(other.backlogs().unwrap().pk, listing.pk, "another firm's");
        let company = Tenant::new(Org::Company("co_00000000000000000000000000000001".parse().unwrap()));
        assert!(company.backlogs().is_none() && company.backlog(&backlog(1, None).company).is_none());
    }

    #[test]
    fn a_backlog_reads_back_as_it_was_written() {
        let tenant = Tenant::new(Org::Firm("fm_00000000000000000000000000000002".parse().unwrap()));
        for backlog in [backlog(1, None), backlog(2, Some("2026-11-02"))] {
            let key = tenant.backlog(&backlog.company).unwrap().raw;
            let item = crate::item::to_item(&key, &backlog).unwrap();
            assert_eq!(crate::item::from_item::<Backlog>(item).unwrap(), backlog);
        }
    }
}
