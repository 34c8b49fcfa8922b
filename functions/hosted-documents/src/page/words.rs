//! The words of the pages of a hosted link.

use domain::language::Reader;
use domain::{
    Money, comment::Topic, estimate::EstimateStatus as Estimate, invoice::InvoiceStatus as Invoice, messages,
};

use crate::view::HostedDocument;

messages! {
    invoice {
        English: "Invoice",
        German: "Rechnung",
        French: "Facture",
        Dutch: "Factuur",
        Spanish: "Factura",
    }
    credit_note {
        English: "Credit note",
        German: "Gutschrift",
        French: "Avoir",
        Dutch: "Creditnota",
        Spanish: "Nota de crédito",
    }
    estimate {
        English: "Estimate",
        German: "Angebot",
        French: "Devis",
        Dutch: "Offerte",
        Spanish: "Presupuesto",
    }
    a_document {
        English: "Document",
        German: "Dokument",
        French: "Document",
        Dutch: "Document",
        Spanish: "Documento",
    }
    pub(super) from_company(company) {
        English: "From {company}",
        German: "Von {company}",
        French: "De la part de l’entreprise {company}",
        Dutch: "Van {company}",
        Spanish: "De {company}",
    }
    pub(super) has_this_for(company, contact) {
        English: "{company} has this document for {contact}.",
        German: "{company} stellt dieses Dokument für {contact} bereit.",
        French: "{company} met ce document à la disposition de {contact}.",
        Dutch: "{company} heeft dit document klaargezet voor {contact}.",
        Spanish: "{company} pone este documento a disposición de {contact}.",
    }
    pub(super) open_document {
        English: "Open the document",
        German: "Dokument öffnen",
        French: "Ouvrir le document",
        Dutch: "Document openen",
        Spanish: "Abrir el documento",
    }
    pub(super) sees_that_you_opened(company, expires) {
        English: "{company} sees that you opened it. The link works until {expires}.",
        German: "{company} sieht, dass Sie es geöffnet haben. Der Link funktioniert bis zum {expires}.",
        French: "{company} voit que vous l’avez ouvert. Le lien fonctionne jusqu’au {expires}.",
        Dutch: "{company} ziet dat u het hebt geopend. De link werkt tot en met {expires}.",
        Spanish: "{company} ve que usted lo ha abierto. El enlace funciona hasta el {expires}.",
    }
    paid {
        English: "It is paid.",
        German: "Bezahlt.",
        French: "Payée.",
        Dutch: "Betaald.",
        Spanish: "Está pagada.",
    }
    credited {
        English: "It is credited.",
        German: "Gutgeschrieben.",
        French: "Annulée par un avoir.",
        Dutch: "Gecrediteerd.",
        Spanish: "Está abonada.",
    }
    withdrawn_document {
        English: "It was withdrawn.",
        German: "Storniert.",
        French: "Annulée.",
        Dutch: "Ingetrokken.",
        Spanish: "Está anulada.",
    }
    overdue {
        English: "It is overdue.",
        German: "Überfällig.",
        French: "En retard de paiement.",
        Dutch: "De betaaltermijn is verstreken.",
        Spanish: "Está vencida.",
    }
    accepted {
        English: "It is accepted.",
        German: "Angenommen.",
        French: "Accepté.",
        Dutch: "Geaccepteerd.",
        Spanish: "Está aceptado.",
    }
    declined {
        English: "It is declined.",
        German: "Abgelehnt.",
        French: "Refusé.",
        Dutch: "Afgewezen.",
        Spanish: "Está rechazado.",
    }
    lapsed {
        English: "It can no longer be accepted.",
        German: "Kann nicht mehr angenommen werden.",
        French: "Il ne peut plus être accepté.",
        Dutch: "Kan niet meer worden geaccepteerd.",
        Spanish: "Ya no se puede aceptar.",
    }
    due_on(day) {
        English: "Due on {day}",
        German: "Fällig am {day}",
        French: "Échéance : {day}",
        Dutch: "Uiterste betaaldatum: {day}",
        Spanish: "Vence el {day}",
    }
    valid_until(day) {
        English: "Valid until {day}",
        German: "Gültig bis {day}",
        French: "Valable jusqu’au {day}",
        Dutch: "Geldig tot en met {day}",
        Spanish: "Válido hasta el {day}",
    }
    pub(super) still_due {
        English: "Still due",
        German: "Noch offen",
        French: "Reste à payer",
        Dutch: "Nog te betalen",
        Spanish: "Pendiente de pago",
    }
    pay_amount(amount) {
        English: "Pay {amount}",
        German: "{amount} bezahlen",
        French: "Payer {amount}",
        Dutch: "{amount} betalen",
        Spanish: "Pagar {amount}",
    }
    go_on_paying {
        English: "Go on with the payment",
        German: "Zahlung fortsetzen",
        French: "Poursuivre le paiement",
        Dutch: "Doorgaan met de betaling",
        Spanish: "Continuar con el pago",
    }
    under_way(amount) {
        English: "A payment of {amount} through this link is under way. If you have paid, you need not do anything.",
        German: "Eine Zahlung von {amount} über diesen Link läuft. Wenn Sie gezahlt haben, müssen Sie nichts weiter tun.",
        French: "Un paiement de {amount} par ce lien est en cours. Si vous avez payé, vous n’avez rien à faire.",
        Dutch: "Via deze link loopt een betaling van {amount}. Als u hebt betaald, hoeft u niets te doen.",
        Spanish: "Hay un pago de {amount} en curso mediante este enlace. Si ya ha pagado, no tiene que hacer nada.",
    }
    pub(super) in_total {
        English: "In total",
        German: "Insgesamt",
        French: "Au total",
        Dutch: "In totaal",
        Spanish: "En total",
    }
    pub(super) your_text_is_below {
        English: "Your text is below",
        German: "Ihr Text steht unten",
        French: "Votre texte se trouve plus bas",
        Dutch: "Uw tekst staat hieronder",
        Spanish: "Su texto está más abajo",
    }
    pub(super) your_text_was {
        English: "Your text was:",
        German: "Ihr Text war:",
        French: "Votre texte était :",
        Dutch: "Uw tekst was:",
        Spanish: "Su texto era:",
    }
    pub(super) accept_or_decline {
        English: "Accept or decline",
        German: "Annehmen oder ablehnen",
        French: "Accepter ou refuser",
        Dutch: "Accepteren of afwijzen",
        Spanish: "Aceptar o rechazar",
    }
    pub(super) from {
        English: "From",
        German: "Von",
        French: "De",
        Dutch: "Van",
        Spanish: "De",
    }
    pub(super) for_whom {
        English: "For",
        German: "Für",
        French: "Pour",
        Dutch: "Voor",
        Spanish: "Para",
    }
    pub(super) issued_on {
        English: "Issued on",
        German: "Ausgestellt am",
        French: "Date d’émission",
        Dutch: "Datum",
        Spanish: "Fecha de emisión",
    }
    pub(super) lines {
        English: "Lines",
        German: "Positionen",
        French: "Lignes",
        Dutch: "Regels",
        Spanish: "Líneas",
    }
    pub(super) without_tax {
        English: "Without tax",
        German: "Nettobetrag",
        French: "Hors taxes",
        Dutch: "Exclusief btw",
        Spanish: "Sin impuestos",
    }
    pub(super) tax {
        English: "Tax",
        German: "Steuer",
        French: "Taxes",
        Dutch: "Btw",
        Spanish: "Impuestos",
    }
    pub(super) total {
        English: "Total",
        German: "Gesamtbetrag",
        French: "Total",
        Dutch: "Totaal",
        Spanish: "Total",
    }
    pub(super) terms {
        English: "Terms",
        German: "Bedingungen",
        French: "Conditions",
        Dutch: "Voorwaarden",
        Spanish: "Condiciones",
    }
    pub(super) files {
        English: "Files",
        German: "Dateien",
        French: "Fichiers",
        Dutch: "Bestanden",
        Spanish: "Archivos",
    }
    pub(super) download(file) {
        English: "Download {file}",
        German: "{file} herunterladen",
        French: "Télécharger {file}",
        Dutch: "{file} downloaden",
        Spanish: "Descargar {file}",
    }
    pub(super) your_decision {
        English: "Your decision",
        German: "Ihre Entscheidung",
        French: "Votre décision",
        Dutch: "Uw beslissing",
        Spanish: "Su decisión",
    }
    pub(super) accept {
        English: "Accept",
        German: "Annehmen",
        French: "Accepter",
        Dutch: "Accepteren",
        Spanish: "Aceptar",
    }
    pub(super) why_you_decline {
        English: "Why you decline",
        German: "Warum Sie ablehnen",
        French: "Pourquoi vous refusez",
        Dutch: "Waarom u afwijst",
        Spanish: "Por qué lo rechaza",
    }
    pub(super) decline {
        English: "Decline",
        German: "Ablehnen",
        French: "Refuser",
        Dutch: "Afwijzen",
        Spanish: "Rechazar",
    }
    pub(super) comments {
        English: "Comments",
        German: "Kommentare",
        French: "Commentaires",
        Dutch: "Opmerkingen",
        Spanish: "Comentarios",
    }
    pub(super) there_are_older_ones {
        English: "The newest comments. There are older ones.",
        German: "Die neuesten Kommentare. Es gibt ältere.",
        French: "Les commentaires les plus récents. Il en existe de plus anciens.",
        Dutch: "De nieuwste opmerkingen. Er zijn oudere.",
        Spanish: "Los comentarios más recientes. Hay otros anteriores.",
    }
    pub(super) none_yet {
        English: "There are none yet.",
        German: "Es gibt noch keine.",
        French: "Il n’y en a pas encore.",
        Dutch: "Er zijn er nog geen.",
        Spanish: "Aún no hay ninguno.",
    }
    pub(super) somebody {
        English: "Somebody",
        German: "Jemand",
        French: "Quelqu’un",
        Dutch: "Iemand",
        Spanish: "Alguien",
    }
    pub(super) by_whom_and_when(by, at) {
        English: "{by}, {at}",
        German: "{by}, {at}",
        French: "{by}, {at}",
        Dutch: "{by}, {at}",
        Spanish: "{by}, {at}",
    }
    pub(super) by_whom_of_the_company_and_when(by, company, at) {
        English: "{by} of {company}, {at}",
        German: "{by} von {company}, {at}",
        French: "{by} ({company}), {at}",
        Dutch: "{by} van {company}, {at}",
        Spanish: "{by}, de {company}, {at}",
    }
    pub(super) your_comment {
        English: "Your comment",
        German: "Ihr Kommentar",
        French: "Votre commentaire",
        Dutch: "Uw opmerking",
        Spanish: "Su comentario",
    }
    pub(super) who_can_read_it(company, customer) {
        English: "{company} and the contacts of {customer} can read it.",
        German: "{company} und die Kontaktpersonen von {customer} können ihn lesen.",
        French: "{company} et les contacts du client {customer} peuvent le lire.",
        Dutch: "{company} en de contactpersonen van {customer} kunnen deze lezen.",
        Spanish: "{company} y los contactos de {customer} pueden leerlo.",
    }
    pub(super) add_comment {
        English: "Add the comment",
        German: "Kommentar hinzufügen",
        French: "Ajouter le commentaire",
        Dutch: "Opmerking toevoegen",
        Spanish: "Añadir el comentario",
    }
    pub(super) link_has_expired {
        English: "This link has expired",
        German: "Dieser Link ist abgelaufen",
        French: "Ce lien a expiré",
        Dutch: "Deze link is verlopen",
        Spanish: "Este enlace ha caducado",
    }
    pub(super) to_the_same_address {
        English: "A new one can be sent to the same address, and to no other.",
        German: "Ein neuer kann an dieselbe Adresse gesendet werden, und an keine andere.",
        French: "Un nouveau lien peut être envoyé à la même adresse, et à aucune autre.",
        Dutch: "Een nieuwe kan naar hetzelfde adres worden gestuurd, en naar geen ander.",
        Spanish: "Se puede enviar uno nuevo a la misma dirección, y a ninguna otra.",
    }
    pub(super) send_new_link {
        English: "Send a new link",
        German: "Neuen Link senden",
        French: "Envoyer un nouveau lien",
        Dutch: "Nieuwe link sturen",
        Spanish: "Enviar un enlace nuevo",
    }
    pub(super) link_is_open {
        English: "This link is open",
        German: "Dieser Link ist gültig",
        French: "Ce lien est valable",
        Dutch: "Deze link is geldig",
        Spanish: "Este enlace es válido",
    }
    pub(super) go_back_and_open {
        English: "Go back and open the document with it.",
        German: "Gehen Sie zurück und öffnen Sie damit das Dokument.",
        French: "Revenez en arrière et ouvrez le document avec ce lien.",
        Dutch: "Ga terug en open er het document mee.",
        Spanish: "Vuelva atrás y abra con él el documento.",
    }
    pub(super) newer_link {
        English: "There is a newer link",
        German: "Es gibt einen neueren Link",
        French: "Il existe un lien plus récent",
        Dutch: "Er is een nieuwere link",
        Spanish: "Hay un enlace más reciente",
    }
    pub(super) use_that_one {
        English: "A newer link was sent to the same address. Please use that one.",
        German: "Ein neuerer Link wurde an dieselbe Adresse gesendet. Bitte verwenden Sie diesen.",
        French: "Un lien plus récent a été envoyé à la même adresse. Veuillez utiliser celui-là.",
        Dutch: "Er is een nieuwere link naar hetzelfde adres gestuurd. Gebruik die.",
        Spanish: "Se ha enviado un enlace más reciente a la misma dirección. Utilice ese.",
    }
    pub(super) link_was_withdrawn {
        English: "This link was withdrawn",
        German: "Dieser Link wurde zurückgezogen",
        French: "Ce lien a été retiré",
        Dutch: "Deze link is ingetrokken",
        Spanish: "Este enlace se ha retirado",
    }
    pub(super) ask_the_company {
        English: "Please ask the company that sent you the document for a new one.",
        German: "Bitte fragen Sie das Unternehmen, das Ihnen das Dokument gesendet hat, nach einem neuen.",
        French: "Veuillez en demander un nouveau à l’entreprise qui vous a envoyé le document.",
        Dutch: "Vraag het bedrijf dat u het document heeft gestuurd om een nieuwe.",
        Spanish: "Pida uno nuevo a la empresa que le envió el documento.",
    }
    pub(super) new_link_on_its_way {
        English: "A new link is on its way",
        German: "Ein neuer Link ist unterwegs",
        French: "Un nouveau lien vous a été envoyé",
        Dutch: "Een nieuwe link is onderweg",
        Spanish: "Un enlace nuevo está en camino",
    }
    pub(super) new_link_was_sent {
        English: "A new link was sent to the address to which this one was sent. It opens the same document.",
        German: "Ein neuer Link wurde an die Adresse gesendet, an die auch dieser ging. Er öffnet dasselbe Dokument.",
        French: "Un nouveau lien a été envoyé à l’adresse à laquelle celui-ci avait été envoyé. Il ouvre le même document.",
        Dutch: "Er is een nieuwe link gestuurd naar het adres waarnaar deze is gestuurd. Hij opent hetzelfde document.",
        Spanish: "Se ha enviado un enlace nuevo a la dirección a la que se envió este. Abre el mismo documento.",
    }
}

