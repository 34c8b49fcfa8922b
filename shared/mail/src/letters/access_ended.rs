//! The letter to a person whose access somebody else ended.

use domain::{language::Reader, messages};

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

messages! {
    member_subject(company) {
        English: "Your membership of {company} has ended",
        German: "Ihre Mitgliedschaft bei {company} ist beendet",
        French: "Vous n’êtes plus membre de l’entreprise {company}",
        Dutch: "Uw lidmaatschap van {company} is beëindigd",
        Spanish: "Ya no es miembro de {company}",
    }
    member_ended(company) {
        English: "Your membership of {company} has ended.",
        German: "Ihre Mitgliedschaft bei {company} ist beendet.",
        French: "Vous n’êtes plus membre de l’entreprise {company}.",
        Dutch: "Uw lidmaatschap van {company} is beëindigd.",
        Spanish: "Ya no es miembro de {company}.",
    }
    staff_subject(firm) {
        English: "Your place at {firm} has ended",
        German: "Sie gehören nicht mehr zu {firm}",
        French: "Vous ne faites plus partie du cabinet {firm}",
        Dutch: "U hoort niet meer bij {firm}",
        Spanish: "Ya no forma parte de {firm}",
    }
    staff_ended(firm) {
        English: "Your place on the staff of {firm} has ended.",
        German: "Sie gehören nicht mehr zum Team von {firm}.",
        French: "Vous ne faites plus partie de l’équipe du cabinet {firm}.",
        Dutch: "U maakt geen deel meer uit van het team van {firm}.",
        Spanish: "Ya no forma parte del equipo de {firm}.",
    }
    connection_subject(company, firm) {
        English: "{company} and {firm} are no longer connected",
        German: "{company} und {firm} sind nicht mehr verbunden",
        French: "{company} et {firm} : connexion terminée",
        Dutch: "{company} en {firm} zijn niet meer gekoppeld",
        Spanish: "{company} y {firm} ya no están conectados",
    }
    connection_ended(company, firm) {
        English: "The connection between {company} and {firm} has ended.",
        German: "Die Verbindung zwischen {company} und {firm} ist beendet.",
        French: "La connexion entre {company} et {firm} a pris fin.",
        Dutch: "De koppeling tussen {company} en {firm} is beëindigd.",
        Spanish: "La conexión entre {company} y {firm} ha terminado.",
    }
    ended_by {
        English: "Ended by",
        German: "Beendet von",
        French: "Décidé par",
        Dutch: "Beëindigd door",
        Spanish: "Decidido por",
    }
    ask(by) {
        English: "The access that came with it ended at the same moment. If this is a mistake, ask {by}.",
        German: "Der damit verbundene Zugriff endete im selben Moment. Falls dies ein Irrtum ist, wenden Sie sich an \
                {by}.",
        French: "L’accès correspondant a pris fin au même moment. S’il s’agit d’une erreur, adressez-vous à {by}.",
        Dutch: "De bijbehorende toegang eindigde op hetzelfde moment. Is dit een vergissing, neem dan contact op met \
                {by}.",
        Spanish: "El acceso correspondiente terminó en ese mismo momento. Si se trata de un error, consulte con {by}.",
    }
    why {
        English: "You receive this because it concerned your access.",
        German: "Sie erhalten diese Nachricht, weil Ihr Zugriff betroffen war.",
        French: "Vous recevez ce message parce que votre accès était concerné.",
        Dutch: "U ontvangt dit bericht omdat het om uw toegang ging.",
        Spanish: "Recibe este mensaje porque afectaba a su acceso.",
    }
}

impl Letter for AccessEnded {
    fn name(&self) -> &'static str {
        "access-ended"
    }

    fn words(&self, reader: &Reader) -> Words {
        let by = &self.by;
        let (subject, ended) = match &self.ended {
            Ended::Member { company } => (member_subject(reader, company.short()), member_ended(reader, company)),
            Ended::Staff { firm } => (staff_subject(reader, firm.short()), staff_ended(reader, firm)),
            Ended::Connection { company, firm } => (
                connection_subject(reader, company.short(), firm.short()),
                connection_ended(reader, company, firm),
            ),
        };
        Words {
            facts: vec![Fact::new(ended_by(reader), by)],
            notes: vec![Line::sentence(&ask(reader, by))],
            ..Words::new(&subject, &ended, why(reader))
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
