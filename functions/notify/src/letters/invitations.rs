//! The letters that carry an invitation's link.

use domain::{
    Event, InvitationId, Permission,
    invitation::{Invitation, Offer},
};
use mail::{Brand, Envelope, HttpUrl, Message, RenderError, letters};
use queue::UnreadableMessage;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, brand},
};

/// Writes one of the letters that carry an invitation's link.
type Write = fn(&Brand<'_>, &Envelope<'_>, &letters::Invitation<'_>) -> Result<Message, RenderError>;

pub(super) async fn letter(
    notify: &Notify,
    event: &Event,
    generation: u32,
    write: Write,
) -> Result<Vec<Outgoing>, NotifyError> {
    let id: InvitationId = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
    let Some(invitation) = notify.store.invitation_by_link(&id).await? else { return Ok(Vec::new()) };
    // It was accepted, withdrawn or sent again meanwhile: this link would open nothing.
    if invitation.open(generation, api::clock::now()).is_err() {
        return Ok(Vec::new());
    }
    let token = notify.signer.sign(&id, invitation.generation, &invitation.email).await?;
    let link = HttpUrl::parse(&token.url(&notify.urls.public))
        .map_err(|_| NotifyError::Letter("the public address is not an URL"))?;
    let could: Vec<String> = invitation.offer.grants().iter().map(Permission::in_plain_words).collect();
    let inviter = notify.store.for_user(invitation.invited_by.clone()).profile().await?;
    let reply_to = inviter.map(|user| user.email);
    let envelope = Envelope { event: &event.id, to: &invitation.email, reply_to: reply_to.as_ref(), unsubscribe: None };
    let message = write(&brand(notify), &envelope, &content(&invitation, &could, &link))?;
    let message = message.carrying(&id, invitation.generation);
    Ok(vec![Outgoing { recipient: format!("{id}.{}", invitation.generation), message }])
}

fn content<'a>(invitation: &'a Invitation, could: &'a [String], link: &'a HttpUrl) -> letters::Invitation<'a> {
    let org = invitation.org_name.as_str();
    let offer = match &invitation.offer {
        Offer::Member { role, .. } => letters::Offer::Member { company: org, role: role.as_str() },
        Offer::Firm { .. } => {
            letters::Offer::Firm { company: org, firm: invitation.name.as_ref().map(|name| name.as_str()) }
        }
        Offer::Staff { role, .. } => letters::Offer::Staff { firm: org, role: role.as_str() },
        Offer::Client { .. } => letters::Offer::Client { firm: org, could },
    };
    letters::Invitation {
        offer,
        inviter: invitation.invited_by_name.as_str(),
        invitee: invitation.name.as_ref().map(|name| name.as_str()),
        message: invitation.message.as_ref().map(|message| message.as_str()),
        link,
        expires_at: invitation.expires_at,
        locale: invitation.locale.as_ref(),
    }
}
