//! Whatever bytes a file has, it is taken or refused; nothing panics, and nothing takes long.

use domain::document::FileType;
use file_probe::{Ends, probe};
use proptest::prelude::*;

use super::ofx::bank;
use crate::read;

fn fixtures() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("../../fixtures/camt.053.001.02.xml").to_vec(),
        include_bytes!("../../fixtures/camt.053.001.04.xml").to_vec(),
        include_bytes!("../../fixtures/camt.053.001.08.xml").to_vec(),
        include_bytes!("../../fixtures/camt.053.001.13.xml").to_vec(),
        bank(),
        include_bytes!("../../fixtures/card-220.ofx").to_vec(),
        include_bytes!("../../fixtures/plain.mt940").to_vec(),
        include_bytes!("../../fixtures/pages.mt940").to_vec(),
        include_bytes!("../../fixtures/headers.mt940").to_vec(),
    ]
}

/// People upload statements as documents, so the inspection of uploads must take what is read here.
///
/// Proves: U40
#[test]
fn what_is_read_here_may_be_uploaded_as_xml_or_text() {
    for (file, name) in
        fixtures().iter().zip(["a.xml", "b.xml", "c.xml", "d.xml", "e.ofx", "f.ofx", "g.sta", "h.mt940", "i.940"])
    {
        let found = probe(Ends::of(file), name).unwrap();
        let is_covered = [FileType::Xml, FileType::Txt].iter().any(|declared| declared.covers(found));
        assert!(is_covered, "{name} is {found}");
    }
}

/// Proves: U41
#[test]
fn a_file_that_is_cut_anywhere_is_taken_or_refused() {
    for file in fixtures() {
        for end in 0..file.len() {
            let _result = read(&file[..end]);
        }
    }
}

/// Cut off anywhere before its end, an XML file or one of OFX is refused: it does not say less than it did.
/// Proves: U41
#[test]
fn half_a_file_is_never_taken_for_a_whole_one() {
    for file in &fixtures()[..6] {
        let whole = read(file).unwrap();
        let end = file.trim_ascii_end().len();
        for end in (1..end).step_by(7) {
            assert_ne!(read(&file[..end]).as_ref(), Ok(&whole));
            assert!(read(&file[..end]).is_err(), "cut at {end}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Proves: U41
    #[test]
    fn changed_bytes_never_panic(
        which in 0_usize..9, flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
    ) {
        let mut file = fixtures().remove(which);
        for (at, byte) in flips {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _result = read(&file);
    }

    /// Proves: U41
    #[test]
    fn parts_that_are_moved_or_doubled_never_panic(
        which in 0_usize..9, parts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..80), 1..20)
    ) {
        let file = fixtures().remove(which);
        let head = file[..60].to_vec();
        let moved = parts.into_iter().flat_map(|(at, length)| {
            let at = at.index(file.len());
            file[at..(at + length).min(file.len())].to_vec()
        });
        let _result = read(&head.into_iter().chain(moved).collect::<Vec<u8>>());
    }

    /// Proves: U41
    #[test]
    fn any_bytes_behind_any_start_never_panic(
        start in prop::sample::select(vec!["", "<", "<?xml ", "OFXHEADER:100\n<OFX>", ":20:A\n", "{1:", "\u{FEFF}<OFX>"]),
        rest in prop::collection::vec(any::<u8>(), 0..300)
    ) {
        let _result = read(&[start.as_bytes(), &rest].concat());
    }
}
