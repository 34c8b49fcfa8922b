//! `/v1/clients`: a firm's client list.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::cast::{self, FirmAdmin, list, text};
use tests::http::{Answer, Call};
use tests::stack::Stack;
use tests::{Kit, kit, lists, people, run};

use crate::faults::rig::Rig;
use crate::support::{at_once, refused_input};

const IMPORT: &str = "/v1/clients/import";

fn by<'a>(call: Call<'a>, admin: &FirmAdmin) -> Call<'a> {
    call.by(&admin.person).within(&admin.here)
}

async fn add(kit: &Kit, admin: &FirmAdmin, body: Value) -> Value {
    by(kit.api.post("/v1/clients"), admin).json(body).ok(201).await["client"].clone()
}

async fn names(kit: &Kit, admin: &FirmAdmin, query: &str) -> Vec<String> {
    let page = by(kit.api.get(&format!("/v1/clients{query}")), admin).ok(200).await;
    list(&page, "clients").iter().map(|client| text(client, "/name")).collect()
}

async fn import(kit: &Kit, admin: &FirmAdmin, media: &str, body: impl Into<Vec<u8>>) -> Answer {
    by(kit.api.post(IMPORT), admin).raw(media, body).send().await
}

/// `created already_there invalid` of an import's answer.
#[track_caller]
fn counts(answer: &Value) -> (u64, u64, u64) {
    let count = |name: &str| answer[name].as_u64().unwrap_or_else(|| panic!("no {name} in {answer}"));
    (count("created"), count("already_there"), count("invalid"))
}

#[test]
fn a_client_is_on_the_list_before_it_is_connected_and_found_by_how_its_name_begins() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let body =
            json!({ "name": "Loja Azul", "email": "Olga@Loja.example", "language": "pt-PT", "reference": "C-7" });
        let azul = add(kit, &admin, body).await;
        assert_eq!(azul["email"], "olga@loja.example");
        assert_eq!((&azul["language"], &azul["status"]), (&json!("pt-PT"), &json!("inactive")));
        for name in ["Ünlü Café", "loja verde", "Atelier #1"] {
            add(kit, &admin, json!({ "name": name })).await;
        }
        let path = format!("/v1/clients/{}", text(&azul, "/id"));
        assert_eq!(by(kit.api.get(&path), &admin).ok(200).await["client"], azul);

        assert_eq!(names(kit, &admin, "").await, ["Atelier #1", "Loja Azul", "loja verde", "Ünlü Café"]);
        assert_eq!(names(kit, &admin, "?sort=-name").await, ["Ünlü Café", "loja verde", "Loja Azul", "Atelier #1"]);
        assert_eq!(names(kit, &admin, "?sort=added").await, ["Loja Azul", "Ünlü Café", "loja verde", "Atelier #1"]);
        assert_eq!(names(kit, &admin, "?sort=-added&limit=1").await, ["Atelier #1"]);
        for (q, found) in [("LOJA", 2), ("loja%20v", 1), ("%C3%BCnl", 1), ("atelier%20%231", 1), ("zul", 0)] {
            assert_eq!(names(kit, &admin, &format!("?q={q}")).await.len(), found, "{q}");
            assert_eq!(names(kit, &admin, &format!("?q={q}&status=inactive")).await.len(), found, "{q}");
        }
        for status in ["active", "invited", "bounced"] {
            assert!(names(kit, &admin, &format!("?status={status}")).await.is_empty(), "{status}");
        }
    });
}

#[test]
fn paging_through_the_list_shows_everyone_once_and_in_order() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        lists::write(kit, &lists::clients(&admin.firm.id, 60)).await;
        for query in ["", "&sort=-name", "&sort=added", "&sort=-added", "&status=invited", "&q=client%200000"] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let path = format!("/v1/clients?limit=7{query}{cursor}");
                let page = by(kit.api.get(&path), &admin).ok(200).await;
                seen.extend(list(&page, "clients").iter().map(|client| text(client, "/name")));
                let Some(next) = page["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            let mut sorted = seen.clone();
            sorted.sort();
            sorted.dedup();
            if query.contains("sort=-") {
                sorted.reverse();
            }
            assert_eq!(seen, sorted, "{query}");
            assert_eq!(seen.len(), if query.starts_with("&status") { 15 } else { 60 }, "{query}");
        }
        let page = by(kit.api.get("/v1/clients?limit=7"), &admin).ok(200).await;
        let cursor = text(&page, "/next_cursor");
        for other in ["&status=active", "&sort=-name", "&q=c"] {
            let path = format!("/v1/clients?cursor={cursor}{other}");
            by(kit.api.get(&path), &admin).send().await.refused_field(422, "invalid-field", "cursor");
        }
    });
}

