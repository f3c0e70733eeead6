//! The command line: what may be said, parsed without doing anything. Names are resolved in `command`.

mod tasks;

pub use tasks::{Parts, Tasks};

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use sercost_pickle::write::PickleOf;
use std::ffi::OsString;
use std::path::PathBuf;

/// Measures what it costs to move data to where the work is: size and latency of encoding, transferring and decoding a
/// payload, across formats.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "A file or a shape without a verb is measured, and a pickle is looked into:
  sercost orders.json
  sercost range:1M
  sercost task.pkl
  sercost help profile"
)]
pub struct Args {
    /// The verb.
    #[command(subcommand)]
    pub verb: Verb,
    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", global = true, value_name = "WHEN")]
    pub color: Color,
}

impl Args {
    /// Reads the command line of this process. An error or `--help` ends it.
    pub fn of_this_process() -> Self {
        Self::parse()
    }

    /// Reads another command line than the program's own. As with that one, an error or `--help` ends the program.
    pub fn parse_line(line: impl IntoIterator<Item = OsString>) -> Self {
        Self::parse_from(line)
    }

    /// The names of the verbs that a user sees.
    pub fn verbs() -> Vec<String> {
        let verbs = Self::command();
        let shown = verbs.get_subcommands().filter(|verb| !verb.is_hide_set());
        shown.map(|verb| verb.get_name().to_owned()).collect()
    }
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Measure what a payload costs in each format: bytes, encode, transfer to another process, decode
    Profile(Box<Profile>),
    /// Measure what a task of a process pool costs, component by component, in real worker processes
    Tasks(Box<Tasks>),
    /// Show which path of a pickle owns which of its bytes, without loading it
    Inspect(Box<Inspect>),
    /// Show what there is: payloads, codecs, Python, compressors, transports, input formats, engines, scenarios
    List(List),
    /// Write an example file to try it with, or show which there are
    Example(Example),
    /// A file or a shape without a verb
    #[command(external_subcommand)]
    Bare(Vec<OsString>),
    /// Be the receiving process of another sercost
    #[command(hide = true)]
    Receive,
    /// Make the operations of a job of another sercost, which counts them
    #[command(hide = true)]
    CountOperations {
        /// The file of the job.
        job: PathBuf,
    },
    /// Be a worker process of another sercost
    #[command(hide = true)]
    Work,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How results are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables for a terminal.
    Text,
    /// Tables for GitHub.
    Markdown,
    /// A line for each row, in base units.
    Csv,
    /// All that is known, for programs.
    Json,
}

/// Which representations are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Representations {
    /// Through the schema, as derived structs.
    Typed,
    /// As a self-describing tree of values.
    Dynamic,
    /// Side by side.
    Both,
}

/// The buffers that encoders write into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Buffers {
    /// A new, growing vector each time.
    Fresh,
    /// The vector of the time before.
    Reused,
    /// A new vector of the right size.
    Presized,
}

/// Whether something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum OnOff {
    On,
    Off,
}

/// How wide floats are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Floats {
    /// As the file states; text is f64.
    Infer,
    /// f32 where every decimal of a column is the shortest form of one, else f64.
    Narrow,
    /// Always f32; what that loses is said.
    F32,
    /// Always f64.
    F64,
}

/// How wide integers are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs)]
pub enum Ints {
    /// The narrowest width that fits the column.
    Infer,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

/// How files become payloads.
#[derive(Debug, clap::Args)]
pub struct Reading {
    /// The format of the input, whatever its name says: json, ndjson, csv, tsv, msgpack, cbor, pickle
    #[arg(long, value_name = "FORMAT", help_heading = "How to read a file")]
    pub input_format: Option<String>,
    /// The delimiter of CSV and TSV, where it is not found: one character, or tab, comma, semicolon, pipe, space
    #[arg(long, value_name = "CHARACTER", hide_short_help = true, help_heading = "How to read a file")]
    pub delimiter: Option<String>,
    /// Take what Python's json takes beyond JSON: keys that are given twice (the last counts), NaN, Infinity, -Infinity
    #[arg(long, hide_short_help = true, help_heading = "How to read a file")]
    pub lenient: bool,
    /// Read the schema from FILE (as profile --show-schema json prints it) and do not infer it
    #[arg(long, value_name = "FILE", hide_short_help = true, help_heading = "How to read a file")]
    pub schema: Option<PathBuf>,
    /// How wide to hold floats
    #[arg(
        long,
        value_enum,
        default_value = "infer",
        conflicts_with = "schema",
        hide_short_help = true,
        help_heading = "How to read a file"
    )]
    pub floats: Floats,
    /// How wide to hold integers
    #[arg(
        long,
        value_enum,
        default_value = "infer",
        conflicts_with = "schema",
        hide_short_help = true,
        help_heading = "How to read a file"
    )]
    pub ints: Ints,
    /// The types of single columns.
    #[command(flatten)]
    pub columns: Columns,
    /// Unpack compressed files (.gz, .bz2, .xz, .zst, .lz4) to this size at most; without it as much as memory allows
    #[arg(long, value_name = "SIZE", hide_short_help = true, help_heading = "How to read a file")]
    pub max_unpacked: Option<String>,
}

