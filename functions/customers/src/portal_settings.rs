//! What the contacts of a company's customers may do, and how the company shows itself to them.

use std::collections::BTreeSet;

use api::{Answer, Api, ApiResult, Body, InCompany, Problem};
use axum::extract::State;
use domain::{
    DocumentId, Note,
    color::Color,
    customer::{
        PortalSettings,
        settings::{PortalChoices, PortalRight, ReminderDays},
    },
    document::Document,
    invoice::InvoiceReminders,
    permission::may,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A company's settings for its customers' contacts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerPortalSettings)]
pub(crate) struct PortalSettingsView {
    /// What contacts may do, beside seeing their customer's invoices and estimates.
    rights: BTreeSet<PortalRight>,
    /// What stands at the top of each page.
    #[serde(skip_serializing_if = "Option::is_none")]
    banner: Option<Note>,
    /// The terms that pages show.
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<Note>,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<Color>,
    /// The document with the company's logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    logo: Option<DocumentId>,
    /// On which days before the due date contacts are reminded.
    remind_days_before: ReminderDays,
    /// On which days after the due date contacts are reminded.
    remind_days_after: ReminderDays,
    /// Whether the member who sent a document is told by letter who of the customer saw it, each time for the first time.
    tell_of_views: bool,
}

impl From<PortalSettings> for PortalSettingsView {
    fn from(settings: PortalSettings) -> Self {
        Self {
            rights: settings.rights(),
            banner: settings.banner,
            terms: settings.terms,
            color: settings.color,
            logo: settings.logo,
            remind_days_before: settings.remind_days_before,
            remind_days_after: settings.remind_days_after,
            tell_of_views: settings.tell_of_views,
        }
    }
}

/// The settings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PortalSettingsResponse {
    customer_portal_settings: PortalSettingsView,
}

impl From<PortalSettings> for PortalSettingsResponse {
    fn from(settings: PortalSettings) -> Self {
        Self { customer_portal_settings: settings.into() }
    }
}

/// Shows what the contacts of the company's customers may do, and how the company shows itself to them.
///
/// Until somebody chooses, contacts may do everything listed.
///
/// Needs `customers.view`.
#[utoipa::path(get, path = "/v1/customer-portal-settings", responses((status = 200, body = PortalSettingsResponse)))]
pub(crate) async fn get_portal_settings(State(api): State<Api>, caller: InCompany<may::CustomersView>) -> ApiResult {
    let settings = api.store.load(&caller.authority(), caller.now(), |tenant| tenant.portal_settings()).await?;
    let settings = settings.unwrap_or_else(|| PortalSettings::default_of(&caller.company, caller.now()));
    Answer::ok(&PortalSettingsResponse::from(settings))
}

/// The complete settings: they replace the present ones.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutPortalSettings {
    /// What contacts may do, beside seeing their customer's invoices and estimates.
    rights: BTreeSet<PortalRight>,
    /// What stands at the top of each page.
    #[serde(default)]
    banner: Option<Note>,
    /// The terms that pages show.
    #[serde(default)]
    terms: Option<Note>,
    #[serde(default)]
    color: Option<Color>,
    /// A document of the company: a PNG or JPEG picture that was found clean.
    #[serde(default)]
    logo: Option<DocumentId>,
    /// On which days before the due date contacts are reminded: up to five different numbers from 1 to 90.
    #[serde(default)]
    remind_days_before: ReminderDays,
    /// On which days after the due date contacts are reminded: up to five different numbers from 1 to 90.
    #[serde(default)]
    remind_days_after: ReminderDays,
    /// Whether the member who sent a document is told by letter who of the customer saw it.
    #[serde(default)]
    tell_of_views: bool,
}

/// Sets what the contacts of the company's customers may do, and how the company shows itself to them.
///
/// A right that is not listed is gone from every contact with their next request.
///
/// Needs `customers.manage`.
#[utoipa::path(put, path = "/v1/customer-portal-settings", request_body = PutPortalSettings,
    responses((status = 200, body = PortalSettingsResponse)))]
pub(crate) async fn put_portal_settings(
    State(api): State<Api>,
    caller: InCompany<may::CustomersManage>,
    body: Body<PutPortalSettings>,
) -> ApiResult {
    let authority = caller.authority();
    let PutPortalSettings { rights, banner, terms, color, logo, remind_days_before, remind_days_after, tell_of_views } =
        body.value;
    let (known, reminders, company, pictures) = api
        .store
        .load(&authority, caller.now(), |tenant| {
            let pictures: Vec<_> = logo.iter().map(|logo| tenant.document(logo)).collect();
            (tenant.portal_settings(), tenant.invoice_reminders(), tenant.company(), pictures)
        })
        .await?;
    let known: Option<PortalSettings> = known;
    let Some(company) = company else { return Err(Problem::not_found().into()) };
    if logo.is_some() && !pictures.iter().flatten().any(Document::is_picture) {
        return Err(Problem::field("logo", "is no clean PNG or JPEG document of this company").into());
    }
    let choices =
        PortalChoices { rights, banner, terms, color, logo, remind_days_before, remind_days_after, tell_of_views };
    let Some((settings, event)) = PortalSettings::choose(&caller.company, known.as_ref(), choices, caller.now()) else {
        let unchanged = known.unwrap_or_else(|| PortalSettings::default_of(&caller.company, caller.now()));
        return Answer::ok(&PortalSettingsResponse::from(unchanged));
    };

    let switched = InvoiceReminders::switched(
        reminders.as_ref(),
        &caller.company,
        &settings.reminder_days(),
        &company.time_zone,
        caller.now(),
    );
    let mut change = api.store.change(&authority, caller.change_context());
    change.put(|tenant| tenant.portal_settings(), known.map(|known| known.version), &settings);
    if let Some(switched) = &switched {
        change.put(|tenant| tenant.invoice_reminders(), reminders.map(|reminders| reminders.version), switched);
    }
    change.record(event);
    change.commit().await?;
    Answer::ok(&PortalSettingsResponse::from(settings))
}
