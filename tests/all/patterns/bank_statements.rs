//! Bank statements, from the file that is released to the balances of an account.

use serde_json::json;
use tests::cast::text;
use tests::runtime_api::HttpEvent;
use tests::uploads::{self, Report};

use super::book::Book;
use super::book::Kind::{Background, Because, Mutation, Read};
use super::{Places, REFERENCE, Tale, WITHDRAWN};
use crate::bank_statements::about;
use crate::faults::rig::{batch, by, by_ledger};

/// Two days of an account.
const FILE: &str = ":20:S\n:25:DE89370400440532013000\n:28C:1/1\n:60F:C260114EUR10,00\n:62F:C260114EUR10,00\n-\n\
                    :20:S\n:25:DE89370400440532013000\n:28C:2/1\n:60F:C260115EUR10,00\n:62F:C260115EUR10,00\n-\n";

impl Tale {
    /// A file is uploaded, released and read; its number is mapped, and to another account.
    pub(super) async fn bank_statements(&mut self, book: &mut Book<'_>, places: &Places) {
        let (owner, ledger, kit) = (self.owner.clone(), self.ledger.clone(), book.kit);
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let body = uploads::declaration_of("bank_statement", "mt940.txt", "text/plain", FILE.as_bytes());
        let declared = book.prepare(here(HttpEvent::post("/v1/documents").json(&body))).await;
        let document = uploads::declared_in(&places.company, &declared);
        book.call(&document.document, "bank statement");
        // The deployed functions know nothing of this table: they hear of no upload.
        uploads::hold(kit, &document, Report::Upload).await;
        uploads::hold(kit, &document, Report::Scan).await;
        let version = uploads::post(kit, &document, FILE.as_bytes(), &[]).await.version.expect("a version");
        let upload = batch(&[("m-1", uploads::upload_message(kit, &document, &version))]);
        book.prepare_by("inspect", &upload).await;
        let scan = batch(&[("m-1", uploads::scan_message(kit, &document, &version, "NO_THREATS_FOUND"))]);
        book.prepare_by("inspect", &scan).await;

        let file = &body["documents"][0];
        let data = json!({
            "number": 1, "name": file["name"], "kind": "bank_statement", "file_type": file["file_type"],
            "size_bytes": file["size_bytes"], "sha256": file["sha256"], "links": [],
        });
        let released = about(&places.company, &document.document, "document.released", &data);
        let name = "a bank statement with a number that is not known";
        book.invoke(name, "read-statements", "`document.released`", Background, &released).await;
        let name = "the same bank statement again";
        book.invoke(name, "read-statements", "`document.released`", Background, &released).await;

        book.ask("bank statements", Read, here(HttpEvent::get("/v1/bank-statements"))).await;
        let numbers = here(HttpEvent::get("/v1/bank-account-numbers"));
        let numbers = book.ask("numbers of accounts in bank statements", Read, numbers).await;
        let path = format!("/v1/bank-account-numbers/{}", text(&numbers, "/bank_account_numbers/0/id"));
        let map = |reference: &str| here(HttpEvent::put(&path).json(&json!({ "bank_account": reference })));
        book.ask("map a number to a bank account", Mutation, map(REFERENCE)).await;
        let balances = HttpEvent::get(&format!("/v1/bank-accounts/{REFERENCE}/balances"));
        let balances = balances.query("from", "2026-01-01").query("until", "2026-02-28");
        book.ask("the balances of a bank account by day", Read, here(balances)).await;

        let mut other = tests::machine::bank_account(1);
        other["as_of"] = json!("2026-01-10T12:00:00Z");
        let other = HttpEvent::put(&places.ledger_path("bank-accounts", WITHDRAWN)).json(&other);
        book.prepare(by_ledger(other, &ledger)).await;
        let moved = Because(3, "which months move is known once it is known which account the number was");
        book.ask("map a number to another bank account", moved, map(WITHDRAWN)).await;
    }
}
