//! The parts that every way of sending an invitation shares: the body, the inviter's organisation, the writes.

use api::{Api, ApiResult, CallerNetwork, Problem};
use domain::{
    Email, FirmId, Grants, Locale, Name, NewEvent, Note, Org, UtcTime,
    client::ClientEntry,
    invitation::{Invitation, InvitationKind, InvitationRole},
    invitation_record::InvitationRecord,
    org::{Company, Firm},
};
use serde::Deserialize;
use store::{BatchGet, Change, Key, LatestInvitation, Tally, Tenant};
use utoipa::ToSchema;

use crate::client_entry;

/// An invitation to send.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateInvitation {
    /// `firm` and `member` from a company, `staff` and `client` from a firm.
    pub(crate) kind: InvitationKind,
    #[serde(deserialize_with = "domain::text::deliverable_email")]
    pub(crate) email: Email,
    /// The name of the person or firm in the letter.
    #[serde(default, deserialize_with = "domain::text::public_name_if_any")]
    pub(crate) name: Option<Name>,
    /// Required for `staff`, and for `member` unless permissions are listed. Not for `firm` and `client`.
    #[serde(default)]
    pub(crate) role: Option<InvitationRole>,
    /// For `firm` and `client` the accountant preset by default, for `member` the role's own. Required for the
    /// role `custom`. Not for `staff`.
    #[serde(default)]
    pub(crate) permissions: Option<Grants>,
    /// For `firm`: a connected firm to replace. Its connection ends in the same change that starts the new
    /// one. Not in a bulk request.
    #[serde(default)]
    pub(crate) replaces: Option<FirmId>,
    #[serde(default)]
    pub(crate) message: Option<Note>,
    /// The invitee's language, for a portal. Mail is in English, with dates as its region writes them.
    #[serde(default)]
    pub(crate) locale: Option<Locale>,
    /// 1–30; by default what this deployment sets, usually 7.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 30)]
    pub(crate) expires_in_days: Option<u8>,
}

/// The inviting tenant: what is in letters, and what became of its invitations.
#[derive(Debug)]
pub(crate) struct Sender {
    pub(crate) name: Name,
    pub(crate) record: InvitationRecord,
}

/// The keys of the inviting tenant: its profile, a company's or a firm's, and its record.
pub(crate) type SenderKeys = (Option<Key<Company>>, Option<Key<Firm>>, Key<InvitationRecord>);
pub(crate) type SenderItems = <SenderKeys as BatchGet>::Found;

impl Sender {
    pub(crate) fn keys(tenant: &Tenant) -> SenderKeys {
        let (company, firm) = match tenant.org() {
            Org::Company(_) => (Some(tenant.company()), None),
            Org::Firm(_) => (None, Some(tenant.firm())),
        };
        (company, firm, tenant.invitation_record())
    }

    pub(crate) fn of((company, firm, record): SenderItems) -> ApiResult<Self> {
        let company = company.flatten().map(|company| company.name);
        let firm = firm.flatten().map(|firm| firm.name);
        let name = company.or(firm).ok_or_else(|| Problem::internal("a tenant without a profile"))?;
        Ok(Self { name, record: record.unwrap_or_default() })
    }
}

/// What an invitation is counted by, besides its organisation and its recipient.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counting<'a> {
    pub(crate) api: &'a Api,
    pub(crate) network: &'a CallerNetwork,
    /// What became of the organisation's invitations, which says how many it may send.
    pub(crate) record: InvitationRecord,
    pub(crate) now: UtcTime,
}

/// How the pointer to the newest invitation of a kind to an address is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Newest {
    /// In any version.
    Overwritten,
    /// As it was read: at this version, or absent.
    Expected(Option<u64>),
}

/// A new invitation, and what sending it changes besides.
#[derive(Debug)]
pub(crate) struct SentInvitation<'a> {
    pub(crate) invitation: &'a Invitation,
    pub(crate) event: NewEvent,
    pub(crate) newest: Newest,
    /// The entry of the client list that it invites.
    pub(crate) entry: Option<&'a ClientEntry>,
    /// An open invitation that it supersedes.
    pub(crate) superseded: Option<&'a Invitation>,
}

impl SentInvitation<'_> {
    /// Adds everything that sending it writes to a change.
    pub(crate) fn send(self, change: &mut Change<'_>, counting: Counting<'_>) {
        let Self { invitation, event, newest, entry, superseded } = self;
        change.put(|tenant| tenant.invitation(&invitation.id), None, invitation);
        match newest {
            Newest::Overwritten => remember(change, invitation),
            Newest::Expected(version) => change.put(
                |tenant| tenant.latest_invitation(invitation.offer.kind().as_str(), &invitation.email),
                version,
                &LatestInvitation::new(invitation.id.clone()),
            ),
        }
        if let (Some(entry), Some(firm)) = (entry, invitation.offer.org().firm()) {
            client_entry::follow(change, firm, entry, invitation);
        }
        client_entry::withdraw(change, superseded);
        counting.count(change, invitation);
        change.record(event);
    }
}

/// Remembers that this is the newest invitation of its kind to its address.
pub(crate) fn remember(change: &mut Change<'_>, invitation: &Invitation) {
    let latest = LatestInvitation::new(invitation.id.clone());
    change.put_unconditional(
        |tenant| tenant.latest_invitation(invitation.offer.kind().as_str(), &invitation.email),
        &latest,
    );
}

impl Counting<'_> {
    /// Counts an invitation that is sent, or sent again, towards its limits.
    pub(crate) fn count(self, change: &mut Change<'_>, invitation: &Invitation) {
        let Self { api, network, record, now } = self;
        let org = invitation.offer.org();
        for tally in Tally::of_invitation(&api.allowances, (&org, record), &invitation.email, &network.0, now) {
            change.count(&tally);
        }
    }
}
