//! A small Lambda Runtime API: runs a function's binary as Lambda would, and measures it.
//!
//! One server per process, one invocation at a time, as on Lambda. It owns the process: starting,
//! feeding, killing in the middle of an invocation (PROOF.md, F2), and reading its clocks. It knows
//! nothing of what a function does; [`HttpEvent`] only spells the event of API Gateway's HTTP API.
//!
//! What it does not do, and Lambda does: freeze the process between invocations, limit its CPU to a
//! share that grows with its memory, and enforce IAM.

mod event;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt,
    future::Future,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use hyper::{HeaderMap, Method, Response, StatusCode, header::HeaderValue};
use nix::{
    time::{clock_getcpuclockid, clock_gettime},
    unistd::Pid,
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::{Mutex as AsyncMutex, mpsc, oneshot, watch},
    task::AbortHandle,
};
use uuid::Uuid;

use event::ACCOUNT_ID;
pub use event::{HttpAnswer, HttpEvent, NotAnHttpAnswer};

use crate::wire::{Reply, Request, Server, WireError};

const NEXT: &str = "/2018-06-01/runtime/invocation/next";
const INIT_ERROR: &str = "/2018-06-01/runtime/init/error";
const INVOCATION: &str = "/2018-06-01/runtime/invocation/";
/// How long a function may take from exec to its first poll: Lambda's own limit.
const INIT_LIMIT: Duration = Duration::from_secs(10);
/// Lines of output kept per process.
const LOG_LINES_MAX: usize = 20_000;

/// What a process has used since it began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// User and system time of all its threads, ended ones included, to the nanosecond.
    pub cpu: Duration,
    /// Resident memory now, in bytes.
    pub resident_bytes: u64,
    /// The most that was ever resident, in bytes.
    pub resident_peak_bytes: u64,
}

impl Usage {
    /// Reads the clocks of a running process; none when it is gone.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        let pid = i32::try_from(pid).ok()?;
        // The process's own CPU clock, not /proc/<pid>/stat: that counts in ticks of 10 ms, and
        // schedstat counts single threads and is often compiled out.
        let clock = clock_getcpuclockid(Pid::from_raw(pid)).ok()?;
        let cpu = Duration::from(clock_gettime(clock).ok()?);
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let kilobytes = |field: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(field))?;
            line.split_whitespace().next()?.parse().ok()
        };
        Some(Self {
            cpu,
            resident_bytes: kilobytes("VmRSS:")?.saturating_mul(1024),
            resident_peak_bytes: kilobytes("VmHWM:")?.saturating_mul(1024),
        })
    }
}

/// From exec to the first poll.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Init {
    /// The time it took.
    pub wall: Duration,
    /// What was used by then.
    pub usage: Usage,
}

/// What the function answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// The response, as JSON.
    Response(Value),
    /// The handler failed or panicked; the runtime's error document.
    Error(Value),
}

/// One finished invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The request id it was given.
    pub request_id: String,
    /// The answer.
    pub payload: Payload,
    /// From handing out the event to receiving the response.
    pub wall: Duration,
    /// CPU from the poll before to the poll after: the runtime's loop is in it, as it is in the bill.
    pub cpu: Duration,
    /// What the process has used since it began, at the poll after.
    pub usage: Usage,
}

