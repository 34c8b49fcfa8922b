//! The letter about a dispute: to those who manage payments or invoices, and to the payer.

use domain::{Money, language::Reader, messages};

use super::invoice_payment::InvoicePayment;
use crate::layout::{Fact, Letter, Words};

/// What happened to a dispute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dispute {
    /// The payer's bank disputes so much, and the payment provider withdrew it.
    Opened(Money),
    /// A dispute of so much was won: the money is back.
    Won(Money),
}

/// What the payment provider withdrew of a payment for disputes has changed.
#[derive(Debug, Clone)]
pub struct PaymentDisputed {
    /// The payment.
    pub payment: InvoicePayment,
    /// What happened.
    pub dispute: Dispute,
    /// How much of it is withdrawn now for disputes, in all.
    pub disputed: Money,
}

messages! {
    subject_opened(amount, number) {
        English: "Payment disputed: {amount} for invoice {number}",
        German: "Zahlung angefochten: {amount} zu Rechnung {number}",
        French: "Paiement contesté : {amount} pour la facture {number}",
        Dutch: "Betaling betwist: {amount} voor factuur {number}",
        Spanish: "Pago en disputa: {amount} de la factura {number}",
    }
    opened(amount, number) {
        English: "The bank of the payer disputes {amount} of a payment for invoice {number}. The payment provider withdrew the \
                  amount, and the invoice is due again for it. If the dispute is won, the amount comes back.",
        German: "Die Bank des Zahlers hat eine Zahlung zu Rechnung {number} in Höhe von {amount} angefochten. Der \
                 Zahlungsdienstleister hat den Betrag abgebucht; in dieser Höhe ist die Rechnung wieder offen. Wird die \
                 Anfechtung abgewehrt, kommt der Betrag zurück.",
        French: "La banque du payeur conteste un paiement de la facture {number} à hauteur de {amount}. Le prestataire de \
                 paiement a prélevé ce montant, et la facture est de nouveau due d’autant. Si le litige est gagné, le montant \
                 sera restitué.",
        Dutch: "De bank van de betaler betwist {amount} van een betaling voor factuur {number}. De betaaldienstverlener heeft \
                het bedrag teruggeboekt; voor dit bedrag staat de factuur weer open. Wordt het geschil gewonnen, dan komt het \
                bedrag terug.",
        Spanish: "El banco del pagador ha abierto una disputa por {amount} de un pago de la factura {number}. El proveedor de \
                  pagos ha retirado el importe, y la factura vuelve a estar pendiente por esa cantidad. Si se gana la disputa, \
                  el importe se recupera.",
    }
    subject_won(amount, number) {
        English: "Dispute won: {amount} for invoice {number}",
        German: "Anfechtung abgewehrt: {amount} zu Rechnung {number}",
        French: "Litige gagné : {amount} pour la facture {number}",
        Dutch: "Geschil gewonnen: {amount} voor factuur {number}",
        Spanish: "Disputa ganada: {amount} de la factura {number}",
    }
    won(amount, number) {
        English: "A dispute about a payment for invoice {number} was won. {amount} is paid again.",
        German: "Die Anfechtung einer Zahlung zu Rechnung {number} wurde abgewehrt. Der Betrag von {amount} gilt wieder als \
                 bezahlt.",
        French: "Un litige sur un paiement de la facture {number} a été gagné. Le montant de {amount} est de nouveau considéré \
                 comme payé.",
        Dutch: "Een geschil over een betaling voor factuur {number} is gewonnen. Het bedrag van {amount} geldt weer als \
                betaald.",
        Spanish: "Se ha ganado una disputa sobre un pago de la factura {number}. El importe de {amount} vuelve a considerarse \
                  pagado.",
    }
    withdrawn {
        English: "Withdrawn for disputes",
        German: "Wegen Anfechtungen abgebucht",
        French: "Prélevé pour litiges",
        Dutch: "Teruggeboekt wegens geschillen",
        Spanish: "Retirado por disputas",
    }
}

impl Letter for PaymentDisputed {
    fn name(&self) -> &'static str {
        "payment-disputed"
    }

    fn words(&self, reader: &Reader) -> Words {
        let number = &self.payment.invoice_number;
        let (subject, said) = match self.dispute {
            Dispute::Opened(amount) => {
                let amount = &reader.money(amount);
                (subject_opened(reader, amount, number.short()), opened(reader, amount, number))
            }
            Dispute::Won(amount) => {
                let amount = &reader.money(amount);
                (subject_won(reader, amount, number.short()), won(reader, amount, number))
            }
        };
        let disputed = Fact::new(withdrawn(reader), reader.money(self.disputed));
        self.payment.words(reader, &subject, &said, disputed)
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let euros = |minor| Money { minor, currency: "EUR".parse().unwrap() };
        let opened = Self {
            payment: InvoicePayment::example(say),
            dispute: Dispute::Opened(euros(123_456)),
            disputed: euros(123_456),
        };
        let won = Self { dispute: Dispute::Won(euros(123_456)), disputed: euros(0), ..opened.clone() };
        vec![("a_payment_is_disputed", opened), ("a_dispute_is_won", won)]
    }
}
