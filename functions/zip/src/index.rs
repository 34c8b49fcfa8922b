//! The index of an archive: every document that was asked for, and its file or why it has none.

use api::{Cell, Csv};
use domain::{
    document::DocumentLink,
    document_export::{ArchivePlan, ArchivedFile, PlannedContent, PlannedDocument},
};

/// The columns, in their order.
const COLUMNS: [&str; 13] = [
    "file",
    "left_out",
    "document",
    "name",
    "kind",
    "links",
    "declared_at",
    "version",
    "file_type",
    "size_bytes",
    "sha256",
    "uploaded_by",
    "uploaded_by_name",
];
/// Why a clean file is left out: the bucket did not give it out.
const UNREADABLE: &str = "unreadable";

/// The index, by the checksums of the files of the plan, of which those that could not be read have none.
pub(crate) fn index(plan: &ArchivePlan, checksums: &[Option<u32>]) -> String {
    let mut csv = Csv::new(&COLUMNS);
    let mut checksums = checksums.iter();
    for document in &plan.documents {
        match &document.content {
            PlannedContent::File(file) => match checksums.next() {
                Some(Some(_)) => row(&mut csv, document, Some(file), None),
                Some(None) | None => row(&mut csv, document, Some(file), Some(UNREADABLE)),
            },
            PlannedContent::LeftOut { state } => row(&mut csv, document, None, Some(state.as_str())),
        }
    }
    csv.as_str().to_owned()
}

fn row(csv: &mut Csv, document: &PlannedDocument, file: Option<&ArchivedFile>, left_out: Option<&str>) {
    let links: Vec<String> = document.links.iter().map(DocumentLink::to_string).collect();
    let (id, declared_at) = (document.id.to_string(), document.created_at.to_string());
    let links = links.join(" ");
    let version = file.map(|file| i64::from(file.number.get()));
    let size = file.and_then(|file| i64::try_from(file.size.bytes()).ok());
    let sha256 = file.map(|file| file.sha256.hex());
    let uploader = file.map(|file| &file.uploaded_by);
    let by = uploader.and_then(|by| by.user.as_ref().map(ToString::to_string).or_else(|| by.machine.clone()));
    csv.row(&[
        Cell::from(file.filter(|_| left_out.is_none()).map(|file| file.name.as_str())),
        Cell::from(left_out),
        Cell::from(&id),
        Cell::from(document.name.as_str()),
        Cell::from(document.kind.as_str()),
        Cell::from(&links),
        Cell::from(&declared_at),
        Cell::from(version),
        Cell::from(file.map(|file| file.file_type.media_type())),
        Cell::from(size),
        Cell::from(sha256.as_ref()),
        Cell::from(by.as_ref()),
        Cell::from(uploader.and_then(|by| by.name.as_ref()).map(|name| name.as_str())),
    ]);
}

#[cfg(test)]
pub(crate) mod tests {
    use domain::{
        UtcTime,
        document::{
            Arrival, Checksum, DocumentKind, FileDeclaration, FileType, ScanVerdict, Uploader, VersionNumber, declare,
        },
        document_export::ArchivePlanning,
    };

    use super::*;

    /// A plan with these documents; those of even number are clean.
    pub(crate) fn plan(names: &[&str], size: u64) -> ArchivePlan {
        let mut planning = ArchivePlanning::default();
        for (n, name) in names.iter().enumerate() {
            let now = UtcTime::EPOCH;
            let file = FileDeclaration {
                name: name.parse().unwrap(),
                size: size.try_into().unwrap(),
                file_type: FileType::Txt,
                sha256: Checksum::of([7; 32]),
                uploaded_by: Uploader::person("bea".parse().unwrap(), "=Bea".parse().unwrap(), None),
                expires_at: now,
            };
            let company = "co_00000000000000000000000000000001".parse().unwrap();
            let id = format!("doc_{n:032x}").parse().unwrap();
            let link = Some("transaction:T-1".parse().unwrap());
            let mut document = declare(id, &company, None, file, DocumentKind::Other, link, now).unwrap().document;
            if n % 2 == 0 {
                let arrival = Arrival { object_version: "v".to_owned(), size, sha256: None, at: now };
                document = document.arrived(VersionNumber::FIRST, arrival, Ok(FileType::Txt), now).unwrap().0;
                document = document.scanned(VersionNumber::FIRST, "v", ScanVerdict::Clean, now).unwrap().0;
            }
            planning.add(&document);
        }
        planning.finish().unwrap()
    }

    #[test]
    fn the_index_has_a_row_for_each_document_and_says_why_a_file_is_not_there() {
        let index = index(&plan(&["=1+1.txt", "b.txt", "c.txt"], 10), &[Some(1), None]);
        let mut reader = csv::ReaderBuilder::new().from_reader(index.as_bytes());
        let rows: Vec<Vec<String>> = reader.deserialize().collect::<Result<_, _>>().unwrap();
        let cells = |n: usize| rows[n].iter().map(String::as_str).collect::<Vec<_>>();
        let sha256 = "07".repeat(32);
        assert_eq!(
            cells(0),
            [
                "'=1+1.txt",
                "",
                "doc_00000000000000000000000000000000",
                "'=1+1.txt",
                "other",
                "transaction:T-1",
                "1970-01-01T00:00:00.000Z",
                "1",
                "text/plain",
                "10",
                &sha256,
                "bea",
                "'=Bea",
            ]
        );
        assert_eq!((cells(1)[0], cells(1)[1], cells(1)[7]), ("", "declared", ""));
        assert_eq!((cells(2)[0], cells(2)[1], cells(2)[7]), ("", "unreadable", "1"));
    }
}
