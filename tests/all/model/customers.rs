//! The customers of the companies, and everybody as a contact of each.

use std::collections::BTreeMap;

use tests::Kit;
use tests::cast::{self, Organisation};
use tests::people::Person;

use super::steps::FOUNDERS_OF_COMPANIES;
use super::world::CUSTOMERS;

/// The customers of each company.
pub(super) const REFERENCES: [&str; CUSTOMERS] = ["CUS-1", "CUS-2"];

/// A contact's place: company, customer and person.
pub(super) type At = (usize, usize, usize);

/// Adds the customers, each with everybody as a contact without access, and answers the contacts' ids.
pub(super) async fn of_customers(kit: &Kit, people: &[Person], companies: &[Organisation]) -> BTreeMap<At, String> {
    let mut contacts = BTreeMap::new();
    for (company, organisation) in companies.iter().enumerate() {
        let owner = cast::owner_of(kit, &people[FOUNDERS_OF_COMPANIES[company]], organisation).await;
        // One after the other: each counts in its customer.
        for (customer, reference) in REFERENCES.into_iter().enumerate() {
            cast::customer(kit, &owner, reference, "Model Customer").await;
            for (n, person) in people.iter().enumerate() {
                let id = cast::add_contact(kit, &owner, reference, &person.name, &person.email).await;
                contacts.insert((company, customer, n), id);
            }
        }
    }
    contacts
}