impl Reading {
    /// The options that speak of types: whether each option is given, and its flag.
    pub fn type_options(&self) -> [(bool, &'static str); 8] {
        let Columns { map, record, tuple, list, enums, types } = &self.columns;
        [
            (self.floats != Floats::Infer, "--floats"),
            (self.ints != Ints::Infer, "--ints"),
            (!map.is_empty(), "--map"),
            (!record.is_empty(), "--record"),
            (!tuple.is_empty(), "--tuple"),
            (!list.is_empty(), "--list"),
            (!enums.is_empty(), "--enum"),
            (!types.is_empty(), "--type"),
        ]
    }
}

/// The types of single columns, by path: `$.rows[*].id`, as notes and `--show-schema` have it.
#[derive(Debug, Default, clap::Args)]
pub struct Columns {
    /// Read the objects at PATH as maps, whose keys are data (may be repeated, as all of these)
    #[arg(
        long,
        value_name = "PATH",
        conflicts_with = "schema",
        hide_short_help = true,
        help_heading = "How to read a file"
    )]
    pub map: Vec<String>,
    /// Read the objects at PATH as records, whose keys are the names of fields
    #[arg(
        long,
        value_name = "PATH",
        conflicts_with = "schema",
        hide_short_help = true,
        help_heading = "How to read a file"
    )]
    pub record: Vec<String>,
    /// Read the lists at PATH as tuples, with a type for each place
    #[arg(
        long,
        value_name = "PATH",
        conflicts_with = "schema",
        hide_short_help = true,
        help_heading = "How to read a file"
    )]
    pub tuple: Vec<String>,
    /// Read the lists at PATH as lists of any length
    #[arg(
        long,
        value_name = "PATH",
        conflicts_with = "schema",
        hide_short_help = true,
        help_heading = "How to read a file"
    )]
    pub list: Vec<String>,
    /// Read the strings at PATH as an enum of the strings that occur
    #[arg(
        long = "enum",
        value_name = "PATH",
        conflicts_with = "schema",
        hide_short_help = true,
        help_heading = "How to read a file"
    )]
    pub enums: Vec<String>,
    /// Read the values at PATH as TYPE: i8 to i64, u8 to u64, f32, f64, number, string
    #[arg(
        long = "type",
        value_name = "PATH=TYPE",
        conflicts_with = "schema",
        hide_short_help = true,
        help_heading = "How to read a file"
    )]
    pub types: Vec<String>,
}

/// The arguments of `sercost profile`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  sercost profile range:10M
  sercost profile orders.json --compress zstd --link 1Gbit,1ms
  sercost profile events.ndjson --many 10k --codec json,msgpack,postcard
  sercost profile mesh.json --show-schema rust
  sercost profile range:1M --codec json,postcard --python
  cat data.json | sercost profile - --format markdown --out run.json")]
pub struct Profile {
    /// A built-in shape with its count (range:10M, bytes:50MB), a file (JSON, NDJSON, CSV, MessagePack, CBOR, pickle), or - for
    /// standard input
    #[arg(required_unless_present_any = ["show_schema", "python"], value_name = "PAYLOAD")]
    pub payloads: Vec<OsString>,

