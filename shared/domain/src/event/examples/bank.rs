//! Events about bank accounts, their numbers and the statements of banks.

use super::{id, now, text};
use crate::{
    access::{AccessRequirement, ActingAs},
    bank::{
        self, BalanceReport, BeforeStatement, Certainty, DayBalance, FileContext, NumberStatement, StatementContent,
        StatementFile, StatementFormat, StatementRefusal, StatementResult,
    },
    document::VersionNumber,
    event::NewEvent,
    id::DocumentId,
    ledger_report::ReportOutcome,
    permission::Permission,
    samples::{company, user},
    threshold::ThresholdRule,
    time::{Day, Zone},
};

pub(super) fn events() -> Vec<NewEvent> {
    let report = BalanceReport {
        name: text("Current account"),
        currency: text("EUR"),
        balance_minor: (-1_050).try_into().unwrap(),
        as_of: now(),
    };
    let (company, zone) = (company(1), Zone::utc());
    let reported = bank::report((&company, &text("MAIN")), None, Vec::new(), report.clone(), (&zone, now())).unwrap();
    let ReportOutcome::Recorded(account, recorded) = reported.outcome else { panic!("it is new") };
    let rule = ThresholdRule { tells_recovery: true, ..ThresholdRule::at(50_000.try_into().unwrap()) };
    let (account, set) = account.set_threshold(Some(rule));
    let seat = ActingAs::member(company.clone(), None);
    let access = AccessRequirement::new(user("mia"), seat, Permission::BankView);
    let (account, own) =
        account.set_own_thresholds(&access, &[ThresholdRule::at((-5_000).try_into().unwrap())]).unwrap();
    let (account, below) = account.tell(now()).unwrap();
    let report = BalanceReport { balance_minor: 60_000.try_into().unwrap(), as_of: now().plus_s(60), ..report };
    let reported = bank::report((&company, &text("MAIN")), Some(account), Vec::new(), report, (&zone, now())).unwrap();
    let ReportOutcome::Recorded(account, _) = reported.outcome else { panic!("it changed") };
    let recovered = account.tell(now().plus_s(60)).unwrap().1;

    let day = |text: &str| Day::try_from(text.to_owned()).unwrap();
    let said = DayBalance {
        created_at: Some(now()),
        sequence: Some(211),
        ..DayBalance::new(123_456.try_into().unwrap(), Certainty::Stated)
    };
    let statement = NumberStatement {
        number: bank::AccountNumber::Iban(text("DE89370400440532013000")),
        currency: text("EUR"),
        account_name: None,
        bank_name: None,
        days: vec![(day("2026-11-20"), said)],
    };
    let document = id(21, DocumentId::from_uuid);
    let file =
        FileContext { company: &company, document: &document, number: VersionNumber::FIRST, zone: &zone, now: now() };
    let before = BeforeStatement { number: None, account: None, months: Vec::new() };
    let applied = bank::apply(before, &statement, file).unwrap();
    let account_statement = bank::AccountStatement { said: statement, warnings: Vec::new() };
    let content = StatementContent {
        format: StatementFormat::Camt053,
        format_version: Some(8),
        statement_count: 1,
        entry_count: 14,
        accounts: vec![account_statement.read(applied.days)],
    };
    let refusal = StatementRefusal::new(
        Some(41),
        "BkToCstmrStmt/Stmt[1]/Bal[1]/CdtDbtInd",
        "the sign (credit or debit) is missing",
    );
    let of_file = |result| StatementFile::record(&company, &document, VersionNumber::FIRST, result, now()).1;
    let read = of_file(StatementResult::Read(content));
    let refused = of_file(StatementResult::Refused(refusal));
    let mapped = applied.number.unwrap().map_to(None, &account, &zone, now()).unwrap().unwrap().events;
    let is_mapping = |event: &NewEvent| event.payload.kind() == crate::event::EventType::BankAccountNumberMapped;
    let mapped = mapped.into_iter().filter(is_mapping);
    let told = [recorded, set, own].into_iter().chain(below).chain(recovered);
    told.chain([read, refused]).chain(applied.events).chain(mapped).collect()
}
