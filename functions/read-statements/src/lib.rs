//! Reads bank statements that were uploaded as documents, in the background.
//!
//! An event says that a version was released, or that a document became a bank statement, or is there again. The worker reads
//! the recorded object of that version, applies what it says of each account in a transaction of its own, and records the file
//! last. So a worker that was stopped begins again, and what it applied already says the same once more.
//!
//! The event is a hint: what is read, and whether, follows from the document. Nothing of a file is logged.

mod bucket;
mod file;

pub use bucket::Bucket;
use domain::{
    Actor, CompanyId, DocumentId, Event, EventType, Org, UtcTime,
    bank::{
        AccountStatement, AppliedStatement, BalanceSource, BeforeStatement, DaysRead, FileContext, StatementContent,
        StatementFile, StatementResult, StatementTask, apply,
    },
    document::{VersionNumber, object_key},
    event::kinds,
    time::Zone,
};
use queue::{SqsBatchResponse, SqsEvent, SqsMessage, UnreadableMessage};
use s3_client::BucketError;
use store::{Attempt, Authority, Change, ChangeContext, Store, StoreError, Tenant, retry_on_conflict};

/// The function's input: a batch of the queue.
pub type Input = SqsEvent;

/// Why a message must be redelivered.
#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error(transparent)]
    Unreadable(#[from] UnreadableMessage),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// The clock went back while the file was read.
    #[error("a balance is of a day ahead")]
    DayAhead,
}

/// The function and its clients.
#[derive(Debug)]
pub struct Reader {
    store: Store,
    bucket: Bucket,
}

/// The version of a document that is read.
struct Work<'r> {
    reader: &'r Reader,
    company: CompanyId,
    document: DocumentId,
    number: VersionNumber,
    zone: Zone,
    request_id: &'r str,
}

impl Reader {
    /// A reader of what is uploaded to this bucket.
    #[must_use]
    pub const fn new(store: Store, bucket: Bucket) -> Self {
        Self { store, bucket }
    }

    /// Handles a batch; only a message that fails is redelivered.
    pub async fn handle(&self, batch: Input, request_id: &str) -> SqsBatchResponse {
        queue::each(&batch, async |message| self.take_in(message, request_id).await).await
    }

    async fn take_in(&self, message: &SqsMessage, request_id: &str) -> Result<(), ReadError> {
        let event: Event = queue::event(message)?;
        let number = match event.kind {
            EventType::DocumentReleased => {
                Some(event.read::<kinds::DocumentReleased>().map_err(|_| UnreadableMessage)?.number)
            }
            EventType::DocumentUpdated | EventType::DocumentRestored => None,
            _ => return Ok(()),
        };
        let Org::Company(company) = &event.org else { return Err(UnreadableMessage.into()) };
        let id: DocumentId = event.subject.id.parse().map_err(|_| UnreadableMessage)?;
        let authority = Authority::System(Org::Company(company.clone()));
        let known =
            self.store.load(&authority, api::clock::now(), |tenant| (tenant.document(&id), tenant.company())).await?;
        let (Some(document), Some(organization)) = known else { return Ok(()) };
        let Some(task) = document.statement_task(number) else { return Ok(()) };
        let number = task.number();
        let work = Work {
            reader: self,
            company: company.clone(),
            document: id,
            number,
            zone: organization.time_zone,
            request_id,
        };
        if work.is_done().await? {
            return Ok(());
        }
        let (version, object) = match task {
            StatementTask::Read { version, object } => (version, object),
            StatementTask::Refuse { refusal, .. } => return work.record(StatementResult::Refused(refusal)).await,
        };
        let key = object_key(company, &work.document, number);
        let Some(bytes) = self.bucket.read(&key, object, version.size).await? else {
            tracing::warn!(%key, "a bank statement is gone");
            return Ok(());
        };
        let read = file::read(&bytes, api::clock::now().day_in(&work.zone));
        drop(bytes);
        let result = match read {
            Err(refusal) => StatementResult::Refused(refusal),
            Ok(read) => StatementResult::Read(work.apply_all(read).await?),
        };
        work.record(result).await
    }
}

