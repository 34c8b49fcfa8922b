//! The letter to a firm whose registration link or signup code brought a client.

use domain::language::Reader;

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

impl Letter for ClientRegistered {
    fn name(&self) -> &'static str {
        "client-registered"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { company, firm, .. } = self;
        let (through, label) = match self.through {
            SignupSource::Link => ("through a registration link", "Link"),
            SignupSource::Code => ("with a signup code", "Code"),
        };
        let facts = [
            Some(Fact::new("Company", company)),
            Fact::if_any(label, self.label.as_ref()),
            Fact::if_any("Registered by", self.registered_by.as_ref()),
        ];
        Words {
            facts: facts.into_iter().flatten().collect(),
            button: Some(Button::new("See your clients", &self.link)),
            ..Words::new(&format!("New client of {}: {}", firm.short(), company.short()), &format!(
                "{company} registered {through} of {firm}, agreed to what that asks for, and is connected now."
            ), &format!("You receive this because you look after the clients of {firm}."))
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
