//! Comments on invoices, credit notes and estimates. A comment needs an existing document and never changes.

use api::{Answer, Api, ApiResult, Body, InCompany, PageInfo, PageQuery, Path, Problem, Query, clock};
use axum::extract::State;
use domain::{
    Name, Note, Reference, UserId, UtcTime,
    comment::{Comment, Topic},
    id::CommentId,
    permission::{NeedsAll, may},
};
use serde::{Deserialize, Serialize};
use store::{Entity, Key, Tenant};
use utoipa::ToSchema;

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comment)]
pub(crate) struct CommentView {
    id: CommentId,
    text: Note,
    by: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_name: Option<Name>,
    at: UtcTime,
}

impl From<Comment> for CommentView {
    fn from(comment: Comment) -> Self {
        Self { id: comment.id, text: comment.text, by: comment.by, by_name: comment.by_name, at: comment.at }
    }
}

/// One comment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommentResponse {
    comment: CommentView,
}

/// A page of comments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommentPage {
    comments: Vec<CommentView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// A new comment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateComment {
    text: Note,
}

/// Lists the comments on an invoice, oldest first.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/invoices/{reference}/comments",
    params(("reference" = Reference, Path), PageQuery), responses((status = 200, body = CommentPage)))]
pub(crate) async fn list_invoice_comments(
    State(api): State<Api>,
    caller: InCompany<may::InvoicesView>,
    Path(reference): Path<Reference>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let on = On { topic: Topic::Invoice, reference: &reference, key: Tenant::invoice };
    on.list(&api, &caller, &query).await
}

/// Comments on an invoice.
///
/// Needs `invoices.comment`.
#[utoipa::path(post, path = "/v1/invoices/{reference}/comments",
    params(("reference" = Reference, Path)), request_body = CreateComment,
    responses((status = 201, body = CommentResponse)))]
pub(crate) async fn comment_on_invoice(
    State(api): State<Api>,
    caller: InCompany<may::InvoicesComment>,
    Path(reference): Path<Reference>,
    body: Body<CreateComment>,
) -> ApiResult {
    let on = On { topic: Topic::Invoice, reference: &reference, key: Tenant::invoice };
    on.comment(&api, &caller, body).await
}

/// Lists the comments on an estimate, oldest first.
///
/// Needs `estimates.view`.
#[utoipa::path(get, path = "/v1/estimates/{reference}/comments",
    params(("reference" = Reference, Path), PageQuery), responses((status = 200, body = CommentPage)))]
pub(crate) async fn list_estimate_comments(
    State(api): State<Api>,
    caller: InCompany<may::EstimatesView>,
    Path(reference): Path<Reference>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let on = On { topic: Topic::Estimate, reference: &reference, key: Tenant::estimate };
    on.list(&api, &caller, &query).await
}

/// Comments on an estimate.
///
/// Needs `estimates.comment`.
#[utoipa::path(post, path = "/v1/estimates/{reference}/comments",
    params(("reference" = Reference, Path)), request_body = CreateComment,
    responses((status = 201, body = CommentResponse)))]
pub(crate) async fn comment_on_estimate(
    State(api): State<Api>,
    caller: InCompany<may::EstimatesComment>,
    Path(reference): Path<Reference>,
    body: Body<CreateComment>,
) -> ApiResult {
    let on = On { topic: Topic::Estimate, reference: &reference, key: Tenant::estimate };
    on.comment(&api, &caller, body).await
}

/// The commented document and its place in the table.
struct On<'r, T> {
    topic: Topic,
    reference: &'r Reference,
    key: fn(&Tenant, &Reference) -> Key<T>,
}

impl<T: Entity> On<'_, T> {
    async fn list<N: NeedsAll>(self, api: &Api, caller: &InCompany<N>, query: &PageQuery) -> ApiResult {
        let request = query.request()?;
        let Self { topic, reference, key } = self;
        let (subject, page) = api
            .store
            .query_authorized(&caller.authority(), caller.now(), async |queries| {
                tokio::try_join!(
                    queries.get(|tenant| key(tenant, reference)),
                    queries.page(|tenant| tenant.comments(topic, reference), &request),
                )
            })
            .await?;
        subject.ok_or_else(Problem::not_found)?;
        let paged = PageInfo::from(&page);
        Answer::ok(&CommentPage { comments: page.items.into_iter().map(Into::into).collect(), paged })
    }

    async fn comment<N: NeedsAll>(self, api: &Api, caller: &InCompany<N>, body: Body<CreateComment>) -> ApiResult {
        let authority = caller.authority();
        let idempotency = body.idempotent.by(&caller.caller.user);
        // Documents are never deleted, so one that exists now exists at the commit.
        api.store
            .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| (self.key)(tenant, self.reference))
            .await??
            .ok_or_else(Problem::not_found)?;

        let comment = Comment {
            id: CommentId::from_uuid(clock::new_uuid()),
            company: caller.company.clone(),
            topic: self.topic,
            on: self.reference.clone(),
            text: body.value.text,
            by: caller.caller.user.clone(),
            by_name: Some(caller.context.claims().name.clone()),
            at: caller.now(),
            internal_to: None,
        };

        let mut change = api.store.change(&authority, caller.change_context());
        change.put(|tenant| tenant.comment(&comment), None, &comment);
        change.record(comment.event());
        Ok(Answer::created(&CommentResponse { comment: comment.into() })?
            .commit(change, idempotency.as_ref())
            .await??)
    }
}
