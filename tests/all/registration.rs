//! `/v1/registration-links`, `/v1/signup-codes`, `/v1/registrations`, `/r/{token}`, and the QR codes.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, FirmAdmin, list, text, token_in};
use tests::http::Answer;
use tests::machine::Vendor;
use tests::mailbox::Message;
use tests::people::{self, Person};
use tests::{Kit, kit, run};

use crate::support::{all_of, at_once, statuses, types, with_status};

/// Makes a link or a code in the firm, and answers all of it.
async fn make(kit: &Kit, admin: &FirmAdmin, path: &str, body: Value) -> Value {
    kit.api.post(path).by(&admin.person).within(&admin.here).json(body).ok(201).await
}

/// Makes a registration link, and answers its id and the token in it.
async fn make_link(kit: &Kit, admin: &FirmAdmin, body: Value) -> (String, String) {
    let made = make(kit, admin, "/v1/registration-links", body).await;
    (text(&made, "/registration_link/id"), token_in(&text(&made, "/url")))
}

/// Makes a signup code, and answers its id and what to type.
async fn make_code(kit: &Kit, admin: &FirmAdmin, body: Value) -> (String, String) {
    let made = make(kit, admin, "/v1/signup-codes", body).await;
    (text(&made, "/signup_code/id"), text(&made, "/code"))
}

async fn revoke(kit: &Kit, admin: &FirmAdmin, path: &str) -> Answer {
    kit.api.post(&format!("{path}/revoke")).by(&admin.person).within(&admin.here).json(json!({})).send().await
}

/// What registering through something would bring.
async fn preview(kit: &Kit, person: &Person, shown: &Value) -> Value {
    kit.api.post("/v1/registrations/preview").by(person).json(shown.clone()).ok(200).await
}

/// A registration through a link or code, with consent.
async fn registration(kit: &Kit, person: &Person, shown: &Value, company: &str) -> Value {
    let consent = preview(kit, person, shown).await.get("consent").cloned().unwrap_or_default();
    let mut body = shown.clone();
    body["company"] = json!({ "name": company, "currency": "EUR", "time_zone": "Europe/Lisbon" });
    if !consent.is_null() {
        body["consent"] = json!({ "version": consent["version"], "digest": consent["digest"] });
    }
    body
}

async fn register(kit: &Kit, person: &Person, shown: &Value, company: &str) -> Value {
    let body = registration(kit, person, shown, company).await;
    kit.api.post("/v1/registrations").by(person).json(body).ok(201).await
}

/// What a picture of a QR code says.
fn read_png(bytes: &[u8]) -> String {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let frame = reader.next_frame(&mut pixels).expect("a picture");
    let (width, height) = (frame.width as usize, frame.height as usize);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one code is found");
    grids[0].decode().expect("it can be read").1
}

