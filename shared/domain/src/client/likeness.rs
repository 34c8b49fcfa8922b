//! Whether a firm's details describe a client that is on its list.
//!
//! One person may own several companies and read all their mail under one address, and a client may be written down
//! again with more or fewer details than before. So one address may belong to several clients, and different
//! details may describe one client.

use super::{Client, ClientDetails, ClientField};
use crate::id::ClientId;

/// The result of comparing two descriptions of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// They describe the same client.
    Same,
    /// They describe two clients that are easily confused.
    Similar,
    /// They describe two clients.
    Different,
}

/// A client on the list, and the fields in which a description differs from its entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedClient {
    /// The client.
    pub client: ClientId,
    /// Name, address and reference, where they differ.
    pub differs: Vec<ClientField>,
}

/// The result of looking a description up in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientMatch {
    /// The client is on the list.
    Listed(ListedClient),
    /// It is a new client, which may be easily confused with one on the list.
    New {
        /// The first such client.
        similar: Option<ListedClient>,
    },
}

impl ClientDetails {
    /// The same reference is the same client, another reference is another one. Without two references, the same name is
    /// the same client unless the addresses differ.
    fn likeness(&self, listed: &Self) -> Likeness {
        if let (Some(reference), Some(other)) = (&self.reference, &listed.reference) {
            return if reference == other { Likeness::Same } else { Likeness::Different };
        }
        let has_same_name = self.name == listed.name;
        match (&self.email, &listed.email) {
            (Some(email), Some(other)) if email == other && !has_same_name => Likeness::Similar,
            (Some(email), Some(other)) if email != other && has_same_name => Likeness::Similar,
            _ if has_same_name => Likeness::Same,
            _ => Likeness::Different,
        }
    }

    fn differs(&self, listed: &Self) -> Vec<ClientField> {
        [
            (ClientField::Name, self.name != listed.name),
            (ClientField::Email, self.email != listed.email),
            (ClientField::Reference, self.reference != listed.reference),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
    }

    /// Finds the described client among those on the list that share a field with it.
    ///
    /// An entry that a connection created is left out: its name is the company's choice.
    #[must_use]
    pub fn find_among<'c>(&self, listed: impl IntoIterator<Item = &'c Client>) -> ClientMatch {
        let mut similar = None;
        for client in listed.into_iter().filter(|client| client.distinct) {
            let found = || ListedClient { client: client.id.clone(), differs: self.differs(&client.details) };
            match self.likeness(&client.details) {
                Likeness::Same => return ClientMatch::Listed(found()),
                Likeness::Similar if similar.is_none() => similar = Some(found()),
                Likeness::Similar | Likeness::Different => {}
            }
        }
        ClientMatch::New { similar }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::{
        super::{
            add, of_connection,
            tests::{NOW, client, company, details},
        },
        *,
    };

    fn listed(number: u128, details: ClientDetails) -> Client {
        add(ClientId::from_uuid(Uuid::from_u128(number)), client().firm, details, NOW).0
    }

    fn found(new: &ClientDetails, listed: &[Client]) -> (bool, Vec<ClientField>) {
        match new.find_among(listed) {
            ClientMatch::Listed(found) => (true, found.differs),
            ClientMatch::New { similar } => (false, similar.map(|similar| similar.differs).unwrap_or_default()),
        }
    }

    /// Proves: U13
    #[test]
    fn two_companies_of_one_owner_are_two_clients_and_one_with_more_details_is_one() {
        use ClientField::{Email, Name, Reference};
        let (ana, bia) = (Some("ana@x.example"), Some("bia@x.example"));
        for (new, on_the_list, is_listed, differs) in [
            (details("Gaia", ana, None), details("Porto", ana, None), false, vec![Name]),
            (details("Porto", ana, None), details("Porto", None, None), true, vec![Email]),
            (details("Porto", None, None), details("Porto", ana, None), true, vec![Email]),
            (details("Porto", ana, Some("7")), details("Porto", ana, None), true, vec![Reference]),
            (details("Porto", ana, None), details("Porto", ana, Some("7")), true, vec![Reference]),
            (details("Porto", bia, None), details("Porto", ana, None), false, vec![Email]),
            (details("Gaia", bia, Some("7")), details("Porto", ana, Some("7")), true, vec![Name, Email]),
            (details("Porto", ana, Some("8")), details("Porto", ana, Some("7")), false, vec![]),
            (details("Gaia", None, None), details("Porto", ana, None), false, vec![]),
        ] {
            let case = format!("{new:?} / {on_the_list:?}");
            assert_eq!(found(&new, &[listed(1, on_the_list)]), (is_listed, differs), "{case}");
        }
    }

    #[test]
    fn the_same_client_is_found_behind_similar_ones() {
        let ana = Some("ana@x.example");
        let list = [listed(1, details("Porto", ana, None)), listed(2, details("Gaia", ana, None))];
        let ClientMatch::Listed(same) = details("Gaia", ana, None).find_among(&list) else { panic!("it is listed") };
        assert_eq!((same.client, same.differs), (list[1].id.clone(), vec![]));
        let made = of_connection(client().id, client().firm, company(), "Gaia".parse().unwrap(), NOW);
        assert_eq!(found(&details("Gaia", ana, None), &[made]), (false, vec![]));
    }

    fn any_details() -> impl Strategy<Value = ClientDetails> {
        let email = prop::option::of(prop::sample::select(vec!["a@x.example", "b@x.example"]));
        let reference = prop::option::of(prop::sample::select(vec!["1", "2"]));
        ("[AB]", email, reference).prop_map(|(name, email, reference)| details(&name, email, reference))
    }

    proptest! {
        /// Proves: U13
        #[test]
        fn an_import_repeated_adds_nothing_and_what_is_new_differs_from_every_client(
            rows in prop::collection::vec(any_details(), 1..12)
        ) {
            let mut list: Vec<Client> = Vec::new();
            for row in rows.iter().chain(&rows) {
                match row.find_among(&list) {
                    ClientMatch::Listed(_) => {}
                    ClientMatch::New { .. } => {
                        prop_assert!(list.iter().all(|client| client.details != *row));
                        list.push(listed(list.len() as u128 + 1, row.clone()));
                    }
                }
            }
            let before = list.len();
            for row in &rows {
                prop_assert!(matches!(row.find_among(&list), ClientMatch::Listed(_)));
            }
            prop_assert_eq!(list.len(), before);
        }
    }
}
