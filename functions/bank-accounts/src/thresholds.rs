//! Thresholds of bank accounts: the company's, and those that people set for themselves.

use api::{Answer, Api, ApiResult, Body, InCompany, Path, Problem};
use axum::extract::State;
use domain::{
    Currency, Reference,
    bank::{BankAccount, OwnThreshold, OwnThresholdsError, ThresholdRule},
    money::Balance,
    permission::may,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::bank_accounts::BankAccountResponse;

/// The company's threshold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutThreshold {
    /// In minor units of the account's currency; `null` removes the threshold.
    // Read by a function of its own: a derived one would take a missing field for `null`.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true)]
    threshold_minor: Option<Balance>,
    /// The currency of the amounts, which is the account's.
    #[serde(default)]
    currency: Option<Currency>,
    /// The balance has recovered when it is at least this. At least the threshold, which is the default.
    #[serde(default)]
    recovers_at_minor: Option<Balance>,
    /// For how many hours after a letter no other one tells of a fall: at most 720, 24 by default.
    #[serde(default)]
    pause_hours: Option<u16>,
    /// Whether people are also told when the balance has recovered.
    #[serde(default)]
    tells_recovery: bool,
}

/// A threshold.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewThreshold {
    /// In minor units of the account's currency.
    threshold_minor: Balance,
    /// The balance has recovered when it is at least this. At least the threshold, which is the default.
    #[serde(default)]
    recovers_at_minor: Option<Balance>,
    /// For how many hours after a letter no other one tells of a fall: at most 720, 24 by default.
    #[serde(default)]
    pause_hours: Option<u16>,
    /// Whether you are also told when the balance has recovered.
    #[serde(default)]
    tells_recovery: bool,
}

impl NewThreshold {
    /// The rule; `place` is where it stands in the request.
    fn rule(&self, place: &str) -> Result<ThresholdRule, Problem> {
        let usual = ThresholdRule::at(self.threshold_minor);
        let rule = ThresholdRule {
            recovers_at_minor: self.recovers_at_minor.unwrap_or(usual.recovers_at_minor),
            pause_hours: self.pause_hours.unwrap_or(usual.pause_hours),
            tells_recovery: self.tells_recovery,
            ..usual
        };
        rule.check().map_err(|error| Problem::field(&format!("{place}{}", error.field()), error))
    }
}

impl PutThreshold {
    fn rule(self) -> Result<Option<ThresholdRule>, Problem> {
        let Self { threshold_minor, recovers_at_minor, pause_hours, tells_recovery, .. } = self;
        let new = |threshold_minor| NewThreshold { threshold_minor, recovers_at_minor, pause_hours, tells_recovery };
        threshold_minor.map(|minor| new(minor).rule("")).transpose()
    }
}

/// Refuses amounts in another currency than the account's.
fn check_currency(account: &BankAccount, currency: Option<Currency>) -> Result<(), Problem> {
    match currency {
        Some(currency) if currency != account.currency => {
            Err(Problem::field("currency", format!("this account is kept in {}", account.currency)))
        }
        Some(_) | None => Ok(()),
    }
}

/// Sets or removes a bank account's low-balance threshold.
///
/// When the balance falls below the threshold, the members who manage thresholds are told: once, until it has recovered, and
/// not again within the pause.
///
/// Needs `bank.manage`.
#[utoipa::path(put, path = "/v1/bank-accounts/{reference}/threshold",
    params(("reference" = Reference, Path)), request_body = PutThreshold,
    responses((status = 200, body = BankAccountResponse)))]
pub(crate) async fn put_threshold(
    State(api): State<Api>,
    caller: InCompany<may::BankManage>,
    Path(reference): Path<Reference>,
    body: Body<PutThreshold>,
) -> ApiResult {
    let authority = caller.authority();
    let currency = body.value.currency;
    let rule = body.value.rule()?;
    let account = api
        .store
        .load(&authority, caller.now(), |tenant| tenant.bank_account(&reference))
        .await?
        .ok_or_else(Problem::not_found)?;
    check_currency(&account, currency)?;
    let (changed, event) = account.set_threshold(rule);

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.bank_account(&reference), Some(account.version), &changed);
    change.record(event);
    change.commit().await?;
    Answer::ok(&BankAccountResponse { bank_account: changed.into() })
}

