//! The letter to someone who may decide: a transaction waits.

use domain::{Money, language::Reader, messages};

use super::common;
use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    url::HttpUrl,
};

/// A transaction waits for someone's approval.
#[derive(Debug, Clone)]
pub struct ApprovalRequested {
    /// The company's name.
    pub company: Line,
    /// Who would be paid.
    pub payee: Line,
    /// How much.
    pub amount: Money,
    /// What it is for.
    pub description: Option<Line>,
    /// The preparer's name.
    pub prepared_by: Option<Line>,
    /// The approval in the portal.
    pub link: HttpUrl,
}

messages! {
    subject(amount, payee) {
        English: "Approval needed: {amount} to {payee}",
        German: "Freigabe erforderlich: {amount} an {payee}",
        French: "Approbation requise : {amount} pour {payee}",
        Dutch: "Goedkeuring nodig: {amount} aan {payee}",
        Spanish: "Aprobación necesaria: {amount} para {payee}",
    }
    waits(company) {
        English: "A transaction of {company} waits for your approval.",
        German: "Eine Transaktion von {company} wartet auf Ihre Freigabe.",
        French: "Une transaction de l’entreprise {company} attend votre approbation.",
        Dutch: "Een transactie van {company} wacht op uw goedkeuring.",
        Spanish: "Una transacción de {company} está pendiente de su aprobación.",
    }
    pub(super) payee_label {
        English: "Payee",
        German: "Zahlungsempfänger",
        French: "Bénéficiaire",
        Dutch: "Begunstigde",
        Spanish: "Beneficiario",
    }
    pub(super) description_label {
        English: "Description",
        German: "Beschreibung",
        French: "Libellé",
        Dutch: "Omschrijving",
        Spanish: "Concepto",
    }
    prepared_by {
        English: "Prepared by",
        German: "Vorbereitet von",
        French: "Préparée par",
        Dutch: "Voorbereid door",
        Spanish: "Preparada por",
    }
    review {
        English: "Review it",
        German: "Transaktion prüfen",
        French: "Examiner la transaction",
        Dutch: "Transactie beoordelen",
        Spanish: "Revisar la transacción",
    }
    /// Why somebody who may decide gets a letter.
    pub(super) why_decider(company) {
        English: "You receive this because you may decide on approvals of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie bei {company} über Freigaben entscheiden dürfen.",
        French: "Vous recevez ce message parce que vous pouvez décider des approbations de l’entreprise {company}.",
        Dutch: "U ontvangt dit bericht omdat u bij {company} over goedkeuringen mag beslissen.",
        Spanish: "Recibe este mensaje porque puede decidir sobre las aprobaciones de {company}.",
    }
}

impl Letter for ApprovalRequested {
    fn name(&self) -> &'static str {
        "approval-requested"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, payee, .. } = self;
        let amount = reader.money(self.amount);
        let facts = [
            Some(Fact::new(payee_label(reader), payee)),
            Some(Fact::new(common::amount(reader), &amount)),
            Fact::if_any(description_label(reader), self.description.as_ref()),
            Fact::if_any(prepared_by(reader), self.prepared_by.as_ref()),
        ];
        Words {
            facts: facts.into_iter().flatten().collect(),
            button: Some(Button::new(review(reader), &self.link)),
            ..Words::new(
                &subject(reader, amount, payee.short()),
                &waits(reader, company),
                &why_decider(reader, company),
            )
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let euros = Money { minor: 123_456, currency: "EUR".parse().unwrap() };
        let yen = Money { minor: 1_234, currency: "JPY".parse().unwrap() };
        let in_detail = Self {
            company: line("Acme Retail"),
            payee: line("Müller GmbH"),
            amount: euros,
            description: Some(line("Shop fittings, second half")),
            prepared_by: Some(line("Ben Books")),
            link: crate::say::link(),
        };
        let little =
            Self { payee: line("東京電力"), amount: yen, description: None, prepared_by: None, ..in_detail.clone() };
        vec![("an_approval_is_requested", in_detail), ("an_approval_of_little_detail_is_requested", little)]
    }
}
