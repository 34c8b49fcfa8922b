//! `/v1/bank-statements`, `/v1/bank-account-numbers` and the balances by day: files of banks that are uploaded as documents are
//! read once they are clean, whatever the order, and count for the account that their number is.

mod interrupted;
mod whole;

use serde_json::{Value, json};
pub(crate) use tests::camt::{camt, camt_statement, day_before};
use tests::cast::{self, Owner, list, text};
use tests::machine::{self, Ledger};
use tests::uploads::{self, Declared};
use tests::{Kit, kit, run, story};

use crate::documents;
use crate::faults::rig::{batch, eventually, message, new_event_id};
use crate::support::refused_input;

pub(crate) const IBAN: &str = "DE89370400440532013000";
const XML: &str = "application/xml";
const TEXT: &str = "text/plain";

/// A file of camt.053 with one statement, whose entries nobody counts.
fn closes(day: &str, closing: &str, hour: u8) -> String {
    camt(&[camt_statement(IBAN, day, closing, closing, hour)])
}

/// Declares and uploads a file as a document of a kind.
pub(crate) async fn send(kit: &Kit, owner: &Owner, name: &str, file_type: &str, kind: &str, file: &[u8]) -> Declared {
    let body = uploads::declaration_of(kind, name, file_type, file);
    let answer = kit.api.post("/v1/documents").by(&owner.person).within(&owner.here).json(body).ok(200).await;
    let declared = uploads::declared_in(&owner.company.id, &answer);
    let uploaded = uploads::post(kit, &declared, file, &[]).await;
    assert_eq!(uploaded.status, 204, "{}", uploaded.code());
    declared
}

pub(crate) async fn until_clean(kit: &Kit, owner: &Owner, declared: &Declared) {
    eventually("the document is clean", async || {
        let document = uploads::document(kit, owner, declared).await;
        assert_ne!(text(&document, "/state"), "refused", "{document}");
        (text(&document, "/state") == "clean").then_some(())
    })
    .await;
}

/// What a company sees at a path.
pub(crate) async fn seen(kit: &Kit, owner: &Owner, path: &str) -> Value {
    kit.api.clone_silent().get(path).by(&owner.person).within(&owner.here).ok(200).await
}

async fn find_read(kit: &Kit, owner: &Owner, document: &str) -> Option<Value> {
    let files = seen(kit, owner, "/v1/bank-statements?limit=100").await;
    list(&files, "bank_statements").iter().find(|file| text(file, "/document") == document).cloned()
}

/// What was read in a document, once it was.
pub(crate) async fn read(kit: &Kit, owner: &Owner, declared: &Declared) -> Value {
    eventually("the statement is read", async || find_read(kit, owner, &declared.document).await).await
}

/// Uploads a file of statements and waits until it is read.
pub(crate) async fn sent_and_read(kit: &Kit, owner: &Owner, name: &str, file_type: &str, file: &str) -> Value {
    let declared = send(kit, owner, name, file_type, "bank_statement", file.as_bytes()).await;
    read(kit, owner, &declared).await
}

/// The number of an account as the company sees it.
pub(crate) async fn number(kit: &Kit, owner: &Owner, number: &str) -> Value {
    let numbers = seen(kit, owner, "/v1/bank-account-numbers").await;
    let found = list(&numbers, "bank_account_numbers").iter().find(|known| text(known, "/number") == number);
    found.unwrap_or_else(|| panic!("no {number}: {numbers}")).clone()
}

async fn map(kit: &Kit, owner: &Owner, number: &Value, reference: &str) -> Value {
    let path = format!("/v1/bank-account-numbers/{}", text(number, "/id"));
    let body = json!({ "bank_account": reference });
    kit.api.put(&path).by(&owner.person).within(&owner.here).json(body).ok(200).await["bank_account_number"].clone()
}

/// The days of an account with balance and source.
async fn days(kit: &Kit, owner: &Owner, reference: &str) -> Vec<(String, i64, String)> {
    let path = format!("/v1/bank-accounts/{reference}/balances?from={}&until={}", day_before(60), day_before(0));
    let answer = seen(kit, owner, &path).await;
    let of = |day: &Value| (text(day, "/day"), day["balance_minor"].as_i64().expect("an amount"), text(day, "/source"));
    list(&answer, "balances").iter().map(of).collect()
}

