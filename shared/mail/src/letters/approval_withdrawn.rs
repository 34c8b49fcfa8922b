//! The letter to someone who may decide: a transaction that waited was taken back.

use domain::{Money, language::Reader, messages};

use super::{
    approval_requested::{payee_label, why_decider},
    common,
};
use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    url::HttpUrl,
};

/// A transaction that waited for someone's approval was taken back.
#[derive(Debug, Clone)]
pub struct ApprovalWithdrawn {
    /// The company's name.
    pub company: Line,
    /// Who would have been paid.
    pub payee: Line,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: Option<Line>,
    /// The approval in the portal.
    pub link: HttpUrl,
}

messages! {
    subject(amount, payee) {
        English: "No approval needed any more: {amount} to {payee}",
        German: "Keine Freigabe mehr nötig: {amount} an {payee}",
        French: "Approbation devenue inutile : {amount} pour {payee}",
        Dutch: "Geen goedkeuring meer nodig: {amount} aan {payee}",
        Spanish: "Ya no es necesaria la aprobación: {amount} para {payee}",
    }
    taken_back(company) {
        English: "A transaction of {company} that waited for approval was taken back. You need not decide.",
        German: "Eine Transaktion von {company}, die auf Freigabe wartete, wurde zurückgezogen. Sie brauchen nicht zu \
                entscheiden.",
        French: "Une transaction de l’entreprise {company} qui attendait une approbation a été retirée. Vous n’avez pas à \
                décider.",
        Dutch: "Een transactie van {company} die op goedkeuring wachtte, is ingetrokken. U hoeft niet te beslissen.",
        Spanish: "Se ha retirado una transacción de {company} que estaba pendiente de aprobación. No tiene que decidir.",
    }
    reason_label {
        English: "Reason",
        German: "Grund",
        French: "Motif",
        Dutch: "Reden",
        Spanish: "Motivo",
    }
    see_it {
        English: "See the transaction",
        German: "Transaktion ansehen",
        French: "Voir la transaction",
        Dutch: "Transactie bekijken",
        Spanish: "Ver la transacción",
    }
}

impl Letter for ApprovalWithdrawn {
    fn name(&self) -> &'static str {
        "approval-withdrawn"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, payee, .. } = self;
        let amount = reader.money(self.amount);
        let facts = [
            Some(Fact::new(payee_label(reader), payee)),
            Some(Fact::new(common::amount(reader), &amount)),
            Fact::if_any(reason_label(reader), self.reason.as_ref()),
        ];
        Words {
            facts: facts.into_iter().flatten().collect(),
            button: Some(Button::new(see_it(reader), &self.link)),
            ..Words::new(
                &subject(reader, amount, payee.short()),
                &taken_back(reader, company),
                &why_decider(reader, company),
            )
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let with_reason = Self {
            company: line("Acme Retail"),
            payee: line("Müller GmbH"),
            amount: Money { minor: 123_456, currency: "EUR".parse().unwrap() },
            reason: Some(line("Entered twice")),
            link: crate::say::link(),
        };
        let without = Self { reason: None, ..with_reason.clone() };
        vec![("an_approval_is_withdrawn_with_a_reason", with_reason), ("an_approval_is_withdrawn", without)]
    }
}
