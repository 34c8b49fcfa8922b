//! Consent: a company's agreement to what a firm may see and do in its books.
//!
//! The wording is a template that is versioned here, filled with the firm's name and the permissions
//! in words. A person who agrees sends back the version and the digest of the text they were shown, so
//! what is recorded is what they saw: an agreement to other words, another firm or other permissions
//! does not count.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{
    id::{CompanyId, FirmId, UserId},
    permission::{Grants, Permission},
    text::Name,
    time::UtcTime,
};

/// The version of the wording. Raise it with every change to [`wording`], however small: earlier consents keep
/// their full text.
pub const VERSION: &str = "2026-11";

/// The text that is agreed to, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentText {
    /// The version of the wording.
    pub version: String,
    /// The wording, in plain English; lines end in `\n`, permissions are lines that begin with `- `.
    pub text: String,
    /// The SHA-256 of the text in UTF-8, 64 lower-case hexadecimal digits.
    pub digest: String,
}

/// A part of a text that is agreed to, for pages that set it well. The parts are the text, in its order: nothing is left
/// out, and nothing is said in other words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentPart<'a> {
    /// A line of words.
    Words(&'a str),
    /// Sentences about what the firm can do, by module.
    Permissions(Vec<ConsentModule<'a>>),
}

/// The sentences of a text about one module, one for each permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentModule<'a> {
    /// The module as people read it; `None` where a sentence belongs to an earlier wording.
    pub module: Option<&'static str>,
    /// The sentences, without the `- ` before them.
    pub sentences: Vec<&'a str>,
}

/// What stands before a permission in the text.
const BULLET: &str = "- ";

fn wording(firm: &Name, grants: &Grants) -> String {
    let mut text = format!("{firm} asks for access to the books of your company. If you agree, {firm} can:\n");
    for permission in grants.iter() {
        text.push_str(BULLET);
        text.push_str(&permission.in_plain_words());
        text.push('\n');
    }
    text.push_str(&format!(
        "The books contain personal data, for example names, addresses and bank details of your customers, suppliers \
         and employees. The staff whom {firm} puts in charge of your company see that data as far as the list above \
         reaches.\n\
         {firm} keeps this access until you or {firm} end it, which either can do at any time. What its staff do here \
         is recorded in your audit trail.\n"
    ));
    text
}

impl ConsentText {
    /// The text in its present wording, for a firm that would get these permissions.
    #[must_use]
    pub fn current(firm: &Name, grants: &Grants) -> Self {
        let text = wording(firm, grants);
        let digest = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { version: VERSION.to_owned(), text, digest }
    }

    /// The parts of the text.
    #[must_use]
    pub fn parts(&self) -> Vec<ConsentPart<'_>> {
        let mut parts: Vec<ConsentPart<'_>> = Vec::new();
        for line in self.text.lines() {
            let Some(sentence) = line.strip_prefix(BULLET) else {
                parts.push(ConsentPart::Words(line));
                continue;
            };
            let module = Permission::of_plain_words(sentence).map(Permission::module);
            let new = || ConsentModule { module, sentences: vec![sentence] };
            match parts.last_mut() {
                Some(ConsentPart::Permissions(modules)) => match modules.last_mut() {
                    Some(last) if last.module == module => last.sentences.push(sentence),
                    _ => modules.push(new()),
                },
                _ => parts.push(ConsentPart::Permissions(vec![new()])),
            }
        }
        parts
    }

    /// Whether an agreement is one to this text.
    ///
    /// # Errors
    /// [`ConsentError`] where none was given, or one to another text.
    pub fn check(&self, agreement: Option<&Agreement>) -> Result<(), ConsentError> {
        let agreement = agreement.ok_or_else(|| ConsentError::Missing { current: self.version.clone() })?;
        if agreement.version != self.version {
            return Err(ConsentError::Version { current: self.version.clone() });
        }
        if agreement.digest != self.digest {
            return Err(ConsentError::Digest);
        }
        Ok(())
    }

    /// Records an agreement to this text.
    ///
    /// # Errors
    /// [`ConsentError`], as for [`ConsentText::check`].
    pub fn agreed(&self, agreement: Option<&Agreement>, given: Given) -> Result<Consent, ConsentError> {
        self.check(agreement)?;
        let Given { company, firm, at, by } = given;
        let Self { version, text, digest } = self.clone();
        Ok(Consent { company, firm, version, text, digest, at, by })
    }
}

/// The consent in a request: the version and digest of the text that the person agrees to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// The version of the wording.
    #[schema(max_length = 64)]
    pub version: String,
    /// The digest of the text.
    #[schema(max_length = 64)]
    pub digest: String,
}

/// For which connection, when, and by whom consent is given.
#[derive(Debug, Clone)]
pub struct Given {
    /// The company.
    pub company: CompanyId,
    /// Which firm may enter them.
    pub firm: FirmId,
    /// When.
    pub at: UtcTime,
    /// By whom.
    pub by: UserId,
}

/// The record of an agreement. Never changed, and kept when the connection ends or is renewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The company.
    pub company: CompanyId,
    /// Which firm may enter them.
    pub firm: FirmId,
    /// The version of the wording.
    pub version: String,
    /// The text in full, as it was shown.
    pub text: String,
    /// The text's SHA-256, in hexadecimal.
    pub digest: String,
    /// When it was given.
    pub at: UtcTime,
    /// By whom.
    pub by: UserId,
}

