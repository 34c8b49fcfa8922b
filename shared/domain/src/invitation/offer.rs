//! Offers, and the side that makes them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::InvitationKind;
use crate::{
    access::{AccessRequirement, ActingAs, GrantState, OutlastsFirm, ends_with_giver},
    id::{ClientId, CompanyId, ContactId, FirmId, Org},
    org::Connection,
    permission::{Grants, Permission},
    role::{MemberRole, StaffRole},
    temporary_grants::Validity,
    text::{Name, Reference},
    time::UtcTime,
};

/// Offers, and the side that makes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Offer {
    /// A company offers a person a place in it.
    Member {
        /// The company.
        company: CompanyId,
        /// The preset.
        role: MemberRole,
        /// The permissions.
        grants: Grants,
    },
    /// A company offers a firm a connection.
    Firm {
        /// The company.
        company: CompanyId,
        /// The most the firm may do.
        grants: Grants,
        /// The firm whose connection ends as this one starts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<FirmId>,
    },
    /// A firm offers a person a place on its staff.
    Staff {
        /// The firm.
        firm: FirmId,
        /// Admin or bookkeeper.
        role: StaffRole,
    },
    /// A firm invites a client to connect. The firm gives nothing of its own: the person who accepts
    /// for the company gives, and must hold what they give.
    Client {
        /// The firm.
        firm: FirmId,
        /// The most the firm may do.
        grants: Grants,
        /// The entry of the firm's client list that it was sent from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client: Option<ClientId>,
    },
    /// A company lets a contact of one of its customers into that customer's portal. The inviter gives nothing of their
    /// own: the company's portal settings do.
    Contact {
        /// The company.
        company: CompanyId,
        /// The customer.
        customer: Reference,
        /// The customer's name.
        customer_name: Name,
        /// The contact.
        contact: ContactId,
        /// What the contact may do by the settings when it is sent.
        grants: Grants,
        /// What the seat is narrowed to. Default: whatever the settings give, also later.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        narrowed_to: Option<Grants>,
    },
}

impl Offer {
    /// What kind of offer it is.
    #[must_use]
    pub const fn kind(&self) -> InvitationKind {
        match self {
            Self::Member { .. } => InvitationKind::Member,
            Self::Firm { .. } => InvitationKind::Firm,
            Self::Staff { .. } => InvitationKind::Staff,
            Self::Client { .. } => InvitationKind::Client,
            Self::Contact { .. } => InvitationKind::Contact,
        }
    }

    /// The tenant that offers.
    #[must_use]
    pub fn org(&self) -> Org {
        match self {
            Self::Member { company, .. } | Self::Firm { company, .. } | Self::Contact { company, .. } => {
                Org::Company(company.clone())
            }
            Self::Staff { firm, .. } | Self::Client { firm, .. } => Org::Firm(firm.clone()),
        }
    }

    /// The permission that sending this offer needs.
    #[must_use]
    pub const fn needs(&self) -> Permission {
        match self {
            Self::Member { .. } => Permission::TeamManage,
            Self::Firm { .. } => Permission::ConnectionsManage,
            Self::Staff { .. } => Permission::StaffManage,
            Self::Client { .. } => Permission::ClientsManage,
            Self::Contact { .. } => Permission::CustomersManage,
        }
    }

    /// The permissions that accepting gives: to the acceptor, or, where a client is invited, to the firm.
    #[must_use]
    pub fn grants(&self) -> Grants {
        match self {
            Self::Member { grants, .. }
            | Self::Firm { grants, .. }
            | Self::Client { grants, .. }
            | Self::Contact { grants, .. } => grants.clone(),
            Self::Staff { role, .. } => role.preset(),
        }
    }

    /// The permissions that the inviter gives, and so must hold: none where a client gives, or the company's portal
    /// settings do.
    #[must_use]
    pub fn given(&self) -> Grants {
        match self {
            Self::Member { .. } | Self::Firm { .. } | Self::Staff { .. } => self.grants(),
            Self::Client { .. } | Self::Contact { .. } => Grants::default(),
        }
    }

