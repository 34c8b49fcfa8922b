//! From the bytes of a file to what it says of each account.

use bank_files::{BankFile, Format, Statement};
use domain::{
    bank::{AccountStatement, NumberStatement, StatementContent, StatementFormat, StatementRefusal, by_account},
    time::Day,
};

use crate::FileRead;

/// Reads a file whole, or refuses it with the place.
pub(crate) fn read(bytes: &[u8], today: Day) -> Result<FileRead, StatementRefusal> {
    let BankFile { format, statements } = bank_files::read(bytes).map_err(|error| {
        let line = error.place.line.and_then(|line| line.try_into().ok());
        StatementRefusal::new(line, &error.place.path, &error.reason.to_string())
    })?;
    let (format, format_version) = match format {
        Format::Camt053 { version } => (StatementFormat::Camt053, version.map(u16::from)),
        Format::Ofx { version } => (StatementFormat::Ofx, version),
        Format::Mt940 => (StatementFormat::Mt940, None),
    };
    let content = StatementContent {
        format,
        format_version,
        statement_count: u32::try_from(statements.len()).unwrap_or(u32::MAX),
        entry_count: statements.iter().fold(0, |sum, statement| sum.saturating_add(statement.entries.booked)),
        accounts: Vec::new(),
    };
    let accounts = by_account(statements.into_iter().map(of_account), today)?;
    Ok(FileRead { content, accounts })
}

fn of_account(statement: Statement) -> AccountStatement {
    let days = statement.day_balances();
    let warnings = statement.warnings.iter().map(ToString::to_string).collect();
    let said = NumberStatement {
        number: statement.account,
        currency: statement.currency,
        account_name: statement.account_name,
        bank_name: statement.bank_name,
        days,
    };
    AccountStatement { said, warnings }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Day {
        Day::try_from("2026-11-30".to_owned()).unwrap()
    }

    const DAYS: &str = ":20:STMT\n:25:10020030/1234567\n:28C:205/1\n:60F:C261029EUR1000,00\n:62F:C261030EUR1000,00\n\
                        :20:STMT\n:25:10020030/1234567\n:28C:206/1\n:60F:C261030EUR1000,00\n:62F:D261031EUR38,16\n";

    /// Proves: U43
    #[test]
    fn two_statements_of_an_account_are_one_account_with_two_days() {
        let read = read(DAYS.as_bytes(), today()).map_err(|refusal| refusal.reason).unwrap();
        assert_eq!((read.content.format, read.content.statement_count), (StatementFormat::Mt940, 2));
        let [account] = &read.accounts[..] else { panic!("one account") };
        let days: Vec<(String, i64)> =
            account.said.days.iter().map(|(day, said)| (day.to_string(), said.balance_minor.minor())).collect();
        assert_eq!(days, [("2026-10-30".to_owned(), 100_000), ("2026-10-31".to_owned(), -3_816)]);
        assert_eq!(
            account.warnings,
            ["the opening balance and the booked entries make 100000, and the closing balance is -3816"]
        );
    }

    #[test]
    fn a_refusal_names_line_and_place() {
        let wrong = DAYS.replace("62F:D261031", "62F:X261031");
        let Err(refusal) = read(wrong.as_bytes(), today()) else { panic!("it is refused") };
        assert_eq!((refusal.line, refusal.reason.as_str()), (Some(10), "is neither credit nor debit"));
        assert!(refusal.path.contains(":62F:"), "{}", refusal.path);
    }
}
