//! CSV for people's spreadsheets: RFC 4180, and no cell that a spreadsheet would run.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a
//! formula, wherever the text came from. Such a cell gets a leading apostrophe, which spreadsheets
//! read as "this is text" (OWASP, CSV Injection). Numbers of our own are written as they are: an
//! optional minus sign and digits compute nothing.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

/// The media type of a file with a header line.
pub const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Text from any source; neutralised if a spreadsheet could take it for a formula.
    Text(&'a str),
    /// A whole number, such as an amount in minor units.
    Number(i64),
    /// Nothing.
    Empty,
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl<'a, T: Into<Self>> From<Option<T>> for Cell<'a> {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Empty, Into::into)
    }
}

/// A CSV file, being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csv {
    columns: usize,
    text: String,
}

impl Csv {
    /// A file with these columns.
    #[must_use]
    pub fn new(columns: &[&str]) -> Self {
        let mut csv = Self { columns: columns.len(), text: String::new() };
        let header: Vec<Cell<'_>> = columns.iter().copied().map(Cell::Text).collect();
        csv.row(&header);
        csv
    }

    /// Adds a row, always as wide as the header: cells that are missing are empty, and cells beyond
    /// the last column are left out.
    pub fn row(&mut self, cells: &[Cell<'_>]) {
        for column in 0..self.columns {
            if column > 0 {
                self.text.push(',');
            }
            match cells.get(column) {
                Some(Cell::Text(text)) => self.cell(text),
                Some(Cell::Number(number)) => self.text.push_str(&number.to_string()),
                Some(Cell::Empty) | None => {}
            }
        }
        self.text.push_str("\r\n");
    }

    fn cell(&mut self, text: &str) {
        let inert = if runs(text) { format!("'{text}") } else { text.to_owned() };
        // Quotes around leading or trailing white space keep readers from trimming it.
        let quoted = inert.contains(['"', ',', '\r', '\n', '\t', ';']) || inert.trim() != inert;
        if quoted {
            self.text.push('"');
            self.text.push_str(&inert.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(&inert);
        }
    }

    /// The file's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The file as an answer to be saved under a name of ours; what is not a letter, a digit, a dot,
    /// a hyphen or an underscore is left out of the name.
    #[must_use]
    pub fn download(self, file_name: &str) -> Response {
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let name: String = file_name.chars().filter(plain).collect();
        let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""))
            .unwrap_or(HeaderValue::from_static("attachment"));
        let mut response = self.text.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CONTENT_DISPOSITION, disposition);
        response
    }
}

/// Whether a spreadsheet would take the text for a formula, also after trimming it. The full-width
/// signs count too: spreadsheets of East Asian locales take them for the plain ones.
fn runs(text: &str) -> bool {
    const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let blank = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}';
    text.starts_with(['\t', '\r', '\n']) || text.trim_start_matches(blank).starts_with(SIGNS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads a file back, as RFC 4180 says.
    fn parse(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        reader.deserialize().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn a_file_is_written_as_rfc_4180_says() {
        let mut csv = Csv::new(&["name", "amount_minor", "note"]);
        csv.row(&["Loja, Azul".into(), (-1250).into(), Some("says \"hi\"\nand more").into()]);
        csv.row(&["Ana".into(), 7.into(), None::<&str>.into()]);
        csv.row(&["short".into()]);
        let expected =
            "name,amount_minor,note\r\n\"Loja, Azul\",-1250,\"says \"\"hi\"\"\nand more\"\r\nAna,7,\r\nshort,,\r\n";
        assert_eq!(csv.as_str(), expected);
    }

    #[test]
    fn a_formula_becomes_text() {
        for formula in
            ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "\u{feff}=1", "＝1", "\n-2"]
        {
            let mut csv = Csv::new(&["name"]);
            csv.row(&[formula.into()]);
            assert_eq!(parse(csv.as_str())[1][0], format!("'{formula}"));
        }
        for text in ["", "Ana", "a=b", "1-2", "'=1"] {
            assert!(!runs(text), "{text}");
        }
    }

    #[test]
    fn a_download_is_named_and_never_shown_in_place() {
        let response = Csv::new(&["a"]).download("referrals\"\r\nX: 1-2026.csv");
        let headers = response.headers();
        assert_eq!(headers[header::CONTENT_TYPE], MEDIA_TYPE);
        assert_eq!(headers[header::CONTENT_DISPOSITION], "attachment; filename=\"referralsX1-2026.csv\"");
    }

    proptest! {
        /// Proves: 18
        #[test]
        fn no_text_of_anyone_is_a_formula_or_leaves_its_cell(
            cells in prop::collection::vec("[=+@\\-\t\r\n\" ',;a]{0,6}|.{0,12}", 3),
        ) {
            let mut csv = Csv::new(&["a", "b", "c"]);
            csv.row(&cells.iter().map(Cell::from).collect::<Vec<_>>());
            csv.row(&["x".into(), "y".into(), "z".into()]);
            let rows = parse(csv.as_str());
            prop_assert_eq!(rows.len(), 3);
            prop_assert_eq!(&rows[2], &["x", "y", "z"]);
            for (written, meant) in rows[1].iter().zip(&cells) {
                prop_assert!(!written.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{written:?}");
                prop_assert!(!written.trim_start().starts_with(['=', '+', '-', '@']), "{written:?}");
                prop_assert_eq!(written.strip_prefix('\'').filter(|_| runs(meant)).unwrap_or(written), meant);
            }
        }

        #[test]
        fn every_number_is_written_in_digits(number in any::<i64>()) {
            let mut csv = Csv::new(&["n"]);
            csv.row(&[number.into()]);
            prop_assert_eq!(parse(csv.as_str())[1][0].parse::<i64>().unwrap(), number);
        }
    }
}
