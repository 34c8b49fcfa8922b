//! The reads of the context list: candidates from indexes, each with its position in the list, and then one read of
//! the table to confirm them.

use domain::{
    ActingAs, CompanyId, FirmId, Grants, Name, Org, UtcTime,
    approval::{Approval, ApprovalStatus},
    context_list::{Visit, decides},
    customer::seat::ContactSeat,
    notification::UnreadNotifications,
    org::{Assignment, Connection, Member},
};
use tokio::task::JoinSet;

use super::UserStore;
use crate::{
    error::StoreError,
    keys::{self, Tenant},
    listing::{Listed, PageRequest},
    store::{HeldSeat, Store},
};

/// How many companies' pending approvals are read in parallel.
const MAX_ASKED_AT_ONCE: usize = 8;

/// The data of one seat that holds.
#[derive(Debug)]
pub struct Seen {
    /// What it grants now.
    pub grants: Grants,
    /// When the person was last there.
    pub visited_at: Option<UtcTime>,
    /// The present name of the customer, for a contact.
    pub customer_name: Option<Name>,
    /// The oldest pending approvals, at most 100, where they were requested and the person may see and decide them.
    pub pending: Vec<Approval>,
    /// How many notifications the person has not read there, 100 at most, of those that they may see.
    pub unread_notifications: usize,
}

impl UserStore<'_> {
    /// The companies the person is a member of, of those that `keep` keeps, by the inverse index.
    /// At most four `Query`s; decides nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn memberships_each(
        &self,
        request: &PageRequest,
        keep: impl Fn(&Member) -> bool,
    ) -> Result<Listed<Member>, StoreError> {
        self.store.query_each(&keys::memberships_of(&self.user), request, keep).await
    }

    /// As [`UserStore::memberships_each`], for the companies assigned to the person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn assignments_each(
        &self,
        request: &PageRequest,
        keep: impl Fn(&Assignment) -> bool,
    ) -> Result<Listed<Assignment>, StoreError> {
        self.store.query_each(&keys::assignments_of(&self.user), request, keep).await
    }

    /// As [`UserStore::memberships_each`], for the customers whose contact the person is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn contact_seats_each(
        &self,
        request: &PageRequest,
        keep: impl Fn(&ContactSeat) -> bool,
    ) -> Result<Listed<ContactSeat>, StoreError> {
        self.store.query_each(&keys::contact_seats_of(&self.user), request, keep).await
    }

    /// A firm's active clients whose names begin so, by name, by the inverse index. Candidates
    /// only: nothing of them may be shown before [`UserStore::seen`] has found the seat to hold.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clients_each(
        &self,
        firm: &FirmId,
        beginning: &str,
        request: &PageRequest,
        keep: impl Fn(&Connection) -> bool,
    ) -> Result<Listed<Connection>, StoreError> {
        self.store.query_each(&keys::clients_named(firm, beginning), request, keep).await
    }

    /// Which of these seats hold right now, and what there is to see from them: one strongly
    /// consistent `BatchGetItem` of their relationships, the person's last visits and unread notifications (100 keys
    /// each), and beside it one `Query` of at most 100 pending approvals for each company of
    /// `with_pending`. A seat that does not hold gives `None`, whatever was read beside it.
    ///
    /// # Errors
    /// [`StoreError`] when the table does not answer.
    pub async fn seen(
        &self,
        candidates: &[ActingAs],
        with_pending: &[CompanyId],
        now: UtcTime,
    ) -> Result<Vec<Option<Seen>>, StoreError> {
        let visits: Vec<_> = candidates.iter().map(|acting_as| keys::visit_of_seat(&self.user, acting_as)).collect();
        // A contact's access rests on the customer, so its name costs nothing.
        let customers: Vec<_> = candidates
            .iter()
            .map(|seat| seat.customer().map(|(company, reference)| keys::customer(company, reference)))
            .collect();
        // Contacts have no inbox.
        let unread: Vec<_> = candidates
            .iter()
            .map(|seat| seat.customer().is_none().then(|| keys::unread_notifications(&seat.org(), &self.user)))
            .collect();
        let held = self.store.grants_by_acting_as_and(&self.user, candidates, now, (visits, customers, unread));
        let ((seats, (visits, customers, unread)), pending) = tokio::try_join!(held, self.pending_in(with_pending))?;
        let beside = visits.into_iter().zip(customers).zip(unread);
        let seen = candidates.iter().zip(seats).zip(beside).map(|((acting_as, seat), ((visit, customer), unread))| {
            let visit: Option<Visit> = visit;
            let customer_name = customer.flatten().map(|customer| customer.details.name);
            let HeldSeat { grants, since, .. } = seat.ok()?;
            let unread: Option<UnreadNotifications> = unread.flatten();
            let unread = unread.map_or(0, |unread| unread.count(since, now, |permission| grants.contains(permission)));
            let here = acting_as.company().filter(|_| decides(&grants));
            let pending = here.and_then(|here| pending.iter().find(|(company, _)| company == here));
            let pending = pending.map(|(_, approvals)| approvals.clone()).unwrap_or_default();
            Some(Seen {
                grants,
                visited_at: visit.map(|visit| visit.at),
                customer_name,
                pending,
                unread_notifications: unread,
            })
        });
        Ok(seen.collect())
    }
}

impl UserStore<'_> {
    /// The oldest pending approvals of each company. The caller must show them only to a person who
    /// holds a seat there.
    async fn pending_in(&self, companies: &[CompanyId]) -> Result<Vec<(CompanyId, Vec<Approval>)>, StoreError> {
        let mut waiting = companies.iter().cloned();
        let mut asked = JoinSet::new();
        let ask = |asked: &mut JoinSet<_>, company: CompanyId| {
            let store: Store = self.store.clone();
            asked.spawn(async move {
                let listing = Tenant::new(Org::Company(company.clone())).approvals(Some(ApprovalStatus::Pending));
                let page = store.query(&listing, &PageRequest::largest()).await?;
                Ok::<_, StoreError>((company, page.items))
            });
        };
        for company in waiting.by_ref().take(MAX_ASKED_AT_ONCE) {
            ask(&mut asked, company);
        }
        let mut answers = Vec::with_capacity(companies.len());
        while let Some(answer) = asked.join_next().await {
            answers.push(answer.map_err(|error| StoreError::Unexpected(error.to_string()))??);
            if let Some(company) = waiting.next() {
                ask(&mut asked, company);
            }
        }
        Ok(answers)
    }
}
