//! Letters about requests for access: to those who may decide, and to the person who asked.
//!
//! The event does not carry what people wrote, so the request itself is read.

use domain::{
    AccessRequestId, Event, Name, Org,
    access_request::{AccessRequest, AccessRequestKind, AccessRequestPayload, AccessRequestState, AccessRequestStatus},
};
use mail::{
    Line, Quote,
    letters::{
        access_decided::{AccessDecided, AccessDecision},
        access_requested::AccessRequested,
        access_target::AccessTarget,
    },
};
use queue::UnreadableMessage;
use store::Authority;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{holders_in, notification_to, notification_to_each, person},
};

/// A request, with the names of the company and the firm that it concerns.
struct About {
    request: AccessRequest,
    company: Name,
    firm: Option<Name>,
}

impl About {
    fn target(&self) -> AccessTarget {
        let company = Line::from(&self.company);
        let firm = Line::new(self.firm.as_ref().map_or("", Name::as_str));
        match self.request.kind {
            AccessRequestKind::Member => AccessTarget::Member { company },
            AccessRequestKind::Connection => AccessTarget::Firm { company, firm },
            AccessRequestKind::Assignment => AccessTarget::Client { company, firm },
        }
    }
}

pub(super) async fn requested(
    notify: &Notify,
    event: &Event,
    named: AccessRequestPayload,
) -> Result<Vec<Outgoing>, NotifyError> {
    let Some(about) = about_access(notify, event, named).await? else { return Ok(Vec::new()) };
    let request = &about.request;
    // It was decided or withdrawn in the meantime: nobody has to decide.
    if request.state(api::clock::now()) != AccessRequestState::Asked {
        return Ok(Vec::new());
    }
    let mut deciders = holders_in(notify, &request.org, request.kind.needs()).await?;
    // The person who asks gets no letter, whatever they may decide by now.
    deciders.retain(|recipient| recipient.user != request.asked_by);
    let link = portal_link(notify, &page_of(request))?;
    let letter = AccessRequested {
        target: about.target(),
        asked_by: (&request.asked_by_name).into(),
        would: request.permissions.clone(),
        for_hours: request.for_hours,
        reason: request.reason.as_ref().and_then(|reason| Quote::new(reason.as_str())),
        open_until: request.open_until,
        link,
    };
    notification_to_each(notify, event, &deciders, &[request.kind.needs()], &letter)
}

pub(super) async fn decided(
    notify: &Notify,
    event: &Event,
    named: AccessRequestPayload,
) -> Result<Vec<Outgoing>, NotifyError> {
    let Some(about) = about_access(notify, event, named).await? else { return Ok(Vec::new()) };
    let request = &about.request;
    let refused = request.permissions.beyond(&request.granted);
    let decision = match (request.status, request.granted_until) {
        (AccessRequestStatus::Granted, Some(until)) => {
            AccessDecision::Granted { can: request.granted.clone(), cannot: refused, until }
        }
        (AccessRequestStatus::Refused, _) => {
            let reason = request.refusal.as_ref().and_then(|reason| Quote::new(reason.as_str()));
            AccessDecision::Refused { cannot: refused, reason }
        }
        (AccessRequestStatus::Granted | AccessRequestStatus::Asked | AccessRequestStatus::Withdrawn, _) => {
            return Ok(Vec::new());
        }
    };
    let Some(recipient) = person(notify, &request.asked_by).await? else { return Ok(Vec::new()) };
    let letter = AccessDecided {
        target: about.target(),
        decision,
        decided_by: request.decided_by_name.as_ref().map_or("", Name::as_str).into(),
        link: portal_link(notify, &page_of(request))?,
    };
    Ok(vec![notification_to(notify, event, &recipient, &[], &letter)?])
}

/// The request that an event is about, with the names it needs: one strongly consistent read.
async fn about_access(
    notify: &Notify,
    event: &Event,
    named: AccessRequestPayload,
) -> Result<Option<About>, NotifyError> {
    let id: AccessRequestId = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
    let AccessRequestPayload { company, firm, .. } = named;
    // The other side of the connection, where there is one; its item names both.
    let other = match &event.org {
        Org::Company(_) => firm.map(Org::Firm),
        Org::Firm(_) => Some(Org::Company(company)),
    };
    let authority = Authority::System(event.org.clone());
    let (request, company, connection) = notify
        .store
        .load(&authority, api::clock::now(), |tenant| {
            let connection = other.as_ref().and_then(|other| tenant.connection(other));
            (tenant.access_request(&id), other.is_none().then(|| tenant.company()), connection)
        })
        .await?;
    let (company, firm) = match (company.flatten(), connection.flatten()) {
        (Some(company), _) => (company.name, None),
        (None, Some(connection)) => {
            let firm = Authority::System(Org::Firm(connection.firm.clone()));
            let firm = notify.store.load(&firm, api::clock::now(), |tenant| tenant.firm()).await?;
            // The connection has the name that the firm had when it started.
            (connection.company_name, Some(firm.map_or(connection.firm_name, |firm| firm.name)))
        }
        (None, None) => return Ok(None),
    };
    Ok(request.map(|request| About { request, company, firm }))
}

/// A request in the portal, where it is decided.
fn page_of(request: &AccessRequest) -> String {
    match &request.org {
        Org::Company(company) => format!("/companies/{company}/access-requests/{}", request.id),
        Org::Firm(firm) => format!("/firms/{firm}/access-requests/{}", request.id),
    }
}
