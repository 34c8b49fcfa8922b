//! The roles in words, as callers see them, in their language: each with the permissions it stands for, and the
//! permissions by module and action.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    language::Reader,
    messages,
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

messages! {
    owner {
        English: "Everything. A company keeps at least one owner.",
        German: "Alles. Ein Unternehmen behält mindestens einen Inhaber.",
        French: "Tout. Une entreprise garde au moins un propriétaire.",
        Dutch: "Alles. Een bedrijf houdt ten minste één eigenaar.",
        Spanish: "Todo. Una empresa conserva al menos un propietario.",
    }
    admin {
        English: "Everything but changing the subscription and lifting legal holds.",
        German: "Alles, außer das Abonnement zu ändern und rechtliche Löschsperren aufzuheben.",
        French: "Tout, sauf modifier l’abonnement et lever les blocages légaux.",
        Dutch: "Alles, behalve het abonnement wijzigen en juridische blokkades opheffen.",
        Spanish: "Todo, salvo modificar la suscripción y levantar los bloqueos legales.",
    }
    accountant {
        English: "The books and the settings, without deciding approvals or setting their policy, paying, billing, managing \
            members, choosing firms or lifting legal holds: those stay with the client. Also what a firm is granted unless \
            the company lists something else.",
        German: "Die Bücher und die Einstellungen, ohne über Freigaben zu entscheiden oder ihre Regeln festzulegen, zu \
            bezahlen, das Abonnement oder Mitglieder zu verwalten, Kanzleien auszuwählen oder rechtliche Löschsperren \
            aufzuheben: Das bleibt beim Mandanten. Das erhält auch eine Kanzlei, sofern das Unternehmen nichts anderes \
            festlegt.",
        French: "La comptabilité et les paramètres, sans décider des approbations ni en fixer les règles, payer, gérer \
            l’abonnement ou les membres, choisir les cabinets ni lever les blocages légaux : cela reste au client. C’est \
            aussi ce qu’un cabinet reçoit si l’entreprise n’indique rien d’autre.",
        Dutch: "De boekhouding en de instellingen, zonder over goedkeuringen te beslissen of de regels daarvoor vast te \
            stellen, te betalen, het abonnement of leden te beheren, kantoren te kiezen of juridische blokkades op te \
            heffen: dat blijft bij de klant. Dit krijgt ook een kantoor, tenzij het bedrijf iets anders opgeeft.",
        Spanish: "La contabilidad y la configuración, sin decidir aprobaciones ni fijar sus reglas, pagar, gestionar la \
            suscripción o los miembros, elegir despachos ni levantar bloqueos legales: eso queda en manos del cliente. Es \
            también lo que recibe un despacho si la empresa no indica otra cosa.",
    }
    client {
        English: "What a business owner looks at: dashboard, reports, bank balances, invoices and approvals. Uploads \
            documents. Decides approvals where the company lists `approvals.decide` with the role.",
        German: "Was eine Unternehmerin oder ein Unternehmer ansieht: Übersicht, Berichte, Kontostände, Rechnungen und \
            Freigaben. Lädt Dokumente hoch. Entscheidet über Freigaben, wenn das Unternehmen `approvals.decide` mit der \
            Rolle vergibt.",
        French: "Ce que consulte un chef d’entreprise : synthèse, rapports, soldes bancaires, factures et approbations. \
            Dépose des documents. Décide des approbations si l’entreprise accorde `approvals.decide` avec le rôle.",
        Dutch: "Wat een ondernemer bekijkt: overzicht, rapporten, banksaldi, facturen en goedkeuringen. Uploadt documenten. \
            Beslist over goedkeuringen als het bedrijf `approvals.decide` bij de rol opgeeft.",
        Spanish: "Lo que consulta un empresario: resumen, informes, saldos bancarios, facturas y aprobaciones. Sube \
            documentos. Decide aprobaciones si la empresa concede `approvals.decide` con el rol.",
    }
    read_only {
        English: "Looks at the books and changes nothing.",
        German: "Sieht die Bücher ein und ändert nichts.",
        French: "Consulte la comptabilité sans rien modifier.",
        Dutch: "Bekijkt de boekhouding en wijzigt niets.",
        Spanish: "Consulta la contabilidad y no cambia nada.",
    }
    custom {
        English: "Exactly the permissions that are listed with it.",
        German: "Genau die Berechtigungen, die mit der Rolle vergeben werden.",
        French: "Exactement les autorisations indiquées avec le rôle.",
        Dutch: "Precies de rechten die bij de rol worden opgegeven.",
        Spanish: "Exactamente los permisos que se indican con el rol.",
    }
    firm_admin {
        English: "Runs the firm, and reaches every connected company, now and later, with all that the company granted.",
        German: "Leitet die Kanzlei und hat Zugriff auf jedes verbundene Unternehmen, jetzt und künftig, mit allem, \
            was das Unternehmen gewährt.",
        French: "Dirige le cabinet et accède à toutes les entreprises connectées, présentes et à venir, avec tout ce que \
            l’entreprise a accordé.",
        Dutch: "Leidt het kantoor en heeft toegang tot elk gekoppeld bedrijf, nu en later, met alles wat het bedrijf heeft \
            toegestaan.",
        Spanish: "Dirige el despacho y accede a todas las empresas conectadas, ahora y en el futuro, con todo lo que la \
            empresa haya concedido.",
    }
    bookkeeper {
        English: "Reaches the companies that are assigned to them, with what was assigned.",
        German: "Hat Zugriff auf die zugewiesenen Unternehmen im zugewiesenen Umfang.",
        French: "Accède aux entreprises qui lui sont affectées, dans les limites de l’affectation.",
        Dutch: "Heeft toegang tot de toegewezen bedrijven, met wat is toegewezen.",
        Spanish: "Accede a las empresas que tiene asignadas, con lo que se le haya asignado.",
    }
}

