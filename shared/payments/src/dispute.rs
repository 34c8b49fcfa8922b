//! Disputes of a payment, as Stripe lists them, and what they took.
//!
//! Source: <https://docs.stripe.com/api/disputes/object>.

use serde::Deserialize;

/// The disputes of one payment. Stripe never has a hundred of them.
#[derive(Deserialize)]
pub(crate) struct WireDisputes {
    object: String,
    has_more: bool,
    data: Vec<WireDispute>,
}

#[derive(Deserialize)]
struct WireDispute {
    amount: i64,
    currency: String,
    status: String,
    #[serde(default)]
    balance_transactions: Vec<WireBalanceTransaction>,
}

/// Money that left the account (negative) or came back, in the currency of the account.
#[derive(Deserialize)]
struct WireBalanceTransaction {
    amount: i64,
}

impl WireDisputes {
    /// The whole list, unless the answer is something else.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let wire: Self = serde_json::from_slice(body).ok()?;
        (wire.object == "list" && !wire.has_more).then_some(wire)
    }

    /// What they took, in minor units of this currency; `None` if one is in another currency.
    pub(crate) fn withdrawn_minor(&self, currency: &str) -> Option<i64> {
        let taken = |dispute: &WireDispute| {
            let is_ours = dispute.currency.eq_ignore_ascii_case(currency);
            is_ours.then_some(if dispute.has_taken_money() { dispute.amount } else { 0 })
        };
        self.data.iter().map(taken).try_fold(0_i64, |sum, taken| Some(sum.saturating_add(taken?)))
    }
}

impl WireDispute {
    /// Whether the disputed amount is gone. An inquiry (`warning_…`) takes nothing; a dispute takes its
    /// amount when it is opened and gives it back when it is won. Of a status that is not known, the
    /// account's own transactions tell.
    fn has_taken_money(&self) -> bool {
        match self.status.as_str() {
            "needs_response" | "under_review" | "lost" => true,
            "won" | "warning_needs_response" | "warning_under_review" | "warning_closed" => false,
            _ => {
                let count =
                    |sign: i64| self.balance_transactions.iter().filter(|it| it.amount.signum() == sign).count();
                count(-1) > count(1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn withdrawn(disputes: &str) -> Option<i64> {
        let body = format!(r#"{{"object":"list","has_more":false,"data":[{disputes}]}}"#);
        WireDisputes::read(body.as_bytes()).unwrap().withdrawn_minor("EUR")
    }

    /// Proves: S10
    #[test]
    fn open_and_lost_disputes_have_taken_their_amount() {
        for (status, expected) in [
            ("warning_needs_response", 0),
            ("warning_under_review", 0),
            ("warning_closed", 0),
            ("needs_response", 700),
            ("under_review", 700),
            ("won", 0),
            ("lost", 700),
            // Not known: nothing was withdrawn.
            ("prevented", 0),
        ] {
            let dispute = format!(r#"{{"amount":700,"currency":"eur","status":"{status}"}}"#);
            assert_eq!(withdrawn(&dispute), Some(expected), "{status}");
        }
        let unknown = |transactions: &str| {
            format!(r#"{{"amount":700,"currency":"eur","status":"new","balance_transactions":[{transactions}]}}"#)
        };
        assert_eq!(withdrawn(&unknown(r#"{"amount":-700}"#)), Some(700));
        assert_eq!(withdrawn(&unknown(r#"{"amount":-700},{"amount":690}"#)), Some(0));
    }

    #[test]
    fn several_disputes_add_up_and_another_currency_is_not_guessed() {
        let dispute = |amount, currency| format!(r#"{{"amount":{amount},"currency":"{currency}","status":"lost"}}"#);
        assert_eq!(withdrawn(""), Some(0));
        assert_eq!(withdrawn(&format!("{},{}", dispute(300, "eur"), dispute(200, "eur"))), Some(500));
        assert_eq!(withdrawn(&format!("{},{}", dispute(300, "eur"), dispute(200, "usd"))), None);
    }

    #[test]
    fn part_of_a_list_is_not_taken_for_the_whole() {
        assert!(WireDisputes::read(br#"{"object":"list","has_more":true,"data":[]}"#).is_none());
        assert!(WireDisputes::read(br#"{"object":"dispute"}"#).is_none());
    }
}
