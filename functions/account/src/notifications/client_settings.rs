//! What a company's settings say for those of its people who have not chosen themselves: set by the company's own
//! people, or by the firm that looks after the client.

use api::{Answer, Api, ApiResult, Body, InCompany};
use axum::extract::State;
use domain::{
    notification::{ClientChoice, ClientNotificationSettings, MailChoice, NotificationType},
    permission::may,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::refusal::refusal;

/// A company's settings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ClientNotificationSettings)]
pub(crate) struct ClientSettingsView {
    /// Whether each of these types is mailed; of the others the settings say nothing.
    types: Vec<ClientChoice>,
}

/// A company's settings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientNotificationSettingsResponse {
    client_notification_settings: ClientSettingsView,
}

impl From<Option<&ClientNotificationSettings>> for ClientNotificationSettingsResponse {
    fn from(settings: Option<&ClientNotificationSettings>) -> Self {
        let types = settings.map(|settings| settings.types().to_vec()).unwrap_or_default();
        Self { client_notification_settings: ClientSettingsView { types } }
    }
}

/// Shows which notifications are mailed to people of the company who have not chosen themselves.
///
/// Needs `settings.view`.
#[utoipa::path(get, path = "/v1/client-notification-settings",
    responses((status = 200, body = ClientNotificationSettingsResponse)))]
pub(crate) async fn get_client_notification_settings(
    State(api): State<Api>,
    caller: InCompany<may::SettingsView>,
) -> ApiResult {
    let settings =
        api.store.load(&caller.authority(), caller.now(), |tenant| tenant.client_notification_settings()).await?;
    Answer::ok(&ClientNotificationSettingsResponse::from(settings.as_ref()))
}

/// Whether a type is mailed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutClientChoice {
    #[serde(rename = "type")]
    kind: NotificationType,
    mail: MailChoice,
}

/// The complete settings: they replace the present ones.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutClientNotificationSettings {
    /// Whether each of these types is mailed; of the others the settings say nothing.
    types: Vec<PutClientChoice>,
}

/// Sets which notifications are mailed to people of the company who have not chosen themselves.
///
/// What a person chose counts before it, and what is required is always mailed.
///
/// Needs `settings.manage`.
#[utoipa::path(put, path = "/v1/client-notification-settings", request_body = PutClientNotificationSettings,
    responses((status = 200, body = ClientNotificationSettingsResponse)))]
pub(crate) async fn put_client_notification_settings(
    State(api): State<Api>,
    caller: InCompany<may::SettingsManage>,
    body: Body<PutClientNotificationSettings>,
) -> ApiResult {
    let (store, authority) = (&api.store, caller.authority());
    let before = store.load(&authority, caller.now(), |tenant| tenant.client_notification_settings()).await?;
    let types = body.value.types.into_iter().map(|PutClientChoice { kind, mail }| ClientChoice { kind, mail });
    let put = ClientNotificationSettings::put(before.as_ref(), &caller.company, types.collect());
    let Some((after, event)) = put.map_err(refusal("types", "type"))? else {
        return Answer::ok(&ClientNotificationSettingsResponse::from(before.as_ref()));
    };
    let mut change = store.change(&authority, caller.change_context());
    let expected = before.map(|before| before.version);
    change.put(|tenant| tenant.client_notification_settings(), expected, &after);
    change.record(event);
    change.commit().await?;
    Answer::ok(&ClientNotificationSettingsResponse::from(Some(&after)))
}
