//! The words of sercost as plain types: what every other module speaks and the results file holds.
//!
//! Nothing here measures, prints or decides. The results file is the serialized [`Run`]; its JSON Schema is
//! `schema/sercost.results-2.json`. What can be derived from samples by a reader (verdicts, ranks, break-even
//! bandwidths) is not stored; the summary is stored too, because it is what most readers want.

mod comparison;
mod component;
mod document;
mod layouts;
mod quantity;
mod row;
mod sink;
mod task;
mod text;
mod tracks;

use serde::{Deserialize, Serialize};
use std::fmt;

pub use comparison::{Comparison, CountChange, Counted, RowChange, Side, TimeChange};
pub use component::{COMPONENTS, Component, ComponentInfo};
pub use document::{DEEP_STACK_BYTES, Document};
pub use layouts::{AcrossLayouts, Layouts};
pub use quantity::{Nanos, ParseQuantityError, parse_bandwidth, parse_bytes, parse_count, parse_duration};
pub use row::RowKey;
pub use sercost_pickle::model::{
    Attribution, Bytes, CalledName, Calls, Fault, Finding, Found, Grown, Growth, Inspected, OpcodeCount, Part,
    PartKind, Path, RESULT_OF, Saving, Tally, Trust, grouped, nearest,
};
pub use sink::{Current, Glimpse, Silent, Sink};
pub use task::{Buckets, Closure, ComponentRow, EncodedPart, HeaviestPart, Isolated, Ledger, ScenarioInfo};
pub use text::clean;
pub use tracks::{Flow, Slice, Track, Tracks};

/// The transport of rows that do not cross: encoded and decoded in one process.
pub const NO_TRANSPORT: &str = "none";

/// The identifier of the results file's layout, found in its `schema` member.
pub const RESULTS_SCHEMA: &str = "sercost.results/2";

/// One step of a payload's trip, in the order of the trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The value becomes bytes, in the sending process.
    Encode,
    /// The bytes become fewer bytes, in the sending process.
    Compress,
    /// From the sender's first byte to the receiver's last byte.
    Transfer,
    /// The reverse of `Compress`, in the receiving process.
    Decompress,
    /// The bytes that arrived become a value, in the receiving process.
    Decode,
    /// The whole trip, from the start of encoding to the end of decoding, measured by its own pair of stamps
    /// (and not as the sum of the stages).
    Total,
}

impl Stage {
    /// The steps of a trip, in order, without [`Stage::Total`].
    pub const STEPS: [Stage; 5] = [Stage::Encode, Stage::Compress, Stage::Transfer, Stage::Decompress, Stage::Decode];

    /// The stage's name, as it stands in the results file.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Encode => "encode",
            Stage::Compress => "compress",
            Stage::Transfer => "transfer",
            Stage::Decompress => "decompress",
            Stage::Decode => "decode",
            Stage::Total => "total",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How a payload is held while it is encoded and after it is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Representation {
    /// Through the schema, as derived structs would be.
    Typed,
    /// As Rust types with derives that were compiled for the payload's schema.
    Derived,
    /// As a self-describing tree of values, as `serde_json::Value` would be.
    Dynamic,
    /// As Python's own lists, dicts, strings and numbers, inside an interpreter.
    Python,
}

impl Representation {
    /// The name, as it stands in the results file and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Representation::Typed => "typed",
            Representation::Derived => "derived",
            Representation::Dynamic => "dynamic",
            Representation::Python => "python",
        }
    }
}

