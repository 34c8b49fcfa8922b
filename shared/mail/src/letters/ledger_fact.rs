//! The letter to those who may see it: a VAT return was filed or is due, a payroll is ready.

use domain::language::Reader;
use domain::{
    Money,
    ledger_fact::{FactContent, FactKind},
};

use crate::{
    date::day,
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

impl Letter for LedgerFact {
    fn name(&self) -> &'static str {
        "ledger-fact"
    }

    fn words(&self, _: &Reader) -> Words {
        let Self { company, fact, .. } = self;
        let short = company.short();
        let period = format!("{} to {}", day(fact.period_from), day(fact.period_until));
        let (subject, sentence, date, see) = match fact.kind {
            FactKind::VatReturnFiled => (
                format!("{short}: VAT return filed for {period}"),
                format!("The VAT return of {company} for {period} was filed."),
                "Filed on",
                "VAT returns",
            ),
            FactKind::VatReturnDue => (
                format!("{short}: VAT return due on {}", day(fact.date)),
                format!("The VAT return of {company} for {period} is to be filed and paid by {}.", day(fact.date)),
                "Due on",
                "VAT returns",
            ),
            FactKind::PayrollReady => (
                format!("{short}: payroll ready for {period}"),
                format!("The payroll of {company} for {period} is ready."),
                "Paid on",
                "payroll",
            ),
        };
        // A refund is an amount that comes back: nobody has to know what a minus sign means here.
        let amount = fact.amount().map(|money| match money.minor {
            ..0 => Fact::new("To be refunded", Money { minor: money.minor.saturating_neg(), ..money }),
            0 => Fact::new("To be paid", "nothing"),
            1.. => Fact::new("To be paid", money),
        });
        let facts = [
            Some(Fact::new("Company", company)),
            Some(Fact::new("Period", &period)),
            Some(Fact::new(date, day(fact.date))),
            amount,
        ];
        Words {
            facts: facts.into_iter().flatten().collect(),
            button: Some(Button::new("See the company", &self.link)),
            ..Words::new(&subject, &sentence, &format!("You receive this because you see the {see} of {company}."))
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
