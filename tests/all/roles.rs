//! `/v1/roles`: the presets as data, held to a golden grid, and what the client's preset means.

use std::fmt::Write as _;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::language::Reader;
use serde_json::{Value, json};
use tests::cast::{self, list, text};
use tests::machine::Ledger;
use tests::stack::Stack;
use tests::{kit, people, run};

use crate::support::with;

const GRID: &str = "tests/golden/roles.txt";

fn roles() -> Value {
    serde_json::to_value(::authorize::roles(&Reader::default())).expect("roles are JSON")
}

/// The permissions of one role of a company.
fn preset(role: &str) -> Vec<String> {
    let roles = roles();
    let found = list(&roles, "roles").iter().find(|each| text(each, "/of") == "company" && text(each, "/role") == role);
    let found = found.unwrap_or_else(|| panic!("no role {role}"));
    list(found, "permissions").iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Role × permission, a line for each permission.
fn grid(roles: &Value) -> String {
    let columns: Vec<(String, &Vec<Value>)> = list(roles, "roles")
        .iter()
        .map(|role| {
            let of = if text(role, "/of") == "firm" { "firm " } else { "" };
            (format!("{of}{}", text(role, "/role")), list(role, "permissions"))
        })
        .collect();
    let mut grid = format!("{:<22}", "permission");
    for (name, _) in &columns {
        let _ = write!(grid, "{name:<width$}", width = name.len() + 3);
    }
    grid = format!("{}\n", grid.trim_end());
    for module in list(roles, "modules") {
        grid.push('\n');
        for action in list(module, "actions") {
            let permission = text(action, "/permission");
            assert_eq!(permission, format!("{}.{}", text(module, "/module"), text(action, "/action")));
            let mut line = format!("{permission:<22}");
            for (name, permissions) in &columns {
                let held = if permissions.contains(&json!(permission)) { "yes" } else { "-" };
                let _ = write!(line, "{held:<width$}", width = name.len() + 3);
            }
            let _ = writeln!(grid, "{}", line.trim_end());
        }
    }
    grid
}

/// Proves: 5
#[test]
fn roles_hold_what_the_golden_grid_says() {
    let path = Stack::repository().join(GRID);
    let grid = grid(&roles());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
        std::fs::write(&path, &grid).expect("the grid can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(grid == written, "{GRID} says otherwise; UPDATE_GOLDEN=1 writes it anew:\n{grid}");
}

#[test]
fn anyone_signed_in_reads_what_each_role_may_do() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let answer = kit.api.get("/v1/roles").by(&world.bookkeeper).ok(200).await;
        assert_eq!(answer, roles());
        for role in list(&answer, "roles") {
            assert!(text(role, "/in_words").ends_with('.'), "{role}");
        }
        let german =
            kit.api.get("/v1/roles").by(&world.bookkeeper).header("accept-language", "de-AT, en;q=0.5").ok(200);
        let german = german.await;
        assert_eq!(text(&german, "/roles/4/in_words"), "Sieht die Bücher ein und ändert nichts.");
        assert_eq!(text(&german, "/modules/0/actions/0/in_words"), "Die Übersicht des Unternehmens ansehen.");
        assert_eq!(kit.api.get("/v1/roles").send().await.status, 401);
    });
}

#[test]
fn the_document_shows_every_role() {
    let text = std::fs::read_to_string(Stack::repository().join("docs/openapi.json")).expect("it is checked in");
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    let example = "/paths/~1v1~1roles/get/responses/200/content/application~1json/example";
    assert_eq!(document.pointer(example), Some(&roles()));
}

#[test]
fn a_client_looks_at_the_business_and_not_behind_it() {
    let client = preset("client");
    let holds = |permission: &str| client.iter().any(|held| held == permission);
    for seen in ["dashboard.view", "reports.view", "bank.view", "invoices.view", "documents.upload", "approvals.view"] {
        assert!(holds(seen), "{seen}");
    }
    for behind in ["accounts.", "vat.", "payroll.", "team.", "billing.", "journals.", "settings.", "integrations."] {
        assert!(!client.iter().any(|held| held.starts_with(behind)), "{behind}");
    }
    assert!(!holds("approvals.decide"), "only where the company turned it on");
}