#[test]
fn a_company_that_registers_through_a_link_is_connected_to_the_firm() {
    run(async {
        let kit = kit();
        let (admin, person) =
            tokio::join!(cast::firm_admin(kit, "Lena Link", "Link Accounting"), people::sign_up(kit, "Nora New"));
        let asked =
            json!({ "label": "Spring fair", "permissions": ["invoices.view", "vat.manage"], "expires_in_days": 30 });
        let (id, token) = make_link(kit, &admin, asked).await;
        let shown = json!({ "token": token });

        // The page lists the permissions in words, and changes nothing.
        for _ in 0..2 {
            let page = kit.api.get(&format!("/r/{token}")).send().await;
            page.ok_page();
            for said in ["Link Accounting", "File VAT returns.", "personal data"] {
                assert!(page.text().contains(said), "{said}: {}", page.text());
            }
            assert!(!page.text().contains("Spring fair"), "the label is the firm's own");
        }
        let before = preview(kit, &person, &shown).await;
        assert_eq!(
            (text(&before, "/firm/name").as_str(), &before["billing_owner"]),
            ("Link Accounting", &json!("company"))
        );

        let made = register(kit, &person, &shown, "Newcomers Ltd").await;
        assert_eq!(made["connection"]["permissions"], json!(["invoices.view", "vat.manage"]));
        assert_eq!(text(&made, "/referred_by"), admin.firm.id);
        let company = text(&made, "/company/id");
        let here = cast::enter(kit, &person, &company).await;
        assert_eq!(here.via, "member");
        // The firm's admin stands in the new company at once, with what was agreed to and no more.
        let inside = cast::enter(kit, &admin.person, &company).await;
        assert_eq!(inside.permissions, ["invoices.view", "vat.manage"]);
        kit.api.get("/v1/invoices").by(&admin.person).within(&inside).ok(200).await;
        kit.api.get("/v1/dashboard").by(&admin.person).within(&inside).refused(403, "not-granted").await;

        let trail = tests::story::audit_trail(kit, &person, &here).await;
        let started = trail.iter().find(|event| event["type"] == "connection.started").expect("it started");
        assert_eq!(text(started, "/data/registration_link"), id);
        assert!(started["data"]["consent"]["version"].is_string(), "{started}");
        assert!(types(&trail).contains(&"company.registered"));

        let path = format!("/v1/registration-links/{id}");
        let link = kit.api.get(&path).by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(
            (&link["registration_link"]["uses"], link["registration_link"]["state"].as_str()),
            (&json!(1), Some("open"))
        );
        assert_eq!(text(&link, "/registrations/0/company"), company);
        assert_eq!(text(&link, "/registrations/0/company_name"), "Newcomers Ltd");
        assert_eq!(token_in(&text(&link, "/url")), token, "the link is derived, always the same");
    });
}

#[test]
fn nobody_is_connected_who_did_not_agree() {
    run(async {
        let kit = kit();
        let (admin, person) =
            tokio::join!(cast::firm_admin(kit, "Cora Consent", "Consent Firm"), people::sign_up(kit, "Nils New"));
        let (id, token) = make_link(kit, &admin, json!({})).await;
        let shown = json!({ "token": token });
        let agreed = registration(kit, &person, &shown, "Unasked Ltd").await;
        let attempt = async |body: Value| kit.api.post("/v1/registrations").by(&person).json(body).send().await;
        let mut none = agreed.clone();
        none.as_object_mut().expect("an object").remove("consent");
        attempt(none).await.refused_field(422, "invalid-field", "consent.version");
        let mut old = agreed.clone();
        old["consent"]["version"] = json!("1999-01");
        attempt(old).await.refused_field(422, "invalid-field", "consent.version");
        let mut other = agreed.clone();
        other["consent"]["digest"] = json!("0".repeat(64));
        attempt(other).await.refused_field(422, "invalid-field", "consent.digest");
        let path = format!("/v1/registration-links/{id}");
        let link = kit.api.get(&path).by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(link["registration_link"]["uses"], 0, "nobody came through: {link}");
    });
}

