//! Comments on documents: visible to everybody who sees the document, or internal to the firm of their author.

use api::{Answer, ApiError, ApiResult, Body, InCompany, PageInfo, PageQuery, Path, Problem, Query, clock};
use axum::extract::State;
use domain::{
    DocumentId, Name, Note, Reference, UserId, UtcTime,
    comment::{
        self, Comment, CommentAuthor, CommentError, CommentMarker, CommentReader, CommentVisibility, NewComment, Topic,
    },
    document::Document,
    id::CommentId,
    org::Member,
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::{Attempt, retry_on_conflict};
use utoipa::ToSchema;

use crate::App;

/// A comment on a document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DocumentComment)]
pub(crate) struct CommentView {
    id: CommentId,
    text: Note,
    /// The company's people whom it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_name: Option<Name>,
    at: UtcTime,
    /// Whether only the people of your firm see it.
    internal: bool,
}

impl From<Comment> for CommentView {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id,
            text: comment.text,
            mentions: comment.mentions,
            by: comment.author.by,
            by_name: comment.author.by_name,
            at: comment.at,
            internal: comment.internal_to.is_some(),
        }
    }
}

/// One comment on a document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentCommentResponse {
    comment: CommentView,
}

/// A page of comments on a document.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentCommentPage {
    comments: Vec<CommentView>,
    /// The last comment that you have read.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_up_to: Option<CommentId>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// A new comment on a document.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateDocumentComment {
    text: Note,
    /// Whether only the people of the firm that you act for see it. Default: `false`, everybody who sees the document.
    #[serde(default)]
    internal: bool,
    /// Up to 10 members of the company, or bookkeepers who are assigned to it; in an internal comment, bookkeepers of the
    /// firm alone.
    #[serde(default)]
    #[schema(max_items = 10)]
    mentions: Vec<UserId>,
}

/// How far the comments on a document were read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkDocumentCommentsRead {
    /// The last comment that was read.
    up_to: CommentId,
}

/// Documents and what the ledger names share the keys of comments; an id is a reference by its alphabet.
fn reference(id: &DocumentId) -> Result<Reference, Problem> {
    id.as_str().parse().map_err(Problem::internal)
}

/// Lists the comments on a document, oldest first.
///
/// A page may be short, and still say where to go on: internal comments of other firms are left out.
///
/// Needs `documents.view`.
#[utoipa::path(get, path = "/v1/documents/{document}/comments",
    params(("document" = DocumentId, Path), PageQuery), responses((status = 200, body = DocumentCommentPage)))]
pub(crate) async fn list_document_comments(
    State(app): State<App>,
    caller: InCompany<may::DocumentsView>,
    Path(id): Path<DocumentId>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let request = query.request()?;
    let on = reference(&id)?;
    let firm = caller.context.acting_as().firm();
    let reader = CommentReader::Company { user: caller.caller.user.clone() };
    let ((document, marker), page) = app
        .api
        .store
        .load_and_query(
            &caller.authority(),
            caller.now(),
            |tenant| (tenant.document(&id), tenant.comment_marker(&reader, Topic::Document, &on)),
            async |queries| {
                let seen = |comment: &Comment| comment.is_visible_to(firm);
                queries.page_matching(|tenant| tenant.comments(Topic::Document, &on), &request, seen).await
            },
        )
        .await?;
    let _: Document = document.ok_or_else(Problem::not_found)?;
    let paged = PageInfo::from(&page);
    Answer::ok(&DocumentCommentPage {
        comments: page.items.into_iter().map(Into::into).collect(),
        read_up_to: marker.map(|marker| marker.read_up_to),
        paged,
    })
}

/// Notes how far the caller has read the comments on a document.
///
/// Needs `documents.view`.
#[utoipa::path(post, path = "/v1/documents/{document}/comments/read", params(("document" = DocumentId, Path)),
    request_body = MarkDocumentCommentsRead, responses((status = 204)))]
