//! Who accepts, for whom, and when: the input of every step of accepting.

use domain::{
    Email, RelationRequirement,
    acceptor::Acceptor,
    consent::Agreement,
    invitation::{Invitation, Offer},
    membership::NewMembership,
    org::User,
};
use store::{Authority, ChangeContext, Store};

/// A person who accepts an invitation, for themselves or for a firm or company.
#[derive(Debug)]
pub(crate) struct AcceptContext<'a> {
    pub(crate) store: &'a Store,
    pub(crate) person: &'a User,
    /// The address that was invited, verified just now; the profile's may be older.
    pub(crate) email: &'a Email,
    pub(crate) acceptor: Acceptor,
    /// The place through which the invited address is the accepting firm's, where it is not the person's own.
    pub(crate) reached_through: Option<RelationRequirement>,
    /// The consent text that they agree to, where a client is invited.
    pub(crate) agreement: Option<Agreement>,
    pub(crate) change_context: ChangeContext,
}

impl AcceptContext<'_> {
    /// The authority that changes the tenant of this offer. A client's company changes by the right of
    /// the person who accepts. Everything else changes by the inviter's right, which the change requires
    /// besides.
    pub(crate) fn authority(&self, offer: &Offer) -> Authority {
        let tenant = self.acceptor.tenant(offer);
        match self.acceptor.access(&self.person.id, offer) {
            Some(access) if access.org() == tenant => Authority::Person(access),
            Some(_) | None => Authority::System(tenant),
        }
    }

    /// The person, as one who joins by this invitation.
    pub(crate) fn membership<'i>(&'i self, invitation: &'i Invitation) -> NewMembership<'i> {
        NewMembership { invitation, person: self.person, at: self.change_context.at }
    }
}
