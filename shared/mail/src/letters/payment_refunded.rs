//! The letter about a refund: to those who manage payments or invoices, and to the payer.

use domain::{Money, language::Reader, messages};

use super::invoice_payment::InvoicePayment;
use crate::layout::{Fact, Letter, Words};

/// What happened to a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refund {
    /// So much was refunded.
    Made(Money),
    /// A refund of so much failed: the money is paid again.
    Failed(Money),
}

/// What the payment provider refunded of a payment has changed.
#[derive(Debug, Clone)]
pub struct PaymentRefunded {
    /// The payment.
    pub payment: InvoicePayment,
    /// What happened.
    pub refund: Refund,
    /// How much of it is refunded now, in all.
    pub refunded: Money,
}

messages! {
    subject_made(amount, number) {
        English: "Payment refunded: {amount} for invoice {number}",
        German: "Zahlung erstattet: {amount} zu Rechnung {number}",
        French: "Paiement remboursé : {amount} pour la facture {number}",
        Dutch: "Terugbetaling: {amount} voor factuur {number}",
        Spanish: "Pago reembolsado: {amount} de la factura {number}",
    }
    made(amount, number) {
        English: "{amount} of a payment for invoice {number} was refunded. The invoice is due again for it.",
        German: "Von einer Zahlung zu Rechnung {number} wurden {amount} erstattet. In dieser Höhe ist die Rechnung wieder \
                 offen.",
        French: "Un remboursement de {amount} a été effectué sur un paiement de la facture {number}. La facture est de \
                 nouveau due à hauteur de ce montant.",
        Dutch: "Van een betaling voor factuur {number} is {amount} terugbetaald. Voor dit bedrag staat de factuur weer open.",
        Spanish: "Se ha efectuado un reembolso de {amount} sobre un pago de la factura {number}. La factura vuelve a estar \
                  pendiente por ese importe.",
    }
    subject_failed(amount, number) {
        English: "Refund failed: {amount} for invoice {number}",
        German: "Erstattung fehlgeschlagen: {amount} zu Rechnung {number}",
        French: "Échec du remboursement : {amount} pour la facture {number}",
        Dutch: "Terugbetaling mislukt: {amount} voor factuur {number}",
        Spanish: "Reembolso fallido: {amount} de la factura {number}",
    }
    failed(amount, number) {
        English: "A refund of {amount} for invoice {number} failed. The amount is paid again.",
        German: "Eine Erstattung von {amount} zu Rechnung {number} ist fehlgeschlagen. Der Betrag gilt wieder als bezahlt.",
        French: "Un remboursement de {amount} pour la facture {number} a échoué. Ce montant est de nouveau considéré comme \
                 payé.",
        Dutch: "Een terugbetaling van {amount} voor factuur {number} is mislukt. Het bedrag geldt weer als betaald.",
        Spanish: "Un reembolso de {amount} de la factura {number} ha fallado. El importe vuelve a considerarse pagado.",
    }
    refunded_in_all {
        English: "Refunded in all",
        German: "Insgesamt erstattet",
        French: "Total remboursé",
        Dutch: "In totaal terugbetaald",
        Spanish: "Total reembolsado",
    }
}

impl Letter for PaymentRefunded {
    fn name(&self) -> &'static str {
        "payment-refunded"
    }

    fn words(&self, reader: &Reader) -> Words {
        let number = &self.payment.invoice_number;
        let (subject, said) = match self.refund {
            Refund::Made(amount) => {
                let amount = &reader.money(amount);
                (subject_made(reader, amount, number.short()), made(reader, amount, number))
            }
            Refund::Failed(amount) => {
                let amount = &reader.money(amount);
                (subject_failed(reader, amount, number.short()), failed(reader, amount, number))
            }
        };
        let refunded = Fact::new(refunded_in_all(reader), reader.money(self.refunded));
        self.payment.words(reader, &subject, &said, refunded)
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let euros = |minor| Money { minor, currency: "EUR".parse().unwrap() };
        let made = Self {
            payment: InvoicePayment::example(say),
            refund: Refund::Made(euros(20_000)),
            refunded: euros(50_000),
        };
        let failed = Self { refund: Refund::Failed(euros(20_000)), refunded: euros(30_000), ..made.clone() };
        vec![("a_payment_is_refunded", made), ("a_refund_fails", failed)]
    }
}
