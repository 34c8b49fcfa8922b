//! The letter to those who may see it: a VAT return was filed or is due, a payroll is ready.

use domain::{
    Money,
    language::Reader,
    ledger_fact::{FactContent, FactKind},
    messages,
};

use super::common;
use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    url::HttpUrl,
};

/// The ledger stated a fact.
#[derive(Debug, Clone)]
pub struct LedgerFact {
    /// The company's name.
    pub company: Line,
    /// What it says.
    pub fact: FactContent,
    /// The company in the portal.
    pub link: HttpUrl,
}

messages! {
    period(from, until) {
        English: "{from} to {until}",
        German: "{from} bis {until}",
        French: "du {from} au {until}",
        Dutch: "{from} tot en met {until}",
        Spanish: "del {from} al {until}",
    }
    subject_vat_filed(company, from, until) {
        English: "{company}: VAT return filed for {from} to {until}",
        German: "{company}: Umsatzsteuererklärung für den Zeitraum {from} bis {until} abgegeben",
        French: "{company} : déclaration de TVA du {from} au {until} déposée",
        Dutch: "{company}: btw-aangifte over {from} tot en met {until} ingediend",
        Spanish: "{company}: presentada la declaración de IVA del {from} al {until}",
    }
    vat_filed(company, from, until) {
        English: "The VAT return of {company} for {from} to {until} was filed.",
        German: "Die Umsatzsteuererklärung von {company} für den Zeitraum {from} bis {until} wurde abgegeben.",
        French: "La déclaration de TVA de l’entreprise {company} pour la période du {from} au {until} a été déposée.",
        Dutch: "De btw-aangifte van {company} over de periode {from} tot en met {until} is ingediend.",
        Spanish: "Se ha presentado la declaración de IVA de {company} correspondiente al período del {from} al {until}.",
    }
    filed_on {
        English: "Filed on",
        German: "Abgegeben am",
        French: "Déposée le",
        Dutch: "Ingediend op",
        Spanish: "Presentada el",
    }
    subject_vat_due(company, date) {
        English: "{company}: VAT return due on {date}",
        German: "{company}: Umsatzsteuererklärung am {date} fällig",
        French: "{company} : déclaration de TVA à déposer au plus tard le {date}",
        Dutch: "{company}: btw-aangifte uiterlijk {date} indienen",
        Spanish: "{company}: el plazo de la declaración de IVA vence el {date}",
    }
    vat_due(company, from, until, date) {
        English: "The VAT return of {company} for {from} to {until} is to be filed and paid by {date}.",
        German: "Die Umsatzsteuererklärung von {company} für den Zeitraum {from} bis {until} ist bis zum {date} abzugeben; bis \
                 dahin ist auch die Steuer zu zahlen.",
        French: "La déclaration de TVA de l’entreprise {company} pour la période du {from} au {until} est à déposer et à régler \
                 au plus tard le {date}.",
        Dutch: "De btw-aangifte van {company} over de periode {from} tot en met {until} moet uiterlijk op {date} zijn ingediend \
                en betaald.",
        Spanish: "La declaración de IVA de {company} correspondiente al período del {from} al {until} debe presentarse y pagarse \
                  a más tardar el {date}.",
    }
    due_on {
        English: "Due on",
        German: "Fällig am",
        French: "Échéance",
        Dutch: "Uiterste datum",
        Spanish: "Fecha límite",
    }
    subject_payroll(company, from, until) {
        English: "{company}: payroll ready for {from} to {until}",
        German: "{company}: Lohnabrechnung für den Zeitraum {from} bis {until} ist fertig",
        French: "{company} : paie du {from} au {until} prête",
        Dutch: "{company}: loonadministratie over {from} tot en met {until} is klaar",
        Spanish: "{company}: nómina del {from} al {until} lista",
    }
    payroll_ready(company, from, until) {
        English: "The payroll of {company} for {from} to {until} is ready.",
        German: "Die Lohnabrechnung von {company} für den Zeitraum {from} bis {until} ist fertig.",
        French: "La paie de l’entreprise {company} pour la période du {from} au {until} est prête.",
        Dutch: "De loonadministratie van {company} over de periode {from} tot en met {until} is klaar.",
        Spanish: "La nómina de {company} correspondiente al período del {from} al {until} está lista.",
    }
    /// The day on which the wages are paid.
    paid_on {
        English: "Paid on",
        German: "Auszahlung am",
        French: "Date de paiement",
        Dutch: "Uitbetaling op",
        Spanish: "Fecha de pago",
    }
    period_label {
        English: "Period",
        German: "Zeitraum",
        French: "Période",
        Dutch: "Periode",
        Spanish: "Período",
    }
    to_be_refunded {
        English: "To be refunded",
        German: "Zu erstatten",
        French: "À rembourser",
        Dutch: "Terug te ontvangen",
        Spanish: "A devolver",
    }
    to_be_paid {
        English: "To be paid",
        German: "Zu zahlen",
        French: "À payer",
        Dutch: "Te betalen",
        Spanish: "A pagar",
    }
    nothing {
        English: "nothing",
        German: "nichts",
        French: "rien",
        Dutch: "niets",
        Spanish: "nada",
    }
    button {
        English: "See the company",
        German: "Unternehmen ansehen",
        French: "Voir l’entreprise",
        Dutch: "Bedrijf bekijken",
        Spanish: "Ver la empresa",
    }
    why_vat(company) {
        English: "You receive this because you see the VAT returns of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie Zugriff auf die Umsatzsteuererklärungen von {company} haben.",
        French: "Vous recevez ce message parce que vous avez accès aux déclarations de TVA de l’entreprise {company}.",
        Dutch: "U ontvangt dit bericht omdat u toegang hebt tot de btw-aangiften van {company}.",
        Spanish: "Recibe este mensaje porque tiene acceso a las declaraciones de IVA de {company}.",
    }
    why_payroll(company) {
        English: "You receive this because you see the payroll of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie Zugriff auf die Lohnabrechnung von {company} haben.",
        French: "Vous recevez ce message parce que vous avez accès à la paie de l’entreprise {company}.",
        Dutch: "U ontvangt dit bericht omdat u toegang hebt tot de loonadministratie van {company}.",
        Spanish: "Recibe este mensaje porque tiene acceso a la nómina de {company}.",
    }
}

