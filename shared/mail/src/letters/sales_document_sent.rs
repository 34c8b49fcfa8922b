//! The letter to a customer's contacts: an invoice, a credit note or an estimate was sent, or changed and sent again.

use domain::{language::Reader, messages, time::Day};

use crate::{
    layout::{Button, Fact, Letter, Words},
    letters::{common, sales_document::SalesDocumentNamed},
    url::HttpUrl,
};

/// The last day of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastDay {
    /// An invoice is to be paid by then.
    Due(Day),
    /// An estimate can be accepted until then.
    Valid(Day),
}

/// What a customer had of a document before it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// Nothing.
    First,
    /// Other content.
    Changed,
    /// The same.
    Again,
}

/// A sales document was sent.
#[derive(Debug, Clone)]
pub struct SalesDocumentSent {
    /// The document.
    pub document: SalesDocumentNamed,
    /// Its last day, if it has one.
    pub last_day: Option<LastDay>,
    /// What the customer had of it before.
    pub sending: Sending,
    /// The document in the portal.
    pub link: HttpUrl,
}

messages! {
    subject_new(document, company) {
        English: "New: {document} from {company}",
        German: "Neu: {document} von {company}",
        French: "Nouveau document : {document} ({company})",
        Dutch: "Nieuw: {document} van {company}",
        Spanish: "Documento nuevo: {document} de {company}",
    }
    sent(document, company) {
        English: "{company} sent you {document}.",
        German: "{company} hat Ihnen {document} gesendet.",
        French: "{company} vous a envoyé {document}.",
        Dutch: "{company} heeft u {document} gestuurd.",
        Spanish: "{company} le ha enviado {document}.",
    }
    subject_changed(document, company) {
        English: "Changed: {document} from {company}",
        German: "Geändert: {document} von {company}",
        French: "Document modifié : {document} ({company})",
        Dutch: "Gewijzigd: {document} van {company}",
        Spanish: "Documento modificado: {document} de {company}",
    }
    sent_changed(document, company) {
        English: "{company} changed {document} and sent it again. It replaces what you got before.",
        German: "{company} hat {document} geändert und erneut gesendet. Die neue Fassung ersetzt die bisherige.",
        French: "{company} a modifié {document} et vous en envoie la nouvelle version, qui remplace la précédente.",
        Dutch: "{company} heeft {document} gewijzigd en opnieuw gestuurd. De nieuwe versie vervangt de vorige.",
        Spanish: "{company} ha modificado {document} y le envía la nueva versión, que sustituye a la anterior.",
    }
    subject_again(document, company) {
        English: "Sent again: {document} from {company}",
        German: "Erneut gesendet: {document} von {company}",
        French: "Nouvel envoi : {document} ({company})",
        Dutch: "Opnieuw gestuurd: {document} van {company}",
        Spanish: "Nuevo envío: {document} de {company}",
    }
    sent_again(document, company) {
        English: "{company} sent you {document} again, as you have it already.",
        German: "{company} hat Ihnen {document} unverändert noch einmal gesendet.",
        French: "{company} vous a envoyé de nouveau {document}, sans changement.",
        Dutch: "{company} heeft u {document} ongewijzigd opnieuw gestuurd.",
        Spanish: "{company} le ha vuelto a enviar {document}, sin cambios.",
    }
}

impl Letter for SalesDocumentSent {
    fn name(&self) -> &'static str {
        "sales-document-sent"
    }

    fn words(&self, reader: &Reader) -> Words {
        let document = &self.document;
        let SalesDocumentNamed { company, customer, .. } = document;
        let (title, short, named) = (document.title(reader), company.short(), document.named(reader));
        let (subject, said) = match self.sending {
            Sending::First => (subject_new(reader, title, short), sent(reader, named, company)),
            Sending::Changed => (subject_changed(reader, title, short), sent_changed(reader, named, company)),
            Sending::Again => (subject_again(reader, title, short), sent_again(reader, named, company)),
        };
        let mut facts = document.facts(reader);
        facts.extend(self.last_day.map(|last_day| match last_day {
            LastDay::Due(due_on) => Fact::new(common::due_on(reader), reader.day(due_on)),
            LastDay::Valid(until) => Fact::new(common::valid_until(reader), reader.day(until)),
        }));
        Words {
            on_behalf_of: Some(company.clone()),
            facts,
            button: Some(Button::new(document.kind.button(reader), &self.link)),
            ..Words::new(&subject, &said, &common::why_contact(reader, customer, company))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use crate::letters::sales_document::SalesDocumentKind;
        let date = |text: &str| Day::try_from(text.to_owned()).unwrap();
        let sent = |kind, last_day, sending| Self {
            document: SalesDocumentNamed::example(say, kind),
            last_day,
            sending,
            link: crate::say::link(),
        };
        let due = LastDay::Due(date("2026-12-01"));
        let valid = LastDay::Valid(date("2026-12-31"));
        vec![
            ("an_invoice_is_sent", sent(SalesDocumentKind::Invoice, Some(due), Sending::First)),
            ("a_credit_note_is_sent", sent(SalesDocumentKind::CreditNote, None, Sending::First)),
            ("an_estimate_is_sent_again", sent(SalesDocumentKind::Estimate, Some(valid), Sending::Changed)),
            ("an_invoice_is_sent_as_it_is", sent(SalesDocumentKind::Invoice, Some(due), Sending::Again)),
        ]
    }
}
