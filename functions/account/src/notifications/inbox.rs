//! The inbox of a person in a company or firm. What they may not see any more is not in it.

use api::{Answer, Api, ApiError, ApiResult, Body, InContext, PageInfo, PageQuery, Path, Problem, Query};
use axum::extract::State;
use domain::{
    EventId, Grants, Name, Permission, UtcTime,
    event::Subject,
    notification::{InboxEntry, NotificationType, UnreadNotifications},
};
use serde::{Deserialize, Serialize};
use store::{Attempt, Authority, Unproven, retry_on_conflict};
use utoipa::ToSchema;

/// A notification of the caller.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Notification)]
pub(crate) struct NotificationView {
    /// The id of the event that it is about.
    id: EventId,
    #[serde(rename = "type")]
    kind: NotificationType,
    /// What it says, in one line.
    title: String,
    /// What it is about.
    subject: Subject,
    /// The person whose act it is about, if it was one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_name: Option<Name>,
    /// When it happened.
    at: UtcTime,
    /// Whether the caller has not read it; the newest 100 at most.
    unread: bool,
}

/// Notifications of the caller, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotificationPage {
    notifications: Vec<NotificationView>,
    /// How many the caller has not read; 100 means 100 or more.
    unread_count: usize,
    #[serde(flatten)]
    page: PageInfo,
}

/// How many notifications are left.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadNotificationResponse {
    /// How many the caller has not read; 100 means 100 or more.
    unread_count: usize,
}

/// A body without fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// Lists the caller's notifications in the company or firm, newest first.
///
/// They are kept for 90 days. What the caller's permissions do not let them see any more is left out, so a page may
/// hold fewer than `limit` and still not be the last.
#[utoipa::path(get, path = "/v1/notifications", params(PageQuery),
    responses((status = 200, body = NotificationPage)))]
pub(crate) async fn list_notifications(
    State(api): State<Api>,
    caller: InContext,
    Query(query): Query<PageQuery>,
) -> ApiResult {
    let (request, user, now) = (query.request()?, &caller.caller.user, caller.now());
    let present = caller.context.present();
    let entered = api
        .store
        .query_unproven(&present, now, async |queries| {
            tokio::try_join!(
                queries.page(|tenant| tenant.inbox(user), &request),
                queries.get(|tenant| tenant.unread_notifications(user)),
            )
        })
        .await?;
    let grants = held(&caller, &entered);
    let (mut page, unread) = entered.prove(&Authority::Person(present))??;
    let (since, holds) = (caller.context.since(), |permission| grants.contains(permission));
    page.items.retain(|entry| entry.is_shown(since, now, holds));
    let unread = unread.unwrap_or_default();
    let info = PageInfo::from(&page);
    let notifications = page.items.into_iter().map(|entry| view(entry, &unread)).collect();
    Answer::ok(&NotificationPage { notifications, unread_count: unread.count(since, now, holds), page: info })
}

/// What the caller may do here now, by the relationships that were read.
fn held<T>(caller: &InContext, entered: &Unproven<T>) -> Grants {
    Permission::ALL.iter().copied().filter(|permission| entered.holds(&caller.needs(*permission))).collect()
}

fn view(entry: InboxEntry, unread: &UnreadNotifications) -> NotificationView {
    let InboxEntry { id, user: _, kind, needs: _, title, subject, by_name, at, never_mailed: _ } = entry;
    let unread = unread.contains(&id);
    NotificationView { id, kind, title, subject, by_name, at, unread }
}

/// Notes that the caller has read a notification.
///
/// A repeated request changes nothing.
#[utoipa::path(post, path = "/v1/notifications/{id}/read",
    params(("id" = EventId, Path, description = "The notification's id")),
    responses((status = 200, body = ReadNotificationResponse)))]
pub(crate) async fn read_notification(
    State(api): State<Api>,
    caller: InContext,
    Path(id): Path<EventId>,
    _: Body<Nothing>,
) -> ApiResult {
    read(&api, &caller, Some(&id)).await
}

/// Notes that the caller has read all notifications of the company or firm.
///
/// A repeated request changes nothing.
#[utoipa::path(post, path = "/v1/notifications/read", responses((status = 200, body = ReadNotificationResponse)))]
pub(crate) async fn read_all_notifications(State(api): State<Api>, caller: InContext, _: Body<Nothing>) -> ApiResult {
    read(&api, &caller, None).await
}

/// Notes that the caller has read one notification, or all of them. A new notification may come at the same time, so a
/// conflict is met with another try.
async fn read(api: &Api, caller: &InContext, id: Option<&EventId>) -> ApiResult {
    let (user, now, present) = (&caller.caller.user, caller.now(), caller.context.present());
    let authority = Authority::Person(present.clone());
    let unread_count = retry_on_conflict(async || {
        let entered = api
            .store
            .load_unproven(&present, now, None, |tenant| {
                (tenant.unread_notifications(user), id.map(|id| tenant.inbox_entry(user, id)))
            })
            .await?;
        let grants = held(caller, &entered);
        let (since, holds) = (caller.context.since(), |permission| grants.contains(permission));
        let (unread, entry) = entered.prove(&authority)??;
        let is_there = entry.flatten().is_some_and(|entry| entry.is_shown(since, now, holds));
        if id.is_some() && !is_there {
            return Err(Problem::not_found().into());
        }
        let unread = unread.unwrap_or_default();
        let Some(after) = (match id {
            Some(id) => unread.without(id),
            None => unread.all_read(),
        }) else {
            return Ok::<_, Attempt<ApiError>>(unread.count(since, now, holds));
        };
        let mut change = api.store.change(&authority, caller.change_context());
        change.put(|tenant| tenant.unread_notifications(user), Some(unread.version), &after);
        change.commit().await?;
        Ok(after.count(since, now, holds))
    })
    .await?;
    Answer::ok(&ReadNotificationResponse { unread_count })
}
