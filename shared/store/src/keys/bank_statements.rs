//! Keys of files of bank statements, of the numbers of accounts in them, and of balances.
//!
//! A source's balances of a month are one item. Those of an account lie together by month, so a period of all its sources is one
//! `Query`; those of a number that is no account's yet lie with the number.

use domain::{
    DocumentId, Org, Reference,
    bank::{BalanceSource, BankAccountNumber, KEPT_DAYS, MonthBalances, NumberId, StatementFile},
    document::VersionNumber,
    report::Month,
    time::Zone,
};

use super::{
    key::Key,
    parts::{Place, key_parts},
    template::{Gsi1, Item},
    tenant::{COMPANY, Tenant},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(NumberId, BalanceSource);

/// How much longer a month is stored than its last day is kept: the newest day may be some weeks ago.
const SPARE_DAYS: i32 = 92;

const FILE: Item<StatementFile, Org, (DocumentId, Place)> = Item::new("STATEMENTFILE");
const NUMBER: Item<BankAccountNumber, Org, NumberId> = Item::new("BANKNUMBER");
const BALANCES: Item<MonthBalances, Org, (Reference, Month, BalanceSource)> = Item::new("BALANCES");
/// The balances of all accounts by month, for who looks at all of them at once.
const BALANCES_BY_MONTH: Gsi1<MonthBalances, Org, (Month, Reference, BalanceSource)> = Gsi1::new("BALANCES");
const NUMBER_BALANCES: Item<MonthBalances, Org, (BalanceSource, Month)> = Item::new("NUMBERBALANCES");

impl Tenant {
    /// What was read in a version of a document.
    #[must_use]
    pub fn statement_file(&self, document: &DocumentId, number: VersionNumber) -> Key<StatementFile> {
        FILE.key(self.pk(), (document, &Place(number.get().into())))
    }

    /// What was read in bank statements, those of the newest document first.
    #[must_use]
    pub fn statement_files(&self) -> Listing<StatementFile> {
        FILE.list(self.pk(), ()).newest_first()
    }

    /// A number of an account.
    #[must_use]
    pub fn bank_account_number(&self, id: &NumberId) -> Key<BankAccountNumber> {
        NUMBER.key(self.pk(), id)
    }

    /// The numbers of accounts that statements brought.
    #[must_use]
    pub fn bank_account_numbers(&self) -> Listing<BankAccountNumber> {
        NUMBER.list(self.pk(), ())
    }

    /// What a source said of a month: of a bank account, or of none yet.
    #[must_use]
    pub fn month_balances(
        &self,
        account: Option<&Reference>,
        source: &BalanceSource,
        month: Month,
    ) -> Key<MonthBalances> {
        match account {
            Some(account) => BALANCES.key(self.pk(), (account, &month, source)),
            None => NUMBER_BALANCES.key(self.pk(), (source, &month)),
        }
    }

    /// What the statements of a number said, as long as it is no account's.
    #[must_use]
    pub fn unmapped_balances(&self, source: &BalanceSource) -> Listing<MonthBalances> {
        NUMBER_BALANCES.list(self.pk(), source)
    }

    /// What all sources said of all bank accounts from one month to another, both included, the newest month first.
    #[must_use]
    pub fn balances_by_month(&self, from: Month, to: Month) -> Listing<MonthBalances> {
        let listing = BALANCES_BY_MONTH.list(self.pk(), ());
        let (least, greatest) = (format!("{}{from}", listing.prefix), format!("{}{}~", listing.prefix, to.max(from)));
        listing.between(least, greatest).newest_first()
    }

    /// What all sources said of a bank account from one month to another, both included.
    #[must_use]
    pub fn account_balances(&self, account: &Reference, from: Month, to: Month) -> Listing<MonthBalances> {
        let listing = BALANCES.list(self.pk(), account);
        let least = format!("{}{from}", listing.prefix);
        // Behind every source of the month: no key holds a tilde. And DynamoDB refuses a range that ends before it begins.
        let greatest = format!("{}{}~", listing.prefix, to.max(from));
        listing.between(least, greatest)
    }
}

impl Entity for StatementFile {
    const ENTITY: &'static str = "statement_file";
}

impl Entity for BankAccountNumber {
    const ENTITY: &'static str = "bank_account_number";
}

impl Entity for MonthBalances {
    const ENTITY: &'static str = "month_balances";

    fn indexes(&self) -> Indexes {
        let last_kept = self.month.last_day().plus_days(KEPT_DAYS).plus_days(SPARE_DAYS);
        let by_month = self.of.as_ref().map(|of| {
            let key = (&self.month, &of.bank_account, &self.source);
            BALANCES_BY_MONTH.entry(COMPANY.pk(&of.company), key)
        });
        Indexes::until(last_kept.at_hour(0, &Zone::utc()).unix_s()).and(by_month)
    }
}

#[cfg(test)]
mod tests {
    use domain::bank::AccountNumber;

    use super::*;

    /// Proves: U43
    #[test]
    fn the_balances_of_months_are_found_for_each_source_and_of_no_other_account() {
        let tenant = Tenant::new(Org::Company("co_00000000000000000000000000000001".parse().unwrap()));
        let month = |text: &str| text.parse::<Month>().unwrap();
        let number = AccountNumber::Own { bank: None, number: "1".parse().unwrap() };
        let sources = [BalanceSource::Ledger, BalanceSource::Number(NumberId::of(&number, "EUR".parse().unwrap()))];
        let (main, other): (Reference, Reference) = ("MAIN".parse().unwrap(), "MAIN-2".parse().unwrap());
        let listing = tenant.account_balances(&main, month("2026-09"), month("2026-11"));
        let (least, greatest) = listing.range.clone().unwrap();
        let is_found = |account: &Reference, source: &BalanceSource, of: &str| {
            let sk = tenant.month_balances(Some(account), source, month(of)).raw.sk;
            sk.starts_with(&listing.prefix) && (&least..=&greatest).contains(&&sk)
        };
        for source in &sources {
            for (of, expected) in [("2026-08", false), ("2026-09", true), ("2026-11", true), ("2026-12", false)] {
                assert_eq!(is_found(&main, source, of), expected, "{source} {of}");
                assert!(!is_found(&other, source, of), "{source} {of}");
            }
        }
        let unmapped = tenant.month_balances(None, &sources[1], month("2026-10")).raw.sk;
        assert!(unmapped.starts_with("NUMBERBALANCES#"), "{unmapped}");
    }
    /// Proves: DB1
    #[test]
    fn the_months_of_accounts_are_listed_together_and_those_of_numbers_without_an_account_are_not() {
        let company = |n: u8| format!("co_0000000000000000000000000000000{n}").parse::<domain::CompanyId>().unwrap();
        let month = |text: &str| text.parse::<Month>().unwrap();
        let tenant = Tenant::new(Org::Company(company(1)));
        let listing = tenant.balances_by_month(month("2026-09"), month("2026-11"));
        let (least, greatest) = listing.range.clone().unwrap();
        let is_listed = |company: Option<domain::CompanyId>, of: &str| {
            let of_account =
                company.map(|company| domain::bank::BalancesOf { company, bank_account: "MAIN".parse().unwrap() });
            let balances = MonthBalances {
                of: of_account,
                source: BalanceSource::Ledger,
                month: month(of),
                days: domain::bank::BalanceHistory::default(),
                version: 1,
            };
            let entries = balances.indexes().entries;
            entries.iter().any(|entry| {
                entry.source == listing.source && entry.pk == listing.pk && (&least..=&greatest).contains(&&entry.sk)
            })
        };
        for (of, expected) in [("2026-08", false), ("2026-09", true), ("2026-11", true), ("2026-12", false)] {
            assert_eq!(is_listed(Some(company(1)), of), expected, "{of}");
            assert!(!is_listed(Some(company(2)), of) && !is_listed(None, of), "{of}");
        }
    }
}
