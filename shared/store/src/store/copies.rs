//! Names and addresses that are kept beside relationships, so that lists show them without another read. When the
//! original changes, its copies follow.
//!
//! A copy decides nothing. A crash on the way leaves some copies as they were; the same request again finishes them.

use domain::{
    Email, Org, UserId,
    customer::seat::ContactSeat,
    org::{Assignment, Company, Connection, Firm, Member, Staff},
};

use super::Store;
use crate::{
    authority::Authority,
    change::ChangeContext,
    error::StoreError,
    item::Entity,
    keys::{self, Key, Tenant},
    listing::{Listing, PageRequest},
    retry::{Attempt, retry_on_conflict},
};

impl Store {
    /// Brings a company's name to its members, connections, assignments and contacts: for each hundred of them one `Query`, and
    /// one transaction where a name differs.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn company_name_follows(
        &self,
        company: &Company,
        change_context: &ChangeContext,
    ) -> Result<(), StoreError> {
        let (org, name) = (Org::Company(company.id.clone()), &company.name);
        let members = self.copies_follow(
            &org,
            change_context,
            |tenant| Some(tenant.members()),
            |tenant, member| Some(tenant.member(&member.user)),
            |member| {
                let copy = Member { company_name: name.clone(), version: member.version + 1, ..member.clone() };
                (member.company_name != *name).then_some((member.version, copy))
            },
        );
        let connections = self.copies_follow(
            &org,
            change_context,
            |tenant| Some(tenant.connections()),
            |tenant, connection| tenant.connection(&Org::Firm(connection.firm.clone())),
            |connection| {
                let copy =
                    Connection { company_name: name.clone(), version: connection.version + 1, ..connection.clone() };
                (connection.company_name != *name).then_some((connection.version, copy))
            },
        );
        let assignments = self.copies_follow(
            &org,
            change_context,
            |tenant| tenant.assignments_in(&company.id),
            |tenant, assignment| tenant.assignment_through(&Org::Firm(assignment.firm.clone()), &assignment.user),
            |assignment| {
                let copy =
                    Assignment { company_name: name.clone(), version: assignment.version + 1, ..assignment.clone() };
                (assignment.company_name != *name).then_some((assignment.version, copy))
            },
        );
        let seats = self.copies_follow(
            &org,
            change_context,
            |tenant| Some(tenant.all_contact_seats()),
            |tenant, seat| Some(tenant.contact_seat(&seat.customer, &seat.user)),
            |seat| {
                let copy = ContactSeat { company_name: name.clone(), version: seat.version + 1, ..seat.clone() };
                (seat.company_name != *name).then_some((seat.version, copy))
            },
        );
        tokio::try_join!(members, connections, assignments, seats)?;
        Ok(())
    }

    /// As [`Store::company_name_follows`]: a firm's name to its staff. What its clients see of it is read from the
    /// firm, since it may have thousands.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn firm_name_follows(&self, firm: &Firm, change_context: &ChangeContext) -> Result<(), StoreError> {
        let org = Org::Firm(firm.id.clone());
        let staff = self.copies_follow(
            &org,
            change_context,
            |tenant| Some(tenant.all_staff()),
            |tenant, staff| Some(tenant.staff(&staff.user)),
            |staff| {
                let copy = Staff { firm_name: firm.name.clone(), version: staff.version + 1, ..staff.clone() };
                (staff.firm_name != firm.name).then_some((staff.version, copy))
            },
        );
        staff.await
    }

    /// Brings a person's address to their places, as their companies and firms list it: two `Query`s of the inverse
    /// index for each hundred places, and a read and a transaction for each place where it differs.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn address_follows(
        &self,
        user: &UserId,
        email: &Email,
        change_context: &ChangeContext,
    ) -> Result<(), StoreError> {
        for member in self.all(&keys::memberships_of(user)).await? {
            let org = Org::Company(member.company);
            self.copy_follows(
                &org,
                change_context,
                |tenant| tenant.member(user),
                |member| {
                    let copy = Member { email: email.clone(), version: member.version + 1, ..member.clone() };
                    (member.email != *email).then_some((member.version, copy))
                },
            )
            .await?;
        }
        for staff in self.all(&keys::places_of(user)).await? {
            let org = Org::Firm(staff.firm);
            self.copy_follows(
                &org,
                change_context,
                |tenant| tenant.staff(user),
                |staff| {
                    let copy = Staff { email: email.clone(), version: staff.version + 1, ..staff.clone() };
                    (staff.email != *email).then_some((staff.version, copy))
                },
            )
            .await?;
        }
        Ok(())
    }

    /// Writes each entity of a list anew for which `copy` gives the version that it was read at and what it is now.
    async fn copies_follow<T: Entity>(
        &self,
        org: &Org,
        change_context: &ChangeContext,
        listing: impl Fn(&Tenant) -> Option<Listing<T>>,
        key: impl Fn(&Tenant, &T) -> Option<Key<T>>,
        copy: impl Fn(&T) -> Option<(u64, T)>,
    ) -> Result<(), StoreError> {
        let Some(listing) = listing(&Tenant::new(org.clone())) else { return Ok(()) };
        let authority = Authority::System(org.clone());
        let mut request = PageRequest::largest();
        loop {
            let next = retry_on_conflict(async || {
                let page = self.query(&listing, &request).await?;
                let mut change = self.change(&authority, change_context.clone());
                let copies: Vec<_> = page.items.iter().filter_map(&copy).collect();
                for (version, entity) in &copies {
                    change.put_some(|tenant| key(tenant, entity), Some(*version), entity);
                }
                if !copies.is_empty() {
                    change.commit().await?;
                }
                Ok::<_, Attempt<StoreError>>(page.next)
            });
            match next.await? {
                Some(next) => request = PageRequest::largest().starting_at(next),
                None => return Ok(()),
            }
        }
    }

    /// As [`Store::copies_follow`], for one entity.
    async fn copy_follows<T: Entity>(
        &self,
        org: &Org,
        change_context: &ChangeContext,
        key: impl Fn(&Tenant) -> Key<T>,
        copy: impl Fn(&T) -> Option<(u64, T)>,
    ) -> Result<(), StoreError> {
        let authority = Authority::System(org.clone());
        retry_on_conflict(async || {
            let found = self.get(key(&Tenant::new(org.clone()))).await?;
            if let Some((version, entity)) = found.as_ref().and_then(&copy) {
                let mut change = self.change(&authority, change_context.clone());
                change.put(&key, Some(version), &entity);
                change.commit().await?;
            }
            Ok::<_, Attempt<StoreError>>(())
        })
        .await
    }

    /// Every entity of a list, page by page.
    async fn all<T: Entity>(&self, listing: &Listing<T>) -> Result<Vec<T>, StoreError> {
        let mut request = PageRequest::largest();
        let mut found = Vec::new();
        loop {
            let page = self.query(listing, &request).await?;
            found.extend(page.items);
            match page.next {
                Some(next) => request = PageRequest::largest().starting_at(next),
                None => return Ok(found),
            }
        }
    }
}
