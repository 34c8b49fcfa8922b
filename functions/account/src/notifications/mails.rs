//! The mail log: what was mailed to the caller, and the mails about a subject for who caused them.

use api::{Answer, Api, ApiResult, InContext, PageInfo, PageQuery, Query, paging::page_request};
use axum::extract::State;
use domain::{
    EventId, Permission, UtcTime,
    event::Subject,
    mail_log::{MailReason, MailRecipient, MailRecord, MailState, MailStep},
};
use serde::{Deserialize, Serialize};
use store::Authority;
use utoipa::{IntoParams, ToSchema};

/// A mail, without its content and address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Mail)]
pub(crate) struct MailView {
    /// The id of the event that it is about; of a digest, the newest.
    event: EventId,
    /// What it is about.
    subject: Subject,
    /// The name of the letter, such as `payment-received`.
    letter: String,
    recipient: MailRecipient,
    state: MailState,
    /// Since when it is in that state.
    at: UtcTime,
    /// Why, where there is more to say than the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<MailReason>,
    /// The states so far, each once, in the order of the states. None of a mail that only waits for its turn.
    steps: Vec<MailStep>,
}

impl MailView {
    /// A mail as its recipient sees it.
    fn to_recipient(record: MailRecord) -> Self {
        Self::of(record, |step| step)
    }

    /// A mail as others see it.
    fn to_sender(record: MailRecord) -> Self {
        Self::of(record, MailStep::without_private_reason)
    }

    fn of(record: MailRecord, shown: fn(MailStep) -> MailStep) -> Self {
        let MailStep { state, at, reason } = shown(record.state());
        let steps = record.steps().iter().copied().map(shown).collect();
        let MailRecord { event, subject, letter, recipient, .. } = record;
        Self { event, subject, letter, recipient, state, at, reason, steps }
    }
}

/// Mails, newest event first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MailPage {
    mails: Vec<MailView>,
    #[serde(flatten)]
    page: PageInfo,
}

/// Lists the mails to the caller from the company or firm, newest event first.
///
/// They are kept for 90 days. Mails that wait for quiet hours or a digest are among them; a digest is a mail of its own.
/// What the caller's permissions do not let them see any more is left out, so a page may hold fewer than `limit` and still
/// not be the last.
#[utoipa::path(get, path = "/v1/mails", params(PageQuery), responses((status = 200, body = MailPage)))]
pub(crate) async fn list_mails(State(api): State<Api>, caller: InContext, Query(query): Query<PageQuery>) -> ApiResult {
    let (request, user, now) = (query.request()?, &caller.caller.user, caller.now());
    let present = caller.context.present();
    let entered = api
        .store
        .query_unproven(&present, now, async |queries| queries.page(|tenant| tenant.mails_to(user), &request).await)
        .await?;
    let held: Vec<Permission> =
        Permission::ALL.iter().copied().filter(|permission| entered.holds(&caller.needs(*permission))).collect();
    let mut page = entered.prove(&Authority::Person(present))??;
    let since = caller.context.since();
    page.items.retain(|record| record.is_shown_to_recipient(since, now, |permission| held.contains(&permission)));
    let info = PageInfo::from(&page);
    Answer::ok(&MailPage { mails: page.items.into_iter().map(MailView::to_recipient).collect(), page: info })
}

/// The subject whose mails are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SentMailsQuery {
    /// The kind of the subject, as in an event: `invoice`, `invitation`, `approval` …
    subject_kind: String,
    /// The id of the subject.
    subject_id: String,
    /// The most entries, 1–100. Default: 25.
    #[serde(default)]
    limit: Option<u16>,
    /// `next_cursor` of the previous page.
    #[serde(default)]
    cursor: Option<String>,
}

/// Lists the mails about a subject that the caller caused from their seat, newest event first.
///
/// They are kept for 90 days. Why a notification is suppressed is told to its recipient alone; every other mail to an address
/// that is not written to shows `bounced` or `complained`. Who holds `audit.view` sees those that others, machines and
/// schedules caused too. The others are left out, so a page may hold fewer than `limit` and still not be the last.
#[utoipa::path(get, path = "/v1/sent-mails", params(SentMailsQuery), responses((status = 200, body = MailPage)))]
pub(crate) async fn list_sent_mails(
    State(api): State<Api>,
    caller: InContext,
    Query(query): Query<SentMailsQuery>,
) -> ApiResult {
    let SentMailsQuery { subject_kind: kind, subject_id: id, limit, cursor } = query;
    let (request, subject) = (page_request(limit, cursor)?, Subject { kind, id });
    let (user, now, present) = (&caller.caller.user, caller.now(), caller.context.present());
    let entered = api
        .store
        .query_unproven(&present, now, async |queries| {
            queries.page(|tenant| tenant.mails_about(&subject), &request).await
        })
        .await?;
    let reads_audit_log = entered.holds(&caller.needs(Permission::AuditView));
    let mut page = entered.prove(&Authority::Person(present))??;
    let (since, seat) = (caller.context.since(), caller.context.acting_as());
    page.items.retain(|record| record.is_shown_to_sender((user, seat), since, now, reads_audit_log));
    let info = PageInfo::from(&page);
    Answer::ok(&MailPage { mails: page.items.into_iter().map(MailView::to_sender).collect(), page: info })
}
