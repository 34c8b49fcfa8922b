//! Every type of notification, declared once: its category, who must read it, the events that it is about, and its words in
//! every language. A type that lacks a language does not compile.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mail::MailChoice;
use crate::{
    event::{EventScope, EventType},
    id::Org,
    language::{Language, Reader},
    permission::Permission,
    role::MemberRole,
};

/// What notifications are about, as people choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotificationCategory {
    /// Ended access, connected firms and changed controls. Always mailed.
    Security,
    /// Transactions that need a sign-off.
    Approvals,
    /// Payments, bank balances and the cashflow forecast.
    Money,
    /// The month's accounts, VAT returns and payroll.
    Accounts,
    /// Requested documents.
    Documents,
    /// What customers do with estimates and invoices.
    Sales,
    /// Comments and mentions.
    Comments,
    /// Requests for access, and changed access.
    Access,
    /// A firm's clients.
    Clients,
}

impl NotificationCategory {
    /// Every category, in the order they are shown.
    pub const ALL: &'static [Self] = &[
        Self::Security,
        Self::Approvals,
        Self::Money,
        Self::Accounts,
        Self::Documents,
        Self::Sales,
        Self::Comments,
        Self::Access,
        Self::Clients,
    ];

    /// The category as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Approvals => "approvals",
            Self::Money => "money",
            Self::Accounts => "accounts",
            Self::Documents => "documents",
            Self::Sales => "sales",
            Self::Comments => "comments",
            Self::Access => "access",
            Self::Clients => "clients",
        }
    }

    /// Whether its notifications are always mailed.
    #[must_use]
    pub const fn is_required(self) -> bool {
        matches!(self, Self::Security)
    }

    /// Its types, in the order they are shown.
    pub fn types(self) -> impl Iterator<Item = NotificationType> {
        NotificationType::ALL.iter().copied().filter(move |kind| kind.category() == self)
    }
}

macro_rules! notification_types {
    ($(
        $variant:ident = $text:literal: $category:ident, needs [$($permission:ident),*], about [$($event:ident),+],
            English $english:literal $(, $language:ident $sentence:literal)+;
    )*) => {
        /// What a person is notified of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum NotificationType {
            $(#[doc = $english] #[serde(rename = $text)] #[schema(rename = $text)] $variant,)*
        }

        impl NotificationType {
            /// Every type there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The type as it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What it says, in one sentence.
            #[must_use]
            pub const fn in_words(self, reader: &Reader) -> &'static str {
                match (self, reader.language()) {
                    $(
                        (Self::$variant, Language::English) => $english,
                        $((Self::$variant, Language::$language) => $sentence,)+
                    )*
                }
            }

            /// What it belongs to.
            #[must_use]
            pub const fn category(self) -> NotificationCategory {
                match self { $(Self::$variant => NotificationCategory::$category,)* }
            }

            /// The permissions of which its reader holds one; none where a place in the company or firm is enough.
            #[must_use]
            pub const fn needs(self) -> &'static [Permission] {
                match self { $(Self::$variant => &[$(Permission::$permission),*],)* }
            }

            /// The events that it is about.
            #[must_use]
            pub const fn events(self) -> &'static [EventType] {
                match self { $(Self::$variant => &[$(EventType::$event),+],)* }
            }
        }
    };
}

