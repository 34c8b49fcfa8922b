//! `/v1/invitations/bulk` and `/v1/clients/invitations`: many invitations at once, answered row by row.

use serde_json::{Value, json};
use tests::cast::{self, Context, FirmAdmin, list, text};
use tests::http::Answer;
use tests::people::{self, Person};
use tests::{Kit, kit, run, story};

use crate::support::{at_once, refused_input};

const BULK: &str = "/v1/invitations/bulk";
const FROM_LIST: &str = "/v1/clients/invitations";

async fn send(kit: &Kit, by: &Person, here: &Context, rows: Value) -> Answer {
    kit.api.post(BULK).by(by).within(here).json(json!({ "invitations": rows })).send().await
}

#[track_caller]
fn counts(answer: &Value) -> (u64, u64, u64) {
    let count = |name: &str| answer[name].as_u64().unwrap_or_else(|| panic!("no {name} in {answer}"));
    (count("created"), count("already_there"), count("invalid"))
}

/// The outcome of each row, and the field that was refused.
#[track_caller]
fn outcomes(answer: &Value) -> Vec<(&str, &str)> {
    let said = |row: &'_ Value, name: &str| row[name].as_str().map(str::to_owned).unwrap_or_default();
    let rows = list(answer, "rows");
    assert!(rows.iter().zip(1..).all(|(row, number)| row["row"] == json!(number)), "{answer}");
    assert!(rows.iter().all(|row| said(row, "outcome") != "invalid" || !said(row, "detail").is_empty()), "{answer}");
    rows.iter()
        .map(|row| (row["outcome"].as_str().unwrap_or_default(), row["field"].as_str().unwrap_or_default()))
        .collect()
}

fn guest(email: &str) -> Value {
    json!({ "kind": "member", "email": email, "role": "client" })
}

/// Proves: M3
#[test]
fn each_row_is_answered_by_itself_and_sending_them_again_adds_nothing() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Owners Ltd").await;
        let admin = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        let (ana, bia) = (people::address("Ana"), people::address("Bia"));
        let rows = json!([
            guest(&ana),
            { "kind": "firm", "email": bia, "permissions": ["invoices.view"] },
            guest(&ana.to_uppercase()),
            guest("nowhere"),
            { "kind": "member", "email": bia, "role": "emperor" },
            { "kind": "staff", "email": bia, "role": "bookkeeper" },
            { "kind": "member", "email": bia, "role": "owner" },
            { "kind": "member", "email": bia, "role": "custom", "permissions": ["billing.manage"] },
            { "kind": "member", "email": bia, "role": "client", "expires_in_days": 31 },
            { "kind": "member", "email": bia },
            guest(&owner.person.email),
            { "kind": "member", "email": bia, "role": "client", "status": "accepted" },
            guest(&bia),
        ]);
        let answer = send(kit, &admin.person, &admin.here, rows.clone()).await.ok(200);
        let expected = [
            ("created", ""),
            ("created", ""),
            ("already_there", ""),
            ("invalid", "email"),
            ("invalid", "role"),
            ("invalid", "kind"),
            ("invalid", "role"),
            ("invalid", "permissions"),
            ("invalid", "expires_in_days"),
            ("invalid", "role"),
            ("already_there", ""),
            ("invalid", "status"),
            ("created", ""),
        ];
        assert_eq!(outcomes(&answer), expected, "{answer}");
        assert_eq!(counts(&answer), (3, 2, 8));
        let rows_of = |answer: &Value| list(answer, "rows").clone();
        assert_eq!(rows_of(&answer)[2]["invitation"], rows_of(&answer)[0]["invitation"]);
        cast::invitation_mail(kit, &ana, None).await;

        let before = kit.table.trace(&owner.company.id).await;
        let again = send(kit, &admin.person, &admin.here, rows).await.ok(200);
        assert_eq!(counts(&again), (0, 5, 8), "{again}");
        assert_eq!(rows_of(&again)[0]["invitation"], rows_of(&answer)[0]["invitation"]);
        assert!(kit.table.trace(&owner.company.id).await == before, "sending it again left a trace");
    });
}

