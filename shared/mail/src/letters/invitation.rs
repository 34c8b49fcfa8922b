//! The letter that carries an invitation's link, and the reminder of it.

use domain::language::Reader;
use domain::{Email, Grants, Locale, UtcTime};

use crate::{
    date::date_and_time_as_in,
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
        /// The role, as people read it.
        role: Option<Line>,
    },
    /// A person is to join a firm's staff.
    Staff {
        /// The firm's name.
        firm: Line,
        /// The role, as people read it.
        role: Option<Line>,
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
    /// The reader's language. There is English only; dates are written as its region writes them.
    pub locale: Option<Locale>,
    /// Whether it is the reminder.
    pub is_reminder: bool,
}

impl Letter for Invitation {
    fn name(&self) -> &'static str {
        if self.is_reminder { "invitation-reminder" } else { "invitation" }
    }

    fn words(&self, reader: &Reader) -> Words {
        let (inviter, to) = (&self.inviter, &self.to);
        let expires = date_and_time_as_in(self.locale.as_ref(), self.expires_at);
        let (subject, offered) = match &self.offer {
            Offer::Firm { company, firm } => (
                format!("{} invites your firm to work with {}", inviter.short(), company.short()),
                format!(
                    "{inviter} invites {} to keep the books of {company}.",
                    firm.as_ref().map_or("your firm", Line::as_str)
                ),
            ),
            Offer::Member { company, .. } => (
                format!("{} invites you to {}", inviter.short(), company.short()),
                format!("{inviter} invites you to join {company}."),
            ),
            Offer::Staff { firm, .. } => (
                format!("{} invites you to {}", inviter.short(), firm.short()),
                format!("{inviter} invites you to join the staff of {firm}."),
            ),
            Offer::Client { firm, .. } => (
                format!("{} asks to work with your company's books", firm.short()),
                format!("{inviter} of {firm} asks for access to your company's books."),
            ),
            Offer::Contact { company, customer, .. } => (
                format!("{} shares its documents with you", company.short()),
                format!("{inviter} gives you access to the documents that {company} sends to {customer}."),
            ),
        };
        let (role, could, company) = match &self.offer {
            Offer::Member { role, .. } | Offer::Staff { role, .. } => (role.as_ref(), None, None),
            Offer::Client { could, .. } => (None, Section::permissions(reader, "If you agree, the firm could", could), None),
            Offer::Contact { could, company, .. } => {
                (None, Section::permissions(reader, "You could", could), Some(company.clone()))
            }
            Offer::Firm { .. } => (None, None, None),
        };
        let subject = if self.is_reminder { format!("Reminder: {subject}") } else { subject };
        let why = format!("You receive this because {inviter} entered your address.");
        let mut words = Words::new(&subject, &offered, &why);
        if self.is_reminder {
            words = words.and("You have not answered yet, and the invitation is about to expire. This is the only reminder.");
        }
        Words {
            on_behalf_of: company,
            greeting: self.invitee.as_ref().map(|name| Line::sentence(&format!("Hello {name},"))),
            facts: Fact::if_any("Role", role).into_iter().collect(),
            sections: could.into_iter().collect(),
            quotation: Quotation::if_any(inviter, self.message.as_ref()),
            button: Some(Button { has_qr_code: true, ..Button::new("See the invitation", &self.link) }),
            notes: vec![
                Line::sentence(&format!(
                    "Opening the link shows what is offered and changes nothing until you accept. It works until \
                     {expires}, and only for {to}."
                )),
                Line::sentence(
                    "If you did not expect this, you need not do anything: without your consent nothing happens. Do \
                     not pass the link on.",
                ),
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
            locale: None,
            is_reminder: false,
        };
        let member = || Offer::Member { company: line("Acme Retail"), role: Some(line("read-only")) };
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
                        Offer::Staff { firm: line("Lovelace & Co"), role: Some(line("bookkeeper")) },
                        Some("See you on Monday."),
                    )
                },
            ),
            (
                "a_client_is_asked",
                invitation(
                    Offer::Client {
                        firm: line("Lovelace & Co"),
                        could: domain::MemberRole::Accountant.preset(),
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
