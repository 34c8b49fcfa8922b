//! Letters about requests for access: to those who may decide, and to who asked.
//!
//! What people wrote is not in the event, so the request itself is read.

use domain::{
    AccessRequestId, Event, Grants, Name, Org, Permission,
    access_request::{AccessRequest, AccessRequestKind, AccessRequestPayload, AccessRequestState, AccessRequestStatus},
};
use mail::{
    Envelope,
    letters::{self, AccessAnswer, AccessTo},
};
use store::Authority;

use super::{Letter, to_each, to_person};
use crate::{Notify, queue::TellError};

/// A request, and what the company and the firm it concerns are called.
struct About {
    request: AccessRequest,
    company: Name,
    firm: Option<Name>,
}

impl About {
    fn to(&self) -> AccessTo<'_> {
        let (company, firm) = (self.company.as_str(), self.firm.as_ref().map_or("", Name::as_str));
        match self.request.kind {
            AccessRequestKind::Member => AccessTo::Member { company },
            AccessRequestKind::Connection => AccessTo::Firm { company, firm },
            AccessRequestKind::Assignment => AccessTo::Client { company, firm },
        }
    }
}

impl Notify {
    pub(super) async fn access_requested(
        &self,
        event: &Event,
        named: AccessRequestPayload,
    ) -> Result<Vec<Letter>, TellError> {
        let Some(about) = self.about_access(event, named).await? else { return Ok(Vec::new()) };
        let request = &about.request;
        // Answered or taken back in the meantime: nothing waits for anybody.
        if request.state(api::clock::now()) != AccessRequestState::Asked {
            return Ok(Vec::new());
        }
        let mut deciders = self.holders_in(&request.org, request.kind.needs()).await?;
        // Whoever asks knows, whatever else they hold by now.
        deciders.retain(|(user, _)| *user != request.asked_by);
        let link = self.portal_link(&page_of(request))?;
        let would = in_words(&request.permissions);
        let letter = |envelope: &Envelope<'_>| {
            let what = letters::AccessRequested {
                to: about.to(),
                asked_by: request.asked_by_name.as_str(),
                would: &would,
                for_hours: request.for_hours,
                reason: request.reason.as_ref().map(|reason| reason.as_str()),
                open_until: request.open_until,
                link: &link,
            };
            letters::access_requested(&self.brand(), envelope, &what)
        };
        to_each(event, &deciders, letter)
    }

    pub(super) async fn access_decided(
        &self,
        event: &Event,
        named: AccessRequestPayload,
    ) -> Result<Vec<Letter>, TellError> {
        let Some(about) = self.about_access(event, named).await? else { return Ok(Vec::new()) };
        let request = &about.request;
        let granted = in_words(&request.granted);
        let refused = in_words(&request.permissions.beyond(&request.granted));
        let answer = match (request.status, request.granted_until) {
            (AccessRequestStatus::Granted, Some(until)) => {
                AccessAnswer::Granted { can: &granted, cannot: &refused, until }
            }
            (AccessRequestStatus::Refused, _) => {
                let reason = request.refusal.as_ref().map(|reason| reason.as_str());
                AccessAnswer::Refused { cannot: &refused, reason }
            }
            (AccessRequestStatus::Granted | AccessRequestStatus::Asked | AccessRequestStatus::Withdrawn, _) => {
                return Ok(Vec::new());
            }
        };
        let Some(user) = self.store.for_user(request.asked_by.clone()).profile().await? else { return Ok(Vec::new()) };
        let link = self.portal_link(&page_of(request))?;
        let what = letters::AccessDecided {
            to: about.to(),
            answer,
            decided_by: request.decided_by_name.as_ref().map_or("", Name::as_str),
            link: &link,
        };
        let letter = |envelope: &Envelope<'_>| letters::access_decided(&self.brand(), envelope, &what);
        Ok(vec![to_person(event, (&user.id, &user.email), letter)?])
    }

    /// The request that an event is about, with the names it needs: one strongly consistent read.
    async fn about_access(&self, event: &Event, named: AccessRequestPayload) -> Result<Option<About>, TellError> {
        let id: AccessRequestId = event.subject.id.parse().map_err(|_| TellError::NotAnEvent)?;
        let AccessRequestPayload { company, firm, .. } = named;
        // The other side of the connection, where there is one; its item names both.
        let other = match &event.org {
            Org::Company(_) => firm.map(Org::Firm),
            Org::Firm(_) => Some(Org::Company(company)),
        };
        let authority = Authority::System(event.org.clone());
        let (request, company, connection) = self
            .store
            .load(&authority, api::clock::now(), None, |tenant| {
                let connection = other.as_ref().and_then(|other| tenant.connection(other));
                (tenant.access_request(&id), other.is_none().then(|| tenant.company()), connection)
            })
            .await?;
        let (company, firm) = match (company.flatten(), connection.flatten()) {
            (Some(company), _) => (company.name, None),
            (None, Some(connection)) => (connection.company_name, Some(connection.firm_name)),
            (None, None) => return Ok(None),
        };
        Ok(request.map(|request| About { request, company, firm }))
    }
}

/// A request in the portal, where it is decided.
fn page_of(request: &AccessRequest) -> String {
    match &request.org {
        Org::Company(company) => format!("/companies/{company}/access-requests/{}", request.id),
        Org::Firm(firm) => format!("/firms/{firm}/access-requests/{}", request.id),
    }
}

fn in_words(permissions: &Grants) -> Vec<String> {
    permissions.iter().map(Permission::in_plain_words).collect()
}
