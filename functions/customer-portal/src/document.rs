//! What the routes of all kinds of sales documents have in common. A document of another customer, and one that was not
//! sent, does not exist here.

use api::{Api, ApiError, ApiResult, InCustomer, Problem};
use domain::{
    CompanyId, Reference, UtcTime,
    comment::{Comment, CommentReader},
    content_digest::ContentDigest,
    credit_note::CreditNote,
    customer::seat::ContactSeat,
    estimate::Estimate,
    invoice::Invoice,
    permission::NeedsAll,
    sales::{DocumentView, Revision, SentDocument, Viewer, ViewerKind, see, viewed_event},
    time::Day,
};
use serde::{Deserialize, Serialize};
use store::{Attempt, Entity, Key, Listing, PageRequest, Tenant, retry_on_conflict};
use utoipa::ToSchema;

use crate::view::DocumentContents;

/// A kind of document that a customer sees, and its place in the table.
pub(crate) trait Shown: Entity + SentDocument {
    /// The key of one.
    fn key(tenant: &Tenant, reference: &Reference) -> Key<Self>;

    /// The sent ones of a customer, the last issued first.
    fn of_customer(tenant: &Tenant, company: &CompanyId, customer: &Reference) -> Listing<Self>;

    /// The document, if there is one that this customer sees.
    fn shown(found: Option<Self>, customer: &Reference) -> Result<Self, Problem> {
        found.filter(|document| document.is_shown_to(customer)).ok_or_else(Problem::not_found)
    }
}

impl Shown for Invoice {
    fn key(tenant: &Tenant, reference: &Reference) -> Key<Self> {
        tenant.invoice(reference)
    }

    fn of_customer(tenant: &Tenant, company: &CompanyId, customer: &Reference) -> Listing<Self> {
        tenant.invoices_of_customer(company, customer)
    }
}

impl Shown for Estimate {
    fn key(tenant: &Tenant, reference: &Reference) -> Key<Self> {
        tenant.estimate(reference)
    }

    fn of_customer(tenant: &Tenant, company: &CompanyId, customer: &Reference) -> Listing<Self> {
        tenant.estimates_of_customer(company, customer)
    }
}

impl Shown for CreditNote {
    fn key(tenant: &Tenant, reference: &Reference) -> Key<Self> {
        tenant.credit_note(reference)
    }

    fn of_customer(tenant: &Tenant, company: &CompanyId, customer: &Reference) -> Listing<Self> {
        tenant.credit_notes_of_customer(company, customer)
    }
}

/// The caller as a reader of comments.
pub(crate) fn reader<N>(caller: &InCustomer<N>) -> CommentReader {
    CommentReader::Customer { customer: caller.customer.clone(), user: caller.caller.user.clone() }
}

/// Reads one document with everything that its page shows, and today's date in the company's time zone.
pub(crate) async fn open<T: Shown, N: NeedsAll>(
    api: &Api,
    caller: &InCustomer<N>,
    reference: &Reference,
) -> ApiResult<(T, DocumentContents, Day)> {
    let (reader, customer) = (reader(caller), &caller.customer);
    let authority = caller.authority();
    let ((document, company), (views, counts)) = api
        .store
        .load_and_query(
            &authority,
            caller.now(),
            |tenant| (T::key(tenant, reference), tenant.company()),
            async |queries| {
                let sees = |comment: &Comment| comment.is_visible_to_customer(customer);
                let last = PageRequest::largest();
                tokio::try_join!(
                    queries.page(|tenant| tenant.document_views(T::TOPIC, reference), &last),
                    queries.comment_counts(T::TOPIC, reference, &reader, sees),
                )
            },
        )
        .await?;
    let document = T::shown(document, customer)?;
    let today = caller.now().day_in(&company.ok_or_else(Problem::not_found)?.time_zone);
    // Only a very large document has lines beside it, which is known only now.
    let document = api.store.with_lines(&authority, caller.now(), document).await?;
    let contents = DocumentContents::of(&document, counts, views.items);
    Ok((document, contents, today))
}

/// That the page of a document was shown.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteDocumentView {
    /// The `digest` of the document that was shown.
    digest: ContentDigest,
}

/// How often the caller has seen the present content of a document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentViewed {
    /// Which content.
    revision: Revision,
    first_at: UtcTime,
    count: u32,
}

/// Notes that the caller saw the present content of a document.
pub(crate) async fn note_view<T: Shown, N: NeedsAll>(
    api: &Api,
    caller: &InCustomer<N>,
    reference: &Reference,
    body: &NoteDocumentView,
) -> ApiResult<DocumentViewed> {
    let (authority, now, user) = (caller.authority(), caller.now(), &caller.caller.user);
    let view = retry_on_conflict(async || {
        let (document, seat) = api
            .store
            .load(&authority, now, |tenant| (T::key(tenant, reference), tenant.contact_seat(&caller.customer, user)))
            .await?;
        let document = T::shown(document, &caller.customer)?;
        if document.digest() != body.digest {
            return Err(Problem::conflict("it was changed since you saw it", "changed").into());
        }
        let seat: ContactSeat = seat.ok_or_else(Problem::not_found)?;
        let viewer =
            Viewer { kind: ViewerKind::Contact, id: seat.contact.as_str().parse().map_err(Problem::internal)? };
        let key = |tenant: &Tenant| tenant.view_of(T::TOPIC, reference, document.revision(), &viewer);
        let known: Option<DocumentView> = api.store.load(&authority, now, key).await?;
        let version = known.as_ref().map(|known| known.version);
        let new = DocumentView {
            company: caller.company.clone(),
            topic: T::TOPIC,
            document: reference.clone(),
            revision: document.revision(),
            viewer: viewer.clone(),
            viewer_name: caller.context.claims().name.clone(),
            first_at: now,
            last_at: now,
            count: 1,
            version: 1,
        };
        let seen = see(known, document.viewed(), new);
        let mut change = api.store.change(&authority, caller.change_context());
        change.put(key, version, &seen.view);
        match seen.first_of_revision {
            Some(first) => {
                change.put(|tenant| T::key(tenant, reference), Some(document.version()), &document.seen(first));
            }
            None => change.unchanged(|tenant| T::key(tenant, reference), document.version()),
        }
        if version.is_none() {
            change.record(viewed_event(&seen.view, &caller.customer));
        }
        change.commit().await?;
        Ok::<_, Attempt<ApiError>>(seen.view)
    })
    .await?;
    Ok(DocumentViewed { revision: view.revision, first_at: view.first_at, count: view.count })
}
