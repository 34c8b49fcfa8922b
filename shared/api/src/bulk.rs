//! Many rows in one request: JSON, or a CSV file as a spreadsheet writes it. Each row is read by
//! itself, so that one that cannot be read is answered as such and the others count.

mod spreadsheet;
mod unambiguous;

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    answer::ApiError,
    idempotent::Idempotent,
    input::from_json,
    problem::{FieldError, Problem, ProblemType},
};

use self::{
    spreadsheet::{Sheet, SheetRow},
    unambiguous::Unambiguous,
};

/// The most rows of one request.
pub const MAX_ROWS: usize = 500;
/// The largest request with rows, in bytes.
pub const MAX_BULK_BYTES: usize = 1024 * 1024;
/// The longest error text of a row.
const MAX_DETAIL_CHARS: usize = 100;
/// The longest part of a field's or column's name that an answer repeats.
const MAX_FIELD_CHARS: usize = 50;
/// The most columns that are named as ignored.
const MAX_IGNORED: usize = 50;

/// The type of the cells of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    /// Text.
    Text,
    /// A whole number.
    Number,
    /// Several words, separated by spaces, commas, semicolons or bars.
    Words,
}

/// A column of a CSV file.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The field it fills, which is also its name in a header.
    pub field: &'static str,
    /// Its other names in headers.
    pub also: &'static [&'static str],
    /// The type of its cells.
    pub cells: Cells,
}

impl Column {
    /// A column of text.
    #[must_use]
    pub const fn text(field: &'static str, also: &'static [&'static str]) -> Self {
        Self { field, also, cells: Cells::Text }
    }

    fn is_called(&self, name: &str) -> bool {
        self.field == name || self.also.contains(&name)
    }

    fn value(&self, cell: &str) -> Value {
        match self.cells {
            Cells::Text => Value::from(cell),
            // Text that is not a number stays text; it is refused later, with the field named.
            Cells::Number => cell.parse::<i64>().map_or_else(|_| Value::from(cell), Value::from),
            Cells::Words => cell.split([' ', ',', ';', '|']).filter(|word| !word.is_empty()).collect(),
        }
    }
}

/// A kind of row.
pub trait Row: DeserializeOwned {
    /// The member of a JSON body that holds the rows.
    const LIST: &'static str;
    /// The columns of a CSV file, in the order they are taken to be in where there is no header.
    const COLUMNS: &'static [Column];
}

/// The rows of a request.
#[derive(Debug)]
pub struct BulkBody<T> {
    /// At most [`MAX_ROWS`]; one that could not be read says which field is why.
    pub rows: Vec<Result<T, FieldError>>,
    /// Unknown columns of a CSV header, the first 50 of them.
    pub ignored_columns: Vec<String>,
    /// Where the rows are in a CSV file.
    pub lines: Lines,
    /// The request's idempotency key.
    pub idempotent: Idempotent,
}

/// The line on which each row of a CSV file begins; none for JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines(Vec<usize>);

impl Lines {
    /// The line of a row, both counted from 1.
    #[must_use]
    pub fn of(&self, row: usize) -> Option<usize> {
        self.0.get(row.checked_sub(1)?).copied()
    }
}

/// The result of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// It is new and was added.
    Created,
    /// It existed before, or is a repetition within the file.
    AlreadyThere,
    /// It is invalid; the answer says why.
    Invalid,
    /// A limit is reached; it can be sent again later.
    Limited,
}

impl<S, T> FromRequest<S> for BulkBody<T>
where
    S: Send + Sync,
    T: Row,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, MAX_BULK_BYTES)
            .await
            .map_err(|_| Problem::new(ProblemType::TooLarge).detail(format!("at most {MAX_BULK_BYTES} bytes")))?;
        let idempotent = Idempotent::of(&parts.method, &parts.uri, &parts.headers, &bytes)?;
        let (media, charset) = media(&parts.headers);
        let CsvRows { rows, lines, ignored } = match media.as_str() {
            "application/json" => {
                CsvRows { rows: json_rows::<T>(&bytes)?, lines: Lines::default(), ignored: Vec::new() }
            }
            // The last is the media type that Windows with Excel uses for a CSV file.
            "text/csv" | "application/csv" | "application/vnd.ms-excel" => csv_rows::<T>(&bytes, charset.as_deref())?,
            _ => return Err(Problem::new(ProblemType::UnsupportedMediaType).detail("send JSON or text/csv").into()),
        };
        Ok(Self { rows: rows.into_iter().map(read).collect(), ignored_columns: ignored, lines, idempotent })
    }
}

