//! Asks for documents, changes a request, withdraws it.

use api::{Answer, Api, ApiResult, Body, InCompany, Path, Problem, clock};
use axum::extract::State;
use domain::{
    DocumentRequestId, Name, Note, Patch, UserId,
    document_request::{
        self, ChangeRequestError, DocumentRequestDraft, DocumentRequestError, DocumentRequestUpdate, Every,
        RequestSchedule, check_size, people_asked,
    },
    permission::may,
    time::Day,
};
use serde::Deserialize;
use store::Tally;
use utoipa::ToSchema;

use crate::{people::as_bounded, view::DocumentRequestResponse};

/// A document to ask for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRequestedItem {
    title: Name,
}

/// A request for documents.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateDocumentRequest {
    title: Name,
    #[serde(default)]
    note: Option<Note>,
    /// 1–50 documents, no two of the same title.
    #[schema(min_items = 1, max_items = 50)]
    items: Vec<NewRequestedItem>,
    /// 1–20 members of the company who may upload documents.
    #[schema(min_items = 1, max_items = 20)]
    asked_of: Vec<UserId>,
    /// The last day on which the documents are in time, in the company's time zone: today or later, at most 730 days
    /// ahead.
    due_on: Day,
    /// How often the request repeats. The next one is made by itself, for the same day of the month, or the last day
    /// of a shorter month, and as many days ahead as this one, at most 27 or 88.
    #[serde(default)]
    every: Option<Every>,
}

/// Asks members of the company for documents.
///
/// The people who are asked get a letter, and reminders while documents are missing: three days before the due day,
/// on the day after it, and each of the four weeks after that. Upload a document for an item with
/// `POST /v1/documents`.
///
/// Needs `documents.request`.
#[utoipa::path(post, path = "/v1/document-requests", request_body = CreateDocumentRequest,
    responses((status = 201, body = DocumentRequestResponse)))]
pub(crate) async fn request_documents(
    State(api): State<Api>,
    caller: InCompany<may::DocumentsRequest>,
    body: Body<CreateDocumentRequest>,
) -> ApiResult {
    let (authority, now) = (caller.authority(), caller.now());
    let idempotency = body.idempotent.by(&caller.caller.user);
    let CreateDocumentRequest { title, note, items, asked_of, due_on, every } = body.value;
    let items: Vec<Name> = items.into_iter().map(|item| item.title).collect();
    if let Err(error) = check_size(Some(&items), Some(&asked_of)) {
        api.store.prove(&authority, now).await?;
        return Err(not_valid(error).into());
    }
    let (company, members) = api
        .store
        .load_once(&authority, now, idempotency.as_ref(), |tenant| {
            (tenant.company(), asked_of.iter().map(|user| tenant.member(user)).collect::<Vec<_>>())
        })
        .await??;
    let company = company.ok_or_else(Problem::not_found)?;
    let members = as_bounded(&api, &authority, now, members).await?;

    let claims = caller.context.claims();
    let draft = DocumentRequestDraft {
        id: DocumentRequestId::from_uuid(clock::new_uuid()),
        company: caller.company.clone(),
        title,
        note,
        items,
        asked_of: people_asked(&members, now).map_err(not_valid)?,
        due_on,
        every,
        asked_by: claims.sub.clone(),
        asked_by_name: claims.name.clone(),
        acting_as: caller.context.acting_as().clone(),
    };
    let (request, event) = document_request::request_documents(draft, &company.time_zone, now).map_err(not_valid)?;
    let schedule = RequestSchedule::of(&request, &company.time_zone);

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.document_request(&request.id), None, &request);
    change.put(|tenant| tenant.request_schedule(&request.id), None, &schedule);
    for tally in Tally::of_document_request(&api.allowances, &caller.caller.user, &caller.company, now) {
        change.count(&tally);
    }
    change.record(event);
    let answer = Answer::created(&DocumentRequestResponse::from(request))?;
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}

/// A change to a request for documents.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeDocumentRequest {
    #[serde(default)]
    title: Option<Name>,
    #[serde(default)]
    #[schema(value_type = Option<Note>)]
    note: Patch<Note>,
    /// Another due day; it has reminders of its own.
    #[serde(default)]
    due_on: Option<Day>,
    /// 1–20 members of the company who may upload documents, in place of those who were asked. Those who were not asked
    /// before get the letter now.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 20)]
    asked_of: Option<Vec<UserId>>,
    /// `null` ends the recurrence.
    #[serde(default)]
    #[schema(value_type = Option<Every>)]
    every: Patch<Every>,
}

/// Changes an open request for documents.
///
/// A recurrence can be ended after the request is complete too. Once the next request is made, change that one.
///
/// Needs `documents.request`.
#[utoipa::path(patch, path = "/v1/document-requests/{request}",
    params(("request" = DocumentRequestId, Path)), request_body = ChangeDocumentRequest,
    responses((status = 200, body = DocumentRequestResponse)))]