const fn member_in_words(role: MemberRole, reader: &Reader) -> &'static str {
    match role {
        MemberRole::Owner => owner(reader),
        MemberRole::Admin => admin(reader),
        MemberRole::Accountant => accountant(reader),
        MemberRole::Client => client(reader),
        MemberRole::ReadOnly => read_only(reader),
        MemberRole::Custom => custom(reader),
    }
}

const fn staff_in_words(role: StaffRole, reader: &Reader) -> &'static str {
    match role {
        StaffRole::Admin => firm_admin(reader),
        StaffRole::Bookkeeper => bookkeeper(reader),
    }
}

/// Every role there is, the company's first.
#[must_use]
pub fn presets(reader: &Reader) -> Vec<RolePreset> {
    let members = MemberRole::ALL.iter().map(|role| RolePreset {
        role: role.as_str(),
        of: OrgKind::Company,
        in_words: member_in_words(*role, reader),
        permissions: role.preset(),
    });
    let staff = StaffRole::ALL.iter().map(|role| RolePreset {
        role: role.as_str(),
        of: OrgKind::Firm,
        in_words: staff_in_words(*role, reader),
        permissions: role.preset(),
    });
    members.chain(staff).collect()
}

/// Every permission there is, by module, in the order of the one table of permissions.
#[must_use]
pub fn modules(reader: &Reader) -> Vec<PermissionModule> {
    let mut modules: Vec<PermissionModule> = Vec::new();
    for permission in Permission::ALL.iter().copied() {
        let (module, action) = permission.as_str().split_once('.').unwrap_or((permission.as_str(), ""));
        let company = permission.is_for_companies().then_some(OrgKind::Company);
        let firm = permission.is_for_firms().then_some(OrgKind::Firm);
        let customer = permission.is_for_contacts().then_some(OrgKind::Customer);
        let of = company.into_iter().chain(firm).chain(customer).collect();
        let action = PermissionAction { action, permission, in_words: permission.in_words(reader), of };
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
        let modules = modules(&Reader::default());
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
        for preset in presets(&Reader::default()) {
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