/// The content type, and the charset that it names.
fn media(headers: &HeaderMap) -> (String, Option<String>) {
    let value = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    let parameters = parts.filter_map(|parameter| parameter.split_once('='));
    let charset = parameters.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("charset"));
    (media, charset.map(|(_, label)| label.trim_matches('"').to_owned()))
}

/// Reads one row as a body of its own would be.
fn read<T: Row>(row: Result<Value, FieldError>) -> Result<T, FieldError> {
    let json = row?.to_string();
    from_json(json.as_bytes()).map_err(|problem| {
        let error = problem.errors().first().cloned();
        let error = error.unwrap_or_else(|| unreadable("cannot be read"));
        // A whole row of the wrong kind has no field to name.
        let field = if error.field == "body" { "row" } else { &error.field };
        FieldError { field: shortened(field, MAX_FIELD_CHARS), detail: shortened(&error.detail, MAX_DETAIL_CHARS) }
    })
}

/// Cuts the error text of a row, which repeats some of its input: the answer for all rows must fit into the
/// record from which a repeated request is answered.
fn shortened(text: &str, max_chars: usize) -> String {
    let mut chars = text.chars().filter(|c| !c.is_control());
    let mut short: String = chars.by_ref().take(max_chars).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

fn unreadable(detail: &str) -> FieldError {
    FieldError { field: "row".to_owned(), detail: detail.to_owned() }
}

fn counted<R>(list: &str, rows: Vec<R>) -> Result<Vec<R>, Problem> {
    match rows.len() {
        0 => Err(Problem::field(list, "must hold at least one row")),
        1..=MAX_ROWS => Ok(rows),
        _ => Err(Problem::field(list, format!("must hold at most {MAX_ROWS} rows"))),
    }
}

type Rows = Vec<Result<Value, FieldError>>;

fn json_rows<T: Row>(bytes: &[u8]) -> Result<Rows, Problem> {
    let Unambiguous(Value::Object(mut body)) = from_json(bytes)? else {
        return Err(Problem::field("body", "must be an object"));
    };
    let rows = body.remove(T::LIST).ok_or_else(|| Problem::field(T::LIST, "is required"))?;
    if let Some(unknown) = body.keys().next() {
        return Err(Problem::field(unknown, "is not a known field"));
    }
    match rows {
        Value::Array(rows) => Ok(counted(T::LIST, rows)?.into_iter().map(Ok).collect()),
        _ => Err(Problem::field(T::LIST, "must be a list")),
    }
}

fn csv_rows<T: Row>(bytes: &[u8], charset: Option<&str>) -> Result<CsvRows, Problem> {
    // The header, and one row more than are taken.
    let Sheet { rows, has_header, width } = spreadsheet::read(bytes, charset, MAX_ROWS + 2, named_columns::<T>)?;
    let (header, body) = rows.split_at(usize::from(has_header).min(rows.len()));
    let (columns, ignored) = match header.first() {
        Some(header) => columns::<T>(header)?,
        None => (T::COLUMNS.iter().map(Some).collect(), Vec::new()),
    };
    let than = if has_header { Width::OfHeader(width) } else { Width::OfMost(width) };
    let lines = Lines(body.iter().map(|row| row.line).collect());
    let rows = body.iter().map(|row| cells(&columns, row, than)).collect();
    Ok(CsvRows { rows: counted(T::LIST, rows)?, lines, ignored })
}

struct CsvRows {
    rows: Rows,
    lines: Lines,
    ignored: Vec<String>,
}

/// The column that each name of a header means, and the names that mean none.
fn columns<T: Row>(header: &SheetRow) -> Result<(Vec<Option<&'static Column>>, Vec<String>), Problem> {
    let columns: Vec<Option<&Column>> = header.cells.iter().map(|name| column::<T>(name)).collect();
    let mut ignored = Vec::new();
    for (nth, (name, known)) in header.cells.iter().zip(&columns).enumerate() {
        match known {
            None if !name.is_empty() && ignored.len() < MAX_IGNORED => ignored.push(shortened(name, MAX_FIELD_CHARS)),
            Some(known) if columns.iter().take(nth).flatten().any(|other| other.field == known.field) => {
                return Err(Problem::field(known.field, "is the name of two columns"));
            }
            Some(_) | None => {}
        }
    }
    Ok((columns, ignored))
}

/// How many cells a row should have.
#[derive(Debug, Clone, Copy)]
enum Width {
    /// As many as the header. At the end of a row, empty ones may be left out.
    OfHeader(usize),
    /// As many as most rows: without a header nothing says which ones are left out.
    OfMost(usize),
}

fn cells(columns: &[Option<&Column>], row: &SheetRow, width: Width) -> Result<Value, FieldError> {
    let (width, than, is_cut_short) = match width {
        Width::OfHeader(width) => (width, "the header has", spreadsheet::is_cut_short(row, width)),
        Width::OfMost(width) => (width, "most rows have", false),
    };
    if !is_cut_short && !spreadsheet::fits(row, width) {
        let has = match row.filled().max(row.cells.len().min(width)) {
            1 => "is one cell".to_owned(),
            several => format!("has {several} cells"),
        };
        return Err(unreadable(&format!("{has}, and {than} {width}")));
    }
    if row.filled() > columns.len() {
        return Err(unreadable("has more cells than there are columns"));
    }
    let filled = columns.iter().zip(&row.cells).filter(|(_, cell)| !cell.is_empty());
    let members = filled.filter_map(|(column, cell)| column.map(|c| (c.field.to_owned(), c.value(cell))));
    Ok(Value::Object(members.collect()))
}

/// How many columns a row names, if it is a header: it names one that is known, and holds no address.
fn named_columns<T: Row>(cells: &[String]) -> usize {
    if cells.iter().any(|cell| cell.contains('@')) {
        return 0;
    }
    cells.iter().filter(|name| column::<T>(name).is_some()).count()
}

fn column<T: Row>(name: &str) -> Option<&'static Column> {
    let plain = |c: char| if matches!(c, ' ' | '-' | '.') { '_' } else { c };
    let name: String = name.trim().to_lowercase().chars().map(plain).collect();
    T::COLUMNS.iter().find(|column| column.is_called(&name))
}

