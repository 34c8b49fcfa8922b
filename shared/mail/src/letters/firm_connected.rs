//! The letter to those who manage a company's connections: a firm was connected.

use domain::{Grants, language::Reader, messages};

use super::access_decided::firm_can;
use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Section, Words},
    url::HttpUrl,
};

/// A firm was connected to a company.
#[derive(Debug, Clone)]
pub struct FirmConnected {
    /// The company's name.
    pub company: Line,
    /// The firm's name.
    pub firm: Line,
    /// The most that the firm may do.
    pub can: Grants,
    /// The name of the person who connected it; `None` where no person did.
    pub by: Option<Line>,
    /// The company's connections in the portal.
    pub link: HttpUrl,
}

messages! {
    subject(firm, company) {
        English: "{firm} is connected to {company}",
        German: "{firm} ist mit {company} verbunden",
        French: "Le cabinet {firm} est connecté à {company}",
        Dutch: "{firm} is gekoppeld aan {company}",
        Spanish: "{firm} está conectado con {company}",
    }
    connected(firm, company) {
        English: "{firm} is connected to {company} now and can enter its books.",
        German: "{firm} ist jetzt mit {company} verbunden und hat Zugriff auf die Bücher.",
        French: "Le cabinet {firm} est désormais connecté à {company} et peut accéder à sa comptabilité.",
        Dutch: "{firm} is nu gekoppeld aan {company} en heeft toegang tot de boekhouding.",
        Spanish: "{firm} ya está conectado con {company} y puede acceder a su contabilidad.",
    }
    connected_by {
        English: "Connected by",
        German: "Verbunden von",
        French: "Connecté par",
        Dutch: "Gekoppeld door",
        Spanish: "Conectado por",
    }
    change_it {
        English: "You can change what the firm may do, or end the connection, at any time.",
        German: "Sie können jederzeit ändern, was die Kanzlei darf, oder die Verbindung beenden.",
        French: "Vous pouvez à tout moment modifier ce que le cabinet peut faire ou mettre fin à la connexion.",
        Dutch: "U kunt op elk moment wijzigen wat het kantoor mag doen, of de koppeling beëindigen.",
        Spanish: "Puede cambiar lo que el despacho puede hacer, o poner fin a la conexión, en cualquier momento.",
    }
    see_connections {
        English: "See the connections",
        German: "Verbindungen ansehen",
        French: "Voir les connexions",
        Dutch: "Koppelingen bekijken",
        Spanish: "Ver las conexiones",
    }
    why(company) {
        English: "You receive this because you manage the connections of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie die Verbindungen von {company} verwalten.",
        French: "Vous recevez ce message parce que vous gérez les connexions de l’entreprise {company}.",
        Dutch: "U ontvangt dit bericht omdat u de koppelingen van {company} beheert.",
        Spanish: "Recibe este mensaje porque gestiona las conexiones de {company}.",
    }
}

impl Letter for FirmConnected {
    fn name(&self) -> &'static str {
        "firm-connected"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, firm, .. } = self;
        Words {
            facts: Fact::if_any(connected_by(reader), self.by.as_ref()).into_iter().collect(),
            sections: Section::permissions(reader, firm_can(reader), &self.can).into_iter().collect(),
            notes: vec![Line::sentence(change_it(reader))],
            button: Some(Button::new(see_connections(reader), &self.link)),
            ..Words::new(
                &subject(reader, firm.short(), company.short()),
                &connected(reader, firm, company),
                &why(reader, company),
            )
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use domain::Permission;
        let line = |text| Line::new(&say(text));
        vec![(
            "a_firm_is_connected",
            Self {
                company: line("Acme Retail"),
                firm: line("Lovelace & Co"),
                can: [Permission::InvoicesView, Permission::PaymentsPay].into_iter().collect(),
                by: Some(line("Ada Admin")),
                link: crate::say::link(),
            },
        )]
    }
}