/// Why an agreement does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// There is none.
    #[error("is required: show the text of version {current} and agree to it")]
    Missing {
        /// The present version.
        current: String,
    },
    /// The wording has changed since.
    #[error("is not the present version, which is {current}")]
    Version {
        /// The present version.
        current: String,
    },
    /// The firm's name or the permissions were others.
    #[error(
        "is not the digest of the present text: the firm's name or the permissions have changed since it was shown"
    )]
    Digest,
}

impl ConsentError {
    /// The field that is wrong.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Missing { .. } | Self::Version { .. } => "consent.version",
            Self::Digest => "consent.digest",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::permission::Permission;

    fn given() -> Given {
        Given {
            company: CompanyId::from_uuid(Uuid::from_u128(1)),
            firm: FirmId::from_uuid(Uuid::from_u128(2)),
            at: UtcTime::EPOCH,
            by: "olga".parse().unwrap(),
        }
    }

    fn agreement(text: &ConsentText) -> Agreement {
        Agreement { version: text.version.clone(), digest: text.digest.clone() }
    }

    /// The text that parts make up.
    fn joined(parts: &[ConsentPart<'_>]) -> String {
        let mut text = String::new();
        for part in parts {
            match part {
                ConsentPart::Words(words) => text.push_str(&format!("{words}\n")),
                ConsentPart::Permissions(modules) => {
                    for sentence in modules.iter().flat_map(|module| &module.sentences) {
                        text.push_str(&format!("- {sentence}\n"));
                    }
                }
            }
        }
        text
    }

    #[test]
    fn the_parts_of_a_text_name_the_modules() {
        use Permission::{InvoicesComment, InvoicesView, VatManage};
        let grants = [InvoicesView, InvoicesComment, VatManage].into_iter().collect();
        let text = ConsentText::current(&"Contas".parse().unwrap(), &grants);
        let parts = text.parts();
        let [ConsentPart::Words(_), ConsentPart::Permissions(modules), ConsentPart::Words(_), ConsentPart::Words(_)] =
            parts.as_slice()
        else {
            panic!("{parts:?}")
        };
        let named: Vec<_> = modules.iter().map(|module| (module.module, module.sentences.len())).collect();
        assert_eq!(named, [(Some("Invoices"), 2), (Some("VAT returns"), 1)]);
    }

    fn grants() -> impl Strategy<Value = Grants> {
        prop::collection::vec(prop::sample::select(Permission::ALL), 0..8).prop_map(Grants::from_iter)
    }

    #[test]
    fn the_text_says_who_may_do_what() {
        let grants = [Permission::InvoicesView, Permission::VatManage].into_iter().collect();
        let text = ConsentText::current(&"Contas & Filhos".parse().unwrap(), &grants);
        assert!(text.text.starts_with(
            "Contas & Filhos asks for access to the books of your company. If you agree, Contas & Filhos can:\n\
             - See invoices and their comments.\n- File VAT returns.\nThe books contain personal data"
        ));
        assert_eq!((text.version.as_str(), text.digest.len()), (VERSION, 64));
    }

    #[test]
    fn an_agreement_to_an_older_wording_is_told_the_present_one() {
        let text = ConsentText::current(&"Contas".parse().unwrap(), &Grants::default());
        let old = Agreement { version: "2020-01".to_owned(), ..agreement(&text) };
        let error = text.agreed(Some(&old), given()).unwrap_err();
        assert_eq!((error.field(), error.to_string().contains(VERSION)), ("consent.version", true));
        let error = text.agreed(None, given()).unwrap_err();
        assert_eq!((error.field(), error.to_string().contains(VERSION)), ("consent.version", true));
    }

    #[test]
    fn what_is_recorded_is_the_text_in_full() {
        let text = ConsentText::current(&"Contas".parse().unwrap(), &Grants::default());
        let consent = text.agreed(Some(&agreement(&text)), given()).unwrap();
        assert_eq!((consent.text, consent.version, consent.by), (text.text, text.version, given().by));
    }

    proptest! {
        /// A person would otherwise agree to something that they were not shown.
        #[test]
        fn the_parts_of_a_text_are_the_text(grants in grants()) {
            let text = ConsentText::current(&"- Contas".parse().unwrap(), &grants);
            prop_assert_eq!(&joined(&text.parts()), &text.text);
            // A wording of a later release, in which a sentence has changed.
            let text = ConsentText { text: text.text.replace("See ", "Look at "), ..text };
            prop_assert_eq!(joined(&text.parts()), text.text);
        }

        /// Proves: 13, 26
        #[test]
        fn an_agreement_counts_only_for_the_firm_and_permissions_that_were_shown(
            shown in grants(), asked in grants(), same_firm in any::<bool>()
        ) {
            let name: Name = "Contas".parse().unwrap();
            let other: Name = if same_firm { name.clone() } else { "Outras".parse().unwrap() };
            let seen = ConsentText::current(&name, &shown);
            let present = ConsentText::current(&other, &asked);
            let counts = present.agreed(Some(&agreement(&seen)), given()).is_ok();
            prop_assert_eq!(counts, same_firm && shown == asked);
        }
    }
}
