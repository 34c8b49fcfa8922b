//! Comments on invoices and estimates. Each is on something that exists; none is ever changed.

use axum::extract::State;
use domain::{
    Name, Note, Permission, Reference, UserId, UtcTime,
    comment::{Comment, Topic},
    id::CommentId,
};
use edge::{Answer, Body, Edge, InContext, Outcome, PageQuery, Paged, Path, Problem, Query, clock};
use serde::{Deserialize, Serialize};
use store::{Entity, Key, Tenant};
use utoipa::ToSchema;

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
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
pub(crate) struct OneComment {
    comment: CommentView,
}

/// A page of comments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Comments {
    comments: Vec<CommentView>,
    #[serde(flatten)]
    paged: Paged,
}

/// What is to be said.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewComment {
    text: Note,
}

/// Lists the comments on an invoice, oldest first. Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/invoices/{reference}/comments", tag = "sales",
    params(("reference" = Reference, Path), PageQuery), responses((status = 200, body = Comments)))]
pub(crate) async fn list_invoice_comments(
    State(edge): State<Edge>,
    caller: InContext,
    Path(reference): Path<Reference>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let on = On { topic: Topic::Invoice, reference: &reference, key: Tenant::invoice };
    on.list(&edge, &caller, Permission::InvoicesView, &query).await
}

/// Comments on an invoice. Needs `invoices.comment`.
#[utoipa::path(post, path = "/v1/invoices/{reference}/comments", tag = "sales",
    params(("reference" = Reference, Path)), request_body = NewComment,
    responses((status = 201, body = OneComment)))]
pub(crate) async fn comment_on_invoice(
    State(edge): State<Edge>,
    caller: InContext,
    Path(reference): Path<Reference>,
    body: Body<NewComment>,
) -> Outcome {
    let on = On { topic: Topic::Invoice, reference: &reference, key: Tenant::invoice };
    on.comment(&edge, &caller, Permission::InvoicesComment, body).await
}

/// Lists the comments on an estimate, oldest first. Needs `estimates.view`.
#[utoipa::path(get, path = "/v1/estimates/{reference}/comments", tag = "sales",
    params(("reference" = Reference, Path), PageQuery), responses((status = 200, body = Comments)))]
pub(crate) async fn list_estimate_comments(
    State(edge): State<Edge>,
    caller: InContext,
    Path(reference): Path<Reference>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let on = On { topic: Topic::Estimate, reference: &reference, key: Tenant::estimate };
    on.list(&edge, &caller, Permission::EstimatesView, &query).await
}

/// Comments on an estimate. Needs `estimates.comment`.
#[utoipa::path(post, path = "/v1/estimates/{reference}/comments", tag = "sales",
    params(("reference" = Reference, Path)), request_body = NewComment,
    responses((status = 201, body = OneComment)))]
pub(crate) async fn comment_on_estimate(
    State(edge): State<Edge>,
    caller: InContext,
    Path(reference): Path<Reference>,
    body: Body<NewComment>,
) -> Outcome {
    let on = On { topic: Topic::Estimate, reference: &reference, key: Tenant::estimate };
    on.comment(&edge, &caller, Permission::EstimatesComment, body).await
}

/// What is commented on, and where it is kept.
struct On<'r, T> {
    topic: Topic,
    reference: &'r Reference,
    key: fn(&Tenant, &Reference) -> Key<T>,
}

impl<T: Entity> On<'_, T> {
    async fn list(self, edge: &Edge, caller: &InContext, permission: Permission, query: &PageQuery) -> Outcome {
        caller.company(permission)?;
        let request = query.request()?;
        let Self { topic, reference, key } = self;
        let (subject, page) = edge
            .store
            .beside(&caller.needs(permission), caller.now(), async |queries| {
                tokio::try_join!(
                    queries.get(|tenant| key(tenant, reference)),
                    queries.page(|tenant| tenant.comments(topic, reference), &request),
                )
            })
            .await?;
        subject.ok_or_else(Problem::not_found)?;
        let paged = Paged::from(&page);
        Answer::ok(&Comments { comments: page.items.into_iter().map(Into::into).collect(), paged })
    }

    async fn comment(self, edge: &Edge, caller: &InContext, permission: Permission, body: Body<NewComment>) -> Outcome {
        let company = caller.company(permission)?.clone();
        let authority = caller.needs(permission);
        let idempotency = body.idempotent.by(&caller.caller.user);
        // What the ledger has sent is never deleted, so what is there now is there at the commit.
        edge.store
            .load(&authority, caller.now(), idempotency.as_ref(), |tenant| (self.key)(tenant, self.reference))
            .await?
            .ok_or_else(Problem::not_found)?;

        let comment = Comment {
            id: CommentId::from_uuid(clock::new_uuid()),
            company,
            topic: self.topic,
            on: self.reference.clone(),
            text: body.value.text,
            by: caller.caller.user.clone(),
            by_name: Some(caller.context.claims().name.clone()),
            at: caller.now(),
        };

        let mut change = edge.store.change(&authority, caller.stamp());
        change.put(|tenant| tenant.comment(&comment), None, &comment);
        change.record(comment.fact());
        let answer = Answer::created(&OneComment { comment: comment.into() })?;
        change.answer(idempotency.as_ref(), answer.status(), answer.body());
        change.commit().await?;
        Ok(answer)
    }
}
