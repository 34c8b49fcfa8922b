//! Lists documents in pages and shows one. A page costs the same however long the list is: each filter has an index
//! of its own, and further filters are applied to what it finds.

use api::{Answer, ApiResult, InCompany, PageInfo, Path, Problem, Query, paging::page_request};
use axum::extract::State;
use domain::{
    CompanyId, DocumentId, UserId, UtcTime,
    content_digest::ContentDigest,
    document::{Document, DocumentKind, DocumentLink, DocumentState, ListedDocument},
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::{Entity, LinkedDocument, Listing, Page, PageRequest, Tenant};
use utoipa::{IntoParams, ToSchema};

use crate::{
    App,
    view::{DocumentDetails, DocumentView, DownloadView},
};

/// The longest name prefix that can be searched for, in characters.
const MAX_BEGINNING_CHARS: usize = 60;

/// A page of documents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentPage {
    documents: Vec<DocumentView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Filters for the list of documents.
#[derive(Debug, Clone, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhichDocuments {
    /// Only documents of this kind.
    #[serde(default)]
    kind: Option<DocumentKind>,
    /// Only documents in this state. Default: all but the deleted ones.
    #[serde(default)]
    state: Option<DocumentState>,
    /// Only documents whose newest version this person uploads.
    #[serde(default)]
    uploaded_by: Option<UserId>,
    /// Only documents that belong to this: `transaction:REFERENCE` or `request_item:REQUEST:ITEM`.
    #[serde(default)]
    link: Option<String>,
    /// Only documents whose name begins with this text, in upper or lower case; at most 60 characters. Sorts by name.
    #[serde(default)]
    name: Option<String>,
    /// Only documents that were declared at this time or later.
    #[serde(default)]
    from: Option<UtcTime>,
    /// Only documents that were declared before this time.
    #[serde(default)]
    before: Option<UtcTime>,
    #[serde(default)]
    #[serde(skip_serializing)]
    limit: Option<u16>,
    #[serde(default)]
    #[serde(skip_serializing)]
    cursor: Option<String>,
}

/// The filters, read.
#[derive(Debug, Clone)]
struct Filter {
    which: WhichDocuments,
    link: Option<DocumentLink>,
}

impl Filter {
    fn of(which: WhichDocuments) -> Result<Self, Problem> {
        let link = which.link.as_deref().map(str::parse::<DocumentLink>).transpose();
        let link = link.map_err(|error| Problem::field("link", error))?;
        let beginning = which.name.as_deref().unwrap_or_default();
        if beginning.chars().count() > MAX_BEGINNING_CHARS {
            return Err(Problem::field("name", format!("is longer than {MAX_BEGINNING_CHARS} characters")));
        }
        Ok(Self { which, link })
    }

    /// Whether a document fits every filter. The index that is read answers one or two of them already.
    fn keeps(&self, listed: &ListedDocument) -> bool {
        let which = &self.which;
        let beginning = which.name.as_deref().unwrap_or_default().to_lowercase();
        let state_fits = match which.state {
            Some(state) => listed.state == state,
            None => listed.state != DocumentState::Deleted,
        };
        state_fits
            && which.kind.is_none_or(|kind| listed.kind == kind)
            && which.uploaded_by.as_ref().is_none_or(|user| listed.uploaded_by.user.as_ref() == Some(user))
            && self.link.as_ref().is_none_or(|link| listed.links.contains(link))
            && listed.name.as_str().to_lowercase().starts_with(&beginning)
            && which.from.is_none_or(|from| listed.created_at >= from)
            && which.before.is_none_or(|before| listed.created_at < before)
    }

    /// A cursor opens no list with other filters.
    fn bound<T>(&self, listing: Listing<T>) -> Listing<T> {
        listing.narrowed_to(ContentDigest::of(&self.which).into())
    }
}

/// Lists the company's documents, the newest first.
///
/// Several filters together are one list; a page of it may then be short, and still say where to go on. A document that
/// was declared or changed a moment ago may be missing where a filter other than the time is given.
///
/// Needs `documents.view`.
#[utoipa::path(get, path = "/v1/documents", params(WhichDocuments), responses((status = 200, body = DocumentPage)))]
pub(crate) async fn list_documents(
    State(app): State<App>,
    caller: InCompany<may::DocumentsView>,
    Query(which): Query<WhichDocuments>,
) -> ApiResult {
    let request = page_request(which.limit, which.cursor.clone())?;
    let filter = Filter::of(which)?;
    let here = Here { app: &app, caller: &caller, filter: &filter, request: &request };
    let which = &filter.which;
    let (from, before) = (which.from, which.before);
    let company: &CompanyId = &caller.company;
    let name = which.name.as_deref().filter(|name| !name.is_empty());
    let page = if let Some(link) = &filter.link {
        here.page(
            |tenant| tenant.documents_linked_to(link).declared(from, before),
            |linked: &LinkedDocument| linked.0.clone(),
        )
        .await?
    } else if which.state == Some(DocumentState::Deleted) {
        here.page(|tenant| tenant.documents_in(DocumentState::Deleted, from, before), Document::listed).await?
    } else if let Some(name) = name {
        here.page(|tenant| tenant.documents_named(company, name), Document::listed).await?
    } else if let Some(user) = &which.uploaded_by {
        let listing = |tenant: &Tenant| tenant.documents_of_uploader(company, user).declared(from, before);
        here.page(listing, ListedDocument::clone).await?
    } else if let Some(state) = which.state {
        here.page(|tenant| tenant.documents_in(state, from, before), Document::listed).await?
    } else if let Some(kind) = which.kind {
        here.page(|tenant| tenant.documents_of_kind(kind).declared(from, before), ListedDocument::clone).await?
    } else {
        here.page(|tenant| tenant.documents().declared(from, before), ListedDocument::clone).await?
    };
    Answer::ok(&page)
}

