//! `/v1/referrals`, `/v1/bonuses`, `/v1/billing`, and the vendor's routes for them under `/v1/vendor`.

use serde_json::{Value, json};
use tests::cast::{self, Context, FirmAdmin, list, text, token_in};
use tests::http::Answer;
use tests::machine::{Ledger, Vendor};
use tests::people::{self, Person};
use tests::{Kit, kit, run};

use crate::support::{at_once, statuses, types, with_status};

/// Someone who registered through a firm's link, standing in their company.
struct Client {
    person: Person,
    company: String,
    here: Context,
}

async fn client(kit: &Kit, admin: &FirmAdmin, name: &str, company: &str, link: Value) -> Client {
    let person = people::sign_up(kit, name).await;
    let call = kit.api.post("/v1/registration-links").by(&admin.person).within(&admin.here).json(link);
    let token = token_in(&text(&call.ok(201).await, "/url"));
    let call = kit.api.post("/v1/registrations/preview").by(&person).json(json!({ "token": token }));
    let consent = call.ok(200).await["consent"].clone();
    let body = json!({
        "token": token, "company": { "name": company, "currency": "EUR" },
        "consent": { "version": consent["version"], "digest": consent["digest"] },
    });
    let made = kit.api.post("/v1/registrations").by(&person).json(body).ok(201).await;
    let company = text(&made, "/company/id");
    let here = cast::enter(kit, &person, &company).await;
    Client { person, company, here }
}

async fn put(kit: &Kit, vendor: &Vendor, path: &str, body: Value) -> Answer {
    kit.api.put(&format!("/v1/vendor{path}")).by(vendor).json(body).send().await
}

async fn agree(kit: &Kit, vendor: &Vendor, firm: &str, amount_minor: i64) {
    let bonus = json!({ "bonus": { "amount_minor": amount_minor, "currency": "EUR" } });
    put(kit, vendor, &format!("/firms/{firm}/referral-agreement"), bonus).await.ok(200);
}

async fn becomes(kit: &Kit, vendor: &Vendor, firm: &str, company: &str, state: &str) -> Answer {
    put(kit, vendor, &format!("/firms/{firm}/referrals/{company}"), json!({ "state": state })).await
}

async fn at_firm(kit: &Kit, admin: &FirmAdmin, path: &str) -> Value {
    kit.api.get(path).by(&admin.person).within(&admin.here).ok(200).await
}

