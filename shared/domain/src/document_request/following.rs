//! What a change of a document means for the requests that it is linked to.

use std::collections::BTreeSet;

use super::request::DocumentRequest;
use crate::{
    document::{Document, DocumentLink, DocumentState},
    event::NewEvent,
    id::DocumentRequestId,
    language::Reader,
    messages,
    text::Note,
};

/// The requests that a document is linked to, or was before a change.
#[must_use]
pub fn linked_requests(before: Option<&Document>, after: &Document) -> BTreeSet<DocumentRequestId> {
    let links = before.into_iter().chain([after]).flat_map(|document| &document.links);
    let requests = links.filter_map(|link| match link {
        DocumentLink::RequestItem { request, .. } => Some(request.clone()),
        DocumentLink::Transaction { .. } => None,
    });
    requests.collect()
}

/// Whether a document counts as handed over: its file arrived as it was declared.
const fn is_handed_over(state: DocumentState) -> bool {
    match state {
        DocumentState::Received | DocumentState::Clean => true,
        DocumentState::Declared
        | DocumentState::Refused
        | DocumentState::Infected
        | DocumentState::Unscannable
        | DocumentState::Deleted => false,
    }
}

/// Why a document that was handed over does not count any more. Nobody decided it, so the reason is in words of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
    /// Its file was refused.
    Refused,
    /// Its file has malware.
    Infected,
    /// Its file could not be scanned.
    Unscannable,
    /// It was deleted.
    Deleted,
    /// It was unlinked from the request.
    Unlinked,
}

messages! {
    refused {
        English: "The file is not what was declared, or of a kind that is not taken.",
        German: "Die Datei entspricht nicht den Angaben beim Hochladen, oder ihr Typ wird nicht angenommen.",
        French: "Le fichier ne correspond pas à ce qui a été déclaré, ou son type n’est pas accepté.",
        Dutch: "Het bestand is niet wat werd opgegeven, of het type wordt niet geaccepteerd.",
        Spanish: "El archivo no coincide con lo declarado o su tipo no se admite.",
    }
    infected {
        English: "The scan found malware in the file.",
        German: "Bei der Prüfung wurde Schadsoftware in der Datei gefunden.",
        French: "L’analyse a détecté un logiciel malveillant dans le fichier.",
        Dutch: "Bij de scan is malware in het bestand gevonden.",
        Spanish: "El análisis ha detectado software malicioso en el archivo.",
    }
    unscannable {
        English: "The file could not be scanned.",
        German: "Die Datei konnte nicht auf Schadsoftware geprüft werden.",
        French: "Le fichier n’a pas pu être analysé.",
        Dutch: "Het bestand kon niet worden gescand.",
        Spanish: "No se ha podido analizar el archivo.",
    }
    deleted {
        English: "The document was deleted.",
        German: "Das Dokument wurde gelöscht.",
        French: "Le document a été supprimé.",
        Dutch: "Het document is verwijderd.",
        Spanish: "El documento se ha eliminado.",
    }
    unlinked {
        English: "The document was unlinked from the request.",
        German: "Das Dokument wurde von der Anfrage getrennt.",
        French: "Le document a été détaché de la demande.",
        Dutch: "Het document is losgekoppeld van het verzoek.",
        Spanish: "El documento se ha desvinculado de la solicitud.",
    }
}

impl WhyNot {
    const ALL: [Self; 5] = [Self::Refused, Self::Infected, Self::Unscannable, Self::Deleted, Self::Unlinked];

    /// `None` while a new version is awaited: the item then waits for the review of the old one.
    const fn of(state: DocumentState) -> Option<Self> {
        match state {
            DocumentState::Refused => Some(Self::Refused),
            DocumentState::Infected => Some(Self::Infected),
            DocumentState::Unscannable => Some(Self::Unscannable),
            DocumentState::Deleted => Some(Self::Deleted),
            DocumentState::Received | DocumentState::Clean => Some(Self::Unlinked),
            DocumentState::Declared => None,
        }
    }

