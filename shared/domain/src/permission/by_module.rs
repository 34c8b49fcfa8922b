//! Permissions by module, in a few words each: `Invoices: see, change, comment`.

use std::fmt;

use super::Grants;
use crate::language::Reader;

/// What a set of permissions allows in one module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleVerbs {
    /// The module: `Invoices`.
    pub module: &'static str,
    /// What it allows there, in the order of the table of permissions; never empty.
    pub verbs: Vec<&'static str>,
}

impl ModuleVerbs {
    /// What it allows, in one line: `see, change, comment`.
    #[must_use]
    pub fn listed(&self) -> String {
        self.verbs.join(", ")
    }
}

impl fmt::Display for ModuleVerbs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.module, self.listed())
    }
}

impl Grants {
    /// The permissions in words, a line for each module, in the order of the table of permissions.
    #[must_use]
    pub fn by_module(&self, reader: &Reader) -> Vec<ModuleVerbs> {
        let mut modules: Vec<ModuleVerbs> = Vec::new();
        for permission in self.iter() {
            let (module, verbs) = (permission.module_in_words(reader), permission.verbs(reader));
            match modules.last_mut() {
                Some(last) if last.module == module => last.verbs.push(verbs),
                _ => modules.push(ModuleVerbs { module, verbs: vec![verbs] }),
            }
        }
        modules
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::{language::Language, permission::Permission};

    fn readers() -> impl Iterator<Item = Reader> {
        Language::ALL.into_iter().map(Reader::of)
    }

    /// What stands before the dot.
    fn key(permission: Permission) -> &'static str {
        permission.as_str().split_once('.').unwrap().0
    }

    #[test]
    fn permissions_are_said_by_module() {
        let grants: Grants =
            [Permission::InvoicesView, Permission::InvoicesEdit, Permission::InvoicesComment, Permission::VatManage]
                .into_iter()
                .collect();
        let said = |language| -> Vec<String> {
            grants.by_module(&Reader::of(language)).iter().map(ToString::to_string).collect()
        };
        assert_eq!(said(Language::English), ["Invoices: see, change, comment", "VAT returns: file"]);
        assert_eq!(
            said(Language::German),
            ["Rechnungen: ansehen, ändern, kommentieren", "Umsatzsteuererklärungen: abgeben"]
        );
    }

    /// A reader could otherwise not tell two permissions apart, or two modules.
    #[test]
    fn every_permission_has_a_module_and_verbs_of_its_own_in_every_language() {
        for reader in readers() {
            let mut modules: BTreeMap<&str, &str> = BTreeMap::new();
            let mut said = BTreeSet::new();
            for permission in Permission::ALL.iter().copied() {
                let (module, verbs) = (permission.module_in_words(&reader), permission.verbs(&reader));
                assert!(module.starts_with(char::is_uppercase), "{permission}: {module}");
                // A German noun begins with a capital.
                let may_begin_large = reader.language() == Language::German;
                assert!(may_begin_large || verbs.starts_with(char::is_lowercase), "{permission}: {verbs}");
                assert!(![module, verbs].iter().any(|text| text.contains([':', '.'])), "{permission}");
                assert_eq!(*modules.entry(module).or_insert_with(|| key(permission)), key(permission), "{module}");
                assert!(said.insert((module, verbs)), "{permission} is said as another one is");
            }
            let keys: BTreeSet<&str> = Permission::ALL.iter().copied().map(key).collect();
            assert_eq!(modules.len(), keys.len(), "two names for one module");
        }
    }

    /// A person would otherwise read of a product that they do not know, or take a line of a text for another permission.
    #[test]
    fn a_sentence_leads_back_to_its_permission_in_every_language() {
        for reader in readers() {
            for permission in Permission::ALL.iter().copied() {
                let sentence = permission.in_plain_words(&reader);
                assert_eq!(Permission::of_plain_words(&reader, &sentence), Some(permission));
                assert!(sentence.ends_with('.') && !sentence.contains(['(', '\n']), "{sentence}");
                assert_eq!(
                    permission.in_words(&reader).len() > sentence.len(),
                    permission.in_words(&Reader::default()).contains("in the vendor's product"),
                    "{sentence}"
                );
            }
        }
    }

    proptest! {
        /// A person would otherwise agree to more, or to less, than they read.
        #[test]
        fn words_by_module_leave_nothing_out_and_add_nothing(
            chosen in prop::collection::btree_set(prop::sample::select(Permission::ALL), 0..Permission::ALL.len()),
            language in prop::sample::select(&Language::ALL[..]),
        ) {
            let reader = Reader::of(language);
            let grants: Grants = chosen.iter().copied().collect();
            let modules = grants.by_module(&reader);
            let names: BTreeSet<&str> = modules.iter().map(|module| module.module).collect();
            prop_assert_eq!(names.len(), modules.len(), "a module stands there twice");
            let said: BTreeSet<(&str, &str)> = modules
                .iter()
                .flat_map(|module| module.verbs.iter().map(|verbs| (module.module, *verbs)))
                .collect();
            let granted: BTreeSet<(&str, &str)> = chosen
                .iter()
                .map(|permission| (permission.module_in_words(&reader), permission.verbs(&reader)))
                .collect();
            prop_assert_eq!(said, granted);
        }
    }
}
