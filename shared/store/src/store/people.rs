//! The people of a company or firm, as the stack itself looks for them, and the data of one person.

use domain::{
    CompanyId, Email, FirmId, Name, Org, Permission, Reference, UserId, UtcTime,
    access::GrantState,
    customer::seat::{ContactSeat, contacts_who_hold},
    notification::NotificationSettings,
    org::{Member, Staff, User},
    referral::Referral,
    team::bounded,
};

use super::Store;
use crate::{
    authority::Authority,
    error::StoreError,
    item::Entity,
    keys::{self, Tenant},
    listing::{Listing, PageRequest},
    user_store::UserStore,
};

/// The most people of one company or firm that are considered for one notification.
const MAX_TOLD: usize = 500;

impl Store {
    /// The data of the signed-in person.
    #[must_use]
    pub const fn for_user(&self, user: UserId) -> UserStore<'_> {
        UserStore::new(self, user)
    }

    /// The profiles of people who were found among the members of a company or the staff of a firm, in their order.
    /// Strongly consistent `BatchGetItem`s of up to 100 keys, one after the other; none for nobody.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn profiles(&self, people: &[&UserId]) -> Result<Vec<Option<User>>, StoreError> {
        self.get(people.iter().map(|user| keys::user(user)).collect::<Vec<_>>()).await
    }

    /// What people have chosen about notifications, in their order. Strongly consistent `BatchGetItem`s of up to 100
    /// keys, one after the other; none for nobody.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn notification_settings(
        &self,
        people: &[&UserId],
    ) -> Result<Vec<Option<NotificationSettings>>, StoreError> {
        self.get(people.iter().map(|user| keys::notification_settings(user)).collect::<Vec<_>>()).await
    }

    /// The names that firms have now, which were found among the connections or billing offers of a company, in their order. Strongly
    /// consistent `BatchGetItem`s of up to 100 keys, one after the other.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn firm_names(&self, firms: &[&FirmId]) -> Result<Vec<Option<Name>>, StoreError> {
        let profile = |firm: &&FirmId| Tenant::new(Org::Firm((*firm).clone())).firm();
        let found = self.get(firms.iter().map(profile).collect::<Vec<_>>()).await?;
        Ok(found.into_iter().map(|firm| firm.map(|firm| firm.name)).collect())
    }

    /// These referrals of a firm, which were found among its own, with the names that the companies have now. Strongly
    /// consistent `BatchGetItem`s of up to 100 keys, one after the other; none for none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn with_present_names(&self, mut referrals: Vec<Referral>) -> Result<Vec<Referral>, StoreError> {
        let profile = |referral: &Referral| Tenant::new(Org::Company(referral.company.clone())).company();
        let found = self.get(referrals.iter().map(profile).collect::<Vec<_>>()).await?;
        for (referral, company) in referrals.iter_mut().zip(found) {
            if let Some(company) = company {
                referral.company_name = company.name;
            }
        }
        Ok(referrals)
    }

    /// Whether somebody at this address holds a place in the tenant at `now`: one `Query` of the
    /// look-up index and, where it finds a profile, one strongly consistent `BatchGetItem`. The index
    /// lags, so this spares people a needless letter and decides nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_place(&self, authority: &Authority, email: &Email, now: UtcTime) -> Result<bool, StoreError> {
        let people = self.query(&keys::people_at(email), &PageRequest::largest()).await?.items;
        let tenant = Tenant::new(authority.org());
        // A member whom a firm invited may be invited to become the company's own.
        let places = people.iter().map(|person| match tenant.org() {
            Org::Company(_) => (Some(tenant.member(&person.id)), None),
            Org::Firm(_) => (None, Some(tenant.staff(&person.id))),
        });
        let found = self.get(places.collect::<Vec<_>>()).await?;
        Ok(found.into_iter().any(|(member, staff)| {
            let member = member.flatten().filter(|member| member.inviting_firm.is_none());
            let member = member.as_ref().map(GrantState::from);
            let staff = staff.flatten().as_ref().map(GrantState::from);
            member.or(staff).is_some_and(|grant_state| grant_state.holds_at(now))
        }))
    }

    /// Whether somebody at this address works for a company at `now`: as a member, or on the staff of a firm whose
    /// connection holds. Two `Query`s at the same time, one of the look-up index, and where that finds a profile one
    /// strongly consistent `BatchGetItem`. The index lags, so what depends on it asks [`Store::person_works_at`] too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn works_at(&self, company: &CompanyId, email: &Email, now: UtcTime) -> Result<bool, StoreError> {
        let (people, largest) = (keys::people_at(email), PageRequest::largest());
        let (people, firms) = tokio::try_join!(self.query(&people, &largest), self.firms_of(company, now))?;
        let people: Vec<UserId> = people.items.into_iter().map(|person| person.id).collect();
        self.any_works_at(company, &people, &firms, now).await
    }

    /// As [`Store::works_at`], of a person: one strongly consistent `Query` and one strongly consistent `BatchGetItem`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn person_works_at(&self, company: &CompanyId, user: &UserId, now: UtcTime) -> Result<bool, StoreError> {
        let firms = self.firms_of(company, now).await?;
        self.any_works_at(company, core::slice::from_ref(user), &firms, now).await
    }

    /// The firms whose connection to a company holds at `now`.
    async fn firms_of(&self, company: &CompanyId, now: UtcTime) -> Result<Vec<FirmId>, StoreError> {
        let tenant = Tenant::new(Org::Company(company.clone()));
        let connections = self.query(&tenant.connections(), &PageRequest::largest()).await?.items;
        let holding = connections.into_iter().filter(|connection| GrantState::from(connection).holds_at(now));
        Ok(holding.map(|connection| connection.firm).collect())
    }

    async fn any_works_at(
        &self,
        company: &CompanyId,
        people: &[UserId],
        firms: &[FirmId],
        now: UtcTime,
    ) -> Result<bool, StoreError> {
        if people.is_empty() {
            return Ok(false);
        }
        let tenant = Tenant::new(Org::Company(company.clone()));
        let staff = |user: &UserId| firms.iter().map(|firm| keys::staff(firm, user)).collect::<Vec<_>>();
        let places = people.iter().map(|user| (tenant.member(user), staff(user)));
        let found = self.get(places.collect::<Vec<_>>()).await?;
        Ok(found.into_iter().any(|(member, staff)| {
            let member = member.as_ref().map(GrantState::from);
            let mut staff = staff.iter().flatten().map(GrantState::from);
            member.is_some_and(|place| place.holds_at(now)) || staff.any(|place| place.holds_at(now))
        }))
    }

    /// Members of a company who may be notified: the first page of them, past ones included, each as the firm that
    /// invited them leaves them at `now`; the caller picks by permission.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn members_to_tell(&self, company: &CompanyId, now: UtcTime) -> Result<Vec<Member>, StoreError> {
        let tenant = Tenant::new(Org::Company(company.clone()));
        let members = self.people_to_tell(&tenant.members()).await?;
        if members.iter().all(|member| member.inviting_firm.is_none()) {
            return Ok(members);
        }
        let connections = self.query(&tenant.connections(), &PageRequest::largest()).await?.items;
        Ok(members.into_iter().map(|member| bounded(member, &connections, now)).collect())
    }

    /// As [`Store::members_to_tell`], of a firm's staff.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn staff_to_tell(&self, firm: &FirmId) -> Result<Vec<Staff>, StoreError> {
        let tenant = Tenant::new(Org::Firm(firm.clone()));
        self.people_to_tell(&tenant.all_staff()).await
    }

    /// The contacts of a customer who hold the permission at `now`: one `Query` and one `BatchGetItem` at the same
    /// time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn contacts_to_tell(
        &self,
        company: &CompanyId,
        customer: &Reference,
        permission: Permission,
        now: UtcTime,
    ) -> Result<Vec<ContactSeat>, StoreError> {
        let tenant = Tenant::new(Org::Company(company.clone()));
        let seats = tenant.contact_seats(customer);
        let (seats, settings) = tokio::try_join!(self.people_to_tell(&seats), self.get(tenant.portal_settings()),)?;
        Ok(contacts_who_hold(settings.as_ref(), &seats, permission, now).cloned().collect())
    }

    async fn people_to_tell<T: Entity>(&self, listing: &Listing<T>) -> Result<Vec<T>, StoreError> {
        let mut people = Vec::new();
        let mut request = PageRequest::largest();
        loop {
            let page = self.query(listing, &request).await?;
            people.extend(page.items);
            match page.next {
                Some(next) if people.len() < MAX_TOLD => {
                    request = PageRequest::new(None, Some(next))
                        .map_err(|error| StoreError::Unexpected(error.to_string()))?;
                }
                Some(_) | None => return Ok(people),
            }
        }
    }
}
