//! Counters of limits: one item for each limit, what it is counted by, and window of time.
//!
//! The subject of a count is stored as a digest: no address of a person or a network stands in a key. An item is of
//! no use once its window has ended, and TTL removes it some time after.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure, builders::UpdateBuilder};
use domain::{
    CompanyId, Email, Org, Reference, UserId, UtcTime,
    comment::Topic,
    customer::Contact,
    id::ContactId,
    invitation_record::InvitationRecord,
    limit::{Allowance, Allowances, Limit, Source},
    sales::DocumentLink,
    signup_source::SignupSourceRef,
};

use crate::{
    condition::Condition,
    error::StoreError,
    item::RawKey,
    keys::{self, TextDigest},
};

/// How a count changes its item: creates it, or adds to it.
pub(crate) const EXPRESSION: &str = "SET #entity = :entity, #v = :v, #ttl = :ttl ADD #times :times";
/// How long after its window a counter may be removed, in seconds.
const FORGOTTEN_AFTER_S: i64 = 3_600;

/// The subject of a count.
#[derive(Debug, Clone, Copy)]
pub enum Counted<'a> {
    /// A company or firm.
    Org(&'a Org),
    /// A person.
    Person(&'a UserId),
    /// The mailbox that a letter goes to.
    Recipient(&'a Email),
    /// The network that a request comes from.
    Source(&'a Source),
    /// The registration link or signup code that a company registers with.
    SignupSource(&'a SignupSourceRef),
    /// A customer of a company.
    Customer(&'a CompanyId, &'a Reference),
    /// A contact of a customer of a company.
    Contact(&'a CompanyId, &'a Reference, &'a ContactId),
    /// A document of a company.
    Document(&'a CompanyId, Topic, &'a Reference),
}

impl Counted<'_> {
    fn digest(self) -> TextDigest {
        match self {
            Self::Org(org) => TextDigest::of(org.as_str()),
            Self::Person(user) => TextDigest::of(user.as_str()),
            Self::Recipient(email) => TextDigest::of(&mailbox(email)),
            Self::Source(source) => TextDigest::of(source.as_str()),
            Self::SignupSource(source) => TextDigest::of(source.id()),
            Self::Customer(company, customer) => TextDigest::of(&format!("{company}#{customer}")),
            Self::Contact(company, customer, contact) => TextDigest::of(&format!("{company}#{customer}#{contact}")),
            Self::Document(company, topic, document) => {
                TextDigest::of(&format!("{company}#{}#{document}", topic.as_str()))
            }
        }
    }
}

/// The address without what many providers let its owner add after a `+`: otherwise one mailbox
/// would have endless addresses to be written to.
fn mailbox(email: &Email) -> String {
    let address = email.as_str();
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let local = local.split_once('+').map_or(local, |(local, _)| local);
    format!("{local}@{domain}")
}

/// Something that counts towards a limit, at a moment.
#[derive(Debug, Clone)]
pub struct Tally {
    key: RawKey,
    times: u32,
    times_max: u32,
    forget_at_s: i64,
    retry_after_s: u32,
    /// The organisation's own allowance, while it is less than the stack's.
    growing: Option<Allowance>,
}

impl Tally {
    /// Once.
    #[must_use]
    pub fn once(allowances: &Allowances, limit: Limit, counted: Counted<'_>, now: UtcTime) -> Self {
        Self::within(allowances.of(limit), limit, counted, now)
    }

    fn within(allowance: Allowance, limit: Limit, counted: Counted<'_>, now: UtcTime) -> Self {
        let window = allowance.window(now);
        Self {
            key: keys::limit(limit, &counted.digest(), window),
            times: 1,
            times_max: allowance.times_max,
            forget_at_s: window.ends_at_s + FORGOTTEN_AFTER_S,
            retry_after_s: window.retry_after_s(now),
            growing: None,
        }
    }

    /// An invitation that is sent, or sent again: it counts towards the limits of the organisation, of the
    /// recipient and of the network. The organisation's is what its record allows.
    #[must_use]
    pub fn of_invitation(
        allowances: &Allowances,
        (org, record): (&Org, InvitationRecord),
        recipient: &Email,
        source: &Source,
        now: UtcTime,
    ) -> [Self; 3] {
        let limit = Limit::InvitationsPerOrganisation;
        let full = allowances.of(limit);
        let own = record.allowance(full, allowances.invitation_growth);
        let growing = (own.times_max < full.times_max).then_some(own);
        [
            Self { growing, ..Self::within(own, limit, Counted::Org(org), now) },
            Self::once(allowances, Limit::InvitationsPerRecipient, Counted::Recipient(recipient), now),
            Self::once(allowances, Limit::InvitationsPerSource, Counted::Source(source), now),
        ]
    }

    /// A registration through a link or with a code: it counts for the link or code, and for where the request comes
    /// from.
    #[must_use]
    pub fn of_signup(
        allowances: &Allowances,
        signup_source: &SignupSourceRef,
        source: &Source,
        now: UtcTime,
    ) -> [Self; 2] {
        [
            (Limit::RegistrationsPerSignupSource, Counted::SignupSource(signup_source)),
            (Limit::SignupsPerSource, Counted::Source(source)),
        ]
        .map(|(limit, counted)| Self::once(allowances, limit, counted, now))
    }

    /// A request for more access: it counts for the person who asks, and for the company or firm whose people decide.
    #[must_use]
    pub fn of_access_request(allowances: &Allowances, asked_by: &UserId, org: &Org, now: UtcTime) -> [Self; 2] {
        let limits = (Limit::AccessRequestsPerPerson, Limit::AccessRequestsPerOrganisation);
        Self::of_person_and_org(allowances, limits, asked_by, org, now)
    }

    /// A request for documents that writes to people: it counts for the person who asks, and for the company whose
    /// members are asked.
    #[must_use]
    pub fn of_document_request(
        allowances: &Allowances,
        asked_by: &UserId,
        company: &CompanyId,
        now: UtcTime,
    ) -> [Self; 2] {
        let limits = (Limit::DocumentRequestsPerPerson, Limit::DocumentRequestsPerOrganisation);
        Self::of_person_and_org(allowances, limits, asked_by, &Org::Company(company.clone()), now)
    }

    /// An export: it counts for the person who requests it, and for the company or firm whose audit log it is.
    #[must_use]
    pub fn of_export(allowances: &Allowances, requested_by: &UserId, org: &Org, now: UtcTime) -> [Self; 2] {
        let limits = (Limit::ExportsPerPerson, Limit::ExportsPerOrganisation);
        Self::of_person_and_org(allowances, limits, requested_by, org, now)
    }

    /// An archive of documents: it counts for the person who requests it, and for the company whose documents they are.
    #[must_use]
    pub fn of_document_export(allowances: &Allowances, requested_by: &UserId, org: &Org, now: UtcTime) -> [Self; 2] {
        let limits = (Limit::DocumentExportsPerPerson, Limit::DocumentExportsPerOrganisation);
        Self::of_person_and_org(allowances, limits, requested_by, org, now)
    }

    /// A change that writes to several people and that nothing else limits: it counts for the person who makes it, and
    /// for the company or firm.
    #[must_use]
    pub fn of_letters(allowances: &Allowances, caused_by: &UserId, org: &Org, now: UtcTime) -> [Self; 2] {
        let limits = (Limit::LettersPerPerson, Limit::LettersPerOrganisation);
        Self::of_person_and_org(allowances, limits, caused_by, org, now)
    }

    /// As [`Tally::of_contact`], for a comment through a hosted link. A contact who has access counts as the person that
    /// they are, however they write.
    #[must_use]
    pub fn of_link_holder(allowances: &Allowances, holder: &Contact, now: UtcTime) -> [Self; 2] {
        let (company, customer) = (&holder.company, &holder.customer);
        let person = holder.user().map_or(Counted::Contact(company, customer, &holder.id), Counted::Person);
        [
            (Limit::ContactLettersPerPerson, person),
            (Limit::ContactLettersPerCustomer, Counted::Customer(company, customer)),
        ]
        .map(|(limit, counted)| Self::once(allowances, limit, counted, now))
    }

    /// A comment or a forwarded document of a contact, which writes to people: it counts for the contact, and for the
    /// customer whose contact they are; not for the company, whose own people write as before.
    #[must_use]
    pub fn of_contact(
        allowances: &Allowances,
        contact: &UserId,
        (company, customer): (&CompanyId, &Reference),
        now: UtcTime,
    ) -> [Self; 2] {
        [
            (Limit::ContactLettersPerPerson, Counted::Person(contact)),
            (Limit::ContactLettersPerCustomer, Counted::Customer(company, customer)),
        ]
        .map(|(limit, counted)| Self::once(allowances, limit, counted, now))
    }

    /// A hosted link that a contact makes of a document: of all links to it, contacts together make no more than this.
    #[must_use]
    pub fn of_forwarded_link(allowances: &Allowances, link: &DocumentLink, now: UtcTime) -> [Self; 3] {
        let document = Counted::Document(&link.company, link.topic, &link.document);
        let [recipient, all] = Self::of_document_link(allowances, link, now);
        [recipient, all, Self::once(allowances, Limit::ForwardedLinksPerDocument, document, now)]
    }

    /// A hosted link: it counts for the mailbox that it goes to, and for its document.
    #[must_use]
    pub fn of_document_link(allowances: &Allowances, link: &DocumentLink, now: UtcTime) -> [Self; 2] {
        [
            (Limit::DocumentLinksPerRecipient, Counted::Recipient(&link.email)),
            (Limit::DocumentLinksPerDocument, Counted::Document(&link.company, link.topic, &link.document)),
        ]
        .map(|(limit, counted)| Self::once(allowances, limit, counted, now))
    }

    fn of_person_and_org(
        allowances: &Allowances,
        (per_person, per_org): (Limit, Limit),
        user: &UserId,
        org: &Org,
        now: UtcTime,
    ) -> [Self; 2] {
        [(per_person, Counted::Person(user)), (per_org, Counted::Org(org))]
            .map(|(limit, counted)| Self::once(allowances, limit, counted, now))
    }

    pub(crate) const fn key(&self) -> &RawKey {
        &self.key
    }

    /// Both of two that count towards the same limit.
    pub(crate) fn and(&self, other: &Self) -> Self {
        Self { times: self.times.saturating_add(other.times), ..other.clone() }
    }

    /// There is room for it: either nothing was counted yet and it fits by itself, or it fits
    /// beside what was.
    pub(crate) fn condition(&self) -> Condition {
        let room = i64::from(self.times_max) - i64::from(self.times);
        let fits =
            Condition::new(if room < 0 { "#times <= :room" } else { "attribute_not_exists(pk) OR #times <= :room" });
        fits.name("#times", "times").value(":room", AttributeValue::N(room.to_string()))
    }

    pub(crate) const fn exceeded(&self) -> StoreError {
        StoreError::Limited { retry_after_s: self.retry_after_s, growing: self.growing }
    }

    pub(crate) fn named(&self) -> Condition {
        self.condition()
            .name("#entity", "entity")
            .name("#v", "v")
            .name("#ttl", "ttl")
            .value(":entity", AttributeValue::S("limit".to_owned()))
            .value(":v", AttributeValue::N("1".to_owned()))
            .value(":ttl", AttributeValue::N(self.forget_at_s.to_string()))
            .value(":times", AttributeValue::N(self.times.to_string()))
    }

    pub(crate) fn update(&self, table: &str) -> UpdateBuilder {
        let Condition { expression, names, values } = self.named();
        aws_sdk_dynamodb::types::Update::builder()
            .table_name(table)
            .set_key(Some(self.key.attributes()))
            .update_expression(EXPRESSION)
            .condition_expression(expression)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}

#[cfg(test)]
mod tests {
    use domain::customer::{ContactDetails, contact::PortalAccess};

    use super::*;

    fn tally(allowed: &str, recipient: &str) -> Tally {
        let allowances = format!("invitations_per_recipient={allowed}").parse().unwrap();
        let counted = recipient.parse().unwrap();
        Tally::once(&allowances, Limit::InvitationsPerRecipient, Counted::Recipient(&counted), UtcTime::EPOCH)
    }

    #[test]
    fn every_address_of_a_mailbox_counts_as_one_and_none_stands_in_a_key() {
        let one = tally("10/day", "ana.silva@example.com");
        assert_eq!(one.key, tally("10/day", "Ana.Silva+books@example.com").key);
        assert_ne!(one.key, tally("10/day", "ana.silva@example.net").key);
        assert!(!format!("{:?}", one.key).contains("example"), "{:?}", one.key);
    }

    /// Proves: S8
    #[test]
    fn an_organisation_has_room_for_what_its_record_allows_and_is_told_how_much_that_is() {
        let allowances = "invitations_per_organisation=100/day invitations_at_first=3 invitations_per_acceptance=50";
        let allowances: Allowances = allowances.parse().unwrap();
        let org = Org::Company("co_00000000000000000000000000000001".parse().unwrap());
        let refused = |accepted: u32| {
            let record = InvitationRecord { accepted, ..InvitationRecord::default() };
            let recipient = "a@example.com".parse().unwrap();
            let source = Source::of("203.0.113.17");
            let [own, ..] = Tally::of_invitation(&allowances, (&org, record), &recipient, &source, UtcTime::EPOCH);
            let StoreError::Limited { growing, .. } = own.exceeded() else { panic!("it is a limit") };
            (own.times_max, growing.map(|growing| growing.to_string()))
        };
        assert_eq!(refused(0), (3, Some("3/day".to_owned())));
        assert_eq!(refused(1), (53, Some("53/day".to_owned())));
        assert_eq!(refused(2), (100, None));
    }

    /// One customer's contacts would otherwise use up what those of another may write.
    /// Proves: H3
    #[test]
    fn customers_and_documents_are_counted_apart() {
        let companies: [CompanyId; 2] = ["co_00000000000000000000000000000001", "co_00000000000000000000000000000002"]
            .map(|id| id.parse().unwrap());
        let references: [Reference; 2] = ["REF-1", "REF-2"].map(|text| text.parse().unwrap());
        let mut keys = std::collections::HashSet::new();
        for company in &companies {
            for reference in &references {
                let counted = [
                    Counted::Customer(company, reference),
                    Counted::Document(company, Topic::Invoice, reference),
                    Counted::Document(company, Topic::Estimate, reference),
                ];
                let limit = Limit::DocumentLinksPerDocument;
                keys.extend(counted.map(|counted| {
                    format!("{:?}", Tally::once(&Allowances::default(), limit, counted, UtcTime::EPOCH).key)
                }));
            }
        }
        assert_eq!(keys.len(), 12, "{keys:?}");
    }

    /// A contact who signs in could otherwise write twice as much by writing through their link too.
    /// Proves: H3
    #[test]
    fn a_contact_is_counted_once_whether_they_sign_in_or_write_through_a_link() {
        let details = ContactDetails {
            name: "Cleo Contact".parse().unwrap(),
            email: "cleo@example.com".parse().unwrap(),
            phone: None,
            job_title: None,
            language: None,
        };
        let holder = Contact {
            company: "co_00000000000000000000000000000001".parse().unwrap(),
            customer: "CUS-1".parse().unwrap(),
            id: "ct_00000000000000000000000000000001".parse().unwrap(),
            details,
            portal: PortalAccess::None,
            access_endings: 0,
            created_at: UtcTime::EPOCH,
            version: 1,
        };
        let keys = |tallies: [Tally; 2]| tallies.map(|tally| format!("{:?}", tally.key));
        let (allowances, now) = (Allowances::default(), UtcTime::EPOCH);
        let user: UserId = "cleo".parse().unwrap();
        let seated = Contact { portal: PortalAccess::Active { user: user.clone() }, ..holder.clone() };
        let of_portal = keys(Tally::of_contact(&allowances, &user, (&holder.company, &holder.customer), now));
        let [person, together] = keys(Tally::of_link_holder(&allowances, &holder, now));
        assert_eq!(keys(Tally::of_link_holder(&allowances, &seated, now)), of_portal);
        assert_eq!(together, of_portal[1]);
        assert_ne!(person, of_portal[0]);
        let other = Contact { id: "ct_000000000000000000000000000000ff".parse().unwrap(), ..holder };
        assert_ne!(keys(Tally::of_link_holder(&allowances, &other, now))[0], person, "each contact is counted apart");
    }

    #[test]
    fn what_is_not_allowed_at_all_has_no_room_even_before_the_first() {
        assert_eq!(tally("0/day", "a@example.com").condition().expression, "#times <= :room");
        let one = tally("1/day", "a@example.com");
        assert_eq!(one.condition().expression, "attribute_not_exists(pk) OR #times <= :room");
        assert_eq!(one.and(&one).condition().expression, "#times <= :room");
    }
}