#[test]
fn a_link_that_was_revoked_or_used_up_is_gone() {
    run(async {
        let kit = kit();
        let (admin, one, two) = tokio::join!(
            cast::firm_admin(kit, "Gina Gone", "Gone Firm"),
            people::sign_up(kit, "Ole One"),
            people::sign_up(kit, "Tia Two"),
        );
        let gone = async |token: &str, body: &Value, state: &str| {
            let page = kit.api.get(&format!("/r/{token}")).send().await;
            assert_eq!(page.status, 410, "{}", page.text());
            assert!(!page.text().contains("Gone Firm"), "a dead link names nobody: {}", page.text());
            let problem = kit.api.post("/v1/registrations").by(&two).json(body.clone()).refused(410, "gone").await;
            assert_eq!(text(&problem, "/state"), state);
            let shown = json!({ "token": token });
            kit.api.post("/v1/registrations/preview").by(&two).json(shown).refused(410, "gone").await;
        };
        let (id, token) = make_link(kit, &admin, json!({ "max_uses": 1 })).await;
        let shown = json!({ "token": token });
        let late = registration(kit, &two, &shown, "Late Ltd").await;
        register(kit, &one, &shown, "First Ltd").await;
        gone(&token, &late, "used_up").await;

        let (revoked, token) = make_link(kit, &admin, json!({})).await;
        let late = registration(kit, &two, &json!({ "token": token }), "Late Ltd").await;
        let path = format!("/v1/registration-links/{revoked}");
        assert_eq!(revoke(kit, &admin, &path).await.ok(200)["registration_link"]["state"], "revoked");
        gone(&token, &late, "revoked").await;
        revoke(kit, &admin, &path).await.refused(409, "conflict");
        let picture = kit.api.get(&format!("{path}/qr")).by(&admin.person).within(&admin.here).send().await;
        picture.refused(410, "gone");

        let links = kit.api.get("/v1/registration-links").by(&admin.person).within(&admin.here).ok(200).await;
        let states: Vec<_> = list(&links, "registration_links").iter().map(|link| &link["state"]).collect();
        assert_eq!(states, ["revoked", "used_up"], "newest first: {links}");
        assert_eq!(links["registration_links"][1]["id"], json!(id));
    });
}

#[test]
fn an_expired_link_is_gone_and_an_expired_code_is_no_code() {
    run(async {
        let kit = kit();
        let (admin, person) =
            tokio::join!(cast::firm_admin(kit, "Elli Expired", "Expired Firm"), people::sign_up(kit, "Lara Late"));
        let (id, token) = make_link(kit, &admin, json!({ "expires_in_days": 1 })).await;
        let (_, code) = make_code(kit, &admin, json!({ "expires_in_days": 1 })).await;
        for item in kit.table.index("gsi1", &format!("FIRM#{}", admin.firm.id)).await {
            let of = |name: &str| tests::table::text(&item, name).unwrap_or_default().to_owned();
            if ["registration_link", "signup_code"].contains(&of("entity").as_str()) {
                let mut limits = item["limits"].as_m().expect("a map").clone();
                limits.insert("expires_at".to_owned(), AttributeValue::S("2026-01-01T00:00:00.000Z".to_owned()));
                kit.table.set(&of("pk"), &of("sk"), "limits", AttributeValue::M(limits)).await;
            }
        }
        let path = format!("/v1/registration-links/{id}");
        let link = kit.api.get(&path).by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(link["registration_link"]["state"], "expired");
        assert_eq!(kit.api.get(&format!("/r/{token}")).send().await.status, 410);
        let shown = json!({ "token": token });
        kit.api.post("/v1/registrations/preview").by(&person).json(shown).refused(410, "gone").await;
        let answer = async |code: &str| {
            let call = kit.api.post("/v1/registrations/preview").by(&person).json(json!({ "code": code }));
            call.send().await
        };
        let mut answers = Vec::new();
        // An expired, an unknown and an impossible one: nobody learns which.
        for code in [code.as_str(), "00000-00000", "nonsense"] {
            let answer = answer(code).await;
            answer.refused_field(422, "invalid-field", "code");
            answers.push(answer.bytes);
        }
        assert!(answers.iter().all(|bytes| *bytes == answers[0]));
    });
}

#[test]
fn no_more_come_through_at_once_than_the_link_allows() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Rita Race", "Race Firm").await;
        let (id, token) = make_link(kit, &admin, json!({ "max_uses": 2 })).await;
        let shown = json!({ "token": token });
        let mut calls = Vec::new();
        for n in 0..5 {
            let person = people::sign_up(kit, &format!("Rex Racer {n}")).await;
            let body = registration(kit, &person, &shown, &format!("Racer {n} Ltd")).await;
            calls.push((person, body));
        }
        let answers = at_once(
            calls
                .iter()
                .map(|(person, body)| kit.api.post("/v1/registrations").by(person).json(body.clone()).send_owned())
                .collect(),
        )
        .await;
        assert_eq!(with_status(&answers, 201), 2, "{:?}", statuses(&answers));
        assert_eq!(with_status(&answers, 410), 3, "{:?}", statuses(&answers));
        let path = format!("/v1/registration-links/{id}");
        let link = kit.api.get(&path).by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(
            (&link["registration_link"]["uses"], &link["registration_link"]["state"]),
            (&json!(2), &json!("used_up"))
        );
    });
}

