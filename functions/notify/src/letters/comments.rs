//! Letters about comments on sales documents and on uploaded documents. What is internal to the company reaches no contact,
//! and what is internal to a firm nobody else.

use std::collections::BTreeSet;

use domain::{
    DocumentId, Email, Event, Permission, UserId,
    comment::{AuthorKind, Comment, CommentAdded, Topic},
    document::Document,
    id::{CommentId, ContactId},
    sales::SalesDocument,
    team::holders,
};
use mail::{
    Line, Quote,
    letters::{
        comment_added::{self, CommentReader},
        document_commented::DocumentCommented,
    },
};
use queue::UnreadableMessage;
use store::{Authority, PageRequest, Tenant};

use super::{
    document_links::{open_links, to_holder, url},
    sales_documents::{contacts, contacts_page, members_page, named},
};
use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{addressed, addressed_to_each, company, company_name, notification_to_each, selling_company},
};

/// To the contacts of the customer, and to those who commented through a hosted link, what the company says to them; to
/// the company's people what the customer says, and what names them. Nobody is told of their own comment.
pub(super) async fn added(notify: &Notify, event: &Event, added: &CommentAdded) -> Result<Vec<Outgoing>, NotifyError> {
    let id: CommentId = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
    let on = |topic: Topic| (added.on.kind == topic).then_some(&added.on.id);
    let uploaded: Option<DocumentId> = on(Topic::Document).and_then(|id| id.as_str().parse().ok());
    let authority = Authority::System(event.org.clone());
    let (comment, invoice, credit_note, estimate, document) = notify
        .store
        .load(&authority, api::clock::now(), |tenant| {
            (
                tenant.comment(added.on.kind, &added.on.id, &id),
                on(Topic::Invoice).map(|document| tenant.invoice(document)),
                on(Topic::CreditNote).map(|document| tenant.credit_note(document)),
                on(Topic::Estimate).map(|document| tenant.estimate(document)),
                uploaded.as_ref().map(|document| tenant.document(document)),
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
    } else if let Some(document) = document.flatten() {
        about_document(notify, event, &comment, &document).await
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
        document: named(document, selling_company(notify, company).await?)?,
        by: comment.author.by_name.as_ref().map_or("", |name| name.as_str()).into(),
        text: Quote::new(comment.text.as_str()),
        reader: CommentReader::Company,
        link: members_page(notify, company, document)?,
    };
    let mut letters = Vec::new();

    let mentioned = mentioned(notify, event, comment, view).await?;
    let recipients = addressed(notify, mentioned.iter()).await?;
    let to_them = comment_added::CommentAdded { reader: CommentReader::Mentioned, ..letter.clone() };
    letters.extend(notification_to_each(notify, event, &recipients, &[view], &to_them)?);
    if is_of_customer {
        let members = notify.store.members_to_tell(company, now).await?;
        let answering = holders(&members, answer, now).map(|member| &member.user);
        let answering = answering.filter(|user| !mentioned.contains(*user) && Some(*user) != author);
        let recipients = addressed(notify, answering).await?;
        letters.extend(notification_to_each(notify, event, &recipients, &[answer], &letter)?);
    }
    if let Some(customer) = comment.shown_to().filter(|_| !is_of_customer) {
        let recipients = contacts(notify, company, customer, view).await?;
        let link = contacts_page(notify, company, document)?;
        let to_them = comment_added::CommentAdded { reader: CommentReader::Contact, link, ..letter };
        letters.extend(addressed_to_each(notify, event, &recipients, &to_them)?);
        let reached = recipients.into_iter().map(|recipient| recipient.email).collect();
        letters.extend(to_holders(notify, event, document, &to_them, reached).await?);
    }
    Ok(letters)
}

/// Of the people whom a comment names, the others than its author who see it now: from their own place, or from that in
/// the firm to which it is internal.
async fn mentioned(
    notify: &Notify,
    event: &Event,
    comment: &Comment,
    view: Permission,
) -> Result<BTreeSet<UserId>, NotifyError> {
    let now = api::clock::now();
    let mut seeing = BTreeSet::new();
    for user in comment.mentions.iter().filter(|user| Some(*user) != comment.author.by.as_ref()) {
        let of_user = notify.store.for_user(user.clone());
        let (_, held) = of_user.seat_into(&event.org, comment.internal_to.as_ref(), now).await?;
        if held.is_some_and(|held| held.grants.contains(view)) {
            seeing.insert(user.clone());
        }
    }
    Ok(seeing)
}

/// To those whom a comment on an uploaded document names. Nothing is told of a deleted one.
async fn about_document(
    notify: &Notify,
    event: &Event,
    comment: &Comment,
    document: &Document,
) -> Result<Vec<Outgoing>, NotifyError> {
    if document.deleted.is_some() {
        return Ok(Vec::new());
    }
    let (company, view) = (company(event)?, Permission::DocumentsView);
    let mentioned = mentioned(notify, event, comment, view).await?;
    let recipients = addressed(notify, mentioned.iter()).await?;
    if recipients.is_empty() {
        return Ok(Vec::new());
    }
    let letter = DocumentCommented {
        company: company_name(notify, company).await?,
        document: Line::new(document.name.as_str()),
        by: comment.author.by_name.as_ref().map_or("", |name| name.as_str()).into(),
        text: Quote::new(comment.text.as_str()),
        link: portal_link(notify, &format!("/companies/{company}/documents/{}", document.id))?,
    };
    notification_to_each(notify, event, &recipients, &[view], &letter)
}

/// To those who commented on the document through a hosted link that opens it now, with that link: each address once,
/// and none that was reached already. Who was sent a link and asked nothing is told nothing.
async fn to_holders<D: SalesDocument>(
    notify: &Notify,
    event: &Event,
    document: &D,
    letter: &comment_added::CommentAdded,
    mut reached: BTreeSet<Email>,
) -> Result<Vec<Outgoing>, NotifyError> {
    let (authority, now) = (Authority::System(event.org.clone()), api::clock::now());
    let newest = |tenant: &Tenant| tenant.comments(D::TOPIC, document.reference()).backwards();
    // What else was said since, to the customer or among the company's people, hides nobody's question.
    let customer = &document.content().customer;
    let through_link =
        |comment: &Comment| comment.author.kind == AuthorKind::Link && comment.is_visible_to_customer(customer);
    let page = notify.store.page_matching(&authority, now, newest, &PageRequest::largest(), through_link).await?;
    let asked: BTreeSet<&ContactId> = page.items.iter().filter_map(|comment| comment.author.contact.as_ref()).collect();
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let company = notify.store.load(&authority, now, |tenant| tenant.company()).await?;
    let Some(company) = company else { return Ok(Vec::new()) };
    let mut letters = Vec::new();
    for open in open_links(notify, &authority, document, &company).await? {
        let link = &open.link;
        if asked.contains(&link.contact) && reached.insert(link.email.clone()) {
            let letter = comment_added::CommentAdded { link: url(notify, link).await?, ..letter.clone() };
            letters.push(to_holder(notify, event, &open, &letter)?);
        }
    }
    Ok(letters)
}