notification_types! {
    AccessEnded = "access.ended": Security, needs [], about [MemberRemoved, StaffRemoved, AssignmentRemoved, ConnectionEnded, ContactAccessEnded],
        English "Somebody ended your access, or a connection that you manage.",
        German "Jemand hat Ihren Zugriff oder eine Verbindung beendet, die Sie verwalten.",
        French "Quelqu’un a mis fin à votre accès ou à une connexion que vous gérez.",
        Dutch "Iemand heeft uw toegang of een koppeling die u beheert, beëindigd.",
        Spanish "Alguien ha puesto fin a su acceso o a una conexión que usted gestiona.";
    FirmConnected = "firm.connected": Security, needs [ConnectionsManage], about [ConnectionStarted],
        English "A firm was connected to the company.",
        German "Eine Kanzlei wurde mit dem Unternehmen verbunden.",
        French "Un cabinet a été connecté à l’entreprise.",
        Dutch "Een kantoor is aan het bedrijf gekoppeld.",
        Spanish "Se ha conectado un despacho a la empresa.";
    ApprovalPolicyChanged = "approval_policy.changed": Security, needs [ApprovalsDecide], about [ApprovalPolicyChanged],
        English "It changed when transactions need a sign-off.",
        German "Es hat sich geändert, wann Transaktionen eine Freigabe brauchen.",
        French "Les règles d’approbation des transactions ont changé.",
        Dutch "Er is gewijzigd wanneer transacties goedkeuring vereisen.",
        Spanish "Ha cambiado cuándo requieren aprobación las transacciones.";
    ApprovalRequested = "approval.requested": Approvals, needs [ApprovalsDecide], about [ApprovalRequested],
        English "A transaction waits for your sign-off.",
        German "Eine Transaktion wartet auf Ihre Freigabe.",
        French "Une transaction attend votre approbation.",
        Dutch "Een transactie wacht op uw goedkeuring.",
        Spanish "Una transacción está pendiente de su aprobación.";
    ApprovalDecided = "approval.decided": Approvals, needs [ApprovalsView], about [ApprovalDecided],
        English "A transaction that you prepared was approved or rejected.",
        German "Eine von Ihnen vorbereitete Transaktion wurde freigegeben oder abgelehnt.",
        French "Une transaction que vous avez préparée a été approuvée ou rejetée.",
        Dutch "Een transactie die u hebt voorbereid, is goedgekeurd of afgewezen.",
        Spanish "Una transacción que usted preparó se ha aprobado o rechazado.";
    ApprovalWithdrawn = "approval.withdrawn": Approvals, needs [ApprovalsDecide], about [ApprovalWithdrawn],
        English "A transaction that waited for your sign-off was taken back.",
        German "Eine Transaktion, die auf Ihre Freigabe wartete, wurde zurückgezogen.",
        French "Une transaction qui attendait votre approbation a été retirée.",
        Dutch "Een transactie die op uw goedkeuring wachtte, is ingetrokken.",
        Spanish "Se ha retirado una transacción que estaba pendiente de su aprobación.";
    PaymentReceived = "payment.received": Money, needs [PaymentsView], about [PaymentSucceeded, InvoicePaid],
        English "An invoice was paid.",
        German "Eine Rechnung wurde bezahlt.",
        French "Une facture a été payée.",
        Dutch "Een factuur is betaald.",
        Spanish "Se ha pagado una factura.";
    PaymentRefunded = "payment.refunded": Money, needs [PaymentsManage, InvoicesEdit], about [PaymentRefunded],
        English "A payment was refunded.",
        German "Eine Zahlung wurde erstattet.",
        French "Un paiement a été remboursé.",
        Dutch "Een betaling is terugbetaald.",
        Spanish "Se ha reembolsado un pago.";
    PaymentDisputed = "payment.disputed": Money, needs [PaymentsManage, InvoicesEdit], about [PaymentDisputed],
        English "A payment is disputed, or a dispute was won.",
        German "Eine Zahlung wurde angefochten, oder eine Anfechtung wurde abgewehrt.",
        French "Un paiement est contesté, ou un litige a été gagné.",
        Dutch "Een betaling wordt betwist, of een geschil is gewonnen.",
        Spanish "Un pago está en disputa, o se ha ganado una disputa.";
    BalanceBelowThreshold = "balance.below_threshold": Money, needs [BankManage, BankView], about [BalanceBelowThreshold],
        English "A bank balance fell below its threshold.",
        German "Ein Kontostand ist unter seine Schwelle gefallen.",
        French "Un solde bancaire est passé sous son seuil.",
        Dutch "Een banksaldo is onder de drempel gezakt.",
        Spanish "Un saldo bancario ha caído por debajo de su umbral.";
    BalanceRecovered = "balance.recovered": Money, needs [BankManage, BankView], about [BalanceRecovered],
        English "A bank balance that had fallen below its threshold has recovered.",
        German "Ein Kontostand, der unter seine Schwelle gefallen war, hat sich erholt.",
        French "Un solde bancaire passé sous son seuil s’est rétabli.",
        Dutch "Een banksaldo dat onder de drempel was gezakt, is hersteld.",
        Spanish "Un saldo bancario que había caído por debajo de su umbral se ha recuperado.";
    ForecastBelowThreshold = "forecast.below_threshold": Money, needs [ReportsView], about [ForecastBelowThreshold],
        English "The cashflow forecast fell below a threshold of yours.",
        German "Die Liquiditätsprognose ist unter eine von Ihnen festgelegte Schwelle gefallen.",
        French "La prévision de trésorerie est passée sous l’un de vos seuils.",
        Dutch "De liquiditeitsprognose is onder een drempel van u gezakt.",
        Spanish "La previsión de tesorería ha caído por debajo de uno de sus umbrales.";
    ForecastRecovered = "forecast.recovered": Money, needs [ReportsView], about [ForecastRecovered],
        English "The cashflow forecast has recovered from below a threshold of yours.",
        German "Die Liquiditätsprognose, die unter eine Ihrer Schwellen gefallen war, hat sich erholt.",
        French "La prévision de trésorerie passée sous l’un de vos seuils s’est rétablie.",
        Dutch "De liquiditeitsprognose die onder een drempel van u was gezakt, is hersteld.",
        Spanish "La previsión de tesorería que había caído por debajo de uno de sus umbrales se ha recuperado.";
    AccountsPublished = "accounts.published": Accounts, needs [ReportsView], about [AccountsPublished],
        English "The accounts of a month are ready, or were corrected.",
        German "Ein Monatsabschluss ist fertig oder wurde berichtigt.",
        French "Les comptes d’un mois sont prêts ou ont été corrigés.",
        Dutch "De maandcijfers zijn klaar of zijn gecorrigeerd.",
        Spanish "Las cuentas de un mes están listas o se han corregido.";
    VatReturnFiled = "vat_return.filed": Accounts, needs [VatView], about [VatReturnFiled],
        English "A VAT return was filed.",
        German "Eine Umsatzsteuererklärung wurde abgegeben.",
        French "Une déclaration de TVA a été déposée.",
        Dutch "Een btw-aangifte is ingediend.",
        Spanish "Se ha presentado una declaración de IVA.";
    VatReturnDue = "vat_return.due": Accounts, needs [VatView], about [VatReturnDue],
        English "A VAT return is to be filed and paid.",
        German "Eine Umsatzsteuererklärung ist abzugeben und die Steuer zu zahlen.",
        French "Une déclaration de TVA est à déposer et à payer.",
        Dutch "Een btw-aangifte moet worden ingediend en betaald.",
        Spanish "Hay que presentar y pagar una declaración de IVA.";
    PayrollReady = "payroll.ready": Accounts, needs [PayrollView], about [PayrollReady],
        English "A payroll is ready.",
        German "Eine Lohnabrechnung ist fertig.",
        French "Une paie est prête.",
        Dutch "De loonadministratie van een periode is klaar.",
        Spanish "Una nómina está lista.";
    DocumentsRequested = "documents.requested": Documents, needs [DocumentsUpload], about [DocumentRequestMade, DocumentRequestChanged],
        English "You are asked for documents.",
        German "Sie werden um Unterlagen gebeten.",
        French "Des documents vous sont demandés.",
        Dutch "U wordt om documenten gevraagd.",
        Spanish "Se le solicitan documentos.";
    DocumentsMissing = "documents.missing": Documents, needs [DocumentsUpload], about [DocumentRequestReminded],
        English "Documents that you are asked for are missing.",
        German "Unterlagen, um die Sie gebeten wurden, fehlen noch.",
        French "Des documents qui vous sont demandés manquent encore.",
        Dutch "Documenten waarom u is gevraagd, ontbreken nog.",
        Spanish "Aún faltan documentos que se le han solicitado.";
    DocumentSentBack = "document.sent_back": Documents, needs [DocumentsUpload], about [DocumentRequestSentBack],
        English "A document that you are asked for was sent back.",
        German "Ein Dokument, um das Sie gebeten wurden, wurde zurückgegeben.",
        French "Un document qui vous est demandé a été renvoyé.",
        Dutch "Een document waarom u is gevraagd, is teruggestuurd.",
        Spanish "Se ha devuelto un documento que se le había solicitado.";
    DocumentReceived = "document.received": Documents, needs [DocumentsRequest], about [DocumentRequestFulfilled],
        English "A document that you asked for was received.",
        German "Ein von Ihnen angefordertes Dokument ist eingegangen.",
        French "Un document que vous avez demandé a été reçu.",
        Dutch "Een document waarom u hebt gevraagd, is ontvangen.",
        Spanish "Se ha recibido un documento que usted solicitó.";
    EstimateDecided = "estimate.decided": Sales, needs [EstimatesManage], about [EstimateDecided],
        English "A customer accepted or declined an estimate.",
        German "Ein Kunde hat ein Angebot angenommen oder abgelehnt.",
        French "Un client a accepté ou refusé un devis.",
        Dutch "Een klant heeft een offerte geaccepteerd of afgewezen.",
        Spanish "Un cliente ha aceptado o rechazado un presupuesto.";
    SalesDocumentViewed = "sales_document.viewed": Sales, needs [InvoicesView, EstimatesView], about [SalesDocumentViewed],
        English "A customer saw a document that you sent.",
        German "Ein Kunde hat ein Dokument angesehen, das Sie gesendet haben.",
        French "Un client a consulté un document que vous avez envoyé.",
        Dutch "Een klant heeft een document bekeken dat u hebt verstuurd.",
        Spanish "Un cliente ha visto un documento que usted envió.";
    CommentAdded = "comment.added": Comments, needs [InvoicesComment, EstimatesComment, InvoicesView, EstimatesView, DocumentsView], about [CommentAdded],
        English "A customer commented, or somebody mentioned you.",
        German "Ein Kunde hat kommentiert, oder jemand hat Sie erwähnt.",
        French "Un client a commenté, ou quelqu’un vous a mentionné.",
        Dutch "Een klant heeft een opmerking geplaatst, of iemand heeft u genoemd.",
        Spanish "Un cliente ha comentado, o alguien le ha mencionado.";
    AccessRequested = "access.requested": Access, needs [TeamManage, ConnectionsManage, StaffManage], about [AccessRequested],
        English "Somebody asks for access that you may give.",
        German "Jemand bittet um Zugriff, den Sie gewähren dürfen.",
        French "Quelqu’un demande un accès que vous pouvez accorder.",
        Dutch "Iemand vraagt om toegang die u mag verlenen.",
        Spanish "Alguien solicita un acceso que usted puede conceder.";
    AccessDecided = "access.decided": Access, needs [], about [AccessGranted, AccessRefused],
        English "Access that you asked for was granted or refused.",
        German "Zugriff, um den Sie gebeten haben, wurde gewährt oder abgelehnt.",
        French "Un accès que vous avez demandé a été accordé ou refusé.",
        Dutch "Toegang waarom u hebt gevraagd, is verleend of geweigerd.",
        Spanish "Se ha concedido o denegado un acceso que usted solicitó.";
    AccessChanged = "access.changed": Access, needs [], about [MemberChanged, StaffChanged, AssignmentChanged, ConnectionChanged],
        English "Somebody changed your access, or gave you access to a client.",
        German "Jemand hat Ihren Zugriff geändert oder Ihnen Zugriff auf einen Mandanten gewährt.",
        French "Quelqu’un a modifié votre accès ou vous a donné accès à un client.",
        Dutch "Iemand heeft uw toegang gewijzigd of u toegang tot een klant gegeven.",
        Spanish "Alguien ha modificado su acceso o le ha dado acceso a un cliente.";
    ClientRegistered = "client.registered": Clients, needs [ClientsManage], about [ReferralRegistered],
        English "A client registered through a link or code of the firm.",
        German "Ein Mandant hat sich über einen Link oder Code der Kanzlei registriert.",
        French "Un client s’est inscrit par un lien ou un code du cabinet.",
        Dutch "Een klant heeft zich geregistreerd via een link of code van het kantoor.",
        Spanish "Un cliente se ha registrado mediante un enlace o código del despacho.";
}

