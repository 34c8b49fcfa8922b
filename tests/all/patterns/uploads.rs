//! What the reports about an uploaded file ask of the table.

use serde_json::json;
use tests::runtime_api::HttpEvent;
use tests::uploads::{self, Report};

use super::book::Book;
use super::book::Kind::{Mutation, Read};
use super::{Places, Tale};
use crate::faults::rig::{batch, by, by_ledger};

impl Tale {
    /// An upload, the result of its scan, and the word of a scanner elsewhere.
    pub(super) async fn uploads(&mut self, book: &mut Book<'_>, places: &Places) {
        let (owner, ledger, kit) = (self.owner.clone(), self.ledger.clone(), book.kit);
        let mut declared = Vec::new();
        for name in ["scanned here", "scanned elsewhere"] {
            let body = uploads::declaration("notes.txt", "text/plain", name.as_bytes());
            let declare = by(HttpEvent::post("/v1/documents").json(&body), &owner, &places.owner_here);
            let document = uploads::declared_in(&places.company, &book.prepare(declare).await);
            book.call(&document.document, name);
            declared.push(document);
        }
        let [here, elsewhere] = declared.as_slice() else { panic!("two documents") };

        // The deployed functions know nothing of this table: they hear of no upload.
        uploads::hold(kit, here, Report::Upload).await;
        uploads::hold(kit, here, Report::Scan).await;
        let version = uploads::post(kit, here, b"scanned here", &[]).await.version.expect("a version");
        let upload = batch(&[("m-1", uploads::upload_message(kit, here, &version))]);
        book.invoke("an upload", "inspect", "S3's events", Mutation, &upload).await;
        book.invoke("the same upload again", "inspect", "S3's events", Read, &upload).await;
        let scan = batch(&[("m-1", uploads::scan_message(kit, here, &version, "NO_THREATS_FOUND"))]);
        book.invoke("the result of a scan", "inspect", "GuardDuty's events", Mutation, &scan).await;
        book.invoke("the same result again", "inspect", "GuardDuty's events", Read, &scan).await;

        let path = places.ledger_path("documents", &format!("{}/versions/1/scan-result", elsewhere.document));
        let body = json!({ "object_version": "v", "result": { "verdict": "clean" } });
        let report = by_ledger(HttpEvent::put(&path).json(&body), &ledger);
        book.ask("the result of a scan elsewhere", Mutation, report).await;
    }
}
