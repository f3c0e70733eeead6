//! The verbs, one per file. They resolve names, call the rooms below, and print; they never call one another.

mod bare;
mod baseline;
mod example;
mod inspect;
mod list;
mod own;
mod profile;
mod receive;
mod sinks;
mod supervise;
mod tasks;
mod work;

pub use own::main;
pub use supervise::program;

use crate::args::{Args, Color, Columns, Floats, Format, Ints, Reading, Verb};
use crate::clock;
use crate::host::{available_memory, own_program};
use crate::model::{Bytes, Nanos, Run, parse_bytes};
use crate::payload::read::{
    FloatWidth, InputFormat, IntWidth, Override, OverrideKind, Overrides, ReadOptions, parse_delimiter,
};
use crate::payload::{PayloadSpec, ReadProgress, Tell, Watch, show};
use crate::report::{self, Shown, TextOptions};
use crate::store::{self, Input, Output};
use crate::ui::Progress;
use anyhow::{Context, bail};
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use supervise::Desk;

/// The command could not do what it was asked to.
const EXIT_ERROR: u8 = 2;

/// A check that was asked for failed.
const EXIT_FAILED: u8 = 1;

/// Stopped by the user, as shells count it: 128 + SIGINT.
const EXIT_INTERRUPTED: u8 = 130;

/// Does what the command line says.
fn run(args: &Args, desk: &Desk) -> ExitCode {
    match args.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let result = does(&args.verb, desk);
    crate::ui::take_progress_away();
    match result {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => {
            // The reader of our output has seen enough; `sercost ... | head` is not an error.
            ExitCode::SUCCESS
        }
        // The work that was going on could not be finished, and says so in many ways.
        Err(_) if desk.is_interrupted() => {
            crate::ui::warn("interrupted");
            ExitCode::from(EXIT_INTERRUPTED)
        }
        Err(error) => {
            crate::ui::error(&format!("{error:#}"));
            ExitCode::from(EXIT_ERROR)
        }
    }
}

