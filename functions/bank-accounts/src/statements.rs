//! The files of bank statements that were read or refused.

use api::{Answer, Api, ApiResult, InCompany, PageInfo, PageQuery, Query};
use axum::extract::State;
use domain::{
    DocumentId, UtcTime,
    bank::{StatementFile, StatementResult},
    document::VersionNumber,
    permission::may,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A file of bank statements: a version of a document, and what was read in it or why it was refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BankStatement)]
pub(crate) struct StatementView {
    /// The document that was uploaded.
    document: DocumentId,
    /// The version of the document.
    number: VersionNumber,
    read_at: UtcTime,
    #[serde(flatten)]
    result: StatementResult,
}

impl From<StatementFile> for StatementView {
    fn from(file: StatementFile) -> Self {
        Self { document: file.document, number: file.number, read_at: file.read_at, result: file.result }
    }
}

/// A page of files.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BankStatementPage {
    bank_statements: Vec<StatementView>,
    #[serde(flatten)]
    paged: PageInfo,
}

/// Lists the files of bank statements that were read or refused, those of the newest document first.
///
/// A file is uploaded as a document of kind `bank_statement`, as XML or plain text: camt.053, OFX or MT940. It is read once its
/// scan found no threat. A CSV, Excel, Word or email file of that kind is refused; a PDF or a picture is for people and not listed.
///
/// Needs `bank.view`.
#[utoipa::path(get, path = "/v1/bank-statements", params(PageQuery),
    responses((status = 200, body = BankStatementPage)))]
pub(crate) async fn list_bank_statements(
    State(api): State<Api>,
    caller: InCompany<may::BankView>,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let request = query.request()?;
    let page = api.store.page(&caller.authority(), caller.now(), |tenant| tenant.statement_files(), &request).await?;
    let paged = PageInfo::from(&page);
    Answer::ok(&BankStatementPage { bank_statements: page.items.into_iter().map(Into::into).collect(), paged })
}