#[test]
fn a_forged_token_is_not_found_nor_is_an_invitations() {
    run(async {
        let kit = kit();
        let (admin, owner) = tokio::join!(
            cast::firm_admin(kit, "Frida Forge", "Forge Firm"),
            cast::owner(kit, "Otto Owner", "Owners Ltd")
        );
        let (_, token) = make_link(kit, &admin, json!({})).await;
        let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let (head, mac) = token.rsplit_once('.').expect("a token has three parts");
        let flipped = if mac.starts_with('A') { "B" } else { "A" };
        let forged = [
            format!("{head}.{flipped}{}", &mac[1..]),
            token.replace(".1.", ".2."),
            format!("rl_00000000000070008000000000000000.1.{mac}"),
            invited.token.clone(),
            invited.token.replace("in_", "rl_"),
            "nonsense".to_owned(),
        ];
        let mut pages = BTreeSet::new();
        for forged in forged {
            let page = kit.api.get(&format!("/r/{forged}")).send().await;
            assert_eq!(page.status, 404, "{forged}: {}", page.text());
            pages.insert(page.text());
            let shown = json!({ "token": forged });
            kit.api.post("/v1/registrations/preview").by(&owner.person).json(shown).refused(404, "not-found").await;
            let body = json!({ "token": forged, "company": { "name": "Forged Ltd", "currency": "EUR" } });
            kit.api.post("/v1/registrations").by(&owner.person).json(body).refused(404, "not-found").await;
        }
        assert_eq!(pages.len(), 1, "a page tells forged links apart");
        // And the other way round: a registration link accepts no invitation.
        for token in [token.clone(), token.replace("rl_", "in_")] {
            assert_eq!(kit.api.get(&format!("/i/{token}")).send().await.status, 404);
            let call = kit.api.post("/v1/invitations/accept").by(&owner.person).json(json!({ "token": token }));
            call.refused(404, "not-found").await;
        }
    });
}

#[test]
fn a_registration_sent_twice_registers_once() {
    run(async {
        let kit = kit();
        let (admin, person) =
            tokio::join!(cast::firm_admin(kit, "Ida Idem", "Idem Firm"), people::sign_up(kit, "Rosa Repeat"));
        let call = |key: &str, label: &str| {
            let body = json!({ "label": label });
            let call = kit.api.post("/v1/registration-links").by(&admin.person).within(&admin.here).json(body);
            call.key(key).send_owned()
        };
        let first = call("link-1", "Once").await;
        let again = call("link-1", "Once").await;
        assert_eq!((first.status, again.status, &first.bytes), (201, 201, &again.bytes), "the replay has the link too");
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        call("link-1", "Other").await.refused(422, "idempotency-mismatch");
        let code = |key: &str| {
            let call = kit.api.post("/v1/signup-codes").by(&admin.person).within(&admin.here).json(json!({}));
            call.key(key).send_owned()
        };
        let (one, two) = (code("code-1").await, code("code-1").await);
        assert_eq!((one.status, &one.bytes), (201, &two.bytes), "the replay has the code too");
        // Neither is kept anywhere.
        let (url, typed) = (text(&first.json(), "/url"), text(&one.json(), "/code"));
        for secret in
            [token_in(&url).rsplit('.').next().expect("a MAC").to_owned(), typed.clone(), typed.replace('-', "")]
        {
            let own = format!("{:?}", kit.table.trace(&admin.firm.id).await);
            let answers = kit.table.partition(&format!("IDEMPOTENCY#{}#link-1", admin.person.user)).await;
            let kept = format!("{own} {answers:?}");
            assert!(answers.len() == 1 && !kept.contains(&secret), "the table keeps what opens a way in");
        }

        let body = registration(kit, &person, &json!({ "token": token_in(&url) }), "Once Ltd").await;
        let send = || kit.api.post("/v1/registrations").by(&person).json(body.clone()).key("reg-1").send_owned();
        let (first, again) = (send().await, send().await);
        assert_eq!((first.status, &first.bytes), (201, &again.bytes));
        let id = text(&first.json(), "/company/id");
        let companies = kit.api.get("/v1/contexts").by(&person).ok(200).await;
        assert_eq!(companies.to_string().matches("\"co_").count(), 1, "{id}: {companies}");
        let path =
            format!("/v1/registration-links/{}", text(&call("link-1", "Once").await.json(), "/registration_link/id"));
        let link = kit.api.get(&path).by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(link["registration_link"]["uses"], 1);
    });
}

