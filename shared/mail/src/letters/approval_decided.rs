//! The letter to the preparer: the decision on a transaction.

use domain::{Money, language::Reader, messages};

use super::{
    approval_requested::{description_label, payee_label},
    common,
};
use crate::{
    inert::{Line, Quote},
    layout::{Button, Fact, Letter, Quotation, Words},
    url::HttpUrl,
};

/// The decision on a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The ledger may post it.
    Approved,
    /// The ledger may not post it.
    Rejected,
}

/// Someone decided on a transaction.
#[derive(Debug, Clone)]
pub struct ApprovalDecided {
    /// The company's name.
    pub company: Line,
    /// Who would be paid.
    pub payee: Line,
    /// How much.
    pub amount: Money,
    /// What it is for.
    pub description: Option<Line>,
    /// The decision.
    pub decision: Decision,
    /// The decider's name.
    pub decided_by: Line,
    /// The decider's own words.
    pub reason: Option<Quote>,
    /// The approval in the portal.
    pub link: HttpUrl,
}

messages! {
    approved_subject(amount, payee) {
        English: "Approved: {amount} to {payee}",
        German: "Freigegeben: {amount} an {payee}",
        French: "Approuvé : {amount} pour {payee}",
        Dutch: "Goedgekeurd: {amount} aan {payee}",
        Spanish: "Aprobado: {amount} para {payee}",
    }
    rejected_subject(amount, payee) {
        English: "Rejected: {amount} to {payee}",
        German: "Abgelehnt: {amount} an {payee}",
        French: "Rejeté : {amount} pour {payee}",
        Dutch: "Afgewezen: {amount} aan {payee}",
        Spanish: "Rechazado: {amount} para {payee}",
    }
    approved(by, company) {
        English: "{by} approved this transaction of {company}.",
        German: "{by} hat diese Transaktion von {company} freigegeben.",
        French: "{by} a approuvé cette transaction de l’entreprise {company}.",
        Dutch: "{by} heeft deze transactie van {company} goedgekeurd.",
        Spanish: "{by} ha aprobado esta transacción de {company}.",
    }
    rejected(by, company) {
        English: "{by} rejected this transaction of {company}.",
        German: "{by} hat diese Transaktion von {company} abgelehnt.",
        French: "{by} a rejeté cette transaction de l’entreprise {company}.",
        Dutch: "{by} heeft deze transactie van {company} afgewezen.",
        Spanish: "{by} ha rechazado esta transacción de {company}.",
    }
    see_it {
        English: "See the transaction",
        German: "Transaktion ansehen",
        French: "Voir la transaction",
        Dutch: "Transactie bekijken",
        Spanish: "Ver la transacción",
    }
    why(company) {
        English: "You receive this because you follow approvals of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie die Freigaben von {company} verfolgen.",
        French: "Vous recevez ce message parce que vous suivez les approbations de l’entreprise {company}.",
        Dutch: "U ontvangt dit bericht omdat u de goedkeuringen van {company} volgt.",
        Spanish: "Recibe este mensaje porque sigue las aprobaciones de {company}.",
    }
}

impl Letter for ApprovalDecided {
    fn name(&self) -> &'static str {
        "approval-decided"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, payee, decided_by, .. } = self;
        let (amount, to) = (&reader.money(self.amount), payee.short());
        let (subject, decided) = match self.decision {
            Decision::Approved => (approved_subject(reader, amount, to), approved(reader, decided_by, company)),
            Decision::Rejected => (rejected_subject(reader, amount, to), rejected(reader, decided_by, company)),
        };
        let facts = [
            Some(Fact::new(payee_label(reader), payee)),
            Some(Fact::new(common::amount(reader), amount)),
            Fact::if_any(description_label(reader), self.description.as_ref()),
        ];
        Words {
            facts: facts.into_iter().flatten().collect(),
            quotation: Quotation::if_any(decided_by, self.reason.as_ref()),
            button: Some(Button::new(see_it(reader), &self.link)),
            ..Words::new(&subject, &decided, &why(reader, company))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let given = Self {
            company: line("Acme Retail"),
            payee: line("Müller GmbH"),
            amount: Money { minor: 5_120, currency: "KWD".parse().unwrap() },
            description: None,
            decision: Decision::Approved,
            decided_by: line("Olivia Owner"),
            reason: None,
            link: crate::say::link(),
        };
        let refused = Self {
            decision: Decision::Rejected,
            reason: Quote::new(&say("Twice the agreed price.\nAsk them.")),
            ..given.clone()
        };
        vec![("an_approval_is_given", given), ("an_approval_is_refused_with_a_reason", refused)]
    }
}
