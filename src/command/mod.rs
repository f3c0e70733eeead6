//! The verbs, one per file. They resolve names, call the rooms below, and print; they never call one another.

mod bare;
mod example;
mod inspect;
mod list;
mod profile;
mod receive;
mod tasks;
mod work;

use crate::args::{Args, Color, Columns, Floats, Format, Ints, Verb};
use crate::clock::Quality;
use crate::measure;
use crate::model::{Environment, Run};
use crate::payload::read::{
    FloatWidth, InputFormat, IntWidth, Override, OverrideKind, Overrides, ReadOptions, parse_delimiter,
};
use crate::payload::{PayloadSpec, show};
use crate::report::{self, TextOptions};
use anyhow::{Context, bail};
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The command could not do what it was asked to.
const EXIT_ERROR: u8 = 2;

/// A check that was asked for failed.
const EXIT_FAILED: u8 = 1;

/// Stopped by the user, as shells count it: 128 + SIGINT.
const EXIT_INTERRUPTED: u8 = 130;

/// Does what the command line says.
pub fn run(args: &Args) -> ExitCode {
    match args.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    match does(&args.verb) {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => {
            // Whoever read our output has seen enough; `sercost ... | head` is no error.
            ExitCode::SUCCESS
        }
        Err(error) => {
            crate::ui::error(&format!("{error:#}"));
            ExitCode::from(EXIT_ERROR)
        }
    }
}

fn does(verb: &Verb) -> anyhow::Result<ExitCode> {
    match verb {
        Verb::Profile(profile) => profile::run(profile),
        Verb::Tasks(tasks) => tasks::run(tasks),
        Verb::Inspect(inspect) => inspect::run(inspect),
        Verb::List(list) => list::run(list),
        Verb::Example(example) => example::run(example),
        Verb::Bare(words) => does(&bare::meant(words)?),
        Verb::Receive => receive::run(),
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
    let columns = io::stdout().is_terminal().then(|| rustix::termios::tcgetwinsize(io::stdout()).ok()).flatten();
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    // 100 is the width that the tables are made for; a wider terminal gives them no more to say.
    let width = asked.or(columns.map(|size| usize::from(size.ws_col))).filter(|&width| width > 0).unwrap_or(100);
    (color, width.min(120))
}

/// Prints data. Everything that a verb prints to stdout goes through here.
fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}

/// The run as it was asked for.
fn rendered(run: &Run, format: Format, details: bool) -> String {
    match format {
        Format::Text => {
            let (color, width) = terminal();
            // A file has no edge; a width that was asked for is one.
            let whole = !io::stdout().is_terminal() && std::env::var_os("COLUMNS").is_none();
            report::text(run, &TextOptions { width, color, details, whole })
        }
        Format::Markdown => report::markdown(run, details),
        Format::Csv => report::csv(run),
        Format::Json => report::json(run),
    }
}

/// What the command line says of how to read a file.
struct Reading<'a> {
    input_format: Option<&'a str>,
    delimiter: Option<&'a str>,
    lenient: bool,
    schema: Option<&'a Path>,
    floats: Floats,
    ints: Ints,
    columns: &'a Columns,
}

/// What is said of reading has to find a file to read among the payloads, and no built-in shape.
fn refuse_for_shapes(reading: &Reading<'_>, payloads: &[PayloadSpec]) -> anyhow::Result<()> {
    let forced = [
        (reading.delimiter.is_some(), "--delimiter"),
        (reading.lenient, "--lenient"),
        (reading.schema.is_some(), "--schema"),
        (reading.floats != Floats::Infer, "--floats"),
        (reading.ints != Ints::Infer, "--ints"),
        (!reading.columns.map.is_empty(), "--map"),
        (!reading.columns.record.is_empty(), "--record"),
        (!reading.columns.tuple.is_empty(), "--tuple"),
        (!reading.columns.list.is_empty(), "--list"),
        (!reading.columns.enums.is_empty(), "--enum"),
        (!reading.columns.types.is_empty(), "--type"),
    ];
    let shape = payloads.iter().find(|payload| matches!(payload, PayloadSpec::Shape { .. }));
    if let (Some((_, flag)), Some(shape)) = (forced.iter().find(|(given, _)| *given), shape) {
        bail!("{flag} is for files, and {} is a built-in shape, whose types are given", shape.name());
    }
    Ok(())
}

fn read_options(reading: &Reading<'_>) -> anyhow::Result<ReadOptions> {
    let schema = match reading.schema {
        None => None,
        Some(path) => {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("--schema: cannot read {}", path.display()))?;
            Some(show::parse_schema(&text, &path.display().to_string())?)
        }
    };
    Ok(ReadOptions {
        format: match reading.input_format {
            None => None,
            Some(name) => Some(InputFormat::parse(name).map_err(anyhow::Error::msg)?),
        },
        delimiter: match reading.delimiter {
            None => None,
            Some(text) => Some(parse_delimiter(text).map_err(anyhow::Error::msg).context("--delimiter")?),
        },
        lenient: reading.lenient,
        schema,
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
            columns: column_overrides(reading.columns)?,
        },
    })
}

/// What the command line says of single columns.
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
    for text in &columns.types {
        let Some((path, name)) = text.rsplit_once('=') else {
            bail!("--type {text}: a path and a type are asked for, as in '$.rows[*].price=f32'");
        };
        let schema = show::scalar_type(name).map_err(|reason| anyhow::anyhow!("--type {text}: {reason}"))?;
        overrides.push(Override { path: full_path(path), kind: OverrideKind::Type(schema) });
    }
    Ok(overrides)
}

/// A path whose beginning `$` may be left out.
fn full_path(path: &str) -> String {
    match path.chars().next() {
        Some('$') => path.to_owned(),
        Some('[' | '.') => format!("${path}"),
        _ => format!("$.{path}"),
    }
}

/// What is known of this machine and this call before anything is measured.
fn environment(clock: Quality, seed: u64, buffer_policy: &str, time_budget_ns: Option<u64>) -> Environment {
    let command = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    let started_at = jiff::Timestamp::now().to_string();
    measure::environment(clock, command, started_at, seed, buffer_policy, time_budget_ns)
}

/// A flag that is set by Ctrl-C or SIGTERM. The second time, the program ends at once.
fn interrupt_flag() -> io::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // In this order: the handler that ends the program looks at what was set before.
        signal_hook::flag::register_conditional_shutdown(signal, EXIT_INTERRUPTED.into(), Arc::clone(&flag))?;
        signal_hook::flag::register(signal, Arc::clone(&flag))?;
    }
    Ok(flag)
}
