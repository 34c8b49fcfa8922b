//! The letter that carries an invitation's link, and the reminder of it.

use domain::{Email, Grants, MemberRole, StaffRole, UtcTime, language::Reader, messages};

use crate::{
    inert::{Line, Quote},
    layout::{Button, Company, Fact, Letter, Quotation, Section, Words},
    url::HttpUrl,
};

/// What an invitation offers.
#[derive(Debug, Clone)]
pub enum Offer {
    /// A firm is to be connected to a company.
    Firm {
        /// The company's name.
        company: Line,
        /// The firm's name, where the inviter gave it.
        firm: Option<Line>,
    },
    /// A person is to become a member of a company.
    Member {
        /// The company's name.
        company: Line,
        /// The role.
        role: MemberRole,
    },
    /// A person is to join a firm's staff.
    Staff {
        /// The firm's name.
        firm: Line,
        /// The role.
        role: StaffRole,
    },
    /// A client is to let a firm into its books.
    Client {
        /// The firm's name.
        firm: Line,
        /// What the firm could do there.
        could: Grants,
    },
    /// A contact is to see what a company sends to the customer that they are a contact of.
    Contact {
        /// The company.
        company: Company,
        /// The customer's name.
        customer: Line,
        /// What the contact could do.
        could: Grants,
    },
}

/// An invitation was made, or sent again, or has not been answered.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The offer.
    pub offer: Offer,
    /// The inviting person's name.
    pub inviter: Line,
    /// The invited person's name, where the inviter gave it.
    pub invitee: Option<Line>,
    /// The invited address.
    pub to: Email,
    /// The inviter's own words.
    pub message: Option<Quote>,
    /// The accept link: a secret.
    pub link: HttpUrl,
    /// When the link expires.
    pub expires_at: UtcTime,
    /// Whether it is the reminder.
    pub is_reminder: bool,
}

