//! Nothing that is secret or personal is ever logged (PROOF 19): canaries through many routes, then the logs.

use serde_json::json;
use tests::cast;
use tests::machine::Ledger;
use tests::people::{self, PASSWORD};
use tests::{kit, run};

/// Proves: 11, 19
#[test]
fn no_log_holds_a_secret_or_what_people_wrote() {
    run(async {
        let kit = kit();
        let canary = |what: &str| format!("canary-{what}-{}", people::unique());
        let (person, company, reason, message, words, payee) = (
            canary("name"),
            canary("company"),
            canary("reason"),
            canary("message"),
            canary("comment"),
            canary("payee"),
        );
        let owner = cast::owner(kit, &person, &company).await;
        let here = cast::enter_with(kit, &owner.person, &owner.company.id, json!({ "reason": reason })).await;
        let email = people::address("Canary Guest");
        let body = json!({ "kind": "member", "email": email, "role": "client", "message": message });
        let invited = cast::invite(kit, &owner.person, &here, body).await;
        kit.api.get(&invited.link).send().await.ok_page();
        let body = json!({ "name": "Canary Guest", "password": PASSWORD });
        kit.api.post(&format!("{}/account", invited.link)).json(body).ok(201).await;
        cast::approval_policy(kit, &owner, 1).await;
        let ledger = Ledger::sign_in(kit).await;
        let mut body = tests::machine::transaction(5_000, None);
        body["payee"] = json!(payee);
        ledger.put(kit, &owner.company.id, "transactions", "PAY-1", body).await;
        ledger.invoice(kit, &owner.company.id, "INV-1", 1_000).await;
        let call = kit.api.post("/v1/invoices/INV-1/comments").by(&owner.person).within(&here);
        call.json(json!({ "text": words })).ok(201).await;
        let body = json!({ "invoice": "INV-1", "amount_minor": 1_000, "currency": "EUR" });
        let paid = kit.api.post("/v1/payments").by(&owner.person).within(&here).json(body).ok(201).await;
        // Refusals and malformed input are logged too, and must say no more.
        kit.api
            .post("/v1/invitations")
            .by(&owner.person)
            .within(&here)
            .raw("application/json", message.clone())
            .send()
            .await;
        kit.api.get(&format!("/i/{}x", invited.token)).send().await;
        let wrong = kit.api.get("/v1/dashboard").by(&owner.person).context_token(&format!("{}x", here.token));
        wrong.refused(401, "invalid-context").await;

        let signature = |token: &str| token.rsplit('.').next().unwrap_or_default().to_owned();
        let secrets = [
            ("a person's name", person.clone()),
            ("a company's name", company),
            ("a reason", reason),
            ("a message", message),
            ("a comment", words),
            ("a payee", payee),
            ("an address", owner.person.email.clone()),
            ("an invited address", email),
            ("a password", PASSWORD.to_owned()),
            ("an access token", signature(&owner.person.access_token)),
            ("a context token", signature(&here.token)),
            ("a machine token", signature(&ledger.access_token)),
            ("an invitation token", invited.token.clone()),
            ("a client secret", cast::text(&paid, "/provider/client_secret")),
            ("the provider's key", kit.stack.provider_secret.clone()),
            ("the webhook secret", kit.stack.webhook_secret.clone()),
        ];
        let logs = kit.stack.logs();
        assert!(logs.values().any(|log| !log.is_empty()), "the functions log nothing at all");
        let mut found = Vec::new();
        for (path, log) in &logs {
            for (what, secret) in &secrets {
                if let Some(line) = log.lines().find(|line| line.contains(secret.as_str())) {
                    found.push(format!("{}: {what}: {line}", path.display()));
                }
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    });
}