impl NotificationType {
    /// The type of the notifications about an event; `None` where there are none.
    #[must_use]
    pub fn about(event: EventType) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.events().contains(&event))
    }

    /// Whether it is always mailed.
    #[must_use]
    pub const fn is_required(self) -> bool {
        self.category().is_required()
    }

    /// Whether it is mailed in quiet hours too: what is required, and what a person has a bank's or a court's term for.
    #[must_use]
    pub const fn is_critical(self) -> bool {
        self.is_required() || matches!(self, Self::PaymentDisputed)
    }

    /// Whether its events happen in a company or firm such as this.
    #[must_use]
    pub fn happens_in(self, org: &Org) -> bool {
        self.events().iter().any(|event| match event.scope() {
            EventScope::CompanyOrFirm => true,
            EventScope::Company => org.company().is_some(),
            EventScope::Firm => org.firm().is_some(),
        })
    }

    /// What happens while nobody has chosen. `role` is the person's place among the company's members; `None` for the
    /// people of firms.
    #[must_use]
    pub const fn default_mail(self, role: Option<MemberRole>) -> MailChoice {
        match (self, role) {
            // They look at the books and change nothing, so a payment asks nothing of them.
            (Self::PaymentReceived, Some(MemberRole::ReadOnly)) => MailChoice::None,
            _ => MailChoice::AtOnce,
        }
    }
}

