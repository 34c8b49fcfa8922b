//! Lists the audit log, newest first.

use api::{Answer, Api, ApiResult, InOrg, PageInfo, Query, paging::page_request};
use axum::extract::State;
use domain::{Event, export::AuditScope, permission::may};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::audit_query::filtered_request;

/// A page of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventPage {
    events: Vec<Event>,
    #[serde(flatten)]
    paged: PageInfo,
}

filtered_request! {
    param:
    /// The events to list.
    #[derive(Debug, Clone, Default, Deserialize, IntoParams)]
    #[serde(deny_unknown_fields)]
    #[into_params(parameter_in = Query)]
    pub(crate) struct Question {
        /// Part of a firm's audit log. Default: `firm`. A company's audit log has no parts.
        #[serde(default)]
        #[param(inline)]
        of: Option<AuditScope>,
        #[serde(default)]
        limit: Option<u16>,
        #[serde(default)]
        cursor: Option<String>,
    }
}

/// Lists the audit events of the company or firm, newest first.
///
/// One request searches a bounded part of the audit log. A filtered page may therefore hold fewer events than
/// `limit`, or none, and still have a `next_cursor`. Only a page without `next_cursor` is the last.
///
/// Needs `audit.view`.
#[utoipa::path(get, path = "/v1/audit", params(Question), responses((status = 200, body = EventPage)))]
pub(crate) async fn list_events(
    State(api): State<Api>,
    caller: InOrg<may::AuditView, may::AuditView>,
    Query(question): Query<Question>,
) -> ApiResult {
    let authority = caller.authority();
    let query = question.audit_query();
    query.check(&authority.org())?;
    let request = page_request(question.limit, question.cursor)?;
    let page = api
        .store
        .page_matching(
            &authority,
            caller.now(),
            |tenant| query.listing(tenant),
            &request,
            |event| query.filter.keeps(event),
        )
        .await?;
    let paged = PageInfo::from(&page);
    Answer::ok(&EventPage { events: page.items, paged })
}
