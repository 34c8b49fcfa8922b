//! The places from which people act.

use serde::{Deserialize, Serialize};

use crate::{
    id::{CompanyId, FirmId, Org},
    text::Reference,
};

/// The place from which a person acts in a context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "via", rename_all = "snake_case")]
pub enum ActingAs {
    /// A member in their own company.
    Member {
        /// The company.
        company: CompanyId,
    },
    /// A member whom a firm invited: they are a member while the firm is connected, with no more permissions than
    /// the connection grants.
    BoundedMember {
        /// The firm from whose seat they were invited.
        firm: FirmId,
        /// The company.
        company: CompanyId,
    },
    /// A firm's admin in a connected company.
    FirmAdmin {
        /// The firm they act for.
        firm: FirmId,
        /// The company they act in.
        company: CompanyId,
    },
    /// A bookkeeper in a connected company that is assigned to them.
    Bookkeeper {
        /// The firm they act for.
        firm: FirmId,
        /// The company they act in.
        company: CompanyId,
    },
    /// Staff in the firm's own affairs.
    Staff {
        /// The firm.
        firm: FirmId,
    },
    /// A contact of one of the company's customers. It reaches that customer's portal and nothing else of the company.
    Contact {
        /// The company that sells.
        company: CompanyId,
        /// The customer, as the company names it.
        customer: Reference,
    },
}

impl ActingAs {
    /// A member's seat: of the company's own, or bounded by the firm that invited them.
    #[must_use]
    pub fn member(company: CompanyId, inviting_firm: Option<FirmId>) -> Self {
        match inviting_firm {
            None => Self::Member { company },
            Some(firm) => Self::BoundedMember { firm, company },
        }
    }

    /// How the seat is written in tokens, events and answers.
    #[must_use]
    pub const fn via(&self) -> &'static str {
        match self {
            Self::Member { .. } | Self::BoundedMember { .. } => "member",
            Self::FirmAdmin { .. } => "firm_admin",
            Self::Bookkeeper { .. } => "bookkeeper",
            Self::Staff { .. } => "staff",
            Self::Contact { .. } => "contact",
        }
    }

    /// The tenant acted in. For a contact it is the company whose customer they belong to: whose events theirs are, not
    /// whose people they are among.
    #[must_use]
    pub fn org(&self) -> Org {
        match self {
            Self::Member { company }
            | Self::BoundedMember { company, .. }
            | Self::FirmAdmin { company, .. }
            | Self::Bookkeeper { company, .. }
            | Self::Contact { company, .. } => Org::Company(company.clone()),
            Self::Staff { firm } => Org::Firm(firm.clone()),
        }
    }

    /// The company among whose people the seat is, where it is one. `None` for a contact, who is a customer's.
    #[must_use]
    pub const fn company(&self) -> Option<&CompanyId> {
        match self {
            Self::Member { company }
            | Self::BoundedMember { company, .. }
            | Self::FirmAdmin { company, .. }
            | Self::Bookkeeper { company, .. } => Some(company),
            Self::Staff { .. } | Self::Contact { .. } => None,
        }
    }

    /// The company and the customer of it, for a contact.
    #[must_use]
    pub const fn customer(&self) -> Option<(&CompanyId, &Reference)> {
        match self {
            Self::Contact { company, customer } => Some((company, customer)),
            Self::Member { .. }
            | Self::BoundedMember { .. }
            | Self::FirmAdmin { .. }
            | Self::Bookkeeper { .. }
            | Self::Staff { .. } => None,
        }
    }

    /// The firm acted for, where there is one.
    #[must_use]
    pub const fn firm(&self) -> Option<&FirmId> {
        match self {
            Self::Member { .. } | Self::BoundedMember { .. } | Self::Contact { .. } => None,
            Self::FirmAdmin { firm, .. } | Self::Bookkeeper { firm, .. } | Self::Staff { firm } => Some(firm),
        }
    }

    /// The firm whose connection bounds what may be done from here: of those who act in a company for a firm,
    /// and of the members whom a firm invited.
    #[must_use]
    pub const fn bounded_by(&self) -> Option<&FirmId> {
        match self {
            Self::BoundedMember { firm, .. } | Self::FirmAdmin { firm, .. } | Self::Bookkeeper { firm, .. } => {
                Some(firm)
            }
            Self::Member { .. } | Self::Staff { .. } | Self::Contact { .. } => None,
        }
    }

    /// Whether the last of its relationships was given under the others, so that it counts for those stays
    /// only under which it was given. An assignment is given under a connection and a place on staff, the place
    /// of a member whom a firm invited under a connection, a contact's seat at a customer under the portal settings of
    /// the company.
    #[must_use]
    pub const fn is_given_under_others(&self) -> bool {
        match self {
            Self::BoundedMember { .. } | Self::Bookkeeper { .. } | Self::Contact { .. } => true,
            Self::Member { .. } | Self::FirmAdmin { .. } | Self::Staff { .. } => false,
        }
    }
}
