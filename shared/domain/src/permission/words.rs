//! Permissions in words, in every language. English stands in the table of permissions, whose documentation it is; a
//! permission or a module without words in another language does not compile.

use super::{Module, Permission};
use crate::language::{Language, Reader};

/// What says in each language that a permission is for the vendor's product. People outside the vendor know one product,
/// the vendor's.
const IN_THE_PRODUCT: [&str; 6] = [
    ", in the vendor's product",
    " in the vendor's product",
    " (im Produkt des Anbieters)",
    " (dans le produit de l’éditeur)",
    " (in het product van de leverancier)",
    " (en el producto del proveedor)",
];

macro_rules! modules {
    ($($module:ident: $($language:ident $name:literal),+;)*) => {
        impl Module {
            /// Its name in a language.
            const fn name(self, language: Language) -> &'static str {
                match (self, language) {
                    $($((Self::$module, Language::$language) => $name,)+)*
                    (module, Language::English) => module.in_english(),
                }
            }
        }
    };
}

macro_rules! permissions {
    ($($permission:ident: $($language:ident $verbs:literal $sentence:literal),+;)*) => {
        impl Permission {
            /// Its verbs and its sentence in a language.
            const fn words(self, language: Language) -> (&'static str, &'static str) {
                match (self, language) {
                    $($((Self::$permission, Language::$language) => ($verbs, $sentence),)+)*
                    (permission, Language::English) => permission.in_english(),
                }
            }
        }
    };
}

impl Permission {
    /// The permission in words, a sentence.
    #[must_use]
    pub const fn in_words(self, reader: &Reader) -> &'static str {
        self.words(reader.language()).1
    }

    /// The permission in words for people outside the vendor. They know one product, the vendor's.
    #[must_use]
    pub fn in_plain_words(self, reader: &Reader) -> String {
        IN_THE_PRODUCT.iter().fold(self.in_words(reader).to_owned(), |words, product| words.replace(product, ""))
    }

    /// The permission that a sentence of [`Permission::in_plain_words`] in a language is about.
    #[must_use]
    pub fn of_plain_words(reader: &Reader, sentence: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.in_plain_words(reader) == sentence)
    }

    /// The name of the module that it is in: `Invoices`.
    #[must_use]
    pub const fn module_in_words(self, reader: &Reader) -> &'static str {
        self.module().name(reader.language())
    }

    /// What it allows in its module, in a word or a few: `see`, or `draft, send, correct`.
    #[must_use]
    pub const fn verbs(self, reader: &Reader) -> &'static str {
        self.words(reader.language()).0
    }
}

modules! {
    Summary: German "Übersicht", French "Synthèse", Dutch "Overzicht", Spanish "Resumen";
    Reports: German "Berichte", French "Rapports", Dutch "Rapporten", Spanish "Informes";
    BankBalances: German "Kontostände", French "Soldes bancaires", Dutch "Banksaldi", Spanish "Saldos bancarios";
    Invoices: German "Rechnungen", French "Factures", Dutch "Facturen", Spanish "Facturas";
    Estimates: German "Angebote", French "Devis", Dutch "Offertes", Spanish "Presupuestos";
    StatementsOfAccount:
        German "Kontoübersichten", French "Relevés de compte", Dutch "Rekeningoverzichten", Spanish "Estados de cuenta";
    SalesDocuments:
        German "Verkaufsbelege", French "Documents de vente", Dutch "Verkoopdocumenten", Spanish "Documentos de venta";
    Customers: German "Kunden", French "Clients", Dutch "Klanten", Spanish "Clientes";
    OwnDetails: German "Eigene Angaben", French "Coordonnées", Dutch "Eigen gegevens", Spanish "Datos propios";
    Payments: German "Zahlungen", French "Paiements", Dutch "Betalingen", Spanish "Pagos";
    Documents: German "Dokumente", French "Documents", Dutch "Documenten", Spanish "Documentos";
    Approvals: German "Freigaben", French "Approbations", Dutch "Goedkeuringen", Spanish "Aprobaciones";
    Payroll: German "Lohnabrechnung", French "Paie", Dutch "Loonadministratie", Spanish "Nóminas";
    VatReturns:
        German "Umsatzsteuererklärungen", French "Déclarations de TVA", Dutch "Btw-aangiften",
        Spanish "Declaraciones de IVA";
    ChartOfAccounts: German "Kontenplan", French "Plan comptable", Dutch "Rekeningschema", Spanish "Plan de cuentas";
    Journals:
        German "Journalbuchungen", French "Écritures comptables", Dutch "Journaalposten", Spanish "Asientos contables";
    Members: German "Mitglieder", French "Membres", Dutch "Leden", Spanish "Miembros";
    Firms: German "Kanzleien", French "Cabinets", Dutch "Kantoren", Spanish "Despachos";
    Subscription: German "Abonnement", French "Abonnement", Dutch "Abonnement", Spanish "Suscripción";
    AuditTrail: German "Prüfprotokoll", French "Journal d’audit", Dutch "Auditlogboek", Spanish "Registro de auditoría";
    Settings: German "Einstellungen", French "Paramètres", Dutch "Instellingen", Spanish "Configuración";
    OtherProducts:
        German "Andere Produkte", French "Autres produits", Dutch "Andere producten", Spanish "Otros productos";
    Clients:
        German "Mandanten", French "Clients du cabinet", Dutch "Klanten van het kantoor", Spanish "Clientes del despacho";
    Staff: German "Mitarbeitende", French "Collaborateurs", Dutch "Medewerkers", Spanish "Personal";
}