/// Why a function gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeApiError {
    /// The server could not start.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The binary could not be run.
    #[error("cannot run {program}: {source}")]
    Spawn {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The function reported that its init failed.
    #[error("the function's init failed: {0}")]
    InitFailed(Value),
    /// The process ended, or was killed, before it answered.
    #[error("the function ended ({status}); its last words:\n{log}")]
    Ended {
        /// How it ended.
        status: String,
        /// The end of its output.
        log: String,
    },
    /// It did not answer in time, and was killed, as Lambda does.
    #[error("the function did not answer within {0:?}")]
    TimedOut(Duration),
    /// The answer is not an HTTP response.
    #[error(transparent)]
    NotHttp(#[from] NotAnHttpAnswer),
    /// An HTTP handler failed instead of answering.
    #[error("the function answered an error: {0}")]
    Failed(Value),
}

/// How to start a function.
#[derive(Debug, Clone)]
pub struct Launch {
    program: PathBuf,
    arguments: Vec<OsString>,
    name: String,
    environment: BTreeMap<String, String>,
    memory_mb: u32,
    timeout: Duration,
}

impl Launch {
    /// A binary, to be started with Lambda's environment and nothing of ours.
    pub fn new(name: &str, program: impl AsRef<Path>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            name: name.to_owned(),
            environment: BTreeMap::new(),
            memory_mb: 256,
            timeout: Duration::from_secs(30),
        }
    }

    /// Sets an environment variable, over Lambda's own where they collide.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// Sets several environment variables.
    #[must_use]
    pub fn envs<K: Into<String>, V: Into<String>>(mut self, variables: impl IntoIterator<Item = (K, V)>) -> Self {
        self.environment.extend(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Adds an argument (Lambda gives none; for programs which are not functions).
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// The function's timeout: the deadline in its events, after which it is killed.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Starts it and waits for its first poll.
    ///
    /// # Errors
    /// When it cannot be run, ends, reports an init error, or does not poll within ten seconds.
    pub async fn start(self) -> Result<Function, RuntimeApiError> {
        let api = Arc::new(Api::new(self.timeout, &self.name));
        let server = {
            let api = Arc::clone(&api);
            Server::start(0, None, move |request| serve(Arc::clone(&api), request)).await?
        };
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env_clear()
            .envs(self.lambda_environment(&server.address().to_string()))
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let exec_at = Instant::now();
        let mut child =
            command.spawn().map_err(|source| RuntimeApiError::Spawn { program: self.program.clone(), source })?;
        if let Some(pid) = child.id() {
            let _ = api.pid.set(pid);
        }
        let readers = [
            child.stdout.take().map(|out| keep(Arc::clone(&api), out)),
            child.stderr.take().map(|err| keep(Arc::clone(&api), err)),
        ];
        let (kill, killed) = oneshot::channel();
        let waiting = tokio::spawn(wait(Arc::clone(&api), child, killed, readers));
        let function = Function {
            alive: Arc::new(Alive {
                api,
                kill: Mutex::new(Some(kill)),
                turn: AsyncMutex::new(()),
                waiting: waiting.abort_handle(),
                _server: server,
            }),
            init: Init { wall: Duration::ZERO, usage: Usage::default() },
        };
        function.started(exec_at).await
    }

    fn lambda_environment(&self, runtime_api: &str) -> BTreeMap<&'static str, String> {
        let region = "eu-central-1";
        BTreeMap::from([
            ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_owned()),
            ("AWS_LAMBDA_FUNCTION_NAME", self.name.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", self.memory_mb.to_string()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", self.name)),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef".to_owned()),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023".to_owned()),
            ("AWS_REGION", region.to_owned()),
            ("AWS_DEFAULT_REGION", region.to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("LAMBDA_TASK_ROOT", "/var/task".to_owned()),
            ("LAMBDA_RUNTIME_DIR", "/var/runtime".to_owned()),
            ("_HANDLER", "bootstrap".to_owned()),
            ("LANG", "en_US.UTF-8".to_owned()),
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("TZ", ":UTC".to_owned()),
        ])
    }
}

/// A running function. Clones are handles of the same process, which is killed with the last one.
#[derive(Debug, Clone)]
pub struct Function {
    alive: Arc<Alive>,
    init: Init,
}

struct Alive {
    api: Arc<Api>,
    kill: Mutex<Option<oneshot::Sender<()>>>,
    /// One invocation at a time, as on Lambda.
    turn: AsyncMutex<()>,
    waiting: AbortHandle,
    _server: Server,
}

impl fmt::Debug for Alive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alive").field("pid", &self.api.pid.get()).finish_non_exhaustive()
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        // The child is in that task and dies with it.
        self.waiting.abort();
    }
}

impl Function {
    async fn started(mut self, exec_at: Instant) -> Result<Self, RuntimeApiError> {
        let mut polls = self.alive.api.polls.subscribe();
        let first = self
            .unless_ended(INIT_LIMIT, async move { polls.wait_for(|poll| poll.count >= 1).await.map(|poll| *poll) })
            .await?
            .unwrap_or_else(|_closed| Poll::none());
        self.init = Init { wall: first.at.saturating_duration_since(exec_at), usage: first.usage };
        Ok(self)
    }

    /// From exec to the first poll.
    #[must_use]
    pub fn init(&self) -> Init {
        self.init
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.alive.api.pid.get().copied()
    }