/// Proves: U11, U12
#[test]
fn a_spreadsheet_of_invitations_is_sent_as_it_is() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let (ana, bia) = (people::address("Ana"), people::address("Bia"));
        let csv = format!(
            "\u{feff}E-Mail;Kind;Role;Permissions;Days;Phone\r\n{ana};staff;bookkeeper;;14;1\r\n\
             {bia};client;;invoices.view bank.view;;2\r\n{bia};client;;payroll;;3\r\n;staff;admin;;;4\r\n"
        );
        let call = || kit.api.post(BULK).by(&admin.person).within(&admin.here).raw("text/csv", csv.clone());
        let answer = call().ok(200).await;
        let expected = [("created", ""), ("created", ""), ("invalid", "permissions[0]"), ("invalid", "email")];
        assert_eq!(outcomes(&answer), expected, "{answer}");
        assert_eq!(answer["ignored_columns"], json!(["Phone"]));
        let lines: Vec<&Value> = list(&answer, "rows").iter().map(|row| &row["line"]).collect();
        assert_eq!(lines, [&json!(2), &json!(3), &json!(4), &json!(5)]);
        assert_eq!(counts(&call().ok(200).await), (0, 2, 2));
        let path = "/v1/invitations?status=pending";
        let pending = kit.api.get(path).by(&admin.person).within(&admin.here).ok(200).await;
        let pending = list(&pending, "invitations");
        let permissions: Vec<&Value> =
            pending.iter().filter(|i| i["kind"] == "client").map(|i| &i["permissions"]).collect();
        assert_eq!(permissions, [&json!(["bank.view", "invoices.view"])]);
        assert_eq!(pending.len(), 2);
        // Without a header the columns are in the order that the document says.
        let csv = format!("staff;{};Jos\u{e9} Carla;admin\n", people::address("Carla"));
        let windows: Vec<u8> = csv.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin letters")).collect();
        let call = kit.api.post(BULK).by(&admin.person).within(&admin.here).raw("application/vnd.ms-excel", windows);
        let answer = call.ok(200).await;
        assert_eq!(counts(&answer), (1, 0, 0), "{answer}");
    });
}

/// The result of each row is stored with the idempotency key; hundreds of long errors must fit there.
#[test]
fn many_bad_rows_under_a_key_are_answered_twice_alike() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Owners Ltd").await;
        let long = "é\u{7}\"".repeat(60);
        let odd =
            json!({ "kind": "member", "email": "a@b.example", "role": "custom", "permissions": ["invoice.view"] });
        let mut rows = vec![odd; 250];
        rows.extend(
            (0..249).map(|_| json!({ "kind": "member", "email": "a@b.example", "role": long, (long.as_str()): 1 })),
        );
        rows.push(guest(&people::address("Gus Guest")));
        let key = people::unique();
        let body = json!({ "invitations": rows });
        let send = || kit.api.post(BULK).by(&owner.person).within(&owner.here).json(body.clone()).key(&key);
        let first = send().ok(200).await;
        assert_eq!(counts(&first), (1, 0, 499));
        assert_eq!(send().ok(200).await, first);
    });
}

/// A temporary permission cannot be granted for good: that refuses its own row, and no other.
#[test]
fn a_row_that_offers_what_is_only_lent_spoils_no_other() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Owners Ltd").await;
        let held = ["dashboard.view", "team.view", "team.manage"];
        let tess = cast::member(kit, &owner, "Tess Team", "custom", Some(&held)).await;
        let body = json!({ "permissions": ["vat.view"], "for_hours": 8 });
        let asked = kit.api.post("/v1/access-requests").by(&tess.person).within(&tess.here).json(body).ok(201).await;
        let path = format!("/v1/access-requests/{}/grant", text(&asked, "/access_request/id"));
        kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).ok(200).await;
        let offering = |permission: &str| {
            let email = people::address("Gus Guest");
            json!({ "kind": "member", "email": email, "role": "custom", "permissions": [permission] })
        };
        let mut rows = vec![offering("vat.view")];
        rows.extend((0..12).map(|_| offering("dashboard.view")));
        let answer = send(kit, &tess.person, &tess.here, json!(rows)).await.ok(200);
        assert_eq!(counts(&answer), (12, 0, 1));
        assert_eq!(outcomes(&answer)[0], ("invalid", "permissions"));
    });
}