    /// A sentence, for the people who are asked.
    #[must_use]
    pub const fn in_words(self, reader: &Reader) -> &'static str {
        match self {
            Self::Refused => refused(reader),
            Self::Infected => infected(reader),
            Self::Unscannable => unscannable(reader),
            Self::Deleted => deleted(reader),
            Self::Unlinked => unlinked(reader),
        }
    }

    /// The reason with which an item is stored, in English.
    fn stored(self) -> Option<Note> {
        Note::try_from(self.in_words(&Reader::default()).to_owned()).ok()
    }

    /// The same from the reason with which an item is stored; `None` where a person wrote it.
    #[must_use]
    pub fn from_stored(reason: &Note) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.stored().as_ref() == Some(reason))
    }
}

impl DocumentRequest {
    /// The items of this request that a document is linked to and was handed over for.
    fn handed_over(&self, document: &Document) -> BTreeSet<u8> {
        if !is_handed_over(document.state()) {
            return BTreeSet::new();
        }
        let items = document.links.iter().filter_map(|link| match link {
            DocumentLink::RequestItem { request, item } if *request == self.id => Some(*item),
            DocumentLink::RequestItem { .. } | DocumentLink::Transaction { .. } => None,
        });
        items.collect()
    }

    /// The request after a change of a document: items that it was handed over for are fulfilled; items that wait for
    /// its review are sent back when its file is refused or it is deleted or unlinked. `None` if nothing changes.
    #[must_use]
    pub fn follow(&self, before: Option<&Document>, after: &Document) -> Option<(Self, Vec<NewEvent>)> {
        let was = before.map(|before| self.handed_over(before)).unwrap_or_default();
        let is = self.handed_over(after);
        let mut followed = self.clone();
        let mut events = Vec::new();
        let fulfilled = is.difference(&was).map(|item| (*item, None));
        let reason = WhyNot::of(after.state()).and_then(WhyNot::stored);
        let lost = was.difference(&is).filter_map(|item| Some((*item, Some(reason.clone()?))));
        for (item, reason) in fulfilled.chain(lost) {
            let step = match reason {
                None => followed.fulfilled(item, &after.id),
                Some(reason) => followed.document_refused(item, &after.id, reason),
            };
            if let Some((changed, event)) = step {
                // One change of the request, whatever the number of its items.
                followed = Self { version: self.version + 1, ..changed };
                events.push(event);
            }
        }
        (!events.is_empty()).then_some((followed, events))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            ItemStatus,
            examples::{id, made, owner},
        },
        *,
    };
    use crate::{
        EventType,
        document::{
            Arrival, Checksum, DocumentKind, FileDeclaration, FileType, RefusalReason, ScanVerdict, Uploader,
            VersionNumber, declare,
        },
        id::DocumentId,
        samples::{company, user},
        time::UtcTime,
    };

    const FIRST: VersionNumber = VersionNumber::FIRST;

    fn noon() -> UtcTime {
        "2026-11-02T12:00:00Z".parse().unwrap()
    }

    fn item(number: u8) -> DocumentLink {
        DocumentLink::RequestItem { request: id(1), item: number }
    }

    fn declared(links: &[DocumentLink]) -> Document {
        let file = FileDeclaration {
            name: "Statement.pdf".parse().unwrap(),
            size: 1_000.try_into().unwrap(),
            file_type: FileType::Pdf,
            sha256: Checksum::of([1; 32]),
            uploaded_by: Uploader::person(user("mia"), "Mia".parse().unwrap(), None),
            expires_at: noon(),
        };
        let document = DocumentId::from_uuid(uuid::Uuid::from_u128(7));
        let document = declare(document, &company(1), None, file, DocumentKind::Other, None, noon()).unwrap().document;
        Document { links: links.to_vec(), ..document }
    }

    fn arrived(document: &Document, inspected: Result<FileType, RefusalReason>) -> Document {
        let arrival = Arrival { object_version: "v".to_owned(), size: 1_000, sha256: None, at: noon() };
        document.arrived(FIRST, arrival, inspected, noon()).unwrap().0
    }

    fn scanned(document: &Document, verdict: ScanVerdict) -> Document {
        document.scanned(FIRST, "v", verdict, noon()).unwrap().0
    }

    fn request() -> DocumentRequest {
        made(owner(), "2026-11-10", None, noon())
    }

    fn statuses(request: &DocumentRequest) -> Vec<ItemStatus> {
        request.items.iter().map(|item| item.state.status()).collect()
    }

    use ItemStatus::{Fulfilled, Open, SentBack};

    #[test]
    fn an_item_is_fulfilled_by_the_file_that_arrives_and_not_by_its_declaration_or_its_scan() {
        let (request, waiting) = (request(), declared(&[item(2)]));
        assert_eq!(request.follow(None, &waiting), None, "it was declared");
        let received = arrived(&waiting, Ok(FileType::Pdf));
        let (fulfilled, events) = request.follow(Some(&waiting), &received).unwrap();
        assert_eq!((statuses(&fulfilled), events.len()), (vec![Open, Fulfilled, Open], 1));
        let clean = scanned(&received, ScanVerdict::Clean);
        assert_eq!(fulfilled.follow(Some(&received), &clean), None, "it is fulfilled already");
        let refused = arrived(&waiting, Err(RefusalReason::Encrypted));
        assert_eq!(request.follow(Some(&waiting), &refused), None, "nothing was handed over");
    }

    #[test]
    fn a_document_that_is_there_fulfils_the_items_that_it_is_linked_to_later_in_one_change() {
        let clean = scanned(&arrived(&declared(&[]), Ok(FileType::Pdf)), ScanVerdict::Clean);
        let linked = Document { links: vec![item(1), item(3), item(9)], ..clean.clone() };
        let (fulfilled, events) = request().follow(Some(&clean), &linked).unwrap();
        assert_eq!((statuses(&fulfilled), events.len(), fulfilled.version), (vec![Fulfilled, Open, Fulfilled], 2, 2));
        let (back, events) = fulfilled.follow(Some(&linked), &clean).unwrap();
        assert_eq!((statuses(&back), events.len()), (vec![SentBack, Open, SentBack], 2), "unlinked again");
        assert_eq!(linked_requests(Some(&linked), &clean), BTreeSet::from([id(1)]));
        assert_eq!(linked_requests(None, &clean), BTreeSet::new());
    }

    #[test]
    fn an_item_is_sent_back_when_the_scan_finds_something_unless_it_waits_for_another_document() {
        let received = arrived(&declared(&[item(1)]), Ok(FileType::Pdf));
        let infected = scanned(&received, ScanVerdict::Infected { threat: "EICAR".parse().unwrap() });
        let (fulfilled, _) = request().fulfilled(1, &received.id).unwrap();
        let (back, events) = fulfilled.follow(Some(&received), &infected).unwrap();
        assert_eq!(statuses(&back), [SentBack, Open, Open]);
        assert_eq!(events[0].kind(), EventType::DocumentRequestSentBack);
        assert_eq!(back.items[0].state.reason().unwrap().as_str(), "The scan found malware in the file.");
        let other = DocumentId::from_uuid(uuid::Uuid::from_u128(8));
        let (replaced, _) = fulfilled.fulfilled(1, &other).unwrap();
        assert_eq!(replaced.follow(Some(&received), &infected), None);
    }
    /// The people who are asked would otherwise be told in English why their document does not count.
    #[test]
    fn a_reason_of_ours_is_recognized_where_it_is_stored_and_a_persons_is_not() {
        for why in WhyNot::ALL {
            assert_eq!(WhyNot::from_stored(&why.stored().unwrap()), Some(why));
        }
        assert_eq!(WhyNot::from_stored(&"This is the one of September.".to_owned().try_into().unwrap()), None);
    }
}
