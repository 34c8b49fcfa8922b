//! Webhooks: signed as Stripe signs them, and by default each delivered twice, since the real
//! provider delivers at least once.

use std::time::Duration;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{
    account::{Account, Delivery},
    ids::now_s,
};

/// Waits between the attempts of one delivery; it is given up after the last.
const RETRY_WAITS_MS: [u64; 5] = [100, 200, 400, 800, 1600];
/// The `Stripe-Signature` of a body: a time, and an HMAC-SHA-256 of "time.body" for every secret.
///
/// Like Stripe in test mode it adds a `v0`, which is no signature and must be ignored.
#[must_use]
pub fn signature(secrets: &[String], at_s: i64, body: &[u8]) -> String {
    let mut header = format!("t={at_s}");
    for secret in secrets {
        header.push_str(",v1=");
        header.push_str(&mac(secret, at_s, body));
    }
    header.push_str(",v0=");
    header.push_str(&mac("not the secret", at_s, body));
    header
}

fn mac(secret: &str, at_s: i64, body: &[u8]) -> String {
    // An HMAC takes a key of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(at_s.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    crate::aws::hex(&mac.finalize().into_bytes())
}

/// Delivers an event in the background, as the plan of the moment says.
pub(super) fn deliver(account: &Account, event: String) {
    let mut records = account.records();
    let plan = records.plan.clone();
    let wanted =
        records.events.iter().find(|known| known.id == event).is_some_and(|known| records.webhook.wants(&known.kind));
    if !wanted || plan.drop {
        return;
    }
    let account = account.clone();
    if plan.reversed {
        records.held.push(event);
        // The first of a batch starts the clock for all of it.
        if records.held.len() == 1 {
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(plan.window_ms)).await;
                let held = std::mem::take(&mut account.records().held);
                for event in held.into_iter().rev() {
                    send_copies(&account, &event, plan.times, false).await;
                }
            });
        }
        return;
    }
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(plan.delay_ms)).await;
        send_copies(&account, &event, plan.times, plan.concurrent).await;
    });
}

/// Delivers an event now, this many times.
pub(super) async fn send_copies(account: &Account, event: &str, times: u32, concurrent: bool) {
    let copies = 1..=times;
    if concurrent {
        let copies: Vec<_> = copies
            .map(|copy| {
                let (account, event) = (account.clone(), event.to_owned());
                tokio::spawn(async move { send(&account, &event, copy).await })
            })
            .collect();
        for copy in copies {
            let _ = copy.await;
        }
    } else {
        for copy in copies {
            send(account, event, copy).await;
        }
    }
}

/// Sends one copy until it is taken or given up. Each attempt is signed afresh.
async fn send(account: &Account, event: &str, copy: u32) {
    let first = Duration::ZERO;
    let waits = RETRY_WAITS_MS.map(Duration::from_millis);
    for (attempt, wait) in (1_u32..).zip(std::iter::once(first).chain(waits)) {
        tokio::time::sleep(wait).await;
        let (target, event) = {
            let records = account.records();
            let known = records.events.iter().find(|known| known.id == event).cloned();
            (records.webhook.clone(), known)
        };
        let (Some(url), Some(event)) = (target.url, event) else {
            return;
        };
        let body = serde_json::to_string_pretty(&event.payload).unwrap_or_default();
        let answer = account
            .0
            .http
            .post(&url)
            .header("content-type", "application/json; charset=utf-8")
            .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .header("stripe-signature", signature(&target.secrets, now_s(), body.as_bytes()))
            .body(body)
            .send()
            .await;
        let (status, error) = match answer {
            Ok(answer) => (Some(answer.status().as_u16()), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let taken = status.is_some_and(|status| (200..300).contains(&status));
        account.records().deliveries.push(Delivery {
            event: event.id,
            kind: event.kind,
            url,
            copy,
            attempt,
            status,
            error,
        });
        if taken {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_x`.
    #[test]
    fn the_signature_is_an_hmac_of_time_and_body_for_every_secret() {
        let header = signature(&["whsec_x".to_owned(), "whsec_y".to_owned()], 1_700_000_000, br#"{"a":1}"#);
        let parts: Vec<&str> = header.split(',').collect();
        assert_eq!(parts[0], "t=1700000000");
        assert_eq!(parts[1], "v1=b3438763ab46d9634b9844c8722818eaf523f803db1327484c6067462a5fd6d1");
        assert!(parts[2].starts_with("v1=") && parts[2] != parts[1]);
        assert!(parts[3].starts_with("v0=") && parts[3].len() == parts[1].len());
        assert_eq!(parts.len(), 4);
    }
}
