//! Problems: RFC 9457 bodies with a stable `type`, and the one mapping from errors to them.
//!
//! A problem names the bad field and never an internal. It carries no request id, so that "not
//! there" and "not yours" are the same bytes; the gateway sends the request id as a header.
//!
//! The title is said in the reader's language when the problem leaves. Everything else is for programs and is the same
//! in every language.

mod kinds;
mod spoken;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    Denied, Permission,
    access::OutlastsFirm,
    invoice::PendingPayment,
    language::{Language, Reader},
};
use serde::Serialize;
use serde_json::Value;
use store::StoreError;
use utoipa::ToSchema;

pub use kinds::ProblemType;
pub(crate) use spoken::in_the_readers_language;

/// A field and what is wrong with it: for programs, in English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field, as a path into the body (`permissions[2]`), or a parameter's or header's name.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

/// An RFC 9457 problem. Programs tell kinds apart by `type`: the title is for people and is in the language that
/// `Accept-Language` prefers among English, German, French, Dutch and Spanish, else in English; `Content-Language` says
/// which. All the rest is the same in every language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// `urn:countersign:problem:` and the kind's name. Stable.
    #[serde(rename = "type")]
    type_uri: String,
    /// The kind in words, in the language of the request.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// The details of this occurrence, in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The fields that were refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// The permission that was missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    permission: Option<Permission>,
    /// The present state, on a conflict.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    /// The resource as it is now: where a decision was about an earlier one, or where there is one already.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    current: Option<Value>,
    /// The pending payments that do not allow it: who is paying how much, since when.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    payments: Vec<PendingPayment>,
    #[serde(skip)]
    retry_after_s: Option<u32>,
    #[serde(skip)]
    kind: ProblemType,
}

/// A problem. Boxed, since every handler may return one and few do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Problem(Box<ProblemBody>);

impl Problem {
    /// A problem of a kind, without details. Its title is English until it leaves.
    #[must_use]
    pub fn new(kind: ProblemType) -> Self {
        Self(Box::new(ProblemBody {
            type_uri: format!("urn:countersign:problem:{}", kind.as_str()),
            title: kind.title(&Reader::of(Language::English)),
            status: kind.status().as_u16(),
            detail: None,
            errors: Vec::new(),
            permission: None,
            state: None,
            current: None,
            payments: Vec::new(),
            retry_after_s: matches!(kind, ProblemType::Unavailable | ProblemType::TooManyRequests).then_some(1),
            kind,
        }))
    }

    /// Adds what went wrong this time. The caller sees the text.
    #[must_use]
    pub fn detail(mut self, detail: impl ToString) -> Self {
        self.0.detail = Some(detail.to_string());
        self
    }

    /// Adds the state that does not allow the request.
    #[must_use]
    pub fn state(mut self, state: impl ToString) -> Self {
        self.0.state = Some(state.to_string());
        self
    }

    /// Adds the field that is the reason.
    #[must_use]
    pub fn naming(mut self, field: &str, detail: impl ToString) -> Self {
        self.0.errors = vec![FieldError { field: field.to_owned(), detail: detail.to_string() }];
        self
    }

    /// Adds the resource as it is now.
    #[must_use]
    pub fn current(mut self, resource: &impl Serialize) -> Self {
        self.0.current = serde_json::to_value(resource).ok();
        self
    }

    /// Names the pending payments that do not allow it.
    #[must_use]
    pub fn pending_payments(mut self, payments: Vec<PendingPayment>) -> Self {
        self.0.payments = payments;
        self
    }

    /// Asks the caller to retry after so many seconds.
    #[must_use]
    pub fn retry_after_s(mut self, seconds: u32) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    /// A refused field.
    #[must_use]
    pub fn field(field: &str, detail: impl ToString) -> Self {
        let mut problem = Self::new(ProblemType::InvalidField);
        problem.0.errors = vec![FieldError { field: field.to_owned(), detail: detail.to_string() }];
        problem
    }

    /// A missing permission.
    #[must_use]
    pub fn not_granted(permission: Permission) -> Self {
        Self::new(ProblemType::NotGranted).about(permission)
    }

    /// Names the permission it is about.
    #[must_use]
    pub fn about(mut self, permission: Permission) -> Self {
        self.0.permission = Some(permission);
        self
    }

