//! What the ending of a file's name promises, and whether the file keeps it.
//!
//! A clean file is downloaded under its name, and a computer opens it by the ending. So no name ends as a program
//! does, and a name that ends as one type of file does is no name for another. A name without an ending, or with one
//! that says nothing, fits every file: it is saved with the ending of its type. So the lists here need not be whole:
//! they say early what a person can mend.

use super::{file_name::FileName, file_type::FileType};

/// What a double click runs, or a browser renders as a page. Lower case.
const ACTIVE: &[&str] = &[
    "action",
    "apk",
    "app",
    "appinstaller",
    "application",
    "appref-ms",
    "appx",
    "bash",
    "bat",
    "chm",
    "class",
    "cmd",
    "com",
    "command",
    "cpl",
    "csh",
    "deb",
    "desktop",
    "diagcab",
    "dll",
    "dmg",
    "dqy",
    "exe",
    "gadget",
    "hta",
    "htm",
    "html",
    "img",
    "inf",
    "iqy",
    "iso",
    "jar",
    "jnlp",
    "job",
    "js",
    "jse",
    "library-ms",
    "lnk",
    "mht",
    "mhtml",
    "mjs",
    "msc",
    "msh",
    "msi",
    "msix",
    "msp",
    "mst",
    "oqy",
    "php",
    "pif",
    "pkg",
    "pl",
    "ps1",
    "psm1",
    "py",
    "pyw",
    "pyz",
    "rb",
    "reg",
    "rpm",
    "rqy",
    "scf",
    "scpt",
    "scr",
    "sct",
    "search-ms",
    "settingcontent-ms",
    "sh",
    "shb",
    "shs",
    "shtml",
    "slk",
    "svg",
    "svgz",
    "swf",
    "sylk",
    "terminal",
    "theme",
    "tool",
    "url",
    "vb",
    "vbe",
    "vbs",
    "vhd",
    "vhdx",
    "webloc",
    "workflow",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "xbap",
    "xht",
    "xhtml",
    "xll",
    "zsh",
];

/// Office files that may have macros. Lower case.
const MACRO: &[&str] = &["docm", "dotm", "pptm", "potm", "ppam", "ppsm", "xlam", "xlsb", "xlsm", "xltm"];

/// The endings of the types that are taken. Lower case.
const TAKEN: &[(&str, FileType)] = &[
    ("pdf", FileType::Pdf),
    ("jpg", FileType::Jpeg),
    ("jpeg", FileType::Jpeg),
    ("jpe", FileType::Jpeg),
    ("jfif", FileType::Jpeg),
    ("png", FileType::Png),
    ("heic", FileType::Heic),
    ("heif", FileType::Heic),
    ("avif", FileType::Avif),
    ("tif", FileType::Tiff),
    ("tiff", FileType::Tiff),
    ("docx", FileType::Docx),
    ("xlsx", FileType::Xlsx),
    ("csv", FileType::Csv),
    ("txt", FileType::Txt),
    ("xml", FileType::Xml),
    ("eml", FileType::Eml),
];

/// Why a name is none for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameEndingError {
    /// Computers run what is named like this, or show it as a page.
    #[error("ends as a program, a script or a web page does, whatever is in the file")]
    Active,
    /// Office opens what is named like this with its macros.
    #[error("ends as an Office file with macros does, whatever is in the file")]
    Macro,
    /// The ending is another type's.
    #[error("ends as a file of the type {of_name} does, but the file is of the type {of_file}")]
    OtherType {
        /// The type that the name says.
        of_name: FileType,
        /// The type that the file is, or is declared as.
        of_file: FileType,
    },
}

/// The ending of a name, in lower case.
fn ending(name: &str) -> Option<String> {
    // Windows drops dots and spaces at the end of a name.
    let (_, ending) = name.trim_end_matches(['.', ' ']).rsplit_once('.')?;
    Some(ending.to_ascii_lowercase())
}

/// Checks that a name does not make a computer run the file, whatever is in it.
///
/// # Errors
/// [`NameEndingError::Active`] and [`NameEndingError::Macro`].
pub fn check_ending(name: &str) -> Result<(), NameEndingError> {
    let Some(ending) = ending(name) else { return Ok(()) };
    if ACTIVE.contains(&ending.as_str()) {
        return Err(NameEndingError::Active);
    }
    if MACRO.contains(&ending.as_str()) { Err(NameEndingError::Macro) } else { Ok(()) }
}

/// The stem of a name and its ending with the dot: its own where that is one of the type's, else the usual one of the
/// type behind the whole name. Another one would open the file in another program, or run it.
pub(crate) fn stem_and_ending(name: &str, file_type: FileType) -> (&str, String) {
    let name = name.trim_end_matches(['.', ' ']);
    match name.rsplit_once('.') {
        Some((stem, ending)) if file_type.extensions().iter().any(|known| ending.eq_ignore_ascii_case(known)) => {
            (stem, format!(".{ending}"))
        }
        _ => (name, file_type.extensions().first().map(|known| format!(".{known}")).unwrap_or_default()),
    }
}

/// A stem and what follows it, the stem cut at a character so that the whole is no longer than a name may be.
pub(crate) fn joined(stem: &str, rest: &str) -> String {
    let room = FileName::MAX_BYTES.saturating_sub(rest.len());
    let cut = stem.floor_char_boundary(room.min(stem.len()));
    let stem = stem.get(..cut).unwrap_or_default().trim_end_matches(['.', ' ']);
    format!("{stem}{rest}")
}

