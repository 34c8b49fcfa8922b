//! For whom an offer is taken, once it is known which firm or company that is.

use api::{ApiResult, Caller, Problem, clock::new_uuid};
use domain::{
    Actor, CompanyId, FirmId, Org, UtcTime,
    acceptor::{Acceptor, AcceptorChoice, AcceptorError, NewCompany, NewFirm, acceptor},
    access::ActingAs,
    consent::Agreement,
    invitation::Invitation,
    membership::{FirmChoiceError, only_firm},
    org::{Company, Firm},
};
use serde::Deserialize;
use store::{ChangeContext, PageRequest};
use utoipa::ToSchema;

use crate::App;

/// For whom an offer is taken, as callers say it, and what they agree to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AcceptPendingInvitation)]
pub(crate) struct Named {
    /// For whom, where a firm is invited; needed only by whoever administers several.
    #[serde(default)]
    pub(crate) firm: Option<FirmId>,
    /// Where a firm is invited: one that is registered with it, with the caller as its admin.
    #[serde(default)]
    pub(crate) new_firm: Option<NewFirm>,
    /// Where a client is asked: the company that the firm may enter.
    #[serde(default)]
    pub(crate) company: Option<CompanyId>,
    /// Where a client is asked: one that is registered with it, with the caller as its owner.
    #[serde(default)]
    pub(crate) new_company: Option<NewCompany>,
    /// Where a client is asked: the consent text that they were shown and agree to.
    #[serde(default)]
    pub(crate) consent: Option<Agreement>,
}

/// For whom an offer is taken. What is new has its id already, so that a decision made anew makes no
/// second one.
#[derive(Debug)]
pub(crate) enum Party {
    Themselves,
    Firm(FirmId),
    NewFirm(Firm),
    Company(CompanyId),
    NewCompany(Company),
}

impl Party {
    /// The side of a connection that it is.
    pub(crate) fn org(&self) -> Option<Org> {
        match self {
            Self::Themselves => None,
            Self::Firm(id) | Self::NewFirm(Firm { id, .. }) => Some(Org::Firm(id.clone())),
            Self::Company(id) | Self::NewCompany(Company { id, .. }) => Some(Org::Company(id.clone())),
        }
    }

    fn of(acceptor: Acceptor, invitation: &Invitation, now: UtcTime) -> Option<Self> {
        Some(match acceptor {
            Acceptor::OnlyFirm => return None,
            Acceptor::Themselves => Self::Themselves,
            Acceptor::Firm(firm) => Self::Firm(firm),
            Acceptor::NewFirm(new) => {
                Self::NewFirm(new.firm(FirmId::from_uuid(new_uuid()), invitation.email.clone(), now))
            }
            Acceptor::Company(company) => Self::Company(company),
            Acceptor::NewCompany(new) => Self::NewCompany(new.company(CompanyId::from_uuid(new_uuid()), now)),
        })
    }

    /// The same stamp, of a person who acts from the seat that they answer for.
    pub(crate) fn change_context(&self, change_context: ChangeContext) -> ChangeContext {
        let (via, firm) = match self {
            Self::Themselves => return change_context,
            Self::Firm(id) | Self::NewFirm(Firm { id, .. }) => {
                (ActingAs::Staff { firm: id.clone() }.via(), Some(id.clone()))
            }
            Self::Company(id) | Self::NewCompany(Company { id, .. }) => {
                (ActingAs::Member { company: id.clone() }.via(), None)
            }
        };
        ChangeContext { actor: Actor { via: via.to_owned(), firm, ..change_context.actor }, ..change_context }
    }
}

/// For whom a new account accepts: what it names is made with it. `None` for a firm's invitation
/// that names no new firm.
pub(crate) fn new_party(
    invitation: &Invitation,
    new_firm: Option<NewFirm>,
    new_company: Option<NewCompany>,
    agrees: bool,
    now: UtcTime,
) -> Result<Option<Party>, AcceptorError> {
    let choice = AcceptorChoice { new_firm, new_company, agrees, ..AcceptorChoice::default() };
    Ok(Party::of(acceptor(&invitation.offer, choice)?, invitation, now))
}

impl App {
    /// For whom an invitation is taken: whom they named, or the only firm that they administer; the
    /// person themselves for a person's invitation.
    pub(crate) async fn party(&self, caller: &Caller, invitation: &Invitation, named: &Named) -> ApiResult<Party> {
        let choice = AcceptorChoice {
            firm: named.firm.clone(),
            new_firm: named.new_firm.clone(),
            company: named.company.clone(),
            new_company: named.new_company.clone(),
            agrees: named.consent.is_some(),
        };
        let acceptor = acceptor(&invitation.offer, choice).map_err(|error| Problem::field(error.field(), error))?;
        match Party::of(acceptor, invitation, caller.now) {
            Some(party) => Ok(party),
            None => {
                let own = self.api.store.for_user(caller.user.clone());
                let places = own.places_on_staff(&PageRequest::largest()).await?;
                Ok(Party::Firm(only_firm(&places.items, caller.now).map_err(no_firm)?))
            }
        }
    }
}

fn no_firm(error: FirmChoiceError) -> Problem {
    match error {
        FirmChoiceError::NoFirm => Problem::conflict(error, "no_firm"),
        FirmChoiceError::Several => Problem::field("firm", error),
    }
}
