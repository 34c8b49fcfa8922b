//! Every type of notification, declared once: its category, who must read it, and the events that it is about.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mail::MailChoice;
use crate::{
    event::{EventScope, EventType},
    id::Org,
    permission::Permission,
    role::MemberRole,
};

/// What notifications are about, as people choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotificationCategory {
    /// Ended access, connected firms and changed controls. Always mailed.
    Security,
    /// Transactions that need a sign-off.
    Approvals,
    /// Payments, bank balances and the cashflow forecast.
    Money,
    /// The month's accounts, VAT returns and payroll.
    Accounts,
    /// Requested documents.
    Documents,
    /// What customers do with estimates and invoices.
    Sales,
    /// Comments and mentions.
    Comments,
    /// Requests for access, and changed access.
    Access,
    /// A firm's clients.
    Clients,
}

impl NotificationCategory {
    /// Every category, in the order they are shown.
    pub const ALL: &'static [Self] = &[
        Self::Security,
        Self::Approvals,
        Self::Money,
        Self::Accounts,
        Self::Documents,
        Self::Sales,
        Self::Comments,
        Self::Access,
        Self::Clients,
    ];

    /// The category as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Approvals => "approvals",
            Self::Money => "money",
            Self::Accounts => "accounts",
            Self::Documents => "documents",
            Self::Sales => "sales",
            Self::Comments => "comments",
            Self::Access => "access",
            Self::Clients => "clients",
        }
    }

    /// Whether its notifications are always mailed.
    #[must_use]
    pub const fn is_required(self) -> bool {
        matches!(self, Self::Security)
    }

    /// Its types, in the order they are shown.
    pub fn types(self) -> impl Iterator<Item = NotificationType> {
        NotificationType::ALL.iter().copied().filter(move |kind| kind.category() == self)
    }
}

macro_rules! notification_types {
    ($(
        $variant:ident = $text:literal: $category:ident, $sentence:literal,
        needs [$($permission:ident),*], about [$($event:ident),+];
    )*) => {
        /// What a person is notified of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum NotificationType {
            $(#[doc = $sentence] #[serde(rename = $text)] #[schema(rename = $text)] $variant,)*
        }

        impl NotificationType {
            /// Every type there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The type as it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What it says, in one English sentence.
            pub(super) const fn in_english(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }

            /// What it belongs to.
            #[must_use]
            pub const fn category(self) -> NotificationCategory {
                match self { $(Self::$variant => NotificationCategory::$category,)* }
            }

            /// The permissions of which its reader holds one; none where a place in the company or firm is enough.
            #[must_use]
            pub const fn needs(self) -> &'static [Permission] {
                match self { $(Self::$variant => &[$(Permission::$permission),*],)* }
            }

            /// The events that it is about.
            #[must_use]
            pub const fn events(self) -> &'static [EventType] {
                match self { $(Self::$variant => &[$(EventType::$event),+],)* }
            }
        }
    };
}