#[test]
fn a_referral_earns_its_bonus_when_it_first_pays() {
    run(async {
        let kit = kit();
        let (admin, vendor) = tokio::join!(cast::firm_admin(kit, "Bea Bonus", "Bonus Firm"), Vendor::sign_in(kit));
        let firm = admin.firm.id.as_str();
        let client = client(kit, &admin, "Carl Client", "Referred Ltd", json!({ "label": "Fair" })).await;
        let referrals = at_firm(kit, &admin, "/v1/referrals").await;
        let referral = &list(&referrals, "referrals")[0];
        assert_eq!(
            (text(referral, "/company"), text(referral, "/state")),
            (client.company.clone(), "registered".to_owned())
        );
        assert_eq!(text(referral, "/through/kind"), "registration_link");
        let renamed = json!({ "name": "Renamed Ltd" });
        kit.api.patch("/v1/company").by(&client.person).within(&client.here).json(renamed).ok(200).await;
        let referrals = at_firm(kit, &admin, "/v1/referrals").await;
        assert_eq!(text(&referrals, "/referrals/0/company_name"), "Renamed Ltd", "a referral keeps the old name");
        let file = kit.api.get("/v1/referrals?format=csv").by(&admin.person).within(&admin.here).send().await;
        assert!(file.text().contains("Renamed Ltd"), "{}", file.text());
        assert_eq!(at_firm(kit, &admin, "/v1/referral-agreement").await, json!({ "referral_agreement": {} }));

        agree(kit, &vendor, firm, 5_000).await;
        let agreement = at_firm(kit, &admin, "/v1/referral-agreement").await;
        assert_eq!(agreement["referral_agreement"]["bonus"], json!({ "amount_minor": 5_000, "currency": "EUR" }));
        let path = format!("/v1/vendor/firms/{firm}/referral-agreement");
        assert_eq!(kit.api.get(&path).by(&vendor).ok(200).await, agreement);

        let active = becomes(kit, &vendor, firm, &client.company, "active").await.ok(200);
        assert_eq!(active["earned"]["amount_minor"], 5_000);
        let again = becomes(kit, &vendor, firm, &client.company, "active").await.ok(200);
        assert!(again.get("earned").is_none(), "the same again earns nothing: {again}");
        becomes(kit, &vendor, firm, &client.company, "registered").await.refused(409, "conflict");
        becomes(kit, &vendor, firm, &client.company, "churned").await.ok(200);
        let back = becomes(kit, &vendor, firm, &client.company, "active").await.ok(200);
        assert!(back.get("earned").is_none(), "coming back earns nothing: {back}");

        let bonuses = at_firm(kit, &admin, "/v1/bonuses").await;
        assert_eq!((list(&bonuses, "entries").len(), &bonuses["balances"][0]["balance_minor"]), (1, &json!(5_000)));
        let path = format!("/v1/vendor/firms/{firm}/bonuses");
        assert_eq!(kit.api.get(&path).by(&vendor).ok(200).await, bonuses);
        let path = format!("/v1/vendor/firms/{firm}/referrals?state=active");
        let seen = kit.api.get(&path).by(&vendor).ok(200).await;
        assert_eq!(list(&seen, "referrals").len(), 1);
        assert!(list(&at_firm(kit, &admin, "/v1/referrals?state=churned").await, "referrals").is_empty());
        let trail = tests::story::audit_trail(kit, &admin.person, &admin.here).await;
        for told in ["referral.registered", "referral_agreement.set", "referral.changed", "bonus.earned"] {
            assert!(types(&trail).contains(&told), "{told}");
        }
        assert_eq!(types(&trail).iter().filter(|kind| **kind == "bonus.earned").count(), 1);
    });
}

#[test]
fn no_more_is_paid_or_taken_back_than_is_owed() {
    run(async {
        let kit = kit();
        let (admin, vendor) = tokio::join!(cast::firm_admin(kit, "Paul Payout", "Payout Firm"), Vendor::sign_in(kit));
        let firm = admin.firm.id.as_str();
        agree(kit, &vendor, firm, 1_000).await;
        let (one, two) = tokio::join!(
            client(kit, &admin, "Cleo One", "One Ltd", json!({})),
            client(kit, &admin, "Cleo Two", "Two Ltd", json!({})),
        );
        let reversal = format!("/firms/{firm}/referrals/{}/reversal", one.company);
        put(kit, &vendor, &reversal, json!({})).await.refused(409, "conflict");
        for client in [&one, &two] {
            becomes(kit, &vendor, firm, &client.company, "active").await.ok(200);
        }
        let reversed = put(kit, &vendor, &reversal, json!({ "note": "refunded" })).await.ok(201);
        assert_eq!(reversed["balance"]["balance_minor"], 1_000);
        assert_eq!(put(kit, &vendor, &reversal, json!({})).await.ok(200)["entry"], reversed["entry"], "once");

        // Three payouts at once of what is owed once.
        let pay = |reference: &str, amount: i64| {
            let path = format!("/v1/vendor/firms/{firm}/payouts/{reference}");
            let body = json!({ "amount_minor": amount, "currency": "EUR" });
            kit.api.put(&path).by(&vendor).json(body).send_owned()
        };
        let answers = at_once(vec![pay("OUT-1", 700), pay("OUT-2", 700), pay("OUT-3", 700)]).await;
        assert_eq!((with_status(&answers, 201), with_status(&answers, 409)), (1, 2), "{:?}", statuses(&answers));
        let paid = answers.iter().find(|answer| answer.status == 201).expect("one was paid").json();
        let reference = text(&paid, "/entry/reference");
        pay(&reference, 700).await.ok(200);
        pay(&reference, 300).await.refused(409, "conflict");
        pay("OUT-9", 301).await.refused(409, "conflict");
        assert_eq!(pay("OUT-9", 300).await.ok(201)["balance"]["balance_minor"], 0);
        let late = format!("/firms/{firm}/referrals/{}/reversal", two.company);
        put(kit, &vendor, &late, json!({})).await.refused(409, "conflict");

        let bonuses = at_firm(kit, &admin, "/v1/bonuses").await;
        let sum = |kind: &str| -> i64 {
            let entries = list(&bonuses, "entries").iter().filter(|entry| entry["kind"] == kind);
            entries.map(|entry| entry["amount_minor"].as_i64().expect("an amount")).sum()
        };
        let balance = &bonuses["balances"][0];
        assert_eq!((sum("earned"), sum("reversed"), sum("paid")), (2_000, 1_000, 1_000));
        for (kind, of) in [("earned", "earned_minor"), ("reversed", "reversed_minor"), ("paid", "paid_minor")] {
            assert_eq!(balance[of], json!(sum(kind)), "{kind}");
        }
        assert_eq!(balance["balance_minor"], 0);
    });
}