#[test]
fn a_code_is_typed_as_people_type_and_says_who_pays() {
    run(async {
        let kit = kit();
        let (admin, person) =
            tokio::join!(cast::firm_admin(kit, "Carla Code", "Code Firm"), people::sign_up(kit, "Tom Typist"));
        let (id, code) = make_code(kit, &admin, json!({ "label": "Flyer", "billing_owner": "firm" })).await;
        assert_eq!((code.len(), code.chars().nth(5)), (11, Some('-')), "{code}");
        let shown = json!({ "code": format!(" {} ", code.to_lowercase().replace('-', " ")) });
        let made = register(kit, &person, &shown, "Typists Ltd").await;
        assert_eq!(
            (&made["billing_owner"], &made["connection"]["firm"]["id"]),
            (&json!("firm"), &json!(admin.firm.id))
        );
        let here = cast::enter(kit, &person, &text(&made, "/company/id")).await;
        let billing = kit.api.get("/v1/billing").by(&person).within(&here).ok(200).await;
        assert_eq!(
            (&billing["billing"]["owner"], text(&billing, "/billing/firm/id")),
            (&json!("firm"), admin.firm.id.clone())
        );

        let path = format!("/v1/signup-codes/{id}");
        let seen = kit.api.get(&path).by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(
            (text(&seen, "/code"), text(&seen, "/registrations/0/company_name")),
            (code.clone(), "Typists Ltd".to_owned())
        );
        let codes = kit.api.get("/v1/signup-codes").by(&admin.person).within(&admin.here).ok(200).await;
        assert!(!codes.to_string().contains(&code), "a list shows no code: {codes}");
        let late = registration(kit, &person, &shown, "Late Ltd").await;
        revoke(kit, &admin, &path).await.ok(200);
        let answer = kit.api.post("/v1/registrations").by(&person).json(late).send().await;
        answer.refused_field(422, "invalid-field", "code");
        // Neither a code nor a token in what people read back.
        let trail = tests::story::audit_trail(kit, &admin.person, &admin.here).await;
        assert!(types(&trail).contains(&"signup_code.created"));
        let told = json!(trail).to_string();
        assert!(!told.contains(&code) && !told.contains(&code.replace('-', "")), "an event tells the code");
        for (path, log) in kit.stack.logs() {
            assert!(!log.contains(&code) && !log.contains(&code.replace('-', "")), "{}", path.display());
        }
    });
}

