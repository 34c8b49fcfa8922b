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
    /// The recipient's assignment to a client of their firm.
    Client {
        /// The client's name.
        company: Line,
        /// The firm's name.
        firm: Line,
    },
    /// The recipient's seat as a contact of a customer.
    Contact {
        /// The company's name.
        company: Line,
        /// The customer's name.
        customer: Line,
    },
    /// A connection of the recipient's organization.
    Connection {
        /// The company's name.
        company: Line,
        /// The firm's name.
        firm: Line,
    },
}

/// A membership, a staff place, an assignment, a contact's seat or a connection ended.
#[derive(Debug, Clone)]
pub struct AccessEnded {
    /// What ended.
    pub ended: Ended,
    /// The name of the person who ended it; `None` where no person did.
    pub by: Option<Line>,
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
    access_subject(company) {
        English: "Your access to {company} has ended",
        German: "Ihr Zugriff auf {company} ist beendet",
        French: "Votre accès à {company} a pris fin",
        Dutch: "Uw toegang tot {company} is beëindigd",
        Spanish: "Su acceso a {company} ha terminado",
    }
    client_ended(company, firm) {
        English: "Your access to the books of {company}, a client of {firm}, has ended.",
        German: "Ihr Zugriff auf die Bücher von {company}, einem Mandanten von {firm}, ist beendet.",
        French: "Votre accès à la comptabilité de l’entreprise {company}, cliente du cabinet {firm}, a pris fin.",
        Dutch: "Uw toegang tot de boekhouding van {company}, een klant van {firm}, is beëindigd.",
        Spanish: "Su acceso a la contabilidad de {company}, cliente de {firm}, ha terminado.",
    }
    contact_ended(customer, company) {
        English: "Your access to {company} as a contact of {customer} has ended.",
        German: "Ihr Zugriff auf {company} als Kontaktperson von {customer} ist beendet.",
        French: "Votre accès à {company} en tant que contact du client {customer} a pris fin.",
        Dutch: "Uw toegang tot {company} als contactpersoon van {customer} is beëindigd.",
        Spanish: "Su acceso a {company} como contacto de {customer} ha terminado.",
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
    manages {
        English: "You receive this because you manage the company's connections or the firm's clients.",
        German: "Sie erhalten diese Nachricht, weil Sie die Verbindungen des Unternehmens oder die Mandanten der Kanzlei \
                verwalten.",
        French: "Vous recevez ce message parce que vous gérez les connexions de l’entreprise ou les clients du cabinet.",
        Dutch: "U ontvangt dit bericht omdat u de koppelingen van het bedrijf of de klanten van het kantoor beheert.",
        Spanish: "Recibe este mensaje porque gestiona las conexiones de la empresa o los clientes del despacho.",
    }
    pub(super) why {
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
        let (subject, ended) = match &self.ended {
            Ended::Member { company } => (member_subject(reader, company.short()), member_ended(reader, company)),
            Ended::Staff { firm } => (staff_subject(reader, firm.short()), staff_ended(reader, firm)),
            Ended::Client { company, firm } => {
                (access_subject(reader, company.short()), client_ended(reader, company, firm))
            }
            Ended::Contact { company, customer } => {
                (access_subject(reader, company.short()), contact_ended(reader, customer, company))
            }
            Ended::Connection { company, firm } => (
                connection_subject(reader, company.short(), firm.short()),
                connection_ended(reader, company, firm),
            ),
        };
        let why = if matches!(self.ended, Ended::Connection { .. }) { manages(reader) } else { why(reader) };
        Words {
            facts: Fact::if_any(ended_by(reader), self.by.as_ref()).into_iter().collect(),
            notes: self.by.iter().map(|by| Line::sentence(&ask(reader, by))).collect(),
            ..Words::new(&subject, &ended, why)
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let ended = |ended| Self { ended, by: Some(line("Ada Admin")) };
        let (company, firm) = (|| line("Acme Retail"), || line("Lovelace & Co"));
        vec![
            ("a_membership_ends", ended(Ended::Member { company: company() })),
            ("a_staff_place_ends", ended(Ended::Staff { firm: firm() })),
            ("an_assignment_ends", ended(Ended::Client { company: company(), firm: firm() })),
            (
                "the_access_of_a_contact_ends_by_itself",
                Self { by: None, ..ended(Ended::Contact { company: company(), customer: line("Nordwind Traders") }) },
            ),
            ("a_connection_ends", ended(Ended::Connection { company: company(), firm: firm() })),
        ]
    }
}