#[test]
fn no_cell_of_an_export_is_a_formula() {
    run(async {
        let kit = kit();
        let (admin, vendor) = tokio::join!(cast::firm_admin(kit, "Xenia Export", "Export Firm"), Vendor::sign_in(kit));
        let firm = admin.firm.id.as_str();
        let name = "=HYPERLINK(A1,\"Click\")";
        let client = client(kit, &admin, "Carl Clever", name, json!({})).await;
        agree(kit, &vendor, firm, 2_500).await;
        becomes(kit, &vendor, firm, &client.company, "active").await.ok(200);
        let out = format!("/firms/{firm}/payouts/OUT-1");
        let body = json!({ "amount_minor": 100, "currency": "EUR", "note": "@SUM(A1)\n+1" });
        put(kit, &vendor, &out, body).await.ok(201);

        let file = kit.api.get("/v1/referrals?format=csv").by(&admin.person).within(&admin.here).send().await;
        assert_eq!((file.status, file.header("content-type")), (200, Some("text/csv; charset=utf-8; header=present")));
        assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"referrals.csv\""));
        let text_of = file.text();
        assert!(
            text_of.starts_with("company,company_name,through,through_id,state,registered_at,changed_at\r\n"),
            "{text_of}"
        );
        let cell = "\"'=HYPERLINK(A1,\"\"Click\"\")\"";
        assert!(text_of.contains(&format!("{},{cell},registration_link,", client.company)), "{text_of}");
        let path = format!("/v1/vendor/firms/{firm}/referrals?format=csv");
        assert_eq!(kit.api.get(&path).by(&vendor).send().await.text(), text_of);

        let file = kit.api.get("/v1/bonuses?format=csv").by(&admin.person).within(&admin.here).send().await.text();
        assert!(file.contains("paid,OUT-1,100,EUR,\"'@SUM(A1)\n+1\","), "{file}");
        assert!(file.contains(&format!("earned,{},2500,EUR,,", client.company)), "{file}");
        let path = format!("/v1/vendor/firms/{firm}/bonuses?format=csv");
        assert_eq!(kit.api.get(&path).by(&vendor).send().await.text(), file);
        let wrong = kit.api.get("/v1/referrals?format=xls").by(&admin.person).within(&admin.here).send().await;
        wrong.refused_field(422, "invalid-field", "format");
    });
}

