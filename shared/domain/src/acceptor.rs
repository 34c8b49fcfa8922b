//! For whom an invitation is taken: the person themselves, a firm, or a company; one that is there, or
//! one that is made with it.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    id::{CompanyId, FirmId},
    invitation::Offer,
    money::Currency,
    org::{Company, Firm},
    text::{Email, Name},
    time::{UtcTime, Zone},
};

/// A new firm, registered by itself or along with accepting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateFirm)]
pub struct NewFirm {
    /// Its name.
    pub name: Name,
}

impl NewFirm {
    /// The firm, before it has an admin. Its main address is one that was verified: the registering
    /// admin's, or the one that was invited.
    #[must_use]
    pub fn firm(self, id: FirmId, email: Email, now: UtcTime) -> Firm {
        Firm { id, name: self.name, email: Some(email), admin_count: 0, created_at: now }
    }
}

/// A new company, registered by itself, through a link or with a code, or along with accepting.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateCompany)]
pub struct NewCompany {
    /// The business's name.
    pub name: Name,
    /// What its books are kept in.
    pub currency: Currency,
    /// For due times; UTC when not said.
    #[serde(default)]
    pub time_zone: Option<Zone>,
}

impl NewCompany {
    /// The company, before it has an owner.
    #[must_use]
    pub fn company(self, id: CompanyId, now: UtcTime) -> Company {
        Company {
            id,
            name: self.name,
            currency: self.currency,
            time_zone: self.time_zone.unwrap_or_else(Zone::utc),
            owner_count: 0,
            created_at: now,
        }
    }
}

/// For whom someone says that they accept: at most one is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AcceptorChoice {
    /// A firm that they administer.
    pub firm: Option<FirmId>,
    /// A firm to be made.
    pub new_firm: Option<NewFirm>,
    /// A company of theirs.
    pub company: Option<CompanyId>,
    /// A company to be made.
    pub new_company: Option<NewCompany>,
    /// Whether they agreed to a consent text.
    pub agrees: bool,
}

/// For whom an offer is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptor {
    /// For the person themselves.
    Themselves,
    /// For the only firm that they administer, since they named none.
    OnlyFirm,
    /// For a firm.
    Firm(FirmId),
    /// For a firm to be made.
    NewFirm(NewFirm),
    /// For a company.
    Company(CompanyId),
    /// For a company to be made.
    NewCompany(NewCompany),
}

/// Why a choice does not fit what is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcceptorError {
    /// Something was named that this kind of offer has no use for.
    #[error("has no place in accepting this kind of invitation")]
    Unfit(&'static str),
    /// Two were named where one is meant.
    #[error("cannot be given along with an existing one")]
    Two(&'static str),
    /// A client is asked, and chose no company.
    #[error("is required: name the company that the firm may enter, or register a new one")]
    CompanyNeeded,
}

impl AcceptorError {
    /// The field that is wrong.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Unfit(field) | Self::Two(field) => field,
            Self::CompanyNeeded => "company",
        }
    }
}

