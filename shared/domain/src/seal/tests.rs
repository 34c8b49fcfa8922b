//! Chains, their walks and the heads that are kept of them.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{CompanyId, EventId, Org, UtcTime};

fn org() -> Org {
    Org::Company(CompanyId::from_uuid(Uuid::from_u128(1)))
}

fn event(n: u128) -> SealedEvent {
    SealedEvent { id: EventId::from_uuid(Uuid::from_u128(n)), digest: Digest::of(&n.to_be_bytes()) }
}

/// A chain over the events 1, 2, 3 …, so many in each seal.
fn chain(sizes: &[usize]) -> Vec<Seal> {
    let mut seals: Vec<Seal> = Vec::new();
    let mut n = 0;
    for size in sizes {
        let events: Vec<SealedEvent> = (0..*size).map(|k| event(n + 1 + k as u128)).collect();
        n += *size as u128;
        seals.push(Seal::next(&org(), seals.last(), &events, UtcTime::EPOCH).unwrap());
    }
    seals
}

/// Follows a chain over a trail, as a verification does; seals with the places they stand at.
fn verify_placed(seals: &[(u64, Seal)], trail: &[SealedEvent]) -> Vec<VerificationFinding> {
    let mut walk = ChainWalk::behind(&org(), None);
    let mut findings = Vec::new();
    for (place, seal) in seals {
        let (since, found) = walk.step(*place, Some(seal));
        findings.extend(found);
        let Some(since) = since else { continue };
        let events: Vec<SealedEvent> = trail
            .iter()
            .filter(|event| match &since {
                Since::Beginning => true,
                Since::Behind(id) => event.id > *id,
                Since::From(id) => event.id >= *id,
            })
            .filter(|event| event.id <= seal.to)
            .cloned()
            .collect();
        findings.extend(compare(seal, &events));
    }
    findings
}

fn verify(seals: &[Seal], trail: &[SealedEvent]) -> Vec<VerificationFinding> {
    let placed: Vec<(u64, Seal)> = seals.iter().map(|seal| (seal.number, seal.clone())).collect();
    verify_placed(&placed, trail)
}

fn trail(count: usize) -> Vec<SealedEvent> {
    (1..=count as u128).map(event).collect()
}

#[test]
fn a_trail_that_nobody_touched_is_intact() {
    assert!(verify(&chain(&[3, 1, 64]), &trail(68)).is_empty());
    assert!(Seal::next(&org(), None, &[], UtcTime::EPOCH).is_none(), "a seal over nothing says nothing");
}

#[test]
fn every_way_to_touch_a_trail_is_found() {
    use ChainDefect as C;
    let seals = chain(&[2, 2, 2]);
    let whats = |seals: &[Seal], trail: &[SealedEvent]| -> Vec<(ChainDefect, u64)> {
        verify(seals, trail).into_iter().map(|finding| (finding.what, finding.seal)).collect()
    };
    let mut altered = trail(6);
    altered[2].digest = Digest::of(b"another");
    assert_eq!(whats(&seals, &altered), [(C::EventAltered, 2)]);
    let mut removed = trail(6);
    removed.remove(5);
    assert_eq!(whats(&seals, &removed), [(C::EventMissing, 3)]);
    let mut inserted = trail(6);
    let late = SealedEvent { id: EventId::from_uuid(Uuid::from_u128(0)), digest: Digest::NONE };
    inserted.insert(0, late);
    assert_eq!(whats(&seals, &inserted), [(C::EventInserted, 1)]);

    let swapped = [(1, seals[1].clone()), (2, seals[0].clone()), (3, seals[2].clone())];
    let found: Vec<_> = verify_placed(&swapped, &trail(6)).into_iter().map(|f| (f.what, f.seal)).collect();
    assert_eq!(found, [(C::SealOutOfPlace, 1), (C::SealOutOfPlace, 2)]);
    assert_eq!(whats(&[seals[0].clone(), seals[2].clone()], &trail(6)), [(C::SealMissing, 2)]);
    let mut walk = ChainWalk::behind(&org(), Some(seals[0].clone()));
    let (since, found) = walk.step(2, None);
    assert_eq!((since, found), (None, vec![VerificationFinding::of_seal(C::SealAltered, 2)]));

    // Leaving out an event and making the seal fit breaks the chain behind it.
    let fewer = Seal::next(&org(), Some(&seals[0]), &[event(3)], UtcTime::EPOCH).unwrap();
    let mut forged = trail(6);
    forged.remove(3);
    assert_eq!(whats(&[seals[0].clone(), fewer, seals[2].clone()], &forged), [(C::ChainBroken, 3),]);
    let mut edited = seals.clone();
    edited[1].events[0].digest = Digest::NONE;
    assert_eq!(whats(&edited, &trail(6)), [(C::SealAltered, 2), (C::EventAltered, 2)]);
}