#[test]
fn a_page_of_three_hundred_clients_costs_what_a_page_of_twenty_does() {
    run(async {
        let kit = kit();
        let rig = Rig::of(kit, "clients").await;
        let function = rig.start().await;
        let mut measured = Vec::new();
        for count in [20, 300] {
            let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
            lists::write(kit, &lists::clients(&admin.firm.id, count)).await;
            measured.push(lists::pages(&function, &rig.table, &admin, count, 4).await);
        }
        assert_eq!(measured[0], measured[1]);
        for page in &measured[0] {
            assert_eq!((page.entries, page.requests), (4, 2), "{page:?}");
            assert!(!page.units.is_lower_bound && page.units.total_write() == 0, "{page:?}");
        }
    });
}

#[test]
fn the_same_client_is_not_added_twice_and_two_that_share_an_address_are_told_apart_by_reference() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let first = add(kit, &admin, json!({ "name": "A", "email": "ana@x.example", "reference": "1" })).await;
        add(kit, &admin, json!({ "name": "A", "email": "ana@x.example", "reference": "2" })).await;
        add(kit, &admin, json!({ "name": "B", "email": "bia@x.example" })).await;
        add(kit, &admin, json!({ "name": "C" })).await;
        let events = kit.table.events(&admin.firm.id).await.len();
        for again in [
            json!({ "name": "Z", "reference": "1" }),
            json!({ "name": "B", "email": "BIA@x.example" }),
            json!({ "name": "B" }),
            json!({ "name": "C", "email": "c@x.example" }),
            json!({ "name": " C " }),
        ] {
            let answer = by(kit.api.post("/v1/clients"), &admin).json(again).send().await;
            let problem = answer.refused(409, "conflict");
            assert_eq!(problem["state"], "already_there");
            if problem["detail"].as_str().unwrap_or_default().contains("reference") {
                assert!(answer.text().contains(&text(&first, "/id")), "{}", answer.text());
            }
        }
        assert_eq!(names(kit, &admin, "").await.len(), 4);
        assert_eq!(kit.table.events(&admin.firm.id).await.len(), events, "a refusal leaves no event");
        let body = json!({ "name": "Z", "email": "BIA@x.example" });
        let shared = by(kit.api.post("/v1/clients"), &admin).json(body).ok(201).await;
        assert_eq!(shared["similar"]["differs"], json!(["name"]), "{shared}");
    });
}

