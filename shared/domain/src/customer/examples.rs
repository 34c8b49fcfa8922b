//! A customer with a contact, and one example of each event about them.

use uuid::Uuid;

use super::{
    Address, Contact, ContactDetails, Customer, CustomerDetails, CustomerReport, CustomerUpdate, add,
    change::{self, ChangeDecision, ChangeVerdict, DetailsEdit},
    contact::{self, ContactUpdate},
    record,
    settings::{PortalChoices, PortalSettings, ReminderDays},
};
use crate::{
    event::NewEvent,
    id::ContactId,
    ledger_report::ReportOutcome,
    patch::Patch,
    samples::{at, company},
};

pub(crate) fn address(line1: &str) -> Address {
    Address {
        line1: line1.parse().unwrap(),
        line2: None,
        city: "Porto".parse().unwrap(),
        region: None,
        postal_code: Some("4000-001".parse().unwrap()),
        country: "PT".to_owned().try_into().unwrap(),
    }
}

pub(crate) fn details(name: &str) -> CustomerDetails {
    CustomerDetails {
        name: name.parse().unwrap(),
        email: Some("office@nordwind.example".parse().unwrap()),
        language: Some("pt".to_owned().try_into().unwrap()),
        currency: "EUR".parse().unwrap(),
        vat_number: Some("PT509442013".parse().unwrap()),
        billing_address: Some(address("Rua das Flores 1")),
        delivery_address: None,
        payment_terms_days: Some(30.try_into().unwrap()),
    }
}

pub(crate) fn person(email: &str) -> ContactDetails {
    ContactDetails {
        name: "Nora Nord".parse().unwrap(),
        email: email.parse().unwrap(),
        phone: Some("+351211234567".parse().unwrap()),
        job_title: Some("Purchasing".parse().unwrap()),
        language: None,
    }
}

pub(crate) fn contact_id(n: u128) -> ContactId {
    ContactId::from_uuid(Uuid::from_u128(n))
}

pub(crate) fn customer() -> Customer {
    add(company(1), "CUS-1".parse().unwrap(), details("Nordwind"), at(0)).0
}

pub(crate) fn with_contact() -> (Customer, Contact) {
    let (customer, contact, _) =
        contact::add(&customer(), contact_id(1), person("nora@nordwind.example"), at(1)).unwrap();
    (customer, contact)
}

/// One of each event, in the order in which the table has them.
pub(crate) fn events() -> Vec<NewEvent> {
    let (_, added) = add(company(1), "CUS-2".parse().unwrap(), details("Sol"), at(0));
    let report = CustomerReport {
        details: details("Nordwind"),
        archived: None,
        contacts: vec![person("nora@nordwind.example")],
    };
    let known = (&company(1), &"CUS-1".parse().unwrap());
    let (recorded, _) = record(known, (None, &[]), (&report, None), || contact_id(1), at(0)).unwrap();
    let ReportOutcome::Recorded(_, recorded) = recorded else { panic!("it is new") };
    let (customer, contact) = with_contact();
    let renamed = CustomerUpdate { name: Some("Nordwind Lda.".parse().unwrap()), ..CustomerUpdate::default() };
    let (_, changed) = customer.edit(renamed).unwrap();
    let moves = DetailsEdit { billing_address: Patch::Set(address("Rua Nova 2")), ..DetailsEdit::default() };
    let (change, requested) = change::request((&customer, &contact), None, moves, at(2)).unwrap();
    let decision =
        ChangeDecision { revision: change.version, verdict: ChangeVerdict::Accepted, reason: None, by: None };
    let decided = change.decide((&customer, &contact), decision, at(3)).unwrap().unwrap();
    let (_, _, contact_added) = contact::add(&customer, contact_id(2), person("b@nordwind.example"), at(2)).unwrap();
    let update = ContactUpdate { phone: Patch::Clear, ..ContactUpdate::default() };
    let (_, contact_changed) = contact.edit(update).unwrap().unwrap();
    let (_, contact_removed) = contact.remove(&customer).unwrap();
    let choices = PortalChoices {
        rights: std::iter::once(super::settings::PortalRight::Comment).collect(),
        banner: Some("Welcome.".parse().unwrap()),
        terms: None,
        color: Some("#0a6c74".to_owned().try_into().unwrap()),
        logo: None,
        remind_days_before: ReminderDays::default(),
        remind_days_after: vec![7, 14].try_into().unwrap(),
        tell_of_views: false,
    };
    let (_, settings) = PortalSettings::choose(&company(1), None, choices, at(0)).unwrap();
    vec![recorded, added, changed, requested, decided.event, contact_added, contact_changed, contact_removed, settings]
}
