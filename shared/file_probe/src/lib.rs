//! What an uploaded file is, from its two ends.
//!
//! The bytes decide, never what was declared. Of a file only its first and its last bytes are known here: enough for the
//! signature at its start, for the directory of a ZIP and for the trailer of a PDF. What is taken is in
//! [`domain::document::FileType`]; everything else is refused with a reason that a person understands.
//!
//! This crate must never know where a file is stored. It reads hostile bytes: it allocates no more than the ends are long,
//! and answers whatever they hold.

mod bytes;
#[cfg(any(test, feature = "examples"))]
#[allow(missing_docs, reason = "each is named for what it is")]
pub mod examples;
mod name;
mod pdf;
#[cfg(test)]
mod tests;
mod text;
mod zip;

use domain::document::{FileType, RefusalReason};

use crate::bytes::{find, has_any};

/// How many bytes of the start are read at most.
pub const HEAD_BYTES: u64 = 8 * 1024;
/// How many bytes of the end are read at most: a directory of several hundred entries, or the trailer of a PDF.
pub const TAIL_BYTES: u64 = 64 * 1024;

/// How far into a file readers look for the start of a PDF.
const PDF_START_WITHIN: usize = 1024;
/// The compound file of Office before 2007, and of Office documents with a password.
const COMPOUND_FILE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
/// What makes a browser or a server take bytes for something that runs, in lower case.
const MARKUP: [&[u8]; 6] = [b"<script", b"<html", b"<!doctype html", b"<svg", b"<iframe", b"<?php"];

/// The two ends of a file. They overlap in a short file.
#[derive(Debug, Clone, Copy)]
pub struct Ends<'f> {
    head: &'f [u8],
    tail: &'f [u8],
    size: u64,
}

impl<'f> Ends<'f> {
    /// The ends of a file of this size: its first bytes, and its last ones. No last ones where the first are all.
    #[must_use]
    pub const fn new(head: &'f [u8], tail: &'f [u8], size: u64) -> Self {
        let tail = if tail.is_empty() { head } else { tail };
        Self { head, tail, size }
    }

    /// The ends of a file that is here as a whole.
    #[must_use]
    pub fn of(file: &'f [u8]) -> Self {
        let [head, tail] = [HEAD_BYTES, TAIL_BYTES].map(|most| usize::try_from(most).unwrap_or(usize::MAX));
        let head = file.get(..head).unwrap_or(file);
        let tail = file.get(file.len().saturating_sub(tail)..).unwrap_or(file);
        Self::new(head, tail, u64::try_from(file.len()).unwrap_or(u64::MAX))
    }

    fn is_whole_in_head(&self) -> bool {
        self.size <= u64::try_from(self.head.len()).unwrap_or(u64::MAX)
    }
}

/// The type of a file, by its bytes.
///
/// `name` is the file's name as its owner gives it: one that makes a computer run the file is refused, whatever is in it.
///
/// # Errors
/// Why the file is not taken. Never [`RefusalReason::Size`], [`RefusalReason::Checksum`] or
/// [`RefusalReason::TypeMismatch`], which depend on what was declared.
pub fn probe(file: Ends<'_>, name: &str) -> Result<FileType, RefusalReason> {
    name::check(name)?;
    let found = leading(file)?;
    if is_another_too(file, found) { Err(RefusalReason::TwoTypes) } else { Ok(found) }
}

/// The type that a file's start says, with what that type forbids.
fn leading(file: Ends<'_>) -> Result<FileType, RefusalReason> {
    let head = file.head;
    if pdf::starts(head) {
        return pdf::check(file);
    }
    if head.starts_with(zip::LOCAL_HEADER) {
        return zip::check(file);
    }
    if head.starts_with(COMPOUND_FILE) {
        return Err(compound_file(file));
    }
    if let Some(brands) = brands(head) {
        return brands.ok_or(RefusalReason::TypeNotTaken);
    }
    // Before the signatures: some of those are two letters.
    if let Some(text) = text::read(head, file.is_whole_in_head()) {
        return text::check(&text);
    }
    let known = infer::get(head).ok_or(RefusalReason::TypeNotTaken)?;
    match (known.mime_type(), known.matcher_type()) {
        ("image/jpeg", _) => Ok(FileType::Jpeg),
        ("image/png", _) => Ok(FileType::Png),
        ("image/tiff", _) => Ok(FileType::Tiff),
        (_, infer::MatcherType::App) => Err(RefusalReason::ActiveContent),
        _ => Err(RefusalReason::TypeNotTaken),
    }
}

/// Whether some reader would take a file of this type for one of another.
fn is_another_too(file: Ends<'_>, found: FileType) -> bool {
    let start = file.head.get(..PDF_START_WITHIN).unwrap_or(file.head);
    let is_pdf = found == FileType::Pdf;
    let is_zip = matches!(found, FileType::Docx | FileType::Xlsx);
    let is_image = matches!(found, FileType::Jpeg | FileType::Png | FileType::Heic | FileType::Avif | FileType::Tiff);
    (!is_pdf && find(start, pdf::SIGNATURE).is_some())
        || (!is_zip && zip::ends_as_one(file.tail, !is_pdf))
        || (is_image && has_any(file.head, &MARKUP))
        || (is_pdf && has_any(start, &MARKUP))
}

/// Why a compound file is refused. Its directory may be anywhere; of those that matter it is mostly near one of the ends.
fn compound_file(file: Ends<'_>) -> RefusalReason {
    let names = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        find(file.head, &name).or_else(|| find(file.tail, &name)).is_some()
    };
    if names("EncryptedPackage") || names("EncryptionInfo") {
        RefusalReason::Encrypted
    } else if names("_VBA_PROJECT") || names("Macros") {
        RefusalReason::Macro
    } else {
        RefusalReason::TypeNotTaken
    }
}

/// Of a file in the ISO base media format (ISO/IEC 14496-12) the picture type that its brands say: the inner `None` for a
/// film or a picture of another kind, the outer one where it is no such file.
fn brands(head: &[u8]) -> Option<Option<FileType>> {
    let length: [u8; 4] = head.get(..4)?.try_into().ok()?;
    if head.get(4..8)? != b"ftyp" {
        return None;
    }
    let end = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX).min(head.len());
    // The brand, its version, the compatible brands.
    let mut listed = head.get(8..end).unwrap_or_default().chunks_exact(4);
    let first = listed.next().unwrap_or_default();
    let all = || std::iter::once(first).chain(listed.clone().skip(1));
    let is_any = |known: &[&[u8; 4]]| all().any(|brand| known.iter().any(|known| known.as_slice() == brand));
    // Both may name `mif1` first: the kinds of pictures inside tell them apart.
    Some(if is_any(&[b"avif", b"avis"]) {
        Some(FileType::Avif)
    } else if is_any(&[b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"]) {
        Some(FileType::Heic)
    } else {
        None
    })
}
