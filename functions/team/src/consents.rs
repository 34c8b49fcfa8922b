//! Lists the consent texts that a company agreed to before a firm entered its books.

use api::{Answer, Api, ApiResult, InOrg, PageInfo, PageQuery, Path, Problem, Query};
use axum::extract::State;
use domain::{CompanyId, FirmId, Org, UserId, UtcTime, consent::Consent, language::Language, permission::may};
use serde::Serialize;
use utoipa::ToSchema;

/// A consent, as it was given.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Consent)]
pub(crate) struct ConsentView {
    company: CompanyId,
    firm: FirmId,
    /// The version of the wording.
    version: String,
    /// The language in which the text was shown.
    language: Language,
    /// The text in full, as it was shown.
    text: String,
    /// The text's SHA-256, in hexadecimal.
    digest: String,
    given_at: UtcTime,
    given_by: UserId,
}

impl From<Consent> for ConsentView {
    fn from(consent: Consent) -> Self {
        let Consent { company, firm, version, language, text, digest, at, by } = consent;
        Self { company, firm, version, language, text, digest, given_at: at, given_by: by }
    }
}

/// A page of consents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentPage {
    consents: Vec<ConsentView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Lists the company's consents to the firm's access, oldest first.
///
/// `org` is the other side. Consents are kept when the connection ends. There are none where the company
/// invited the firm, and none with an org that was never connected.
///
/// Needs `connections.view` in a company, `clients.view` in a firm.
#[utoipa::path(get, path = "/v1/connections/{org}/consents", params(("org" = String, Path), PageQuery),
    responses((status = 200, body = ConsentPage)))]
pub(crate) async fn list_consents(
    State(api): State<Api>,
    caller: InOrg<may::ConnectionsView, may::ClientsView>,
    Path(org): Path<String>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let (other, request): (Option<Org>, _) = (org.parse().ok(), query.request()?);
    let found = api
        .store
        .query_authorized(&caller.authority(), caller.now(), async |queries| {
            match other.and_then(|other| queries.tenant().consents(&other)) {
                Some(listing) => queries.page(|_| listing, &request).await.map(Some),
                None => Ok(None),
            }
        })
        .await?;
    let page = found.ok_or_else(Problem::not_found)?;
    let paged = PageInfo::from(&page);
    Answer::ok(&ConsentPage { consents: page.items.into_iter().map(ConsentView::from).collect(), paged })
}