    /// Measure only these codecs, each with a compressor if wanted: json,postcard+zstd:3,python:json
    #[arg(short, long, value_name = "CODEC", value_delimiter = ',', help_heading = "What to measure")]
    pub codec: Vec<String>,
    /// Measure each codec with these compressors too: zstd, lz4, gzip, with a level as in zstd:9
    #[arg(long, value_name = "COMPRESSOR", value_delimiter = ',', help_heading = "What to measure")]
    pub compress: Vec<String>,
    /// How the bytes cross to the other process: pipe, unix, tcp, shm, shm-in-place, file, or all
    #[arg(
        long,
        value_name = "TRANSPORT",
        value_delimiter = ',',
        default_value = "pipe",
        help_heading = "What to measure"
    )]
    pub transport: Vec<String>,
    /// Model a link beside the measured transport, as bandwidth and latency: 1Gbit,1ms (may be repeated)
    #[arg(long, value_name = "BANDWIDTH,LATENCY", help_heading = "What to measure")]
    pub link: Vec<String>,
    /// Typed as derived structs, dynamic as a tree of values, or both
    #[arg(long, value_enum, default_value = "typed", help_heading = "What to measure")]
    pub representation: Representations,
    /// Measure structs with derives beside the typed rows
    ///
    /// They are those of --show-schema rust. The cargo on the path builds them, once for each schema and set of codecs, in
    /// ~/.cache/sercost
    #[arg(long, help_heading = "What to measure")]
    pub derived: bool,
    /// Build derived code without fetching anything (cargo's --offline)
    #[arg(long, requires = "derived", hide_short_help = true, help_heading = "What to measure")]
    pub offline: bool,
    /// Link the derived code N times with its functions in other places, and measure the layouts in turns: 8 say what holds
    /// wherever the code lies
    #[arg(long, value_name = "N", requires = "derived", hide_short_help = true, value_parser = clap::value_parser!(u64).range(2..=64), help_heading = "How to measure")]
    pub layouts: Option<u64>,
    /// Add rows measured inside CPython, in python3 or these interpreters: --python python3.8,/opt/py/bin/python (may be
    /// repeated); carried by multiprocessing.connection, whatever --transport says, and not compressed
    // What follows may as well be the payload: `--python range:10k`.
    #[arg(long, num_args = 0..=1, default_missing_value = "python3", value_delimiter = ',', value_name = "INTERPRETER", help_heading = "What to measure")]
    pub python: Vec<OsString>,
    /// Write the rows pickle:* as that CPython does: 3.8 to 3.14 write the same bytes, 3.15 others for long lists and dicts
    #[arg(long, value_name = "VERSION", hide_short_help = true, help_heading = "What to measure")]
    pub pickle_of: Option<PickleOf>,
    /// Send N of the payload's elements one by one, as a queue would, and not the whole
    #[arg(long, value_name = "N", help_heading = "What to measure")]
    pub many: Option<String>,

    /// The time for the whole call, reading included: as many rounds as fit, at most 1000, the slowest codecs in fewer or none; 20s
    /// without it, 3s with --quick
    #[arg(short, long, value_name = "DURATION", conflicts_with = "rounds", help_heading = "How to measure")]
    pub time: Option<String>,
    /// Find the three best and give the others up early
    #[arg(long, conflicts_with = "rounds", help_heading = "How to measure")]
    pub quick: bool,
    /// Measure exactly N rounds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000), help_heading = "How to measure")]
    pub rounds: Option<u64>,
    /// Count the instructions of encoding and decoding too, which hardly differ from one call to the next: by valgrind's callgrind,
    /// after the measuring
    #[arg(long, hide_short_help = true, help_heading = "How to measure")]
    pub instructions: bool,
    /// The codec that ratios refer to; without it that of the file's own format, else the fastest of the warm-up
    #[arg(long, value_name = "CODEC", help_heading = "How to measure")]
    pub reference: Option<String>,
    /// The buffers that encoders write into
    #[arg(long, value_enum, default_value = "fresh", hide_short_help = true, help_heading = "How to measure")]
    pub buffer: Buffers,
    /// Whether Python's cyclic garbage collector is on while its rows are timed, as it is in programs
    #[arg(long, value_enum, default_value = "on", hide_short_help = true, help_heading = "How to measure")]
    pub python_gc: OnOff,
    /// The seed of built-in shapes and of the order of rows
    #[arg(long, value_name = "N", default_value_t = 1, hide_short_help = true, help_heading = "How to measure")]
    pub seed: u64,

    /// How a file is read.
    #[command(flatten)]
    pub reading: Reading,
    /// Print the payload's schema, and measure nothing: as text to read, as rust to paste, as json for --schema
    // A string and not an enum, since what follows may as well be the payload: `--show-schema data.json`. In the help its
    // place is behind --schema, which has this number.
    #[arg(long, num_args = 0..=1, default_missing_value = "text", value_name = "text|rust|json", display_order = 20, help_heading = "How to read a file")]
    pub show_schema: Option<OsString>,

    /// How to show the results
    #[arg(short, long, value_enum, default_value = "text", help_heading = "Output")]
    pub format: Format,
    /// Show every row, percentiles, memory, clock and versions
    #[arg(long, help_heading = "Output")]
    pub details: bool,
    /// Write the results file here too, while measuring
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// Show what changed since the results file of an earlier run: bytes and allocations exactly, times side by side
    #[arg(long, value_name = "RESULTS", hide_short_help = true, help_heading = "Output")]
    pub baseline: Option<PathBuf>,
    /// Compare with --baseline also where that is of another payload, seed or buffers
    #[arg(long, requires = "baseline", hide_short_help = true, help_heading = "Output")]
    pub any_baseline: bool,
    /// Replace files that sercost has not written with its outputs; never an input of the same call
    #[arg(long, hide_short_help = true, help_heading = "Output")]
    pub force: bool,
}

