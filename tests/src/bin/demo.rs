//! `make demo`: tells the main job aloud against the running stack.
#![allow(clippy::print_stderr, clippy::expect_used, reason = "a program for a terminal")]

use std::process::ExitCode;
use std::time::Instant;

use tests::narrator::Narrator;
use tests::stack::Stack;
use tests::{Kit, books, network, news, papers, run, selling, story};

fn main() -> ExitCode {
    let stack = match Stack::load() {
        Ok(stack) => stack,
        Err(why) => {
            eprintln!("{why}");
            return ExitCode::FAILURE;
        }
    };
    let tell = Narrator::loud();
    let kit = Kit::new(&stack, tell);
    tell.title(
        "Countersign: the main job, from invitation to payment",
        "Thirty-five steps in six acts over HTTPS calls, email links, a schedule and webhooks, against the deployed stack.",
    );
    let started = Instant::now();
    let ending = run(story::tell(&kit));
    tell.title(
        "The second act: a firm, three clients, two bookkeepers",
        "A client list, bulk invitations, a registration link, a bounce, a handover, and the record of it.",
    );
    let act = run(network::tell(&kit));
    tell.title(
        "The third act: the papers of one company",
        "A receipt from a phone's camera, a virus, a request for three papers, and the month as one archive.",
    );
    let papers = run(papers::tell(&kit));
    tell.title(
        "The fourth act: a company and two of its customers",
        "A contact is let in, declines an estimate and accepts the next, forwards an invoice, which a colleague pays, and reads a statement.",
    );
    let selling = run(selling::tell(&kit));
    tell.title(
        "The fifth act: the books of one company at a glance",
        "The accounts of a month are published and compared, and a file of the bank moves two balances.",
    );
    let books = run(books::tell(&kit));
    tell.title(
        "The sixth act: what people hear, when, and in which language",
        "A German digest at seven, a balance that flaps, a quiet night, one click, and the inbox.",
    );
    let news = run(news::tell(&kit));
    let seconds = started.elapsed().as_secs();

    tell.title("What happened", "Every step above was checked.");
    let events = ending.trail.len();
    tell.event("company", &format!("{}  {}", ending.company.name, ending.company.id));
    tell.event("firm", &format!("{}  {}", ending.firm.name, ending.firm.id));
    tell.event(
        "events",
        &format!("{events} in the company's audit log, each written in the transaction of its change"),
    );
    let clients: Vec<&str> = act.clients.iter().map(|client| client.name.as_str()).collect();
    tell.event("second firm", &format!("{}  {}", act.firm.name, act.firm.id));
    tell.event("its clients", &format!("{}; {} on its list", clients.join(", "), act.listed));
    tell.event("documents", &format!("{} clean ones of {}", papers.documents.len(), papers.company.name));
    tell.event(
        "customers",
        &format!("one of {} owes {} and sees nothing of the other", selling.company.name, selling.closing),
    );
    let balances: Vec<String> =
        books.balances_minor.iter().map(|minor| format!("{}.{:02} EUR", minor / 100, minor % 100)).collect();
    tell.event("balances", &format!("{} at {}", balances.join(" and "), books.company.name));
    tell.event("inbox", &format!("{} notifications to one client of {}", news.in_inbox, news.company.name));
    tell.event("mail", &format!("{} messages to the three people of the first act", ending.mails));
    tell.event("took", &format!("{seconds} s"));
    tell.title("Where to look", "The stack keeps running until `make down`.");
    tell.event("API", &stack.api_url);
    tell.event("mailbox", &stack.mailbox_url);
    tell.event("provider", &stack.provider_url);
    tell.event("logs", "make logs");
    tell.event("table", &stack.table);
    tell.event("AWS CLI", "eval \"$(python3 infra/local/stack.py env)\"");
    tell.event("again", "make demo   (everyone gets a new address)");
    tell.says("");
    ExitCode::SUCCESS
}
