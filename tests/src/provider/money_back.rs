//! Refunds, which we ask for, and disputes, which banks open and decide: the requests, and what banks do.
//!
//! Sources: Stripe's API reference, and its guide to testing, where evidence that says `winning_evidence` or
//! `losing_evidence` decides a dispute.

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, Uri},
    response::Response,
    routing::{get, post},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    account::{Account, Records},
    api::{Caller, Done, Post, look_up, run},
    error::ApiError,
    ids::{fresh_id, now_s},
    intent::Status,
    plan::Operation,
    returned::{Dispute, DisputeStatus, Refund},
};

const REFUND: &[&str] = &["amount", "charge", "expand", "metadata", "payment_intent", "reason"];
const EVIDENCE: &[&str] = &["evidence", "expand", "metadata", "submit"];

pub(super) fn routes() -> Router<Account> {
    Router::new()
        .route("/v1/refunds", post(refund))
        .route("/v1/disputes", get(list_disputes))
        .route("/v1/disputes/{id}", post(submit_evidence))
}

impl Records {
    /// Refunds what was charged, in whole or in part.
    fn refund(&mut self, intent: &str, amount: Option<i64>) -> Result<(Value, Vec<String>), ApiError> {
        let disputed = self.disputes.iter().any(|dispute| dispute.intent == intent);
        let found = self.intents.iter_mut().find(|known| known.id == intent);
        let intent = found.ok_or_else(|| ApiError::no_such("payment_intent", "payment_intent", intent))?;
        if intent.status != Status::Succeeded {
            return Err(ApiError::invalid("This PaymentIntent does not have a successful charge to refund."));
        }
        let left = intent.amount_received.saturating_sub(intent.amount_refunded);
        let amount = amount.unwrap_or(left);
        if disputed {
            return Err(ApiError::parameter("charge_disputed", "charge", "The charge has been charged back."));
        }
        if left == 0 {
            return Err(ApiError::parameter("charge_already_refunded", "charge", "The charge has been refunded."));
        }
        if !(1..=left).contains(&amount) {
            return Err(ApiError::invalid("Refund amount is greater than unrefunded amount on charge."));
        }
        intent.amount_refunded = intent.amount_refunded.saturating_add(amount);
        let (intent, charge) = (intent.clone(), intent.charge_json());
        let refund = Refund {
            id: fresh_id("re"),
            intent: intent.id,
            charge: intent.latest_charge,
            amount,
            currency: intent.currency,
            failed: false,
            created: now_s(),
        };
        let shown = refund.to_json();
        self.refunds.push(refund);
        let events = vec![self.event_about("refund.created", &shown), self.event_about("charge.refunded", &charge)];
        Ok((shown, events))
    }

    /// The payer's bank could not take the refund: the money comes back.
    pub(super) fn fail_refund(&mut self, id: &str) -> Option<(Value, Vec<String>)> {
        let refund = self.refunds.iter_mut().find(|refund| refund.id == id && !refund.failed)?;
        refund.failed = true;
        let (shown, of, amount) = (refund.to_json(), refund.intent.clone(), refund.amount);
        let intent = self.intents.iter_mut().find(|intent| intent.id == of)?;
        intent.amount_refunded = intent.amount_refunded.saturating_sub(amount);
        let events = vec![self.event_about("refund.updated", &shown), self.event_about("refund.failed", &shown)];
        Some((shown, events))
    }

