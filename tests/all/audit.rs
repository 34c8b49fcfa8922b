//! `/v1/audit`, and what every event must say.

use serde_json::{Value, json};
use tests::cast::{self, list, text};
use tests::{kit, run};

use crate::support::{refused_input, types};

#[test]
fn the_trail_is_newest_first_and_can_be_narrowed() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        cast::approval_policy(kit, &owner, 1_000).await;
        let trail = tests::story::audit_trail(kit, &owner.person, &owner.here).await;
        let times: Vec<String> = trail.iter().map(|event| text(event, "/at")).collect();
        let mut sorted = times.clone();
        sorted.sort_by(|one, other| other.cmp(one));
        assert_eq!(times, sorted);
        assert_eq!(types(&trail).last(), Some(&"company.registered"));

        let get = |query: &str| {
            let call = kit.api.get(&format!("/v1/audit?{query}")).by(&owner.person).within(&owner.here);
            async move { call.ok(200).await }
        };
        let policies = get("type=approval_policy.changed").await;
        assert_eq!(types(list(&policies, "events")), ["approval_policy.changed"]);
        let hers = get(&format!("actor={}", owner.person.user)).await;
        assert_eq!(list(&hers, "events").len(), trail.len());
        let future = get("from=2099-01-01T00:00:00Z").await;
        assert!(list(&future, "events").is_empty(), "{future}");
        let past = get("to=2020-01-01T00:00:00Z").await;
        assert!(list(&past, "events").is_empty(), "{past}");
    });
}

#[test]
fn the_trail_comes_in_pages_without_gaps_or_repeats() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let owner = &world.owner;
        // Up to now, so that what other tests add to the shared company meanwhile does not show.
        let to = jiff::Timestamp::now();
        let mut seen: Vec<String> = Vec::new();
        let mut path = format!("/v1/audit?limit=5&to={to}");
        for _ in 0..100 {
            let page = kit.api.get(&path).by(&owner.person).within(&owner.here).ok(200).await;
            let events = list(&page, "events");
            assert!(events.len() <= 5);
            seen.extend(events.iter().map(|event| text(event, "/id")));
            let Some(cursor) = page.get("next_cursor").and_then(Value::as_str) else { break };
            path = format!("/v1/audit?limit=5&to={to}&cursor={cursor}");
        }
        let stored = kit.table.events(&owner.company.id).await;
        let stored: Vec<&str> = stored.iter().filter_map(|item| tests::table::text(item, "id")).collect();
        let mut unique = seen.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), seen.len(), "an event came twice");
        assert!(seen.len() >= 10, "the shared company has a history");
        assert!(seen.iter().all(|id| stored.is_empty() || stored.contains(&id.as_str())));
    });
}

/// Proves: 10
#[test]
fn every_event_names_its_actor_and_firm_and_session_when_there_is_one() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let path = format!("/v1/invoices/{}/comments", world.reference);
        let call = kit.api.post(&path).by(&world.bookkeeper).within(&world.bookkeeper_inside);
        call.json(json!({ "text": "Seen" })).ok(201).await;
        let trail = tests::story::audit_trail(kit, &world.owner.person, &world.owner.here).await;
        for event in &trail {
            let actor = event.get("actor").expect("an event has an actor");
            let named = ["user", "machine", "schedule", "provider", "via"]
                .iter()
                .any(|key| actor.get(key).is_some_and(|v| !v.is_null()));
            assert!(named, "nobody did {event}");
            assert!(event.get("request_id").is_some(), "{event}");
        }
        let comment = trail
            .iter()
            .find(|event| {
                text(event, "/type") == "comment.added"
                    && event.pointer("/actor/user") == Some(&json!(world.bookkeeper.user))
            })
            .expect("the comment is in the trail");
        assert!(comment.pointer("/actor/firm").is_some_and(|firm| firm.to_string().contains(&world.admin.firm.id)));
        assert_eq!(text(comment, "/actor/session"), world.bookkeeper_inside.session);
        assert_eq!(text(comment, "/actor/via"), "bookkeeper");
    });
}

#[test]
fn the_trail_is_seen_with_audit_view_only() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        for (role, member) in &world.members {
            let answer = kit.api.get("/v1/audit").by(&member.person).within(&member.here).send().await;
            let may = member.here.permissions.iter().any(|held| held == "audit.view");
            assert_eq!(answer.status, if may { 200 } else { 403 }, "{role}: {}", answer.text());
        }
    });
}

#[test]
fn a_firm_has_a_trail_of_its_own() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let trail = tests::story::audit_trail(kit, &world.admin.person, &world.admin.here).await;
        let seen = types(&trail);
        for kind in ["firm.registered", "invitation.created", "invitation.accepted"] {
            assert!(seen.contains(&kind), "{kind} is not in the firm's audit log: {seen:?}");
        }
    });
}

#[test]
fn a_question_that_makes_no_sense_is_refused() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        for (query, field) in
            [("from=yesterday", "from"), ("to=tomorrow", "to"), ("limit=-1", "limit"), ("type=made.up", "type")]
        {
            let path = format!("/v1/audit?{query}");
            let answer = kit.api.get(&path).by(&world.owner.person).within(&world.owner.here).send().await;
            refused_input(&answer, field);
        }
    });
}
