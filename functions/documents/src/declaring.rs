//! Declares files, up to 50 in one request, answered row by row.
//!
//! Rows are independent of each other: they are written a few at a time, and an interrupted request keeps what it
//! wrote. Sending it again completes it, since the same bytes are the same document. So no answer is recorded: a
//! recorded permission to upload would have ended, and a new one is given instead.

use std::collections::{HashMap, HashSet};

use api::{
    Answer, ApiError, ApiResult, BulkBody, FieldError, InCompany, Machine, Path, Problem, bulk::Row as _, clock, scope,
};
use axum::extract::State;
use domain::{
    CompanyId, DocumentId, DocumentRequestId, FirmId, Org, UtcTime,
    document::{
        Checksum, Declaration, Document, FileDeclaration, FileSize, StoredBytes, Uploader, UsedStorage, VersionNumber,
        declare,
    },
    document_request::linked_requests,
    permission::may,
};
use files::UPLOAD_S;
use store::{Attempt, Authority, ChangeContext, DocumentOfFile, StoreError, retry_on_conflict};

use crate::{
    App, links,
    rows::{DeclareDocument, DeclareDocuments, DeclaredDocuments, DeclaredRow, MAX_FILES},
    view::By,
};

/// How many rows are read and written together: at most seven items each beside the caller's place and two counts, of
/// the hundred that a transaction takes.
const ROWS_PER_CHANGE: usize = 12;
/// The most items that the documents of one change take.
const ITEMS_PER_CHANGE: usize = 84;

/// Declares files to upload, and answers how to upload each.
///
/// Post each file as its `upload` says, within five minutes. S3 takes exactly the declared bytes. If the upload breaks
/// off, declare the file again: the same bytes are the same document.
///
/// Needs `documents.upload`.
#[utoipa::path(post, path = "/v1/documents", request_body = DeclareDocuments,
    responses((status = 200, body = DeclaredDocuments)))]
pub(crate) async fn declare_documents(
    State(app): State<App>,
    caller: InCompany<may::DocumentsUpload>,
    body: BulkBody<DeclareDocument>,
) -> ApiResult {
    let firm = caller.context.acting_as().firm().cloned();
    let name = caller.context.claims().name.clone();
    let declaring = Declaring {
        app: &app,
        authority: caller.authority(),
        company: caller.company.clone(),
        uploaded_by: Uploader::person(caller.caller.user.clone(), name, firm),
        change_context: caller.change_context(),
        by: By::Form,
    };
    declaring.all(body).await
}

/// As `declare_documents`, for the ledger, which uploads each file with a PUT.
#[utoipa::path(post, path = "/v1/ledger/companies/{company}/documents", params(("company" = CompanyId, Path)),
    request_body = DeclareDocuments, responses((status = 200, body = DeclaredDocuments)))]
pub(crate) async fn declare_ledger_documents(
    State(app): State<App>,
    ledger: Machine<scope::Ledger>,
    Path(company): Path<CompanyId>,
    body: BulkBody<DeclareDocument>,
) -> ApiResult {
    let declaring = Declaring {
        app: &app,
        authority: ledger.authority(company.clone()),
        company,
        uploaded_by: Uploader::machine(&ledger.client),
        change_context: ledger.change_context(),
        by: By::Put,
    };
    declaring.all(body).await
}

/// The rows of one request, and who sent them.
struct Declaring<'a> {
    app: &'a App,
    authority: Authority,
    company: CompanyId,
    uploaded_by: Uploader,
    change_context: ChangeContext,
    by: By,
}

/// What is left of the company's storage, and of the firm's where the caller acts for one.
#[derive(Debug, Clone, Copy)]
struct Left {
    company_bytes: u64,
    firm_bytes: Option<u64>,
}

impl Left {
    /// What is left after a document grew; `Err` with what is left if there is no room for it.
    fn after(self, before: Option<&Document>, after: &Document) -> Result<Self, u64> {
        let rest = |left: u64, bytes: i64| match u64::try_from(bytes) {
            Ok(more) => left.checked_sub(more).ok_or(left),
            Err(_) => Ok(left.saturating_add(bytes.unsigned_abs())),
        };
        let mut left = self;
        for (org, bytes) in StoredBytes::change(before, after) {
            match org {
                Org::Company(_) => left.company_bytes = rest(left.company_bytes, bytes)?,
                Org::Firm(_) => left.firm_bytes = left.firm_bytes.map(|left| rest(left, bytes)).transpose()?,
            }
        }
        Ok(left)
    }
}

