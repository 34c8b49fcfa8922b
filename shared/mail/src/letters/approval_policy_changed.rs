//! The letter to someone who may decide: what waits for a decision has changed.

use domain::{Money, language::Reader, messages};

use super::approval_requested::why_decider;
use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    url::HttpUrl,
};

/// Which transactions need an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalRule {
    /// None.
    Nothing,
    /// Those of at least this amount, and those in another currency.
    From(Money),
}

impl ApprovalRule {
    fn in_words(self, reader: &Reader) -> String {
        match self {
            Self::Nothing => nothing_needs_approval(reader).to_owned(),
            Self::From(amount) => from(reader, reader.money(amount)),
        }
    }
}

/// The approval policy of a company was changed.
#[derive(Debug, Clone)]
pub struct ApprovalPolicyChanged {
    /// The company's name.
    pub company: Line,
    /// The policy before.
    pub before: ApprovalRule,
    /// The policy now.
    pub after: ApprovalRule,
    /// The name of the person who changed it.
    pub changed_by: Line,
    /// The policy in the portal.
    pub link: HttpUrl,
}

messages! {
    nothing_needs_approval {
        English: "No transaction needs an approval",
        German: "Keine Transaktion braucht eine Freigabe",
        French: "Aucune transaction ne nécessite d’approbation",
        Dutch: "Geen enkele transactie heeft goedkeuring nodig",
        Spanish: "Ninguna transacción necesita aprobación",
    }
    from(amount) {
        English: "Transactions from {amount} on, and all in another currency",
        German: "Transaktionen ab {amount} und alle in einer anderen Währung",
        French: "Transactions à partir de {amount}, et toutes celles dans une autre devise",
        Dutch: "Transacties vanaf {amount}, en alle transacties in een andere valuta",
        Spanish: "Transacciones a partir de {amount}, y todas las que sean en otra moneda",
    }
    off_subject(company) {
        English: "{company} no longer needs approvals",
        German: "{company} verlangt keine Freigaben mehr",
        French: "{company} n’exige plus d’approbations",
        Dutch: "{company} vereist geen goedkeuringen meer",
        Spanish: "{company} ya no exige aprobaciones",
    }
    switched_off(company) {
        English: "The approval policy of {company} was switched off.",
        German: "Die Freigaberegeln von {company} wurden ausgeschaltet.",
        French: "Les règles d’approbation de l’entreprise {company} ont été désactivées.",
        Dutch: "De goedkeuringsregels van {company} zijn uitgeschakeld.",
        Spanish: "Las reglas de aprobación de {company} se han desactivado.",
    }
    changed_subject(company) {
        English: "The approval policy of {company} has changed",
        German: "Die Freigaberegeln von {company} wurden geändert",
        French: "Les règles d’approbation de l’entreprise {company} ont changé",
        Dutch: "De goedkeuringsregels van {company} zijn gewijzigd",
        Spanish: "Las reglas de aprobación de {company} han cambiado",
    }
    changed(company) {
        English: "The approval policy of {company} has changed.",
        German: "Die Freigaberegeln von {company} wurden geändert.",
        French: "Les règles d’approbation de l’entreprise {company} ont changé.",
        Dutch: "De goedkeuringsregels van {company} zijn gewijzigd.",
        Spanish: "Las reglas de aprobación de {company} han cambiado.",
    }
    before_label {
        English: "Before",
        German: "Vorher",
        French: "Avant",
        Dutch: "Voorheen",
        Spanish: "Antes",
    }
    now_label {
        English: "Now",
        German: "Jetzt",
        French: "Maintenant",
        Dutch: "Nu",
        Spanish: "Ahora",
    }
    changed_by_label {
        English: "Changed by",
        German: "Geändert von",
        French: "Modifiées par",
        Dutch: "Gewijzigd door",
        Spanish: "Cambiadas por",
    }
    see_it {
        English: "See the policy",
        German: "Regeln ansehen",
        French: "Voir les règles",
        Dutch: "Regels bekijken",
        Spanish: "Ver las reglas",
    }
    ask {
        English: "If you did not expect this, ask the person who changed it.",
        German: "Wenn Sie dies nicht erwartet haben, fragen Sie bei der Person nach, die die Regeln geändert hat.",
        French: "Si vous ne vous y attendiez pas, adressez-vous à la personne qui les a modifiées.",
        Dutch: "Als u dit niet verwachtte, vraag het dan na bij de persoon die de regels heeft gewijzigd.",
        Spanish: "Si no lo esperaba, consulte con la persona que las ha cambiado.",
    }
}

impl Letter for ApprovalPolicyChanged {
    fn name(&self) -> &'static str {
        "approval-policy-changed"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, changed_by, .. } = self;
        let is_off = self.after == ApprovalRule::Nothing;
        let (subject, said) = if is_off {
            (off_subject(reader, company.short()), switched_off(reader, company))
        } else {
            (changed_subject(reader, company.short()), changed(reader, company))
        };
        Words {
            facts: vec![
                Fact::new(before_label(reader), self.before.in_words(reader)),
                Fact::new(now_label(reader), self.after.in_words(reader)),
                Fact::new(changed_by_label(reader), changed_by),
            ],
            button: Some(Button::new(see_it(reader), &self.link)),
            notes: vec![Line::sentence(ask(reader))],
            ..Words::new(&subject, &said, &why_decider(reader, company))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let from = |minor| ApprovalRule::From(Money { minor, currency: "EUR".parse().unwrap() });
        let raised = Self {
            company: line("Acme Retail"),
            before: from(100_000),
            after: from(900_000),
            changed_by: line("Ada Admin"),
            link: crate::say::link(),
        };
        let off = Self { after: ApprovalRule::Nothing, ..raised.clone() };
        vec![("an_approval_policy_changes", raised), ("an_approval_policy_is_switched_off", off)]
    }
}
