//! Route × role × relationship (PROOF 1), generated from one table of routes and one of presets.
//!
//! Each route has a harmless request: when it is let through it reads, or it asks for something that
//! does not exist, so that the shared company stays as it is. A route of `docs/openapi.json` without a
//! row here fails `every_route_has_a_row`.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use tests::cast::{self, Context, FirmAdmin, Owner, World};
use tests::http::Answer;
use tests::people::Person;
use tests::stack::Stack;
use tests::{Kit, kit, people, run};

use crate::support::{all_of, call};

/// How a route knows who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Auth {
    /// Nobody needs to sign in.
    Public,
    /// An access token.
    Identity,
    /// The ledger's access token.
    Machine,
    /// The access token of a module that the vendor's own product hosts.
    Module,
    /// The vendor's access token with the scope for referrals.
    Vendor,
    /// An access token and a context, in a company, with a permission.
    Company(&'static str),
    /// An access token and a context, in a firm, with a permission.
    Firm(&'static str),
}

/// One row: a route, what it asks for, and a harmless request with the status it gets when let through.
pub(crate) struct Row {
    pub(crate) function: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) auth: Auth,
    body: fn() -> Value,
    let_through: u16,
}

const NOTHING: fn() -> Value = || Value::Null;
const NOBODY: &str = "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b";

const fn row(
    function: &'static str,
    method: &'static str,
    path: &'static str,
    auth: Auth,
    body: fn() -> Value,
    let_through: u16,
) -> Row {
    Row { function, method, path, auth, body, let_through }
}

