//! Every key of the table, built and taken apart here and nowhere else.
//!
//! Keys are joined from validated parts only: ids and references exclude `#` by type. Names that
//! sort a list are escaped by [`sortable`].

pub(crate) mod banner;
mod clients;
mod consent;
pub(crate) mod delivery;
mod lending;
mod registration;

pub(crate) use registration::{registration_link, signup_code};

use std::{fmt, marker::PhantomData};

use domain::{
    CompanyId, Email, Event, EventId, FirmId, InvitationId, Org, PaymentId, Reference, UserId, UtcTime,
    approval::{Approval, Policy},
    bank::{Alert, BankAccount},
    comment::{Comment, Topic},
    estimate::Estimate,
    invitation::{Invitation, InvitationStatus},
    invoice::Invoice,
    limit::{Limit, Window},
    org::{Assignment, Company, Connection, Firm, Member, Staff, Status, User},
    payment::{Payment, PaymentStatus},
};
use serde::{Deserialize, Serialize};

use crate::{
    item::{Entity, Indexes},
    listing::{Listing, Source},
};

mod contexts;
mod exports;
pub(crate) mod seals;

pub use self::{
    clients::{ClientAddress, ClientClaim, ClientLink, LatestInvitation},
    seals::Unsealed,
};
pub(crate) use self::{
    contexts::{clients_named, visit},
    delivery::delivery,
    seals::{seal, unsealed, unsealed_tenants},
};

/// How many partitions the work that waits is spread over.
pub(crate) const SHARDS: u8 = 4;

/// A primary key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct RawKey {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl fmt::Debug for RawKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.pk, self.sk)
    }
}

fn raw(pk: String, sk: String) -> RawKey {
    RawKey { pk, sk }
}

/// The primary key of an item that holds a `T`.
pub struct Key<T> {
    pub(crate) raw: RawKey,
    entity: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    pub(crate) const fn of(raw: RawKey) -> Self {
        Self::new(raw)
    }

    const fn new(raw: RawKey) -> Self {
        Self { raw, entity: PhantomData }
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        Self::new(self.raw.clone())
    }
}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

fn org_pk(org: &Org) -> String {
    match org {
        Org::Company(company) => company_pk(company),
        Org::Firm(firm) => firm_pk(firm),
    }
}

fn company_pk(company: &CompanyId) -> String {
    format!("COMPANY#{company}")
}

fn firm_pk(firm: &FirmId) -> String {
    format!("FIRM#{firm}")
}

fn user_pk(user: &UserId) -> String {
    format!("USER#{user}")
}

fn events_pk(org: &Org) -> String {
    format!("EVENTS#{}", org_pk(org))
}

pub(crate) fn profile(org: &Org) -> RawKey {
    raw(org_pk(org), "PROFILE".to_owned())
}

pub(crate) fn member(company: &CompanyId, user: &UserId) -> RawKey {
    raw(company_pk(company), format!("MEMBER#{user}"))
}

pub(crate) fn connection(company: &CompanyId, firm: &FirmId) -> RawKey {
    raw(company_pk(company), format!("FIRM#{firm}"))
}

pub(crate) fn staff(firm: &FirmId, user: &UserId) -> RawKey {
    raw(firm_pk(firm), format!("STAFF#{user}"))
}

pub(crate) fn assignment(company: &CompanyId, firm: &FirmId, user: &UserId) -> RawKey {
    raw(company_pk(company), format!("ASSIGNED#{firm}#{user}"))
}

pub(crate) fn idempotency(caller: &UserId, key: &str) -> RawKey {
    // The caller's key comes last, so whatever it holds cannot reach into another part.
    raw(format!("IDEMPOTENCY#{caller}#{key}"), "IDEMPOTENCY".to_owned())
}

/// `counted` is a digest, so nothing of what is counted can reach into another part.
pub(crate) fn limit(limit: Limit, counted: &str, window: Window) -> RawKey {
    raw(format!("LIMIT#{}#{counted}#{}", limit.as_str(), window.starts_at_s), "LIMIT".to_owned())
}

pub(crate) fn user(user: &UserId) -> Key<User> {
    Key::new(raw(user_pk(user), "PROFILE".to_owned()))
}

