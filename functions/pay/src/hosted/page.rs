//! The pages that answer the form with which the holder of a hosted link pays.

use api::ApiError;
use axum::http::StatusCode;
use domain::{
    Money,
    invoice::InvoiceState,
    language::Reader,
    messages,
    payment::{PayError, PaymentStatus},
};
use html::{Link, Page, Pages};

use super::answer::{HostedPaymentResponse, Stop};

/// These pages have no form.
const PAGES: Pages = Pages::WITHOUT_FORMS;

/// The page that leads to the provider's.
///
/// It is no redirect, since browsers keep the form of the page before it to our own origin.
pub(super) fn ready(reader: &Reader, ready: &HostedPaymentResponse) -> Page {
    let HostedPaymentResponse { payment, provider } = ready;
    let amount = reader.money(Money { minor: payment.amount_minor.minor(), currency: payment.currency });
    let text = you_pay_there(reader, amount, reader.date_and_time(provider.expires_at));
    let to_provider = Link { url: &provider.url, label: continue_to_payment(reader) };
    PAGES.notice(reader, StatusCode::CREATED, (almost_there(reader), text.as_str()), Some(to_provider))
}

/// The page that says why nothing can be paid.
pub(super) fn refused(reader: &Reader, stop: &Stop) -> Page {
    let said = match stop {
        Stop::Over(PaymentStatus::Succeeded) => (payment_received(reader), invoice_says_so(reader)),
        Stop::Over(PaymentStatus::Pending | PaymentStatus::Canceled) => {
            (on_its_way(reader), invoice_will_say_so(reader))
        }
        Stop::Refused(PayError::NotOpen(InvoiceState::Settled)) => (nothing_left(reader), invoice_says_so(reader)),
        Stop::Refused(PayError::NotOpen(InvoiceState::Draft | InvoiceState::Open | InvoiceState::Void)) => {
            (cannot_be_paid(reader), ask_the_company(reader))
        }
        Stop::Refused(PayError::NotOnline) => (not_online(reader), pay_as_it_says(reader)),
        Stop::Refused(PayError::BelowMinimum { .. }) => (too_little(reader), pay_otherwise(reader)),
        Stop::Refused(PayError::MoreThanDue { .. } | PayError::TooManyPending) => {
            (being_paid(reader), nothing_is_due(reader))
        }
        Stop::Failed(ApiError::Problem(problem)) => match problem.status() {
            StatusCode::FORBIDDEN => (may_not_pay(reader), ask_the_company(reader)),
            StatusCode::CONFLICT => (not_taken(reader), try_once_more(reader)),
            status => return PAGES.failed(reader, status),
        },
        // Nothing of a link is refused for these.
        Stop::Refused(PayError::OwnPending(_) | PayError::Currency(_)) | Stop::Failed(ApiError::Replay(_)) => {
            return PAGES.failed(reader, StatusCode::INTERNAL_SERVER_ERROR);
        }
    };
    let status = match stop {
        Stop::Failed(ApiError::Problem(problem)) => problem.status(),
        Stop::Refused(_) | Stop::Over(_) | Stop::Failed(ApiError::Replay(_)) => StatusCode::CONFLICT,
    };
    PAGES.notice(reader, status, said, None)
}