#[test]
fn a_made_up_number_does_not_make_a_long_report() {
    let mut seals = chain(&[1, 1]);
    seals[1].number = u64::MAX;
    assert!(verify(&seals, &trail(2)).len() < 30);
}

#[test]
fn a_noted_seal_tells_that_the_end_was_cut_off() {
    let seals = chain(&[2, 2]);
    let noted = KnownHead::from(&seals[1]);
    assert_eq!(KnownHead::try_from(String::from(noted)), Ok(noted));
    assert_eq!(noted.contradicted_by(Some(&seals[1])), None);
    assert_eq!(noted.contradicted_by(None), Some(VerificationFinding::of_seal(ChainDefect::SealMissing, 2)));
    let other = KnownHead { hash: Digest::of(b"another"), ..noted };
    assert_eq!(other.contradicted_by(Some(&seals[1])), Some(VerificationFinding::of_seal(ChainDefect::SealAltered, 2)));
    for text in ["", "1", "1:", ":00", "-1:", "+1:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"] {
        assert!(KnownHead::try_from(text.to_owned()).is_err(), "{text}");
    }
}

#[test]
fn an_id_tells_when_it_was_drawn() {
    let id = EventId::from_uuid(Uuid::from_u128(1_800_000_000_123 << 80));
    assert_eq!(drawn_at(&id).unix_ms(), 1_800_000_000_123);
}

#[test]
fn a_digest_is_read_as_it_is_written() {
    let digest = Digest::of(b"abc");
    assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(digest.to_string().parse(), Ok(digest));
    for text in ["", "zz", "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"] {
        assert!(text.parse::<Digest>().is_err(), "{text}");
    }
}

/// A head that is kept of a chain, and how a chain must end to be continued.
/// Proves: S4
#[test]
fn a_chain_is_continued_only_from_its_kept_head() {
    let seals = chain(&[2, 2, 2]);
    let head = |n: usize| KnownHead::from(&seals[n]);
    let judge = |kept, last: Option<&Seal>| judge_end(&org(), kept, last);
    assert_eq!(judge(KnownHead::NONE, None), Ok(ChainEnd::AtHead));
    assert_eq!(judge(head(2), seals.last()), Ok(ChainEnd::AtHead));
    assert_eq!(judge(head(1), seals.last()), Ok(ChainEnd::OneAhead), "a run ended before it noted its seal");
    assert_eq!(judge(KnownHead::NONE, seals.first()), Ok(ChainEnd::OneAhead));
    // The end was cut off, or all of it.
    assert_eq!(judge(head(2), Some(&seals[1])), Err(Forgery::Shortened));
    assert_eq!(judge(head(0), None), Err(Forgery::Shortened));
    // More seals than were ever noted.
    assert_eq!(judge(head(0), seals.last()), Err(Forgery::Unnoted));
    assert_eq!(judge(KnownHead::NONE, Some(&seals[1])), Err(Forgery::Unnoted));
    // Another seal in the place of the noted one, or behind it: whole, and of another chain.
    let other = Seal::next(&org(), Some(&seals[1]), &[event(9)], UtcTime::EPOCH).unwrap();
    assert_eq!(judge(head(2), Some(&other)), Err(Forgery::Replaced));
    let behind = Seal::next(&org(), Some(&other), &[event(10)], UtcTime::EPOCH).unwrap();
    assert_eq!(judge(head(2), Some(&behind)), Err(Forgery::Replaced));
    let redated = Seal { sealed_at: UtcTime::EPOCH.plus_s(1), ..seals[2].clone() };
    assert_eq!(judge(head(2), Some(&redated)), Err(Forgery::SealAltered));
    let elsewhere = Org::Company(CompanyId::from_uuid(Uuid::from_u128(2)));
    assert_eq!(judge_end(&elsewhere, head(2), seals.last()), Err(Forgery::SealAltered));
}

