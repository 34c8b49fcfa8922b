//! Keys of people: their profiles, by id and by address, and where they were last.

use domain::{ActingAs, CompanyId, Email, Org, Reference, UserId, context_list::Visit, org::User};

use super::{
    key::Key,
    template::{Gsi2, Item, Partition},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

/// The partition of a person.
pub(super) const USER: Partition<User, UserId> = Partition::new("USER");
/// The partition of an email address.
pub(super) const EMAIL: Partition<Email, Email> = Partition::new("EMAIL");
const PROFILE: Item<User, User, ()> = Item::new("PROFILE");
const USER_BY_EMAIL: Gsi2<User, Email, ()> = Gsi2::new("USER");
const VISIT: Item<Visit, User, Org> = Item::new("VISIT");
const VISIT_AT_CUSTOMER: Item<Visit, User, (CompanyId, Reference)> = Item::new("VISIT");

/// A person's profile.
pub(crate) fn user(user: &UserId) -> Key<User> {
    PROFILE.key(USER.pk(user), ())
}

/// The profiles made with an address.
pub(crate) fn people_at(email: &Email) -> Listing<User> {
    USER_BY_EMAIL.all(EMAIL.pk(email))
}

/// When a person was last in a company or firm.
pub(crate) fn visit(user: &UserId, org: &Org) -> Key<Visit> {
    VISIT.key(USER.pk(user), org)
}

/// When a person was last in a seat's company, firm or customer.
pub(crate) fn visit_of_seat(user: &UserId, acting_as: &ActingAs) -> Key<Visit> {
    match acting_as.customer() {
        Some((company, customer)) => VISIT_AT_CUSTOMER.key(USER.pk(user), (company, customer)),
        None => visit(user, &acting_as.org()),
    }
}

impl Entity for User {
    const ENTITY: &'static str = "user";

    fn indexes(&self) -> Indexes {
        USER_BY_EMAIL.entry(EMAIL.pk(&self.email), ()).into()
    }
}

impl Entity for Visit {
    const ENTITY: &'static str = "visit";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_is_the_persons_own() {
        let org: Org = "co_00000000000000000000000000000001".parse().unwrap();
        let key = visit(&"u".parse().unwrap(), &org).raw;
        assert_eq!((key.pk.as_str(), key.sk.as_str()), ("USER#u", "VISIT#co_00000000000000000000000000000001"));
    }
}
