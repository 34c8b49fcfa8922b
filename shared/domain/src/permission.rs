//! Permissions: one table of `module.action`, and sets of them.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

mod by_module;
mod needed;
mod words;

pub use by_module::ModuleVerbs;
pub use needed::{Needed, Needs, NeedsAll, OneOf};

/// Text that names no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a known permission")]
pub struct PermissionError;

/// A type that stands for one permission: one of those in [`may`].
pub trait Permitted {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($module:ident = $name:literal { $($variant:ident = $text:literal, $verb:literal: $doc:literal,)* })*) => {
        /// What may be done, as `module.action`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum Permission {
            $($(#[doc = $doc] #[serde(rename = $text)] #[schema(rename = $text)] $variant,)*)*
        }

        impl Permission {
            /// Every permission there is.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            /// The permission as it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($(Self::$variant => $text,)*)* }
            }

            /// The module that it is in.
            const fn module(self) -> Module {
                match self { $($(Self::$variant => Module::$module,)*)* }
            }

            /// Its verbs and its sentence, in English.
            const fn in_english(self) -> (&'static str, &'static str) {
                match self { $($(Self::$variant => ($verb, $doc),)*)* }
            }
        }

        /// What permissions are about, as people read it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Module {
            $(#[doc = $name] $module,)*
        }

        impl Module {
            /// Its name in English.
            const fn in_english(self) -> &'static str {
                match self { $(Self::$module => $name,)* }
            }
        }

        /// Each permission as a type, for signatures that name what they need.
        pub mod may {
            $($(
                #[doc = $doc]
                #[derive(Debug, Clone, Copy)]
                pub struct $variant;

                impl super::Permitted for $variant {
                    const PERMISSION: super::Permission = super::Permission::$variant;
                }
            )*)*
        }

        impl FromStr for Permission {
            type Err = PermissionError;

            fn from_str(text: &str) -> Result<Self, PermissionError> {
                match text { $($($text => Ok(Self::$variant),)*)* _ => Err(PermissionError) }
            }
        }
    };
}

permissions! {
    Summary = "Summary" {
        DashboardView = "dashboard.view", "see": "See the company's summary.",
    }
    Reports = "Reports" {
        ReportsView = "reports.view", "see": "See profit and loss, balance sheet and cashflow forecast.",
        ReportsPublish = "reports.publish", "publish": "Publish the month's accounts.",
    }
    BankBalances = "Bank balances" {
        BankView = "bank.view", "see": "See bank balances.",
        BankManage = "bank.manage", "set thresholds": "Set balance thresholds.",
    }
    Invoices = "Invoices" {
        InvoicesView = "invoices.view", "see": "See invoices and their comments.",
        InvoicesEdit = "invoices.edit", "change": "Change invoices in the vendor's product.",
        InvoicesComment = "invoices.comment", "comment": "Comment on invoices.",
        InvoicesManage = "invoices.manage", "draft, send, correct":
            "Draft, send and correct invoices and credit notes.",
    }
    Estimates = "Estimates" {
        EstimatesView = "estimates.view", "see": "See estimates and their comments.",
        EstimatesDecide = "estimates.decide", "accept, decline": "Accept or decline estimates.",
        EstimatesComment = "estimates.comment", "comment": "Comment on estimates.",
        EstimatesManage = "estimates.manage", "draft, send, rework":
            "Draft, send and rework estimates, and record decisions.",
    }
    StatementsOfAccount = "Statements of account" {
        StatementsView = "statements.view", "see": "See statements of account.",
    }
    SalesDocuments = "Sales documents" {
        SalesForward = "sales.forward", "forward": "Forward sales documents.",
    }
    Customers = "Customers" {
        CustomersView = "customers.view", "see": "See customers, their contacts and what they owe.",
        CustomersManage = "customers.manage", "change":
            "Change customers and their contacts, and switch their access on and off.",
    }
    OwnDetails = "Own details" {
        DetailsEdit = "details.edit", "change": "Edit the customer's own details.",
    }
    Payments = "Payments" {
        PaymentsView = "payments.view", "see": "See payments.",
        PaymentsPay = "payments.pay", "pay": "Pay invoices.",
        PaymentsManage = "payments.manage", "cancel those of others": "Cancel pending payments that others started.",
    }
    Documents = "Documents" {
        DocumentsView = "documents.view", "see": "See documents.",
        DocumentsUpload = "documents.upload", "upload": "Upload documents.",
        DocumentsManage = "documents.manage", "rename, move, remove, hold": "Rename, move, remove and hold documents.",
        DocumentsHold = "documents.hold", "lift legal holds": "Lift legal holds of documents.",
        DocumentsRequest = "documents.request", "ask for, accept, send back":
            "Ask members for documents, and accept or send back what they upload.",
    }
    Approvals = "Approvals" {
        ApprovalsView = "approvals.view", "see": "See approvals and the approval policy.",
        ApprovalsPrepare = "approvals.prepare", "prepare": "Prepare transactions that need approval.",
        ApprovalsDecide = "approvals.decide", "approve, reject": "Approve or reject transactions.",
        ApprovalsManage = "approvals.manage", "change the policy": "Change the approval policy.",
    }
    Payroll = "Payroll" {
        PayrollView = "payroll.view", "see": "See payroll, in the vendor's product.",
        PayrollManage = "payroll.manage", "run": "Run payroll, in the vendor's product.",
    }
    VatReturns = "VAT returns" {
        VatView = "vat.view", "see": "See VAT returns and settings, in the vendor's product.",
        VatManage = "vat.manage", "file": "File VAT returns, in the vendor's product.",
    }
    ChartOfAccounts = "Chart of accounts" {
        AccountsView = "accounts.view", "see": "See the chart of accounts, in the vendor's product.",
        AccountsManage = "accounts.manage", "change": "Change the chart of accounts, in the vendor's product.",
    }
    Journals = "Journals" {
        JournalsView = "journals.view", "see": "See journals, in the vendor's product.",
        JournalsManage = "journals.manage", "post": "Post journals, in the vendor's product.",
    }
    Members = "Members" {
        TeamView = "team.view", "see": "See the company's members.",
        TeamManage = "team.manage", "invite, change, remove": "Invite, change and remove the company's members.",
    }
    Firms = "Firms" {
        ConnectionsView = "connections.view", "see": "See which firms are connected.",
        ConnectionsManage = "connections.manage", "invite, disconnect": "Invite and disconnect firms.",
    }
    Subscription = "Subscription" {
        BillingView = "billing.view", "see": "See the subscription, in the vendor's product.",
        BillingManage = "billing.manage", "change": "Change the subscription, in the vendor's product.",
    }
    AuditTrail = "Audit trail" {
        AuditView = "audit.view", "read": "Read the audit trail.",
    }
    Settings = "Settings" {
        SettingsView = "settings.view", "see": "See settings, in the vendor's product.",
        SettingsManage = "settings.manage", "change": "Change settings, in the vendor's product.",
    }
    OtherProducts = "Other products" {
        IntegrationsManage = "integrations.manage", "connect": "Connect other products, in the vendor's product.",
    }
    Clients = "Clients" {
        ClientsView = "clients.view", "see": "See the firm's client list.",
        ClientsManage = "clients.manage", "invite, disconnect":
            "Invite and disconnect the firm's clients; see registration links, signup codes and bonuses.",
    }
    Staff = "Staff" {
        StaffView = "staff.view", "see": "See the firm's staff and their assignments.",
        StaffManage = "staff.manage", "invite, change, assign, remove":
            "Invite, change, assign and remove the firm's staff.",
    }
}