/// Every route of the API. Two rows of one route differ in what the body asks for.
pub(crate) fn rows() -> Vec<Row> {
    use Auth::{Company, Firm, Identity, Machine, Module, Public, Vendor};
    let words: fn() -> Value = || json!({ "text": "Nobody will read this" });
    vec![
        row("account", "GET", "/v1/me", Identity, NOTHING, 200),
        row("account", "POST", "/v1/me", Identity, NOTHING, 0),
        row("account", "PATCH", "/v1/me", Identity, NOTHING, 0),
        row("account", "POST", "/v1/companies", Identity, NOTHING, 0),
        row("account", "POST", "/v1/firms", Identity, NOTHING, 0),
        row("switch-context", "GET", "/v1/contexts", Identity, NOTHING, 200),
        row("switch-context", "POST", "/v1/contexts/{org}", Identity, NOTHING, 0),
        row("switch-context", "POST", "/v1/contexts/refresh", Company(""), NOTHING, 200),
        row("switch-context", "POST", "/v1/contexts/leave", Company(""), NOTHING, 204),
        row("switch-context", "GET", "/v1/roles", Identity, NOTHING, 200),
        row("switch-context", "GET", "/v1/access/{permission}", Company("payroll.view"), NOTHING, 200),
        row("switch-context", "GET", "/.well-known/jwks.json", Public, NOTHING, 200),
        row("invite", "POST", "/v1/invitations", Company("team.manage"), member_invitation, 201),
        row("invite", "POST", "/v1/invitations", Company("connections.manage"), firm_invitation, 201),
        row("invite", "POST", "/v1/invitations", Firm("staff.manage"), staff_invitation, 201),
        row("invite", "POST", "/v1/invitations/bulk", Company("team.manage"), || rows_of(member_invitation()), 200),
        row(
            "invite",
            "POST",
            "/v1/invitations/bulk",
            Company("connections.manage"),
            || rows_of(firm_invitation()),
            200,
        ),
        row("invite", "POST", "/v1/invitations/bulk", Firm("staff.manage"), || rows_of(staff_invitation()), 200),
        row("invite", "POST", "/v1/invitations/bulk", Firm("clients.manage"), || rows_of(client_invitation()), 200),
        row("invite", "POST", "/v1/clients/invitations", Firm("clients.manage"), no_client, 200),
        row("invite", "POST", "/v1/invitations", Firm("clients.manage"), client_invitation, 201),
        row("invite", "GET", "/v1/invitations", Company("connections.manage"), NOTHING, 200),
        row("invite", "GET", "/v1/invitations", Firm("clients.manage"), NOTHING, 200),
        row("invite", "POST", "/v1/invitations/{id}/resend", Company("team.manage"), || json!({}), 404),
        row("invite", "POST", "/v1/invitations/{id}/resend", Firm("staff.manage"), || json!({}), 404),
        row("invite", "POST", "/v1/invitations/{id}/revoke", Company("team.manage"), || json!({}), 404),
        row("invite", "POST", "/v1/invitations/{id}/revoke", Firm("staff.manage"), || json!({}), 404),
        row("accept", "GET", "/i/{token}", Public, NOTHING, 404),
        row("accept", "GET", "/i/{token}/qr.png", Public, NOTHING, 404),
        row("accept", "POST", "/i/{token}/account", Public, NOTHING, 0),
        row("accept", "POST", "/v1/invitations/accept", Identity, NOTHING, 0),
        row("accept", "POST", "/v1/invitations/reject", Identity, NOTHING, 0),
        row("accept", "GET", "/v1/me/invitations", Identity, NOTHING, 200),
        row("accept", "POST", "/v1/me/invitations/{id}/accept", Identity, NOTHING, 0),
        row("accept", "POST", "/v1/me/invitations/{id}/reject", Identity, NOTHING, 0),
        row("team", "GET", "/v1/members", Company("team.view"), NOTHING, 200),
        row("team", "PATCH", "/v1/members/{user}", Company("team.manage"), || json!({ "role": "client" }), 404),
        row("team", "DELETE", "/v1/members/{user}", Company("team.manage"), NOTHING, 404),
        row("team", "GET", "/v1/staff", Firm("staff.view"), NOTHING, 200),
        row("team", "PATCH", "/v1/staff/{user}", Firm("staff.manage"), || json!({ "role": "bookkeeper" }), 404),
        row("team", "DELETE", "/v1/staff/{user}", Firm("staff.manage"), NOTHING, 404),
        row("team", "GET", "/v1/connections", Company("connections.view"), NOTHING, 200),
        row("team", "GET", "/v1/connections", Firm("clients.view"), NOTHING, 200),
        row("team", "DELETE", "/v1/connections/{org}", Company("connections.manage"), NOTHING, 404),
        row("team", "DELETE", "/v1/connections/{org}", Firm("clients.manage"), NOTHING, 404),
        row("team", "GET", "/v1/assignments", Firm("staff.view"), NOTHING, 200),
        row("team", "GET", "/v1/assignments", Company("connections.view"), NOTHING, 200),
        row("team", "PUT", "/v1/assignments/{company}/{user}", Firm("staff.manage"), || json!({}), 404),
        row("team", "DELETE", "/v1/assignments/{company}/{user}", Firm("staff.manage"), NOTHING, 404),
        row("team", "DELETE", "/v1/assignments/{company}/{user}", Company("connections.manage"), NOTHING, 404),
        row("team", "GET", "/v1/members/{user}/removal", Company("team.manage"), NOTHING, 404),
        row("team", "GET", "/v1/staff/{user}/removal", Firm("staff.manage"), NOTHING, 404),
        row("team", "PATCH", "/v1/connections/{org}", Company("connections.manage"), less, 404),
        row("team", "GET", "/v1/connections/{org}/removal", Company("connections.manage"), NOTHING, 404),
        row("team", "GET", "/v1/connections/{org}/removal", Firm("clients.manage"), NOTHING, 404),
        row("team", "GET", "/v1/connections/{org}/consents", Company("connections.view"), NOTHING, 200),
        row("team", "GET", "/v1/connections/{org}/consents", Firm("clients.view"), NOTHING, 200),
        row("team", "GET", "/v1/assignments/{company}/{user}/removal", Firm("staff.manage"), NOTHING, 404),
        row("team", "GET", "/v1/assignments/{company}/{user}/removal", Company("connections.manage"), NOTHING, 404),
        row("team", "POST", "/v1/access-requests", Company(""), nothing_asked, 422),
        row("team", "GET", "/v1/access-requests", Company("team.manage"), NOTHING, 200),
        row("team", "GET", "/v1/access-requests", Firm("staff.manage"), NOTHING, 200),
        row("team", "GET", "/v1/access-requests/mine", Company(""), NOTHING, 200),
        row("team", "POST", "/v1/access-requests/{id}/grant", Company("team.manage"), || json!({}), 404),
        row("team", "POST", "/v1/access-requests/{id}/grant", Firm("staff.manage"), || json!({}), 404),
        row("team", "POST", "/v1/access-requests/{id}/refuse", Company("team.manage"), || json!({}), 404),
        row("team", "POST", "/v1/access-requests/{id}/refuse", Firm("staff.manage"), || json!({}), 404),
        row("team", "POST", "/v1/access-requests/{id}/withdraw", Company(""), || json!({}), 404),
        row("clients", "POST", "/v1/clients", Firm("clients.manage"), new_client, 201),
        row("clients", "GET", "/v1/clients", Firm("clients.view"), NOTHING, 200),
        row("clients", "GET", "/v1/clients/{id}", Firm("clients.view"), NOTHING, 404),
        row("clients", "PATCH", "/v1/clients/{id}", Firm("clients.manage"), || json!({ "name": "Renamed" }), 404),
        row("clients", "DELETE", "/v1/clients/{id}", Firm("clients.manage"), NOTHING, 404),
        row(
            "clients",
            "POST",
            "/v1/clients/import",
            Firm("clients.manage"),
            || json!({ "clients": [new_client()] }),
            200,
        ),
        row("approve", "GET", "/v1/approvals", Company("approvals.view"), NOTHING, 200),
        row("approve", "GET", "/v1/approvals/{reference}", Company("approvals.view"), NOTHING, 404),
        row(
            "approve",
            "POST",
            "/v1/approvals/{reference}/decision",
            Company("approvals.decide"),
            || json!({ "decision": "approved" }),
            404,
        ),
        row("approve", "GET", "/v1/approval-policy", Company("approvals.view"), NOTHING, 200),
        row("approve", "PUT", "/v1/approval-policy", Company("approvals.manage"), same_policy, 200),
        row("sales", "GET", "/v1/invoices", Company("invoices.view"), NOTHING, 200),
        row("sales", "GET", "/v1/invoices/{reference}", Company("invoices.view"), NOTHING, 404),
        row("sales", "GET", "/v1/invoices/{reference}/comments", Company("invoices.view"), NOTHING, 404),
        row("sales", "POST", "/v1/invoices/{reference}/comments", Company("invoices.comment"), words, 404),
        row("sales", "GET", "/v1/estimates", Company("estimates.view"), NOTHING, 200),
        row("sales", "GET", "/v1/estimates/{reference}", Company("estimates.view"), NOTHING, 404),
        row("sales", "GET", "/v1/estimates/{reference}/comments", Company("estimates.view"), NOTHING, 404),
        row("sales", "POST", "/v1/estimates/{reference}/comments", Company("estimates.comment"), words, 404),
        row(
            "sales",
            "POST",
            "/v1/estimates/{reference}/decision",
            Company("estimates.decide"),
            || json!({ "decision": "accepted" }),
            404,
        ),
        row("dashboard", "GET", "/v1/dashboard", Company("dashboard.view"), NOTHING, 200),
        row("dashboard", "GET", "/v1/bank-accounts", Company("bank.view"), NOTHING, 200),
        row("dashboard", "GET", "/v1/bank-accounts/{reference}", Company("bank.view"), NOTHING, 404),
        row(
            "dashboard",
            "PUT",
            "/v1/bank-accounts/{reference}/threshold",
            Company("bank.manage"),
            || json!({ "threshold_minor": 1 }),
            404,
        ),
        row("pay", "POST", "/v1/payments", Company("payments.pay"), no_payment, 404),
        row("pay", "GET", "/v1/payments/{id}", Company("payments.view"), NOTHING, 404),
        row("pay", "POST", "/v1/payments/{id}/cancel", Company("payments.pay"), NOTHING, 404),
        row("pay", "POST", "/v1/webhooks/stripe", Public, NOTHING, 0),
        row("ledger", "GET", "/v1/ledger/companies/{company}/transactions/{reference}", Machine, NOTHING, 404),
        row("ledger", "PUT", "/v1/ledger/companies/{company}/transactions/{reference}", Machine, NOTHING, 0),
        row("ledger", "GET", "/v1/ledger/companies/{company}/invoices/{reference}", Machine, NOTHING, 404),
        row("ledger", "PUT", "/v1/ledger/companies/{company}/invoices/{reference}", Machine, NOTHING, 0),
        row("ledger", "GET", "/v1/ledger/companies/{company}/estimates/{reference}", Machine, NOTHING, 404),
        row("ledger", "PUT", "/v1/ledger/companies/{company}/estimates/{reference}", Machine, NOTHING, 0),
        row("ledger", "GET", "/v1/ledger/companies/{company}/bank-accounts/{reference}", Machine, NOTHING, 404),
        row("ledger", "PUT", "/v1/ledger/companies/{company}/bank-accounts/{reference}", Machine, NOTHING, 0),
        row("authorize", "POST", "/v1/authorize", Module, NOTHING, 0),
        row("register", "POST", "/v1/registration-links", Firm("clients.manage"), || json!({ "label": "Matrix" }), 201),
        row("register", "GET", "/v1/registration-links", Firm("clients.view"), NOTHING, 200),
        row("register", "GET", "/v1/registration-links/{id}", Firm("clients.view"), NOTHING, 404),
        row("register", "POST", "/v1/registration-links/{id}/revoke", Firm("clients.manage"), || json!({}), 404),
        row("register", "GET", "/v1/registration-links/{id}/qr", Firm("clients.view"), NOTHING, 404),
        row("register", "POST", "/v1/signup-codes", Firm("clients.manage"), || json!({ "label": "Matrix" }), 201),
        row("register", "GET", "/v1/signup-codes", Firm("clients.view"), NOTHING, 200),
        row("register", "GET", "/v1/signup-codes/{id}", Firm("clients.view"), NOTHING, 404),
        row("register", "POST", "/v1/signup-codes/{id}/revoke", Firm("clients.manage"), || json!({}), 404),
        row("register", "PUT", "/v1/vendor/signup-codes/{reference}", Vendor, NOTHING, 0),
        row("register", "GET", "/v1/vendor/signup-codes/{reference}", Vendor, NOTHING, 404),
        row("register", "POST", "/v1/vendor/signup-codes/{reference}/revoke", Vendor, NOTHING, 0),
        row("register", "GET", "/r/{token}", Public, NOTHING, 404),
        row("register", "POST", "/v1/registrations/preview", Identity, NOTHING, 0),
        row("register", "POST", "/v1/registrations", Identity, NOTHING, 0),
        row("referrals", "GET", "/v1/referrals", Firm("clients.view"), NOTHING, 200),
        row("referrals", "GET", "/v1/referral-agreement", Firm("clients.view"), NOTHING, 200),
        row("referrals", "GET", "/v1/bonuses", Firm("clients.view"), NOTHING, 200),
        row("referrals", "GET", "/v1/billing", Company("billing.view"), NOTHING, 200),
        row("referrals", "PUT", "/v1/billing", Company("billing.manage"), || json!({ "owner": "company" }), 200),
        row("referrals", "GET", "/v1/billing-offers", Firm("clients.view"), NOTHING, 200),
        row("referrals", "PUT", "/v1/billing-offers/{company}", Firm("clients.manage"), || json!({}), 404),
        row("referrals", "DELETE", "/v1/billing-offers/{company}", Firm("clients.manage"), NOTHING, 404),
        row("referrals", "GET", "/v1/vendor/firms/{firm}/referral-agreement", Vendor, NOTHING, 404),
        row("referrals", "PUT", "/v1/vendor/firms/{firm}/referral-agreement", Vendor, NOTHING, 0),
        row("referrals", "GET", "/v1/vendor/firms/{firm}/referrals", Vendor, NOTHING, 404),
        row("referrals", "PUT", "/v1/vendor/firms/{firm}/referrals/{company}", Vendor, NOTHING, 0),
        row("referrals", "PUT", "/v1/vendor/firms/{firm}/referrals/{company}/reversal", Vendor, NOTHING, 0),
        row("referrals", "GET", "/v1/vendor/firms/{firm}/bonuses", Vendor, NOTHING, 404),
        row("referrals", "PUT", "/v1/vendor/firms/{firm}/payouts/{reference}", Vendor, NOTHING, 0),
        row("referrals", "GET", "/v1/vendor/companies/{company}/billing", Vendor, NOTHING, 404),
        row("audit", "GET", "/v1/audit", Company("audit.view"), NOTHING, 200),
        row("audit", "GET", "/v1/audit", Firm("audit.view"), NOTHING, 200),
        row("audit", "GET", "/v1/audit/export", Company("audit.view"), NOTHING, 200),
        row("audit", "GET", "/v1/audit/export", Firm("audit.view"), NOTHING, 200),
        row("audit", "POST", "/v1/audit/exports", Company("audit.view"), old_export, 202),
        row("audit", "POST", "/v1/audit/exports", Firm("audit.view"), old_export, 202),
        row("audit", "GET", "/v1/audit/exports/{id}", Company("audit.view"), NOTHING, 404),
        row("audit", "GET", "/v1/audit/exports/{id}", Firm("audit.view"), NOTHING, 404),
        row("audit", "GET", "/v1/audit/verify", Company("audit.view"), NOTHING, 200),
        row("audit", "GET", "/v1/audit/verify", Firm("audit.view"), NOTHING, 200),
        row("audit", "GET", "/v1/access-report", Company("audit.view"), NOTHING, 200),
        row("audit", "GET", "/v1/access-report", Firm("audit.view"), NOTHING, 200),
    ]
}

