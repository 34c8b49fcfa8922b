//! Consent: a company's agreement to what a firm may see and do in its books.
//!
//! The wording is a template that is versioned here, in every language, filled with the firm's name and the
//! permissions in words. A person who agrees sends back the version and the digest of the text they were shown, so
//! what is recorded is what they saw, in the language in which they saw it: an agreement to other words, another firm
//! or other permissions does not count.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{
    id::{CompanyId, FirmId, UserId},
    language::{Language, Reader},
    messages,
    permission::{Grants, Permission},
    text::Name,
    time::UtcTime,
};

/// The version of the wording, the same in every language. Raise it with every change to a language's words, however
/// small: earlier consents keep their full text.
pub const VERSION: &str = "2026-11";

/// The text that is agreed to, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentText {
    /// The version of the wording.
    pub version: String,
    /// The language of the text.
    pub language: Language,
    /// The wording, in plain words; lines end in `\n`, permissions are lines that begin with `- `.
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

messages! {
    asks(firm) {
        English: "{firm} asks for access to the books of your company. If you agree, {firm} can:",
        German: "{firm} bittet um Zugriff auf die Bücher Ihres Unternehmens. Wenn Sie zustimmen, kann {firm}:",
        French: "{firm} demande l’accès à la comptabilité de votre entreprise. Si vous donnez votre accord, {firm} \
            pourra :",
        Dutch: "{firm} vraagt toegang tot de boekhouding van uw bedrijf. Als u toestemming geeft, kan {firm}:",
        Spanish: "{firm} solicita acceso a la contabilidad de su empresa. Si usted da su consentimiento, {firm} podrá:",
    }
    personal_data(firm) {
        English: "The books contain personal data, for example names, addresses and bank details of your customers, \
            suppliers and employees. The staff whom {firm} puts in charge of your company see that data as far as the \
            list above reaches.",
        German: "Die Bücher enthalten personenbezogene Daten, zum Beispiel Namen, Anschriften und Bankverbindungen Ihrer \
            Kunden, Lieferanten und Beschäftigten. Die Mitarbeitenden, die {firm} mit der Betreuung Ihres Unternehmens \
            beauftragt, sehen diese Daten, soweit die obige Liste reicht.",
        French: "La comptabilité contient des données à caractère personnel, par exemple les noms, adresses et coordonnées \
            bancaires de vos clients, fournisseurs et salariés. Les collaborateurs que {firm} affecte à votre entreprise \
            voient ces données dans les limites de la liste ci-dessus.",
        Dutch: "De boekhouding bevat persoonsgegevens, bijvoorbeeld namen, adressen en bankgegevens van uw klanten, \
            leveranciers en werknemers. De medewerkers die {firm} aan uw bedrijf toewijst, zien die gegevens voor zover de \
            bovenstaande lijst reikt.",
        Spanish: "La contabilidad contiene datos personales, por ejemplo, nombres, direcciones y datos bancarios de sus \
            clientes, proveedores y empleados. El personal que {firm} asigne a su empresa verá esos datos hasta donde \
            alcance la lista anterior.",
    }
    until_ended(firm) {
        English: "{firm} keeps this access until you or {firm} end it, which either can do at any time. What its staff do \
            here is recorded in your audit trail.",
        German: "{firm} behält diesen Zugriff, bis Sie oder {firm} ihn beenden; beiden Seiten steht das jederzeit frei. \
            Was die Mitarbeitenden von {firm} hier tun, wird in Ihrem Prüfprotokoll aufgezeichnet.",
        French: "{firm} conserve cet accès jusqu’à ce que vous ou {firm} y mettiez fin, ce que chacun peut faire à tout \
            moment. Ce que les collaborateurs de {firm} font ici est consigné dans votre journal d’audit.",
        Dutch: "{firm} behoudt deze toegang totdat u of {firm} die beëindigt; zowel u als {firm} kan dat op elk moment \
            doen. Wat de medewerkers van {firm} hier doen, wordt vastgelegd in uw auditlogboek.",
        Spanish: "{firm} conservará este acceso hasta que usted o {firm} le ponga fin, lo que cualquiera de las dos partes \
            puede hacer en todo momento. Lo que el personal de {firm} haga aquí queda anotado en el registro de auditoría \
            de su empresa.",
    }
}

/// What a firm asks a company to agree to. The text of each language says it.
#[derive(Debug, Clone, Copy)]
pub struct ConsentTerms<'a> {
    /// The firm's name.
    pub firm: &'a Name,
    /// The permissions that it would get.
    pub grants: &'a Grants,
}

