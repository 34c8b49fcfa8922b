//! The letter about a payment that was received, to the members who see payments.

use domain::{Event, Money, Permission, payment::PaymentPayload};
use mail::letters::payment_received::PaymentReceived;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{company, company_name, holders_in, to_each},
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
        counterparty: Some((&payment.counterparty).into()),
        amount: Money { minor: payment.amount_minor.minor(), currency: payment.currency },
        paid_by: None,
        link,
    };
    to_each(notify, event, &recipients, &letter)
}