#[test]
fn an_edit_takes_the_clients_identity_along_and_frees_the_old_one() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let ana = add(kit, &admin, json!({ "name": "Ana", "email": "ana@x.example" })).await;
        add(kit, &admin, json!({ "name": "Bia", "email": "bia@x.example" })).await;
        let path = format!("/v1/clients/{}", text(&ana, "/id"));
        let patch = |body: Value| by(kit.api.patch(&path), &admin).json(body).send_owned();

        add(kit, &admin, json!({ "name": "Ana", "email": "bia@x.example" })).await;
        patch(json!({ "email": "bia@x.example" })).await.refused(409, "conflict");
        let shared = patch(json!({ "email": "bia@x.example", "name": "Anna" })).await.ok(200);
        assert_eq!(shared["client"]["email"], "bia@x.example", "two companies may share an address: {shared}");
        patch(json!({ "name": "Ana", "email": "own@x.example" })).await.ok(200);
        let edited = patch(json!({ "email": "new@x.example", "language": "de" })).await.ok(200);
        assert_eq!((&edited["client"]["email"], &edited["client"]["name"]), (&json!("new@x.example"), &json!("Ana")));
        add(kit, &admin, json!({ "name": "Another", "email": "ana@x.example" })).await;
        by(kit.api.post("/v1/clients"), &admin)
            .json(json!({ "name": "Ana", "email": "new@x.example" }))
            .refused(409, "conflict")
            .await;
        let cleared = patch(json!({ "email": null, "language": null })).await.ok(200);
        assert!(cleared["client"].get("email").is_none() && cleared["client"].get("language").is_none(), "{cleared}");
        assert_eq!(names(kit, &admin, "?q=ana").await, ["Ana", "Ana"]);
        patch(json!({ "name": "Zoe" })).await.ok(200);
        assert_eq!(names(kit, &admin, "").await, ["Ana", "Another", "Bia", "Zoe"]);
        let before = kit.table.events(&admin.firm.id).await.len();
        patch(json!({ "name": "Zoe" })).await.ok(200);
        patch(json!({})).await.ok(200);
        assert_eq!(kit.table.events(&admin.firm.id).await.len(), before, "what changes nothing is no change");
        for (body, field) in [
            (json!({ "name": null }), ""),
            (json!({ "name": "" }), "name"),
            (json!({ "email": "nowhere" }), "email"),
            (json!({ "language": "klingon" }), "language"),
            (json!({ "reference": "a#b" }), "reference"),
            (json!({ "status": "active" }), "status"),
        ] {
            let answer = patch(body.clone()).await;
            if field.is_empty() {
                answer.ok(200);
            } else {
                refused_input(&answer, field);
            }
        }
    });
}

#[test]
fn a_removed_client_is_gone_from_the_list_and_may_come_back() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let body = json!({ "name": "Ana", "reference": "C-1" });
        let ana = add(kit, &admin, body.clone()).await;
        let path = format!("/v1/clients/{}", text(&ana, "/id"));
        let removed = by(kit.api.delete(&path), &admin).ok(200).await;
        assert_eq!(removed["removed"], ana);
        by(kit.api.get(&path), &admin).refused(404, "not-found").await;
        by(kit.api.delete(&path), &admin).refused(404, "not-found").await;
        assert!(names(kit, &admin, "").await.is_empty());
        let again = add(kit, &admin, body).await;
        assert_ne!(again["id"], ana["id"]);
        let trail = tests::story::audit_trail(kit, &admin.person, &admin.here).await;
        let types = crate::support::types(&trail);
        for kind in ["client.added", "client.removed"] {
            assert!(types.contains(&kind), "{types:?}");
        }
    });
}

#[test]
fn an_import_is_answered_row_by_row_and_sending_it_again_adds_nothing() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let file = std::fs::read(Stack::repository().join("events/clients.csv")).expect("the sample is checked in");
        let answer = import(kit, &admin, "text/csv; charset=utf-8", file.clone()).await.ok(200);
        assert_eq!(counts(&answer), (10, 1, 1), "{answer}");
        let rows = list(&answer, "rows");
        let outcomes: Vec<&str> = rows.iter().filter_map(|row| row["outcome"].as_str()).collect();
        assert_eq!(outcomes[5], "created", "another company of the same owner");
        assert_eq!(rows[5]["similar"], json!({ "client": rows[4]["client"], "differs": ["name"] }));
        assert_eq!((&rows[8]["outcome"], &rows[8]["field"]), (&json!("invalid"), &json!("email")));
        assert_eq!(rows[10]["client"], rows[0]["client"], "the same reference");
        assert_eq!(rows[10]["differs"], json!(["email"]));
        assert!(rows.iter().zip(2..).all(|(row, line)| row["line"] == json!(line)), "{answer}");
        assert!(rows.iter().zip(1..).all(|(row, number)| row["row"] == json!(number)));
        assert_eq!(names(kit, &admin, "?q=smith").await, ["Smith; Jones & Partners"]);

        let before = kit.table.trace(&admin.firm.id).await;
        let again = import(kit, &admin, "text/csv", file).await.ok(200);
        assert_eq!(counts(&again), (0, 11, 1), "{again}");
        assert!(kit.table.trace(&admin.firm.id).await == before, "a second import left a trace");
        let clients =
            |answer: &Value| -> Vec<Value> { list(answer, "rows").iter().map(|row| row["client"].clone()).collect() };
        assert_eq!(clients(&answer), clients(&again));
        let events = kit.table.events(&admin.firm.id).await;
        let added = events.iter().filter(|event| tests::table::text(event, "type") == Some("client.added")).count();
        assert_eq!(added, 10);
    });
}

