//! The main job in ten steps, from the first sign-up to the audit log, told once.
//!
//! `demo` tells it loudly and the test `story::the_ten_steps` silently; both check every step as they
//! go. Nothing is prepared beforehand and everyone gets a new address, so it can be told again and
//! again on the same stack.

use serde_json::{Value, json};

use crate::Kit;
use crate::cast::{self, Context, FirmAdmin, Invited, Organisation, Owner, list, text};
use crate::checkout;
use crate::machine::{self, Ledger};
use crate::narrator::{clip, page_text};
use crate::people::{self, PASSWORD, Person};

/// What the firm is granted: the accountant preset's usual reading and approving, no payroll, no team.
const CONNECTION: [&str; 9] = [
    "dashboard.view",
    "reports.view",
    "bank.view",
    "invoices.view",
    "invoices.comment",
    "approvals.view",
    "approvals.prepare",
    "approvals.decide",
    "documents.view",
];

/// What the bookkeeper gets of it. `approvals.decide` is among them on purpose: what stops the
/// bookkeeper in step 6 is that they prepared the payment, not that they lack the permission.
const ASSIGNMENT: [&str; 6] =
    ["dashboard.view", "invoices.view", "bank.view", "approvals.view", "approvals.prepare", "approvals.decide"];

const APPROVAL_FROM_MINOR: i64 = 500_000;
const PAYMENT_MINOR: i64 = 1_250_000;
const INVOICE_MINOR: i64 = 48_000;
const THRESHOLD_MINOR: i64 = 200_000;
const LOW_BALANCE_MINOR: i64 = 150_000;

/// The bookkeeper, standing in the company for the firm.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Bookkeeper {
    /// The person, whose account the invitation's page made.
    pub person: Person,
    /// Their context in the company.
    pub inside: Context,
}

/// How the story ended: enough for a summary, and for a test to look further.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ending {
    /// The company.
    pub company: Organisation,
    /// The firm.
    pub firm: Organisation,
    /// The company's audit log, oldest first.
    pub trail: Vec<Value>,
    /// How many mails the three people got.
    pub mails: usize,
}

/// Tells all ten steps.
///
/// # Panics
/// At the first step that does not go as the issue says.
pub async fn tell(kit: &Kit) -> Ending {
    let (owner, admin) = sign_up_and_register(kit).await;
    let invited = invite_the_firm(kit, &owner, &admin).await;
    accept_the_invitation(kit, &owner, &admin, &invited).await;
    let person = bring_in_the_bookkeeper(kit, &owner, &admin).await;
    let bookkeeper = step_into_the_books(kit, &owner, &admin, person).await;
    let ledger = sign_off_a_payment(kit, &owner, &bookkeeper).await;
    pay_an_invoice(kit, &owner, &ledger).await;
    warn_of_a_low_balance(kit, &owner, &ledger).await;
    lose_access(kit, &owner, &admin, &bookkeeper).await;
    let trail = print_the_audit_trail(kit, &owner, &admin, &bookkeeper).await;
    let mut mails = 0;
    for person in [&owner.person, &admin.person, &bookkeeper.person] {
        mails += kit.mailbox.inbox(&person.email).await.len();
    }
    Ending { company: owner.company, firm: admin.firm, trail, mails }
}

/// Step 1: accounts at the identity provider, then a company and a firm.
async fn sign_up_and_register(kit: &Kit) -> (Owner, FirmAdmin) {
    let tell = &kit.narrator;
    tell.step(1, "People sign up; the owner registers a company, the admin a firm");

    let owner = introduce(kit, "Olivia Marsh", "owns a chain of bicycle shops").await;
    let admin = introduce(kit, "Adrian Voss", "runs an accounting firm").await;

    tell.says("Olivia registers her company and enters it; Adrian registers his firm.");
    let body = json!({ "name": "Harbour Bicycles", "currency": "EUR", "time_zone": "Europe/Berlin" });
    let answer = kit.api.post("/v1/companies").by(&owner).json(body).ok(201).await;
    let company = Organisation { id: text(&answer, "/company/id"), name: text(&answer, "/company/name") };
    assert!(company.id.starts_with("co_"), "a company's id begins with co_: {}", company.id);
    let answer = kit.api.post("/v1/firms").by(&admin).json(json!({ "name": "Voss & Partners" })).ok(201).await;
    let firm = Organisation { id: text(&answer, "/firm/id"), name: text(&answer, "/firm/name") };
    assert!(firm.id.starts_with("fm_"), "a firm's id begins with fm_: {}", firm.id);

    let owner_here = switch(kit, &owner, &company.id, json!({})).await;
    let admin_here = switch(kit, &admin, &firm.id, json!({})).await;
    assert_eq!((owner_here.via.as_str(), admin_here.via.as_str()), ("member", "staff"));
    tell.proved("Both act in their own context, each with a context token that is valid for ten minutes.");
    (Owner { person: owner, company, here: owner_here }, FirmAdmin { person: admin, firm, here: admin_here })
}