#[test]
fn a_code_of_the_vendors_connects_nobody_and_is_the_same_each_time() {
    run(async {
        let kit = kit();
        let (admin, person, vendor) = tokio::join!(
            cast::firm_admin(kit, "Vera Vendor", "Referring Firm"),
            people::sign_up(kit, "Valentin New"),
            Vendor::sign_in(kit),
        );
        let reference = format!("FAIR-{}", people::unique());
        let path = format!("/v1/vendor/signup-codes/{reference}");
        let wanted = json!({ "label": "Fair", "referrer": admin.firm.id, "max_uses": 1, "expires_in_days": 10 });
        let put = async |body: &Value| kit.api.put(&path).by(&vendor).json(body.clone()).send().await;
        let made = put(&wanted).await.ok(201);
        let again = put(&wanted).await.ok(200);
        assert_eq!(text(&made, "/code"), text(&again, "/code"));
        put(&json!({ "label": "Other" })).await.refused(409, "conflict");
        let nobodys = json!({ "referrer": "fm_00000000000070008000000000000000" });
        let other = format!("{path}-2");
        kit.api.put(&other).by(&vendor).json(nobodys).send().await.refused_field(422, "invalid-field", "referrer");

        let shown = json!({ "code": text(&made, "/code") });
        let before = preview(kit, &person, &shown).await;
        assert!(before.get("firm").is_none() && before.get("consent").is_none(), "{before}");
        let made = register(kit, &person, &shown, "Independent Ltd").await;
        assert!(made.get("connection").is_none(), "{made}");
        assert_eq!(text(&made, "/referred_by"), admin.firm.id);
        let nowhere =
            kit.api.post(&format!("/v1/contexts/{}", text(&made, "/company/id"))).by(&admin.person).json(json!({}));
        let refused = nowhere.send().await;
        assert!(matches!(refused.status, 403 | 404), "{}: {}", refused.status, refused.text());
        let seen = kit.api.get(&path).by(&vendor).ok(200).await;
        assert_eq!((&seen["signup_code"]["uses"], &seen["signup_code"]["state"]), (&json!(1), &json!("used_up")));
        let call = kit.api.post(&format!("{path}/revoke")).by(&vendor).json(json!({}));
        assert_eq!(call.ok(200).await["signup_code"]["state"], "revoked");
        let referrals = kit.api.get("/v1/referrals").by(&admin.person).within(&admin.here).ok(200).await;
        assert_eq!(referrals["referrals"][0]["through"], json!({ "kind": "vendor_code", "id": reference }));
    });
}

#[test]
fn a_qr_code_of_a_link_says_the_link() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Quinn Code", "Quick Firm").await;
        let made = make(kit, &admin, "/v1/registration-links", json!({})).await;
        let (id, url) = (text(&made, "/registration_link/id"), text(&made, "/url"));
        let draw = async |query: &str| {
            let path = format!("/v1/registration-links/{id}/qr{query}");
            kit.api.get(&path).by(&admin.person).within(&admin.here).send().await
        };
        let svg = draw("").await;
        assert_eq!((svg.status, svg.header("content-type")), (200, Some("image/svg+xml")));
        assert!(svg.text().starts_with("<svg ") && !svg.text().contains("script"), "{:.200}", svg.text());
        assert_eq!(svg.header("cache-control"), Some("no-store"));
        for query in ["?format=png", "?format=png&size_px=160", "?format=png&size_px=2048"] {
            let png = draw(query).await;
            assert_eq!((png.status, png.header("content-type")), (200, Some("image/png")), "{}", png.text());
            assert_eq!(read_png(&png.bytes), url, "{query}");
        }
        for (query, field) in [
            ("?size_px=159", "size_px"),
            ("?size_px=2049&format=png", "size_px"),
            ("?size_px=-1", "size_px"),
            ("?format=gif", "format"),
            ("?colour=red", "colour"),
        ] {
            let answer = draw(query).await;
            assert_eq!(answer.status, 422, "{query}: {}", answer.text());
            assert!(answer.text().contains(field), "{query}: {}", answer.text());
        }
    });
}

