//! The letter about published accounts, to the members who see reports. The publication is read again: events do not carry
//! what people wrote.

use domain::{Event, Money, Permission, PublicationId, report::Publication, team::holders};
use mail::{
    Line, Quote,
    letters::accounts_published::{AccountsPublished as Letter, PublishedFigure},
};
use queue::UnreadableMessage;
use store::Authority;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{addressed, company, notification_to_each},
};

pub(super) async fn published(notify: &Notify, event: &Event) -> Result<Vec<Outgoing>, NotifyError> {
    let id: PublicationId = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
    let company_id = company(event)?;
    let (authority, now) = (Authority::System(event.org.clone()), api::clock::now());
    let found = notify.store.load(&authority, now, |tenant| (tenant.publication(&id), tenant.company())).await?;
    let (Some(publication), Some(company)) = found else { return Ok(Vec::new()) };
    // It was corrected in the meantime: the letter about the correction says what counts.
    if publication.corrected_by.is_some() {
        return Ok(Vec::new());
    }
    let members = notify.store.members_to_tell(company_id, now).await?;
    let see_reports = holders(&members, Permission::ReportsView, now).map(|member| &member.user);
    let recipients = addressed(notify, see_reports.filter(|user| **user != publication.published_by)).await?;
    let link = portal_link(notify, &format!("/companies/{company_id}/publications/{id}"))?;
    let letter = Letter {
        company: (&company.name).into(),
        month: publication.month,
        published_by: (&publication.published_by_name).into(),
        reports: publication.reports.iter().map(|report| Line::new(report.title.as_str())).collect(),
        is_correction: publication.corrects.is_some(),
        changed: publication.changes.iter().map(|change| Line::new(change.title.as_str())).collect(),
        figures: figures(&publication),
        comment: publication.comment.as_ref().and_then(|comment| Quote::new(comment.as_str())),
        link,
    };
    notification_to_each(notify, event, &recipients, &[Permission::ReportsView], &letter)
}

fn figures(publication: &Publication) -> Vec<PublishedFigure> {
    let stated = publication.figures.iter().filter_map(|published| {
        let minor = published.figure.actual_minor?;
        let value = Money { minor, currency: published.currency };
        Some(PublishedFigure { role: published.figure.role, value })
    });
    stated.collect()
}
