//! Permissions and consents, set for a page: what people read before they agree.

use askama::Template;
use domain::{
    Grants,
    consent::{ConsentPart, ConsentText},
    language::Reader,
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

/// Permissions in a few words each of the reader's language, by module. It is markup for a template: `{{ it|safe }}`.
#[derive(Debug, Template)]
#[template(path = "granted.html")]
pub struct GrantsShown {
    modules: Vec<ModuleVerbs>,
}

impl GrantsShown {
    /// The permissions.
    #[must_use]
    pub fn new(reader: &Reader, grants: &Grants) -> Self {
        Self { modules: grants.by_module(reader) }
    }
}

#[cfg(test)]
mod tests {
    use domain::{MemberRole, Permission, consent::ConsentTerms, language::Language};

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
        let firm = "Contas & Filhos".parse().unwrap();
        let grants = [MemberRole::Accountant.preset(), Grants::whole_company(), Grants::default()];
        for (grants, language) in grants.iter().flat_map(|grants| Language::ALL.map(|language| (grants, language))) {
            let text = ConsentTerms { firm: &firm, grants }.text(&Reader::of(language));
            let shown = ConsentShown::new(&text).to_string();
            let said: Vec<&str> = text.text.split_whitespace().filter(|word| *word != "-").collect();
            assert_eq!(words(&shown), said, "{shown}");
        }
    }

    #[test]
    fn a_firms_name_is_no_markup() {
        let (firm, grants) = ("<b>Contas</b>".parse().unwrap(), Grants::default());
        let text = ConsentTerms { firm: &firm, grants: &grants }.text(&Reader::default());
        assert!(!ConsentShown::new(&text).to_string().contains("<b>"));
    }

    #[test]
    fn permissions_are_rows_by_module() {
        let grants = [Permission::InvoicesView, Permission::InvoicesComment].into_iter().collect();
        for (language, row) in [
            (Language::English, "<th scope=\"row\">Invoices</th><td>see, comment</td>"),
            (Language::German, "<th scope=\"row\">Rechnungen</th><td>ansehen, kommentieren</td>"),
        ] {
            let shown = GrantsShown::new(&Reader::of(language), &grants).to_string();
            assert!(shown.contains(row), "{shown}");
        }
    }
}
