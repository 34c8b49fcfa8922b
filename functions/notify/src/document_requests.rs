//! The scheduled search for requests for documents of which something is due: a reminder, or the next request of a
//! recurrence.

use domain::{
    Actor, DocumentRequestId, Org, UtcTime,
    document_request::{RequestSchedule, Standing},
};
use store::{Authority, ChangeContext, Store, StoreError};

/// Does what is due, once for each due time: the schedule, what it changes and its events are one change, under the
/// condition that the schedule and the request are as they were read.
///
/// A run that fires twice, late, or beside another finds nothing left to do, or loses the condition. What changed in
/// between is left to the next run.
pub(crate) async fn run(store: &Store, request_id: &str) -> Result<usize, StoreError> {
    let now = api::clock::now();
    let mut steps = 0;
    for due in store.due_request_schedules(now).await? {
        match step(store, &due, now, request_id).await {
            Ok(true) => steps += 1,
            Ok(false) => {}
            Err(StoreError::Conflict) => tracing::info!("a request for documents changed while it was looked at"),
            Err(error) => return Err(error),
        }
    }
    Ok(steps)
}

/// Does what is due for one request; whether anything was. The index may lag behind, so everything is read again.
async fn step(store: &Store, due: &RequestSchedule, now: UtcTime, request_id: &str) -> Result<bool, StoreError> {
    let authority = Authority::System(Org::Company(due.company.clone()));
    let (request, schedule, company) = store
        .load(&authority, now, |tenant| {
            (tenant.document_request(&due.request), tenant.request_schedule(&due.request), tenant.company())
        })
        .await?;
    let (Some(request), Some(schedule), Some(company)) = (request, schedule, company) else { return Ok(false) };
    let firm = request.acting_as.bounded_by().cloned().map(Org::Firm);
    let (connection, member) = store
        .load(&authority, now, |tenant| {
            (firm.as_ref().and_then(|firm| tenant.connection(firm)), tenant.member(&request.asked_by))
        })
        .await?;
    let standing = Standing { connection: connection.flatten(), member };
    let new_id = DocumentRequestId::from_uuid(api::clock::new_uuid());
    let Some(step) = schedule.step(&request, &company.time_zone, &standing, new_id, now) else { return Ok(false) };

    let actor = Actor::schedule("document_requests");
    let mut change = store.change(&authority, ChangeContext { at: now, actor, request_id: request_id.to_owned() });
    change.put(|tenant| tenant.request_schedule(&request.id), Some(schedule.version), &step.schedule);
    match &step.request {
        Some(after) => change.put(|tenant| tenant.document_request(&request.id), Some(request.version), after),
        None => change.unchanged(|tenant| tenant.document_request(&request.id), request.version),
    }
    if let Some((next, schedule)) = &step.next {
        change.put(|tenant| tenant.document_request(&next.id), None, next);
        change.put(|tenant| tenant.request_schedule(&next.id), None, schedule);
    }
    for event in step.events {
        change.record(event);
    }
    change.commit().await?;
    Ok(true)
}
