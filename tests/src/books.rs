//! The fifth act: the accounts of a month, and what the bank says.
//!
//! `demo` tells it after the fourth act, the test `story::the_fifth_act` silently. As there, nothing is prepared and
//! everyone gets a new address.

use serde_json::{Value, json};

use crate::Kit;
use crate::camt::{camt, camt_statement, day_before};
use crate::cast::{self, Context, FirmAdmin, Member, Organisation, Owner, list, text};
use crate::http::Call;
use crate::machine::{self, Ledger};
use crate::uploads;
use crate::waiting::{letter, until};

/// The report of October, and the account of the ledger beside the accounts of the bank.
const REPORT: &str = "PL-2026-10";
const ACCOUNTS: [(&str, &str); 2] = [("BANK-MAIN", "DE02120300000000202051"), ("BANK-TAX", "DE02500105170137075030")];
/// What the bank's file says of both, in minor units.
const CLOSING_MINOR: [i64; 2] = [1_843_210, 402_077];

/// How the fifth act ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ending {
    /// The company.
    pub company: Organisation,
    /// The balances of its two accounts, in minor units.
    pub balances_minor: Vec<i64>,
}

/// Who plays.
struct People {
    owner: Owner,
    /// Reads the accounts.
    client: Member,
    /// Sees bank balances and nothing else.
    cashier: Member,
    admin: FirmAdmin,
    /// The firm's admin, standing in the company.
    inside: Context,
    ledger: Ledger,
}

/// Tells all four steps, numbered from 27.
///
/// # Panics
/// At the first step that does not go as it should.
pub async fn tell(kit: &Kit) -> Ending {
    let people = gather(kit).await;
    publish_october(kit, &people).await;
    let balances_minor = read_a_bank_statement(kit, &people).await;
    see_balances_alone(kit, &people).await;
    see_who_is_behind(kit, &people).await;
    Ending { company: people.owner.company, balances_minor }
}

/// A company with its firm, a client and a cashier.
async fn gather(kit: &Kit) -> People {
    let quiet = kit.quiet();
    let (owner, admin, ledger) = tokio::join!(
        cast::owner(&quiet, "Ilse Brandt", "Brandt Bakery"),
        cast::firm_admin(&quiet, "Emil Vogt", "Vogt Accounting"),
        Ledger::sign_in(kit),
    );
    cast::connect(&quiet, &owner, &admin, None).await;
    let (client, cashier) = tokio::join!(
        cast::member(&quiet, &owner, "Paul Brandt", "client", None),
        cast::member(&quiet, &owner, "Lotte Kern", "custom", Some(&["dashboard.view", "bank.view"])),
    );
    let inside = cast::enter(&quiet, &admin.person, &owner.company.id).await;
    People { owner, client, cashier, admin, inside, ledger }
}

/// Step 27: the accounts of October are published, read and compared.
async fn publish_october(kit: &Kit, people: &People) {
    let tell = &kit.narrator;
    tell.step(27, "The accounts of October are published; a client reads and compares them");
    tell.says("The ledger of Brandt Bakery pushes the profit and loss of October. Clients do not see it yet.");
    people.ledger.report(&kit.quiet(), &people.owner.company.id, REPORT, 1, 110_000).await;
    tell.elsewhere("The ledger: pushes version 1 of the report", "recorded as a draft");
    let path = format!("/v1/reports/{REPORT}");
    seen_by(kit, &people.client, &path).refused(404, "not-found").await;

    tell.says("Emil, of the firm, publishes the month with a comment.");
    let body = json!({
        "month": "2026-10", "comment": "The new oven pays for itself.", "reports": [{ "reference": REPORT, "version": 1 }],
    });
    let call = kit.api.post("/v1/publications").by(&people.admin.person).within(&people.inside).json(body);
    call.showing(&["/publication/month", "/publication/figures/*/figure"]).ok(201).await;
    letter(kit, &people.client.person, "monthly accounts", "monthly accounts ready for October 2026").await;

    tell.says("Paul reads the report on his phone, beside the year before.");
    let shown = ["/is_published", "/report/title", "/report/figures/*/role", "/report/figures/*/actual_minor"];
    let report = seen_by(kit, &people.client, &path).showing(&shown).ok(200).await;
    assert_eq!(report["is_published"], true, "{report}");
    let call = seen_by(kit, &people.client, &format!("{path}/comparison?against=last_year"));
    let compared = call.showing(&["/comparison/rows/*/label", "/comparison/rows/*/change_minor"]).ok(200).await;
    let rows = list(&compared["comparison"], "rows");
    assert_eq!(rows.last().expect("rows")["change_minor"], 45_000, "{compared}");
    tell.proved(
        "What is published stays as it was: a correction is a publication of its own, which names what changed.",
    );
}

