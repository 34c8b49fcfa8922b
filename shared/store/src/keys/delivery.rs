//! Keys of what became of letters, and of addresses that are not written to any more.

use domain::{
    Email, InvitationId, UtcTime,
    delivery::{Delivery, Suppression},
};

use super::{Key, Tenant, raw, shard};
use crate::{
    item::{Entity, Indexes},
    limits::name_of,
    listing::{Listing, Source},
};

pub(crate) fn delivery(id: &InvitationId) -> Key<Delivery> {
    Key::new(raw(format!("INVITATION#{id}"), "DELIVERY".to_owned()))
}

/// The address is kept as a digest: a list of addresses that do not work is of use to nobody else.
pub(crate) fn suppression(email: &Email) -> Key<Suppression> {
    Key::new(raw(format!("SUPPRESSED#{}", name_of(email.as_str())), "SUPPRESSED".to_owned()))
}

fn reminders_pk(shard: u8) -> String {
    format!("DUE#reminders#{shard}")
}

/// Letters of one partition whose link ceases to work from `from` on and until `until`, and whose
/// recipient was not reminded.
pub(crate) fn unreminded(shard: u8, from: UtcTime, until: UtcTime) -> Listing<Delivery> {
    Listing::new(Source::Gsi2, reminders_pk(shard), String::new()).between(from.to_string(), until.to_string())
}

impl Tenant {
    /// What became of any invitation's letter. As with [`Tenant::invitation`], compare the
    /// invitation's tenant with this one before use.
    #[must_use]
    pub fn delivery(&self, id: &InvitationId) -> Key<Delivery> {
        delivery(id)
    }
}

impl Entity for Delivery {
    const ENTITY: &'static str = "delivery";

    fn indexes(&self) -> Indexes {
        let to_remind = self.reminded_at.is_none() && !self.state.blocks();
        let due = (reminders_pk(shard(self.invitation.as_str())), self.expires_at.to_string());
        Indexes { gsi2: to_remind.then_some(due), ..Indexes::default() }
    }
}

impl Entity for Suppression {
    const ENTITY: &'static str = "suppression";
}