impl Letter for LedgerFact {
    fn name(&self) -> &'static str {
        "ledger-fact"
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, fact, .. } = self;
        let short = company.short();
        let (from, until) = (&reader.day(fact.period_from), &reader.day(fact.period_until));
        let date = &reader.day(fact.date);
        let (subject, said, date_label, why) = match fact.kind {
            FactKind::VatReturnFiled => (
                subject_vat_filed(reader, short, from, until),
                vat_filed(reader, company, from, until),
                filed_on(reader),
                why_vat(reader, company),
            ),
            FactKind::VatReturnDue => (
                subject_vat_due(reader, short, date),
                vat_due(reader, company, from, until, date),
                due_on(reader),
                why_vat(reader, company),
            ),
            FactKind::PayrollReady => (
                subject_payroll(reader, short, from, until),
                payroll_ready(reader, company, from, until),
                paid_on(reader),
                why_payroll(reader, company),
            ),
        };
        // A refund is an amount that comes back: nobody has to know what a minus sign means here.
        let amount = fact.amount().map(|money| match money.minor {
            ..0 => {
                let back = Money { minor: money.minor.saturating_neg(), ..money };
                Fact::new(to_be_refunded(reader), reader.money(back))
            }
            0 => Fact::new(to_be_paid(reader), nothing(reader)),
            1.. => Fact::new(to_be_paid(reader), reader.money(money)),
        });
        let facts = [
            Some(Fact::new(common::company(reader), company)),
            Some(Fact::new(period_label(reader), period(reader, from, until))),
            Some(Fact::new(date_label, date)),
            amount,
        ];
        Words {
            facts: facts.into_iter().flatten().collect(),
            button: Some(Button::new(button(reader), &self.link)),
            ..Words::new(&subject, &said, &why)
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let of = |text: &str| text.to_owned().try_into().unwrap();
        let filed = Self {
            company: Line::new(&say("Acme Retail")),
            fact: FactContent {
                kind: FactKind::VatReturnFiled,
                period_from: of("2026-07-01"),
                period_until: of("2026-09-30"),
                date: of("2026-10-29"),
                amount_minor: Some(1_234_500.try_into().unwrap()),
                currency: Some("EUR".parse().unwrap()),
            },
            link: crate::say::link(),
        };
        let with = |change: fn(&mut FactContent)| {
            let mut letter = filed.clone();
            change(&mut letter.fact);
            letter
        };
        let due = with(|fact| fact.kind = FactKind::VatReturnDue);
        let refund = with(|fact| fact.amount_minor = Some((-98_700).try_into().unwrap()));
        let payroll = with(|fact| {
            *fact = FactContent { kind: FactKind::PayrollReady, amount_minor: None, currency: None, ..fact.clone() };
        });
        vec![
            ("a_vat_return_was_filed", filed),
            ("a_vat_refund_was_asked_for", refund),
            ("a_vat_return_is_due", due),
            ("a_payroll_is_ready", payroll),
        ]
    }
}
