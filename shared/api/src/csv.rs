//! CSV for people's spreadsheets: RFC 4180, and no cell that a spreadsheet would run.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a
//! formula, wherever the text came from. Such a cell gets a leading apostrophe, which spreadsheets
//! read as "this is text" (OWASP, CSV Injection). Numbers of our own are written as they are: an
//! optional minus sign and digits compute nothing.
//!
//! Excel opens a file by the language of its reader: where decimals have a comma, cells are separated by semicolons.
//! A file with amounts is therefore written in one of two [`Dialect`]s, and begins with a byte order mark, without which
//! Excel does not take it for UTF-8.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The media type of a file with a header line.
pub const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Text from any source; neutralised if a spreadsheet could take it for a formula.
    Text(&'a str),
    /// A whole number, such as an amount in minor units.
    Number(i64),
    /// A number with decimals.
    Decimal {
        /// The number without its decimal sign.
        minor: i64,
        /// How many of its digits are decimals.
        decimals: u16,
    },
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

/// How a file separates cells and writes decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Between cells.
    pub separator: Separator,
    /// Before the decimals of a number.
    pub decimal: DecimalSign,
}

/// What separates cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
}

impl Separator {
    const fn sign(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
        }
    }
}

/// What stands before the decimals of a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecimalSign {
    /// `1234.50`
    #[default]
    Point,
    /// `1234,50`
    Comma,
}

impl Dialect {
    /// Commas between cells, and points in numbers.
    pub const PLAIN: Self = Self { separator: Separator::Comma, decimal: DecimalSign::Point };

    /// The dialect of a language that writes decimals so. The separator is the one that Excel expects there, unless
    /// another is asked for: some languages have points and semicolons.
    #[must_use]
    pub fn of(decimal: DecimalSign, separator: Option<Separator>) -> Self {
        let usual = match decimal {
            DecimalSign::Point => Separator::Comma,
            DecimalSign::Comma => Separator::Semicolon,
        };
        Self { separator: separator.unwrap_or(usual), decimal }
    }
}

/// A CSV file, being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csv {
    columns: usize,
    dialect: Dialect,
    text: String,
}

impl Csv {
    /// A file with these columns.
    #[must_use]
    pub fn new(columns: &[&str]) -> Self {
        Self::begin(columns, Dialect::PLAIN, String::new())
    }

    /// A file with these columns for Excel in a language: with a byte order mark, and in its dialect.
    #[must_use]
    pub fn for_excel(columns: &[&str], dialect: Dialect) -> Self {
        Self::begin(columns, dialect, "\u{feff}".to_owned())
    }

    fn begin(columns: &[&str], dialect: Dialect, text: String) -> Self {
        let mut csv = Self { columns: columns.len(), dialect, text };
        let header: Vec<Cell<'_>> = columns.iter().copied().map(Cell::Text).collect();
        csv.row(&header);
        csv
    }

    /// Adds a row, always as wide as the header: cells that are missing are empty, and cells beyond
    /// the last column are left out.
    pub fn row(&mut self, cells: &[Cell<'_>]) {
        for column in 0..self.columns {
            if column > 0 {
                self.text.push(self.dialect.separator.sign());
            }
            match cells.get(column) {
                Some(Cell::Text(text)) => self.cell(text),
                Some(Cell::Number(number)) => self.text.push_str(&number.to_string()),
                Some(Cell::Decimal { minor, decimals }) => {
                    let number = decimal(*minor, *decimals, self.dialect.decimal);
                    self.cell_of(&number, number.contains(self.dialect.separator.sign()));
                }
                Some(Cell::Empty) | None => {}
            }
        }
        self.text.push_str("\r\n");
    }

    fn cell(&mut self, text: &str) {
        let inert = if runs(text) { format!("'{text}") } else { text.to_owned() };
        // Quotes around leading or trailing white space keep readers from trimming it.
        let quoted = inert.contains(['"', ',', '\r', '\n', '\t', ';']) || inert.trim() != inert;
        self.cell_of(&inert, quoted);
    }

    fn cell_of(&mut self, text: &str, quoted: bool) {
        if quoted {
            self.text.push('"');
            self.text.push_str(&text.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(text);
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

/// A number with its decimals: `-0.05`.
fn decimal(minor: i64, decimals: u16, sign: DecimalSign) -> String {
    let decimals = usize::from(decimals);
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let minus = if minor < 0 { "-" } else { "" };
    match (decimals, sign) {
        (0, _) => format!("{minus}{whole}"),
        (_, DecimalSign::Point) => format!("{minus}{whole}.{fraction}"),
        (_, DecimalSign::Comma) => format!("{minus}{whole},{fraction}"),
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

    /// Proves: R9
    #[test]
    fn amounts_are_numbers_to_excel_in_every_language() {
        let amount = Cell::Decimal { minor: -123_405, decimals: 2 };
        let written = |dialect| {
            let mut csv = Csv::for_excel(&["Zeile", "Okt"], dialect);
            csv.row(&["Löhne; Gehälter".into(), amount]);
            csv.as_str().to_owned()
        };
        let english = Dialect::of(DecimalSign::Point, None);
        assert_eq!(written(english), "\u{feff}Zeile,Okt\r\n\"Löhne; Gehälter\",-1234.05\r\n");
        let german = Dialect::of(DecimalSign::Comma, None);
        assert_eq!(written(german), "\u{feff}Zeile;Okt\r\n\"Löhne; Gehälter\";-1234,05\r\n");
        let quoted = Dialect { separator: Separator::Comma, decimal: DecimalSign::Comma };
        assert!(written(quoted).ends_with(",\"-1234,05\"\r\n"));
        let swiss = Dialect::of(DecimalSign::Point, Some(Separator::Semicolon));
        assert_eq!(written(swiss), "\u{feff}Zeile;Okt\r\n\"Löhne; Gehälter\";-1234.05\r\n");
        for (minor, decimals, text) in
            [(5, 2, "0.05"), (-5, 2, "-0.05"), (0, 2, "0.00"), (7, 0, "7"), (1_234, 3, "1.234")]
        {
            assert_eq!(decimal(minor, decimals, DecimalSign::Point), text);
        }
        assert_eq!(decimal(i64::MIN, 0, DecimalSign::Point), i64::MIN.to_string());
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