async fn balance(kit: &Kit, owner: &Owner, reference: &str) -> i64 {
    let account = seen(kit, owner, &format!("/v1/bank-accounts/{reference}")).await;
    account["bank_account"]["balance_minor"].as_i64().expect("an amount")
}

/// Reports a balance of the ledger that was true at noon of an earlier day.
async fn ledger_says(kit: &Kit, ledger: &Ledger, owner: &Owner, reference: &str, minor: i64, days: i64) -> Value {
    let mut body = machine::bank_account(minor);
    body["as_of"] = json!(format!("{}T12:00:00Z", day_before(days)));
    let answer = ledger.put(kit, &owner.company.id, "bank-accounts", reference, body).await;
    assert!((200..300).contains(&answer.status), "{}", answer.text());
    answer.json()
}

/// An event about a document as the bus hands it to the queue.
pub(crate) fn about(company: &str, document: &str, kind: &str, data: &Value) -> Value {
    let event = json!({
        "id": new_event_id(), "type": kind, "at": "2026-11-21T12:00:00.000Z",
        "org": { "kind": "company", "id": company }, "subject": { "kind": "document", "id": document },
        "actor": { "via": "self" }, "data": data, "request_id": "r", "version": 1,
    });
    batch(&[("m-1", message(&event))])
}

/// Proves: U43, 17
#[test]
fn a_file_that_a_machine_sends_is_read_as_one_that_a_person_uploads() {
    run(async {
        let kit = kit();
        let (owner, ledger) = tokio::join!(cast::owner(kit, "Olga Owner", "Machines Ltd"), Ledger::sign_in(kit));
        let company = owner.company.id.as_str();
        ledger_says(kit, &ledger, &owner, "BANK-1", 100, 9).await;
        let sent = async |day: &str, closing: &str| {
            let file = closes(day, closing, 20);
            let body = uploads::declaration_of("bank_statement", "statement.xml", XML, file.as_bytes());
            let declared = uploads::declare_as_ledger(kit, &ledger, company, body).await;
            let uploaded = uploads::put(kit, &declared, file.as_bytes(), &[]).await;
            assert_eq!(uploaded.status, 200, "{}", uploaded.code());
            read(kit, &owner, &declared).await
        };
        let (first, second) = (day_before(5), day_before(4));
        let file = sent(&first, "12.50").await;
        assert_eq!((text(&file, "/status"), text(&file, "/format")), ("read".to_owned(), "camt053".to_owned()));
        assert_eq!(text(&file, "/accounts/0/number"), IBAN);
        assert_eq!(balance(kit, &owner, "BANK-1").await, 100, "nobody guesses which account a number is");
        map(kit, &owner, &number(kit, &owner, IBAN).await, "BANK-1").await;
        assert_eq!(balance(kit, &owner, "BANK-1").await, 1_250);

        let file = sent(&second, "-3.00").await;
        assert_eq!(file.pointer("/accounts/0/days/changed"), Some(&json!(1)), "{file}");
        assert_eq!(balance(kit, &owner, "BANK-1").await, -300);
    });
}