/// Two companies of one owner, the same one with an address later, and files that have more or less.
/// Proves: U13
#[test]
fn a_client_is_on_the_list_once_however_much_of_it_each_file_has() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let send = async |csv: &str| import(kit, &admin, "text/csv", csv).await.ok(200);
        let first = send("name,email\nPorto,ana@x.example\nGaia,ana@x.example\nBraga,\n").await;
        assert_eq!(counts(&first), (3, 0, 0), "{first}");
        let porto = list(&first, "rows")[0]["client"].clone();
        assert_eq!(list(&first, "rows")[1]["similar"], json!({ "client": porto, "differs": ["name"] }));
        assert!(list(&first, "rows")[2].get("similar").is_none(), "{first}");

        let richer = "name,email,reference\nPorto,ana@x.example,C-1\nGaia,ana@x.example,C-2\nBraga,b@x.example,\n";
        let again = send(richer).await;
        assert_eq!(counts(&again), (0, 3, 0), "{again}");
        let differs: Vec<&Value> = list(&again, "rows").iter().map(|row| &row["differs"]).collect();
        assert_eq!(differs, [&json!(["reference"]), &json!(["reference"]), &json!(["email"])]);
        let clients = |answer: &Value| list(answer, "rows").iter().map(|row| row["client"].clone()).collect::<Vec<_>>();
        assert_eq!(clients(&again), clients(&first));
        let poorer = send("name\nPorto\nGaia\nBraga\n").await;
        assert_eq!((counts(&poorer), clients(&poorer)), ((0, 3, 0), clients(&first)), "{poorer}");
        assert_eq!(names(kit, &admin, "").await, ["Braga", "Gaia", "Porto"]);

        // Removing one client leaves the address to the other, which stays one client.
        by(kit.api.delete(&format!("/v1/clients/{}", porto.as_str().unwrap())), &admin).ok(200).await;
        let after = send("name,email\nGaia,ana@x.example\nPorto,ana@x.example\n").await;
        assert_eq!(counts(&after), (1, 1, 0), "{after}");
        assert_eq!(names(kit, &admin, "").await, ["Braga", "Gaia", "Porto"]);
    });
}

/// Otherwise an accountant's list loses every second company of an owner.
/// Proves: U13
#[test]
fn two_companies_of_one_owner_are_two_invitations_however_often_the_list_is_sent() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let olga = people::sign_up(kit, "Olga Owner").await;
        let row = |name: &str| json!({ "kind": "client", "email": olga.email, "name": name });
        let bulk = |names: &[&str]| {
            let rows: Vec<Value> = names.iter().map(|name| row(name)).collect();
            let call = kit.api.post("/v1/invitations/bulk").by(&admin.person).within(&admin.here);
            call.json(json!({ "invitations": rows })).send_owned()
        };
        let listed = async || {
            let page = kit.api.get("/v1/clients").by(&admin.person).within(&admin.here).ok(200).await;
            let mut names: Vec<String> = list(&page, "clients").iter().map(|client| text(client, "/name")).collect();
            names.sort();
            names
        };
        // In one request, and repeated within it.
        let first = bulk(&["Azul", "Verde", "Azul"]).await.ok(200);
        assert_eq!(counts(&first), (2, 1, 0), "{first}");
        assert_eq!(listed().await, ["Azul", "Verde"]);
        assert_eq!(counts(&bulk(&["Azul", "Verde"]).await.ok(200)), (0, 2, 0), "a repetition adds nothing");
        // In a later request, where the first ones are connected.
        for nth in 0..2 {
            let id = text(&first, &format!("/rows/{nth}/invitation"));
            let accept = format!("/v1/me/invitations/{id}/accept");
            let shown = kit.api.get("/v1/me/invitations").by(&olga).ok(200).await;
            let shown = list(&shown, "invitations").iter().find(|shown| text(shown, "/id") == id).cloned();
            let consent = shown.expect("it is waiting")["consent"].clone();
            let body = json!({
                "new_company": { "name": format!("Company {nth}"), "currency": "EUR" },
                "consent": { "version": consent["version"], "digest": consent["digest"] },
            });
            kit.api.post(&accept).by(&olga).json(body).ok(200).await;
        }
        assert_eq!(counts(&bulk(&["Azul", "Verde", "Branco"]).await.ok(200)), (1, 2, 0));
        assert_eq!(counts(&bulk(&["Azul", "Verde", "Branco"]).await.ok(200)), (0, 3, 0));
        assert_eq!(listed().await, ["Azul", "Branco", "Verde"]);
    });
}

