//! The letter about a payment that was received, to the members who see payments.

use domain::{Event, Money, Permission, payment::PaymentPayload};
use mail::letters::payment_received::PaymentReceived;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{company, holders_among, to_person},
};

pub(super) async fn received(
    notify: &Notify,
    event: &Event,
    payment: &PaymentPayload,
) -> Result<Vec<Outgoing>, NotifyError> {
    let company = company(event)?;
    let members = notify.store.members_to_tell(company, api::clock::now()).await?;
    let link = portal_link(notify, &format!("/companies/{company}/invoices/{}", payment.invoice))?;
    holders_among(&members, Permission::PaymentsView)
        .map(|member| {
            let letter = PaymentReceived {
                company: (&member.company_name).into(),
                invoice_number: (&payment.invoice_number).into(),
                counterparty: Some((&payment.counterparty).into()),
                amount: Money { minor: payment.amount_minor.minor(), currency: payment.currency },
                paid_by: None,
                link: link.clone(),
            };
            to_person(notify, event, &member.into(), &letter)
        })
        .collect()
}