/// Step 2: the invitation, its mail, and a link that can be opened by anyone without effect.
async fn invite_the_firm(kit: &Kit, owner: &Owner, admin: &FirmAdmin) -> Invited {
    let tell = &kit.narrator;
    tell.step(2, "The owner invites the firm by its main email address");
    tell.says("Olivia grants the firm nine permissions in her books: no payroll, no team management.");
    let body = json!({
        "kind": "firm", "email": admin.person.email, "name": "Voss & Partners", "permissions": CONNECTION,
        "message": "Could you take over our books from December?",
    });
    let answer = kit
        .api
        .post("/v1/invitations")
        .by(&owner.person)
        .within(&owner.here)
        .json(body)
        .showing(&["/invitation/id", "/invitation/status", "/invitation/expires_at"])
        .ok(201)
        .await;
    assert_eq!(text(&answer, "/invitation/status"), "pending");
    let mail = cast::invitation_mail(kit, &admin.person.email, None).await;
    tell.mail(&mail);
    assert_eq!(bare(&mail.from), bare(&kit.stack.sender), "mail comes from the vendor's own address");
    let link = mail.link("/i/");

    tell.says("A mail scanner, a preview and then Adrian open the link. Opening it must change nothing.");
    let before = kit.table.trace(&owner.company.id).await;
    let page = kit.api.get(&link).send().await;
    assert_eq!(page.status, 200, "{}", page.text());
    let read = page_text(&page.text()).join(" ");
    for said in [owner.person.name.as_str(), owner.company.name.as_str()] {
        assert!(read.contains(said), "the page does not name {said}: {read}");
    }
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    for _ in 0..3 {
        assert_eq!(kit.api.clone_silent().get(&link).send().await.status, 200);
    }
    assert_eq!(kit.table.trace(&owner.company.id).await, before, "opening a link wrote something");
    tell.proved("Opened four times: the page shows the inviter and the offer, and the table did not change.");
    Invited {
        id: text(&answer, "/invitation/id"),
        email: admin.person.email.clone(),
        token: cast::token_in(&link),
        link,
        mail,
    }
}

/// Step 3: the firm accepts, once.
async fn accept_the_invitation(kit: &Kit, owner: &Owner, admin: &FirmAdmin, invited: &Invited) {
    let tell = &kit.narrator;
    tell.step(3, "The firm's admin accepts; accepting again changes nothing");
    tell.says("Adrian accepts on behalf of his firm, and clicks once more to be sure.");
    let body = json!({ "token": invited.token, "firm": admin.firm.id });
    let accept =
        || kit.api.post("/v1/invitations/accept").by(&admin.person).json(body.clone()).showing(&["/outcome", "/org"]);
    let answer = accept().ok(200).await;
    assert_eq!(text(&answer, "/outcome"), "accepted");
    assert_eq!(text(&answer, "/org/id"), owner.company.id);
    let before = kit.table.trace(&owner.company.id).await;
    let again = accept().ok(200).await;
    assert_eq!(text(&again, "/outcome"), "already_accepted");
    assert_eq!(kit.table.trace(&owner.company.id).await, before, "a second accept wrote something");
    let answer = kit.api.get("/v1/connections").by(&owner.person).within(&owner.here).ok(200).await;
    let connections = list(&answer, "connections");
    assert_eq!(connections.len(), 1, "{answer}");
    tell.proved("One connection; the second accept returned the same result and wrote nothing.");
}

