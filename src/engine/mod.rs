//! The engines that run the tasks of a pool: one file and one line of [`ENGINES`] each.
//!
//! An *engine* runs a *scenario* with real worker processes, which leave records. The ledgers sum these up.

mod driver;
mod executor;
mod native;
mod pool;
mod scenario;
mod study;

pub use native::{WORK_VERB, work};
pub use scenario::{SCENARIOS, Scenario, ScenarioError, ScenarioSpec};
pub use study::{Measured, Study};

use crate::codec::Codec;
use crate::host::RunDirectory;
use crate::ledger::Records;
use crate::model::{Isolated, nearest};
use crate::payload::Payload;
use crate::python::Interpreter;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// How a worker process is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// A copy of the parent.
    Fork,
    /// A new interpreter that imports the main module.
    Spawn,
    /// A copy of a server process that was started early.
    Forkserver,
}

impl Start {
    /// The name that Python has for it.
    pub fn name(self) -> &'static str {
        match self {
            Start::Fork => "fork",
            Start::Spawn => "spawn",
            Start::Forkserver => "forkserver",
        }
    }
}

/// The method by which tasks are handed to an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are Python's")]
pub enum Call {
    Imap,
    ImapUnordered,
    Map,
    Starmap,
    Apply,
    ApplyAsync,
    Submit,
}

/// All methods of all engines.
pub const CALLS: &[Call] =
    &[Call::Imap, Call::ImapUnordered, Call::Map, Call::Starmap, Call::Apply, Call::ApplyAsync, Call::Submit];

impl Call {
    /// The name that Python has for it.
    pub fn name(self) -> &'static str {
        match self {
            Call::Imap => "imap",
            Call::ImapUnordered => "imap_unordered",
            Call::Map => "map",
            Call::Starmap => "starmap",
            Call::Apply => "apply",
            Call::ApplyAsync => "apply_async",
            Call::Submit => "submit",
        }
    }

    /// Whether it can send several tasks in one message.
    pub fn chunks(self) -> bool {
        !matches!(self, Call::Apply | Call::ApplyAsync | Call::Submit)
    }
}

/// The facts about an engine.
#[derive(Debug)]
pub struct EngineInfo {
    /// The name on the command line.
    pub name: &'static str,
    /// Its description in a few words.
    pub what: &'static str,
    /// Its methods, the default first; empty where there is no choice.
    pub calls: &'static [Call],
    /// The ways in which it can start workers, the default first; empty where there is no choice.
    pub starts: &'static [Start],
}

/// How an engine runs tasks.
#[derive(Clone)]
pub struct Settings {
    /// The program to start as worker processes, for engines that are not Python's.
    pub program: PathBuf,
    /// The Python that runs them, for engines that are.
    pub interpreter: Option<Interpreter>,
    /// The codec that data goes through, for engines that are not Python's.
    pub codec: Option<&'static dyn Codec>,
    /// One of [`EngineInfo::starts`].
    pub start: Option<Start>,
    /// One of [`EngineInfo::calls`].
    pub call: Option<Call>,
    /// Tasks in a message; the engine's own choice where `None`.
    pub chunksize: Option<u64>,
    /// Worker processes.
    pub workers: u64,
    /// Tasks of each scenario.
    pub tasks: u64,
    /// The length of a task's own work, in nanoseconds.
    pub call_ns: u64,
    /// Whether to take stamps at all.
    pub record: bool,
    /// Whether to fold all results into a digest.
    pub digest: bool,
}

impl Settings {
    /// Eight tasks in two workers, by the engine's first method and way to start workers, with stamps.
    pub fn new(engine: &dyn Engine, program: PathBuf) -> Self {
        let info = engine.info();
        Settings {
            program,
            interpreter: None,
            codec: None,
            start: info.starts.first().copied(),
            call: info.calls.first().copied(),
            chunksize: None,
            workers: 2,
            tasks: 8,
            call_ns: 0,
            record: true,
            digest: false,
        }
    }
}

/// The work that an engine is asked to do.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The scenario.
    pub scenario: &'a ScenarioSpec,
    /// The data; `None` where the scenario has none. For the engines that are Python's, the directory has it as a file.
    pub data: Option<&'a Payload>,
    /// How it is done.
    pub settings: &'a Settings,
    /// The directory for files until the job is done.
    pub directory: &'a RunDirectory,
    /// Set when the user wants to stop.
    pub interrupted: &'a AtomicBool,
}

/// The outcome of a job.
#[derive(Debug, Default)]
pub struct Recording {
    /// The files with the stamps of all processes, in the job's directory.
    pub records: Records,
    /// The runtime that ran it: `CPython 3.11.7`.
    pub runtime: Option<String>,
    /// Tasks whose result was taken.
    pub done: u64,
    /// Tasks that ended in an exception.
    pub failed: u64,
    /// From making the pool to having closed it, in nanoseconds.
    pub wall_ns: Option<u64>,
    /// The first messages encoded again, by themselves.
    pub alone: Option<Isolated>,
    /// The first message as it was encoded.
    pub encoded: Option<Vec<u8>>,
    /// The digest of all results, where it was asked for.
    pub digest: Option<String>,
    /// Whether it came to its end.
    pub finished: bool,
    /// Whether the user stopped it.
    pub interrupted: bool,
    /// Notes for readers of the numbers.
    pub notes: Vec<String>,
    /// Why it ended early, or which task failed.
    pub error: Option<String>,
}

/// Why an engine could not begin.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct EngineError(pub String);

/// The note about tasks that failed; `first` is the message of the first.
fn some_failed(failed: u64, job: &Job<'_>, first: &str) -> String {
    format!("{failed} of {} tasks failed; the first with {first}", job.settings.tasks)
}

/// The note where there was no room for all records.
fn no_room(job: &Job<'_>) -> String {
    let directory = job.directory.path();
    format!(
        "not everything is recorded, since there was no room for more records in {}; free some, or set TMPDIR",
        directory.parent().unwrap_or(directory).display()
    )
}

/// Something that runs tasks in worker processes and leaves records of each.
pub trait Engine: Sync {
    /// The facts about it.
    fn info(&self) -> &'static EngineInfo;

    /// Whether it runs Python, which then encodes, and can send several tasks in one message.
    fn is_python(&self) -> bool {
        true
    }

    /// The reason that it has no such scenario; `None` where it has.
    fn refuses(&self, _scenario: &ScenarioSpec) -> Option<String> {
        None
    }

    /// Runs the job to its end, whatever that is.
    ///
    /// # Errors
    ///
    /// When it could not begin. What goes wrong later is in the recording, beside what was measured until then.
    fn run(&self, job: &Job<'_>) -> Result<Recording, EngineError>;
}

/// Every engine, in the order of the documentation. The first is the default.
pub const ENGINES: &[&dyn Engine] = &[&pool::Pool, &executor::Executor, &native::Native];

/// The engine of that name.
///
/// # Errors
///
/// In words, with the name that was probably meant.
pub fn find_engine(name: &str) -> Result<&'static dyn Engine, EngineError> {
    if let Some(engine) = ENGINES.iter().find(|engine| engine.info().name.eq_ignore_ascii_case(name)) {
        return Ok(*engine);
    }
    let names: Vec<&str> = ENGINES.iter().map(|engine| engine.info().name).collect();
    let nearest = nearest(name, names.iter().copied()).map(|name| format!("did you mean {name:?}? "));
    Err(EngineError(format!("unknown engine {name:?}; {}there are {}", nearest.unwrap_or_default(), names.join(", "))))
}