pub(crate) fn invitation(id: &InvitationId) -> Key<Invitation> {
    Key::new(raw(format!("INVITATION#{id}"), "INVITATION".to_owned()))
}

pub(crate) fn event(event: &Event) -> RawKey {
    raw(events_pk(&event.org), format!("EVENT#{}", event.id))
}

pub(crate) fn event_by_id(org: &Org, id: &EventId) -> Key<Event> {
    Key::new(raw(events_pk(org), format!("EVENT#{id}")))
}

/// The event that an event's sort key names.
pub(crate) fn event_of(sk: &str) -> Option<EventId> {
    sk.strip_prefix("EVENT#")?.parse().ok()
}

pub(crate) fn context_keys() -> Key<ContextKeys> {
    Key::new(raw("KEYS".to_owned(), "CONTEXT".to_owned()))
}

pub(crate) fn notice(event: &EventId, recipient: &str) -> Key<Notice> {
    Key::new(raw(format!("NOTICE#{event}#{recipient}"), "NOTICE".to_owned()))
}

pub(crate) fn outbox(event: &EventId) -> RawKey {
    raw(outbox_pk(shard(event.as_str())), format!("EVENT#{event}"))
}

fn outbox_pk(shard: u8) -> String {
    format!("OUTBOX#{shard}")
}

/// Spreads ids over [`SHARDS`] partitions by their last character, a random hexadecimal digit.
fn shard(id: &str) -> u8 {
    id.bytes().last().map_or(0, |digit| digit % SHARDS)
}

/// A name as part of a sort key: lower case, without the separator, at most 60 characters.
fn sortable(name: &str) -> String {
    name.to_lowercase().chars().map(|c| if c == '#' { ' ' } else { c }).take(60).collect()
}

/// The tenant that a call is confined to: every key of a tenant's data is made from one.
///
/// It cannot be made outside this crate; it comes with a proven read or a change.
#[derive(Debug, Clone)]
pub struct Tenant {
    org: Org,
}

impl Tenant {
    pub(crate) const fn new(org: Org) -> Self {
        Self { org }
    }

    /// Which tenant it is.
    #[must_use]
    pub const fn org(&self) -> &Org {
        &self.org
    }

    fn own<T>(&self, sk: String) -> Key<T> {
        Key::new(raw(org_pk(&self.org), sk))
    }

    fn items<T>(&self, prefix: &str) -> Listing<T> {
        Listing::new(Source::Table, org_pk(&self.org), prefix.to_owned())
    }

    fn by_state<T>(&self, prefix: String) -> Listing<T> {
        Listing::new(Source::Gsi1, org_pk(&self.org), prefix)
    }

    /// The company's profile.
    #[must_use]
    pub fn company(&self) -> Key<Company> {
        self.own("PROFILE".to_owned())
    }

    /// The firm's profile.
    #[must_use]
    pub fn firm(&self) -> Key<Firm> {
        self.own("PROFILE".to_owned())
    }

    /// A member of the company.
    #[must_use]
    pub fn member(&self, user: &UserId) -> Key<Member> {
        self.own(format!("MEMBER#{user}"))
    }

    /// The company's members, past ones included.
    #[must_use]
    pub fn members(&self) -> Listing<Member> {
        self.items("MEMBER#")
    }

    /// A person on the firm's staff.
    #[must_use]
    pub fn staff(&self, user: &UserId) -> Key<Staff> {
        self.own(format!("STAFF#{user}"))
    }

    /// The firm's staff, past ones included.
    #[must_use]
    pub fn all_staff(&self) -> Listing<Staff> {
        self.items("STAFF#")
    }

