use proptest::prelude::*;

use super::{
    change::{self, ChangeDecision, ChangeError, ChangeVerdict, CustomerChangeStatus, DetailsEdit},
    contact::{self, ContactError, ContactUpdate, MAX_CONTACTS, PortalAccess},
    examples::{address, contact_id, customer, details, person, with_contact},
    settings::{PortalChoices, PortalRight, PortalSettings, ReminderDays},
    *,
};
use crate::{
    color::Color,
    event::kinds,
    id::InvitationId,
    ledger_report::{ReportError, ReportOutcome},
    patch::Patch,
    permission::Permission,
    samples::{at, company, user},
};

fn report(name: &str, emails: &[&str]) -> CustomerReport {
    let contacts = emails.iter().map(|email| person(email)).collect();
    CustomerReport { details: details(name), archived: None, contacts }
}

fn send(
    known: Option<Customer>,
    contacts: &[Contact],
    report: &CustomerReport,
    version: Option<u64>,
) -> Result<(ReportOutcome<Customer>, Vec<ContactWrite>), ReportError<RecordError>> {
    let mut n = 100;
    let next = || {
        n += 1;
        contact_id(n)
    };
    let version = version.map(|version| version.try_into().unwrap());
    record((&company(1), &"CUS-1".parse().unwrap()), (known, contacts), (report, version), next, at(9))
}

fn stored(outcome: ReportOutcome<Customer>) -> Customer {
    match outcome {
        ReportOutcome::Recorded(stored, _)
        | ReportOutcome::Renumbered(stored)
        | ReportOutcome::Unchanged(stored)
        | ReportOutcome::Superseded(stored) => stored,
    }
}

/// Proves: K2
#[test]
fn a_repeated_report_leaves_what_people_changed_since_and_a_newer_one_replaces_it() {
    let first = report("Nordwind", &["nora@nordwind.example"]);
    let (outcome, writes) = send(None, &[], &first, Some(3)).unwrap();
    let known = stored(outcome);
    assert_eq!((known.contact_count, writes.len()), (1, 1));
    let contact = writes[0].after.clone();
    let renamed = CustomerUpdate { name: Some("Nordwind & Filhos".parse().unwrap()), ..CustomerUpdate::default() };
    let (renamed, _) = known.edit(renamed).unwrap();

    let (again, writes) = send(Some(renamed.clone()), std::slice::from_ref(&contact), &first, Some(3)).unwrap();
    assert_eq!((again, writes), (ReportOutcome::Unchanged(renamed.clone()), vec![]));
    let (late, writes) =
        send(Some(renamed.clone()), std::slice::from_ref(&contact), &report("Old", &[]), Some(2)).unwrap();
    assert_eq!((late, writes), (ReportOutcome::Superseded(renamed.clone()), vec![]));
    let (newer, _) = send(Some(renamed), &[contact], &first, Some(4)).unwrap();
    let ReportOutcome::Recorded(newer, event) = newer else { panic!("it changes the name") };
    assert_eq!(newer.details.name.as_str(), "Nordwind");
    let recorded = event.payload.read::<kinds::CustomerRecorded>();
    assert_eq!((recorded.new, recorded.changed), (false, vec![CustomerField::Name]));
}

/// Proves: K2, U7
#[test]
fn one_version_of_a_customer_never_has_two_contents() {
    let known = stored(send(None, &[], &report("Nordwind", &[]), Some(3)).unwrap().0);
    for (other, field) in [(report("Other", &[]), "name"), (report("Nordwind", &["b@nordwind.example"]), "contacts")] {
        let refused = send(Some(known.clone()), &[], &other, Some(3));
        assert_eq!(refused, Err(ReportError::VersionReused { field: field.to_owned() }));
    }
}