/// Step 4: someone without an account gets one through the invitation's page, and a company to work on.
async fn bring_in_the_bookkeeper(kit: &Kit, owner: &Owner, admin: &FirmAdmin) -> Person {
    let tell = &kit.narrator;
    tell.step(4, "The admin invites a bookkeeper who has no account yet, and assigns the company");
    tell.says("Adrian invites Bea Lindt to his staff. She has no account yet.");
    let email = people::address("Bea Lindt");
    let invited = {
        let body = json!({ "kind": "staff", "email": email, "name": "Bea Lindt", "role": "bookkeeper" });
        let call = kit.api.post("/v1/invitations").by(&admin.person).within(&admin.here).json(body);
        let answer = call.showing(&["/invitation/id", "/invitation/kind", "/invitation/status"]).ok(201).await;
        let mail = cast::invitation_mail(kit, &email, None).await;
        tell.mail(&mail);
        let link = mail.link("/i/");
        Invited { id: text(&answer, "/invitation/id"), email: email.clone(), token: cast::token_in(&link), link, mail }
    };
    tell.says("Bea opens the link, sets name and password on the page, and submits the form.");
    kit.api.get(&invited.link).send().await.ok_page();
    let form = [("name", "Bea Lindt"), ("password", PASSWORD)];
    let page = kit.api.post(&format!("{}/account", invited.link)).form(&form).send().await;
    assert!(matches!(page.status, 200 | 201), "{}: {} {}", page.line, page.status, page.text());
    let bea = people::sign_in(kit, "Bea Lindt", &email, PASSWORD).await;
    tell.elsewhere("Cognito: InitiateAuth with her new password", "signed in; the link itself verified her address");
    let me = kit.api.get("/v1/me").by(&bea).ok(200).await;
    assert!(me.to_string().contains(&email), "the profile carries the invited address: {me}");

    tell.says("Adrian assigns Harbour Bicycles to her, with less than the firm itself may do there.");
    let path = format!("/v1/assignments/{}/{}", owner.company.id, bea.user);
    let body = json!({ "permissions": ASSIGNMENT });
    let answer = kit.api.put(&path).by(&admin.person).within(&admin.here).json(body).send().await;
    assert!(matches!(answer.status, 200 | 201), "{}: {} {}", answer.line, answer.status, answer.text());
    tell.proved("An account with a verified address, staff of the firm, one company assigned.");
    bea
}

/// Step 5: into the company, and only as far as the assignment goes.
async fn step_into_the_books(kit: &Kit, owner: &Owner, admin: &FirmAdmin, bea: Person) -> Bookkeeper {
    let tell = &kit.narrator;
    tell.step(5, "The bookkeeper switches into the company and sees what was granted, no more");
    tell.says("Bea lists the contexts that she can enter, and enters the company with a reason.");
    let answer = kit.api.get("/v1/contexts").by(&bea).ok(200).await;
    let ids: Vec<String> = list(&answer, "contexts").iter().map(|context| text(context, "/id")).collect();
    assert!(ids.contains(&owner.company.id) && ids.contains(&admin.firm.id), "{answer}");

    let inside = switch(kit, &bea, &owner.company.id, json!({ "reason": "Month-end close for November" })).await;
    assert_eq!(inside.via, "bookkeeper");
    let mut granted = inside.permissions.clone();
    granted.sort();
    let mut assigned = ASSIGNMENT.map(str::to_owned).to_vec();
    assigned.sort();
    assert_eq!(granted, assigned);

    tell.says("With the context token beside her identity she reads the dashboard …");
    let answer = kit.api.get("/v1/dashboard").by(&bea).within(&inside).ok(200).await;
    assert_eq!(text(&answer, "/company/name"), owner.company.name);

    tell.says("… and is refused on payroll and on team management, with the permission that was missing.");
    let problem = kit.api.get("/v1/access/payroll.view").by(&bea).within(&inside).refused(403, "not-granted").await;
    assert_eq!(text(&problem, "/permission"), "payroll.view");
    let path = format!("/v1/members/{}", owner.person.user);
    let problem = kit.api.delete(&path).by(&bea).within(&inside).refused(403, "not-granted").await;
    assert_eq!(text(&problem, "/permission"), "team.manage");
    tell.proved("Dashboard yes; payroll and team no: 403 names what is missing.");
    Bookkeeper { person: bea, inside }
}