pub(crate) async fn change_document_request(
    State(api): State<Api>,
    caller: InCompany<may::DocumentsRequest>,
    Path(id): Path<DocumentRequestId>,
    body: Body<ChangeDocumentRequest>,
) -> ApiResult {
    let (authority, now) = (caller.authority(), caller.now());
    let ChangeDocumentRequest { title, note, due_on, asked_of, every } = body.value;
    if let Err(error) = check_size(None, asked_of.as_deref()) {
        api.store.prove(&authority, now).await?;
        return Err(not_valid(error).into());
    }
    let (request, schedule, company, members) = api
        .store
        .load(&authority, now, |tenant| {
            let members = asked_of.iter().flatten().map(|user| tenant.member(user)).collect::<Vec<_>>();
            (tenant.document_request(&id), tenant.request_schedule(&id), tenant.company(), members)
        })
        .await?;
    let (request, schedule, company) = match (request, schedule, company) {
        (Some(request), Some(schedule), Some(company)) => (request, schedule, company),
        _ => return Err(Problem::not_found().into()),
    };
    let members = as_bounded(&api, &authority, now, members).await?;
    let asked_of = asked_of.map(|_| people_asked(&members, now)).transpose().map_err(not_valid)?;

    let update = DocumentRequestUpdate { title, note, due_on, asked_of, every };
    let seat = caller.context.acting_as();
    let (changed, event) = request.change(seat, update, &company.time_zone, now).map_err(not_changed)?;
    let rescheduled = schedule.changed(&request, &changed, &company.time_zone, now);

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.document_request(&id), Some(request.version), &changed);
    change.put(|tenant| tenant.request_schedule(&id), Some(schedule.version), &rescheduled);
    if !changed.asked_since(&request).is_empty() {
        for tally in Tally::of_document_request(&api.allowances, &caller.caller.user, &caller.company, now) {
            change.count(&tally);
        }
    }
    change.record(event);
    change.commit().await?;
    Answer::ok(&DocumentRequestResponse::from(changed))
}

/// An empty object.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WithdrawDocumentRequest {}

/// Withdraws an open request for documents, and ends its recurrence.
///
/// What was uploaded for it stays.
///
/// Needs `documents.request`.
#[utoipa::path(post, path = "/v1/document-requests/{request}/withdraw",
    params(("request" = DocumentRequestId, Path)), request_body = WithdrawDocumentRequest,
    responses((status = 200, body = DocumentRequestResponse)))]
pub(crate) async fn withdraw_document_request(
    State(api): State<Api>,
    caller: InCompany<may::DocumentsRequest>,
    Path(id): Path<DocumentRequestId>,
    body: Body<WithdrawDocumentRequest>,
) -> ApiResult {
    let authority = caller.authority();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let request = api
        .store
        .load_once(&authority, caller.now(), idempotency.as_ref(), |tenant| tenant.document_request(&id))
        .await??
        .ok_or_else(Problem::not_found)?;
    let (withdrawn, event) = request
        .withdraw(caller.context.acting_as())
        .map_err(|state| not_changed(ChangeRequestError::NotOpen(state)))?;

    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.document_request(&id), Some(request.version), &withdrawn);
    change.record(event);
    let answer = Answer::ok(&DocumentRequestResponse::from(withdrawn))?;
    Ok(answer.commit(change, idempotency.as_ref()).await??)
}

fn not_valid(error: DocumentRequestError) -> Problem {
    Problem::field(&error.field(), error)
}

fn not_changed(error: ChangeRequestError) -> Problem {
    match error {
        ChangeRequestError::NotOpen(state) => Problem::conflict(error, state.as_str()),
        ChangeRequestError::Followed => Problem::conflict(error, "followed"),
        ChangeRequestError::NothingToChange => Problem::new(api::ProblemType::InvalidField).detail(error),
        ChangeRequestError::Invalid(error) => not_valid(error),
    }
}

#[cfg(test)]
mod tests {
    use domain::document_request::DocumentRequestState;

    use super::*;

    #[test]
    fn every_refusal_has_its_status() {
        let statuses = [
            (not_valid(DocumentRequestError::Items), 422),
            (not_valid(DocumentRequestError::MayNotUpload(3)), 422),
            (not_changed(ChangeRequestError::NotOpen(DocumentRequestState::Complete)), 409),
            (not_changed(ChangeRequestError::Followed), 409),
            (not_changed(ChangeRequestError::NothingToChange), 422),
            (not_changed(ChangeRequestError::Invalid(DocumentRequestError::DueInPast)), 422),
        ];
        for (problem, status) in statuses {
            assert_eq!(problem.status().as_u16(), status, "{problem:?}");
        }
        assert_eq!(not_valid(DocumentRequestError::MayNotUpload(3)).errors()[0].field, "asked_of[3]");
    }
}