    /// What the process has used so far; none when it is gone.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.pid().and_then(Usage::of)
    }

    /// Everything it has written to stdout and stderr, line by line.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        lock(&self.alive.api.log).clone()
    }

    /// Whether the process has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.alive.api.ended.borrow().is_some()
    }

    /// Hands the function an event, and waits for its answer and its next poll.
    ///
    /// # Errors
    /// When it ends, is killed, or does not answer within its timeout.
    pub async fn invoke(&self, event: &Value) -> Result<Invocation, RuntimeApiError> {
        let api = &self.alive.api;
        let _turn = self.alive.turn.lock().await;
        let before = *api.polls.borrow();
        let request_id = Uuid::new_v4().to_string();
        let (answer, answered) = oneshot::channel();
        *lock(&api.in_flight) =
            Some(InFlight { request_id: request_id.clone(), handed_out_at: None, answer: Some(answer) });
        let event = Event { request_id: request_id.clone(), body: Bytes::from(event.to_string()) };
        // The receiver lives as long as `api`.
        let _ = api.events.send(event);
        let mut polls = api.polls.subscribe();
        let (answer, after) = self
            .unless_ended(api.timeout, async move {
                let answer = answered.await.ok();
                let after = polls.wait_for(|poll| poll.count > before.count).await;
                (answer, after.map(|poll| *poll).ok())
            })
            .await?;
        let (Some(answer), Some(after)) = (answer, after) else {
            return Err(self.ended_error());
        };
        Ok(Invocation {
            request_id,
            payload: answer.payload,
            wall: answer.wall,
            cpu: after.usage.cpu.saturating_sub(before.usage.cpu),
            usage: after.usage,
        })
    }

    /// Sends an HTTP request as API Gateway would, and reads the HTTP response.
    ///
    /// # Errors
    /// As [`Function::invoke`], and when the handler failed or did not answer HTTP.
    pub async fn request(&self, event: &HttpEvent) -> Result<HttpAnswer, RuntimeApiError> {
        self.measure(event).await.map(|(answer, _invocation)| answer)
    }

    /// As [`Function::request`], with what it took.
    ///
    /// # Errors
    /// As [`Function::request`].
    pub async fn measure(&self, event: &HttpEvent) -> Result<(HttpAnswer, Invocation), RuntimeApiError> {
        let invocation = self.invoke(&event.to_json()).await?;
        match &invocation.payload {
            Payload::Error(error) => Err(RuntimeApiError::Failed(error.clone())),
            Payload::Response(response) => Ok((HttpAnswer::parse(response)?, invocation)),
        }
    }

    /// Kills the process at once (SIGKILL), also in the middle of an invocation, and waits until
    /// it is gone. The invocation fails with [`RuntimeApiError::Ended`].
    pub async fn kill(&self) {
        if let Some(kill) = lock(&self.alive.kill).take() {
            let _ = kill.send(());
        }
        some(&self.alive.api.ended).await;
    }

    /// Waits for `work`, but no longer than `limit`, nor than the process lives.
    async fn unless_ended<T>(&self, limit: Duration, work: impl Future<Output = T>) -> Result<T, RuntimeApiError> {
        let api = &self.alive.api;
        tokio::select! {
            biased;
            done = work => Ok(done),
            error = some(&api.init_error) => Err(RuntimeApiError::InitFailed(error)),
            _status = some(&api.ended) => Err(self.ended_error()),
            () = tokio::time::sleep(limit) => {
                self.kill().await;
                Err(RuntimeApiError::TimedOut(limit))
            }
        }
    }

    fn ended_error(&self) -> RuntimeApiError {
        let api = &self.alive.api;
        let log = lock(&api.log);
        let tail: Vec<&str> = log.iter().rev().take(20).rev().map(String::as_str).collect();
        RuntimeApiError::Ended {
            status: api.ended.borrow().clone().unwrap_or_else(|| "still running".to_owned()),
            log: tail.join("\n"),
        }
    }
}

struct Event {
    request_id: String,
    body: Bytes,
}

struct InFlight {
    request_id: String,
    handed_out_at: Option<Instant>,
    answer: Option<oneshot::Sender<Answered>>,
}

struct Answered {
    payload: Payload,
    wall: Duration,
}

/// The latest poll for the next event.
#[derive(Debug, Clone, Copy)]
struct Poll {
    count: u64,
    at: Instant,
    usage: Usage,
}

impl Poll {
    fn none() -> Self {
        Self { count: 0, at: Instant::now(), usage: Usage::default() }
    }
}

/// The state behind the three calls of the Runtime API.
struct Api {
    timeout: Duration,
    arn: String,
    pid: OnceLock<u32>,
    events: mpsc::UnboundedSender<Event>,
    queue: AsyncMutex<mpsc::UnboundedReceiver<Event>>,
    in_flight: Mutex<Option<InFlight>>,
    polls: watch::Sender<Poll>,
    init_error: watch::Sender<Option<Value>>,
    ended: watch::Sender<Option<String>>,
    log: Mutex<Vec<String>>,
}

