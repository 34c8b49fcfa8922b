//! The ledger of a firm's referral bonuses and payouts.

use api::{ApiResult, PageInfo};
use domain::{
    Currency, Note, UtcTime,
    money::Amount,
    referral::{BonusAccount, BonusEntry, BonusEntryReason},
};
use serde::{Deserialize, Serialize};
use store::{Authority, Listing, PageRequest, Store, Tenant};
use utoipa::{IntoParams, ToSchema};

use crate::list::{Form, Format, List};

/// The sums of the ledger in one currency, in minor units.
#[derive(Debug, Serialize, ToSchema)]
pub struct BonusBalance {
    currency: Currency,
    earned_minor: i64,
    reversed_minor: i64,
    paid_minor: i64,
    /// The amount owed to the firm.
    balance_minor: i64,
}

impl From<&BonusAccount> for BonusBalance {
    fn from(account: &BonusAccount) -> Self {
        Self {
            currency: account.currency,
            earned_minor: account.earned_minor,
            reversed_minor: account.reversed_minor,
            paid_minor: account.paid_minor,
            balance_minor: account.balance_minor(),
        }
    }
}

/// An entry of the ledger.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BonusEntry)]
pub struct BonusEntryView {
    #[serde(flatten)]
    entry: BonusEntryReason,
    /// In minor units; the kind gives the sign.
    amount_minor: Amount,
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<Note>,
    at: UtcTime,
}

impl From<BonusEntry> for BonusEntryView {
    fn from(entry: BonusEntry) -> Self {
        let BonusEntry { firm: _, entry, amount_minor, currency, note, at } = entry;
        Self { entry, amount_minor, currency, note, at }
    }
}

/// A page of the ledger, and its sums.
#[derive(Debug, Serialize, ToSchema)]
pub struct BonusEntryPage {
    /// One for each currency.
    balances: Vec<BonusBalance>,
    entries: Vec<BonusEntryView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// The page and the format of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BonusListQuery {
    /// Default: a page of JSON.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

impl List for BonusListQuery {
    type Entry = BonusEntry;
    type Page = BonusEntryPage;
    const FILE: &'static str = "bonuses.csv";
    const COLUMNS: &'static [&'static str] = &["kind", "for", "amount_minor", "currency", "note", "at"];

    fn form(&self) -> Form {
        Form { format: self.format, limit: self.limit, cursor: self.cursor.clone() }
    }

    fn entries(tenant: &Tenant) -> Listing<BonusEntry> {
        tenant.bonus_entries()
    }

    fn keeps(&self, _: &BonusEntry) -> bool {
        true
    }

    fn row(entry: &BonusEntry) -> Vec<String> {
        vec![
            entry.entry.kind().to_owned(),
            entry.entry.id().to_owned(),
            entry.amount_minor.minor().to_string(),
            entry.currency.to_string(),
            entry.note.as_ref().map(ToString::to_string).unwrap_or_default(),
            entry.at.to_string(),
        ]
    }

    async fn page(
        &self,
        store: &Store,
        authority: &Authority,
        now: UtcTime,
        request: &PageRequest,
    ) -> ApiResult<BonusEntryPage> {
        let all = PageRequest::largest();
        let reading =
            store.query_authorized(authority, now, async |queries| {
                tokio::try_join!(
                    queries.page(|tenant| tenant.bonus_accounts(), &all),
                    queries.page(Self::entries, request),
                )
            });
        let (accounts, found) = reading.await?;
        let paged = PageInfo::from(&found);
        Ok(BonusEntryPage {
            balances: accounts.items.iter().map(Into::into).collect(),
            entries: found.items.into_iter().map(Into::into).collect(),
            paged,
        })
    }
}
