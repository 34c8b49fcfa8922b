//! Every key of the table, built and taken apart here and nowhere else.
//!
//! [`template`] says how keys are joined; each file named after entities declares the templates of
//! their keys, their index entries, and what a [`Tenant`] hands out of them.

mod access_requests;
mod approvals;
mod backlogs;
mod bank_accounts;
mod bank_statements;
mod billing;
mod clients;
mod comments;
mod connections;
mod consents;
mod contact_seats;
mod context_keys;
mod customers;
mod deliveries;
mod document_exports;
mod document_links;
mod document_requests;
mod documents;
mod events;
mod exports;
mod idempotency;
mod invitations;
mod invoice_reminders;
mod key;
mod ledger_facts;
mod limits;
mod mails;
mod members;
mod notifications;
mod outbox;
mod parts;
mod payments;
mod receivables;
mod referrals;
mod reports;
mod sales;
mod seals;
mod signup;
mod template;
mod tenant;
mod users;

pub use self::{
    access_requests::LatestAccessRequest,
    clients::{ClientAddress, ClientLink, ClientUniqueKey},
    context_keys::{ContextKeys, PublicKey},
    customers::ContactAtAddress,
    document_exports::LatestDocumentExport,
    documents::{DocumentOfFile, LinkedDocument},
    exports::LatestExport,
    invitations::LatestInvitation,
    key::Key,
    outbox::OutboxEntry,
    seals::Unsealed,
    tenant::Tenant,
};
pub(crate) use self::{
    bank_accounts::due_balances,
    connections::{assignment, assignments_of, clients_named, connection},
    contact_seats::{contact_seat, contact_seats_of},
    context_keys::context_keys,
    customers::{customer, portal_settings},
    deliveries::{complaint, delivery, suppression, unreminded},
    document_requests::due_request_schedules,
    documents::{due_purges, storage},
    events::{after_all as after_all_events, event, event_id, event_indexes, is_in_the_record},
    idempotency::idempotency,
    invitations::{invitation, invitations_to},
    invoice_reminders::due_invoice_reminders,
    limits::limit,
    mails::mail,
    members::{member, memberships_of, places_of, staff},
    notifications::{due_postponed_mail, notification_settings, unread_notifications},
    outbox::{outbox, outbox_entries},
    parts::TextDigest,
    payments::{due_payment_checks, due_payments},
    reports::due_forecasts,
    seals::{place_of, seal, unsealed, unsealed_tenants},
    signup::{registration_link, signup_code},
    tenant::profile,
    users::{people_at, user, visit_of_seat},
};

#[cfg(test)]
pub(crate) use self::documents::tests as documents_tests;
