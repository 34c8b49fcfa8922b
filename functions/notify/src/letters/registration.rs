//! The letter to a firm whose link or code brought a client.

use domain::{Event, Name, Permission, referral::ReferralRegistered, signup_source::SignupSourceKind};
use mail::{
    Envelope,
    letters::{self, ClientRegistered, SignupSource},
};
use store::Authority;

use super::{Letter, to_each};
use crate::{Notify, queue::TellError};

impl Notify {
    pub(super) async fn client_registered(
        &self,
        event: &Event,
        about: ReferralRegistered,
    ) -> Result<Vec<Letter>, TellError> {
        let through = match about.through {
            SignupSourceKind::RegistrationLink => SignupSource::Link,
            SignupSourceKind::SignupCode => SignupSource::Code,
            // It attributes a signup to the firm and connects nobody: there is no client to look after.
            SignupSourceKind::VendorCode => return Ok(Vec::new()),
        };
        let firm = event.org.firm().ok_or(TellError::NotAnEvent)?;
        let authority = Authority::System(event.org.clone());
        let found = self.store.load(&authority, api::clock::now(), None, |tenant| tenant.firm()).await?;
        let Some(found) = found else { return Ok(Vec::new()) };
        let people = self.holders_in(&event.org, Permission::ClientsManage).await?;
        let link = self.portal_link(&format!("/firms/{firm}/clients"))?;
        let letter = |envelope: &Envelope<'_>| {
            let what = ClientRegistered {
                company: about.company_name.as_str(),
                firm: found.name.as_str(),
                through,
                label: about.label.as_ref().map(Name::as_str),
                registered_by: event.actor.name.as_ref().map(Name::as_str),
                link: &link,
            };
            letters::client_registered(&self.brand(), envelope, &what)
        };
        to_each(event, &people, letter)
    }
}
