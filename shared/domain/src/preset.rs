//! The roles in words, as callers see them: each with the permissions it stands for, and the permissions by module
//! and action.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    permission::{Grants, Permission},
    role::{MemberRole, StaffRole},
};

/// Whether a role or permission belongs to a company's books, to a firm's own affairs or to a customer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrgKind {
    /// A company's books.
    Company,
    /// A firm's own affairs.
    Firm,
    /// What a company's customer sees and does, through its contacts.
    Customer,
}

/// A role, and its permissions at the time it is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RolePreset {
    /// The role as it is written.
    pub role: &'static str,
    /// Where it can be held.
    pub of: OrgKind,
    /// What it is for.
    pub in_words: &'static str,
    /// What it grants unless permissions are listed with it.
    pub permissions: Grants,
}

/// One action of a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PermissionAction {
    /// The part after the dot.
    pub action: &'static str,
    /// The permission.
    pub permission: Permission,
    /// What it allows.
    pub in_words: &'static str,
    /// Where it can be held.
    pub of: Vec<OrgKind>,
}

/// A module and the permissions in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PermissionModule {
    /// The part before the dot.
    pub module: &'static str,
    /// Its actions.
    pub actions: Vec<PermissionAction>,
}

const fn member_in_words(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Owner => "Everything. A company keeps at least one owner.",
        MemberRole::Admin => "Everything but changing the subscription and lifting legal holds.",
        MemberRole::Accountant => {
            "The books and the settings, without deciding approvals or setting their policy, paying, billing, managing \
             members, choosing firms or lifting legal holds: those stay with the client. Also what a firm is granted unless the company lists \
             something else."
        }
        MemberRole::Client => {
            "What a business owner looks at: dashboard, reports, bank balances, invoices and approvals. Uploads \
             documents. Decides approvals where the company lists `approvals.decide` with the role."
        }
        MemberRole::ReadOnly => "Looks at the books and changes nothing.",
        MemberRole::Custom => "Exactly the permissions that are listed with it.",
    }
}

const fn staff_in_words(role: StaffRole) -> &'static str {
    match role {
        StaffRole::Admin => {
            "Runs the firm, and reaches every connected company, now and later, with all that the company granted."
        }
        StaffRole::Bookkeeper => "Reaches the companies that are assigned to them, with what was assigned.",
    }
}

/// Every role there is, the company's first.
#[must_use]
pub fn presets() -> Vec<RolePreset> {
    let members = MemberRole::ALL.iter().map(|role| RolePreset {
        role: role.as_str(),
        of: OrgKind::Company,
        in_words: member_in_words(*role),
        permissions: role.preset(),
    });
    let staff = StaffRole::ALL.iter().map(|role| RolePreset {
        role: role.as_str(),
        of: OrgKind::Firm,
        in_words: staff_in_words(*role),
        permissions: role.preset(),
    });
    members.chain(staff).collect()
}

/// Every permission there is, by module, in the order of the one table of permissions.
#[must_use]
pub fn modules() -> Vec<PermissionModule> {
    let mut modules: Vec<PermissionModule> = Vec::new();
    for permission in Permission::ALL.iter().copied() {
        let (module, action) = permission.as_str().split_once('.').unwrap_or((permission.as_str(), ""));
        let company = permission.is_for_companies().then_some(OrgKind::Company);
        let firm = permission.is_for_firms().then_some(OrgKind::Firm);
        let customer = permission.is_for_contacts().then_some(OrgKind::Customer);
        let of = company.into_iter().chain(firm).chain(customer).collect();
        let action = PermissionAction { action, permission, in_words: permission.in_words(), of };
        match modules.iter_mut().find(|known| known.module == module) {
            Some(known) => known.actions.push(action),
            None => modules.push(PermissionModule { module, actions: vec![action] }),
        }
    }
    modules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_is_one_action_of_one_module() {
        let modules = modules();
        let written: Vec<String> = modules
            .iter()
            .flat_map(|module| module.actions.iter().map(|action| format!("{}.{}", module.module, action.action)))
            .collect();
        assert_eq!(written.len(), Permission::ALL.len());
        for permission in Permission::ALL {
            assert!(written.iter().any(|text| text == permission.as_str()), "{permission}");
        }
    }

    #[test]
    fn a_role_holds_only_what_exists_on_its_side() {
        for preset in presets() {
            for permission in preset.permissions.iter() {
                let exists = match preset.of {
                    OrgKind::Company => permission.is_for_companies(),
                    OrgKind::Firm => permission.is_for_firms(),
                    OrgKind::Customer => permission.is_for_contacts(),
                };
                assert!(exists, "{} of {:?}: {permission}", preset.role, preset.of);
            }
        }
    }

    #[test]
    fn a_firm_that_looks_after_the_books_never_signs_off_pays_or_lets_firms_in() {
        let accountant = MemberRole::Accountant.preset();
        for kept in [
            "approvals.decide",
            "approvals.manage",
            "payments.pay",
            "payments.manage",
            "connections.manage",
            "team.manage",
            "billing.view",
            "billing.manage",
            "documents.hold",
        ] {
            assert!(!accountant.contains(kept.parse().unwrap()), "{kept}");
        }
        for needed in ["accounts.manage", "vat.manage", "journals.manage", "payroll.manage", "team.view"] {
            assert!(accountant.contains(needed.parse().unwrap()), "{needed}");
        }
    }
}
