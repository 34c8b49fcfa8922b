//! How long a permission to upload lasts.

use jiff::{SignedDuration, Timestamp};
use tests::uploads::{self, declare, ending_at, post};
use tests::{kit, run};

use super::{company, state, told, until};

/// A form that leaks is of no use after its five minutes.
/// Proves: 17, B14
#[test]
fn a_permission_that_has_ended_uploads_nothing_and_the_file_can_be_declared_again() {
    run(async {
        let kit = kit();
        let owner = company(kit).await;
        let file = b"date;amount\n2026-10-01;3\n".as_slice();
        let declared = declare(kit, &owner, "list.csv", "text/csv", file).await;
        let ended = ending_at(kit, &declared, Timestamp::now() - SignedDuration::from_secs(1)).await;
        let answer = post(kit, &ended, file, &[]).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "AccessDenied"));
        assert!(String::from_utf8_lossy(&answer.body).contains("expired"), "it was refused for something else");
        assert_eq!(state(kit, &owner, &declared).await, "declared");
        assert_eq!(told(kit, &owner, &declared).await, ["document.declared"]);

        // Signed in the same way to end later, it is good: nothing but its end was wrong.
        let lasting = ending_at(kit, &declared, Timestamp::now() + SignedDuration::from_secs(60)).await;
        let again = declare(kit, &owner, "list.csv", "text/csv", file).await;
        assert_eq!(again.document, declared.document);
        assert_eq!(post(kit, &lasting, file, &[]).await.status, 204);
        until(kit, &owner, &again, "clean").await;
        assert_eq!(uploads::document(kit, &owner, &again).await["versions"].as_array().map(Vec::len), Some(1));
    });
}
