//! Files that are generated say what they were generated from, in each format; and in any order they end in one history.

use std::collections::BTreeMap;

use domain::{
    Money,
    bank::{AccountNumber, BalanceHistory},
    time::Day,
};
use proptest::prelude::*;

use crate::{read, statement::Statement};

/// A bank's day of one account.
#[derive(Debug, Clone)]
struct BankDay {
    account: u8,
    currency: &'static str,
    day: i32,
    opening: i64,
    entries: Vec<i64>,
    sequence: u32,
    /// Minutes after midnight at which the statement was made.
    made: u32,
}

impl BankDay {
    fn closing(&self) -> i64 {
        self.opening + self.entries.iter().sum::<i64>()
    }

    fn day(&self) -> Day {
        Day::try_from("2026-01-01".to_owned()).unwrap().plus_days(self.day)
    }

    /// An amount without sign, with a point before the decimals.
    fn amount(&self, minor: i64) -> String {
        let money = Money { minor: minor.abs(), currency: self.currency.parse().unwrap() }.to_string();
        money.split(' ').next().unwrap().replace(',', "")
    }

    fn signed(&self, minor: i64) -> String {
        format!("{}{}", if minor < 0 { "-" } else { "" }, self.amount(minor))
    }

    fn camt(&self) -> String {
        let signed = |minor: i64| {
            let sign = if minor < 0 { "DBIT" } else { "CRDT" };
            format!("<Amt Ccy=\"{}\">{}</Amt><CdtDbtInd>{sign}</CdtDbtInd>", self.currency, self.amount(minor))
        };
        let balance = |code: &str, minor: i64| {
            format!(
                "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{}<Dt><Dt>{}</Dt></Dt></Bal>",
                signed(minor),
                self.day()
            )
        };
        let entries: String =
            self.entries.iter().map(|minor| format!("<Ntry>{}<Sts>BOOK</Sts></Ntry>", signed(*minor))).collect();
        format!(
            "<Stmt><Id>S</Id><ElctrncSeqNb>{}</ElctrncSeqNb><CreDtTm>{}T{:02}:{:02}:00Z</CreDtTm>\
             <Acct><Id><Othr><Id>{}</Id></Othr></Id></Acct>{}{}{entries}</Stmt>",
            self.sequence,
            self.day(),
            self.made / 60,
            self.made % 60,
            self.account,
            balance("OPBD", self.opening),
            balance("CLBD", self.closing()),
        )
    }

    fn mt940(&self) -> String {
        let comma = |minor: i64| {
            let amount = self.amount(minor);
            if amount.contains('.') { amount.replace('.', ",") } else { format!("{amount},") }
        };
        let sign = |minor: i64| if minor < 0 { "D" } else { "C" };
        let day = self.day().to_string()[2..].replace('-', "");
        let entries: String =
            self.entries.iter().map(|minor| format!(":61:{day}{}{}NTRF\n", sign(*minor), comma(*minor))).collect();
        let balance = |minor: i64| format!("{}{day}{}{}", sign(minor), self.currency, comma(minor));
        format!(
            ":20:S\n:25:{}\n:28C:{}/1\n:60F:{}\n{entries}:62F:{}\n-\n",
            self.account,
            self.sequence,
            balance(self.opening),
            balance(self.closing())
        )
    }

    fn ofx(&self) -> String {
        let compact = |day: Day| day.to_string().replace('-', "");
        let entries: String =
            self.entries.iter().map(|minor| format!("<STMTTRN><TRNAMT>{}</STMTTRN>", self.signed(*minor))).collect();
        format!(
            "<STMTTRNRS><STMTRS><CURDEF>{}<BANKACCTFROM><ACCTID>{}</BANKACCTFROM><BANKTRANLIST>{entries}</BANKTRANLIST>\
             <LEDGERBAL><BALAMT>{}<DTASOF>{}</LEDGERBAL></STMTRS></STMTTRNRS>",
            self.currency,
            self.account,
            self.signed(self.closing()),
            compact(self.day()),
        )
    }
}

fn camt_file(days: &[BankDay]) -> String {
    let statements: String = days.iter().map(BankDay::camt).collect();
    format!("<Document><BkToCstmrStmt>{statements}</BkToCstmrStmt></Document>")
}

