//! Letters about payments: received through the provider or otherwise, to the members who see payments; refunded and disputed, to those who manage
//! payments or edit invoices, and to the payer.

use std::collections::BTreeSet;

use domain::{
    Event, Money, PaymentId, Permission, UserId,
    invoice::{InvoicePaid, InvoiceState},
    payment,
    payment::PaymentPayload,
    team::holders,
};
use mail::{
    Letter,
    letters::{
        invoice_paid::InvoicePaid as InvoicePaidElsewhere,
        invoice_payment::InvoicePayment,
        payment_disputed::{Dispute, PaymentDisputed},
        payment_received::PaymentReceived,
        payment_refunded::{PaymentRefunded, Refund},
    },
};
use queue::UnreadableMessage;
use store::Authority;

use super::sales_documents;
use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{addressed, addressed_to_each, company, company_name, holders_in, notification_to_each},
};

pub(super) async fn received(
    notify: &Notify,
    event: &Event,
    payment: &PaymentPayload,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let link = portal_link(notify, &format!("/companies/{company}/invoices/{}", payment.invoice))?;
    let recipients = holders_in(notify, &event.org, Permission::PaymentsView).await?;
    let letter = PaymentReceived {
        company: company_name(notify, company).await?,
        invoice_number: (&payment.invoice_number).into(),
        customer: Some((&payment.customer_name).into()),
        amount: Money { minor: payment.amount_minor.minor(), currency: payment.currency },
        paid_by: None,
        link,
    };
    notification_to_each(notify, event, &recipients, &[Permission::PaymentsView], &letter)
}

/// To those who see payments, but not the person who recorded it.
pub(super) async fn paid_elsewhere(
    notify: &Notify,
    event: &Event,
    paid: &InvoicePaid,
) -> Result<Vec<Outgoing>, NotifyError> {
    let (company, reference) = (company(event)?, sales_documents::subject(event)?);
    let authority = Authority::System(event.org.clone());
    let invoice = notify.store.load(&authority, api::clock::now(), |tenant| tenant.invoice(&reference)).await?;
    // What was received was a mistake, and is corrected.
    if invoice.is_none_or(|invoice| invoice.state != InvoiceState::Settled) {
        return Ok(Vec::new());
    }
    let money = |minor| Money { minor, currency: paid.currency };
    let mut recipients = holders_in(notify, &event.org, Permission::PaymentsView).await?;
    recipients.retain(|recipient| Some(&recipient.user) != event.actor.user.as_ref());
    let letter = InvoicePaidElsewhere {
        company: company_name(notify, company).await?,
        invoice_number: (&paid.number).into(),
        customer: (&paid.customer_name).into(),
        total: money(paid.total_minor.minor()),
        received: money(paid.settled_elsewhere_minor.minor()),
        link: portal_link(notify, &format!("/companies/{company}/invoices/{reference}"))?,
    };
    notification_to_each(notify, event, &recipients, &[Permission::PaymentsView], &letter)
}

pub(super) async fn refunded(
    notify: &Notify,
    event: &Event,
    refunded: &payment::PaymentRefunded,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let money = |minor| Money { minor, currency: refunded.currency };
    let changed =
        money(refunded.refunded_minor.abs_diff(refunded.before_refunded_minor).try_into().unwrap_or(i64::MAX));
    let is_failed = refunded.refunded_minor < refunded.before_refunded_minor;
    let letter = PaymentRefunded {
        payment: InvoicePayment {
            company: company_name(notify, company).await?,
            invoice_number: (&refunded.invoice_number).into(),
            customer: (&refunded.customer_name).into(),
            paid: money(refunded.amount_minor.minor()),
            link: portal_link(notify, &format!("/companies/{company}/invoices/{}", refunded.invoice))?,
        },
        refund: if is_failed { Refund::Failed(changed) } else { Refund::Made(changed) },
        refunded: money(refunded.refunded_minor),
    };
    to_concerned(notify, event, &letter).await
}

pub(super) async fn disputed(
    notify: &Notify,
    event: &Event,
    disputed: &payment::PaymentDisputed,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let money = |minor| Money { minor, currency: disputed.currency };
    let changed =
        money(disputed.disputed_minor.abs_diff(disputed.before_disputed_minor).try_into().unwrap_or(i64::MAX));
    let is_won = disputed.disputed_minor < disputed.before_disputed_minor;
    let letter = PaymentDisputed {
        payment: InvoicePayment {
            company: company_name(notify, company).await?,
            invoice_number: (&disputed.invoice_number).into(),
            customer: (&disputed.customer_name).into(),
            paid: money(disputed.amount_minor.minor()),
            link: portal_link(notify, &format!("/companies/{company}/invoices/{}", disputed.invoice))?,
        },
        dispute: if is_won { Dispute::Won(changed) } else { Dispute::Opened(changed) },
        disputed: money(disputed.disputed_minor),
    };
    to_concerned(notify, event, &letter).await
}

/// The permissions of those who follow money that goes back: one of them is enough.
const FOLLOWS: [Permission; 2] = [Permission::PaymentsManage, Permission::InvoicesEdit];

/// To the members who manage payments or edit invoices now, and to the person who paid, each once. The payer gets the
/// letter as a member or not: it is about money of theirs.
async fn to_concerned(notify: &Notify, event: &Event, letter: &impl Letter) -> Result<Vec<Outgoing>, NotifyError> {
    let (company, now) = (company(event)?, api::clock::now());
    let id: PaymentId = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
    let authority = Authority::System(event.org.clone());
    let payment = notify.store.load(&authority, now, |tenant| tenant.payment(&id)).await?;
    let members = notify.store.members_to_tell(company, now).await?;
    let following: BTreeSet<&UserId> = FOLLOWS
        .into_iter()
        .flat_map(|permission| holders(&members, permission, now).map(|member| &member.user))
        .collect();
    let payer =
        payment.as_ref().and_then(|payment| payment.started_by.as_ref()).filter(|payer| !following.contains(payer));
    let payer = addressed(notify, payer.into_iter()).await?;
    let following = addressed(notify, following.into_iter()).await?;
    let mut letters = notification_to_each(notify, event, &following, &FOLLOWS, letter)?;
    letters.extend(addressed_to_each(notify, event, &payer, letter)?);
    Ok(letters)
}
