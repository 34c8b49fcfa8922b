//! A client accepts a firm's invitation and lets the firm into a company of theirs.

use api::{ApiResult, Problem};
use domain::{
    FirmId, Grants, Org,
    acceptor::Acceptor,
    consent::Given,
    invitation::{AcceptError, Invitation},
    org::{Company, Connection},
    team::register_company,
};
use store::{Authority, Change};

use crate::{
    accept_context::AcceptContext,
    refusal::{not_accepted, not_agreed, not_joined, without_profile},
};

/// Connects the inviting firm with the client's company, on the client's consent: three reads at the
/// same time.
pub(super) async fn connect(
    context: &AcceptContext<'_>,
    accepted: &Invitation,
    (firm, grants): (&FirmId, &Grants),
    change: &mut Change<'_>,
) -> ApiResult<()> {
    let other = Org::Firm(firm.clone());
    let company = context.acceptor.org().and_then(|org| org.company().cloned());
    let company = company.ok_or_else(|| not_accepted(AcceptError::CompanyNeeded))?;
    let inviting = Authority::System(other.clone());
    let invited = accepted.offer.client();
    let (profile, found, entry) = tokio::join!(
        context.store.load(&inviting, context.change_context.at, |tenant| tenant.firm()),
        company_and_connection(context, accepted, &other),
        client_list::find_entry(context.store, firm, &company, invited, context.change_context.at),
    );
    let (profile, (company, before), entry) = (profile?.ok_or_else(without_profile)?, found?, entry?);
    let company = registered(context, company, change);
    let terms = accepted.consent_terms().ok_or_else(|| Problem::internal("an offer without a text"))?;
    let (at, by) = (context.change_context.at, context.person.id.clone());
    let given = Given { company: company.id.clone(), firm: firm.clone(), at, by };
    let consent = terms.agreed(context.agreement.as_ref(), given).map_err(not_agreed)?;
    let (connection, event) = context
        .membership(accepted)
        .connection(&company, &profile, (grants, Some(&consent)), before.as_ref())
        .map_err(not_joined)?;
    change.put_some(|tenant| tenant.connection(&other), before.map(|before| before.version), &connection);
    change.put(|tenant| tenant.consent(&consent), None, &consent);
    client_list::connection_starts(change, &connection, entry);
    change.record(event);
    Ok(())
}

/// The company, and its connection with the firm as it was before. A company that is registered now has
/// none.
async fn company_and_connection(
    context: &AcceptContext<'_>,
    accepted: &Invitation,
    firm: &Org,
) -> ApiResult<(Company, Option<Connection>)> {
    if let Acceptor::NewCompany(company) = &context.acceptor {
        return Ok((company.clone(), None));
    }
    let authority = context.authority(&accepted.offer);
    let (company, before) = context
        .store
        .load(&authority, context.change_context.at, |tenant| (tenant.company(), tenant.connection(firm)))
        .await?;
    Ok((company.ok_or_else(without_profile)?, before.flatten()))
}

/// Registers the company where it is new, with the person as its owner.
fn registered(context: &AcceptContext<'_>, company: Company, change: &mut Change<'_>) -> Company {
    if !matches!(context.acceptor, Acceptor::NewCompany(_)) {
        return company;
    }
    let owner = (context.person.id.clone(), context.person.name.clone(), context.email.clone());
    let (company, owner, event) = register_company(company, owner, None);
    change.put(|tenant| tenant.company(), None, &company);
    change.put(|tenant| tenant.member(&owner.user), None, &owner);
    change.record(event);
    company
}