/// Proves: K3
#[test]
fn a_report_adds_and_changes_the_contacts_that_it_names_and_leaves_the_others() {
    let (customer, nora) = with_contact();
    let mut sent = report("Nordwind", &["nora@nordwind.example", "bo@nordwind.example"]);
    sent.contacts[0].job_title = None;
    let nora = Contact { portal: PortalAccess::Active { user: user("nora") }, ..nora };
    let (outcome, writes) = send(Some(customer), std::slice::from_ref(&nora), &sent, None).unwrap();
    let [changed, new] = &writes[..] else { panic!("{writes:?}") };
    assert_eq!(changed.before, Some(nora.clone()));
    assert_eq!((changed.after.portal.clone(), changed.after.details.job_title.clone()), (nora.portal, None));
    assert_eq!((new.before.clone(), new.after.customer.as_str()), (None, "CUS-1"));
    let ReportOutcome::Recorded(customer, event) = outcome else { panic!("it changes contacts") };
    assert_eq!(customer.contact_count, 2);
    let recorded = event.payload.read::<kinds::CustomerRecorded>();
    assert_eq!((recorded.contacts_added, recorded.contacts_changed), (1, 1));

    let twice = send(None, &[], &report("Nordwind", &["b@n.example", "a@n.example", "b@n.example"]), None);
    assert_eq!(twice, Err(ReportError::Refused(RecordError::SameAddress { index: 2 })));
}

/// Proves: K2
#[test]
fn only_a_report_that_says_so_archives_a_customer_or_brings_it_back() {
    let archive = CustomerUpdate { status: Some(CustomerStatus::Archived), ..CustomerUpdate::default() };
    let (archived, event) = customer().edit(archive.clone()).unwrap();
    assert_eq!(event.payload.read::<kinds::CustomerChanged>().changed, [CustomerField::Status]);
    assert_eq!(archived.edit(archive), None);
    let silent = stored(send(Some(archived.clone()), &[], &report("Nordwind", &[]), None).unwrap().0);
    assert_eq!(silent.status, CustomerStatus::Archived);
    let back = CustomerReport { archived: Some(false), ..report("Nordwind", &[]) };
    assert_eq!(stored(send(Some(archived), &[], &back, None).unwrap().0).status, CustomerStatus::Active);
}

/// Proves: K3
#[test]
fn a_customer_has_a_hundred_contacts_at_most() {
    let full = Customer { contact_count: MAX_CONTACTS, ..customer() };
    let one_more = contact::add(&full, contact_id(2), person("x@nordwind.example"), at(2));
    assert_eq!(one_more, Err(ContactError::TooMany));
    let reported = send(Some(full), &[], &report("Nordwind", &["x@nordwind.example"]), None);
    assert_eq!(reported, Err(ReportError::Refused(RecordError::Contacts(ContactError::TooMany))));
    let archived = Customer { status: CustomerStatus::Archived, ..customer() };
    let added = contact::add(&archived, contact_id(2), person("x@nordwind.example"), at(2));
    assert_eq!(added, Err(ContactError::Archived));
}

/// Proves: K3
#[test]
fn the_address_that_was_invited_stays_and_a_contact_with_access_is_not_removed() {
    let (customer, contact) = with_contact();
    let moves = || ContactUpdate { email: Some("new@nordwind.example".parse().unwrap()), ..ContactUpdate::default() };
    for (portal, is_kept) in [
        (PortalAccess::None, false),
        (PortalAccess::Invited { invitation: InvitationId::from_uuid(uuid::Uuid::from_u128(9)) }, true),
        (PortalAccess::Active { user: user("nora") }, true),
        (PortalAccess::Removed, false),
    ] {
        let contact = Contact { portal, ..contact.clone() };
        assert_eq!(contact.edit(moves()) == Err(ContactError::HasAccess), is_kept, "{:?}", contact.portal);
        assert_eq!(contact.remove(&customer).is_err(), is_kept, "{:?}", contact.portal);
        let rename = ContactUpdate { name: Some("N. Nord".parse().unwrap()), ..ContactUpdate::default() };
        assert!(contact.edit(rename).unwrap().is_some());
    }
    let (fewer, _) = contact.remove(&customer).unwrap();
    assert_eq!(fewer.contact_count, 0);
}

fn new_address() -> DetailsEdit {
    DetailsEdit { billing_address: Patch::Set(address("Rua Nova 2")), ..DetailsEdit::default() }
}