impl Api {
    fn new(timeout: Duration, name: &str) -> Self {
        let (events, queue) = mpsc::unbounded_channel();
        Self {
            timeout,
            arn: format!("arn:aws:lambda:eu-central-1:{ACCOUNT_ID}:function:{name}"),
            pid: OnceLock::new(),
            events,
            queue: AsyncMutex::new(queue),
            in_flight: Mutex::new(None),
            polls: watch::Sender::new(Poll::none()),
            init_error: watch::Sender::new(None),
            ended: watch::Sender::new(None),
            log: Mutex::new(Vec::new()),
        }
    }

    fn polled(&self) {
        let at = Instant::now();
        let usage = self.pid.get().copied().and_then(Usage::of);
        self.polls.send_modify(|poll| {
            poll.count = poll.count.saturating_add(1);
            poll.at = at;
            poll.usage = usage.unwrap_or(poll.usage);
        });
    }

    fn answered(&self, request_id: &str, payload: Payload) -> StatusCode {
        let answered_at = Instant::now();
        let mut in_flight = lock(&self.in_flight);
        let Some(current) = in_flight.as_mut().filter(|current| current.request_id == request_id) else {
            return StatusCode::FORBIDDEN;
        };
        let wall = current.handed_out_at.map_or(Duration::ZERO, |at| answered_at.saturating_duration_since(at));
        match current.answer.take() {
            None => StatusCode::FORBIDDEN,
            Some(answer) => {
                let _ = answer.send(Answered { payload, wall });
                StatusCode::ACCEPTED
            }
        }
    }
}

/// Waits until there is a value.
async fn some<T: Clone>(sender: &watch::Sender<Option<T>>) -> T {
    let mut receiver = sender.subscribe();
    loop {
        if let Some(value) = receiver.borrow_and_update().clone() {
            return value;
        }
        // The sender is borrowed, so it cannot be gone.
        let _ = receiver.changed().await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(api: Arc<Api>, request: Request) -> Reply {
    let path = request.uri().path();
    let document = || serde_json::from_slice(request.body()).unwrap_or(Value::Null);
    let status = match (request.method(), path) {
        (&Method::GET, NEXT) => return next(&api).await,
        (&Method::POST, INIT_ERROR) => {
            api.init_error.send_replace(Some(document()));
            StatusCode::ACCEPTED
        }
        (&Method::POST, path) => match path.strip_prefix(INVOCATION).and_then(|p| p.split_once('/')) {
            Some((id, "response")) => api.answered(id, Payload::Response(document())),
            Some((id, "error")) => api.answered(id, Payload::Error(document())),
            _ => StatusCode::NOT_FOUND,
        },
        _ => StatusCode::NOT_FOUND,
    };
    let mut response = Response::new(Bytes::from_static(b"{\"status\":\"OK\"}"));
    *response.status_mut() = status;
    response.into()
}

async fn next(api: &Api) -> Reply {
    api.polled();
    let Some(event) = api.queue.lock().await.recv().await else {
        return Reply::HangUp;
    };
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().saturating_add(api.timeout);
    let mut response = Response::new(event.body);
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in [
        ("lambda-runtime-aws-request-id", event.request_id.clone()),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", api.arn.clone()),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    if let Some(current) = lock(&api.in_flight).as_mut() {
        current.handed_out_at = Some(Instant::now());
    }
    response.into()
}

fn keep(api: Arc<Api>, output: impl AsyncRead + Unpin + Send + 'static) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let mut log = lock(&api.log);
            if log.len() < LOG_LINES_MAX {
                log.push(line);
            }
        }
    })
}

async fn wait(
    api: Arc<Api>,
    mut child: Child,
    killed: oneshot::Receiver<()>,
    readers: [Option<tokio::task::JoinHandle<()>>; 2],
) {
    let status: std::io::Result<ExitStatus> = tokio::select! {
        status = child.wait() => status,
        Ok(()) = killed => {
            let _ = child.start_kill();
            child.wait().await
        }
    };
    // What it wrote last is often the reason why it ended. A child of its own may keep the pipe
    // open, so this is bounded.
    for reader in readers.into_iter().flatten() {
        let _ = tokio::time::timeout(Duration::from_millis(200), reader).await;
    }
    let status = match status {
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    };
    api.ended.send_replace(Some(status));
}
