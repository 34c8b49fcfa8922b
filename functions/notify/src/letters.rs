//! Which letters an event makes, and for whom.
//!
//! An event names things and never carries an address: addresses are read here, at the last
//! moment, from the people concerned. An event that concerns nobody by mail makes no letter.

use domain::{
    CompanyId, Email, Event, EventWithLetter, InvitationId, Money, Org, Permission, UserId,
    approval::{ApprovalPayload, ApprovalStatus},
    bank::BalanceBelowThreshold,
    invitation::{Invitation, Offer},
    org::{Member, Status},
    payment::PaymentPayload,
    team::holders,
};
use mail::{
    Brand, Envelope, HttpUrl, Message, RenderError,
    letters::{self, Decision, Ended},
};

use crate::{Notify, queue::TellError};

mod access;
mod registration;

/// A letter and whom it is for.
pub(crate) struct Letter {
    /// Names the recipient in the claim: a user id, or an invitation's id and generation.
    pub(crate) recipient: String,
    pub(crate) message: Message,
}

/// One of the letters that carry an invitation's link.
type InvitationLetter = fn(&Brand<'_>, &Envelope<'_>, &letters::Invitation<'_>) -> Result<Message, RenderError>;

fn rendered(message: Result<Message, RenderError>) -> Result<Message, TellError> {
    message.map_err(|_| TellError::Letter("a template could not be written out"))
}

impl Notify {
    /// The letters that an event makes.
    pub(crate) async fn letters(&self, event: &Event) -> Result<Vec<Letter>, TellError> {
        let Some(payload) = EventWithLetter::of(event).map_err(|_| TellError::NotAnEvent)? else {
            return Ok(Vec::new());
        };
        match payload {
            EventWithLetter::InvitationCreated(it) | EventWithLetter::InvitationResent(it) => {
                self.invitation(event, it.generation, letters::invitation).await
            }
            EventWithLetter::InvitationReminded(it) => {
                self.invitation(event, it.generation, letters::invitation_reminder).await
            }
            EventWithLetter::ApprovalRequested(it) => self.approval_requested(event, it).await,
            EventWithLetter::ApprovalDecided(it) => self.approval_decided(event, it).await,
            EventWithLetter::PaymentSucceeded(it) => self.payment_received(event, it).await,
            EventWithLetter::BalanceBelowThreshold(it) => self.balance_below_threshold(event, it).await,
            EventWithLetter::MemberRemoved(_) | EventWithLetter::StaffRemoved(_) => self.access_ended(event).await,
            EventWithLetter::AccessRequested(it) => self.access_requested(event, it).await,
            EventWithLetter::AccessGranted(it) | EventWithLetter::AccessRefused(it) => {
                self.access_decided(event, it).await
            }
            EventWithLetter::ReferralRegistered(it) => self.client_registered(event, it).await,
        }
    }

    fn brand(&self) -> Brand<'_> {
        Brand { product: &self.product }
    }

    fn portal_link(&self, path: &str) -> Result<HttpUrl, TellError> {
        HttpUrl::parse(&format!("{}{path}", self.urls.portal))
            .map_err(|_| TellError::Letter("the portal's address is not an URL"))
    }

    async fn invitation(
        &self,
        event: &Event,
        generation: u32,
        write: InvitationLetter,
    ) -> Result<Vec<Letter>, TellError> {
        let id: InvitationId = event.subject.id.parse().map_err(|_| TellError::NotAnEvent)?;
        let Some(invitation) = self.store.invitation_by_link(&id).await? else { return Ok(Vec::new()) };
        // Accepted, withdrawn or sent again in the meantime: this link would open nothing.
        if invitation.open(generation, api::clock::now()).is_err() {
            return Ok(Vec::new());
        }
        let token = self.signer.sign(&id, invitation.generation, &invitation.email).await?;
        let link = HttpUrl::parse(&token.url(&self.urls.public))
            .map_err(|_| TellError::Letter("the public address is not an URL"))?;
        let could: Vec<String> = invitation.offer.grants().iter().map(Permission::in_plain_words).collect();
        let reply_to = self.store.for_user(invitation.invited_by.clone()).profile().await?.map(|user| user.email);
        let envelope =
            Envelope { event: &event.id, to: &invitation.email, reply_to: reply_to.as_ref(), unsubscribe: None };
        let message = rendered(write(&self.brand(), &envelope, &what(&invitation, &could, &link)))?;
        let message = message.carrying(&id, invitation.generation);
        Ok(vec![Letter { recipient: format!("{id}.{}", invitation.generation), message }])
    }

    async fn approval_requested(&self, event: &Event, about: ApprovalPayload) -> Result<Vec<Letter>, TellError> {
        let company = company(event)?;
        let members = self.store.members_to_tell(company).await?;
        let link = self.portal_link(&format!("/companies/{company}/approvals/{}", event.subject.id))?;
        let preparer = about.prepared_by.as_ref();
        let prepared_by = name_of(&members, preparer);
        let letter = |member: &Member, envelope: &Envelope<'_>| {
            letters::approval_requested(
                &self.brand(),
                envelope,
                &letters::ApprovalRequested {
                    company: member.company_name.as_str(),
                    payee: about.payee.as_str(),
                    amount: Money { minor: about.amount_minor.minor(), currency: about.currency },
                    description: None,
                    prepared_by: prepared_by.as_deref(),
                    link: &link,
                },
            )
        };
        // Whoever prepared it cannot decide it, so there is nothing for them to do.
        to_holders(event, &members, Permission::ApprovalsDecide, |m| preparer != Some(&m.user), letter)
    }

    async fn approval_decided(&self, event: &Event, about: ApprovalPayload) -> Result<Vec<Letter>, TellError> {
        let company = company(event)?;
        let Some(preparer) = about.prepared_by else { return Ok(Vec::new()) };
        let Some(user) = self.store.for_user(preparer).profile().await? else { return Ok(Vec::new()) };
        let decision = match about.status {
            ApprovalStatus::Approved => Decision::Approved,
            ApprovalStatus::Rejected => Decision::Rejected,
            ApprovalStatus::Pending | ApprovalStatus::NotRequired => return Ok(Vec::new()),
        };
        let company_name = self.store.for_user(user.id.clone()).company_name(company).await?;
        let link = self.portal_link(&format!("/companies/{company}/approvals/{}", event.subject.id))?;
        let envelope = Envelope { event: &event.id, to: &user.email, reply_to: None, unsubscribe: None };
        let message = letters::approval_decided(
            &self.brand(),
            &envelope,
            &letters::ApprovalDecided {
                company: company_name.as_ref().map_or("", |name| name.as_str()),
                payee: about.payee.as_str(),
                amount: Money { minor: about.amount_minor.minor(), currency: about.currency },
                description: None,
                decision,
                decided_by: event.actor.name.as_ref().map_or("", |name| name.as_str()),
                reason: about.reason.as_ref().map(|reason| reason.as_str()),
                link: &link,
            },
        );
        Ok(vec![Letter { recipient: user.id.to_string(), message: rendered(message)? }])
    }

    async fn payment_received(&self, event: &Event, about: PaymentPayload) -> Result<Vec<Letter>, TellError> {
        let company = company(event)?;
        let members = self.store.members_to_tell(company).await?;
        let link = self.portal_link(&format!("/companies/{company}/invoices/{}", about.invoice))?;
        let letter = |member: &Member, envelope: &Envelope<'_>| {
            letters::payment_received(
                &self.brand(),
                envelope,
                &letters::PaymentReceived {
                    company: member.company_name.as_str(),
                    invoice_number: about.invoice_number.as_str(),
                    counterparty: Some(about.counterparty.as_str()),
                    amount: Money { minor: about.amount_minor.minor(), currency: about.currency },
                    paid_by: None,
                    link: &link,
                },
            )
        };
        to_holders(event, &members, Permission::PaymentsView, |_| true, letter)
    }

    async fn balance_below_threshold(
        &self,
        event: &Event,
        about: BalanceBelowThreshold,
    ) -> Result<Vec<Letter>, TellError> {
        let company = company(event)?;
        let members = self.store.members_to_tell(company).await?;
        let link = self.portal_link(&format!("/companies/{company}/bank-accounts/{}", event.subject.id))?;
        let letter = |member: &Member, envelope: &Envelope<'_>| {
            letters::balance_below_threshold(
                &self.brand(),
                envelope,
                &letters::BalanceBelowThreshold {
                    company: member.company_name.as_str(),
                    account: about.name.as_str(),
                    balance: Money { minor: about.balance_minor.minor(), currency: about.currency },
                    threshold: Money {
                        minor: about.threshold_minor.map_or(0, |threshold| threshold.minor()),
                        currency: about.currency,
                    },
                    as_of: Some(about.as_of),
                    link: &link,
                },
            )
        };
        to_holders(event, &members, Permission::BankManage, |_| true, letter)
    }

    async fn access_ended(&self, event: &Event) -> Result<Vec<Letter>, TellError> {
        let user: UserId = event.subject.id.parse().map_err(|_| TellError::NotAnEvent)?;
        // Whoever left was removed by nobody, and knows.
        if event.actor.user.as_ref() == Some(&user) {
            return Ok(Vec::new());
        }
        let own = self.store.for_user(user.clone());
        let Some(profile) = own.profile().await? else { return Ok(Vec::new()) };
        let org_name = match &event.org {
            Org::Company(company) => own.company_name(company).await?,
            Org::Firm(firm) => own.firm_name(firm).await?,
        };
        let org_name = org_name.as_ref().map_or("", |name| name.as_str());
        let ended = match &event.org {
            Org::Company(_) => Ended::Member { company: org_name },
            Org::Firm(_) => Ended::Staff { firm: org_name },
        };
        let by = event.actor.name.as_ref().map_or("", |name| name.as_str());
        let envelope = Envelope { event: &event.id, to: &profile.email, reply_to: None, unsubscribe: None };
        let message = letters::access_ended(&self.brand(), &envelope, &letters::AccessEnded { ended, by });
        Ok(vec![Letter { recipient: user.to_string(), message: rendered(message)? }])
    }
}

