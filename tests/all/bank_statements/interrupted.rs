//! A file of statements whose reading is interrupted.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, list, text};
use tests::chaos::{Fault, Rule};
use tests::{kit, run, story};

use super::{IBAN, about, camt, camt_statement, day_before, number, seen, send, until_clean};
use crate::faults::rig::{Rig, invoke, response};

const OTHER: &str = "GB82WEST12345698765432";

/// Proves: U43
#[test]
fn a_worker_that_is_killed_between_two_accounts_of_a_file_goes_on_and_says_the_same() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Interrupted Statements Ltd").await;
        let day = day_before(2);
        let file = camt(&[
            camt_statement(IBAN, &day, "10.00", "10.00", 20),
            camt_statement(OTHER, &day, "-5.00", "-5.00", 20),
        ]);
        // No event tells the deployed worker that it is a bank statement.
        let declared = send(kit, &owner, "statement.xml", "application/xml", "receipt", file.as_bytes()).await;
        until_clean(kit, &owner, &declared).await;
        let (pk, sk) = (format!("COMPANY#{}", owner.company.id), format!("DOCUMENT#{}", declared.document));
        kit.table.set(&pk, &sk, "kind", AttributeValue::S("bank_statement".to_owned())).await;
        let details = |kind: &str| json!({ "name": "statement.xml", "kind": kind, "links": [] });
        let data = json!({ "before": details("receipt"), "after": details("bank_statement") });
        let event = about(&owner.company.id, &declared.document, "document.updated", &data);

        // It applies the first account; the second is held up.
        let rig = Rig::of(kit, "read-statements").await;
        let held = rig.table.place(Rule::on("TransactWriteItems", Fault::Hold).after(1));
        let worker = rig.start().await;
        let turn = {
            let (worker, event) = (worker.clone(), event.clone());
            tokio::spawn(async move { worker.invoke(&event).await })
        };
        held.reached(1).await;
        worker.kill().await;
        held.remove();
        assert!(turn.await.expect("the turn ended").is_err(), "it was killed");
        rig.quiet().await;
        let files = async || list(&seen(kit, &owner, "/v1/bank-statements").await, "bank_statements").clone();
        assert!(files().await.is_empty(), "a file is recorded when all of it is applied");

        let next = rig.start().await;
        let done: Value = response(&invoke(&next, &event).await).clone();
        assert_eq!(done, json!({ "batchItemFailures": [] }));
        let files = files().await;
        let [file] = &files[..] else { panic!("one file: {files:?}") };
        let days: Vec<&Value> = list(file, "accounts").iter().map(|account| &account["days"]).collect();
        let changed = json!({ "changed": 1, "known": 0, "older": 0, "not_kept": 0 });
        assert_eq!(days, [&changed, &changed], "as if it had not been interrupted");
        for (iban, minor) in [(IBAN, 1_000), (OTHER, -500)] {
            assert_eq!(number(kit, &owner, iban).await["newest_balance_minor"], json!(minor));
        }
        assert_eq!(story::events_of_type(kit, &owner.company.id, "bank_account_number.unknown").await, 2);
        assert_eq!(story::events_of_type(kit, &owner.company.id, "bank_statement.read").await, 1);
        assert_eq!(text(file, "/status"), "read");
    });
}
