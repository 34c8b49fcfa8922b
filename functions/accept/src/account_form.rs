//! What makes an account, as JSON and as the page's form send it.

use api::FieldError;
use domain::{
    Currency, Name,
    consent::Agreement,
    invitation::Offer,
    team::{NewCompany, NewFirm},
    time::Zone,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::password::{MAX_CHARS, MIN_CHARS, Password};

const _: () = assert!(MIN_CHARS == 12 && MAX_CHARS == 256, "the schema of CreateAccount says so too");

/// An account to make for the invited address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateAccount {
    /// The name that others see.
    #[serde(deserialize_with = "domain::text::public_name")]
    pub(crate) name: Name,
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 256)]
    pub(crate) password: Password,
    /// Where a firm is invited: the firm to register.
    #[serde(default)]
    pub(crate) firm: Option<NewFirm>,
    /// Where a client is invited: the company to register.
    #[serde(default)]
    pub(crate) company: Option<NewCompany>,
    /// Where a client is invited: the consent text that they were shown and agree to.
    #[serde(default)]
    pub(crate) consent: Option<Agreement>,
}

/// An account to make for the invited address, as the page's form sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateAccountForm {
    /// The name that others see.
    #[serde(deserialize_with = "domain::text::public_name")]
    name: Name,
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 256)]
    password: Password,
    /// Where a firm is invited: its name.
    #[serde(default, deserialize_with = "domain::text::public_name_if_any")]
    firm_name: Option<Name>,
    /// Where a client is invited: the company's name.
    #[serde(default, deserialize_with = "domain::text::public_name_if_any")]
    company_name: Option<Name>,
    /// The currency of the company's books.
    #[serde(default)]
    currency: Option<Currency>,
    /// For the company's due times; UTC by default.
    #[serde(default)]
    time_zone: Option<Zone>,
    /// Where a client is invited: `agreed`.
    #[serde(default)]
    consent: Option<ConsentCheckbox>,
    /// The version of the consent text on the page.
    #[serde(default)]
    consent_version: Option<String>,
    /// The digest of the consent text on the page.
    #[serde(default)]
    consent_digest: Option<String>,
}

/// A ticked box.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ConsentCheckbox {
    /// It is ticked.
    Agreed,
}

impl CreateAccountForm {
    /// The account, if the form has what the offer needs.
    fn account(self, offer: &Offer) -> Result<CreateAccount, FieldError> {
        let required = |field: &str, detail: &str| FieldError { field: field.to_owned(), detail: detail.to_owned() };
        let invites_client = matches!(offer, Offer::Client { .. });
        let company = match (self.company_name, self.currency) {
            (Some(name), Some(currency)) => Some(NewCompany { name, currency, time_zone: self.time_zone }),
            (None, _) if invites_client => return Err(required("company_name", "is required")),
            (Some(_), None) => return Err(required("currency", "is required")),
            (None, _) => None,
        };
        let consent = match (self.consent, self.consent_version, self.consent_digest) {
            (Some(ConsentCheckbox::Agreed), Some(version), Some(digest)) => Some(Agreement { version, digest }),
            _ if invites_client => return Err(required("consent", "must be given: read the text and tick the box")),
            _ => None,
        };
        let firm = self.firm_name.map(|name| NewFirm { name });
        Ok(CreateAccount { name: self.name, password: self.password, firm, company, consent })
    }
}

/// Reads the form.
///
/// # Errors
/// The field that is wrong.
pub(crate) fn read_form(form: &[u8], offer: &Offer) -> Result<CreateAccount, FieldError> {
    let deserializer = serde_urlencoded::Deserializer::new(form_urlencoded::parse(form));
    let form: CreateAccountForm = serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let (field, detail) = (error.path().to_string(), error.inner().to_string());
        match field.as_str() {
            "name" | "password" | "firm_name" | "company_name" | "currency" | "time_zone" => {
                FieldError { field, detail }
            }
            // A missing, repeated or unknown field: the page's own form sends no such thing.
            _ => FieldError { field: String::new(), detail: "fill in every field".to_owned() },
        }
    })?;
    form.account(offer)
}

#[cfg(test)]
mod tests {
    use domain::{MemberRole, StaffRole};

    use super::*;

    #[test]
    fn a_form_is_read_or_its_wrong_field_named() {
        let staff =
            Offer::Staff { firm: "fm_00000000000000000000000000000002".parse().unwrap(), role: StaffRole::Admin };
        let read_form = |form: &[u8]| read_form(form, &staff);
        let account = read_form(b"name=Nia+New&password=Correct-Horse-7-Battery").unwrap();
        assert_eq!((account.name.as_str(), account.password.reveal()), ("Nia New", "Correct-Horse-7-Battery"));
        for (form, field) in [
            ("name=&password=Correct-Horse-7-Battery", "name"),
            ("name=a%0Db&password=Correct-Horse-7-Battery", "name"),
            ("name=Nia&password=short", "password"),
            ("name=Nia", ""),
            ("name=Nia&name=Eve&password=Correct-Horse-7-Battery", ""),
            ("name=Nia&password=Correct-Horse-7-Battery&role=owner", ""),
            ("", ""),
            ("%FF%00=&&==", ""),
        ] {
            let error = read_form(form.as_bytes()).unwrap_err();
            assert_eq!(error.field, field, "{form}: {}", error.detail);
            assert!(!error.detail.contains("Horse"), "{}", error.detail);
        }
    }

    #[test]
    fn a_clients_form_needs_a_company_and_a_ticked_box() {
        let grants = MemberRole::Accountant.preset();
        let asked =
            Offer::Client { firm: "fm_00000000000000000000000000000002".parse().unwrap(), grants, client: None };
        let whole = "name=Nia&password=Correct-Horse-7-Battery&company_name=Loja&currency=EUR&time_zone=Europe%2FLisbon\
                     &consent=agreed&consent_version=1&consent_digest=ab";
        let account = read_form(whole.as_bytes(), &asked).unwrap();
        assert_eq!(String::from(account.company.unwrap().time_zone.unwrap()), "Europe/Lisbon");
        assert_eq!(account.consent.unwrap().digest, "ab");
        for (without, field) in [
            ("&company_name=Loja", "company_name"),
            ("&currency=EUR", "currency"),
            ("&consent=agreed", "consent"),
            ("&consent_digest=ab", "consent"),
        ] {
            let form = whole.replace(without, "");
            assert_eq!(read_form(form.as_bytes(), &asked).unwrap_err().field, field, "{form}");
        }
        for (wrong, field) in [("currency=EUR", "currency"), ("time_zone=Europe%2FLisbon", "time_zone")] {
            let form = whole.replace(wrong, &format!("{field}=nonsense"));
            assert_eq!(read_form(form.as_bytes(), &asked).unwrap_err().field, field, "{form}");
        }
    }
}