impl FileName {
    /// The name with an ending of this type: its own, or the type's behind it. A file is saved under it.
    #[must_use]
    pub fn for_type(&self, file_type: FileType) -> Self {
        let (stem, ending) = stem_and_ending(self.as_str(), file_type);
        // Two parts of a name with an ending are a name.
        joined(stem, &ending).parse().unwrap_or_else(|_| self.clone())
    }

    /// Checks that the name can be that of a file of this type. Text is CSV or plain text by what its owner says, so
    /// either may be named as the other.
    ///
    /// # Errors
    /// [`NameEndingError`].
    pub fn check_fits(&self, file_type: FileType) -> Result<(), NameEndingError> {
        check_ending(self.as_str())?;
        let ending = ending(self.as_str());
        let of_name = TAKEN.iter().find(|(known, _)| ending.as_deref() == Some(*known)).map(|(_, of_name)| *of_name);
        match of_name {
            Some(of_name) if !of_name.covers(file_type) && !file_type.covers(of_name) => {
                Err(NameEndingError::OtherType { of_name, of_file: file_type })
            }
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fits(name: &str, file_type: FileType) -> Result<(), NameEndingError> {
        name.parse::<FileName>().unwrap().check_fits(file_type)
    }

    #[test]
    fn a_name_that_a_computer_would_run_fits_no_file() {
        for name in ["invoice.exe", "Invoice.pdf.EXE", "page.html", "drawing.Svg", "run.ps1", "add-in.xll", "a.js. ."] {
            for file_type in FileType::ALL {
                assert_eq!(fits(name, *file_type), Err(NameEndingError::Active), "{name} {file_type}");
            }
        }
        for name in ["sheet.xlsm", "letter.DOCM", "sheet.xlsb."] {
            assert_eq!(fits(name, FileType::Xlsx), Err(NameEndingError::Macro), "{name}");
        }
    }

    #[test]
    fn an_ending_of_another_type_is_refused_and_one_that_says_nothing_is_not() {
        for (name, file_type) in [
            ("Receipt.jpg", FileType::Jpeg),
            ("RECEIPT.JPEG", FileType::Jpeg),
            ("Receipt", FileType::Jpeg),
            ("Receipt No. 17", FileType::Pdf),
            ("contract.v2", FileType::Pdf),
            ("list.csv", FileType::Txt),
            ("list.txt", FileType::Csv),
            ("mail.eml", FileType::Txt),
            ("mail.txt", FileType::Eml),
            ("statement.sta", FileType::Txt),
            ("IMG_1.HEIF", FileType::Heic),
        ] {
            assert_eq!(fits(name, file_type), Ok(()), "{name} {file_type}");
        }
        for (name, of_name, of_file) in [
            ("Receipt.pdf", FileType::Pdf, FileType::Jpeg),
            ("Receipt.jpg.", FileType::Jpeg, FileType::Pdf),
            ("list.xlsx", FileType::Xlsx, FileType::Csv),
            ("invoice.xml", FileType::Xml, FileType::Txt),
            ("IMG_1.HEIC", FileType::Heic, FileType::Jpeg),
        ] {
            assert_eq!(fits(name, of_file), Err(NameEndingError::OtherType { of_name, of_file }), "{name}");
        }
    }

    #[test]
    fn a_file_is_saved_with_an_ending_of_its_type_and_no_other() {
        let long = "é".repeat(127);
        for (name, file_type, saved) in [
            ("Receipt.pdf", FileType::Pdf, "Receipt.pdf"),
            ("PHOTO.JPEG", FileType::Jpeg, "PHOTO.JPEG"),
            ("Receipt", FileType::Pdf, "Receipt.pdf"),
            ("Receipt No. 17", FileType::Pdf, "Receipt No. 17.pdf"),
            ("contract.v2. .", FileType::Pdf, "contract.v2.pdf"),
            ("rates.never-heard-of", FileType::Txt, "rates.never-heard-of.txt"),
            ("list.csv", FileType::Txt, "list.csv.txt"),
            (".pdf", FileType::Pdf, ".pdf"),
            (&long, FileType::Pdf, &format!("{}.pdf", "é".repeat(125))),
        ] {
            assert_eq!(name.parse::<FileName>().unwrap().for_type(file_type).as_str(), saved, "{name}");
        }
    }

    proptest! {
        /// The lists of endings are never whole: what they miss must not run either.
        #[test]
        fn whatever_a_file_is_called_it_is_saved_as_one_of_its_type(
            name in "\\PC{0,140}(\\.[a-zA-Z0-9]{1,5}){0,3}[. ]{0,2}", file_type in prop::sample::select(FileType::ALL)
        ) {
            if let Ok(name) = name.parse::<FileName>() {
                let saved = name.for_type(file_type);
                let ending = saved.as_str().rsplit_once('.').unwrap().1.to_lowercase();
                prop_assert!(file_type.extensions().contains(&ending.as_str()), "{}", saved.as_str());
                prop_assert_eq!(saved.for_type(file_type), saved);
            }
        }

        /// A person who renames their file could otherwise hand out a program that was scanned as a picture.
        #[test]
        fn no_spelling_of_an_active_ending_fits(
            stem in "[a-z ]{1,8}", at in 0..ACTIVE.len(), upper in any::<bool>(), after in "[. ]{0,3}"
        ) {
            let ending = if upper { ACTIVE[at].to_uppercase() } else { ACTIVE[at].to_owned() };
            prop_assert_eq!(fits(&format!("x{stem}.{ending}{after}"), FileType::Jpeg), Err(NameEndingError::Active));
        }
    }
}