/// A row that declares a file.
struct Declared {
    row: usize,
    is_new: bool,
    declaration: Declaration,
}

/// The result of some rows, before their uploads are signed.
enum RowResult {
    Declared(Box<Declared>),
    Answered(Box<DeclaredRow>),
}

/// What was read for some rows.
struct Known {
    left: Left,
    owners: Vec<Option<DocumentOfFile>>,
    targets: Vec<Option<links::Target>>,
    documents: HashMap<DocumentId, Document>,
}

impl Declaring<'_> {
    async fn all(&self, body: BulkBody<DeclareDocument>) -> ApiResult {
        if body.rows.len() > MAX_FILES {
            return Err(Problem::field(DeclareDocument::LIST, format!("must hold at most {MAX_FILES} rows")).into());
        }
        let mut answered = Vec::with_capacity(body.rows.len());
        let mut readable = Vec::with_capacity(body.rows.len());
        for (n, row) in body.rows.into_iter().enumerate() {
            match row {
                Ok(file) => readable.push((n + 1, file)),
                Err(error) => answered.push(DeclaredRow::invalid(n + 1, error)),
            }
        }
        let mut open = readable.as_slice();
        // Without a readable row too, the caller's right is proven and the storage read.
        let mut left = None;
        while left.is_none() || !open.is_empty() {
            let (some, _) = open.split_at(open.len().min(ROWS_PER_CHANGE));
            let (results, now_left) = retry_on_conflict(async || self.some(some).await).await?;
            open = open.split_at(results.len()).1;
            left = Some(now_left);
            for result in results {
                answered.push(self.answer(result).await?);
            }
        }
        answered.sort_by_key(DeclaredRow::number_of_row);
        let (left_bytes, firm_left_bytes) = left.map_or((0, None), |left| (left.company_bytes, left.firm_bytes));
        Answer::ok(&DeclaredDocuments { rows: answered, left_bytes, firm_left_bytes })
    }

    const fn now(&self) -> UtcTime {
        self.change_context.at
    }

    fn firm(&self) -> Option<&FirmId> {
        self.uploaded_by.firm.as_ref()
    }

    /// Reads, decides and writes rows: one read, one write; a second read where documents have some of the bytes.
    /// Rows beyond what one change takes are left.
    async fn some(&self, rows: &[(usize, DeclareDocument)]) -> Result<(Vec<RowResult>, Left), Attempt<ApiError>> {
        let mut known = self.read(rows).await?;
        let mut change = self.app.api.store.change(&self.authority, self.change_context.clone());
        let mut results = Vec::with_capacity(rows.len());
        let mut written: HashSet<(FileSize, Checksum)> = HashSet::new();
        let mut followed: HashSet<DocumentRequestId> = HashSet::new();
        let mut items = 0;
        for ((row, file), (owner, target)) in rows.iter().zip(known.owners.iter().zip(&known.targets)) {
            let checked = file.link.as_ref().zip(target.as_ref()).map(|(link, target)| links::check(link, target));
            if let Some(Err(detail)) = checked {
                let error = FieldError { field: "link".to_owned(), detail: detail.to_owned() };
                results.push(RowResult::Answered(Box::new(DeclaredRow::invalid(*row, error))));
                continue;
            }
            let file_key = (file.size_bytes, file.sha256.clone());
            // The same bytes in an earlier row of this change: the next change finds them in the table.
            if written.contains(&file_key) {
                break;
            }
            let before = owner.as_ref().and_then(|owner| known.documents.get(&owner.document));
            let id = DocumentId::from_uuid(clock::new_uuid());
            let declared =
                declare(id, &self.company, before.cloned(), self.file(file), file.kind, file.link.clone(), self.now());
            let declaration = match declared {
                Ok(declaration) => declaration,
                Err(error) => {
                    let field = error.field().unwrap_or(DeclareDocument::LIST).to_owned();
                    let error = FieldError { field, detail: error.to_string() };
                    results.push(RowResult::Answered(Box::new(DeclaredRow::invalid(*row, error))));
                    continue;
                }
            };
            let before = before.filter(|before| before.id == declaration.document.id);
            items += 5 + declaration.document.links.len();
            if items > ITEMS_PER_CHANGE && !results.is_empty() {
                break;
            }
            // A document that is there fulfils the item that it is linked to now; of one request once in a change.
            let linked = before.map(|_| linked_requests(before, &declaration.document)).unwrap_or_default();
            if linked.iter().any(|request| followed.contains(request)) {
                break;
            }
            if let Some(event) = declaration.event.clone() {
                match known.left.after(before, &declaration.document) {
                    Ok(left) => known.left = left,
                    Err(left_bytes) => {
                        results.push(RowResult::Answered(Box::new(DeclaredRow::full(*row, left_bytes))));
                        continue;
                    }
                }
                change.put_document_within(before, &declaration.document, &self.app.settings.quotas);
                change.record(event);
                if before.is_some() {
                    let (store, after) = (&self.app.api.store, &declaration.document);
                    request_items::follow(store, &self.authority, self.now(), before, after, &mut change).await?;
                    followed.extend(linked);
                }
                if before.is_none() {
                    let expected = owner.as_ref().map(|owner| owner.version);
                    let owner = DocumentOfFile {
                        document: declaration.document.id.clone(),
                        version: expected.unwrap_or_default() + 1,
                    };
                    change.put(|tenant| tenant.document_of_file(file.size_bytes, &file.sha256), expected, &owner);
                }
                written.insert(file_key);
            }
            results.push(RowResult::Declared(Box::new(Declared { row: *row, is_new: before.is_none(), declaration })));
        }
        if !written.is_empty() {
            change.commit().await.map_err(|error| match error {
                // Others stored something meanwhile: decide again by what is left now.
                StoreError::StorageFull { .. } => Attempt::Raced,
                error => Attempt::<ApiError>::from(error),
            })?;
        }
        Ok((results, known.left))
    }

    async fn read(&self, rows: &[(usize, DeclareDocument)]) -> ApiResult<Known> {
        let store = &self.app.api.store;
        let (company, firm, owners, targets) = store
            .load(&self.authority, self.now(), |tenant| {
                let of_file =
                    |(_, file): &(usize, DeclareDocument)| tenant.document_of_file(file.size_bytes, &file.sha256);
                let target =
                    |(_, file): &(usize, DeclareDocument)| file.link.as_ref().map(|link| links::target(tenant, link));
                (
                    tenant.used_storage(),
                    self.firm().map(|firm| tenant.used_storage_of_firm(firm)),
                    rows.iter().map(of_file).collect::<Vec<_>>(),
                    rows.iter().map(target).collect::<Vec<_>>(),
                )
            })
            .await?;
        let ids: Vec<DocumentId> =
            owners.iter().flatten().map(|owner: &DocumentOfFile| owner.document.clone()).collect();
        let documents: Vec<Option<Document>> = if ids.is_empty() {
            Vec::new()
        } else {
            let keys = |tenant: &store::Tenant| ids.iter().map(|id| tenant.document(id)).collect::<Vec<_>>();
            store.load(&self.authority, self.now(), keys).await?
        };
        let quotas = &self.app.settings.quotas;
        let left = |used: Option<UsedStorage>, quota_bytes| used.unwrap_or_default().left_bytes(quota_bytes);
        Ok(Known {
            left: Left {
                company_bytes: left(company, quotas.company_bytes),
                firm_bytes: firm.map(|used| left(used, quotas.firm_bytes)),
            },
            owners,
            targets,
            documents: documents.into_iter().flatten().map(|document| (document.id.clone(), document)).collect(),
        })
    }

    fn file(&self, file: &DeclareDocument) -> FileDeclaration {
        FileDeclaration {
            name: file.name.clone(),
            size: file.size_bytes,
            file_type: file.file_type,
            sha256: file.sha256.clone(),
            uploaded_by: self.uploaded_by.clone(),
            expires_at: self.now().plus_s(UPLOAD_S),
        }
    }

    /// Signs the upload of a row, if its file is awaited.
    async fn answer(&self, result: RowResult) -> ApiResult<DeclaredRow> {
        let declared = match result {
            RowResult::Answered(row) => return Ok(*row),
            RowResult::Declared(declared) => declared,
        };
        let Declared { row, is_new, declaration } = *declared;
        let Declaration { document, number, is_awaited, .. } = declaration;
        let version: Option<_> = document.version_numbered(number).filter(|_| is_awaited);
        let upload = match version {
            Some(version) => Some(self.app.upload(&self.company, &document.id, version, self.by, self.now()).await?),
            None => None,
        };
        let number: VersionNumber = number;
        Ok(DeclaredRow::declared(row, is_new, document.listed(), number, upload))
    }
}
