//! Reports who had access at a given time, computed from the audit events.

use std::time::Duration;

use api::{Answer, Api, ApiResult, InOrg, Problem, Query};
use audit_export::MAX_RECORDING_S;
use axum::extract::State;
use domain::{
    CompanyId, Event, EventType, FirmId, Org, UserId, UtcTime,
    access_history::{AccessHistory, AccessPath, EVENT_TYPES},
    permission::may,
};
use serde::{Deserialize, Serialize};
use store::{Authority, Budget, History, Listing, Tenant};
use utoipa::{IntoParams, ToSchema};

/// The most queries of one report, over all the histories that it reads.
const MAX_QUERIES: u32 = 100;
/// The longest one report may read. The function has 29 s, and a query in progress may take eight of them.
const MAX_READING: Duration = Duration::from_secs(20);
/// The most firms of one company whose staff is read.
const MAX_FIRMS: usize = 50;
/// The most entries of one report.
const MAX_REACHES: usize = 1000;

/// The person and the instant to report on.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportQuestion {
    /// The instant. Default: now.
    #[serde(default)]
    at: Option<UtcTime>,
    /// Only the access of this person. Required in a firm.
    #[serde(default)]
    user: Option<UserId>,
}

/// Who had access to what.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessReport {
    /// The instant.
    at: UtcTime,
    /// Each relationship that gave a person access at that instant.
    access: Vec<AccessPath>,
    /// Whether there are more than the thousand entries shown.
    more: bool,
}

/// Reports who had access to the company or firm at an instant.
///
/// The report says through which relationship each person had access, and what they could do. In a company
/// it covers the members, and the connected firms' staff who had access to the company. In a firm it shows
/// which clients one staff member had access to. It is computed from the audit events; a temporary access
/// counts until it expires.
///
/// Needs `audit.view` and `team.view` in a company, `audit.view` and `staff.view` in a firm.
#[utoipa::path(get, path = "/v1/access-report", params(ReportQuestion),
    responses((status = 200, body = AccessReport)))]
pub(crate) async fn report_access(
    State(api): State<Api>,
    caller: InOrg<(may::AuditView, may::TeamView), (may::AuditView, may::StaffView)>,
    Query(question): Query<ReportQuestion>,
) -> ApiResult {
    let now = caller.now();
    let at = question.at.unwrap_or(now);
    if at > now {
        return Err(Problem::field("at", "must not be in the future").into());
    }
    let (reader, authority) = (Reader { api: &api, at, now }, caller.authority());
    let mut access = match (&caller.org, question.user) {
        (Org::Company(company), user) => reader.of_company(&authority, company, user).await?,
        (Org::Firm(firm), Some(user)) => reader.of_firm(&authority, firm, &user).await?,
        (Org::Firm(_), None) => return Err(Problem::field("user", "is required in a firm").into()),
    };
    let more = access.len() > MAX_REACHES;
    access.truncate(MAX_REACHES);
    Answer::ok(&AccessReport { at, access, more })
}

struct Reader<'e> {
    api: &'e Api,
    at: UtcTime,
    now: UtcTime,
}

impl Reader<'_> {
    async fn of_company(
        &self,
        authority: &Authority,
        company: &CompanyId,
        user: Option<UserId>,
    ) -> ApiResult<Vec<AccessPath>> {
        let mut budget = Budget::of(MAX_QUERIES, MAX_READING);
        let mut events = self.history(authority, Tenant::events, &mut budget).await?;
        let firms = AccessHistory::at(&events, self.at).firms_of(company);
        if firms.len() > MAX_FIRMS {
            return Err(too_long().into());
        }
        for firm in firms {
            // The company's own events name the firm; the report lists only staff with access to the company.
            let authority = Authority::System(Org::Firm(firm));
            events.extend(self.history(&authority, Tenant::events, &mut budget).await?);
        }
        let history = AccessHistory::at(&events, self.at);
        let mut access = history.of_company(company);
        access.retain(|reach| user.as_ref().is_none_or(|user| reach.user == *user));
        Ok(access)
    }

    async fn of_firm(&self, authority: &Authority, firm: &FirmId, user: &UserId) -> ApiResult<Vec<AccessPath>> {
        let mut budget = Budget::of(MAX_QUERIES, MAX_READING);
        let mut events = self.history(authority, Tenant::events, &mut budget).await?;
        events.extend(self.history(authority, Tenant::events_at_clients, &mut budget).await?);
        let mut access = AccessHistory::at(&events, self.at).of_user(user);
        // A person's own relation to a client is hidden from the firm.
        access.retain(|reach| reach.firm.as_ref() == Some(firm));
        Ok(access)
    }

    /// The events of one audit log that grant or end access, up to the instant.
    async fn history(
        &self,
        authority: &Authority,
        trail: impl Fn(&Tenant) -> Listing<Event>,
        budget: &mut Budget,
    ) -> ApiResult<Vec<Event>> {
        let until = self.at.plus_s(MAX_RECORDING_S);
        let History { events, is_whole } = self
            .api
            .store
            .query_authorized(authority, self.now, async |queries| {
                let listing = |tenant: &Tenant| trail(tenant).oldest_first().recorded(None, Some(until));
                queries.history(listing, &EVENT_TYPES.map(EventType::as_str), budget).await
            })
            .await?;
        if is_whole { Ok(events) } else { Err(too_long().into()) }
    }
}

fn too_long() -> Problem {
    Problem::field("at", "the history up to then is longer than one report may read")
}
