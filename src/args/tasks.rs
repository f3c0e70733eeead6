//! What may be said to `sercost tasks`.

use super::{Format, Reading};
use std::ffi::OsString;
use std::path::PathBuf;

/// The arguments of `sercost tasks`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  sercost tasks default-arg partial initializer --payload range:10M --workers 2 --tasks 8
  sercost tasks noop --tasks 10k
  sercost tasks args return --payload orders.json --engine executor
  sercost tasks partial --start spawn --chunksize 4 --call-time 5ms --format markdown --out run.json")]
pub struct Tasks {
    /// How the data comes to the task: default-arg, partial, args, return, initializer, global, shared-memory,
    /// bound-method, noop, or a Python file of your own that calls run(...); all without a name
    #[arg(value_name = "SCENARIO")]
    pub scenarios: Vec<OsString>,

    /// The data: a built-in shape with its count, a file, or - for standard input, as in profile; range:1M without it
    #[arg(long, value_name = "PAYLOAD", help_heading = "What to measure")]
    pub payload: Option<OsString>,
    /// The engine that runs the tasks: pool (multiprocessing.Pool), executor (concurrent.futures.ProcessPoolExecutor), native (sercost's
    /// own processes). Without it what a file of your own says, or pool
    #[arg(long, value_name = "ENGINE", help_heading = "What to measure")]
    pub engine: Option<String>,
    /// The method that tasks are sent by: imap, imap_unordered, map, starmap, apply, apply_async of a pool; submit, map of an
    /// executor; imap, imap_unordered, apply of native. Without it what a file of your own says, or the first
    #[arg(long, value_name = "METHOD", help_heading = "What to measure")]
    pub call: Option<String>,
    /// The codec for the data with native, as in profile; without it postcard
    #[arg(short, long, value_name = "CODEC", help_heading = "What to measure")]
    pub codec: Option<String>,
    /// How worker processes are started: fork, spawn, forkserver. Without it what the interpreter does by itself: forkserver
    /// from CPython 3.14 on, fork before
    #[arg(long, value_name = "METHOD", help_heading = "What to measure")]
    pub start: Option<String>,
    /// Send N tasks in one message; without it what a file of your own says, or the method does by itself
    #[arg(long, value_name = "N", help_heading = "What to measure")]
    pub chunksize: Option<String>,
    /// Worker processes; without it what a file of your own says, or 2
    #[arg(long, value_name = "N", help_heading = "What to measure")]
    pub workers: Option<String>,
    /// Tasks, where a file of your own does not say which
    #[arg(long, value_name = "N", default_value = "8", help_heading = "What to measure")]
    pub tasks: String,
    /// How long a task computes: 0, 5ms
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "0ns",
        hide_short_help = true,
        help_heading = "What to measure"
    )]
    pub call_time: String,
    /// End a scenario when no task has ended for so long and no process of it computed
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "60s",
        hide_short_help = true,
        help_heading = "What to measure"
    )]
    pub stall: String,
    /// The Python that runs them, CPython 3.8 or later; without it python3 on the path
    #[arg(long, value_name = "INTERPRETER", help_heading = "What to measure")]
    pub python: Option<PathBuf>,
    /// The seed of built-in shapes
    #[arg(long, value_name = "N", default_value_t = 1, hide_short_help = true, help_heading = "What to measure")]
    pub seed: u64,

    /// How a file is read.
    #[command(flatten)]
    pub reading: Reading,

    /// How to show the results
    #[arg(short, long, value_enum, default_value = "text", help_heading = "Output")]
    pub format: Format,
    /// What is shown beyond the first screen.
    #[command(flatten)]
    pub shown: Parts,
    /// Write the results file here too, while measuring
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// Write what each thread did when, as a timeline for ui.perfetto.dev or chrome://tracing
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub trace_out: Option<PathBuf>,
    /// Replace files that sercost has not written with its outputs; never an input of the same call
    #[arg(long, hide_short_help = true, help_heading = "Output")]
    pub force: bool,
    /// Take no stamps: for tests and for the benchmark of the agent
    #[arg(long, hide = true)]
    pub untraced: bool,
    /// Keep all results and say what they come to
    #[arg(long, hide = true)]
    pub digest: bool,
}

/// The parts of a report on tasks beyond its first screen.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Parts {
    /// Show all of it: components, ledgers, checks, machine and versions
    #[arg(long, help_heading = "Output")]
    pub details: bool,
    /// Show the components, scenarios side by side
    #[arg(long, help_heading = "Output")]
    pub components: bool,
    /// Show the ledgers of each scenario: tasks, workers, the thread that sends, the thread that takes results
    #[arg(long, help_heading = "Output")]
    pub ledgers: bool,
    /// Show the check of encoding, what the ledgers explain, and the parts of the first message
    #[arg(long, help_heading = "Output")]
    pub check: bool,
    /// Show machine, clock, settings and versions
    #[arg(long, help_heading = "Output")]
    pub environment: bool,
}