    /// The two sides of a connection of this tenant's; `None` where `other` is of its own kind.
    fn between<'a>(&'a self, other: &'a Org) -> Option<(&'a CompanyId, &'a FirmId)> {
        match (&self.org, other) {
            (Org::Company(company), Org::Firm(firm)) | (Org::Firm(firm), Org::Company(company)) => {
                Some((company, firm))
            }
            (Org::Company(_), Org::Company(_)) | (Org::Firm(_), Org::Firm(_)) => None,
        }
    }

    /// The link between this tenant and the other side, which must be of the other kind.
    #[must_use]
    pub fn connection(&self, other: &Org) -> Option<Key<Connection>> {
        self.between(other).map(|(company, firm)| Key::new(connection(company, firm)))
    }

    /// A company's links to firms, past ones included; a firm's links to companies, active ones,
    /// by the company's name.
    #[must_use]
    pub fn connections(&self) -> Listing<Connection> {
        match &self.org {
            Org::Company(_) => self.items("FIRM#"),
            Org::Firm(_) => self.by_state("CLIENT#active#".to_owned()),
        }
    }

    /// An assignment of a client of this firm to one of its staff; `None` for a company.
    #[must_use]
    pub fn assignment(&self, company: &CompanyId, user: &UserId) -> Option<Key<Assignment>> {
        self.org.firm().map(|firm| Key::new(assignment(company, firm, user)))
    }

    /// What of this firm's clients is assigned to one of its staff; `None` for a company.
    #[must_use]
    pub fn assignments_of(&self, user: &UserId) -> Option<Listing<Assignment>> {
        self.org.firm().map(|firm| Listing::new(Source::Gsi1, user_pk(user), format!("ASSIGNED#{firm}#")))
    }

    /// To whom of this firm's staff a client is assigned, past assignments included; `None` for a
    /// company.
    #[must_use]
    pub fn assignments_in(&self, company: &CompanyId) -> Option<Listing<Assignment>> {
        self.org.firm().map(|firm| Listing::new(Source::Table, company_pk(company), format!("ASSIGNED#{firm}#")))
    }

    /// Any invitation by its id. Invitations are addressed by id alone, since links carry nothing
    /// else: compare its offer's tenant with this one before use.
    #[must_use]
    pub fn invitation(&self, id: &InvitationId) -> Key<Invitation> {
        invitation(id)
    }

    /// The tenant's invitations, all or those in one state, oldest first within a state.
    #[must_use]
    pub fn invitations(&self, status: Option<InvitationStatus>) -> Listing<Invitation> {
        self.by_state(match status {
            Some(status) => format!("INVITATION#{}#", status.as_str()),
            None => "INVITATION#".to_owned(),
        })
    }

    /// A transaction and what was decided about it.
    #[must_use]
    pub fn approval(&self, reference: &Reference) -> Key<Approval> {
        self.own(format!("APPROVAL#{reference}"))
    }

    /// Approvals, all by reference, or those in one state by time.
    #[must_use]
    pub fn approvals(&self, status: Option<domain::approval::ApprovalStatus>) -> Listing<Approval> {
        match status {
            Some(status) => self.by_state(format!("APPROVAL#{}#", status.as_str())),
            None => self.items("APPROVAL#"),
        }
    }

    /// The approval policy.
    #[must_use]
    pub fn policy(&self) -> Key<Policy> {
        self.own("POLICY#approvals".to_owned())
    }

    /// An invoice.
    #[must_use]
    pub fn invoice(&self, reference: &Reference) -> Key<Invoice> {
        self.own(format!("INVOICE#{reference}"))
    }

    /// Invoices, all by reference, or those in one state by due date.
    #[must_use]
    pub fn invoices(&self, status: Option<domain::invoice::InvoiceStatus>) -> Listing<Invoice> {
        match status {
            Some(status) => self.by_state(format!("INVOICE#{}#", status.as_str())),
            None => self.items("INVOICE#"),
        }
    }

    /// An estimate.
    #[must_use]
    pub fn estimate(&self, reference: &Reference) -> Key<Estimate> {
        self.own(format!("ESTIMATE#{reference}"))
    }

    /// Estimates, all by reference, or those in one state by last valid day.
    #[must_use]
    pub fn estimates(&self, status: Option<domain::estimate::EstimateStatus>) -> Listing<Estimate> {
        match status {
            Some(status) => self.by_state(format!("ESTIMATE#{}#", status.as_str())),
            None => self.items("ESTIMATE#"),
        }
    }

    /// One comment.
    #[must_use]
    pub fn comment(&self, comment: &Comment) -> Key<Comment> {
        self.own(format!("COMMENT#{}#{}#{}", comment.topic.as_str(), comment.on, comment.id))
    }

    /// The comments on one invoice or estimate, oldest first.
    #[must_use]
    pub fn comments(&self, topic: Topic, on: &Reference) -> Listing<Comment> {
        self.items(&format!("COMMENT#{}#{on}#", topic.as_str()))
    }

    /// A payment.
    #[must_use]
    pub fn payment(&self, id: &PaymentId) -> Key<Payment> {
        self.own(format!("PAYMENT#{id}"))
    }

    /// A bank account.
    #[must_use]
    pub fn bank_account(&self, reference: &Reference) -> Key<BankAccount> {
        self.own(format!("BANK#{reference}"))
    }

    /// The company's bank accounts.
    #[must_use]
    pub fn bank_accounts(&self) -> Listing<BankAccount> {
        self.items("BANK#")
    }

    /// The tenant's events, newest first.
    #[must_use]
    pub fn events(&self) -> Listing<Event> {
        Listing::new(Source::Table, events_pk(&self.org), "EVENT#".to_owned()).newest_first()
    }

    /// What happened in companies on this firm's side, newest first.
    #[must_use]
    pub fn events_at_clients(&self) -> Listing<Event> {
        Listing::new(Source::Gsi1, events_pk(&self.org), "EVENT#".to_owned()).newest_first()
    }
}

