//! Role presets, as data: a role is a name for a set of permissions at the time it is given.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    language::Reader,
    messages,
    permission::{Grants, Permission},
};

messages! {
    owner {
        English: "Owner",
        German: "Inhaber",
        French: "Propriétaire",
        Dutch: "Eigenaar",
        Spanish: "Propietario",
    }
    admin {
        English: "Admin",
        German: "Administrator",
        French: "Administrateur",
        Dutch: "Beheerder",
        Spanish: "Administrador",
    }
    accountant {
        English: "Accountant",
        German: "Buchhalter",
        French: "Comptable",
        Dutch: "Boekhouder",
        Spanish: "Contable",
    }
    client {
        English: "Client",
        German: "Mandant",
        French: "Client",
        Dutch: "Klant",
        Spanish: "Cliente",
    }
    read_only {
        English: "Read-only",
        German: "Nur Lesezugriff",
        French: "Lecture seule",
        Dutch: "Alleen lezen",
        Spanish: "Solo lectura",
    }
    custom {
        English: "Custom",
        German: "Individuell",
        French: "Personnalisé",
        Dutch: "Aangepast",
        Spanish: "Personalizado",
    }
    bookkeeper {
        English: "Bookkeeper",
        German: "Buchhalter",
        French: "Comptable",
        Dutch: "Boekhouder",
        Spanish: "Contable",
    }
}

/// A member's place in a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MemberRole {
    /// Everything; at least one owner stays.
    Owner,
    /// Everything but changing the subscription and lifting legal holds.
    Admin,
    /// The books, without approvals and their policy, paying, billing, members or firms.
    Accountant,
    /// What a business owner views; uploads documents.
    Client,
    /// Views everything but payroll, and changes nothing.
    ReadOnly,
    /// Exactly the listed permissions.
    Custom,
}

impl MemberRole {
    /// Every role, in the order they are shown.
    pub const ALL: &'static [Self] =
        &[Self::Owner, Self::Admin, Self::Accountant, Self::Client, Self::ReadOnly, Self::Custom];

    /// The role as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Accountant => "accountant",
            Self::Client => "client",
            Self::ReadOnly => "read-only",
            Self::Custom => "custom",
        }
    }

    /// The role as people read it, where it stands alone: `Read-only`.
    #[must_use]
    pub const fn in_words(self, reader: &Reader) -> &'static str {
        match self {
            Self::Owner => owner(reader),
            Self::Admin => admin(reader),
            Self::Accountant => accountant(reader),
            Self::Client => client(reader),
            Self::ReadOnly => read_only(reader),
            Self::Custom => custom(reader),
        }
    }

    /// The permissions the role stands for; none for [`MemberRole::Custom`], which lists its own.
    #[must_use]
    pub fn preset(self) -> Grants {
        Permission::ALL.iter().copied().filter(|permission| self.holds(*permission)).collect()
    }

    /// What a place in this role grants for good, of which `stored` was kept when it was given. An owner holds every
    /// permission that there is, also those that came later: somebody in the company must be able to give them.
    #[must_use]
    pub fn held_for_good(self, stored: &Grants) -> Grants {
        match self {
            Self::Owner => stored.union(&self.preset()),
            Self::Admin | Self::Accountant | Self::Client | Self::ReadOnly | Self::Custom => stored.clone(),
        }
    }

    fn holds(self, permission: Permission) -> bool {
        use Permission as P;
        if !permission.is_for_companies() {
            return false;
        }
        match self {
            Self::Owner => true,
            Self::Admin => !matches!(permission, P::BillingManage | P::DocumentsHold),
            Self::Accountant => !matches!(
                permission,
                P::BillingView
                    | P::BillingManage
                    | P::ConnectionsManage
                    | P::TeamManage
                    | P::ApprovalsDecide
                    | P::ApprovalsManage
                    | P::PaymentsPay
                    | P::PaymentsManage
                    | P::DocumentsHold
            ),
            Self::Client => matches!(
                permission,
                P::DashboardView
                    | P::ReportsView
                    | P::BankView
                    | P::InvoicesView
                    | P::InvoicesComment
                    | P::EstimatesView
                    | P::DocumentsView
                    | P::DocumentsUpload
                    | P::ApprovalsView
            ),
            Self::ReadOnly => {
                permission.as_str().ends_with(".view")
                    && !matches!(permission, P::PayrollView | P::AuditView | P::BillingView)
            }
            Self::Custom => false,
        }
    }
}

