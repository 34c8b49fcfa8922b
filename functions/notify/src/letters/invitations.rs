//! The letters that carry an invitation's link.

use domain::{
    Event, InvitationId,
    invitation::{Invitation, Offer},
    language::Reader,
    mail_log::MailRecipient,
    time::Zone,
};
use mail::{Company, Envelope, HttpUrl, Line, Quote, letters::invitation as letter, write};
use queue::UnreadableMessage;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, brand},
    recipients::selling_company,
};

pub(super) async fn letter(
    notify: &Notify,
    event: &Event,
    generation: u32,
    is_reminder: bool,
) -> Result<Vec<Outgoing>, NotifyError> {
    let id: InvitationId = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
    let Some(invitation) = notify.store.invitation_by_link(&id).await? else { return Ok(Vec::new()) };
    // It was accepted, withdrawn or sent again meanwhile: this link would open nothing.
    if invitation.open(generation, api::clock::now()).is_err() {
        return Ok(Vec::new());
    }
    let token = notify.signers.invitations.sign(&id, invitation.generation, &invitation.email).await?;
    let link = HttpUrl::parse(&token.url(&notify.urls.public))
        .map_err(|_| NotifyError::Letter("the public address is not an URL"))?;
    let inviter = notify.store.for_user(invitation.invited_by.clone()).profile().await?;
    let reply_to = inviter.map(|user| user.email);
    // The invited person may live elsewhere than who invites them.
    let reader = &Reader::new(invitation.locale.as_ref(), Zone::utc());
    let (to, reply_to) = (&invitation.email, reply_to.as_ref());
    let envelope = Envelope { event: &event.id, to, reader, reply_to };
    let message = write(&content(notify, &invitation, link, is_reminder).await?, &brand(notify), &envelope)?;
    let message = message.carrying(&id, invitation.generation);
    let recipient = MailRecipient::Invitation { id, generation: invitation.generation };
    Ok(vec![Outgoing::addressed(event, recipient, message)])
}

async fn content(
    notify: &Notify,
    invitation: &Invitation,
    link: HttpUrl,
    is_reminder: bool,
) -> Result<letter::Invitation, NotifyError> {
    let org = Line::from(&invitation.org_name);
    let name = || Line::if_any(invitation.name.as_ref().map(|name| name.as_str()));
    let offer = match &invitation.offer {
        Offer::Member { role, .. } => letter::Offer::Member { company: org, role: *role },
        Offer::Firm { .. } => letter::Offer::Firm { company: org, firm: name() },
        Offer::Staff { role, .. } => letter::Offer::Staff { firm: org, role: *role },
        Offer::Client { grants, .. } => letter::Offer::Client { firm: org, could: grants.clone() },
        Offer::Contact { company, customer_name, grants, .. } => letter::Offer::Contact {
            company: Company { name: org, ..selling_company(notify, company).await? },
            customer: customer_name.into(),
            could: grants.clone(),
        },
    };
    Ok(letter::Invitation {
        offer,
        inviter: (&invitation.invited_by_name).into(),
        invitee: name(),
        to: invitation.email.clone(),
        message: invitation.message.as_ref().and_then(|message| Quote::new(message.as_str())),
        link,
        expires_at: invitation.expires_at,
        is_reminder,
    })
}
