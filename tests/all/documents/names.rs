//! Names that say something else than the file is.

use serde_json::{Value, json};
use tests::cast::{self, Context, Owner, text};
use tests::people::Person;
use tests::{Kit, kit, run, uploads};

use super::{changed, clean, declare, download, path, pdf, post, row, show, until};

/// A clean file is opened by its name: under another ending it would run, or not open at all.
/// Proves: 17, B12
#[test]
fn a_name_that_ends_as_something_else_is_refused_when_a_file_is_declared_and_leaves_nothing() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let before = kit.table.trace(&owner.company.id).await;
        let refused = [
            "Invoice.exe",
            "Invoice.pdf.EXE",
            "page.html",
            "drawing.svg",
            "run.js",
            "run.ps1. ",
            "book.xlsm",
            "Receipt.jpg",
            "list.csv",
        ];
        let rows = refused.iter().map(|name| row(name, &pdf())).collect();
        for (name, row) in refused.iter().zip(declare(kit, &owner.person, &owner.here, rows).await) {
            assert_eq!(
                (text(&row, "/outcome"), text(&row, "/field")),
                ("invalid".into(), "name".into()),
                "{name}: {row}"
            );
            assert!(text(&row, "/detail").starts_with("ends as "), "{name}: {row}");
        }
        assert_eq!(kit.table.trace(&owner.company.id).await, before);
        let taken = ["Receipt", "Receipt No. 17", "contract.v2", "RECEIPT.PDF"];
        let rows = taken.iter().map(|name| row(name, &pdf())).collect();
        for (name, row) in taken.iter().zip(declare(kit, &owner.person, &owner.here, rows).await) {
            assert_eq!(
                (text(&row, "/outcome"), text(&row, "/document/name")),
                ("created".into(), (*name).into()),
                "{row}"
            );
        }
        // As macOS writes it, and as everybody else does.
        let rows = ["Cafe\u{301}.pdf", "Caf\u{e9}.pdf"].map(|name| row(name, &pdf()));
        for row in declare(kit, &owner.person, &owner.here, rows.to_vec()).await {
            assert_eq!(text(&row, "/document/name"), "Caf\u{e9}.pdf");
        }
    });
}

/// Proves: 17, B12
#[test]
fn a_clean_file_cannot_be_renamed_into_a_program_or_into_another_type() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let (declared, first) = clean(kit, &owner, "Receipt.pdf").await;
        let path = path(&declared);
        let rename = |name: &str| {
            let call = kit.api.patch(&path).by(&owner.person).within(&owner.here);
            call.json(json!({ "name": name, "kind": "tax" })).send_owned()
        };
        for name in ["Receipt.exe", "Receipt.html", "Receipt.docm", "Receipt.jpg", "Receipt.txt"] {
            rename(name).await.refused_field(422, "invalid-field", "name");
        }
        let shown = show(kit, &owner, &path).await;
        let kept = (text(&shown, "/document/name"), text(&shown, "/document/kind"));
        assert_eq!(kept, ("Receipt.pdf".to_owned(), "receipt".to_owned()), "a refused change changed something");
        for name in ["Receipt", "RECEIPT 17.PDF"] {
            assert_eq!(text(&rename(name).await.ok(200), "/document/name"), name);
        }

        // A name without an ending of its type is saved with one: what no list knows opens as the PDF that it is.
        for (name, saved) in
            [("Receipt.never-heard-of", "Receipt.never-heard-of.pdf"), ("RECEIPT 17.PDF", "RECEIPT 17.PDF")]
        {
            rename(name).await.ok(200);
            let link = download(kit, &owner.person, &owner.here, &path).await.ok(201);
            assert_eq!(text(&link, "/name"), saved);
            let answer = kit.http.get(text(&link, "/download_url")).send().await.expect("S3 answers");
            let disposition = answer.headers()["content-disposition"].to_str().expect("text").to_owned();
            assert!(disposition.contains(&format!("filename=\"{saved}\"")), "{disposition}");
        }

        // A version of another type has a name of its own, and is downloaded under it.
        let list = b"date;amount\n2026-10-01;3\n";
        let version = json!({ "size_bytes": list.len(), "file_type": "text/csv", "sha256": uploads::sha256(list) });
        let declare = |version: Value| {
            let call = kit.api.post(&format!("{path}/versions")).by(&owner.person).within(&owner.here);
            call.json(version).send_owned()
        };
        declare(version.clone()).await.refused_field(422, "invalid-field", "name");
        let renamed = |name: &str| changed(version.clone(), "name", json!(name));
        declare(renamed("list.bat")).await.refused_field(422, "invalid-field", "name");
        let answer = declare(renamed("list.csv")).await.ok(201);
        assert_eq!(post(kit, &answer, list).await, 204);
        until(kit, &owner, &path, "clean").await;
        for (body, name, file) in
            [(json!({}), "list.csv", list.as_slice()), (json!({ "number": 1 }), "RECEIPT 17.PDF", first.as_slice())]
        {
            let call = kit.api.post(&format!("{path}/download")).by(&owner.person).within(&owner.here).json(body);
            let link = call.ok(201).await;
            assert_eq!(text(&link, "/name"), name);
            let answer = kit.http.get(text(&link, "/download_url")).send().await.expect("S3 answers");
            let disposition = answer.headers()["content-disposition"].to_str().expect("text").to_owned();
            assert!(disposition.contains(&format!("filename=\"{name}\"")), "{disposition}");
            assert!(answer.bytes().await.expect("the file") == file);
        }
    });
}

/// Proves: 9, 17, B17
#[test]
fn a_person_who_was_removed_gets_no_link_to_a_document_and_what_they_uploaded_stays() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let member = cast::member(kit, &owner, "Anna Accountant", "accountant", None).await;
        let path = path(&clean(kit, &owner, "Receipt.pdf").await.0);
        download(kit, &member.person, &member.here, &path).await.ok(201);
        let theirs = uploaded(kit, &owner, &member.person, &member.here).await;
        let place = format!("/v1/members/{}", member.person.user);
        kit.api.delete(&place).by(&owner.person).within(&owner.here).send().await.ok(200);
        download(kit, &member.person, &member.here, &path).await.refused(403, "not-granted");
        download(kit, &member.person, &member.here, &theirs).await.refused(403, "not-granted");
        download(kit, &owner.person, &owner.here, &theirs).await.ok(201);
        let shown = show(kit, &owner, &theirs).await;
        assert!(shown["document"]["uploaded_by"].to_string().contains(&member.person.user), "{shown}");
    });
}

/// A firm's uploads are the company's.
/// Proves: 17
#[test]
fn what_a_firm_uploaded_stays_when_its_connection_ends() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let admin = cast::firm_admin(kit, "Ada Admin", "Adas Firm").await;
        cast::connect(kit, &owner, &admin, None).await;
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        let theirs = uploaded(kit, &owner, &admin.person, &inside).await;
        let connection = format!("/v1/connections/{}", admin.firm.id);
        kit.api.delete(&connection).by(&owner.person).within(&owner.here).send().await.ok(200);
        download(kit, &admin.person, &inside, &theirs).await.refused(403, "not-granted");
        download(kit, &owner.person, &owner.here, &theirs).await.ok(201);
    });
}

/// Uploads a file as a person and answers its path, once it is clean.
async fn uploaded(kit: &Kit, owner: &Owner, person: &Person, here: &Context) -> String {
    let file = pdf();
    let row = declare(kit, person, here, vec![row("Mine.pdf", &file)]).await.remove(0);
    assert_eq!(post(kit, &row, &file).await, 204);
    until(kit, owner, &path(&row), "clean").await;
    path(&row)
}