/// Proves: U43
#[test]
fn files_of_each_format_reach_the_balances_of_the_account_that_their_number_is() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Statements Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        let (first, second, third) = (day_before(5), day_before(4), day_before(3));
        for reference in ["BANK-1", "BANK-2"] {
            ledger_says(kit, &ledger, &owner, reference, 100, 9).await;
        }

        let file = camt(&[
            camt_statement(IBAN, &first, "10.00", "10.00", 20),
            camt_statement(IBAN, &second, "10.00", "12.50", 20),
        ]);
        let file = sent_and_read(kit, &owner, "statement.xml", XML, &file).await;
        assert_eq!((text(&file, "/status"), text(&file, "/format")), ("read".to_owned(), "camt053".to_owned()));
        assert_eq!((&file["format_version"], &file["statement_count"]), (&json!(8), &json!(2)));
        let account = &list(&file, "accounts")[0];
        assert_eq!((text(account, "/first_day"), text(account, "/last_day")), (first.clone(), second.clone()));
        assert_eq!(account["days"], json!({ "changed": 2, "known": 0, "older": 0, "not_kept": 0 }));
        let warnings = list(account, "warnings");
        assert_eq!(warnings.len(), 1, "the second day does not tie, and is taken: {warnings:?}");

        let compact = |day: &str| day.replace('-', "");
        let ofx = format!(
            "OFXHEADER:100\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>20041<ACCTID>77\
             </BANKACCTFROM><BANKTRANLIST></BANKTRANLIST><LEDGERBAL><BALAMT>-8.95<DTASOF>{}</LEDGERBAL></STMTRS></STMTTRNRS>\
             </BANKMSGSRSV1></OFX>",
            compact(&third),
        );
        let file = sent_and_read(kit, &owner, "statement.txt", TEXT, &ofx).await;
        assert_eq!(
            (text(&file, "/format"), text(&file, "/accounts/0/number")),
            ("ofx".to_owned(), "20041/77".to_owned())
        );
        let short = compact(&third).split_off(2);
        let mt940 = format!(
            ":20:S\n:25:{IBAN}\n:28C:1/1\n:60F:C{short}EUR12,50\n:61:{short}C7,5NTRF\n:62F:C{short}EUR20,00\n-\n"
        );
        let file = sent_and_read(kit, &owner, "mt940.txt", TEXT, &mt940).await;
        assert_eq!((text(&file, "/format"), &file["entry_count"]), ("mt940".to_owned(), &json!(1)));
        assert_eq!(balance(kit, &owner, "BANK-1").await, 100, "nobody guesses which account a number is");

        let mapped = map(kit, &owner, &number(kit, &owner, IBAN).await, "BANK-1").await;
        assert_eq!(
            (text(&mapped, "/bank_account"), &mapped["newest_balance_minor"]),
            ("BANK-1".to_owned(), &json!(2_000))
        );
        map(kit, &owner, &number(kit, &owner, "20041/77").await, "BANK-2").await;
        assert_eq!((balance(kit, &owner, "BANK-1").await, balance(kit, &owner, "BANK-2").await), (2_000, -895));
        let (bank, of_ledger) = ("bank_statement".to_owned(), "ledger".to_owned());
        assert_eq!(
            days(kit, &owner, "BANK-1").await,
            [
                (day_before(9), 100, of_ledger.clone()),
                (first, 1_000, bank.clone()),
                (second, 1_250, bank.clone()),
                (third.clone(), 2_000, bank.clone()),
            ]
        );

        // A later report of the ledger is newer, an earlier one fills its day only.
        let answer = ledger_says(kit, &ledger, &owner, "BANK-1", 3_000, 1).await;
        assert_eq!((&answer["applied"], &answer["bank_account"]["balance_minor"]), (&json!(true), &json!(3_000)));
        let answer = ledger_says(kit, &ledger, &owner, "BANK-1", 70, 7).await;
        assert_eq!((&answer["applied"], &answer["bank_account"]["balance_minor"]), (&json!(false), &json!(3_000)));
        assert!(days(kit, &owner, "BANK-1").await.contains(&(day_before(7), 70, of_ledger)));
        // The bank's closing balance of a day counts more than what the ledger reports of it.
        let answer = ledger_says(kit, &ledger, &owner, "BANK-2", 5, 3).await;
        assert_eq!((&answer["applied"], &answer["bank_account"]["balance_minor"]), (&json!(false), &json!(-895)));
        assert!(days(kit, &owner, "BANK-2").await.contains(&(third, -895, bank)));
    });
}

