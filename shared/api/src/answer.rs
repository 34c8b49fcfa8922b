//! Answers: a status and a JSON body, serialized once so that it can be kept for a replay.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use store::{Attempt, Change, FirstUse, Idempotency, Recorded, Replay, StoreError};

use crate::problem::{Problem, ProblemType, of_store};

/// A handler's response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    status: StatusCode,
    body: String,
    replayed: bool,
}

/// Why a handler ended without a response of its own.
#[derive(Debug)]
pub enum ApiError {
    /// The request was refused or failed.
    Problem(Problem),
    /// The same request was answered before; this is that answer.
    Replay(Answer),
}

/// A handler's result.
pub type ApiResult<T = Answer> = Result<T, ApiError>;

impl Answer {
    /// `200 OK`.
    ///
    /// # Errors
    /// [`ApiError`] when the body does not serialize.
    pub fn ok(body: &impl Serialize) -> ApiResult {
        Self::with(StatusCode::OK, body)
    }

    /// `201 Created`.
    ///
    /// # Errors
    /// [`ApiError`] when the body does not serialize.
    pub fn created(body: &impl Serialize) -> ApiResult {
        Self::with(StatusCode::CREATED, body)
    }

    /// `202 Accepted`.
    ///
    /// # Errors
    /// [`ApiError`] when the body does not serialize.
    pub fn accepted(body: &impl Serialize) -> ApiResult {
        Self::with(StatusCode::ACCEPTED, body)
    }

    /// The answer to a PUT: `201 Created` for a new resource, `200 OK` for an existing one.
    ///
    /// # Errors
    /// [`ApiError`] when the body does not serialize.
    pub fn put(is_new: bool, body: &impl Serialize) -> ApiResult {
        if is_new { Self::created(body) } else { Self::ok(body) }
    }

    /// `204 No Content`.
    #[must_use]
    pub const fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: String::new(), replayed: false }
    }

    fn with(status: StatusCode, body: &impl Serialize) -> ApiResult {
        let body = serde_json::to_string(body).map_err(Problem::internal)?;
        Ok(Self { status, body, replayed: false })
    }

    /// Commits a change together with this answer, so that a repeated request gets the same answer.
    ///
    /// # Errors
    /// As [`Change::commit_once`].
    pub async fn commit(
        self,
        change: Change<'_>,
        idempotency: Option<&Idempotency>,
    ) -> Result<FirstUse<Self>, StoreError> {
        let committed = change.commit_once(idempotency, self.status(), self.body()).await?;
        Ok(committed.map(|()| self))
    }

    /// The same answer, marked as one to a request that was answered before.
    #[must_use]
    pub fn replayed(self) -> Self {
        Self { replayed: true, ..self }
    }

    /// The HTTP status, to be kept for a replay.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The body, to be kept for a replay.
    #[must_use]
    pub fn body(&self) -> String {
        self.body.clone()
    }
}

impl From<Recorded> for Answer {
    fn from(recorded: Recorded) -> Self {
        Self {
            status: StatusCode::from_u16(recorded.status).unwrap_or(StatusCode::OK),
            body: recorded.body,
            replayed: true,
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::NO_CONTENT {
            headers.remove(header::CONTENT_TYPE);
        } else {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if self.replayed {
            headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
        }
        response
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        of_store(error).into()
    }
}

impl From<Replay> for ApiError {
    fn from(replay: Replay) -> Self {
        match replay {
            Replay::Answered(recorded) => Self::Replay(recorded.into()),
            Replay::KeyReused => Problem::new(ProblemType::IdempotencyMismatch).into(),
        }
    }
}

/// Within [`store::retry_on_conflict`], a problem ends the rounds.
impl From<Problem> for Attempt<ApiError> {
    fn from(problem: Problem) -> Self {
        Self::Final(problem.into())
    }
}

/// Within [`store::retry_on_conflict`], any error of a handler ends the rounds.
impl From<ApiError> for Attempt<ApiError> {
    fn from(stop: ApiError) -> Self {
        Self::Final(stop)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::Replay(answer) => answer.into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::UtcTime;

    use super::*;

    #[test]
    fn a_replay_is_the_first_answer_and_a_key_of_another_request_a_problem() {
        let recorded =
            Recorded { fingerprint: "f".to_owned(), status: 201, body: "{}".to_owned(), expires_at: UtcTime::EPOCH };
        let response = ApiError::from(Replay::Answered(recorded)).into_response();
        assert_eq!(
            (response.status(), &response.headers()["idempotency-replayed"]),
            (StatusCode::CREATED, &"true".parse().unwrap())
        );
        assert_eq!(ApiError::from(Replay::KeyReused).into_response().status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
}
