//! One process from exec to its last warm invocation.

use std::time::Duration;

use serde_json::Value;
use tests::{
    capacity::{Meter, Units},
    chaos::{Chaos, round_trips},
    counted::Counted,
    runtime_api::{Function, HttpAnswer, Init, Launch, Payload, RuntimeApiError},
};

use crate::workload::{Scene, Workload};

/// What one process took.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) init: Init,
    /// CPU from exec through the first request: runtime, TLS handshake, first use of the table.
    pub(crate) cold_cpu: Duration,
    /// From handing out the first event to its answer.
    pub(crate) cold_wall: Duration,
    /// CPU of one warm invocation, the mean over them.
    pub(crate) warm_cpu: Duration,
    /// The wall time of each warm invocation.
    pub(crate) warm_wall: Vec<Duration>,
    pub(crate) resident_peak_bytes: u64,
    /// Requests to the table before the first event.
    pub(crate) init_requests: usize,
    /// The most requests to the table in one warm invocation, those that go out side by side among them.
    pub(crate) requests: usize,
    /// How many of them waited for one another at the most. Means something only where answers take a while.
    pub(crate) round_trips: usize,
    /// What a warm invocation costs the table.
    pub(crate) units: Units,
    /// The most calls to S3 in one warm invocation.
    pub(crate) bucket_calls: usize,
}

/// Why a measurement ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MeasureError {
    #[error("{title}: {source}")]
    Function { title: String, source: RuntimeApiError },
    #[error("{title}: answered {status}: {body}\n{log}")]
    Status { title: String, status: u16, body: String, log: String },
    #[error("{title}: the message is to come again\n{log}")]
    Message { title: String, log: String },
    #[error("{title}: needs the local stack")]
    NoScene { title: String },
}

/// Runs a workload once cold and `warm` times warm. Requests are numbered from `first` on.
pub(crate) async fn measure(
    workload: &Workload,
    launch: Launch,
    (table, bucket): (Option<&Chaos>, Option<&Counted>),
    scene: Option<&Scene>,
    warm: u32,
    first: u64,
) -> Result<Sample, MeasureError> {
    let failed = |source| MeasureError::Function { title: workload.title(), source };
    let exchanges = || table.map(Chaos::take_exchanges).unwrap_or_default();
    let mut meter = Meter::new();

    let _before = exchanges();
    let function = launch.start().await.map_err(failed)?;
    let at_init = exchanges();
    meter.measure_all(&at_init);

    let mut warm_wall = Vec::new();
    let (mut cold_cpu, mut cold_wall, mut last) = (Duration::ZERO, Duration::ZERO, None);
    let (mut requests, mut trips, mut units, mut bucket_calls) = (0, 0, Units::default(), 0);
    for (nth, request) in (first..).zip(0..=warm) {
        let event = workload.event(scene, nth).ok_or(MeasureError::NoScene { title: workload.title() })?;
        let invocation = function.invoke(&event).await.map_err(failed)?;
        check(workload, &invocation.payload, &function)?;
        let made = exchanges();
        let called = bucket.map(Counted::take).unwrap_or_default();
        let cost = meter.measure_all(&made);
        if request == 0 {
            cold_cpu = invocation.usage.cpu;
            cold_wall = invocation.wall;
        } else {
            warm_wall.push(invocation.wall);
            requests = requests.max(made.len());
            bucket_calls = bucket_calls.max(called);
            trips = trips.max(round_trips(&made).into_iter().max().unwrap_or_default());
            // Each is the same. The first may also read what a later one finds in memory.
            units = cost;
        }
        last = Some(invocation.usage);
    }
    let last = last.unwrap_or_default();
    let warm_cpu = last.cpu.saturating_sub(cold_cpu).checked_div(warm).unwrap_or_default();
    Ok(Sample {
        init: function.init(),
        cold_cpu,
        cold_wall,
        warm_cpu,
        warm_wall,
        resident_peak_bytes: last.resident_peak_bytes,
        init_requests: at_init.len(),
        requests,
        round_trips: trips,
        units,
        bucket_calls,
    })
}

/// Checks that an invocation did what it is measured for.
fn check(workload: &Workload, payload: &Payload, function: &Function) -> Result<(), MeasureError> {
    let title = || workload.title();
    let response = match payload {
        Payload::Response(response) => response,
        Payload::Error(error) => {
            return Err(MeasureError::Function { title: title(), source: RuntimeApiError::Failed(error.clone()) });
        }
    };
    if workload.statuses.is_empty() {
        let is_done = response.get("batchItemFailures").and_then(Value::as_array).is_some_and(Vec::is_empty);
        let failed = || MeasureError::Message { title: title(), log: function.log().join("\n") };
        return is_done.then_some(()).ok_or_else(failed);
    }
    let answer = HttpAnswer::parse(response)
        .map_err(|source| MeasureError::Function { title: title(), source: source.into() })?;
    if workload.statuses.contains(&answer.status) { Ok(()) } else { Err(unexpected(title(), &answer, &function.log())) }
}

fn unexpected(title: String, answer: &HttpAnswer, log: &[String]) -> MeasureError {
    MeasureError::Status { title, status: answer.status, body: answer.text(), log: log.join("\n") }
}
