//! The letter to a customer that an invoice waits for payment, before or after it is due.

use domain::language::Reader;
use domain::{Money, time::Day};

use crate::{
    date::day,
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    letters::sales_document::SalesDocumentNamed,
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

impl Letter for InvoiceReminder {
    fn name(&self) -> &'static str {
        "invoice-reminder"
    }

    fn words(&self, _: &Reader) -> Words {
        let invoice = &self.invoice;
        let SalesDocumentNamed { company, customer, kind, .. } = invoice;
        let due_on = day(self.due_on);
        let (subject, sentence) = if self.overdue {
            (
                format!("Overdue since {due_on}: {} from {}", invoice.short(), company.short()),
                format!("{} of {invoice} from {company} was due on {due_on} and is not paid.", self.due),
            )
        } else {
            (
                format!("Reminder: {} from {} is due on {due_on}", invoice.short(), company.short()),
                format!("{} of {invoice} from {company} is due on {due_on}.", self.due),
            )
        };
        let mut facts = invoice.facts();
        facts.extend([Fact::new("Not paid", self.due), Fact::new("Due on", due_on)]);
        let paid = Line::sentence("If you paid in the last days, you need do nothing.");
        let (link, notes) = match &self.link {
            ReminderLink::Portal(link) => (link, vec![paid]),
            ReminderLink::Hosted(link) => {
                let alone = "The link needs no sign-in and is for you alone. Please do not pass it on.";
                (link, vec![paid, Line::sentence(alone)])
            }
        };
        Words {
            on_behalf_of: Some(company.clone()),
            facts,
            button: Some(Button::new(kind.button(), link)),
            notes,
            ..Words::new(
                &subject,
                &sentence,
                &format!(
                    "You receive this because you are a contact of {customer} at {company}. The reminders stop when \
                     the invoice is paid."
                ),
            )
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
