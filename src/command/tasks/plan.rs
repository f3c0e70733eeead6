//! The study that a command line of `sercost tasks` describes. All names are resolved before anything is measured.

use crate::args::Tasks;
use crate::codec::{Codec, CodecSpec};
use crate::command::read_options;
use crate::engine::{CALLS, Call, Engine, SCENARIOS, ScenarioSpec, Settings, Start, Study, find_engine};
use crate::host::own_program;
use crate::model::{nearest, parse_count, parse_duration};
use crate::payload::{Load, PayloadSpec};
use crate::python::find_for_pools;
use anyhow::{Context, bail};
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// More processes than that is a slip of the hand.
const MOST_WORKERS: u64 = 1024;
/// The records of so many tasks fit into the address space that the agent reserves.
const MOST_TASKS: u64 = 1_000_000;

/// The engine that people have.
const DEFAULT_ENGINE: &str = "pool";
/// The data where none is named.
const DEFAULT_PAYLOAD: &str = "range:1M";
/// The default codec: compact, fast, and it takes all types.
const DEFAULT_CODEC: &str = "postcard";

/// The study of a call.
pub(super) fn study(args: &Tasks, interrupted: &Arc<AtomicBool>) -> anyhow::Result<Study> {
    let engine = find_engine(args.engine.as_deref().unwrap_or(DEFAULT_ENGINE)).context("--engine")?;
    let scenarios = scenarios(args, engine)?;
    let call = call(args, engine)?;
    // A program of the user's own may choose.
    let is_open = scenarios.iter().all(|scenario| matches!(scenario, ScenarioSpec::File(_)));
    let sent_by = call.or_else(|| engine.info().calls.first().copied().filter(|_| !is_open));
    let chunksize = match &args.chunksize {
        None => None,
        Some(_) if sent_by.is_some_and(|call| !call.chunks()) => {
            bail!("--chunksize: {} sends each task by itself; leave it out", sent_by.map_or("", Call::name))
        }
        Some(_) if !engine.is_python() => {
            bail!("--chunksize: the engine {} sends each task by itself; leave it out", engine.info().name)
        }
        Some(text) => Some(within("--chunksize", text, MOST_TASKS)?),
    };
    let payload = PayloadSpec::parse(args.payload.as_deref().unwrap_or(OsStr::new(DEFAULT_PAYLOAD)))?;
    let options = read_options(&args.reading, std::slice::from_ref(&payload), interrupted)?;
    let settings = Settings {
        program: own_program().context("cannot find this program itself")?,
        interpreter: match engine.is_python() {
            true => Some(find_for_pools(args.python.as_deref().map(Path::as_os_str), interrupted)?),
            false => None,
        },
        codec: codec(args, engine)?,
        start: start(args, engine)?,
        call,
        chunksize,
        workers: args.workers.as_ref().map(|text| within("--workers", text, MOST_WORKERS)).transpose()?,
        engine_is_open: args.engine.is_none(),
        stall_ns: parse_duration(&args.stall).context("--stall")?.max(1_000_000),
        tasks: within("--tasks", &args.tasks, MOST_TASKS)?,
        call_ns: parse_duration(&args.call_time).context("--call-time")?,
        record: !args.untraced,
        digest: args.digest,
    };
    Ok(Study {
        scenarios,
        engine,
        settings,
        payload,
        is_payload_wanted: args.payload.is_some(),
        load: Load { options, seed: args.seed, dynamic: false, untyped: false },
        tracks: args.trace_out.is_some(),
    })
}

fn scenarios(args: &Tasks, engine: &dyn Engine) -> anyhow::Result<Vec<ScenarioSpec>> {
    let scenarios: Vec<ScenarioSpec> = if args.scenarios.is_empty() {
        let all = SCENARIOS.iter().map(ScenarioSpec::BuiltIn);
        all.filter(|scenario| engine.refuses(scenario).is_none()).collect()
    } else {
        args.scenarios.iter().map(ScenarioSpec::parse).collect::<Result<_, _>>()?
    };
    let names: Vec<String> = scenarios.iter().map(ScenarioSpec::name).collect();
    if let Some((_, name)) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        bail!("scenario {name:?} is given twice; rows are told apart by the scenario's name");
    }
    Ok(scenarios)
}

/// The codec of the data, for engines that do not run Python.
fn codec(args: &Tasks, engine: &dyn Engine) -> anyhow::Result<Option<&'static dyn Codec>> {
    let name = engine.info().name;
    if engine.is_python() {
        if args.codec.is_some() {
            bail!("--codec: the engine {name} pickles; codecs are for --engine native");
        }
        return Ok(None);
    }
    if args.python.is_some() {
        bail!("--python: the engine {name} runs no Python; leave it out");
    }
    let spec = CodecSpec::parse(args.codec.as_deref().unwrap_or(DEFAULT_CODEC)).context("--codec")?;
    if let Some(compression) = spec.compression {
        bail!("--codec: {compression} is a compressor, which tasks do not go through; sercost profile measures them");
    }
    if !spec.codec.decodes() {
        bail!("--codec: {} writes nothing that could be sent; take another", spec.codec.info().name);
    }
    Ok(Some(spec.codec))
}

/// A count of at least one.
fn within(flag: &str, text: &str, most: u64) -> anyhow::Result<u64> {
    let count = parse_count(text).with_context(|| flag.to_owned())?;
    if !(1..=most).contains(&count) {
        bail!("{flag} {text}: it has to be between 1 and {most}");
    }
    Ok(count)
}

fn call(args: &Tasks, engine: &dyn Engine) -> anyhow::Result<Option<Call>> {
    let own = engine.info().calls;
    let Some(name) = &args.call else { return Ok(own.first().copied().filter(|_| !engine.is_python())) };
    // As on a command line, too.
    let wanted = name.to_lowercase().replace('-', "_");
    if let Some(call) = own.iter().find(|call| call.name() == wanted) {
        return Ok(Some(*call));
    }
    let names: Vec<&str> = own.iter().map(|call| call.name()).collect();
    if CALLS.iter().any(|call| call.name() == wanted) {
        bail!("--call {name}: the engine {} has no such method; it has {}", engine.info().name, names.join(", "));
    }
    let meant = nearest(&wanted, names.iter().copied()).map(|near| format!("did you mean {near:?}? "));
    bail!("unknown method {name:?}; {}--call takes {}", meant.unwrap_or_default(), names.join(", "))
}

fn start(args: &Tasks, engine: &dyn Engine) -> anyhow::Result<Option<Start>> {
    let own = engine.info().starts;
    let Some(name) = &args.start else { return Ok(None) };
    if let Some(start) = own.iter().find(|start| start.name().eq_ignore_ascii_case(name)) {
        return Ok(Some(*start));
    }
    if own.is_empty() {
        bail!("--start: the engine {} has one way to start its workers; leave it out", engine.info().name);
    }
    let names: Vec<&str> = own.iter().map(|start| start.name()).collect();
    let meant = nearest(name, names.iter().copied()).map(|near| format!("did you mean {near:?}? "));
    bail!("unknown start method {name:?}; {}--start takes {}", meant.unwrap_or_default(), names.join(", "))
}
