//! Comments on a document through its hosted link.

use api::{
    Answer, ApiError, ApiResult, Idempotent, Path, Problem, ProblemBody, ProblemType, Public, RequestReader, clock,
    input::MAX_BODY_BYTES,
};
use axum::{
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderMap, Method, Uri, header},
    response::{IntoResponse, Response},
};
use domain::{
    Note,
    comment::{self, CommentAuthor, CommentVisibility, NewComment},
    id::CommentId,
    language::Reader,
};
use serde::{Deserialize, Serialize};
use store::{Attempt, StoreError, Tally};
use utoipa::ToSchema;

use crate::{
    App,
    form::{field, is_form, read},
    page::{self, Refused},
    shown::{Shown, TRIES, open},
    view::{HostedComment, HostedDocument, comment_permission},
};

/// A comment through a hosted link. The company's people and all contacts of the customer see it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateHostedComment {
    text: Note,
    /// The comment that it answers.
    #[serde(default)]
    reply_to: Option<CommentId>,
}

/// The same, as the page sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HostedCommentForm {
    text: Note,
    /// The newest comment that the page showed. A form that is sent again with the same fields adds nothing.
    #[serde(default)]
    #[expect(dead_code, reason = "it tells a new form with the same text from the same form, sent again")]
    after: Option<CommentId>,
}

/// A comment that was added.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HostedCommentResponse {
    comment: HostedComment,
}

/// Comments on a document through its hosted link.
///
/// The company lets contacts comment, and so do the seats behind the link. A form is answered with a page, JSON with
/// JSON. The same form that is sent again within 24 hours, and the same request with its `Idempotency-Key`, adds
/// nothing.
#[utoipa::path(post, path = "/h/{token}/comments", params(("token" = String, Path)),
    request_body(content(
        (CreateHostedComment = "application/json"),
        (HostedCommentForm = "application/x-www-form-urlencoded"),
    )),
    responses(
        (status = 201, description = "The comment that was added", body = HostedCommentResponse),
        (status = 200, description = "To a form: the document, with the comment", content((String = "text/html"))),
        (status = 403, description = "The link does not let its holder comment",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 404, description = "No such link",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 410, description = "The link opens nothing any more",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 422, description = "A field is refused",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 429, description = "So many comments were written or files downloaded today",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
    ))]
pub(crate) async fn comment_on_hosted_document(
    State(app): State<App>,
    caller: Public,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let RequestReader(browser) = RequestReader::of(&headers);
    let by_form = is_form(&headers);
    let shown = match open(&app, &token, caller.now).await {
        Ok(shown) => shown,
        Err(closed) if by_form => return page::closed_below(&browser, closed).into_response(),
        Err(closed) => return ApiError::from(closed).into_response(),
    };
    let too_large = || Problem::new(ProblemType::TooLarge).detail(format!("at most {MAX_BODY_BYTES} bytes"));
    let (added, body) = match to_bytes(body, MAX_BODY_BYTES).await {
        Ok(body) => match Said::read(&uri, &headers, &body) {
            Ok(said) => (add(&app, &token, shown, &said, &caller).await, body),
            Err(problem) => (Err(problem.into()), body),
        },
        Err(_) => (Err(too_large().into()), axum::body::Bytes::new()),
    };
    match added {
        Ok(_) | Err(ApiError::Replay(_)) if by_form => anew(&app, &token, &caller, &browser, None).await,
        Err(ApiError::Problem(problem)) if by_form => {
            let unsent = field(&body, "text").unwrap_or_default();
            anew(&app, &token, &caller, &browser, Some((problem, unsent))).await
        }
        Ok(answer) => answer.into_response(),
        Err(error) => error.into_response(),
    }
}

/// The page with the document as it is now, and why a comment was not added.
async fn anew(
    app: &App,
    token: &str,
    caller: &Public,
    browser: &Reader,
    refused: Option<(Problem, String)>,
) -> Response {
    let shown = match open(app, token, caller.now).await {
        Ok(shown) => shown,
        Err(closed) => return page::closed_below(browser, closed).into_response(),
    };
    let (reader, shown) = (shown.opened.reader(browser), HostedDocument::of(&shown, caller.now));
    let Some((problem, unsent)) = refused else { return page::document(&reader, &shown, None).into_response() };
    let mut response = page::document(&reader, &shown, Some(Refused::Comment(&problem, &unsent))).into_response();
    if let Some(after) = problem.into_response().headers().get(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, after.clone());
    }
    response
}

/// What the holder of the link says.
struct Said {
    text: Note,
    reply_to: Option<CommentId>,
    idempotent: Idempotent,
}

impl Said {
    fn read(uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<Self, Problem> {
        if is_form(headers) {
            let form: HostedCommentForm = read(headers, body)?;
            return Ok(Self { text: form.text, reply_to: None, idempotent: Idempotent::of_form(uri, body) });
        }
        let CreateHostedComment { text, reply_to } = read(headers, body)?;
        Ok(Self { text, reply_to, idempotent: Idempotent::of(&Method::POST, uri, headers, body)? })
    }
}

async fn add(app: &App, token: &str, mut shown: Shown, said: &Said, caller: &Public) -> ApiResult {
    let mut tries = 1;
    loop {
        match add_once(app, &shown, said, caller).await {
            Ok(answer) => return Ok(answer),
            Err(Attempt::Final(error)) => return Err(error),
            Err(Attempt::Raced) if tries < TRIES => tries += 1,
            Err(Attempt::Raced) => return Err(StoreError::Conflict.into()),
        }
        shown = open(app, token, caller.now).await?;
    }
}

async fn add_once(app: &App, shown: &Shown, said: &Said, caller: &Public) -> Result<Answer, Attempt<ApiError>> {
    let opened = &shown.opened;
    let (ours, link) = (&opened.ours, &opened.ours.link);
    let permission = comment_permission(link.topic);
    if !ours.lets(permission) {
        return Err(Problem::not_granted(permission).into());
    }
    let authority = ours.authority();
    let answered = match &said.reply_to {
        Some(id) => {
            let key = |tenant: &store::Tenant| tenant.comment(link.topic, &link.document, id);
            app.api.store.load(&authority, caller.now, key).await?
        }
        None => None,
    };
    let new = NewComment {
        id: CommentId::from_uuid(clock::new_uuid()),
        company: link.company.clone(),
        topic: link.topic,
        on: link.document.clone(),
        customer: Some(link.customer.clone()),
        visibility: CommentVisibility::Customer,
        text: said.text.clone(),
        reply_to: said.reply_to.clone(),
        mentions: Vec::new(),
        author: CommentAuthor::through_link(link.contact.clone(), link.contact_name.clone()),
        at: caller.now,
    };
    let (comment, event) =
        comment::add(new, answered.as_ref(), |_| false).map_err(|error| Problem::field(&error.field(), error))?;
    let mut change = app.api.store.change(&authority, ours.change_context(caller.now, caller.request_id.clone()));
    opened.require(&mut change);
    opened.document.unchanged(&mut change);
    for tally in Tally::of_link_holder(&app.api.allowances, &opened.contact, caller.now) {
        change.count(&tally);
    }
    change.put(|tenant| tenant.comment(link.topic, &link.document, &comment.id), None, &comment);
    change.record(event);
    let answer = Answer::created(&HostedCommentResponse { comment: HostedComment::from(&comment) })?;
    Ok(answer.commit(change, said.idempotent.by_link(&link.id).as_ref()).await??)
}
