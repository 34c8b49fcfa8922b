//! Letting a firm in, as a client: the company that was named or is made, the consent, and the
//! connection.

use api::{ApiError, ApiResult, Problem, ProblemType};
use domain::{
    AccessRequirement, CompanyId, Denied, FirmId, Grants, Org, Permission, UserId, Validity,
    access::ActingAs,
    consent::{ConsentError, Given},
    invitation::AcceptError,
    membership::NewMembership,
    org::{Company, Connection},
    team::register_company,
};
use store::{Authority, Change, StoreError};

use crate::{
    leftovers::Leftovers,
    party::Party,
    taking::{Taking, not_accepted, not_given, without_profile},
};

/// The right to let a firm into a company with these permissions: nobody gives what they do not
/// hold.
pub(crate) fn to_give(user: &UserId, company: &CompanyId, grants: &Grants) -> AccessRequirement {
    let acting_as = ActingAs::Member { company: company.clone() };
    AccessRequirement::new(user.clone(), acting_as, Permission::ConnectionsManage)
        .and_all(grants)
        .validity(Validity::ForGood)
}

/// A consent that does not count.
pub(crate) fn not_agreed(error: ConsentError) -> Problem {
    Problem::field(error.field(), error)
}

/// A missing permission other than the route's own is one of those that would be given.
fn refused(error: StoreError) -> ApiError {
    match error {
        StoreError::Denied(Denied::Missing(permission)) if permission != Permission::ConnectionsManage => {
            Problem::new(ProblemType::ExceedsOwnGrants).about(permission).into()
        }
        error => error.into(),
    }
}

impl Taking<'_> {
    /// Connects the firm that asks with the company, which `change` is about.
    pub(crate) async fn let_in(
        &self,
        membership: NewMembership<'_>,
        firm: &FirmId,
        grants: &Grants,
        change: &mut Change<'_>,
    ) -> ApiResult<()> {
        let asking = Authority::System(Org::Firm(firm.clone()));
        let (profile, found) = tokio::join!(
            self.store.load(&asking, self.change_context.at, None, |tenant| tenant.firm()),
            self.company_and_connection(firm, grants),
        );
        let (profile, (company, before)) = (profile?.ok_or_else(without_profile)?, found?);
        let company = self.made(company, change);
        let text = membership.invitation.consent_text().ok_or_else(|| Problem::internal("an offer without a text"))?;
        let (at, by) = (self.change_context.at, self.person.id.clone());
        let given = Given { company: company.id.clone(), firm: firm.clone(), at, by };
        let consent = text.agreed(self.consent.as_ref(), given).map_err(not_agreed)?;
        let (connection, event) =
            membership.connection(&company, &profile, (grants, Some(&consent)), before.as_ref()).map_err(not_given)?;
        if before.is_some() {
            Leftovers::In(&company.id).end(self.store, firm, &self.change_context).await?;
        }
        let other = Org::Firm(firm.clone());
        change.put_some(|tenant| tenant.connection(&other), before.map(|before| before.version), &connection);
        change.put(|tenant| tenant.consent(&consent), None, &consent);
        client_list::connection_starts(self.store, change, &connection, membership.invitation.offer.client()).await?;
        change.record(event);
        Ok(())
    }

    /// The company, and its connection with the firm as it was before.
    async fn company_and_connection(&self, firm: &FirmId, grants: &Grants) -> ApiResult<(Company, Option<Connection>)> {
        let id = match &self.party {
            Party::NewCompany(company) => return Ok((company.clone(), None)),
            Party::Company(id) => id,
            Party::Themselves | Party::Firm(_) | Party::NewFirm(_) => {
                return Err(not_accepted(AcceptError::CompanyNeeded).into());
            }
        };
        let giving = Authority::Person(to_give(&self.person.id, id, grants));
        let other = Org::Firm(firm.clone());
        let wanted = self
            .store
            .load(&giving, self.change_context.at, None, |tenant| (tenant.company(), tenant.connection(&other)));
        let (company, before) = wanted.await.map_err(refused)?;
        Ok((company.ok_or_else(without_profile)?, before.flatten()))
    }

    /// Registers the company where it is new, with the person as its owner.
    fn made(&self, company: Company, change: &mut Change<'_>) -> Company {
        if !matches!(self.party, Party::NewCompany(_)) {
            return company;
        }
        let person = (self.person.id.clone(), self.person.name.clone(), self.email.clone());
        let (company, owner, event) = register_company(company, person, None);
        change.put(|tenant| tenant.company(), None, &company);
        change.put(|tenant| tenant.member(&owner.user), None, &owner);
        change.record(event);
        company
    }
}
