//! `/v1/bank-accounts`.

use serde_json::json;
use tests::cast::{self, list, text};
use tests::machine::Ledger;
use tests::{kit, run};

use crate::support::refused_input;

#[test]
fn a_threshold_is_set_and_taken_away_by_those_who_manage_the_bank() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let client = cast::member(kit, &owner, "Clara Client", "client", None).await;
        let ledger = Ledger::sign_in(kit).await;
        ledger.balance(kit, &owner.company.id, "BANK-1", 70_000).await;
        let path = "/v1/bank-accounts/BANK-1/threshold";
        let body = || json!({ "threshold_minor": 50_000 });
        let problem =
            kit.api.put(path).by(&client.person).within(&client.here).json(body()).refused(403, "not-granted").await;
        assert_eq!(text(&problem, "/permission"), "bank.manage");
        kit.api.put(path).by(&owner.person).within(&owner.here).json(body()).ok(200).await;
        let read = kit.api.get("/v1/bank-accounts").by(&client.person).within(&client.here).ok(200).await;
        assert_eq!(
            list(&read, "bank_accounts")[0].pointer("/threshold/threshold_minor"),
            Some(&json!(50_000)),
            "{read}"
        );
        let one = kit.api.get("/v1/bank-accounts/BANK-1").by(&client.person).within(&client.here).ok(200).await;
        assert_eq!(one["bank_account"], list(&read, "bank_accounts")[0], "the page that a letter links to");
        let none = kit.api.get("/v1/bank-accounts/BANK-2").by(&client.person).within(&client.here);
        none.refused(404, "not-found").await;
        let none = json!({ "threshold_minor": null });
        kit.api.put(path).by(&owner.person).within(&owner.here).json(none).ok(200).await;
        let read = kit.api.get("/v1/bank-accounts").by(&owner.person).within(&owner.here).ok(200).await;
        assert!(list(&read, "bank_accounts")[0].get("threshold").is_none(), "{read}");
    });
}

#[test]
fn a_threshold_is_a_whole_amount_and_is_given() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let path = format!("/v1/bank-accounts/{}/threshold", world.reference);
        for body in [json!({ "threshold_minor": 0.5 }), json!({ "threshold_minor": "1" }), json!({})] {
            let call = kit.api.put(&path).by(&world.owner.person).within(&world.owner.here).json(body);
            refused_input(&call.send().await, "threshold_minor");
        }
    });
}
