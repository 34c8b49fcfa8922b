//! Keys of requests for documents, of those that wait for papers by the firm that asks, and of their schedules.

use domain::{
    DocumentRequestId, FirmId, Org, UtcTime,
    document_request::{DocumentRequest, DocumentRequestState, RequestSchedule},
    time::Day,
};

use super::{
    key::Key,
    parts::{key_parts, key_words, shard, shards},
    template::{Gsi1, Gsi2, Item, Partition},
    tenant::{COMPANY, Tenant},
};
use crate::{
    item::{Entity, Indexes},
    listing::Listing,
};

key_parts!(DocumentRequestId);
key_words!(DocumentRequestState);

const REQUEST: Item<DocumentRequest, Org, DocumentRequestId> = Item::new("DOCREQUEST");
const REQUEST_BY_STATE: Gsi1<DocumentRequest, Org, (DocumentRequestState, Day, DocumentRequestId)> =
    Gsi1::new("DOCREQUEST");
/// A partition of its own for each firm: what is missing across all its clients.
const MISSING: Partition<DocumentRequest, FirmId> = Partition::new("MISSING");
const MISSING_BY_DUE: Gsi2<DocumentRequest, DocumentRequest, (Day, DocumentRequestId)> = Gsi2::without_kind();

const SCHEDULE: Item<RequestSchedule, Org, DocumentRequestId> = Item::new("DOCSCHEDULE");
const DUE: Partition<RequestSchedule, u8> = Partition::new("DUE#document-requests");
const DUE_SCHEDULE: Gsi2<RequestSchedule, RequestSchedule, UtcTime> = Gsi2::without_kind();

/// The schedules of which something is due until a time: one list for each shard.
pub(crate) fn due_request_schedules(until: UtcTime) -> impl Iterator<Item = Listing<RequestSchedule>> {
    shards().map(move |shard| {
        let schedules = DUE_SCHEDULE.list(DUE.pk(&shard), ());
        schedules.between(DUE_SCHEDULE.sk(&UtcTime::EPOCH), DUE_SCHEDULE.sk(&until))
    })
}

impl Tenant {
    /// A request for documents of the company.
    #[must_use]
    pub fn document_request(&self, id: &DocumentRequestId) -> Key<DocumentRequest> {
        REQUEST.key(self.pk(), id)
    }

    /// What is due next for a request.
    #[must_use]
    pub fn request_schedule(&self, id: &DocumentRequestId) -> Key<RequestSchedule> {
        SCHEDULE.key(self.pk(), id)
    }

    /// The company's requests for documents: all, newest first, or those in one state, by their due day.
    #[must_use]
    pub fn document_requests(&self, state: Option<DocumentRequestState>) -> Listing<DocumentRequest> {
        match state {
            Some(state) => REQUEST_BY_STATE.list(self.pk(), &state),
            None => REQUEST.list(self.pk(), ()).newest_first(),
        }
    }

    /// The requests of this firm that wait for papers, in all companies, by their due day; `None` for a company.
    /// The list grants nothing: show only what [`domain::document_request::is_shown_to_staff`] shows.
    #[must_use]
    pub fn missing_documents(&self) -> Option<Listing<DocumentRequest>> {
        self.org().firm().map(|firm| MISSING_BY_DUE.list(MISSING.pk(firm), ()))
    }
}

impl Entity for DocumentRequest {
    const ENTITY: &'static str = "document_request";

    fn indexes(&self) -> Indexes {
        let by_state = REQUEST_BY_STATE.entry(COMPANY.pk(&self.company), (&self.state, &self.due_on, &self.id));
        let firm = self.firm().filter(|_| self.is_missing_something());
        let missing = firm.map(|firm| MISSING_BY_DUE.entry(MISSING.pk(firm), (&self.due_on, &self.id)));
        Indexes::from(by_state).and(missing)
    }
}

impl Entity for RequestSchedule {
    const ENTITY: &'static str = "request_schedule";

    fn indexes(&self) -> Indexes {
        let shard = shard(self.request.as_str());
        self.next_at.as_ref().map(|at| DUE_SCHEDULE.entry(DUE.pk(&shard), at)).into()
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        CompanyId, DocumentId,
        access::ActingAs,
        document_request::{AskedPerson, DocumentRequestDraft, request_documents},
        time::Zone,
    };

    use super::*;

    fn firm() -> FirmId {
        "fm_00000000000000000000000000000002".parse().unwrap()
    }

    fn request(acting_as: ActingAs) -> DocumentRequest {
        let draft = DocumentRequestDraft {
            id: "drq_00000000000000000000000000000003".parse().unwrap(),
            company: company(),
            title: "October".parse().unwrap(),
            note: None,
            items: vec!["Bank statement".parse().unwrap()],
            asked_of: vec![AskedPerson { user: "mia".parse().unwrap(), name: "Mia".parse().unwrap() }],
            due_on: "1970-01-09".to_owned().try_into().unwrap(),
            every: None,
            asked_by: "ada".parse().unwrap(),
            asked_by_name: "Ada".parse().unwrap(),
            acting_as,
        };
        request_documents(draft, &Zone::utc(), UtcTime::EPOCH).unwrap().0
    }

    fn company() -> CompanyId {
        "co_00000000000000000000000000000001".parse().unwrap()
    }

    #[test]
    fn a_firms_list_has_what_waits_for_papers_and_nothing_of_others() {
        let listing = Tenant::new(Org::Firm(firm())).missing_documents().unwrap();
        assert!(Tenant::new(Org::Company(company())).missing_documents().is_none());
        let is_listed = |request: &DocumentRequest| {
            let entries = request.indexes().entries;
            entries.iter().any(|entry| entry.source == listing.source && entry.pk == listing.pk)
        };
        let asked = request(ActingAs::FirmAdmin { firm: firm(), company: company() });
        assert!(is_listed(&asked));
        assert!(!is_listed(&request(ActingAs::Member { company: company() })));
        let document: DocumentId = "doc_00000000000000000000000000000004".parse().unwrap();
        let (uploaded, _) = asked.fulfilled(1, &document).unwrap();
        assert!(!is_listed(&uploaded), "it waits for the firm");
        let (back, _) = uploaded.document_refused(1, &document, "Empty.".parse().unwrap()).unwrap();
        assert!(is_listed(&back));
        let (withdrawn, _) = back.withdraw(&asked.acting_as).unwrap();
        assert!(!is_listed(&withdrawn));
    }

    #[test]
    fn a_request_reads_back_as_it_was_written() {
        let asked = request(ActingAs::FirmAdmin { firm: firm(), company: company() });
        let document: DocumentId = "doc_00000000000000000000000000000004".parse().unwrap();
        let (uploaded, _) = asked.fulfilled(1, &document).unwrap();
        for request in [asked, uploaded] {
            let key = Tenant::new(Org::Company(company())).document_request(&request.id).raw;
            let item = crate::item::to_item(&key, &request).unwrap();
            assert_eq!(crate::item::from_item::<DocumentRequest>(item).unwrap(), request);
        }
    }
}
