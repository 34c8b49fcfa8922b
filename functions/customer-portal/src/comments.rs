//! Comments of a customer's contacts. No internal comment is in any answer, and none can be written here.

use api::{Answer, Api, ApiError, ApiResult, Body, InCustomer, PageInfo, PageQuery, Problem, clock};
use domain::{
    Name, Note, Reference, UtcTime,
    comment::{self, AuthorKind, Comment, CommentAuthor, CommentMarker, CommentVisibility, NewComment},
    customer::seat::ContactSeat,
    id::{CommentId, ContactId},
    permission::NeedsAll,
};
use serde::{Deserialize, Serialize};
use store::{Attempt, Tally, retry_on_conflict};
use utoipa::ToSchema;

use crate::document::{Shown, reader};

/// A comment, as the customer sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerComment)]
pub(crate) struct CommentView {
    id: CommentId,
    text: Note,
    /// The comment that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<CommentId>,
    /// As what the author wrote it: `member` and `staff` are the company's people.
    written_as: AuthorKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_name: Option<Name>,
    /// Which contact of the customer the author is.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<ContactId>,
    at: UtcTime,
}

impl From<Comment> for CommentView {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id,
            text: comment.text,
            reply_to: comment.reply_to,
            written_as: comment.author.kind,
            by_name: comment.author.by_name,
            contact: comment.author.contact,
            at: comment.at,
        }
    }
}

/// One comment, as the customer sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerCommentResponse {
    comment: CommentView,
}

/// A page of the comments that the customer sees.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerCommentPage {
    comments: Vec<CommentView>,
    /// The last comment that you have read.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_up_to: Option<CommentId>,
    /// How many comments of others, of the newest 100, you have not read.
    unread_count: usize,
    #[serde(flatten)]
    paged: PageInfo,
}

/// A new comment of a contact. The company's people and all contacts of the customer see it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateCustomerComment {
    text: Note,
    /// The comment that it answers.
    #[serde(default)]
    reply_to: Option<CommentId>,
    /// `customer`, which is the default. `internal` is for the company's own people, and refused.
    #[serde(default = "for_the_customer")]
    visibility: CommentVisibility,
}

const fn for_the_customer() -> CommentVisibility {
    CommentVisibility::Customer
}

/// How far the comments were read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkCustomerCommentsRead {
    /// The last comment that was read.
    up_to: CommentId,
}

/// Lists the comments on a document that the customer sees, oldest first.
pub(crate) async fn list<T: Shown, N: NeedsAll>(
    api: &Api,
    caller: &InCustomer<N>,
    reference: &Reference,
    query: &PageQuery,
) -> ApiResult {
    let request = query.request()?;
    let (reader, customer) = (reader(caller), &caller.customer);
    let (document, thread) = api
        .store
        .load_and_query(
            &caller.authority(),
            caller.now(),
            |tenant| T::key(tenant, reference),
            async |queries| {
                let sees = |comment: &Comment| comment.is_visible_to_customer(customer);
                queries.comment_thread(T::TOPIC, reference, &reader, &request, sees).await
            },
        )
        .await?;
    T::shown(document, customer)?;
    let paged = PageInfo::from(&thread.page);
    Answer::ok(&CustomerCommentPage {
        comments: thread.page.items.into_iter().map(Into::into).collect(),
        read_up_to: thread.marker.map(|marker| marker.read_up_to),
        unread_count: thread.counts.unread_count,
        paged,
    })
}

/// Adds a comment of the caller's.
pub(crate) async fn add<T: Shown, N: NeedsAll>(
    api: &Api,
    caller: &InCustomer<N>,
    on: &Reference,
    body: Body<CreateCustomerComment>,
) -> ApiResult {
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let CreateCustomerComment { text, reply_to, visibility } = body.value;
    // A document that the customer sees stays theirs, so one that is shown now is shown at the commit.
    let (document, seat, answered) = api
        .store
        .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| {
            let answered = reply_to.as_ref().map(|id| tenant.comment(T::TOPIC, on, id));
            (T::key(tenant, on), tenant.contact_seat(&caller.customer, &caller.caller.user), answered)
        })
        .await??;
    T::shown(document, &caller.customer)?;
    let seat: ContactSeat = seat.ok_or_else(Problem::not_found)?;
    let new = NewComment {
        id: CommentId::from_uuid(clock::new_uuid()),
        company: caller.company.clone(),
        topic: T::TOPIC,
        on: on.clone(),
        customer: Some(caller.customer.clone()),
        visibility,
        text,
        reply_to,
        mentions: Vec::new(),
        author: CommentAuthor::contact(seat.contact, caller.caller.user.clone(), caller.context.claims().name.clone()),
        at: caller.now(),
    };
    let answered = answered.flatten();
    let (comment, event) =
        comment::add(new, answered.as_ref(), |_| false).map_err(|error| Problem::field(&error.field(), error))?;
    let mut change = api.store.change(&authority, caller.change_context());
    for tally in
        Tally::of_contact(&api.allowances, &caller.caller.user, (&caller.company, &caller.customer), caller.now())
    {
        change.count(&tally);
    }
    change.put(|tenant| tenant.comment(T::TOPIC, on, &comment.id), None, &comment);
    change.record(event);
    let answer = Answer::created(&CustomerCommentResponse { comment: comment.into() })?;
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}

/// Notes how far the caller has read the comments on a document.
pub(crate) async fn mark_read<T: Shown, N: NeedsAll>(
    api: &Api,
    caller: &InCustomer<N>,
    on: &Reference,
    body: &MarkCustomerCommentsRead,
) -> ApiResult {
    let (authority, reader) = (caller.authority(), reader(caller));
    retry_on_conflict(async || {
        let (document, comment, known) = api
            .store
            .load(&authority, caller.now(), |tenant| {
                let marker = tenant.comment_marker(&reader, T::TOPIC, on);
                (T::key(tenant, on), tenant.comment(T::TOPIC, on, &body.up_to), marker)
            })
            .await?;
        T::shown(document, &caller.customer)?;
        let comment = comment
            .filter(|comment| comment.is_visible_to_customer(&caller.customer))
            .ok_or_else(|| Problem::field("up_to", "is not a comment on this document"))?;
        if let Some(marker) = CommentMarker::moved(known.as_ref(), reader.clone(), &comment) {
            let mut change = api.store.change(&authority, caller.change_context());
            let version = known.map(|known| known.version);
            change.put(|tenant| tenant.comment_marker(&reader, T::TOPIC, on), version, &marker);
            change.commit().await?;
        }
        Ok::<_, Attempt<ApiError>>(())
    })
    .await?;
    Ok(Answer::nothing())
}