fn member_invitation() -> Value {
    json!({ "kind": "member", "email": people::address("Matrix Guest"), "role": "custom", "permissions": ["dashboard.view"] })
}

fn firm_invitation() -> Value {
    json!({ "kind": "firm", "email": people::address("Matrix Firm"), "permissions": ["dashboard.view"] })
}

fn client_invitation() -> Value {
    json!({ "kind": "client", "email": people::address("Matrix Client"), "permissions": ["dashboard.view"] })
}

fn staff_invitation() -> Value {
    json!({ "kind": "staff", "email": people::address("Matrix Staff"), "role": "bookkeeper" })
}

fn rows_of(row: Value) -> Value {
    json!({ "invitations": [row] })
}

fn no_client() -> Value {
    json!({ "clients": ["cl_00000000000070008000000000000000"] })
}

fn new_client() -> Value {
    json!({ "name": "Matrix Client", "email": people::address("Matrix Client") })
}

fn same_policy() -> Value {
    json!({ "enabled": true, "threshold_minor": 100_000, "currency": "EUR" })
}

fn less() -> Value {
    json!({ "permissions": ["dashboard.view"] })
}

fn nothing_asked() -> Value {
    json!({ "permissions": [], "for_hours": 1 })
}

/// Nothing is so old, so the file is empty however long the trail.
fn old_export() -> Value {
    json!({ "format": "csv", "to": "2020-01-01T00:00:00Z" })
}

