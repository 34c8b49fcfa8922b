//! The bytes of an archive, file by file, in parts that end where a file ends.

use domain::{
    UtcTime,
    document::FileSize,
    document_export::{ArchivePlan, ArchivedFile, INDEX_NAME, PlannedDocument},
};
use export_bucket::FULL_PART_BYTES;
use zip_stream::{Archive, Entry, EntryError, crc32};

use crate::index::index;

/// The most files that are read at the same time: 5,000 small ones, which are less than a part, take as few rounds as one
/// turn has time for.
const MAX_AT_ONCE: usize = 32;

/// A file of the plan and its document.
pub(crate) type Planned<'p> = (&'p PlannedDocument, &'p ArchivedFile);

/// The files to read next, at the same time: with the bytes that wait to be uploaded they are a part, or less than one
/// by so many files.
fn next<'a, 'p>(files: &'a [Planned<'p>], waiting: usize) -> &'a [Planned<'p>] {
    let full = u64::try_from(FULL_PART_BYTES).unwrap_or(FileSize::MAX_BYTES);
    let (mut count, mut bytes) = (0, u64::try_from(waiting).unwrap_or(full));
    for (_, file) in files.iter().take(MAX_AT_ONCE) {
        count += 1;
        bytes += file.size.bytes();
        if bytes >= full {
            break;
        }
    }
    files.get(..count).unwrap_or_default()
}

/// An archive that is being written by a plan.
#[derive(Debug)]
pub(crate) struct Writing<'p> {
    plan: &'p ArchivePlan,
    archive: Archive,
    checksums: Vec<Option<u32>>,
    /// What is written and not uploaded yet.
    filling: Vec<u8>,
}

/// The end of an archive.
#[derive(Debug)]
pub(crate) struct Ending {
    /// The bytes that were not uploaded yet.
    pub(crate) last: Vec<u8>,
    /// The checksums of all files of the plan.
    pub(crate) checksums: Vec<Option<u32>>,
    /// The size of the whole archive in bytes.
    pub(crate) size_bytes: u64,
    /// The index.
    pub(crate) index: String,
}

impl<'p> Writing<'p> {
    /// Goes on behind the files whose checksums are known: they are uploaded.
    pub(crate) fn resume(plan: &'p ArchivePlan, checksums: &[Option<u32>]) -> Result<Self, EntryError> {
        let mut archive = Archive::new();
        for ((_, file), checksum) in plan.files().zip(checksums) {
            if let Some(crc32) = checksum {
                archive.add(&entry(file, *crc32))?;
            }
        }
        Ok(Self { plan, archive, checksums: checksums.to_vec(), filling: Vec::new() })
    }

    /// The files to read next, of all files of the plan.
    ///
    /// INVARIANT: what is read at a time, and a part, has less than [`FULL_PART_BYTES`] and one file more.
    pub(crate) fn next<'a>(&self, files: &'a [Planned<'p>]) -> &'a [Planned<'p>] {
        next(files.get(self.checksums.len()..).unwrap_or_default(), self.filling.len())
    }

    /// Writes the next file; one that could not be read is left out.
    pub(crate) fn append(&mut self, file: &ArchivedFile, bytes: Option<Vec<u8>>) -> Result<(), EntryError> {
        let checksum = bytes.as_deref().map(crc32);
        if let (Some(bytes), Some(crc32)) = (&bytes, checksum) {
            let header = self.archive.add(&entry(file, crc32))?;
            self.filling.extend_from_slice(&header);
            self.filling.extend_from_slice(bytes);
        }
        self.checksums.push(checksum);
        Ok(())
    }

    /// The part, once it is full.
    pub(crate) fn take_full(&mut self) -> Option<Vec<u8>> {
        (self.filling.len() >= FULL_PART_BYTES).then(|| std::mem::take(&mut self.filling))
    }

    /// The checksums of the files so far.
    pub(crate) fn checksums(&self) -> &[Option<u32>] {
        &self.checksums
    }

    /// The size of the archive so far in bytes.
    pub(crate) const fn bytes(&self) -> u64 {
        self.archive.bytes()
    }

    /// Writes the index and the end.
    pub(crate) fn finish(mut self, requested_at: UtcTime) -> Result<Ending, EntryError> {
        let index = index(self.plan, &self.checksums);
        let size = u64::try_from(index.len()).unwrap_or(u64::MAX);
        let modified_s = requested_at.unix_s();
        let header = self.archive.add(&Entry { name: INDEX_NAME, size, crc32: crc32(index.as_bytes()), modified_s })?;
        self.filling.extend_from_slice(&header);
        self.filling.extend_from_slice(index.as_bytes());
        let before = self.archive.bytes();
        let end = self.archive.finish();
        let size_bytes = before.saturating_add(u64::try_from(end.len()).unwrap_or(u64::MAX));
        self.filling.extend_from_slice(&end);
        Ok(Ending { last: self.filling, checksums: self.checksums, size_bytes, index })
    }
}

fn entry(file: &ArchivedFile, crc32: u32) -> Entry<'_> {
    Entry { name: &file.name, size: file.size.bytes(), crc32, modified_s: file.declared_at.unix_s() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::tests::plan;

    /// Writes an archive that is interrupted after each part: its parts.
    fn written(plan: &ArchivePlan, size: usize, goes_on: bool) -> (Vec<Vec<u8>>, u64) {
        let files: Vec<Planned<'_>> = plan.files().collect();
        let (mut parts, mut writing) = (Vec::new(), Writing::resume(plan, &[]).unwrap());
        while let group @ [_, ..] = writing.next(&files) {
            for (n, (_, file)) in group.iter().enumerate() {
                let number = writing.checksums().len();
                // One file cannot be read.
                let bytes = (number != 2).then(|| vec![u8::try_from(number + n).unwrap(); size]);
                writing.append(file, bytes).unwrap();
            }
            if let Some(part) = writing.take_full() {
                parts.push(part);
                if !goes_on {
                    let checksums = writing.checksums().to_vec();
                    writing = Writing::resume(plan, &checksums).unwrap();
                }
            }
        }
        let ending = writing.finish(UtcTime::EPOCH).unwrap();
        parts.push(ending.last);
        (parts, ending.size_bytes)
    }

    /// Proves: D2
    #[test]
    fn an_archive_that_is_interrupted_after_each_part_is_the_same_archive() {
        let names: Vec<String> = (0..20).map(|n| format!("{n}.txt")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let size = 3 * 1024 * 1024;
        let plan = plan(&names, u64::try_from(size).unwrap());
        let (whole, bytes) = written(&plan, size, true);
        let (resumed, _) = written(&plan, size, false);
        assert!(whole == resumed, "the same parts");
        let (last, full) = whole.split_last().unwrap();
        assert!(full.len() == 3 && full.iter().all(|part| part.len() >= 5 * 1024 * 1024));
        let sum = full.iter().map(Vec::len).sum::<usize>() + last.len();
        assert_eq!(u64::try_from(sum).unwrap(), bytes);
    }

    #[test]
    fn no_more_is_read_at_a_time_than_memory_is_meant_for() {
        let of = |size: u64| {
            let plan = plan(&["a.txt"; 80], size);
            let files: Vec<Planned<'_>> = plan.files().collect();
            next(&files, 0).len()
        };
        assert_eq!((of(1), of(1024 * 1024), of(5 * 1024 * 1024), of(25 * 1024 * 1024)), (32, 8, 2, 1));
        assert!(next(&[], 0).is_empty());
    }
}