fn company(event: &Event) -> Result<&CompanyId, TellError> {
    event.org.company().ok_or(TellError::NotAnEvent)
}

fn name_of(members: &[Member], user: Option<&UserId>) -> Option<String> {
    members.iter().find(|member| Some(&member.user) == user).map(|member| member.name.to_string())
}

/// One letter for each active member who holds the permission now and is concerned.
fn to_holders(
    event: &Event,
    members: &[Member],
    permission: Permission,
    concerned: impl Fn(&Member) -> bool,
    letter: impl Fn(&Member, &Envelope<'_>) -> Result<Message, RenderError>,
) -> Result<Vec<Letter>, TellError> {
    holders(members, permission, api::clock::now())
        .filter(|member| member.status == Status::Active && concerned(member))
        .map(|member| to_person(event, (&member.user, &member.email), |envelope| letter(member, envelope)))
        .collect()
}

/// One person's letter.
fn to_person(
    event: &Event,
    (user, email): (&UserId, &Email),
    letter: impl FnOnce(&Envelope<'_>) -> Result<Message, RenderError>,
) -> Result<Letter, TellError> {
    let envelope = Envelope { event: &event.id, to: email, reply_to: None, unsubscribe: None };
    Ok(Letter { recipient: user.to_string(), message: rendered(letter(&envelope))? })
}

/// A person who is told: their id, which names them in the claim, and where.
type Told = (UserId, Email);

impl Notify {
    /// Those members of a company, or staff of a firm, who hold the permission there now.
    async fn holders_in(&self, org: &Org, permission: Permission) -> Result<Vec<Told>, TellError> {
        let now = api::clock::now();
        Ok(match org {
            Org::Company(company) => {
                let members = self.store.members_to_tell(company).await?;
                holders(&members, permission, now).map(|m| (m.user.clone(), m.email.clone())).collect()
            }
            Org::Firm(firm) => {
                let staff = self.store.staff_to_tell(firm).await?;
                holders(&staff, permission, now).map(|s| (s.user.clone(), s.email.clone())).collect()
            }
        })
    }
}

/// One letter for each of these people.
fn to_each(
    event: &Event,
    people: &[Told],
    letter: impl Fn(&Envelope<'_>) -> Result<Message, RenderError>,
) -> Result<Vec<Letter>, TellError> {
    people.iter().map(|(user, email)| to_person(event, (user, email), &letter)).collect()
}

fn what<'a>(invitation: &'a Invitation, could: &'a [String], link: &'a HttpUrl) -> letters::Invitation<'a> {
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
