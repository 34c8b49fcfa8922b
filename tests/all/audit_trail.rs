//! The filters of `/v1/audit`: by actor, firm, member, company and type.

use serde_json::Value;
use tests::cast::{self, Context, list, text};
use tests::people::Person;
use tests::{Kit, kit, run};

use crate::support::{refused_input, types};

/// Every event of a filtered audit log, through all its pages.
async fn all(kit: &Kit, by: &Person, here: &Context, query: &str) -> Vec<Value> {
    let mut events = Vec::new();
    let mut path = format!("/v1/audit?limit=3&{query}");
    for _ in 0..100 {
        let page = kit.api.get(&path).by(by).within(here).ok(200).await;
        events.extend(list(&page, "events").iter().cloned());
        let Some(cursor) = page.get("next_cursor").and_then(Value::as_str) else { return events };
        path = format!("/v1/audit?limit=3&{query}&cursor={cursor}");
    }
    panic!("the trail never ends");
}

#[test]
fn the_trail_is_filtered_by_actor_firm_member_company_and_type() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Olga Owner", "Filtered Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Filtering Firm"),
        );
        cast::connect(kit, &owner, &admin, None).await;
        let member = cast::member(kit, &owner, "Mara Member", "client", None).await;
        let bookkeeper = cast::staff(kit, &admin, "Ben Bookkeeper", "bookkeeper").await;
        cast::assign(kit, &admin, &owner.company.id, &bookkeeper.user, None).await;
        let inside = cast::enter(kit, &bookkeeper, &owner.company.id).await;
        let trail = async |query: String| all(kit, &owner.person, &owner.here, &query).await;
        let at_clients =
            async |query: String| all(kit, &admin.person, &admin.here, &format!("of=clients&{query}")).await;

        let about = trail(format!("member={}", member.person.user)).await;
        assert_eq!(types(&about), ["member.added"]);
        let about = trail(format!("member={}", owner.person.user)).await;
        assert_eq!(types(&about), ["company.registered"]);
        let about = trail(format!("member={}", bookkeeper.user)).await;
        assert_eq!(types(&about), ["assignment.changed"]);
        let did = trail(format!("actor={}", bookkeeper.user)).await;
        assert_eq!(types(&did), ["context.entered"]);
        assert_eq!(text(&did[0], "/actor/session"), inside.session);
        let of_firm = trail(format!("firm={}", admin.firm.id)).await;
        for kind in ["connection.started", "assignment.changed", "context.entered", "invitation.accepted"] {
            assert!(types(&of_firm).contains(&kind), "{kind} is not among {:?}", types(&of_firm));
        }
        assert!(!types(&of_firm).contains(&"member.added"), "{:?}", types(&of_firm));
        let several = trail("type=connection.started,company.registered".to_owned()).await;
        assert_eq!(types(&several), ["connection.started", "company.registered"]);
        let both = trail(format!("firm={}&actor={}", admin.firm.id, bookkeeper.user)).await;
        assert_eq!(types(&both), ["context.entered"]);

        let assigned = at_clients(format!("member={}", bookkeeper.user)).await;
        assert_eq!(types(&assigned), ["assignment.changed"]);
        let here = at_clients(format!("company={}", owner.company.id)).await;
        assert!(here.iter().all(|event| text(event, "/org/id") == owner.company.id) && here.len() > 2);
        let elsewhere = at_clients("company=co_00000000000070008000000000000000".to_owned()).await;
        assert!(elsewhere.is_empty(), "{elsewhere:?}");
    });
}

#[test]
fn a_cursor_opens_no_page_of_another_filter() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Bound Ltd").await;
        let get = async |query: &str| {
            kit.api.get(&format!("/v1/audit?limit=1{query}")).by(&owner.person).within(&owner.here).send().await
        };
        let cursor = text(&get("").await.ok(200), "/next_cursor");
        get(&format!("&cursor={cursor}")).await.ok(200);
        for other in [format!("&actor={}", owner.person.user), "&type=member.added".to_owned()] {
            refused_input(&get(&format!("{other}&cursor={cursor}")).await, "cursor");
        }
    });
}

#[test]
fn a_filter_that_makes_no_sense_is_refused() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let many = vec!["member.added"; 21].join(",");
        for (query, field) in [
            ("firm=co_1", "firm"),
            ("member=no%20one", "member"),
            ("company=co_00000000000070008000000000000000", "company"),
            ("type=member.added,", "type"),
            (&format!("type={many}"), "type"),
            ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "to"),
        ] {
            let path = format!("/v1/audit?{query}");
            let answer = kit.api.get(&path).by(&world.owner.person).within(&world.owner.here).send().await;
            refused_input(&answer, field);
        }
    });
}
