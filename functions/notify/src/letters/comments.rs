//! Letters about comments on sales documents. What is internal to the company reaches no contact.

use std::collections::BTreeSet;

use domain::{
    Event, Permission, UserId,
    comment::{Comment, CommentAdded, Topic},
    id::CommentId,
    sales::SalesDocument,
    team::holders,
};
use mail::{
    Quote,
    letters::comment_added::{self, CommentReader},
};
use queue::UnreadableMessage;
use store::Authority;

use super::sales_documents::{contacts, contacts_page, members_page, named};
use crate::{
    Notify,
    error::NotifyError,
    outgoing::Outgoing,
    recipients::{addressed, addressed_to_each, company, company_name, notification_to_each},
};

/// To the contacts of the customer what the company says to them; to the company's people what the customer says, and
/// what names them. Nobody is told of their own comment.
pub(super) async fn added(notify: &Notify, event: &Event, added: &CommentAdded) -> Result<Vec<Outgoing>, NotifyError> {
    let id: CommentId = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
    let on = |topic: Topic| (added.on.kind == topic).then_some(&added.on.id);
    let authority = Authority::System(event.org.clone());
    let (comment, invoice, credit_note, estimate) = notify
        .store
        .load(&authority, api::clock::now(), |tenant| {
            (
                tenant.comment(added.on.kind, &added.on.id, &id),
                on(Topic::Invoice).map(|document| tenant.invoice(document)),
                on(Topic::CreditNote).map(|document| tenant.credit_note(document)),
                on(Topic::Estimate).map(|document| tenant.estimate(document)),
            )
        })
        .await?;
    let Some(comment) = comment else { return Ok(Vec::new()) };
    if let Some(invoice) = invoice.flatten() {
        about(notify, event, &comment, &invoice).await
    } else if let Some(note) = credit_note.flatten() {
        about(notify, event, &comment, &note).await
    } else if let Some(estimate) = estimate.flatten() {
        about(notify, event, &comment, &estimate).await
    } else {
        Ok(Vec::new())
    }
}

async fn about<D: SalesDocument>(
    notify: &Notify,
    event: &Event,
    comment: &Comment,
    document: &D,
) -> Result<Vec<Outgoing>, NotifyError> {
    let (company, now) = (company(event)?, api::clock::now());
    let (view, answer) = match D::TOPIC {
        Topic::Estimate => (Permission::EstimatesView, Permission::EstimatesComment),
        Topic::Invoice | Topic::CreditNote | Topic::Document => (Permission::InvoicesView, Permission::InvoicesComment),
    };
    let (author, is_of_customer) = (comment.author.by.as_ref(), comment.author.kind.is_of_customer());
    let letter = comment_added::CommentAdded {
        document: named(document, company_name(notify, company).await?)?,
        by: comment.author.by_name.as_ref().map_or("", |name| name.as_str()).into(),
        text: Quote::new(comment.text.as_str()),
        reader: CommentReader::Company,
        link: members_page(notify, company, document)?,
    };
    let mut letters = Vec::new();

    let members = notify.store.members_to_tell(company, now).await?;
    let others = |user: &&UserId| Some(*user) != author;
    let mentioned = holders(&members, view, now).map(|member| &member.user);
    let mentioned: BTreeSet<&UserId> =
        mentioned.filter(|user| comment.mentions.contains(user)).filter(others).collect();
    let recipients = addressed(notify, mentioned.iter().copied()).await?;
    let to_them = comment_added::CommentAdded { reader: CommentReader::Mentioned, ..letter.clone() };
    letters.extend(notification_to_each(notify, event, &recipients, &[view], &to_them)?);
    if is_of_customer {
        let answering = holders(&members, answer, now).map(|member| &member.user);
        let answering = answering.filter(|user| !mentioned.contains(user)).filter(others);
        let recipients = addressed(notify, answering).await?;
        letters.extend(notification_to_each(notify, event, &recipients, &[answer], &letter)?);
    }
    if let Some(customer) = comment.shown_to().filter(|_| !is_of_customer) {
        let recipients = contacts(notify, company, customer, view).await?;
        let link = contacts_page(notify, company, document)?;
        let to_them = comment_added::CommentAdded { reader: CommentReader::Contact, link, ..letter };
        letters.extend(addressed_to_each(notify, event, &recipients, &to_them)?);
    }
    Ok(letters)
}