/// Step 6: a large payment waits for someone other than its preparer.
async fn sign_off_a_payment(kit: &Kit, owner: &Owner, bookkeeper: &Bookkeeper) -> Ledger {
    let tell = &kit.narrator;
    tell.step(6, "The ledger reports a large payment; it needs the owner's approval");
    let company = owner.company.id.as_str();
    tell.says("Olivia sets a policy: payments of 5,000.00 EUR and more need an approval.");
    cast::approval_policy(kit, owner, APPROVAL_FROM_MINOR).await;

    tell.says("The ledger signs in with its own client credentials and reports a payment that Bea prepared.");
    let ledger = Ledger::sign_in(kit).await;
    tell.elsewhere("Cognito: client_credentials, scope countersign/ledger", "a machine token");
    let reference = "PAY-2026-118";
    let body = machine::transaction(PAYMENT_MINOR, Some(&bookkeeper.person.user));
    let answer = ledger.put(kit, company, "transactions", reference, body).await;
    assert!(matches!(answer.status, 200 | 201), "{}: {} {}", answer.line, answer.status, answer.text());
    assert_eq!(text(&answer.json(), "/transaction/approval"), "pending");
    let mail = kit
        .mailbox
        .wait_for(&owner.person.email, "approval request", |mail| {
            mail.text.contains(reference) || mail.text.contains("12,500.00") || mail.text.contains("12.500,00")
        })
        .await;
    tell.mail(&mail);

    tell.says("Bea may decide approvals, but not this one: she prepared it. Olivia approves it.");
    let path = format!("/v1/approvals/{reference}/decision");
    let yes = json!({ "decision": "approved" });
    let call = kit.api.post(&path).by(&bookkeeper.person).within(&bookkeeper.inside).json(yes);
    call.refused(403, "preparer-cannot-decide").await;
    let read = kit.api.get(&format!("/v1/approvals/{reference}")).by(&owner.person).within(&owner.here);
    let read = read.showing(&["/approval/payee", "/approval/amount_minor", "/approval/digest"]).ok(200).await;
    let yes = json!({ "decision": "approved", "digest": text(&read, "/approval/digest") });
    let call = kit.api.post(&path).by(&owner.person).within(&owner.here).json(yes);
    let shown = ["/approval/reference", "/approval/status", "/approval/decided_by_name", "/approval/decided_at"];
    call.showing(&shown).ok(200).await;

    tell.says("The ledger reads the decision back and can post the payment.");
    let path = format!("/v1/ledger/companies/{company}/transactions/{reference}");
    let shown =
        ["/transaction/reference", "/transaction/approval", "/transaction/decided_by_name", "/transaction/decided_at"];
    let answer = kit.api.get(&path).by(&ledger).showing(&shown).ok(200).await;
    assert_eq!(text(&answer, "/transaction/approval"), "approved");
    assert_eq!(text(&answer, "/transaction/decided_by"), owner.person.user);
    tell.proved("Two people, two roles: prepared by one, approved by the other, read back by the ledger.");
    ledger
}

/// Step 7: a contact of a customer pays an invoice through the provider, and it is settled once.
async fn pay_an_invoice(kit: &Kit, owner: &Owner, ledger: &Ledger) {
    let tell = &kit.narrator;
    tell.step(7, "The ledger reports an invoice; the customer pays it; the provider's webhook settles it once");
    let company = owner.company.id.as_str();
    let reference = "INV-2026-031";
    tell.says("The ledger reports an invoice.");
    let answer = ledger.put(kit, company, "invoices", reference, machine::invoice(reference, INVOICE_MINOR)).await;
    assert!(matches!(answer.status, 200 | 201), "{}: {} {}", answer.line, answer.status, answer.text());

    tell.says(
        "Cleo, the customer's contact, pays it in the portal: the amount is reserved, and the provider is asked for a \
         payment intent. How a contact is let in is told in the fourth act.",
    );
    let contact = cast::contact(&kit.quiet(), owner, machine::CUSTOMER, "Cleo Nord").await;
    let path = format!("/v1/customer-portal/invoices/{reference}/payments");
    let body = json!({ "amount_minor": INVOICE_MINOR, "currency": "EUR" });
    let call = kit.api.post(&path).by(&contact.person).within(&contact.here);
    let answer = call.key(&format!("pay-{}", people::unique())).json(body).ok(201).await;
    let payment = text(&answer, "/payment/id");
    assert_eq!(text(&answer, "/payment/status"), "pending");

    let secret = text(&answer, "/provider/client_secret");
    let intent = checkout::pay_by_card(kit, &secret).await;
    let status = intent.get("status").and_then(Value::as_str).unwrap_or_default();
    assert_eq!(status, "succeeded", "{intent}");
    tell.elsewhere(
        "Payment provider: her browser confirms with her card, which never touches us",
        "succeeded; the provider sends its signed webhook, and sends it again",
    );
    payment_settles(kit, owner, &payment).await;
    let call = kit.api.get(&format!("/v1/payments/{payment}")).by(&owner.person).within(&owner.here);
    call.showing(&["/payment/id", "/payment/status", "/payment/ended_at"]).ok(200).await;
    let call = kit.api.get(&format!("/v1/invoices/{reference}")).by(&owner.person).within(&owner.here);
    let shown =
        ["/invoice/reference", "/invoice/status", "/invoice/total_minor", "/invoice/paid_minor", "/invoice/due_minor"];
    let answer = call.showing(&shown).ok(200).await;
    assert_eq!(text(&answer, "/invoice/status"), "paid");
    let settled = events_of_type(kit, company, "payment.succeeded").await;
    assert_eq!(settled, 1, "the webhook came twice and must settle once");
    tell.proved("One payment.succeeded in the audit log, although the webhook was delivered twice.");
}