/// Proves: 5
#[test]
fn a_client_decides_approvals_exactly_where_the_company_turned_that_on() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        cast::approval_policy(kit, &owner, 1).await;
        let ledger = Ledger::sign_in(kit).await;
        for reference in ["PAY-1", "PAY-2"] {
            ledger.transaction(kit, &owner.company.id, reference, 5_000, None).await;
        }
        let mut more = preset("client");
        more.push("approvals.decide".to_owned());
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let (plain, deciding) = tokio::join!(
            cast::member(kit, &owner, "Clara Client", "client", None),
            cast::member(kit, &owner, "Dora Decider", "client", Some(&more)),
        );
        let decide = |by: &cast::Member, reference: &str| {
            let call = kit.api.post(&format!("/v1/approvals/{reference}/decision")).by(&by.person).within(&by.here);
            call.json(json!({ "decision": "approved" })).send_owned()
        };
        let refused = decide(&plain, "PAY-1").await.refused(403, "not-granted");
        assert_eq!(text(&refused, "/permission"), "approvals.decide");
        let decided = decide(&deciding, "PAY-1").await.ok(200);
        assert_eq!(text(&decided, "/approval/status"), "approved");

        let members = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
        let listed = with(list(&members, "members"), "user", &deciding.person.user);
        assert_eq!(text(listed[0], "/role"), "client", "more than the preset is still a client");
        kit.api.get("/v1/members").by(&deciding.person).within(&deciding.here).refused(403, "not-granted").await;

        // Turned off again: the role without a list is the preset.
        let path = format!("/v1/members/{}", deciding.person.user);
        kit.api.patch(&path).by(&owner.person).within(&owner.here).json(json!({ "role": "client" })).ok(200).await;
        decide(&deciding, "PAY-2").await.refused(403, "not-granted");
        // And on for the other.
        let path = format!("/v1/members/{}", plain.person.user);
        let on = json!({ "role": "client", "permissions": more });
        kit.api.patch(&path).by(&owner.person).within(&owner.here).json(on).ok(200).await;
        decide(&plain, "PAY-2").await.ok(200);
    });
}

/// A permission that a release brings is in no set that was stored before. Without it nobody in the company could give it.
/// Proves: 4
#[test]
fn an_owner_from_before_a_permission_existed_holds_it_and_gives_it() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let admin = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        let pk = format!("COMPANY#{}", owner.company.id);
        let older: Vec<String> = preset("admin").into_iter().filter(|held| held != "payments.manage").collect();
        for person in [&owner.person, &admin.person] {
            let sk = format!("MEMBER#{}", person.user);
            kit.table.set(&pk, &sk, "grants", AttributeValue::Ss(older.clone())).await;
        }
        let look = |person: &people::Person, here: &cast::Context| {
            kit.api.get("/v1/access/payments.manage").by(person).within(here).send_owned()
        };
        look(&owner.person, &owner.here).await.ok(200);
        look(&admin.person, &admin.here).await.refused(403, "not-granted");
        let listed = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
        for (person, holds) in [(&owner.person, true), (&admin.person, false)] {
            let [row] = with(list(&listed, "members"), "user", &person.user)[..] else { panic!("{listed}") };
            assert_eq!(list(row, "permissions").contains(&json!("payments.manage")), holds, "{row}");
        }
        // The write's condition says the same as the read: the owner gives it, the admin gets it by the role.
        let path = format!("/v1/members/{}", admin.person.user);
        let set = kit.api.patch(&path).by(&owner.person).within(&owner.here).json(json!({ "role": "admin" }));
        set.ok(200).await;
        look(&admin.person, &admin.here).await.ok(200);
    });
}
