//! The letter to the person who asked for access: the decision.

use domain::language::Reader;
use domain::{Grants, UtcTime};

use crate::{
    date::date_and_time,
    inert::{Line, Quote},
    layout::{Button, Letter, Quotation, Section, Words},
    letters::access_target::AccessTarget,
    url::HttpUrl,
};

/// The decision.
#[derive(Debug, Clone)]
pub enum AccessDecision {
    /// Granted, in full or in part.
    Granted {
        /// The granted permissions.
        can: Grants,
        /// The refused part of the request.
        cannot: Grants,
        /// When the grant ends.
        until: UtcTime,
    },
    /// Refused.
    Refused {
        /// The requested permissions.
        cannot: Grants,
        /// The decider's reason.
        reason: Option<Quote>,
    },
}

/// Someone decided on a request for access.
#[derive(Debug, Clone)]
pub struct AccessDecided {
    /// The access that would be widened.
    pub target: AccessTarget,
    /// The decision.
    pub decision: AccessDecision,
    /// The decider's name.
    pub decided_by: Line,
    /// The request in the portal.
    pub link: HttpUrl,
}

impl AccessDecided {
    /// What was granted until then, and who can do it.
    fn granted(&self, until: UtcTime) -> (String, &'static str) {
        let (by, until) = (&self.decided_by, date_and_time(until));
        match &self.target {
            AccessTarget::Member { company } => {
                (format!("{by} granted you more access to {company} until {until}."), "You can")
            }
            AccessTarget::Firm { company, firm } => {
                (format!("{by} granted {firm} more access to {company} until {until}."), "The firm can")
            }
            AccessTarget::Client { company, .. } => {
                (format!("{by} granted you access to the books of {company} until {until}."), "You can")
            }
        }
    }

    fn refused(&self) -> String {
        let by = &self.decided_by;
        match &self.target {
            AccessTarget::Member { company } => {
                format!("{by} refused the access to {company} that you asked for.")
            }
            AccessTarget::Firm { company, firm } => {
                format!("{by} refused the access to {company} that you asked for on behalf of {firm}.")
            }
            AccessTarget::Client { company, .. } => {
                format!("{by} refused the access to the books of {company} that you asked for.")
            }
        }
    }
}

impl Letter for AccessDecided {
    fn name(&self) -> &'static str {
        "access-decided"
    }

    fn words(&self, reader: &Reader) -> Words {
        let company = self.target.company();
        let not_granted = |cannot| Section::permissions(reader, "Not granted", cannot);
        let (decided, said, sections, notes, reason) = match &self.decision {
            AccessDecision::Granted { can, cannot, until } => {
                let then = "Nobody need do anything for it to end. What could be done before stays as it is.";
                let (said, who) = self.granted(*until);
                let sections = [Section::permissions(reader, who, can), not_granted(cannot)];
                ("granted", said, sections, vec![Line::sentence(then)], None)
            }
            AccessDecision::Refused { cannot, reason } => {
                ("refused", self.refused(), [not_granted(cannot), None], Vec::new(), reason.as_ref())
            }
        };
        Words {
            sections: sections.into_iter().flatten().collect(),
            notes,
            quotation: Quotation::if_any(&self.decided_by, reason),
            button: Some(Button::new("See the request", &self.link)),
            ..Words::new(
                &format!("Access to {} {decided}", company.short()),
                &said,
                &format!("You receive this because you asked for access to {company}."),
            )
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use domain::Permission;
        let line = |text| Line::new(&say(text));
        let (company, firm) = (|| line("Acme Retail"), || line("Lovelace & Co"));
        let grants = |permissions: &[Permission]| permissions.iter().copied().collect::<Grants>();
        let (see, pay) = (&[Permission::InvoicesView][..], &[Permission::PaymentsPay][..]);
        let both = &[Permission::InvoicesView, Permission::PaymentsPay][..];
        let until = "2026-11-28T14:30:00Z".parse().unwrap();
        let decided = |target, decision| Self {
            target,
            decision,
            decided_by: line("Olivia Owner"),
            link: crate::say::link(),
        };
        let reason = Quote::new(&say("Not this month."));
        vec![
            (
                "access_is_granted",
                decided(
                    AccessTarget::Member { company: company() },
                    AccessDecision::Granted { can: grants(both), cannot: Grants::default(), until },
                ),
            ),
            (
                "access_is_granted_to_a_firm_in_part",
                decided(
                    AccessTarget::Firm { company: company(), firm: firm() },
                    AccessDecision::Granted { can: grants(see), cannot: grants(pay), until },
                ),
            ),
            (
                "access_to_a_client_is_refused_with_a_reason",
                decided(
                    AccessTarget::Client { company: company(), firm: firm() },
                    AccessDecision::Refused { cannot: grants(both), reason },
                ),
            ),
        ]
    }
}
