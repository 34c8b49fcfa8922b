//! Sends invitations to firms, members, staff and clients; lists, resends and revokes them.
//!
//! No mail is sent here, and no link is made: the recorded event makes `notify` do both. No answer says
//! whether an address has an account, because nothing here looks that up.

mod bulk;
mod client_entry;
mod invitations;
mod refusal;
mod sending;
mod view;

use api::{Api, ConfigError, InOrg, env_var};
use domain::permission::{OneOf, may};

use crate::bulk::{by_address, from_list};

/// The API and the settings of the function.
#[derive(Debug, Clone)]
pub struct App {
    api: Api,
    /// How long an invitation stays open by default, 1–30 days.
    expiry_days: u8,
}

impl App {
    /// Reads the settings of the template.
    ///
    /// # Errors
    /// [`ConfigError`] for `INVITATION_EXPIRY_DAYS`.
    pub fn from_environment(api: Api) -> Result<Self, ConfigError> {
        let name = "INVITATION_EXPIRY_DAYS";
        let expiry_days = env_var(name)?.parse().ok().filter(|days| (1..=30).contains(days));
        Ok(Self { api, expiry_days: expiry_days.ok_or(ConfigError(name))? })
    }
}

/// A context from which people and firms are invited; what is needed depends on the kind of invitation.
type InvitingContext =
    InOrg<OneOf<(may::TeamManage, may::ConnectionsManage)>, OneOf<(may::StaffManage, may::ClientsManage)>>;

/// A context in which invitations are managed; those to contacts are sent elsewhere and managed here.
type ManagingContext = InOrg<
    OneOf<(may::TeamManage, may::ConnectionsManage, may::CustomersManage)>,
    OneOf<(may::StaffManage, may::ClientsManage)>,
>;

api::routes! {
    state: App;
    invitations::{create_invitation, list_invitations, resend_invitation, revoke_invitation},
    by_address::{create_invitations},
    from_list::{invite_clients},
}