/// Proves: U11, U12
#[test]
fn what_excel_saves_is_taken_and_a_doubtful_row_is_named_by_its_line() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        // As Excel on Windows saves and names it in a country that writes decimal commas.
        let windows = b"sep=;\r\nName;E-Mail\r\nCaf\xe9 M\xfcller, Lda;cafe@x.example\r\n\r\nLoja, Lda\r\n".to_vec();
        let answer = import(kit, &admin, "application/vnd.ms-excel", windows).await.ok(200);
        assert_eq!(counts(&answer), (1, 0, 1), "{answer}");
        let rows = list(&answer, "rows");
        assert_eq!((&rows[0]["line"], &rows[1]["line"], &rows[1]["field"]), (&json!(3), &json!(5), &json!("row")));
        // Where the last cells of a row are empty, Excel may leave them out.
        let short = "Name;E-Mail;Reference\r\nEva;e@x.example;E-1\r\nFay\r\n";
        assert_eq!(counts(&import(kit, &admin, "text/csv", short).await.ok(200)), (2, 0, 0));
        // "Unicode text" has tabs, and "CSV UTF-8" of a Mac has a mark.
        let unicode: Vec<u8> =
            "\u{feff}Name\tE-Mail\r\nПекарня\tpek@x.example\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(counts(&import(kit, &admin, "application/csv", unicode).await.ok(200)), (1, 0, 0));
        let mac = "\u{feff}Bäckerei, Krüger;b@x.example\rAna;a@x.example\r";
        assert_eq!(counts(&import(kit, &admin, "text/csv", mac).await.ok(200)), (2, 0, 0));
        let expected = ["Ana", "Bäckerei, Krüger", "Café Müller, Lda", "Eva", "Fay", "Пекарня"];
        assert_eq!(names(kit, &admin, "").await, expected);
    });
}

#[test]
fn five_hundred_rows_are_one_import_and_one_more_is_too_many() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let row = |number: usize| json!({ "name": format!("Client {number}"), "reference": format!("C-{number}") });
        let rows = |count: usize| json!({ "clients": (1..=count).map(row).collect::<Vec<_>>() }).to_string();
        let refused = import(kit, &admin, "application/json", rows(501)).await;
        refused.refused_field(422, "invalid-field", "clients");
        assert!(names(kit, &admin, "").await.is_empty());
        let answer = import(kit, &admin, "application/json", rows(500)).await.ok(200);
        assert_eq!(counts(&answer), (500, 0, 0));
        let ids: BTreeSet<String> = list(&answer, "rows").iter().map(|row| text(row, "/client")).collect();
        assert_eq!(ids.len(), 500);
        assert_eq!(names(kit, &admin, "?limit=3&sort=-added").await, ["Client 500", "Client 499", "Client 498"]);
    });
}

