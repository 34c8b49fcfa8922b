//! What is offered, and by which side.

use serde::{Deserialize, Serialize};

use super::{InvitationKind, OfferError};
use crate::{
    id::{ClientId, CompanyId, FirmId, Org},
    permission::{Grants, Permission},
    role::{MemberRole, StaffRole},
};

/// What is offered, and by which side.
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
    /// A firm asks a client for a connection. The firm gives nothing of its own: whoever accepts
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
        }
    }

    /// The tenant that offers.
    #[must_use]
    pub fn org(&self) -> Org {
        match self {
            Self::Member { company, .. } | Self::Firm { company, .. } => Org::Company(company.clone()),
            Self::Staff { firm, .. } | Self::Client { firm, .. } => Org::Firm(firm.clone()),
        }
    }

    /// The permission that inviting so needs.
    #[must_use]
    pub const fn needs(&self) -> Permission {
        match self {
            Self::Member { .. } => Permission::TeamManage,
            Self::Firm { .. } => Permission::ConnectionsManage,
            Self::Staff { .. } => Permission::StaffManage,
            Self::Client { .. } => Permission::ClientsManage,
        }
    }

    /// What it comes to: what whoever accepts would hold, or, where a client is asked, the firm.
    #[must_use]
    pub fn grants(&self) -> Grants {
        match self {
            Self::Member { grants, .. } | Self::Firm { grants, .. } | Self::Client { grants, .. } => grants.clone(),
            Self::Staff { role, .. } => role.preset(),
        }
    }

    /// What the inviter gives, and so must hold too: nothing where a client is asked to give.
    #[must_use]
    pub fn given(&self) -> Grants {
        match self {
            Self::Member { .. } | Self::Firm { .. } | Self::Staff { .. } => self.grants(),
            Self::Client { .. } => Grants::default(),
        }
    }

    /// The same offer, to a client of the firm's list; unchanged where none is asked.
    #[must_use]
    pub fn to_client(&self, id: &ClientId) -> Self {
        match self {
            Self::Client { firm, grants, .. } => {
                Self::Client { firm: firm.clone(), grants: grants.clone(), client: Some(id.clone()) }
            }
            Self::Member { .. } | Self::Firm { .. } | Self::Staff { .. } => self.clone(),
        }
    }

    /// The client of the firm's list whom it asks, where one was named.
    #[must_use]
    pub const fn client(&self) -> Option<&ClientId> {
        match self {
            Self::Client { client, .. } => client.as_ref(),
            Self::Member { .. } | Self::Firm { .. } | Self::Staff { .. } => None,
        }
    }

    /// Whether a person takes it for themselves, rather than for the firm or company they act for.
    #[must_use]
    pub const fn is_for_a_person(&self) -> bool {
        match self {
            Self::Member { .. } | Self::Staff { .. } => true,
            Self::Firm { .. } | Self::Client { .. } => false,
        }
    }

    /// The same offer, in the stead of a firm that is connected: its connection ends in the change
    /// that starts the new one, so that there is never a gap, nor both.
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

    /// The firm whose place is offered, if any.
    #[must_use]
    pub const fn replaces(&self) -> Option<&FirmId> {
        match self {
            Self::Firm { replaces, .. } => replaces.as_ref(),
            Self::Member { .. } | Self::Staff { .. } | Self::Client { .. } => None,
        }
    }

    /// The connected firm that gives way to whoever accepts, if it is another.
    #[must_use]
    pub fn gives_way(&self, accepting: &FirmId) -> Option<&FirmId> {
        self.replaces().filter(|replaced| *replaced != accepting)
    }

    pub(super) fn holds_together(&self) -> Result<(), GrantsError> {
        let grants = self.grants();
        if grants.is_empty() {
            return Err(GrantsError::NoPermissions);
        }
        match (self, grants.iter().find(|permission| !permission.is_for_companies())) {
            (Self::Member { .. } | Self::Firm { .. } | Self::Client { .. }, Some(alien)) => {
                Err(GrantsError::NotForCompanies(alien))
            }
            (Self::Member { .. } | Self::Firm { .. } | Self::Client { .. }, None) | (Self::Staff { .. }, _) => Ok(()),
        }
    }

    /// The role's name, where there is one.
    #[must_use]
    pub const fn role(&self) -> Option<&'static str> {
        match self {
            Self::Member { role, .. } => Some(role.as_str()),
            Self::Staff { role, .. } => Some(role.as_str()),
            Self::Firm { .. } | Self::Client { .. } => None,
        }
    }
}

/// Why a set of permissions cannot be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrantsError {
    /// Nothing is offered.
    #[error("must name at least one permission")]
    NoPermissions,
    /// A permission of the other kind of tenant.
    #[error("permission {0} does not exist for a company")]
    NotForCompanies(Permission),
}
