//! Comments on invoices, estimates and credit notes, for the company's people. A comment needs an existing document
//! and never changes. The customer's contacts have routes of their own, which show no internal comment.

use api::{Answer, Api, ApiError, ApiResult, Body, InCompany, PageInfo, PageQuery, Path, Problem, Query, clock};
use axum::extract::State;
use domain::{
    Name, Note, Reference, UserId, UtcTime,
    comment::{
        self, AuthorKind, Comment, CommentAuthor, CommentMarker, CommentReader, CommentVisibility, NewComment, Topic,
    },
    id::{CommentId, ContactId, FirmId},
    permission::{NeedsAll, may},
    sales::SentDocument,
};
use serde::{Deserialize, Serialize};
use store::{Attempt, CommentCounts, Entity, Key, Tenant, retry_on_conflict};
use utoipa::ToSchema;

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comment)]
pub(crate) struct CommentView {
    id: CommentId,
    text: Note,
    /// Whether the customer sees it.
    visibility: CommentVisibility,
    /// The comment that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<CommentId>,
    /// The company's people whom it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<UserId>,
    /// As what the author wrote it.
    written_as: AuthorKind,
    /// The author; absent for one who came through a hosted link.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_name: Option<Name>,
    /// The firm that the author acted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<FirmId>,
    /// Which contact of the customer the author is.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<ContactId>,
    at: UtcTime,
}

impl From<Comment> for CommentView {
    fn from(comment: Comment) -> Self {
        let CommentAuthor { kind, by, by_name, firm, contact } = comment.author;
        Self {
            id: comment.id,
            text: comment.text,
            visibility: comment.visibility,
            reply_to: comment.reply_to,
            mentions: comment.mentions,
            written_as: kind,
            by,
            by_name,
            firm,
            contact,
            at: comment.at,
        }
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
    /// The last comment that you have read.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_up_to: Option<CommentId>,
    /// How many comments of others, of the newest 100, you have not read.
    unread_count: usize,
    #[serde(flatten)]
    paged: PageInfo,
}

/// A new comment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateComment {
    text: Note,
    /// Whether the customer sees it. Default: `internal`, the company's own people alone.
    #[serde(default)]
    visibility: CommentVisibility,
    /// The comment that it answers. The answer to an internal comment is internal.
    #[serde(default)]
    reply_to: Option<CommentId>,
    /// Up to 10 members of the company, or bookkeepers who are assigned to it.
    #[serde(default)]
    #[schema(max_items = 10)]
    mentions: Vec<UserId>,
}

/// How far the comments were read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkCommentsRead {
    /// The last comment that was read.
    up_to: CommentId,
}

const INVOICE: On<domain::invoice::Invoice> = On { topic: Topic::Invoice, key: Tenant::invoice };
const ESTIMATE: On<domain::estimate::Estimate> = On { topic: Topic::Estimate, key: Tenant::estimate };
const CREDIT_NOTE: On<domain::credit_note::CreditNote> = On { topic: Topic::CreditNote, key: Tenant::credit_note };

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
    INVOICE.list(&api, &caller, &reference, &query).await
}

/// Comments on an invoice.
///
/// The customer sees what is for the customer; a draft has internal comments only.
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
    INVOICE.comment(&api, &caller, &reference, body).await
}

/// Notes how far the caller has read the comments on an invoice.
///
/// Needs `invoices.view`.
#[utoipa::path(post, path = "/v1/invoices/{reference}/comments/read",
    params(("reference" = Reference, Path)), request_body = MarkCommentsRead, responses((status = 204)))]
pub(crate) async fn read_invoice_comments(
    State(api): State<Api>,
    caller: InCompany<may::InvoicesView>,
    Path(reference): Path<Reference>,
    body: Body<MarkCommentsRead>,
) -> ApiResult {
    INVOICE.read(&api, &caller, &reference, &body.value.up_to).await
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
    ESTIMATE.list(&api, &caller, &reference, &query).await
}

/// Comments on an estimate.
///
/// The customer sees what is for the customer; a draft has internal comments only.
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
    ESTIMATE.comment(&api, &caller, &reference, body).await
}

/// Notes how far the caller has read the comments on an estimate.
///
/// Needs `estimates.view`.
#[utoipa::path(post, path = "/v1/estimates/{reference}/comments/read",
    params(("reference" = Reference, Path)), request_body = MarkCommentsRead, responses((status = 204)))]
pub(crate) async fn read_estimate_comments(
    State(api): State<Api>,
    caller: InCompany<may::EstimatesView>,
    Path(reference): Path<Reference>,
    body: Body<MarkCommentsRead>,
) -> ApiResult {
    ESTIMATE.read(&api, &caller, &reference, &body.value.up_to).await
}

/// Lists the comments on a credit note, oldest first.
///
/// Needs `invoices.view`.
#[utoipa::path(get, path = "/v1/credit-notes/{reference}/comments",
    params(("reference" = Reference, Path), PageQuery), responses((status = 200, body = CommentPage)))]
pub(crate) async fn list_credit_note_comments(
    State(api): State<Api>,
    caller: InCompany<may::InvoicesView>,
    Path(reference): Path<Reference>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    CREDIT_NOTE.list(&api, &caller, &reference, &query).await
}

/// Comments on a credit note.
///
/// The customer sees what is for the customer; a draft has internal comments only.
///
/// Needs `invoices.comment`.
#[utoipa::path(post, path = "/v1/credit-notes/{reference}/comments",
    params(("reference" = Reference, Path)), request_body = CreateComment,
    responses((status = 201, body = CommentResponse)))]
