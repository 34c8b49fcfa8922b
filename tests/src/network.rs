//! The second act: a firm with three clients and two bookkeepers, from its client list to the record
//! of who could reach what.
//!
//! `demo` tells it after the ten steps, the test `story::the_second_act` silently. As there, nothing
//! is prepared and everyone gets a new address.

use serde_json::{Value, json};

use crate::Kit;
use crate::cast::{self, FirmAdmin, Organisation, Owner, list, text};
use crate::machine::Module;
use crate::people::{self, PASSWORD, Person};
use crate::stack::Stack;
use crate::story::{introduce, switch};
use crate::{aws, feedback};

/// What the firm asks its clients for.
const ASKED: [&str; 6] =
    ["dashboard.view", "invoices.view", "bank.view", "documents.view", "vat.view", "approvals.view"];
/// What the second bookkeeper gets of it.
const NARROWED: [&str; 2] = ["dashboard.view", "invoices.view"];
/// How often something that happens behind the scenes is looked for, at most.
const LOOKS: usize = 120;

/// How the second act ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ending {
    /// The firm.
    pub firm: Organisation,
    /// Its three clients.
    pub clients: Vec<Organisation>,
    /// How many entries its client list has.
    pub listed: usize,
}

/// A client with its books open.
struct Client {
    owner: Person,
    company: Organisation,
}

/// Tells all eight steps, numbered from 11.
///
/// # Panics
/// At the first step that does not go as it should.
pub async fn tell(kit: &Kit) -> Ending {
    let firm = open_the_firm(kit).await;
    let listed = import_the_client_list(kit, &firm).await;
    let bookkeepers = hire_two_bookkeepers(kit, &firm).await;
    let clients = win_three_clients(kit, &firm).await;
    follow_a_bounce(kit, &firm).await;
    spread_the_clients(kit, &firm, &bookkeepers, &clients).await;
    ask_for_more(kit, &firm, &bookkeepers, &clients).await;
    hand_over(kit, &firm, &bookkeepers, &clients).await;
    show_the_record(kit, &firm, &clients).await;
    Ending { firm: firm.firm, clients: clients.into_iter().map(|client| client.company).collect(), listed }
}

async fn open_the_firm(kit: &Kit) -> FirmAdmin {
    let tell = &kit.narrator;
    tell.step(11, "A new firm imports its client list from a spreadsheet");
    let person = introduce(kit, "Clara Brandt", "opens an accounting firm").await;
    let firm = cast::register_firm(kit, &person, "Brandt Accounting").await;
    let here = switch(kit, &person, &firm.id, json!({})).await;
    FirmAdmin { person, firm, here }
}

async fn import_the_client_list(kit: &Kit, firm: &FirmAdmin) -> usize {
    let tell = &kit.narrator;
    tell.says("She uploads events/clients.csv: semicolons, a header of her own, a second shop of one owner, a duplicate, a bad address.");
    let csv = std::fs::read(Stack::repository().join("events/clients.csv")).expect("the sample is there");
    let import = || {
        let call = kit.api.post("/v1/clients/import").by(&firm.person).within(&firm.here);
        call.raw("text/csv", csv.clone()).showing(&["/created", "/already_there", "/invalid"])
    };
    let answer = import().ok(200).await;
    assert_eq!((&answer["created"], &answer["invalid"]), (&json!(10), &json!(1)), "{answer}");
    tell.says("She uploads it again, to be sure.");
    let again = import().showing(&["/created", "/already_there", "/invalid"]).ok(200).await;
    assert_eq!(again["created"], 0, "{again}");
    tell.says("The list finds clients by the beginning of their names.");
    let page = kit.api.get("/v1/clients?q=caf%C3%A9").by(&firm.person).within(&firm.here);
    let page = page.showing(&["/clients/*/name", "/clients/*/status"]).ok(200).await;
    assert_eq!(list(&page, "clients").len(), 2, "{page}");
    let all = kit.api.clone_silent().get("/v1/clients?limit=100").by(&firm.person).within(&firm.here).ok(200).await;
    tell.proved("Each row has its own result; the second upload added nothing.");
    list(&all, "clients").len()
}

