//! The letter to a customer that an invoice waits for payment, before or after it is due.

use domain::{Money, language::Reader, messages, time::Day};

use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    letters::{common, sales_document::{SalesDocumentNamed, see_the_invoice}},
    url::HttpUrl,
};

/// Where the reader sees the invoice.
#[derive(Debug, Clone)]
pub enum ReminderLink {
    /// In the portal.
    Portal(HttpUrl),
    /// On its hosted page.
    Hosted(HttpUrl),
}

/// An invoice waits for payment.
#[derive(Debug, Clone)]
pub struct InvoiceReminder {
    /// The invoice.
    pub invoice: SalesDocumentNamed,
    /// What is due.
    pub due: Money,
    /// When it is due.
    pub due_on: Day,
    /// Whether that day is over.
    pub overdue: bool,
    /// The invoice.
    pub link: ReminderLink,
}

messages! {
    subject_overdue(number, company, due_on) {
        English: "Overdue since {due_on}: invoice {number} from {company}",
        German: "Überfällig seit dem {due_on}: Rechnung {number} von {company}",
        French: "En retard depuis le {due_on} : facture {number} ({company})",
        Dutch: "Achterstallig sinds {due_on}: factuur {number} van {company}",
        Spanish: "Vencida desde el {due_on}: factura {number} de {company}",
    }
    overdue(amount, number, company, due_on) {
        English: "{amount} of invoice {number} from {company} was due on {due_on} and is not paid.",
        German: "Rechnung {number} von {company} war am {due_on} fällig. Davon sind noch {amount} offen.",
        French: "La facture {number} de l’entreprise {company} était à payer au plus tard le {due_on}. Il reste {amount} à payer.",
        Dutch: "De betalingstermijn van factuur {number} van {company} is op {due_on} verstreken. Er staat nog {amount} open.",
        Spanish: "La factura {number} de {company} venció el {due_on} y quedan {amount} por pagar.",
    }
    subject_due(number, company, due_on) {
        English: "Reminder: invoice {number} from {company} is due on {due_on}",
        German: "Erinnerung: Rechnung {number} von {company} ist am {due_on} fällig",
        French: "Rappel : la facture {number} ({company}) arrive à échéance le {due_on}",
        Dutch: "Herinnering: factuur {number} van {company} vervalt op {due_on}",
        Spanish: "Recordatorio: la factura {number} de {company} vence el {due_on}",
    }
    is_due(amount, number, company, due_on) {
        English: "{amount} of invoice {number} from {company} is due on {due_on}.",
        German: "Rechnung {number} von {company} ist am {due_on} fällig. Zu zahlen sind {amount}.",
        French: "La facture {number} de l’entreprise {company} arrive à échéance le {due_on}. Montant à payer : {amount}.",
        Dutch: "Factuur {number} van {company} vervalt op {due_on}. Te betalen: {amount}.",
        Spanish: "La factura {number} de {company} vence el {due_on}. Importe por pagar: {amount}.",
    }
    not_paid {
        English: "Not paid",
        German: "Offen",
        French: "Reste à payer",
        Dutch: "Openstaand",
        Spanish: "Pendiente",
    }
    if_you_paid {
        English: "If you paid in the last days, you need do nothing.",
        German: "Falls Sie in den letzten Tagen bezahlt haben, brauchen Sie nichts zu tun.",
        French: "Si vous avez payé ces derniers jours, vous n’avez rien à faire.",
        Dutch: "Hebt u de afgelopen dagen betaald, dan hoeft u niets te doen.",
        Spanish: "Si ha pagado en los últimos días, no tiene que hacer nada.",
    }
    until_paid {
        English: "The reminders stop when the invoice is paid.",
        German: "Die Erinnerungen enden, sobald die Rechnung bezahlt ist.",
        French: "Les rappels cessent dès que la facture est payée.",
        Dutch: "De herinneringen stoppen zodra de factuur is betaald.",
        Spanish: "Los recordatorios cesan cuando la factura está pagada.",
    }
}

impl Letter for InvoiceReminder {
    fn name(&self) -> &'static str {
        "invoice-reminder"
    }

    fn words(&self, reader: &Reader) -> Words {
        let SalesDocumentNamed { company, customer, number, .. } = &self.invoice;
        let (due, due_on) = (&reader.money(self.due), &reader.day(self.due_on));
        let (short, its) = (number.short(), company.short());
        let (subject, said) = if self.overdue {
            (subject_overdue(reader, short, its, due_on), overdue(reader, due, number, company, due_on))
        } else {
            (subject_due(reader, short, its, due_on), is_due(reader, due, number, company, due_on))
        };
        let mut facts = self.invoice.facts(reader);
        facts.extend([Fact::new(not_paid(reader), due), Fact::new(common::due_on(reader), due_on)]);
        let paid = Line::sentence(if_you_paid(reader));
        let (link, notes) = match &self.link {
            ReminderLink::Portal(link) => (link, vec![paid]),
            ReminderLink::Hosted(link) => (link, vec![paid, Line::sentence(common::for_you_alone(reader))]),
        };
        let why = format!("{} {}", common::why_contact(reader, customer, company), until_paid(reader));
        Words {
            on_behalf_of: Some(company.clone()),
            facts,
            button: Some(Button::new(see_the_invoice(reader), link)),
            notes,
            ..Words::new(&subject, &said, &why)
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use crate::letters::sales_document::SalesDocumentKind;
        let before = Self {
            invoice: SalesDocumentNamed::example(say, SalesDocumentKind::Invoice),
            due: Money { minor: 23_456, currency: "EUR".parse().unwrap() },
            due_on: Day::try_from("2026-12-01".to_owned()).unwrap(),
            overdue: false,
            link: ReminderLink::Portal(crate::say::link()),
        };
        let after = Self { overdue: true, link: ReminderLink::Hosted(crate::say::link()), ..before.clone() };
        vec![("an_invoice_is_due_soon", before), ("an_invoice_is_overdue", after)]
    }
}
