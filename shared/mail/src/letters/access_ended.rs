//! The letter to a person whose access somebody else ended.

use domain::language::Reader;

use crate::{
    inert::Line,
    layout::{Fact, Letter, Words},
};

/// What ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// The recipient's membership.
    Member {
        /// The company's name.
        company: Line,
    },
    /// The recipient's place on a firm's staff.
    Staff {
        /// The firm's name.
        firm: Line,
    },
    /// A connection of the recipient's organization.
    Connection {
        /// The company's name.
        company: Line,
        /// The firm's name.
        firm: Line,
    },
}

/// A membership, a staff place or a connection ended.
#[derive(Debug, Clone)]
pub struct AccessEnded {
    /// What ended.
    pub ended: Ended,
    /// The name of the person who ended it.
    pub by: Line,
}

impl Letter for AccessEnded {
    fn name(&self) -> &'static str {
        "access-ended"
    }

    fn words(&self, _: &Reader) -> Words {
        let by = &self.by;
        let (subject, ended) = match &self.ended {
            Ended::Member { company } => (
                format!("Your membership of {} has ended", company.short()),
                format!("Your membership of {company} has ended."),
            ),
            Ended::Staff { firm } => (
                format!("Your place at {} has ended", firm.short()),
                format!("Your place on the staff of {firm} has ended."),
            ),
            Ended::Connection { company, firm } => (
                format!("{} and {} are no longer connected", company.short(), firm.short()),
                format!("The connection between {company} and {firm} has ended."),
            ),
        };
        Words {
            facts: vec![Fact::new("Ended by", by)],
            notes: vec![Line::sentence(&format!(
                "The access that came with it ended at the same moment. If this is a mistake, ask {by}."
            ))],
            ..Words::new(&subject, &ended, "You receive this because it concerned your access.")
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let ended = |ended| Self { ended, by: line("Ada Admin") };
        let (company, firm) = (|| line("Acme Retail"), || line("Lovelace & Co"));
        vec![
            ("a_membership_ends", ended(Ended::Member { company: company() })),
            ("a_staff_place_ends", ended(Ended::Staff { firm: firm() })),
            ("a_connection_ends", ended(Ended::Connection { company: company(), firm: firm() })),
        ]
    }
}
