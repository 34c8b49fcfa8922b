//! Text files as spreadsheets write them: their encodings, their separators, and the line of each row.
//!
//! Unclear input is refused and never guessed: a whole file if its encoding is in doubt, a single row if its number
//! of cells differs from the others.

use std::collections::BTreeMap;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::problem::{Problem, ProblemType};

/// The separators that spreadsheets write. The first is the default.
const SEPARATORS: [u8; 3] = *b",;\t";
/// How workbooks begin: a compound file (`.xls`) and a ZIP archive (`.xlsx`).
const WORKBOOKS: [&[u8]; 2] = [b"\xd0\xcf\x11\xe0", b"PK\x03\x04"];

/// A row of a file, its header included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SheetRow {
    /// The line on which it begins, from 1.
    pub(super) line: usize,
    /// The cells, without white space around them.
    pub(super) cells: Vec<String>,
}

impl SheetRow {
    /// How many cells there are up to the last one that is not empty.
    pub(super) fn filled(&self) -> usize {
        self.cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1)
    }
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    /// The rows that are not empty, at most as many as were asked for; a header counts.
    pub(super) rows: Vec<SheetRow>,
    /// Whether the first row is a header.
    pub(super) has_header: bool,
    /// How many cells a row has: as many as the header, else as most rows.
    pub(super) width: usize,
}

/// Reads a file of at most `max_rows` rows; what is beyond is left out. `known` says how many columns a row names if it
/// is a header.
///
/// # Errors
/// `400 malformed-request` for a file that is no such text, `415 unsupported-media-type` for an unknown `charset`.
pub(super) fn read(
    bytes: &[u8],
    charset: Option<&str>,
    max_rows: usize,
    known: impl Fn(&[String]) -> usize,
) -> Result<Sheet, Problem> {
    let text = decode(bytes, charset)?.replace("\r\n", "\n").replace('\r', "\n");
    let (named, first_line, text) = named_separator(&text)?;
    let read = |separator: u8| split(text, first_line, separator, max_rows).map(|rows| judge(rows, &known));
    if let Some(separator) = named {
        return read(separator).map(|(sheet, _)| sheet);
    }
    let mut best: Option<(Sheet, Likeness)> = None;
    let mut is_tie = false;
    for separator in SEPARATORS {
        let (sheet, likeness) = read(separator)?;
        match &best {
            Some((_, best)) if likeness < *best => continue,
            Some((_, best)) if likeness == *best => is_tie = true,
            Some(_) | None => (best, is_tie) = (Some((sheet, likeness)), false),
        }
    }
    match best {
        Some((sheet, _)) if is_tie && sheet.width > 1 => {
            // The file does not show which of two characters is the separator.
            Err(malformed("the separator is not clear: name it in a first line such as sep=; or add a header"))
        }
        Some((sheet, _)) => Ok(sheet),
        None => Err(malformed("the file is not CSV")),
    }
}

fn malformed(detail: &str) -> Problem {
    Problem::new(ProblemType::MalformedRequest).detail(detail)
}

fn unclear() -> Problem {
    malformed(
        "the encoding of the file is not clear: save it as \"CSV UTF-8\", or name its charset in the content type",
    )
}

fn decode(bytes: &[u8], charset: Option<&str>) -> Result<String, Problem> {
    if WORKBOOKS.iter().any(|beginning| bytes.starts_with(beginning)) {
        return Err(malformed("the file is a workbook: save it as CSV"));
    }
    let named = match charset {
        None => None,
        Some(label) => Some(Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| {
            Problem::new(ProblemType::UnsupportedMediaType).detail("the charset of the content type is not known")
        })?),
    };
    let (encoding, is_guess, bytes) = match (Encoding::for_bom(bytes), named) {
        (Some((encoding, mark)), _) => (encoding, false, bytes.get(mark..).unwrap_or_default()),
        (None, Some(encoding)) => (encoding, false, bytes),
        (None, None) if std::str::from_utf8(bytes).is_ok() => (UTF_8, false, bytes),
        (None, None) => (WINDOWS_1252, true, bytes),
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(unclear)?.into_owned();
    // U+FFFD is what a gateway puts in place of bytes that are not UTF-8. UTF-16 without a mark is full of zeros.
    if text.contains(['\u{fffd}', '\0']) || (is_guess && !is_plausible(&text)) {
        return Err(unclear());
    }
    Ok(text)
}

/// Whether a text that was taken for Windows-1252 reads like one. The bytes that Mac OS Roman has for accented
/// letters are controls, capitals or signs in Windows-1252, which then appear within words.
fn is_plausible(text: &str) -> bool {
    const SIGNS: [char; 10] = ['‚', 'ƒ', '„', '†', '‡', 'ˆ', '‰', '‹', '›', '˜'];
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_inside = before.is_alphabetic() && chars.peek().is_some_and(|next| next.is_alphabetic());
        if ('\u{80}'..='\u{9f}').contains(&c)
            || (before.is_lowercase() && matches!(c, 'Š' | 'Œ' | 'Ž' | 'Ÿ'))
            || (is_inside && SIGNS.contains(&c))
        {
            return false;
        }
        before = c;
    }
    true
}