notification_types! {
    AccessEnded = "access.ended": Security, "Somebody ended your access.",
        needs [], about [MemberRemoved, StaffRemoved, AssignmentRemoved, ConnectionEnded, ContactAccessEnded];
    FirmConnected = "firm.connected": Security, "A firm was connected to the company.",
        needs [ConnectionsManage], about [ConnectionStarted];
    ApprovalPolicyChanged = "approval_policy.changed": Security, "It changed when transactions need a sign-off.",
        needs [ApprovalsDecide], about [ApprovalPolicyChanged];
    ApprovalRequested = "approval.requested": Approvals, "A transaction waits for your sign-off.",
        needs [ApprovalsDecide], about [ApprovalRequested];
    ApprovalDecided = "approval.decided": Approvals, "A transaction that you prepared was approved or rejected.",
        needs [ApprovalsView], about [ApprovalDecided];
    ApprovalWithdrawn = "approval.withdrawn": Approvals, "A transaction that waited for your sign-off was taken back.",
        needs [ApprovalsDecide], about [ApprovalWithdrawn];
    PaymentReceived = "payment.received": Money, "An invoice was paid.",
        needs [PaymentsView], about [PaymentSucceeded, InvoicePaid];
    PaymentRefunded = "payment.refunded": Money, "A payment was refunded.",
        needs [PaymentsManage, InvoicesEdit], about [PaymentRefunded];
    PaymentDisputed = "payment.disputed": Money, "A payment is disputed, or a dispute was won.",
        needs [PaymentsManage, InvoicesEdit], about [PaymentDisputed];
    BalanceBelowThreshold = "balance.below_threshold": Money, "A bank balance fell below its threshold.",
        needs [BankManage, BankView], about [BalanceBelowThreshold];
    BalanceRecovered = "balance.recovered": Money, "A bank balance that had fallen below its threshold has recovered.",
        needs [BankManage, BankView], about [BalanceRecovered];
    ForecastBelowThreshold = "forecast.below_threshold": Money, "The cashflow forecast fell below a threshold of yours.",
        needs [ReportsView], about [ForecastBelowThreshold];
    ForecastRecovered = "forecast.recovered": Money, "The cashflow forecast has recovered from below a threshold of yours.",
        needs [ReportsView], about [ForecastRecovered];
    AccountsPublished = "accounts.published": Accounts, "The accounts of a month are ready, or were corrected.",
        needs [ReportsView], about [AccountsPublished];
    VatReturnFiled = "vat_return.filed": Accounts, "A VAT return was filed.",
        needs [VatView], about [VatReturnFiled];
    VatReturnDue = "vat_return.due": Accounts, "A VAT return is to be filed and paid.",
        needs [VatView], about [VatReturnDue];
    PayrollReady = "payroll.ready": Accounts, "A payroll is ready.",
        needs [PayrollView], about [PayrollReady];
    DocumentsRequested = "documents.requested": Documents, "You are asked for documents.",
        needs [DocumentsUpload], about [DocumentRequestMade, DocumentRequestChanged];
    DocumentsMissing = "documents.missing": Documents, "Documents that you are asked for are missing.",
        needs [DocumentsUpload], about [DocumentRequestReminded];
    DocumentSentBack = "document.sent_back": Documents, "A document that you are asked for was sent back.",
        needs [DocumentsUpload], about [DocumentRequestSentBack];
    DocumentReceived = "document.received": Documents, "A document that you asked for was received.",
        needs [DocumentsRequest], about [DocumentRequestFulfilled];
    EstimateDecided = "estimate.decided": Sales, "A customer accepted or declined an estimate.",
        needs [EstimatesManage], about [EstimateDecided];
    SalesDocumentViewed = "sales_document.viewed": Sales, "A customer saw a document that you sent.",
        needs [InvoicesView, EstimatesView], about [SalesDocumentViewed];
    CommentAdded = "comment.added": Comments, "A customer commented, or somebody mentioned you.",
        needs [InvoicesComment, EstimatesComment, InvoicesView, EstimatesView, DocumentsView], about [CommentAdded];
    AccessRequested = "access.requested": Access, "Somebody asks for access that you may give.",
        needs [TeamManage, ConnectionsManage, StaffManage], about [AccessRequested];
    AccessDecided = "access.decided": Access, "Access that you asked for was granted or refused.",
        needs [], about [AccessGranted, AccessRefused];
    AccessChanged = "access.changed": Access, "Somebody changed your access, or gave you access to a client.",
        needs [], about [MemberChanged, StaffChanged, AssignmentChanged, ConnectionChanged];
    ClientRegistered = "client.registered": Clients, "A client registered through a link or code of the firm.",
        needs [ClientsManage], about [ReferralRegistered];
}