impl Permission {
    /// Whether the permission concerns a firm's own affairs, rather than a company's books.
    ///
    /// `audit.view` exists in both.
    #[must_use]
    pub const fn is_for_firms(self) -> bool {
        matches!(self, Self::ClientsView | Self::ClientsManage | Self::StaffView | Self::StaffManage | Self::AuditView)
    }

    /// Whether the permission concerns a company's books, and people of the company or of its firms can hold it.
    #[must_use]
    pub const fn is_for_companies(self) -> bool {
        let is_for_contacts_alone = matches!(self, Self::EstimatesDecide | Self::DetailsEdit);
        !is_for_contacts_alone && (!self.is_for_firms() || matches!(self, Self::AuditView))
    }

    /// Whether the contacts of a company's customers can hold the permission, for their own customer's affairs.
    #[must_use]
    pub const fn is_for_contacts(self) -> bool {
        matches!(
            self,
            Self::InvoicesView
                | Self::InvoicesComment
                | Self::EstimatesView
                | Self::EstimatesComment
                | Self::EstimatesDecide
                | Self::PaymentsView
                | Self::PaymentsPay
                | Self::StatementsView
                | Self::SalesForward
                | Self::DetailsEdit
        )
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of permissions that a member, staff, connection or assignment holds.
///
/// Stored as a string set, so that a condition expression can say `contains(grants, :permission)`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Vec<Permission>)]
pub struct Grants(BTreeSet<Permission>);

impl Grants {
    /// Every permission that concerns a company.
    #[must_use]
    pub fn whole_company() -> Self {
        Permission::ALL.iter().copied().filter(|p| p.is_for_companies()).collect()
    }

    /// Reads permissions as an event lists them, and leaves out those that do not exist any more: they grant
    /// nothing today, and the rest of the event still counts.
    ///
    /// # Errors
    /// The deserializer's, for anything but a list of texts.
    pub(crate) fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let listed = Vec::<String>::deserialize(deserializer)?;
        Ok(listed.iter().filter_map(|text| text.parse().ok()).collect())
    }

    /// [`Grants::known`], or nothing.
    ///
    /// # Errors
    /// As [`Grants::known`].
    pub(crate) fn known_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        let listed = Option::<Vec<String>>::deserialize(deserializer)?;
        Ok(listed.map(|listed| listed.iter().filter_map(|text| text.parse().ok()).collect()))
    }

    /// Whether the permission is in the set.
    #[must_use]
    pub fn contains(&self, permission: Permission) -> bool {
        self.0.contains(&permission)
    }

    /// The first permission of this set that the other lacks, if any.
    #[must_use]
    pub fn first_beyond(&self, other: &Self) -> Option<Permission> {
        self.0.difference(&other.0).next().copied()
    }

    /// The permissions that are in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.0.intersection(&other.0).copied().collect()
    }

    /// The permissions that are in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.union(&other.0).copied().collect()
    }

    /// The permissions that are in this set and not in the other.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> Self {
        self.0.difference(&other.0).copied().collect()
    }

    /// Whether the set holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The permissions in their fixed order.
    pub fn iter(&self) -> impl Iterator<Item = Permission> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Permission> for Grants {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_is_read_as_it_is_written() {
        for permission in Permission::ALL {
            assert_eq!(permission.as_str().parse(), Ok(*permission));
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.as_str());
        }
    }

    #[test]
    fn the_document_lists_permissions_as_they_are_written() {
        let schema = serde_json::to_value(<Permission as utoipa::PartialSchema>::schema()).unwrap();
        assert_eq!(schema["enum"], serde_json::to_value(Permission::ALL).unwrap());
    }

    #[test]
    fn every_permission_concerns_a_company_a_firm_or_a_customer() {
        for permission in Permission::ALL {
            let can_be_held =
                permission.is_for_companies() || permission.is_for_firms() || permission.is_for_contacts();
            assert!(can_be_held, "{permission}");
        }
    }
}
