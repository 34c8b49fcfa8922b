//! A firm accepts a company's invitation and is connected with it.

use api::ApiResult;
use client_list::ListEntry;
use domain::{
    Grants, Org,
    acceptor::{Acceptor, to_commit_firm},
    invitation::{AcceptError, Invitation},
    org::{Connection, Firm},
    team::{end_connection, register_firm},
};
use store::{Authority, Change};

use crate::{
    accept_context::AcceptContext,
    refusal::{not_accepted, not_joined, without_profile},
};

/// Connects the accepting firm with the inviting company: three reads at the same time. A firm that is
/// replaced is disconnected in the same change.
pub(super) async fn connect(
    context: &AcceptContext<'_>,
    accepted: &Invitation,
    grants: &Grants,
    change: &mut Change<'_>,
) -> ApiResult<()> {
    let other = context.acceptor.org().ok_or_else(|| not_accepted(AcceptError::FirmNeeded))?;
    let replaced = other.firm().and_then(|firm| accepted.offer.gives_way(firm)).map(|firm| Org::Firm(firm.clone()));
    let authority = context.authority(&accepted.offer);
    let (firm, found, entry) = tokio::join!(
        accepting_firm(context, change),
        context.store.load(&authority, context.change_context.at, |tenant| (
            tenant.company(),
            tenant.connection(&other),
            replaced.as_ref().and_then(|replaced| tenant.connection(replaced)),
        )),
        list_entry(context, &authority),
    );
    let firm = firm?;
    let ((company, before, leaving), entry) = (found?, entry?);
    let (company, before) = (company.ok_or_else(without_profile)?, before.flatten());
    let (connection, event) = context
        .membership(accepted)
        .connection(&company, &firm, (grants, None), before.as_ref())
        .map_err(not_joined)?;
    change.put_some(|tenant| tenant.connection(&other), before.map(|before| before.version), &connection);
    client_list::connection_starts(change, &connection, entry);
    change.record(event);
    if let (Some(replaced), Some(leaving)) = (replaced, leaving.flatten()) {
        disconnect(context, &replaced, &leaving, change).await?;
    }
    Ok(())
}

/// The accepting firm: one that the person may commit, or one that is registered with them as its admin.
async fn accepting_firm(context: &AcceptContext<'_>, change: &mut Change<'_>) -> ApiResult<Firm> {
    let person = context.person;
    match &context.acceptor {
        Acceptor::NewFirm(firm) => {
            let admin = (person.id.clone(), person.name.clone(), context.email.clone());
            let (firm, admin, event) = register_firm(firm.clone(), admin);
            change.put_new_firm(&firm, &admin);
            change.record(event);
            Ok(firm)
        }
        Acceptor::Firm(firm) => {
            let committing = Authority::Person(to_commit_firm(&person.id, firm));
            let firm = context.store.load(&committing, context.change_context.at, |firm| firm.firm()).await?;
            change.require(&committing);
            Ok(firm.ok_or_else(without_profile)?)
        }
        Acceptor::Person | Acceptor::Company(_) | Acceptor::NewCompany(_) => {
            Err(not_accepted(AcceptError::FirmNeeded).into())
        }
    }
}

/// The company's entry on the firm's client list. A firm that is registered now has no list yet.
async fn list_entry(context: &AcceptContext<'_>, company: &Authority) -> ApiResult<ListEntry> {
    match (&context.acceptor, company.org()) {
        (Acceptor::Firm(firm), Org::Company(company)) => {
            Ok(client_list::find_entry(context.store, firm, &company, None, context.change_context.at).await?)
        }
        _ => Ok(ListEntry::default()),
    }
}

/// Ends the connection of the firm that is replaced. One that has ended already stays as it is.
async fn disconnect(
    context: &AcceptContext<'_>,
    replaced: &Org,
    leaving: &Connection,
    change: &mut Change<'_>,
) -> ApiResult<()> {
    match end_connection(leaving, &Org::Company(leaving.company.clone()), context.change_context.at) {
        Ok((ended, event)) => {
            change.put_some(|tenant| tenant.connection(replaced), Some(leaving.version), &ended);
            client_list::connection_ends(context.store, change, leaving).await?;
            change.record(event);
        }
        Err(_) => change.unchanged_some(|tenant| tenant.connection(replaced), leaving.version),
    }
    Ok(())
}