#[test]
fn bulks_at_the_same_time_send_each_invitation_once() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Owners Ltd").await;
        let rows: Vec<Value> = (0..25).map(|n| guest(&people::address(&format!("Guest {n}")))).collect();
        let requests = (0..4).map(|_| {
            let (api, owner, body) = (kit.api.clone(), owner.clone(), json!({ "invitations": rows }));
            async move { api.post(BULK).by(&owner.person).within(&owner.here).json(body).send().await }
        });
        let answers = at_once(requests.collect()).await;
        let created: u64 = answers.iter().map(|answer| counts(&answer.ok(200)).0).sum();
        assert_eq!(created, 25);
        assert_eq!(story::events_of_type(kit, &owner.company.id, "invitation.created").await, 25);
    });
}

#[test]
fn an_invitation_that_is_no_longer_open_can_be_sent_anew_and_one_sent_singly_counts() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Owners Ltd").await;
        let ana = people::address("Ana");
        let invited = cast::invite(kit, &owner.person, &owner.here, guest(&ana)).await;
        let again = || async { send(kit, &owner.person, &owner.here, json!([guest(&ana)])).await.ok(200) };
        let answer = again().await;
        assert_eq!((counts(&answer), &answer["rows"][0]["invitation"]), ((0, 1, 0), &json!(invited.id)));
        // Another kind of offer to the same address is another invitation.
        let firm = json!([{ "kind": "firm", "email": ana }]);
        assert_eq!(counts(&send(kit, &owner.person, &owner.here, firm).await.ok(200)), (1, 0, 0));

        let path = format!("/v1/invitations/{}/revoke", invited.id);
        kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).ok(200).await;
        let answer = again().await;
        assert_eq!(counts(&answer), (1, 0, 0));
        let second = text(&answer, "/rows/0/invitation");
        let past = aws_sdk_dynamodb::types::AttributeValue::S("2026-01-01T00:00:00.000Z".to_owned());
        kit.table.set(&format!("INVITATION#{second}"), "INVITATION", "expires_at", past).await;
        assert_eq!(counts(&again().await), (1, 0, 0));
        assert_eq!(counts(&again().await), (0, 1, 0));
        // Sent again to a corrected address, it is that address that has it.
        let third = text(&again().await, "/rows/0/invitation");
        let corrected = people::address("Anna");
        let path = format!("/v1/invitations/{third}/resend");
        kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({ "email": corrected })).ok(200).await;
        let both = json!([guest(&ana), guest(&corrected)]);
        let answer = send(kit, &owner.person, &owner.here, both).await.ok(200);
        assert_eq!(outcomes(&answer), [("created", ""), ("already_there", "")], "{answer}");
    });
}

#[test]
fn a_bulk_is_bounded_and_answered_once_under_its_key() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Owners Ltd").await;
        let before = kit.table.trace(&owner.company.id).await;
        let rows = |count: usize| json!(vec![guest("nowhere"); count]);
        send(kit, &owner.person, &owner.here, rows(501)).await.refused_field(422, "invalid-field", "invitations");
        send(kit, &owner.person, &owner.here, json!([])).await.refused_field(422, "invalid-field", "invitations");
        let answer = send(kit, &owner.person, &owner.here, rows(500)).await.ok(200);
        assert_eq!(counts(&answer), (0, 0, 500));
        assert!(kit.table.trace(&owner.company.id).await == before);

        let key = people::unique();
        let ana = people::address("Ana");
        let once = |email: &str| {
            let body = json!({ "invitations": [guest(email)] });
            kit.api.post(BULK).by(&owner.person).within(&owner.here).key(&key).json(body).send_owned()
        };
        let first = once(&ana).await;
        assert_eq!(counts(&first.ok(200)), (1, 0, 0));
        assert_eq!(once(&ana).await.bytes, first.bytes, "not: already there");
        once("other@example.com").await.refused(422, "idempotency-mismatch");
    });
}

