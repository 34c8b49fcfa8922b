//! The ledger of what referrals earned a firm, and what was paid of it.

use axum::{extract::State, response::Response};
use domain::{
    CompanyId, Currency, FirmId, Note, Permission, Reference, UtcTime,
    money::Amount,
    referral::{Bonus, BonusAccount, BonusEntry, BonusError, Entered, EntryFor, pay_out, reverse},
};
use edge::{Answer, Body, Edge, InContext, Outcome, Paged, Path, Problem, Query, Stop, Vendor};
use serde::{Deserialize, Serialize};
use store::{Authority, Listing, PageRequest, Setback, Store, Tenant, while_raced};
use utoipa::{IntoParams, ToSchema};

use crate::{
    OneReferred, in_firm,
    listed::{Form, Format, List, answer},
};

/// The sums of the ledger in one currency, in minor units.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BonusBalance {
    currency: Currency,
    earned_minor: i64,
    reversed_minor: i64,
    paid_minor: i64,
    /// What is owed to the firm.
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
pub(crate) struct BonusEntryView {
    #[serde(flatten)]
    entry: EntryFor,
    /// In minor units; the kind says in which direction.
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
pub(crate) struct Bonuses {
    /// One for each currency.
    balances: Vec<BonusBalance>,
    entries: Vec<BonusEntryView>,
    #[serde(flatten)]
    paged: Paged,
}

/// What to list, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichBonuses {
    /// A page of JSON when not said.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists what referrals earned the firm and what was paid of it, newest first, as JSON with the
/// sums, or as CSV. Needs `clients.view`.
#[utoipa::path(get, path = "/v1/bonuses", tag = "referrals", params(WhichBonuses), responses((status = 200,
    description = "A page, or a file", content((Bonuses = "application/json"), (String = "text/csv")))))]
pub(crate) async fn list_bonuses(
    State(edge): State<Edge>,
    caller: InContext,
    Query(which): Query<WhichBonuses>,
) -> Outcome<Response> {
    caller.context.firm(Permission::ClientsView)?;
    answer(&which, &edge, &caller.needs(Permission::ClientsView), caller.now()).await
}

/// Lists what referrals earned a firm and what was paid of it, newest first, as JSON with the sums,
/// or as CSV.
#[utoipa::path(get, path = "/v1/vendor/firms/{firm}/bonuses", tag = "referrals",
    params(("firm" = FirmId, Path), WhichBonuses), responses((status = 200,
    description = "A page, or a file", content((Bonuses = "application/json"), (String = "text/csv")))))]
pub(crate) async fn list_bonuses_of(
    State(edge): State<Edge>,
    Vendor(machine): Vendor,
    Path(firm): Path<FirmId>,
    Query(which): Query<WhichBonuses>,
) -> Outcome<Response> {
    answer(&which, &edge, &in_firm(firm), machine.now).await
}

impl List for WhichBonuses {
    type Entry = BonusEntry;
    type Page = Bonuses;
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
    ) -> Outcome<Bonuses> {
        let all = PageRequest::largest();
        let reading =
            store.beside(authority, now, async |queries| {
                tokio::try_join!(
                    queries.page(|tenant| tenant.bonus_accounts(), &all),
                    queries.page(Self::entries, request),
                )
            });
        let (accounts, found) = reading.await?;
        let paged = Paged::from(&found);
        Ok(Bonuses {
            balances: accounts.items.iter().map(Into::into).collect(),
            entries: found.items.into_iter().map(Into::into).collect(),
            paged,
        })
    }
}

/// An entry that was recorded, and the sums with it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneBonusEntry {
    entry: BonusEntryView,
    /// The sums in its currency.
    balance: BonusBalance,
}

/// What was paid to the firm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPayout {
    /// In minor units of `currency`; no more than is owed.
    amount_minor: Amount,
    currency: Currency,
    #[serde(default)]
    note: Option<Note>,
}

/// Records a payout to a firm, under the vendor's reference. The same again changes nothing;
/// another one under the reference is refused, and so is more than is owed.
#[utoipa::path(put, path = "/v1/vendor/firms/{firm}/payouts/{reference}", tag = "referrals",
    params(("firm" = FirmId, Path), ("reference" = Reference, Path)), request_body = NewPayout,
    responses((status = 201, body = OneBonusEntry), (status = 200, body = OneBonusEntry)))]
