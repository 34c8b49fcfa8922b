//! What a signed-in person reaches without a context: their own profile and places, and
//! invitations by link.

mod context_list;
mod entering;
mod pending_invitations;

use domain::{
    CompanyId, FirmId, Org, StaffRole, UserId, UtcTime,
    access::ActingAs,
    context::{HeldContext, Place},
    customer::{Customer, seat},
    notification::NotificationSettings,
    org::{Company, Firm, Member, Staff, User},
};

use crate::{
    batch_get::BatchGet,
    error::StoreError,
    idempotency::{FirstUse, Idempotency},
    keys::{self, Key, Tenant},
    listing::{Page, PageRequest},
    store::{HeldSeat, Store},
};

pub use context_list::Seen;

/// A person's own data in the table. The caller must be that person.
#[derive(Debug, Clone)]
pub struct UserStore<'s> {
    store: &'s Store,
    user: UserId,
}

/// What a seat is called, and the place that its role comes from where the seat does not say it.
type NameAndRoleKeys =
    (Option<Key<Company>>, Option<Key<Firm>>, Option<Key<Member>>, Option<Key<Staff>>, Option<Key<Customer>>);
type NameAndRole = <NameAndRoleKeys as BatchGet>::Found;

/// `None` where there is no such company, firm or place.
fn place(acting_as: &ActingAs, (company, firm, member, staff, customer): NameAndRole) -> Option<Place> {
    let name = company.flatten().map(|company| company.name).or(firm.flatten().map(|firm| firm.name))?;
    let role = match acting_as {
        ActingAs::Member { .. } | ActingAs::BoundedMember { .. } => member.flatten()?.role.as_str(),
        ActingAs::FirmAdmin { .. } => StaffRole::Admin.as_str(),
        ActingAs::Bookkeeper { .. } => StaffRole::Bookkeeper.as_str(),
        ActingAs::Staff { .. } => staff.flatten()?.role.as_str(),
        ActingAs::Contact { .. } => seat::ROLE,
    };
    let customer_name = customer.flatten().map(|customer| customer.details.name);
    Some(Place { acting_as: acting_as.clone(), role, name, customer_name })
}

impl<'s> UserStore<'s> {
    pub(crate) const fn new(store: &'s Store, user: UserId) -> Self {
        Self { store, user }
    }
}

impl UserStore<'_> {
    /// The person's profile. One strongly consistent read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn profile(&self) -> Result<Option<User>, StoreError> {
        self.store.get(keys::user(&self.user)).await
    }

    /// The profile, for a request that may carry an idempotency key: a request that was answered before
    /// gets its [`crate::Replay`]. One strongly consistent `BatchGetItem`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn profile_once(
        &self,
        idempotency: Option<&Idempotency>,
        now: UtcTime,
    ) -> Result<FirstUse<Option<User>>, StoreError> {
        let record = idempotency.map(Idempotency::record_key);
        let (user, recorded) = self.store.get((keys::user(&self.user), record)).await?;
        Ok(match idempotency {
            Some(idempotency) => idempotency.judge(recorded.flatten(), now).map(|()| user),
            None => Ok(user),
        })
    }

    /// Writes the profile: new when `expected` is `None`, else in place of that version. One
    /// conditional `PutItem`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is there already, or was changed.
    pub async fn put_profile(&self, expected: Option<u64>, user: &User) -> Result<(), StoreError> {
        self.store.put_version(&keys::user(&self.user), expected, user).await
    }

    /// What the person has chosen about notifications. One strongly consistent read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn notification_settings(&self) -> Result<Option<NotificationSettings>, StoreError> {
        self.store.get(keys::notification_settings(&self.user)).await
    }

    /// The profile and what the person has chosen about notifications. One strongly consistent `BatchGetItem`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn profile_and_notification_settings(
        &self,
    ) -> Result<(Option<User>, Option<NotificationSettings>), StoreError> {
        self.store.get((keys::user(&self.user), keys::notification_settings(&self.user))).await
    }

    /// Writes what the person has chosen: new when `expected` is `None`, else in place of that version. One
    /// conditional `PutItem`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is there already, or was changed.
    pub async fn put_notification_settings(
        &self,
        expected: Option<u64>,
        settings: &NotificationSettings,
    ) -> Result<(), StoreError> {
        self.store.put_version(&keys::notification_settings(&self.user), expected, settings).await
    }

    /// The firms the person is on the staff of, by the inverse index. Decides nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn places_on_staff(&self, request: &PageRequest) -> Result<Page<Staff>, StoreError> {
        self.store.query(&keys::places_of(&self.user), request).await
    }

    /// The person's profile, and those of these seats that hold right now, in their order: one
    /// strongly consistent `BatchGetItem` of the profile, each company's or firm's own profile, and
    /// at most three relationships a seat; a second for a member whom a firm invited. A member's seat is
    /// given with the firm that invited them.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn held(
        &self,
        candidates: &[ActingAs],
        now: UtcTime,
    ) -> Result<(Option<User>, Vec<HeldContext>), StoreError> {
        let names = candidates.iter().map(|acting_as| self.name_and_role(acting_as)).collect::<Vec<_>>();
        let wanted = (keys::user(&self.user), names);
        let (seats, (user, names)) = self.store.grants_by_acting_as_and(&self.user, candidates, now, wanted).await?;
        let held = seats.into_iter().zip(names).filter_map(|(seat, names)| {
            let HeldSeat { acting_as, grants, since, until } = seat.ok()?;
            Some(HeldContext { place: place(&acting_as, names)?, grants, since, until })
        });
        Ok((user, held.collect()))
    }

    fn name_and_role(&self, acting_as: &ActingAs) -> NameAndRoleKeys {
        let tenant = Tenant::new(acting_as.org());
        let user = &self.user;
        match acting_as {
            ActingAs::Member { .. } | ActingAs::BoundedMember { .. } => {
                (Some(tenant.company()), None, Some(tenant.member(user)), None, None)
            }
            ActingAs::FirmAdmin { .. } | ActingAs::Bookkeeper { .. } => {
                (Some(tenant.company()), None, None, None, None)
            }
            ActingAs::Staff { .. } => (None, Some(tenant.firm()), None, Some(tenant.staff(user)), None),
            ActingAs::Contact { customer, .. } => {
                (Some(tenant.company()), None, None, None, Some(tenant.customer(customer)))
            }
        }
    }

    /// The names to show for a context about to be entered. One strongly consistent read.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn company_name(&self, company: &CompanyId) -> Result<Option<domain::Name>, StoreError> {
        let tenant = Tenant::new(Org::Company(company.clone()));
        Ok(self.store.get(tenant.company()).await?.map(|company| company.name))
    }

    /// As [`UserStore::company_name`], for a firm.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn firm_name(&self, firm: &FirmId) -> Result<Option<domain::Name>, StoreError> {
        let tenant = Tenant::new(Org::Firm(firm.clone()));
        Ok(self.store.get(tenant.firm()).await?.map(|firm| firm.name))
    }
}