impl Listing<Event> {
    /// Keeps to events whose ids were drawn from `from` on and before `before`. An id is drawn when
    /// the event is recorded, so this is the time of recording; [`Event::at`] is somewhat earlier.
    #[must_use]
    pub fn recorded(self, from: Option<UtcTime>, before: Option<UtcTime>) -> Self {
        if from.is_none() && before.is_none() {
            return self;
        }
        // A `UUIDv7` begins with the milliseconds since 1970, in 48 bits (RFC 9562, section 5.7).
        let bound = |at: UtcTime| format!("EVENT#ev_{:012x}", at.unix_ms().max(0));
        let least = from.map_or_else(|| "EVENT#ev_".to_owned(), bound);
        // The letter after the hexadecimal digits: behind every id.
        let greatest = before.map_or_else(|| "EVENT#ev_g".to_owned(), bound);
        // DynamoDB refuses a range that ends before it begins; this one holds as little.
        let greatest = if greatest < least { least.clone() } else { greatest };
        self.between(least, greatest)
    }
}

impl Entity for User {
    const ENTITY: &'static str = "user";

    fn indexes(&self) -> Indexes {
        Indexes { gsi2: Some((email_pk(&self.email), "USER".to_owned())), ..Indexes::default() }
    }
}

pub(crate) fn email_pk(email: &Email) -> String {
    format!("EMAIL#{email}")
}

impl Entity for Company {
    const ENTITY: &'static str = "company";
}

impl Entity for Firm {
    const ENTITY: &'static str = "firm";
}

fn while_active(status: Status, keys: (String, String)) -> Indexes {
    match status {
        Status::Active => Indexes { gsi1: Some(keys), ..Indexes::default() },
        Status::Ended => Indexes::default(),
    }
}

impl Entity for Member {
    const ENTITY: &'static str = "member";

    fn indexes(&self) -> Indexes {
        while_active(self.status, (user_pk(&self.user), company_pk(&self.company)))
    }
}

impl Entity for Staff {
    const ENTITY: &'static str = "staff";

    fn indexes(&self) -> Indexes {
        while_active(self.status, (user_pk(&self.user), firm_pk(&self.firm)))
    }
}

impl Entity for Connection {
    const ENTITY: &'static str = "connection";

    fn indexes(&self) -> Indexes {
        let sk = format!("CLIENT#active#{}#{}", sortable(self.company_name.as_str()), self.company);
        while_active(self.status, (firm_pk(&self.firm), sk))
    }
}

impl Entity for Assignment {
    const ENTITY: &'static str = "assignment";

    fn indexes(&self) -> Indexes {
        let sk = format!("ASSIGNED#{}#{}", self.firm, self.company);
        while_active(self.status, (user_pk(&self.user), sk))
    }
}

impl Entity for Invitation {
    const ENTITY: &'static str = "invitation";

    fn indexes(&self) -> Indexes {
        let sk = format!("INVITATION#{}#{}#{}", self.status.as_str(), self.created_at, self.id);
        let by_email = (email_pk(&self.email), format!("INVITATION#{}", self.id));
        Indexes {
            gsi1: Some((org_pk(&self.offer.org()), sk)),
            gsi2: (self.status == InvitationStatus::Pending).then_some(by_email),
            ttl_unix_s: None,
        }
    }
}