pub(crate) async fn put_payout(
    State(edge): State<Edge>,
    Vendor(machine): Vendor,
    Path((firm, reference)): Path<(FirmId, Reference)>,
    body: Body<NewPayout>,
) -> Outcome {
    let authority = in_firm(firm.clone());
    let NewPayout { amount_minor, currency, note } = body.value;
    let (bonus, name) = (Bonus { amount_minor, currency }, EntryFor::Paid { reference: reference.clone() });
    while_raced(|| async {
        let (known, account) = edge
            .store
            .load(&authority, machine.now, None, |tenant| (tenant.bonus_entry(&name), tenant.bonus_account(currency)))
            .await
            .map_err(Setback::<Stop>::from)?;
        let entered = pay_out(&firm, &reference, bonus, note.clone(), known, account.as_ref(), machine.now);
        enter(&edge, &authority, &machine, entered.map_err(refused)?, account).await
    })
    .await
}

/// Why something is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReversal {
    #[serde(default)]
    note: Option<Note>,
}

/// Takes back what a referral earned, all of it, while it is owed still. The same again changes
/// nothing.
#[utoipa::path(put, path = "/v1/vendor/firms/{firm}/referrals/{company}/reversal", tag = "referrals",
    params(("firm" = FirmId, Path), ("company" = CompanyId, Path)), request_body = NewReversal,
    responses((status = 201, body = OneBonusEntry), (status = 200, body = OneBonusEntry)))]
pub(crate) async fn put_reversal(
    State(edge): State<Edge>,
    Vendor(machine): Vendor,
    Path((firm, company)): OneReferred,
    body: Body<NewReversal>,
) -> Outcome {
    let authority = in_firm(firm);
    let (earned, name) =
        (EntryFor::Earned { company: company.clone() }, EntryFor::Reversed { company: company.clone() });
    let other = domain::Org::Company(company);
    while_raced(|| async {
        let (referral, earned, known) = edge
            .store
            .load(&authority, machine.now, None, |tenant| {
                (tenant.referral(&other), tenant.bonus_entry(&earned), tenant.bonus_entry(&name))
            })
            .await
            .map_err(Setback::<Stop>::from)?;
        referral.flatten().ok_or_else(Problem::not_found)?;
        let account = match &earned {
            None => None,
            Some(BonusEntry { currency, .. }) => {
                edge.store.load(&authority, machine.now, None, |tenant| tenant.bonus_account(*currency)).await?
            }
        };
        let note = body.value.note.clone();
        let entered = reverse(earned.as_ref(), known, account.as_ref(), note, machine.now).map_err(refused)?;
        enter(&edge, &authority, &machine, entered, account).await
    })
    .await
}

async fn enter(
    edge: &Edge,
    authority: &Authority,
    machine: &edge::Machine,
    entered: Entered,
    account: Option<BonusAccount>,
) -> Result<Answer, Setback<Stop>> {
    let posting = match entered {
        Entered::Unchanged(entry) => {
            let account = account.unwrap_or_else(|| BonusAccount::empty(&entry.firm, entry.currency));
            let balance = BonusBalance::from(&account);
            return Ok(Answer::ok(&OneBonusEntry { entry: (*entry).into(), balance })?);
        }
        Entered::Posted(posting) => posting,
    };
    let (entry, sums) = (posting.entry, posting.account);
    let mut change = edge.store.change(authority, machine.stamp());
    change.put(|tenant| tenant.bonus_entry(&entry.entry), None, &entry);
    change.put(|tenant| tenant.bonus_account(sums.currency), account.map(|account| account.version), &sums);
    change.record(posting.fact);
    change.commit().await?;
    Ok(Answer::created(&OneBonusEntry { entry: entry.into(), balance: (&sums).into() })?)
}

pub(crate) fn refused(error: BonusError) -> Problem {
    match error {
        BonusError::MoreThanOwed { .. } => Problem::conflict(error, "more_than_owed"),
        BonusError::NothingEarned => Problem::conflict(error, "nothing_earned"),
        BonusError::ReferenceTaken => Problem::conflict(error, "reference_taken"),
        BonusError::TooMuch => Problem::conflict(error, "full"),
    }
}
