//! The letter to a customer's contacts: a decision on an estimate was undone, and it is open again.

use domain::{language::Reader, messages, time::Day};

use crate::{
    layout::{Button, Fact, Letter, Words},
    letters::{common, estimate_decided::EstimateDecision, sales_document::{SalesDocumentNamed, see_the_estimate}},
    url::HttpUrl,
};

/// A decision on an estimate was undone.
#[derive(Debug, Clone)]
pub struct EstimateReopened {
    /// The estimate.
    pub estimate: SalesDocumentNamed,
    /// The decision that does not count any more.
    pub undone: EstimateDecision,
    /// The last day on which it can be decided.
    pub valid_until: Day,
    /// The estimate in the portal.
    pub link: HttpUrl,
}

messages! {
    subject(number, company) {
        English: "Open again: estimate {number} from {company}",
        German: "Wieder offen: Angebot {number} von {company}",
        French: "De nouveau ouvert : devis {number} ({company})",
        Dutch: "Weer open: offerte {number} van {company}",
        Spanish: "Abierto de nuevo: presupuesto {number} de {company}",
    }
    was_not_accepted(company, number) {
        English: "{company} noted that estimate {number} was accepted by mistake. That does not count any more: the estimate is \
                  open again, and you can accept or decline it.",
        German: "{company} hat festgehalten, dass Angebot {number} versehentlich angenommen wurde. Das gilt nicht mehr: Das \
                 Angebot ist wieder offen, und Sie können es annehmen oder ablehnen.",
        French: "{company} a noté que le devis {number} avait été accepté par erreur. Cette décision ne compte plus : le devis \
                 est de nouveau ouvert, et vous pouvez l’accepter ou le refuser.",
        Dutch: "{company} heeft vastgelegd dat offerte {number} per vergissing is geaccepteerd. Dat telt niet meer: de offerte \
                staat weer open en u kunt deze accepteren of afwijzen.",
        Spanish: "{company} ha anotado que el presupuesto {number} se aceptó por error. Esa decisión ya no cuenta: el \
                  presupuesto vuelve a estar abierto, y usted puede aceptarlo o rechazarlo.",
    }
    was_not_declined(company, number) {
        English: "{company} noted that estimate {number} was declined by mistake. That does not count any more: the estimate is \
                  open again, and you can accept or decline it.",
        German: "{company} hat festgehalten, dass Angebot {number} versehentlich abgelehnt wurde. Das gilt nicht mehr: Das \
                 Angebot ist wieder offen, und Sie können es annehmen oder ablehnen.",
        French: "{company} a noté que le devis {number} avait été refusé par erreur. Cette décision ne compte plus : le devis \
                 est de nouveau ouvert, et vous pouvez l’accepter ou le refuser.",
        Dutch: "{company} heeft vastgelegd dat offerte {number} per vergissing is afgewezen. Dat telt niet meer: de offerte \
                staat weer open en u kunt deze accepteren of afwijzen.",
        Spanish: "{company} ha anotado que el presupuesto {number} se rechazó por error. Esa decisión ya no cuenta: el \
                  presupuesto vuelve a estar abierto, y usted puede aceptarlo o rechazarlo.",
    }
}

impl Letter for EstimateReopened {
    fn name(&self) -> &'static str {
        "estimate-reopened"
    }

    fn words(&self, reader: &Reader) -> Words {
        let SalesDocumentNamed { company, customer, number, .. } = &self.estimate;
        let said = match self.undone {
            EstimateDecision::Accepted => was_not_accepted(reader, company, number),
            EstimateDecision::Declined => was_not_declined(reader, company, number),
        };
        let mut facts = self.estimate.facts(reader);
        facts.push(Fact::new(common::valid_until(reader), reader.day(self.valid_until)));
        Words {
            on_behalf_of: Some(company.clone()),
            facts,
            button: Some(Button::new(see_the_estimate(reader), &self.link)),
            ..Words::new(
                &subject(reader, number.short(), company.short()),
                &said,
                &common::why_contact(reader, customer, company),
            )
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use crate::letters::sales_document::SalesDocumentKind;
        let reopened = Self {
            estimate: SalesDocumentNamed::example(say, SalesDocumentKind::Estimate),
            undone: EstimateDecision::Accepted,
            valid_until: Day::try_from("2026-12-31".to_owned()).unwrap(),
            link: crate::say::link(),
        };
        vec![("an_estimate_is_open_again", reopened)]
    }
}