fn does(verb: &Verb, desk: &Desk) -> anyhow::Result<ExitCode> {
    match verb {
        Verb::Profile(profile) => profile::run(profile, desk),
        Verb::Tasks(tasks) => tasks::run(tasks, desk),
        Verb::Inspect(inspect) => inspect::run(inspect, desk),
        Verb::List(list) => list::run(list),
        Verb::Example(example) => example::run(example),
        Verb::Bare(words) => does(&bare::meant(words)?, desk),
        Verb::Receive => receive::run(),
        Verb::CountOperations { job } => Ok(crate::bench::count_operations(job)),
        Verb::Work => work::run(),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Whether what is printed may have colours, and how wide it may be.
fn terminal() -> (bool, usize) {
    let color = match anstream::AutoStream::choice(&io::stdout()) {
        anstream::ColorChoice::Never => false,
        anstream::ColorChoice::Always | anstream::ColorChoice::AlwaysAnsi => true,
        anstream::ColorChoice::Auto => io::stdout().is_terminal(),
    };
    // 100 is the width that the tables are made for; a wider terminal gives them no more to say.
    (color, line_width().unwrap_or(100).min(120))
}

/// The columns of the terminal, or those that were asked for; none where stdout is a file or a pipe.
fn line_width() -> Option<usize> {
    let columns = io::stdout().is_terminal().then(|| rustix::termios::tcgetwinsize(io::stdout()).ok()).flatten();
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    asked.or(columns.map(|size| usize::from(size.ws_col))).filter(|&width| width > 0)
}

/// Prints data. Everything that a verb prints to stdout goes through here.
fn print(text: &str) -> anyhow::Result<()> {
    crate::ui::take_progress_away();
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}

/// The run as it was asked for.
fn rendered(run: &Run, format: Format, shown: Shown) -> String {
    match format {
        Format::Text => {
            let (color, width) = terminal();
            // A file has no edge; a requested width is one.
            let whole = !io::stdout().is_terminal() && std::env::var_os("COLUMNS").is_none();
            report::text(run, &TextOptions { width, color, shown, whole })
        }
        Format::Markdown => report::markdown(run, shown.details),
        Format::Csv => report::csv(run),
        Format::Json => report::json(run),
    }
}

/// Refuses options of reading where a payload is a built-in shape.
fn refuse_for_shapes(reading: &Reading, payloads: &[PayloadSpec]) -> anyhow::Result<()> {
    let forced = [
        (reading.delimiter.is_some(), "--delimiter"),
        (reading.lenient, "--lenient"),
        (reading.schema.is_some(), "--schema"),
    ];
    let mut forced = forced.into_iter().chain(reading.type_options());
    if reading.schema.as_deref() == Some(Path::new("-"))
        && payloads.iter().any(|payload| matches!(payload, PayloadSpec::Stdin))
    {
        bail!("standard input can be read only once; give \"-\" as the payload or as --schema");
    }
    let shape = payloads.iter().find(|payload| matches!(payload, PayloadSpec::Shape { .. }));
    store::check_stdout(&inputs_of_reading(payloads, None))?;
    if let (Some((_, flag)), Some(shape)) = (forced.find(|(given, _)| *given), shape) {
        bail!("{flag} is for files, and {} is a built-in shape, whose types are given", shape.name());
    }
    Ok(())
}

/// How to read these payloads. `interrupted` is set when the user wants to stop.
fn read_options(
    reading: &Reading,
    payloads: &[PayloadSpec],
    interrupted: &Arc<AtomicBool>,
) -> anyhow::Result<ReadOptions> {
    refuse_for_shapes(reading, payloads)?;
    let schema = match &reading.schema {
        None => None,
        Some(path) => {
            let text = schema_text(path).with_context(|| format!("--schema: cannot read {}", path.display()))?;
            Some(show::parse_schema(&text, &path.display().to_string())?)
        }
    };
    Ok(ReadOptions {
        format: match &reading.input_format {
            None => None,
            Some(name) => Some(InputFormat::parse(name).map_err(anyhow::Error::msg)?),
        },
        delimiter: match &reading.delimiter {
            None => None,
            Some(text) => Some(parse_delimiter(text).map_err(anyhow::Error::msg).context("--delimiter")?),
        },
        lenient: reading.lenient,
        schema,
        keep_pickle: false,
        overrides: Overrides {
            floats: match reading.floats {
                Floats::Infer => FloatWidth::Infer,
                Floats::Narrow => FloatWidth::Narrow,
                Floats::F32 => FloatWidth::F32,
                Floats::F64 => FloatWidth::F64,
            },
            ints: match reading.ints {
                Ints::Infer => IntWidth::Infer,
                Ints::I8 => IntWidth::I8,
                Ints::I16 => IntWidth::I16,
                Ints::I32 => IntWidth::I32,
                Ints::I64 => IntWidth::I64,
                Ints::U8 => IntWidth::U8,
                Ints::U16 => IntWidth::U16,
                Ints::U32 => IntWidth::U32,
                Ints::U64 => IntWidth::U64,
            },
            columns: column_overrides(&reading.columns)?,
        },
        watch: Watch {
            interrupted: Arc::clone(interrupted),
            memory: Some(available_memory),
            most_unpacked: reading.max_unpacked.as_deref().map(parse_bytes).transpose().context("--max-unpacked")?,
            progress: None,
        },
    })
}

/// Shows how far the reading of a payload is.
fn reading_progress(progress: &Progress, name: String) -> Tell {
    let progress = progress.clone();
    let started = clock::now();
    Arc::new(move |read: &ReadProgress| {
        let Some(whole) = read.whole.filter(|&whole| whole > 0) else {
            progress.set(0.0, None, &format!("{name}: {}, {} so far", read.what, Bytes(read.done)));
            return;
        };
        let of_pass = (read.done as f64 / whole as f64).min(1.0);
        let fraction = (f64::from(read.pass) + of_pass) / f64::from(read.passes.max(1));
        let taken = (clock::now() - started) as f64;
        // The first moments say nothing about the rest.
        let left = (fraction > 0.02).then(|| Nanos(taken / fraction * (1.0 - fraction)));
        let of_whole = format!("{} of {}", Bytes((of_pass * whole as f64) as u64), Bytes(whole));
        progress.set(fraction, left, &format!("{name}: {}, {of_whole}", read.what));
    })
}

/// The text of a schema file, or of standard input.
fn schema_text(path: &Path) -> io::Result<String> {
    /// No schema is as large, and a device without an end is not a schema.
    const MOST_BYTES: u64 = 1 << 28;
    let from: Box<dyn Read> =
        if path == Path::new("-") { Box::new(io::stdin().lock()) } else { Box::new(File::open(path)?) };
    let mut text = String::new();
    from.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(io::Error::other(format!("it is more than {}, which no schema is", Bytes(MOST_BYTES))));
    }
    Ok(text)
}

/// The overrides of single columns on the command line.
fn column_overrides(columns: &Columns) -> anyhow::Result<Vec<Override>> {
    let kinds = [
        (&columns.map, OverrideKind::Map),
        (&columns.record, OverrideKind::Record),
        (&columns.tuple, OverrideKind::Tuple),
        (&columns.list, OverrideKind::List),
        (&columns.enums, OverrideKind::Enum),
    ];
    let mut overrides = Vec::new();
    for (paths, kind) in kinds {
        overrides.extend(paths.iter().map(|path| Override { path: full_path(path), kind: kind.clone() }));
    }
    for ((one, flag), (other, other_flag)) in [
        ((&columns.map, "--map"), (&columns.record, "--record")),
        ((&columns.tuple, "--tuple"), (&columns.list, "--list")),
    ] {
        if let Some(path) = one.iter().find(|path| other.iter().any(|other| full_path(other) == full_path(path))) {
            bail!("{flag} {path}: {other_flag} says the contrary of the same path; give one of them");
        }
    }
    for text in &columns.types {
        let Some((path, name)) = text.rsplit_once('=') else {
            bail!("--type {text}: a path and a type are asked for, as in '$.rows[*].price=f32'");
        };
        let schema = show::scalar_type(name).map_err(|reason| anyhow::anyhow!("--type {text}: {reason}"))?;
        overrides.push(Override { path: full_path(path), kind: OverrideKind::Type(schema) });
    }
    Ok(overrides)
}

/// A path whose leading `$` may be left out.
fn full_path(path: &str) -> String {
    match path.chars().next() {
        Some('$') => path.to_owned(),
        Some('[' | '.') => format!("${path}"),
        _ => format!("$.{path}"),
    }
}

/// The command line, and when the run began.
fn call() -> (Vec<String>, String) {
    let command = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    (command, jiff::Timestamp::now().to_string())
}

/// Refuses outputs that would destroy something of value, before anything is measured.
fn check_outputs(outputs: &[Output<'_>], mut inputs: Vec<Input>, force: bool) -> anyhow::Result<()> {
    if let Ok(program) = own_program() {
        inputs.push(Input { what: "the program", path: program });
    }
    Ok(store::check_outputs(outputs, &inputs, force)?)
}

/// The files that a payload and its schema are read from.
fn inputs_of_reading<'a>(payloads: impl IntoIterator<Item = &'a PayloadSpec>, schema: Option<&Path>) -> Vec<Input> {
    let files = payloads.into_iter().filter_map(|payload| {
        let path = match payload {
            PayloadSpec::File(path) => path.clone(),
            PayloadSpec::Stdin => "-".into(),
            PayloadSpec::Shape { .. } | PayloadSpec::Own { .. } => return None,
        };
        Some(Input { what: "a payload", path })
    });
    let schema = schema.map(|path| Input { what: "the schema", path: path.to_owned() });
    files.chain(schema).collect()
}

/// The file of an interpreter, as it was given and as it calls itself.
fn inputs_of_interpreter(about: &crate::model::Interpreter) -> impl Iterator<Item = Input> {
    let paths = [about.given.clone(), about.executable.clone()];
    paths.into_iter().filter(|path| path.contains('/')).map(|path| Input { what: "the Python", path: path.into() })
}
