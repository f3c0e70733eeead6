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
    /// The ways in which it can start workers; the default is the interpreter's own. Empty where there is no choice.
    pub starts: &'static [Start],
}

/// Worker processes where nobody chooses.
pub const DEFAULT_WORKERS: u64 = 2;
/// How long nothing may happen where nobody says so.
pub const DEFAULT_STALL_NS: u64 = 60_000_000_000;

/// How an engine runs tasks.
#[derive(Clone)]
pub struct Settings {
    /// The program to start as worker processes, for engines that are not Python's.
    pub program: PathBuf,
    /// The Python that runs them, for engines that are.
    pub interpreter: Option<Interpreter>,
    /// The codec that data goes through, for engines that are not Python's.
    pub codec: Option<&'static dyn Codec>,
    /// One of [`EngineInfo::starts`]; what the program or the interpreter chooses where `None`.
    pub start: Option<Start>,
    /// One of [`EngineInfo::calls`]; what the program chooses, or the first, where `None`.
    pub call: Option<Call>,
    /// Tasks in a message; the program's or the engine's own choice where `None`.
    pub chunksize: Option<u64>,
    /// Worker processes; what the program chooses, or [`DEFAULT_WORKERS`], where `None`.
    pub workers: Option<u64>,
    /// Whether a program of the user's own may choose another engine of Python's.
    pub engine_is_open: bool,
    /// How long nothing may happen, in nanoseconds, before a scenario is ended.
    pub stall_ns: u64,
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
    pub fn new(program: PathBuf) -> Self {
        Settings {
            program,
            interpreter: None,
            codec: None,
            start: None,
            call: None,
            chunksize: None,
            workers: None,
            engine_is_open: false,
            stall_ns: DEFAULT_STALL_NS,
            tasks: 8,
            call_ns: 0,
            record: true,
            digest: false,
        }
    }
}

impl Settings {
    /// The number of workers where no program chooses it.
    pub fn workers(&self) -> u64 {
        self.workers.unwrap_or(DEFAULT_WORKERS)
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
    /// The runtime that ran it: `CPython 3.11.7`.
    pub runtime: Option<String>,
    /// The calls that were made, each with a pool of its own, in order. A built-in scenario makes one.
    pub calls: Vec<CallRecording>,
    /// Whether the data was asked for.
    pub took_data: bool,
    /// Whether it came to its end.
    pub finished: bool,
    /// Whether the user stopped it.
    pub interrupted: bool,
    /// Notes for readers of the numbers.
    pub notes: Vec<String>,
    /// Why it ended early.
    pub error: Option<String>,
}

/// One call: tasks that went through a pool.
#[derive(Debug, Default)]
pub struct CallRecording {
    /// The engine's name.
    pub engine: String,
    /// The method that the tasks were sent by, where there is a choice.
    pub call: Option<String>,
    /// How workers were started, where there is a choice.
    pub start: Option<String>,
    /// Tasks in a message, where it is not one.
    pub chunksize: Option<u64>,
    /// Worker processes.
    pub workers: u64,
    /// Tasks; `None` where nobody knows.
    pub tasks: Option<u64>,
    /// The function's name, where it has one.
    pub function: Option<String>,
    /// The files with the stamps of all processes, in the job's directory.
    pub records: Records,
    /// Whether there are to be any.
    pub is_recorded: bool,
    /// Tasks whose result was taken; `None` where it did not come to its end.
    pub done: Option<u64>,
    /// Tasks that ended in an exception.
    pub failed: u64,
    /// From making the pool to having closed it, in nanoseconds.
    pub wall_ns: Option<u64>,
    /// The same by the clock of this process, from one event to the other.
    pub outside_ns: Option<u64>,
    /// The time that the program's own thread took for the items, in nanoseconds, where it asked an iterator for them.
    pub iterated_ns: Option<u64>,
    /// The first messages encoded again, by themselves.
    pub alone: Option<Isolated>,
    /// The first message as it was encoded.
    pub encoded: Option<Vec<u8>>,
    /// The first result as it was encoded.
    pub result: Option<Vec<u8>>,
    /// The paths at which all tasks have one and the same object.
    pub same: Vec<String>,
    /// The digest of all results, where it was asked for.
    pub digest: Option<String>,
    /// Notes for readers of the numbers.
    pub notes: Vec<String>,
    /// Why it ended early, or which task failed.
    pub error: Option<String>,
}

impl CallRecording {
    /// Whether it came to its end, with everything recorded and no task lost.
    pub fn is_whole(&self) -> bool {
        let is_full = self.records.missing > 0 || self.records.stopped();
        self.done.is_some() && self.failed == 0 && self.error.is_none() && self.is_recorded && !is_full
    }
}

/// Why an engine could not begin.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct EngineError(pub String);

/// The note about tasks that failed; `first` is the message of the first.
fn some_failed(failed: u64, tasks: u64, first: &str) -> String {
    format!("{failed} of {tasks} tasks failed; the first with {first}")
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
