//! `/v1/billing` and `/v1/billing-offers`: who pays for a company's subscription, as both sides see it.

use serde_json::{Value, json};
use tests::cast::{self, FirmAdmin, Owner, list, text};
use tests::http::Answer;
use tests::{Kit, kit, run};

async fn offer(kit: &Kit, admin: &FirmAdmin, company: &str) -> Answer {
    let path = format!("/v1/billing-offers/{company}");
    kit.api.put(&path).by(&admin.person).within(&admin.here).json(json!({})).send().await
}

async fn withdraw(kit: &Kit, admin: &FirmAdmin, company: &str) {
    let path = format!("/v1/billing-offers/{company}");
    let answer = kit.api.delete(&path).by(&admin.person).within(&admin.here).send().await;
    assert_eq!(answer.status, 204, "{}", answer.text());
}

async fn choose(kit: &Kit, owner: &Owner, firm: &str) -> Answer {
    let body = json!({ "owner": "firm", "firm": firm });
    kit.api.put("/v1/billing").by(&owner.person).within(&owner.here).json(body).send().await
}

async fn billing(kit: &Kit, owner: &Owner) -> Value {
    kit.api.get("/v1/billing").by(&owner.person).within(&owner.here).ok(200).await["billing"].clone()
}

async fn offers(kit: &Kit, admin: &FirmAdmin, query: &str) -> Value {
    kit.api.get(&format!("/v1/billing-offers{query}")).by(&admin.person).within(&admin.here).ok(200).await
}

/// The companies in a page of offers, each with its name and whether it chose the firm.
fn seen(page: &Value) -> Vec<(String, String, bool)> {
    let entry = |offer: &Value| (text(offer, "/company"), text(offer, "/company_name"), offer["chosen"] == true);
    list(page, "billing_offers").iter().map(entry).collect()
}

async fn disconnect(kit: &Kit, owner: &Owner, firm: &str) -> Value {
    let path = format!("/v1/connections/{firm}");
    kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await
}

/// Proves: M6
#[test]
fn a_firm_sees_whom_it_pays_for_and_whom_it_offered_to() {
    run(async {
        let kit = kit();
        let (first, second, admin, other) = tokio::join!(
            cast::owner(kit, "Fay First", "First Payee Ltd"),
            cast::owner(kit, "Sam Second", "Second Payee Ltd"),
            cast::firm_admin(kit, "Pat Payer", "Paying Firm"),
            cast::firm_admin(kit, "Olga Other", "Other Firm"),
        );
        for owner in [&first, &second] {
            cast::connect(kit, owner, &admin, None).await;
        }
        assert_eq!(seen(&offers(kit, &admin, "").await), [], "nothing was offered yet");
        let offered = offer(kit, &admin, &first.company.id).await.ok(201);
        offer(kit, &admin, &second.company.id).await.ok(201);
        choose(kit, &first, &admin.firm.id).await.ok(200);

        let is = |owner: &Owner, chosen: bool| (owner.company.id.clone(), owner.company.name.clone(), chosen);
        let page = offers(kit, &admin, "").await;
        assert_eq!(seen(&page), [is(&second, false), is(&first, true)], "the newest offer first");
        assert_eq!(page["billing_offers"][1]["since"], offered["billing_offer"]["since"]);
        let page = offers(kit, &admin, "?limit=1").await;
        assert_eq!(seen(&page), [is(&second, false)]);
        let page = offers(kit, &admin, &format!("?limit=1&cursor={}", text(&page, "/next_cursor"))).await;
        assert_eq!(seen(&page), [is(&first, true)]);
        assert_eq!(seen(&offers(kit, &other, "").await), [], "they are the firm's own");
        let inside = kit.api.get("/v1/billing-offers").by(&first.person).within(&first.here);
        inside.refused(403, "not-granted").await;

        // Only offers that can be chosen are listed.
        withdraw(kit, &admin, &second.company.id).await;
        assert_eq!(seen(&offers(kit, &admin, "").await), [is(&first, true)]);
        disconnect(kit, &first, &admin.firm.id).await;
        assert_eq!(seen(&offers(kit, &admin, "").await), []);
    });
}

/// Proves: M6
#[test]
fn a_firm_that_comes_back_pays_only_once_it_is_chosen_again() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Nora Anew", "Anew Ltd"),
            cast::firm_admin(kit, "Bea Back", "Returning Firm"),
        );
        let (company, firm) = (owner.company.id.as_str(), admin.firm.id.as_str());
        cast::connect(kit, &owner, &admin, None).await;
        offer(kit, &admin, company).await.ok(201);
        let before = choose(kit, &owner, firm).await.ok(200);
        assert_eq!(text(&before, "/billing/owner"), "firm");
        disconnect(kit, &owner, firm).await;
        cast::connect(kit, &owner, &admin, None).await;

        let pays_itself = json!({ "company": company, "owner": "company", "offers": [] });
        assert_eq!(billing(kit, &owner).await, pays_itself, "nobody chose and nobody offered");
        assert_eq!(seen(&offers(kit, &admin, "").await), []);
        choose(kit, &owner, firm).await.refused(409, "conflict");

        offer(kit, &admin, company).await.ok(201);
        offer(kit, &admin, company).await.ok(200);
        let offered = billing(kit, &owner).await;
        assert_eq!((text(&offered, "/owner"), text(&offered, "/offers/0/id")), ("company".to_owned(), firm.to_owned()));
        assert!(offered.get("since").is_none(), "{offered}");
        let again = choose(kit, &owner, firm).await.ok(200);
        assert_eq!(text(&again, "/billing/owner"), "firm");
        assert!(text(&again, "/billing/since") > text(&before, "/billing/since"), "{again}");
        assert_eq!(billing(kit, &owner).await, again["billing"]);

        // The same with an offer that was taken back and made anew.
        withdraw(kit, &admin, company).await;
        offer(kit, &admin, company).await.ok(201);
        assert_eq!(text(&billing(kit, &owner).await, "/owner"), "company");
        choose(kit, &owner, firm).await.ok(200);
        assert_eq!(text(&billing(kit, &owner).await, "/owner"), "firm");
    });
}

/// Proves: M6
#[test]
fn ending_a_connection_says_that_the_firm_no_longer_pays() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Tom Told", "Told Ltd"),
            cast::firm_admin(kit, "Stan Stops", "Stopping Firm"),
        );
        cast::connect(kit, &owner, &admin, None).await;
        let told = |answer: &Value| {
            let billing = list(answer, "stops").iter().find(|stops| stops["what"] == "billing");
            text(billing.expect("billing stops as well"), "/detail")
        };
        for (path, person, here) in [
            (format!("/v1/connections/{}/removal", admin.firm.id), &owner.person, &owner.here),
            (format!("/v1/connections/{}/removal", owner.company.id), &admin.person, &admin.here),
        ] {
            let preview = kit.api.get(&path).by(person).within(here).ok(200).await;
            assert!(told(&preview).contains("the company pays itself"), "{preview}");
        }
        let ended = disconnect(kit, &owner, &admin.firm.id).await;
        assert!(told(&ended).contains("the company pays itself"), "{ended}");
    });
}