/// The separator that a first line `sep=;` names, the line on which the rows begin, and the text from there on.
fn named_separator(text: &str) -> Result<(Option<u8>, usize, &str), Problem> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let first = first.strip_prefix('"').and_then(|first| first.strip_suffix('"')).unwrap_or(first);
    if !first.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep=")) {
        return Ok((None, 1, text));
    }
    let named = first.as_bytes().get(4..).unwrap_or_default();
    match SEPARATORS.into_iter().find(|separator| named == [*separator]) {
        Some(separator) => Ok((Some(separator), 2, rest)),
        None => Err(malformed("the line sep= must name a comma, a semicolon or a tab")),
    }
}

fn split(text: &str, first_line: usize, separator: u8, max_rows: usize) -> Result<Vec<SheetRow>, Problem> {
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .trim(::csv::Trim::All)
        .from_reader(text.as_bytes());
    let is_quote_open = !text.bytes().filter(|byte| *byte == b'"').count().is_multiple_of(2);
    let mut rows = Vec::new();
    let (mut line, mut counted) = (first_line, 0);
    for record in reader.records() {
        let record = record.map_err(|_| malformed("the file is not CSV"))?;
        // The reader passes over empty lines before a record.
        let start = record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(counted);
        let rest = text.as_bytes().get(start..).unwrap_or_default();
        let start = start + rest.iter().take_while(|byte| **byte == b'\n').count();
        let between = text.as_bytes().get(counted..start).unwrap_or_default();
        line += between.iter().filter(|byte| **byte == b'\n').count();
        counted = start;
        if is_quote_open && record.iter().any(|cell| cell.contains('\n')) {
            return Err(malformed(&format!("a quotation mark in line {line} is not closed")));
        }
        // A line of nothing but separators is how a spreadsheet writes an empty one.
        if record.iter().all(str::is_empty) {
            continue;
        }
        rows.push(SheetRow { line, cells: record.iter().map(str::to_owned).collect() });
        if rows.len() >= max_rows {
            break;
        }
    }
    Ok(rows)
}

/// How much the rows are like each other and like a header, the most telling first: how many columns the first row
/// names, whether rows have several cells, how many in a thousand have as many as they should.
type Likeness = (usize, bool, usize);

fn judge(rows: Vec<SheetRow>, known: impl Fn(&[String]) -> usize) -> (Sheet, Likeness) {
    let named = rows.first().map_or(0, |first| known(&first.cells));
    let has_header = named > 0;
    let body = rows.get(usize::from(has_header)..).unwrap_or_default();
    let width = match rows.first() {
        Some(header) if has_header => header.filled(),
        _ => usual_width(body),
    };
    let alike = body.iter().filter(|row| fits(row, width)).count();
    let likeness = (named, width > 1, (alike * 1000).checked_div(body.len()).unwrap_or(1000));
    (Sheet { rows, has_header, width }, likeness)
}

