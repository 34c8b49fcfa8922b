//! The quotas of stored bytes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tests::cast::{self, list, text};
use tests::{kit, run};

use super::{changed, declare, declare_one, path, pdf, post, row, until};

#[test]
fn what_is_left_of_the_storage_is_said_and_counted_back() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let declare = async |rows: Vec<Value>| {
            let body = json!({ "documents": rows });
            kit.api.post("/v1/documents").by(&owner.person).within(&owner.here).json(body).ok(200).await
        };
        let left = |answer: &Value| answer["left_bytes"].as_u64().expect("a number");
        let largest = |digit: u8| {
            let sha256 = STANDARD.encode([digit; 32]);
            let row = changed(row("Scan.pdf", b"x"), "sha256", json!(sha256));
            changed(row, "size_bytes", json!(26_214_400))
        };
        let first = declare(vec![largest(1)]).await;
        let second = declare(vec![largest(1), largest(2)]).await;
        assert_eq!(left(&first) - left(&second), 26_214_400, "the same bytes count once");
        let path = path(&list(&second, "rows")[1]);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await;
        let third = declare(vec![largest(1)]).await;
        assert_eq!(left(&third), left(&first), "a deleted document does not count");
        let used = kit.table.item(&format!("COMPANY#{}", owner.company.id), "STORAGE").await.expect("a count");
        assert_eq!(used["bytes"].as_n().expect("a number"), "26214400");
    });
}

#[test]
fn a_full_storage_takes_no_more_and_says_how_much_is_left() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let first = declare_one(kit, &owner, row("First.pdf", &pdf())).await;
        let used = aws_sdk_dynamodb::types::AttributeValue::N((1_u64 << 50).to_string());
        kit.table.set(&format!("COMPANY#{}", owner.company.id), "STORAGE", "bytes", used).await;
        let full = declare_one(kit, &owner, row("Second.pdf", &pdf())).await;
        assert_eq!((text(&full, "/outcome"), full.get("document")), ("limited".to_owned(), None), "{full}");
        assert!(text(&full, "/detail").contains("0 bytes are left"), "{full}");
        // Deleting still works, and restoring does not.
        kit.api.delete(&path(&first)).by(&owner.person).within(&owner.here).ok(200).await;
        let restore = kit.api.post(&format!("{}/restore", path(&first))).by(&owner.person).within(&owner.here);
        let refused = restore.refused(409, "conflict").await;
        assert_eq!(text(&refused, "/state"), "storage_full");
    });
}

/// A firm would pay for files that nobody keeps, or store without an end.
#[test]
fn what_a_firms_people_upload_counts_for_the_firm_until_it_is_refused() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Olga Owner", "Papers Ltd").await;
        let admin = cast::firm_admin(kit, "Walter Ledgerman", "Papers Accounting").await;
        cast::connect(kit, &owner, &admin, None).await;
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        let used = async || {
            let count = kit.table.item(&format!("FIRM#{}", admin.firm.id), "STORAGE").await.expect("a count");
            count["bytes"].as_n().expect("a number").clone()
        };
        let (kept, refused) = (pdf(), tests::people::unique().into_bytes());
        let rows = vec![row("Kept.pdf", &kept), row("Text.pdf", &refused)];
        let declared = declare(kit, &admin.person, &inside, rows).await;
        assert_eq!(used().await, (kept.len() + refused.len()).to_string());
        assert_eq!(post(kit, &declared[1], &refused).await, 204);
        until(kit, &owner, &path(&declared[1]), "refused").await;
        assert_eq!(used().await, kept.len().to_string());
    });
}