/// Proves: M6
#[test]
fn a_firm_pays_only_while_it_offers_to_and_is_chosen() {
    run(async {
        let kit = kit();
        let (admin, other, vendor) = tokio::join!(
            cast::firm_admin(kit, "Pia Payer", "Paying Firm"),
            cast::firm_admin(kit, "Otto Other", "Other Firm"),
            Vendor::sign_in(kit),
        );
        let client = client(kit, &admin, "Cora Client", "Paid For Ltd", json!({})).await;
        let firm = admin.firm.id.clone();
        let owner = async || {
            let path = format!("/v1/vendor/companies/{}/billing", client.company);
            let (seen, vendors) = tokio::join!(
                kit.api.get("/v1/billing").by(&client.person).within(&client.here).ok(200),
                kit.api.get(&path).by(&vendor).ok(200),
            );
            assert_eq!(seen, vendors, "the company and the vendor see the same");
            text(&seen, "/billing/owner")
        };
        let choose = async |body: Value| {
            kit.api.put("/v1/billing").by(&client.person).within(&client.here).json(body).send().await
        };
        let offer = format!("/v1/billing-offers/{}", client.company);
        assert_eq!(owner().await, "company");
        // Nobody is made to pay.
        choose(json!({ "owner": "firm", "firm": firm })).await.refused(409, "conflict");
        choose(json!({ "owner": "firm", "firm": other.firm.id })).await.refused(409, "conflict");
        choose(json!({ "owner": "firm" })).await.refused_field(422, "invalid-field", "firm");
        choose(json!({ "owner": "company", "firm": firm })).await.refused_field(422, "invalid-field", "firm");
        let foreign = kit.api.put(&offer).by(&other.person).within(&other.here).json(json!({})).send().await;
        foreign.refused(404, "not-found");

        kit.api.put(&offer).by(&admin.person).within(&admin.here).json(json!({})).ok(201).await;
        kit.api.put(&offer).by(&admin.person).within(&admin.here).json(json!({})).ok(200).await;
        assert_eq!(owner().await, "company", "an offer alone changes nothing");
        let chosen = choose(json!({ "owner": "firm", "firm": firm })).await.ok(200);
        assert_eq!(text(&chosen, "/billing/firm/name"), "Paying Firm");
        assert_eq!(owner().await, "firm");
        assert_eq!(kit.api.delete(&offer).by(&admin.person).within(&admin.here).send().await.status, 204);
        assert_eq!(owner().await, "company", "a firm that withdrew its offer pays no more");
        kit.api.delete(&offer).by(&admin.person).within(&admin.here).send().await.refused(404, "not-found");

        kit.api.put(&offer).by(&admin.person).within(&admin.here).json(json!({})).ok(201).await;
        choose(json!({ "owner": "company" })).await.ok(200);
        choose(json!({ "owner": "firm", "firm": firm })).await.ok(200);
        assert_eq!(owner().await, "firm");
        let path = format!("/v1/connections/{firm}");
        let ended = kit.api.delete(&path).by(&client.person).within(&client.here).send().await;
        assert!(matches!(ended.status, 200 | 204), "{}", ended.text());
        assert_eq!(owner().await, "company", "nobody pays for whom they are not connected to");
        let trail = tests::story::audit_trail(kit, &client.person, &client.here).await;
        for told in ["billing.offered", "billing.changed", "billing.offer_withdrawn"] {
            assert!(types(&trail).contains(&told), "{told}");
        }
    });
}

#[test]
fn what_the_vendor_says_no_one_else_can() {
    run(async {
        let kit = kit();
        let (admin, vendor, ledger) = tokio::join!(
            cast::firm_admin(kit, "Sally Scope", "Scope Firm"),
            Vendor::sign_in(kit),
            Ledger::sign_in(kit),
        );
        let path = format!("/v1/vendor/firms/{}/referral-agreement", admin.firm.id);
        let body = json!({ "bonus": { "amount_minor": 1, "currency": "EUR" } });
        // A person, even the firm's own admin, and the ledger with its own scope.
        let call = kit.api.put(&path).by(&admin.person).within(&admin.here).json(body.clone()).send().await;
        assert!(matches!(call.status, 401 | 403), "{}: {}", call.status, call.text());
        let call = kit.api.put(&path).by(&ledger).json(body.clone()).send().await;
        assert!(matches!(call.status, 401 | 403), "{}: {}", call.status, call.text());
        let path_of = "/v1/ledger/companies/co_00000000000070008000000000000000/invoices/A-1";
        let call = kit.api.get(path_of).by(&vendor).send().await;
        assert!(matches!(call.status, 401 | 403), "the other way round: {}", call.status);
        // Neither firm nor referral is made up.
        let none = "fm_00000000000070008000000000000000";
        put(kit, &vendor, &format!("/firms/{none}/referral-agreement"), body).await.refused(404, "not-found");
        let nobody = "co_00000000000070008000000000000000";
        becomes(kit, &vendor, &admin.firm.id, nobody, "active").await.refused(404, "not-found");
        let reversal = format!("/firms/{}/referrals/{nobody}/reversal", admin.firm.id);
        put(kit, &vendor, &reversal, json!({})).await.refused(404, "not-found");
        for (body, field) in [
            (json!({ "amount_minor": 0, "currency": "EUR" }), "amount_minor"),
            (json!({ "amount_minor": -5, "currency": "EUR" }), "amount_minor"),
            (json!({ "amount_minor": 1.5, "currency": "EUR" }), "amount_minor"),
            (json!({ "amount_minor": 5, "currency": "eur" }), "currency"),
            (json!({ "amount_minor": 5 }), "currency"),
        ] {
            let answer = put(kit, &vendor, &format!("/firms/{}/payouts/OUT-1", admin.firm.id), body).await;
            answer.refused_field(422, "invalid-field", field);
        }
    });
}