fn by_state(company: &CompanyId, sk: String) -> Indexes {
    Indexes { gsi1: Some((company_pk(company), sk)), ..Indexes::default() }
}

impl Entity for Approval {
    const ENTITY: &'static str = "approval";

    fn indexes(&self) -> Indexes {
        let (at, reference) = (self.requested_at, &self.transaction.reference);
        by_state(&self.company, format!("APPROVAL#{}#{at}#{reference}", self.status.as_str()))
    }
}

impl Entity for Policy {
    const ENTITY: &'static str = "policy";
}

impl Entity for Invoice {
    const ENTITY: &'static str = "invoice";

    fn indexes(&self) -> Indexes {
        let (due, reference) = (self.terms.due_on, &self.reference);
        by_state(&self.company, format!("INVOICE#{}#{due}#{reference}", self.status.as_str()))
    }
}

impl Entity for Estimate {
    const ENTITY: &'static str = "estimate";

    fn indexes(&self) -> Indexes {
        let (until, reference) = (self.terms.valid_until, &self.reference);
        by_state(&self.company, format!("ESTIMATE#{}#{until}#{reference}", self.status.as_str()))
    }
}

impl Entity for Comment {
    const ENTITY: &'static str = "comment";
}

impl Entity for Payment {
    const ENTITY: &'static str = "payment";

    fn indexes(&self) -> Indexes {
        let due = (due_pk(Due::Payments, shard(self.id.as_str())), self.started_at.to_string());
        Indexes { gsi2: (self.status == PaymentStatus::Pending).then_some(due), ..Indexes::default() }
    }
}

impl Entity for BankAccount {
    const ENTITY: &'static str = "bank_account";

    fn indexes(&self) -> Indexes {
        let due = (due_pk(Due::Balances, shard(self.company.as_str())), self.as_of.to_string());
        Indexes { gsi2: (self.alert == Alert::Due).then_some(due), ..Indexes::default() }
    }
}

/// Work that waits for a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    Payments,
    Balances,
}

pub(crate) fn due_pk(due: Due, shard: u8) -> String {
    match due {
        Due::Payments => format!("DUE#payments#{shard}"),
        Due::Balances => format!("DUE#balances#{shard}"),
    }
}

impl Entity for Event {
    const ENTITY: &'static str = "event";
}

/// The keys under which an event is found besides its tenant's: the firm on whose side it
/// happened, and the person who did it.
pub(crate) fn event_indexes(event: &Event, firm: Option<&FirmId>) -> Indexes {
    let id = format!("EVENT#{}", event.id);
    let seen_by = match &event.org {
        Org::Company(_) => firm.or(event.actor.firm.as_ref()),
        Org::Firm(_) => None,
    };
    Indexes {
        gsi1: seen_by.map(|firm| (events_pk(&Org::Firm(firm.clone())), id.clone())),
        gsi2: event.actor.user.as_ref().map(|user| (format!("ACTOR#{user}"), id)),
        ttl_unix_s: None,
    }
}

/// The companies a person is a member of.
pub(crate) fn memberships_of(user: &UserId) -> Listing<Member> {
    Listing::new(Source::Gsi1, user_pk(user), "COMPANY#".to_owned())
}

/// The firms a person is on the staff of.
pub(crate) fn places_of(user: &UserId) -> Listing<Staff> {
    Listing::new(Source::Gsi1, user_pk(user), "FIRM#".to_owned())
}

/// The companies assigned to a person, whichever firm's.
pub(crate) fn assignments_of(user: &UserId) -> Listing<Assignment> {
    Listing::new(Source::Gsi1, user_pk(user), "ASSIGNED#".to_owned())
}

/// What waits in one partition of the outbox, oldest first.
pub(crate) fn outbox_entries(shard: u8) -> Listing<OutboxEntry> {
    Listing::new(Source::Table, outbox_pk(shard), "EVENT#".to_owned())
}

/// The public halves of the keys that sign context tokens, for every function to verify with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextKeys {
    /// The newest first.
    pub keys: Vec<PublicKey>,
}

