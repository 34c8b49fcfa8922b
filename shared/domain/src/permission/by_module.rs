//! Permissions by module, in a few words each: `Invoices: see, change, comment`.

use std::fmt;

use super::{Grants, Permission};

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
    pub fn by_module(&self) -> Vec<ModuleVerbs> {
        let mut modules: Vec<ModuleVerbs> = Vec::new();
        for permission in self.iter() {
            let (module, verbs) = (permission.module(), permission.verbs());
            match modules.last_mut() {
                Some(last) if last.module == module => last.verbs.push(verbs),
                _ => modules.push(ModuleVerbs { module, verbs: vec![verbs] }),
            }
        }
        modules
    }
}

impl Permission {
    /// The permission that a sentence of [`Permission::in_plain_words`] is about.
    #[must_use]
    pub fn of_plain_words(sentence: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.in_plain_words() == sentence)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    /// The part of a permission before its dot.
    fn key(permission: Permission) -> &'static str {
        permission.as_str().split_once('.').unwrap().0
    }

    #[test]
    fn permissions_are_said_by_module() {
        let grants: Grants =
            [Permission::InvoicesView, Permission::InvoicesEdit, Permission::InvoicesComment, Permission::VatManage]
                .into_iter()
                .collect();
        let said: Vec<String> = grants.by_module().iter().map(ToString::to_string).collect();
        assert_eq!(said, ["Invoices: see, change, comment", "VAT returns: file"]);
    }

    /// A reader could otherwise not tell two permissions apart, or two modules.
    #[test]
    fn every_permission_has_a_module_and_verbs_of_its_own() {
        let mut modules: BTreeMap<&str, &str> = BTreeMap::new();
        let mut said = BTreeSet::new();
        for permission in Permission::ALL.iter().copied() {
            let (module, verbs) = (permission.module(), permission.verbs());
            assert!(module.starts_with(|c: char| c.is_ascii_uppercase()), "{permission}: {module}");
            assert!(verbs.starts_with(|c: char| c.is_ascii_lowercase()), "{permission}: {verbs}");
            assert!(![module, verbs].iter().any(|text| text.contains([':', '.'])), "{permission}");
            assert_eq!(*modules.entry(module).or_insert_with(|| key(permission)), key(permission), "{module}");
            assert!(said.insert((module, verbs)), "{permission} is said as another one is");
        }
        let keys: BTreeSet<&str> = Permission::ALL.iter().copied().map(key).collect();
        assert_eq!(modules.len(), keys.len(), "two names for one module");
    }

    #[test]
    fn a_sentence_leads_back_to_its_permission() {
        for permission in Permission::ALL.iter().copied() {
            assert_eq!(Permission::of_plain_words(&permission.in_plain_words()), Some(permission));
        }
    }

    proptest! {
        /// A person would otherwise agree to more, or to less, than they read.
        #[test]
        fn words_by_module_leave_nothing_out_and_add_nothing(
            chosen in prop::collection::btree_set(prop::sample::select(Permission::ALL), 0..Permission::ALL.len())
        ) {
            let grants: Grants = chosen.iter().copied().collect();
            let modules = grants.by_module();
            let names: BTreeSet<&str> = modules.iter().map(|module| module.module).collect();
            prop_assert_eq!(names.len(), modules.len(), "a module stands there twice");
            let said: BTreeSet<(&str, &str)> = modules
                .iter()
                .flat_map(|module| module.verbs.iter().map(|verbs| (module.module, *verbs)))
                .collect();
            let granted: BTreeSet<(&str, &str)> =
                chosen.iter().map(|permission| (permission.module(), permission.verbs())).collect();
            prop_assert_eq!(said, granted);
        }
    }
}
