//! Answers that more than one function gives: what a list and a summary show, or a firm and the vendor. And bodies that more
//! than one takes.
//!
//! A view that one function alone gives stands in that function.

mod bank_account;
mod billing;
mod bonuses;
mod customer_change;
pub mod list;
mod referral_agreement;
mod referrals;
mod report;
mod sales;
mod statement;
mod thresholds;

pub use bank_account::BankAccountView;
pub use billing::{BillingFirm, BillingResponse, BillingView, CompanyBilling};
pub use bonuses::{BonusBalance, BonusEntryPage, BonusEntryView, BonusListQuery};
pub use customer_change::{
    CustomerChangePage, CustomerChangeResponse, CustomerChangeView, DecideCustomerChange, WhichCustomerChanges,
};
pub use referral_agreement::{ReferralAgreementResponse, ReferralAgreementView};
pub use referrals::{ReferralListQuery, ReferralPage, ReferralView};
pub use report::ReportView;
pub use sales::{CreditNoteView, EstimateView, InvoiceView, SalesContent, Shown, attach, attached, credited_invoices};
pub use statement::{StatementQuery, StatementResponse, answer_statement};
pub use thresholds::{NewThreshold, PutOwnThresholds, PutThreshold};