messages! {
    almost_there {
        English: "Your payment is prepared",
        German: "Ihre Zahlung ist vorbereitet",
        French: "Votre paiement est préparé",
        Dutch: "Uw betaling staat klaar",
        Spanish: "Su pago está preparado",
    }
    you_pay_there(amount, until) {
        English: "You pay {amount} on the page of the payment provider. It works until {until}.",
        German: "Sie zahlen {amount} auf der Seite des Zahlungsdienstleisters. Sie funktioniert bis {until}.",
        French: "Vous payez {amount} sur la page du prestataire de paiement. Elle fonctionne jusqu’au {until}.",
        Dutch: "U betaalt {amount} op de pagina van de betaaldienst. Die werkt tot {until}.",
        Spanish: "Usted paga {amount} en la página del proveedor de pagos. Funciona hasta el {until}.",
    }
    continue_to_payment {
        English: "Continue to payment",
        German: "Weiter zur Zahlung",
        French: "Continuer vers le paiement",
        Dutch: "Doorgaan naar de betaling",
        Spanish: "Continuar al pago",
    }
    payment_received {
        English: "Your payment was received",
        German: "Ihre Zahlung ist eingegangen",
        French: "Votre paiement a été reçu",
        Dutch: "Uw betaling is ontvangen",
        Spanish: "Su pago se ha recibido",
    }
    invoice_says_so {
        English: "Open the link in your letter again to see the invoice as it is now.",
        German: "Öffnen Sie den Link in Ihrer E-Mail noch einmal, um den jetzigen Stand der Rechnung zu sehen.",
        French: "Ouvrez de nouveau le lien de votre e-mail pour voir l’état actuel de la facture.",
        Dutch: "Open de link in uw e-mail opnieuw om te zien hoe de factuur er nu voor staat.",
        Spanish: "Abra de nuevo el enlace de su correo para ver el estado actual de la factura.",
    }
    on_its_way {
        English: "Your payment is on its way",
        German: "Ihre Zahlung ist unterwegs",
        French: "Votre paiement est en cours",
        Dutch: "Uw betaling is onderweg",
        Spanish: "Su pago está en camino",
    }
    invoice_will_say_so {
        English: "The page of the invoice says so as soon as the money has arrived. You need not pay again.",
        German: "Auf der Seite der Rechnung steht es, sobald das Geld eingegangen ist. Sie müssen nicht noch einmal zahlen.",
        French: "La page de la facture l’indiquera dès que l’argent sera arrivé. Vous n’avez pas à payer de nouveau.",
        Dutch: "Op de pagina van de factuur staat het zodra het geld binnen is. U hoeft niet nog eens te betalen.",
        Spanish: "La página de la factura lo indicará en cuanto llegue el dinero. No tiene que pagar de nuevo.",
    }
    nothing_left {
        English: "Nothing is left to pay",
        German: "Es ist nichts mehr zu zahlen",
        French: "Il ne reste rien à payer",
        Dutch: "Er is niets meer te betalen",
        Spanish: "No queda nada por pagar",
    }
    cannot_be_paid {
        English: "This invoice cannot be paid",
        German: "Diese Rechnung kann nicht bezahlt werden",
        French: "Cette facture ne peut pas être payée",
        Dutch: "Deze factuur kan niet worden betaald",
        Spanish: "Esta factura no se puede pagar",
    }
    ask_the_company {
        English: "Please ask the company that sent it to you.",
        German: "Bitte fragen Sie das Unternehmen, das sie Ihnen gesendet hat.",
        French: "Veuillez vous adresser à l’entreprise qui vous l’a envoyée.",
        Dutch: "Vraag het bedrijf dat u de factuur heeft gestuurd.",
        Spanish: "Consulte a la empresa que se la envió.",
    }
    not_online {
        English: "This invoice is not paid online",
        German: "Diese Rechnung wird nicht online bezahlt",
        French: "Cette facture ne se paie pas en ligne",
        Dutch: "Deze factuur wordt niet online betaald",
        Spanish: "Esta factura no se paga en línea",
    }
    pay_as_it_says {
        English: "Please pay it in the way that the invoice names.",
        German: "Bitte bezahlen Sie sie so, wie es auf der Rechnung steht.",
        French: "Veuillez la payer de la manière indiquée sur la facture.",
        Dutch: "Betaal op de manier die op de factuur staat.",
        Spanish: "Páguela de la forma que indica la factura.",
    }
    too_little {
        English: "The amount is too small to be paid online",
        German: "Der Betrag ist zu klein für eine Onlinezahlung",
        French: "Le montant est trop faible pour être payé en ligne",
        Dutch: "Het bedrag is te klein om online te betalen",
        Spanish: "El importe es demasiado pequeño para pagarlo en línea",
    }
    pay_otherwise {
        English: "Please pay it in another way.",
        German: "Bitte bezahlen Sie ihn auf andere Weise.",
        French: "Veuillez le payer d’une autre manière.",
        Dutch: "Betaal het op een andere manier.",
        Spanish: "Páguelo de otra forma.",
    }
    being_paid {
        English: "Somebody is paying this invoice",
        German: "Diese Rechnung wird gerade bezahlt",
        French: "Quelqu’un est en train de payer cette facture",
        Dutch: "Iemand is deze factuur aan het betalen",
        Spanish: "Alguien está pagando esta factura",
    }
    nothing_is_due {
        English: "Nothing more is due while that payment is under way. If it is not completed, you can pay here later.",
        German: "Solange diese Zahlung läuft, ist nichts weiter fällig. Wird sie nicht abgeschlossen, können Sie später hier zahlen.",
        French: "Rien d’autre n’est dû tant que ce paiement est en cours. S’il n’aboutit pas, vous pourrez payer ici plus tard.",
        Dutch: "Zolang die betaling loopt, is er niets meer verschuldigd. Als die niet wordt afgerond, kunt u hier later betalen.",
        Spanish: "No se debe nada más mientras ese pago esté en curso. Si no se completa, podrá pagar aquí más tarde.",
    }
    may_not_pay {
        English: "You cannot pay through this link",
        German: "Über diesen Link können Sie nicht zahlen",
        French: "Vous ne pouvez pas payer par ce lien",
        Dutch: "Via deze link kunt u niet betalen",
        Spanish: "No puede pagar mediante este enlace",
    }
    not_taken {
        English: "The payment could not be started",
        German: "Die Zahlung konnte nicht begonnen werden",
        French: "Le paiement n’a pas pu être commencé",
        Dutch: "De betaling kon niet worden gestart",
        Spanish: "No se ha podido iniciar el pago",
    }
    try_once_more {
        English: "Nothing was taken. Open the link in your letter again and try once more.",
        German: "Es wurde nichts abgebucht. Öffnen Sie den Link in Ihrer E-Mail und versuchen Sie es noch einmal.",
        French: "Rien n’a été prélevé. Ouvrez de nouveau le lien de votre e-mail et réessayez.",
        Dutch: "Er is niets afgeschreven. Open de link in uw e-mail opnieuw en probeer het nog eens.",
        Spanish: "No se ha cobrado nada. Abra de nuevo el enlace de su correo e inténtelo otra vez.",
    }
}

