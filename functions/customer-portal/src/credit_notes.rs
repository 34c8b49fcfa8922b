//! Credit notes of the caller's customer.

use api::{Answer, Api, ApiResult, Body, InCustomer, PageInfo, PageQuery, Path, Query};
use axum::extract::State;
use domain::{
    Reference,
    credit_note::{CreditNote, CreditNoteState},
    permission::may,
    time::Day,
};
use serde::{Deserialize, Serialize};
use store::Page;
use utoipa::{IntoParams, ToSchema};

use crate::{
    comments::{self, CreateCustomerComment, CustomerCommentPage, CustomerCommentResponse, MarkCustomerCommentsRead},
    document::{self, DocumentViewed, NoteDocumentView},
    list::{Filter, listed},
    view::{CreditNoteView, DocumentContents},
};

/// One credit note, with its lines.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerCreditNoteDetails {
    #[serde(flatten)]
    credit_note: CreditNoteView,
    #[serde(flatten)]
    contents: DocumentContents,
}

/// One credit note.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerCreditNoteResponse {
    credit_note: CustomerCreditNoteDetails,
}

/// A page of credit notes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerCreditNotePage {
    credit_notes: Vec<CreditNoteView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Filters for the customer's credit notes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichCustomerCreditNotes {
    /// Only those with this status. Default: all.
    #[serde(default)]
    status: Option<CreditNoteState>,
    /// Only those that were issued on this day or later.
    #[serde(default)]
    from: Option<Day>,
    /// Only those that were issued on this day or earlier.
    #[serde(default)]
    until: Option<Day>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the customer's credit notes, the last issued first; drafts never.
///
/// A page may be short, and still say where to go on: others are left out.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/customer-portal/credit-notes", params(WhichCustomerCreditNotes),
    responses((status = 200, body = CustomerCreditNotePage)))]
pub(crate) async fn list_customer_credit_notes(
    State(api): State<Api>,
    caller: InCustomer<may::InvoicesView>,
    Query(which): Query<WhichCustomerCreditNotes>,
) -> ApiResult {
    let WhichCustomerCreditNotes { status, from, until, limit, cursor } = which;
    let filter = Filter { from, until, limit, cursor };
    let may_keep = |note: &CreditNote| status.is_none_or(|status| note.state == status);
    let (page, _) = listed(&api, &caller, filter, may_keep, |_, _| true).await?;
    let paged = PageInfo::from(&page);
    let Page { items, .. } = page;
    Answer::ok(&CustomerCreditNotePage { credit_notes: items.iter().map(CreditNoteView::of).collect(), paged })
}

/// Shows a credit note of the customer, with its lines.
///
/// That it was seen is noted by a request of its own, `POST …/viewed`.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/customer-portal/credit-notes/{reference}", params(("reference" = Reference, Path)),
    responses((status = 200, body = CustomerCreditNoteResponse)))]
pub(crate) async fn get_customer_credit_note(
    State(api): State<Api>,
    caller: InCustomer<may::InvoicesView>,
    Path(reference): Path<Reference>,
) -> ApiResult {
    let (note, contents, _) = document::open::<CreditNote, _>(&api, &caller, &reference).await?;
    let credit_note = CustomerCreditNoteDetails { credit_note: CreditNoteView::of(&note), contents };
    Answer::ok(&CustomerCreditNoteResponse { credit_note })
}

/// Notes that the caller saw a credit note of the customer; the page sends it once it is shown.
///
/// Counted for each content and contact. Where the content is another by now, the answer is `409`.
///
/// Needs `invoices.view`.
#[utoipa::path(post, path = "/v1/customer-portal/credit-notes/{reference}/viewed",
    params(("reference" = Reference, Path)), request_body = NoteDocumentView,
    responses((status = 200, body = DocumentViewed)))]
pub(crate) async fn note_customer_credit_note_view(
    State(api): State<Api>,
    caller: InCustomer<may::InvoicesView>,
    Path(reference): Path<Reference>,
    body: Body<NoteDocumentView>,
) -> ApiResult {
    Answer::ok(&document::note_view::<CreditNote, _>(&api, &caller, &reference, &body.value).await?)
}

/// Lists the comments on a credit note that the customer sees, oldest first.
///
/// A page may be short, and still say where to go on.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/customer-portal/credit-notes/{reference}/comments",
    params(("reference" = Reference, Path), PageQuery), responses((status = 200, body = CustomerCommentPage)))]
pub(crate) async fn list_customer_credit_note_comments(
    State(api): State<Api>,
    caller: InCustomer<may::InvoicesView>,
    Path(reference): Path<Reference>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    comments::list::<CreditNote, _>(&api, &caller, &reference, &query).await
}

/// Comments on a credit note of the customer.
///
/// Needs `invoices.comment`.
#[utoipa::path(post, path = "/v1/customer-portal/credit-notes/{reference}/comments",
    params(("reference" = Reference, Path)), request_body = CreateCustomerComment,
    responses((status = 201, body = CustomerCommentResponse)))]
pub(crate) async fn comment_on_customer_credit_note(
    State(api): State<Api>,
    caller: InCustomer<may::InvoicesComment>,
    Path(reference): Path<Reference>,
    body: Body<CreateCustomerComment>,
) -> ApiResult {
    comments::add::<CreditNote, _>(&api, &caller, &reference, body).await
}

/// Notes how far the caller has read the comments on a credit note.
///
/// Needs `invoices.view`.
#[utoipa::path(post, path = "/v1/customer-portal/credit-notes/{reference}/comments/read",
    params(("reference" = Reference, Path)), request_body = MarkCustomerCommentsRead,
    responses((status = 204)))]
pub(crate) async fn read_customer_credit_note_comments(
    State(api): State<Api>,
    caller: InCustomer<may::InvoicesView>,
    Path(reference): Path<Reference>,
    body: Body<MarkCustomerCommentsRead>,
) -> ApiResult {
    comments::mark_read::<CreditNote, _>(&api, &caller, &reference, &body.value).await
}