/// Two people without accounts, invited in one call; each link makes an account.
async fn hire_two_bookkeepers(kit: &Kit, firm: &FirmAdmin) -> [Person; 2] {
    let tell = &kit.narrator;
    tell.step(12, "Two bookkeepers are invited in one call, and join through their links");
    let names = ["Dora Engel", "Emil Falk"];
    let addresses = names.map(people::address);
    let rows: Vec<Value> = names
        .iter()
        .zip(&addresses)
        .map(|(name, email)| json!({ "kind": "staff", "email": email, "name": name, "role": "bookkeeper" }))
        .collect();
    let call = kit.api.post("/v1/invitations/bulk").by(&firm.person).within(&firm.here);
    let call = call.json(json!({ "invitations": rows })).showing(&["/created", "/already_there", "/invalid"]);
    assert_eq!(call.ok(200).await["created"], 2);
    let mut joined = Vec::new();
    for (name, email) in names.into_iter().zip(&addresses) {
        let link = cast::invitation_mail(kit, email, None).await.link("/i/");
        let body = json!({ "name": name, "password": PASSWORD });
        kit.api.clone_silent().post(&format!("{link}/account")).json(body).ok(201).await;
        joined.push(people::sign_in(kit, name, email, PASSWORD).await);
        tell.elsewhere(&format!("{name} opens the link and sets a password"), "an account, and a place on the staff");
    }
    let page = kit.api.clone_silent().get("/v1/staff").by(&firm.person).within(&firm.here).ok(200).await;
    assert_eq!(list(&page, "staff").len(), 3, "{page}");
    tell.proved("The firm has three people.");
    joined.try_into().unwrap_or_else(|_| panic!("two joined"))
}

/// Three ways in: from the list without an account, through a link, and with a company of one's own.
async fn win_three_clients(kit: &Kit, firm: &FirmAdmin) -> [Client; 3] {
    let tell = &kit.narrator;
    tell.step(13, "Three clients connect in three ways; each agrees to the consent text");

    tell.says("Clara corrects an address on her list and invites that client from there.");
    let email = people::address("Greta Hahn");
    let id = listed(kit, firm, "B%C3%A4ckerei").await;
    let body = json!({ "email": email });
    let call = kit.api.patch(&format!("/v1/clients/{id}")).by(&firm.person).within(&firm.here).json(body);
    call.showing(&["/client/name", "/client/status"]).ok(200).await;
    invite_from_the_list(kit, firm, &id).await;
    let mail = cast::invitation_mail(kit, &email, None).await;
    tell.mail(&mail);
    let link = mail.link("/i/");
    tell.says("Greta has no account. The page asks for her consent, and makes account and company in one step.");
    let page = kit.api.get(&link).send().await;
    page.ok_page();
    let body = json!({
        "name": "Greta Hahn", "password": PASSWORD, "consent": consent_on(&page.text()),
        "company": { "name": "Bäckerei Krüger", "currency": "EUR", "time_zone": "Europe/Berlin" },
    });
    let answer = kit.api.clone_silent().post(&format!("{link}/account")).json(body).ok(201).await;
    let greta = people::sign_in(kit, "Greta Hahn", &email, PASSWORD).await;
    let company = Organisation { id: text(&answer, "/accepted/company"), name: "Bäckerei Krüger".to_owned() };
    let first = Client { owner: greta, company };

    tell.says("A poster at a trade fair shows a registration link as a QR code, for up to ten clients.");
    let body = json!({ "label": "Trade fair", "permissions": ASKED, "max_uses": 10, "expires_in_days": 30 });
    let call = kit.api.post("/v1/registration-links").by(&firm.person).within(&firm.here).json(body);
    let made = call.showing(&["/registration_link/label", "/registration_link/state", "/url"]).ok(201).await;
    let id = text(&made, "/registration_link/id");
    let path = format!("/v1/registration-links/{id}/qr?format=svg");
    let picture = kit.api.clone_silent().get(&path).by(&firm.person).within(&firm.here).send().await;
    assert!(picture.status == 200 && picture.text().contains("<svg"), "{}", picture.status);
    let ivo = introduce(kit, "Ivo Jansen", "scans it").await;
    let shown = json!({ "token": cast::token_in(&text(&made, "/url")) });
    let call = kit.api.post("/v1/registrations/preview").by(&ivo).json(shown.clone());
    let preview = call.showing(&["/firm/name", "/billing_owner", "/consent/version"]).ok(200).await;
    let body = json!({
        "token": shown["token"], "company": { "name": "Jansen Boats", "currency": "EUR" },
        "consent": agreed(&preview["consent"]),
    });
    let call = kit.api.post("/v1/registrations").by(&ivo).json(body);
    let made = call.showing(&["/company/name", "/connection/firm/name", "/referred_by"]).ok(201).await;
    let company = Organisation { id: text(&made, "/company/id"), name: text(&made, "/company/name") };
    let second = Client { owner: ivo, company };

    tell.says("The third has a company already. The portal shows her the pending invitation; she names the company that accepts.");
    let katja = introduce(kit, "Katja Lenz", "runs a print shop").await;
    let company = cast::register_company(kit, &katja, "Lenz Print").await;
    let body = json!({ "kind": "client", "email": katja.email, "permissions": ASKED });
    cast::invite(kit, &firm.person, &firm.here, body).await;
    let banner = kit.api.get("/v1/me/invitations").by(&katja);
    let banner = banner.showing(&["/invitations/*/kind", "/invitations/*/org/name"]).ok(200).await;
    let waiting = &list(&banner, "invitations")[0];
    let path = format!("/v1/me/invitations/{}/accept", text(waiting, "/id"));
    let body = json!({ "company": company.id, "consent": agreed(&waiting["consent"]) });
    kit.api.post(&path).by(&katja).json(body).showing(&["/outcome"]).ok(200).await;
    let third = Client { owner: katja, company };

    let active = kit.api.get("/v1/clients?status=active").by(&firm.person).within(&firm.here);
    let active = active.showing(&["/clients/*/name"]).ok(200).await;
    assert_eq!(list(&active, "clients").len(), 3, "{active}");
    tell.proved(
        "Three clients, each connected with the permissions that its owner agreed to; the consents are recorded.",
    );
    [first, second, third]
}