/// Step 8: one mail per crossing, however often the schedule runs.
async fn warn_of_a_low_balance(kit: &Kit, owner: &Owner, ledger: &Ledger) {
    let tell = &kit.narrator;
    tell.step(8, "A bank balance falls below the owner's threshold; the schedule mails her once");
    let company = owner.company.id.as_str();
    let reference = "BANK-EUR-1";
    tell.says("The ledger reports 9,000.00 EUR; Olivia sets a threshold of 2,000.00; the ledger reports 1,500.00.");
    ledger.balance(kit, company, reference, 900_000).await;
    let path = format!("/v1/bank-accounts/{reference}/threshold");
    let body = json!({ "threshold_minor": THRESHOLD_MINOR });
    let call = kit.api.put(&path).by(&owner.person).within(&owner.here).json(body);
    let shown =
        ["/bank_account/balance_minor", "/bank_account/threshold/threshold_minor", "/bank_account/below_threshold"];
    call.showing(&shown).ok(200).await;
    ledger.balance(kit, company, reference, LOW_BALANCE_MINOR).await;

    let warning = |mail: &crate::mailbox::Message| mail.text.contains("Current account");
    kit.invoke("notify", &json!({ "schedule": "thresholds" })).await.ok();
    tell.elsewhere("Lambda: the scheduled run of notify", "done");
    let mail = kit.mailbox.wait_for(&owner.person.email, "low balance warning", warning).await;
    tell.mail(&mail);

    tell.says("Five minutes later the schedule fires again, and again.");
    for _ in 0..2 {
        kit.invoke("notify", &json!({ "schedule": "thresholds" })).await.ok();
    }
    tell.elsewhere("Lambda: the scheduled run of notify, twice more", "done");
    let warnings = kit.mailbox.inbox(&owner.person.email).await.into_iter().filter(|mail| warning(mail)).count();
    assert_eq!(warnings, 1, "one mail per crossing");
    tell.proved("Three runs, one mail.");
}

/// Step 9: access ends with the next request, whatever tokens still say.
async fn lose_access(kit: &Kit, owner: &Owner, admin: &FirmAdmin, bookkeeper: &Bookkeeper) {
    let tell = &kit.narrator;
    tell.step(9, "Access ends at once, even while tokens are still valid");
    tell.says("Adrian, as the firm's admin, may enter every connected company without an assignment.");
    let inside = switch(kit, &admin.person, &owner.company.id, json!({})).await;
    assert_eq!(inside.via, "firm_admin");

    tell.says("Adrian removes Bea from the firm. Her tokens are valid for minutes more; her next request is refused.");
    let path = format!("/v1/staff/{}", bookkeeper.person.user);
    let call = kit.api.delete(&path).by(&admin.person).within(&admin.here);
    let answer = call.showing(&["/removed/name", "/removed/role", "/stops"]).send().await;
    assert!(matches!(answer.status, 200 | 204), "{}: {} {}", answer.line, answer.status, answer.text());
    let dashboard = |who: &Person, inside: &Context| kit.api.get("/v1/dashboard").by(who).within(inside).send_owned();
    dashboard(&bookkeeper.person, &bookkeeper.inside).await.refused(403, "not-granted");

    tell.says("Adrian can still read the dashboard. Then Olivia ends the connection, and he cannot.");
    let quiet = kit.api.clone_silent();
    quiet.get("/v1/dashboard").by(&admin.person).within(&inside).ok(200).await;
    let path = format!("/v1/connections/{}", admin.firm.id);
    let call = kit.api.delete(&path).by(&owner.person).within(&owner.here);
    let answer = call.showing(&["/removed", "/ended", "/stops"]).send().await;
    assert!(matches!(answer.status, 200 | 204), "{}: {} {}", answer.line, answer.status, answer.text());
    dashboard(&admin.person, &inside).await.refused(403, "not-granted");
    tell.proved("Both were refused at the next request: each request checks the access in the table.");
}

