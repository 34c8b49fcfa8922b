//! What is wrong with a field of the form, as a sentence in the reader's language.

use domain::{language::Reader, messages};
use html::refused_text;

use super::words;
use crate::password::PasswordError;

/// The fields of the form whose errors stand beside them. The errors of others stand above the form.
pub(super) const SHOWN: [&str; 7] =
    ["name", "password", "firm_name", "company_name", "currency", "time_zone", "consent"];

messages! {
    the_password {
        English: "The password",
        German: "Das Passwort",
        French: "Le mot de passe",
        Dutch: "Het wachtwoord",
        Spanish: "La contraseña",
    }
    the_firms_name {
        English: "The firm's name",
        German: "Der Name der Kanzlei",
        French: "Le nom du cabinet",
        Dutch: "De naam van het kantoor",
        Spanish: "El nombre del despacho",
    }
    the_companys_name {
        English: "The company's name",
        German: "Der Name des Unternehmens",
        French: "Le nom de l’entreprise",
        Dutch: "De naam van het bedrijf",
        Spanish: "El nombre de la empresa",
    }
    the_currency {
        English: "The currency",
        German: "Die Währung",
        French: "La devise",
        Dutch: "De valuta",
        Spanish: "La moneda",
    }
    no_currency {
        English: "The currency is not an ISO 4217 currency code such as EUR",
        German: "Die Währung ist kein Währungscode nach ISO 4217 wie EUR",
        French: "La devise n’est pas un code de devise ISO 4217, comme EUR",
        Dutch: "De valuta is geen valutacode volgens ISO 4217, zoals EUR",
        Spanish: "La moneda no es un código de moneda ISO 4217, como EUR",
    }
    no_time_zone {
        English: "The time zone is not an IANA time zone such as Europe/Lisbon",
        German: "Die Zeitzone ist keine Zeitzone der IANA wie Europe/Lisbon",
        French: "Le fuseau horaire n’est pas un fuseau de l’IANA, comme Europe/Lisbon",
        Dutch: "De tijdzone is geen IANA-tijdzone, zoals Europe/Lisbon",
        Spanish: "La zona horaria no es una zona de la IANA, como Europe/Lisbon",
    }
    no_consent {
        English: "Your consent must be given: read the text and tick the box",
        German: "Ihre Zustimmung fehlt: Lesen Sie den Text und setzen Sie das Häkchen",
        French: "Votre accord est nécessaire : lisez le texte et cochez la case",
        Dutch: "Uw toestemming ontbreekt: lees de tekst en vink het vakje aan",
        Spanish: "Falta su consentimiento: lea el texto y marque la casilla",
    }
    other_text {
        English: "Your consent is to an earlier text: it has changed since you read it. Read it again and tick the box",
        German: "Ihre Zustimmung gilt einem früheren Text: Er hat sich geändert, seit Sie ihn gelesen haben. Lesen Sie ihn noch einmal und setzen Sie das Häkchen",
        French: "Votre accord porte sur un texte antérieur : il a changé depuis que vous l’avez lu. Relisez-le et cochez la case",
        Dutch: "Uw toestemming geldt een eerdere tekst: die is gewijzigd sinds u hem las. Lees de tekst opnieuw en vink het vakje aan",
        Spanish: "Su consentimiento es para un texto anterior: ha cambiado desde que lo leyó. Léalo de nuevo y marque la casilla",
    }
    fill_in_every_field {
        English: "Please fill in every field",
        German: "Bitte füllen Sie alle Felder aus",
        French: "Veuillez remplir tous les champs",
        Dutch: "Vul alle velden in",
        Spanish: "Rellene todos los campos",
    }
}

