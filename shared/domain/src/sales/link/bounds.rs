//! What a hosted link gives: no more than the seats behind it.

use super::DocumentLink;
use crate::{
    access::GrantState,
    comment::Topic,
    customer::{Contact, PortalSettings, seat::ContactSeat},
    id::UserId,
    permission::{Grants, Permission},
    time::UtcTime,
};

impl DocumentLink {
    /// Whether the link still is for a contact: it was sent to their present address, and their access has not ended
    /// since it was made.
    #[must_use]
    pub fn is_for(&self, contact: &Contact) -> bool {
        self.email == contact.details.email && self.access_endings == contact.access_endings
    }

    /// Whose seats bound the link: that of the contact who forwarded it, and that of the contact it is for, if they have
    /// access. Each person once.
    #[must_use]
    pub fn bounded_by<'a>(&'a self, contact: &'a Contact) -> Vec<&'a UserId> {
        let forwarder = self.forwarded_by.as_ref().map(|forwarder| &forwarder.user);
        let holder = contact.user().filter(|user| Some(*user) != forwarder);
        forwarder.into_iter().chain(holder).collect()
    }

    /// What the holder of the link may do: what the settings give and every seat of [`Self::bounded_by`] grants. Without
    /// settings, what the default gives.
    ///
    /// `None` where the link opens nothing: one of the seats is missing or has ended, or the contact who forwarded the
    /// document may no longer see or forward it, or was let in again since. The seat of the contact it is for does not
    /// limit what is shown: its sender chose to show them this document.
    #[must_use]
    pub fn grants(
        &self,
        settings: Option<&PortalSettings>,
        contact: &Contact,
        seats: &[ContactSeat],
        now: UtcTime,
    ) -> Option<Grants> {
        let default = || PortalSettings::default_of(&self.company, self.created_at).grants;
        let mut grants = settings.map_or_else(default, |settings| settings.grants.clone());
        for user in self.bounded_by(contact) {
            let seat = seats.iter().find(|seat| seat.user == *user && seat.customer == self.customer)?;
            let state = GrantState::from(seat);
            if !state.holds_at(now) {
                return None;
            }
            grants = grants.intersection(&state.grants_at(now));
            let forwards = self.forwarded_by.as_ref().is_some_and(|forwarder| forwarder.user == *user);
            if forwards && !(self.is_forwarded_under(&grants) && seat.since <= self.created_at) {
                return None;
            }
        }
        Some(grants)
    }

    fn is_forwarded_under(&self, grants: &Grants) -> bool {
        let view = match self.topic {
            Topic::Estimate => Permission::EstimatesView,
            Topic::Invoice | Topic::CreditNote | Topic::Document => Permission::InvoicesView,
        };
        grants.contains(view) && grants.contains(Permission::SalesForward)
    }
}

#[cfg(test)]
mod tests;