/// The arguments of `sercost inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  sercost inspect task.pkl
  sercost inspect model.pt --top 20 --depth 6
  sercost inspect task.pkl --opcodes
  sercost inspect task.pkl --max-bytes 1MB --max-share '$.keywords[\"data\"]=50%'
  sercost inspect task-old.pkl task-new.pkl --max-growth 5%
  sercost inspect download.pkl --fail-on-calls
  sercost inspect task.pkl --folded | flamegraph.pl > task.svg

A pickle is read, never loaded: nothing is imported, called or built.")]
pub struct Inspect {
    /// Files with pickles: of pickle, joblib or torch, also compressed; or - for standard input. Of two files, what grew from
    /// the first to the second
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,

    /// Show so many levels
    #[arg(long, value_name = "N", help_heading = "What to show")]
    pub depth: Option<usize>,
    /// Fold parts lighter than this
    #[arg(long, value_name = "SIZE", help_heading = "What to show")]
    pub min_bytes: Option<String>,
    /// Show the N heaviest parts of each part, and fold the others
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "What to show")]
    pub top: Option<u64>,
    /// Show the opcodes too, what is overhead, and what would save some of it
    #[arg(long, help_heading = "What to show")]
    pub opcodes: bool,
    /// Unpack compressed files (.gz, .bz2, .xz, .zst, .lz4) to this size at most; without it as much as memory allows
    #[arg(long, value_name = "SIZE", help_heading = "What to show")]
    pub max_unpacked: Option<String>,

    /// Show two files each by itself, and not what grew
    #[arg(long, hide_short_help = true, help_heading = "What to show")]
    pub trees: bool,
    /// Show what loading would import and call
    #[arg(long, help_heading = "What to show")]
    pub calls: bool,

    /// Exit with 1 if a file is larger than this, or a path of it, as in '$["optim"]=10MB' (may be repeated)
    #[arg(long, value_name = "[PATH=]SIZE", help_heading = "Checks")]
    pub max_bytes: Vec<String>,
    /// Exit with 1 if this path has more than this share of its file, as in '$.keywords["data"]=50%' (may be repeated)
    #[arg(long, value_name = "PATH=SHARE", help_heading = "Checks")]
    pub max_share: Vec<String>,
    /// Exit with 1 if the second of two files is larger by more than this, or a path of it, as in 5%, 10MB or
    /// '$["optim"]=5%' (may be repeated)
    #[arg(long, value_name = "[PATH=]GROWTH", help_heading = "Checks")]
    pub max_growth: Vec<String>,
    /// Let files pass that do not have a path which a check names
    #[arg(long, hide_short_help = true, help_heading = "Checks")]
    pub if_present: bool,
    /// Exit with 1 if loading a file would import or call what is not known to be harmless
    #[arg(long, help_heading = "Checks")]
    pub fail_on_calls: bool,
    /// Take this name for harmless too, or all below a module, as in 'myapp.*' (may be repeated)
    #[arg(long, value_name = "NAME", hide_short_help = true, help_heading = "Checks")]
    pub allow_call: Vec<String>,

    /// How to show the results
    #[arg(short, long, value_enum, default_value = "text", help_heading = "Output")]
    pub format: Format,
    /// Print folded stacks, for tools that draw flame graphs
    #[arg(long, conflicts_with = "format", help_heading = "Output")]
    pub folded: bool,
}

/// The arguments of `sercost list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  sercost list codecs
  sercost list codecs --format json")]
pub struct List {
    /// Show only this table
    #[arg(value_enum)]
    pub what: Option<Listed>,
    /// How to show the results
    #[arg(short, long, value_enum, default_value = "text", help_heading = "Output")]
    pub format: Format,
}

/// The arguments of `sercost example`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  sercost example
  sercost example orders.json
  sercost example partial.py --out mine.py")]
pub struct Example {
    /// The example to write, with or without its ending; without a name all are shown
    pub name: Option<String>,
    /// Write it here and not to its own name; a file that is there is never replaced
    #[arg(short, long, value_name = "FILE", requires = "name", help_heading = "Output")]
    pub out: Option<PathBuf>,
}

/// The lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    /// Built-in shapes.
    Payloads,
    /// Codecs with their properties.
    Codecs,
    /// Rows measured inside CPython.
    Python,
    /// Compressors.
    Compressors,
    /// Transports.
    Transports,
    /// Formats of files.
    Formats,
    /// The engines that run tasks.
    Engines,
    /// How data comes to a task.
    Scenarios,
}