/// Proves: U43
#[test]
fn files_count_alike_in_any_order_and_repeated_and_an_older_one_says_that_it_changes_nothing() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Orders Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        for reference in ["BANK-1", "BANK-2"] {
            ledger_says(kit, &ledger, &owner, reference, 1, 20).await;
        }
        let (first, second) = (day_before(5), day_before(3));
        // The correction of the second day comes first, before anybody knows whose the number is.
        let read = sent_and_read(kit, &owner, "corrected.xml", XML, &closes(&second, "30.00", 21)).await;
        assert_eq!(read["accounts"][0]["days"]["changed"], json!(1));
        map(kit, &owner, &number(kit, &owner, IBAN).await, "BANK-1").await;
        let original = closes(&second, "20.00", 20);
        let declared = send(kit, &owner, "original.xml", XML, "bank_statement", original.as_bytes()).await;
        let older = self::read(kit, &owner, &declared).await;
        assert_eq!(older["accounts"][0]["days"], json!({ "changed": 0, "known": 0, "older": 1, "not_kept": 0 }));
        sent_and_read(kit, &owner, "earlier.xml", XML, &closes(&first, "10.00", 20)).await;
        assert_eq!(balance(kit, &owner, "BANK-1").await, 3_000);

        // A message that comes again, of a document that is read, changes nothing.
        let before = kit.table.partition(&format!("COMPANY#{}", owner.company.id)).await.len();
        let told = story::events_of_type(kit, &owner.company.id, "bank_statement.read").await;
        assert_eq!(told, 3);
        let data = json!({
            "number": 1, "name": "original.xml", "kind": "bank_statement", "file_type": XML, "size_bytes": original.len(),
            "sha256": uploads::sha256(original.as_bytes()), "links": [],
        });
        let message = about(&owner.company.id, &declared.document, "document.released", &data);
        let again = kit.invoke("read-statements", &message).await.ok();
        assert_eq!(again, json!({ "batchItemFailures": [] }));
        assert_eq!(kit.table.partition(&format!("COMPANY#{}", owner.company.id)).await.len(), before);
        assert_eq!(story::events_of_type(kit, &owner.company.id, "bank_statement.read").await, told);
        let poison = kit.invoke("read-statements", &batch(&[("m-1", "poison".to_owned())])).await.ok();
        assert_eq!(poison, json!({ "batchItemFailures": [{ "itemIdentifier": "m-1" }] }));

        // A gap is named: the account closed with 10 and opened with 30.
        let path = format!("/v1/bank-accounts/BANK-1/balances?from={}", day_before(60));
        let gaps = seen(kit, &owner, &path).await["gaps"].clone();
        assert_eq!(gaps, json!([{ "after": first, "before": second, "change_minor": 2_000 }]));

        // Mapped to the wrong account, a number takes its days along.
        let moved = map(kit, &owner, &number(kit, &owner, IBAN).await, "BANK-2").await;
        assert_eq!(text(&moved, "/bank_account"), "BANK-2");
        assert_eq!((balance(kit, &owner, "BANK-1").await, balance(kit, &owner, "BANK-2").await), (1, 3_000));
        assert_eq!(days(kit, &owner, "BANK-1").await.len(), 1);
        assert_eq!(days(kit, &owner, "BANK-2").await.len(), 3);
        map(kit, &owner, &moved, "BANK-2").await;
        assert_eq!(story::events_of_type(kit, &owner.company.id, "bank_account_number.mapped").await, 2);
        assert_eq!(story::events_of_type(kit, &owner.company.id, "bank_account_number.unknown").await, 1);
    });
}