/// The list as names and states.
async fn shown(kit: &Kit, admin: &FirmAdmin) -> Vec<(String, String)> {
    let page = kit.api.get("/v1/clients").by(&admin.person).within(&admin.here).ok(200).await;
    list(&page, "clients").iter().map(|client| (text(client, "/name"), text(client, "/status"))).collect()
}

async fn client(kit: &Kit, admin: &FirmAdmin, body: Value) -> String {
    let answer = kit.api.post("/v1/clients").by(&admin.person).within(&admin.here).json(body).ok(201).await;
    text(&answer, "/client/id")
}

#[test]
fn clients_are_invited_from_the_list_several_at_once() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let shared = people::address("Olga");
        let azul = client(kit, &admin, json!({ "name": "Azul", "email": shared, "reference": "1" })).await;
        let verde = client(kit, &admin, json!({ "name": "Verde", "email": shared, "reference": "2" })).await;
        let mute = client(kit, &admin, json!({ "name": "Mute" })).await;
        let nobody = "cl_00000000000070008000000000000000";
        let invite = |ids: Vec<&str>| {
            let body = json!({ "clients": ids, "message": "Welcome", "permissions": ["invoices.view"] });
            kit.api.post(FROM_LIST).by(&admin.person).within(&admin.here).json(body).send_owned()
        };
        let answer = invite(vec![&azul, &verde, &azul, &mute, nobody]).await.ok(200);
        let expected =
            [("created", ""), ("created", ""), ("already_there", ""), ("invalid", "email"), ("invalid", "client")];
        assert_eq!(outcomes(&answer), expected, "{answer}");
        assert_eq!(counts(&invite(vec![&azul, &verde]).await.ok(200)), (0, 2, 0));
        let state = |name: &str, status: &str| (name.to_owned(), status.to_owned());
        let invited = [state("Azul", "invited"), state("Mute", "inactive"), state("Verde", "invited")];
        assert_eq!(shown(kit, &admin).await, invited);
        let path = "/v1/clients?status=invited&limit=1";
        let tab = kit.api.get(path).by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(text(&tab, "/clients/0/invitation/status"), "pending");
        let id = text(&answer, "/rows/0/invitation");
        assert_eq!(text(&tab, "/clients/0/invitation/id"), id);
        let path = format!("/v1/clients/{azul}");
        kit.api.delete(&path).by(&admin.person).within(&admin.here).refused(409, "conflict").await;

        // Withdrawn, it can be invited again; sent again, it is still invited.
        let of = |id: &str, what: &str| {
            let path = format!("/v1/invitations/{id}/{what}");
            kit.api.post(&path).by(&admin.person).within(&admin.here).json(json!({})).send_owned()
        };
        of(&id, "revoke").await.ok(200);
        assert_eq!(shown(kit, &admin).await[0], state("Azul", "inactive"));
        let second = text(&invite(vec![&azul]).await.ok(200), "/rows/0/invitation");
        assert_ne!(second, id);
        of(&second, "resend").await.ok(200);
        assert_eq!(shown(kit, &admin).await[0], state("Azul", "invited"));
        // From the details: the missing address is filled in, then it is invited.
        let path = format!("/v1/clients/{mute}");
        let body = json!({ "email": people::address("Mute") });
        kit.api.patch(&path).by(&admin.person).within(&admin.here).json(body).ok(200).await;
        assert_eq!(counts(&invite(vec![&mute]).await.ok(200)), (1, 0, 0));
        for (body, field) in [
            (json!({ "clients": [] }), "clients"),
            (json!({ "clients": vec![nobody; 101] }), "clients"),
            (json!({ "clients": ["co_1"] }), "clients"),
            (json!({ "clients": [nobody], "expires_in_days": 31 }), ""),
            (json!({ "clients": [azul], "permissions": ["staff.view"] }), "permissions"),
        ] {
            let answer = kit.api.post(FROM_LIST).by(&admin.person).within(&admin.here).json(body).send().await;
            if field.is_empty() {
                answer.ok(200);
            } else {
                refused_input(&answer, field);
            }
        }
    });
}