pub(crate) async fn comment_on_credit_note(
    State(api): State<Api>,
    caller: InCompany<may::InvoicesComment>,
    Path(reference): Path<Reference>,
    body: Body<CreateComment>,
) -> ApiResult {
    CREDIT_NOTE.comment(&api, &caller, &reference, body).await
}

/// Notes how far the caller has read the comments on a credit note.
///
/// Needs `invoices.view`.
#[utoipa::path(post, path = "/v1/credit-notes/{reference}/comments/read",
    params(("reference" = Reference, Path)), request_body = MarkCommentsRead, responses((status = 204)))]
pub(crate) async fn read_credit_note_comments(
    State(api): State<Api>,
    caller: InCompany<may::InvoicesView>,
    Path(reference): Path<Reference>,
    body: Body<MarkCommentsRead>,
) -> ApiResult {
    CREDIT_NOTE.read(&api, &caller, &reference, &body.value.up_to).await
}

/// A kind of sales document that is commented on, and its place in the table.
struct On<T> {
    topic: Topic,
    key: fn(&Tenant, &Reference) -> Key<T>,
}

impl<T: Entity + SentDocument> On<T> {
    async fn list<N: NeedsAll>(
        &self,
        api: &Api,
        caller: &InCompany<N>,
        reference: &Reference,
        query: &PageQuery,
    ) -> ApiResult {
        let request = query.request()?;
        let reader = reader(caller);
        let (document, thread) = api
            .store
            .load_and_query(
                &caller.authority(),
                caller.now(),
                |tenant| (self.key)(tenant, reference),
                async |queries| queries.comment_thread(self.topic, reference, &reader, &request, |_| true).await,
            )
            .await?;
        document.ok_or_else(Problem::not_found)?;
        let paged = PageInfo::from(&thread.page);
        let CommentCounts { unread_count, .. } = thread.counts;
        Answer::ok(&CommentPage {
            comments: thread.page.items.into_iter().map(Into::into).collect(),
            read_up_to: thread.marker.map(|marker| marker.read_up_to),
            unread_count,
            paged,
        })
    }

    async fn comment<N: NeedsAll>(
        &self,
        api: &Api,
        caller: &InCompany<N>,
        on: &Reference,
        body: Body<CreateComment>,
    ) -> ApiResult {
        let authority = caller.authority();
        let idempotency = body.idempotent.by(&caller.caller.user);
        let CreateComment { text, visibility, reply_to, mentions } = body.value;
        if mentions.len() > comment::MAX_MENTIONS {
            let error = comment::CommentError::TooManyMentions;
            return Err(Problem::field(&error.field(), error).into());
        }
        let (topic, now) = (self.topic, caller.now());
        // Documents are never deleted, so one that exists now exists at the commit.
        let ((document, answered, members), bookkeepers) = api
            .store
            .load_once_and_query(
                &authority,
                now,
                idempotency.as_ref(),
                |tenant| {
                    let answered = reply_to.as_ref().map(|id| tenant.comment(topic, on, id));
                    let members: Vec<_> = mentions.iter().map(|user| tenant.member(user)).collect();
                    ((self.key)(tenant, on), answered, members)
                },
                async |queries| queries.assigned_to_mention(&caller.company, &mentions).await,
            )
            .await??;
        let document = document.ok_or_else(Problem::not_found)?;
        if !document.is_sent() && visibility == CommentVisibility::Customer {
            return Err(Problem::field("visibility", "must be internal: the customer does not see a draft").into());
        }
        let members: Vec<_> = members.into_iter().flatten().collect();
        let people = comment::mentionable(&members, &bookkeepers, now);

        let new = NewComment {
            id: CommentId::from_uuid(clock::new_uuid()),
            company: caller.company.clone(),
            topic,
            on: on.clone(),
            customer: Some(document.customer().clone()),
            visibility,
            text,
            reply_to,
            mentions,
            author: CommentAuthor::of_company(
                caller.context.acting_as(),
                caller.caller.user.clone(),
                caller.context.claims().name.clone(),
            ),
            at: now,
        };
        let answered = answered.flatten();
        let (comment, event) = comment::add(new, answered.as_ref(), |user| people.contains(user))
            .map_err(|error| Problem::field(&error.field(), error))?;
        let mut change = api.store.change(&authority, caller.change_context());
        change.put(|tenant| tenant.comment(topic, on, &comment.id), None, &comment);
        change.record(event);
        Ok(Answer::created(&CommentResponse { comment: comment.into() })?
            .commit(change, idempotency.as_ref())
            .await??)
    }

    async fn read<N: NeedsAll>(
        &self,
        api: &Api,
        caller: &InCompany<N>,
        on: &Reference,
        up_to: &CommentId,
    ) -> ApiResult {
        let authority = caller.authority();
        let reader = reader(caller);
        retry_on_conflict(async || {
            let (document, comment, known) = api
                .store
                .load(&authority, caller.now(), |tenant| {
                    let marker = tenant.comment_marker(&reader, self.topic, on);
                    ((self.key)(tenant, on), tenant.comment(self.topic, on, up_to), marker)
                })
                .await?;
            document.ok_or_else(Problem::not_found)?;
            let comment = comment.ok_or_else(|| Problem::field("up_to", "is not a comment on this document"))?;
            if let Some(marker) = CommentMarker::moved(known.as_ref(), reader.clone(), &comment) {
                let mut change = api.store.change(&authority, caller.change_context());
                let version = known.map(|known| known.version);
                change.put(|tenant| tenant.comment_marker(&reader, self.topic, on), version, &marker);
                change.commit().await?;
            }
            Ok::<_, Attempt<ApiError>>(())
        })
        .await?;
        Ok(Answer::nothing())
    }
}

fn reader<N>(caller: &InCompany<N>) -> CommentReader {
    CommentReader::Company { user: caller.caller.user.clone() }
}
