use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::CompanyId;

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