    /// The payer's bank disputes what was charged, or inquires about it.
    pub(super) fn dispute(&mut self, intent: &str, amount: Option<i64>, inquiry: bool) -> Option<(Value, Vec<String>)> {
        let intent = self.intents.iter_mut().find(|known| known.id == intent && known.status == Status::Succeeded)?;
        intent.disputed = true;
        let status = if inquiry { DisputeStatus::WarningNeedsResponse } else { DisputeStatus::NeedsResponse };
        let dispute = Dispute {
            id: fresh_id("du"),
            intent: intent.id.clone(),
            charge: intent.latest_charge.clone(),
            amount: amount.unwrap_or(intent.amount_received),
            currency: intent.currency.clone(),
            status,
            created: now_s(),
        };
        let shown = dispute.to_json();
        self.disputes.push(dispute);
        let mut events = vec![self.event_about("charge.dispute.created", &shown)];
        if !inquiry {
            events.push(self.event_about("charge.dispute.funds_withdrawn", &shown));
        }
        Some((shown, events))
    }

    /// The payer's bank decides a dispute, or looks at it.
    pub(super) fn decide_dispute(&mut self, id: &str, status: DisputeStatus) -> Option<(Value, Vec<String>)> {
        let dispute = self.disputes.iter_mut().find(|dispute| dispute.id == id)?;
        dispute.status = status;
        let shown = dispute.to_json();
        let kinds: &[&str] = match status {
            DisputeStatus::Won => &["charge.dispute.funds_reinstated", "charge.dispute.closed"],
            DisputeStatus::Lost | DisputeStatus::WarningClosed => &["charge.dispute.closed"],
            DisputeStatus::WarningNeedsResponse | DisputeStatus::NeedsResponse | DisputeStatus::UnderReview => {
                &["charge.dispute.updated"]
            }
        };
        let events = kinds.iter().map(|kind| self.event_about(kind, &shown)).collect();
        Some((shown, events))
    }
}

async fn refund(State(account): State<Account>, headers: HeaderMap, uri: Uri, body: Bytes) -> Response {
    let request = Post::new(Operation::Refund, &headers, &uri, &body);
    run(&account, &request, |records, form| {
        form.only(REFUND)?;
        let by_charge = |charge: &str| {
            let of = records.intents.iter().find(|intent| intent.latest_charge.as_deref() == Some(charge));
            of.map(|intent| intent.id.clone()).ok_or_else(|| ApiError::no_such("charge", "charge", charge))
        };
        let intent = match form.get("charge") {
            Some(charge) => by_charge(charge)?,
            None => form.require("payment_intent")?.to_owned(),
        };
        let (answer, events) = records.refund(&intent, form.integer("amount")?)?;
        Ok(Done { answer: Ok(answer), events })
    })
    .await
}

#[derive(Debug, Deserialize)]
struct ListDisputes {
    payment_intent: Option<String>,
    charge: Option<String>,
}

async fn list_disputes(
    State(account): State<Account>,
    Query(query): Query<ListDisputes>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    look_up(&account, &headers, &uri, |records, caller| {
        if caller == Caller::Browser {
            return Err(ApiError::secret_key_required());
        }
        let is_wanted = |dispute: &&Dispute| {
            query.payment_intent.as_ref().is_none_or(|intent| *intent == dispute.intent)
                && query.charge.as_ref().is_none_or(|charge| dispute.charge.as_ref() == Some(charge))
        };
        let data: Vec<Value> = records.disputes.iter().rev().filter(is_wanted).map(Dispute::to_json).collect();
        Ok(json!({ "object": "list", "url": "/v1/disputes", "has_more": false, "data": data }))
    })
    .await
}

async fn submit_evidence(
    State(account): State<Account>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let request = Post::new(Operation::Dispute, &headers, &uri, &body);
    run(&account, &request, |records, form| {
        form.only(EVIDENCE)?;
        let status = match form.nested("evidence").get("uncategorized_text").map(String::as_str) {
            Some("winning_evidence") => DisputeStatus::Won,
            Some("losing_evidence") => DisputeStatus::Lost,
            _ => DisputeStatus::UnderReview,
        };
        let decided = records.decide_dispute(&id, status);
        let (answer, events) = decided.ok_or_else(|| ApiError::no_such("dispute", "dispute", &id))?;
        Ok(Done { answer: Ok(answer), events })
    })
    .await
}