#[test]
fn an_invitations_letter_shows_its_link_as_a_qr_code() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Quirin Owner", "Quirins Ltd").await;
        let body = json!({ "kind": "member", "email": people::address("Gus Guest"), "role": "client" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let address = format!("{}/qr.png", invited.link);
        assert!(invited.mail.html.contains(&format!("src=\"{address}\"")), "{}", invited.mail.html);
        for _ in 0..2 {
            let picture = kit.api.get(&address).send().await;
            assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/png")));
            for (name, value) in [("cache-control", "public, max-age=300"), ("referrer-policy", "no-referrer")] {
                assert_eq!(picture.header(name), Some(value));
            }
            assert_eq!(read_png(&picture.bytes), invited.link);
        }
        let forged = kit.api.get(&format!("/i/{}/qr.png", invited.token.replace(".1.", ".2."))).send().await;
        forged.refused(404, "not-found");
        let path = format!("/v1/invitations/{}/revoke", invited.id);
        kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({})).ok(200).await;
        kit.api.get(&address).send().await.refused(410, "gone");
    });
}

#[test]
fn another_firms_links_and_codes_do_not_exist() {
    run(async {
        let kit = kit();
        let (theirs, mine) = tokio::join!(
            cast::firm_admin(kit, "Tilda Theirs", "Their Firm"),
            cast::firm_admin(kit, "Mina Mine", "My Firm"),
        );
        let ((link, _), (code, _)) =
            tokio::join!(make_link(kit, &theirs, json!({})), make_code(kit, &theirs, json!({})));
        let mut checks = Vec::new();
        for (method, path, id, nobodys) in [
            ("GET", "/v1/registration-links/{}", &link, "rl_00000000000070008000000000000000"),
            ("GET", "/v1/registration-links/{}/qr", &link, "rl_00000000000070008000000000000000"),
            ("POST", "/v1/registration-links/{}/revoke", &link, "rl_00000000000070008000000000000000"),
            ("GET", "/v1/signup-codes/{}", &code, "sc_00000000000070008000000000000000"),
            ("POST", "/v1/signup-codes/{}/revoke", &code, "sc_00000000000070008000000000000000"),
        ] {
            let (id, mine) = (id.clone(), mine.clone());
            checks.push(async move {
                let ask = async |id: &str| {
                    let call = crate::support::call(&kit.api, method, &path.replace("{}", id));
                    let call = call.by(&mine.person).within(&mine.here);
                    if method == "POST" { call.json(json!({})).send().await } else { call.send().await }
                };
                let (theirs, none) = (ask(&id).await, ask(nobodys).await);
                if (theirs.status, &theirs.bytes) == (404, &none.bytes) {
                    Ok(())
                } else {
                    Err(format!("{}: {} {}", theirs.line, theirs.status, theirs.text()))
                }
            });
        }
        all_of(checks).await;
        let links = kit.api.get("/v1/registration-links").by(&mine.person).within(&mine.here).ok(200).await;
        assert!(list(&links, "registration_links").is_empty(), "{links}");
    });
}