pub(crate) async fn read_document_comments(
    State(app): State<App>,
    caller: InCompany<may::DocumentsView>,
    Path(id): Path<DocumentId>,
    body: Body<MarkDocumentCommentsRead>,
) -> ApiResult {
    let (authority, on, up_to) = (caller.authority(), reference(&id)?, &body.value.up_to);
    let firm = caller.context.acting_as().firm();
    let reader = CommentReader::Company { user: caller.caller.user.clone() };
    retry_on_conflict(async || {
        let (document, comment, known) = app
            .api
            .store
            .load(&authority, caller.now(), |tenant| {
                let marker = tenant.comment_marker(&reader, Topic::Document, &on);
                (tenant.document(&id), tenant.comment(Topic::Document, &on, up_to), marker)
            })
            .await?;
        let _: Document = document.ok_or_else(Problem::not_found)?;
        let comment = comment.filter(|comment| comment.is_visible_to(firm));
        let comment = comment.ok_or_else(|| Problem::field("up_to", "is not a comment on this document"))?;
        if let Some(marker) = CommentMarker::moved(known.as_ref(), reader.clone(), &comment) {
            let mut change = app.api.store.change(&authority, caller.change_context());
            let version = known.map(|known| known.version);
            change.put(|tenant| tenant.comment_marker(&reader, Topic::Document, &on), version, &marker);
            change.commit().await?;
        }
        Ok::<_, Attempt<ApiError>>(())
    })
    .await?;
    Ok(Answer::nothing())
}

/// Comments on a document.
///
/// Needs `documents.upload`.
#[utoipa::path(post, path = "/v1/documents/{document}/comments",
    params(("document" = DocumentId, Path)), request_body = CreateDocumentComment,
    responses((status = 201, body = DocumentCommentResponse)))]
pub(crate) async fn comment_on_document(
    State(app): State<App>,
    caller: InCompany<may::DocumentsUpload>,
    Path(id): Path<DocumentId>,
    body: Body<CreateDocumentComment>,
) -> ApiResult {
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let firm = caller.context.acting_as().firm().cloned();
    let CreateDocumentComment { text, internal, mentions } = body.value;
    if internal && firm.is_none() {
        return Err(Problem::field("internal", "is for people who act for a firm").into());
    }
    let internal_to = firm.filter(|_| internal);
    if mentions.len() > comment::MAX_MENTIONS {
        let error = CommentError::TooManyMentions;
        return Err(Problem::field(&error.field(), error).into());
    }
    // The item of a document stays, even that of a deleted one, so one that exists now exists at the commit.
    let ((document, members), mut assigned) = app
        .api
        .store
        .load_once_and_query(
            &authority,
            caller.now(),
            idempotency.as_ref(),
            |tenant| (tenant.document(&id), mentions.iter().map(|user| tenant.member(user)).collect::<Vec<_>>()),
            async |queries| queries.assigned_to_mention(&caller.company, &mentions).await,
        )
        .await??;
    let _: Document = document.ok_or_else(Problem::not_found)?;
    let mut members: Vec<Member> = members.into_iter().flatten().collect();
    // Nobody else sees what is internal to a firm.
    if let Some(firm) = &internal_to {
        members.clear();
        assigned.retain(|assignment| assignment.firm == *firm);
    }
    let people = comment::mentionable(&members, &assigned, caller.now());

    let new = NewComment {
        id: CommentId::from_uuid(clock::new_uuid()),
        company: caller.company.clone(),
        topic: Topic::Document,
        on: reference(&id)?,
        customer: None,
        visibility: CommentVisibility::Internal,
        text,
        reply_to: None,
        mentions,
        author: CommentAuthor::of_company(
            caller.context.acting_as(),
            caller.caller.user.clone(),
            caller.context.claims().name.clone(),
        ),
        at: caller.now(),
    };
    let (comment, event) =
        comment::add(new, None, |user| people.contains(user)).map_err(|error| Problem::field(&error.field(), error))?;
    let comment = Comment { internal_to, ..comment };
    let mut change = app.api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.comment(comment.topic, &comment.on, &comment.id), None, &comment);
    change.record(event);
    let answer = Answer::created(&DocumentCommentResponse { comment: comment.into() })?;
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}