/// For whom an offer is taken, as far as the choice alone says so. A company is never guessed, even
/// where the person has only one: whoever lets a firm in says where.
///
/// # Errors
/// [`AcceptorError`].
pub fn acceptor(offer: &Offer, choice: AcceptorChoice) -> Result<Acceptor, AcceptorError> {
    let AcceptorChoice { firm, new_firm, company, new_company, agrees } = choice;
    let asks_consent = matches!(offer, Offer::Client { .. });
    let for_firm = matches!(offer, Offer::Firm { .. });
    let unfit = [
        ("firm", firm.is_some() && !for_firm),
        ("new_firm", new_firm.is_some() && !for_firm),
        ("company", company.is_some() && !asks_consent),
        ("new_company", new_company.is_some() && !asks_consent),
        ("consent", agrees && !asks_consent),
    ];
    if let Some((field, _)) = unfit.into_iter().find(|(_, unfit)| *unfit) {
        return Err(AcceptorError::Unfit(field));
    }
    match offer {
        Offer::Member { .. } | Offer::Staff { .. } => Ok(Acceptor::Themselves),
        Offer::Firm { .. } => match (firm, new_firm) {
            (Some(_), Some(_)) => Err(AcceptorError::Two("new_firm")),
            (Some(firm), None) => Ok(Acceptor::Firm(firm)),
            (None, Some(new)) => Ok(Acceptor::NewFirm(new)),
            (None, None) => Ok(Acceptor::OnlyFirm),
        },
        Offer::Client { .. } => match (company, new_company) {
            (Some(_), Some(_)) => Err(AcceptorError::Two("new_company")),
            (Some(company), None) => Ok(Acceptor::Company(company)),
            (None, Some(new)) => Ok(Acceptor::NewCompany(new)),
            (None, None) => Err(AcceptorError::CompanyNeeded),
        },
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::role::{MemberRole, StaffRole};

    fn company() -> CompanyId {
        CompanyId::from_uuid(Uuid::from_u128(1))
    }

    fn firm() -> FirmId {
        FirmId::from_uuid(Uuid::from_u128(2))
    }

    fn new_firm() -> NewFirm {
        NewFirm { name: "Contas".parse().unwrap() }
    }

    fn new_company() -> NewCompany {
        NewCompany { name: "Loja".parse().unwrap(), currency: "EUR".parse().unwrap(), time_zone: None }
    }

    fn asked() -> Offer {
        Offer::Client { firm: firm(), grants: MemberRole::Accountant.preset(), client: None }
    }

    #[test]
    fn a_company_is_named_and_never_guessed() {
        assert_eq!(acceptor(&asked(), AcceptorChoice::default()), Err(AcceptorError::CompanyNeeded));
        let existing = AcceptorChoice { company: Some(company()), agrees: true, ..AcceptorChoice::default() };
        assert_eq!(acceptor(&asked(), existing.clone()), Ok(Acceptor::Company(company())));
        let new = AcceptorChoice { new_company: Some(new_company()), ..AcceptorChoice::default() };
        assert_eq!(acceptor(&asked(), new), Ok(Acceptor::NewCompany(new_company())));
        let both = AcceptorChoice { new_company: Some(new_company()), ..existing };
        assert_eq!(acceptor(&asked(), both), Err(AcceptorError::Two("new_company")));
    }

    #[test]
    fn a_firm_is_named_or_made_or_the_only_one() {
        let offer = Offer::Firm { company: company(), grants: MemberRole::Accountant.preset(), replaces: None };
        assert_eq!(acceptor(&offer, AcceptorChoice::default()), Ok(Acceptor::OnlyFirm));
        let new = AcceptorChoice { new_firm: Some(new_firm()), ..AcceptorChoice::default() };
        assert_eq!(acceptor(&offer, new.clone()), Ok(Acceptor::NewFirm(new_firm())));
        assert_eq!(acceptor(&offer, AcceptorChoice { firm: Some(firm()), ..new }), Err(AcceptorError::Two("new_firm")));
    }

    #[test]
    fn what_an_offer_has_no_use_for_is_refused_by_name() {
        let staff = Offer::Staff { firm: firm(), role: StaffRole::Admin };
        for (choice, field) in [
            (AcceptorChoice { firm: Some(firm()), ..AcceptorChoice::default() }, "firm"),
            (AcceptorChoice { new_firm: Some(new_firm()), ..AcceptorChoice::default() }, "new_firm"),
            (AcceptorChoice { company: Some(company()), ..AcceptorChoice::default() }, "company"),
            (AcceptorChoice { new_company: Some(new_company()), ..AcceptorChoice::default() }, "new_company"),
            (AcceptorChoice { agrees: true, ..AcceptorChoice::default() }, "consent"),
        ] {
            assert_eq!(acceptor(&staff, choice), Err(AcceptorError::Unfit(field)));
        }
        assert_eq!(acceptor(&staff, AcceptorChoice::default()), Ok(Acceptor::Themselves));
        let firm = AcceptorChoice { firm: Some(firm()), ..AcceptorChoice::default() };
        assert_eq!(acceptor(&asked(), firm), Err(AcceptorError::Unfit("firm")));
    }
}
