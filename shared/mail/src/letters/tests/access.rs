//! Letters about requests for access, under snapshot.

use super::*;

const WORDS: [&str; 2] = ["See invoices and their comments.", "Pay invoices."];

fn sentences(of: &[&str]) -> Vec<String> {
    of.iter().map(|&sentence| sentence.to_owned()).collect()
}

fn asked(to: AccessTo<'_>, for_hours: u32, reason: Option<&str>) -> Message {
    let frame = frame();
    let what = AccessRequested {
        to,
        asked_by: "Mara Member",
        would: &sentences(&WORDS),
        for_hours,
        reason,
        open_until: at("2026-12-05T14:30:00Z"),
        link: &frame.link,
    };
    access_requested(&BRAND, &frame.notice(), &what).unwrap()
}

fn decided(to: AccessTo<'_>, answer: AccessAnswer<'_>) -> Message {
    let frame = frame();
    let what = AccessDecided { to, answer, decided_by: "Olivia Owner", link: &frame.link };
    access_decided(&BRAND, &frame.notice(), &what).unwrap()
}

#[test]
fn a_member_asks_for_access() {
    let words = "Holiday cover.\nFrom Monday on.";
    assert_snapshot!(shown(&asked(AccessTo::Member { company: "Acme Retail" }, 48, Some(words))));
}

#[test]
fn a_firm_asks_for_access() {
    let to = AccessTo::Firm { company: "Acme Retail", firm: "Lovelace & Co" };
    assert_snapshot!(shown(&asked(to, 1, None)));
}

#[test]
fn a_bookkeeper_asks_for_access_to_a_client() {
    let to = AccessTo::Client { company: "Acme Retail", firm: "Lovelace & Co" };
    assert_snapshot!(shown(&asked(to, 8, None)));
}

#[test]
fn access_is_granted() {
    let can = sentences(&WORDS);
    let answer = AccessAnswer::Granted { can: &can, cannot: &[], until: at("2026-11-28T14:30:00Z") };
    assert_snapshot!(shown(&decided(AccessTo::Member { company: "Acme Retail" }, answer)));
}

#[test]
fn access_is_granted_to_a_firm_in_part() {
    let (can, cannot) = (sentences(&WORDS[..1]), sentences(&WORDS[1..]));
    let answer = AccessAnswer::Granted { can: &can, cannot: &cannot, until: at("2026-11-28T14:30:00Z") };
    let to = AccessTo::Firm { company: "Acme Retail", firm: "Lovelace & Co" };
    assert_snapshot!(shown(&decided(to, answer)));
}

#[test]
fn access_to_a_client_is_refused_with_a_reason() {
    let cannot = sentences(&WORDS);
    let answer = AccessAnswer::Refused { cannot: &cannot, reason: Some("Not this month.") };
    let to = AccessTo::Client { company: "Acme Retail", firm: "Lovelace & Co" };
    assert_snapshot!(shown(&decided(to, answer)));
}

/// Each of them with the same text wherever a person's text may stand.
pub(super) fn all_with(text: &str) -> Vec<Message> {
    let frame = frame();
    let brand = Brand { product: text };
    let (link, notice) = (&frame.link, frame.notice());
    let words = sentences(&WORDS);
    let until = at("2026-11-28T14:30:00Z");
    let mut messages = Vec::new();
    for to in [
        AccessTo::Member { company: text },
        AccessTo::Firm { company: text, firm: text },
        AccessTo::Client { company: text, firm: text },
    ] {
        let what = AccessRequested {
            to,
            asked_by: text,
            would: &words,
            for_hours: 8,
            reason: Some(text),
            open_until: until,
            link,
        };
        messages.push(access_requested(&brand, &notice, &what).unwrap());
        for answer in [
            AccessAnswer::Granted { can: &words, cannot: &words, until },
            AccessAnswer::Refused { cannot: &words, reason: Some(text) },
        ] {
            let what = AccessDecided { to, answer, decided_by: text, link };
            messages.push(access_decided(&brand, &notice, &what).unwrap());
        }
    }
    messages
}