/// SES says that a letter came back.
async fn follow_a_bounce(kit: &Kit, firm: &FirmAdmin) {
    let tell = &kit.narrator;
    tell.step(14, "A letter bounces: the client list shows it, and only another address gets letters");
    let client = listed(kit, firm, "Studio").await;
    let wrong = people::address("Wrong Address");
    let path = format!("/v1/clients/{client}");
    let api = kit.api.clone_silent();
    api.patch(&path).by(&firm.person).within(&firm.here).json(json!({ "email": wrong })).ok(200).await;
    let invitation = invite_from_the_list(kit, firm, &client).await;
    cast::invitation_mail(kit, &wrong, None).await;
    let report = feedback::report("bounce", &invitation, 1, &wrong);
    aws::publish(&kit.stack, &kit.http, &kit.stack.feedback_topic, &report.to_string()).await;
    tell.elsewhere(
        "SES: the mailbox does not exist; the report goes through topic and queue to feedback",
        "a permanent bounce",
    );
    let mut bounced = json!(null);
    for _ in 0..LOOKS {
        bounced = api.get(&path).by(&firm.person).within(&firm.here).ok(200).await;
        if text(&bounced, "/client/status") == "bounced" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(text(&bounced, "/client/status"), "bounced", "{bounced}");
    let resend = format!("/v1/invitations/{invitation}/resend");
    let call = kit.api.post(&resend).by(&firm.person).within(&firm.here).json(json!({}));
    let problem = call.refused(409, "conflict").await;
    assert_eq!(text(&problem, "/state"), "bounced");
    let right = people::address("Right Address");
    let call = kit.api.post(&resend).by(&firm.person).within(&firm.here).json(json!({ "email": right }));
    call.showing(&["/invitation/status", "/invitation/delivery"]).ok(200).await;
    cast::invitation_mail(kit, &right, None).await;
    tell.proved("Shown in the list, blocked until corrected, sent again to the right address.");
}

async fn spread_the_clients(kit: &Kit, firm: &FirmAdmin, bookkeepers: &[Person; 2], clients: &[Client; 3]) {
    let tell = &kit.narrator;
    let [dora, emil] = bookkeepers;
    tell.step(15, "The clients are assigned to the staff; each bookkeeper switches between clients and back");
    for (client, bookkeeper, permissions) in
        [(0, dora, None), (1, dora, None), (2, emil, Some(NARROWED.as_slice())), (0, emil, Some(NARROWED.as_slice()))]
    {
        cast::assign(kit, firm, &clients[client].company.id, &bookkeeper.user, permissions).await;
    }
    tell.says("Dora finds a client by the beginning of its name, enters it, and returns to the firm.");
    let found = kit.api.get("/v1/contexts?kind=client&q=jans").by(dora);
    let found = found.showing(&["/contexts/*/name", "/contexts/*/via", "/contexts/*/role"]).ok(200).await;
    assert_eq!(text(&found, "/contexts/0/id"), clients[1].company.id, "{found}");
    let inside = switch(kit, dora, &clients[1].company.id, json!({ "reason": "VAT return" })).await;
    kit.api.clone_silent().get("/v1/dashboard").by(dora).within(&inside).ok(200).await;
    switch(kit, dora, &firm.firm.id, json!({})).await;
    let refused = kit.api.post(&format!("/v1/contexts/{}", clients[2].company.id)).by(dora).json(json!({}));
    refused.refused(404, "not-found").await;
    tell.proved("A client that is not assigned to her is 404.");
}

/// A bookkeeper asks for more, for a time.
async fn ask_for_more(kit: &Kit, firm: &FirmAdmin, bookkeepers: &[Person; 2], clients: &[Client; 3]) {
    let tell = &kit.narrator;
    let emil = &bookkeepers[1];
    tell.step(16, "A bookkeeper asks for one more permission, for four hours; the admin grants it");
    let here = cast::enter(kit, emil, &firm.firm.id).await;
    let company = &clients[2].company.id;
    let body = json!({ "company": company, "permissions": ["bank.view"], "for_hours": 4, "reason": "Cash check" });
    let call = kit.api.post("/v1/access-requests").by(emil).within(&here).json(body);
    let asked = call.showing(&["/access_request/status", "/access_request/for_hours"]).ok(201).await;
    let path = format!("/v1/access-requests/{}/grant", text(&asked, "/access_request/id"));
    let call = kit.api.post(&path).by(&firm.person).within(&firm.here).json(json!({}));
    call.showing(&["/access_request/status", "/access_request/granted_until"]).ok(200).await;
    let inside = cast::enter(kit, emil, company).await;
    assert!(inside.permissions.iter().any(|permission| permission == "bank.view"), "{:?}", inside.permissions);

    tell.says("A module of the vendor's own product checks live what Emil may do there.");
    let module = Module::sign_in(kit).await;
    let body = json!({ "token": inside.token, "permissions": ["bank.view", "vat.view"] });
    let call = kit.api.post("/v1/authorize").by(&module).json(body);
    let answer = call.showing(&["/allowed", "/permissions"]).ok(200).await;
    assert_eq!(answer["allowed"], false, "{answer}");
    tell.proved("Granted for four hours on top of his permissions; no job has to run for it to end.");
}

/// The third client changes firms.
async fn hand_over(kit: &Kit, firm: &FirmAdmin, bookkeepers: &[Person; 2], clients: &[Client; 3]) {
    let tell = &kit.narrator;
    let [_, _, client] = clients;
    tell.step(17, "A client changes its firm: the new one accepts, and the old connection ends in the same change");
    let emil = &bookkeepers[1];
    let inside = cast::enter(kit, emil, &client.company.id).await;
    let other = introduce(kit, "Lars Meyer", "runs another firm").await;
    let other_firm = cast::register_firm(kit, &other, "Meyer & Co").await;
    let here = switch(kit, &client.owner, &client.company.id, json!({})).await;
    let path = format!("/v1/connections/{}/removal", firm.firm.id);
    tell.says("Before she decides, Katja previews what would stop working.");
    kit.api.get(&path).by(&client.owner).within(&here).showing(&["/stops"]).ok(200).await;
    let body = json!({ "kind": "firm", "email": other.email, "permissions": ASKED, "replaces": firm.firm.id });
    let invited = cast::invite(kit, &client.owner, &here, body).await;
    kit.api.clone_silent().get("/v1/dashboard").by(emil).within(&inside).ok(200).await;
    let body = json!({ "token": invited.token, "firm": other_firm.id });
    kit.api.post("/v1/invitations/accept").by(&other).json(body).showing(&["/outcome", "/org"]).ok(200).await;
    kit.api.get("/v1/dashboard").by(emil).within(&inside).refused(403, "not-granted").await;
    let there = cast::enter(kit, &other, &client.company.id).await;
    assert_eq!(there.via, "firm_admin");
    tell.proved("There was never a moment with both firms or with neither.");
}

/// The audit log across clients, sealed and verified; and who could reach what.
async fn show_the_record(kit: &Kit, firm: &FirmAdmin, clients: &[Client; 3]) {
    let tell = &kit.narrator;
    tell.step(18, "Everything is recorded and sealed, and reported for any instant");
    let [_, _, client] = clients;
    let owner = Owner {
        person: client.owner.clone(),
        company: client.company.clone(),
        here: cast::enter(kit, &client.owner, &client.company.id).await,
    };
    let event =
        json!({ "schedule": "sealing", "settled_after_s": 0, "only": { "kind": "company", "id": owner.company.id } });
    kit.invoke("seal", &event).await.ok();
    tell.elsewhere("Lambda: the scheduled run of seal", "all events so far are in the signed chain");
    let call = kit.api.get("/v1/audit/verify").by(&owner.person).within(&owner.here);
    let verified = call.showing(&["/status", "/findings"]).ok(200).await;
    assert_eq!(text(&verified, "/status"), "intact");
    tell.says("Who could reach Lenz Print just before the handover, and who can now?");
    let quiet = kit.api.clone_silent();
    let trail = quiet.get("/v1/audit?type=connection.ended").by(&owner.person).within(&owner.here);
    let ended = trail.ok(200).await;
    let at: jiff::Timestamp = text(&ended, "/events/0/at").parse().expect("a time");
    let before = at - jiff::SignedDuration::from_millis(1);
    for (when, path) in [("before", format!("/v1/access-report?at={before}")), ("now", "/v1/access-report".to_owned())]
    {
        let report = quiet.get(&path).by(&owner.person).within(&owner.here).ok(200).await;
        let vias: Vec<String> = list(&report, "access").iter().map(|reach| text(reach, "/via")).collect();
        tell.event(when, &vias.join(", "));
        let bookkeepers = vias.iter().filter(|via| *via == "bookkeeper").count();
        assert_eq!(bookkeepers, usize::from(when == "before"), "{report}");
    }
    tell.says("The firm exports the events at its clients as a spreadsheet.");
    let call = quiet.get("/v1/audit/export?format=csv&of=clients").by(&firm.person).within(&firm.here);
    let csv = call.send().await;
    assert_eq!(csv.status, 200, "{}", csv.text());
    tell.event("exported", &format!("{} lines of CSV", csv.text().lines().count()));
    tell.proved("The chain is intact; the report is computed from the same events.");
}

/// The one entry of the list whose name begins so.
async fn listed(kit: &Kit, firm: &FirmAdmin, q: &str) -> String {
    let path = format!("/v1/clients?q={q}");
    let page = kit.api.clone_silent().get(&path).by(&firm.person).within(&firm.here).ok(200).await;
    assert_eq!(list(&page, "clients").len(), 1, "{page}");
    text(&page, "/clients/0/id")
}

/// Invites one client from the list, and answers the invitation's id.
async fn invite_from_the_list(kit: &Kit, firm: &FirmAdmin, client: &str) -> String {
    let body = json!({ "clients": [client], "permissions": ASKED, "message": "Shall we start in December?" });
    let call = kit.api.post("/v1/clients/invitations").by(&firm.person).within(&firm.here).json(body);
    let answer = call.showing(&["/created"]).ok(200).await;
    text(&answer, "/rows/0/invitation")
}

/// The consent that a page asks for, as its form would send it.
fn consent_on(html: &str) -> Value {
    let hidden = |name: &str| {
        let (_, rest) = html.split_once(&format!("name=\"{name}\" value=\"")).expect("the page has the field");
        rest.split('"').next().unwrap_or_default().to_owned()
    };
    json!({ "version": hidden("consent_version"), "digest": hidden("consent_digest") })
}

/// Agreeing to a consent text that was shown.
fn agreed(shown: &Value) -> Value {
    json!({ "version": shown["version"], "digest": shown["digest"] })
}