/// Step 28: a file of the bank moves two balances.
async fn read_a_bank_statement(kit: &Kit, people: &People) -> Vec<i64> {
    let tell = &kit.narrator;
    tell.step(28, "A bank statement is uploaded as a document, and moves two balances");
    for (reference, _) in ACCOUNTS {
        let mut account = machine::bank_account(100_000);
        account["as_of"] = json!(format!("{}T12:00:00Z", day_before(7)));
        let answer =
            people.ledger.put(&kit.quiet(), &people.owner.company.id, "bank-accounts", reference, account).await;
        assert_eq!(answer.status, 201, "{}: {}", answer.line, answer.text());
    }
    tell.says(
        "A week ago the ledger said 1,000.00 of each account. Ilse uploads the bank's camt.053 file of yesterday, with \
         both accounts.",
    );
    let file = statement();
    let body = uploads::declaration_of("bank_statement", "Statement.xml", "application/xml", file.as_bytes());
    let call = asked_by(kit, people, "POST", "/v1/documents", body);
    let answer = call.showing(&["/rows/*/outcome", "/rows/*/document/state", "/rows/*/upload/url"]).ok(200).await;
    let declared = uploads::declared_in(&people.owner.company.id, &answer);
    let uploaded = uploads::post(kit, &declared, file.as_bytes(), &[]).await;
    assert_eq!(uploaded.status, 204, "{}", uploaded.code());
    let here = (&people.owner.person, &people.owner.here);
    until(kit, here, "/v1/bank-statements", "/bank_statements/0/status", "read").await;
    let call = kit.api.get("/v1/bank-statements").by(&people.owner.person).within(&people.owner.here);
    let shown = ["/bank_statements/*/format", "/bank_statements/*/accounts/*/number"];
    call.showing(&shown).ok(200).await;

    tell.says("Nobody guesses which account a number is. She says it once, for each of the two.");
    let numbers = kit.api.get("/v1/bank-account-numbers").by(&people.owner.person).within(&people.owner.here);
    let numbers = numbers.showing(&["/bank_account_numbers/*/number"]).ok(200).await;
    for (reference, iban) in ACCOUNTS {
        let known = list(&numbers, "bank_account_numbers").iter().find(|one| text(one, "/number") == iban);
        let path = format!("/v1/bank-account-numbers/{}", text(known.expect("the number"), "/id"));
        let call = asked_by(kit, people, "PUT", &path, json!({ "bank_account": reference }));
        call.showing(&["/bank_account_number/bank_account", "/bank_account_number/newest_balance_minor"]).ok(200).await;
    }
    let mut balances = Vec::new();
    for (reference, _) in ACCOUNTS {
        let path = format!("/v1/bank-accounts/{reference}");
        let call = kit.api.get(&path).by(&people.owner.person).within(&people.owner.here);
        let account = call.showing(&["/bank_account/balance_minor", "/bank_account/as_of"]).ok(200).await;
        balances.extend(account.pointer("/bank_account/balance_minor").and_then(Value::as_i64));
    }
    assert_eq!(balances, CLOSING_MINOR);
    tell.proved("18,432.10 EUR and 4,020.77 EUR, as the bank closed the day. The next file needs no hand.");
    balances
}

