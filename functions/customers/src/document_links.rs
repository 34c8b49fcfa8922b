//! Hosted links: people of the company send a document to somebody without access, see to whom, and end links.

use api::{
    Answer, Api, ApiError, ApiResult, Body, InCompany, PageInfo, Path, Problem, Query, clock, paging::page_request,
};
use axum::extract::State;
use domain::{
    ContactId, DocumentLinkId, Email, Name, Note, Org, Reference, UtcTime,
    comment::Topic,
    customer::{Contact, CustomerStatus, admission::AdmissionError},
    permission::may,
    sales::{DocumentContent, DocumentLink, DocumentLinkStatus, NewLink, Revision},
    time::{Day, Zone},
};
use serde::{Deserialize, Serialize};
use store::{Attempt, Tally, retry_on_conflict};
use utoipa::{IntoParams, ToSchema};

/// A document to send to a contact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MakeHostedLink {
    /// `invoice`, `credit_note` or `estimate`.
    kind: Topic,
    /// The document, which was sent to its customer.
    document: Reference,
    /// A contact of the document's customer, with or without access to the portal.
    contact: ContactId,
    /// Your own words, for the letter.
    #[serde(default)]
    message: Option<Note>,
}

/// A contact who forwarded a document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ForwardedBy {
    contact: ContactId,
    /// Their name when they forwarded it.
    name: Name,
}

/// A hosted link. The link itself is in the letter to its address alone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HostedLink)]
pub(crate) struct HostedLinkView {
    id: DocumentLinkId,
    kind: Topic,
    document: Reference,
    /// The number that is printed on the document.
    number: Name,
    customer: Reference,
    contact: ContactId,
    contact_name: Name,
    email: Email,
    /// The contact who forwarded the document; absent when people of the company sent it. The link gives no more than
    /// this contact may do, and opens nothing once their access has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    forwarded_by: Option<ForwardedBy>,
    status: DocumentLinkStatus,
    created_at: UtcTime,
    /// The last day on which it opens, in the company's time zone.
    expires_on: Day,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<UtcTime>,
}

impl HostedLinkView {
    fn of(link: DocumentLink, zone: &Zone, now: UtcTime) -> Self {
        Self {
            status: link.status(zone, now),
            id: link.id,
            kind: link.topic,
            document: link.document,
            number: link.number,
            customer: link.customer,
            contact: link.contact,
            contact_name: link.contact_name,
            email: link.email,
            forwarded_by: link.forwarded_by.map(|by| ForwardedBy { contact: by.contact, name: by.name }),
            created_at: link.created_at,
            expires_on: link.expires_on,
            revoked_at: link.revoked_at,
        }
    }
}

/// One hosted link.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HostedLinkResponse {
    document_link: HostedLinkView,
}

/// A page of hosted links.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HostedLinkPage {
    document_links: Vec<HostedLinkView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Which hosted links, and which page of them.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichLinks {
    /// Only those for this contact, and those that this contact forwarded.
    #[serde(default)]
    contact: Option<ContactId>,
    /// Only those to documents with this reference.
    #[serde(default)]
    document: Option<Reference>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

impl WhichLinks {
    fn has(&self, link: &DocumentLink) -> bool {
        let is_of = |contact: &ContactId| {
            link.contact == *contact || link.forwarded_by.as_ref().is_some_and(|by| by.contact == *contact)
        };
        self.contact.as_ref().is_none_or(is_of) && self.document.as_ref().is_none_or(|of| link.document == *of)
    }
}

/// Lists the hosted links of the company, the newest first.
///
/// With a filter, a page may be short and still say where to go on. `status` is the link's own: one for a contact whose
/// access has ended since, or that such a contact forwarded, opens nothing either.
///
/// Needs `customers.view`, `invoices.view` and `estimates.view`.
#[utoipa::path(get, path = "/v1/document-links", params(WhichLinks),
    responses((status = 200, body = HostedLinkPage)))]
pub(crate) async fn list_document_links(
    State(api): State<Api>,
    caller: InCompany<(may::CustomersView, may::InvoicesView, may::EstimatesView)>,
    Query(which): Query<WhichLinks>,
) -> ApiResult {
    let request = page_request(which.limit, which.cursor.clone())?;
    let now = caller.now();
    let (company, page) = api
        .store
        .load_and_query(
            &caller.authority(),
            now,
            |tenant| tenant.company(),
            async |queries| {
                queries.page_matching(|tenant| tenant.document_links(), &request, |link| which.has(link)).await
            },
        )
        .await?;
    let zone = company.ok_or_else(no_company)?.time_zone;
    let paged = PageInfo::from(&page);
    let document_links = page.items.into_iter().map(|link| HostedLinkView::of(link, &zone, now)).collect();
    Answer::ok(&HostedLinkPage { document_links, paged })
}

/// Sends a document to a contact by a hosted link, which opens it without signing in.
///
/// The link opens until 30 days after the due date, at least 30 and at most 120 days from today. Each link is one of its
/// own: making one ends no other. It shows the document as it is when it is opened. Nobody who works for the company is
/// sent one.
///
/// Needs `customers.manage`, `invoices.view` and `estimates.view`.
#[utoipa::path(post, path = "/v1/document-links", request_body = MakeHostedLink,
    responses((status = 201, body = HostedLinkResponse)))]