/// The caller's own thresholds for an account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OwnThresholds {
    bank_account: Reference,
    currency: Currency,
    thresholds: Vec<ThresholdRule>,
}

impl OwnThresholds {
    fn of(account: &BankAccount, user: &domain::UserId) -> Self {
        Self {
            bank_account: account.reference.clone(),
            currency: account.currency,
            thresholds: account.thresholds_of(user).map(|own| own.rule).collect(),
        }
    }
}

/// Shows the caller's own thresholds for a bank account.
///
/// Needs `bank.view`.
#[utoipa::path(get, path = "/v1/bank-accounts/{reference}/own-thresholds", params(("reference" = Reference, Path)),
    responses((status = 200, body = OwnThresholds)))]
pub(crate) async fn get_own_thresholds(
    State(api): State<Api>,
    caller: InCompany<may::BankView>,
    Path(reference): Path<Reference>,
) -> ApiResult {
    let account = api.store.load(&caller.authority(), caller.now(), |tenant| tenant.bank_account(&reference)).await?;
    Answer::ok(&OwnThresholds::of(&account.ok_or_else(Problem::not_found)?, &caller.caller.user))
}

/// All thresholds of the caller's own for an account, at most three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutOwnThresholds {
    /// None removes them.
    #[schema(max_items = 3)]
    thresholds: Vec<NewThreshold>,
    /// The currency of the amounts, which is the account's.
    #[serde(default)]
    currency: Option<Currency>,
}

/// Sets all thresholds of the caller's own for a bank account.
///
/// The caller is told when the balance falls below one of them, while they may see bank balances from the seat they act
/// from now. One that stays keeps its state.
///
/// Needs `bank.view`.
#[utoipa::path(put, path = "/v1/bank-accounts/{reference}/own-thresholds",
    params(("reference" = Reference, Path)), request_body = PutOwnThresholds,
    responses((status = 200, body = OwnThresholds)))]
pub(crate) async fn put_own_thresholds(
    State(api): State<Api>,
    caller: InCompany<may::BankView>,
    Path(reference): Path<Reference>,
    body: Body<PutOwnThresholds>,
) -> ApiResult {
    let (authority, user) = (caller.authority(), &caller.caller.user);
    let PutOwnThresholds { thresholds, currency } = body.value;
    if thresholds.len() > OwnThreshold::MAX_EACH {
        return Err(Problem::field("thresholds", OwnThresholdsError::TooMany).into());
    }
    let rules = thresholds.iter().enumerate().map(|(place, new)| new.rule(&format!("thresholds[{place}].")));
    let rules: Vec<ThresholdRule> = rules.collect::<Result<_, _>>()?;
    let account = api
        .store
        .load(&authority, caller.now(), |tenant| tenant.bank_account(&reference))
        .await?
        .ok_or_else(Problem::not_found)?;
    check_currency(&account, currency)?;
    let seat = (user, caller.context.acting_as());
    let (changed, event) =
        account.set_own_thresholds(seat, &rules).map_err(|error| Problem::field("thresholds", error))?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.bank_account(&reference), Some(account.version), &changed);
    change.record(event);
    change.commit().await?;
    Answer::ok(&OwnThresholds::of(&changed, user))
}

#[cfg(test)]
mod tests {
    use api::input::from_json;

    use super::*;

    #[test]
    fn a_threshold_is_given_or_taken_away_never_left_out() {
        let read = |json: &str| from_json::<PutThreshold>(json.as_bytes()).map(|body| body.threshold_minor);
        assert_eq!(read(r#"{"threshold_minor":50000}"#), Ok(Some(50_000.try_into().unwrap())));
        assert_eq!(read(r#"{"threshold_minor":null}"#), Ok(None));
        for json in ["{}", r#"{"threshold_minor":0.5}"#, r#"{"threshold_minor":"1"}"#] {
            let problem = serde_json::to_value(read(json).unwrap_err()).unwrap();
            assert_eq!(problem["errors"][0]["field"], "threshold_minor", "{json}");
        }
    }
}
