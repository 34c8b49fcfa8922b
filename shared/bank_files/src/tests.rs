//! Files that were written to the specifications, read to the cent.

mod camt;
mod hostile;
mod mt940;
mod ofx;
mod properties;
mod refused;

use domain::{Money, bank::Certainty};

use crate::{BankFile, Reason, Statement, read};

/// A file that is taken.
fn taken(file: &[u8]) -> BankFile {
    read(file).unwrap_or_else(|refused| panic!("{refused}"))
}

/// The place and reason of a file that is refused.
fn refused(file: &[u8]) -> (String, Reason) {
    let refused = read(file).expect_err("it is refused");
    (refused.place.to_string(), refused.reason)
}

/// What matters of a statement on one line.
fn shown(statement: &Statement) -> String {
    let money = |minor| Money { minor, currency: statement.currency }.to_string();
    let closing = statement.closing.map_or_else(String::new, |closing| {
        let certainty = match closing.certainty {
            Certainty::Stated => "closes",
            Certainty::Computed => "computes",
            Certainty::Interim => "stands",
        };
        format!("{certainty} {} at {}", closing.day, money(closing.balance_minor.minor()))
    });
    let entries = statement.entries;
    let pending = if entries.pending > 0 { format!(", {} pending", entries.pending) } else { String::new() };
    let warnings: String = statement.warnings.iter().map(|warning| format!("; {warning}")).collect();
    let sum = money(entries.sum_minor);
    format!("{} {closing}, {} of {sum}{pending}{warnings}", statement.account, entries.booked)
}

fn all_shown(file: &BankFile) -> Vec<String> {
    file.statements.iter().map(shown).collect()
}
