//! The person who registers a company or firm.

use api::{ApiResult, Caller, Problem};
use domain::org::User;
use store::Idempotency;

use crate::App;

impl App {
    /// Loads the caller's profile for a registration. A repeated request is answered here.
    ///
    /// # Errors
    /// `409 conflict` before they have a profile.
    pub(crate) async fn registrant(&self, caller: &Caller, idempotency: Option<&Idempotency>) -> ApiResult<User> {
        let own = self.api.store.for_user(caller.user.clone());
        let user = own.profile_once(idempotency, caller.now).await??;
        Ok(user.ok_or_else(Problem::no_profile)?)
    }
}