pub(crate) async fn make_document_link(
    State(api): State<Api>,
    caller: InCompany<(may::CustomersManage, may::InvoicesView, may::EstimatesView)>,
    body: Body<MakeHostedLink>,
) -> ApiResult {
    let (authority, now) = (caller.authority(), caller.now());
    let idempotency = body.idempotent.by(&caller.caller.user);
    let MakeHostedLink { kind, document, contact, message } = body.value;
    if kind == Topic::Document {
        return Err(Problem::field("kind", "is no kind of sales document").into());
    }
    let on = |topic: Topic| (kind == topic).then_some(&document);
    let (company, invoice, credit_note, estimate) = api
        .store
        .load_once(&authority, now, idempotency.as_ref(), |tenant| {
            (
                tenant.company(),
                on(Topic::Invoice).map(|document| tenant.invoice(document)),
                on(Topic::CreditNote).map(|document| tenant.credit_note(document)),
                on(Topic::Estimate).map(|document| tenant.estimate(document)),
            )
        })
        .await??;
    let company = company.ok_or_else(no_company)?;
    let found = invoice.flatten().map(|it| Found::new(it.terms.content, it.revision, Some(it.terms.due_on)));
    let found = found.or(credit_note.flatten().map(|it| Found::new(it.terms.content, it.revision, None)));
    let found =
        found.or(estimate.flatten().map(|it| Found::new(it.terms.content, it.revision, Some(it.terms.valid_until))));
    let found = found.filter(|found| found.revision > 0);
    let found = found.ok_or_else(|| Problem::field("document", "is no document that was sent to a customer"))?;
    let (customer, addressee) = api
        .store
        .load(&authority, now, |tenant| (tenant.customer(&found.customer), tenant.contact(&found.customer, &contact)))
        .await?;
    let customer = customer.ok_or_else(|| Problem::internal("a document without a customer"))?;
    if customer.status == CustomerStatus::Archived {
        return Err(Problem::conflict("the customer is archived", "archived").into());
    }
    let addressee: Contact =
        addressee.ok_or_else(|| Problem::field("contact", "is no contact of the document's customer"))?;
    if api.store.works_at(&caller.company, &addressee.details.email, now).await? {
        return Err(Problem::field("contact", AdmissionError::WorksHere).into());
    }

    let new = NewLink {
        id: DocumentLinkId::from_uuid(clock::new_uuid()),
        topic: kind,
        document,
        number: found.number,
        due_on: found.due_on,
        contact: &addressee,
        forwarded_by: None,
        message,
    };
    let (link, event) = DocumentLink::make(new, &company.time_zone, now);
    let mut change = api.store.change(&authority, caller.change_context());
    let org = Org::Company(caller.company.clone());
    let counted = Tally::of_letters(&api.allowances, &caller.caller.user, &org, now);
    for tally in counted.into_iter().chain(Tally::of_document_link(&api.allowances, &link, now)) {
        change.count(&tally);
    }
    change.unchanged(|tenant| tenant.customer(&found.customer), customer.version);
    change.unchanged(|tenant| tenant.contact(&found.customer, &contact), addressee.version);
    change.put(|tenant| tenant.document_link(&link.id), None, &link);
    change.record(event);
    let response = HostedLinkResponse { document_link: HostedLinkView::of(link, &company.time_zone, now) };
    Ok(Answer::created(&response)?.commit(change, idempotency.as_ref()).await??)
}

/// What a link needs of its document.
struct Found {
    customer: Reference,
    number: Name,
    revision: Revision,
    due_on: Option<Day>,
}

impl Found {
    fn new(content: DocumentContent, revision: Revision, due_on: Option<Day>) -> Self {
        Self { customer: content.customer, number: content.number, revision, due_on }
    }
}

/// Ends a hosted link: it opens nothing from the next request on, and is not renewed.
///
/// Ending one that has ended already changes nothing.
///
/// Needs `customers.manage`.
#[utoipa::path(delete, path = "/v1/document-links/{id}", params(("id" = DocumentLinkId, Path)),
    responses((status = 204)))]
pub(crate) async fn revoke_document_link(
    State(api): State<Api>,
    caller: InCompany<may::CustomersManage>,
    Path(id): Path<DocumentLinkId>,
) -> ApiResult {
    retry_on_conflict(|| revoke(&api, &caller, &id)).await
}

async fn revoke(
    api: &Api,
    caller: &InCompany<may::CustomersManage>,
    id: &DocumentLinkId,
) -> Result<Answer, Attempt<ApiError>> {
    let authority = caller.authority();
    let link = api.store.load(&authority, caller.now(), |tenant| tenant.document_link(id)).await?;
    let link: DocumentLink = link.ok_or_else(Problem::not_found)?;
    if let Some((revoked, event)) = link.revoke(caller.now()) {
        let mut change = api.store.change(&authority, caller.change_context());
        change.put(|tenant| tenant.document_link(id), Some(link.version), &revoked);
        change.record(event);
        change.commit().await?;
    }
    Ok(Answer::nothing())
}

fn no_company() -> Problem {
    Problem::internal("a company without a profile")
}