/// Proves: U43
#[test]
fn a_file_that_cannot_be_taken_is_refused_with_the_line_and_what_is_no_statement_is_not_read() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Refused Ltd").await;
        let day = day_before(2);
        // A statement for people, and a file of a bank that was uploaded as something else.
        let pdf = send(kit, &owner, "statement.pdf", "application/pdf", "bank_statement", &documents::pdf()).await;
        let good = closes(&day, "10.00", 20);
        let receipt = send(kit, &owner, "receipt.xml", XML, "receipt", good.as_bytes()).await;
        until_clean(kit, &owner, &pdf).await;
        until_clean(kit, &owner, &receipt).await;

        let unsigned = closes(&day, "11.00", 20).replace("<CdtDbtInd>CRDT</CdtDbtInd>", "").replace("<Bal>", "\n<Bal>");
        let refused = sent_and_read(kit, &owner, "unsigned.xml", XML, &unsigned).await;
        assert_eq!(text(&refused, "/status"), "refused");
        assert_eq!(text(&refused, "/reason"), "the sign (credit or debit) is missing");
        assert_eq!(refused["line"], json!(2), "{refused}");
        assert!(text(&refused, "/path").contains("Bal[1]"), "{refused}");
        let ahead = sent_and_read(kit, &owner, "ahead.xml", XML, &closes("2099-12-31", "1.00", 20)).await;
        assert_eq!(text(&ahead, "/reason"), "a balance is of 2099-12-31, which is more than a day ahead");
        let notes = sent_and_read(kit, &owner, "notes.txt", TEXT, "Nothing but notes.").await;
        assert_eq!(text(&notes, "/reason"), "this is no bank statement in camt.053, OFX or MT940");
        assert!(notes.get("line").is_none(), "it is refused as a whole: {notes}");
        // Data that nobody reads is refused too, where staff look for it.
        let table = sent_and_read(kit, &owner, "statement.csv", "text/csv", "day,balance\n2026-10-31,10.00\n").await;
        assert_eq!(text(&table, "/status"), "refused");
        assert!(text(&table, "/reason").starts_with("a file of type text/csv is not read"), "{table}");
        assert_eq!(story::events_of_type(kit, &owner.company.id, "bank_statement.refused").await, 4);
        let numbers = seen(kit, &owner, "/v1/bank-account-numbers").await;
        assert!(list(&numbers, "bank_account_numbers").is_empty(), "a refused file leaves nothing: {numbers}");

        // Its kind is put right, and it is read.
        let path = format!("/v1/documents/{}", receipt.document);
        assert!(find_read(kit, &owner, &receipt.document).await.is_none());
        let kind = json!({ "kind": "bank_statement" });
        kit.api.patch(&path).by(&owner.person).within(&owner.here).json(kind).ok(200).await;
        assert_eq!(text(&read(kit, &owner, &receipt).await, "/status"), "read");
        assert!(find_read(kit, &owner, &pdf.document).await.is_none(), "a PDF is for people");
    });
}

/// Proves: 2, U43
#[test]
fn another_companys_numbers_and_balances_do_not_exist() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Numbers Ltd").await;
        let mine = cast::owner(kit, "Olga Outsider", "Outside Ltd").await;
        let ledger = Ledger::sign_in(kit).await;
        ledger_says(kit, &ledger, &owner, "BANK-1", 1, 20).await;
        ledger_says(kit, &ledger, &mine, "MINE-1", 1, 20).await;
        sent_and_read(kit, &owner, "statement.xml", XML, &closes(&day_before(2), "10.00", 20)).await;
        let theirs = number(kit, &owner, IBAN).await;
        let put = async |id: &str, reference: &str| {
            let path = format!("/v1/bank-account-numbers/{id}");
            let body = json!({ "bank_account": reference });
            kit.api.put(&path).by(&mine.person).within(&mine.here).json(body).send().await
        };
        let foreign = put(&text(&theirs, "/id"), "MINE-1").await;
        foreign.refused(404, "not-found");
        assert_eq!(foreign.bytes, put(&"0".repeat(64), "MINE-1").await.bytes);
        for path in ["/v1/bank-account-numbers", "/v1/bank-statements"] {
            let shown = seen(kit, &mine, path).await.to_string();
            assert!(!shown.contains(&text(&theirs, "/id")), "{path}: {shown}");
        }
        let path = "/v1/bank-accounts/BANK-1/balances";
        kit.api.get(path).by(&mine.person).within(&mine.here).refused(404, "not-found").await;

        // Of one's own, what an account cannot be is refused by the field.
        let body = json!({ "bank_account": "NEVER-1" });
        let path = format!("/v1/bank-account-numbers/{}", text(&theirs, "/id"));
        let unknown = kit.api.put(&path).by(&owner.person).within(&owner.here).json(body).send().await;
        refused_input(&unknown, "bank_account");
        let mut dollars = machine::bank_account(1);
        dollars["currency"] = json!("USD");
        ledger.put(kit, &owner.company.id, "bank-accounts", "DOLLARS", dollars).await.ok(201);
        let body = json!({ "bank_account": "DOLLARS" });
        let other = kit.api.put(&path).by(&owner.person).within(&owner.here).json(body).send().await;
        refused_input(&other, "bank_account");
        let period = format!("/v1/bank-accounts/BANK-1/balances?from={}&until={}", day_before(1), day_before(2));
        refused_input(&kit.api.get(&period).by(&owner.person).within(&owner.here).send().await, "from");
    });
}