#[cfg(test)]
mod tests {
    use domain::{Email, Name};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Guest {
        name: Name,
        #[serde(default)]
        email: Option<Email>,
        #[serde(default)]
        days: Option<u8>,
        #[serde(default)]
        permissions: Option<Vec<String>>,
    }

    impl Row for Guest {
        const LIST: &'static str = "guests";
        const COLUMNS: &'static [Column] = &[
            Column::text("name", &["company_name"]),
            Column::text("email", &["e_mail"]),
            Column { field: "days", also: &[], cells: Cells::Number },
            Column { field: "permissions", also: &[], cells: Cells::Words },
        ];
    }

    fn guests(csv: &str) -> Vec<Result<Guest, String>> {
        let csv = csv_rows::<Guest>(csv.as_bytes(), None).unwrap();
        csv.rows.into_iter().map(|row| read(row).map_err(|error| error.field)).collect()
    }

    fn guest(name: &str, email: Option<&str>) -> Result<Guest, String> {
        let email = email.map(|email| email.parse().unwrap());
        Ok(Guest { name: name.parse().unwrap(), email, days: None, permissions: None })
    }

    #[test]
    fn a_file_is_read_however_a_spreadsheet_wrote_it() {
        let both = vec![guest("Ana", Some("ana@x.example")), guest("Bia, Lda", None)];
        for csv in [
            "name,email\nAna,ana@x.example\n\"Bia, Lda\",\n",
            "\u{feff}E-Mail;Company Name\r\nana@x.example;Ana\r\n;Bia, Lda\r\n",
            "EMAIL\tNAME\nana@x.example\tAna\n\n\tBia, Lda\n",
            "Ana,ana@x.example\n\"Bia, Lda\",\n",
            "sep=;\nAna;ana@x.example\nBia, Lda;\n",
            "name,email\n Ana , ana@x.example \n,\n\"Bia, Lda\",,\n",
        ] {
            assert_eq!(guests(csv), both, "{csv}");
        }
    }

    #[test]
    fn a_row_that_cannot_be_read_names_its_field_and_spoils_no_other() {
        let csv = "name,email,days\nAna,nowhere,1\n,ana@x.example,\nBia,,\nCarla,,soon\nDora,,,,,x\nEva,,300\n";
        let outcome: Vec<_> = guests(csv).into_iter().map(|row| row.map(|guest| guest.name.to_string())).collect();
        let field = |name: &str| Err(name.to_owned());
        assert_eq!(
            outcome,
            [field("email"), field("name"), Ok("Bia".to_owned()), field("days"), field("row"), field("days")]
        );
    }

    #[test]
    fn numbers_and_lists_are_read_from_their_cells() {
        let rows = guests("name,days,permissions\nAna,7,invoices.view bank.view\nBia,,invoices.view|bank.view\n");
        let permissions = Some(vec!["invoices.view".to_owned(), "bank.view".to_owned()]);
        assert_eq!(rows[0].as_ref().unwrap().days, Some(7));
        assert!(rows.iter().all(|row| row.as_ref().unwrap().permissions == permissions));
    }

    #[test]
    fn a_column_that_means_nothing_is_named_and_one_named_twice_is_refused() {
        let csv = |text: &str| csv_rows::<Guest>(text.as_bytes(), None);
        assert_eq!(csv("name,Phone,email\nAna,1,\n").unwrap().ignored, ["Phone"]);
        let twice = csv("email,e-mail,name\nAna,,Ana\n").map(|_| ()).unwrap_err();
        assert_eq!(twice.errors()[0].field, "email");
    }

    #[test]
    fn a_file_that_is_none_or_holds_too_much_or_nothing_is_refused_as_a_whole() {
        let refused = |csv: &[u8]| csv_rows::<Guest>(csv, None).map(|_| ()).unwrap_err();
        assert_eq!(refused(b"name\n\x81\n").status(), 400);
        for csv in ["", "name,email\n", "\n\n", "sep=;"] {
            assert_eq!(refused(csv.as_bytes()).errors()[0].field, "guests", "{csv}");
        }
        let many = |rows: usize| format!("name\n{}", "Ana\n".repeat(rows));
        assert_eq!(csv_rows::<Guest>(many(MAX_ROWS).as_bytes(), None).unwrap().rows.len(), MAX_ROWS);
        refused(many(MAX_ROWS + 1).as_bytes());
        refused("Ana\n".repeat(MAX_ROWS + 1).as_bytes());
        for json in [r#"{"guests":{}}"#, r#"{"guests":[]}"#, r#"{}"#, r#"{"guests":[{}],"x":1}"#, "[]"] {
            assert!(json_rows::<Guest>(json.as_bytes()).is_err(), "{json}");
        }
    }

    /// Proves: U11
    #[test]
    fn a_doubtful_row_is_refused_and_no_other_is_invented_or_lost() {
        let csv = "name;email;days\nAna;a@x.example;1\nBia, Lda\nCarla;c@x.example\nDora;d@x.example;;;\nEva;e@x.example;1;2\n";
        let read = csv_rows::<Guest>(csv.as_bytes(), None).unwrap();
        assert_eq!(read.lines.0, [2, 3, 4, 5, 6]);
        let told: Vec<String> =
            read.rows.into_iter().map(|row| row.map_or_else(|e| e.detail, |_| String::new())).collect();
        let header = "and the header has 3";
        assert_eq!(told, ["", &format!("is one cell, {header}"), "", "", &format!("has 4 cells, {header}")]);
        let csv = "Ana,a@x.example\nBia\nCarla,c@x.example\n";
        let second = csv_rows::<Guest>(csv.as_bytes(), None).unwrap().rows.remove(1);
        assert_eq!(second.unwrap_err().detail, "is one cell, and most rows have 2");
    }

    /// Excel leaves out the empty cells at the end of some rows.
    /// Proves: U11
    #[test]
    fn a_row_without_the_empty_cells_at_its_end_is_read_and_lacks_only_what_is_required() {
        let csv = "name;email;days\nAna;a@x.example;1\nBia\nCarla;c@x.example\n;d@x.example\n";
        assert_eq!(guests(csv)[1..], [guest("Bia", None), guest("Carla", Some("c@x.example")), Err("name".to_owned())]);
        let missing = guests("email;days;name\na@x.example;1;Ana\nb@x.example;2\n");
        assert_eq!(missing[1], Err("name".to_owned()), "a required cell is missing, not empty");
        let doubtful = guests("name;email\nAna;a@x.example\nBia,b@x.example\n");
        assert_eq!(doubtful[1], Err("row".to_owned()), "another separator");
    }

    /// Proves: U12
    #[test]
    fn a_content_type_is_read_with_its_charset() {
        let media = |value: &str| media(&HeaderMap::from_iter([(header::CONTENT_TYPE, value.parse().unwrap())]));
        assert_eq!(media("Text/CSV"), ("text/csv".to_owned(), None));
        assert_eq!(media("text/csv; header=present; Charset=\"UTF-8\"").1.as_deref(), Some("UTF-8"));
        assert_eq!(media("application/vnd.ms-excel").0, "application/vnd.ms-excel");
    }

    #[test]
    fn each_row_of_json_is_read_by_itself() {
        let json = br#"{"guests":[{"name":"Ana"},7,{"name":"Bia","admin":true},{"email":"x"}]}"#;
        let rows = json_rows::<Guest>(json).unwrap().into_iter().map(read::<Guest>);
        let fields: Vec<Option<String>> = rows.map(|row| row.err().map(|error| error.field)).collect();
        let field = |name: &str| Some(name.to_owned());
        assert_eq!(fields, [None, field("row"), field("admin"), field("email")]);
    }
}
