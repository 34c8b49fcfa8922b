//! The letter to a person whose access somebody else changed.

use domain::{Grants, UtcTime, language::Reader, messages};

use super::{
    access_decided::{firm_can, you_can},
    access_ended::why,
};
use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Section, Words},
    url::HttpUrl,
};

/// The access that was changed.
#[derive(Debug, Clone)]
pub enum Changed {
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
        /// Whether they had no access there before.
        is_new: bool,
    },
    /// The access of the recipient's firm to a client.
    Firm {
        /// The client's name.
        company: Line,
        /// The firm's name.
        firm: Line,
    },
}

/// Someone changed what a person or their firm may do.
#[derive(Debug, Clone)]
pub struct AccessChanged {
    /// The access that was changed.
    pub changed: Changed,
    /// The permissions now.
    pub can: Grants,
    /// The permissions that the change took away.
    pub no_longer: Grants,
    /// When the access ends by itself; `None` for never.
    pub until: Option<UtcTime>,
    /// The name of the person who changed it; `None` where no person did.
    pub by: Option<Line>,
    /// What may be entered, in the portal.
    pub link: HttpUrl,
}

messages! {
    own_subject(org) {
        English: "Your access to {org} has changed",
        German: "Ihr Zugriff auf {org} wurde geändert",
        French: "Votre accès à {org} a changé",
        Dutch: "Uw toegang tot {org} is gewijzigd",
        Spanish: "Su acceso a {org} ha cambiado",
    }
    new_subject(company) {
        English: "You now have access to {company}",
        German: "Sie haben jetzt Zugriff auf {company}",
        French: "Vous avez désormais accès à {company}",
        Dutch: "U hebt nu toegang tot {company}",
        Spanish: "Ya tiene acceso a {company}",
    }
    firm_subject(firm, company) {
        English: "The access of {firm} to {company} has changed",
        German: "Der Zugriff von {firm} auf {company} wurde geändert",
        French: "L’accès du cabinet {firm} à {company} a changé",
        Dutch: "De toegang van {firm} tot {company} is gewijzigd",
        Spanish: "El acceso de {firm} a {company} ha cambiado",
    }
    member_changed(company) {
        English: "What you can do at {company} has changed.",
        German: "Es hat sich geändert, was Sie bei {company} tun können.",
        French: "Ce que vous pouvez faire dans l’entreprise {company} a changé.",
        Dutch: "Wat u bij {company} kunt doen, is gewijzigd.",
        Spanish: "Ha cambiado lo que usted puede hacer en {company}.",
    }
    staff_changed(firm) {
        English: "Your place on the staff of {firm} has changed.",
        German: "Ihre Rolle im Team von {firm} wurde geändert.",
        French: "Votre rôle dans l’équipe du cabinet {firm} a changé.",
        Dutch: "Uw rol in het team van {firm} is gewijzigd.",
        Spanish: "Su función en el equipo de {firm} ha cambiado.",
    }
    client_changed(company, firm) {
        English: "What you can do in the books of {company}, a client of {firm}, has changed.",
        German: "Es hat sich geändert, was Sie in den Büchern von {company}, einem Mandanten von {firm}, tun können.",
        French: "Ce que vous pouvez faire dans la comptabilité de l’entreprise {company}, cliente du cabinet {firm}, a \
                changé.",
        Dutch: "Wat u kunt doen in de boekhouding van {company}, een klant van {firm}, is gewijzigd.",
        Spanish: "Ha cambiado lo que usted puede hacer en la contabilidad de {company}, cliente de {firm}.",
    }
    client_given(company, firm) {
        English: "You were given access to the books of {company}, a client of {firm}.",
        German: "Sie haben Zugriff auf die Bücher von {company} erhalten, einem Mandanten von {firm}.",
        French: "Vous avez reçu l’accès à la comptabilité de l’entreprise {company}, cliente du cabinet {firm}.",
        Dutch: "U hebt toegang gekregen tot de boekhouding van {company}, een klant van {firm}.",
        Spanish: "Se le ha dado acceso a la contabilidad de {company}, cliente de {firm}.",
    }
    firm_changed(firm, company) {
        English: "What {firm} can do in the books of {company} has changed.",
        German: "Es hat sich geändert, was {firm} in den Büchern von {company} tun kann.",
        French: "Ce que le cabinet {firm} peut faire dans la comptabilité de l’entreprise {company} a changé.",
        Dutch: "Wat {firm} in de boekhouding van {company} kan doen, is gewijzigd.",
        Spanish: "Ha cambiado lo que {firm} puede hacer en la contabilidad de {company}.",
    }
    changed_by {
        English: "Changed by",
        German: "Geändert von",
        French: "Modifié par",
        Dutch: "Gewijzigd door",
        Spanish: "Modificado por",
    }
    ends_on {
        English: "Ends",
        German: "Endet am",
        French: "Prend fin le",
        Dutch: "Eindigt op",
        Spanish: "Termina el",
    }
    no_longer {
        English: "No longer",
        German: "Nicht mehr",
        French: "N’est plus possible",
        Dutch: "Niet meer",
        Spanish: "Ya no es posible",
    }
    open {
        English: "Open",
        German: "Öffnen",
        French: "Ouvrir",
        Dutch: "Openen",
        Spanish: "Abrir",
    }
}

