//! What it costs to read a camt.053 file of 5 MB with 10,000 entries: CPU and memory, beside the aims.
//!
//! `cargo run --release -p bank_files --example cost`. It reads `/proc`, so it needs Linux; it ends with 1 where an aim is
//! missed.
#![allow(clippy::print_stdout, reason = "a command speaks to its terminal")]

use std::{fmt::Write, process::ExitCode};

const ENTRIES: usize = 10_000;
const FILE_BYTES: usize = 5_000_000;
const ROUNDS: u64 = 20;
const MOST_CPU_MS: u64 = 200;
const MOST_RESIDENT_MB: u64 = 64;

/// One account's day with so many entries of some 500 bytes each, with details as banks write them.
fn file() -> String {
    let mut file = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\n\
         <BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>2026-10-31T22:00:00Z</CreDtTm></GrpHdr>\n<Stmt><Id>S</Id>\
         <Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>\n\
         <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>\
         <Dt><Dt>2026-10-30</Dt></Dt></Bal>\n\
         <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">12300.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>\
         <Dt><Dt>2026-10-31</Dt></Dt></Bal>\n",
    );
    for number in 0..ENTRIES {
        let _written = writeln!(
            file,
            "<Ntry><NtryRef>{number}</NtryRef><Amt Ccy=\"EUR\">1.23</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
             <BookgDt><Dt>2026-10-31</Dt></BookgDt><ValDt><Dt>2026-10-31</Dt></ValDt><NtryDtls><TxDtls><Refs>\
             <EndToEndId>E{number:012}</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy=\"EUR\">1.23</Amt></TxAmt></AmtDtls>\
             <RltdPties><Dbtr><Pty><Nm>A customer &amp; sons, {number}</Nm></Pty></Dbtr></RltdPties>\
             <RmtInf><Ustrd>Invoice {number} of October</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        );
    }
    file.push_str("</Stmt></BkToCstmrStmt></Document>\n");
    let missing = FILE_BYTES.saturating_sub(file.len());
    let at = file.find("<Stmt>").unwrap_or_default();
    let filler = format!("<!-- {} -->\n", "filler ".repeat(missing / 7));
    file.insert_str(at, &filler);
    file
}

/// User and system time of this process in milliseconds, at 100 ticks a second.
fn cpu_ms() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = |nth: usize| fields.get(nth)?.parse::<u64>().ok();
    Some(ticks(11)?.saturating_add(ticks(12)?).saturating_mul(10))
}

/// The most memory that this process had, in MB.
fn resident_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().split(' ').next()?.parse::<u64>().ok().map(|kb| kb / 1024)
}

fn main() -> ExitCode {
    let file = file();
    let before = cpu_ms();
    for _ in 0..ROUNDS {
        let booked =
            bank_files::read(file.as_bytes()).map(|read| read.statements.iter().map(|s| s.entries.booked).sum::<u32>());
        if booked != Ok(10_000) {
            println!("the file was not read: {booked:?}");
            return ExitCode::from(2);
        }
    }
    let (Some(before), Some(after), Some(resident)) = (before, cpu_ms(), resident_mb()) else {
        println!("/proc cannot be read");
        return ExitCode::from(2);
    };
    let cpu = after.saturating_sub(before) / ROUNDS;
    println!("camt.053, {} bytes, {ENTRIES} entries", file.len());
    println!("CPU     {cpu:>4} ms of {MOST_CPU_MS}");
    println!("memory  {resident:>4} MB of {MOST_RESIDENT_MB}, the file itself included");
    if cpu <= MOST_CPU_MS && resident <= MOST_RESIDENT_MB { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
