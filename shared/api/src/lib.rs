//! The HTTP edge. It turns a gateway's request into a caller, a context and typed input, and
//! decisions into answers. It knows no business rule.
//!
//! A handler's parameters *are* its authorization: [`Caller`] is a signed-in person,
//! [`InContext`] a person in a context, [`Machine`] the vendor's ledger, [`Module`] another module
//! of the vendor's product.

pub mod answer;
pub mod bulk;
pub mod caller;
pub mod clock;
pub mod company;
pub mod context;
pub mod csv;
pub mod idempotent;
pub mod input;
pub mod limits;
mod logs;
pub mod paging;
pub mod problem;
mod routes;
mod serve;

pub use answer::{Answer, ApiError, ApiResult};
pub use bulk::{BulkBody, Column, RowOutcome};
pub use caller::{Caller, InContext, Machine, Module, Vendor};
pub use company::CompanyView;
pub use context::{ContextClaims, ContextVerifier};
pub use csv::{Cell, Csv};
pub use idempotent::Idempotent;
pub use input::{Body, Path, Query};
pub use limits::CallerNetwork;
pub use paging::{PageInfo, PageQuery};
pub use problem::{FieldError, Problem, ProblemBody, ProblemType};
pub use routes::Route;
pub use serve::{Api, ConfigError, Error, env_var, serve, start, start_without_api};

#[doc(hidden)]
pub mod __macro {
    pub use axum;
    pub use utoipa;
}
