//! Letters about approvals: to the members who may decide, and to the preparer.

use domain::{
    Event, Money, Permission, Reference,
    approval::{ApprovalPayload, ApprovalStatus},
};
use mail::{
    Line, Quote,
    letters::{
        approval_decided::{ApprovalDecided, Decision},
        approval_requested::ApprovalRequested,
    },
};
use queue::UnreadableMessage;
use store::Authority;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{company, holders_among, person, to_person},
};

pub(super) async fn requested(
    notify: &Notify,
    event: &Event,
    approval: &ApprovalPayload,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    // Decided or withdrawn meanwhile: there is nothing left to ask for.
    if is_closed(notify, event).await? {
        return Ok(Vec::new());
    }
    let members = notify.store.members_to_tell(company).await?;
    let link = portal_link(notify, &format!("/companies/{company}/approvals/{}", event.subject.id))?;
    let preparer = approval.prepared_by.as_ref();
    let prepared_by =
        members.iter().find(|member| Some(&member.user) == preparer).map(|member| Line::from(&member.name));
    holders_among(&members, Permission::ApprovalsDecide)
        // The preparer cannot decide it, so there is nothing for them to do.
        .filter(|member| preparer != Some(&member.user))
        .map(|member| {
            let letter = ApprovalRequested {
                company: (&member.company_name).into(),
                payee: (&approval.payee).into(),
                amount: amount(approval),
                description: None,
                prepared_by: prepared_by.clone(),
                link: link.clone(),
            };
            to_person(notify, event, &member.into(), &letter)
        })
        .collect()
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
    let company_name = notify.store.for_user(preparer.clone()).company_name(company).await?;
    let link = portal_link(notify, &format!("/companies/{company}/approvals/{}", event.subject.id))?;
    let letter = ApprovalDecided {
        company: company_name.as_ref().map_or("", |name| name.as_str()).into(),
        payee: (&approval.payee).into(),
        amount: amount(approval),
        description: None,
        decision,
        decided_by: event.actor.name.as_ref().map_or("", |name| name.as_str()).into(),
        reason: approval.reason.as_ref().and_then(|reason| Quote::new(reason.as_str())),
        link,
    };
    Ok(vec![to_person(notify, event, &recipient, &letter)?])
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