permissions! {
    DashboardView:
        German "ansehen" "Die Übersicht des Unternehmens ansehen.",
        French "consulter" "Consulter la synthèse de l’entreprise.",
        Dutch "bekijken" "Het overzicht van het bedrijf bekijken.",
        Spanish "ver" "Ver el resumen de la empresa.";
    ReportsView:
        German "ansehen" "Gewinn- und Verlustrechnung, Bilanz und Liquiditätsprognose ansehen.",
        French "consulter" "Consulter le compte de résultat, le bilan et la prévision de trésorerie.",
        Dutch "bekijken" "Winst-en-verliesrekening, balans en liquiditeitsprognose bekijken.",
        Spanish "ver" "Ver la cuenta de pérdidas y ganancias, el balance y la previsión de tesorería.";
    ReportsPublish:
        German "veröffentlichen" "Den Monatsabschluss veröffentlichen.",
        French "publier" "Publier les comptes du mois.",
        Dutch "publiceren" "De maandcijfers publiceren.",
        Spanish "publicar" "Publicar las cuentas del mes.";
    BankView:
        German "ansehen" "Kontostände ansehen.",
        French "consulter" "Consulter les soldes bancaires.",
        Dutch "bekijken" "Banksaldi bekijken.",
        Spanish "ver" "Ver los saldos bancarios.";
    BankManage:
        German "Schwellen festlegen" "Schwellen für Kontostände festlegen.",
        French "fixer les seuils" "Fixer les seuils des soldes bancaires.",
        Dutch "drempels instellen" "Drempels voor banksaldi instellen.",
        Spanish "fijar umbrales" "Fijar los umbrales de los saldos bancarios.";
    InvoicesView:
        German "ansehen" "Rechnungen und die Kommentare dazu ansehen.",
        French "consulter" "Consulter les factures et leurs commentaires.",
        Dutch "bekijken" "Facturen en de opmerkingen daarbij bekijken.",
        Spanish "ver" "Ver las facturas y sus comentarios.";
    InvoicesEdit:
        German "ändern" "Rechnungen ändern (im Produkt des Anbieters).",
        French "modifier" "Modifier des factures (dans le produit de l’éditeur).",
        Dutch "wijzigen" "Facturen wijzigen (in het product van de leverancier).",
        Spanish "modificar" "Modificar facturas (en el producto del proveedor).";
    InvoicesComment:
        German "kommentieren" "Rechnungen kommentieren.",
        French "commenter" "Commenter les factures.",
        Dutch "opmerkingen plaatsen" "Opmerkingen bij facturen plaatsen.",
        Spanish "comentar" "Comentar las facturas.";
    InvoicesManage:
        German "entwerfen, versenden, korrigieren" "Rechnungen und Gutschriften entwerfen, versenden und korrigieren.",
        French "établir, envoyer, corriger" "Établir, envoyer et corriger des factures et des avoirs.",
        Dutch "opstellen, versturen, corrigeren" "Facturen en creditnota’s opstellen, versturen en corrigeren.",
        Spanish "elaborar, enviar, corregir" "Elaborar, enviar y corregir facturas y notas de crédito.";
    EstimatesView:
        German "ansehen" "Angebote und die Kommentare dazu ansehen.",
        French "consulter" "Consulter les devis et leurs commentaires.",
        Dutch "bekijken" "Offertes en de opmerkingen daarbij bekijken.",
        Spanish "ver" "Ver los presupuestos y sus comentarios.";
    EstimatesDecide:
        German "annehmen, ablehnen" "Angebote annehmen oder ablehnen.",
        French "accepter, refuser" "Accepter ou refuser des devis.",
        Dutch "accepteren, afwijzen" "Offertes accepteren of afwijzen.",
        Spanish "aceptar, rechazar" "Aceptar o rechazar presupuestos.";
    EstimatesComment:
        German "kommentieren" "Angebote kommentieren.",
        French "commenter" "Commenter les devis.",
        Dutch "opmerkingen plaatsen" "Opmerkingen bij offertes plaatsen.",
        Spanish "comentar" "Comentar los presupuestos.";
    EstimatesManage:
        German "entwerfen, versenden, überarbeiten"
            "Angebote entwerfen, versenden und überarbeiten sowie Entscheidungen dazu erfassen.",
        French "établir, envoyer, remanier" "Établir, envoyer et remanier des devis, et enregistrer les décisions.",
        Dutch "opstellen, versturen, herzien" "Offertes opstellen, versturen en herzien, en beslissingen vastleggen.",
        Spanish "elaborar, enviar, rehacer" "Elaborar, enviar y rehacer presupuestos, y registrar las decisiones.";
    StatementsView:
        German "ansehen" "Kontoübersichten der Kunden ansehen.",
        French "consulter" "Consulter les relevés de compte des clients.",
        Dutch "bekijken" "Rekeningoverzichten van klanten bekijken.",
        Spanish "ver" "Ver los estados de cuenta de los clientes.";
    SalesForward:
        German "weiterleiten" "Verkaufsbelege weiterleiten.",
        French "transférer" "Transférer des documents de vente.",
        Dutch "doorsturen" "Verkoopdocumenten doorsturen.",
        Spanish "reenviar" "Reenviar documentos de venta.";
    CustomersView:
        German "ansehen" "Kunden, ihre Kontakte und ihre offenen Beträge ansehen.",
        French "consulter" "Consulter les clients, leurs contacts et ce qu’ils doivent.",
        Dutch "bekijken" "Klanten, hun contactpersonen en hun openstaande bedragen bekijken.",
        Spanish "ver" "Ver los clientes, sus contactos y lo que deben.";
    CustomersManage:
        German "ändern" "Kunden und ihre Kontakte ändern sowie deren Zugriff ein- und ausschalten.",
        French "modifier" "Modifier les clients et leurs contacts, et activer ou désactiver leur accès.",
        Dutch "wijzigen" "Klanten en hun contactpersonen wijzigen, en hun toegang in- en uitschakelen.",
        Spanish "modificar" "Modificar los clientes y sus contactos, y activar o desactivar su acceso.";
    DetailsEdit:
        German "ändern" "Die eigenen Angaben des Kunden ändern.",
        French "modifier" "Modifier les coordonnées du client lui-même.",
        Dutch "wijzigen" "De eigen gegevens van de klant wijzigen.",
        Spanish "modificar" "Modificar los datos propios del cliente.";
    PaymentsView:
        German "ansehen" "Zahlungen ansehen.",
        French "consulter" "Consulter les paiements.",
        Dutch "bekijken" "Betalingen bekijken.",
        Spanish "ver" "Ver los pagos.";
    PaymentsPay:
        German "bezahlen" "Rechnungen bezahlen.",
        French "payer" "Payer des factures.",
        Dutch "betalen" "Facturen betalen.",
        Spanish "pagar" "Pagar facturas.";
    PaymentsManage:
        German "die anderer abbrechen" "Ausstehende Zahlungen abbrechen, die andere begonnen haben.",
        French "annuler ceux des autres" "Annuler les paiements en attente que d’autres ont lancés.",
        Dutch "die van anderen annuleren" "Lopende betalingen annuleren die anderen zijn begonnen.",
        Spanish "cancelar los de otros" "Cancelar los pagos pendientes que han iniciado otras personas.";
    DocumentsView:
        German "ansehen" "Dokumente ansehen.",
        French "consulter" "Consulter les documents.",
        Dutch "bekijken" "Documenten bekijken.",
        Spanish "ver" "Ver los documentos.";
    DocumentsUpload:
        German "hochladen" "Dokumente hochladen.",
        French "déposer" "Déposer des documents.",
        Dutch "uploaden" "Documenten uploaden.",
        Spanish "subir" "Subir documentos.";
    DocumentsManage:
        German "umbenennen, verschieben, entfernen, sperren"
            "Dokumente umbenennen, verschieben, entfernen und gegen Löschen sperren.",
        French "renommer, déplacer, retirer, bloquer"
            "Renommer, déplacer et retirer des documents, et bloquer leur suppression.",
        Dutch "hernoemen, verplaatsen, verwijderen, blokkeren"
            "Documenten hernoemen, verplaatsen, verwijderen en tegen verwijdering blokkeren.",
        Spanish "renombrar, mover, retirar, bloquear"
            "Renombrar, mover y retirar documentos, y bloquear su eliminación.";
    DocumentsHold:
        German "Löschsperren aufheben" "Rechtliche Löschsperren von Dokumenten aufheben.",
        French "lever les blocages légaux" "Lever les blocages légaux de documents.",
        Dutch "juridische blokkades opheffen" "Juridische blokkades van documenten opheffen.",
        Spanish "levantar bloqueos legales" "Levantar los bloqueos legales de documentos.";
    DocumentsRequest:
        German "anfordern, annehmen, zurückgeben"
            "Dokumente bei Mitgliedern anfordern und annehmen oder zurückgeben, was sie hochladen.",
        French "demander, accepter, renvoyer"
            "Demander des documents aux membres, et accepter ou renvoyer ceux qu’ils déposent.",
        Dutch "opvragen, accepteren, terugsturen"
            "Documenten bij leden opvragen, en accepteren of terugsturen wat zij uploaden.",
        Spanish "solicitar, aceptar, devolver"
            "Solicitar documentos a los miembros, y aceptar o devolver los que suban.";
    ApprovalsView:
        German "ansehen" "Freigaben und Freigaberegeln ansehen.",
        French "consulter" "Consulter les approbations et les règles d’approbation.",
        Dutch "bekijken" "Goedkeuringen en goedkeuringsregels bekijken.",
        Spanish "ver" "Ver las aprobaciones y las reglas de aprobación.";
    ApprovalsPrepare:
        German "vorbereiten" "Transaktionen vorbereiten, die eine Freigabe brauchen.",
        French "préparer" "Préparer des transactions soumises à approbation.",
        Dutch "voorbereiden" "Transacties voorbereiden die goedkeuring vereisen.",
        Spanish "preparar" "Preparar transacciones que requieren aprobación.";
    ApprovalsDecide:
        German "freigeben, ablehnen" "Transaktionen freigeben oder ablehnen.",
        French "approuver, rejeter" "Approuver ou rejeter des transactions.",
        Dutch "goedkeuren, afwijzen" "Transacties goedkeuren of afwijzen.",
        Spanish "aprobar, rechazar" "Aprobar o rechazar transacciones.";
    ApprovalsManage:
        German "Regeln ändern" "Die Freigaberegeln ändern.",
        French "modifier les règles" "Modifier les règles d’approbation.",
        Dutch "regels wijzigen" "De goedkeuringsregels wijzigen.",
        Spanish "modificar las reglas" "Modificar las reglas de aprobación.";
    PayrollView:
        German "ansehen" "Die Lohnabrechnung ansehen (im Produkt des Anbieters).",
        French "consulter" "Consulter la paie (dans le produit de l’éditeur).",
        Dutch "bekijken" "De loonadministratie bekijken (in het product van de leverancier).",
        Spanish "ver" "Ver las nóminas (en el producto del proveedor).";
    PayrollManage:
        German "durchführen" "Die Lohnabrechnung durchführen (im Produkt des Anbieters).",
        French "établir" "Établir la paie (dans le produit de l’éditeur).",
        Dutch "voeren" "De loonadministratie voeren (in het product van de leverancier).",
        Spanish "procesar" "Procesar las nóminas (en el producto del proveedor).";
    VatView:
        German "ansehen" "Umsatzsteuererklärungen und die Einstellungen dazu ansehen (im Produkt des Anbieters).",
        French "consulter" "Consulter les déclarations de TVA et leurs paramètres (dans le produit de l’éditeur).",
        Dutch "bekijken" "Btw-aangiften en de instellingen daarvoor bekijken (in het product van de leverancier).",
        Spanish "ver" "Ver las declaraciones de IVA y su configuración (en el producto del proveedor).";
    VatManage:
        German "abgeben" "Umsatzsteuererklärungen abgeben (im Produkt des Anbieters).",
        French "déposer" "Déposer des déclarations de TVA (dans le produit de l’éditeur).",
        Dutch "indienen" "Btw-aangiften indienen (in het product van de leverancier).",
        Spanish "presentar" "Presentar declaraciones de IVA (en el producto del proveedor).";
    AccountsView:
        German "ansehen" "Den Kontenplan ansehen (im Produkt des Anbieters).",
        French "consulter" "Consulter le plan comptable (dans le produit de l’éditeur).",
        Dutch "bekijken" "Het rekeningschema bekijken (in het product van de leverancier).",
        Spanish "ver" "Ver el plan de cuentas (en el producto del proveedor).";
    AccountsManage:
        German "ändern" "Den Kontenplan ändern (im Produkt des Anbieters).",
        French "modifier" "Modifier le plan comptable (dans le produit de l’éditeur).",
        Dutch "wijzigen" "Het rekeningschema wijzigen (in het product van de leverancier).",
        Spanish "modificar" "Modificar el plan de cuentas (en el producto del proveedor).";
    JournalsView:
        German "ansehen" "Journalbuchungen ansehen (im Produkt des Anbieters).",
        French "consulter" "Consulter les écritures comptables (dans le produit de l’éditeur).",
        Dutch "bekijken" "Journaalposten bekijken (in het product van de leverancier).",
        Spanish "ver" "Ver los asientos contables (en el producto del proveedor).";
    JournalsManage:
        German "vornehmen" "Journalbuchungen vornehmen (im Produkt des Anbieters).",
        French "passer" "Passer des écritures comptables (dans le produit de l’éditeur).",
        Dutch "boeken" "Journaalposten boeken (in het product van de leverancier).",
        Spanish "registrar" "Registrar asientos contables (en el producto del proveedor).";
    TeamView:
        German "ansehen" "Die Mitglieder des Unternehmens ansehen.",
        French "consulter" "Consulter les membres de l’entreprise.",
        Dutch "bekijken" "De leden van het bedrijf bekijken.",
        Spanish "ver" "Ver los miembros de la empresa.";
    TeamManage:
        German "einladen, ändern, entfernen" "Mitglieder des Unternehmens einladen, ändern und entfernen.",
        French "inviter, modifier, retirer" "Inviter, modifier et retirer des membres de l’entreprise.",
        Dutch "uitnodigen, wijzigen, verwijderen" "Leden van het bedrijf uitnodigen, wijzigen en verwijderen.",
        Spanish "invitar, modificar, retirar" "Invitar, modificar y retirar a miembros de la empresa.";
    ConnectionsView:
        German "ansehen" "Ansehen, welche Kanzleien verbunden sind.",
        French "consulter" "Voir quels cabinets sont connectés.",
        Dutch "bekijken" "Zien welke kantoren gekoppeld zijn.",
        Spanish "ver" "Ver qué despachos están conectados.";
    ConnectionsManage:
        German "einladen, trennen" "Kanzleien einladen und die Verbindung mit ihnen trennen.",
        French "inviter, déconnecter" "Inviter et déconnecter des cabinets.",
        Dutch "uitnodigen, ontkoppelen" "Kantoren uitnodigen en ontkoppelen.",
        Spanish "invitar, desconectar" "Invitar y desconectar a despachos.";
    BillingView:
        German "ansehen" "Das Abonnement ansehen (im Produkt des Anbieters).",
        French "consulter" "Consulter l’abonnement (dans le produit de l’éditeur).",
        Dutch "bekijken" "Het abonnement bekijken (in het product van de leverancier).",
        Spanish "ver" "Ver la suscripción (en el producto del proveedor).";
    BillingManage:
        German "ändern" "Das Abonnement ändern (im Produkt des Anbieters).",
        French "modifier" "Modifier l’abonnement (dans le produit de l’éditeur).",
        Dutch "wijzigen" "Het abonnement wijzigen (in het product van de leverancier).",
        Spanish "modificar" "Modificar la suscripción (en el producto del proveedor).";
    AuditView:
        German "lesen" "Das Prüfprotokoll lesen.",
        French "lire" "Lire le journal d’audit.",
        Dutch "lezen" "Het auditlogboek lezen.",
        Spanish "leer" "Leer el registro de auditoría.";
    SettingsView:
        German "ansehen" "Einstellungen ansehen (im Produkt des Anbieters).",
        French "consulter" "Consulter les paramètres (dans le produit de l’éditeur).",
        Dutch "bekijken" "Instellingen bekijken (in het product van de leverancier).",
        Spanish "ver" "Ver la configuración (en el producto del proveedor).";
    SettingsManage:
        German "ändern" "Einstellungen ändern (im Produkt des Anbieters).",
        French "modifier" "Modifier les paramètres (dans le produit de l’éditeur).",
        Dutch "wijzigen" "Instellingen wijzigen (in het product van de leverancier).",
        Spanish "modificar" "Modificar la configuración (en el producto del proveedor).";
    IntegrationsManage:
        German "verbinden" "Andere Produkte verbinden (im Produkt des Anbieters).",
        French "connecter" "Connecter d’autres produits (dans le produit de l’éditeur).",
        Dutch "koppelen" "Andere producten koppelen (in het product van de leverancier).",
        Spanish "conectar" "Conectar otros productos (en el producto del proveedor).";
    ClientsView:
        German "ansehen" "Die Mandantenliste der Kanzlei ansehen.",
        French "consulter" "Consulter la liste des clients du cabinet.",
        Dutch "bekijken" "De klantenlijst van het kantoor bekijken.",
        Spanish "ver" "Ver la lista de clientes del despacho.";
    ClientsManage:
        German "einladen, trennen"
            "Mandanten der Kanzlei einladen und trennen; Registrierungslinks, Registrierungscodes und Boni ansehen.",
        French "inviter, déconnecter"
            "Inviter et déconnecter les clients du cabinet ; voir les liens et codes d’inscription et les primes.",
        Dutch "uitnodigen, ontkoppelen"
            "Klanten van het kantoor uitnodigen en ontkoppelen; registratielinks, registratiecodes en bonussen zien.",
        Spanish "invitar, desconectar"
            "Invitar y desconectar a los clientes del despacho; ver los enlaces y códigos de registro y las primas.";
    StaffView:
        German "ansehen" "Die Mitarbeitenden der Kanzlei und ihre Zuweisungen ansehen.",
        French "consulter" "Consulter les collaborateurs du cabinet et leurs affectations.",
        Dutch "bekijken" "De medewerkers van het kantoor en hun toewijzingen bekijken.",
        Spanish "ver" "Ver el personal del despacho y sus asignaciones.";
    StaffManage:
        German "einladen, ändern, zuweisen, entfernen"
            "Mitarbeitende der Kanzlei einladen, ändern, zuweisen und entfernen.",
        French "inviter, modifier, affecter, retirer"
            "Inviter, modifier, affecter et retirer les collaborateurs du cabinet.",
        Dutch "uitnodigen, wijzigen, toewijzen, verwijderen"
            "Medewerkers van het kantoor uitnodigen, wijzigen, toewijzen en verwijderen.",
        Spanish "invitar, modificar, asignar, retirar"
            "Invitar, modificar, asignar y retirar al personal del despacho.";
}