/// Step 10: who, through which firm, in which session, what, when.
async fn print_the_audit_trail(kit: &Kit, owner: &Owner, admin: &FirmAdmin, bookkeeper: &Bookkeeper) -> Vec<Value> {
    let tell = &kit.narrator;
    tell.step(10, "The company's audit log names every step");
    let mut trail = audit_trail(kit, &owner.person, &owner.here).await;
    trail.reverse();
    let happened: Vec<String> = trail.iter().map(|event| text(event, "/type")).collect();
    for kind in [
        "company.registered",
        "context.entered",
        "invitation.created",
        "invitation.accepted",
        "assignment.changed",
        "approval_policy.changed",
        "approval.requested",
        "approval.decided",
        "invoice.sent",
        "contact_access.started",
        "payment.started",
        "payment.succeeded",
        "bank_account.recorded",
        "threshold.set",
        "balance.below_threshold",
        "connection.ended",
    ] {
        assert!(happened.iter().any(|happened| happened == kind), "{kind} is not in the audit log: {happened:?}");
    }
    let entered = |user: &str| {
        trail
            .iter()
            .find(|event| {
                text(event, "/type") == "context.entered" && event.pointer("/actor/user") == Some(&json!(user))
            })
            .unwrap_or_else(|| panic!("nobody saw {user} enter"))
    };
    let bea = entered(&bookkeeper.person.user);
    assert_eq!(bea.pointer("/actor/firm").map(firm_of), Some(admin.firm.id.clone()), "{bea}");
    assert_eq!(text(bea, "/actor/session"), bookkeeper.inside.session);
    assert_eq!(text(bea, "/actor/reason"), "Month-end close for November");
    let decided = trail.iter().find(|event| text(event, "/type") == "approval.decided").expect("seen above");
    assert_eq!(text(decided, "/actor/user"), owner.person.user);
    assert_eq!(text(decided, "/actor/session"), owner.here.session);

    let heads = ["at (UTC)", "what", "who", "for", "session", "concerning"];
    let rows: Vec<Vec<String>> = trail.iter().map(|event| row(kit, event, admin)).collect();
    tell.says("Olivia reads the audit log of her company, GET /v1/audit:");
    tell.table(&heads, &rows);

    let mut inside_the_firm = audit_trail(kit, &admin.person, &admin.here).await;
    inside_the_firm.retain(|event| !trail.iter().any(|seen| seen.get("id") == event.get("id")));
    inside_the_firm.reverse();
    let types: Vec<String> = inside_the_firm.iter().map(|event| text(event, "/type")).collect();
    for kind in ["firm.registered", "invitation.accepted", "staff.removed"] {
        assert!(types.iter().any(|happened| happened == kind), "{kind} is not in the firm's audit log: {types:?}");
    }
    let rows: Vec<Vec<String>> = inside_the_firm.iter().map(|event| row(kit, event, admin)).collect();
    tell.says("Events inside the firm are in the firm's own audit log:");
    tell.table(&heads, &rows);
    trail
}