#[test]
fn a_client_who_declines_is_on_the_list_as_inactive() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        let olga = people::sign_up(kit, "Olga Owner").await;
        let azul = client(kit, &admin, json!({ "name": "Azul", "email": olga.email })).await;
        let body = json!({ "clients": [azul] });
        kit.api.post(FROM_LIST).by(&admin.person).within(&admin.here).json(body).ok(200).await;
        let mail = cast::invitation_mail(kit, &olga.email, None).await;
        let body = json!({ "token": cast::token_in(&mail.link("/i/")) });
        kit.api.post("/v1/invitations/reject").by(&olga).json(body).ok(200).await;
        let path = format!("/v1/clients/{azul}");
        let shown = kit.api.get(&path).by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(text(&shown, "/client/status"), "inactive");
        assert_eq!(text(&shown, "/client/invitation/status"), "rejected");
    });
}

#[test]
fn a_connected_company_is_on_its_firms_list_and_stays_when_the_connection_ends() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Olga Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
        );
        cast::connect(kit, &owner, &admin, None).await;
        let page = kit.api.get("/v1/clients?status=active").by(&admin.person).within(&admin.here).ok(200).await;
        let listed = list(&page, "clients").clone();
        assert_eq!(listed.len(), 1, "{page}");
        assert_eq!(text(&listed[0], "/company"), owner.company.id);
        assert_eq!(text(&listed[0], "/name"), "Owners Ltd");
        let id = text(&listed[0], "/id");
        let invite = json!({ "clients": [id] });
        let answer = kit.api.post(FROM_LIST).by(&admin.person).within(&admin.here).json(invite).ok(200).await;
        assert_eq!(counts(&answer), (0, 1, 0));
        let client = format!("/v1/clients/{id}");
        let problem = kit.api.delete(&client).by(&admin.person).within(&admin.here).refused(409, "conflict").await;
        assert_eq!(problem["state"], "active");
        let body = json!({ "name": "The Owners", "reference": "C-1", "email": owner.person.email });
        kit.api.patch(&client).by(&admin.person).within(&admin.here).json(body).ok(200).await;

        let path = format!("/v1/connections/{}", admin.firm.id);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(shown(kit, &admin).await, [("The Owners".to_owned(), "inactive".to_owned())]);
        cast::connect(kit, &owner, &admin, None).await;
        let page = kit.api.get("/v1/clients").by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(list(&page, "clients").len(), 1, "{page}");
        assert_eq!((text(&page, "/clients/0/id"), text(&page, "/clients/0/status")), (id, "active".to_owned()));
        let path = format!("/v1/connections/{}", owner.company.id);
        kit.api.delete(&path).by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(shown(kit, &admin).await, [("The Owners".to_owned(), "inactive".to_owned())]);
        kit.api.delete(&client).by(&admin.person).within(&admin.here).ok(200).await;
    });
}

/// Accepts an invitation of a client by its mailed link, for a company.
async fn let_in(kit: &Kit, owner: &cast::Owner) {
    let mail = cast::invitation_mail(kit, &owner.person.email, None).await;
    let link = mail.link("/i/");
    let shown = kit.api.get(&link).header("accept", "application/json").ok(200).await;
    let consent = json!({ "version": shown["consent"]["version"], "digest": shown["consent"]["digest"] });
    let body = json!({ "token": cast::token_in(&link), "company": owner.company.id, "consent": consent });
    kit.api.post("/v1/invitations/accept").by(&owner.person).json(body).ok(200).await;
}