impl NotificationType {
    /// The type of the notifications about an event; `None` where there are none.
    #[must_use]
    pub fn about(event: EventType) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.events().contains(&event))
    }

    /// Whether it is always mailed.
    #[must_use]
    pub const fn is_required(self) -> bool {
        self.category().is_required()
    }

    /// Whether it is mailed in quiet hours too: what is required, and what a person has a bank's or a court's term for.
    #[must_use]
    pub const fn is_critical(self) -> bool {
        self.is_required() || matches!(self, Self::PaymentDisputed)
    }

    /// Whether its events happen in a company or firm such as this.
    #[must_use]
    pub fn happens_in(self, org: &Org) -> bool {
        self.events().iter().any(|event| match event.scope() {
            EventScope::CompanyOrFirm => true,
            EventScope::Company => org.company().is_some(),
            EventScope::Firm => org.firm().is_some(),
        })
    }

    /// What happens while nobody has chosen. `role` is the person's place among the company's members; `None` for the
    /// people of firms.
    #[must_use]
    pub const fn default_mail(self, role: Option<MemberRole>) -> MailChoice {
        match (self, role) {
            // They look at the books and change nothing, so a payment asks nothing of them.
            (Self::PaymentReceived, Some(MemberRole::ReadOnly)) => MailChoice::None,
            _ => MailChoice::AtOnce,
        }
    }
}

impl fmt::Display for NotificationType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Events whose letters are mail to outsiders, addressed to them by an act of the company or firm.
    const ADDRESSED: [EventType; 13] = [
        EventType::InvitationCreated,
        EventType::InvitationResent,
        EventType::InvitationReminded,
        EventType::InvoiceSent,
        EventType::InvoiceReminded,
        EventType::CreditNoteSent,
        EventType::EstimateSent,
        EventType::EstimateReworked,
        EventType::EstimateDecisionUndone,
        EventType::DocumentLinkMade,
        EventType::DocumentLinkRenewed,
        EventType::SalesDocumentResent,
        EventType::StatementSent,
    ];

    /// Proves: NT1
    #[test]
    fn each_event_with_a_letter_is_about_one_notification_or_addressed() {
        for event in EventType::ALL.iter().copied() {
            let types = NotificationType::ALL.iter().filter(|kind| kind.events().contains(&event)).count();
            let addressed = usize::from(ADDRESSED.contains(&event));
            let expected = usize::from(event.letter_recipients().is_some());
            assert_eq!(types + addressed, expected, "{event}");
        }
    }

    #[test]
    fn there_are_few_categories_and_each_has_types() {
        assert!(NotificationCategory::ALL.len() <= 10);
        let listed: Vec<_> = NotificationCategory::ALL.iter().flat_map(|category| category.types()).collect();
        assert_eq!(listed.len(), NotificationType::ALL.len());
        assert!(NotificationCategory::ALL.iter().all(|category| category.types().next().is_some()));
        let names: BTreeSet<_> = NotificationType::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(names.len(), NotificationType::ALL.len());
    }

    #[test]
    fn a_category_is_written_as_it_is_stored() {
        for category in NotificationCategory::ALL {
            assert_eq!(serde_json::to_value(category).unwrap(), serde_json::json!(category.as_str()));
        }
    }

    #[test]
    fn a_type_happens_where_its_events_do() {
        let company: Org = "co_00000000000000000000000000000001".parse().unwrap();
        let firm: Org = "fm_00000000000000000000000000000002".parse().unwrap();
        for (kind, in_company, in_firm) in [
            (NotificationType::PaymentReceived, true, false),
            (NotificationType::ClientRegistered, false, true),
            (NotificationType::AccessRequested, true, true),
            (NotificationType::AccessEnded, true, true),
            (NotificationType::AccessChanged, true, true),
            (NotificationType::FirmConnected, true, false),
        ] {
            assert_eq!((kind.happens_in(&company), kind.happens_in(&firm)), (in_company, in_firm), "{kind}");
        }
    }
}
