//! Writes ZIP archives piece by piece. The files are stored as they are, without compression, and names are UTF-8.
//!
//! [`Archive`] knows what was written so far and holds no file: it gives out the bytes that go before each file and
//! those that go behind the last. Who writes an archive in turns adds the same entries again, in the same order, and
//! goes on. Size and CRC-32 of a file stand before it, so that programs which read a stream can read the archive too.
//!
//! The format is that of <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>, with ZIP64 where an offset or a
//! count needs it. This crate knows nothing about where the bytes come from or go to, or which names are safe.

mod dos_time;
mod record;

use dos_time::DosTime;
use record::Record;

/// A file, entered into the archive under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its name in the archive, at most 65,535 bytes.
    pub name: &'a str,
    /// Its size in bytes, at most [`Entry::MAX_BYTES`].
    pub size: u64,
    /// Its [`crc32`].
    pub crc32: u32,
    /// When it was changed last, in seconds since 1970. The archive has two-second steps from 1980 to 2107, in UTC.
    pub modified_s: i64,
}

impl Entry<'_> {
    /// The largest file, in bytes: a larger one would need a longer header.
    pub const MAX_BYTES: u64 = u32::MAX as u64 - 1;
}

/// Why a file cannot be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The name has more than 65,535 bytes.
    #[error("the name is longer than 65535 bytes")]
    Name,
    /// The file is larger than [`Entry::MAX_BYTES`].
    #[error("the file is larger than 4294967294 bytes")]
    Size,
}

/// The CRC-32 of a file, as ZIP has it.
#[must_use]
pub fn crc32(file: &[u8]) -> u32 {
    crc32fast::hash(file)
}

const LOCAL_HEADER: u32 = 0x0403_4b50;
const CENTRAL_HEADER: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const END_64_LOCATOR: u32 = 0x0706_4b50;
/// What a reader must understand: stored files, or ZIP64.
const NEEDS_STORED: u16 = 10;
const NEEDS_ZIP64: u16 = 45;
/// Made on Unix, by this version.
const MADE_BY: u16 = (3 << 8) | NEEDS_ZIP64;
/// The name is UTF-8.
const UTF8: u16 = 1 << 11;
const STORED: u16 = 0;
const ZIP64_EXTRA: u16 = 1;
/// A file that its owner may change and others may read.
const ATTRIBUTES: u32 = 0o100_644 << 16;
/// The bytes of a ZIP64 end record behind its own size field.
const END_64_REST: u64 = 44;

/// An archive that is being written.
#[derive(Debug, Clone, Default)]
pub struct Archive {
    /// Where the next entry begins.
    offset: u64,
    entries: u64,
    /// The central directory so far.
    directory: Record,
}

impl Archive {
    /// An empty archive.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Enters the next file and returns the bytes that go before it. The caller writes them, then exactly the file.
    ///
    /// # Errors
    /// [`EntryError`]; nothing was entered.
    pub fn add(&mut self, entry: &Entry<'_>) -> Result<Vec<u8>, EntryError> {
        let name_length = u16::try_from(entry.name.len()).map_err(|_| EntryError::Name)?;
        let size = u32::try_from(entry.size).ok().filter(|size| *size < u32::MAX).ok_or(EntryError::Size)?;
        let modified = DosTime::of(entry.modified_s);

        let mut header = Record::default();
        header.u32(LOCAL_HEADER);
        header.u16(NEEDS_STORED);
        let common = |record: &mut Record| {
            record.u16(UTF8);
            record.u16(STORED);
            record.u16(modified.time);
            record.u16(modified.date);
            record.u32(entry.crc32);
            record.u32(size);
            record.u32(size);
            record.u16(name_length);
        };
        common(&mut header);
        header.u16(0);
        header.bytes(entry.name.as_bytes());

        let (short_offset, long_offset) = split(self.offset);
        let directory = &mut self.directory;
        directory.u32(CENTRAL_HEADER);
        directory.u16(MADE_BY);
        directory.u16(if long_offset.is_some() { NEEDS_ZIP64 } else { NEEDS_STORED });
        common(directory);
        directory.u16(if long_offset.is_some() { 12 } else { 0 });
        // No comment, the first disk, no internal attributes.
        directory.u16(0);
        directory.u16(0);
        directory.u16(0);
        directory.u32(ATTRIBUTES);
        directory.u32(short_offset);
        directory.bytes(entry.name.as_bytes());
        if let Some(offset) = long_offset {
            directory.u16(ZIP64_EXTRA);
            directory.u16(8);
            directory.u64(offset);
        }

        let header = header.into_bytes();
        self.entries += 1;
        self.offset += length(&header) + entry.size;
        Ok(header)
    }

    /// How many bytes the entries have so far, headers included.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.offset
    }

    /// The bytes behind the last file.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let mut end = self.directory;
        let (size, at) = (end.length(), self.offset);
        let (short_size, long_size) = split(size);
        let (short_at, long_at) = split(at);
        let short_entries = u16::try_from(self.entries).ok().filter(|entries| *entries < u16::MAX);
        if long_size.is_some() || long_at.is_some() || short_entries.is_none() {
            end.u32(END_64);
            end.u64(END_64_REST);
            end.u16(MADE_BY);
            end.u16(NEEDS_ZIP64);
            // One disk.
            end.u32(0);
            end.u32(0);
            end.u64(self.entries);
            end.u64(self.entries);
            end.u64(size);
            end.u64(at);
            end.u32(END_64_LOCATOR);
            end.u32(0);
            end.u64(at + size);
            end.u32(1);
        }
        let short_entries = short_entries.unwrap_or(u16::MAX);
        end.u32(END);
        end.u16(0);
        end.u16(0);
        end.u16(short_entries);
        end.u16(short_entries);
        end.u32(short_size);
        end.u32(short_at);
        end.u16(0);
        end.into_bytes()
    }
}

/// A number in its short field, and in a ZIP64 field if it does not fit there.
fn split(number: u64) -> (u32, Option<u64>) {
    match u32::try_from(number) {
        Ok(short) if short < u32::MAX => (short, None),
        _ => (u32::MAX, Some(number)),
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