/// A request for one page.
struct Here<'a> {
    app: &'a App,
    caller: &'a InCompany<may::DocumentsView>,
    filter: &'a Filter,
    request: &'a PageRequest,
}

impl Here<'_> {
    async fn page<T: Entity>(
        &self,
        listing: impl FnOnce(&Tenant) -> Listing<T>,
        listed: impl Fn(&T) -> ListedDocument,
    ) -> ApiResult<DocumentPage> {
        let page: Page<T> = self
            .app
            .api
            .store
            .page_matching(
                &self.caller.authority(),
                self.caller.now(),
                |tenant| self.filter.bound(listing(tenant)),
                self.request,
                |entity| self.filter.keeps(&listed(entity)),
            )
            .await?;
        let paged = PageInfo::from(&page);
        let documents = page.items.iter().map(|entity| listed(entity).into()).collect();
        Ok(DocumentPage { documents, paged })
    }
}

/// One document, and who was given a link to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShownDocument {
    document: DocumentDetails,
    /// The last 25 links that people were given to download it, the newest first.
    downloads: Vec<DownloadView>,
}

/// Shows a document with its versions, and who downloaded it.
///
/// A deleted one is shown as such.
///
/// Needs `documents.view`.
#[utoipa::path(get, path = "/v1/documents/{document}", params(("document" = DocumentId, Path)),
    responses((status = 200, body = ShownDocument)))]
pub(crate) async fn get_document(
    State(app): State<App>,
    caller: InCompany<may::DocumentsView>,
    Path(id): Path<DocumentId>,
) -> ApiResult {
    let request = PageRequest::default();
    let (document, downloads) = app
        .api
        .store
        .load_and_query(
            &caller.authority(),
            caller.now(),
            |tenant| tenant.document(&id),
            async |queries| queries.page(|tenant| tenant.document_downloads(&id), &request).await,
        )
        .await?;
    let document: Document = document.ok_or_else(Problem::not_found)?;
    let downloads = downloads.items.into_iter().map(DownloadView::from).collect();
    Answer::ok(&ShownDocument { document: (&document).into(), downloads })
}

#[cfg(test)]
mod tests {
    use domain::document::{Checksum, FileDeclaration, FileType, Uploader, declare};

    use super::*;

    fn listed() -> ListedDocument {
        let file = FileDeclaration {
            name: "Recibo Ünico.pdf".parse().unwrap(),
            size: 10.try_into().unwrap(),
            file_type: FileType::Pdf,
            sha256: Checksum::of([1; 32]),
            uploaded_by: Uploader::person("bea".parse().unwrap(), "Bea".parse().unwrap(), None),
            expires_at: UtcTime::EPOCH,
        };
        let company = "co_00000000000000000000000000000001".parse().unwrap();
        let id = "doc_00000000000000000000000000000001".parse().unwrap();
        let link = "transaction:T-1".parse().unwrap();
        let now = UtcTime::EPOCH.plus_s(100);
        declare(id, &company, None, file, DocumentKind::Receipt, Some(link), now).unwrap().document.listed()
    }

    fn keeps(which: WhichDocuments) -> bool {
        Filter::of(which).unwrap().keeps(&listed())
    }

    #[test]
    fn a_document_is_listed_only_if_every_filter_fits() {
        let none = WhichDocuments::default;
        for (which, fits) in [
            (none(), true),
            (WhichDocuments { kind: Some(DocumentKind::Receipt), name: Some("recibo ü".to_owned()), ..none() }, true),
            (WhichDocuments { kind: Some(DocumentKind::Tax), name: Some("recibo".to_owned()), ..none() }, false),
            (WhichDocuments { state: Some(DocumentState::Clean), ..none() }, false),
            (WhichDocuments { uploaded_by: Some("ben".parse().unwrap()), ..none() }, false),
            (WhichDocuments { link: Some("transaction:T-1".to_owned()), ..none() }, true),
            (WhichDocuments { link: Some("transaction:T-2".to_owned()), ..none() }, false),
            (WhichDocuments { from: Some(UtcTime::EPOCH.plus_s(101)), ..none() }, false),
            (WhichDocuments { before: Some(UtcTime::EPOCH.plus_s(100)), ..none() }, false),
        ] {
            assert_eq!(keeps(which.clone()), fits, "{which:?}");
        }
    }

    #[test]
    fn a_link_that_cannot_be_read_names_its_field() {
        let which = WhichDocuments { link: Some("invoice:1".to_owned()), ..WhichDocuments::default() };
        assert_eq!(Filter::of(which).unwrap_err().errors()[0].field, "link");
    }
}
