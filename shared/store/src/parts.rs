//! Parts of an answer that each need an authority of their own, besides the one of the whole.
//!
//! All are proven by the one read of the caller's seat: the relationships of a seat are the same whatever it is to grant.

use domain::UtcTime;

use crate::{
    authority::{Authority, judge},
    item::ItemsByKey,
};

/// What was read for a part, before the authority to see it is known.
#[derive(Debug)]
#[must_use = "a part is opened by the seat that may see it"]
pub struct Part<T> {
    pub(crate) authority: Authority,
    pub(crate) data: T,
}

/// The caller's seat as it was found in the table.
#[derive(Debug)]
pub struct FoundSeat {
    pub(crate) items: ItemsByKey,
    pub(crate) now: UtcTime,
}

impl FoundSeat {
    /// The data of a part, if the authority that it was read for holds; of another seat none does, since that was not read.
    #[must_use]
    pub fn open<T>(&self, part: Option<Part<T>>) -> Option<T> {
        let part = part?;
        judge(&part.authority.checks(), &self.items, self.now).is_ok().then_some(part.data)
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use domain::{AccessRequirement, CompanyId, Permission, UserId, access::ActingAs};

    use super::*;
    use crate::{item::Item, keys};

    fn company(n: u8) -> CompanyId {
        format!("co_0000000000000000000000000000000{n}").parse().unwrap()
    }

    fn part(company: CompanyId, permission: Permission) -> Option<Part<&'static str>> {
        let seat = ActingAs::Member { company };
        let access = AccessRequirement::to_all("u".parse().unwrap(), seat, &[permission]);
        Some(Part { authority: access.into(), data: "data" })
    }

    /// Proves: DB1
    #[test]
    fn a_part_is_opened_by_the_seat_that_grants_it_and_by_no_other() {
        let user: UserId = "u".parse().unwrap();
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let item = Item::from([
            ("entity".to_owned(), text("member")),
            ("role".to_owned(), text("custom")),
            ("status".to_owned(), text("active")),
            ("since".to_owned(), text("1970-01-01T00:00:00.000Z")),
            ("grants".to_owned(), AttributeValue::Ss(vec!["bank.view".to_owned()])),
        ]);
        let items = ItemsByKey::from([(keys::member(&company(1), &user).raw, item)]);
        let seat = FoundSeat { items, now: UtcTime::EPOCH };
        assert_eq!(seat.open(part(company(1), Permission::BankView)), Some("data"));
        assert_eq!(seat.open(part(company(1), Permission::InvoicesView)), None, "it grants no such thing");
        assert_eq!(seat.open(part(company(2), Permission::BankView)), None, "another company's seat was not read");
        assert_eq!(seat.open::<()>(None), None);
    }
}
