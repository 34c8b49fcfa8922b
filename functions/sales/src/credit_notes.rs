//! Lists and shows credit notes, and who saw them.

use api::{Answer, Api, ApiResult, InCompany, PageInfo, PageQuery, Path, Query, paging::page_request};
use axum::extract::State;
use domain::{Reference, credit_note::CreditNoteState, permission::may};
use serde::{Deserialize, Serialize};
use store::Tenant;
use utoipa::{IntoParams, ToSchema};
use views::{CreditNoteView, Shown};

use crate::show::{self, DocumentViewPage};

/// One credit note.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreditNoteResponse {
    pub(crate) credit_note: CreditNoteView,
}

/// A page of credit notes, without their lines.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreditNotePage {
    credit_notes: Vec<CreditNoteView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Filters for the list of credit notes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichCreditNotes {
    /// Only credit notes in this state, by day of issue. Default: all, by reference.
    #[serde(default)]
    state: Option<CreditNoteState>,
    /// Only credit notes that were sent to this customer, the last issued first. Not together with `state`.
    #[serde(default)]
    customer: Option<Reference>,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the company's credit notes.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/credit-notes", params(WhichCreditNotes),
    responses((status = 200, body = CreditNotePage)))]
pub(crate) async fn list_credit_notes(
    State(api): State<Api>,
    caller: InCompany<may::InvoicesView>,
    Query(which): Query<WhichCreditNotes>,
) -> ApiResult {
    let request = page_request(which.limit, which.cursor)?;
    show::one_filter(which.state.is_some(), which.customer.is_some())?;
    let listing = |tenant: &Tenant| match &which.customer {
        Some(customer) => tenant.credit_notes_of_customer(&caller.company, customer),
        None => tenant.credit_notes(which.state),
    };
    let (page, today) = show::page(&api, &caller.authority(), caller.now(), listing, &request).await?;
    let paged = PageInfo::from(&page);
    let credit_notes = page.items.into_iter().map(|credit_note| credit_note.listed(today)).collect();
    Answer::ok(&CreditNotePage { credit_notes, paged })
}

/// Shows a credit note with its lines.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/credit-notes/{reference}", params(("reference" = Reference, Path)),
    responses((status = 200, body = CreditNoteResponse)))]
pub(crate) async fn get_credit_note(
    State(api): State<Api>,
    caller: InCompany<may::InvoicesView>,
    Path(reference): Path<Reference>,
) -> ApiResult {
    let (credit_note, today) =
        show::read(&api, &caller.authority(), caller.now(), Tenant::credit_note, &reference).await?;
    Answer::ok(&CreditNoteResponse { credit_note: credit_note.shown(today) })
}

/// Lists who at the customer saw which revision of a credit note, the last revision first.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/credit-notes/{reference}/views",
    params(("reference" = Reference, Path), PageQuery), responses((status = 200, body = DocumentViewPage)))]
pub(crate) async fn list_credit_note_views(
    State(api): State<Api>,
    caller: InCompany<may::InvoicesView>,
    Path(reference): Path<Reference>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    show::views(&api, &caller.authority(), caller.now(), Tenant::credit_note, &reference, &query).await
}