fn decided(
    change: &CustomerChange,
    revision: u64,
    verdict: ChangeVerdict,
) -> Result<change::DecidedChange, ChangeError> {
    let (customer, contact) = with_contact();
    let decision = ChangeDecision { revision, verdict, reason: None, by: None };
    change.decide((&customer, &contact), decision, at(9)).map(|done| done.expect("it is not decided already"))
}

/// Proves: K5
#[test]
fn a_contacts_change_waits_and_is_applied_to_what_there_is_when_it_is_accepted() {
    let (customer, contact) = with_contact();
    let (change, event) = change::request((&customer, &contact), None, new_address(), at(2)).unwrap();
    let requested = event.payload.read::<kinds::CustomerChangeRequested>();
    assert_eq!(requested.revision, 1);
    // In the meantime somebody else changes something else.
    let vat = CustomerUpdate { vat_number: Patch::Clear, ..CustomerUpdate::default() };
    let (customer, _) = customer.edit(vat).unwrap();
    let decision =
        ChangeDecision { revision: 1, verdict: ChangeVerdict::Accepted, reason: None, by: Some(user("olga")) };
    let done = change.decide((&customer, &contact), decision.clone(), at(3)).unwrap().unwrap();
    assert_eq!(done.change.decide((&customer, &contact), decision, at(4)), Ok(None), "the answer was lost");
    let after = done.customer.unwrap();
    assert_eq!(after.details.billing_address, Some(address("Rua Nova 2")));
    assert_eq!(after.details.vat_number, None, "what was not asked for stays as it is now");
    assert_eq!((done.contact, done.change.status), (None, CustomerChangeStatus::Accepted));

    let refused = decided(&change, 1, ChangeVerdict::Refused).unwrap();
    assert_eq!((refused.customer, refused.contact), (None, None));
}

/// Proves: K5, 26
#[test]
fn a_decision_counts_for_the_revision_that_was_seen_and_once() {
    let (customer, contact) = with_contact();
    let both = (&customer, &contact);
    let (first, _) = change::request(both, None, new_address(), at(2)).unwrap();
    let phone = DetailsEdit { phone: Patch::Clear, ..DetailsEdit::default() };
    let (second, _) = change::request(both, Some(&first), phone.clone(), at(3)).unwrap();
    assert_eq!(second.changed.len(), 2, "the address still waits");
    assert_eq!(change::request(both, Some(&second), phone, at(4)), None, "it waits already");
    assert_eq!(decided(&second, 1, ChangeVerdict::Accepted), Err(ChangeError::Revised));
    let done = decided(&second, 2, ChangeVerdict::Accepted).unwrap();
    assert_eq!(done.contact.unwrap().details.phone, None);
    assert_eq!(decided(&done.change, 3, ChangeVerdict::Refused), Err(ChangeError::NotPending));
}

/// Proves: K5
#[test]
fn asking_for_what_there_is_takes_the_change_back() {
    let (customer, contact) = with_contact();
    let (change, _) = change::request((&customer, &contact), None, new_address(), at(2)).unwrap();
    let back = DetailsEdit {
        billing_address: Patch::Set(customer.details.billing_address.clone().unwrap()),
        ..DetailsEdit::default()
    };
    assert_eq!(change::request((&customer, &contact), None, back.clone(), at(3)), None, "nothing waits");
    let (withdrawn, event) = change::request((&customer, &contact), Some(&change), back, at(3)).unwrap();
    assert_eq!(withdrawn.status, CustomerChangeStatus::Withdrawn);
    assert_eq!(event.payload.read::<kinds::CustomerChangeRequested>().changed, []);
    assert_eq!(decided(&withdrawn, 2, ChangeVerdict::Accepted), Err(ChangeError::NotPending));
}

fn choices(rights: &[PortalRight]) -> PortalChoices {
    PortalChoices {
        rights: rights.iter().copied().collect(),
        banner: None,
        terms: None,
        color: None,
        logo: None,
        remind_days_before: ReminderDays::default(),
        remind_days_after: ReminderDays::default(),
        tell_of_views: false,
    }
}

