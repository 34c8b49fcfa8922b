//! Letters about requests for documents: to the people who are asked, and to the person who asks.
//!
//! The request is read again for each letter: it may have got its papers or been withdrawn since, and events do not
//! carry what people wrote.

use domain::{
    AccessRequirement, DocumentRequestId, Event, Org, Permission, UserId,
    document_request::{
        DocumentRequest, DocumentRequestItemPayload, DocumentRequestReminded, DocumentRequestState, ItemState,
        RequestedItem, Standing, WhyNot,
    },
    team::holders,
};
use mail::{
    HttpUrl, Line, Quote,
    letters::{
        document_asker::DocumentAsker,
        document_received::DocumentReceived,
        document_sent_back::{DocumentSentBack, SentBackBy},
        documents_reminder::DocumentsReminder,
        documents_requested::DocumentsRequested,
    },
};
use queue::UnreadableMessage;
use store::{Authority, StoreError};

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{Recipient, addressed, company, notification_to, notification_to_each, person},
};

/// A request, with the names that letters about it need.
struct About {
    request: DocumentRequest,
    company: Line,
    asked_by: DocumentAsker,
    /// What the request was made under, as it is now. Without the asker's place, which no letter depends on.
    standing: Standing,
    link: HttpUrl,
}

impl About {
    fn titles<'i>(items: impl Iterator<Item = &'i RequestedItem>) -> Vec<Line> {
        items.map(|item| Line::from(&item.title)).collect()
    }
}

/// To those of these people who are asked: all when the request is made, and later the ones who are added.
pub(super) async fn requested(notify: &Notify, event: &Event, people: &[UserId]) -> Result<Vec<Outgoing>, NotifyError> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let Some(about) = about_request(notify, event).await? else { return Ok(Vec::new()) };
    let request = &about.request;
    let in_force = about.standing.may_remind(request, api::clock::now());
    if request.state != DocumentRequestState::Open || !in_force {
        return Ok(Vec::new());
    }
    let recipients = asked_among(notify, request, people).await?;
    let letter = DocumentsRequested {
        title: (&request.title).into(),
        items: About::titles(request.items.iter()),
        note: request.note.as_ref().and_then(|note| Quote::new(note.as_str())),
        due_on: request.due_on,
        company: about.company,
        asked_by: about.asked_by,
        link: about.link,
    };
    notification_to_each(notify, event, &recipients, &[Permission::DocumentsUpload], &letter)
}

pub(super) async fn reminded(
    notify: &Notify,
    event: &Event,
    reminded: &DocumentRequestReminded,
) -> Result<Vec<Outgoing>, NotifyError> {
    let Some(about) = about_request(notify, event).await? else { return Ok(Vec::new()) };
    let request = &about.request;
    let in_force = about.standing.may_remind(request, api::clock::now());
    // The papers came, or the due day was moved: the reminder is about nothing any more.
    if !request.is_missing_something() || request.due_on != reminded.due_on || !in_force {
        return Ok(Vec::new());
    }
    let recipients = asked(notify, request).await?;
    let letter = DocumentsReminder {
        title: (&request.title).into(),
        missing: About::titles(request.missing()),
        due_on: request.due_on,
        overdue: reminded.overdue,
        company: about.company,
        asked_by: about.asked_by,
        link: about.link,
    };
    notification_to_each(notify, event, &recipients, &[Permission::DocumentsUpload], &letter)
}

pub(super) async fn received(
    notify: &Notify,
    event: &Event,
    uploaded: &DocumentRequestItemPayload,
) -> Result<Vec<Outgoing>, NotifyError> {
    let Some(about) = about_request(notify, event).await? else { return Ok(Vec::new()) };
    let request = &about.request;
    let fulfilled = ItemState::Fulfilled { document: uploaded.document.clone() };
    // It was reviewed or replaced in the meantime.
    let Some(item) = request.item(uploaded.item).filter(|item| item.state == fulfilled) else {
        return Ok(Vec::new());
    };
    if request.state != DocumentRequestState::Open || !may_ask(notify, request).await? {
        return Ok(Vec::new());
    }
    let Some(recipient) = person(notify, &request.asked_by).await? else { return Ok(Vec::new()) };
    let letter = DocumentReceived {
        title: (&request.title).into(),
        item: (&item.title).into(),
        missing: About::titles(request.missing()),
        company: about.company,
        link: about.link,
    };
    Ok(vec![notification_to(notify, event, &recipient, &[Permission::DocumentsRequest], &letter)?])
}

