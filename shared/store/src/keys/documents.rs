//! Keys of documents, of the copies that lists read, and of the counts of stored bytes.
//!
//! A document that is there has one copy by date, under which the indexes find it by kind and by uploader, and one
//! copy for each thing that it belongs to. The document itself is found by state and by name. All are written in one
//! transaction; see [`crate::Change::put_document`]. A deleted one is found by the time at which its files are removed.

use domain::{
    CompanyId, DocumentId, EventId, FirmId, Org, UserId, UtcTime,
    document::{
        Checksum, Document, DocumentDownload, DocumentKind, DocumentLink, DocumentState, FileSize, ListedDocument,
        UsedStorage,
    },
};
use serde::{Deserialize, Serialize};

use super::{
    key::Key,
    parts::{Beginning, SortName, key_parts, key_words, shard, shards},
    template::{Gsi1, Gsi2, Item, Partition},
    tenant::{COMPANY, Tenant, org_pk},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(DocumentId, DocumentLink, FileSize);
key_words!(DocumentKind, DocumentState);

const DOCUMENT: Item<Document, Org, DocumentId> = Item::new("DOCUMENT");
const DOCUMENT_BY_STATE: Gsi1<Document, Org, (DocumentState, DocumentId)> = Gsi1::new("DOCUMENT");
/// A partition of its own: every document of a company by name.
const NAMES: Partition<Document, CompanyId> = Partition::new("DOCUMENTS");
const DOCUMENT_BY_NAME: Gsi2<Document, Document, (SortName, DocumentId)> = Gsi2::without_kind();
const PURGES: Partition<Document, u8> = Partition::new("DUE#document-purges");
const DUE_PURGE: Gsi2<Document, Document, UtcTime> = Gsi2::without_kind();
const LISTED: Item<ListedDocument, Org, DocumentId> = Item::new("LISTEDDOCUMENT");
const LISTED_BY_KIND: Gsi1<ListedDocument, Org, (DocumentKind, DocumentId)> = Gsi1::new("DOCUMENTKIND");
const UPLOADS: Partition<ListedDocument, (CompanyId, UserId)> = Partition::new("UPLOADS");
const LISTED_BY_UPLOADER: Gsi2<ListedDocument, ListedDocument, DocumentId> = Gsi2::new("DOCUMENT");
const LINKED: Item<LinkedDocument, Org, (DocumentLink, DocumentId)> = Item::new("DOCUMENTLINK");
const FILE: Item<DocumentOfFile, Org, (FileSize, str)> = Item::new("DOCUMENTFILE");
const DOWNLOAD: Item<DocumentDownload, Org, (DocumentId, EventId)> = Item::new("DOCUMENTDOWNLOAD");
const STORAGE: Item<UsedStorage, Org, ()> = Item::new("STORAGE");
/// What every document's id begins with.
const ID_PREFIX: &str = "doc_";

/// What lists show of a document, among those that belong to one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LinkedDocument(pub ListedDocument);

/// Which document of a company has a file: the newest that was declared with these bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentOfFile {
    /// The document.
    pub document: DocumentId,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// The deleted documents whose files are to be removed until a time: one list for each shard.
pub(crate) fn due_purges(until: UtcTime) -> impl Iterator<Item = Listing<Document>> {
    shards().map(move |shard| {
        let documents = DUE_PURGE.list(PURGES.pk(&shard), ());
        documents.between(DUE_PURGE.sk(&UtcTime::EPOCH), DUE_PURGE.sk(&until))
    })
}

/// The count of stored bytes of a company, or of the people of a firm.
pub(crate) fn storage(org: &Org) -> Key<UsedStorage> {
    STORAGE.key(org_pk(org), ())
}

impl Tenant {
    /// A document.
    #[must_use]
    pub fn document(&self, id: &DocumentId) -> Key<Document> {
        DOCUMENT.key(self.pk(), id)
    }

    /// The copy of a document that lists show.
    pub(crate) fn listed_document(&self, id: &DocumentId) -> Key<ListedDocument> {
        LISTED.key(self.pk(), id)
    }

    /// The copy of a document among those that belong to one thing.
    pub(crate) fn linked_document(&self, link: &DocumentLink, id: &DocumentId) -> Key<LinkedDocument> {
        LINKED.key(self.pk(), (link, id))
    }

    /// The documents that are there, the newest first.
    #[must_use]
    pub fn documents(&self) -> Listing<ListedDocument> {
        LISTED.list(self.pk(), ()).newest_first()
    }

    /// The documents of one kind, the newest first.
    #[must_use]
    pub fn documents_of_kind(&self, kind: DocumentKind) -> Listing<ListedDocument> {
        LISTED_BY_KIND.list(self.pk(), &kind).newest_first()
    }

    /// The documents in one state that were declared from `from` on and before `before`, the newest first; also the
    /// deleted ones.
    #[must_use]
    pub fn documents_in(
        &self,
        state: DocumentState,
        from: Option<UtcTime>,
        before: Option<UtcTime>,
    ) -> Listing<Document> {
        DOCUMENT_BY_STATE.list(self.pk(), &state).drawn(ID_PREFIX, from, before).newest_first()
    }

    /// The documents whose newest version a person uploads, the newest first.
    #[must_use]
    pub fn documents_of_uploader(&self, company: &CompanyId, user: &UserId) -> Listing<ListedDocument> {
        LISTED_BY_UPLOADER.list(UPLOADS.pk((company, user)), ()).newest_first()
    }

    /// The documents that belong to something, the newest first.
    #[must_use]
    pub fn documents_linked_to(&self, link: &DocumentLink) -> Listing<LinkedDocument> {
        LINKED.list(self.pk(), link).newest_first()
    }

    /// The documents whose name begins so in whatever case, by name.
    #[must_use]
    pub fn documents_named(&self, company: &CompanyId, beginning: &str) -> Listing<Document> {
        DOCUMENT_BY_NAME.list(NAMES.pk(company), Beginning(beginning))
    }

    /// Which document has a file.
    #[must_use]
    pub fn document_of_file(&self, size: FileSize, sha256: &Checksum) -> Key<DocumentOfFile> {
        FILE.key(self.pk(), (&size, sha256.hex().as_str()))
    }

    /// That someone was given a link to a document.
    #[must_use]
    pub fn document_download(&self, document: &DocumentId, event: &EventId) -> Key<DocumentDownload> {
        DOWNLOAD.key(self.pk(), (document, event))
    }

    /// Who was given a link to a document, the last first.
    #[must_use]
    pub fn document_downloads(&self, document: &DocumentId) -> Listing<DocumentDownload> {
        DOWNLOAD.list(self.pk(), document).newest_first()
    }

    /// How many bytes the people of a firm store, in all companies together. Whose tenant asks makes no difference:
    /// the count says nothing about a company.
    #[must_use]
    pub fn used_storage_of_firm(&self, firm: &FirmId) -> Key<UsedStorage> {
        storage(&Org::Firm(firm.clone()))
    }

    /// How many bytes the tenant stores.
    #[must_use]
    pub fn used_storage(&self) -> Key<UsedStorage> {
        storage(self.org())
    }
}

/// A list of documents whose last part of the sort key is the document's id.
macro_rules! declared_between {
    ($($entity:ty),*) => {$(
        impl Listing<$entity> {
            /// Keeps to documents that were declared from `from` on and before `before`.
            #[must_use]
            pub fn declared(self, from: Option<UtcTime>, before: Option<UtcTime>) -> Self {
                self.drawn(ID_PREFIX, from, before)
            }
        }
    )*};
}

declared_between!(ListedDocument, LinkedDocument);

impl Entity for Document {
    const ENTITY: &'static str = "document";

    fn indexes(&self) -> Indexes {
        let by_state = DOCUMENT_BY_STATE.entry(COMPANY.pk(&self.company), (&self.state(), &self.id));
        let by_name = (&SortName::of(self.name.as_str()), &self.id);
        let by_name = DOCUMENT_BY_NAME.entry(NAMES.pk(&self.company), by_name);
        let purge = self.purge_at().map(|at| DUE_PURGE.entry(PURGES.pk(&shard(self.id.as_str())), &at));
        Indexes::from(by_state).and(self.deleted.is_none().then_some(by_name)).and(purge)
    }
}

impl Entity for ListedDocument {
    const ENTITY: &'static str = "listed_document";

    fn indexes(&self) -> Indexes {
        let by_kind = LISTED_BY_KIND.entry(COMPANY.pk(&self.company), (&self.kind, &self.id));
        let by_uploader = self
            .uploaded_by
            .user
            .as_ref()
            .map(|user| LISTED_BY_UPLOADER.entry(UPLOADS.pk((&self.company, user)), &self.id));
        Indexes::from(by_kind).and(by_uploader)
    }
}

impl Entity for LinkedDocument {
    const ENTITY: &'static str = "linked_document";
}

impl Entity for DocumentOfFile {
    const ENTITY: &'static str = "document_of_file";
}

impl Entity for DocumentDownload {
    const ENTITY: &'static str = "document_download";
}

impl Entity for UsedStorage {
    const ENTITY: &'static str = "used_storage";
}

#[cfg(test)]
pub(crate) mod tests {
    use domain::document::{DocumentVersion, FileDeclaration, FileType, Uploader, declare};

    use super::*;
    use crate::item::IndexEntry;

    /// A receipt of company 1, uploaded by `bea` for firm 2 and linked to these transactions.
    pub(crate) fn receipt(references: &[&str]) -> Document {
        let company = "co_00000000000000000000000000000001".parse().unwrap();
        let file = FileDeclaration {
            name: "Recibo Ünico.pdf".parse().unwrap(),
            size: 1_000.try_into().unwrap(),
            file_type: FileType::Pdf,
            sha256: Checksum::of([1; 32]),
            uploaded_by: Uploader::person(
                "bea".parse().unwrap(),
                "Bea Lima".parse().unwrap(),
                Some("fm_00000000000000000000000000000002".parse().unwrap()),
            ),
            expires_at: UtcTime::EPOCH,
        };
        let id = "doc_00000000000000000000000000000003".parse().unwrap();
        let declared = declare(id, &company, None, file, DocumentKind::Receipt, None, UtcTime::EPOCH).unwrap();
        let link = |reference: &&str| DocumentLink::Transaction { reference: reference.parse().unwrap() };
        Document { links: references.iter().map(link).collect(), ..declared.document }
    }

    fn finds<T>(listing: &Listing<T>, entry: &IndexEntry) -> bool {
        let in_range = |(least, greatest): &(String, String)| (least..=greatest).contains(&&entry.sk);
        listing.source == entry.source
            && listing.pk == entry.pk
            && entry.sk.starts_with(&listing.prefix)
            && listing.range.as_ref().is_none_or(in_range)
    }

    #[test]
    fn a_document_is_found_by_state_name_kind_and_uploader_alone() {
        let document = receipt(&[]);
        let tenant = Tenant::new(Org::Company(document.company.clone()));
        let entries = document.indexes().entries;
        let [by_state, by_name] = &entries[..] else { panic!("{entries:?}") };
        assert!(finds(&tenant.documents_in(DocumentState::Declared, None, None), by_state));
        assert!(!finds(&tenant.documents_in(DocumentState::Clean, None, None), by_state));
        for beginning in ["", "recibo ü", "RECIBO"] {
            assert!(finds(&tenant.documents_named(&document.company, beginning), by_name), "{beginning}");
        }
        assert!(!finds(&tenant.documents_named(&document.company, "unico"), by_name));
        let entries = document.listed().indexes().entries;
        let [by_kind, by_uploader] = &entries[..] else { panic!("{entries:?}") };
        assert!(finds(&tenant.documents_of_kind(DocumentKind::Receipt), by_kind));
        assert!(!finds(&tenant.documents_of_kind(DocumentKind::Tax), by_kind));
        let of = |user: &str| tenant.documents_of_uploader(&document.company, &user.parse().unwrap());
        assert!(finds(&of("bea"), by_uploader) && !finds(&of("be"), by_uploader));
    }

    #[test]
    fn a_deleted_document_is_found_by_its_state_and_until_they_are_gone_by_when_its_files_go() {
        let deletion = domain::document::Deletion {
            by: "bea".parse().unwrap(),
            by_name: "Bea Lima".parse().unwrap(),
            at: UtcTime::EPOCH,
            restorable_until: UtcTime::EPOCH,
            purged_at: None,
        };
        let (deleted, _) = receipt(&[]).delete(deletion).unwrap().unwrap();
        let tenant = Tenant::new(Org::Company(deleted.company.clone()));
        let entries = deleted.indexes().entries;
        let [by_state, purge] = &entries[..] else { panic!("{entries:?}") };
        assert!(finds(&tenant.documents_in(DocumentState::Deleted, None, None), by_state));
        let at = deleted.purge_at().unwrap();
        let due = |until| due_purges(until).any(|listing| finds(&listing, purge));
        assert!(due(at) && !due(at.plus_s(-1)), "{purge:?}");
        let (purged, _) = deleted.purge(at).unwrap();
        assert_eq!(purged.indexes().entries.len(), 1, "by its state");
    }

    #[test]
    fn a_range_of_time_holds_the_documents_whose_ids_were_drawn_in_it() {
        let tenant = Tenant::new(Org::Company("co_00000000000000000000000000000001".parse().unwrap()));
        let at = |unix_ms: i64| UtcTime::from_unix_ms(unix_ms);
        let key = |unix_ms: i64| {
            let id = format!("doc_{unix_ms:012x}70008000000000000000").parse().unwrap();
            tenant.listed_document(&id).raw
        };
        let listing = tenant.documents().declared(Some(at(2_000)), Some(at(3_000)));
        let (least, greatest) = listing.range.clone().unwrap();
        for (unix_ms, is_in) in [(1_999, false), (2_000, true), (2_999, true), (3_000, false)] {
            assert_eq!((&least..=&greatest).contains(&&key(unix_ms).sk), is_in, "{unix_ms}");
        }
        assert!(tenant.documents().declared(None, None).range.is_none());
        let empty = tenant.documents().declared(Some(at(3_000)), Some(at(2_000)));
        let (least, greatest) = empty.range.unwrap();
        assert!(least <= greatest, "DynamoDB refuses a range that ends before it begins");
    }

    #[test]
    fn an_item_from_before_a_field_was_added_is_read() {
        let mut written = serde_json::to_value(receipt(&[])).unwrap();
        for later in ["links", "older", "deleted", "hold"] {
            written.as_object_mut().unwrap().remove(later);
        }
        for later in ["inspection", "scan"] {
            written["newest"].as_object_mut().unwrap().remove(later);
        }
        let read: Document = serde_json::from_value(written).unwrap();
        let version: &DocumentVersion = &read.newest;
        assert_eq!(version.state(), DocumentState::Declared);
    }
}
