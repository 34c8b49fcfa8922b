//! Data that was read from a seat and is returned only to a proven authority.

use domain::UtcTime;

use crate::{
    authority::{Authority, judge},
    error::StoreError,
    idempotency::{FirstUse, Idempotency},
    item::ItemsByKey,
};

/// Data that was read from a seat, before the authority to see it is known.
#[derive(Debug)]
#[must_use = "what was found is given only when an authority holds"]
pub struct Unproven<T> {
    pub(crate) found: T,
    pub(crate) items: ItemsByKey,
    pub(crate) now: UtcTime,
    pub(crate) idempotency: Option<Idempotency>,
}

impl<T> Unproven<T> {
    /// The unproven data: use it only to choose the authority to prove.
    #[must_use]
    pub const fn peek(&self) -> &T {
        &self.found
    }

    /// Whether an authority of the same seat holds.
    #[must_use]
    pub fn holds(&self, authority: &Authority) -> bool {
        judge(&authority.checks(), &self.items, self.now).is_ok()
    }

    /// Returns the data if the authority holds.
    ///
    /// # Errors
    /// [`StoreError::Denied`], before a replay, also for an authority from another seat: its proof was
    /// not read.
    pub fn prove(self, authority: &Authority) -> Result<FirstUse<T>, StoreError> {
        judge(&authority.checks(), &self.items, self.now)?;
        let Some(idempotency) = &self.idempotency else { return Ok(Ok(self.found)) };
        let first = idempotency.judge_item(self.items.get(&idempotency.record_key().raw), self.now)?;
        Ok(first.map(|()| self.found))
    }
}

#[cfg(test)]
mod tests {
    use domain::{AccessRequirement, CompanyId, Denied, FirmId, Permission, UserId, access::ActingAs};

    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;
    use crate::{item::Item, keys};

    #[test]
    fn what_was_found_is_given_to_an_authority_of_the_same_seat_that_holds() {
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let firm: FirmId = "fm_00000000000000000000000000000002".parse().unwrap();
        let user: UserId = "u".parse().unwrap();
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let member = Item::from([
            ("entity".to_owned(), text("member")),
            ("status".to_owned(), text("active")),
            ("since".to_owned(), text(&UtcTime::EPOCH.to_string())),
            ("grants".to_owned(), AttributeValue::Ss(vec!["team.view".to_owned()])),
        ]);
        let items = ItemsByKey::from([(keys::member(&company, &user).raw, member)]);
        let given = |acting_as: ActingAs, permission: Permission| {
            let entered = Unproven { found: 7, items: items.clone(), now: UtcTime::EPOCH, idempotency: None };
            entered.prove(&Authority::Person(AccessRequirement::new(user.clone(), acting_as, permission)))
        };
        let here = ActingAs::Member { company };
        assert!(matches!(given(here.clone(), Permission::TeamView), Ok(Ok(7))));
        let missing = given(here, Permission::TeamManage);
        assert!(matches!(missing, Err(StoreError::Denied(Denied::Missing(Permission::TeamManage)))), "{missing:?}");
        let elsewhere = given(ActingAs::Staff { firm }, Permission::StaffView);
        assert!(matches!(elsewhere, Err(StoreError::Denied(Denied::NoRelation))), "{elsewhere:?}");
    }
}
