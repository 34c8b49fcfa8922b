//! Letters about approvals and their policy: to the members who may decide, and to the preparer.

use domain::{
    Event, Money, Permission, Reference,
    approval::{ApprovalPayload, ApprovalPolicyChanged, ApprovalStatus, PolicyTerms},
    team::holders,
};
use mail::{
    Line, Quote,
    letters::{
        approval_decided::{ApprovalDecided, Decision},
        approval_policy_changed::{self, ApprovalRule},
        approval_requested::ApprovalRequested,
        approval_withdrawn::ApprovalWithdrawn,
    },
};
use queue::UnreadableMessage;
use store::Authority;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{addressed, company, company_name, holders_in, notification_to, notification_to_each, person},
};

pub(super) async fn requested(
    notify: &Notify,
    event: &Event,
    approval: &ApprovalPayload,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    // Decided or withdrawn in the meantime: nobody has to decide.
    if is_closed(notify, event).await? {
        return Ok(Vec::new());
    }
    let members = notify.store.members_to_tell(company, api::clock::now()).await?;
    let link = portal_link(notify, &format!("/companies/{company}/approvals/{}", event.subject.id))?;
    let preparer = approval.prepared_by.as_ref();
    let prepared_by =
        members.iter().find(|member| Some(&member.user) == preparer).map(|member| Line::from(&member.name));
    let deciders = holders(&members, Permission::ApprovalsDecide, api::clock::now())
        // The preparer cannot decide it, so there is nothing for them to do.
        .filter(|member| preparer != Some(&member.user));
    let recipients = addressed(notify, deciders.map(|member| &member.user)).await?;
    let letter = ApprovalRequested {
        company: company_name(notify, company).await?,
        payee: (&approval.payee).into(),
        amount: amount(approval),
        description: None,
        prepared_by,
        link,
    };
    notification_to_each(notify, event, &recipients, &[Permission::ApprovalsDecide], &letter)
}

pub(super) async fn decided(
    notify: &Notify,
    event: &Event,
    approval: &ApprovalPayload,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let Some(preparer) = &approval.prepared_by else { return Ok(Vec::new()) };
    let Some(recipient) = person(notify, preparer).await? else { return Ok(Vec::new()) };
    let decision = match approval.status {
        ApprovalStatus::Approved => Decision::Approved,
        ApprovalStatus::Rejected => Decision::Rejected,
        ApprovalStatus::Pending | ApprovalStatus::NotRequired | ApprovalStatus::Withdrawn => return Ok(Vec::new()),
    };
    let link = portal_link(notify, &format!("/companies/{company}/approvals/{}", event.subject.id))?;
    let letter = ApprovalDecided {
        company: company_name(notify, company).await?,
        payee: (&approval.payee).into(),
        amount: amount(approval),
        description: None,
        decision,
        decided_by: event.actor.name.as_ref().map_or("", |name| name.as_str()).into(),
        reason: approval.reason.as_ref().and_then(|reason| Quote::new(reason.as_str())),
        link,
    };
    Ok(vec![notification_to(notify, event, &recipient, &[Permission::ApprovalsView], &letter)?])
}

/// To those who may have been asked: the members who may decide now.
pub(super) async fn withdrawn(
    notify: &Notify,
    event: &Event,
    approval: &ApprovalPayload,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let mut recipients = holders_in(notify, &event.org, Permission::ApprovalsDecide).await?;
    recipients.retain(|recipient| approval.prepared_by.as_ref() != Some(&recipient.user));
    let letter = ApprovalWithdrawn {
        company: company_name(notify, company).await?,
        payee: (&approval.payee).into(),
        amount: amount(approval),
        reason: approval.reason.as_ref().map(|reason| Line::new(reason.as_str())),
        link: portal_link(notify, &format!("/companies/{company}/approvals/{}", event.subject.id))?,
    };
    notification_to_each(notify, event, &recipients, &[Permission::ApprovalsDecide], &letter)
}

/// To every member who may decide now. The person who changed the policy is included: they must learn of a change
/// that someone else made in their name.
pub(super) async fn policy_changed(
    notify: &Notify,
    event: &Event,
    changed: &ApprovalPolicyChanged,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let link = portal_link(notify, &format!("/companies/{company}/approval-policy"))?;
    let recipients = holders_in(notify, &event.org, Permission::ApprovalsDecide).await?;
    let letter = approval_policy_changed::ApprovalPolicyChanged {
        company: company_name(notify, company).await?,
        before: changed.before.as_ref().map_or(ApprovalRule::Nothing, rule),
        after: rule(&changed.after),
        changed_by: event.actor.name.as_ref().map_or("", |name| name.as_str()).into(),
        link,
    };
    notification_to_each(notify, event, &recipients, &[Permission::ApprovalsDecide], &letter)
}

fn rule(terms: &PolicyTerms) -> ApprovalRule {
    if terms.enabled {
        ApprovalRule::From(Money { minor: terms.threshold_minor.minor(), currency: terms.currency })
    } else {
        ApprovalRule::Nothing
    }
}

async fn is_closed(notify: &Notify, event: &Event) -> Result<bool, NotifyError> {
    let reference: Reference = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
    let authority = Authority::System(event.org.clone());
    let approval = notify.store.load(&authority, api::clock::now(), |tenant| tenant.approval(&reference)).await?;
    Ok(approval.is_some_and(|approval| approval.status != ApprovalStatus::Pending))
}

fn amount(approval: &ApprovalPayload) -> Money {
    Money { minor: approval.amount_minor.minor(), currency: approval.currency }
}