fn no_payment() -> Value {
    json!({ "invoice": "NEVER-1", "amount_minor": 100, "currency": "EUR" })
}

/// Every company permission, spelled from the specification, not from the code.
const ALL: [&str; 39] = [
    "dashboard.view",
    "reports.view",
    "bank.view",
    "bank.manage",
    "invoices.view",
    "invoices.edit",
    "invoices.comment",
    "estimates.view",
    "estimates.decide",
    "estimates.comment",
    "payments.view",
    "payments.pay",
    "documents.view",
    "documents.upload",
    "documents.manage",
    "approvals.view",
    "approvals.prepare",
    "approvals.decide",
    "approvals.manage",
    "payroll.view",
    "payroll.manage",
    "vat.view",
    "vat.manage",
    "accounts.view",
    "accounts.manage",
    "journals.view",
    "journals.manage",
    "team.view",
    "team.manage",
    "connections.view",
    "connections.manage",
    "billing.view",
    "billing.manage",
    "audit.view",
    "settings.view",
    "settings.manage",
    "integrations.manage",
    // Held in a firm, listed here so that one list names every permission there is.
    "clients.view",
    "clients.manage",
];

/// What a role holds, by the specification.
pub(crate) fn preset(role: &str) -> BTreeSet<&'static str> {
    let company = || ALL.into_iter().filter(|permission| !permission.starts_with("clients."));
    match role {
        "owner" => company().collect(),
        "admin" => company().filter(|permission| *permission != "billing.manage").collect(),
        "accountant" => company()
            .filter(|permission| {
                !permission.starts_with("billing.")
                    && !["connections.manage", "approvals.decide", "payments.pay"].contains(permission)
            })
            .collect(),
        "client" => [
            "dashboard.view",
            "reports.view",
            "bank.view",
            "invoices.view",
            "invoices.comment",
            "estimates.view",
            "documents.view",
            "documents.upload",
            "approvals.view",
        ]
        .into(),
        "read-only" => company()
            .filter(|permission| {
                permission.ends_with(".view") && !["payroll.view", "audit.view", "billing.view"].contains(permission)
            })
            .collect(),
        "custom" => ["invoices.view"].into(),
        "firm admin in a company" => preset("accountant"),
        "bookkeeper in a company" => cast::ASSIGNED.into(),
        "staff admin" => ["clients.view", "clients.manage", "staff.view", "staff.manage", "audit.view"].into(),
        "staff bookkeeper" => ["clients.view"].into(),
        other => panic!("no such role: {other}"),
    }
}

