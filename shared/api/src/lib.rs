//! The HTTP API layer. It turns a gateway request into a caller, a context and typed input, and decisions
//! into responses. It knows no business rule.
//!
//! A handler's first parameter *is* its authorization, its [`guard`]: [`Public`] is anybody, [`Caller`]
//! a signed-in person, [`InContext`] a person in some context, [`InCompany`] and [`InFirm`] one in a
//! company's or firm's, with permissions, [`Machine`] a client of the vendor's with a scope.

pub mod answer;
pub mod bulk;
pub mod caller;
pub mod clock;
pub mod company;
pub mod context;
pub mod csv;
pub mod front;
pub mod guard;
pub mod idempotent;
pub mod input;
pub mod language;
pub mod limits;
mod logs;
pub mod paging;
pub mod problem;
mod routes;
mod serve;

pub use answer::{Answer, ApiError, ApiResult};
pub use bulk::{BulkBody, Column, RowOutcome};
pub use caller::{Caller, Machine, Public, scope};
pub use company::CompanyView;
pub use context::{ContextClaims, ContextVerifier};
pub use csv::{Cell, Csv, DecimalSign, Dialect, Separator};
pub use guard::{Audience, Guard, InAnyContext, InCompany, InContext, InCustomer, InFirm, InOrg};
pub use idempotent::Idempotent;
pub use input::{Body, Path, Query};
pub use language::RequestReader;
pub use limits::CallerNetwork;
pub use paging::{PageInfo, PageQuery};
pub use problem::{FieldError, Problem, ProblemBody, ProblemType};
pub use routes::{Guarded, Route};
pub use serve::{Api, ConfigError, Error, env_var, serve, start, start_without_api};

#[doc(hidden)]
pub mod __macro {
    pub use axum;
    pub use pastey::paste;
    pub use utoipa;

    pub use crate::routes::{add, describe};
}