/// A P-256 public key as RFC 7517 writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKey {
    /// Its RFC 7638 thumbprint.
    pub kid: String,
    /// The point's x coordinate, base64url.
    pub x: String,
    /// The point's y coordinate, base64url.
    pub y: String,
}

impl Entity for ContextKeys {
    const ENTITY: &'static str = "context_keys";
}

/// A claim on telling one recipient of one event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Which event.
    pub event: EventId,
    /// Until when the claim counts, while the message is not sent.
    pub lease_until: UtcTime,
    /// The provider's message id, once it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// When DynamoDB may forget it, in Unix seconds.
    pub forget_at_s: i64,
}

impl Entity for Notice {
    const ENTITY: &'static str = "notice";

    fn indexes(&self) -> Indexes {
        Indexes { ttl_unix_s: Some(self.forget_at_s), ..Indexes::default() }
    }
}

/// An event that has not been seen to leave for the bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// The tenant it happened in.
    pub org: Org,
    /// Which event.
    pub event: EventId,
    /// When it was recorded.
    pub at: UtcTime,
}

impl Entity for OutboxEntry {
    const ENTITY: &'static str = "outbox";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_reach_into_another_part_of_a_sort_key() {
        assert_eq!(sortable("Az#active#ZZ"), "az active zz");
        assert!(sortable(&"é".repeat(200)).chars().count() <= 60);
    }

    #[test]
    fn an_events_key_names_it_and_no_other_key_names_an_event() {
        let id = EventId::from_uuid(uuid::Uuid::from_u128(5));
        let org = Org::Company("co_00000000000000000000000000000001".parse().unwrap());
        assert_eq!(event_of(&event_by_id(&org, &id).raw.sk), Some(id.clone()));
        assert_eq!(event_of(&outbox(&id).sk), Some(id.clone()));
        for sk in ["", "EVENT#", "EVENT#co_00000000000000000000000000000001", "PROFILE", id.as_str()] {
            assert_eq!(event_of(sk), None, "{sk}");
        }
    }

    #[test]
    fn events_are_kept_to_a_range_by_the_time_in_their_ids() {
        let at = |unix_ms: i64| UtcTime::from_unix_ms(unix_ms);
        let id = |unix_ms: u64, rest: u128| {
            let uuid = uuid::Uuid::from_u128((u128::from(unix_ms) << 80) | (7 << 76) | (2 << 62) | rest);
            format!("EVENT#{}", EventId::from_uuid(uuid))
        };
        let tenant = Tenant::new(Org::Company("co_00000000000000000000000000000001".parse().unwrap()));
        let held = |from: Option<i64>, before: Option<i64>, sk: &str| {
            let (least, greatest) = tenant.events().recorded(from.map(at), before.map(at)).range.unwrap();
            (least.as_str()..=greatest.as_str()).contains(&sk)
        };
        let (early, late) = (id(1_800_000_000_000, 0), id(1_800_000_000_999, (1 << 62) - 1));
        for sk in [&early, &late] {
            assert!(held(Some(1_800_000_000_000), Some(1_800_000_001_000), sk));
            assert!(held(Some(1_800_000_000_000), None, sk));
            assert!(held(None, Some(1_800_000_001_000), sk));
            assert!(held(Some(-5), Some(4_102_444_800_000), sk));
            assert!(!held(Some(1_800_000_001_000), None, sk));
            assert!(!held(None, Some(1_800_000_000_000), sk));
            assert!(!held(Some(1_800_000_001_000), Some(1_800_000_000_000), sk), "a range the wrong way round");
        }
        assert_eq!(tenant.events().recorded(None, None).range, None);
    }

    #[test]
    fn a_tenants_keys_stay_in_its_partition() {
        let company: CompanyId = "co_00000000000000000000000000000001".parse().unwrap();
        let tenant = Tenant::new(Org::Company(company));
        let reference: Reference = "A-1".parse().unwrap();
        for raw in [tenant.invoice(&reference).raw, tenant.approval(&reference).raw, tenant.policy().raw] {
            assert_eq!(raw.pk, "COMPANY#co_00000000000000000000000000000001");
        }
        assert!(tenant.connection(tenant.org()).is_none());
    }
}
