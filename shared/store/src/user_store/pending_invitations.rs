//! A person's pending invitations, and the firms that they administer.

use domain::{
    Email, FirmId, Org, UtcTime, acceptor::to_commit_firm, access::GrantState, invitation::Invitation, org::Firm,
};

use super::UserStore;
use crate::{
    authority::Authority,
    cursor::CursorError,
    cursor_form::Position,
    error::StoreError,
    keys::{self, Tenant},
    listing::{Page, PageRequest},
};

/// How many firms are looked at: a person who administers more sees the invitations to the first ones.
const MAX_FIRMS: usize = 20;

impl UserStore<'_> {
    /// The firms that the person administers at `now`, at most twenty, as invitations reach them: one `Query` of
    /// the inverse index, one strongly consistent `BatchGetItem` that decides, and one for the holders of main
    /// addresses other than the person.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn firms_administered(&self, now: UtcTime) -> Result<Vec<Firm>, StoreError> {
        let places = self.places_on_staff(&PageRequest::largest()).await?.items;
        let administers = |grant_state: GrantState| grant_state.administers_at(now);
        let wanted: Vec<_> = places
            .iter()
            .filter(|place| administers(GrantState::from(*place)))
            .take(MAX_FIRMS)
            .map(|place| Tenant::new(Org::Firm(place.firm.clone())))
            .map(|tenant| (tenant.staff(&self.user), tenant.firm()))
            .collect();
        let found = self.store.get(wanted).await?;
        let held = found.into_iter().filter(|(place, _)| place.as_ref().is_some_and(|place| administers(place.into())));
        self.as_reached(held.filter_map(|(_, firm)| firm).collect(), now).await
    }

    /// The firms as invitations reach them. An address of the person's own is theirs without the firm, so only other
    /// holders are read.
    async fn as_reached(&self, firms: Vec<Firm>, now: UtcTime) -> Result<Vec<Firm>, StoreError> {
        let holder = |firm: &Firm| {
            let holder = firm.email_holder.as_ref().filter(|holder| firm.email.is_some() && **holder != self.user)?;
            Some((Tenant::new(Org::Firm(firm.id.clone())).staff(holder), keys::user(holder)))
        };
        let holders = self.store.get(firms.iter().map(holder).collect::<Vec<_>>()).await?;
        let reached = firms.into_iter().zip(holders).map(|(firm, holder)| {
            let (place, person) = holder.unwrap_or_default();
            firm.as_reached(place.as_ref().zip(person.as_ref()), now)
        });
        Ok(reached.collect())
    }

    /// A firm that the person may commit at `now`, as invitations reach it: one strongly consistent
    /// `BatchGetItem`, and another where its main address is somebody else's.
    ///
    /// # Errors
    /// [`StoreError::Denied`] when they may not.
    pub async fn firm_committed(&self, firm: &FirmId, now: UtcTime) -> Result<Option<Firm>, StoreError> {
        let committing = Authority::Person(to_commit_firm(&self.user, firm));
        let firm = self.store.load(&committing, now, |tenant| tenant.firm()).await?;
        Ok(self.as_reached(firm.into_iter().collect(), now).await?.pop())
    }

    /// One page of the pending invitations to addresses that were just shown to be the person's, or
    /// their firms', address by address and oldest first within each. Decides nothing: the index
    /// lags. At most four `Query`s an address, one where nearly everything is kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invitations_to(
        &self,
        addresses: &[Email],
        request: &PageRequest,
        keep: impl Fn(&Invitation) -> bool,
    ) -> Result<Page<Invitation>, StoreError> {
        let listings: Vec<_> = addresses.iter().map(keys::invitations_to).collect();
        let mut cursor = request.cursor().cloned();
        let first = match &cursor {
            None => 0,
            Some(cursor) => {
                let form = self.store.cursor_form().await?;
                listings.iter().position(|listing| form.start_key(listing, cursor).is_ok()).ok_or(CursorError)?
            }
        };
        let wanted = usize::from(request.limit());
        let mut items = Vec::new();
        for listing in listings.iter().skip(first) {
            let left = wanted - items.len();
            if left == 0 {
                let next = self.store.cursor(listing, Some(Position::before(listing))).await?;
                return Ok(Page { items, next });
            }
            let rest = request.with(left, cursor.take());
            let page = self.store.query_matching(listing, &rest, &keep).await?;
            items.extend(page.items);
            if page.next.is_some() {
                return Ok(Page { items, next: page.next });
            }
        }
        Ok(Page { items, next: None })
    }
}
