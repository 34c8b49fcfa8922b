//! What a company agreed to before a firm entered its books, for whoever must show it later.

use axum::extract::State;
use domain::{CompanyId, FirmId, Org, UserId, UtcTime, consent::Consent};
use edge::{Answer, Edge, InContext, Outcome, PageQuery, Paged, Path, Problem, Query};
use serde::Serialize;
use utoipa::ToSchema;

use crate::connections::viewing;

/// An agreement, as it was given.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConsentView {
    company: CompanyId,
    firm: FirmId,
    /// The version of the wording.
    version: String,
    /// The text in full, as it was shown.
    text: String,
    /// The text's SHA-256, in hexadecimal.
    digest: String,
    given_at: UtcTime,
    given_by: UserId,
}

impl From<Consent> for ConsentView {
    fn from(consent: Consent) -> Self {
        let Consent { company, firm, version, text, digest, at, by } = consent;
        Self { company, firm, version, text, digest, given_at: at, given_by: by }
    }
}

/// A page of consents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Consents {
    consents: Vec<ConsentView>,
    #[serde(flatten)]
    paged: Paged,
}

/// Lists what the company agreed to for the firm, oldest first; `org` is the other side. Kept when the
/// connection ends. None where the company invited the firm of its own accord, and none with an org
/// that nothing connects. Needs `connections.view` in a company, `clients.view` in a firm.
#[utoipa::path(get, path = "/v1/connections/{org}/consents", tag = "team", params(("org" = String, Path), PageQuery),
    responses((status = 200, body = Consents)))]
pub(crate) async fn list_consents(
    State(edge): State<Edge>,
    caller: InContext,
    Path(org): Path<String>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let authority = caller.needs(viewing(&caller.context.seat().org()));
    let (other, request): (Option<Org>, _) = (org.parse().ok(), query.request()?);
    let found = edge
        .store
        .beside(&authority, caller.now(), async |queries| {
            match other.and_then(|other| queries.tenant().consents(&other)) {
                Some(listing) => queries.page(|_| listing, &request).await.map(Some),
                None => Ok(None),
            }
        })
        .await?;
    let page = found.ok_or_else(Problem::not_found)?;
    let paged = Paged::from(&page);
    Answer::ok(&Consents { consents: page.items.into_iter().map(ConsentView::from).collect(), paged })
}
