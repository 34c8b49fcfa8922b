use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{
    Checksum, DeclareError, Document, DocumentKind, DocumentState, DocumentUpdate, FileType, HoldError,
    NameEndingError, RefusalReason, RestoreError, ScanVerdict, StoredBytes, UnscannableReason, UpdateError,
    VersionNumber, declare,
    examples::{FIRST, NOW, arrival, clean, declared, deletion, hold, id, link, pdf},
};
use crate::{
    event::{EventType, NewEvent},
    id::Org,
    samples::{company, firm},
};

/// What S3 and the scanner may report about objects under one key.
#[derive(Debug, Clone, PartialEq)]
enum Report {
    Arrived(&'static str, Result<FileType, RefusalReason>),
    Scanned(&'static str, ScanVerdict),
}

fn apply(document: &Document, report: &Report) -> Option<(Document, Vec<NewEvent>)> {
    match report.clone() {
        Report::Arrived(object, inspected) => document.arrived(FIRST, arrival(object), inspected, NOW),
        Report::Scanned(object, verdict) => document.scanned(FIRST, object, verdict, NOW),
    }
}

fn after(reports: &[Report]) -> (Document, Vec<EventType>) {
    reports.iter().fold((declared().document, Vec::new()), |(document, mut events), report| {
        match apply(&document, report) {
            Some((changed, recorded)) => {
                assert_eq!(changed.version, document.version + 1);
                events.extend(recorded.iter().map(NewEvent::kind));
                (changed, events)
            }
            None => (document, events),
        }
    })
}

fn infected() -> ScanVerdict {
    ScanVerdict::Infected { threat: "EICAR-Test-File".parse().unwrap() }
}

fn unscannable() -> ScanVerdict {
    ScanVerdict::Unscannable { why: UnscannableReason::Unsupported }
}

fn any_report() -> impl Strategy<Value = Report> {
    let object = prop_oneof![Just("a"), Just("b"), Just("c")];
    let inspected = prop_oneof![
        6 => Just(Ok(FileType::Pdf)),
        1 => Just(Ok(FileType::Jpeg)),
        1 => Just(Err(RefusalReason::Macro)),
    ];
    let verdict = prop_oneof![6 => Just(ScanVerdict::Clean), 1 => Just(infected()), 2 => Just(unscannable())];
    prop_oneof![
        (object.clone(), inspected).prop_map(|(object, inspected)| Report::Arrived(object, inspected)),
        (object, verdict).prop_map(|(object, verdict)| Report::Scanned(object, verdict)),
    ]
}

fn passed(object: &'static str) -> Report {
    Report::Arrived(object, Ok(FileType::Pdf))
}

fn is_refusal(report: &Report) -> bool {
    matches!(report, Report::Arrived(_, inspected) if *inspected != Ok(FileType::Pdf))
}

fn is_infection(report: &Report) -> bool {
    matches!(report, Report::Scanned(_, ScanVerdict::Infected { .. }))
}

/// Whether one object passed the inspection and is clean.
fn one_object_is_clean(reports: &[Report]) -> bool {
    ["a", "b", "c"].iter().any(|object| {
        reports.contains(&Report::Arrived(object, Ok(FileType::Pdf)))
            && reports.contains(&Report::Scanned(object, ScanVerdict::Clean))
    })
}

proptest! {
    /// Proves: F18
    #[test]
    fn reports_lead_to_one_state_in_every_order_and_repetition(
        (once, shuffled) in prop::collection::vec(any_report(), 0..8).prop_flat_map(|reports| {
            let twice: Vec<Report> = reports.iter().chain(reports.iter()).cloned().collect();
            (Just(reports), Just(twice).prop_shuffle())
        })
    ) {
        let (first, _) = after(&once);
        let (second, _) = after(&shuffled);
        prop_assert_eq!(first.state(), second.state());
        let expected_clean =
            one_object_is_clean(&once) && !once.iter().any(|report| is_refusal(report) || is_infection(report));
        prop_assert_eq!(first.state() == DocumentState::Clean, expected_clean);
    }

    /// Proves: 17
    #[test]
    fn after_a_refusal_or_an_infection_nothing_can_be_downloaded(
        reports in prop::collection::vec(any_report(), 0..12)
    ) {
        let mut document = declared().document;
        let mut is_bad = false;
        for report in &reports {
            is_bad |= is_refusal(report) || is_infection(report);
            if let Some((changed, _)) = apply(&document, report) {
                document = changed;
            }
            prop_assert!(!is_bad || document.to_download(None).is_none(), "{:?}", document);
            prop_assert_eq!(document.to_download(None).is_some(), document.state() == DocumentState::Clean);
        }
    }

    #[test]
    fn each_step_is_recorded_once(reports in prop::collection::vec(any_report(), 0..12)) {
        let twice: Vec<Report> = reports.iter().flat_map(|report| [report.clone(), report.clone()]).collect();
        let (_, events) = after(&twice);
        for kind in [EventType::DocumentReceived, EventType::DocumentRefused, EventType::DocumentReleased] {
            prop_assert!(events.iter().filter(|event| **event == kind).count() <= 1, "{kind}: {events:?}");
        }
    }

    /// What is counted is the sum of all changes, so no sequence of them leaves the count wrong.
    #[test]
    fn the_changes_of_the_count_add_up_to_what_is_stored(reports in prop::collection::vec(any_report(), 0..8)) {
        let mut counted: BTreeMap<Org, i64> = BTreeMap::new();
        let mut count = |before: Option<&Document>, after: &Document| {
            for (org, bytes) in StoredBytes::change(before, after) {
                *counted.entry(org).or_default() += bytes;
            }
        };
        let mut document = declared().document;
        count(None, &document);
        for report in &reports {
            if let Some((changed, _)) = apply(&document, report) {
                count(Some(&document), &changed);
                document = changed;
            }
        }
        let bytes = if document.newest.refusal().is_some() { 0 } else { 1_000 };
        for org in [Org::Company(company(1)), Org::Firm(firm(2))] {
            prop_assert_eq!(counted.get(&org).copied().unwrap_or_default(), bytes);
        }
    }
}

#[test]
fn a_clean_verdict_on_another_object_releases_nothing() {
    let scanned = |object| Report::Scanned(object, ScanVerdict::Clean);
    assert_eq!(after(&[passed("a"), scanned("b")]).0.state(), DocumentState::Received);
    let (document, events) = after(&[scanned("b"), passed("a"), scanned("a")]);
    assert_eq!(document.to_download(None).map(|(_, object)| object), Some("a"));
    assert_eq!(events, [EventType::DocumentReceived, EventType::DocumentReleased]);
}

#[test]
fn a_scan_that_could_not_look_into_the_file_gives_way_to_one_that_could() {
    let (document, events) = after(&[passed("a"), Report::Scanned("a", unscannable())]);
    assert_eq!(document.state(), DocumentState::Unscannable);
    assert_eq!(events.last(), Some(&EventType::DocumentQuarantined));
    let (document, _) = after(&[
        passed("a"),
        Report::Scanned("a", unscannable()),
        Report::Scanned("a", ScanVerdict::Clean),
        Report::Scanned("a", unscannable()),
    ]);
    assert_eq!(document.state(), DocumentState::Clean);
}

#[test]
fn a_file_that_is_not_what_was_declared_is_refused_with_what_differs() {
    let document = declared().document;
    let refusal = |arrival, inspected| {
        let (changed, _) = document.arrived(FIRST, arrival, inspected, NOW).unwrap();
        changed.newest.refusal()
    };
    let arrived = || arrival("a");
    for (arrival, inspected, reason) in [
        (super::Arrival { size: 999, ..arrived() }, Ok(FileType::Pdf), RefusalReason::Size),
        (
            super::Arrival { sha256: Some(Checksum::of([2; 32])), ..arrived() },
            Ok(FileType::Pdf),
            RefusalReason::Checksum,
        ),
        (arrived(), Ok(FileType::Png), RefusalReason::TypeMismatch),
        (arrived(), Err(RefusalReason::TwoTypes), RefusalReason::TwoTypes),
    ] {
        assert_eq!(refusal(arrival, inspected), Some(reason));
    }
}

#[test]
fn a_report_about_a_version_that_nobody_declared_changes_nothing() {
    let second = VersionNumber::FIRST.next().unwrap();
    let document = declared().document;
    assert_eq!(document.arrived(second, arrival("a"), Ok(FileType::Pdf), NOW), None);
    assert_eq!(document.scanned(second, "a", ScanVerdict::Clean, NOW), None);
}

#[test]
fn the_same_bytes_are_the_same_document_until_they_are_refused_or_deleted() {
    let again = |known: Document| {
        let file = super::FileDeclaration { expires_at: NOW.plus_s(900), ..pdf(1) };
        let other = "doc_00000000000000000000000000000099".parse().unwrap();
        declare(other, &company(1), Some(known), file, DocumentKind::Other, None, NOW).unwrap()
    };
    let waiting = again(declared().document);
    assert!(waiting.is_awaited && waiting.document.id == id());
    assert_eq!(waiting.document.newest.expires_at, NOW.plus_s(900));
    let there = again(clean());
    assert!(!there.is_awaited && there.event.is_none());
    assert_eq!(there.document, clean());
    let refused = declared().document.arrived(FIRST, arrival("a"), Err(RefusalReason::Macro), NOW).unwrap().0;
    let deleted = clean().delete(deletion()).unwrap().unwrap().0;
    for gone in [refused, deleted] {
        assert!(again(gone.clone()).document.id != gone.id);
    }
}

#[test]
fn declaring_a_known_file_for_something_else_adds_the_link() {
    let declare_for = |reference| {
        declare(id(), &company(1), Some(clean()), pdf(1), DocumentKind::Other, Some(link(reference)), NOW).unwrap()
    };
    assert_eq!(declare_for("T-17").event, None);
    let linked = declare_for("T-18");
    assert_eq!(linked.document.links, [link("T-17"), link("T-18")]);
    assert_eq!(linked.event.map(|event| event.kind()), Some(EventType::DocumentUpdated));
}

#[test]
fn a_new_version_leaves_the_old_one_to_download_until_it_is_clean_itself() {
    let declared = clean().declare_version(pdf(2), NOW).unwrap();
    let second = VersionNumber::FIRST.next().unwrap();
    assert!(declared.is_awaited && declared.number == second);
    let number = |document: &Document| document.to_download(None).map(|(version, _)| version.number);
    assert_eq!(number(&declared.document), Some(FIRST));
    assert!(declared.document.to_download(Some(second)).is_none());
    let (arrived, _) = declared.document.arrived(second, arrival("b"), Ok(FileType::Pdf), NOW).unwrap();
    let (released, _) = arrived.scanned(second, "b", ScanVerdict::Clean, NOW).unwrap();
    assert_eq!(number(&released), Some(second));
    assert!(released.to_download(Some(FIRST)).is_some(), "the old ones stay");
}

#[test]
fn a_document_has_at_most_fifty_versions() {
    let mut document = clean();
    for digest in 2..=50 {
        document = document.declare_version(pdf(digest), NOW).unwrap().document;
    }
    assert_eq!(document.declare_version(pdf(51), NOW), Err(DeclareError::TooManyVersions));
    assert!(!document.declare_version(pdf(1), NOW).unwrap().is_awaited, "a known one is answered");
}

#[test]
fn a_deleted_document_is_not_downloaded_changed_or_counted_until_it_is_restored() {
    let (deleted, _) = clean().delete(deletion()).unwrap().unwrap();
    assert!(deleted.to_download(None).is_none() && deleted.state() == DocumentState::Deleted);
    let update = DocumentUpdate { kind: Some(DocumentKind::Tax), ..DocumentUpdate::default() };
    assert_eq!(deleted.update(update), Err(UpdateError::Deleted));
    assert_eq!(deleted.declare_version(pdf(2), NOW), Err(DeclareError::Deleted));
    assert_eq!(deleted.hold(hold()), Err(HoldError::Deleted));
    assert_eq!(deleted.delete(deletion()), Ok(None));
    assert_eq!(deleted.stored_bytes(), StoredBytes::default());
    assert_eq!(deleted.restore(NOW.plus_s(86_400)), Err(RestoreError::TooLate));
    let (restored, _) = deleted.restore(NOW.plus_s(86_399)).unwrap().unwrap();
    assert_eq!(restored.stored_bytes(), clean().stored_bytes());
    assert!(restored.to_download(None).is_some());
}

#[test]
fn a_hold_stops_the_deletion_until_it_is_lifted() {
    let (held, _) = clean().hold(hold()).unwrap().unwrap();
    assert_eq!(held.delete(deletion()), Err(HoldError::Held));
    assert_eq!(held.hold(hold()), Ok(None), "the first hold stays");
    let (lifted, _) = held.lift_hold().unwrap();
    assert!(lifted.delete(deletion()).unwrap().is_some());
    assert!(lifted.lift_hold().is_none());
}

#[test]
fn a_name_must_fit_the_file_when_it_is_declared_and_when_it_is_changed() {
    let named = |name: &str| super::FileDeclaration { name: name.parse().unwrap(), ..pdf(2) };
    let declare = |name| declare(id(), &company(1), None, named(name), DocumentKind::Other, None, NOW);
    let misfit = NameEndingError::OtherType { of_name: FileType::Jpeg, of_file: FileType::Pdf };
    assert_eq!(declare("Receipt.exe"), Err(DeclareError::Name(NameEndingError::Active)));
    assert_eq!(clean().declare_version(named("Receipt.jpg"), NOW), Err(DeclareError::Name(misfit)));
    assert!(declare("Receipt").is_ok());
    let rename = |document: &Document, name: &str| {
        document.update(DocumentUpdate { name: Some(name.parse().unwrap()), ..DocumentUpdate::default() })
    };
    assert_eq!(rename(&clean(), "Receipt.html"), Err(UpdateError::Name(NameEndingError::Active)));
    assert_eq!(rename(&clean(), "Receipt.jpg"), Err(UpdateError::Name(misfit)));
    assert!(rename(&clean(), "Receipt").unwrap().is_some());
    // A name from before this rule does not stop other changes.
    let old = Document { name: "Receipt.jpg".parse().unwrap(), ..clean() };
    let update = DocumentUpdate { name: Some(old.name.clone()), kind: Some(DocumentKind::Tax), ..Default::default() };
    assert!(old.update(update).unwrap().is_some());
    assert_eq!(old.name_of(&old.newest), old.newest.name, "it is downloaded under the name that fits");
    assert_eq!(clean().name_of(&clean().newest), clean().name);
}

/// A file that no longer belongs to anything would be kept for ever.
#[test]
fn a_version_knows_every_object_that_a_report_named() {
    let (document, _) =
        after(&[passed("a"), passed("b"), Report::Scanned("c", ScanVerdict::Clean), Report::Scanned("d", infected())]);
    assert_eq!(document.newest.objects().into_iter().collect::<Vec<_>>(), ["a", "b", "d"]);
    let (document, _) = after(&[Report::Scanned("c", ScanVerdict::Clean), Report::Scanned("b", ScanVerdict::Clean)]);
    assert_eq!(document.newest.objects().into_iter().collect::<Vec<_>>(), ["b", "c"]);
}

#[test]
fn a_change_that_changes_nothing_records_nothing() {
    let update = DocumentUpdate { link: vec![link("T-17")], unlink: vec![link("T-99")], ..DocumentUpdate::default() };
    assert_eq!(clean().update(update), Ok(None));
    let links = (0..20).map(|n| link(&format!("X-{n}"))).collect();
    let update = DocumentUpdate { link: links, ..DocumentUpdate::default() };
    assert_eq!(clean().update(update), Err(UpdateError::TooManyLinks));
}