/// Someone, somewhere, as something.
#[derive(Clone)]
struct Actor {
    role: &'static str,
    person: Person,
    here: Context,
}

fn actors(world: &World) -> (Vec<Actor>, Vec<Actor>) {
    let actor = |role, person: &Person, here: &Context| Actor { role, person: person.clone(), here: here.clone() };
    let mut company = vec![actor("owner", &world.owner.person, &world.owner.here)];
    company.extend(world.members.iter().map(|(role, member)| actor(role, &member.person, &member.here)));
    company.push(actor("firm admin in a company", &world.admin.person, &world.admin_inside));
    company.push(actor("bookkeeper in a company", &world.bookkeeper, &world.bookkeeper_inside));
    let firm = vec![
        actor("staff admin", &world.admin.person, &world.admin.here),
        actor("staff bookkeeper", &world.bookkeeper, &world.bookkeeper_at_firm),
    ];
    (company, firm)
}

fn concrete(path: &str) -> String {
    path.replace("{reference}", "NEVER-1")
        .replace("{permission}", "payroll.view")
        .replace("{user}", NOBODY)
        .replace("{org}", "fm_00000000000070008000000000000000")
        .replace("{company}", "co_00000000000070008000000000000000")
        .replace("{token}", "nonsense")
        .replace("{firm}", "fm_00000000000070008000000000000000")
        .replace("/registration-links/{id}", "/registration-links/rl_00000000000070008000000000000000")
        .replace("/signup-codes/{id}", "/signup-codes/sc_00000000000070008000000000000000")
        .replace("/payments/{id}", "/payments/py_00000000000070008000000000000000")
        .replace("/access-requests/{id}", "/access-requests/ar_00000000000070008000000000000000")
        .replace("/clients/{id}", "/clients/cl_00000000000070008000000000000000")
        .replace("/exports/{id}", "/exports/ex_00000000000070008000000000000000")
        .replace("{id}", "in_00000000000070008000000000000000")
}

async fn ask(kit: &Kit, row: &Row, actor: &Actor) -> Answer {
    let mut path = concrete(row.path);
    if matches!(row.auth, Auth::Firm(_)) {
        // The other side of a firm's connection is a company.
        path = path.replace("fm_0000", "co_0000");
    }
    if path == "/v1/assignments" {
        // A list that must be of someone or of something.
        path = match row.auth {
            Auth::Company(_) => format!("{path}?company={}", actor.here.org),
            _ => format!("{path}?user={NOBODY}"),
        };
    } else if path.starts_with("/v1/assignments/") && matches!(row.auth, Auth::Company(_)) {
        // The context is one side, and the other is to be named.
        path = format!("{path}?firm=fm_00000000000070008000000000000000");
    }
    if path == "/v1/access-report" && matches!(row.auth, Auth::Firm(_)) {
        path = format!("{path}?user={NOBODY}");
    }
    if path == "/v1/audit/export" {
        // Nothing is so old, so the file is short however long the trail.
        path = format!("{path}?format=csv&to=2020-01-01T00:00:00Z");
    }
    let mut request = call(&kit.api, row.method, &path).by(&actor.person).within(&actor.here);
    let body = (row.body)();
    if !body.is_null() {
        request = request.json(body);
    }
    request.send().await
}

