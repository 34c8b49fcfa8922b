//! Notifications in words, in every language. The English sentence of a type stands in the catalogue, whose documentation
//! it is; a type without words in another language does not compile.

use super::{NotificationCategory, NotificationType};
use crate::{
    language::{Language, Reader},
    messages,
};

macro_rules! sentences {
    ($($kind:ident: $($language:ident $sentence:literal),+;)*) => {
        impl NotificationType {
            /// What it says, in one sentence.
            #[must_use]
            pub const fn in_words(self, reader: &Reader) -> &'static str {
                match (self, reader.language()) {
                    $($((Self::$kind, Language::$language) => $sentence,)+)*
                    (kind, Language::English) => kind.in_english(),
                }
            }
        }
    };
}

sentences! {
    AccessEnded:
        German "Jemand hat Ihren Zugriff beendet.",
        French "Quelqu’un a mis fin à votre accès.",
        Dutch "Iemand heeft uw toegang beëindigd.",
        Spanish "Alguien ha puesto fin a su acceso.";
    FirmConnected:
        German "Eine Kanzlei wurde mit dem Unternehmen verbunden.",
        French "Un cabinet a été connecté à l’entreprise.",
        Dutch "Een kantoor is aan het bedrijf gekoppeld.",
        Spanish "Se ha conectado un despacho a la empresa.";
    ApprovalPolicyChanged:
        German "Es hat sich geändert, wann Transaktionen eine Freigabe brauchen.",
        French "Les règles d’approbation des transactions ont changé.",
        Dutch "Er is gewijzigd wanneer transacties goedkeuring vereisen.",
        Spanish "Ha cambiado cuándo requieren aprobación las transacciones.";
    ApprovalRequested:
        German "Eine Transaktion wartet auf Ihre Freigabe.",
        French "Une transaction attend votre approbation.",
        Dutch "Een transactie wacht op uw goedkeuring.",
        Spanish "Una transacción está pendiente de su aprobación.";
    ApprovalDecided:
        German "Eine von Ihnen vorbereitete Transaktion wurde freigegeben oder abgelehnt.",
        French "Une transaction que vous avez préparée a été approuvée ou rejetée.",
        Dutch "Een transactie die u hebt voorbereid, is goedgekeurd of afgewezen.",
        Spanish "Una transacción que usted preparó se ha aprobado o rechazado.";
    ApprovalWithdrawn:
        German "Eine Transaktion, die auf Ihre Freigabe wartete, wurde zurückgezogen.",
        French "Une transaction qui attendait votre approbation a été retirée.",
        Dutch "Een transactie die op uw goedkeuring wachtte, is ingetrokken.",
        Spanish "Se ha retirado una transacción que estaba pendiente de su aprobación.";
    PaymentReceived:
        German "Eine Rechnung wurde bezahlt.",
        French "Une facture a été payée.",
        Dutch "Een factuur is betaald.",
        Spanish "Se ha pagado una factura.";
    PaymentRefunded:
        German "Eine Zahlung wurde erstattet.",
        French "Un paiement a été remboursé.",
        Dutch "Een betaling is terugbetaald.",
        Spanish "Se ha reembolsado un pago.";
    PaymentDisputed:
        German "Eine Zahlung wurde angefochten, oder eine Anfechtung wurde abgewehrt.",
        French "Un paiement est contesté, ou un litige a été gagné.",
        Dutch "Een betaling wordt betwist, of een geschil is gewonnen.",
        Spanish "Un pago está en disputa, o se ha ganado una disputa.";
    BalanceBelowThreshold:
        German "Ein Kontostand ist unter seine Schwelle gefallen.",
        French "Un solde bancaire est passé sous son seuil.",
        Dutch "Een banksaldo is onder de drempel gezakt.",
        Spanish "Un saldo bancario ha caído por debajo de su umbral.";
    BalanceRecovered:
        German "Ein Kontostand, der unter seine Schwelle gefallen war, hat sich erholt.",
        French "Un solde bancaire passé sous son seuil s’est rétabli.",
        Dutch "Een banksaldo dat onder de drempel was gezakt, is hersteld.",
        Spanish "Un saldo bancario que había caído por debajo de su umbral se ha recuperado.";
    ForecastBelowThreshold:
        German "Die Liquiditätsprognose ist unter eine von Ihnen festgelegte Schwelle gefallen.",
        French "La prévision de trésorerie est passée sous l’un de vos seuils.",
        Dutch "De liquiditeitsprognose is onder een drempel van u gezakt.",
        Spanish "La previsión de tesorería ha caído por debajo de uno de sus umbrales.";
    ForecastRecovered:
        German "Die Liquiditätsprognose, die unter eine Ihrer Schwellen gefallen war, hat sich erholt.",
        French "La prévision de trésorerie passée sous l’un de vos seuils s’est rétablie.",
        Dutch "De liquiditeitsprognose die onder een drempel van u was gezakt, is hersteld.",
        Spanish "La previsión de tesorería que había caído por debajo de uno de sus umbrales se ha recuperado.";
    AccountsPublished:
        German "Ein Monatsabschluss ist fertig oder wurde berichtigt.",
        French "Les comptes d’un mois sont prêts ou ont été corrigés.",
        Dutch "De maandcijfers zijn klaar of zijn gecorrigeerd.",
        Spanish "Las cuentas de un mes están listas o se han corregido.";
    VatReturnFiled:
        German "Eine Umsatzsteuererklärung wurde abgegeben.",
        French "Une déclaration de TVA a été déposée.",
        Dutch "Een btw-aangifte is ingediend.",
        Spanish "Se ha presentado una declaración de IVA.";
    VatReturnDue:
        German "Eine Umsatzsteuererklärung ist abzugeben und die Steuer zu zahlen.",
        French "Une déclaration de TVA est à déposer et à payer.",
        Dutch "Een btw-aangifte moet worden ingediend en betaald.",
        Spanish "Hay que presentar y pagar una declaración de IVA.";
    PayrollReady:
        German "Eine Lohnabrechnung ist fertig.",
        French "Une paie est prête.",
        Dutch "De loonadministratie van een periode is klaar.",
        Spanish "Una nómina está lista.";
    DocumentsRequested:
        German "Sie werden um Unterlagen gebeten.",
        French "Des documents vous sont demandés.",
        Dutch "U wordt om documenten gevraagd.",
        Spanish "Se le solicitan documentos.";
    DocumentsMissing:
        German "Unterlagen, um die Sie gebeten wurden, fehlen noch.",
        French "Des documents qui vous sont demandés manquent encore.",
        Dutch "Documenten waarom u is gevraagd, ontbreken nog.",
        Spanish "Aún faltan documentos que se le han solicitado.";
    DocumentSentBack:
        German "Ein Dokument, um das Sie gebeten wurden, wurde zurückgegeben.",
        French "Un document qui vous est demandé a été renvoyé.",
        Dutch "Een document waarom u is gevraagd, is teruggestuurd.",
        Spanish "Se ha devuelto un documento que se le había solicitado.";
    DocumentReceived:
        German "Ein von Ihnen angefordertes Dokument ist eingegangen.",
        French "Un document que vous avez demandé a été reçu.",
        Dutch "Een document waarom u hebt gevraagd, is ontvangen.",
        Spanish "Se ha recibido un documento que usted solicitó.";
    EstimateDecided:
        German "Ein Kunde hat ein Angebot angenommen oder abgelehnt.",
        French "Un client a accepté ou refusé un devis.",
        Dutch "Een klant heeft een offerte geaccepteerd of afgewezen.",
        Spanish "Un cliente ha aceptado o rechazado un presupuesto.";
    SalesDocumentViewed:
        German "Ein Kunde hat ein Dokument angesehen, das Sie gesendet haben.",
        French "Un client a consulté un document que vous avez envoyé.",
        Dutch "Een klant heeft een document bekeken dat u hebt verstuurd.",
        Spanish "Un cliente ha visto un documento que usted envió.";
    CommentAdded:
        German "Ein Kunde hat kommentiert, oder jemand hat Sie erwähnt.",
        French "Un client a commenté, ou quelqu’un vous a mentionné.",
        Dutch "Een klant heeft een opmerking geplaatst, of iemand heeft u genoemd.",
        Spanish "Un cliente ha comentado, o alguien le ha mencionado.";
    AccessRequested:
        German "Jemand bittet um Zugriff, den Sie gewähren dürfen.",
        French "Quelqu’un demande un accès que vous pouvez accorder.",
        Dutch "Iemand vraagt om toegang die u mag verlenen.",
        Spanish "Alguien solicita un acceso que usted puede conceder.";
    AccessDecided:
        German "Zugriff, um den Sie gebeten haben, wurde gewährt oder abgelehnt.",
        French "Un accès que vous avez demandé a été accordé ou refusé.",
        Dutch "Toegang waarom u hebt gevraagd, is verleend of geweigerd.",
        Spanish "Se ha concedido o denegado un acceso que usted solicitó.";
    AccessChanged:
        German "Jemand hat Ihren Zugriff geändert oder Ihnen Zugriff auf einen Mandanten gewährt.",
        French "Quelqu’un a modifié votre accès ou vous a donné accès à un client.",
        Dutch "Iemand heeft uw toegang gewijzigd of u toegang tot een klant gegeven.",
        Spanish "Alguien ha modificado su acceso o le ha dado acceso a un cliente.";
    ClientRegistered:
        German "Ein Mandant hat sich über einen Link oder Code der Kanzlei registriert.",
        French "Un client s’est inscrit par un lien ou un code du cabinet.",
        Dutch "Een klant heeft zich geregistreerd via een link of code van het kantoor.",
        Spanish "Un cliente se ha registrado mediante un enlace o código del despacho.";
}

