//! `/v1/me`.

use serde_json::json;
use tests::people;
use tests::{kit, run};

use crate::support::refused_input;

#[test]
fn me_is_made_at_first_sign_in_with_the_identity_providers_address() {
    run(async {
        let kit = kit();
        let email = people::address("Mona First");
        let mona = people::sign_up_at_the_identity_provider(kit, "Mona First", &email).await;
        kit.api.get("/v1/me").by(&mona).refused(404, "not-found").await;
        let body = json!({ "name": "Mona First", "time_zone": "Europe/Berlin" });
        let made = kit.api.post("/v1/me").by(&mona).json(body).ok(201).await;
        let read = kit.api.get("/v1/me").by(&mona).ok(200).await;
        assert!(made.to_string().contains(&email), "{made}");
        assert_eq!(made, read);
        assert!(read.to_string().contains(&mona.user), "the user's id is the identity's subject: {read}");
    });
}

/// Proves: 3
#[test]
fn me_takes_no_address_from_the_client() {
    run(async {
        let kit = kit();
        let mona = people::sign_up_at_the_identity_provider(kit, "Mona Forger", &people::address("Mona Forger")).await;
        let body = json!({ "name": "Mona Forger", "email": "victim@example.com" });
        refused_input(&kit.api.post("/v1/me").by(&mona).json(body).send().await, "email");
        kit.api.get("/v1/me").by(&mona).refused(404, "not-found").await;
    });
}

#[test]
fn me_changes_only_what_it_was_asked_to() {
    run(async {
        let kit = kit();
        let mona = people::sign_up(kit, "Mona Mover").await;
        let before = kit.api.get("/v1/me").by(&mona).ok(200).await;
        kit.api.patch("/v1/me").by(&mona).json(json!({ "time_zone": "America/Sao_Paulo" })).ok(200).await;
        let after = kit.api.get("/v1/me").by(&mona).ok(200).await;
        assert!(after.to_string().contains("America/Sao_Paulo"), "{after}");
        assert!(after.to_string().contains("Mona Mover"), "{after}");
        assert_ne!(before, after);
    });
}

/// The document says that the body is optional.
#[test]
fn me_stays_as_it_is_when_a_change_has_no_body() {
    run(async {
        let kit = kit();
        let mona = people::sign_up(kit, "Mona Still").await;
        let before = kit.api.get("/v1/me").by(&mona).ok(200).await;
        let answer = kit.api.patch("/v1/me").by(&mona).ok(200).await;
        assert_eq!(answer, before);
        assert_eq!(kit.api.get("/v1/me").by(&mona).ok(200).await, before);
    });
}

#[test]
fn me_refuses_a_time_zone_that_does_not_exist() {
    run(async {
        let kit = kit();
        let mona = people::sign_up(kit, "Mona Lost").await;
        let body = json!({ "time_zone": "Europe/Atlantis" });
        refused_input(&kit.api.patch("/v1/me").by(&mona).json(body).send().await, "time_zone");
    });
}