#[test]
fn imports_at_the_same_time_add_each_client_once() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let row = |number: usize| json!({ "name": format!("Client {number:02}"), "reference": format!("C-{number}") });
        let body = json!({ "clients": (1..=30).map(row).collect::<Vec<_>>() });
        let requests = (0..4).map(|_| {
            let (api, admin, body) = (kit.api.clone(), admin.clone(), body.clone());
            async move { by(api.post(IMPORT), &admin).json(body).send().await }
        });
        let answers = at_once(requests.collect()).await;
        let created: u64 = answers.iter().map(|answer| counts(&answer.ok(200)).0).sum();
        assert_eq!(created, 30);
        assert_eq!(names(kit, &admin, "?limit=100").await.len(), 30);
        let claims = kit.table.partition(&format!("FIRM#{}", admin.firm.id)).await;
        let claims = claims.iter().filter(|item| tests::table::text(item, "entity") == Some("client_claim")).count();
        assert_eq!(claims, 30);
    });
}

#[test]
fn an_import_under_one_key_is_answered_once() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let key = tests::people::unique();
        let send = |name: &str| {
            let body = json!({ "clients": [{ "name": name }] });
            by(kit.api.post(IMPORT), &admin).key(&key).json(body).send_owned()
        };
        let first = send("Ana").await;
        assert_eq!(counts(&first.ok(200)), (1, 0, 0));
        let again = send("Ana").await;
        assert_eq!(again.bytes, first.bytes, "not: already there");
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        send("Bia").await.refused(422, "idempotency-mismatch");
        assert_eq!(names(kit, &admin, "").await, ["Ana"]);
    });
}

#[test]
fn a_file_that_cannot_be_read_is_refused_as_a_whole_and_leaves_nothing() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let before = kit.table.trace(&admin.firm.id).await;
        let csv = |body: &[u8]| import(kit, &admin, "text/csv", body.to_vec());
        csv("name\nCaf\u{fffd}\n".as_bytes()).await.refused(400, "malformed-request");
        import(kit, &admin, "application/csv", b"name\nCaf\x81\n".to_vec()).await.refused(400, "malformed-request");
        csv(b"name;email\n\"Bia;b@x.example\nAna;a@x.example\n").await.refused(400, "malformed-request");
        csv(b"sep=|\nname|email\n").await.refused(400, "malformed-request");
        import(kit, &admin, "text/csv; charset=klingon", "A").await.refused(415, "unsupported-media-type");
        csv(b"").await.refused_field(422, "invalid-field", "clients");
        csv(b"name,email\n").await.refused_field(422, "invalid-field", "clients");
        csv(b"name,name\nA,B\n").await.refused_field(422, "invalid-field", "name");
        csv(&b"A\n".repeat(600_000)).await.refused(413, "too-large");
        let json = |body: &str| import(kit, &admin, "application/json", body.to_owned());
        json("{").await.refused(400, "malformed-request");
        json("{}").await.refused_field(422, "invalid-field", "clients");
        json(r#"{"clients":[]}"#).await.refused_field(422, "invalid-field", "clients");
        json(r#"{"clients":{},"x":1}"#).await.refused(422, "invalid-field");
        import(kit, &admin, "text/plain", "A").await.refused(415, "unsupported-media-type");
        import(kit, &admin, "multipart/form-data; boundary=x", "A").await.refused(415, "unsupported-media-type");
        assert!(kit.table.trace(&admin.firm.id).await == before);
        // Rows are another matter: each is refused by itself.
        let rows =
            json(r#"{"clients":[7,null,{"name":"A","admin":true},{"name":"A"},{"name":"A","email":"x"}]}"#).await;
        let answer = rows.ok(200);
        assert_eq!(counts(&answer), (1, 0, 4));
        let fields: Vec<&str> = list(&answer, "rows").iter().filter_map(|row| row["field"].as_str()).collect();
        assert_eq!(fields, ["row", "row", "admin", "email"]);
    });
}

#[test]
fn bad_questions_about_the_list_are_refused_by_name() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let long = "x".repeat(61);
        for (query, field) in [
            ("status=ended", "status"),
            ("sort=email", "sort"),
            ("sort=added&status=active", "sort"),
            ("sort=-added&q=a", "sort"),
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("cursor=nonsense", "cursor"),
            (&format!("q={long}"), "q"),
            ("name=x", "name"),
        ] {
            let answer = by(kit.api.get(&format!("/v1/clients?{query}")), &world.admin).send().await;
            refused_input(&answer, field);
        }
    });
}
