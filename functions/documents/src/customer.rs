//! Links to download the attachments of sales documents, for a customer's contacts. What is not attached to a document
//! that they see does not exist for them. These routes are here since only this function may sign links.

use api::{ApiError, ApiResult, InCustomer, Path, Problem};
use axum::extract::State;
use domain::{
    DocumentId, Reference,
    document::{Document, VersionNumber},
    permission::{NeedsAll, may},
    sales::SentDocument,
};
use store::{Attempt, Entity, Key, Tenant, retry_on_conflict};

use crate::{
    App,
    download::{DocumentLinkResponse, Downloader, link, record},
};

/// Makes a link to download an attachment of one of the customer's invoices.
///
/// It is the version that is attached, and the link works for one minute. Each link is recorded with its person.
///
/// Needs `invoices.view`.
#[utoipa::path(post, path = "/v1/customer-portal/invoices/{reference}/attachments/{document}/download",
    params(("reference" = Reference, Path), ("document" = DocumentId, Path)),
    responses((status = 201, body = DocumentLinkResponse)))]
pub(crate) async fn download_invoice_attachment(
    State(app): State<App>,
    caller: InCustomer<may::InvoicesView>,
    Path((reference, id)): Path<(Reference, DocumentId)>,
) -> ApiResult {
    download(&app, &caller, Tenant::invoice, &reference, &id).await
}

/// Makes a link to download an attachment of one of the customer's estimates.
///
/// It is the version that is attached, and the link works for one minute. Each link is recorded with its person.
///
/// Needs `estimates.view`.
#[utoipa::path(post, path = "/v1/customer-portal/estimates/{reference}/attachments/{document}/download",
    params(("reference" = Reference, Path), ("document" = DocumentId, Path)),
    responses((status = 201, body = DocumentLinkResponse)))]
pub(crate) async fn download_estimate_attachment(
    State(app): State<App>,
    caller: InCustomer<may::EstimatesView>,
    Path((reference, id)): Path<(Reference, DocumentId)>,
) -> ApiResult {
    download(&app, &caller, Tenant::estimate, &reference, &id).await
}

/// Makes a link to download an attachment of one of the customer's credit notes.
///
/// It is the version that is attached, and the link works for one minute. Each link is recorded with its person.
///
/// Needs `invoices.view`.
#[utoipa::path(post, path = "/v1/customer-portal/credit-notes/{reference}/attachments/{document}/download",
    params(("reference" = Reference, Path), ("document" = DocumentId, Path)),
    responses((status = 201, body = DocumentLinkResponse)))]
pub(crate) async fn download_credit_note_attachment(
    State(app): State<App>,
    caller: InCustomer<may::InvoicesView>,
    Path((reference, id)): Path<(Reference, DocumentId)>,
) -> ApiResult {
    download(&app, &caller, Tenant::credit_note, &reference, &id).await
}

async fn download<T: Entity + SentDocument, N: NeedsAll>(
    app: &App,
    caller: &InCustomer<N>,
    sales: fn(&Tenant, &Reference) -> Key<T>,
    reference: &Reference,
    id: &DocumentId,
) -> ApiResult {
    let authority = caller.authority();
    let (document, number): (Document, VersionNumber) = retry_on_conflict(async || {
        let (found, document) = app
            .api
            .store
            .load(&authority, caller.now(), |tenant| (sales(tenant, reference), tenant.document(id)))
            .await?;
        let attached_to = caller.own(found)?;
        let attachments = attached_to.content().attachments.iter().filter(|_| attached_to.is_sent());
        let attachment = attachments.into_iter().find(|one| one.document == *id).ok_or_else(Problem::not_found)?;
        let document: Document = document.ok_or_else(Problem::not_found)?;
        let number = attachment.version_of(&document).ok_or_else(Problem::not_found)?.number;
        let mut change = app.api.store.change(&authority, caller.change_context());
        // It is still attached when the link is recorded.
        change.unchanged(|tenant| sales(tenant, reference), attached_to.version());
        record(change, Downloader::of(caller), &document, Some(number)).await?;
        Ok::<_, Attempt<ApiError>>((document, number))
    })
    .await?;
    link(app, &document, Some(number)).await
}