/// A user's place in a firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StaffRole {
    /// Reaches every company the firm is connected to, now and later, and manages the staff.
    Admin,
    /// Reaches the companies assigned to them.
    Bookkeeper,
}

impl StaffRole {
    /// Every role, in the order they are shown.
    pub const ALL: &'static [Self] = &[Self::Admin, Self::Bookkeeper];

    /// The role as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Bookkeeper => "bookkeeper",
        }
    }

    /// The role as people read it, where it stands alone: `Bookkeeper`.
    #[must_use]
    pub const fn in_words(self, reader: &Reader) -> &'static str {
        match self {
            Self::Admin => admin(reader),
            Self::Bookkeeper => bookkeeper(reader),
        }
    }

    /// What the role may do in the firm's own context.
    #[must_use]
    pub fn preset(self) -> Grants {
        match self {
            Self::Admin => Permission::ALL.iter().copied().filter(|p| p.is_for_firms()).collect(),
            Self::Bookkeeper => [Permission::ClientsView].into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::language::Language;

    /// The controls that a firm is under in a company, each with the permissions that waive, weaken or
    /// bypass it.
    const CONTROLS: [(&str, &[Permission]); 5] = [
        ("the sign-off", &[Permission::ApprovalsDecide, Permission::ApprovalsManage]),
        ("its connection", &[Permission::ConnectionsManage, Permission::TeamManage]),
        ("the company's money", &[Permission::PaymentsPay]),
        ("who pays for the subscription", &[Permission::BillingManage]),
        ("a legal hold", &[Permission::DocumentsHold]),
    ];

    /// Proves: S1, 24
    #[test]
    fn no_preset_of_a_firm_undoes_a_control_that_the_firm_is_under() {
        let of_firms = [MemberRole::Accountant.preset()].into_iter().chain(StaffRole::ALL.iter().map(|r| r.preset()));
        for preset in of_firms {
            for (control, undone_by) in CONTROLS {
                for permission in undone_by {
                    assert!(!preset.contains(*permission), "{permission} undoes {control}");
                }
            }
        }
    }

    #[test]
    fn no_role_holds_more_than_the_owner() {
        for role in MemberRole::ALL {
            assert_eq!(role.preset().first_beyond(&MemberRole::Owner.preset()), None, "{role:?}");
        }
    }

    #[test]
    fn only_the_owner_changes_the_subscription_and_lifts_legal_holds() {
        for role in MemberRole::ALL {
            for permission in [Permission::BillingManage, Permission::DocumentsHold] {
                let holds = role.preset().contains(permission);
                assert_eq!(holds, *role == MemberRole::Owner, "{role:?}: {permission}");
            }
        }
    }

    #[test]
    fn a_client_sees_no_books_settings_or_people() {
        let client = MemberRole::Client.preset();
        for forbidden in [
            Permission::AccountsView,
            Permission::VatView,
            Permission::PayrollView,
            Permission::TeamView,
            Permission::BillingView,
            Permission::JournalsView,
            Permission::ApprovalsDecide,
            Permission::CustomersView,
        ] {
            assert!(!client.contains(forbidden), "{forbidden}");
        }
    }

    /// Proves: 5
    #[test]
    fn no_place_in_a_company_holds_what_its_customers_contacts_alone_do() {
        for role in MemberRole::ALL {
            for permission in [Permission::EstimatesDecide, Permission::DetailsEdit] {
                assert!(!role.preset().contains(permission), "{role:?}: {permission}");
            }
        }
    }

    #[test]
    fn read_only_changes_nothing() {
        for permission in MemberRole::ReadOnly.preset().iter() {
            assert!(permission.as_str().ends_with(".view"), "{permission}");
        }
    }

    /// Somebody who is invited would otherwise take one role for another.
    #[test]
    fn no_two_roles_of_a_company_are_named_alike() {
        for language in Language::ALL {
            let reader = &Reader::of(language);
            let names: BTreeSet<&str> = MemberRole::ALL.iter().map(|role| role.in_words(reader)).collect();
            assert_eq!(names.len(), MemberRole::ALL.len(), "{language:?}");
            let names: BTreeSet<&str> = StaffRole::ALL.iter().map(|role| role.in_words(reader)).collect();
            assert_eq!(names.len(), StaffRole::ALL.len(), "{language:?}");
        }
    }

    #[test]
    fn a_role_is_read_as_it_is_written() {
        for role in MemberRole::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        for role in StaffRole::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
    }
}