messages! {
    firm_subject(inviter, company) {
        English: "{inviter} invites your firm to work with {company}",
        German: "{inviter} lädt Ihre Kanzlei zur Zusammenarbeit mit {company} ein",
        French: "{inviter} invite votre cabinet à travailler avec {company}",
        Dutch: "{inviter} nodigt uw kantoor uit om met {company} samen te werken",
        Spanish: "{inviter} invita a su despacho a trabajar con {company}",
    }
    named_firm_offered(inviter, firm, company) {
        English: "{inviter} invites {firm} to keep the books of {company}.",
        German: "{inviter} lädt {firm} ein, die Bücher von {company} zu führen.",
        French: "{inviter} invite {firm} à tenir la comptabilité de l’entreprise {company}.",
        Dutch: "{inviter} nodigt {firm} uit om de boekhouding van {company} te voeren.",
        Spanish: "{inviter} invita a {firm} a llevar la contabilidad de {company}.",
    }
    firm_offered(inviter, company) {
        English: "{inviter} invites your firm to keep the books of {company}.",
        German: "{inviter} lädt Ihre Kanzlei ein, die Bücher von {company} zu führen.",
        French: "{inviter} invite votre cabinet à tenir la comptabilité de l’entreprise {company}.",
        Dutch: "{inviter} nodigt uw kantoor uit om de boekhouding van {company} te voeren.",
        Spanish: "{inviter} invita a su despacho a llevar la contabilidad de {company}.",
    }
    /// To a member of a company, or of a firm's staff.
    person_subject(inviter, org) {
        English: "{inviter} invites you to {org}",
        German: "{inviter} lädt Sie zu {org} ein",
        French: "{inviter} vous invite à rejoindre {org}",
        Dutch: "{inviter} nodigt u uit voor {org}",
        Spanish: "{inviter} le invita a unirse a {org}",
    }
    member_offered(inviter, company) {
        English: "{inviter} invites you to join {company}.",
        German: "{inviter} lädt Sie ein, Mitglied bei {company} zu werden.",
        French: "{inviter} vous invite à rejoindre l’entreprise {company}.",
        Dutch: "{inviter} nodigt u uit om lid te worden van {company}.",
        Spanish: "{inviter} le invita a formar parte de {company}.",
    }
    staff_offered(inviter, firm) {
        English: "{inviter} invites you to join the staff of {firm}.",
        German: "{inviter} lädt Sie ein, dem Team von {firm} beizutreten.",
        French: "{inviter} vous invite à faire partie de l’équipe du cabinet {firm}.",
        Dutch: "{inviter} nodigt u uit om deel uit te maken van het team van {firm}.",
        Spanish: "{inviter} le invita a formar parte del equipo de {firm}.",
    }
    client_subject(firm) {
        English: "{firm} asks to work with your company's books",
        German: "{firm} möchte mit den Büchern Ihres Unternehmens arbeiten",
        French: "{firm} demande à travailler sur la comptabilité de votre entreprise",
        Dutch: "{firm} wil met de boekhouding van uw bedrijf werken",
        Spanish: "{firm} solicita trabajar con la contabilidad de su empresa",
    }
    client_offered(inviter, firm) {
        English: "{inviter} of {firm} asks for access to your company's books.",
        German: "{inviter} ({firm}) bittet um Zugriff auf die Bücher Ihres Unternehmens.",
        French: "{inviter} ({firm}) demande l’accès à la comptabilité de votre entreprise.",
        Dutch: "{inviter} van {firm} vraagt toegang tot de boekhouding van uw bedrijf.",
        Spanish: "{inviter}, de {firm}, solicita acceso a la contabilidad de su empresa.",
    }
    contact_subject(company) {
        English: "{company} shares its documents with you",
        German: "{company} teilt Dokumente mit Ihnen",
        French: "{company} partage ses documents avec vous",
        Dutch: "{company} deelt documenten met u",
        Spanish: "{company} comparte documentos con usted",
    }
    contact_offered(inviter, company, customer) {
        English: "{inviter} gives you access to the documents that {company} sends to {customer}.",
        German: "{inviter} gibt Ihnen Zugriff auf die Dokumente, die {company} an {customer} sendet.",
        French: "{inviter} vous donne accès aux documents que l’entreprise {company} envoie à {customer}.",
        Dutch: "{inviter} geeft u toegang tot de documenten die {company} aan {customer} stuurt.",
        Spanish: "{inviter} le da acceso a los documentos que {company} envía a {customer}.",
    }
    reminder(subject) {
        English: "Reminder: {subject}",
        German: "Erinnerung: {subject}",
        French: "Rappel : {subject}",
        Dutch: "Herinnering: {subject}",
        Spanish: "Recordatorio: {subject}",
    }
    about_to_expire {
        English: "You have not answered yet, and the invitation is about to expire. This is the only reminder.",
        German: "Sie haben noch nicht geantwortet, und die Einladung läuft bald ab. Dies ist die einzige Erinnerung.",
        French: "Vous n’avez pas encore répondu et l’invitation va bientôt expirer. Aucun autre rappel ne suivra.",
        Dutch: "U hebt nog niet geantwoord en de uitnodiging verloopt binnenkort. Dit is de enige herinnering.",
        Spanish: "Aún no ha respondido y la invitación está a punto de caducar. Este es el único recordatorio.",
    }
    hello(name) {
        English: "Hello {name},",
        German: "Guten Tag {name},",
        French: "Bonjour {name},",
        Dutch: "Beste {name},",
        Spanish: "Hola, {name}:",
    }
    see_it {
        English: "See the invitation",
        German: "Einladung ansehen",
        French: "Voir l’invitation",
        Dutch: "Uitnodiging bekijken",
        Spanish: "Ver la invitación",
    }
    role_label {
        English: "Role",
        German: "Rolle",
        French: "Rôle",
        Dutch: "Rol",
        Spanish: "Rol",
    }
    /// What stands above what the firm could do in the books of its client.
    firm_could {
        English: "If you agree, the firm could",
        German: "Mit Ihrer Zustimmung könnte die Kanzlei",
        French: "Avec votre accord, le cabinet pourrait",
        Dutch: "Met uw toestemming kan het kantoor",
        Spanish: "Con su consentimiento, el despacho podría",
    }
    /// What stands above what a contact could do.
    you_could {
        English: "You could",
        German: "Sie könnten",
        French: "Vous pourriez",
        Dutch: "U zou kunnen",
        Spanish: "Usted podría",
    }
    until_accepted(expires, to) {
        English: "Opening the link shows what is offered and changes nothing until you accept. It works until \
                {expires}, and only for {to}.",
        German: "Der Link zeigt, was Ihnen angeboten wird, und ändert nichts, solange Sie nicht annehmen. Er gilt bis \
                zum {expires}, und nur für {to}.",
        French: "Le lien montre ce qui vous est proposé et ne change rien tant que vous n’avez pas accepté. Il est \
                valable jusqu’au {expires}, et uniquement pour {to}.",
        Dutch: "De link toont wat u wordt aangeboden en verandert niets zolang u niet accepteert. De link werkt tot \
                {expires}, en alleen voor {to}.",
        Spanish: "El enlace muestra lo que se le ofrece y no cambia nada hasta que usted acepte. Es válido hasta el \
                {expires}, y solo para {to}.",
    }
    unexpected {
        English: "If you did not expect this, you need not do anything: without your consent nothing happens. Do not \
                pass the link on.",
        German: "Wenn Sie dies nicht erwartet haben, müssen Sie nichts tun: Ohne Ihre Zustimmung geschieht nichts. \
                Geben Sie den Link nicht weiter.",
        French: "Si vous ne vous attendiez pas à ce message, vous n’avez rien à faire : sans votre accord, rien ne se \
                passe. Ne transmettez pas ce lien.",
        Dutch: "Als u dit niet verwachtte, hoeft u niets te doen: zonder uw toestemming gebeurt er niets. Geef de link \
                niet door.",
        Spanish: "Si no esperaba este mensaje, no tiene que hacer nada: sin su consentimiento no ocurre nada. No \
                comparta el enlace.",
    }
    why(inviter) {
        English: "You receive this because {inviter} entered your address.",
        German: "Sie erhalten diese Nachricht, weil {inviter} Ihre Adresse eingegeben hat.",
        French: "Vous recevez ce message car {inviter} a saisi votre adresse.",
        Dutch: "U ontvangt dit bericht omdat {inviter} uw adres heeft ingevoerd.",
        Spanish: "Recibe este mensaje porque {inviter} ha introducido su dirección.",
    }
}

