//! Keys of the mail log.

use domain::{
    EventId, Org, UserId,
    event::Subject,
    mail_log::{MailName, MailRecord, SubjectKey},
};

use super::{
    key::Key,
    parts::key_parts,
    template::{Gsi1, Item},
    tenant::{Tenant, org_pk},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(SubjectKey);

/// The subject, the event, and the recipient. An event's id begins with its time, so the mails about a subject are sorted by it.
const MAIL: Item<MailRecord, Org, (SubjectKey, EventId, str)> = Item::new("MAIL");
const MAIL_TO: Gsi1<MailRecord, Org, (UserId, EventId)> = Gsi1::new("MAIL");

/// The record of a mail.
pub(crate) fn mail(name: &MailName) -> Key<MailRecord> {
    MAIL.key(org_pk(&name.org), (&name.subject, &name.event, name.recipient.as_str()))
}

impl Tenant {
    /// The mails to a person from here of which more is known than that they wait for their turn, newest event first.
    #[must_use]
    pub fn mails_to(&self, user: &UserId) -> Listing<MailRecord> {
        MAIL_TO.list(self.pk(), user).newest_first()
    }

    /// The mails about the events of a subject, newest event first.
    #[must_use]
    pub fn mails_about(&self, subject: &Subject) -> Listing<MailRecord> {
        MAIL.list(self.pk(), &SubjectKey::of(subject)).newest_first()
    }
}

impl Entity for MailRecord {
    const ENTITY: &'static str = "mail";

    /// A claim alone is in no list of a person's, which saves an index write for each mail.
    fn indexes(&self) -> Indexes {
        let to = self.recipient.user().filter(|_| !self.steps().is_empty());
        let entry = to.map(|user| MAIL_TO.entry(org_pk(&self.org), (user, &self.event)));
        Indexes::until(self.kept_until().unix_s()).and(entry)
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        UtcTime,
        mail_log::{ClaimOnMail, MailState, MailStep},
    };

    use super::*;

    fn org() -> Org {
        "co_00000000000000000000000000000001".parse().unwrap()
    }

    fn digest() -> MailRecord {
        let day = "2026-11-21".to_owned().try_into().unwrap();
        MailRecord::of_digest(&org(), &"u-1".parse().unwrap(), day, "digest", UtcTime::EPOCH)
    }

    #[test]
    fn the_lists_of_a_tenant_hold_its_mails() {
        let (record, tenant) = (digest(), Tenant::new(org()));
        let key = mail(&record.name()).raw;
        let about = tenant.mails_about(&record.subject);
        assert!(key.pk == "COMPANY#co_00000000000000000000000000000001" && about.pk == key.pk);
        assert!(key.sk.starts_with(&about.prefix) && key.sk.ends_with("#digest_u-1_2026-11-21"), "{key:?}");
        let sent = record.with(MailStep::new(MailState::Sent, UtcTime::EPOCH), None).unwrap();
        let entry = sent.indexes().entries.pop().unwrap();
        let to = tenant.mails_to(&"u-1".parse().unwrap());
        assert!(entry.pk == to.pk && entry.sk.starts_with(&to.prefix));
        assert!(!entry.sk.starts_with(&tenant.mails_to(&"u".parse().unwrap()).prefix), "the name of another begins so");
    }

    /// Proves: ML3
    #[test]
    fn a_claim_costs_no_index_write() {
        let ClaimOnMail::Won(claimed) = digest().claim(UtcTime::EPOCH, UtcTime::EPOCH.plus_s(1)) else { panic!() };
        assert!(claimed.indexes().entries.is_empty());
    }
}