/// Proves: K4
#[test]
fn settings_that_are_as_before_are_no_change() {
    assert_eq!(PortalSettings::choose(&company(1), None, choices(PortalRight::ALL), at(0)), None);
    let (narrow, event) = PortalSettings::choose(&company(1), None, choices(&[]), at(0)).unwrap();
    assert_eq!(event.payload.read::<kinds::PortalSettingsChanged>().rights_before, PortalRight::ALL);
    assert_eq!(PortalSettings::choose(&company(1), Some(&narrow), choices(&[]), at(1)), None);
    let (wide, _) = PortalSettings::choose(&company(1), Some(&narrow), choices(PortalRight::ALL), at(1)).unwrap();
    assert_eq!((wide.version, wide.since), (2, at(0)));
}

/// Proves: K4
#[test]
fn a_colour_and_days_of_reminders_are_checked() {
    assert_eq!(Color::try_from("#0A6C74".to_owned()).unwrap().to_string(), "#0a6c74");
    for text in ["", "#", "0a6c74", "#0a6c7", "#0a6c74f", "#0a6cé", "red"] {
        assert!(Color::try_from(text.to_owned()).is_err(), "{text}");
    }
    assert_eq!(Vec::from(ReminderDays::try_from(vec![14, 7]).unwrap()), [7, 14]);
    for days in [vec![0], vec![91], vec![7, 7], vec![1, 2, 3, 4, 5, 6]] {
        assert!(ReminderDays::try_from(days.clone()).is_err(), "{days:?}");
    }
}

proptest! {
    /// Proves: K4, 23
    #[test]
    fn a_contact_holds_the_permissions_of_the_rights_that_are_on_and_no_others(
        on in prop::sample::subsequence(PortalRight::ALL.to_vec(), 0..=PortalRight::ALL.len())
    ) {
        let rights = on.iter().copied().collect();
        let grants = PortalRight::grants(&rights);
        prop_assert_eq!(PortalRight::of(&grants), rights);
        prop_assert!(grants.contains(Permission::InvoicesView) && grants.contains(Permission::EstimatesView));
        prop_assert!(grants.iter().all(Permission::is_for_contacts));
        let off = PortalRight::ALL.iter().filter(|right| !on.contains(right));
        for permission in off.flat_map(|right| right.permissions()) {
            prop_assert!(!grants.contains(*permission));
        }
    }

    /// Whatever contacts ask for, in whatever order: an accepted change leaves the customer and the contact with it.
    /// Proves: K5
    #[test]
    fn what_was_asked_for_is_what_is_accepted(
        steps in prop::collection::vec((0_u8..4, prop::option::of(0_u8..3)), 1..8)
    ) {
        let (customer, contact) = with_contact();
        let mut known: Option<CustomerChange> = None;
        let mut wanted = change::EditableDetails::of(&customer, &contact);
        for (field, value) in steps {
            let line = value.map(|n| address(&format!("Street {n}")));
            let patch = line.clone().map_or(Patch::Clear, Patch::Set);
            let edit = match field {
                0 => {
                    wanted.billing_address = line;
                    DetailsEdit { billing_address: patch, ..DetailsEdit::default() }
                }
                1 => {
                    wanted.delivery_address = line;
                    DetailsEdit { delivery_address: patch, ..DetailsEdit::default() }
                }
                2 => {
                    wanted.vat_number = None;
                    DetailsEdit { vat_number: Patch::Clear, ..DetailsEdit::default() }
                }
                _ => {
                    wanted.name = format!("Nora {value:?}").parse().unwrap();
                    DetailsEdit { name: Some(wanted.name.clone()), ..DetailsEdit::default() }
                }
            };
            if let Some((change, _)) = change::request((&customer, &contact), known.as_ref(), edit, at(2)) {
                known = Some(change);
            }
        }
        let change = known.filter(|change| change.status == CustomerChangeStatus::Pending);
        let (customer, contact) = match change {
            None => (customer, contact),
            Some(change) => {
                let done = decided(&change, change.version, ChangeVerdict::Accepted).unwrap();
                (done.customer.unwrap_or(customer), done.contact.unwrap_or(contact))
            }
        };
        prop_assert_eq!(change::EditableDetails::of(&customer, &contact), wanted);
    }
}
