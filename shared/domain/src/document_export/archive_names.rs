//! The names of files in an archive: each safe on every system, and none twice.

use std::collections::{HashMap, HashSet};

use crate::document::{FileName, FileType, joined, stem_and_ending};

/// The name of the index in each archive. No document has it.
pub const INDEX_NAME: &str = "index.csv";

/// Names that Windows takes for devices, whatever follows behind a dot. Those of ports end in a digit from 0 to 9.
const DEVICES: [&str; 7] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];
const PORTS: [&str; 2] = ["COM", "LPT"];

/// The names that an archive has so far.
///
/// A name is compared without regard to case, as Windows and macOS do when they unpack it.
#[derive(Debug, Clone)]
pub struct ArchiveNames {
    taken: HashSet<String>,
    /// The number to try next for a name that was asked for before, so that many files of one name take no longer.
    next: HashMap<String, u32>,
}

impl Default for ArchiveNames {
    fn default() -> Self {
        Self { taken: HashSet::from([INDEX_NAME.to_owned()]), next: HashMap::new() }
    }
}

impl ArchiveNames {
    /// A name for the next file: that of its document, safe and with the ending of its type, and with a number
    /// (`name (2).pdf`) if another file has it. At most [`FileName::MAX_BYTES`].
    #[must_use]
    pub fn name(&mut self, name: &FileName, file_type: FileType) -> String {
        let (stem, ending) = safe(name.as_str(), file_type);
        let first = joined(&stem, &ending);
        let wanted = first.to_lowercase();
        if self.taken.insert(wanted.clone()) {
            return first;
        }
        let mut number = self.next.get(&wanted).copied().unwrap_or(2);
        loop {
            let numbered = joined(&stem, &format!(" ({number}){ending}"));
            number = number.saturating_add(1);
            // An archive has far fewer files than there are numbers.
            if self.taken.insert(numbered.to_lowercase()) || number == u32::MAX {
                self.next.insert(wanted, number);
                return numbered;
            }
        }
    }
}

/// A name that no system misunderstands, as its stem and its ending with the dot.
fn safe(name: &str, file_type: FileType) -> (String, String) {
    let plain: String = name.chars().map(|c| if is_safe(c) { c } else { '_' }).collect();
    // Windows drops dots and spaces at the end; a dot at the beginning hides a file.
    let plain = plain.trim().trim_end_matches(['.', ' ']);
    let plain = match plain.strip_prefix('.') {
        Some(rest) => format!("_{rest}"),
        None => plain.to_owned(),
    };
    let (stem, ending) = stem_and_ending(&plain, file_type);
    let stem = stem.trim_end_matches(['.', ' ']);
    let stem = if stem.is_empty() || is_device(stem) { format!("_{stem}") } else { stem.to_owned() };
    (stem, ending)
}

/// A file name has no path separator and no control character; Windows takes a few more for its own.
fn is_safe(c: char) -> bool {
    !matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '/' | '\\') && !c.is_control()
}

fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let is_port = |port: &str| {
        let number = first.strip_prefix(port).and_then(|number| {
            let mut digits = number.chars();
            digits.next().filter(|_| digits.next().is_none())
        });
        number.is_some_and(|digit| digit.is_ascii_digit() || matches!(digit, '¹' | '²' | '³'))
    };
    DEVICES.contains(&first.as_str()) || PORTS.iter().any(|port| is_port(port))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(names: &[&str], file_type: FileType) -> Vec<String> {
        let mut taken = ArchiveNames::default();
        names.iter().map(|name| taken.name(&name.parse().unwrap(), file_type)).collect()
    }

    #[test]
    fn a_name_that_is_there_already_gets_a_number_also_in_other_case() {
        let names = ["a.pdf", "A.PDF", "a.pdf", "a (2).pdf", "a.pdf"];
        assert_eq!(named(&names, FileType::Pdf), ["a.pdf", "A (2).PDF", "a (3).pdf", "a (2) (2).pdf", "a (4).pdf"]);
        assert_eq!(named(&["index.csv", "Index.csv"], FileType::Csv), ["index (2).csv", "Index (3).csv"]);
    }

    #[test]
    fn no_name_is_a_device_hides_a_file_or_is_of_another_type() {
        for (name, safe) in [
            ("con.pdf", "_con.pdf"),
            ("COM1", "_COM1.pdf"),
            ("lpt¹.x.pdf", "_lpt¹.x.pdf"),
            ("NUL .pdf", "_NUL.pdf"),
            ("console.pdf", "console.pdf"),
            (".htaccess", "_htaccess.pdf"),
            ("a: <b>?.pdf", "a_ _b__.pdf"),
            ("invoice.pdf.exe", "invoice.pdf.exe.pdf"),
            ("invoice.pdf. .", "invoice.pdf"),
            ("Rechnung №5.PDF", "Rechnung №5.PDF"),
            ("receipt", "receipt.pdf"),
        ] {
            assert_eq!(named(&[name], FileType::Pdf), [safe], "{name}");
        }
        assert_eq!(named(&["photo.jpeg", "photo.png"], FileType::Jpeg), ["photo.jpeg", "photo.png.jpg"]);
    }

    #[test]
    fn a_long_name_keeps_its_ending_and_gets_its_number() {
        let long = format!("{}.pdf", "é".repeat(125));
        let [one, two] = named(&[&long, &long], FileType::Pdf).try_into().unwrap();
        assert_eq!((one.len(), one), (254, long));
        assert!(two.len() <= 255 && two.ends_with("é (2).pdf"), "{two}");
    }

    #[test]
    fn a_thousand_files_of_one_name_are_a_thousand_names() {
        let names = named(&["receipt.pdf"; 1_000], FileType::Pdf);
        assert_eq!(names.last().map(String::as_str), Some("receipt (1000).pdf"));
    }

    proptest! {
        /// Proves: D1
        #[test]
        fn names_are_safe_and_unique_whatever_documents_are_called(
            names in prop::collection::vec("(con|a|A|aux|com1|index|é{60}|\\PC{0,80}){1,3}(\\.| |:|\\?| \\(2\\)|\\.pdf|\\.csv){0,3}", 1..40),
            file_type in prop::sample::select(FileType::ALL),
        ) {
            let mut taken = ArchiveNames::default();
            let mut seen = HashSet::from([INDEX_NAME.to_owned()]);
            for name in names.iter().filter_map(|name| name.parse::<FileName>().ok()) {
                let safe = taken.name(&name, file_type);
                prop_assert!(safe.len() <= 255 && !safe.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|']), "{safe}");
                prop_assert!(!safe.chars().any(crate::text::is_forbidden), "{safe}");
                prop_assert!(!safe.starts_with(['.', ' ']) && !safe.ends_with(['.', ' ']), "{safe}");
                prop_assert!(!is_device(&safe), "{safe}");
                let ending = safe.rsplit_once('.').unwrap().1.to_lowercase();
                prop_assert!(file_type.extensions().contains(&ending.as_str()), "{safe}");
                prop_assert!(seen.insert(safe.to_lowercase()), "{safe} twice");
            }
        }
    }
}
