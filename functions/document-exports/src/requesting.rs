//! Requests archives of documents.

use api::{Answer, ApiResult, Body, InCompany, Problem};
use axum::extract::State;
use domain::{
    DocumentExportId, DocumentId, Org, UtcTime,
    document::{Document, DocumentKind},
    document_export::{DocumentExport, Wanted},
    permission::may,
};
use serde::Deserialize;
use store::{LatestDocumentExport, Tally, Tenant};
use utoipa::ToSchema;

use crate::{App, view::DocumentExportResponse};

/// A period in which documents were declared.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportPeriod {
    /// Declared at this time or later.
    from: UtcTime,
    /// Declared before this time.
    before: UtcTime,
}

/// The documents of an archive: a selection, or all that were declared in a period.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateDocumentExport {
    /// 1–500 documents.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 500)]
    documents: Option<Vec<DocumentId>>,
    /// In place of `documents`. An archive has up to 5,000 documents of 10 GiB together.
    #[serde(default)]
    period: Option<ExportPeriod>,
    /// Only documents of this kind, with `period`.
    #[serde(default)]
    kind: Option<DocumentKind>,
}

/// Requests a ZIP archive of documents with an index.
///
/// The archive is written in the background and kept for a week. It has the newest clean version of each document, and
/// `index.csv` with every document that was asked for; for one that is deleted or has no clean version, the index says
/// so. One archive of a company is written at a time: meanwhile, the answer to another request is 409 with that one in
/// `current`. How many a person and a company may request in a day is limited.
///
/// Needs `documents.view`.
#[utoipa::path(post, path = "/v1/document-exports", request_body = CreateDocumentExport,
    responses((status = 202, body = DocumentExportResponse)))]
pub(crate) async fn request_document_export(
    State(app): State<App>,
    caller: InCompany<may::DocumentsView>,
    body: Body<CreateDocumentExport>,
) -> ApiResult {
    let (authority, now) = (caller.authority(), caller.now());
    let CreateDocumentExport { documents, period, kind } = body.value;
    let period = period.map(|period| (period.from, period.before));
    let wanted = Wanted::of(documents, period, kind, now).map_err(|error| Problem::field(error.field(), error))?;
    let idempotency = body.idempotent.by(&caller.caller.user);
    let keys = |tenant: &Tenant| {
        let selected: Vec<_> = wanted.selection().iter().map(|id| tenant.document(id)).collect();
        (tenant.latest_document_export(), selected)
    };
    let (latest, selected) = app.api.store.load_once(&authority, now, idempotency.as_ref(), keys).await??;
    let selected: Vec<Option<Document>> = selected;
    if let Some(missing) = selected.iter().position(Option::is_none) {
        let field = format!("documents[{missing}]");
        return Err(Problem::not_found().naming(&field, "is not a document of this company").into());
    }
    let latest: Option<LatestDocumentExport> = latest;
    if let Some(latest) = &latest {
        let export = app.api.store.load(&authority, now, |tenant| tenant.document_export(&latest.export)).await?;
        if let Some(running) = export.filter(|export| export.is_running(now)) {
            let conflict = Problem::conflict("another archive of this company is being written", "running");
            return Err(conflict.current(&DocumentExportResponse::from(running)).into());
        }
    }

    let id = DocumentExportId::from_uuid(api::clock::new_uuid());
    let by = (&caller.caller.user, &caller.context.claims().name);
    let (export, event) = DocumentExport::request(id, &caller.company, wanted, by, now);
    let answer = Answer::accepted(&DocumentExportResponse::from(export.clone()))?;

    let mut change = app.api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.document_export(&export.id), None, &export);
    let pointer = LatestDocumentExport::after(latest.as_ref(), export.id.clone());
    change.put(Tenant::latest_document_export, latest.map(|latest| latest.version), &pointer);
    let org = Org::Company(caller.company.clone());
    for tally in Tally::of_document_export(&app.api.allowances, &caller.caller.user, &org, now) {
        change.count(&tally);
    }
    change.record(event);
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}
