//! Keys of what a company's books bring: approvals, invoices, estimates, comments, payments, bank
//! accounts, and what of them waits for a schedule.

use domain::{
    CompanyId, PaymentId, Reference,
    approval::{Approval, ApprovalStatus, Policy},
    bank::{Alert, BankAccount},
    comment::{Comment, Topic},
    estimate::{Estimate, EstimateStatus},
    invoice::{Invoice, InvoiceStatus},
    payment::{Payment, PaymentStatus},
};

use super::{Key, Tenant, company_pk, shard};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

impl Tenant {
    /// A transaction and what was decided about it.
    #[must_use]
    pub fn approval(&self, reference: &Reference) -> Key<Approval> {
        self.own(format!("APPROVAL#{reference}"))
    }

    /// Approvals, all by reference, or those in one state by time.
    #[must_use]
    pub fn approvals(&self, status: Option<ApprovalStatus>) -> Listing<Approval> {
        match status {
            Some(status) => self.by_state(format!("APPROVAL#{}#", status.as_str())),
            None => self.items("APPROVAL#"),
        }
    }

    /// The approval policy.
    #[must_use]
    pub fn policy(&self) -> Key<Policy> {
        self.own("POLICY#approvals".to_owned())
    }

    /// An invoice.
    #[must_use]
    pub fn invoice(&self, reference: &Reference) -> Key<Invoice> {
        self.own(format!("INVOICE#{reference}"))
    }

    /// Invoices, all by reference, or those in one state by due date.
    #[must_use]
    pub fn invoices(&self, status: Option<InvoiceStatus>) -> Listing<Invoice> {
        match status {
            Some(status) => self.by_state(format!("INVOICE#{}#", status.as_str())),
            None => self.items("INVOICE#"),
        }
    }

    /// An estimate.
    #[must_use]
    pub fn estimate(&self, reference: &Reference) -> Key<Estimate> {
        self.own(format!("ESTIMATE#{reference}"))
    }

    /// Estimates, all by reference, or those in one state by last valid day.
    #[must_use]
    pub fn estimates(&self, status: Option<EstimateStatus>) -> Listing<Estimate> {
        match status {
            Some(status) => self.by_state(format!("ESTIMATE#{}#", status.as_str())),
            None => self.items("ESTIMATE#"),
        }
    }

    /// One comment.
    #[must_use]
    pub fn comment(&self, comment: &Comment) -> Key<Comment> {
        self.own(format!("COMMENT#{}#{}#{}", comment.topic.as_str(), comment.on, comment.id))
    }

    /// The comments on one invoice or estimate, oldest first.
    #[must_use]
    pub fn comments(&self, topic: Topic, on: &Reference) -> Listing<Comment> {
        self.items(&format!("COMMENT#{}#{on}#", topic.as_str()))
    }

    /// A payment.
    #[must_use]
    pub fn payment(&self, id: &PaymentId) -> Key<Payment> {
        self.own(format!("PAYMENT#{id}"))
    }

    /// A bank account.
    #[must_use]
    pub fn bank_account(&self, reference: &Reference) -> Key<BankAccount> {
        self.own(format!("BANK#{reference}"))
    }

    /// The company's bank accounts.
    #[must_use]
    pub fn bank_accounts(&self) -> Listing<BankAccount> {
        self.items("BANK#")
    }
}

fn by_state(company: &CompanyId, sk: String) -> Indexes {
    Indexes { gsi1: Some((company_pk(company), sk)), ..Indexes::default() }
}

impl Entity for Approval {
    const ENTITY: &'static str = "approval";

    fn indexes(&self) -> Indexes {
        let (at, reference) = (self.requested_at, &self.transaction.reference);
        by_state(&self.company, format!("APPROVAL#{}#{at}#{reference}", self.status.as_str()))
    }
}

impl Entity for Policy {
    const ENTITY: &'static str = "policy";
}

impl Entity for Invoice {
    const ENTITY: &'static str = "invoice";

    fn indexes(&self) -> Indexes {
        let (due, reference) = (self.terms.due_on, &self.reference);
        by_state(&self.company, format!("INVOICE#{}#{due}#{reference}", self.status.as_str()))
    }
}

impl Entity for Estimate {
    const ENTITY: &'static str = "estimate";

    fn indexes(&self) -> Indexes {
        let (until, reference) = (self.terms.valid_until, &self.reference);
        by_state(&self.company, format!("ESTIMATE#{}#{until}#{reference}", self.status.as_str()))
    }
}

impl Entity for Comment {
    const ENTITY: &'static str = "comment";
}

impl Entity for Payment {
    const ENTITY: &'static str = "payment";

    fn indexes(&self) -> Indexes {
        let due = (due_pk(Due::Payments, shard(self.id.as_str())), self.started_at.to_string());
        Indexes { gsi2: (self.status == PaymentStatus::Pending).then_some(due), ..Indexes::default() }
    }
}

impl Entity for BankAccount {
    const ENTITY: &'static str = "bank_account";

    fn indexes(&self) -> Indexes {
        let due = (due_pk(Due::Balances, shard(self.company.as_str())), self.as_of.to_string());
        Indexes { gsi2: (self.alert == Alert::Due).then_some(due), ..Indexes::default() }
    }
}

/// Work that waits for a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    Payments,
    Balances,
}

pub(crate) fn due_pk(due: Due, shard: u8) -> String {
    match due {
        Due::Payments => format!("DUE#payments#{shard}"),
        Due::Balances => format!("DUE#balances#{shard}"),
    }
}
