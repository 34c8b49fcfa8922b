//! A document at each point of its life, for tests.

use uuid::Uuid;

use super::{
    Arrival, Checksum, Declaration, Deletion, Document, DocumentKind, DocumentLink, DocumentUpdate, FileDeclaration,
    FileType, Hold, RefusalReason, ScanVerdict, Uploader, VersionNumber, declare,
};
use crate::{
    event::NewEvent,
    id::DocumentId,
    samples::{company, firm, user},
    time::UtcTime,
};

pub(crate) const NOW: UtcTime = UtcTime::EPOCH;
pub(crate) const FIRST: VersionNumber = VersionNumber::FIRST;

pub(crate) fn id() -> DocumentId {
    DocumentId::from_uuid(Uuid::from_u128(40))
}

/// A PDF of 1,000 bytes whose digest is this byte, uploaded by a bookkeeper of firm 2.
pub(crate) fn pdf(digest: u8) -> FileDeclaration {
    FileDeclaration {
        name: "Receipt 17.pdf".parse().unwrap(),
        size: 1_000.try_into().unwrap(),
        file_type: FileType::Pdf,
        sha256: Checksum::of([digest; 32]),
        uploaded_by: Uploader::person(user("bea"), "Bea Lima".parse().unwrap(), Some(firm(2))),
        expires_at: NOW.plus_s(300),
    }
}

pub(super) fn link(reference: &str) -> DocumentLink {
    DocumentLink::Transaction { reference: reference.parse().unwrap() }
}

pub(crate) fn declared() -> Declaration {
    declare(id(), &company(1), None, pdf(1), DocumentKind::Receipt, Some(link("T-17")), NOW).unwrap()
}

pub(crate) fn arrival(object_version: &str) -> Arrival {
    Arrival { object_version: object_version.to_owned(), size: 1_000, sha256: None, at: NOW }
}

pub(crate) fn deletion() -> Deletion {
    let by_name = "Bea Lima".parse().unwrap();
    Deletion { by: user("bea"), by_name, at: NOW, restorable_until: NOW.plus_s(86_400), purged_at: None }
}

pub(super) fn hold() -> Hold {
    let reason = "Tax audit of 2025".parse().unwrap();
    Hold { by: user("bea"), by_name: "Bea Lima".parse().unwrap(), at: NOW, reason }
}

/// A document whose only version is clean.
pub(crate) fn clean() -> Document {
    let (document, _) = declared().document.arrived(FIRST, arrival("a"), Ok(FileType::Pdf), NOW).unwrap();
    document.scanned(FIRST, "a", ScanVerdict::Clean, NOW).unwrap().0
}

/// One event of each type.
pub(crate) fn events() -> Vec<NewEvent> {
    let Declaration { document, event, .. } = declared();
    let mut events: Vec<NewEvent> = event.into_iter().collect();
    let refused = document.arrived(FIRST, arrival("a"), Err(RefusalReason::Macro), NOW).unwrap();
    let received = document.arrived(FIRST, arrival("a"), Ok(FileType::Pdf), NOW).unwrap();
    let infected = ScanVerdict::Infected { threat: "EICAR-Test-File".parse().unwrap() };
    let quarantined = received.0.scanned(FIRST, "a", infected, NOW).unwrap();
    let released = received.0.scanned(FIRST, "a", ScanVerdict::Clean, NOW).unwrap();
    let document = released.0.clone();
    for (_, reported) in [refused, received, quarantined, released] {
        events.extend(reported);
    }
    events.push(document.downloaded(&document.newest));
    let update = DocumentUpdate { name: Some("Receipt 18.pdf".parse().unwrap()), ..DocumentUpdate::default() };
    events.push(document.update(update).unwrap().unwrap().1);
    let (deleted, event) = document.delete(deletion()).unwrap().unwrap();
    events.extend([event, deleted.restore(NOW).unwrap().unwrap().1]);
    events.push(deleted.purge(NOW.plus_s(2 * 86_400)).unwrap().1);
    let (held, event) = document.hold(hold()).unwrap().unwrap();
    events.extend([event, held.lift_hold().unwrap().1]);
    events
}