/// What is wrong with a field, without the full stop at the end.
pub(super) fn said(reader: &Reader, field: &str, detail: &str) -> String {
    let subject = match field {
        "name" => words::your_name(reader),
        "password" => the_password(reader),
        "firm_name" => the_firms_name(reader),
        "company_name" => the_companys_name(reader),
        "currency" => the_currency(reader),
        "time_zone" => return no_time_zone(reader).to_owned(),
        "consent" => return no_consent(reader).to_owned(),
        "consent.version" | "consent.digest" => return other_text(reader).to_owned(),
        _ => return fill_in_every_field(reader).to_owned(),
    };
    if let Some(text) = refused_text(reader, subject, detail) {
        return text;
    }
    match field {
        "currency" => no_currency(reader).to_owned(),
        "password" => PasswordError::of_detail(detail).unwrap_or(PasswordError::NotTaken).in_words(reader),
        _ => fill_in_every_field(reader).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::{
        Currency, FirmId, MemberRole,
        invitation::Offer,
        language::{Language, Reader},
        time::Zone,
    };

    use super::*;
    use crate::account_form::read_form;

    /// A client's form as the page would send it, with one field changed.
    fn refused(field: &str, value: &str) -> (String, String) {
        let firm: FirmId = "fm_00000000000000000000000000000002".parse().unwrap();
        let offer = Offer::Client { firm, grants: MemberRole::Accountant.preset(), client: None };
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, filled_in) in [
            ("name", "Nia"),
            ("password", "Correct-Horse-7-Battery"),
            ("company_name", "Loja"),
            ("currency", "EUR"),
            ("time_zone", "Europe/Lisbon"),
            ("consent", "agreed"),
            ("consent_version", "1"),
            ("consent_digest", "ab"),
        ] {
            let value = if name == field { value } else { filled_in };
            if value != "absent" {
                form.append_pair(name, value);
            }
        }
        let error = read_form(form.finish().as_bytes(), &offer).unwrap_err();
        (error.field, error.detail)
    }

    /// Somebody who cannot read English would otherwise not learn what to change.
    #[test]
    fn every_error_of_the_form_is_said_in_every_language_and_in_english_as_the_api_says_it() {
        let long = "x".repeat(300);
        for (field, value, english) in [
            ("name", "", "Your name must not be empty"),
            ("name", &long, "Your name is longer than 120 characters"),
            ("name", "Nia www.evil.example", "Your name must not contain a web address"),
            ("name", "a\u{202E}b", "Your name contains a control character"),
            ("name", "\u{200B}", "Your name must contain a visible character"),
            ("password", "short", "The password must have at least 12 characters"),
            ("password", &long, "The password must have at most 256 characters"),
            ("password", " Correct-Horse-7", "The password must not begin or end with a space"),
            ("company_name", "absent", "The company's name is required"),
            ("company_name", "", "The company's name must not be empty"),
            ("currency", "absent", "The currency is required"),
            ("currency", "Euros", "The currency is not an ISO 4217 currency code such as EUR"),
            ("time_zone", "Lisbon", "The time zone is not an IANA time zone such as Europe/Lisbon"),
            ("consent", "absent", "Your consent must be given: read the text and tick the box"),
            ("consent", "perhaps", "Please fill in every field"),
        ] {
            let (wrong, detail) = refused(field, value);
            let in_language = |language| said(&Reader::of(language), &wrong, &detail);
            assert_eq!(in_language(Language::English), english, "{field}={value:.10}: {detail}");
            let all: BTreeSet<String> = Language::ALL.into_iter().map(in_language).collect();
            assert_eq!(all.len(), Language::ALL.len(), "{all:?}");
        }
    }

    #[test]
    fn english_is_what_the_domain_says() {
        let said = |field, detail: String| said(&Reader::default(), field, &detail);
        let currency = "euro".to_owned().parse::<Currency>().unwrap_err().to_string();
        assert_eq!(said("currency", currency.clone()), format!("The currency {currency}"));
        let zone = Zone::try_from("Lisbon".to_owned()).unwrap_err().to_string();
        assert_eq!(said("time_zone", zone.clone()), format!("The time zone {zone}"));
    }
}
