//! Every end-to-end test, in one binary: the modules mirror the routes, the rest is named for what it holds.
//!
//! The tests act over HTTPS, mail and schedules on the stack that `make up` started, each with people
//! and organisations of its own. Without a stack they fail and say how to start it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends at the first surprise, with the place and what was seen"
)]

mod routes;
mod support;

mod accept;
mod access_report;
mod access_requests;
mod account;
mod account_takeover;
mod addresses;
mod approvals;
mod asked_again;
mod audit;
mod audit_trail;
mod authorize;
mod bank_accounts;
mod bank_statements;
mod billing;
mod bulk;
mod client_invitations;
mod clients;
mod companies;
mod consents;
mod contact_limits;
mod contact_seats;
mod contexts;
mod controls;
mod customer_portal;
mod customers;
mod dashboard;
mod digest_log;
mod document_exports;
mod document_requests;
mod documents;
mod exports;
mod forecast_thresholds;
mod forging;
mod handover;
mod inbox;
mod inspect;
mod invitations;
mod invoice_reminders;
mod leaving;
mod ledger;
mod ledger_facts;
mod mail_preferences;
mod mails;
mod money;
mod notification_settings;
mod notifications;
mod organizations;
mod overview;
mod page_languages;
mod payments;
mod pending_invitations;
mod portal;
mod postponed_mail;
mod purge;
mod referrals;
mod registration;
mod reports;
mod roles;
mod sales;
mod sales_documents;
mod sales_letters;
mod sealing;
mod story;
mod team;
mod temporary;

mod bad_input;
mod delivery;
mod faults;
mod hosted_bounds;
mod hosted_comments;
mod hosted_documents;
mod hosted_downloads;
mod hosted_payments;
mod idempotency;
mod limits;
mod matrix;
mod model;
mod problem_titles;
mod races;
mod redrive;
mod reminders;
mod revocation;
mod tenants;
mod thresholds;
mod tokens;

mod dependencies;
mod drift;
mod due_schedules;
mod events;
mod logs;
mod openapi;
mod patterns;
mod proof;
mod seldom;

mod tools;