/// What kind of document it is.
pub(super) const fn kind(reader: &Reader, topic: Topic) -> &'static str {
    match topic {
        Topic::Invoice => invoice(reader),
        Topic::CreditNote => credit_note(reader),
        Topic::Estimate => estimate(reader),
        Topic::Document => a_document(reader),
    }
}

/// What became of the document, where its reader should know.
pub(super) fn status(reader: &Reader, shown: &HostedDocument) -> Option<&'static str> {
    match (shown.invoice_status, shown.estimate_status) {
        (Some(Invoice::Paid), _) => Some(paid(reader)),
        (Some(Invoice::Credited), _) => Some(credited(reader)),
        (Some(Invoice::Void), _) => Some(withdrawn_document(reader)),
        (Some(Invoice::Overdue), _) => Some(overdue(reader)),
        (_, Some(Estimate::Accepted | Estimate::Invoiced)) => Some(accepted(reader)),
        (_, Some(Estimate::Declined)) => Some(declined(reader)),
        (_, Some(Estimate::Expired)) => Some(lapsed(reader)),
        (_, _) => None,
    }
}

/// The button that pays all that is due, or goes on with the payment that is pending.
pub(super) fn pay(reader: &Reader, shown: &HostedDocument) -> String {
    match (shown.paying_minor, shown.due_minor) {
        (None, Some(minor)) => pay_amount(reader, reader.money(Money { minor, currency: shown.currency })),
        (Some(_), _) | (None, None) => go_on_paying(reader).to_owned(),
    }
}

/// What is being paid through the link.
pub(super) fn paying(reader: &Reader, shown: &HostedDocument) -> Option<String> {
    let minor = shown.paying_minor?;
    Some(under_way(reader, reader.money(Money { minor, currency: shown.currency })))
}

/// How far the payment of an invoice has come, from our own record.
pub(super) fn payment(reader: &Reader, shown: &HostedDocument) -> Option<String> {
    let is_paid = shown.invoice_status == Some(Invoice::Paid);
    if is_paid { Some(paid(reader).to_owned()) } else { paying(reader, shown) }
}

/// When it is due, or the last day on which it can be accepted.
pub(super) fn last_day(reader: &Reader, shown: &HostedDocument) -> Option<String> {
    let day = reader.day(shown.last_day?);
    Some(if shown.kind == Topic::Estimate { valid_until(reader, day) } else { due_on(reader, day) })
}
