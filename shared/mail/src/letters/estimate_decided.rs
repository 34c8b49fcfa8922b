//! The letter to those who manage estimates: a customer accepted or declined one.

use domain::language::Reader;

use crate::{
    inert::{Line, Quote},
    layout::{Button, Fact, Letter, Quotation, Words},
    letters::sales_document::SalesDocumentNamed,
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

impl Letter for EstimateDecided {
    fn name(&self) -> &'static str {
        "estimate-decided"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { estimate, decided_by, .. } = self;
        let SalesDocumentNamed { company, customer, .. } = estimate;
        let (heading, decision) = match self.decision {
            EstimateDecision::Accepted => ("Accepted", "accepted"),
            EstimateDecision::Declined => ("Declined", "declined"),
        };
        let (sentence, label) = if self.recorded {
            (format!("{decided_by} recorded that {customer} {decision} {estimate}."), "Recorded by")
        } else {
            (format!("{decided_by} {decision} {estimate} for {customer}."), "Decided by")
        };
        let mut facts = estimate.facts();
        facts.push(Fact::new(label, decided_by));
        Words {
            facts,
            quotation: Quotation::if_any(decided_by, self.reason.as_ref()),
            button: Some(Button::new(estimate.kind.button(), &self.link)),
            ..Words::new(&format!("{heading}: {}", estimate.short()), &sentence, &format!("You receive this because you manage estimates of {company}."))
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