#[cfg(test)]
mod tests {
    use api::{Problem, ProblemType};
    use axum::response::IntoResponse as _;
    use domain::{Permission, UtcTime};
    use html::examples::{Examples, assert_in_the_readers_language};

    use super::*;
    use crate::hosted::answer::{HostedCheckout, HostedPayment};

    fn stops() -> Vec<Stop> {
        let problem = |problem: Problem| Stop::Failed(problem.into());
        vec![
            Stop::Over(PaymentStatus::Succeeded),
            Stop::Over(PaymentStatus::Pending),
            Stop::Refused(PayError::NotOpen(InvoiceState::Settled)),
            Stop::Refused(PayError::NotOpen(InvoiceState::Void)),
            Stop::Refused(PayError::NotOnline),
            Stop::Refused(PayError::BelowMinimum { due_minor: 10, minimum_minor: 50 }),
            Stop::Refused(PayError::MoreThanDue { due_minor: 0, pending: Vec::new() }),
            Stop::Refused(PayError::TooManyPending),
            problem(Problem::not_granted(Permission::PaymentsPay)),
            problem(Problem::conflict("The amount is too large.", "canceled")),
            problem(Problem::new(ProblemType::Gone)),
            problem(Problem::not_found()),
            problem(Problem::new(ProblemType::Unavailable)),
        ]
    }

    fn example() -> HostedPaymentResponse {
        HostedPaymentResponse {
            payment: HostedPayment {
                id: "py_0192f5c4a7b87c3d9e0f112233445566".parse().unwrap(),
                amount_minor: 123_456.try_into().unwrap(),
                currency: "EUR".parse().unwrap(),
                started_at: UtcTime::EPOCH,
            },
            provider: HostedCheckout {
                name: "stripe",
                url: "https://checkout.example/c/pay/cs_1#fid".to_owned(),
                expires_at: UtcTime::EPOCH,
            },
        }
    }

    /// A customer would otherwise leave the page in their language for one in English.
    #[test]
    fn every_page_of_a_payment_is_in_the_readers_language() {
        let pages = |reader: &Reader| -> Examples {
            let refused = stops().into_iter().map(|stop| ("refused", refused(reader, &stop)));
            refused.chain([("ready", ready(reader, &example()))]).collect()
        };
        assert_in_the_readers_language(pages, &[]);
    }

    #[test]
    fn the_page_leads_to_the_providers_and_a_refusal_nowhere() {
        let page = ready(&Reader::default(), &example());
        assert!(page.html().contains("href=\"https://checkout.example/c/pay/cs_1#fid\""), "{}", page.html());
        assert!(page.html().contains("1,234.56"), "{}", page.html());
        for stop in stops() {
            let page = refused(&Reader::default(), &stop);
            assert!(!page.html().contains("href"), "{stop:?}: {}", page.html());
            assert_eq!(page.status(), ApiError::from(stop).into_response().status());
        }
    }
}