impl fmt::Display for Representation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The summary of the samples of one measurement, per operation, in nanoseconds.
///
/// Count, minimum, maximum and mean are exact. So are percentiles and deviation, but for components of more than 1,000
/// samples, which have a histogram of three significant digits. The ratio is the median, over rounds, of this row's
/// sample divided by the reference row's sample of the same round; its interval is that of order statistics which covers 95 %.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How many samples (rounds) there are: slow rows may have fewer than others.
    pub count: u64,
    /// The fastest sample.
    pub min_ns: f64,
    /// The median.
    pub p50_ns: f64,
    /// The 90th percentile.
    pub p90_ns: f64,
    /// The 99th percentile.
    pub p99_ns: f64,
    /// The 99.9th percentile.
    pub p999_ns: f64,
    /// The slowest sample. Never filtered.
    pub max_ns: f64,
    /// The arithmetic mean.
    pub mean_ns: f64,
    /// The median absolute deviation from the median.
    pub mad_ns: f64,
    /// The median ratio to the reference row, over the rounds that both have; null where there is no reference.
    pub ratio: Option<f64>,
    /// The lower end of the ratio's 95 % interval; null for five rounds and fewer, which have none. Where a payload was measured
    /// in several layouts of the code, ratio and interval are those of layouts.
    pub ratio_low: Option<f64>,
    /// The upper end of the ratio's 95 % interval; null likewise.
    pub ratio_high: Option<f64>,
}

/// How a row compares with its reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It takes less, beyond chance and beyond what the measuring itself can shift.
    Faster,
    /// It takes more, likewise.
    Slower,
    /// The two cannot be told apart.
    Tie,
    /// The two differ in this run, but by no more than the measuring itself can shift.
    Close,
    /// The two differ in this run, but by no more than code shifts that lies elsewhere in a program, which is all that could shift
    /// them.
    Placement,
}

impl Verdict {
    /// The word shown for it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Faster => "faster",
            Verdict::Slower => "slower",
            Verdict::Tie => "tie",
            Verdict::Close => "close",
            Verdict::Placement => "within code placement",
        }
    }
}

/// The requests of one operation to the allocator, counted in a round of its own; for a stream of messages, `count` and
/// `bytes` are a message's share and the peaks those of the whole stream. Python's allocators do not count: of its rows
/// only the resident memory is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocations {
    /// Calls that obtained or grew memory; null where they were not counted.
    pub count: Option<u64>,
    /// Bytes asked for by those calls; null where they were not counted.
    pub bytes: Option<u64>,
    /// The most bytes that were live at once, above what was live before the operation; null where they were not counted.
    pub peak_bytes: Option<u64>,
    /// The most memory that the process had resident during the operation, in bytes (`VmHWM`, reset before it);
    /// null where the system does not say.
    pub peak_resident_bytes: Option<u64>,
    /// How many of the calls in `count` grew a block that was there; null where they were not counted, as in files from before.
    #[serde(default)]
    pub grows: Option<u64>,
    /// Calls that shrank a block, which `count` and `bytes` leave out; null likewise.
    #[serde(default)]
    pub shrinks: Option<u64>,
}

/// One row: one stage of one payload's trip by one codec over one transport.
///
/// `payload`, `representation`, `codec`, `compressor` and `transport` together name the trip, `stage` its part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The payload's name, as in [`PayloadInfo::name`].
    pub payload: String,
    /// The codec's name.
    pub codec: String,
    /// The crate (or module) behind the codec and its version, e.g. `serde_json 1.0.154`.
    pub codec_version: Option<String>,
    /// How the payload was held.
    pub representation: Representation,
    /// The part of the trip.
    pub stage: Stage,
    /// The transport of the trip; null for a trip that has none (the `null` codec).
    pub transport: Option<String>,
    /// The compressor of the trip, e.g. `zstd:3`; null for none.
    pub compressor: Option<String>,
    /// Whether the transfer is modelled from latency and bandwidth and not measured.
    pub modelled: bool,
    /// The bytes that the stage produced or moved, for one operation; null where it failed before that.
    pub bytes: Option<u64>,
    /// How many operations each sample covers.
    pub operations_per_sample: Option<u64>,
    /// One entry per round, in the order of rounds: nanoseconds for all the operations of the sample.
    /// A null stands for a round in which the row did not run.
    pub samples_ns: Vec<Option<u64>>,
    /// The summary of the samples, per operation; null where there are none.
    pub summary: Option<Summary>,
    /// The allocations of one operation; null where it was not counted.
    pub allocations: Option<Allocations>,
    /// The losses of the round trip, by path, one sentence each; null where the comparison did not happen.
    pub lossy: Option<Vec<String>>,
    /// Why the row ended early or never ran.
    pub error: Option<String>,
    /// Why the row has no samples, or fewer than others, though nothing is wrong with it: the time did not reach, or it could not
    /// win any more; null for a row that was measured like the others.
    #[serde(default)]
    pub left_out: Option<String>,
    /// The time across layouts of the code, per operation; null where there was one layout alone, as in files from before.
    #[serde(default)]
    pub layouts: Option<AcrossLayouts>,
    /// The instructions of one operation of the stage, counted in a process of its own; null where they were not counted, as
    /// in files from before.
    #[serde(default)]
    pub instructions: Option<u64>,
}

