//! A harmless request for each route that acts in a context, by the name of its handler, and the status it
//! gets when it is let through. Where the request decides which permission it needs, there is one for each.
//! A plain GET or DELETE needs none here.

use api::Route;
use serde_json::{Value, json};
use tests::people;

/// A request that changes nothing of the shared company, or nothing that matters.
#[derive(Clone)]
pub(super) struct Harmless {
    pub(super) operation: &'static str,
    /// The permission that this request needs, of those that the route declares; all, or any, where it is
    /// not said.
    pub(super) permission: Option<&'static str>,
    /// `{here}` is the company or firm of the context.
    pub(super) query_in_company: &'static str,
    pub(super) query_in_firm: &'static str,
    pub(super) body: fn() -> Value,
    pub(super) let_through: u16,
}

impl Harmless {
    const fn needing(mut self, permission: &'static str) -> Self {
        self.permission = Some(permission);
        self
    }

    const fn asking(self, query: &'static str) -> Self {
        self.asking_in_company(query).asking_in_firm(query)
    }

    const fn asking_in_company(mut self, query: &'static str) -> Self {
        self.query_in_company = query;
        self
    }

    const fn asking_in_firm(mut self, query: &'static str) -> Self {
        self.query_in_firm = query;
        self
    }
}

/// A sales document for a customer that is not there, with one more day.
fn written(day: &str) -> Value {
    let mut body = json!({
        "number": "M-1", "customer": "NEVER-1", "issued_on": "2026-11-01",
        "lines": [{ "description": "Nothing", "quantity": "1", "unit_price": "0" }],
    });
    body[day] = json!("2027-11-01");
    body
}

/// A request without a body.
const fn bare(operation: &'static str, let_through: u16) -> Harmless {
    sent(operation, || Value::Null, let_through)
}

/// A request with a body.
const fn sent(operation: &'static str, body: fn() -> Value, let_through: u16) -> Harmless {
    Harmless { operation, permission: None, query_in_company: "", query_in_firm: "", body, let_through }
}

/// The request of a route that reads or deletes, where none is listed: what a path names is not there, and a
/// list or a summary is.
pub(super) fn by_default(route: &Route) -> Option<Harmless> {
    let status = if route.path.contains('{') { 404 } else { 200 };
    matches!(route.method, "GET" | "DELETE").then(|| bare("", status))
}

/// The permission that a path names.
pub(super) const NAMED: &str = "payroll.view";

