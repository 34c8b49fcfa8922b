//! Permissions and consents, set for a page: what people read before they agree.

use askama::Template;
use domain::{
    Grants,
    consent::{ConsentPart, ConsentText},
    permission::ModuleVerbs,
};

/// The text of a consent, word for word, its permissions by module. It is markup for a template: `{{ it|safe }}`.
#[derive(Debug, Template)]
#[template(path = "consent.html")]
pub struct ConsentShown<'a> {
    parts: Vec<ConsentPart<'a>>,
}

impl<'a> ConsentShown<'a> {
    /// The text.
    #[must_use]
    pub fn new(text: &'a ConsentText) -> Self {
        Self { parts: text.parts() }
    }
}

/// Permissions in a few words each, by module. It is markup for a template: `{{ it|safe }}`.
#[derive(Debug, Template)]
#[template(path = "granted.html")]
pub struct GrantsShown {
    modules: Vec<ModuleVerbs>,
}

impl GrantsShown {
    /// The permissions.
    #[must_use]
    pub fn new(grants: &Grants) -> Self {
        Self { modules: grants.by_module() }
    }
}

#[cfg(test)]
mod tests {
    use domain::{MemberRole, Permission};

    use super::*;

    /// The words on the page, without the names of modules, which are no part of the text.
    fn words(html: &str) -> Vec<String> {
        let mut text = String::new();
        for part in html.split("<h3>") {
            let part = part.split_once("</h3>").map_or(part, |(_, rest)| rest);
            for (n, piece) in part.split(['<', '>']).enumerate() {
                text += if n.is_multiple_of(2) { piece } else { " " };
            }
        }
        text.replace("&#39;", "'").replace("&#38;", "&").split_whitespace().map(str::to_owned).collect()
    }

    /// A person would otherwise agree to other words than they were shown.
    #[test]
    fn a_consent_is_shown_word_for_word() {
        for grants in [MemberRole::Accountant.preset(), Grants::whole_company(), Grants::default()] {
            let text = ConsentText::current(&"Contas & Filhos".parse().unwrap(), &grants);
            let shown = ConsentShown::new(&text).to_string();
            let said: Vec<&str> = text.text.split_whitespace().filter(|word| *word != "-").collect();
            assert_eq!(words(&shown), said, "{shown}");
        }
    }

    #[test]
    fn a_firms_name_is_no_markup() {
        let text = ConsentText::current(&"<b>Contas</b>".parse().unwrap(), &Grants::default());
        assert!(!ConsentShown::new(&text).to_string().contains("<b>"));
    }

    #[test]
    fn permissions_are_rows_by_module() {
        let grants = [Permission::InvoicesView, Permission::InvoicesComment].into_iter().collect();
        let shown = GrantsShown::new(&grants).to_string();
        assert!(shown.contains("<th scope=\"row\">Invoices</th><td>see, comment</td>"), "{shown}");
    }
}