/// Proves: M3
#[test]
fn a_client_who_is_connected_by_the_last_invitation_is_there_already() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Olga Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
        );
        let row = json!({ "kind": "client", "email": owner.person.email });
        let again = || async { send(kit, &admin.person, &admin.here, json!([row, row])).await.ok(200) };
        assert_eq!(counts(&again().await), (1, 1, 0));
        let_in(kit, &owner).await;

        let before = kit.table.trace(&admin.firm.id).await;
        let answer = again().await;
        assert_eq!(counts(&answer), (0, 2, 0), "{answer}");
        assert_eq!(answer["rows"][0].get("invitation"), None, "none is open: {answer}");
        assert!(kit.table.trace(&admin.firm.id).await == before, "sending it again left a trace");
        let waiting = kit.api.get("/v1/me/invitations").by(&owner.person).ok(200).await;
        assert_eq!(list(&waiting, "invitations").len(), 0, "{waiting}");
        let inbox = kit.mailbox.inbox(&owner.person.email).await;
        assert_eq!(inbox.iter().filter(|mail| mail.text.contains("/i/")).count(), 1, "a second letter");

        // Nor is there a second entry when the first has no address any more.
        let page = kit.api.get("/v1/clients").by(&admin.person).within(&admin.here).ok(200).await;
        let path = format!("/v1/clients/{}", text(&page, "/clients/0/id"));
        let nowhere = json!({ "email": null });
        kit.api.patch(&path).by(&admin.person).within(&admin.here).json(nowhere).ok(200).await;
        assert_eq!(counts(&again().await), (0, 2, 0));
        assert_eq!(shown(kit, &admin).await.len(), 1);

        // When the connection has ended, they are asked anew.
        let path = format!("/v1/connections/{}", owner.company.id);
        kit.api.delete(&path).by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(counts(&again().await), (1, 1, 0));
    });
}

/// Proves: M3
#[test]
fn a_firm_that_is_connected_by_the_last_invitation_is_there_already() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Olga Owner", "Owners Ltd"),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
        );
        let other = people::address("Other Firm");
        let again = || async {
            let rows = json!([{ "kind": "firm", "email": admin.person.email }, { "kind": "firm", "email": other }]);
            send(kit, &owner.person, &owner.here, rows).await.ok(200)
        };
        assert_eq!(counts(&again().await), (2, 0, 0));
        let mail = cast::invitation_mail(kit, &admin.person.email, None).await;
        cast::accept(kit, &admin.person, &cast::token_in(&mail.link("/i/")), Some(&admin.firm.id)).await;
        let before = kit.table.trace(&owner.company.id).await;
        let answer = again().await;
        assert_eq!(counts(&answer), (0, 2, 0), "{answer}");
        assert!(kit.table.trace(&owner.company.id).await == before, "sending it again left a trace");
        let path = format!("/v1/connections/{}", admin.firm.id);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(counts(&again().await), (1, 1, 0));
    });
}

/// Proves: M3
#[test]
fn a_handover_is_refused_by_its_row_in_either_form() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Owners Ltd").await;
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        cast::connect(kit, &owner, &admin, None).await;
        let (ana, bia) = (people::address("Ana"), people::address("Bia"));
        let firm = &admin.firm.id;
        let rows = json!([{ "kind": "firm", "email": ana, "replaces": firm }]);
        let answer = send(kit, &owner.person, &owner.here, rows).await.ok(200);
        assert_eq!(outcomes(&answer), [("invalid", "replaces")], "{answer}");
        let csv = format!("kind,email,replaces\nfirm,{ana},{firm}\nfirm,{ana},The Old Ones\nfirm,{bia},\n");
        let call = kit.api.post(BULK).by(&owner.person).within(&owner.here).raw("text/csv", csv);
        let answer = call.ok(200).await;
        let expected = [("invalid", "replaces"), ("invalid", "replaces"), ("created", "")];
        assert_eq!(outcomes(&answer), expected, "{answer}");
        assert_eq!(answer.get("ignored_columns"), None, "{answer}");
    });
}