/// All events of the audit log, newest first, page by page.
pub async fn audit_trail(kit: &Kit, person: &Person, here: &Context) -> Vec<Value> {
    let quiet = kit.api.clone_silent();
    let mut events = Vec::new();
    let mut path = "/v1/audit?limit=50".to_owned();
    for _ in 0..20 {
        let page = quiet.get(&path).by(person).within(here).ok(200).await;
        events.extend(list(&page, "events").iter().cloned());
        match page.get("next_cursor").and_then(Value::as_str) {
            Some(cursor) => path = format!("/v1/audit?limit=50&cursor={cursor}"),
            None => return events,
        }
    }
    panic!("the audit log never ends");
}

/// Waits until the webhook has settled a payment.
///
/// # Panics
/// When that takes longer than 20 s.
pub async fn payment_settles(kit: &Kit, owner: &Owner, payment: &str) {
    let quiet = kit.api.clone_silent();
    let path = format!("/v1/payments/{payment}");
    for _ in 0..80 {
        let answer = quiet.get(&path).by(&owner.person).within(&owner.here).ok(200).await;
        match text(&answer, "/payment/status").as_str() {
            "pending" => tokio::time::sleep(std::time::Duration::from_millis(250)).await,
            "succeeded" => return,
            other => panic!("the payment is {other}: {answer}"),
        }
    }
    panic!("the payment is still pending: no webhook settled it");
}

/// How many events of one type an organisation's audit log has in the table.
pub async fn events_of_type(kit: &Kit, organisation: &str, kind: &str) -> usize {
    let events = kit.table.events(organisation).await;
    events.iter().filter(|event| crate::table::text(event, "type") == Some(kind)).count()
}

pub(crate) async fn introduce(kit: &Kit, name: &str, what: &str) -> Person {
    kit.narrator.says(&format!("{name} {what}."));
    let person = people::sign_up_at_the_identity_provider(kit, name, &people::address(name)).await;
    let signed_in = format!("signed in as {}", person.email);
    kit.narrator.elsewhere("Cognito: SignUp, ConfirmSignUp with the code from the mail, InitiateAuth", &signed_in);
    kit.api.post("/v1/me").by(&person).json(json!({ "name": name })).ok(201).await;
    person
}

pub(crate) async fn switch(kit: &Kit, person: &Person, org: &str, body: Value) -> Context {
    let call = kit.api.post(&format!("/v1/contexts/{org}")).by(person).json(body);
    let answer = call
        .showing(&[
            "/context_token",
            "/expires_at",
            "/context/name",
            "/context/via",
            "/context/role",
            "/context/session",
        ])
        .send()
        .await;
    assert!(matches!(answer.status, 200 | 201), "{}: {} {}", answer.line, answer.status, answer.text());
    cast::context(&answer.json())
}

/// A firm in an event's actor: an id, or an object with one.
fn firm_of(firm: &Value) -> String {
    firm.as_str().map_or_else(|| text(firm, "/id"), str::to_owned)
}

fn bare(address: &str) -> String {
    address.rsplit('<').next().unwrap_or(address).trim_end_matches('>').to_owned()
}

fn row(kit: &Kit, event: &Value, admin: &FirmAdmin) -> Vec<String> {
    let at = text(event, "/at").get(11..19).unwrap_or_default().to_owned();
    let actor = |key: &str| event.pointer(&format!("/actor/{key}")).filter(|value| !value.is_null());
    let machine = actor("machine").and_then(Value::as_str).map(|machine| {
        if machine == kit.stack.ledger_client_id {
            "the ledger".to_owned()
        } else if text(event, "/actor/via") == "schedule" {
            "the schedule".to_owned()
        } else {
            machine.to_owned()
        }
    });
    let who = actor("name").and_then(Value::as_str).map(str::to_owned).or(machine).unwrap_or_default();
    let firm = actor("firm").map_or_else(
        || "–".to_owned(),
        |firm| if firm_of(firm) == admin.firm.id { admin.firm.name.clone() } else { firm_of(firm) },
    );
    let session = actor("session").and_then(Value::as_str).map_or_else(|| "–".to_owned(), tail);
    let subject = text(event, "/subject/id");
    let subject = if subject.len() > 20 { tail(&subject) } else { subject };
    let concerning = format!("{} {subject}", text(event, "/subject/kind"));
    vec![at, text(event, "/type"), clip(&who, 16), firm, session, concerning]
}

/// The last six characters of an id: its random end, where its beginning is only the time.
fn tail(id: &str) -> String {
    let skip = id.chars().count().saturating_sub(6);
    format!("…{}", id.chars().skip(skip).collect::<String>())
}
