//! The letter to a firm whose registration link or signup code brought a client.

use domain::{language::Reader, messages};

use super::common;
use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    url::HttpUrl,
};

/// What a company registered through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignupSource {
    /// A registration link.
    Link,
    /// A signup code.
    Code,
}

/// A company registered through a firm's link or code, and is connected to it.
#[derive(Debug, Clone)]
pub struct ClientRegistered {
    /// The company's name.
    pub company: Line,
    /// The firm's name.
    pub firm: Line,
    /// The link or code.
    pub through: SignupSource,
    /// The firm's label of it.
    pub label: Option<Line>,
    /// The name of the person who registered it.
    pub registered_by: Option<Line>,
    /// The firm's clients in the portal.
    pub link: HttpUrl,
}

messages! {
    subject(firm, company) {
        English: "New client of {firm}: {company}",
        German: "Neuer Mandant von {firm}: {company}",
        French: "Nouveau client du cabinet {firm} : {company}",
        Dutch: "Nieuwe klant van {firm}: {company}",
        Spanish: "Nuevo cliente de {firm}: {company}",
    }
    through_link(company, firm) {
        English: "{company} registered through a registration link of {firm}, agreed to what that asks for, and is \
                connected now.",
        German: "{company} hat sich über einen Registrierungslink von {firm} registriert, dem erbetenen Zugriff \
                zugestimmt und ist jetzt verbunden.",
        French: "L’entreprise {company} s’est inscrite par un lien d’inscription du cabinet {firm}, a accepté l’accès \
                demandé et est désormais connectée.",
        Dutch: "{company} heeft zich via een registratielink van {firm} geregistreerd, is akkoord gegaan met de \
                gevraagde toegang en is nu gekoppeld.",
        Spanish: "La empresa {company} se ha registrado mediante un enlace de registro de {firm}, ha aceptado el \
                acceso solicitado y ya está conectada.",
    }
    with_code(company, firm) {
        English: "{company} registered with a signup code of {firm}, agreed to what that asks for, and is connected \
                now.",
        German: "{company} hat sich mit einem Registrierungscode von {firm} registriert, dem erbetenen Zugriff \
                zugestimmt und ist jetzt verbunden.",
        French: "L’entreprise {company} s’est inscrite avec un code d’inscription du cabinet {firm}, a accepté l’accès \
                demandé et est désormais connectée.",
        Dutch: "{company} heeft zich met een registratiecode van {firm} geregistreerd, is akkoord gegaan met de \
                gevraagde toegang en is nu gekoppeld.",
        Spanish: "La empresa {company} se ha registrado con un código de registro de {firm}, ha aceptado el acceso \
                solicitado y ya está conectada.",
    }
    link_label {
        English: "Link",
        German: "Link",
        French: "Lien",
        Dutch: "Link",
        Spanish: "Enlace",
    }
    code_label {
        English: "Code",
        German: "Code",
        French: "Code",
        Dutch: "Code",
        Spanish: "Código",
    }
    registered_by {
        English: "Registered by",
        German: "Registriert von",
        French: "Inscrite par",
        Dutch: "Geregistreerd door",
        Spanish: "Registrada por",
    }
    see_clients {
        English: "See your clients",
        German: "Mandanten ansehen",
        French: "Voir vos clients",
        Dutch: "Uw klanten bekijken",
        Spanish: "Ver sus clientes",
    }
    why(firm) {
        English: "You receive this because you look after the clients of {firm}.",
        German: "Sie erhalten diese Nachricht, weil Sie die Mandanten von {firm} betreuen.",
        French: "Vous recevez ce message parce que vous vous occupez des clients du cabinet {firm}.",
        Dutch: "U ontvangt dit bericht omdat u de klanten van {firm} beheert.",
        Spanish: "Recibe este mensaje porque se encarga de los clientes de {firm}.",
    }
}

impl Letter for ClientRegistered {
    fn name(&self) -> &'static str {
        "client-registered"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, firm, .. } = self;
        let (registered, label) = match self.through {
            SignupSource::Link => (through_link(reader, company, firm), link_label(reader)),
            SignupSource::Code => (with_code(reader, company, firm), code_label(reader)),
        };
        let facts = [
            Some(Fact::new(common::company(reader), company)),
            Fact::if_any(label, self.label.as_ref()),
            Fact::if_any(registered_by(reader), self.registered_by.as_ref()),
        ];
        Words {
            facts: facts.into_iter().flatten().collect(),
            button: Some(Button::new(see_clients(reader), &self.link)),
            ..Words::new(&subject(reader, firm.short(), company.short()), &registered, &why(reader, firm))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let through_link = Self {
            company: line("Acme Retail"),
            firm: line("Lovelace & Co"),
            through: SignupSource::Link,
            label: Some(line("Spring fair")),
            registered_by: Some(line("Olivia Owner")),
            link: crate::say::link(),
        };
        let with_code =
            Self { through: SignupSource::Code, label: None, registered_by: None, ..through_link.clone() };
        vec![
            ("a_client_registers_through_a_link", through_link),
            ("a_client_registers_with_a_code_without_a_label", with_code),
        ]
    }
}
