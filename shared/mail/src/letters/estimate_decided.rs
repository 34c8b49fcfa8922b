//! The letter to those who manage estimates: a customer accepted or declined one.

use domain::{language::Reader, messages};

use crate::{
    inert::{Line, Quote},
    layout::{Button, Fact, Letter, Quotation, Words},
    letters::sales_document::{SalesDocumentNamed, see_the_estimate},
    url::HttpUrl,
};

/// The decision on an estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EstimateDecision {
    /// The customer takes the offer.
    Accepted,
    /// The customer does not.
    Declined,
}

/// A customer accepted or declined an estimate.
#[derive(Debug, Clone)]
pub struct EstimateDecided {
    /// The estimate.
    pub estimate: SalesDocumentNamed,
    /// The decision.
    pub decision: EstimateDecision,
    /// The name of the contact who decided, or of the person who recorded it for them.
    pub decided_by: Line,
    /// Whether the customer decided otherwise than in the portal, such as by phone.
    pub recorded: bool,
    /// The reason, in the words of the person who wrote it.
    pub reason: Option<Quote>,
    /// The estimate in the portal.
    pub link: HttpUrl,
}

messages! {
    subject_accepted(number) {
        English: "Accepted: estimate {number}",
        German: "Angenommen: Angebot {number}",
        French: "Accepté : devis {number}",
        Dutch: "Geaccepteerd: offerte {number}",
        Spanish: "Aceptado: presupuesto {number}",
    }
    accepted(by, number, customer) {
        English: "{by} accepted estimate {number} for {customer}.",
        German: "{by} hat Angebot {number} im Namen von {customer} angenommen.",
        French: "{by} a accepté le devis {number} au nom du client {customer}.",
        Dutch: "{by} heeft offerte {number} namens {customer} geaccepteerd.",
        Spanish: "{by} ha aceptado el presupuesto {number} en nombre de {customer}.",
    }
    recorded_as_accepted(by, number, customer) {
        English: "{by} recorded that {customer} accepted estimate {number}.",
        German: "{by} hat eingetragen, dass {customer} Angebot {number} angenommen hat.",
        French: "{by} a enregistré l’acceptation du devis {number} par {customer}.",
        Dutch: "{by} heeft vastgelegd dat {customer} offerte {number} heeft geaccepteerd.",
        Spanish: "{by} ha registrado que {customer} aceptó el presupuesto {number}.",
    }
    subject_declined(number) {
        English: "Declined: estimate {number}",
        German: "Abgelehnt: Angebot {number}",
        French: "Refusé : devis {number}",
        Dutch: "Afgewezen: offerte {number}",
        Spanish: "Rechazado: presupuesto {number}",
    }
    declined(by, number, customer) {
        English: "{by} declined estimate {number} for {customer}.",
        German: "{by} hat Angebot {number} im Namen von {customer} abgelehnt.",
        French: "{by} a refusé le devis {number} au nom du client {customer}.",
        Dutch: "{by} heeft offerte {number} namens {customer} afgewezen.",
        Spanish: "{by} ha rechazado el presupuesto {number} en nombre de {customer}.",
    }
    recorded_as_declined(by, number, customer) {
        English: "{by} recorded that {customer} declined estimate {number}.",
        German: "{by} hat eingetragen, dass {customer} Angebot {number} abgelehnt hat.",
        French: "{by} a enregistré le refus du devis {number} par {customer}.",
        Dutch: "{by} heeft vastgelegd dat {customer} offerte {number} heeft afgewezen.",
        Spanish: "{by} ha registrado que {customer} rechazó el presupuesto {number}.",
    }
    decided_by {
        English: "Decided by",
        German: "Entschieden von",
        French: "Décidé par",
        Dutch: "Beslist door",
        Spanish: "Decidido por",
    }
    recorded_by {
        English: "Recorded by",
        German: "Eingetragen von",
        French: "Enregistré par",
        Dutch: "Vastgelegd door",
        Spanish: "Registrado por",
    }
    why(company) {
        English: "You receive this because you manage estimates of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie Angebote von {company} verwalten.",
        French: "Vous recevez ce message parce que vous gérez les devis de l’entreprise {company}.",
        Dutch: "U ontvangt dit bericht omdat u offertes van {company} beheert.",
        Spanish: "Recibe este mensaje porque gestiona los presupuestos de {company}.",
    }
}

impl Letter for EstimateDecided {
    fn name(&self) -> &'static str {
        "estimate-decided"
    }

    fn words(&self, reader: &Reader) -> Words {
        let by = &self.decided_by;
        let SalesDocumentNamed { company, customer, number, .. } = &self.estimate;
        let subject = match self.decision {
            EstimateDecision::Accepted => subject_accepted(reader, number.short()),
            EstimateDecision::Declined => subject_declined(reader, number.short()),
        };
        let said = match (self.decision, self.recorded) {
            (EstimateDecision::Accepted, false) => accepted(reader, by, number, customer),
            (EstimateDecision::Accepted, true) => recorded_as_accepted(reader, by, number, customer),
            (EstimateDecision::Declined, false) => declined(reader, by, number, customer),
            (EstimateDecision::Declined, true) => recorded_as_declined(reader, by, number, customer),
        };
        let mut facts = self.estimate.facts(reader);
        facts.push(Fact::new(if self.recorded { recorded_by(reader) } else { decided_by(reader) }, by));
        Words {
            facts,
            quotation: Quotation::if_any(by, self.reason.as_ref()),
            button: Some(Button::new(see_the_estimate(reader), &self.link)),
            ..Words::new(&subject, &said, &why(reader, company))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use crate::letters::sales_document::SalesDocumentKind;
        let declined = Self {
            estimate: SalesDocumentNamed::example(say, SalesDocumentKind::Estimate),
            decision: EstimateDecision::Declined,
            decided_by: Line::new(&say("Nora Nord")),
            recorded: false,
            reason: Quote::new(&say("Too dear.\nPlease leave out the books.")),
            link: crate::say::link(),
        };
        let accepted = Self { decision: EstimateDecision::Accepted, reason: None, ..declined.clone() };
        let by_phone = Self { decided_by: Line::new(&say("Edda Editor")), recorded: true, ..accepted.clone() };
        vec![
            ("an_estimate_is_declined_with_a_reason", declined),
            ("an_estimate_is_accepted", accepted),
            ("an_estimate_was_accepted_by_phone", by_phone),
        ]
    }
}