impl Letter for Invitation {
    fn name(&self) -> &'static str {
        if self.is_reminder { "invitation-reminder" } else { "invitation" }
    }

    fn words(&self, reader: &Reader) -> Words {
        let (inviter, by) = (&self.inviter, self.inviter.short());
        let (subject, offered) = match &self.offer {
            Offer::Firm { company, firm: Some(firm) } => {
                (firm_subject(reader, by, company.short()), named_firm_offered(reader, inviter, firm, company))
            }
            Offer::Firm { company, firm: None } => {
                (firm_subject(reader, by, company.short()), firm_offered(reader, inviter, company))
            }
            Offer::Member { company, .. } => {
                (person_subject(reader, by, company.short()), member_offered(reader, inviter, company))
            }
            Offer::Staff { firm, .. } => {
                (person_subject(reader, by, firm.short()), staff_offered(reader, inviter, firm))
            }
            Offer::Client { firm, .. } => {
                (client_subject(reader, firm.short()), client_offered(reader, inviter, firm))
            }
            Offer::Contact { company, customer, .. } => {
                (contact_subject(reader, company.short()), contact_offered(reader, inviter, company, customer))
            }
        };
        let (role, could, company) = match &self.offer {
            Offer::Member { role, .. } => (Some(role.in_words(reader)), None, None),
            Offer::Staff { role, .. } => (Some(role.in_words(reader)), None, None),
            Offer::Client { could, .. } => (None, Section::permissions(reader, firm_could(reader), could), None),
            Offer::Contact { could, company, .. } => {
                (None, Section::permissions(reader, you_could(reader), could), Some(company.clone()))
            }
            Offer::Firm { .. } => (None, None, None),
        };
        let subject = if self.is_reminder { reminder(reader, subject) } else { subject };
        let mut words = Words::new(&subject, &offered, &why(reader, inviter));
        if self.is_reminder {
            words = words.and(about_to_expire(reader));
        }
        let expires = reader.date_and_time(self.expires_at);
        Words {
            on_behalf_of: company,
            greeting: self.invitee.as_ref().map(|name| Line::sentence(&hello(reader, name))),
            facts: Fact::if_any(role_label(reader), role).into_iter().collect(),
            sections: could.into_iter().collect(),
            quotation: Quotation::if_any(inviter, self.message.as_ref()),
            button: Some(Button { has_qr_code: true, ..Button::new(see_it(reader), &self.link) }),
            notes: vec![
                Line::sentence(&until_accepted(reader, expires, &self.to)),
                Line::sentence(unexpected(reader)),
            ],
            ..words
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use domain::customer::settings::PortalRight;
        let line = |text| Line::new(&say(text));
        let invitation = |offer, message| Self {
            offer,
            inviter: line("Olivia Owner"),
            invitee: None,
            to: "ada@firm.example".parse().unwrap(),
            message: Option::and_then(message, |message| Quote::new(&say(message))),
            link: crate::say::link(),
            expires_at: "2026-11-28T14:30:00Z".parse().unwrap(),
            is_reminder: false,
        };
        let member = || Offer::Member { company: line("Acme Retail"), role: MemberRole::ReadOnly };
        let message = "Hello Ada,\n\nwe need help with our books.\nOlivia";
        vec![
            (
                "a_firm_is_invited",
                invitation(
                    Offer::Firm { company: line("Acme Retail"), firm: Some(line("Lovelace & Co")) },
                    Some(message),
                ),
            ),
            (
                "a_firm_without_a_name_is_invited",
                invitation(Offer::Firm { company: line("Acme Retail"), firm: None }, None),
            ),
            ("a_member_is_invited", invitation(member(), None)),
            (
                "a_member_is_reminded_of_an_invitation",
                Self { is_reminder: true, ..invitation(member(), Some("Have a look")) },
            ),
            (
                "a_bookkeeper_is_invited_by_name",
                Self {
                    inviter: line("Ada Admin"),
                    invitee: Some(line("Ben O'Books")),
                    expires_at: "2026-12-01T00:05:00Z".parse().unwrap(),
                    ..invitation(
                        Offer::Staff { firm: line("Lovelace & Co"), role: StaffRole::Bookkeeper },
                        Some("See you on Monday."),
                    )
                },
            ),
            (
                "a_client_is_asked",
                invitation(
                    Offer::Client {
                        firm: line("Lovelace & Co"),
                        could: MemberRole::Accountant.preset(),
                    },
                    Some("Shall we?"),
                ),
            ),
            (
                "a_contact_is_let_in",
                invitation(
                    Offer::Contact {
                        company: Company {
                            name: line("Acme Retail"),
                            color: Some(domain::color::Color::of([0x0a, 0x6c, 0x74])),
                        },
                        customer: line("Hotel Mar"),
                        could: PortalRight::grants(&PortalRight::ALL.iter().copied().collect()),
                    },
                    None,
                ),
            ),
        ]
    }
}