#[test]
fn referrals_are_the_firms_own() {
    run(async {
        let kit = kit();
        let (admin, other) = tokio::join!(
            cast::firm_admin(kit, "Olga Own", "Own Firm"),
            cast::firm_admin(kit, "Fred Foreign", "Foreign Firm"),
        );
        let client = client(kit, &admin, "Chris Client", "Private Ltd", json!({})).await;
        for path in ["/v1/referrals", "/v1/bonuses", "/v1/referrals?format=csv", "/v1/bonuses?format=csv"] {
            let seen = kit.api.get(path).by(&other.person).within(&other.here).send().await;
            assert_eq!(seen.status, 200, "{path}");
            assert!(!seen.text().contains(&client.company), "{path}: {}", seen.text());
            // In a company there are none.
            kit.api.get(path).by(&client.person).within(&client.here).refused(403, "not-granted").await;
        }
        // Two pages of one each, the newest first.
        let second = self::client(kit, &admin, "Dora Client", "Second Ltd", json!({})).await;
        let first = at_firm(kit, &admin, "/v1/referrals?limit=1").await;
        assert_eq!(text(&first, "/referrals/0/company"), second.company);
        let next =
            at_firm(kit, &admin, &format!("/v1/referrals?limit=1&cursor={}", text(&first, "/next_cursor"))).await;
        assert_eq!(text(&next, "/referrals/0/company"), client.company);
    });
}

/// Proves: S18
#[test]
fn a_bookkeeper_sees_no_bonuses_live_links_or_codes() {
    run(async {
        let kit = kit();
        let admin = cast::firm_admin(kit, "Olga Own", "Own Firm").await;
        let bookkeeper = cast::staff(kit, &admin, "Berta Bookkeeper", "bookkeeper").await;
        let here = cast::enter(kit, &bookkeeper, &admin.firm.id).await;
        let make = |path: &'static str| kit.api.post(path).by(&admin.person).within(&admin.here).json(json!({}));
        let link = text(&make("/v1/registration-links").ok(201).await, "/registration_link/id");
        let code = text(&make("/v1/signup-codes").ok(201).await, "/signup_code/id");
        let (link, code) = (format!("/v1/registration-links/{link}"), format!("/v1/signup-codes/{code}"));
        let picture = format!("{link}/qr");
        for path in [
            "/v1/registration-links",
            "/v1/signup-codes",
            "/v1/bonuses",
            "/v1/bonuses?format=csv",
            "/v1/referral-agreement",
            &link,
            &picture,
            &code,
        ] {
            let problem = kit.api.get(path).by(&bookkeeper).within(&here).refused(403, "not-granted").await;
            assert_eq!(text(&problem, "/permission"), "clients.manage", "{path}");
            assert_eq!(kit.api.get(path).by(&admin.person).within(&admin.here).send().await.status, 200, "{path}");
        }
    });
}