    /// The access that sending this offer needs: the permission to invite, and everything that is
    /// offered, for good. A person who holds something for a time cannot make it last by giving it away.
    /// `present` is the inviter's place.
    #[must_use]
    pub fn to_send(&self, present: AccessRequirement) -> AccessRequirement {
        let access = present.and_all(&Grants::from_iter([self.needs()]));
        access.giving(&self.given()).validity(Validity::ForGood)
    }

    /// The same offer, to a client of the firm's list; unchanged where no client is invited.
    #[must_use]
    pub fn to_client(&self, id: &ClientId) -> Self {
        match self {
            Self::Client { firm, grants, .. } => {
                Self::Client { firm: firm.clone(), grants: grants.clone(), client: Some(id.clone()) }
            }
            Self::Member { .. } | Self::Firm { .. } | Self::Staff { .. } | Self::Contact { .. } => self.clone(),
        }
    }

    /// The client of the firm's list that it invites, where one was named.
    #[must_use]
    pub const fn client(&self) -> Option<&ClientId> {
        match self {
            Self::Client { client, .. } => client.as_ref(),
            Self::Member { .. } | Self::Firm { .. } | Self::Staff { .. } | Self::Contact { .. } => None,
        }
    }

    /// The contact that it invites, where it does.
    #[must_use]
    pub fn contact(&self) -> Option<InvitedContact> {
        match self {
            Self::Contact { customer, customer_name, contact, .. } => Some(InvitedContact {
                customer: customer.clone(),
                customer_name: customer_name.clone(),
                contact: contact.clone(),
            }),
            Self::Member { .. } | Self::Firm { .. } | Self::Staff { .. } | Self::Client { .. } => None,
        }
    }

    /// Whether a person accepts it for themselves, rather than for a firm or company.
    #[must_use]
    pub const fn is_for_a_person(&self) -> bool {
        match self {
            Self::Member { .. } | Self::Staff { .. } | Self::Contact { .. } => true,
            Self::Firm { .. } | Self::Client { .. } => false,
        }
    }

    /// Whether it offers a place among the inviting company's or firm's own people. A contact's seat is none: one person
    /// may have it beside a member's place, and at several customers.
    #[must_use]
    pub const fn is_for_own_people(&self) -> bool {
        match self {
            Self::Member { .. } | Self::Staff { .. } => true,
            Self::Firm { .. } | Self::Client { .. } | Self::Contact { .. } => false,
        }
    }

    /// Checks that what it gives ends with the inviter's seat, where the inviter gives it. A member carries the firm that invites them; a connection
    /// is bounded by no other, so no firm invites another one.
    ///
    /// # Errors
    /// [`OutlastsFirm`].
    pub fn check_inviter(&self, acting_as: &ActingAs) -> Result<(), OutlastsFirm> {
        match self {
            Self::Firm { .. } => ends_with_giver(acting_as, None),
            Self::Member { .. } | Self::Staff { .. } | Self::Client { .. } | Self::Contact { .. } => Ok(()),
        }
    }

    /// Whether it offers an owner's place.
    pub(super) const fn is_of_owner(&self) -> bool {
        matches!(self, Self::Member { role: MemberRole::Owner, .. })
    }

    /// The same offer, which replaces a connected firm: the old connection ends in the change that
    /// starts the new one, so that there is never a gap, nor both.
    ///
    /// # Errors
    /// [`OfferError::ReplacesUnfit`] for what is not offered to a firm.
    pub fn in_place_of(self, replaced: Option<FirmId>) -> Result<Self, OfferError> {
        match (self, replaced) {
            (Self::Firm { company, grants, .. }, replaces) => Ok(Self::Firm { company, grants, replaces }),
            (offer, None) => Ok(offer),
            (_, Some(_)) => Err(OfferError::ReplacesUnfit),
        }
    }

    /// The firm that is replaced, if any.
    #[must_use]
    pub const fn replaces(&self) -> Option<&FirmId> {
        match self {
            Self::Firm { replaces, .. } => replaces.as_ref(),
            Self::Member { .. } | Self::Staff { .. } | Self::Client { .. } | Self::Contact { .. } => None,
        }
    }