impl ConsentTerms<'_> {
    /// The text in its present wording, in the reader's language.
    #[must_use]
    pub fn text(self, reader: &Reader) -> ConsentText {
        let Self { firm, grants } = self;
        let mut text = asks(reader, firm);
        text.push('\n');
        for permission in grants.iter() {
            text.push_str(BULLET);
            text.push_str(&permission.in_plain_words(reader));
            text.push('\n');
        }
        for line in [personal_data(reader, firm), until_ended(reader, firm)] {
            text.push_str(&line);
            text.push('\n');
        }
        let digest = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        ConsentText { version: VERSION.to_owned(), language: reader.language(), text, digest }
    }

    /// The text that an agreement is to: the present one of a language.
    ///
    /// # Errors
    /// [`ConsentError`] where no agreement was given, or one to another text.
    pub fn agreed_text(self, agreement: Option<&Agreement>) -> Result<ConsentText, ConsentError> {
        let current = || VERSION.to_owned();
        let agreement = agreement.ok_or_else(|| ConsentError::Missing { current: current() })?;
        if agreement.version != VERSION {
            return Err(ConsentError::Version { current: current() });
        }
        let mut texts = Language::ALL.into_iter().map(|language| self.text(&Reader::of(language)));
        texts.find(|text| text.digest == agreement.digest).ok_or(ConsentError::Digest)
    }

    /// Records an agreement, with the text as it was shown.
    ///
    /// # Errors
    /// [`ConsentError`], as for [`ConsentTerms::agreed_text`].
    pub fn agreed(self, agreement: Option<&Agreement>, given: Given) -> Result<Consent, ConsentError> {
        let ConsentText { version, language, text, digest } = self.agreed_text(agreement)?;
        let Given { company, firm, at, by } = given;
        Ok(Consent { company, firm, version, language, text, digest, at, by })
    }
}