/// Asks for one cell and says what is wrong with the answer.
async fn cell(kit: &'static Kit, row: &Row, actor: &Actor) -> Result<(), String> {
    let (Auth::Company(permission) | Auth::Firm(permission)) = row.auth else { return Ok(()) };
    let held = permission.is_empty() || preset(actor.role).contains(permission);
    let answer = ask(kit, row, actor).await;
    let said = format!("{} {} by {}: {} {}", row.method, row.path, actor.role, answer.status, answer.text());
    if held {
        // Two who set the same policy at the same moment: one of them is asked to look again.
        let raced = answer.status == 409 && row.method == "PUT";
        return if raced || answer.status == row.let_through {
            Ok(())
        } else {
            Err(format!("{said}, expected {}", row.let_through))
        };
    }
    if (answer.status, answer.slug().as_deref()) != (403, Some("not-granted")) {
        return Err(format!("{said}, expected 403 not-granted"));
    }
    if answer.json().get("permission") != Some(&json!(permission)) {
        return Err(format!("{said}, expected {permission} to be named"));
    }
    Ok(())
}

#[test]
fn every_route_answers_every_role_as_its_permission_says() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let (company, firm) = actors(world);
        let mut checks = Vec::new();
        for (index, row) in rows().iter().enumerate() {
            let who = match row.auth {
                Auth::Company(_) => &company,
                Auth::Firm(_) => &firm,
                _ => continue,
            };
            for actor in who.clone() {
                checks.push(async move { cell(kit, &rows()[index], &actor).await });
            }
        }
        assert!(checks.len() > 250, "the matrix has only {} cells", checks.len());
        all_of(checks).await;
    });
}

#[test]
fn roles_hold_exactly_their_presets() {
    run(async {
        let world = cast::world(kit()).await;
        let (company, firm) = actors(world);
        for actor in company.iter().chain(&firm) {
            let held: BTreeSet<&str> = actor.here.permissions.iter().map(String::as_str).collect();
            assert_eq!(held, preset(actor.role), "{}", actor.role);
        }
    });
}

#[test]
fn every_signed_in_route_refuses_the_signed_out() {
    run(async {
        let kit = kit();
        let mut checks = Vec::new();
        for row in rows() {
            if row.auth == Auth::Public {
                continue;
            }
            checks.push(async move {
                let path = concrete(row.path);
                let answer = call(&kit.api, row.method, &path).send().await;
                if answer.status == 401 {
                    Ok(())
                } else {
                    Err(format!("{}: {} {}", answer.line, answer.status, answer.text()))
                }
            });
        }
        all_of(checks).await;
    });
}

#[test]
fn every_context_route_refuses_those_without_a_context() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let mut checks = Vec::new();
        for row in rows() {
            if !matches!(row.auth, Auth::Company(_) | Auth::Firm(_)) {
                continue;
            }
            checks.push(async move {
                let path = concrete(row.path);
                let mut request = call(&kit.api, row.method, &path).by(&world.owner.person);
                let body = (row.body)();
                if !body.is_null() {
                    request = request.json(body);
                }
                let answer = request.send().await;
                match (answer.status, answer.slug().as_deref()) {
                    (401, Some("invalid-context")) => Ok(()),
                    _ => Err(format!("{}: {} {}", answer.line, answer.status, answer.text())),
                }
            });
        }
        all_of(checks).await;
    });
}

#[test]
fn company_routes_refuse_a_firms_context_and_the_reverse() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let both: BTreeSet<(&str, &str)> = {
            let of = |firm: bool| -> BTreeSet<(&str, &str)> {
                rows()
                    .iter()
                    .filter(|row| match row.auth {
                        Auth::Firm(_) => firm,
                        Auth::Company(_) => !firm,
                        _ => false,
                    })
                    .map(|row| (row.method, row.path))
                    .collect()
            };
            of(true).intersection(&of(false)).copied().collect()
        };
        let mut checks = Vec::new();
        for row in rows() {
            let (person, here) = match row.auth {
                Auth::Company(permission) if !permission.is_empty() => (&world.admin.person, &world.admin.here),
                Auth::Firm(_) => (&world.owner.person, &world.owner.here),
                _ => continue,
            };
            if both.contains(&(row.method, row.path)) {
                continue;
            }
            let actor = Actor { role: "elsewhere", person: person.clone(), here: here.clone() };
            checks.push(async move {
                let answer = ask(kit, &row, &actor).await;
                if answer.status == 403 {
                    Ok(())
                } else {
                    Err(format!("{}: {} {}", answer.line, answer.status, answer.text()))
                }
            });
        }
        all_of(checks).await;
    });
}

