//! The letter to those who follow an account: its balance fell below a threshold, or has recovered.

use domain::{Money, UtcTime, language::Reader, messages};

use super::common;
use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    url::HttpUrl,
};

/// A bank balance crossed a threshold.
#[derive(Debug, Clone)]
pub struct BalanceCrossed {
    /// The company's name.
    pub company: Line,
    /// The bank account's name.
    pub account: Line,
    /// Whether it has recovered, after it was below.
    pub has_recovered: bool,
    /// Whether the threshold is the recipient's own.
    pub is_own: bool,
    /// The balance.
    pub balance: Money,
    /// The threshold that was set.
    pub threshold: Money,
    /// When the balance was true.
    pub as_of: Option<UtcTime>,
    /// The account in the portal.
    pub link: HttpUrl,
}

messages! {
    subject_recovered(company, account, balance) {
        English: "{company}: balance of {account} recovered to {balance}",
        German: "{company}: Stand des Kontos {account} wieder bei {balance}",
        French: "{company} : solde du compte {account} remonté à {balance}",
        Dutch: "{company}: saldo van rekening {account} weer op {balance}",
        Spanish: "{company}: saldo de la cuenta {account} recuperado hasta {balance}",
    }
    recovered(account) {
        English: "The balance of {account} has recovered from below the threshold that was set for it.",
        German: "Der Stand des Kontos {account} liegt nicht mehr unter der Schwelle, die dafür festgelegt wurde.",
        French: "Le solde du compte {account} n’est plus inférieur au seuil fixé pour ce compte.",
        Dutch: "Het saldo van rekening {account} ligt niet langer onder de drempel die ervoor is ingesteld.",
        Spanish: "El saldo de la cuenta {account} ya no está por debajo del umbral fijado para ella.",
    }
    recovered_from_own(account) {
        English: "The balance of {account} has recovered from below the threshold that you set for it.",
        German: "Der Stand des Kontos {account} liegt nicht mehr unter der Schwelle, die Sie dafür festgelegt haben.",
        French: "Le solde du compte {account} n’est plus inférieur au seuil que vous avez fixé.",
        Dutch: "Het saldo van rekening {account} ligt niet langer onder de drempel die u ervoor hebt ingesteld.",
        Spanish: "El saldo de la cuenta {account} ya no está por debajo del umbral que usted fijó.",
    }
    subject_below(company, account, threshold) {
        English: "{company}: balance of {account} below {threshold}",
        German: "{company}: Stand des Kontos {account} unter {threshold}",
        French: "{company} : solde du compte {account} inférieur à {threshold}",
        Dutch: "{company}: saldo van rekening {account} onder {threshold}",
        Spanish: "{company}: saldo de la cuenta {account} por debajo de {threshold}",
    }
    fell_below(account) {
        English: "The balance of {account} fell below the threshold that was set for it.",
        German: "Der Stand des Kontos {account} ist unter die Schwelle gefallen, die dafür festgelegt wurde.",
        French: "Le solde du compte {account} est passé sous le seuil fixé pour ce compte.",
        Dutch: "Het saldo van rekening {account} is onder de drempel gezakt die ervoor is ingesteld.",
        Spanish: "El saldo de la cuenta {account} ha caído por debajo del umbral fijado para ella.",
    }
    fell_below_own(account) {
        English: "The balance of {account} fell below the threshold that you set for it.",
        German: "Der Stand des Kontos {account} ist unter die Schwelle gefallen, die Sie dafür festgelegt haben.",
        French: "Le solde du compte {account} est passé sous le seuil que vous avez fixé.",
        Dutch: "Het saldo van rekening {account} is onder de drempel gezakt die u ervoor hebt ingesteld.",
        Spanish: "El saldo de la cuenta {account} ha caído por debajo del umbral que usted fijó.",
    }
    account_label {
        English: "Account",
        German: "Konto",
        French: "Compte",
        Dutch: "Rekening",
        Spanish: "Cuenta",
    }
    balance_label {
        English: "Balance",
        German: "Kontostand",
        French: "Solde",
        Dutch: "Saldo",
        Spanish: "Saldo",
    }
    threshold_label {
        English: "Threshold",
        German: "Schwelle",
        French: "Seuil",
        Dutch: "Drempel",
        Spanish: "Umbral",
    }
    as_of {
        English: "As of",
        German: "Stand",
        French: "Date du solde",
        Dutch: "Stand op",
        Spanish: "A fecha de",
    }
    button {
        English: "See the account",
        German: "Konto ansehen",
        French: "Voir le compte",
        Dutch: "Rekening bekijken",
        Spanish: "Ver la cuenta",
    }
    why(company) {
        English: "You receive this because you follow bank balances of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie die Kontostände von {company} verfolgen.",
        French: "Vous recevez ce message parce que vous suivez les soldes bancaires de l’entreprise {company}.",
        Dutch: "U ontvangt dit bericht omdat u de banksaldi van {company} volgt.",
        Spanish: "Recibe este mensaje porque sigue los saldos bancarios de {company}.",
    }
    why_own(company) {
        English: "You receive this because you set a threshold for this account of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie für dieses Konto von {company} eine Schwelle festgelegt haben.",
        French: "Vous recevez ce message parce que vous avez fixé un seuil pour ce compte de l’entreprise {company}.",
        Dutch: "U ontvangt dit bericht omdat u voor deze rekening van {company} een drempel hebt ingesteld.",
        Spanish: "Recibe este mensaje porque fijó un umbral para esta cuenta de {company}.",
    }
}

impl Letter for BalanceCrossed {
    fn name(&self) -> &'static str {
        if self.has_recovered { "balance-recovered" } else { "balance-below-threshold" }
    }

    fn words(&self, reader: &Reader) -> Words {
        let Self { company, account, .. } = self;
        let (balance, threshold) = (&reader.money(self.balance), &reader.money(self.threshold));
        let facts = [
            Some(Fact::new(common::company(reader), company)),
            Some(Fact::new(account_label(reader), account)),
            Some(Fact::new(balance_label(reader), balance)),
            Some(Fact::new(threshold_label(reader), threshold)),
            Fact::if_any(as_of(reader), self.as_of.map(|at| reader.date_and_time(at))),
        ];
        let subject = if self.has_recovered {
            subject_recovered(reader, company.short(), account.short(), balance)
        } else {
            subject_below(reader, company.short(), account.short(), threshold)
        };
        let said = match (self.has_recovered, self.is_own) {
            (true, false) => recovered(reader, account),
            (true, true) => recovered_from_own(reader, account),
            (false, false) => fell_below(reader, account),
            (false, true) => fell_below_own(reader, account),
        };
        let why = if self.is_own { why_own(reader, company) } else { why(reader, company) };
        Words {
            facts: facts.into_iter().flatten().collect(),
            button: Some(Button::new(button(reader), &self.link)),
            ..Words::new(&subject, &said, &why)
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let euros = |minor| Money { minor, currency: "EUR".parse().unwrap() };
        let fell = Self {
            company: line("Acme Retail"),
            account: line("Current account"),
            has_recovered: false,
            is_own: false,
            balance: euros(-1_050),
            threshold: euros(1_000_000),
            as_of: Some("2026-11-21T06:00:00Z".parse().unwrap()),
            link: crate::say::link(),
        };
        let own = Self { is_own: true, ..fell.clone() };
        let recovered = Self { has_recovered: true, balance: euros(1_234_500), ..own.clone() };
        vec![
            ("a_balance_falls_below_its_threshold", fell),
            ("a_balance_falls_below_a_threshold_of_ones_own", own),
            ("a_balance_has_recovered", recovered),
        ]
    }
}
