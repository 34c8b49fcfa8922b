//! `/v1/dashboard`.

use serde_json::json;
use tests::cast::{self, list, text};
use tests::machine::Ledger;
use tests::{kit, run};

#[test]
fn the_dashboard_adds_up() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        cast::approval_policy(kit, &owner, 1_000).await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        tokio::join!(
            ledger.invoice(kit, company, "INV-1", 1_000),
            ledger.invoice(kit, company, "INV-2", 2_500),
            ledger.transaction(kit, company, "PAY-1", 5_000, None),
            ledger.balance(kit, company, "BANK-1", 70_000),
        );
        let board = kit.api.get("/v1/dashboard").by(&owner.person).within(&owner.here).ok(200).await;
        assert_eq!(text(&board, "/company/id"), company);
        assert_eq!(board.pointer("/invoices/open_count"), Some(&json!(2)), "{board}");
        assert_eq!(board.pointer("/invoices/due_minor"), Some(&json!(3_500)), "{board}");
        assert_eq!(board.pointer("/approvals/pending_count"), Some(&json!(1)), "{board}");
        let accounts = list(&board, "bank_accounts");
        assert_eq!(accounts.len(), 1, "{board}");
        assert_eq!(accounts[0].get("balance_minor"), Some(&json!(70_000)), "{board}");
    });
}

/// Proves: 5, U25
#[test]
fn the_dashboard_shows_each_part_only_to_those_who_may_see_it() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let only: &[&str] = &["dashboard.view"];
        let member = cast::member(kit, &owner, "Dora Dashboard", "custom", Some(only)).await;
        cast::approval_policy(kit, &owner, 1_000).await;
        let ledger = Ledger::sign_in(kit).await;
        let company = owner.company.id.as_str();
        tokio::join!(
            ledger.invoice(kit, company, "INV-1", 1_000),
            ledger.transaction(kit, company, "PAY-1", 5_000, None),
            ledger.balance(kit, company, "BANK-1", 70_000),
        );
        let parts = [("bank.view", "bank_accounts"), ("invoices.view", "invoices"), ("approvals.view", "approvals")];
        let mut earlier = member.here.clone();
        for subset in 0..(1 << parts.len()) {
            let is_in = |nth: usize| subset & (1 << nth) != 0;
            let of = |nth: usize| is_in(nth).then_some(parts[nth].0);
            let granted: Vec<&str> = (0..parts.len()).filter_map(of).chain(["dashboard.view"]).collect();
            let path = format!("/v1/members/{}", member.person.user);
            let body = json!({ "role": "custom", "permissions": granted });
            kit.api.patch(&path).by(&owner.person).within(&owner.here).json(body).ok(200).await;
            let here = cast::enter(kit, &member.person, company).await;
            // The earlier context token names what was granted before: the table decides.
            for here in [&here, &earlier] {
                let board = kit.api.get("/v1/dashboard").by(&member.person).within(here).ok(200).await;
                assert_eq!(text(&board, "/company/id"), company);
                for (nth, (permission, part)) in parts.iter().enumerate() {
                    let is_shown = board.get(part).is_some();
                    let may_be_shown = here.permissions.iter().any(|held| held == permission);
                    assert_eq!(is_shown, is_in(nth) && may_be_shown, "{part} with {granted:?}: {board}");
                }
            }
            earlier = here;
        }
    });
}