/// The ways in which a relationship can have ended, each with someone whose tokens are still good.
async fn ended(kit: &Kit) -> Vec<Actor> {
    let everything: Vec<&str> = ALL.into_iter().filter(|permission| !permission.starts_with("clients.")).collect();
    let (owner, admin, other) = tokio::join!(
        cast::owner(kit, "Enno Ender", "Enders Ltd"),
        cast::firm_admin(kit, "Edda Ender", "Enders Firm"),
        cast::firm_admin(kit, "Emil Ender", "Other Enders Firm"),
    );
    let ((), (), member, removed_staff, unassigned, removed_admin) = tokio::join!(
        cast::connect(kit, &owner, &admin, Some(&everything)),
        cast::connect(kit, &owner, &other, Some(&everything)),
        cast::member(kit, &owner, "Mira Removed", "owner", None),
        cast::staff(kit, &admin, "Sami Removed", "bookkeeper"),
        cast::staff(kit, &admin, "Uma Unassigned", "bookkeeper"),
        cast::staff(kit, &admin, "Alba Removed", "admin"),
    );
    let company = owner.company.id.as_str();
    tokio::join!(
        cast::assign(kit, &admin, company, &removed_staff.user, None),
        cast::assign(kit, &admin, company, &unassigned.user, None),
    );
    let (staff_inside, unassigned_inside, admin_inside, admin_at_firm, other_inside) = tokio::join!(
        cast::enter(kit, &removed_staff, company),
        cast::enter(kit, &unassigned, company),
        cast::enter(kit, &removed_admin, company),
        cast::enter(kit, &removed_admin, &admin.firm.id),
        cast::enter(kit, &other.person, company),
    );
    end_all(kit, &owner, &admin, &other, &member.person, &[&removed_staff, &removed_admin], &unassigned).await;
    let faded = faded(kit, &owner, &everything).await;
    let actor = |role, person: &Person, here: &Context| Actor { role, person: person.clone(), here: here.clone() };
    let mut ended = vec![
        actor("a removed owner", &member.person, &member.here),
        actor("a bookkeeper removed from the firm", &removed_staff, &staff_inside),
        actor("a bookkeeper whose assignment ended", &unassigned, &unassigned_inside),
        actor("a firm admin removed from the firm", &removed_admin, &admin_inside),
        actor("the admin of a firm that was disconnected", &other.person, &other_inside),
        actor("a firm admin removed from the firm, at the firm", &removed_admin, &admin_at_firm),
    ];
    ended.extend(faded);
    ended
}

/// What is left to a connection that was narrowed: something that no route asks for.
const LEFT: &str = "integrations.manage";

/// The ways in which access can have faded without being ended: a connection that was narrowed, and
/// places, assignments and connections whose time ran out.
async fn faded(kit: &Kit, owner: &Owner, everything: &[&str]) -> Vec<Actor> {
    let (narrowed, temporary) = tokio::join!(
        cast::firm_admin(kit, "Nadia Narrowed", "Narrowed Firm"),
        cast::firm_admin(kit, "Theo Temporary", "Temporary Firm"),
    );
    let company = owner.company.id.as_str();
    let ((), (), guest, bookkeeper, assigned) = tokio::join!(
        cast::connect(kit, owner, &narrowed, Some(everything)),
        cast::connect(kit, owner, &temporary, Some(everything)),
        cast::member(kit, owner, "Gil Guest", "admin", None),
        cast::staff(kit, &narrowed, "Nils Narrowed", "bookkeeper"),
        cast::staff(kit, &temporary, "Tilo Temporary", "bookkeeper"),
    );
    tokio::join!(
        cast::assign(kit, &narrowed, company, &bookkeeper.user, None),
        cast::assign(kit, &temporary, company, &assigned.user, None),
    );
    let (admin_inside, bookkeeper_inside, temporary_inside, assigned_inside) = tokio::join!(
        cast::enter(kit, &narrowed.person, company),
        cast::enter(kit, &bookkeeper, company),
        cast::enter(kit, &temporary.person, company),
        cast::enter(kit, &assigned, company),
    );
    let path = format!("/v1/connections/{}", narrowed.firm.id);
    let left = json!({ "permissions": [LEFT] });
    kit.api.patch(&path).by(&owner.person).within(&owner.here).json(left).ok(200).await;
    let over = |sk: String| async move {
        let past = AttributeValue::S("2026-01-01T00:00:00.000Z".to_owned());
        kit.table.set(&format!("COMPANY#{company}"), &sk, "expires_at", past).await;
    };
    over(format!("MEMBER#{}", guest.person.user)).await;
    over(format!("FIRM#{}", temporary.firm.id)).await;
    over(format!("ASSIGNED#{}#{}", temporary.firm.id, assigned.user)).await;
    let actor = |role, person: &Person, here: &Context| Actor { role, person: person.clone(), here: here.clone() };
    vec![
        actor("a firm admin whose connection was narrowed", &narrowed.person, &admin_inside),
        actor("a bookkeeper whose firm's connection was narrowed", &bookkeeper, &bookkeeper_inside),
        actor("a member whose place ran out", &guest.person, &guest.here),
        actor("a firm admin whose connection ran out", &temporary.person, &temporary_inside),
        actor("a bookkeeper whose assignment ran out", &assigned, &assigned_inside),
    ]
}

async fn end_all(
    kit: &Kit,
    owner: &Owner,
    admin: &FirmAdmin,
    other: &FirmAdmin,
    member: &Person,
    staff: &[&Person],
    unassigned: &Person,
) {
    let delete = |path: String, by: &Person, here: &Context| {
        let call = kit.api.delete(&path).by(by).within(here);
        async move {
            let answer = call.send().await;
            assert!(matches!(answer.status, 200 | 204), "{}: {} {}", answer.line, answer.status, answer.text());
        }
    };
    delete(format!("/v1/members/{}", member.user), &owner.person, &owner.here).await;
    delete(format!("/v1/connections/{}", other.firm.id), &owner.person, &owner.here).await;
    delete(format!("/v1/assignments/{}/{}", owner.company.id, unassigned.user), &admin.person, &admin.here).await;
    for person in staff {
        delete(format!("/v1/staff/{}", person.user), &admin.person, &admin.here).await;
    }
}

