use domain::document::{FileType, RefusalReason};
use proptest::prelude::*;

use super::{Ends, examples, probe};

type Refused = RefusalReason;

fn of(file: &[u8]) -> Result<FileType, RefusalReason> {
    probe(Ends::of(file), "file")
}

/// So much that the ends do not overlap.
fn padded(file: &[u8], end: &[u8]) -> Vec<u8> {
    let padding = vec![0x7F; 200_000];
    [file, &padding, end].concat()
}

/// Proves: 17
#[test]
fn what_is_taken_is_known_by_its_bytes() {
    for (file, found) in [
        (examples::pdf(), FileType::Pdf),
        (examples::jpeg(), FileType::Jpeg),
        (examples::png(), FileType::Png),
        (examples::tiff(), FileType::Tiff),
        (examples::heic(), FileType::Heic),
        (examples::avif(), FileType::Avif),
        (examples::docx(), FileType::Docx),
        (examples::xlsx(), FileType::Xlsx),
        (examples::csv(), FileType::Csv),
        (examples::eml(), FileType::Eml),
        (examples::xml(), FileType::Xml),
        (b"Dear Bea,\nplease: pay this.\n".to_vec(), FileType::Txt),
        // Two letters are the signature of a picture, and the beginning of many a word.
        (b"BMW leasing of October".to_vec(), FileType::Txt),
        // As Excel saves "Unicode text", and as an old program saves a name with an umlaut.
        (b"\xFF\xFEa\x00\t\x00b\x00\n\x00c\x00\t\x00d\x00".to_vec(), FileType::Csv),
        (b"Name;Amount\nM\xFCller;3\n".to_vec(), FileType::Csv),
        (b"\n\n%PDF-1.4\n%%EOF".to_vec(), FileType::Pdf),
        (padded(&examples::jpeg(), b"\xFF\xD9"), FileType::Jpeg),
        (padded(&examples::pdf(), &examples::pdf()), FileType::Pdf),
    ] {
        assert_eq!(of(&file), Ok(found), "{:?}", String::from_utf8_lossy(&file).chars().take(40).collect::<String>());
    }
}

/// Proves: 17
#[test]
fn what_is_not_taken_is_refused_with_the_reason() {
    let markup_in_a_picture = [examples::jpeg(), b"<ScRiPt>alert(1)</script>".to_vec()].concat();
    let pdf_in_a_picture = [examples::png(), examples::pdf()].concat();
    let pdf_behind_text = [b"hello\n".to_vec(), examples::pdf()].concat();
    let zip_behind_a_pdf = padded(&examples::pdf(), &examples::zip(&[("a.txt", b"a")]));
    let zip_and_more = [examples::jpeg_and_zip(), b"more".to_vec()].concat();
    let word_and_excel =
        examples::zip(&[("[Content_Types].xml", b""), ("word/document.xml", b""), ("xl/workbook.xml", b"")]);
    let something_before = [b"PK\x03\x04 something else ".to_vec(), examples::docx()].concat();
    for (file, reason) in [
        (Vec::new(), Refused::TypeNotTaken),
        (vec![0; 100], Refused::TypeNotTaken),
        (b"GIF89a\x01\x00\x01\x00\x00".to_vec(), Refused::TypeNotTaken),
        (examples::film(), Refused::TypeNotTaken),
        (b"{\\rtf1 hello}".to_vec(), Refused::TypeNotTaken),
        (examples::zip(&[("a.txt", b"a")]), Refused::TypeNotTaken),
        (examples::docx().split_last().expect("bytes").1.to_vec(), Refused::TypeNotTaken),
        (examples::html(), Refused::ActiveContent),
        (examples::svg(), Refused::ActiveContent),
        (b"<!DOCTYPE html><p>hi".to_vec(), Refused::ActiveContent),
        (b"<?xml version='1.0'?><a><b xmlns='http://www.w3.org/1999/xhtml'/></a>".to_vec(), Refused::ActiveContent),
        (b"#!/bin/sh\nrm -r ~\n".to_vec(), Refused::ActiveContent),
        (b"<?php system($_GET[0]);".to_vec(), Refused::ActiveContent),
        (examples::program(), Refused::ActiveContent),
        ([b"\x7FELF\x02\x01\x01".as_slice(), &[0; 64]].concat(), Refused::ActiveContent),
        (examples::zip(&[("META-INF/MANIFEST.MF", b"")]), Refused::ActiveContent),
        (examples::xlsx_with_macros(), Refused::Macro),
        (examples::pdf_with_a_password(), Refused::Encrypted),
        (padded(&examples::pdf(), &examples::pdf_with_a_password()), Refused::Encrypted),
        (examples::office_with_a_password(), Refused::Encrypted),
        (examples::zip_bomb(), Refused::ArchiveRatio),
        (b"<!DOCTYPE a [<!ENTITY b 'cc'><!ENTITY c '&b;&b;'>]><a>&c;</a>".to_vec(), Refused::ArchiveRatio),
        (examples::jpeg_and_zip(), Refused::TwoTypes),
        (zip_and_more, Refused::TwoTypes),
        (markup_in_a_picture, Refused::TwoTypes),
        (pdf_in_a_picture, Refused::TwoTypes),
        (pdf_behind_text, Refused::TwoTypes),
        (zip_behind_a_pdf, Refused::TwoTypes),
        (word_and_excel, Refused::TwoTypes),
        (something_before, Refused::TwoTypes),
    ] {
        assert_eq!(of(&file), Err(reason), "{:?}", String::from_utf8_lossy(&file).chars().take(40).collect::<String>());
    }
}

