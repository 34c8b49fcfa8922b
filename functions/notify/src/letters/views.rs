//! Letters about who saw a sales document, for companies that want them.

use domain::{
    Event, Permission,
    comment::Topic,
    sales::{SalesDocument, SalesDocumentViewed},
    team::holders,
};
use mail::letters::sales_document_viewed;
use store::Authority;

use super::sales_documents::{members_page, named, subject};
use crate::{
    Notify,
    error::NotifyError,
    outgoing::Outgoing,
    recipients::{addressed, company, notification_to_each, selling_company},
};

/// To the member who sent what was seen, while they may see it.
pub(super) async fn viewed(
    notify: &Notify,
    event: &Event,
    viewed: &SalesDocumentViewed,
) -> Result<Vec<Outgoing>, NotifyError> {
    let (reference, authority) = (subject(event)?, Authority::System(event.org.clone()));
    let on = |topic: Topic| (viewed.kind == topic).then_some(&reference);
    let (settings, invoice, credit_note, estimate) = notify
        .store
        .load(&authority, api::clock::now(), |tenant| {
            (
                tenant.portal_settings(),
                on(Topic::Invoice).map(|document| tenant.invoice(document)),
                on(Topic::CreditNote).map(|document| tenant.credit_note(document)),
                on(Topic::Estimate).map(|document| tenant.estimate(document)),
            )
        })
        .await?;
    if settings.is_none_or(|settings| !settings.tell_of_views) {
        return Ok(Vec::new());
    }
    if let Some(invoice) = invoice.flatten() {
        tell(notify, event, viewed, &invoice, Permission::InvoicesView).await
    } else if let Some(note) = credit_note.flatten() {
        tell(notify, event, viewed, &note, Permission::InvoicesView).await
    } else if let Some(estimate) = estimate.flatten() {
        tell(notify, event, viewed, &estimate, Permission::EstimatesView).await
    } else {
        Ok(Vec::new())
    }
}

async fn tell<D: SalesDocument>(
    notify: &Notify,
    event: &Event,
    viewed: &SalesDocumentViewed,
    document: &D,
    permission: Permission,
) -> Result<Vec<Outgoing>, NotifyError> {
    let (company, now) = (company(event)?, api::clock::now());
    // Changed and sent again since, perhaps by somebody else.
    let sent_by = document.sent_by().filter(|_| document.revision() == viewed.revision);
    let Some(sent_by) = sent_by else { return Ok(Vec::new()) };
    let view = notify
        .store
        .load(&Authority::System(event.org.clone()), now, |tenant| {
            tenant.view_of(viewed.kind, document.reference(), viewed.revision, &viewed.viewer)
        })
        .await?;
    let Some(view) = view else { return Ok(Vec::new()) };
    let members = notify.store.members_to_tell(company, now).await?;
    let sender = holders(&members, permission, now).map(|member| &member.user).filter(|user| *user == sent_by);
    let recipients = addressed(notify, sender).await?;
    let letter = sales_document_viewed::SalesDocumentViewed {
        document: named(document, selling_company(notify, company).await?)?,
        viewed_by: (&view.viewer_name).into(),
        link: members_page(notify, company, document)?,
    };
    notification_to_each(notify, event, &recipients, &[permission], &letter)
}