fn ofx_file(days: &[BankDay]) -> String {
    let statements: String = days.iter().map(BankDay::ofx).collect();
    format!("OFXHEADER:100\n\n<OFX><BANKMSGSRSV1>{statements}</BANKMSGSRSV1></OFX>")
}

fn mt940_file(days: &[BankDay]) -> String {
    days.iter().map(BankDay::mt940).collect()
}

fn bank_day() -> impl Strategy<Value = BankDay> {
    let entries = prop::collection::vec(-1_000_000_i64..1_000_000, 0..6);
    let currency = prop::sample::select(vec!["EUR", "JPY", "KWD"]);
    (0_u8..3, currency, 0_i32..4, -10_000_000_i64..10_000_000, entries, 1_u32..4, 0_u32..1440).prop_map(
        |(account, currency, day, opening, entries, sequence, made)| BankDay {
            account,
            currency,
            day,
            opening,
            entries,
            sequence,
            made,
        },
    )
}

type Histories = BTreeMap<(AccountNumber, &'static str), BalanceHistory>;

fn add(histories: &mut Histories, file: &str) {
    let today = Day::try_from("2026-12-31".to_owned()).unwrap();
    for statement in read(file.as_bytes()).unwrap().statements {
        let history = histories.entry((statement.account.clone(), statement.currency.code())).or_default();
        for (day, said) in statement.day_balances() {
            history.add(day, &said, today).unwrap();
        }
    }
}

fn says(statement: &Statement, day: &BankDay, file: &str) {
    let closing = statement.closing.unwrap();
    assert_eq!(statement.account.to_string(), day.account.to_string());
    assert_eq!(statement.currency.code(), day.currency);
    assert_eq!((closing.day, closing.balance_minor.minor()), (day.day(), day.closing()), "{file}");
    assert_eq!(statement.entries.booked, u32::try_from(day.entries.len()).unwrap());
    assert_eq!(statement.entries.sum_minor, day.entries.iter().sum::<i64>());
    assert_eq!(statement.warnings, []);
}

proptest! {
    /// Proves: U40
    #[test]
    fn signs_and_amounts_survive_in_each_format(days in prop::collection::vec(bank_day(), 1..8)) {
        for file in [camt_file(&days), ofx_file(&days), mt940_file(&days)] {
            let read = read(file.as_bytes()).unwrap();
            prop_assert_eq!(read.statements.len(), days.len(), "{}", file);
            for (statement, day) in read.statements.iter().zip(&days) {
                says(statement, day, &file);
            }
        }
    }

    /// Proves: U42
    #[test]
    fn files_in_any_order_repeated_and_corrected_end_in_the_same_history(
        (files, again) in prop::collection::vec(prop::collection::vec(bank_day(), 1..5), 1..6).prop_flat_map(|files| {
            let twice: Vec<_> = files.iter().chain(&files).cloned().collect();
            (Just(files), Just(twice).prop_shuffle())
        }),
        write in prop::sample::select(vec![camt_file as fn(&[BankDay]) -> String, mt940_file, ofx_file])
    ) {
        let (mut once, mut shuffled) = (Histories::new(), Histories::new());
        files.iter().for_each(|file| add(&mut once, &write(file)));
        again.iter().for_each(|file| add(&mut shuffled, &write(file)));
        prop_assert_eq!(once, shuffled);
    }

    #[test]
    fn a_statement_cut_into_pages_is_the_same_statement(
        day in bank_day(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 1..4), backwards in any::<bool>()
    ) {
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(day.entries.len() + 1)).collect();
        ends.extend([day.entries.len()]);
        ends.sort_unstable();
        let (mut opening, mut begun) = (day.opening, 0);
        let mut pages: Vec<String> = Vec::new();
        for (nth, end) in ends.iter().enumerate() {
            let page = BankDay { opening, entries: day.entries[begun..*end].to_vec(), ..day.clone() };
            (opening, begun) = (page.closing(), *end);
            let number = nth + 1;
            let (first, last) = (nth == 0, number == ends.len());
            let mut text = page.mt940().replace("/1\n", &format!("/{number}\n"));
            if !first { text = text.replace(":60F:", ":60M:"); }
            if !last { text = text.replace(":62F:", ":62M:"); }
            pages.push(text);
        }
        if backwards { pages.reverse(); }
        let file = pages.concat();
        let read = read(file.as_bytes()).unwrap();
        prop_assert_eq!(read.statements.len(), 1, "{}", file);
        says(&read.statements[0], &day, &file);
    }
}
