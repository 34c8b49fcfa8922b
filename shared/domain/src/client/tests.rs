//! Tests of the identity of clients and of changes to their entries.

use uuid::Uuid;

use super::{inviting::tests::invited, *};
use crate::invitation::InvitationStatus;

pub(super) const NOW: UtcTime = UtcTime::EPOCH;

pub(super) fn details(name: &str, email: Option<&str>, reference: Option<&str>) -> ClientDetails {
    ClientDetails {
        name: name.parse().unwrap(),
        email: email.map(|email| email.parse().unwrap()),
        language: None,
        reference: reference.map(|reference| reference.parse().unwrap()),
    }
}

pub(super) fn client() -> Client {
    let id = ClientId::from_uuid(Uuid::from_u128(1));
    let firm = FirmId::from_uuid(Uuid::from_u128(2));
    add(id, firm, details("Loja Azul", Some("olga@loja.example"), None), NOW).0
}

pub(super) fn company() -> CompanyId {
    CompanyId::from_uuid(Uuid::from_u128(3))
}

#[test]
fn two_entries_are_one_client_by_reference_else_address_else_name() {
    let identity = |name, email, reference| details(name, email, reference).identity();
    let (ana, bia) = (Some("ana@x.example"), Some("bia@x.example"));
    assert_eq!(identity("A", ana, Some("7")), identity("B", bia, Some("7")));
    assert_ne!(identity("A", ana, Some("7")), identity("A", ana, Some("8")), "one owner, two companies");
    assert_eq!(identity("A", ana, None), identity("B", Some("Ana@X.example"), None));
    assert_eq!(identity("A", None, None), identity(" A ", None, None));
    assert_ne!(identity("A", None, None), identity("a", None, None));
    assert_ne!(identity("7", None, None), identity("B", None, Some("7")), "a name is no reference");
}

#[test]
fn what_is_recorded_of_a_client_names_neither_address_nor_name() {
    let client = client();
    let (_, added) = add(client.id.clone(), client.firm.clone(), client.details.clone(), NOW);
    let edit = ClientUpdate { email: Patch::Set("new@loja.example".parse().unwrap()), ..ClientUpdate::default() };
    let (_, changed) = client.edit(edit).unwrap();
    let removed = client.remove(NOW).unwrap();
    for event in [added, changed, removed] {
        let data = event.payload.data().to_string();
        assert!(!data.contains('@') && !data.contains("Loja"), "{data}");
    }
}

#[test]
fn an_edit_says_what_it_changed_and_nothing_is_no_edit() {
    let client = client();
    assert_eq!(client.edit(ClientUpdate::default()), None);
    assert_eq!(client.edit(ClientUpdate { name: Some("Loja Azul".parse().unwrap()), ..ClientUpdate::default() }), None);
    let edit =
        ClientUpdate { name: Some("Loja Verde".parse().unwrap()), email: Patch::Clear, ..ClientUpdate::default() };
    let (edited, event) = client.edit(edit).unwrap();
    assert_eq!((edited.details.email.as_ref(), edited.version), (None, 2));
    assert_eq!(event.payload.data()["changed"], serde_json::json!(["name", "email"]));
    assert_eq!(edited.claims(), Some(ClientIdentity::Name("Loja Verde".parse().unwrap())));
}

#[test]
fn an_entry_that_a_connection_made_claims_nothing_until_it_is_given_an_identity() {
    let name: Name = "Loja Azul".parse().unwrap();
    let made = of_connection(client().id, client().firm, company(), name, NOW);
    assert_eq!((made.status, made.claims()), (ClientStatus::Active, None));
    let language =
        ClientUpdate { language: Patch::Set(Locale::try_from("pt".to_owned()).unwrap()), ..ClientUpdate::default() };
    assert_eq!(made.edit(language).unwrap().0.claims(), None);
    let reference: Reference = "C-7".parse().unwrap();
    let edit = ClientUpdate { reference: Patch::Set(reference.clone()), ..ClientUpdate::default() };
    assert_eq!(made.edit(edit).unwrap().0.claims(), Some(ClientIdentity::Reference(reference)));
}

#[test]
fn a_client_that_shares_its_address_is_known_by_its_name_too_until_it_gets_another() {
    let sharing = client().sharing_address();
    let email: Email = "olga@loja.example".parse().unwrap();
    let known_by = |name: &str| Some(ClientIdentity::email_and_name(&email, &name.parse().unwrap()));
    assert_eq!((sharing.claims(), sharing.found_at()), (known_by("Loja Azul"), Some(&email)));
    let renamed = ClientUpdate { name: Some("Loja Verde".parse().unwrap()), ..ClientUpdate::default() };
    assert_eq!(sharing.edit(renamed).unwrap().0.claims(), known_by("Loja Verde"));
    let other: Email = "verde@loja.example".parse().unwrap();
    let moved = ClientUpdate { email: Patch::Set(other.clone()), ..ClientUpdate::default() };
    let (moved, _) = sharing.edit(moved).unwrap();
    assert_eq!((moved.claims(), moved.found_at()), (Some(ClientIdentity::Email(other)), None));
    let numbered = Client { details: details("Loja", None, Some("C-1")), ..client() }.sharing_address();
    assert!(!numbered.shares_address, "a reference tells it apart");
}

#[test]
fn only_a_client_that_can_accept_nothing_any_more_is_removed() {
    use InvitationStatus::{Pending, Rejected, Revoked};
    assert!(client().remove(NOW).is_ok());
    assert_eq!(client().connected(&company()).remove(NOW), Err(RemoveError::Connected));
    assert_eq!(invited(Pending).remove(NOW), Err(RemoveError::Invited));
    assert!(invited(Pending).remove(NOW.plus_s(86_400)).is_ok(), "it has expired");
    assert!(invited(Revoked).remove(NOW).is_ok());
    assert!(invited(Rejected).remove(NOW).is_ok());
}

#[test]
fn a_client_stays_on_the_list_when_its_connection_ends() {
    let connected = invited(InvitationStatus::Pending).connected(&company());
    assert_eq!(connected.status, ClientStatus::Active);
    assert_eq!(connected.invitation.as_ref().map(|last| last.status), Some(InvitationStatus::Accepted));
    let other = CompanyId::from_uuid(Uuid::from_u128(8));
    assert_eq!(connected.disconnected(&other), None);
    let ended = connected.disconnected(&company()).unwrap();
    assert_eq!((ended.status, ended.version), (ClientStatus::Inactive, connected.version + 1));
    assert_eq!(ended.disconnected(&company()), None);
    assert!(ended.invite_at(NOW).is_ok(), "it can be invited back");
}