impl Letter for AccessChanged {
    fn name(&self) -> &'static str {
        "access-changed"
    }

    fn words(&self, reader: &Reader) -> Words {
        let (subject, about, who) = match &self.changed {
            Changed::Member { company } => {
                (own_subject(reader, company.short()), member_changed(reader, company), you_can(reader))
            }
            Changed::Staff { firm } => (own_subject(reader, firm.short()), staff_changed(reader, firm), you_can(reader)),
            Changed::Client { company, firm, is_new: true } => {
                (new_subject(reader, company.short()), client_given(reader, company, firm), you_can(reader))
            }
            Changed::Client { company, firm, is_new: false } => {
                (own_subject(reader, company.short()), client_changed(reader, company, firm), you_can(reader))
            }
            Changed::Firm { company, firm } => (
                firm_subject(reader, firm.short(), company.short()),
                firm_changed(reader, firm, company),
                firm_can(reader),
            ),
        };
        let facts = [
            Fact::if_any(changed_by(reader), self.by.as_ref()),
            Fact::if_any(ends_on(reader), self.until.map(|until| reader.date_and_time(until))),
        ];
        let sections = [
            Section::permissions(reader, who, &self.can),
            Section::permissions(reader, no_longer(reader), &self.no_longer),
        ];
        Words {
            facts: facts.into_iter().flatten().collect(),
            sections: sections.into_iter().flatten().collect(),
            button: Some(Button::new(open(reader), &self.link)),
            ..Words::new(&subject, &about, why(reader))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use domain::Permission;
        let line = |text| Line::new(&say(text));
        let (company, firm) = (|| line("Acme Retail"), || line("Lovelace & Co"));
        let grants = |permissions: &[Permission]| permissions.iter().copied().collect::<Grants>();
        let changed = |changed| Self {
            changed,
            can: grants(&[Permission::InvoicesView, Permission::InvoicesComment]),
            no_longer: grants(&[Permission::PaymentsPay]),
            until: None,
            by: Some(line("Olivia Owner")),
            link: crate::say::link(),
        };
        let given = |is_new| Changed::Client { company: company(), firm: firm(), is_new };
        vec![
            ("the_access_of_a_member_changes", changed(Changed::Member { company: company() })),
            ("a_staff_place_changes", changed(Changed::Staff { firm: firm() })),
            (
                "access_to_a_client_is_given_until",
                Self {
                    no_longer: Grants::default(),
                    until: Some("2026-11-28T14:30:00Z".parse().unwrap()),
                    ..changed(given(true))
                },
            ),
            ("access_to_a_client_changes", changed(given(false))),
            ("the_access_of_a_firm_changes", changed(Changed::Firm { company: company(), firm: firm() })),
        ]
    }
}
