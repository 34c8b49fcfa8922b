//! What is written is read back by a reader of its own, which trusts nothing that it can check.

use proptest::prelude::*;

use super::*;

#[derive(Debug, PartialEq, Eq)]
struct Read {
    name: String,
    crc32: u32,
    size: u64,
    offset: u64,
}

fn number(bytes: &[u8], at: u64, length: usize) -> u64 {
    let at = usize::try_from(at).unwrap();
    bytes[at..at + length].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Reads the central directory of an archive whose end is `end` and begins at `begins_at` of the whole.
fn read(end: &[u8], begins_at: u64) -> Vec<Read> {
    let last = u64::try_from(end.len()).unwrap() - 22;
    assert_eq!(number(end, last, 4), u64::from(END));
    let (mut entries, mut size, mut at) =
        (number(end, last + 10, 2), number(end, last + 12, 4), number(end, last + 16, 4));
    if last >= 20 && number(end, last - 20, 4) == u64::from(END_64_LOCATOR) {
        let long = number(end, last - 12, 8) - begins_at;
        assert_eq!(number(end, long, 4), u64::from(END_64));
        assert_eq!(long + 12 + number(end, long + 4, 8), last - 20, "the locator follows");
        (entries, size, at) = (number(end, long + 32, 8), number(end, long + 40, 8), number(end, long + 48, 8));
    }
    assert_eq!(at, begins_at, "the directory follows the last file");
    let (mut place, mut found) = (0, Vec::new());
    for _ in 0..entries {
        assert_eq!(number(end, place, 4), u64::from(CENTRAL_HEADER));
        assert_eq!(number(end, place + 8, 2), u64::from(UTF8));
        let (name, extra) = (number(end, place + 28, 2), number(end, place + 30, 2));
        let name_at = usize::try_from(place + 46).unwrap();
        let mut offset = number(end, place + 42, 4);
        if offset == u64::from(u32::MAX) {
            assert_eq!(number(end, place + 46 + name, 4), u64::from(ZIP64_EXTRA) | 8 << 16);
            offset = number(end, place + 50 + name, 8);
        }
        found.push(Read {
            name: String::from_utf8(end[name_at..name_at + usize::try_from(name).unwrap()].to_vec()).unwrap(),
            crc32: u32::try_from(number(end, place + 16, 4)).unwrap(),
            size: number(end, place + 24, 4),
            offset,
        });
        place += 46 + name + extra;
    }
    assert_eq!(place, size, "the directory ends where it says");
    found
}

fn entry<'a>(name: &'a str, file: &[u8]) -> Entry<'a> {
    Entry { name, size: length(file), crc32: crc32(file), modified_s: 1_795_939_627 }
}

#[test]
fn the_checksum_is_that_of_the_standard() {
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
}

#[test]
fn offsets_and_counts_beyond_the_short_fields_are_written_in_long_ones() {
    let mut archive = Archive::new();
    let mut offsets = Vec::new();
    for n in 0..70_000_u32 {
        offsets.push(archive.bytes());
        let name = format!("{n}.pdf");
        archive.add(&Entry { name: &name, size: 25 * 1024 * 1024, crc32: n, modified_s: 0 }).unwrap();
    }
    let begins_at = archive.bytes();
    assert!(begins_at > u64::from(u32::MAX));
    let found = read(&archive.finish(), begins_at);
    assert_eq!(found.iter().map(|read| read.offset).collect::<Vec<_>>(), offsets);
    assert!(found.iter().zip(0..).all(|(read, n)| read.crc32 == n && read.name == format!("{n}.pdf")));
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_the_archive_as_it_was() {
    let mut archive = Archive::new();
    let long = "n".repeat(65_536);
    assert_eq!(archive.add(&entry(&long, b"")), Err(EntryError::Name));
    let large = Entry { size: Entry::MAX_BYTES + 1, ..entry("large", b"") };
    assert_eq!(archive.add(&large), Err(EntryError::Size));
    assert_eq!(archive.bytes(), 0);
    assert_eq!(read(&archive.finish(), 0), []);
}

proptest! {
    #[test]
    fn an_archive_holds_each_file_under_its_name_also_when_it_is_written_in_turns(
        files in prop::collection::vec(("\\PC{1,20}", prop::collection::vec(any::<u8>(), 0..200)), 0..12),
        stop in 0..12_usize,
    ) {
        let write = |archive: &mut Archive, (name, file): &(String, Vec<u8>), bytes: &mut Vec<u8>| {
            bytes.extend(archive.add(&entry(name, file)).unwrap());
            bytes.extend(file);
        };
        let (mut first, mut bytes) = (Archive::new(), Vec::new());
        let stop = stop.min(files.len());
        files[..stop].iter().for_each(|file| write(&mut first, file, &mut bytes));
        // Another goes on: it knows of each file that was written what a plan knows, and no byte.
        let mut second = Archive::new();
        files[..stop].iter().for_each(|(name, file)| { second.add(&entry(name, file)).unwrap(); });
        files[stop..].iter().for_each(|file| write(&mut second, file, &mut bytes));
        let begins_at = second.bytes();
        prop_assert_eq!(begins_at, length(&bytes));
        let found = read(&second.finish(), begins_at);
        prop_assert_eq!(found.len(), files.len());
        for (read, (name, file)) in found.iter().zip(&files) {
            prop_assert_eq!((&read.name, read.size, read.crc32), (name, length(file), crc32(file)));
            prop_assert_eq!(number(&bytes, read.offset, 4), u64::from(LOCAL_HEADER));
            let at = read.offset + 30 + number(&bytes, read.offset + 26, 2) + number(&bytes, read.offset + 28, 2);
            let at = usize::try_from(at).unwrap();
            prop_assert_eq!(&bytes[at..at + file.len()], file.as_slice());
            prop_assert_eq!(number(&bytes, read.offset + 14, 4), u64::from(crc32(file)));
        }
    }
}