/// A file that was read.
pub(crate) struct FileRead {
    /// What is kept of it, but the accounts.
    content: StatementContent,
    accounts: Vec<AccountStatement>,
}

impl Work<'_> {
    fn authority(&self) -> Authority {
        Authority::System(Org::Company(self.company.clone()))
    }

    fn change(&self, now: UtcTime) -> Change<'_> {
        let context =
            ChangeContext { at: now, actor: Actor::machine("read-statements"), request_id: self.request_id.to_owned() };
        self.reader.store.change(&self.authority(), context)
    }

    async fn is_done(&self) -> Result<bool, StoreError> {
        let authority = self.authority();
        let wanted = |tenant: &Tenant| tenant.statement_file(&self.document, self.number);
        Ok(self.reader.store.load(&authority, api::clock::now(), wanted).await?.is_some())
    }

    async fn apply_all(&self, read: FileRead) -> Result<StatementContent, ReadError> {
        let FileRead { mut content, accounts } = read;
        for account in accounts {
            let days = self.apply(&account).await?;
            content.accounts.push(account.read(days));
        }
        Ok(content)
    }

    /// Applies what the file says of one account: two reads and, where something changes, a write.
    async fn apply(&self, account: &AccountStatement) -> Result<DaysRead, ReadError> {
        retry_on_conflict(|| async {
            let now = api::clock::now();
            let (authority, store, said) = (self.authority(), &self.reader.store, &account.said);
            let number = store.load(&authority, now, |tenant| tenant.bank_account_number(&said.id())).await?;
            let to_read = said.months_to_read(number.as_ref());
            let (source, place) =
                (BalanceSource::Number(said.id()), number.as_ref().and_then(|number| number.bank_account.clone()));
            let (bank_account, months) = store
                .load(&authority, now, |tenant| {
                    let months = to_read.iter().map(|month| tenant.month_balances(place.as_ref(), &source, *month));
                    let months: Vec<_> = months.collect();
                    (place.as_ref().map(|reference| tenant.bank_account(reference)), months)
                })
                .await?;
            let bank_account = bank_account.flatten();
            let before = BeforeStatement {
                account: bank_account.clone(),
                months: months.into_iter().flatten().collect(),
                number: number.clone(),
            };
            let file = FileContext {
                company: &self.company,
                document: &self.document,
                number: self.number,
                zone: &self.zone,
                now,
            };
            let AppliedStatement { number: after, account, months, events, days } =
                apply(before, said, file).map_err(|_| Attempt::Final(ReadError::DayAhead))?;
            let Some(after) = after else { return Ok(days) };
            let mut change = self.change(now);
            change.put(
                |tenant| tenant.bank_account_number(&after.id),
                number.as_ref().map(|number| number.version),
                &after,
            );
            for month in &months {
                let key = |tenant: &Tenant| tenant.month_balances(place.as_ref(), &source, month.month);
                change.put(key, month.expected(), month);
            }
            if let (Some(known), Some(account)) = (&bank_account, &account) {
                change.put(|tenant| tenant.bank_account(&account.reference), Some(known.version), account);
            }
            for event in events {
                change.record(event);
            }
            change.commit().await?;
            Ok(days)
        })
        .await
    }

    /// Records the file with its event. Another worker may have recorded it meanwhile.
    async fn record(&self, result: StatementResult) -> Result<(), ReadError> {
        let now = api::clock::now();
        let (file, event) = StatementFile::record(&self.company, &self.document, self.number, result, now);
        let mut change = self.change(now);
        change.put(|tenant| tenant.statement_file(&self.document, self.number), None, &file);
        change.record(event);
        match change.commit().await {
            Err(StoreError::Conflict) if self.is_done().await? => Ok(()),
            done => Ok(done?),
        }
    }
}