#[test]
fn what_makes_no_sense_of_a_link_is_refused_by_name() {
    run(async {
        let kit = kit();
        let (admin, person) =
            tokio::join!(cast::firm_admin(kit, "Nina Nonsense", "Nonsense Firm"), people::sign_up(kit, "Nick New"));
        for path in ["/v1/registration-links", "/v1/signup-codes"] {
            for (body, field) in [
                (json!({ "max_uses": 0 }), "max_uses"),
                (json!({ "max_uses": -1 }), "max_uses"),
                (json!({ "max_uses": 100_001 }), "max_uses"),
                (json!({ "expires_in_days": 0 }), "expires_in_days"),
                (json!({ "expires_in_days": 731 }), "expires_in_days"),
                (json!({ "expires_in_days": 1, "expires_at": "2027-01-01T00:00:00Z" }), "expires_in_days"),
                (json!({ "expires_at": "2020-01-01T00:00:00Z" }), "expires_at"),
                (json!({ "expires_at": "tomorrow" }), "expires_at"),
                (json!({ "permissions": [] }), "permissions"),
                (json!({ "permissions": ["clients.view"] }), "permissions"),
                (json!({ "permissions": ["everything"] }), "permissions"),
                (json!({ "billing_owner": "state" }), "billing_owner"),
                (json!({ "label": "" }), "label"),
                (json!({ "firm": admin.firm.id }), "firm"),
            ] {
                let answer = kit.api.post(path).by(&admin.person).within(&admin.here).json(body).send().await;
                answer.refused_field(422, "invalid-field", field);
            }
        }
        let company = json!({ "name": "Nonsense Ltd", "currency": "EUR" });
        for (body, field) in [
            (json!({ "company": company }), "token"),
            (json!({ "company": company, "token": "x", "code": "y" }), "code"),
            (json!({ "company": company, "code": "x".repeat(10_000) }), "code"),
            (json!({ "token": "x" }), "company"),
            (json!({ "token": "x", "company": { "name": "N", "currency": "QQQ" } }), "company.currency"),
            (json!({ "token": 7, "company": company }), "token"),
        ] {
            let answer = kit.api.post("/v1/registrations").by(&person).json(body).send().await;
            answer.refused_field(422, "invalid-field", field);
        }
    });
}

/// Proves: M2
#[test]
fn the_firm_is_told_who_registered_through_which_link_or_code() {
    run(async {
        let kit = kit();
        let (admin, person) =
            tokio::join!(cast::firm_admin(kit, "Lena Link", "Link Accounting"), people::sign_up(kit, "Nora New"));
        let (second, bookkeeper) = tokio::join!(
            cast::staff(kit, &admin, "Sam Second", "admin"),
            cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper"),
        );
        let (_, token) = make_link(kit, &admin, json!({ "label": "Spring fair" })).await;
        let (_, code) = make_code(kit, &admin, json!({ "label": "Flyer" })).await;
        register(kit, &person, &json!({ "token": token }), "Fair Guests Ltd").await;
        let vendor = Vendor::sign_in(kit).await;
        let path = format!("/v1/vendor/signup-codes/SEEN-{}", people::unique());
        let put = kit.api.put(&path).by(&vendor).json(json!({ "referrer": admin.firm.id })).ok(201).await;
        register(kit, &person, &json!({ "code": text(&put, "/code") }), "Attributed Ltd").await;
        register(kit, &person, &json!({ "code": code }), "Flyer Readers Ltd").await;
        let came = |company: &'static str| move |mail: &Message| mail.subject.ends_with(company);
        for to in [&admin.person, &second] {
            let (through_link, with_code) = tokio::join!(
                kit.mailbox.wait_for(&to.email, "client of the link", came("Fair Guests Ltd")),
                kit.mailbox.wait_for(&to.email, "client of the code", came("Flyer Readers Ltd")),
            );
            for said in
                ["through a registration link of Link Accounting", "Link: Spring fair", "Registered by: Nora New"]
            {
                assert!(through_link.text.contains(said), "{said} is not in {through_link}");
            }
            let page = format!("/firms/{}/clients", admin.firm.id);
            assert!(through_link.link("/firms/").ends_with(&page), "{through_link}");
            for said in ["with a signup code of Link Accounting", "Code: Flyer"] {
                assert!(with_code.text.contains(said), "{said} is not in {with_code}");
            }
        }
        for company in ["Fair Guests Ltd", "Attributed Ltd", "Flyer Readers Ltd"] {
            let told = async |to: &str| kit.mailbox.inbox(to).await.iter().filter(|mail| came(company)(mail)).count();
            let expected = usize::from(company != "Attributed Ltd");
            assert_eq!(told(&admin.person.email).await, expected, "{company}");
            assert_eq!(told(&bookkeeper.email).await, 0, "a bookkeeper was told of {company}");
        }
    });
}