messages! {
    security {
        English: "Ended access, connected firms and changed controls.",
        German: "Beendeter Zugriff, verbundene Kanzleien und geänderte Kontrollen.",
        French: "Accès supprimés, cabinets connectés et contrôles modifiés.",
        Dutch: "Beëindigde toegang, gekoppelde kantoren en gewijzigde controles.",
        Spanish: "Accesos finalizados, despachos conectados y controles modificados.",
    }
    approvals {
        English: "Transactions that need a sign-off.",
        German: "Transaktionen, die eine Freigabe brauchen.",
        French: "Transactions à approuver.",
        Dutch: "Transacties die goedkeuring vereisen.",
        Spanish: "Transacciones que requieren aprobación.",
    }
    money {
        English: "Payments, bank balances and the cashflow forecast.",
        German: "Zahlungen, Kontostände und die Liquiditätsprognose.",
        French: "Paiements, soldes bancaires et prévision de trésorerie.",
        Dutch: "Betalingen, banksaldi en de liquiditeitsprognose.",
        Spanish: "Pagos, saldos bancarios y previsión de tesorería.",
    }
    accounts {
        English: "The month's accounts, VAT returns and payroll.",
        German: "Monatsabschluss, Umsatzsteuererklärungen und Lohnabrechnung.",
        French: "Comptes du mois, déclarations de TVA et paie.",
        Dutch: "Maandcijfers, btw-aangiften en loonadministratie.",
        Spanish: "Cuentas del mes, declaraciones de IVA y nóminas.",
    }
    documents {
        English: "Requested documents.",
        German: "Angeforderte Unterlagen.",
        French: "Documents demandés.",
        Dutch: "Gevraagde documenten.",
        Spanish: "Documentos solicitados.",
    }
    sales {
        English: "What customers do with estimates and invoices.",
        German: "Was Kunden mit Angeboten und Rechnungen tun.",
        French: "Ce que les clients font des devis et des factures.",
        Dutch: "Wat klanten met offertes en facturen doen.",
        Spanish: "Lo que hacen los clientes con presupuestos y facturas.",
    }
    comments {
        English: "Comments and mentions.",
        German: "Kommentare und Erwähnungen.",
        French: "Commentaires et mentions.",
        Dutch: "Opmerkingen en vermeldingen.",
        Spanish: "Comentarios y menciones.",
    }
    access {
        English: "Requests for access, and changed access.",
        German: "Zugriffsanfragen und geänderter Zugriff.",
        French: "Demandes d’accès et accès modifiés.",
        Dutch: "Verzoeken om toegang en gewijzigde toegang.",
        Spanish: "Solicitudes de acceso y accesos modificados.",
    }
    clients {
        English: "The firm's clients.",
        German: "Die Mandanten der Kanzlei.",
        French: "Les clients du cabinet.",
        Dutch: "De klanten van het kantoor.",
        Spanish: "Los clientes del despacho.",
    }
}

impl NotificationCategory {
    /// What it is about, in words.
    #[must_use]
    pub const fn in_words(self, reader: &Reader) -> &'static str {
        match self {
            Self::Security => security(reader),
            Self::Approvals => approvals(reader),
            Self::Money => money(reader),
            Self::Accounts => accounts(reader),
            Self::Documents => documents(reader),
            Self::Sales => sales(reader),
            Self::Comments => comments(reader),
            Self::Access => access(reader),
            Self::Clients => clients(reader),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A person could otherwise not tell two choices apart.
    #[test]
    fn each_type_and_category_has_a_sentence_of_its_own_in_every_language() {
        for reader in Language::ALL.map(Reader::of) {
            let types = NotificationType::ALL.iter().map(|kind| kind.in_words(&reader));
            let said: Vec<_> =
                types.chain(NotificationCategory::ALL.iter().map(|kind| kind.in_words(&reader))).collect();
            assert!(said.iter().all(|sentence| sentence.ends_with('.')), "{said:?}");
            assert_eq!(said.iter().collect::<BTreeSet<_>>().len(), said.len(), "{said:?}");
        }
    }
}