/// One payload of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PayloadInfo {
    /// The name as it was given on the command line.
    pub name: String,
    /// In a sentence, what it is: `list of 10,000,000 i64`.
    pub description: String,
    /// The input format it was read as; null for a built-in shape.
    pub format: Option<String>,
    /// The size of the user's own file in bytes; null for a built-in shape.
    pub file_bytes: Option<u64>,
    /// The bytes that the typed value takes in memory.
    pub memory_bytes: u64,
    /// How many messages a sample streams, with `--many`; null without.
    pub messages: Option<u64>,
    /// The schema, in the form that `--schema` reads.
    pub schema: serde_json::Value,
    /// The values that the reader changed or could not keep.
    pub notes: Vec<String>,
    /// The codec that the ratios of this payload refer to; null where it, or every row, failed.
    pub reference: Option<String>,
    /// Rounds measured.
    pub rounds: u64,
    /// Wall time of the measurement of this payload, in nanoseconds, from after the payload was made.
    pub wall_ns: u64,
    /// The part of `wall_ns` spent inside the measured operations, warm-up included.
    pub measured_ns: u64,
    /// The part of `measured_ns` spent in the warm-up and allocation rounds.
    pub warmup_ns: u64,
    /// The most memory that the sending process had resident, in bytes.
    pub sender_peak_resident_bytes: Option<u64>,
    /// The most memory that the receiving process had resident, in bytes.
    pub receiver_peak_resident_bytes: Option<u64>,
    /// The time that five rounds of all rows would take, as guessed from the warm-up, in nanoseconds; null where it was not guessed.
    #[serde(default)]
    pub five_rounds_ns: Option<u64>,
    /// How quiet the machine was while this payload was measured; null in files that know nothing of it.
    #[serde(default)]
    pub noise: Option<Noise>,
    /// A digest of the values, as in `xxh3:0123456789abcdef`: equal for the same values in the same types. Null for a type of
    /// the program's own, and in files that know nothing of it.
    #[serde(default)]
    pub digest: Option<String>,
    /// The comparison of derived code with the rows that go by way of the schema; null where none was compiled, as in files that
    /// know nothing of it.
    #[serde(default)]
    pub derived: Option<DerivedCode>,
    /// The layouts of the code that it was measured in; null where there was one alone, as in files from before.
    #[serde(default)]
    pub layouts: Option<Layouts>,
}

/// The comparison of code that was derived for a payload's types with the rows that go by way of the schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DerivedCode {
    /// The compiler of the program that measured both, as `rustc --version` prints.
    pub rustc_version: String,
    /// One for each codec that was measured both ways, in the order of the rows, over the first transport.
    pub ratios: Vec<DerivedRatio>,
}

/// The time of derived code in parts of that of the row that goes by way of the schema, of one codec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DerivedRatio {
    /// The codec's name.
    pub codec: String,
    /// The compressor; null for none.
    pub compressor: Option<String>,
    /// Of encoding; null where either has no samples.
    pub encode: Option<Ratio>,
    /// Of decoding; null likewise.
    pub decode: Option<Ratio>,
}

/// The median of quotients, round by round.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// The median.
    pub median: f64,
    /// The lower end of its 95 % interval; null for five rounds and fewer, which have none.
    pub low: Option<f64>,
    /// The upper end of its 95 % interval; null likewise.
    pub high: Option<f64>,
}