impl ConsentText {
    /// The parts of the text.
    #[must_use]
    pub fn parts(&self) -> Vec<ConsentPart<'_>> {
        let reader = &Reader::of(self.language);
        let mut parts: Vec<ConsentPart<'_>> = Vec::new();
        for line in self.text.lines() {
            let Some(sentence) = line.strip_prefix(BULLET) else {
                parts.push(ConsentPart::Words(line));
                continue;
            };
            let permission = Permission::of_plain_words(reader, sentence);
            let module = permission.map(|permission| permission.module_in_words(reader));
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
    /// The language of the text. English on consents that were given before this was kept.
    #[serde(default)]
    pub language: Language,
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

    fn name() -> Name {
        "Contas".parse().unwrap()
    }

    fn english(firm: &str, grants: &Grants) -> ConsentText {
        ConsentTerms { firm: &firm.parse().unwrap(), grants }.text(&Reader::default())
    }

    #[test]
    fn the_parts_of_a_text_name_the_modules() {
        use Permission::{InvoicesComment, InvoicesView, VatManage};
        let grants = &[InvoicesView, InvoicesComment, VatManage].into_iter().collect();
        for (language, invoices, vat) in [
            (Language::English, "Invoices", "VAT returns"),
            (Language::German, "Rechnungen", "Umsatzsteuererklärungen"),
            (Language::Spanish, "Facturas", "Declaraciones de IVA"),
        ] {
            let text = ConsentTerms { firm: &name(), grants }.text(&Reader::of(language));
            let parts = text.parts();
            let [
                ConsentPart::Words(_),
                ConsentPart::Permissions(modules),
                ConsentPart::Words(_),
                ConsentPart::Words(_),
            ] = parts.as_slice()
            else {
                panic!("{parts:?}")
            };
            let named: Vec<_> = modules.iter().map(|module| (module.module, module.sentences.len())).collect();
            assert_eq!(named, [(Some(invoices), 2), (Some(vat), 1)]);
        }
    }

    fn grants() -> impl Strategy<Value = Grants> {
        prop::collection::vec(prop::sample::select(Permission::ALL), 0..8).prop_map(Grants::from_iter)
    }

    fn language() -> impl Strategy<Value = Language> {
        prop::sample::select(&Language::ALL[..])
    }

    #[test]
    fn the_text_says_who_may_do_what() {
        let grants = &[Permission::InvoicesView, Permission::VatManage].into_iter().collect();
        let text = english("Contas & Filhos", grants);
        assert!(text.text.starts_with(
            "Contas & Filhos asks for access to the books of your company. If you agree, Contas & Filhos can:\n\
             - See invoices and their comments.\n- File VAT returns.\nThe books contain personal data"
        ));
        assert_eq!((text.version.as_str(), text.digest.len()), (VERSION, 64));
        let text = ConsentTerms { firm: &name(), grants }.text(&Reader::of(Language::German));
        assert!(text.text.starts_with(
            "Contas bittet um Zugriff auf die Bücher Ihres Unternehmens. Wenn Sie zustimmen, kann Contas:\n\
             - Rechnungen und die Kommentare dazu ansehen.\n- Umsatzsteuererklärungen abgeben.\nDie Bücher enthalten"
        ));
    }

    /// A person would otherwise agree under the same version to other words than those before them.
    #[test]
    fn a_version_has_one_wording() {
        let grants = &Permission::ALL.iter().copied().filter(|permission| permission.is_for_companies()).collect();
        let digests = Language::ALL.map(|language| {
            let text = ConsentTerms { firm: &name(), grants }.text(&Reader::of(language));
            (language.tag(), text.digest)
        });
        let digest = |tag| digests.iter().find(|(other, _)| *other == tag).unwrap().1.as_str();
        // A permission that is added changes these digests and no wording. Words that change raise the version too.
        assert_eq!(VERSION, "2026-11");
        assert_eq!(
            ["en", "de", "fr", "nl", "es"].map(digest),
            [
                "315e45c64a5f05f77fbccecade9020ec5bafc24109451254b904f0220b6dd62c",
                "7c754719a0fc2876dcc5d1fac4f1140ebaa188f7eb27cd9cc1ca648b194e12af",
                "5d0fcd51d5572b479f5c095b96403ce3140083c023407f9a4fa21f4154a200f0",
                "d8f5517ec6b482fe3763100f0983f2e6bdbf38e7214ac856b9d925bc6484c1b7",
                "7b25d807b9472b0af59293e04d975572abb14745cf468e815a5d3012d0fede1f",
            ]
        );
    }

    #[test]
    fn an_agreement_to_an_older_wording_is_told_the_present_one() {
        let (name, grants) = (name(), Grants::default());
        let terms = ConsentTerms { firm: &name, grants: &grants };
        let old = Agreement { version: "2020-01".to_owned(), ..agreement(&terms.text(&Reader::default())) };
        let error = terms.agreed(Some(&old), given()).unwrap_err();
        assert_eq!((error.field(), error.to_string().contains(VERSION)), ("consent.version", true));
        let error = terms.agreed(None, given()).unwrap_err();
        assert_eq!((error.field(), error.to_string().contains(VERSION)), ("consent.version", true));
    }

    /// A firm could otherwise not show later what its client read.
    #[test]
    fn what_is_recorded_is_the_text_in_full_in_the_language_in_which_it_was_shown() {
        let (name, grants) = (name(), Grants::default());
        let terms = ConsentTerms { firm: &name, grants: &grants };
        for language in Language::ALL {
            let text = terms.text(&Reader::of(language));
            let consent = terms.agreed(Some(&agreement(&text)), given()).unwrap();
            assert_eq!((consent.language, consent.text, consent.digest), (language, text.text, text.digest));
            assert_eq!((consent.version, consent.by), (text.version, given().by));
        }
    }

    #[test]
    fn a_consent_that_was_recorded_without_its_language_is_in_english() {
        let (name, grants) = (name(), Grants::default());
        let terms = ConsentTerms { firm: &name, grants: &grants };
        let consent = terms.agreed(Some(&agreement(&terms.text(&Reader::default()))), given()).unwrap();
        let mut item = serde_json::to_value(&consent).unwrap();
        assert_eq!(item.as_object_mut().unwrap().remove("language"), Some("en".into()));
        assert_eq!(serde_json::from_value::<Consent>(item).unwrap(), consent);
    }

    proptest! {
        /// A person would otherwise agree to something that they were not shown.
        #[test]
        fn the_parts_of_a_text_are_the_text(grants in grants(), language in language()) {
            let text = ConsentTerms { firm: &"- Contas".parse().unwrap(), grants: &grants }.text(&Reader::of(language));
            prop_assert_eq!(&joined(&text.parts()), &text.text);
            // A wording of a later release, in which a sentence has changed.
            let text = ConsentText { text: text.text.replace("See ", "Look at "), ..text };
            prop_assert_eq!(joined(&text.parts()), text.text);
        }

        /// Proves: 13, 26
        #[test]
        fn an_agreement_counts_only_for_the_firm_and_permissions_that_were_shown(
            shown in grants(), asked in grants(), same_firm in any::<bool>(), language in language()
        ) {
            let other: Name = if same_firm { name() } else { "Outras".parse().unwrap() };
            let seen = ConsentTerms { firm: &name(), grants: &shown }.text(&Reader::of(language));
            let present = ConsentTerms { firm: &other, grants: &asked };
            let recorded = present.agreed(Some(&agreement(&seen)), given());
            prop_assert_eq!(recorded.is_ok(), same_firm && shown == asked);
            if let Ok(recorded) = recorded {
                prop_assert_eq!((recorded.text, recorded.language), (seen.text, language));
            }
        }
    }
}