    /// Not found, or not visible to the caller: both get the same bytes.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(ProblemType::NotFound)
    }

    /// A conflict with the present state.
    #[must_use]
    pub fn conflict(detail: impl ToString, state: impl ToString) -> Self {
        Self::new(ProblemType::Conflict).detail(detail).state(state)
    }

    /// The caller is signed in and has no profile yet.
    #[must_use]
    pub fn no_profile() -> Self {
        Self::conflict("make your profile first: POST /v1/me", "no_profile")
    }

    /// An internal failure. It is logged and not shown to the caller.
    #[must_use]
    pub fn internal(what: impl std::fmt::Display) -> Self {
        tracing::error!(error = %what, "internal error");
        Self::new(ProblemType::Internal)
    }

    /// The fields that were refused.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// What went wrong this time, as the caller sees it.
    #[must_use]
    pub fn said(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.kind.status()
    }

    /// Says the title to a reader.
    #[must_use]
    fn titled(mut self, reader: &Reader) -> Self {
        self.0.title = self.0.kind.title(reader);
        self
    }

    fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.to_json()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.0.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<OutlastsFirm> for Problem {
    fn from(outlasts: OutlastsFirm) -> Self {
        Self::new(ProblemType::ExceedsOwnGrants).detail(outlasts)
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Missing(permission) => Self::not_granted(permission),
            Denied::BeyondOwn(permission) => Self::new(ProblemType::ExceedsOwnGrants).about(permission),
            Denied::NoRelation => Self::new(ProblemType::NotGranted).detail(denied),
            Denied::EndsSooner => Self::new(ProblemType::ExceedsOwnGrants).detail(denied),
        }
    }
}

/// Maps store errors to problems; [`crate::ApiError`] handles replays, which are no errors.
pub(crate) fn of_store(error: StoreError) -> Problem {
    match error {
        StoreError::Denied(denied) => denied.into(),
        StoreError::NotFound => Problem::not_found(),
        StoreError::Conflict => Problem::new(ProblemType::Conflict)
            .detail("it was changed at the same time; read it again")
            .retry_after_s(1),
        StoreError::InviterDenied => {
            Problem::new(ProblemType::Gone).detail("the inviter may no longer send this invitation")
        }
        StoreError::LastOne => Problem::new(ProblemType::Conflict).detail("the last one stays"),
        // The problem names no limit but the organisation's own: one of them counts what other organisations do.
        StoreError::Limited { retry_after_s, growing } => {
            let problem = Problem::new(ProblemType::TooManyRequests).retry_after_s(retry_after_s);
            match growing {
                Some(own) => problem.detail(format!(
                    "this organisation may send {own} invitations now; as people accept them, it may send more"
                )),
                None => problem,
            }
        }
        StoreError::StorageFull { is_firm, left_bytes } => {
            let whose = if is_firm { "the firm's" } else { "the company's" };
            let detail = format!("{whose} storage is full: {left_bytes} bytes are left");
            Problem::conflict(detail, "storage_full")
        }
        StoreError::Cursor(error) => Problem::field("cursor", error),
        StoreError::Unavailable(code) => {
            tracing::warn!(%code, "the table is unavailable");
            Problem::new(ProblemType::Unavailable)
        }
        StoreError::Unexpected(what) => Problem::internal(what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_store_error_has_a_status_and_only_our_own_faults_are_ours() {
        let cases = [
            (StoreError::Denied(Denied::NoRelation), 403),
            (StoreError::Denied(Denied::EndsSooner), 403),
            (StoreError::Denied(Denied::Missing(Permission::TeamView)), 403),
            (StoreError::Denied(Denied::BeyondOwn(Permission::TeamView)), 403),
            (StoreError::NotFound, 404),
            (StoreError::Conflict, 409),
            (StoreError::InviterDenied, 410),
            (StoreError::LastOne, 409),
            (StoreError::Limited { retry_after_s: 60, growing: None }, 429),
            (StoreError::Limited { retry_after_s: 60, growing: "30/day".parse().ok() }, 429),
            (StoreError::StorageFull { is_firm: false, left_bytes: 7 }, 409),
            (StoreError::Cursor(store::CursorError), 422),
            (StoreError::Unavailable("x".to_owned()), 503),
            (StoreError::Unexpected("secret internals".to_owned()), 500),
        ];
        for (error, status) in cases {
            let said = format!("{error:?}");
            let problem = of_store(error);
            assert_eq!(problem.status().as_u16(), status, "{said}");
            let body = serde_json::to_string(&problem).unwrap();
            assert!(!body.contains("secret internals"), "{body}");
        }
    }

    /// Proves: 2
    #[test]
    fn not_found_is_always_the_same_bytes() {
        let bytes = |p: Problem| serde_json::to_vec(&p).unwrap();
        assert_eq!(bytes(Problem::not_found()), bytes(of_store(StoreError::NotFound)));
    }
}