/// Proves: S4
#[test]
fn a_kept_head_contradicts_an_end_that_was_cut_off_made_up_or_replaced() {
    use ChainDefect as C;
    let seals = chain(&[1, 1, 1]);
    let head = KnownHead::from(&seals[1]);
    let what = |kept, last, at_head| contradicts_kept_head(kept, last, at_head).map(|found| (found.what, found.seal));
    assert_eq!(what(head, 2, Some(&seals[1])), None);
    assert_eq!(what(head, 3, Some(&seals[1])), None, "the next seal is being written");
    assert_eq!(what(KnownHead::NONE, 1, None), None);
    assert_eq!(what(head, 1, None), Some((C::ChainShortened, 2)));
    assert_eq!(what(head, 0, None), Some((C::ChainShortened, 2)));
    assert_eq!(what(head, 4, Some(&seals[1])), Some((C::HeadOutdated, 4)));
    assert_eq!(what(KnownHead::NONE, 2, None), Some((C::HeadOutdated, 2)));
    assert_eq!(what(head, 2, Some(&seals[2])), Some((C::SealReplaced, 2)));
}

fn event_drawn(unix_ms: u128) -> SealedEvent {
    event(unix_ms << 80)
}

/// Proves: S4
#[test]
fn events_that_should_have_been_sealed_are_a_finding() {
    use ChainDefect as C;
    let now = UtcTime::from_unix_ms(10_000_000);
    let (old, young) = (event_drawn(10_000_000 - 3_600_001), event_drawn(10_000_000 - 3_600_000));
    assert_eq!(overdue(3, std::slice::from_ref(&young), now), (0, None));
    assert_eq!(overdue(0, &[], now), (0, None), "nothing happened yet");
    let (count, found) = overdue(3, &[old.clone(), young.clone()], now);
    let found = found.unwrap();
    assert_eq!((count, found.what, found.seal, found.event), (1, C::EventsOverdue, 4, Some(old.id.clone())));
    let (count, found) = overdue(0, &[old.clone(), old], now);
    assert_eq!((count, found.map(|found| (found.what, found.seal))), (2, Some((C::NeverSealed, 1))));
}

/// Proves: S4
#[test]
fn a_seal_made_long_after_its_events_is_a_finding() {
    const DAY_S: i64 = 24 * 3600;
    for (after_s, found) in [(300, false), (DAY_S, false), (DAY_S + 1, true)] {
        let events = [event_drawn(1_800_000_000_000)];
        let at = UtcTime::from_unix_ms(1_800_000_000_000).plus_s(after_s);
        let seal = Seal::next(&org(), None, &events, at).unwrap();
        let (_, findings) = ChainWalk::behind(&org(), None).step(1, Some(&seal));
        let late = vec![VerificationFinding::of_seal(ChainDefect::SealedLate, 1)];
        assert_eq!(findings, if found { late } else { Vec::new() }, "{after_s} s");
    }
}

proptest! {
    /// Proves: 21
    #[test]
    fn any_one_touch_of_a_sealed_trail_is_found(
        sizes in prop::collection::vec(1_usize..6, 1..6),
        at in any::<prop::sample::Index>(),
        touch in 0..3,
    ) {
        let seals = chain(&sizes);
        let count: usize = sizes.iter().sum();
        let mut trail = trail(count);
        prop_assert!(verify(&seals, &trail).is_empty());
        let at = at.index(count);
        match touch {
            0 => trail[at].digest = Digest::of(b"another"),
            1 => { trail.remove(at); }
            _ => trail.push(SealedEvent { id: EventId::from_uuid(Uuid::from_u128(0)), digest: Digest::NONE }),
        }
        prop_assert!(!verify(&seals, &trail).is_empty());
    }
}