/// Entries that share their bytes unpack to far more than any single one says.
#[test]
fn entries_that_share_their_bytes_are_refused() {
    let mut file = examples::docx();
    let entry = file.windows(4).position(|window| window == b"PK\x01\x02").expect("an entry");
    file.splice(entry + 20..entry + 24, 1_000_000_u32.to_le_bytes());
    assert_eq!(of(&file), Err(Refused::ArchiveRatio));
}

/// A directory of thousands of entries is longer than what is read of the end.
#[test]
fn a_directory_that_is_longer_than_the_tail_is_refused() {
    let names: Vec<String> = (0..2_000).map(|n| format!("word/media/picture-number-{n:05}.jpeg")).collect();
    let mut entries: Vec<(&str, &[u8])> = vec![("[Content_Types].xml", b""), ("word/document.xml", b"")];
    entries.extend(names.iter().map(|name| (name.as_str(), b"".as_slice())));
    assert_eq!(of(&examples::zip(&entries)), Err(Refused::ArchiveRatio));
    assert_eq!(of(&examples::zip(&entries[..500])), Ok(FileType::Docx));
}

/// Proves: 17
#[test]
fn a_name_that_runs_is_refused_whatever_is_in_the_file() {
    for (name, reason) in [
        ("invoice.pdf.exe", Refused::ActiveContent),
        ("Invoice.HTML", Refused::ActiveContent),
        ("logo.svg. .", Refused::ActiveContent),
        ("wages.xlsm", Refused::Macro),
    ] {
        assert_eq!(probe(Ends::of(&examples::pdf()), name), Err(reason), "{name}");
    }
    for name in ["exe", "invoice.pdf", "a.exe.pdf", "", "."] {
        assert_eq!(probe(Ends::of(&examples::pdf()), name), Ok(FileType::Pdf), "{name}");
    }
}

/// A real file of some kind, a part of one, or nothing.
fn beginnings() -> impl Strategy<Value = Vec<u8>> {
    let files = [
        Vec::new(),
        examples::pdf(),
        examples::jpeg(),
        examples::heic(),
        examples::docx(),
        examples::zip_bomb(),
        examples::jpeg_and_zip(),
        examples::office_with_a_password(),
        examples::xml(),
        examples::eml(),
        examples::svg(),
    ];
    proptest::sample::select(files.to_vec())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        file in beginnings(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..8),
        more in proptest::collection::vec(any::<u8>(), 0..200),
        size in any::<u64>(),
        cut in any::<proptest::sample::Index>(),
        name in "\\PC{0,20}",
    ) {
        let mut file = file;
        for (at, byte) in changes {
            if !file.is_empty() {
                let at = at.index(file.len());
                file[at] = byte;
            }
        }
        file.extend(more);
        let _ = probe(Ends::of(&file), &name);
        // Ends that do not belong together, as of an object that was replaced between two reads.
        let at = cut.index(file.len() + 1);
        let _ = probe(Ends::new(&file[..at], &file[at..], size), &name);
    }

    /// Whatever stands before or behind a picture, it is never taken for a document that unpacks or runs.
    #[test]
    fn no_picture_is_taken_for_another_type(more in proptest::collection::vec(any::<u8>(), 0..300)) {
        let file = [examples::jpeg(), more].concat();
        prop_assert!(matches!(of(&file), Ok(FileType::Jpeg) | Err(Refused::TwoTypes)));
    }
}
