//! `make bench`: how the release binaries start, and what a request costs them, beside a
//! hello-world function measured in the same run.
//!
//! Each round starts every function anew under our own Runtime API, gives it one request cold and
//! some warm, and kills it; the rounds are interleaved, so that whatever else the machine does falls
//! on all alike, and medians are printed. Between a function and the table is a TLS hop of ours
//! (`tests::chaos` over TLS 1.3, P-256), since the first handshake is where a Rust function loses its
//! lead; behind it the table's answers are replayed (`replay`). CPU is read off the process's own
//! clock to the nanosecond. Round trips to the table are counted before the rounds, while every answer
//! takes a while. What is ours to improve is a
//! ratio to hello, world, which makes the numbers of two machines comparable.
//!
//! With `notify` come two figures of its own (`bulk`): letters a second, and a schedule over many companies.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to its terminal")]

mod bulk;
mod lists;
mod measure;
mod package;
mod replay;
mod report;
mod workload;

use std::{
    collections::BTreeMap,
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use tests::{
    Kit,
    chaos::{Chaos, ChaosError},
    counted::Counted,
    deployed,
    narrator::Narrator,
    runtime_api::{Launch, RuntimeApiError},
    stack::Stack,
    wire::{Identity, WireError},
};

use crate::{
    bulk::Bulk,
    lists::List,
    measure::{MeasureError, measure},
    package::{Package, PackageError},
    replay::Replay,
    report::{Report, Row, Start},
    workload::{HELLO, Scene, WORKLOADS, Workload},
};

const USAGE: &str = "\
usage: bench [FOLDER] [--rounds N] [--warm N] [--only FUNCTION]… [--json FILE] [--strict]

  FOLDER           where the binaries are, as <name>/bootstrap or <name>
                   (default: whichever of target/lambda and target/release is newer)
  --rounds N       processes started per request (20)
  --warm N         warm invocations per process (20)
  --only FUNCTION  measure this one beside hello; may come again. `--only hello` needs no stack
  --json FILE      write the numbers there too
  --strict         exit with 1 when an aim is missed that is counted or has a limit of its own, when a
                   page of a longer list takes more, or when a schedule reads more than what is due";

/// What a deployed function trusts.
const BUILT_IN_ROOTS: &str = include_str!("../../shared/store/src/amazon-roots.pem");

#[derive(Debug)]
struct Options {
    folders: Vec<PathBuf>,
    rounds: u32,
    warm: u32,
    only: Vec<String>,
    json: Option<PathBuf>,
    strict: bool,
}

#[derive(Debug, thiserror::Error)]
enum BenchError {
    #[error("{0}\n\n{USAGE}")]
    Usage(String),
    #[error("{0}")]
    Stack(String),
    #[error("{0}\nBuild them with: cargo lambda build --release (or cargo build --release -p <name>)")]
    Package(#[from] PackageError),
    #[error(transparent)]
    Chaos(#[from] ChaosError),
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error(transparent)]
    Measure(#[from] MeasureError),
    #[error("no relay before S3: {0}")]
    Relay(std::io::Error),
    #[error("{function}: {source}")]
    Start { function: String, source: RuntimeApiError },
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("notifications in bulk: {0}")]
    Bulk(String),
}

#[tokio::main]
async fn main() -> ExitCode {
    match bench().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

async fn bench() -> Result<ExitCode, BenchError> {
    let options = Options::parse(std::env::args().skip(1))?;
    let workloads: Vec<&'static Workload> =
        std::iter::once(&HELLO).chain(WORKLOADS.iter().filter(|workload| options.wants(workload.function()))).collect();
    let paged: Vec<List> = List::ALL.into_iter().filter(|list| options.wants(list.function())).collect();
    let in_bulk = options.wants(bulk::FUNCTION);
    let table = if in_bulk || !paged.is_empty() || workloads.iter().any(|workload| workload.needs_scene()) {
        let stack = Stack::load().map_err(BenchError::Stack)?;
        Some(Table::new(&stack)?)
    } else {
        None
    };
    let mut stages = Vec::new();
    for workload in workloads {
        stages.push(Stage::set(workload, &options, table.as_ref()).await?);
    }
    let mut starts = Starts::find(&options, table.as_ref()).await?;

    let mut scene = None;
    if let Some(table) = &table {
        eprintln!("setting the scene on the running stack…");
        scene = Some(Scene::set(&table.kit).await);
    }
    let mut count = 0_u64;
    let per_process = u64::from(options.warm).saturating_add(1);
    eprintln!("recording what the table answers…");
    for stage in &mut stages {
        stage.row.round_trips = stage.record(scene.as_ref(), count).await?;
        count = count.saturating_add(per_process);
    }
    for round in 1..=options.rounds {
        if std::io::stderr().is_terminal() {
            eprint!("\rround {round} of {} ", options.rounds);
        }
        if let Some(scene) = &mut scene {
            scene.keep_fresh().await;
        }
        for stage in &mut stages {
            let sample = stage.run(scene.as_ref(), options.warm, count).await?;
            stage.row.samples.push(sample);
            count = count.saturating_add(per_process);
        }
        starts.round().await?;
    }
    eprintln!();
    for stage in &stages {
        stage.say_what_was_not_replayed();
    }
    let report =
        Report { starts: starts.into_report(&stages), rows: stages.into_iter().map(|stage| stage.row).collect() };
    println!(
        "{} rounds, {} warm invocations each, medians; binaries from {}{}",
        options.rounds,
        options.warm,
        options.folders_shown(),
        report.text()
    );
    let mut uneven = false;
    for list in paged {
        let Some(table) = &table else { break };
        eprintln!("paging through lists of {}…", list.function());
        let measured = lists::Lists::measure(list, table, &options).await?;
        println!("{}", measured.text());
        uneven |= !measured.are_even();
    }
    let mut json = report.json();
    if in_bulk && let Some(table) = &table {
        let measured = Bulk::measure(table, &options).await?;
        println!("{}", measured.text());
        uneven |= !measured.reads_what_is_due();
        if let Some(json) = json.as_object_mut() {
            json.insert("bulk".to_owned(), measured.json());
        }
    }
    if let Some(path) = &options.json {
        std::fs::write(path, format!("{json:#}\n"))
            .map_err(|source| BenchError::File { path: path.clone(), source })?;
    }
    let missed = uneven || report.aims().iter().any(|aim| aim.is_firm && !aim.met);
    Ok(if options.strict && missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The table of the running stack, and the certificate under which we stand before it.
#[derive(Debug)]
struct Table {
    kit: Kit,
    identity: Identity,
    /// The roots that are built in, and our authority besides: a deployed function parses the same
    /// five at its start, out of its own binary.
    bundle: PathBuf,
}

impl Table {
    fn new(stack: &Stack) -> Result<Self, BenchError> {
        let identity = Identity::generate()?;
        let bundle = Stack::repository().join("target").join("bench-trusted.pem");
        std::fs::write(&bundle, format!("{BUILT_IN_ROOTS}\n{}", identity.authority_pem()))
            .map_err(|source| BenchError::File { path: bundle.clone(), source })?;
        Ok(Self { kit: Kit::new(stack, Narrator::silent()), identity, bundle })
    }

    /// A hop of its own for one function, so that what passes is that function's alone.
    async fn hop(&self) -> Result<(Chaos, Arc<Replay>), BenchError> {
        let replay = Arc::new(Replay::of(&self.kit.stack.endpoint)?);
        let chaos = Chaos::start(Arc::<Replay>::clone(&replay), Some(&self.identity)).await?;
        Ok((chaos, replay))
    }

    /// The environment it was deployed with, its table behind the hop.
    async fn launch(&self, function: &str, binary: &Path, hop: &Chaos) -> Launch {
        deployed::launch(&self.kit.stack, &self.kit.http, function, binary)
            .await
            .env("AWS_ENDPOINT_URL_DYNAMODB", hop.endpoint())
            .env("SSL_CERT_FILE", self.bundle.display().to_string())
    }
}

/// A workload, its binary, and the hop to its table.
#[derive(Debug)]
struct Stage {
    launch: Launch,
    package: Package,
    hop: Option<(Chaos, Arc<Replay>)>,
    bucket: Option<Counted>,
    row: Row,
}

impl Stage {
    async fn set(workload: &'static Workload, options: &Options, table: Option<&Table>) -> Result<Self, BenchError> {
        let package = Package::find(workload.function(), &options.folders)?;
        let (launch, hop, bucket) = match table.filter(|_| workload.needs_scene()) {
            None => (Launch::new(workload.function(), &package.binary), None, None),
            Some(table) => {
                let hop = table.hop().await?;
                let bucket = Counted::in_front_of(&table.kit.stack.endpoint).await.map_err(BenchError::Relay)?;
                let launch = table.launch(workload.function(), &package.binary, &hop.0).await;
                (launch.env("AWS_ENDPOINT_URL_S3", bucket.endpoint()), Some(hop), Some(bucket))
            }
        };
        Ok(Self { launch, package, hop, bucket, row: Row { workload, samples: Vec::new(), round_trips: 0 } })
    }

    async fn run(&self, scene: Option<&Scene>, warm: u32, first: u64) -> Result<measure::Sample, MeasureError> {
        let table = self.hop.as_ref().map(|(chaos, _replay)| chaos);
        measure(self.row.workload, self.launch.clone(), (table, self.bucket.as_ref()), scene, warm, first).await
    }

    /// One cold and one warm invocation before the rounds, whose answers take a while: the table's are
    /// recorded, and the warm one's round trips counted.
    async fn record(&self, scene: Option<&Scene>, first: u64) -> Result<usize, MeasureError> {
        let slow = |slow| self.hop.iter().for_each(|(_chaos, replay)| replay.set_slow(slow));
        slow(true);
        let sample = self.run(scene, 1, first).await?;
        slow(false);
        Ok(sample.round_trips)
    }

    /// An answer that had to be fetched during the rounds makes their wall time the emulator's.
    fn say_what_was_not_replayed(&self) {
        if let Some((_chaos, replay)) = &self.hop {
            let asked = replay.asked();
            let rounds = self.row.samples.len();
            if asked > rounds {
                eprintln!(
                    "note: {} asked the table itself {asked} times in {rounds} rounds; its wall time is the emulator's",
                    self.row.workload.title()
                );
            }
        }
    }
}

/// Every function of the stack, for size and start alone.
#[derive(Debug)]
struct Starts {
    functions: BTreeMap<String, (Package, Launch, Option<Chaos>)>,
    inits: BTreeMap<String, Vec<tests::runtime_api::Init>>,
}

impl Starts {
    async fn find(options: &Options, table: Option<&Table>) -> Result<Self, BenchError> {
        let mut functions = BTreeMap::new();
        if let Some(table) = table {
            for name in table.kit.stack.functions.keys().filter(|name| options.wants(name)) {
                let package = Package::find(name, &options.folders)?;
                let (hop, _replay) = table.hop().await?;
                let launch = table.launch(name, &package.binary, &hop).await;
                functions.insert(name.clone(), (package, launch, Some(hop)));
            }
        }
        Ok(Self { functions, inits: BTreeMap::new() })
    }

    async fn round(&mut self) -> Result<(), BenchError> {
        for (name, (_package, launch, _hop)) in &self.functions {
            let started = launch.clone().start().await;
            let function = started.map_err(|source| BenchError::Start { function: name.clone(), source })?;
            self.inits.entry(name.clone()).or_default().push(function.init());
        }
        Ok(())
    }

    /// The yardstick first, then every function by name.
    fn into_report(mut self, stages: &[Stage]) -> Vec<Start> {
        let yardstick = stages.iter().filter(|stage| !stage.row.workload.needs_scene()).map(|stage| Start {
            function: stage.row.workload.function().to_owned(),
            package: stage.package.clone(),
            inits: stage.row.samples.iter().map(|sample| sample.init).collect(),
        });
        let mut starts: Vec<Start> = yardstick.collect();
        for (function, (package, _launch, _hop)) in self.functions {
            let inits = self.inits.remove(&function).unwrap_or_default();
            starts.push(Start { function, package, inits });
        }
        starts
    }
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, BenchError> {
        let target = Stack::repository().join("target");
        let mut options = Self {
            folders: vec![target.join("lambda"), target.join("release")],
            rounds: 20,
            warm: 20,
            only: Vec::new(),
            json: None,
            strict: false,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| BenchError::Usage(format!("{argument} wants a value")));
            match argument.as_str() {
                "--rounds" => options.rounds = number(&value()?)?,
                "--warm" => options.warm = number(&value()?)?,
                "--only" => options.only.push(value()?),
                "--json" => options.json = Some(value()?.into()),
                "--strict" => options.strict = true,
                flag if flag.starts_with('-') => return Err(BenchError::Usage(format!("unknown option {flag}"))),
                folder => options.folders = vec![folder.into()],
            }
        }
        Ok(options)
    }

    fn wants(&self, function: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == function)
    }

    fn folders_shown(&self) -> String {
        let root = Stack::repository();
        self.folders
            .iter()
            .map(|folder| folder.strip_prefix(&root).unwrap_or(folder).display().to_string())
            .collect::<Vec<_>>()
            .join(" or ")
    }
}

fn number(text: &str) -> Result<u32, BenchError> {
    text.parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| BenchError::Usage(format!("not a number above 0: {text}")))
}
