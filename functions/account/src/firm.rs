//! What a firm says about itself.

use api::{Answer, ApiResult, Body, InFirm, Problem};
use axum::extract::State;
use domain::{
    Email, FirmId, Name, Patch, UserId, UtcTime,
    org::Firm,
    org_details::{self, MainAddress, to_reach_firm},
    permission::may,
    text,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// A firm, as its people see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FirmDetailsView {
    id: FirmId,
    name: Name,
    /// The main address, and the admin whose address it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_of: Option<UserId>,
    created_at: UtcTime,
}

impl From<Firm> for FirmDetailsView {
    fn from(firm: Firm) -> Self {
        let Firm { id, name, email, email_holder, created_at, admin_count: _ } = firm;
        // An address that nobody is known to hold reaches nobody.
        let email = email.filter(|_| email_holder.is_some());
        Self { id, name, email, email_of: email_holder, created_at }
    }
}

/// A firm.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UpdateFirmResponse {
    firm: FirmDetailsView,
}

/// The fields to change; a field that is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateFirm {
    #[serde(default, deserialize_with = "text::public_name_if_any")]
    name: Option<Name>,
    /// The main address: the caller's own, as the identity provider has verified it, or `null` for none.
    #[serde(default, deserialize_with = "text::deliverable_email_patch")]
    #[schema(value_type = Option<Email>)]
    email: Patch<Email>,
}

/// Changes the firm's name and main address.
///
/// Invitations to the main address reach every admin of the firm, while the admin whose address it is stays one and
/// has it verified. The address goes when that admin leaves or becomes a bookkeeper. An empty body changes nothing and
/// shows the firm.
///
/// Needs `staff.manage`.
#[utoipa::path(patch, path = "/v1/firm", request_body = UpdateFirm,
    responses((status = 200, body = UpdateFirmResponse)))]
pub(crate) async fn update_firm(
    State(app): State<App>,
    caller: InFirm<may::StaffManage>,
    body: Body<UpdateFirm>,
) -> ApiResult {
    let (store, authority) = (&app.api.store, caller.authority());
    let UpdateFirm { name, email } = body.value;
    let address = match email {
        Patch::Keep => MainAddress::Kept,
        Patch::Clear => MainAddress::Cleared,
        Patch::Set(email) => {
            let own = app.addresses.address(caller.caller.access_token()).await?.verified();
            if own.as_ref() != Ok(&email) {
                return Err(
                    Problem::field("email", "must be your own address, verified by the identity provider").into()
                );
            }
            MainAddress::Taken(caller.caller.user.clone(), email)
        }
    };
    let firm = store.load(&authority, caller.now(), |tenant| tenant.firm()).await?.ok_or_else(Problem::not_found)?;
    let (is_renamed, is_taken) = (name.is_some(), matches!(address, MainAddress::Taken(..)));
    let mut after = firm.clone();
    if let Some((updated, event)) = org_details::update_firm(&firm, name, address) {
        let mut change = store.change(&authority, caller.change_context());
        if is_taken {
            change.require_addressee(to_reach_firm(&firm.id, &caller.caller.user));
        }
        change.update_firm(&firm, &updated);
        change.record(event);
        change.commit().await?;
        after = updated;
    }
    // Also for a name that it has already: an earlier request may have ended before every copy followed.
    if is_renamed {
        store.firm_name_follows(&after, &caller.change_context()).await?;
    }
    Answer::ok(&UpdateFirmResponse { firm: after.into() })
}
