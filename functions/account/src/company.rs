//! What a company says about itself.

use api::{Answer, ApiResult, Body, CompanyView, InCompany, Problem};
use axum::extract::State;
use domain::{Name, org_details, permission::may, text, time::Zone};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// A company.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UpdateCompanyResponse {
    company: CompanyView,
}

/// The fields to change; a field that is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateCompany {
    #[serde(default, deserialize_with = "text::public_name_if_any")]
    name: Option<Name>,
    /// For due times and last days.
    #[serde(default)]
    time_zone: Option<Zone>,
}

/// Changes the company's name and time zone.
///
/// Members, connections and assignments show the new name when the answer comes. Invitations that were sent, and a
/// firm's own name for the client on its list, stay as they are. An empty body changes nothing and shows the company.
///
/// Needs `settings.manage`.
#[utoipa::path(patch, path = "/v1/company", request_body = UpdateCompany,
    responses((status = 200, body = UpdateCompanyResponse)))]
pub(crate) async fn update_company(
    State(app): State<App>,
    caller: InCompany<may::SettingsManage>,
    body: Body<UpdateCompany>,
) -> ApiResult {
    let (store, authority) = (&app.api.store, caller.authority());
    let company = store.load(&authority, caller.now(), |tenant| tenant.company()).await?;
    let company = company.ok_or_else(Problem::not_found)?;
    let UpdateCompany { name, time_zone } = body.value;
    let is_renamed = name.is_some();
    let mut after = company.clone();
    if let Some((updated, event)) = org_details::update_company(&company, name, time_zone) {
        let mut change = store.change(&authority, caller.change_context());
        change.update_company(&company, &updated);
        change.record(event);
        change.commit().await?;
        after = updated;
    }
    // Also for a name that it has already: an earlier request may have ended before every copy followed.
    if is_renamed {
        store.company_name_follows(&after, &caller.change_context()).await?;
    }
    Answer::ok(&UpdateCompanyResponse { company: (&after).into() })
}