pub(super) async fn sent_back(
    notify: &Notify,
    event: &Event,
    returned: &DocumentRequestItemPayload,
) -> Result<Vec<Outgoing>, NotifyError> {
    let Some(about) = about_request(notify, event).await? else { return Ok(Vec::new()) };
    let request = &about.request;
    let Some(item) = request.item(returned.item) else { return Ok(Vec::new()) };
    // Another document was uploaded in the meantime.
    let ItemState::SentBack { document, reason } = &item.state else { return Ok(Vec::new()) };
    if *document != returned.document || request.state != DocumentRequestState::Open {
        return Ok(Vec::new());
    }
    let by = match &event.actor.name {
        Some(name) => SentBackBy::Person { name: name.into(), reason: Quote::new(reason.as_str()) },
        None => SentBackBy::Nobody(WhyNot::from_stored(reason)),
    };
    let recipients = asked(notify, request).await?;
    let letter = DocumentSentBack {
        title: (&request.title).into(),
        item: (&item.title).into(),
        by,
        due_on: request.due_on,
        company: about.company,
        link: about.link,
    };
    notification_to_each(notify, event, &recipients, &[Permission::DocumentsUpload], &letter)
}

/// The request that an event is about: one strongly consistent read, and one more for a firm's.
async fn about_request(notify: &Notify, event: &Event) -> Result<Option<About>, NotifyError> {
    let id: DocumentRequestId = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
    let company_id = company(event)?;
    let authority = Authority::System(event.org.clone());
    let now = api::clock::now();
    let (request, company) =
        notify.store.load(&authority, now, |tenant| (tenant.document_request(&id), tenant.company())).await?;
    let Some((request, company)) = request.zip(company) else { return Ok(None) };
    let bound = request.acting_as.bounded_by().cloned().map(Org::Firm);
    let connection = match &bound {
        Some(firm) => notify.store.load(&authority, now, |tenant| tenant.connection(firm)).await?.flatten(),
        None => None,
    };
    let firm = connection.as_ref().filter(|_| request.firm().is_some());
    let firm = firm.map(|connection| Line::from(&connection.firm_name));
    let link = portal_link(notify, &format!("/companies/{company_id}/document-requests/{id}"))?;
    let asked_by = DocumentAsker { name: (&request.asked_by_name).into(), firm };
    let standing = Standing { connection, member: None };
    Ok(Some(About { request, company: (&company.name).into(), asked_by, standing, link }))
}

/// The people who are asked, those of them who are members and may upload documents now.
async fn asked(notify: &Notify, request: &DocumentRequest) -> Result<Vec<Recipient>, StoreError> {
    let people: Vec<UserId> = request.asked_of.iter().map(|person| person.user.clone()).collect();
    asked_among(notify, request, &people).await
}

/// As [`asked`], of these people.
async fn asked_among(
    notify: &Notify,
    request: &DocumentRequest,
    people: &[UserId],
) -> Result<Vec<Recipient>, StoreError> {
    let now = api::clock::now();
    let members = notify.store.members_to_tell(&request.company, now).await?;
    let may_upload = holders(&members, Permission::DocumentsUpload, now);
    let recipients = may_upload.map(|member| &member.user).filter(|user| people.contains(user) && request.asks(user));
    addressed(notify, recipients).await
}

/// Whether the person who asked may still do so, from the seat from which they asked.
async fn may_ask(notify: &Notify, request: &DocumentRequest) -> Result<bool, StoreError> {
    let seat = request.acting_as.clone();
    let access = AccessRequirement::new(request.asked_by.clone(), seat, Permission::DocumentsRequest);
    let authority = Authority::Person(access.held_since(request.asked_at));
    match notify.store.prove(&authority, api::clock::now()).await {
        Ok(()) => Ok(true),
        Err(StoreError::Denied(_)) => Ok(false),
        Err(error) => Err(error),
    }
}