    /// Checks that the firm to be replaced is connected at `now`. `connection` is its connection.
    ///
    /// # Errors
    /// [`OfferError::ReplacedNotConnected`].
    pub fn check_replaced(&self, connection: Option<&Connection>, now: UtcTime) -> Result<(), OfferError> {
        let is_connected = connection.is_some_and(|connection| GrantState::from(connection).holds_at(now));
        if self.replaces().is_none() || is_connected { Ok(()) } else { Err(OfferError::ReplacedNotConnected) }
    }

    /// The connected firm that the accepting one replaces, if it is another.
    #[must_use]
    pub fn gives_way(&self, accepting: &FirmId) -> Option<&FirmId> {
        self.replaces().filter(|replaced| *replaced != accepting)
    }

    pub(super) fn holds_together(&self) -> Result<(), GrantsError> {
        let grants = self.grants();
        if grants.is_empty() {
            return Err(GrantsError::NoPermissions);
        }
        let alien = |is_for: fn(Permission) -> bool| grants.iter().find(|permission| !is_for(*permission));
        match self {
            Self::Member { .. } | Self::Firm { .. } | Self::Client { .. } => {
                alien(Permission::is_for_companies).map_or(Ok(()), |alien| Err(GrantsError::NotForCompanies(alien)))
            }
            Self::Contact { .. } => {
                alien(Permission::is_for_contacts).map_or(Ok(()), |alien| Err(GrantsError::NotForContacts(alien)))
            }
            Self::Staff { .. } => Ok(()),
        }
    }

    /// The role's name, where there is one.
    #[must_use]
    pub const fn role(&self) -> Option<&'static str> {
        match self {
            Self::Member { role, .. } => Some(role.as_str()),
            Self::Staff { role, .. } => Some(role.as_str()),
            Self::Firm { .. } | Self::Client { .. } | Self::Contact { .. } => None,
        }
    }
}

/// A contact who is invited, and the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitedContact {
    /// The customer's reference.
    pub customer: Reference,
    /// The customer's name.
    pub customer_name: Name,
    /// The contact.
    pub contact: ContactId,
}

/// Why an inviter's request makes no offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// A company's offer made from a firm, or the reverse.
    #[error("this offer cannot be made from this context")]
    WrongContext,
    /// A member without a role or permissions, or staff without a role.
    #[error("is required")]
    RoleMissing,
    /// A role of the other kind of tenant, or any role for a firm or a client.
    #[error("is not a role that this kind of invitation can offer")]
    RoleUnfit,
    /// The custom role needs listed permissions.
    #[error("is required for the role custom")]
    PermissionsMissing,
    /// The role decides what staff may do.
    #[error("cannot be listed for staff; the role says what they may do")]
    PermissionsUnfit,
    /// An owner with less than everything would count as the one who must remain.
    #[error("an owner holds every permission; name another role to list fewer")]
    OwnerHoldsAll,
    /// An owner is the company's own; a member whom a firm invites is there while the firm is.
    #[error("an owner cannot be invited for a firm")]
    OwnerByFirm,
    /// A contact is let in from the customer that they are a contact of.
    #[error("is not sent here: switch the contact's portal access on")]
    FromCustomer,
    /// Only a firm can replace another one.
    #[error("can be named for a firm only")]
    ReplacesUnfit,
    /// The firm to be replaced is not connected.
    #[error("is not a firm that is connected")]
    ReplacedNotConnected,
    /// The listed permissions are not valid.
    #[error(transparent)]
    Grants(#[from] GrantsError),
}

/// Why a set of permissions cannot be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantsError {
    /// Nothing is offered.
    #[error("must name at least one permission")]
    NoPermissions,
    /// The permission exists only in the other kind of tenant.
    #[error("permission {0} does not exist for a company")]
    NotForCompanies(Permission),
    /// No contact can hold the permission.
    #[error("permission {0} does not exist for a contact")]
    NotForContacts(Permission),
}