impl fmt::Display for NotificationType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Events whose letters are mail to outsiders, addressed to them by an act of the company or firm.
    const ADDRESSED: [EventType; 13] = [
        EventType::InvitationCreated,
        EventType::InvitationResent,
        EventType::InvitationReminded,
        EventType::InvoiceSent,
        EventType::InvoiceReminded,
        EventType::CreditNoteSent,
        EventType::EstimateSent,
        EventType::EstimateReworked,
        EventType::EstimateDecisionUndone,
        EventType::DocumentLinkMade,
        EventType::DocumentLinkRenewed,
        EventType::SalesDocumentResent,
        EventType::StatementSent,
    ];

    /// Proves: NT1
    #[test]
    fn each_event_with_a_letter_is_about_one_notification_or_addressed() {
        for event in EventType::ALL.iter().copied() {
            let types = NotificationType::ALL.iter().filter(|kind| kind.events().contains(&event)).count();
            let addressed = usize::from(ADDRESSED.contains(&event));
            let expected = usize::from(event.letter_recipients().is_some());
            assert_eq!(types + addressed, expected, "{event}");
        }
    }

    #[test]
    fn there_are_few_categories_and_each_has_types() {
        assert!(NotificationCategory::ALL.len() <= 10);
        let listed: Vec<_> = NotificationCategory::ALL.iter().flat_map(|category| category.types()).collect();
        assert_eq!(listed.len(), NotificationType::ALL.len());
        assert!(NotificationCategory::ALL.iter().all(|category| category.types().next().is_some()));
        let names: BTreeSet<_> = NotificationType::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(names.len(), NotificationType::ALL.len());
    }

    #[test]
    fn a_category_is_written_as_it_is_stored() {
        for category in NotificationCategory::ALL {
            assert_eq!(serde_json::to_value(category).unwrap(), serde_json::json!(category.as_str()));
        }
    }

    #[test]
    fn a_type_happens_where_its_events_do() {
        let company: Org = "co_00000000000000000000000000000001".parse().unwrap();
        let firm: Org = "fm_00000000000000000000000000000002".parse().unwrap();
        for (kind, in_company, in_firm) in [
            (NotificationType::PaymentReceived, true, false),
            (NotificationType::ClientRegistered, false, true),
            (NotificationType::AccessRequested, true, true),
            (NotificationType::AccessEnded, true, true),
            (NotificationType::AccessChanged, true, true),
            (NotificationType::FirmConnected, true, false),
        ] {
            assert_eq!((kind.happens_in(&company), kind.happens_in(&firm)), (in_company, in_firm), "{kind}");
        }
    }
}