pub(super) fn all() -> Vec<Harmless> {
    let empty: fn() -> Value = || json!({});
    let words: fn() -> Value = || json!({ "text": "Nobody will read this" });
    let read: fn() -> Value = || json!({ "up_to": "cm_00000000000070008000000000000000" });
    let seen: fn() -> Value = || json!({ "digest": "0".repeat(64) });
    vec![
        // switch-context
        bare("refresh_context", 200),
        bare("leave_context", 204),
        bare("check_access", 200).needing(NAMED),
        // account
        sent("update_company", empty, 200),
        sent("update_firm", empty, 200),
        // invite
        sent("create_invitation", member_invitation, 201).needing("team.manage"),
        sent("create_invitation", firm_invitation, 201).needing("connections.manage"),
        sent("create_invitation", staff_invitation, 201).needing("staff.manage"),
        sent("create_invitation", client_invitation, 201).needing("clients.manage"),
        sent("create_invitations", || rows_of(member_invitation()), 200).needing("team.manage"),
        sent("create_invitations", || rows_of(firm_invitation()), 200).needing("connections.manage"),
        sent("create_invitations", || rows_of(staff_invitation()), 200).needing("staff.manage"),
        sent("create_invitations", || rows_of(client_invitation()), 200).needing("clients.manage"),
        sent("invite_clients", no_client, 200),
        bare("list_invitations", 200).needing("team.manage").asking("?kind=member"),
        bare("list_invitations", 200).needing("connections.manage").asking("?kind=firm"),
        bare("list_invitations", 200).needing("customers.manage").asking("?kind=contact"),
        bare("list_invitations", 200).needing("staff.manage").asking("?kind=staff"),
        bare("list_invitations", 200).needing("clients.manage"),
        sent("resend_invitation", empty, 404),
        sent("revoke_invitation", empty, 404),
        // notifications
        sent("put_client_notification_settings", || json!({ "types": [] }), 200),
        sent("read_notification", empty, 404),
        sent("read_all_notifications", empty, 200),
        bare("list_sent_mails", 200).asking("?subject_kind=approval&subject_id=NEVER-1"),
        // team
        sent("change_member", || json!({ "role": "client" }), 404),
        sent("change_staff", || json!({ "role": "bookkeeper" }), 404),
        sent("change_connection", || json!({ "permissions": ["dashboard.view"] }), 404),
        bare("list_consents", 200),
        // A list that must be of someone or of something.
        bare("list_assignments", 200).asking_in_company("?company={here}").asking_in_firm(SOMEBODY),
        sent("put_assignment", empty, 404),
        // The context is one side, and the other is to be named.
        bare("remove_assignment", 404).asking_in_company(SOME_FIRM),
        bare("preview_assignment_removal", 404).asking_in_company(SOME_FIRM),
        sent("ask", || json!({ "permissions": [], "for_hours": 1 }), 422),
        bare("list_requests", 200),
        sent("grant", empty, 404),
        sent("refuse", empty, 404),
        sent("withdraw", empty, 404),
        // clients
        sent("add_client", new_client, 201),
        sent("change_client", || json!({ "name": "Renamed" }), 404),
        sent("import_clients", || json!({ "clients": [new_client()] }), 200),
        // approve
        sent("decide_approval", || json!({ "decision": "approved" }), 404),
        sent("put_policy", || json!({ "enabled": true, "threshold_minor": 100_000, "currency": "EUR" }), 200),
        // sales
        sent("comment_on_invoice", words, 404),
        sent("comment_on_estimate", words, 404),
        sent("draft_invoice", || written("due_on"), 422),
        sent("replace_invoice", || written("due_on"), 404),
        sent("send_invoice", empty, 404),
        sent("void_invoice", empty, 404),
        sent("draft_credit_note", || written("issued_on"), 422),
        sent("replace_credit_note", || written("issued_on"), 404),
        sent("send_credit_note", empty, 404),
        sent("void_credit_note", empty, 404),
        sent("draft_estimate", || written("valid_until"), 422),
        sent("replace_estimate", || written("valid_until"), 404),
        sent("send_estimate", empty, 404),
        sent("record_decision", || json!({ "decision": "accepted", "digest": "0".repeat(64) }), 404),
        sent("undo_decision", empty, 404),
        sent("comment_on_credit_note", words, 404),
        sent("read_invoice_comments", read, 404),
        sent("read_estimate_comments", read, 404),
        sent("read_credit_note_comments", read, 404),
        // customer-portal
        sent("note_customer_invoice_view", seen, 404),
        sent("note_customer_estimate_view", seen, 404),
        sent("note_customer_credit_note_view", seen, 404),
        sent("comment_on_customer_invoice", words, 404),
        sent("comment_on_customer_estimate", words, 404),
        sent("comment_on_customer_credit_note", words, 404),
        sent("read_customer_invoice_comments", read, 404),
        sent("read_customer_estimate_comments", read, 404),
        sent("read_customer_credit_note_comments", read, 404),
        sent("forward_customer_invoice", addressee, 404),
        sent("forward_customer_estimate", addressee, 404),
        sent("forward_customer_credit_note", addressee, 404),
        sent("decide_customer_estimate", || json!({ "decision": "accepted", "digest": "0".repeat(64) }), 404),
        bare("get_customer_statement", 200).asking("?from=2026-01-01&until=2026-01-31"),
        sent("change_own_details", empty, 200),
        sent("pay_invoice_as_customer", || json!({ "amount_minor": 100, "currency": "EUR" }), 404),
        bare("cancel_payment_as_customer", 404),
        bare("download_invoice_attachment", 404),
        bare("download_estimate_attachment", 404),
        bare("download_credit_note_attachment", 404),
        bare("download_portal_logo", 404),
        // customers
        sent("add_customer", || json!({ "name": "Matrix", "currency": "EUR" }), 201),
        sent("change_customer", || json!({ "name": "Renamed" }), 404),
        bare("get_statement_of_account", 404).asking("?from=2026-01-01&until=2026-01-31"),
        sent("add_contact", || json!({ "name": "Renamed", "email": "nobody@example.com" }), 404),
        sent("change_contact", || json!({ "name": "Renamed" }), 404),
        // The settings that there are until somebody chooses.
        sent("put_portal_settings", every_right, 200),
        sent("decide_customer_change", || json!({ "decision": "refused", "revision": 1 }), 404),
        sent(
            "make_document_link",
            || json!({ "kind": "invoice", "document": "NONE", "contact": "ct_00000000000070008000000000000000" }),
            422,
        ),
        sent("give_portal_access", empty, 404),
        sent("send_document_again", || json!({ "kind": "invoice", "document": "NONE" }), 404),
        sent("send_statement_letter", || json!({ "from": "2026-10-01", "until": "2026-10-31" }), 404),
        // customer-portal
        bare("leave_customer_portal", 204),
        // documents
        sent("declare_documents", || json!({ "documents": [{ "name": "" }] }), 200),
        sent(
            "declare_document_version",
            || json!({ "size_bytes": 1, "file_type": "text/csv", "sha256": NO_FILE }),
            404,
        ),
        sent("change_document", empty, 404),
        sent("download_document", empty, 404),
        bare("restore_document", 404),
        sent("hold_document", || json!({ "reason": "Nobody will read this" }), 404),
        sent("comment_on_document", words, 404),
        sent("read_document_comments", read, 404),
        // document-exports: no document is so old.
        sent("request_document_export", no_documents, 202),
        bare("download_document_export", 404),
        // bank-accounts
        sent("put_threshold", || json!({ "threshold_minor": 1 }), 404),
        sent("put_own_thresholds", || json!({ "thresholds": [{ "threshold_minor": 1 }] }), 404),
        sent("map_bank_account_number", || json!({ "bank_account": "NEVER-1" }), 404),
        // document-requests
        sent("request_documents", no_papers, 422),
        sent("change_document_request", || json!({ "title": "Renamed" }), 404),
        sent("withdraw_document_request", empty, 404),
        sent("review_requested_item", no_document, 404),
        // reports
        sent("publish_accounts", no_report, 422),
        // No forecast is published there.
        sent("put_forecast_thresholds", || json!({ "thresholds": [{ "threshold_minor": 1 }] }), 409),
        // pay
        sent("start_payment", || json!({ "invoice": "NEVER-1", "amount_minor": 100, "currency": "EUR" }), 404),
        bare("cancel_payment", 404),
        // register
        sent("make_link", || json!({ "label": "Matrix" }), 201),
        sent("revoke_link", empty, 404),
        sent("make_code", || json!({ "label": "Matrix" }), 201),
        sent("revoke_code", empty, 404),
        // referrals
        sent("put_billing", || json!({ "owner": "company" }), 200),
        sent("offer_to_pay", empty, 404),
        // audit No event is so old, so the files are short however long the audit log.
        bare("export_events", 200).asking("?format=csv&to=2020-01-01T00:00:00Z"),
        sent("request_export", || json!({ "format": "csv", "to": "2020-01-01T00:00:00Z" }), 202),
        bare("report_access", 200).asking_in_firm(SOMEBODY),
    ]
}

const SOMEBODY: &str = "?user=0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b";
/// The SHA-256 of no file.
const NO_FILE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const SOME_FIRM: &str = "?firm=fm_00000000000070008000000000000000";

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

/// Asks for a paper of somebody who is no member.
fn no_papers() -> Value {
    json!({ "title": "Matrix", "items": [{ "title": "Paper" }], "asked_of": ["nobody"], "due_on": "2026-01-01" })
}

/// Asks for an archive of a period from before there were documents.
fn no_documents() -> Value {
    json!({ "period": { "from": "2020-01-01T00:00:00Z", "before": "2020-01-02T00:00:00Z" } })
}

/// Publishes a report that is not there.
fn no_report() -> Value {
    json!({ "month": "2026-10", "reports": [{ "reference": "NEVER-1", "version": 1 }] })
}

fn no_document() -> Value {
    json!({ "decision": "accept", "document": "doc_00000000000070008000000000000000" })
}

fn every_right() -> Value {
    json!({ "rights": ["comment", "accept", "pay", "forward", "edit_details", "see_statements"] })
}

fn addressee() -> Value {
    json!({ "name": "Matrix", "email": "nobody@example.com" })
}