#[test]
fn only_an_active_relationship_grants_anything() {
    run(async {
        let kit = kit();
        let ended = ended(kit).await;
        let mut checks = Vec::new();
        for actor in ended {
            let firm = actor.role.ends_with("at the firm");
            for (index, row) in rows().iter().enumerate() {
                let permission = match row.auth {
                    Auth::Company(permission) if !firm => permission,
                    Auth::Firm(permission) if firm => permission,
                    _ => continue,
                };
                if permission.is_empty() {
                    continue;
                }
                let actor = actor.clone();
                checks.push(async move {
                    let row = &rows()[index];
                    let answer = ask(kit, row, &actor).await;
                    match (answer.status, answer.slug().as_deref()) {
                        (403, Some("not-granted")) => Ok(()),
                        _ => Err(format!("{} by {}: {} {}", answer.line, actor.role, answer.status, answer.text())),
                    }
                });
            }
        }
        all_of(checks).await;
    });
}

/// Those to whom nothing was given yet: someone unknown, and people whose invitations are open.
async fn outside(kit: &Kit, owner: &Owner, admin: &FirmAdmin) -> Vec<(&'static str, Person)> {
    let (stranger, guest, hand, asked) = tokio::join!(
        people::sign_up(kit, "Sven Stranger"),
        people::sign_up(kit, "Ida Invited"),
        people::sign_up(kit, "Hanne Hired"),
        cast::firm_admin(kit, "Arno Asked", "Asked Firm"),
    );
    let member = json!({ "kind": "member", "email": guest.email, "role": "owner" });
    let firm = json!({ "kind": "firm", "email": asked.person.email });
    let staff = json!({ "kind": "staff", "email": hand.email, "role": "admin" });
    tokio::join!(
        cast::invite(kit, &owner.person, &owner.here, member),
        cast::invite(kit, &owner.person, &owner.here, firm),
        cast::invite(kit, &admin.person, &admin.here, staff),
    );
    vec![
        ("a stranger", stranger),
        ("an invited member", guest),
        ("an invited member of staff", hand),
        ("the admin of an invited firm", asked.person),
    ]
}

#[test]
fn whoever_is_unknown_or_only_invited_gets_nowhere() {
    run(async {
        let kit = kit();
        let (owner, admin) = tokio::join!(
            cast::owner(kit, "Otto Outside", "Outside Ltd"),
            cast::firm_admin(kit, "Olga Outside", "Outside Firm"),
        );
        let mut checks = Vec::new();
        for (role, person) in outside(kit, &owner, &admin).await {
            for org in [&owner.company.id, &admin.firm.id] {
                let enter = kit.api.post(&format!("/v1/contexts/{org}")).by(&person).json(json!({}));
                enter.refused(404, "not-found").await;
            }
            // There is no token of theirs; with somebody else's they are not that somebody.
            for (index, row) in rows().iter().enumerate() {
                let here = match row.auth {
                    Auth::Company(_) => owner.here.clone(),
                    Auth::Firm(_) => admin.here.clone(),
                    _ => continue,
                };
                let actor = Actor { role, person: person.clone(), here };
                checks.push(async move {
                    let row = &rows()[index];
                    let answer = ask(kit, row, &actor).await;
                    match (answer.status, answer.slug().as_deref()) {
                        (401, Some("invalid-context")) => Ok(()),
                        _ => Err(format!("{} by {}: {} {}", answer.line, actor.role, answer.status, answer.text())),
                    }
                });
            }
        }
        all_of(checks).await;
    });
}

#[test]
fn every_route_has_a_row() {
    let path = Stack::repository().join("docs/openapi.json");
    let text = std::fs::read_to_string(&path).expect("docs/openapi.json is checked in");
    let document: Value = serde_json::from_str(&text).expect("docs/openapi.json is JSON");
    let documented: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .expect("an OpenAPI document has paths")
        .iter()
        .flat_map(|(path, item)| {
            let methods = ["get", "post", "put", "patch", "delete"];
            let item = item.as_object().expect("a path has methods");
            item.keys()
                .filter(|key| methods.contains(&key.as_str()))
                .map(|method| (method.to_uppercase(), path.clone()))
                .collect::<Vec<_>>()
        })
        .collect();
    let tested: BTreeSet<(String, String)> =
        rows().iter().map(|row| (row.method.to_owned(), row.path.to_owned())).collect();
    let untested: Vec<_> = documented.difference(&tested).collect();
    let undocumented: Vec<_> = tested.difference(&documented).collect();
    assert!(untested.is_empty(), "routes without a row in the matrix: {untested:?}");
    assert!(undocumented.is_empty(), "rows of the matrix that no document names: {undocumented:?}");
}
