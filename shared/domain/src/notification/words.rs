//! The categories of notifications in words, in every language. The words of a type stand in its row of the catalogue.

use super::NotificationCategory;
use crate::{language::Reader, messages};

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
    use crate::{language::Language, notification::NotificationType};

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