/// The number of cells that most rows have; the larger of two that are as frequent.
fn usual_width(rows: &[SheetRow]) -> usize {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for row in rows {
        *counts.entry(row.cells.len()).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or(0, |(width, _)| width)
}

/// Whether a row lacks cells at its end: Excel leaves out those that are empty. A row that is one cell and holds another
/// separator is in doubt instead: it may be several cells that were separated in another way.
pub(super) fn is_cut_short(row: &SheetRow, width: usize) -> bool {
    let separates = |c: char| SEPARATORS.iter().any(|separator| c == char::from(*separator));
    let in_doubt = matches!(row.cells.as_slice(), [only] if only.contains(separates));
    row.cells.len() < width && !in_doubt
}

/// Whether a row has the cells that it should have, and perhaps empty ones after them.
pub(super) fn fits(row: &SheetRow, width: usize) -> bool {
    row.cells.len() >= width && row.filled() <= width
}

#[cfg(test)]
mod tests {
    use encoding_rs::MACINTOSH;
    use proptest::prelude::*;

    use super::*;

    fn known(cells: &[String]) -> usize {
        cells.iter().filter(|cell| matches!(cell.as_str(), "name" | "email" | "reference")).count()
    }

    fn sheet(bytes: &[u8]) -> Result<Sheet, Problem> {
        read(bytes, None, 100, known)
    }

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        sheet(bytes).unwrap().rows.into_iter().map(|row| row.cells).collect()
    }

    fn utf_16(text: &str, to_bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(to_bytes).collect()
    }

    /// Proves: U12
    #[test]
    fn every_encoding_that_excel_writes_gives_the_same_rows() {
        let text = "name;email\r\nCafé Müller & Söhne;josé@x.example\r\n";
        let expected = cells(text.as_bytes());
        assert_eq!(expected[1][0], "Café Müller & Söhne");
        let windows = WINDOWS_1252.encode(text).0.into_owned();
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for bytes in [windows, marked, utf_16(text, u16::to_le_bytes), utf_16(text, u16::to_be_bytes)] {
            assert_eq!(cells(&bytes), expected, "{bytes:?}");
        }
        let named =
            |bytes: &[u8], charset| read(bytes, Some(charset), 100, known).map(|sheet| sheet.rows[1].cells[0].clone());
        assert_eq!(named(&MACINTOSH.encode(text).0, "macintosh").unwrap(), "Café Müller & Söhne");
        assert_eq!(named(&WINDOWS_1252.encode(text).0, "ISO-8859-1").unwrap(), "Café Müller & Söhne");
        assert_eq!(named(text.as_bytes(), "klingon").unwrap_err().status(), 415);
    }

    /// Proves: U12
    #[test]
    fn a_file_whose_encoding_is_in_doubt_is_refused_and_says_how_to_save_it() {
        let mac = |text: &str| MACINTOSH.encode(text).0.into_owned();
        let without_mark: Vec<u8> = "name\nAna\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [
            mac("name\nCrème Brûlée\n"),
            mac("name\nJosé\n"),
            mac("name\nVálter\n"),
            "name\nCaf\u{fffd}\n".as_bytes().to_vec(),
            without_mark,
            b"\xff\xfe\x00".to_vec(),
        ] {
            let problem = serde_json::to_value(sheet(&bytes).unwrap_err()).unwrap();
            assert!(problem["detail"].as_str().unwrap().contains("CSV UTF-8"), "{problem}");
        }
        for beginning in WORKBOOKS {
            let problem = serde_json::to_value(sheet(beginning).unwrap_err()).unwrap();
            assert!(problem["detail"].as_str().unwrap().contains("workbook"), "{problem}");
        }
        assert!(cells(b"").is_empty());
    }

    /// Proves: U11
    #[test]
    fn a_separator_that_is_named_is_taken_and_an_unknown_one_refused() {
        for (text, line) in [("sep=;\nBia, Lda;b@x.example\n", 2), ("\"SEP=;\"\r\n\r\nBia, Lda;b@x.example", 3)] {
            let sheet = sheet(text.as_bytes()).unwrap();
            assert_eq!(sheet.rows, [SheetRow { line, cells: vec!["Bia, Lda".to_owned(), "b@x.example".to_owned()] }]);
        }
        assert_eq!(cells(b"sep=\t\nBia, Lda; Porto\tb@x.example\n")[0][0], "Bia, Lda; Porto");
        for text in ["sep=|\na|b\n", "sep=\na\n", "sep=;;\na\n"] {
            assert_eq!(sheet(text.as_bytes()).unwrap_err().status(), 400, "{text}");
        }
    }

    /// Proves: U11
    #[test]
    fn the_separator_is_the_one_that_makes_the_rows_alike() {
        for (text, expected) in [
            ("Bia, Lda;b@x.example\nAna;a@x.example\n", ["Bia, Lda", "b@x.example"]),
            ("Bia, Lda;b, @x\nAna, Lda;a, @x\nEva;e\n", ["Bia, Lda", "b, @x"]),
            ("name;email\nBia, Lda, Porto;b@x.example\n", ["name", "email"]),
            ("Bia; Lda,b@x.example\nAna,a@x.example\n", ["Bia; Lda", "b@x.example"]),
            ("Bia, Lda; Porto\tb@x.example\nAna\ta@x.example\n", ["Bia, Lda; Porto", "b@x.example"]),
        ] {
            assert_eq!(cells(text.as_bytes())[0], expected, "{text}");
        }
        assert_eq!(sheet(b"name\nBia, Lda\nAna\n").unwrap().rows[1].cells, ["Bia, Lda"], "there is one column");
        assert_eq!(sheet(b"Ana\nBia\n").unwrap().width, 1);
        let unclear = sheet(b"Bia, Lda;b@x.example\n").unwrap_err();
        assert!(serde_json::to_string(&unclear).unwrap().contains("sep="), "{unclear:?}");
    }

    #[test]
    fn a_row_is_found_by_its_line() {
        let text = "\nname,email\r\n\r\n,,\r\"Bia\nLda\",b@x.example\n\n\nAna,a@x.example";
        let lines: Vec<usize> = sheet(text.as_bytes()).unwrap().rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [2, 5, 9]);
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_swallows_no_rows() {
        let problem = sheet(b"name,email\n\"Bia, Lda,b@x.example\nAna,a@x.example\n").unwrap_err();
        assert!(serde_json::to_string(&problem).unwrap().contains("line 2"), "{problem:?}");
    }

    proptest! {
        /// Proves: U11
        #[test]
        fn what_a_spreadsheet_writes_is_read_back_whatever_its_separator(
            rows in prop::collection::vec(prop::collection::vec("[a-zà-ü ,;\"\t]{0,8}x", 3), 1..12),
            separator in prop::sample::select(&SEPARATORS[..]),
            is_windows in any::<bool>(),
        ) {
            let mut writer = ::csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
            writer.write_record(["name", "email", "reference"]).unwrap();
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let utf_8 = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let bytes = if is_windows { WINDOWS_1252.encode(&utf_8).0.into_owned() } else { utf_8.into_bytes() };
            let read = cells(&bytes);
            let trimmed: Vec<Vec<String>> =
                rows.iter().map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect()).collect();
            prop_assert_eq!(&read[1..], &trimmed[..]);
        }
    }
}