/// Step 29: one module, and nothing of the others.
async fn see_balances_alone(kit: &Kit, people: &People) {
    let tell = &kit.narrator;
    tell.step(29, "A person with bank balances alone sees balances alone");
    tell.says("Lotte was granted the bank balances. Reports do not exist for her, published or not.");
    let shown = ["/bank_accounts/*/name", "/bank_accounts/*/balance_minor"];
    let accounts = seen_by(kit, &people.cashier, "/v1/bank-accounts").showing(&shown).ok(200).await;
    assert_eq!(list(&accounts, "bank_accounts").len(), ACCOUNTS.len());
    tell.says("Her dashboard has one tile: the balances with their course. The owner's has all of them.");
    let tile = ["/bank_accounts/*/name", "/bank_accounts/*/balance_minor"];
    let board = seen_by(kit, &people.cashier, "/v1/dashboard").showing(&tile).ok(200).await;
    let tiles: Vec<&str> = board.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    assert!(tiles.iter().all(|name| ["company", "bank_accounts"].contains(name)), "{tiles:?}");
    for path in [format!("/v1/reports/{REPORT}"), "/v1/publications".to_owned(), "/v1/invoices".to_owned()] {
        seen_by(kit, &people.cashier, &path).refused(403, "not-granted").await;
    }
    tell.proved("Each module is granted by itself, and asked for at each request.");
}

/// Step 30: the firm's overview names who is behind.
async fn see_who_is_behind(kit: &Kit, people: &People) {
    let tell = &kit.narrator;
    tell.step(30, "The firm's overview names who is behind");
    let quiet = kit.quiet();
    let mill = cast::owner(&quiet, "Hanna Huber", "Huber Mill").await;
    cast::connect(&quiet, &mill, &people.admin, None).await;
    people.ledger.report(&quiet, &mill.company.id, REPORT, 1, 110_000).await;
    let body = json!({ "month": "2026-08", "reports": [{ "reference": REPORT, "version": 1 }] });
    quiet.api.post("/v1/publications").by(&mill.person).within(&mill.here).json(body).ok(201).await;
    tell.says(
        "Huber Mill, another client of the firm, has no accounts after August. And Ilse wants to know when less than \
         5,000.00 EUR is left for taxes.",
    );
    let path = format!("/v1/bank-accounts/{}/threshold", ACCOUNTS[1].0);
    asked_by(kit, people, "PUT", &path, json!({ "threshold_minor": 500_000 })).ok(200).await;
    let (at_firm, overview) = ((&people.admin.person, &people.admin.here), "/v1/clients/overview");
    until(kit, at_firm, overview, "/clients/0/company_name", "Huber Mill").await;
    until(kit, at_firm, overview, "/clients/1/balances/count", "1").await;
    let call = kit.api.get(overview).by(&people.admin.person).within(&people.admin.here);
    let shown = ["/clients/*/company_name", "/clients/*/accounts", "/clients/*/balances", "/clients/*/urgent_days"];
    let seen = call.showing(&shown).ok(200).await;
    let names: Vec<String> = list(&seen, "clients").iter().map(|client| text(client, "/company_name")).collect();
    assert_eq!(names, ["Huber Mill", "Brandt Bakery"]);
    tell.proved("One page, the most urgent client first, at fifty clients as at fifty thousand.");
}

/// A file of camt.053 with the closing balances of both accounts, of yesterday.
fn statement() -> String {
    let yesterday = day_before(1);
    let statements = ACCOUNTS.iter().zip(CLOSING_MINOR).map(|((_, iban), minor)| {
        let amount = format!("{}.{:02}", minor / 100, minor % 100);
        camt_statement(iban, &yesterday, &amount, &amount, 20)
    });
    camt(&statements.collect::<Vec<_>>())
}

/// What a member of the company reads.
fn seen_by<'k>(kit: &'k Kit, who: &Member, path: &str) -> Call<'k> {
    kit.api.get(path).by(&who.person).within(&who.here)
}

/// What the company's owner does.
fn asked_by<'k>(kit: &'k Kit, people: &People, method: &str, path: &str, body: Value) -> Call<'k> {
    let call = if method == "PUT" { kit.api.put(path) } else { kit.api.post(path) };
    call.by(&people.owner.person).within(&people.owner.here).json(body)
}
