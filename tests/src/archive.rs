//! Archives of documents, read by a program that did not write them: Python's.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cast::{list, text};
use crate::people::unique;

/// What a program that knows nothing of us reads in an archive.
const READER: &str = "
import base64, hashlib, json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    bad = archive.testzip()
    files = [[entry.filename, base64.b64encode(hashlib.sha256(archive.read(entry)).digest()).decode()] for entry in archive.infolist()]
    print(json.dumps({'bad': bad, 'files': files, 'index': archive.read('index.csv').decode()}))
";

/// An archive, unpacked.
#[derive(Debug)]
#[non_exhaustive]
pub struct Archive {
    /// The SHA-256 of each file by its name, without the index.
    pub files: BTreeMap<String, String>,
    /// The rows of the index by the document.
    pub index: BTreeMap<String, BTreeMap<String, String>>,
}

impl Archive {
    /// Unpacks an archive with another program's eyes.
    ///
    /// # Panics
    /// If it is no archive, if one of its files has another checksum than it says, or if a name is there twice.
    #[must_use]
    pub fn unpack(archive: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("countersign-{}.zip", unique()));
        std::fs::write(&path, archive).expect("the archive can be kept");
        let read = std::process::Command::new("python3").arg("-c").arg(READER).arg(&path).output();
        std::fs::remove_file(&path).expect("the archive is there");
        let read = read.expect("there is a reader");
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        let read: Value = serde_json::from_slice(&read.stdout).expect("JSON");
        assert_eq!(read["bad"], Value::Null, "each file has its checksum");
        let entries = list(&read, "files");
        let files: BTreeMap<String, String> =
            entries.iter().map(|entry| (text(entry, "/0"), text(entry, "/1"))).collect();
        assert_eq!(files.len(), entries.len(), "no name is there twice: {entries:?}");
        let mut rows =
            csv::ReaderBuilder::new().has_headers(true).from_reader(read["index"].as_str().expect("text").as_bytes());
        let index = rows.deserialize::<BTreeMap<String, String>>().map(|row| row.expect("a row"));
        let index = index.map(|row| (row["document"].clone(), row)).collect();
        Self { files: files.into_iter().filter(|(name, _)| name != "index.csv").collect(), index }
    }

    /// The name of a document's file and why it is left out, as the index says.
    ///
    /// # Panics
    /// If the index does not name it.
    #[must_use]
    pub fn row(&self, document: &str) -> (&str, &str) {
        let row = &self.index[document];
        (&row["file"], &row["left_out"])
    }

    /// The SHA-256 of the file of a document, as it is in the archive.
    #[must_use]
    pub fn file(&self, document: &str) -> Option<&String> {
        let (name, _) = self.row(document);
        self.files.get(name.strip_prefix('\'').unwrap_or(name))
    }
}
