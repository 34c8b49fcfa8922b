//! Renames documents, changes their kind, and links and unlinks them.

use api::{Answer, ApiResult, Body, InCompany, Path, Problem};
use axum::extract::State;
use domain::{
    DocumentId,
    document::{Document, DocumentKind, DocumentLink, DocumentUpdate, FileName, UpdateError},
    permission::may,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{App, links, view::DocumentResponse};

/// A change to a document. What is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeDocument {
    /// Its ending must fit the type of the newest version; a name without one always fits.
    #[serde(default)]
    name: Option<FileName>,
    #[serde(default)]
    kind: Option<DocumentKind>,
    /// What it belongs to from now on, too.
    #[serde(default)]
    #[schema(max_items = 20)]
    link: Vec<DocumentLink>,
    /// What it no longer belongs to.
    #[serde(default)]
    #[schema(max_items = 20)]
    unlink: Vec<DocumentLink>,
}

/// Renames a document, changes its kind, or links and unlinks it.
///
/// Needs `documents.manage`.
#[utoipa::path(patch, path = "/v1/documents/{document}", params(("document" = DocumentId, Path)),
    request_body = ChangeDocument, responses((status = 200, body = DocumentResponse)))]
pub(crate) async fn change_document(
    State(app): State<App>,
    caller: InCompany<may::DocumentsManage>,
    Path(id): Path<DocumentId>,
    body: Body<ChangeDocument>,
) -> ApiResult {
    let authority = caller.authority();
    let ChangeDocument { name, kind, link, unlink } = body.value;
    for (field, links) in [("link", &link), ("unlink", &unlink)] {
        if links.len() > Document::MAX_LINKS {
            return Err(Problem::field(field, format!("must hold at most {} links", Document::MAX_LINKS)).into());
        }
    }
    let (document, targets) = app
        .api
        .store
        .load(&authority, caller.now(), |tenant| {
            let targets = link.iter().map(|link| links::target(tenant, link)).collect::<Vec<_>>();
            (tenant.document(&id), targets)
        })
        .await?;
    let document: Document = document.ok_or_else(Problem::not_found)?;
    links::check_all("link", &link, &targets)?;
    let update = DocumentUpdate { name, kind, link, unlink };
    let Some((changed, event)) = document.update(update).map_err(refusal)? else {
        return Answer::ok(&DocumentResponse::from(&document));
    };
    let mut change = app.api.store.change(&authority, caller.change_context());
    change.put_document(Some(&document), &changed);
    change.record(event);
    request_items::follow(&app.api.store, &authority, caller.now(), Some(&document), &changed, &mut change).await?;
    change.commit().await?;
    Answer::ok(&DocumentResponse::from(&changed))
}

fn refusal(error: UpdateError) -> Problem {
    match error {
        UpdateError::Deleted => Problem::conflict(error, "deleted"),
        UpdateError::TooManyLinks => Problem::field("link", error),
        UpdateError::Name(_) => Problem::field("name", error),
    }
}