/// How quiet the machine was while a payload was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Noise {
    /// The load average over the minute before, which is that of others; null where the system does not say.
    pub load_average: Option<f64>,
    /// The share of all processors' time that the host of this machine gave to others; null where the system does not say.
    pub stolen_share: Option<f64>,
    /// The share of the time inside the `null` row's encodes that its thread was on a processor; null where they are too short to
    /// tell.
    pub cpu_share: Option<f64>,
    /// How far a row's totals usually lie from their median, as a share of it: the middle one of all rows; null without rows.
    pub spread: Option<f64>,
}

/// The machine and the settings that the numbers belong to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// The version of sercost.
    pub sercost_version: String,
    /// A digest of the lock file that it was built with, as in `xxh3:0123456789abcdef`: which versions of dependencies were
    /// measured. Null where there was none, and missing in files that know nothing of it.
    #[serde(default)]
    pub lock_digest: Option<String>,
    /// The compiler that built it, as `rustc --version` prints.
    pub rustc_version: String,
    /// `release` or `debug`.
    pub build_profile: String,
    /// When the run began, RFC 3339, UTC.
    pub started_at: String,
    /// The arguments of the command, the program's own name left out.
    pub command: Vec<String>,
    /// Operating system and kernel release.
    pub system: String,
    /// The processor's model name.
    pub cpu_model: Option<String>,
    /// Logical processors that the process may use.
    pub cpus: u64,
    /// The frequency governor of the first processor.
    pub cpu_governor: Option<String>,
    /// Physical memory in bytes.
    pub memory_bytes: Option<u64>,
    /// The smallest step between two readings of the clock, in nanoseconds.
    pub clock_precision_ns: f64,
    /// The cost of one reading of the clock, in nanoseconds.
    pub clock_overhead_ns: f64,
    /// The seed of the payloads and of the order of rows.
    pub seed: u64,
    /// `fresh`, `reused` or `presized`: what the encoder writes into, the same for every codec.
    pub buffer_policy: String,
    /// The time budget in nanoseconds; null where rounds were given.
    pub time_budget_ns: Option<u64>,
    /// Whether the run came to its end; false after Ctrl-C or while it is still going on.
    pub complete: bool,
    /// The Python interpreters that rows were measured in; empty for none, as in files that know nothing of them.
    #[serde(default)]
    pub interpreters: Vec<Interpreter>,
}

/// A Python interpreter that rows were measured in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// The text before the colon in the names of its rows: `python`, or with several interpreters `python3.8`.
    pub name: String,
    /// As it was given on the command line.
    pub given: String,
    /// Its version: `3.11.7`.
    pub version: String,
    /// Its own words on itself and its compiler (`sys.version`).
    pub build: String,
    /// Where it is (`sys.executable`).
    pub executable: String,
    /// Whether the cyclic garbage collector was on while something was timed.
    pub gc: bool,
}

/// All the measurements of one invocation, with the environment: one results file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// [`RESULTS_SCHEMA`].
    pub schema: String,
    /// The machine and the settings.
    pub environment: Environment,
    /// In the order of the command line.
    pub payloads: Vec<PayloadInfo>,
    /// In the order of payloads, transports, representations, codecs with their compressors, and stages; modelled links
    /// after what is measured.
    pub measurements: Vec<Measurement>,
    /// The scenarios of `sercost tasks`, in the order of the command line; not there without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<ScenarioInfo>,
    /// Their components, in the order of scenarios, ledgers, and a task's way; not there without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<ComponentRow>,
    /// What changed since an earlier run; not there without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

impl Run {
    /// A run in which nothing is measured yet.
    pub fn new(environment: Environment) -> Self {
        Run {
            schema: RESULTS_SCHEMA.to_owned(),
            environment,
            payloads: Vec::new(),
            measurements: Vec::new(),
            scenarios: Vec::new(),
            components: Vec::new(),
            comparison: None,
        }
    }
}
