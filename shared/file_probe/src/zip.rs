//! ZIP (PKWARE's APPNOTE), as far as Office documents (ECMA-376) are made with it.
//!
//! The directory at the end decides: it lists each entry with its size, packed and unpacked, before anything is unpacked.

use domain::document::{FileType, RefusalReason};

use crate::{
    Ends,
    bytes::{find_last, u16_at, u32_at},
};

/// What the first entry begins with.
pub(crate) const LOCAL_HEADER: &[u8] = b"PK\x03\x04";
/// What each entry of the directory begins with.
const ENTRY: &[u8] = b"PK\x01\x02";
const ENTRY_BYTES: usize = 46;
/// The record behind the directory.
const END: &[u8] = b"PK\x05\x06";
const END_BYTES: usize = 22;
/// Stands for a size that is written elsewhere, in the form for files of 4 GiB and more.
const ELSEWHERE: u32 = u32::MAX;

/// The most that a file may unpack to for each of its own bytes. Spreadsheets reach some dozens.
const MAX_RATIO: u64 = 100;
/// What any file may unpack to, in bytes, whatever the ratio.
const HARMLESS_BYTES: u64 = 4 * 1024 * 1024;

/// The end of the directory.
struct End {
    /// Where it begins in the bytes.
    at: usize,
    entries: u16,
    directory_bytes: u32,
    directory_offset: u32,
    /// Whether the file ends where the record says.
    is_last: bool,
}

fn end(tail: &[u8]) -> Option<End> {
    let at = find_last(tail, END)?;
    let record = tail.get(at..)?;
    let comment = usize::from(u16_at(record, 20)?);
    Some(End {
        at,
        entries: u16_at(record, 10)?,
        directory_bytes: u32_at(record, 12)?,
        directory_offset: u32_at(record, 16)?,
        is_last: record.len() == END_BYTES.checked_add(comment)?,
    })
}

/// Whether a file of another type ends as a ZIP too. With `is_strict` bytes behind its end do not matter: some readers
/// ignore them.
pub(crate) fn ends_as_one(tail: &[u8], is_strict: bool) -> bool {
    let Some(end) = end(tail) else { return false };
    let directory = usize::try_from(end.directory_bytes).ok().and_then(|bytes| end.at.checked_sub(bytes));
    let has_directory = directory.and_then(|at| tail.get(at..)).is_some_and(|bytes| bytes.starts_with(ENTRY));
    end.is_last || (is_strict && has_directory)
}

/// The Office document that a ZIP is, from its directory.
pub(crate) fn check(file: Ends<'_>) -> Result<FileType, RefusalReason> {
    let end = end(file.tail).filter(|end| end.is_last).ok_or(RefusalReason::TypeNotTaken)?;
    // A directory that does not fit the tail has more entries than any Office document needs.
    let length = usize::try_from(end.directory_bytes).unwrap_or(usize::MAX);
    let start = end.at.checked_sub(length).ok_or(RefusalReason::ArchiveRatio)?;
    let mut rest = file.tail.get(start..end.at).ok_or(RefusalReason::ArchiveRatio)?;

    let mut found = Found::default();
    for _ in 0..end.entries {
        let entry = Entry::read(rest).ok_or(RefusalReason::TypeNotTaken)?;
        rest = rest.get(entry.length..).unwrap_or_default();
        found.add(&entry);
    }
    // Bytes before the first entry, or between the entries and the directory, belong to another file.
    let before_end = file.size.saturating_sub(u64::try_from(file.tail.len() - end.at).unwrap_or(u64::MAX));
    let is_whole = u64::from(end.directory_offset) + u64::from(end.directory_bytes) == before_end;
    if found.first_offset != Some(0) || !is_whole || !rest.is_empty() {
        return Err(RefusalReason::TwoTypes);
    }
    found.judge(file.size)
}

/// An entry of the directory.
struct Entry<'e> {
    name: &'e [u8],
    is_encrypted: bool,
    packed: u32,
    unpacked: u32,
    offset: u32,
    /// Its own length in the directory.
    length: usize,
}

impl<'e> Entry<'e> {
    fn read(bytes: &'e [u8]) -> Option<Self> {
        if !bytes.starts_with(ENTRY) {
            return None;
        }
        let [name, extra, comment] = [28, 30, 32].map(|at| u16_at(bytes, at).map(usize::from));
        let name_end = ENTRY_BYTES + name?;
        let length = name_end + extra? + comment?;
        bytes.get(..length)?;
        Some(Self {
            name: bytes.get(ENTRY_BYTES..name_end)?,
            is_encrypted: u16_at(bytes, 8)? & 1 == 1,
            packed: u32_at(bytes, 20)?,
            unpacked: u32_at(bytes, 24)?,
            offset: u32_at(bytes, 42)?,
            length,
        })
    }
}

/// What the entries are, all together.
#[derive(Default)]
struct Found {
    has_types: bool,
    has_word: bool,
    has_excel: bool,
    has_macro: bool,
    has_program: bool,
    is_encrypted: bool,
    is_too_large: bool,
    packed: u64,
    unpacked: u64,
    first_offset: Option<u32>,
}

impl Found {
    fn add(&mut self, entry: &Entry<'_>) {
        let name = String::from_utf8_lossy(entry.name).to_ascii_lowercase().replace('\\', "/");
        let name = name.trim_start_matches('/');
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        self.has_types |= name == "[content_types].xml";
        self.has_word |= name == "word/document.xml";
        self.has_excel |= name == "xl/workbook.xml";
        self.has_macro |=
            ends(&["vbaproject.bin", "vbadata.xml", "/xlmacrosheet.xml"]) || name.contains("/macrosheets/");
        self.has_program |=
            name == "meta-inf/manifest.mf" || ends(&[".exe", ".dll", ".js", ".vbs", ".class", ".dex", ".hta"]);
        self.is_encrypted |= entry.is_encrypted;
        self.is_too_large |= [entry.packed, entry.unpacked, entry.offset].contains(&ELSEWHERE);
        self.packed += u64::from(entry.packed);
        self.unpacked += u64::from(entry.unpacked);
        self.first_offset = Some(self.first_offset.map_or(entry.offset, |first| first.min(entry.offset)));
    }

    fn judge(&self, size: u64) -> Result<FileType, RefusalReason> {
        // Entries that together are longer than the file share their bytes.
        let shares = self.packed > size;
        let swells = self.unpacked > HARMLESS_BYTES && self.unpacked > size.saturating_mul(MAX_RATIO);
        if self.is_too_large || shares || swells {
            return Err(RefusalReason::ArchiveRatio);
        }
        if self.is_encrypted {
            return Err(RefusalReason::Encrypted);
        }
        if self.has_macro {
            return Err(RefusalReason::Macro);
        }
        if self.has_program {
            return Err(RefusalReason::ActiveContent);
        }
        match (self.has_types, self.has_word, self.has_excel) {
            (true, true, true) => Err(RefusalReason::TwoTypes),
            (true, true, false) => Ok(FileType::Docx),
            (true, false, true) => Ok(FileType::Xlsx),
            _ => Err(RefusalReason::TypeNotTaken),
        }
    }
}
